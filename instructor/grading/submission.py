"""One hand-in, from its bytes to its result. The same on this machine and on another one.

A :class:`Task` is plain data and holds all that a grade needs besides what every machine has: this
program, the data, and a sandbox. Nothing is written here; whoever asked stores the result.
"""

import functools
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from types import ModuleType

from grading import cgroup, key, sandbox
from grading.alone import judge, restore
from grading.assignment import Assignment, read_assignment
from grading.handins import BYTES_MAX, HandIn
from grading.limits import FAR, Limits
from grading.result import STOPPED, Part, Result
from tools.lessons import ROOT

JUDGE = Path(judge.__file__)
RERUN = JUDGE.with_name("rerun.py")
JUDGE_SECONDS = 180  # of CPU, for all checks; alone a check gets a third of it
NO_PACKAGE = "채점하는 컴퓨터에는 이 패키지가 없습니다. 과제가 적은 패키지만 쓰십시오."
TOO_BIG = f"파일이 {BYTES_MAX >> 20} MB보다 큽니다. 출력을 모두 지우고 다시 내십시오."
AGAIN_SECONDS = 1800  # of CPU, for a network that is run again


class OtherEngine(RuntimeError):
    """This machine's program, data or sandbox is not the one that asked."""


class ChecksFailed(RuntimeError):
    """The hidden checks raised something by themselves: the instructor's trouble."""


@dataclass(frozen=True)
class Setting:
    """What is the same for every submission of one run."""

    name: str
    source: bytes
    material: bytes  # the program beside the source that lays out its data
    limits: Limits
    unsafe: bool
    threads: int
    hidden: tuple[Path, ...] = ()  # folders that no box may show


@dataclass(frozen=True)
class Task:
    """One submission of a run; ``key`` is that of the machine that asks."""

    setting: Setting
    key: str
    handin: HandIn


def setting(source: Path, limits: Limits, unsafe: bool, threads: int, hidden=()) -> Setting:
    """Read a homework: its source, and beside it what it is graded with.

    Raises:
        OSError: one of the two files is missing.
    """
    material = source.with_name(f"{source.stem}_material.py").read_bytes()
    return Setting(source.stem, source.read_bytes(), material, limits, unsafe, threads, hidden)


@dataclass(frozen=True)
class Bench:
    """What a machine prepares once for a run."""

    assignment: Assignment
    folder: tempfile.TemporaryDirectory  # goes with the bench
    course: Path
    documents: dict[str, list[str]]
    truth: bytes
    box: sandbox.Sandbox
    key: str


@functools.lru_cache(maxsize=1)
def bench(setting: Setting) -> Bench:
    """Prepare this machine for a run, once: before its threads begin.

    Raises:
        NoSandbox: there is none, and ``unsafe`` was not said.
    """
    assignment = read_assignment(setting.source, setting.name)
    box = sandbox.Sandbox(None)
    if not setting.unsafe:
        box = sandbox.Sandbox(sandbox.find_bwrap(), cgroup.find(), setting.hidden)
    folder = tempfile.TemporaryDirectory(prefix="grading-")
    course = Path(folder.name, "shown")
    ignore = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "lessons/coursekit", course / "lessons/coursekit", ignore=ignore)
    documents, truth = _material(setting).prepare(course / "data")
    sandbox.readable(course)
    own = (setting.source, setting.material, setting.limits, setting.unsafe, truth, documents)
    return Bench(assignment, folder, course, documents, truth, box, key.of_run(*own))


def _material(setting: Setting) -> ModuleType:
    module = ModuleType("material")
    exec(compile(setting.material, f"<{setting.name}_material.py>", "exec"), vars(module))
    return module


