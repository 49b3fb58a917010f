"""A class graded by workers in folders of their own, one of them killed in mid-run.

Sixty hand-ins over three workers in `make test-grading`, eight over two in `make test`.
"""

import os
import shutil
import signal
import subprocess
import sys
import threading
import time

import nbformat
import pytest
import submissions
from classroom import boxed, earned, hand_in, run
from distributed import Client

from grading import scheduler, submission
from grading.limits import Limits
from tools.lessons import ROOT

pytestmark = pytest.mark.long(40)
THOROUGH = bool(os.environ.get("THOROUGH"))
HAND_INS, WORKERS, KILL_AFTER = (60, 3, 12) if THOROUGH else (8, 2, 2)
KINDS = {  # the answers, and what they earn on one machine (test_grade_cases.py)
    "right": ({}, (2, 4, 1)),
    "no squares": ({"squares": "squares = None"}, (0, 4, 1)),
    "half": ({"predict": "predict = lambda r: [int('재밌' in x) for x in r]"}, (2, 2, 1)),
    "error": ({"predict": "1 / 0"}, (2, 0, 1)),
}
PATIENT = Limits(seconds=120, cell_seconds=60, memory_mb=700, processes=80, disk_mb=32)


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """A scheduler and its workers, each a process with a checkout of its own."""
    place, processes = tmp_path_factory.mktemp("lab"), []

    def start(name, program, options):
        folder, ignore = place / name, shutil.ignore_patterns("__pycache__", "cache", "*.ipynb")
        for part in ("instructor", "tools", "lessons", "data"):
            shutil.copytree(ROOT / part, folder / part, ignore=ignore)
        shutil.copy(ROOT / "_toc.yml", folder)
        path = f"{folder}:{folder / 'lessons'}:{folder / 'instructor'}"
        command = [sys.executable, "-m", f"distributed.cli.{program}", *options.split()]
        process = subprocess.Popen(
            [*command, "--scheduler-file", "../scheduler.json"],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": path},
        )
        processes.append(process)

    start("scheduler", "dask_scheduler", "--host 127.0.0.1 --port 0 --no-dashboard")
    for number in range(WORKERS):
        options = "--nthreads 1 --no-nanny --no-dashboard --memory-limit 0"
        start(f"worker{number}", "dask_worker", options)
    file = str(place / "scheduler.json")
    with Client(scheduler_file=file, set_as_default=False, timeout=600) as client:
        client.wait_for_workers(WORKERS, timeout=600)
        address = client.scheduler_info()["address"]
    yield address, processes[1]
    for process in processes:
        process.kill()
        process.wait()


@boxed
def test_a_class_on_several_workers_with_one_killed(lab, tmp_path, assignment):
    address, worker = lab
    original = nbformat.read(assignment, as_version=4)
    class_, expected = tmp_path / "class", {}
    class_.mkdir()
    for number in range(HAND_INS):
        kind = list(KINDS)[number % len(KINDS)]
        essay = f"essay = '{number}번 학생이 자기 말로 쓴 글입니다.'"
        answers, expected[f"{number:02} {kind}"] = KINDS[kind]
        notebook = submissions.solved(original, **{"essay": essay, **answers})
        hand_in(class_, f"{number:02} {kind}.ipynb", notebook)
    out = tmp_path / "class out"

    def kill_one_in_the_middle():
        while len(list((out / "results").glob("[!.]*.json"))) < KILL_AFTER:
            time.sleep(0.1)
        worker.send_signal(signal.SIGKILL)

    threading.Thread(target=kill_one_in_the_middle, daemon=True).start()
    results, failed = run(class_, out, assignment, limits=PATIENT, address=address)
    assert worker.wait(60), "one worker was killed in the middle"
    assert not failed
    assert len(list((out / "results").glob("[!.]*.json"))) == HAND_INS
    assert {result.student: earned(result) for result in results} == expected


@pytest.mark.parametrize(
    ("address", "error", "said"),
    [
        pytest.param(
            "", submission.OtherEngine, "(?s)Nothing was graded.*tcp://.*another prog", marks=boxed
        ),
        ("tcp://127.0.0.1:9", scheduler.NoScheduler, "No scheduler at tcp://127.0.0.1:9"),
    ],
    ids=["another engine", "no scheduler"],
)
def test_a_lab_that_cannot_grade_is_refused_by_name(
    lab, monkeypatch, assignment, address, error, said
):
    monkeypatch.setattr(scheduler, "SECONDS", 30 if not address else 1)
    setting = submission.setting(assignment, PATIENT, False, 1)
    task = submission.Task(setting, "the key of another engine", None)
    with pytest.raises(error, match=said), scheduler.executor(2, address or lab[0], task):
        pass
