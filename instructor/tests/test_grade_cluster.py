"""A class graded by workers in folders of their own, one of them killed in mid-run.

Sixty hand-ins over three workers in `make test-grading`, eight over two in `make test`.
"""

import json
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

from grading import scheduler, submission
from grading.assignment import read_assignment
from grading.limits import Limits
from tools.lessons import ROOT

pytest.importorskip("distributed", reason="the extra for more than one machine is not installed")
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


def copy_of_the_house(folder):
    """What a machine of the lab has: its own checkout and the data."""
    ignore = shutil.ignore_patterns("__pycache__", "cache", "*.ipynb")
    for name in ("instructor", "tools", "lessons", "data"):
        shutil.copytree(ROOT / name, folder / name, ignore=ignore)
    (folder / "_toc.yml").write_bytes((ROOT / "_toc.yml").read_bytes())
    return folder


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """A scheduler and its workers, each a process in a folder of its own."""
    place = tmp_path_factory.mktemp("lab")
    file, processes = place / "scheduler.json", []

    def start(folder, *arguments):
        environment = {
            **os.environ,
            "PYTHONPATH": f"{folder}:{folder / 'lessons'}:{folder / 'instructor'}",
        }
        with open(folder / "log.txt", "wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", *arguments, "--scheduler-file", str(file)],
                cwd=folder,
                env=environment,
                stdout=log,
                stderr=log,
            )
        processes.append(process)
        return process

    start(
        copy_of_the_house(place / "scheduler"),
        *("distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard"),
    )
    deadline = time.monotonic() + 600
    while not file.exists():
        assert time.monotonic() < deadline, (place / "scheduler" / "log.txt").read_text()
        time.sleep(0.1)
    folders = [copy_of_the_house(place / f"worker{number}") for number in range(WORKERS)]
    arguments = ("--nthreads", "1", "--no-nanny", "--no-dashboard", "--memory-limit", "0")
    workers = [start(f, "distributed.cli.dask_worker", *arguments) for f in folders]
    address = json.loads(file.read_text())["address"]
    from distributed import Client

    with Client(address, set_as_default=False, timeout=600) as client:
        client.wait_for_workers(WORKERS, timeout=600)
    yield address, workers, folders
    for process in processes:
        process.kill()
        process.wait()


@boxed
def test_a_class_on_several_workers_with_one_killed(lab, tmp_path, assignment):
    address, workers, _ = lab
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
        workers[0].send_signal(signal.SIGKILL)

    killer = threading.Thread(target=kill_one_in_the_middle, daemon=True)
    killer.start()
    results, failed = run(class_, out, assignment, limits=PATIENT, address=address)
    killer.join(60)
    assert workers[0].poll() is not None, "one worker was killed in the middle"
    assert not failed
    assert len(list((out / "results").glob("[!.]*.json"))) == HAND_INS
    assert {result.student: earned(result) for result in results} == expected


@boxed
def test_a_worker_with_another_engine_is_refused_by_name(lab, assignment):
    address, _, _ = lab
    setting = submission.setting(assignment, PATIENT, False, 1)
    task = submission.Task(setting, "the key of another engine", None)
    with (
        pytest.raises(submission.OtherEngine, match="(?s)Nothing was graded.*tcp://.*another prog"),
        scheduler.executor(2, address, task),
    ):
        pass
    assert read_assignment(setting.source, setting.name).points == 7


def test_no_scheduler_is_said(monkeypatch, assignment):
    monkeypatch.setattr(scheduler, "SECONDS", 1)
    setting = submission.setting(assignment, PATIENT, False, 1)
    with (
        pytest.raises(scheduler.NoScheduler, match="No scheduler at tcp://127.0.0.1:9"),
        scheduler.executor(2, "tcp://127.0.0.1:9", submission.Task(setting, "", None)),
    ):
        pass
