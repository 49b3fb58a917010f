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
        if self.version == 2:
            return self._count("memory", "cpu.stat", "usage_usec") / 1e6
        with contextlib.suppress(OSError, KeyError):
            return int((self.folders["cpuacct"] / "cpuacct.usage").read_text()) / 1e9
        return 0.0

    def _count(self, controller: str, name: str, word: str) -> int:
        with contextlib.suppress(OSError):
            lines = (self.folders[controller] / name).read_text().splitlines()
            return int(dict(line.split() for line in lines).get(word, 0))
        return 0

    def remove(self) -> None:
        """Take the group away; its processes have been killed and may still be on their way."""
        for folder in set(self.folders.values()):
            for _ in range(100):
                with contextlib.suppress(OSError):
                    folder.rmdir()
                if not folder.exists():
                    break
                time.sleep(0.02)


def make(parents: dict[str, Path]) -> Group:
    """Make the group of one box below these folders, by controller."""
    name = f"grading-{os.getpid()}-{next(_number)}"
    folders = {controller: parent / name for controller, parent in parents.items()}
    for folder in set(folders.values()):
        folder.mkdir()
    return Group(folders, 2 if (folder / "cgroup.controllers").exists() else 1)


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
    own, found = {}, {}
    with contextlib.suppress(OSError):
        for line in Path("/proc/self/cgroup").read_text().splitlines():
            _, names, path = line.split(":", 2)
            own |= dict.fromkeys(names.split(","), path.lstrip("/"))
        mounts = [line.split()[1:4] for line in Path("/proc/self/mounts").read_text().splitlines()]
        for mount, kind, _ in mounts:
            if kind == "cgroup2" and (parent := _delegated(Path(mount), own.get("", ""))):
                counted = _words(parent / "cgroup.subtree_control")
                return dict.fromkeys(CONTROLLERS & counted, parent)
        for mount, kind, options in mounts:
            for name in CONTROLLERS & set(options.split(",")) if kind == "cgroup" else ():
                for folder in (Path(mount), Path(mount, own.get(name, ""))):  # our own, if possible
                    if _can_make(folder):
                        found[name] = folder
    return found if found.keys() >= NEEDED else None


def _delegated(mount: Path, path: str) -> Path | None:
    """Our own group of version 2, made ready to have groups below it that count.

    Where the kernel refuses that, its processes are moved away first: a group with such groups
    below it holds none itself.
    """
    own = mount / path
    if own.name == "grader":  # an earlier call moved us there
        own = own.parent
    leaf, wanted = own / "grader", "+memory +pids +cpu"
    with contextlib.suppress(OSError):
        # What is started meanwhile has to be moved, too.
        for _ in range(50 if _words(own / "cgroup.controllers") >= NEEDED else 0):
            if _words(own / "cgroup.subtree_control") >= NEEDED:
                return own if _can_make(own) else None
            try:
                # In one write: another grader that sees one of them here finds all.
                (own / "cgroup.subtree_control").write_text(wanted)
            except OSError as error:
                if error.errno != errno.EBUSY:
                    wanted = "+memory +pids"  # CPU cannot be had everywhere
                    continue
                leaf.mkdir(exist_ok=True)
                for pid in (own / "cgroup.procs").read_text().split():
                    with contextlib.suppress(ProcessLookupError):  # it ended meanwhile
                        (leaf / "cgroup.procs").write_text(pid)
    return None


def _words(file: Path) -> set[str]:
    return set(file.read_text().split())


def _can_make(folder: Path) -> bool:
    try:
        make({"": folder}).remove()
        return True
    except OSError:
        return False


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
