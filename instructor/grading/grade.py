"""make grade: grade every notebook in a folder, each in a sandbox of its own.

What it leaves in the folder OUT (grades/): results/ (one file a student, the only truth; a second
run goes on where the first one stopped), feedback/ (a page a student), reading.html (answers in
words, for a person), by_hand.csv (points and words of that person), grades.csv, moodle.csv,
canvas.csv and, for what came from Moodle, feedback_moodle.zip. Alarms are for the instructor: they
stand in grades.csv and on the screen only.
"""

import argparse
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import as_completed
from datetime import datetime
from functools import partial
from pathlib import Path

import filelock
from coursekit import fetch
from tqdm import tqdm

from grading import cgroup, handins, outputs, scheduler, scores, submission
from grading.assignment import Assignment, find
from grading.limits import Limits
from grading.penalty import Deadline
from grading.result import Result, load
from grading.sandbox import BoxFailed, NoSandbox
from tools.lessons import ROOT

NO_GROUPS = (
    "No control groups here: memory that processes hide from a list of processes is not counted, "
    "and a busy box may slow down the others (see instructor/README.md)."
)
UNDELEGATED = (
    "systemd has not delegated this control group and will drop the limits when it reloads: run "
    "`systemd-run --scope -p Delegate=yes make grade ...` (see instructor/README.md)."
)


