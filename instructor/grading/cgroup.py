"""Kernel accounting for a box: memory, processes and CPU of everything below it, seen or not.

A control group counts what a walk through /proc cannot: detached shared memory, files without a
name, buffers in flight. Version 1 (the hierarchies must be writable, as for root) and version 2 (a
group delegated to this user, as `systemd-run --user --scope -p Delegate=yes make grade ...` gives).
A group of version 2 that systemd did not delegate loses its limits when systemd reloads.
"""

import contextlib
import errno
import itertools
import os
import time
from dataclasses import dataclass
from pathlib import Path

MB = 1 << 20
PERIOD = 100_000  # microseconds
CONTROLLERS = {"memory", "pids", "cpu", "cpuacct"}  # version 1 counts CPU time apart
NEEDED = {"memory", "pids"}  # no groups where these cannot be limited
TRIES = 50
SYSTEMD = Path("/run/systemd/system")  # it runs this machine
_number = itertools.count()


@dataclass
class Group:
    """The group of one box: a folder in each hierarchy."""

    folders: dict[str, Path]  # controller -> folder; one and the same in version 2
    version: int

    def limit(self, memory_mb: int, processes: int, cores: int) -> None:
        """Set what the box may take; swap, the end of all at once and CPU: not everywhere."""
        memory = memory_mb * MB
        if self.version == 2:
            must = {"memory.max": memory, "pids.max": processes}
            may: dict = {"memory.swap.max": 0, "memory.oom.group": 1}
            may["cpu.max"] = f"{cores * PERIOD} {PERIOD}"
        else:
            must = {"memory.limit_in_bytes": memory, "pids.max": processes}
            may = {"memory.memsw.limit_in_bytes": memory, "cpu.cfs_quota_us": cores * PERIOD}
        for name, value in (must | may).items():
            with contextlib.suppress(*(() if name in must else (OSError, KeyError))):
                (self.folders[name.split(".")[0]] / name).write_text(str(value))

    @property
    def entrances(self) -> list[str]:
        """The files a process writes its number into to be counted."""
        return sorted({str(folder / "cgroup.procs") for folder in self.folders.values()})

    def broken(self) -> str:
        """The limit that the kernel had to enforce, or nothing."""
        events = "memory.events" if self.version == 2 else "memory.oom_control"
        if self._count("memory", events, "oom_kill"):
            return "memory"
        return "processes" if self._count("pids", "pids.events", "max") else ""

    def cpu_seconds(self) -> float:
        """CPU seconds of all that ran in the box, or 0 where the kernel does not say."""
        with contextlib.suppress(OSError, KeyError, ValueError):
            if self.version == 1:
                return int((self.folders["cpuacct"] / "cpuacct.usage").read_text()) / 1e9
            lines = (self.folders["memory"] / "cpu.stat").read_text().splitlines()
            return int(dict(line.split() for line in lines)["usage_usec"]) / 1e6
        return 0.0

    def _count(self, controller: str, name: str, word: str) -> int:
        try:
            lines = (self.folders[controller] / name).read_text().splitlines()
        except OSError:
            return 0
        return sum(int(line.split()[1]) for line in lines if line.split()[0] == word)

    def remove(self) -> None:
        """Take the group away; its processes have been killed and may still be on their way."""
        for folder in set(self.folders.values()):
            for _ in range(100):
                try:
                    folder.rmdir()
                    break
                except FileNotFoundError:
                    break
                except OSError:
                    time.sleep(0.02)


def find() -> dict[str, Path] | None:
    """The folders below which this process may make groups, by controller; None: there are none.

    Memory and processes must be countable; CPU is taken where it is. Groups that a killed grader
    left behind go.
    """
    found = _find()
    for folder in set((found or {}).values()):
        for group in folder.glob("grading-[0-9]*-*"):
            if not Path("/proc", group.name.split("-")[1]).exists():
                with contextlib.suppress(OSError):  # it still holds a process
                    group.rmdir()
    return found


