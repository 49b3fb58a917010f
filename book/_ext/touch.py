"""The ``{touch}`` directive: a piece that a reader can try, with a plain table until a script runs.

    ```{touch} powers
    {rate: 0.7, steps: 110, at: 50}
    ```

The body (YAML) is what the piece starts from. The same values make the table below it, in Python
(touch_tables.py), which stands where there is no JavaScript. Scripts and style sheet, a small file
a piece in book/_static/touch/, come with the pages that have a piece and with no other.

In a lesson the body is a sentence for those who read it in Jupyter, where there is no piece; the
book shows the piece of book/touch.md in its place.
"""

import json
import re

import touch_tables
import yaml
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from tools import lessons

HOME = lessons.ROOT / "book" / "touch.md"

NEEDS = {"attention": ["softmax"]}  # scripts that come before a piece's own


class piece(nodes.General, nodes.Element):
    """The place of a piece: its name, what it starts from, and the plain table inside."""


def at_home(name: str) -> dict | None:
    """What the piece starts from on its own page."""
    found = re.search(rf"(?ms)^```{{touch}} {name}\n(.*?)^```$", HOME.read_text("utf-8"))
    return yaml.safe_load(found[1]) if found else None


class Touch(SphinxDirective):
    required_arguments = 1
    has_content = True

    def run(self) -> list[nodes.Node]:
        name, given = self.arguments[0], yaml.safe_load("\n".join(self.content))
        self.env.note_dependency(str(HOME))
        table = getattr(touch_tables, name, None)
        if not isinstance(given, dict):
            given = at_home(name)
        if table is None or given is None:
            raise self.error(f"There is no piece {name!r}: see book/touch.md and touch_tables.py")
        head, *rows = table(given)
        lines = [head, ["---"] * len(head), *rows]
        text = "\n".join(f"| {' | '.join(line)} |" for line in lines)
        place = piece(name=name, given=given)
        place += self.parse_text_to_nodes(text)
        return [place]


def visit(self, node: piece) -> None:
    given = json.dumps(node["given"], ensure_ascii=False, separators=(",", ":"))
    values = {"data-touch": node["name"], "data-given": given}
    self.body.append(self.starttag(node, "div", CLASS="touch", **values))


def depart(self, node: piece) -> None:
    self.body.append("</div>\n")


def skip(self, node: piece) -> None:
    """Where there is no script, the table is all there is."""


def add_scripts(app: Sphinx, pagename: str, templatename: str, context: dict, doctree) -> None:
    names = [node["name"] for node in doctree.findall(piece)] if doctree else []
    if not names:
        return
    app.add_css_file("touch/touch.css")
    scripts = ["core", *(script for name in names for script in [*NEEDS.get(name, []), name])]
    for script in dict.fromkeys(scripts):
        app.add_js_file(f"touch/{script}.js")


def setup(app: Sphinx) -> dict:
    app.add_node(piece, html=(visit, depart), text=(skip, skip), latex=(skip, skip))
    app.add_directive("touch", Touch)
    app.connect("html-page-context", add_scripts)
    return {"parallel_read_safe": True}
