"""Every submission earns what it earned, touches nothing else, and the run goes on."""

import json
import os
import re
import shutil
import socket
from dataclasses import replace

import nbformat
import pytest
import submissions
from classroom import LIMITS, boxed, earned, hand_in, page, run, table
from coursekit import data
from submissions import CASES, FULL

from grading import sandbox, submission

pytestmark = pytest.mark.long(90)

HURRIED = replace(LIMITS, seconds=6, cell_seconds=2, idle_seconds=3)


@pytest.fixture(scope="module")
def server():
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening


def once(function):
    """What was asked before gets the same answer: many cases differ in the file only."""
    answers = {}

    def ask(job, *more, **named):
        # For the judge, what it is given on its standard input belongs to the question.
        question = json.dumps(job), *(given for given in more if isinstance(given, bytes))
        if question not in answers:
            answers[question] = function(job, *more, **named)
        return answers[question]

    return ask


@pytest.fixture(scope="module")
def graded(assignment, server, tmp_path_factory):
    """Every case handed in at once and graded side by side; under short limits what hits them."""
    folder, out = tmp_path_factory.mktemp("handed in"), tmp_path_factory.mktemp("채점 결과")
    test = data.load_nsmc()[1].dropna(subset=["document"])
    facts = {"$ASSIGNMENT": str(assignment), "$OUT": str(out), "$PORT": server.getsockname()[1]}
    facts["$SYSTEM"] = [str(path) for path in sandbox.system_folders()]
    facts["$KNOWN"] = dict(zip(test["document"], test["label"].tolist(), strict=True))
    original, students = nbformat.read(assignment, as_version=4), {}
    hurried = tmp_path_factory.mktemp("hurried")
    for name, case in CASES.items():
        thing = case.make(original)
        for cell in getattr(thing, "cells", []):
            for fact, value in facts.items():
                cell.source = cell.source.replace(fact, repr(value))
        place = hurried if case.hurried else folder
        path = hand_in(place, case.file or f"{name.replace('/', '_')}.ipynb", thing)
        students[name] = path.name.removesuffix(".ipynb")
    shutil.copy(folder / "right.ipynb", folder / "the same again.ipynb")
    (folder / "link.ipynb").symlink_to(folder / "right.ipynb")
    (folder / "link to a folder").symlink_to("/etc")
    os.mkfifo(folder / "pipe.ipynb")
    (folder / "report.pdf").write_bytes(b"%PDF")
    (folder / "folder without a notebook").mkdir()
    files = [path for path in folder.glob("*.ipynb") if path.is_file() and not path.is_symlink()]
    before = {path: path.read_bytes() for path in files}
    said: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sandbox, "run", once(sandbox.run))
        patch.setattr(submission, "_ask", once(submission._ask))
        _, failed = run(hurried, out, assignment, limits=HURRIED)
        results, more = run(folder, out, assignment, say=said.append)
    assert not failed + more
    assert {path: path.read_bytes() for path in before} == before, "a submission was touched"
    results = {result.student: result for result in results}
    return {
        "results": results,
        "students": students,
        "rows": table(out),
        "said": "\n".join(said),
        "out": out,
        "folder": folder,
    }


@boxed
@pytest.mark.parametrize("name", CASES)
def test_a_submission_earns_what_it_earned(graded, name):
    case, result = CASES[name], graded["results"][graded["students"][name]]
    assert earned(result) == case.earns, result
    assert result.stopped in case.stopped.split("|"), result
    text = page(graded["out"], result.student)
    assert re.search(case.says, text), text
    assert "<script>" not in text and submissions.CANARY not in text
    # A spreadsheet must not take a name for a formula.
    row = graded["rows"][f"'{result.student}" if result.student[0] in "=-" else result.student]
    assert result.points == float(row["raw_score"]), "an alarm takes no points"
    assert case.alarm in row["alarms"] and ("accuracy" in row["alarms"]) == bool(case.alarm)


@boxed
def test_nothing_else_was_touched(graded):
    """Hostile or not: a result, a page and a row each, and nothing of theirs in the folder."""
    out, count = graded["out"], len(graded["results"])
    files = "by_hand.csv canvas.csv feedback grades.csv moodle.csv reading.html results"
    assert sorted(path.name for path in out.iterdir()) == [".lock", *files.split()]
    assert [len(list((out / name).iterdir())) for name in ("results", "feedback")] == [count] * 2
    assert count == len(graded["rows"]) == len(CASES) + 1 >= 60


@boxed
def test_what_cannot_be_graded_is_named(graded):
    for name in ("link.ipynb", "link to a folder", "pipe.ipynb", "report.pdf", "folder without"):
        assert re.search(f"Not graded: {name}", graded["said"]), graded["said"]
    assert re.search(r"[\d.]+ a minute", graded["said"])


@boxed
def test_identical_hand_ins_are_told_to_the_instructor_only(graded):
    rows, again = graded["rows"], "the same again"
    assert "same file as" in rows["right"]["alarms"] and "same file as" in rows[again]["alarms"]
    assert not rows["half right"]["alarms"]
    assert "same" not in page(graded["out"], again).replace(again, "")


@boxed
def test_the_same_tricks_work_without_a_sandbox(graded, small, assignment):
    """The cases above would see a broken box: without one these very notebooks get through."""
    folder, out, _ = small
    reads, writes = "reads the hidden checks by path", "writes into the points"
    calls = "network calls"
    for name in (reads, writes, calls):
        shutil.copy(graded["folder"] / f"{name}.ipynb", folder)
    results, _ = run(folder, out, assignment, unsafe=True)
    points = {result.student: earned(result) for result in results}
    assert points[reads] == FULL, "the checks could be read"
    assert (graded["out"] / "by_hand.csv").read_bytes() == b"100", "the points could be written"
    assert points[calls] == (2, 4, 0), "the network could be reached"
