"""Small mends of what docutils, pandas and the bibliography write: axe finds nothing."""

import re

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
            raw.children = [nodes.Text(raw.astext().replace("<th></th>", "<td></td>"))]


SAID = (nodes.paragraph, nodes.citation, nodes.literal_block, nodes.caption)
OUTPUT = ("none", "myst-ansi")  # the languages of blocks that are no code
ENGLISH = re.compile(r"(?:[A-Za-z'’]+[ ,.;:!?]+){3}")  # three words one after the other


def is_english(text: str) -> bool:
    return bool(ENGLISH.search(text)) and not re.search("[ㄱ-ㅎ가-힣]", text)


def english_cell(cell: re.Match) -> str:
    return f'<td lang="en">{cell[1]}<' if is_english(cell[1]) else cell[0]


def mark_english(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Say of English text that it is English: docutils makes ``lang`` of a class of this name."""
    for node in doctree.findall(lambda node: isinstance(node, SAID)):
        if isinstance(node, nodes.literal_block) and node.get("language") not in OUTPUT:
            continue  # code
        if is_english(node.astext()):
            node["classes"].append("language-en")
    for raw in doctree.findall(nodes.raw):
        if raw.get("format") == "html":
            text = re.sub(r"<td>([^<]+)<", english_cell, raw.astext())
            raw.children = [nodes.Text(text)]


# Two gaps in a line, a row of numbers, a bar: what stands below each other must stay so.
COLUMNS = re.compile(r"(?m)\S {2,}\S.* {2,}\S|^ ?\[[-\d. ]+\]|\t|█")


def mark_columns(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Say of printed lines that they are columns: on a phone these scroll, others wrap."""
    for block in doctree.findall(nodes.literal_block):
        if "stream" in block["classes"] and COLUMNS.search(block.astext()):
            block["classes"].append("in-columns")


def visit_citation(self, node: nodes.citation) -> None:
    # docutils gives roles of a list that its own children break.
    self.body.append(self.starttag(node, "div", CLASS="citation"))


def depart_citation(self, node: nodes.citation) -> None:
    self.body.append("</div>\n")


def setup(app: Sphinx) -> dict:
    for mend in (name_empty_headers, mark_english, mark_columns):  # the search index has its text
        app.connect("doctree-resolved", mend, priority=550)
    app.add_node(nodes.citation, override=True, html=(visit_citation, depart_citation))
    return {"parallel_read_safe": True}
