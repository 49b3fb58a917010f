"""book/results.toml: what people decide about the numbers. The numbers stand in the recordings.

An entry names glued values by ``value``; a ``figure`` is a number from elsewhere, ``cite`` its key.
"""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomlkit

from tools.lessons import Course

FILE = Path("book", "results.toml")
# The baselines that an entry compares its network with, by their names.
RULE_OF_THUMB, MAJORITY, LINEAR = "상식 기준선", "다수 범주", "선형 기준선"


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
    source: float | None  # the source figure
    cite: str | None

    @property
    def band(self) -> tuple[float, float]:
        return bounds(self.seeds)

    @property
    def mean(self) -> float:
        return statistics.fmean(self.seeds)


def bounds(values: Sequence[float]) -> tuple[float, float]:
    """Bounds for one more run: the mean plus and minus three standard deviations, at least 0.01.

    >>> bounds([0.5, 0.5, 0.6])
    (0.3601, 0.7065)
    >>> bounds([0.5, 0.5, 0.5])
    (0.49, 0.51)
    """
    mean = statistics.fmean(values)
    half = max(3 * statistics.stdev(values), 0.01)
    return round(mean - half, 4), round(mean + half, 4)


def load(course: Course) -> tomlkit.TOMLDocument:
    """The file, comments kept; keys are the notebooks' names."""
    return tomlkit.parse((course.root / FILE).read_text(encoding="utf-8"))


def entries(course: Course) -> dict[str, Any]:
    """The entries as plain dictionaries."""
    return load(course).unwrap()


def rows(course: Course) -> list[Row]:
    """A row for each lesson of the book that has an entry, in reading order.

    Raises:
        KeyError: a recording holds no value of a name that its entry gives.
    """
    decided = entries(course)
    return [
        Row(
            name=lesson.name,
            title=entry["title"],
            metric=entry["metric"],
            scale=entry.get("scale", "정확도"),
            ours=lesson.values[entry["value"]],
            seeds=entry["band"]["values"],
            compare={one["name"]: lesson.values[one["value"]] for one in entry.get("compare", [])},
            source=entry.get("source", {}).get("figure"),
            cite=entry.get("source", {}).get("cite"),
        )
        for lesson in course.lessons()
        if (entry := decided.get(lesson.name))
    ]
