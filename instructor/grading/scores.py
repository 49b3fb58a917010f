"""One final score: what the program gave, what people gave by hand, and what a day late costs.

People write into ``by_hand.csv``, in any spreadsheet; make grade lays out a row for every answer in
words, keeps what was written and reads it. Points by hand belong to the file they were given for.
"""

import csv
import io
import unicodedata
from dataclasses import dataclass, replace
from pathlib import Path

from grading.assignment import Assignment
from grading.handins import decoded
from grading.penalty import Deadline
from grading.result import Part, Result

COLUMNS = ("student", "part", "program", "most", "points", "comment", "file")
SIGN = 12  # characters of a file's hash that name it


@dataclass(frozen=True)
class ByHand:
    """What a person gave for one part: its points, if they are others, and words (Korean)."""

    points: float | None = None
    comment: str = ""


@dataclass(frozen=True)
class Final:
    """A result as everybody is to see it."""

    result: Result
    parts: list[Part]  # with the points given by hand in place of the program's
    by_hand: dict[str, ByHand]
    penalty: float

    @property
    def earned(self) -> float:
        return round(sum(part.points for part in self.parts), 2)

    @property
    def score(self) -> float:
        return round(self.earned - self.penalty, 2)


def final(result: Result, by_hand: dict[str, ByHand], deadline: Deadline) -> Final:
    """The only place where a score is made; the penalty is taken off all points earned."""
    parts = [
        part
        if (given := by_hand.get(part.check, ByHand())).points is None
        else replace(part, points=given.points)
        for part in result.parts
    ]
    earned = sum(part.points for part in parts)
    return Final(result, parts, by_hand, deadline.penalty(earned, result.when))


def read_rows(path: Path) -> list[dict[str, str]]:
    """The rows of by_hand.csv as they were saved; none where there is no file.

    Raises:
        ValueError: a column is missing.
    """
    if not path.exists():
        return []
    reader = csv.DictReader(decoded(path.read_bytes()).splitlines())
    if missing := {"student", "part", "points", "comment"} - set(reader.fieldnames or ()):
        raise ValueError(f"{path.name} lacks the columns {', '.join(sorted(missing))}")
    return [{name: (row.get(name) or "").strip() for name in COLUMNS} for row in reader]


def _by_name(results: list[Result]) -> dict[str, Result]:
    """Results by student, as the name is and as a spreadsheet has it."""
    return {name: result for result in results for name in (result.student, cell(result.student))}


def given(
    rows: list[dict[str, str]], results: list[Result]
) -> tuple[dict[str, dict[str, ByHand]], dict[str, list[str]], list[str]]:
    """What the rows say by student and part, alarms by student, and a line for each refused row."""
    by_name = _by_name(results)
    found, alarms, refused = {}, {}, []
    for number, row in enumerate(rows, 2):
        result = by_name.get(row["student"])
        if result is None or not (row["points"] or row["comment"]):
            continue
        part = next((part for part in result.parts if part.check == row["part"]), None)
        try:
            points = float(row["points"]) if row["points"] else None
        except ValueError:
            points = float("nan")
        if part is None or points is not None and not 0 <= points <= part.max:
            most = f"0 to {part.max:g}" if part else "there is no such part"
            refused.append(f"by_hand.csv, row {number}: {row['part']} {row['points']} ({most})")
        elif row["file"] and row["file"] != result.sha256[:SIGN]:
            if not any(is_for(other, row, result) and other["points"] for other in rows):
                line = (
                    f"points by hand for {row['part']} were given for another file: give them anew"
                )
                alarms.setdefault(result.student, []).append(line)
        else:
            own = found.setdefault(result.student, {})
            own[part.check] = ByHand(points, row["comment"])
    return found, alarms, refused


def is_for(other: dict[str, str], row: dict[str, str], result: Result) -> bool:
    """Whether another row is for the same student's same part, and for this very file."""
    same = (other["student"], other["part"]) == (row["student"], row["part"])
    return same and other["file"] == result.sha256[:SIGN]


def laid_out(rows: list[dict[str, str]], assignment: Assignment, results: list[Result]) -> str:
    """The text of by_hand.csv: what was written in it, and a row for each answer to be read."""
    by_name = _by_name(results)
    kept = [row for row in rows if row["points"] or row["comment"]]
    for row in kept:
        if (result := by_name.get(row["student"])) and not row["file"]:
            row["file"] = result.sha256[:SIGN]
    have = {(row["student"], row["part"], row["file"]) for row in kept}
    for result in results:
        parts = {part.check: part for part in result.parts}
        for check in assignment.checks:
            key = (cell(result.student), check.name, result.sha256[:SIGN])
            if check.prose and key not in have and check.name in parts:
                kept.append(dict(zip(COLUMNS, (*key[:2], "", "", "", "", key[2]), strict=True)))
    for row in kept:  # what the program gave is news, what a person wrote is not
        result = by_name.get(row["student"])
        for part in result.parts if result else ():
            if part.check == row["part"] and row["file"] == result.sha256[:SIGN]:
                row |= {"program": f"{part.points:g}", "most": f"{part.max:g}"}
    stream = io.StringIO(newline="")
    writer = csv.DictWriter(stream, COLUMNS)
    writer.writeheader()
    writer.writerows(sorted(kept, key=lambda row: (row["student"], row["part"])))
    return stream.getvalue()


def cell(text: str) -> str:
    """A spreadsheet must not take a student's name for a formula, however it is written."""
    first = unicodedata.normalize("NFKC", text.lstrip()[:1])
    return f"'{text}" if first in tuple("=+-@|") or text[:1] in ("\t", "\r", "\n") else text
