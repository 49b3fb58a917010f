"""A lesson's page shows its recording: no outputs, an error output or a stale one stop the build.

Also gives each picture the alternative text that ``coursekit.plots.show`` stored with it.
"""

import sys
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))
import contract


def problems(path: Path) -> list[str]:
    """What keeps this notebook from being a page, a line each, with what to do."""
    notebook = contract.read(contract.recording(path))
    again = f"run `make record LESSON={path.name[:2]}`"
    record = notebook.metadata.get("course", {}).get("record")
    if record is None:
        return [f"{path.name} was never recorded: {again}"]
    found = []
    if record["source_sha256"] != contract.source_hash(notebook):
        found.append(f"{path.name}: a code cell has changed since its recording: {again}")
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    counts = [cell.execution_count for cell in code if cell.source.strip()]
    if counts != list(range(1, len(counts) + 1)):
        found.append(f"{path.name}: cells did not run once each, in order: {again}")
    if any(output.output_type == "error" for cell in code for output in cell.outputs):
        found.append(f"{path.name} carries an error output: mend the cell, then {again}")
    return found


def all_problems() -> list[str]:
    """The problems of every lesson in the book."""
    return [line for path in contract.lessons() for line in problems(path)]


def check(app: Sphinx) -> None:
    if found := all_problems():
        raise ExtensionError("\n".join(found))


def alternative_texts(path: Path) -> list[str]:
    """The texts of a notebook's pictures, in order."""
    return [
        output.metadata.get("image/png", {}).get("alt", "")
        for cell in contract.read(path).cells
        for output in cell.get("outputs", [])
        if "image/png" in output.get("data", {})
    ]


def set_alternative_texts(app: Sphinx, doctree: nodes.document) -> None:
    path = contract.ROOT / f"{app.env.docname}.ipynb"
    if not path.exists():
        return
    pictures = [
        node
        for node in doctree.findall(nodes.image)
        if "jupyter_execute" in node["uri"] and node["uri"].endswith(".png")
    ]
    texts = alternative_texts(path)
    if len(pictures) != len(texts):
        raise ExtensionError(
            f"{path.name}: {len(pictures)} pictures on the page, {len(texts)} stored"
        )
    for node, text in zip(pictures, texts, strict=True):
        node["alt"] = text


def setup(app: Sphinx) -> dict:
    app.connect("builder-inited", check)
    app.connect("doctree-read", set_alternative_texts)
    return {"parallel_read_safe": True}