def _find() -> dict[str, Path] | None:
    with contextlib.suppress(OSError, ValueError):
        own = dict(
            (names, path)
            for _, names, path in (
                line.split(":", 2) for line in Path("/proc/self/cgroup").read_text().splitlines()
            )
        )
        mounts = [line.split() for line in Path("/proc/self/mountinfo").read_text().splitlines()]
        for fields in mounts:
            kind, options = fields[fields.index("-") + 1], fields[-1].split(",")
            if kind == "cgroup2" and (parent := _delegated(Path(fields[4]), own.get("", "/"))):
                names = (parent / "cgroup.subtree_control").read_text().split()
                return {name: parent for name in ("memory", "pids", "cpu") if name in names}
        found = {}
        for fields in mounts:
            kind, options = fields[fields.index("-") + 1], fields[-1].split(",")
            for name in CONTROLLERS & set(options) if kind == "cgroup" else ():
                path = next((p for names, p in own.items() if name in names.split(",")), "/")
                for folder in (Path(fields[4]) / path.lstrip("/"), Path(fields[4])):
                    if _can_make(folder):
                        found[name] = folder
                        break
        if found.keys() >= NEEDED:
            return found
    return None


def _delegated(mount: Path, path: str) -> Path | None:
    """Our own group of version 2, made ready to have groups below it."""
    own = mount / path.lstrip("/")
    if own.name == "grader":  # an earlier call moved us there
        own = own.parent
    try:
        if not _words(own / "cgroup.controllers") >= NEEDED:
            return None
        for _ in range(TRIES):  # what is started meanwhile has to be moved, too
            if _words(own / "cgroup.subtree_control") >= NEEDED:
                return own if _can_make(own) else None
            _open(own)
    except OSError:
        return None
    return None


def _open(own: Path) -> None:
    """Let the groups below ``own`` count; where the kernel refuses, move its processes away first.

    Both in one write: another grader that sees one of them here finds the other as well.
    """
    try:
        with contextlib.suppress(OSError):
            (own / "cgroup.subtree_control").write_text("+memory +pids +cpu")
            return
        (own / "cgroup.subtree_control").write_text("+memory +pids")  # CPU cannot be had everywhere
    except OSError as error:
        if error.errno != errno.EBUSY:
            raise
        leaf = own / "grader"  # a group with groups below it holds no process itself
        leaf.mkdir(exist_ok=True)
        for pid in (own / "cgroup.procs").read_text().split():
            with contextlib.suppress(ProcessLookupError):  # it ended meanwhile
                (leaf / "cgroup.procs").write_text(pid)


def undelegated(parents: dict[str, Path]) -> bool:
    """Whether systemd will take the limits away when it reloads, as far as can be told.

    It marks a group of version 2 that it has given away. Its managers of single users do not mark
    theirs everywhere, so that only root's groups say something.
    """
    own = parents["memory"]
    if os.geteuid() or not (SYSTEMD.is_dir() and (own / "cgroup.controllers").exists()):
        return False
    for mark in ("trusted.delegate", "user.delegate"):
        with contextlib.suppress(OSError):
            return os.getxattr(own, mark) != b"1"
    return True


def _words(file: Path) -> set[str]:
    return set(file.read_text().split())


def _can_make(folder: Path) -> bool:
    try:
        probe = folder / f"grading-probe-{os.getpid()}-{next(_number)}"
        probe.mkdir()
        probe.rmdir()
        return True
    except OSError:
        return False


def make(parents: dict[str, Path]) -> Group:
    """Make the group of one box."""
    name = f"grading-{os.getpid()}-{next(_number)}"
    folders = {controller: parent / name for controller, parent in parents.items()}
    for folder in set(folders.values()):
        folder.mkdir()
    version = 2 if (next(iter(folders.values())) / "cgroup.controllers").exists() else 1
    return Group(folders, version)
