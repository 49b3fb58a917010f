"""Gives each picture of a lesson the alternative text that ``coursekit.plots.show`` stored."""

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

from tools.lessons import COURSE, Lesson


def alternative_texts(lesson: Lesson) -> list[str]:
    """The texts of the pictures on a lesson's page, in order."""
    return [picture.metadata.get("image/png", {}).get("alt", "") for picture in lesson.pictures]


def set_alternative_texts(app: Sphinx, doctree: nodes.document) -> None:
    page = COURSE.root / f"{app.env.docname}.ipynb"
    if not page.exists():
        return
    pictures = [
        node
        for node in doctree.findall(nodes.image)
        if "jupyter_execute" in node["uri"] and node["uri"].endswith(".png")
    ]
    texts = alternative_texts(COURSE.read(page))
    if len(pictures) != len(texts):
        raise ExtensionError(
            f"{page.name}: {len(pictures)} pictures on the page, {len(texts)} stored"
        )
    for node, text in zip(pictures, texts, strict=True):
        node["alt"] = text


def setup(app: Sphinx) -> dict:
    app.connect("doctree-read", set_alternative_texts)
    return {"parallel_read_safe": True}