@functools.lru_cache(maxsize=1)
def ready(setting: Setting) -> None:
    """See, once, that an empty box imports and reads what the homework needs.

    What this machine keeps from a box (a file's mode, a package, the data) is no student's zero.

    Raises:
        BoxFailed: it does not; the message is what the box said.
    """
    here = bench(setting)
    job = {"cells": [{"source": _material(setting).READY}], "documents": {}}
    shown = {"/course": here.course}
    outcome = sandbox.run(job, shown, setting.limits, here.box, setting.threads)
    _, _, errors, finished = judge.read(outcome.handed_in, {})
    if errors or not finished:
        why = errors.get(0) or STOPPED[outcome.stopped or "died"]
        raise sandbox.BoxFailed(
            f"Nothing was graded: an empty box on {os.uname().nodename} cannot do what every "
            f"hand-in must.\n  {why}\n{outcome.printed[-500:].strip()}"
        )


def forget() -> None:
    """Give back what :func:`bench` prepared."""
    bench.cache_clear()
    ready.cache_clear()


def grade(task: Task, stop: threading.Event | None = None) -> Result:
    """Grade one submission: whatever was handed in, a result says what happened.

    Raises:
        OtherEngine, NoSandbox, BoxFailed, Interrupted, ChecksFailed: never the student's fault.
    """
    setting, handin = task.setting, task.handin
    here = bench(setting)
    if here.key != task.key:
        host = os.uname().nodename
        raise OtherEngine(f"{host} has another program, other packages or other data than asked")
    ready(setting)
    assignment = here.assignment
    if len(handin.content) > BYTES_MAX:
        given = restore.Restored(unreadable=TOO_BIG)
    else:
        given = restore.restored(handin.content, assignment.originals)
    notes = [*handin.notes, *given.notes]
    came, second_run, trouble = sandbox.Outcome(), b"", ""
    if given.fingerprint and not given.unreadable:  # an untouched copy need not run
        asked = {
            check.name: {"check": check.name, "collect": check.collect | check.optional}
            for check in assignment.checks
        }
        cells = [cell | asked.get(cell["id"], {}) for cell in given.cells]
        job, shown = {"cells": cells, "documents": here.documents}, {"/course": here.course}
        came = sandbox.run(job, shown, setting.limits, here.box, setting.threads, stop)
        second_run, trouble = _run_again(here, setting, came.handed_in, stop)
    elif not given.unreadable:
        notes.append("나누어 준 노트북과 같습니다. 채운 칸이 없습니다.")
    verdict, alarms = judged(
        assignment, here.truth, came.handed_in, second_run, trouble, given.stored
    )
    if not came.handed_in:  # nothing ran, so nothing is to be said of a part
        for part in verdict["checks"]:
            part["message"] = ""
    died = came.handed_in and not verdict["finished"]
    errors = []
    for number, text in verdict["errors"].items():
        if int(number) < len(given.cells):
            head = given.cells[int(number)]["source"].strip().splitlines()[:1]
            missing = "\n" + NO_PACKAGE if text.startswith("ModuleNotFoundError") else ""
            errors.append({"cell": (head or [""])[0][:120], "text": text + missing})
    return Result(
        student=handin.student,
        lms=handin.lms,
        lms_id=handin.lms_id,
        timestamp=handin.timestamp.isoformat(),
        sha256=handin.sha256,
        key=here.key,
        parts=[Part(**check) for check in verdict["checks"]],
        unreadable=given.unreadable,
        fingerprint=given.fingerprint,
        stopped=came.stopped or ("died" if died else ""),
        notes=notes,
        errors=errors,
        alarms=alarms,
        seconds=round(came.seconds, 1),
    )


