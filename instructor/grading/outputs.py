"""What people get to see: feedback pages, the page of answers to read, the tables.

All of it is derived from the result files, so writing it again changes nothing.
"""

import contextlib
import csv
import io
import os
import tempfile
import zipfile
from collections import defaultdict
from pathlib import Path

import jinja2

from grading.assignment import Assignment
from grading.handins import slug, visible
from grading.penalty import Deadline
from grading.result import Result
from grading.scores import Final, cell

TEMPLATES = Path(__file__).parent
ALARM_MAX = 400  # characters


def write(path: Path, content: str | bytes, encoding: str = "utf-8") -> None:
    """Write a file whole or not at all."""
    if isinstance(content, str):
        content = content.encode(encoding, "replace")
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".part-")
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
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


def feedback(folder: Path, assignment: Assignment, finals: list[Final]) -> None:
    """Write every student's page (Korean). It holds no check's code and no alarm."""
    page = _template("feedback.html.jinja")
    for final in finals:
        text = page.render(title=assignment.title, final=final, result=final.result)
        path = folder / f"{slug(final.result.student)}.html"
        if not path.exists() or path.read_text("utf-8") != text:
            write(path, text)


def reading(path: Path, assignment: Assignment, finals: list[Final]) -> None:
    """Write one page with every answer in words, side by side, for the person who reads them."""
    text = _template("reading.html.jinja").render(
        title=assignment.title,
        asked=[(name, check.name) for check in assignment.checks for name in check.prose],
        rubric=assignment.source.metadata.get("course", {}).get("rubric", {}),
        finals=sorted(finals, key=lambda final: final.result.student),
        slug=slug,
    )
    write(path, text)


def alarms(results: list[Result], *more: dict[str, list[str]]) -> dict[str, list[str]]:
    """What the instructor should look at, by student: never points by itself.

    ``more``: of the files handed in, of points by hand. All of it is made visible text of one line:
    a student may have written a part of it.
    """
    found = {result.student: list(result.every_alarm) for result in results}
    for lines in more:
        for student in found.keys() & lines.keys():
            found[student] += lines[student]
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
                    rest = f" and {len(others) - 5} more" if len(others) > 5 else ""
                    found[student].append(f"{words} {', '.join(others[:5])}{rest}")
    return {
        student: [visible(line)[:ALARM_MAX] for line in lines]
        for student, lines in found.items()
        if lines
    }


def table(
    path: Path,
    assignment: Assignment,
    finals: list[Final],
    deadline: Deadline,
    alarms: dict[str, list[str]],
) -> None:
    """Write the CSV: nbgrader's columns, a column for each grade cell, state and alarms."""
    names = [check.name for check in assignment.checks]
    head = ["assignment", "duedate", "timestamp", "student_id", "raw_score"]
    head += ["late_submission_penalty", "score", "max_score", *names, "state", "alarms"]
    rows: list[list] = [head]
    due = deadline.due.isoformat() if deadline.due else ""
    for final in sorted(finals, key=lambda final: final.result.student):
        result, points = final.result, {part.check: part.points for part in final.parts}
        rows.append(
            [assignment.name, due, result.timestamp, cell(result.student), final.earned]
            + [final.penalty, final.score, assignment.points]
            + [points.get(name, 0) for name in names]
            + [result.state, cell("; ".join(alarms.get(result.student, [])))]
        )
    write(path, _csv(rows), "utf-8-sig")  # Excel knows Korean by the mark


def for_platforms(folder: Path, assignment: Assignment, finals: list[Final]) -> None:
    """Write the final scores as Moodle and as Canvas import them."""
    moodle: list[list] = [["Username", assignment.name, "Feedback"]]
    canvas: list[list] = [["Student", "ID", "SIS Login ID", "Section", assignment.name]]
    canvas += [["    Points Possible", "", "", "", assignment.points]]
    for final in sorted(finals, key=lambda final: final.result.student):
        result, student = final.result, cell(final.result.student)
        words = result.unreadable or "; ".join(
            f"{part.title} {part.points:g}/{part.max:g}" for part in final.parts
        )
        moodle.append([student, final.score, cell(words)])
        number = result.lms_id if result.lms == "canvas" else ""
        canvas.append([student, number, student, "", final.score])
    write(folder / "moodle.csv", _csv(moodle), "utf-8")
    write(folder / "canvas.csv", _csv(canvas), "utf-8")


def for_moodle(path: Path, pages: Path, finals: list[Final]) -> None:
    """Write the pages as Moodle takes them back ("several feedback files in a zip").

    Moodle knows a person by the number in the name, which must have the parts of a download.
    """
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as zipped:
        for result in sorted((final.result for final in finals), key=lambda r: r.student):
            if result.lms == "moodle":
                name = slug(result.student).replace("_", " ")
                entry = zipfile.ZipInfo(f"{name}_{result.lms_id}_assignsubmission_file_쪽지.html")
                zipped.writestr(entry, (pages / f"{slug(result.student)}.html").read_bytes())
    if not zipped.namelist():
        path.unlink(missing_ok=True)
    elif not path.exists() or path.read_bytes() != stream.getvalue():
        write(path, stream.getvalue())


def _csv(rows: list[list]) -> str:
    stream = io.StringIO(newline="")
    csv.writer(stream).writerows(rows)
    return stream.getvalue()
