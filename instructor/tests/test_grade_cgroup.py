"""What is written to and read from the kernel's control groups, on folders that look like them.

The kernel itself: test_grade_sandbox.py, on a machine that has them.
"""

import errno
import os

import pytest

from grading import cgroup


@pytest.fixture(params=[1, 2])
def group(request, tmp_path):
    if request.param == 2:
        return cgroup.Group(dict.fromkeys(("memory", "pids", "cpu"), tmp_path), 2)
    folders = {name: tmp_path / name for name in ("memory", "pids", "cpu", "cpuacct")}
    for folder in folders.values():
        folder.mkdir()
    return cgroup.Group(folders, 1)


def text(group, controller, name):
    return (group.folders[controller] / name).read_text()


def test_limits_are_written_where_each_version_keeps_them(group):
    group.limit(memory_mb=7, processes=9, cores=2)
    mb = str(7 << 20)
    assert text(group, "pids", "pids.max") == "9"
    if group.version == 2:
        assert text(group, "memory", "memory.max") == mb
        assert text(group, "memory", "memory.swap.max") == "0"
        assert text(group, "memory", "memory.oom.group") == "1"
        assert text(group, "cpu", "cpu.max") == "200000 100000"
    else:
        assert text(group, "memory", "memory.limit_in_bytes") == mb
        assert text(group, "memory", "memory.memsw.limit_in_bytes") == mb
        assert text(group, "cpu", "cpu.cfs_quota_us") == "200000"


def test_a_limit_that_cannot_be_set_is_an_error_but_for_swap_and_cpu(group):
    """Memory and processes without a limit would be a box without one."""
    (group.folders["pids"] / "pids.max").mkdir()
    with pytest.raises(OSError):
        group.limit(7, 9, 2)


def test_the_limit_that_the_kernel_enforced_is_named(group):
    assert group.broken() == ""
    events = group.folders["pids"] / "pids.events"
    events.write_text("max 0\n")
    assert group.broken() == ""
    events.write_text("max 3\n")
    assert group.broken() == "processes"
    name = "memory.events" if group.version == 2 else "memory.oom_control"
    (group.folders["memory"] / name).write_text("low 5\noom 1\noom_kill 0\n")
    assert group.broken() == "processes"
    (group.folders["memory"] / name).write_text("low 0\noom 1\noom_kill 1\n")
    assert group.broken() == "memory"


def test_cpu_seconds_are_the_kernels(group):
    assert group.cpu_seconds() == 0.0
    if group.version == 2:
        (group.folders["memory"] / "cpu.stat").write_text("usage_usec 2500000\nuser_usec 1\n")
    else:
        (group.folders["cpuacct"] / "cpuacct.usage").write_text("2500000000\n")
    assert group.cpu_seconds() == 2.5


def test_groups_of_a_grader_that_was_killed_go(tmp_path, monkeypatch):
    dead, mine = tmp_path / "grading-999999999-4", tmp_path / f"grading-{os.getpid()}-4"
    others = tmp_path / "grading-of-somebody"
    for folder in (dead, mine, others):
        folder.mkdir()
    monkeypatch.setattr(cgroup, "_find", lambda: {"memory": tmp_path, "pids": tmp_path})
    assert cgroup.find() == {"memory": tmp_path, "pids": tmp_path}
    assert not dead.exists() and mine.exists() and others.exists()


def test_a_group_of_version_2_given_to_us_is_used_and_one_without_memory_is_not(tmp_path):
    own = tmp_path / "user" / "run.scope"
    own.mkdir(parents=True)
    for name in ("cgroup.controllers", "cgroup.subtree_control"):
        (own / name).write_text("cpu memory pids")
    assert cgroup._delegated(tmp_path, "/user/run.scope") == own
    (own / "grader").mkdir()
    assert cgroup._delegated(tmp_path, "/user/run.scope/grader") == own, "moved there before"
    (own / "cgroup.controllers").write_text("cpu pids")
    assert cgroup._delegated(tmp_path, "/user/run.scope") is None
    assert cgroup._delegated(tmp_path, "/nowhere") is None


