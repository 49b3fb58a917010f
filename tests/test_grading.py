"""Grading: every submission earns what it earned, touches nothing else, and the run goes on."""

import csv
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

import nbformat
import pandas as pd
import psutil
import pytest
import submissions
from conftest import ROOT
from submissions import CASES, FULL

from grading import grade, handins, judge, material, notebooks, outputs, release, sandbox

LIMITS = sandbox.Limits(
    seconds=18, cell_seconds=8, memory_mb=700, processes=80, disk_mb=32, output_mb=2, result_mb=16
)


def namespaces_missing() -> str:
    """Why this machine cannot make user namespaces at all, or nothing."""
    try:
        most = int(Path("/proc/sys/user/max_user_namespaces").read_text())
    except OSError:
        return "no user namespaces on this system"
    probe = ["unshare", "--user", "--map-root-user", "true"]
    if most == 0 or (
        shutil.which("unshare") and subprocess.run(probe, capture_output=True).returncode
    ):
        return "user namespaces are switched off on this machine"
    return ""


REASON = namespaces_missing()
boxed = pytest.mark.skipif(bool(REASON), reason=REASON)


def hand_in(folder: Path, name: str, thing) -> Path:
    """Put a notebook or bytes into a folder of submissions."""
    path = folder / name
    content = thing if isinstance(thing, bytes) else nbformat.writes(thing).encode()
    path.write_bytes(content)
    return path


