"""What people get to see: feedback pages, the page of answers to read, the tables.

All of it is derived from the result files, so writing it again changes nothing.
"""

import contextlib
import csv
import io
import os
import tempfile
import unicodedata
from collections import defaultdict
from pathlib import Path

import jinja2

from grading.assignment import Assignment
from grading.handins import slug
from grading.penalty import Deadline
from grading.result import Result

TEMPLATES = Path(__file__).parent


def write(path: Path, text: str, encoding: str = "utf-8") -> None:
    """Write a file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".part-")
    try:
        with os.fdopen(descriptor, "w", encoding=encoding, newline="", errors="replace") as stream:
            stream.write(text)
        os.replace(name, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise


def _template(name: str) -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES), autoescape=True, undefined=jinja2.StrictUndefined
    )
    return environment.get_template(name)


def feedback(folder: Path, assignment: Assignment, results: list[Result]) -> None:
    """Write every student's page (Korean). It holds no check's code and no alarm."""
    page = _template("feedback.html.jinja")
    for result in results:
        text = page.render(title=assignment.title, result=result)
        path = folder / f"{slug(result.student)}.html"
        if not path.exists() or path.read_text("utf-8") != text:
            write(path, text)


def reading(path: Path, assignment: Assignment, results: list[Result]) -> None:
    """Write one page with every answer in words, side by side, for the person who reads them."""
    names = [name for check in assignment.checks for name in check.prose]
    page = _template("reading.html.jinja")
    write(
        path,
        page.render(
            title=assignment.title,
            names=names,
            rubric=assignment.source.metadata.get("course", {}).get("rubric", {}),
            results=sorted(results, key=lambda result: result.student),
            slug=slug,
        ),
    )


def alarms(results: list[Result]) -> dict[str, list[str]]:
    """What the instructor should look at, by student: never points by itself."""
    found = {result.student: list(result.alarms) for result in results}
    told = defaultdict(set)
    for field, words in (("sha256", "same file as"), ("fingerprint", "same code as")):
        groups = defaultdict(list)
        for result in results:
            if result.fingerprint:  # an empty or unreadable file is no copy
                groups[getattr(result, field)].append(result.student)
        for students in groups.values():
            for student in students if len(students) > 1 else ():
                others = [o for o in students if o != student and o not in told[student]]
                told[student] |= set(others)
                if others:
                    more = f" and {len(others) - 5} more" if len(others) > 5 else ""
                    found[student].append(f"{words} {', '.join(others[:5])}{more}")
    return {student: lines for student, lines in found.items() if lines}


def table(path: Path, assignment: Assignment, results: list[Result], deadline: Deadline) -> None:
    """Write the CSV: nbgrader's columns, a column for each grade cell, state and alarms."""
    alarm = alarms(results)
    names = [check.name for check in assignment.checks]
    head = ["assignment", "duedate", "timestamp", "student_id", "raw_score"]
    head += ["late_submission_penalty", "score", "max_score", *names, "state", "alarms"]
    rows = [head]
    due = deadline.due.isoformat() if deadline.due else ""
    for result in sorted(results, key=lambda result: result.student):
        off = deadline.penalty(result.points, result.when)
        points = {part.check: part.points for part in result.parts}
        rows.append(
            [assignment.name, due, result.timestamp, cell(result.student), result.points, off]
            + [round(result.points - off, 2), assignment.points]
            + [points.get(name, 0) for name in names]
            + [result.state, cell("; ".join(alarm.get(result.student, [])))]
        )
    write(path, _csv(rows), "utf-8-sig")  # Excel knows Korean by the mark


def for_platforms(
    folder: Path,
    assignment: Assignment,
    results: list[Result],
    deadline: Deadline,
    by_hand: dict[str, float],
) -> None:
    """Write the scores as Moodle and as Canvas import them, points given by hand included."""
    moodle = [["Username", assignment.name, "Feedback"]]
    canvas = [["Student", "ID", "SIS Login ID", "Section", assignment.name]]
    canvas += [["    Points Possible", "", "", "", assignment.points]]
    for result in sorted(results, key=lambda result: result.student):
        earned = result.points + by_hand.get(result.student, 0)
        score = round(max(0.0, earned - deadline.penalty(result.points, result.when)), 2)
        words = result.unreadable or "; ".join(
            f"{part.title} {part.points:g}/{part.max:g}" for part in result.parts
        )
        student = cell(result.student)
        moodle.append([student, score, cell(words)])
        canvas.append([student, "", student, "", score])
    write(folder / "moodle.csv", _csv(moodle), "utf-8")
    write(folder / "canvas.csv", _csv(canvas), "utf-8")


def _csv(rows: list[list]) -> str:
    stream = io.StringIO(newline="")
    csv.writer(stream).writerows(rows)
    return stream.getvalue()


def cell(text: str) -> str:
    """A spreadsheet must not take a student's name for a formula, however it is written."""
    first = unicodedata.normalize("NFKC", text.lstrip()[:1])
    return f"'{text}" if first in tuple("=+-@|") or text[:1] in ("\t", "\r", "\n") else text
