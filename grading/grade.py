"""make grade: grade every notebook in a folder, each in a sandbox of its own.

What it leaves in the folder OUT (grades/): results/ (one file a student, the only truth; a second
run goes on where the first one stopped), feedback/ (a page a student), grades.csv and gradebook.db
(nbgrader's). Alarms are for the instructor: they stand in the CSV and on the screen only.
"""

import argparse
import hashlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path

import filelock
from tqdm import tqdm

from grading import handins, material, notebooks, outputs, sandbox
from grading.handins import HandIn
from grading.notebooks import Assignment
from tools.lessons import ROOT

SOURCE = ROOT / "lessons" / "homework" / "09_nsmc_homework.ipynb"
JUDGE = Path(__file__).parent / "judge.py"
JUDGE_SECONDS = 300
STOPPED = {
    "time": "시간 제한을 넘겨 실행을 멈추었습니다.",
    "memory": "메모리 제한을 넘겨 실행을 멈추었습니다.",
    "processes": "프로세스를 너무 많이 만들어 실행을 멈추었습니다.",
    "output": "출력이 너무 길어 실행을 멈추었습니다.",
    "results": "채점에 넘긴 값이 너무 커서 실행을 멈추었습니다.",
    "died": "실행하던 프로세스가 중간에 끝났습니다.",
}


@dataclass(frozen=True)
class Run:
    """What is the same for every submission of one run."""

    assignment: Assignment
    course: Path
    documents: dict[str, list[str]]
    truth: Path
    limits: sandbox.Limits
    bwrap: str | None
    threads: int
    out: Path
    stop: threading.Event

    @cached_property
    def truth_sha256(self) -> str:
        return hashlib.sha256(self.truth.read_bytes()).hexdigest()


def grade(run: Run, handin: HandIn) -> dict:
    """Grade one submission and store its result; see the module's text for where."""
    result = {
        "student": handin.student,
        "file": handins.shown(handin.path.name),
        "timestamp": handin.timestamp.isoformat(),
        "sha256": handin.sha256,
        "key": key(run, handin),
        "fingerprint": None,
        "unreadable": "",
        "stopped": "",
        "notes": [],
        "errors": [],
        "alarms": [],
        "seconds": 0.0,
    }
    handed_in = b""
    try:
        notebook, result["notes"] = notebooks.decode(handin.content)
        cells, notes = notebooks.restore(run.assignment, notebook)
        result["notes"] += notes
        result["fingerprint"] = notebooks.fingerprint(run.assignment, cells)
    except notebooks.Unreadable as error:
        result["unreadable"] = str(error)
        cells = []
    if result["fingerprint"]:  # an untouched copy need not run
        job = {
            "cells": cells,
            "documents": run.documents,
            "limits": asdict(run.limits),
            "sandboxed": run.bwrap is not None,
        }
        outcome = sandbox.run(job, run.course, run.limits, run.bwrap, run.threads, run.stop)
        handed_in, result["stopped"] = outcome.handed_in, outcome.stopped
        result["seconds"] = round(outcome.seconds, 1)
    elif not result["unreadable"]:
        result["notes"].append("나누어 준 노트북과 같습니다. 채운 칸이 없습니다.")
    verdict = judge(run, handed_in)
    result["checks"] = [
        {name: check[name] for name in ("check", "title", "points", "max", "message")}
        for check in verdict["checks"]
    ]
    result["alarms"] = [line for check in verdict["checks"] for line in check["alarms"]]
    if result["fingerprint"] and not verdict["finished"] and not result["stopped"]:
        result["stopped"] = "died"
    for number, text in verdict["errors"].items():
        if text and 0 <= int(number) < len(cells):
            head = cells[int(number)]["source"].strip().splitlines()[:1]
            result["errors"].append({"cell": (head or [""])[0][:120], "text": text[:2000]})
    result["points"] = round(sum(check["points"] for check in result["checks"]), 2)
    result["max"] = run.assignment.points
    result["stopped_words"] = STOPPED.get(result["stopped"], "")
    outputs.feedback(run.out / "feedback" / f"{handin.slug}.html", run.assignment, result)
    text = json.dumps(result, ensure_ascii=False, indent=1)
    outputs.write(run.out / "results" / f"{handin.slug}.json", text)
    return result


def key(run: Run, handin: HandIn) -> str:
    """What a result depends on: a result with another key is graded again."""
    parts = [handin.sha256, run.assignment.sha256, run.truth_sha256]
    parts += [repr(run.limits), str(run.bwrap is None)]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def judge(run: Run, handed_in: bytes) -> dict:
    """Run the hidden checks on what came out, in a process in which no student's code ever ran."""
    with tempfile.NamedTemporaryFile() as stream:
        stream.write(handed_in)
        stream.flush()
        checks = [asdict(check) for check in run.assignment.checks]
        job = {"checks": checks, "truth": str(run.truth), "handed_in": stream.name}
        process = subprocess.run(
            [sys.executable, str(JUDGE)],
            input=json.dumps(job),
            capture_output=True,
            text=True,
            timeout=JUDGE_SECONDS,
        )
    if process.returncode:
        raise RuntimeError(f"the checks failed themselves: {process.stderr.strip()[-800:]}")
    return json.loads(process.stdout)


