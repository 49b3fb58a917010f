"""The box: what the kernel holds, what is counted, what is said where there is none."""

import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from classroom import LIMITS, boxed, run

from grading import cgroup, sandbox, seccomp
from grading.alone import judge
from tools.lessons import ROOT

pytestmark = pytest.mark.long(60)
grouped = pytest.mark.skipif(cgroup.find() is None, reason="no control groups to be had here")


def boxed_run(source: str, limits=LIMITS, groups=True, hidden=(), **collect: str):
    """Run a cell, and one after it, in a box; return the outcome and what the judge reads."""
    cells = [{"source": source, "check": "x", "collect": collect}]
    cells.append({"source": "after = 1", "check": "after", "collect": {"after": "after"}})
    box = sandbox.Sandbox(sandbox.find_bwrap(), cgroup.find() if groups else None, hidden)
    job = {"cells": cells, "documents": {}}
    outcome = sandbox.run(job, {"/course": ROOT / "lessons"}, limits, box)
    return outcome, judge.read(outcome.handed_in, {"x": set(collect), "after": {"after"}})


def in_a_box(source: str, **collect: str) -> dict:
    """What the cell handed over."""
    return boxed_run(source, **collect)[1][0]["x"]


@boxed
def test_the_kernel_itself_limits_the_processes(monkeypatch):
    """With the watchdog asleep: a bounded number of forks, most of which must fail."""
    monkeypatch.setattr(sandbox, "_too_much", lambda *given: "")
    forks = (
        "import os, time\nchildren = 0\ntry:\n    for _ in range(200):\n        if not os.fork():\n"
        "            time.sleep(1)\n            os._exit(0)\n        children += 1\n"
        "except BlockingIOError:\n    pass"
    )
    assert 10 < in_a_box(forks, children="children")["children"] < LIMITS.processes


PLOT = "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()"
LOOK = "import os\nseen = 'PYTEST_CURRENT_TEST' in os.environ"
SAVE = "open('/content/best.keras', 'w').write('x')\nseen = open('best.keras').read()"


@boxed
@pytest.mark.parametrize(
    ("source", "name", "value"),
    [
        (PLOT, "pictures", 1),
        (f"%matplotlib inline\n{PLOT}", "pictures", 1),
        (SAVE, "seen", "x"),
        (LOOK, "seen", False),
    ],
    ids=[
        "a picture shown",
        "a picture with the magic",
        "Colab's own path",
        "the grader's variables",
    ],
)
def test_a_cell_does_what_it_does_in_colab(source, name, value):
    assert in_a_box(source, **{name: name}) == {name: value}


@boxed
def test_the_taggers_of_konlpy_find_a_java_by_themselves():
    """As on Colab; the machine's own Java, if it has one, is hidden here."""
    source = "from konlpy.tag import Okt\nwords = Okt().morphs('영화가 재미있다')"
    roomy = replace(LIMITS, memory_mb=2000, seconds=60, cell_seconds=60)
    _, read = boxed_run(source, roomy, hidden=(Path("/usr/lib/jvm"),), words="words")
    assert read[0]["x"]["words"][0] == "영화", read


def test_without_a_sandbox_grading_stops_and_says_what_helps(small, assignment, monkeypatch):
    folder, out, _ = small
    monkeypatch.setattr(sandbox, "system_folders", lambda: [Path("/no/such/folder")])
    with pytest.raises(sandbox.NoSandbox, match="bwrap(.|\n)*instructor/README.md(.|\n)*UNSAFE=1"):
        run(folder, out, assignment)
    assert not (out / "results").exists()


# --- what the grader's machine keeps from a box -------------------------------------------------


@boxed
def test_a_strict_umask_costs_nobody_a_point(small, assignment, monkeypatch, tmp_path):
    """What is shown to a box has modes of its own; so has the program, whatever the checkout's."""
    folder, out, _ = small
    program = tmp_path / "runner.py"
    program.write_bytes(sandbox.RUNNER.read_bytes())
    program.chmod(0o600)
    monkeypatch.setattr(sandbox, "RUNNER", program)
    before = os.umask(0o077)
    try:
        results, failed = run(folder, out, assignment)
    finally:
        os.umask(before)
    assert not failed and {result.points for result in results} == {7}


@boxed
@pytest.mark.parametrize(
    ("needed", "said"),
    [
        ("import a_package_that_is_not_here", "ModuleNotFoundError"),
        ("open('/course/data/registry.toml'); 1 / 0", "ZeroDivisionError"),
        ("import os; os._exit(3)", "실행하던 프로세스가 중간에 끝났습니다"),
    ],
)
def test_a_machine_that_keeps_something_from_a_box_grades_nobody(
    small, assignment, tmp_path, needed, said
):
    folder, out, _ = small
    for path in assignment.parent.iterdir():
        shutil.copy(path, tmp_path)
    with open(tmp_path / "small_homework_material.py", "a") as material:
        material.write(f"\nREADY = {needed!r}\n")
    with pytest.raises(sandbox.BoxFailed, match=f"(?s)Nothing was graded.*{said}"):
        run(folder, out, tmp_path / assignment.name)
    assert not list(out.glob("results/*"))


def test_folders_of_people_inside_the_shown_ones_are_covered(monkeypatch, tmp_path):
    shown, mine = tmp_path / "usr", tmp_path / "usr" / "grades"
    mine.mkdir(parents=True)
    monkeypatch.setattr(sandbox, "system_folders", lambda: [shown])
    assert sandbox.covered([mine, tmp_path]) == [str(mine)]
    assert not [path for path in sandbox.covered() if path.endswith(("/bin", "/lib"))]


