"""What people get to see: feedback pages, the page of answers to read, the tables.

All of it is derived from the result files, so writing it again changes nothing.
"""

import csv
import io
import os
import zipfile
from pathlib import Path

import jinja2

from grading.assignment import Assignment
from grading.handins import slug, visible
from grading.penalty import Deadline
from grading.result import STOPPED, Result
from grading.scores import Final, cell

TEMPLATES = Path(__file__).parent
ALARM_MAX = 400  # characters


def write(path: Path, content: str | bytes, encoding: str = "utf-8") -> None:
    """Write a file whole or not at all; what is in it is nobody else's on this machine."""
    if isinstance(content, str):
        content = content.encode(encoding, "replace")
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".part-{path.name}")
    try:
        part.touch(0o600)
        part.write_bytes(content)
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def _render(name: str, **values) -> str:
    text = (TEMPLATES / name).read_text("utf-8")
    template = jinja2.Template(text, autoescape=True, undefined=jinja2.StrictUndefined)
    return template.render(**values)


def _page(out: Path, student: str) -> Path:
    return out / "feedback" / f"{slug(student)}.html"


def feedback(out: Path, assignment: Assignment, finals: list[Final]) -> None:
    """Write every student's page (Korean). It holds no check's code and no alarm."""
    for final in finals:
        words = {"title": assignment.title, "stopped": STOPPED.get(final.result.stopped)}
        text = _render("feedback.html.jinja", final=final, result=final.result, **words)
        write(_page(out, final.result.student), text)


def reading(out: Path, assignment: Assignment, finals: list[Final]) -> None:
    """Write one page with every answer in words, side by side, for the person who reads them."""
    text = _render(
        "reading.html.jinja",
        title=assignment.title,
        asked=[(name, check.name) for check in assignment.checks for name in check.prose],
        rubric=assignment.source.metadata.get("course", {}).get("rubric", {}),
        finals=finals,
        slug=slug,
    )
    write(out / "reading.html", text)


def alarms(results: list[Result], *more: dict[str, list[str]]) -> dict[str, list[str]]:
    """What the instructor should look at, by student: never points by itself.

    ``more``: of the files handed in, of points by hand. All of it is made visible text of one line:
    a student may have written a part of it.
    """
    found = {}
    for result in results:
        lines = result.alarms + [line for part in result.parts for line in part.alarms]
        lines += [line for told in more for line in told.get(result.student, ())]
        twins = [
            other
            for other in results  # an empty or unreadable file is no copy
            if other is not result and other.fingerprint == result.fingerprint is not None
        ]
        same = [other.student for other in twins if other.sha256 == result.sha256]
        like = [other.student for other in twins if other.sha256 != result.sha256]
        for words, others in (("same file as", same), ("same code as", like)):
            if others:
                rest = f" and {len(others) - 5} more" if len(others) > 5 else ""
                lines.append(f"{words} {', '.join(others[:5])}{rest}")
        if lines:
            found[result.student] = [visible(line)[:ALARM_MAX] for line in lines]
    return found


def table(
    out: Path,
    assignment: Assignment,
    finals: list[Final],
    deadline: Deadline,
    alarms: dict[str, list[str]],
) -> None:
    """Write grades.csv: nbgrader's columns, a column for each grade cell, state and alarms."""
    names = [check.name for check in assignment.checks]
    head = ["assignment", "duedate", "timestamp", "student_id", "raw_score"]
    head += ["late_submission_penalty", "score", "max_score", *names, "state", "alarms"]
    due = deadline.due.isoformat() if deadline.due else ""
    rows: list[list] = [head]
    for final in finals:
        result, points = final.result, {part.check: part.points for part in final.parts}
        rows.append(
            [assignment.name, due, result.timestamp, cell(result.student), final.earned]
            + [final.penalty, final.score, assignment.points]
            + [points.get(name, 0) for name in names]
            + [result.state, cell("; ".join(alarms.get(result.student, [])))]
        )
    write(out / "grades.csv", _csv(rows), "utf-8-sig")  # Excel knows Korean by the mark


def for_platforms(out: Path, assignment: Assignment, finals: list[Final]) -> None:
    """Write the final scores as Moodle and as Canvas import them."""
    moodle: list[list] = [["Username", assignment.name, "Feedback"]]
    canvas: list[list] = [["Student", "ID", "SIS Login ID", "Section", assignment.name]]
    canvas += [["    Points Possible", "", "", "", assignment.points]]
    for final in finals:
        result, student = final.result, cell(final.result.student)
        words = result.unreadable or "; ".join(
            f"{part.title} {part.points:g}/{part.max:g}" for part in final.parts
        )
        moodle.append([student, final.score, cell(words)])
        number = result.lms_id if result.lms == "canvas" else ""
        canvas.append([student, number, student, "", final.score])
    write(out / "moodle.csv", _csv(moodle))
    write(out / "canvas.csv", _csv(canvas))


def for_moodle(out: Path, finals: list[Final]) -> None:
    """Write the pages as Moodle takes them back ("several feedback files in a zip").

    Moodle knows a person by the number in the name, which must have the parts of a download.
    """
    path, stream = out / "feedback_moodle.zip", io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as zipped:
        for result in (final.result for final in finals if final.result.lms == "moodle"):
            name = slug(result.student).replace("_", " ")
            entry = f"{name}_{result.lms_id}_assignsubmission_file_쪽지.html"
            zipped.writestr(entry, _page(out, result.student).read_bytes())
    path.unlink(missing_ok=True)
    if zipped.namelist():
        write(path, stream.getvalue())


def _csv(rows: list[list]) -> str:
    stream = io.StringIO(newline="")
    csv.writer(stream).writerows(rows)
    return stream.getvalue()
