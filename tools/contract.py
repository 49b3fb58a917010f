"""The numbers contract: what a recording holds, and what book/results.toml says of it."""

import ast
import hashlib
import json
import re
import statistics
from pathlib import Path
from typing import Any

import nbformat
import tomlkit

from tools.lessons import HIDDEN, LESSONS, ROOT, in_book, read, recording

RESULTS = ROOT / "book" / "results.toml"
GLUE = "application/papermill.record/"


def results() -> dict[str, Any]:
    """The contract's entries of the lessons that are in the book."""
    inside = {path.stem for path in in_book()}
    return {name: entry for name, entry in load().items() if name in inside}


def source_hash(notebook: nbformat.NotebookNode) -> str:
    """sha256 over the code cells; what is no part of a run (address, hidden tests) is left out."""
    code = [
        re.sub(r'(?m)^REPOSITORY = ".*"$', "REPOSITORY", HIDDEN.sub("", cell.source))
        for cell in notebook.cells
        if cell.cell_type == "code"
    ]
    text = json.dumps(code)
    return hashlib.sha256(text.encode()).hexdigest()


def glued(notebook: nbformat.NotebookNode) -> dict[str, Any]:
    """Every value that ``report.glue`` or ``report.say`` left in the outputs, by name."""
    values: dict[str, Any] = {}
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            name = output.get("metadata", {}).get("scrapbook", {}).get("name")
            if name is not None:
                values[name] = ast.literal_eval(output["data"][GLUE + "text/plain"])
    return values


def load() -> tomlkit.TOMLDocument:
    """book/results.toml, comments kept; keys are the notebooks' names."""
    return tomlkit.parse(RESULTS.read_text(encoding="utf-8"))


def save(document: tomlkit.TOMLDocument) -> None:
    RESULTS.write_text(tomlkit.dumps(document), encoding="utf-8")


def source_figure(name: str, entry: dict[str, Any]) -> tuple[float | None, str | None]:
    """The source figure to show for an entry, and the data that stood in for its own, if any.

    A source figure says nothing about other data: it does not stand beside a stand-in.
    """
    other = None
    if "stand_in" in entry:
        other = stand_in(read(recording(LESSONS / f"{name}.ipynb")), entry)
    return None if other else entry.get("source", {}).get("value"), other


def stand_in(notebook: nbformat.NotebookNode, entry: dict[str, Any]) -> str | None:
    """On what other data than its lesson is written for a recording was made; None if on that.

    An entry says so as ``stand_in = { for = "FILE", text = "…" }``: without FILE among the data of
    the recording, the lesson's page and the results page have to carry the text.
    """
    record = notebook.metadata.get("course", {}).get("record", {})
    if "stand_in" not in entry or entry["stand_in"]["for"] in record.get("data", {}):
        return None
    return entry["stand_in"]["text"]


def update_figures(path: Path) -> None:
    """Copy the recording's numbers of one lesson into book/results.toml."""
    document, values = load(), glued(read(path))
    entry = document.get(path.stem)
    if entry is None:
        return
    for row in [entry, *entry.get("compare", [])]:
        if row["value"] not in values:
            raise SystemExit(
                f"{path.name} glues no value {row['value']!r}, which results.toml names."
            )
        row["figure"] = round(values[row["value"]], 4)
    save(document)


def band(values: list[float]) -> tuple[float, float]:
    """Bounds for one more run: the mean plus and minus three standard deviations, at least 0.01."""
    mean = statistics.fmean(values)
    half = max(3 * statistics.stdev(values), 0.01)
    return round(mean - half, 4), round(mean + half, 4)