# --- limits count what a box does, not how busy the machine is -----------------------------------

SPIN = "import os, time\nwhile time.process_time() < 30:\n    pass"
CHILDREN = (
    "import os, time\nfor _ in range(2):\n    if not os.fork():\n"
    "        while time.process_time() < 30:\n            pass\n        os._exit(0)\n"
    "for _ in range(2):\n    os.wait()"
)


@boxed
@pytest.mark.parametrize("groups", [True, False], ids=["counted by the kernel", "as seen"])
@pytest.mark.parametrize("work", [SPIN, CHILDREN], ids=["one process", "children"])
def test_work_is_counted_in_seconds_of_cpu_over_all_processes(work, groups):
    limits = replace(LIMITS, seconds=4, cell_seconds=60)
    outcome, (values, *_) = boxed_run(work, limits, groups)
    assert outcome.stopped == "time" and not values["after"]
    assert 4 <= outcome.seconds < 12


@boxed
@pytest.mark.parametrize(
    ("source", "seconds", "cell", "idle", "error"),
    [
        ("import time; time.sleep(5)", 4, 2, 30, None),
        ("import time; time.sleep(999)", 60, 60, 2, "기다리기만"),
        (CHILDREN.replace("< 30", "< 5"), 60, 60, 2, None),
    ],
    ids=["a wait is no work", "one that is too long ends", "not while its children work"],
)
def test_a_cell_that_waits(source, seconds, cell, idle, error):
    """A busy machine makes one wait like the first; a cell that works: test_grade_cases.py."""
    limits = replace(LIMITS, seconds=seconds, cell_seconds=cell, idle_seconds=idle)
    outcome, (values, _, errors, finished) = boxed_run(source, limits)
    assert finished and not outcome.stopped and values["after"] == {"after": 1}
    assert error in errors[0] if error else not errors
    assert 0 < outcome.seconds < seconds


# --- what a box could use against its user -------------------------------------------------------


@boxed
@pytest.mark.skipif(not seccomp.program(True), reason="a processor that the filter does not know")
def test_what_a_box_could_use_against_its_user_is_refused():
    """Leases and locks, the session's keys, shared memory, other processes, a machine's host."""
    tries = (
        "import ctypes, errno, fcntl, os, socket\n"
        "C = ctypes.CDLL(None, use_errno=True)\n"
        "def refused(call):\n"
        "    try:\n        value = call()\n    except OSError as error:\n"
        "        return error.errno == errno.EPERM\n"
        "    return value == -1 and ctypes.get_errno() == errno.EPERM\n"
        "mine = open('mine', 'w')\n"
        "found = [refused(call) for call in (\n"
        "    lambda: fcntl.fcntl(mine, 1024, fcntl.F_WRLCK),\n"
        "    lambda: C.syscall(KEYCTL, 1, 0),\n"
        "    lambda: C.shmget(0, 4096, 0o1600),\n"
        "    lambda: C.ptrace(0, 0, 0, 0),\n"
        "    lambda: fcntl.flock(mine, fcntl.LOCK_EX),\n"
        "    lambda: C.inotify_init1(0),\n"
        "    lambda: socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM),\n"
        ")]\n"
        "locks = fcntl.fcntl(mine, fcntl.F_GETFL) is not None\n"
        "a, b = socket.socketpair()\na.send(b'x')\nlocks &= b.recv(1) == b'x'\n"
    )
    keyctl = {"x86_64": 250, "aarch64": 219}[seccomp.platform.machine()]
    values = in_a_box(tries.replace("KEYCTL", str(keyctl)), found="found", locks="locks")
    assert values == {"found": [True] * 7, "locks": True}


@boxed
@grouped
@pytest.mark.parametrize(
    "hold",
    [
        "import mmap\nfor _ in range(54):\n"
        "    f = os.memfd_create('x')\n    os.ftruncate(f, 30 << 20)\n"
        "    for _ in range(30):\n        os.write(f, b'x' * (1 << 20))\n"
        "    kept.append(mmap.mmap(f, 30 << 20))\n    os.close(f)",
        "import socket\nfor _ in range(54):\n"
        "    a, b = socket.socketpair()\n    f = os.memfd_create('x')\n"
        "    for _ in range(30):\n        os.write(f, b'x' * (1 << 20))\n"
        "    socket.send_fds(a, [b'x'], [f])\n    os.close(f)\n    kept += [a, b]",
        "import ctypes\nctypes.CDLL(None).prctl(4, 0)\nfor _ in range(8):\n"
        "    if not os.fork():\n        x = b'x' * (200 << 20)\n        time.sleep(60)",
    ],
    ids=["mapped and closed", "in flight", "not to be looked at"],
)
def test_memory_that_hides_is_counted_by_the_kernel(hold):
    """1,600 MB under a limit of 700, where no list of processes shows them."""
    source = f"import os, time\nkept = []\n{hold}\ntime.sleep(60)"
    assert boxed_run(source)[0].stopped == "memory"


@boxed
@grouped
def test_a_group_goes_with_its_box():
    in_a_box("1 + 1", x="1")
    left = [p for parent in cgroup.find().values() for p in parent.glob("grading-*")]
    assert not [path for path in left if f"-{os.getpid()}-" in path.name]