def grade_all(
    submissions: Path,
    out: Path,
    source: Path,
    jobs: int = 2,
    limits: Limits | None = None,
    unsafe: bool = False,
    deadline: Deadline | None = None,
    address: str = "",
    say: Callable[[str], None] = print,
    stop: threading.Event | None = None,
) -> tuple[list[Result], list[str]]:
    """Grade a folder.

    Args:
        submissions: what was handed in, see :func:`handins.find`.
        out: where results and tables go; its lock is held meanwhile.
        source: the instructor's notebook.
        jobs: how many boxes at once on this machine.
        limits: what one submission may take, if not the usual.
        unsafe: grade without a sandbox.
        deadline: when it was due and what a day late costs.
        address: of a dask scheduler, to grade on other machines.
        say: gets each line for the instructor.
        stop: set by another thread to end the run.

    Returns:
        The results of all students in ``out``, and a line for each submission that could not be
        graded through no fault of its own (these have no new result; the next run tries again).

    Raises:
        NoSandbox: there is none, and ``unsafe`` was not said.
        BoxFailed: an empty box cannot do what every hand-in must.
        OtherEngine: a worker's program, packages or data are not ours.
        KeyboardInterrupt: stopped; what was finished is stored.
    """
    deadline, stop = deadline or Deadline(), stop or threading.Event()
    out.mkdir(parents=True, exist_ok=True)
    hidden = tuple(path.resolve() for path in (submissions, out, source.parent))
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    threads = max(1, cores // jobs)
    setting = submission.setting(source, limits or Limits(), unsafe, threads, hidden)
    submission.forget()  # what an earlier run of this process prepared
    with filelock.FileLock(out / ".lock", timeout=0):
        here = submission.bench(setting)
        if here.box.bwrap and here.box.groups is None:
            say(NO_GROUPS)
        elif here.box.bwrap and cgroup.undelegated(here.box.groups):
            say(UNDELEGATED)
        found, left_out = handins.find(submissions, source.stem)
        for line in left_out:
            say(f"Not graded: {line}")
        if deadline.due and (untimed := sum(not handin.own_time for handin in found)):
            say(f"{untimed} hand-ins have no timestamp.txt: late is what the file's time says.")
        stored = map(load, sorted((out / "results").glob("[!.]*.json")))
        results = {result.student: result for result in stored if result}
        tasks = []
        for handin in found:
            known = results.get(handin.student)
            if known and (known.key, known.sha256) == (here.key, handin.sha256):
                known.timestamp = handin.timestamp.isoformat()
            else:
                tasks.append(submission.Task(setting, here.key, handin))
        if done := len(found) - len(tasks):
            say(f"{done} of {len(found)} were graded before and are unchanged.")
        try:
            failed = _grade(tasks, results, out, jobs, address, say, stop)
        finally:
            graded = sorted(results.values(), key=lambda result: result.student)
            files = {handin.student: handin.alarms for handin in found}
            alarms, wrong = _write_tables(out, here.assignment, graded, deadline, files)
    if others := sorted(results.keys() - files.keys()):
        say(
            f"{len(others)} earlier results of students who are not in this folder stay in the "
            f"tables ({', '.join(others[:5])}); to drop them, delete their files in {out}/results."
        )
    for student, lines in alarms.items():
        say(f"Look at {student}: {'; '.join(lines)}")
    for line in [*failed, *wrong]:
        say(f"NOT DONE, run again: {line}")
    return graded, failed + wrong


def _grade(
    tasks: list[submission.Task],
    results: dict[str, Result],
    out: Path,
    jobs: int,
    address: str,
    say: Callable[[str], None],
    stop: threading.Event,
) -> list[str]:
    """Have every task graded, here or on other machines, and store each result as it comes."""
    failed, start = [], time.monotonic()
    if not tasks:
        return failed
    if not address:
        submission.ready(tasks[0].setting)
    with scheduler.executor(jobs, address, tasks[0]) as pool:
        work = submission.grade if address else partial(submission.grade, stop=stop)
        futures = {pool.submit(work, task): task.handin for task in tasks}
        try:
            for future in tqdm(as_completed(futures), total=len(futures), unit="hand-in"):
                handin = futures[future]
                try:
                    result = future.result()
                    name = f"{handins.slug(handin.student)}.json"
                    outputs.write(out / "results" / name, result.dumps())
                    results[handin.student] = result
                except Exception as error:
                    failed.append(f"{handin.student}: {error or type(error).__name__}")
        except BaseException:
            stop.set()
            raise
    seconds = time.monotonic() - start
    done = len(tasks) - len(failed)
    say(f"Graded {done} in {seconds:.0f} s: {60 * done / seconds:.1f} a minute.")
    return failed


def _write_tables(
    out: Path,
    assignment: Assignment,
    results: list[Result],
    deadline: Deadline,
    files: dict[str, list[str]],
) -> tuple[dict[str, list[str]], list[str]]:
    """Write pages and tables from all results.

    Returns:
        The alarms by student (``files``: those of the files handed in), and what went wrong.
    """
    if not results:
        return {}, []
    alarms = outputs.alarms(results, files)
    try:
        rows = scores.read_rows(out / scores.BOOK)
        by_hand, other_files, refused = scores.given(rows, results)
        alarms = outputs.alarms(results, files, other_files)
        finals = [scores.final(one, by_hand.get(one.student, {}), deadline) for one in results]
        outputs.write(out / scores.BOOK, scores.laid_out(rows, assignment, results), "utf-8-sig")
        outputs.feedback(out, assignment, finals)
        outputs.reading(out, assignment, finals)
        outputs.table(out, assignment, finals, deadline, alarms)
        outputs.for_platforms(out, assignment, finals)
        outputs.for_moodle(out, finals)
    except Exception as error:
        return alarms, [f"the tables: {error}"]
    return alarms, refused


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("submissions", type=Path)
    parser.add_argument("--out", type=Path, default=ROOT / "grades")
    parser.add_argument("--source", type=Path, help="a notebook, for one that is no homework")
    parser.add_argument("--homework", default="", help="how its name begins: 09, 02h")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--due", type=datetime.fromisoformat, help="2026-12-01T23:59+09:00")
    parser.add_argument("--penalty", type=float, default=0.0, help="percent off for a day late")
    parser.add_argument("--scheduler", default="", help="tcp://address:8786 of a dask scheduler")
    parser.add_argument("--without-sandbox", action="store_true")
    given = parser.parse_args()
    if not given.submissions.is_dir():
        parser.error(f"no folder {given.submissions}: say make grade SUBMISSIONS=folder")
    if given.due and given.due.tzinfo is None:
        given.due = given.due.astimezone()  # the clock of this machine
    try:
        given.source = given.source or find(given.homework)
        given.deadline = Deadline(given.due, given.penalty)
    except ValueError as error:
        parser.error(str(error))
    return given


def main() -> None:
    sys.stdout.reconfigure(errors="backslashreplace")  # a name may hold what a terminal lacks
    given = _arguments()
    if os.environ.get("COURSE_DATA", "").strip() != "sample":  # nobody is graded on it unasked
        os.environ["COURSE_STRICT"] = "1"
    for ending in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, signal.default_int_handler)
    try:
        results, failed = grade_all(
            given.submissions,
            given.out,
            given.source,
            max(1, given.jobs),
            unsafe=given.without_sandbox,
            deadline=given.deadline,
            address=given.scheduler,
        )
    except (NoSandbox, BoxFailed, submission.OtherEngine, scheduler.NoScheduler) as error:
        raise SystemExit(str(error)) from None
    except fetch.DataUnavailable as error:
        raise SystemExit(f"No one was graded. {error}") from None
    except filelock.Timeout:
        raise SystemExit(f"Another run is grading into {given.out}: wait for it.") from None
    except OSError as error:
        raise SystemExit(f"Cannot grade into {given.out}: {error}") from None
    except KeyboardInterrupt:
        raise SystemExit("Stopped. What was graded is stored; run it again to go on.") from None
    told = "grades.csv, by_hand.csv, feedback/, reading.html"
    print(f"{len(results)} results in {given.out}: {told}")
    raise SystemExit(1 if failed else 0)


if __name__ == "__main__":
    main()
