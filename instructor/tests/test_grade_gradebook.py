"""nbgrader's gradebook follows the assignment and the results; what people wrote in it stays."""

import warnings

import classroom  # noqa: F401  (asks nbgrader for its version once)
import pytest
import submissions
from nbgrader.api import Gradebook

from grading import gradebook
from grading.assignment import Assignment, Check
from grading.penalty import Deadline
from grading.result import Part, Result


@pytest.fixture(autouse=True)
def quiet():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def homework(*names: str) -> Assignment:
    checks = [Check(name, name, 2.0, {}, "") for name in names]
    return Assignment("hw", submissions.source(), checks)


def result(student: str, **points: float) -> Result:
    parts = [Part(name, name, value, 2.0) for name, value in points.items()]
    return Result(student, "x", "2026-11-21T07:00:00+00:00", "a", "k", parts, fingerprint="f")


def test_renamed_and_added_grade_cells_are_followed(tmp_path):
    path, due = tmp_path / "gradebook.db", Deadline()
    gradebook.write(path, homework("part1", "part2"), [result("가", part1=1, part2=2)], due)
    with Gradebook(f"sqlite:///{path}") as book:
        book.find_grade("part1", "hw", "hw", "가").extra_credit = 0.5
        book.db.commit()
    changed = homework("part1", "part9", "part10")
    gradebook.write(path, changed, [result("가", part1=2, part9=1, part10=2)], due)
    with Gradebook(f"sqlite:///{path}") as book:
        submission = book.find_submission("hw", "가")
        assert submission.score == 5.5
        names = {grade.name for grade in submission.notebooks[0].grades}
        assert names == {"part1", "part9", "part10"}
        assert book.find_assignment("hw").max_score == 6
    assert gradebook.by_hand(path, "hw") == {"가": 0.5}


def test_a_ghost_goes_and_what_somebody_wrote_stays(tmp_path):
    path, due = tmp_path / "gradebook.db", Deadline()
    names = ("가", "가 [2]", "나")
    gradebook.write(path, homework("part1"), [result(name, part1=1) for name in names], due)
    with Gradebook(f"sqlite:///{path}") as book:
        book.find_grade("part1", "hw", "hw", "나").manual_score = 2
        book.db.commit()
    gradebook.write(path, homework("part1"), [result("가", part1=1)], due)
    with Gradebook(f"sqlite:///{path}") as book:
        students = {submission.student.id for submission in book.find_assignment("hw").submissions}
    assert students == {"가", "나"}
    assert gradebook.by_hand(path, "hw") == {"가": 0, "나": 1}