def _run_again(here: Bench, setting: Setting, handed_in: bytes, stop) -> tuple[bytes, str]:
    """Run the network that was handed over once more, in a box without the student's code.

    Checks ask for it by collecting ``network`` and ``sequences``.

    Returns:
        What came out of that box, and why there is nothing.
    """
    checks = here.assignment.checks
    asks = [check.name for check in checks if "network" in check.collect | check.optional]
    if not asks:
        return b"", ""
    try:
        picked = _ask({"pick": asks, "seconds": JUDGE_SECONDS}, handed_in)
    except ChecksFailed:
        return b"", "채점에 넘긴 값을 읽을 수 없습니다."
    head, _, rest = picked.partition(b"\n")
    said = json.loads(head)
    if not said["sizes"]:
        return b"", said["trouble"]
    with tempfile.TemporaryDirectory(prefix="grading-") as folder:
        again = Path(folder, "shown")
        again.mkdir()
        for name, size in said["sizes"].items():
            (again / f"{name}.npy").write_bytes(rest[:size])
            rest = rest[size:]
        sandbox.readable(again)
        job = {"folder": "/again" if here.box.bwrap else str(again)}
        limits = replace(setting.limits, seconds=min(AGAIN_SECONDS, setting.limits.seconds))
        shown = {"/again": again, "/course": here.course}
        outcome = sandbox.run(job, shown, limits, here.box, setting.threads, stop, RERUN)
    return outcome.handed_in, STOPPED.get(outcome.stopped, STOPPED["died"])


def judged(
    assignment: Assignment,
    truth: bytes,
    handed_in: bytes,
    second_run: bytes = b"",
    trouble: str = "",
    stored: str = "",
) -> tuple[dict, list[str]]:
    """Run the hidden checks on what came out; return the verdict, and alarms on the bytes.

    ``trouble``: why there is no second run. ``stored``: what the notebook printed when it was made.

    Where the bytes break the judge, each check is judged alone, and one that still breaks has no
    points; where it breaks without them, the checks themselves are broken.

    Raises:
        ChecksFailed: they are.
    """
    checks = [asdict(check) for check in assignment.checks]
    job = {"checks": checks, "trouble": trouble, "stored": stored, "seconds": JUDGE_SECONDS}
    try:
        return _judge(job, truth, handed_in, second_run), []
    except ChecksFailed:
        empty = _judge(job, truth, b"", b"")  # raises where the checks are broken
    alone, alarms = [], []
    for check, nothing in zip(checks, empty["checks"], strict=True):
        try:
            one = job | {"checks": [check], "seconds": JUDGE_SECONDS // 3}
            verdict = _judge(one, truth, handed_in, second_run)
            alone += verdict["checks"]
            empty |= {"errors": verdict["errors"], "finished": verdict["finished"]}
        except ChecksFailed as error:
            alone.append(nothing | {"message": "채점에 넘긴 값을 읽을 수 없습니다."})
            alarms.append(f"{check['name']}: what was handed over broke the judge: {error}")
    return empty | {"checks": alone}, alarms


def _judge(job: dict, truth: bytes, handed_in: bytes, second_run: bytes) -> dict:
    lengths = {"truth_bytes": len(truth), "handed_in_bytes": len(handed_in)}
    try:
        return json.loads(_ask(job | lengths, truth + handed_in + second_run))
    except ValueError as error:
        raise ChecksFailed(str(error)) from None


def _ask(job: dict, content: bytes) -> bytes:
    """Ask judge.py, a process in which no student's code ever ran; all it needs goes by a pipe.

    Raises:
        ChecksFailed: it broke.
    """
    try:
        process = subprocess.run(
            [sys.executable, "-P", str(JUDGE)],
            input=json.dumps(job).encode() + b"\n" + content,
            capture_output=True,
            timeout=FAR * JUDGE_SECONDS,
            env={**os.environ, "PYTHONPATH": str(ROOT / "lessons")},  # checks may use coursekit
        )
    except subprocess.TimeoutExpired:
        raise ChecksFailed("it never came to an end") from None
    if process.returncode == -signal.SIGXCPU:
        raise ChecksFailed(f"it took more than {job['seconds']} seconds")
    if process.returncode:
        raise ChecksFailed(process.stderr.decode("utf-8", "replace").strip()[-800:])
    return process.stdout
