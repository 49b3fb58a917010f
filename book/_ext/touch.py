"""The ``{touch}`` directive: a piece that a reader can try, with a plain table until a script runs.

    ```{touch} powers
    {rate: 0.7, steps: 110, at: 50}
    ```

The body (YAML) is what the piece starts from. From the same values the piece's own script makes the
table below it, in Node (touch_tables.js), which stands where there is no JavaScript. Scripts and
style sheet, a small file a piece in book/_static/touch/, come with the pages that have a piece and
with no other.

``!run 05.good_curve`` in a body is what the recording of lesson 05 glued as ``good_curve``.

In a lesson the body is a sentence for those who read it in Jupyter, where there is no piece; the
book shows the piece of book/touch.md in its place.
"""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from docutils import nodes
from node import Program
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError
from sphinx.util.docutils import SphinxDirective

from tools import word_space
from tools.lessons import COURSE, ROOT

HOME = ROOT / "book" / "touch.md"
STATIC = ROOT / "book" / "_static"
TABLES = Path(__file__).with_name("touch_tables.js")
# Scripts that come with a piece's own.
NEEDS = {"attention": "softmax", "network": "moons", "descent": "moons", "writer": "review"}
# Above the table, on paper and without JavaScript.
SAID = "화면에서 움직여 보는 것의 값 몇 가지입니다."
# What the scripts look for when they are loaded, and then the function that is asked for.
SCRIPT = """
Object.assign(globalThis, {window: globalThis, document: {}, addEventListener() {}});
globalThis.location = {href: 'file:///'};
for (const file of process.argv.slice(1))
  require('vm').runInThisContext(require('fs').readFileSync(file, 'utf8'), file);
const all = require('vm').runInThisContext('touch');
serve(({name, given}) => {
  const asked = name.split('.').reduce((where, part) => where[part], all);
  if (asked === undefined) throw new Error(`no ${name} in the scripts of book/_static/touch`);
  return typeof asked === 'function' ? asked(...given) : asked;
});
"""


@cache
def scripts() -> Program:
    """The scripts of all pieces and what they load, in one Node process."""
    files = [*sorted((STATIC / "touch").glob("*.js")), *sorted((STATIC / "models").glob("*.js"))]
    files.sort(key=lambda path: path.stem != "core")
    return Program(SCRIPT, *map(str, [*files, TABLES]))


def call(name: str, *given: object) -> Any:
    """What a function of the scripts returns: ``call("softmax", [1, 2], 1.0)``."""
    return scripts().ask({"name": name, "given": given})


def table(name: str, given: dict) -> str:
    """The plain table of a piece, in Markdown."""
    if name == "words" and call("gloveSource") != word_space.digest():
        raise ExtensionError(f"{word_space.FILE}: made from another GloVe, run tools.word_space")
    head, *rows = call(f"tables.{name}", given)
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)


class piece(nodes.General, nodes.Element):
    """The place of a piece: its name, what it starts from, and the plain table inside."""


class Given(yaml.SafeLoader):
    """YAML that may name the values of a run."""


def _of_run(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> Any:
    number, _, name = str(loader.construct_scalar(node)).partition(".")
    values = COURSE.find(number).values
    if name not in values:
        raise ExtensionError(f"lesson {number} glues no {name}: make record LESSON={number}")
    return values[name]


Given.add_constructor("!run", _of_run)


def at_home(name: str) -> dict | None:
    """What the piece starts from on its own page."""
    found = re.search(rf"(?ms)^```{{touch}} {name}\n(.*?)^```$", HOME.read_text("utf-8"))
    return yaml.load(found[1], Given) if found else None


class Touch(SphinxDirective):
    required_arguments = 1
    has_content = True

    def run(self) -> list[nodes.Node]:
        name, given = self.arguments[0], yaml.load("\n".join(self.content), Given)
        if not isinstance(given, dict):
            given = at_home(name)
        if given is None:
            raise ExtensionError(f"{self.env.docname}: no piece {name!r} in book/touch.md")
        place = piece(name=name, given=given)
        place += self.parse_text_to_nodes(f"{SAID}\n\n{table(name, given)}")
        return [place]


def visit(self, node: piece) -> None:
    given = json.dumps(node["given"], ensure_ascii=False, separators=(",", ":"))
    values = {"data-touch": node["name"], "data-given": given}
    self.body.append(self.starttag(node, "div", CLASS="touch", **values))


def depart(self, node: piece) -> None:
    self.body.append("</div>\n")


def add_scripts(app: Sphinx, pagename: str, templatename: str, context: dict, doctree) -> None:
    names = [node["name"] for node in doctree.findall(piece)] if doctree else []
    if not names:
        return
    app.add_css_file("touch/touch.css")
    for script in dict.fromkeys(["core", *names, *(NEEDS[n] for n in names if n in NEEDS)]):
        app.add_js_file(f"touch/{script}.js")


def setup(app: Sphinx) -> dict:
    app.add_node(piece, html=(visit, depart))
    app.add_directive("touch", Touch)
    app.connect("html-page-context", add_scripts)
    return {"parallel_read_safe": False}  # the pages share one Node process