def stored(run: Run, handin: HandIn) -> dict | None:
    """The result of an earlier run, if it is of this very file, assignment and engine."""
    path = run.out / "results" / f"{handin.slug}.json"
    try:
        result = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return None
    fresh = isinstance(result, dict) and result.get("key") == key(run, handin)
    return result | {"timestamp": handin.timestamp.isoformat()} if fresh else None


def grade_all(
    submissions: Path,
    out: Path,
    source: Path = SOURCE,
    jobs: int = 2,
    limits: sandbox.Limits | None = None,
    unsafe: bool = False,
    due: datetime | None = None,
    percent: float = 0.0,
    say: Callable[[str], None] = print,
    stop: threading.Event | None = None,
) -> tuple[list[dict], list[str]]:
    """Grade a folder.

    Returns:
        The results of all students, and a line for each submission that could not be graded
        through no fault of its own (none of these has a result; the next run tries again).

    Raises:
        NoSandbox: there is none, and ``unsafe`` was not said.
        KeyboardInterrupt: stopped; what was finished is stored.
    """
    assignment = notebooks.read_assignment(source)
    bwrap = None if unsafe else sandbox.find_bwrap()
    found, left_out = handins.find(submissions, assignment.name)
    for line in left_out:
        say(f"Not graded: {line}")
    limits = limits or replace(sandbox.Limits(), **assignment.settings.get("limits", {}))
    out.mkdir(parents=True, exist_ok=True)
    stop = stop or threading.Event()
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    with (
        filelock.FileLock(out / ".lock", timeout=0),
        tempfile.TemporaryDirectory(prefix="grading-") as folder,
    ):
        course, documents, truth = material.prepare(Path(folder))
        threads = max(1, cores // jobs)
        run = Run(assignment, course, documents, truth, limits, bwrap, threads, out, stop)
        results = {handin.student: stored(run, handin) for handin in found}
        todo = [handin for handin in found if results[handin.student] is None]
        if done := len(found) - len(todo):
            say(f"{done} of {len(found)} were graded before and are unchanged.")
        failed, start = [], time.monotonic()
        pool = ThreadPoolExecutor(jobs)
        futures = {pool.submit(grade, run, handin): handin for handin in todo}
        try:
            for future in tqdm(as_completed(futures), total=len(futures), unit="hand-in"):
                handin = futures[future]
                try:
                    results[handin.student] = future.result()
                except Exception as error:
                    failed.append(f"{handin.student}: {error}")
        except BaseException:
            stop.set()
            raise
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
            graded = [result for result in results.values() if result is not None]
            outputs.table(out / "grades.csv", assignment, graded, due, percent)
            outputs.gradebook(out / "gradebook.db", assignment, graded, due, percent)
        seconds = time.monotonic() - start
    if todo:
        rate = 60 * len(todo) / seconds
        say(f"Graded {len(todo) - len(failed)} in {seconds:.0f} s: {rate:.1f} a minute.")
    for student, lines in outputs.alarms(graded).items():
        say(f"Look at {student}: {'; '.join(lines)}")
    for line in failed:
        say(f"NOT GRADED, run again: {line}")
    return graded, failed


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("submissions", type=Path)
    parser.add_argument("--out", type=Path, default=ROOT / "grades")
    parser.add_argument("--source", type=Path, default=SOURCE)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--seconds", type=float, help="limit for one submission")
    parser.add_argument("--due", type=datetime.fromisoformat, help="2026-12-01T23:59+09:00")
    parser.add_argument("--penalty", type=float, default=0.0, help="percent off for a day late")
    parser.add_argument("--without-sandbox", action="store_true")
    given = parser.parse_args()
    if not given.submissions.is_dir():
        raise SystemExit(f"No folder {given.submissions}: say make grade SUBMISSIONS=folder")
    if given.due and given.due.tzinfo is None:
        given.due = given.due.astimezone()  # the clock of this machine
    limits = None
    if given.seconds:
        limits = replace(sandbox.Limits(), seconds=given.seconds, cell_seconds=given.seconds)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        results, failed = grade_all(
            given.submissions,
            given.out,
            given.source,
            max(1, given.jobs),
            limits,
            given.without_sandbox,
            given.due,
            given.penalty,
        )
    except sandbox.NoSandbox as error:
        raise SystemExit(str(error)) from None
    except filelock.Timeout:
        raise SystemExit(f"Another run is grading into {given.out}: wait for it.") from None
    except KeyboardInterrupt:
        raise SystemExit("Stopped. What was graded is stored; run it again to go on.") from None
    print(f"{len(results)} results in {given.out}: grades.csv, gradebook.db, feedback/")
    if failed:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
