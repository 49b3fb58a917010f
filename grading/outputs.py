"""Everything the instructor and the students get: feedback pages, CSV, nbgrader's gradebook.

All of it is derived from the result files, so writing it again changes nothing.
"""

import csv
import math
import os
import sys
import tempfile
import warnings
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path

import jinja2

from grading.notebooks import Assignment, marks

TEMPLATES = Path(__file__).parent


def write(path: Path, text: str, encoding: str = "utf-8") -> None:
    """Write a file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".part-")
    with os.fdopen(descriptor, "w", encoding=encoding, newline="", errors="replace") as stream:
        stream.write(text)
    os.replace(name, path)


def penalty(result: dict, due: datetime | None, percent: float) -> float:
    """Points taken off: ``percent`` of what was earned for each day begun after ``due``."""
    if due is None or not percent:
        return 0.0
    late = (datetime.fromisoformat(result["timestamp"]) - due).total_seconds()
    days = max(0, math.ceil(late / 86400))
    return round(result["points"] * min(1.0, days * percent / 100), 2)


def feedback(path: Path, assignment: Assignment, result: dict) -> None:
    """Write one student's page (Korean). It holds no check's code and no alarm."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES), autoescape=True, undefined=jinja2.StrictUndefined
    )
    page = environment.get_template("feedback.html.jinja")
    title = assignment.student.cells[0].source.splitlines()[0].lstrip("# ")
    write(path, page.render(title=title, result=result))


def alarms(results: list[dict]) -> dict[str, list[str]]:
    """What the instructor should look at, by student: never points by itself."""
    found = defaultdict(list)
    for result in results:
        found[result["student"]] += result["alarms"]
    for field, words in (("sha256", "same file as"), ("fingerprint", "same code as")):
        groups = defaultdict(list)
        for result in results:
            if result[field]:
                groups[result[field]].append(result["student"])
        for students in groups.values():
            for student in students if len(students) > 1 else ():
                others = [other for other in students if other != student]
                line = f"{words} {', '.join(others[:5])}"
                if not any(others[0] in known for known in found[student]):
                    found[student].append(line)
    return {student: lines for student, lines in found.items() if lines}


def table(
    path: Path, assignment: Assignment, results: list[dict], due: datetime | None, percent: float
) -> None:
    """Write the CSV: nbgrader's columns, a column for each grade cell, and the alarms."""
    alarm = alarms(results)
    names = [check.name for check in assignment.checks]
    head = ["assignment", "duedate", "timestamp", "student_id", "raw_score"]
    head += ["late_submission_penalty", "score", "max_score", *names, "stopped", "alarms"]
    rows = [head]
    for result in sorted(results, key=lambda result: result["student"]):
        off = penalty(result, due, percent)
        points = {check["check"]: check["points"] for check in result["checks"]}
        rows.append(
            [assignment.name, due.isoformat() if due else "", result["timestamp"]]
            + [_cell(result["student"]), result["points"], off, result["points"] - off]
            + [assignment.points, *(points.get(name, 0) for name in names)]
            + [result["stopped"], _cell("; ".join(alarm.get(result["student"], [])))]
        )
    with tempfile.TemporaryFile("w+", newline="", encoding="utf-8", errors="replace") as stream:
        csv.writer(stream).writerows(rows)
        stream.seek(0)
        write(path, stream.read(), "utf-8-sig")  # Excel knows Korean by the mark


def _cell(text: str) -> str:
    """A spreadsheet must not take a student's name for a formula."""
    return f"'{text}" if text.startswith(tuple("=+-@\t\r")) else text


def gradebook(
    path: Path, assignment: Assignment, results: list[dict], due: datetime | None, percent: float
) -> None:
    """Write nbgrader's gradebook.db. Grades and comments given by hand in it stay."""
    from nbgrader.api import Gradebook

    # nbgrader calls `alembic`, which lies beside this Python.
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    notebook = name = assignment.name
    source = [cell for cell in assignment.student.cells if marks(cell)]
    with warnings.catch_warnings(), Gradebook(f"sqlite:///{path}") as book:
        warnings.simplefilter("ignore")  # nbgrader's own use of SQLAlchemy
        book.update_or_create_assignment(name, duedate=_naive(due))
        book.update_or_create_notebook(notebook, name)
        for check in assignment.checks:
            book.update_or_create_grade_cell(
                check.name, notebook, name, max_score=check.points, cell_type="code"
            )
        for cell in source:
            given = marks(cell)
            book.update_or_create_source_cell(
                given["grade_id"],
                notebook,
                name,
                source=cell.source,
                cell_type=cell.cell_type,
                locked=given["locked"],
                checksum=given.get("checksum"),
            )
            if given["solution"]:
                book.update_or_create_solution_cell(given["grade_id"], notebook, name)
        for result in results:
            student = result["student"]
            book.update_or_create_student(student)
            when = _naive(datetime.fromisoformat(result["timestamp"]))
            submission = book.update_or_create_submission(name, student, timestamp=when)
            submission.notebooks[0].late_submission_penalty = penalty(result, due, percent)
            for check in result["checks"]:
                grade = book.find_grade(check["check"], notebook, name, student)
                grade.auto_score = check["points"]
                grade.needs_manual_grade = False
        book.db.commit()


def _naive(when: datetime | None) -> datetime | None:
    """nbgrader keeps UTC without saying so."""
    return when.astimezone(UTC).replace(tzinfo=None) if when else None
