"""Small mends of what docutils, pandas and the bibliography write, so that axe finds nothing."""

from docutils import nodes
from sphinx.application import Sphinx


def name_empty_headers(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """A table's corner is empty: a screen reader gets a word, a DataFrame's corner is no header."""
    for head in doctree.findall(nodes.thead):
        for entry in head.findall(nodes.entry):
            if not entry.astext().strip():
                hidden = nodes.inline(text="구분", classes=["visually-hidden"])
                entry.children = [nodes.paragraph("", "", hidden)]
    for raw in doctree.findall(nodes.raw):
        if "<th></th>" in raw.astext():
            text = raw.astext().replace("<th></th>", "<td></td>")
            raw.children = [nodes.Text(text)]
            raw.rawsource = text


def visit_citation(self, node: nodes.citation) -> None:
    # docutils gives roles of a list that its own children break.
    self.body.append(self.starttag(node, "div", CLASS="citation"))


def depart_citation(self, node: nodes.citation) -> None:
    self.body.append("</div>\n")


def setup(app: Sphinx) -> dict:
    app.connect(
        "doctree-resolved", name_empty_headers, priority=550
    )  # the search index has its text
    app.add_node(nodes.citation, override=True, html=(visit_citation, depart_citation))
    return {"parallel_read_safe": True}
