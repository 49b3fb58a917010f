"""The box: what the kernel holds, what is counted, what is said where there is none."""

import os
import re
from pathlib import Path

import pytest
from classroom import LIMITS, boxed, run

from grading import cgroup, sandbox, seccomp
from grading.alone import judge
from tools.lessons import ROOT


def in_a_box(source: str, **collect: str) -> dict:
    """Run one cell in a box and return what it handed over."""
    cell = {"source": source, "check": "x", "collect": collect}
    job = {"cells": [cell], "documents": {}}
    box = sandbox.Sandbox(sandbox.find_bwrap(), cgroup.find())
    outcome = sandbox.run(job, {"/course": ROOT / "lessons"}, LIMITS, box)
    return judge.read(outcome.handed_in, {"x": set(collect)})[0]["x"]


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


@boxed
@pytest.mark.parametrize("magic", ["", "%matplotlib inline\n"])
def test_a_picture_shown_is_counted(magic):
    source = "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()"
    assert in_a_box(magic + source, pictures="pictures") == {"pictures": 1}


def test_without_a_sandbox_grading_stops_and_says_what_to_install(small, assignment, monkeypatch):
    folder, out, _ = small
    monkeypatch.setattr(sandbox, "system_folders", lambda: [Path("/no/such/folder")])
    with pytest.raises(sandbox.NoSandbox, match="apt-get install bubblewrap(.|\n)*UNSAFE=1"):
        run(folder, out, assignment)
    assert not (out / "results").exists()


@pytest.mark.parametrize(
    ("system", "settings", "reason", "bwrap", "said"),
    [
        ("Darwin", {}, "x", None, "On macOS grade in a virtual machine with Linux"),
        ("Windows", {}, "x", None, "or in WSL 2"),
        ("Linux", {}, "bubblewrap (bwrap) was not found.", None, "apt-get install bubblewrap"),
        (
            "Linux",
            {"kernel/apparmor_restrict_unprivileged_userns": "1"},
            "setting up uid map: Permission denied",
            Path("/usr/bin/bwrap"),
            r"profile bwrap /usr/bin/bwrap flags=\(unconfined\)",
        ),
        (
            "Linux",
            {"user/max_user_namespaces": "0"},
            "No space left on device",
            Path("/usr/bin/bwrap"),
            "user.max_user_namespaces",
        ),
        ("Linux", {}, "Operation not permitted", Path("/usr/bin/bwrap"), "In a container"),
    ],
)
def test_the_message_fits_the_machine(monkeypatch, system, settings, reason, bwrap, said):
    monkeypatch.setattr(sandbox.platform, "system", lambda: system)
    monkeypatch.setattr(sandbox, "_setting", lambda name: settings.get(name, ""))
    message = sandbox.why_not(reason, bwrap)
    assert re.search(said, message), message
    assert "UNSAFE=1" in message and reason in message


@boxed
@pytest.mark.skipif(not seccomp.program(True), reason="a processor that the filter does not know")
def test_what_a_box_could_use_against_its_user_is_refused():
    """Leases, the session's keys, shared memory of System V, looking into other processes."""
    tries = (
        "import ctypes, errno, fcntl, os\n"
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
        ")]\n"
        "locks = fcntl.fcntl(mine, fcntl.F_GETFL) is not None\n"
    )
    keyctl = {"x86_64": 250, "aarch64": 219}[sandbox.platform.machine()]
    values = in_a_box(tries.replace("KEYCTL", str(keyctl)), found="found", locks="locks")
    assert values == {"found": [True] * 4, "locks": True}


@boxed
@pytest.mark.skipif(cgroup.find() is None, reason="no control groups to be had here")
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
def test_memory_that_hides_is_counted_by_the_kernel(monkeypatch, hold):
    """1,600 MB under a limit of 700, where no list of processes shows them."""
    monkeypatch.setattr(sandbox, "_hidden_files", lambda pid: {})
    source = f"import os, time\nkept = []\n{hold}\ntime.sleep(60)"
    cell = {"source": source, "check": "x", "collect": {}}
    box = sandbox.Sandbox(sandbox.find_bwrap(), cgroup.find())
    job = {"cells": [cell], "documents": {}}
    outcome = sandbox.run(job, {"/course": ROOT / "lessons"}, LIMITS, box)
    assert outcome.stopped == "memory"


@boxed
@pytest.mark.skipif(cgroup.find() is None, reason="no control groups to be had here")
def test_a_group_goes_with_its_box():
    in_a_box("1 + 1", x="1")
    left = [p for parent in cgroup.find().values() for p in parent.glob("grading-*")]
    assert not [path for path in left if f"-{os.getpid()}-" in path.name]


def test_folders_of_people_inside_the_shown_ones_are_covered(monkeypatch, tmp_path):
    shown, mine = tmp_path / "usr", tmp_path / "usr" / "grades"
    mine.mkdir(parents=True)
    monkeypatch.setattr(sandbox, "system_folders", lambda: [shown])
    assert sandbox.covered([mine, tmp_path]) == [str(mine)]
    assert not [path for path in sandbox.covered() if path.endswith(("/bin", "/lib"))]
