"""book/results.toml: what people decide about the numbers. The numbers stand in the recordings.

An entry names glued values by ``value``; a ``figure`` is a number from elsewhere, ``cite`` its key.
"""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import tomlkit

from tools import lessons, recording

FILE = lessons.ROOT / "book" / "results.toml"
# The baselines that an entry compares its network with, by their names.
RULE_OF_THUMB, MAJORITY, LINEAR = "상식 기준선", "다수 범주", "선형 기준선"


def bounds(values: Sequence[float]) -> tuple[float, float]:
    """Bounds for one more run: the mean plus and minus three standard deviations, at least 0.01."""
    mean = statistics.fmean(values)
    half = max(3 * statistics.stdev(values), 0.01)
    return round(mean - half, 4), round(mean + half, 4)


@dataclass(frozen=True)
class Row:
    """One lesson's line of results, with the numbers of its recording."""

    name: str  # of the notebook
    title: str
    metric: str
    scale: str
    ours: float
    seeds: list[float]  # what each seed gave
    compare: dict[str, float]
    source: float | None  # the source figure; None also where the data stood in for its own
    cite: str | None
    stand_in: str | None

    @property
    def band(self) -> tuple[float, float]:
        return bounds(self.seeds)


def load() -> tomlkit.TOMLDocument:
    """The file, comments kept; keys are the notebooks' names."""
    return tomlkit.parse(FILE.read_text(encoding="utf-8"))


def decided() -> dict[str, Any]:
    """The same as plain dictionaries, to be read only."""
    return _plain(FILE.read_text(encoding="utf-8"))


@cache
def _plain(text: str) -> dict[str, Any]:
    return tomlkit.parse(text).unwrap()


def save(document: tomlkit.TOMLDocument) -> None:
    FILE.write_text(tomlkit.dumps(document), encoding="utf-8")


def entries() -> dict[str, Any]:
    """The entries of the lessons that are in the book, in reading order."""
    everything = decided()
    return {p.stem: everything[p.stem] for p in lessons.in_book() if p.stem in everything}


def row(name: str, entry: dict[str, Any]) -> Row:
    """An entry beside the numbers of its recording.

    Raises:
        KeyError: the recording holds no value of a name that the entry gives.
    """
    notebook = lessons.read(lessons.recording(lessons.LESSONS / f"{name}.ipynb"))
    values = recording.values(notebook)
    other = stand_in(notebook, entry)
    source = {} if other else entry.get("source", {})
    return Row(
        name=name,
        title=entry["title"],
        metric=entry["metric"],
        scale=entry.get("scale", "정확도"),
        ours=values[entry["value"]],
        seeds=list(entry["band"]["values"]),
        compare={line["name"]: values[line["value"]] for line in entry.get("compare", [])},
        source=source.get("figure"),
        cite=source.get("cite"),
        stand_in=other,
    )


def stand_in(notebook: lessons.NotebookNode, entry: dict[str, Any]) -> str | None:
    """On what other data than its lesson is written for a recording was made; None if on that.

    An entry says so as ``stand_in = { for = "FILE", text = "…" }``: without FILE among the data of
    the recording, the lesson's page and the results page have to carry the text, and the source
    figure, which says nothing about other data, stands on neither.
    """
    if "stand_in" not in entry:
        return None
    data = (recording.record(notebook) or {}).get("data", {})
    return None if entry["stand_in"]["for"] in data else entry["stand_in"]["text"]