@pytest.mark.parametrize(
    ("marks", "files", "uid", "told"),
    [
        ({}, ["cgroup.controllers"], 0, True),
        ({"user.delegate": b"0"}, ["cgroup.controllers"], 0, True),
        ({"trusted.delegate": b"1"}, ["cgroup.controllers"], 0, False),
        ({"user.delegate": b"1"}, ["cgroup.controllers"], 0, False),
        ({}, ["cgroup.controllers"], 1000, False),
        ({}, [], 0, False),
    ],
    ids=["no mark", "taken back", "marked", "marked for all", "a user's manager", "version 1"],
)
def test_a_group_that_systemd_did_not_give_away_is_told(
    tmp_path, monkeypatch, marks, files, uid, told
):
    def mark_of(path, name):
        if name not in marks:
            raise OSError(errno.ENODATA, "no such attribute")
        return marks[name]

    for name in files:
        (tmp_path / name).touch()
    monkeypatch.setattr(cgroup, "SYSTEMD", tmp_path)
    monkeypatch.setattr(os, "geteuid", lambda: uid)
    monkeypatch.setattr(os, "getxattr", mark_of)
    assert cgroup.undelegated({"memory": tmp_path, "pids": tmp_path}) == told


class Kernel:
    """What version 2 does when the files of a group are written: no group below one with processes.

    ``late``: numbers of processes that start as soon as others are moved; ``ended``: those that are
    gone when it is their turn; ``cpu``: whether the group may share out CPU.
    """

    def __init__(self, own, running, late=(), ended=(), cpu=True, root=False):
        self.own, self.late, self.ended, self.cpu, self.root = own, list(late), ended, cpu, root
        own.mkdir(parents=True)
        self.put("cgroup.controllers", ["memory", "pids", *["cpu"] * cpu])
        self.put("cgroup.subtree_control", [])
        self.put("cgroup.procs", running)
        self.moved = []

    def words(self, name):
        return (self.own / name).read_text().split()

    def put(self, name, words):
        with open(self.own / name, "w") as stream:
            stream.write(" ".join(words))

    def write_text(self, path, text):
        if path.name == "cgroup.subtree_control":
            if not self.cpu and "+cpu" in text.split():
                raise FileNotFoundError(errno.ENOENT, "no such controller")
            if self.words("cgroup.procs") and not self.root:
                raise OSError(errno.EBUSY, "processes in the group")
            self.put(path.name, {*self.words(path.name), *text.replace("+", "").split()})
            return
        assert path == self.own / "grader" / "cgroup.procs" and not self.root
        if text in self.words("cgroup.procs"):
            left = [pid for pid in self.words("cgroup.procs") if pid != text]
            self.put("cgroup.procs", left + self.late[:1])
            del self.late[:1]
        if text in self.ended:
            raise ProcessLookupError(errno.ESRCH, "no such process")
        self.moved.append(text)


@pytest.mark.parametrize(
    ("given", "moved"),
    [
        ({}, ["7", "8", "9"]),
        ({"late": ["10", "11"]}, ["7", "8", "9", "10", "11"]),
        ({"ended": ["8"]}, ["7", "9"]),
        ({"cpu": False}, ["7", "8", "9"]),
        ({"root": True}, []),
    ],
    ids=["processes", "more of them start", "one ends", "no CPU to share", "the uppermost group"],
)
def test_a_group_of_version_2_is_emptied_before_groups_are_made(
    tmp_path, monkeypatch, given, moved
):
    kernel = Kernel(tmp_path / "run.scope", ["7", "8", "9"], **given)
    monkeypatch.setattr(cgroup.Path, "write_text", lambda path, text: kernel.write_text(path, text))
    assert cgroup._delegated(tmp_path, "/run.scope") == kernel.own
    assert kernel.moved == moved
    enabled = {"memory", "pids"} | ({"cpu"} if kernel.cpu else set())
    assert set(kernel.words("cgroup.subtree_control")) == enabled
