"""What is written to and read from the kernel's control groups, on folders that look like them.

The kernel itself: test_grade_sandbox.py, on a machine that has them.
"""

import errno
import os
from pathlib import Path

import pytest

from grading import cgroup

MB = str(7 << 20)
LIMITS = {  # 7 MB, 9 processes and two cores, where each version keeps them
    1: {
        "memory/memory.limit_in_bytes": MB,
        "memory/memory.memsw.limit_in_bytes": MB,
        "pids/pids.max": "9",
        "cpu/cpu.cfs_quota_us": "200000",
    },
    2: {
        "memory.max": MB,
        "memory.swap.max": "0",
        "memory.oom.group": "1",
        "pids.max": "9",
        "cpu.max": "200000 100000",
    },
}


@pytest.fixture(params=LIMITS)
def group(request, tmp_path):
    names = ("memory", "pids", "cpu", "cpuacct")
    folders = {name: tmp_path / name if request.param == 1 else tmp_path for name in names}
    for folder in folders.values():
        folder.mkdir(exist_ok=True)
    return cgroup.Group(folders, request.param)


def test_limits_are_written_and_one_that_cannot_be_set_is_an_error_but_for_swap_and_cpu(
    group, tmp_path
):
    """Memory and processes without a limit would be a box without one."""
    for file, text in LIMITS[group.version].items():
        group.limit(memory_mb=7, processes=9, cores=2)
        assert (tmp_path / file).read_text() == text
        (tmp_path / file).unlink()
        (tmp_path / file).mkdir()
        if file.endswith(("memory.max", "memory.limit_in_bytes", "pids.max")):
            with pytest.raises(OSError):
                group.limit(7, 9, 2)
        else:
            group.limit(7, 9, 2)
        (tmp_path / file).rmdir()


def test_what_the_kernel_counted_and_enforced_is_read(group):
    assert group.broken() == "" and group.cpu_seconds() == 0.0
    events = "memory.events" if group.version == 2 else "memory.oom_control"
    cpu = ("memory", "cpu.stat", "usage_usec 2500000\nuser_usec 1\n")
    for controller, file, text, broken in [
        ("pids", "pids.events", "max 0\n", ""),
        ("pids", "pids.events", "max 3\n", "processes"),
        ("memory", events, "oom 1\noom_kill 0\n", "processes"),
        ("memory", events, "oom 1\noom_kill 1\n", "memory"),
        (*(cpu if group.version == 2 else ("cpuacct", "cpuacct.usage", "2500000000\n")), "memory"),
    ]:
        (group.folders[controller] / file).write_text(text)
        assert group.broken() == broken
    assert group.cpu_seconds() == 2.5


def test_groups_of_a_grader_that_was_killed_go(tmp_path, monkeypatch):
    dead, mine = tmp_path / "grading-999999999-4", tmp_path / f"grading-{os.getpid()}-4"
    others = tmp_path / "grading-of-somebody"
    for folder in (dead, mine, others):
        folder.mkdir()
    monkeypatch.setattr(cgroup, "_find", lambda: {"memory": tmp_path, "pids": tmp_path})
    assert cgroup.find() == {"memory": tmp_path, "pids": tmp_path}
    assert not dead.exists() and mine.exists() and others.exists()


@pytest.mark.parametrize(
    ("marks", "uid", "version", "told"),
    [
        ({}, 0, 2, True),
        ({"user.delegate": b"0"}, 0, 2, True),
        ({"trusted.delegate": b"1"}, 0, 2, False),
        ({"user.delegate": b"1"}, 0, 2, False),
        ({}, 1000, 2, False),
        ({}, 0, 1, False),
    ],
    ids=["no mark", "taken back", "marked", "marked for all", "a user's manager", "version 1"],
)
def test_a_group_that_systemd_did_not_give_away_is_told(
    tmp_path, monkeypatch, marks, uid, version, told
):
    def mark_of(path, name):
        if name not in marks:
            raise OSError(errno.ENODATA, "no such attribute")
        return marks[name]

    if version == 2:
        (tmp_path / "cgroup.controllers").touch()
    monkeypatch.setattr(cgroup, "SYSTEMD", tmp_path)
    monkeypatch.setattr(os, "geteuid", lambda: uid)
    monkeypatch.setattr(os, "getxattr", mark_of)
    assert cgroup.undelegated({"memory": tmp_path, "pids": tmp_path}) == told


class Kernel:
    """What version 2 does when the files of a group are written: no group below one with processes.

    ``place``: the group this process is in; ``late``: numbers of processes that start as soon as
    others are moved; ``ended``: those that are gone when it is their turn.
    """

    def __init__(
        self, own, place="run.scope", has="memory pids cpu", late="", ended="", root=False
    ):
        self.own, self.place, self.late, self.ended = own, place, late.split(), ended.split()
        self.root, self.has, self.enabled = root, has.split(), []
        self.running, self.moved = ["7", "8", "9"], []
        (own / "grader").mkdir(parents=True)

    def read_text(self, path):
        if path.parent in (self.own, Path("/proc/self")):
            known = {"cgroup.controllers": self.has, "cgroup.subtree_control": self.enabled}
            known |= {"cgroup.procs": self.running, "cgroup": [f"0::/{self.place}"]}
            known |= {"mounts": ["cgroup2", str(self.own.parent), "cgroup2", "rw"]}
            return " ".join(known[path.name])
        raise FileNotFoundError(errno.ENOENT, str(path))

    def write_text(self, path, text):
        if path.name == "cgroup.subtree_control":
            wanted = text.replace("+", "").split()
            if not set(wanted) <= set(self.has):
                raise FileNotFoundError(errno.ENOENT, "no such controller")
            if self.running and not self.root:
                raise OSError(errno.EBUSY, "processes in the group")
            self.enabled = wanted
            return
        assert path == self.own / "grader" / "cgroup.procs" and not self.root
        if text in self.running:
            self.running = [pid for pid in self.running if pid != text] + self.late[:1]
            del self.late[:1]
        if text in self.ended:
            raise ProcessLookupError(errno.ESRCH, "no such process")
        self.moved.append(text)


@pytest.mark.parametrize(
    ("given", "moved", "found"),
    [
        ({}, "7 8 9", "cpu memory pids"),
        ({"place": "run.scope/grader"}, "7 8 9", "cpu memory pids"),
        ({"late": "10 11"}, "7 8 9 10 11", "cpu memory pids"),
        ({"ended": "8"}, "7 9", "cpu memory pids"),
        ({"has": "memory pids"}, "7 8 9", "memory pids"),
        ({"root": True}, "", "cpu memory pids"),
        ({"has": "cpu pids"}, "", ""),
        ({"place": "nowhere"}, "", ""),
    ],
    ids=["processes", "moved before", "more of them start", "one ends", "no CPU to share"]
    + ["the uppermost group", "no memory", "not to be seen"],
)
def test_a_group_of_version_2_is_emptied_before_groups_are_made(
    tmp_path, monkeypatch, given, moved, found
):
    kernel = Kernel(tmp_path / "run.scope", **given)
    with monkeypatch.context() as patch:
        patch.setattr(cgroup.Path, "read_text", lambda path: kernel.read_text(path))
        patch.setattr(cgroup.Path, "write_text", lambda path, text: kernel.write_text(path, text))
        assert cgroup.find() == (dict.fromkeys(found.split(), kernel.own) if found else None)
    assert kernel.moved == moved.split()
