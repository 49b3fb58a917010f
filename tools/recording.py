"""What a recorded notebook holds besides its text: the values it glued, and how it was run."""

import ast
import json
from typing import Any

from coursekit.report import GLUE
from nbformat import NotebookNode

from tools import lessons

# What tools/page_model.py made of a recording's model: the script a page runs, and Keras' answers.
MODELS = lessons.ROOT / "book" / "_static" / "models"
EXAMPLES = lessons.ROOT / "tests" / "models"


def values(notebook: NotebookNode) -> dict[str, Any]:
    """Every value that ``report.glue`` left in the outputs, by name.

    A derived page (see :func:`tools.lessons.is_derived`) keeps those of its source in its metadata.
    """
    kept = notebook.metadata.get("course", {}).get("values", {})
    return dict(kept) | {name: value for name, value in glued(notebook)}


def glued(notebook: NotebookNode) -> list[tuple[str, Any]]:
    """Every name and value that was glued, in order, repetitions too."""
    return [
        (output.metadata["scrapbook"]["name"], _value(output.data[GLUE + "text/plain"]))
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if "scrapbook" in output.get("metadata", {})
    ]


def _value(text: str) -> Any:
    """A stored value: JSON, or in older recordings what Python's ``repr`` made of it."""
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return ast.literal_eval(text)


def record(notebook: NotebookNode) -> dict[str, Any] | None:
    """What `make record` wrote down of its run, or None if there was none.

    ``code_sha256`` (see tools/stale.py), ``data`` (file -> sha256), ``versions``, ``cpu``,
    ``seconds``, and ``models`` (name -> sha256 of its script) where a page runs one.
    """
    return notebook.metadata.get("course", {}).get("record")
