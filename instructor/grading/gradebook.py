"""nbgrader's gradebook: the automatic points of every result; what people gave by hand stays."""

import os
import sys
import warnings
from datetime import UTC, datetime
from pathlib import Path

from nbgrader.api import Comment, Grade, Gradebook

from grading.assignment import Assignment, marks
from grading.penalty import Deadline
from grading.result import Result


def write(path: Path, assignment: Assignment, results: list[Result], deadline: Deadline) -> None:
    """Bring gradebook.db up to date with the results, and with the assignment as it is now."""
    # nbgrader calls `alembic`, which lies beside this Python.
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    name = assignment.name
    with warnings.catch_warnings(), Gradebook(f"sqlite:///{path}") as book:
        warnings.simplefilter("ignore")  # nbgrader's own use of SQLAlchemy
        book.update_or_create_assignment(name, duedate=_naive(deadline.due))
        notebook = book.update_or_create_notebook(name, name)
        _forget_cells(book, notebook, assignment)
        _write_cells(book, assignment)
        _forget_students(book, name, {result.student for result in results})
        for result in results:
            book.update_or_create_student(result.student)
            when = _naive(result.when)
            submission = book.update_or_create_submission(name, result.student, timestamp=when)
            (own,) = submission.notebooks
            own.late_submission_penalty = deadline.penalty(result.points, result.when)
            _complete(book, notebook, own)
            points = {part.check: part.points for part in result.parts}
            for grade in own.grades:
                grade.auto_score = points.get(grade.name, 0)
                grade.needs_manual_grade = False
        book.db.commit()


def by_hand(path: Path, assignment: str) -> dict[str, float]:
    """What people gave each student beyond the automatic points."""
    if not path.exists():
        return {}
    with warnings.catch_warnings(), Gradebook(f"sqlite:///{path}") as book:
        warnings.simplefilter("ignore")
        try:
            submissions = book.find_assignment(assignment).submissions
        except Exception:  # another assignment's book
            return {}
        return {
            submission.student.id: round(
                sum(
                    (g.manual_score - (g.auto_score or 0) if g.manual_score is not None else 0)
                    + (g.extra_credit or 0)
                    for own in submission.notebooks
                    for g in own.grades
                ),
                2,
            )
            for submission in submissions
        }


def _forget_cells(book: Gradebook, notebook, assignment: Assignment) -> None:
    """Grade cells that the source no longer has go, with the grades that stand on them."""
    names = {check.name for check in assignment.checks}
    for cell in list(notebook.grade_cells):
        if cell.name not in names:
            for grade in list(cell.grades):
                book.db.delete(grade)
            book.db.delete(cell)
    book.db.commit()


def _write_cells(book: Gradebook, assignment: Assignment) -> None:
    name = assignment.name
    for check in assignment.checks:
        book.update_or_create_grade_cell(
            check.name, name, name, max_score=check.points, cell_type="code"
        )
    for cell in assignment.student.cells:
        given = marks(cell)
        if not given:
            continue
        book.update_or_create_source_cell(
            given["grade_id"],
            name,
            name,
            source=cell.source,
            cell_type=cell.cell_type,
            locked=given["locked"],
            checksum=given.get("checksum"),
        )
        if given["solution"]:
            book.update_or_create_solution_cell(given["grade_id"], name, name)


def _forget_students(book: Gradebook, name: str, students: set[str]) -> None:
    """A submission without a result is a ghost, unless somebody gave points or words by hand."""
    for submission in list(book.find_assignment(name).submissions):
        own = [notebook for notebook in submission.notebooks]
        touched = any(
            grade.manual_score is not None or grade.extra_credit for n in own for grade in n.grades
        ) or any(comment.manual_comment for n in own for comment in n.comments)
        if submission.student.id not in students and not touched:
            book.remove_submission(name, submission.student.id)


def _complete(book: Gradebook, notebook, submitted) -> None:
    """Give a submission of an earlier run its grades for the cells that came since."""
    have = {grade.cell_id for grade in submitted.grades}
    for cell in notebook.grade_cells:
        if cell.id not in have:
            book.db.add(Grade(cell=cell, notebook=submitted))
    have = {comment.cell_id for comment in submitted.comments}
    for cell in notebook.solution_cells:
        if cell.id not in have:
            book.db.add(Comment(cell=cell, notebook=submitted))
    book.db.commit()


def _naive(when: datetime | None) -> datetime | None:
    """nbgrader keeps UTC without saying so."""
    return when.astimezone(UTC).replace(tzinfo=None) if when else None
