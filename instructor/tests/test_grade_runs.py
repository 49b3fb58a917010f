"""A run of a class: again, interrupted, late, changed; what was earned stays."""

import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
import pytest
import submissions
from classroom import LIMITS, boxed, hand_in, page, run, table
from coursekit import fetch

from grading import grade, sandbox
from grading.penalty import Deadline
from tools.lessons import ROOT

pytestmark = pytest.mark.long(50)


@boxed
def test_an_interrupted_run_goes_on_and_only_what_is_new_is_graded(small, assignment):
    """Killed without a warning in the middle: what was done stays, the rest follows, once each."""
    folder, out, original = small
    slow = "import time\ntime.sleep(1000)"
    hand_in(folder, "다.ipynb", submissions.solved(original, essay=slow))
    arguments = [str(folder), "--out", str(out), "--source", str(assignment), "--jobs", "1"]
    command = [sys.executable, "-m", "grading.grade", *arguments]
    process = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    results = out / "results"
    deadline = time.monotonic() + 600
    while not results.is_dir() or len(list(results.glob("[!.]*.json"))) < 2:
        assert time.monotonic() < deadline and process.poll() is None
        time.sleep(0.05)
    while len(below := psutil.Process(process.pid).children(recursive=True)) < 2:
        assert time.monotonic() < deadline, "the third one never ran in its box"
    process.send_signal(signal.SIGKILL)
    process.wait()
    psutil.wait_procs(below, timeout=120)
    assert not [child for child in below if child.is_running()], "a box outlived its grader"
    done = {path: path.stat().st_mtime_ns for path in results.glob("[!.]*.json")}
    assert len(done) == 2
    hand_in(folder, "가.ipynb", submissions.solved(original, squares="squares = None"))
    hand_in(
        folder, "다.ipynb", submissions.solved(original, essay="essay = '이제 다 쓴 글입니다.'")
    )
    again = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert again.returncode == 0, again.stderr
    assert "1 of 3 were graded before" in again.stdout
    kept = [path.name[0] for path in done if path.stat().st_mtime_ns == done[path]]
    assert kept == ["나"] and len(list(results.glob("[!.]*.json"))) == 3
    scores = {name: row["raw_score"] for name, row in table(out).items()}
    assert scores == {"가": "5.0", "나": "7.0", "다": "7.0"}


@boxed
def test_a_stopped_run_ends_its_boxes_at_once(small, assignment):
    folder, out, original = small
    for name in "가나":
        slow = f"import time\ntime.sleep(1000)\nessay = '{name}'"
        hand_in(folder, f"{name}.ipynb", submissions.solved(original, essay=slow))
    stop = threading.Event()
    threading.Timer(3, stop.set).start()
    start, patient = time.monotonic(), replace(LIMITS, idle_seconds=900)
    results, failed = run(folder, out, assignment, stop=stop, limits=patient)
    assert time.monotonic() - start < 600, "far from the end of what they do"
    assert not results and len(failed) == 2 and not list((out / "results").glob("*"))


@boxed
def test_late_hand_ins_lose_what_was_announced(small, assignment):
    folder, out, _ = small
    due = datetime(2026, 12, 1, 14, 59, tzinfo=UTC)
    for name, when in (("가", due - timedelta(hours=1)), ("나", due + timedelta(hours=25))):
        os.utime(folder / f"{name}.ipynb", (when.timestamp(), when.timestamp()))
    said = []
    run(folder, out, assignment, deadline=Deadline(due, 10), say=said.append)
    rows = table(out)
    assert (rows["가"]["score"], rows["나"]["score"]) == ("7.0", "5.6")
    assert rows["나"]["late_submission_penalty"] == "1.4"
    assert "1.4점을 뺐습니다" in page(out, "나") and "뺐습니다" not in page(out, "가")
    assert any("2 hand-ins have no timestamp.txt" in line for line in said)


def test_a_box_that_fails_is_no_grade(small, assignment, monkeypatch):
    folder, out, _ = small
    monkeypatch.setattr(sandbox, "RUNNER", Path("/no/such/runner.py"))
    with pytest.raises(sandbox.BoxFailed, match="did not start"):
        run(folder, out, assignment, unsafe=True)
    assert not list((out / "results").glob("*"))


@pytest.mark.parametrize("named", ["", "/classroom/data", "sample"])
def test_no_one_is_graded_on_the_sample_unasked(small, monkeypatch, named):
    folder, out, _ = small

    def without_data(*given, **options):
        if os.environ["COURSE_STRICT"] == "1":
            raise fetch.DataUnavailable("ratings_train.txt: no network")
        return [], []

    monkeypatch.setenv("COURSE_DATA", named)
    monkeypatch.setenv("COURSE_STRICT", "")
    monkeypatch.setattr(grade, "grade_all", without_data)
    monkeypatch.setattr(grade.signal, "signal", lambda *given: None)
    command = ["grade", str(folder), "--out", str(out), "--homework", "09"]
    monkeypatch.setattr(sys, "argv", command)
    with pytest.raises(SystemExit) as ended:
        grade.main()
    told = 0 if named == "sample" else "No one was graded. ratings_train.txt: no network"
    assert ended.value.code == told


def test_two_runs_at_once_are_refused(small, assignment):
    import filelock

    folder, out, _ = small
    out.mkdir()
    with filelock.FileLock(out / ".lock"), pytest.raises(filelock.Timeout):
        run(folder, out, assignment, unsafe=True)