@pytest.fixture(scope="module")
def assignment(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("source") / "small_homework.ipynb"
    nbformat.write(submissions.source(), path)
    return path


@pytest.fixture(scope="module")
def server():
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening


def known_labels() -> dict[str, int]:
    from coursekit import data

    test = data.load_nsmc()[1].dropna(subset=["document"])
    return dict(zip(test["document"], test["label"].tolist(), strict=True))


@pytest.fixture(scope="module")
def graded(assignment, server, tmp_path_factory):
    """Every case handed in at once and graded side by side."""
    folder, out = tmp_path_factory.mktemp("handed in"), tmp_path_factory.mktemp("채점 결과")
    system = [str(path) for path in sandbox.system_folders()]
    submissions.out_of_the_box(assignment, out, server.getsockname()[1], system, known_labels())
    original, students = nbformat.read(assignment, as_version=4), {}
    for name, case in CASES.items():
        path = hand_in(folder, case.file or f"{name.replace('/', '_')}.ipynb", case.make(original))
        students[name] = path.name.removesuffix(".ipynb")
    shutil.copy(folder / "right.ipynb", folder / "the same again.ipynb")
    (folder / "link.ipynb").symlink_to(folder / "right.ipynb")
    (folder / "link to a folder").symlink_to("/etc")
    os.mkfifo(folder / "pipe.ipynb")
    (folder / "report.pdf").write_bytes(b"%PDF")
    (folder / "folder without a notebook").mkdir()
    before = {
        path: path.read_bytes()
        for path in folder.glob("*.ipynb")
        if path.is_file() and not path.is_symlink()
    }
    said: list[str] = []
    start = time.monotonic()
    results, failed = grade.grade_all(folder, out, assignment, 2, LIMITS, say=said.append)
    assert not failed
    assert {path: path.read_bytes() for path in before} == before, "a submission was touched"
    return {
        "results": {result["student"]: result for result in results},
        "students": students,
        "said": said,
        "out": out,
        "folder": folder,
        "seconds": time.monotonic() - start,
    }


# `graded` registers the last cases, which know its paths; their names are known here.
LATE = [
    "reads the hidden checks by path",
    "writes into the gradebook",
    "writes into a neighbour's folder",
    "links out of its folder",
    "goes up with ..",
    "network calls",
    "labels known by heart",
    "labels from the data in the box",
    "looks for the hidden checks everywhere",
]


def earned(result) -> tuple:
    return tuple(check["points"] for check in result["checks"])


@boxed
@pytest.mark.parametrize("name", [*CASES, *LATE])
def test_a_submission_earns_what_it_earned(graded, name):
    case, result = CASES[name], graded["results"][graded["students"][name]]
    assert earned(result) == case.earns, result
    assert result["stopped"] in case.stopped.split("|"), result
    page = (graded["out"] / "feedback" / f"{slug(result)}.html").read_text("utf-8")
    assert re.search(case.says, page), page
    assert "<script>" not in page and submissions.CANARY not in page


def slug(result) -> str:
    return handins.HandIn(result["student"], Path(), datetime.now(UTC), b"").slug


@boxed
def test_nothing_else_was_touched(graded):
    """Hostile or not: one result and one page a hand-in, and nothing of theirs in the folder."""
    out, count = graded["out"], len(graded["results"])
    assert sorted(path.name for path in out.iterdir()) == sorted(
        [".lock", "feedback", "grades.csv", "gradebook.db", "results"]
    )
    assert (
        len(list((out / "results").iterdir())) == len(list((out / "feedback").iterdir())) == count
    )
    assert count == len(CASES) + 1 >= 100


@boxed
def test_what_cannot_be_graded_is_named(graded):
    said = "\n".join(graded["said"])
    for name in ("link.ipynb", "link to a folder", "pipe.ipynb", "report.pdf", "folder without"):
        assert re.search(f"Not graded: {name}", said), said
    assert re.search(r"[\d.]+ a minute", said)


@boxed
def test_identical_hand_ins_are_told_to_the_instructor_only(graded):
    rows = table(graded["out"])
    assert "same file as" in rows["right"]["alarms"]
    assert "same file as" in rows["the same again"]["alarms"]
    assert not rows["half right"]["alarms"]
    page = graded["out"] / "feedback" / f"{slug({'student': 'the same again'})}.html"
    assert "same" not in page.read_text("utf-8").replace("the same again", "")
    assert rows["the same again"]["raw_score"] == "7.0", "an alarm takes no points"


def table(out: Path) -> dict[str, dict]:
    text = (out / "grades.csv").read_text("utf-8-sig")
    return {row["student_id"]: row for row in csv.DictReader(text.splitlines())}


@boxed
def test_csv_and_gradebook_hold_every_grade(graded):
    from nbgrader.api import Gradebook

    rows = table(graded["out"])
    assert len(rows) == len(graded["results"])
    with Gradebook(f"sqlite:///{graded['out'] / 'gradebook.db'}") as book:
        assert book.find_assignment("small_homework").max_score == 7
        for student, result in graded["results"].items():
            submission = book.find_submission("small_homework", student)
            assert submission.score == result["points"] == float(row_of(rows, student)["raw_score"])
            assert not submission.needs_manual_grade
    assert "'=1+1" in rows, "a spreadsheet must not take a name for a formula"


def row_of(rows, student):
    return rows.get(student) or rows[f"'{student}"]


def run(folder, out, assignment, **options):
    options = {"limits": LIMITS, "say": lambda line: None} | options
    return grade.grade_all(folder, out, assignment, 2, **options)


@pytest.fixture
def small(tmp_path, assignment):
    """A folder with two right submissions."""
    folder, original = tmp_path / "in", nbformat.read(assignment, as_version=4)
    folder.mkdir()
    hand_in(folder, "가.ipynb", submissions.solved(original))
    hand_in(
        folder, "나.ipynb", submissions.solved(original, essay="essay = '다른 사람의 글입니다.'")
    )
    return folder, tmp_path / "out", original


@boxed
def test_a_second_run_grades_only_what_is_new(small, assignment):
    folder, out, original = small
    run(folder, out, assignment)
    stamps = {path.name: path.stat().st_mtime_ns for path in (out / "results").iterdir()}
    hand_in(folder, "가.ipynb", submissions.solved(original, squares="squares = None"))
    results, _ = run(folder, out, assignment)
    assert {r["student"]: r["points"] for r in results} == {"가": 5, "나": 7}
    again = {path.name: path.stat().st_mtime_ns for path in (out / "results").iterdir()}
    assert again.keys() == stamps.keys()
    assert sorted(name[0] for name in stamps if stamps[name] != again[name]) == ["가"]


@boxed
def test_an_interrupted_run_goes_on(small, assignment):
    """Killed without a warning in the middle: what was done stays, the rest follows, once each."""
    folder, out, original = small
    slow = "import time\ntime.sleep(6)\nessay = '오래 생각해서 쓴 글입니다.'"
    hand_in(folder, "다.ipynb", submissions.solved(original, essay=slow))
    arguments = [str(folder), "--out", str(out), "--source", str(assignment), "--jobs", "1"]
    command = [sys.executable, str(ROOT / "tools" / "grade.py"), *arguments]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    results = out / "results"
    deadline = time.monotonic() + 60
    while not results.is_dir() or len(list(results.glob("[!.]*.json"))) < 2:
        assert time.monotonic() < deadline and process.poll() is None
        time.sleep(0.05)
    while len(below := psutil.Process(process.pid).children(recursive=True)) < 2:
        assert time.monotonic() < deadline, "the third one never ran in its box"
    process.send_signal(signal.SIGKILL)
    process.wait()
    psutil.wait_procs(below, timeout=10)
    assert not [child for child in below if child.is_running()], "a box outlived its grader"
    assert len(list(results.glob("[!.]*.json"))) == 2
    done = {path: path.stat().st_mtime_ns for path in results.iterdir()}
    again = subprocess.run(command, capture_output=True, text=True)
    assert again.returncode == 0, again.stderr
    assert "2 of 3 were graded before" in again.stdout
    assert {path: path.stat().st_mtime_ns for path in done} == done
    assert {name: row["raw_score"] for name, row in table(out).items()} == dict.fromkeys(
        "가나다", "7.0"
    )


@boxed
def test_a_stopped_run_ends_its_boxes_at_once(small, assignment):
    folder, out, original = small
    for name in "가나":
        slow = f"import time\ntime.sleep(20)\nessay = '{name}'"
        hand_in(folder, f"{name}.ipynb", submissions.solved(original, essay=slow))
    stop = threading.Event()
    threading.Timer(3, stop.set).start()
    start = time.monotonic()
    results, failed = run(folder, out, assignment, stop=stop)
    assert time.monotonic() - start < 15
    assert not results and len(failed) == 2 and not list((out / "results").glob("*"))


@boxed
def test_late_hand_ins_lose_what_was_announced(small, assignment):
    folder, out, _ = small
    due = datetime(2026, 12, 1, 14, 59, tzinfo=UTC)
    for name, when in (("가", due - timedelta(hours=1)), ("나", due + timedelta(hours=25))):
        os.utime(folder / f"{name}.ipynb", (when.timestamp(), when.timestamp()))
    run(folder, out, assignment, due=due, percent=10)
    rows = table(out)
    assert (rows["가"]["score"], rows["나"]["score"]) == ("7.0", "5.6")
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{out / 'gradebook.db'}") as book:
        late = book.find_submission("small_homework", "나")
        assert late.total_seconds_late == 25 * 3600
        assert late.late_submission_penalty == pytest.approx(1.4)


@boxed
def test_the_folders_of_nbgrader_and_grades_given_by_hand(tmp_path, small, assignment):
    from nbgrader.api import Gradebook

    flat, out, _ = small
    for name in "가나":
        place = tmp_path / "submitted" / name / "small_homework"
        place.mkdir(parents=True)
        shutil.copy(flat / f"{name}.ipynb", place / "small_homework.ipynb")
        (place / "timestamp.txt").write_text("2026-11-21 07:00:00.000000 UTC")
    results, _ = run(tmp_path / "submitted", out, assignment)
    assert {r["student"]: r["points"] for r in results} == {"가": 7, "나": 7}
    assert results[0]["timestamp"] == "2026-11-21T07:00:00+00:00"
    with Gradebook(f"sqlite:///{out / 'gradebook.db'}") as book:
        find = ("part3", "small_homework", "small_homework", "가")
        book.find_grade(*find).extra_credit = 3
        book.db.commit()
    run(tmp_path / "submitted", out, assignment)
    with Gradebook(f"sqlite:///{out / 'gradebook.db'}") as book:
        assert book.find_submission("small_homework", "가").score == 10


@boxed
def test_labels_known_by_heart_raise_an_alarm(graded):
    rows = table(graded["out"])
    assert "accuracy 1.000" in rows["labels known by heart"]["alarms"]
    assert "accuracy" not in rows["right"]["alarms"]


def in_a_box(source: str, **collect: str) -> dict:
    """Run one cell in a box and return what it handed over."""
    cell = {"source": source, "check": "x", "collect": collect}
    job = {"cells": [cell], "documents": {}, "limits": asdict(LIMITS), "sandboxed": True}
    outcome = sandbox.run(job, ROOT / "lessons", LIMITS, sandbox.find_bwrap())
    return judge.read(outcome.handed_in, {"x": set(collect)})[0]["x"]


@boxed
def test_the_kernel_itself_limits_the_processes(monkeypatch):
    """With the watchdog asleep: a bounded number of forks, most of which must fail."""
    monkeypatch.setattr(sandbox, "_too_much", lambda pid, limits: "")
    forks = (
        "import os, time\nchildren = 0\ntry:\n    for _ in range(200):\n        if not os.fork():\n"
        "            time.sleep(1)\n            os._exit(0)\n        children += 1\n"
        "except BlockingIOError:\n    pass"
    )
    assert 10 < in_a_box(forks, children="children")["children"] < LIMITS.processes


@boxed
@pytest.mark.parametrize("magic", ["", "%matplotlib inline\n"])
def test_a_picture_shown_is_counted(magic):
    source = "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()"
    assert in_a_box(magic + source, pictures="pictures") == {"pictures": 1}


@boxed
def test_the_homework_is_graded(tmp_path):
    """The solution, another honest answer, and the copy as it was handed out, on the sample."""
    source, folder = nbformat.read(grade.SOURCE, as_version=4), tmp_path / "in"
    folder.mkdir()
    # The sample is a sixtieth of the data: as many steps need smaller batches and more epochs.
    smaller = {"batch_size=256": "batch_size=32", "epochs=4": "epochs=8"}
    smaller |= {"batch_size=512": "batch_size=64", "epochs=3": "epochs=6"}
    solution = submissions.solved(source)
    for cell in solution.cells:
        for old, new in smaller.items():
            cell.source = cell.source.replace(old, new)
    # Kiwi takes a second to start, each time; syllables come at once.
    quick = "text.tokenize = lambda texts, name: [list(line) for line in texts]"
    solution.cells.insert(5, nbformat.v4.new_code_cell(quick))
    hand_in(folder, "풀이.ipynb", solution)
    other = submissions.solved(source, **submissions.SYLLABLES)
    hand_in(folder, "음절.ipynb", other)
    shutil.copy(release.HOMEWORK.parent / grade.SOURCE.name, folder / "빈 노트북.ipynb")
    results, failed = grade.grade_all(folder, tmp_path / "out", jobs=2, say=lambda line: None)
    assert not failed
    by_name = {result["student"]: result for result in results}
    points = {
        name: {check["check"]: check["points"] for check in result["checks"]}
        for name, result in by_name.items()
    }
    most = {check["check"]: check["max"] for check in by_name["풀이"]["checks"]}
    for name in ("풀이", "음절"):
        assert not by_name[name]["errors"] and not by_name[name]["stopped"], by_name[name]
        for check in most.keys() - {"part3_accuracy", "part5_best"}:
            assert points[name][check] == most[check], (name, check, by_name[name])
        assert points[name]["part3_accuracy"] >= 5 and points[name]["part5_best"] >= 3
    assert by_name["빈 노트북"]["points"] == 0
    assert sum(most.values()) == 100


def test_the_box_has_the_data_and_the_judge_the_labels_of_the_homework(tmp_path, monkeypatch):
    """A text with two labels counts as its first one: the homework's own drop_duplicates."""
    from coursekit import data, fetch

    texts = ["같은 글", '"따옴표" 하나"', "탭\t과 \r 줄", None, "NA", "같은 글", "다른 글"]
    train = pd.DataFrame({"id": range(7), "document": texts, "label": [1, 0, 1, 0, 1, 0, 0]})
    monkeypatch.setattr(data, "load_nsmc", lambda: (train, train))
    course, documents, truth = material.prepare(tmp_path)
    monkeypatch.undo()
    known = json.loads(truth.read_text("utf-8"))
    assert known["train"] == dict(
        zip(["같은 글", *texts[1:3], "NA", "다른 글"], [1, 0, 1, 1, 0], strict=True)
    )
    assert known["labels"] == [1, 0, 1, 1, 0, 0]
    assert documents["reviews"] == [text for text in texts if text]
    monkeypatch.setattr(fetch, "REGISTRY", course / "data" / "registry.toml")
    monkeypatch.setenv("COURSE_DATA", str(course / "data" / "cache"))
    shown_train, shown_test = data.load_nsmc()
    pd.testing.assert_frame_equal(shown_train.fillna(""), train.fillna(""))
    pd.testing.assert_frame_equal(shown_test.fillna(""), train.fillna("").assign(label=0))


@boxed
def test_the_same_tricks_work_without_a_sandbox(graded, small, assignment):
    """The cases above would see a broken box: without one these very notebooks get through."""
    folder, out, _ = small
    reads, writes = "reads the hidden checks by path", "writes into the gradebook"
    calls = "network calls"
    for name in (reads, writes, calls):
        shutil.copy(graded["folder"] / f"{name}.ipynb", folder)
    book = graded["out"] / "gradebook.db"
    kept = book.read_bytes()
    results, _ = run(folder, out, assignment, unsafe=True)
    points = {result["student"]: earned(result) for result in results}
    assert points[reads] == FULL, "the checks could be read"
    assert book.read_bytes() == b"100", "the gradebook could be written"
    assert points[calls] == (2, 4, 0), "the network could be reached"
    book.write_bytes(kept)


def test_without_a_sandbox_grading_stops_and_says_what_to_install(small, assignment, monkeypatch):
    folder, out, _ = small
    monkeypatch.setattr(sandbox, "system_folders", lambda: [Path("/no/such/folder")])
    with pytest.raises(sandbox.NoSandbox, match="apt-get install bubblewrap(.|\n)*UNSAFE=1"):
        run(folder, out, assignment)
    assert not (out / "results").exists()


def test_a_box_that_fails_is_no_grade(small, assignment, monkeypatch):
    folder, out, _ = small
    monkeypatch.setattr(sandbox, "RUNNER", Path("/no/such/runner.py"))
    results, failed = run(folder, out, assignment, unsafe=True)
    assert not results and len(failed) == 2
    assert not list((out / "results").glob("*"))


def test_two_runs_at_once_are_refused(small, assignment):
    import filelock

    folder, out, _ = small
    out.mkdir()
    with filelock.FileLock(out / ".lock"), pytest.raises(filelock.Timeout):
        run(folder, out, assignment, unsafe=True)


@pytest.mark.parametrize(
    "content",
    [
        b"\x93NUMPY\x01\x00v\x00{'descr': '|O', 'fortran_order': False, 'shape': (1,), }".ljust(128)
        + b"x",
        b"\x93NUMPY\x01\x00v\x00{'descr': '<f8', 'fortran_order': False, 'shape': (99,), }".ljust(
            128
        )
        + bytes(8),
        b"\x93NUMPY\x03\x00",
        b"PK\x03\x04",
        b"",
    ],
    ids=["objects", "shape beyond its bytes", "version", "zip", "nothing"],
)
def test_no_array_but_plain_numbers(content):
    with pytest.raises(ValueError):
        judge.read_array(content)


def test_the_first_value_of_a_name_counts():
    frames = [{"check": "a", "name": "x", "json": 1}, {"check": "a", "name": "x", "json": 2}]
    content = b"".join(json.dumps(frame).encode() + b"\n" for frame in frames)
    assert judge.read(content, {"a": {"x"}})[0] == {"a": {"x": 1}}


def test_a_penalty_is_never_more_than_was_earned():
    due = datetime(2026, 1, 1, tzinfo=UTC)
    result = {"points": 50, "timestamp": (due + timedelta(days=99)).isoformat()}
    assert outputs.penalty(result, due, 10) == 50
    assert outputs.penalty(result, None, 10) == 0


def test_a_source_whose_check_judges_nothing_is_refused(tmp_path):
    broken = submissions.source()
    broken.cells[3].source = "assert True"
    nbformat.write(broken, tmp_path / "x.ipynb")
    with pytest.raises(ValueError, match="no hidden tests"):
        notebooks.read_assignment(tmp_path / "x.ipynb")
