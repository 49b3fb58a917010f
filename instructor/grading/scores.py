"""One final score: what the program gave, what people gave by hand, and what a day late costs.

People write into ``by_hand.csv``, in any spreadsheet; make grade lays out a row for every answer in
words, keeps what was written and reads it. Points by hand belong to the file they were given for.
"""

import csv
import io
import unicodedata
from collections import defaultdict
from dataclasses import dataclass, replace
from pathlib import Path

from grading.assignment import Assignment
from grading.handins import table_text
from grading.penalty import Deadline
from grading.result import Part, Result

BOOK = "by_hand.csv"
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
    points = {name: given.points for name, given in by_hand.items() if given.points is not None}
    parts = [replace(part, points=points.get(part.check, part.points)) for part in result.parts]
    earned = sum(part.points for part in parts)
    return Final(result, parts, by_hand, deadline.penalty(earned, result.when))


def read_rows(path: Path) -> list[dict[str, str]]:
    """The rows of by_hand.csv as they were saved; none where there is no file.

    Raises:
        ValueError: a column is missing.
    """
    if not path.exists():
        return []
    reader = csv.DictReader(table_text(path))
    if missing := {"student", "part", "points", "comment"} - set(reader.fieldnames or ()):
        raise ValueError(f"{path.name} lacks the columns {', '.join(sorted(missing))}")
    rows = [{name: (row.get(name) or "").strip() for name in COLUMNS} for row in reader]
    return [row | {"student": cell(row["student"])} for row in rows]


def given(
    rows: list[dict[str, str]], results: list[Result]
) -> tuple[dict[str, dict[str, ByHand]], dict[str, list[str]], list[str]]:
    """What the rows say by student and part, alarms by student, and a line for each refused row."""
    by_name = {cell(result.student): result for result in results}
    anew = {(row["student"], row["part"], row["file"]) for row in rows if row["points"]}
    found, alarms, refused = defaultdict(dict), defaultdict(list), []
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
        elif row["file"] in ("", own := result.sha256[:SIGN]):
            found[result.student][part.check] = ByHand(points, row["comment"])
        elif (row["student"], row["part"], own) not in anew:
            for_another = f"points by hand for {row['part']} were given for another file"
            alarms[result.student].append(f"{for_another}: give them anew")
    return found, alarms, refused


def laid_out(rows: list[dict[str, str]], assignment: Assignment, results: list[Result]) -> str:
    """The text of by_hand.csv: what was written in it, and a row for each answer to be read."""
    signs = {cell(result.student): result.sha256[:SIGN] for result in results}
    kept = [
        row | {"file": row["file"] or signs.get(row["student"], "")}
        for row in rows
        if row["points"] or row["comment"]
    ]
    parts = {
        (name, part.check, signs[name]): part
        for result in results
        for name in [cell(result.student)]
        for part in result.parts
    }
    have = {(row["student"], row["part"], row["file"]) for row in kept}
    read = {check.name for check in assignment.checks if check.prose}
    for student, check, file in parts.keys() - have:
        if check in read:
            new = {"student": student, "part": check, "file": file}
            kept.append(dict.fromkeys(COLUMNS, "") | new)
    for row in kept:  # what the program gave is news, what a person wrote is not
        if part := parts.get((row["student"], row["part"], row["file"])):
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
