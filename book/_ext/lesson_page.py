"""Gives each picture of a lesson the alternative text that ``coursekit.plots.show`` stored."""

from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

from tools import lessons


def alternative_texts(path: Path) -> list[str]:
    """The texts of a notebook's pictures, in order."""
    return [
        output.metadata.get("image/png", {}).get("alt", "")
        for cell in lessons.read(path).cells
        for output in cell.get("outputs", [])
        if "image/png" in output.get("data", {})
    ]


def set_alternative_texts(app: Sphinx, doctree: nodes.document) -> None:
    path = lessons.ROOT / f"{app.env.docname}.ipynb"
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
    app.connect("doctree-read", set_alternative_texts)
    return {"parallel_read_safe": True}
