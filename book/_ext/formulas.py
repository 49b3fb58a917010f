"""Formulas are drawn when the book is built: a page carries SVG and MathML, and no MathJax.

MathJax 3 runs in the Node that Playwright brings (both are pinned in requirements.txt), one
process for the whole build. A formula that MathJax cannot read stops the build.
"""

import json
import re
import subprocess
from importlib.metadata import files
from pathlib import Path

from docutils import nodes
from playwright._impl._driver import compute_driver_executable
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError
from sphinx.util.math import wrap_displaymath

# What only MathJax's own scripts in a page would read: a third of a formula's bytes.
IDLE = r' (?:data-[\w-]+|xmlns(?::xlink)?)="[^"]*"'

# Reads {"tex", "display"} a line, answers {"svg", "mml"} or {"error"} a line.
PROGRAM = """
require(process.argv[1] + '/node-main.js').init({
  loader: {load: ['input/tex-full', 'output/svg', 'adaptors/liteDOM']},
  options: {enableMenu: false},
  tex: {formatError: (jax, error) => { throw error; }},
  svg: {fontCache: 'local', mtextInheritFont: true},
  startup: {typeset: false},
  liteDOM: {cjkCharWidth: 0.92},
}).then((MathJax) => {
  const lines = require('readline').createInterface({input: process.stdin});
  lines.on('line', (line) => {
    const {tex, display} = JSON.parse(line);
    let answer;
    try {
      const box = MathJax.tex2svg(tex, {display});
      answer = {
        svg: MathJax.startup.adaptor.outerHTML(box),
        mml: MathJax.tex2mml(tex, {display}).replace(/>\\s+</g, '><'),
      };
    } catch (error) {
      answer = {error: error.message};
    }
    console.log(JSON.stringify(answer));
  });
});
"""


class MathJax:
    """One Node process that answers formula by formula."""

    def __init__(self) -> None:
        start = next(f for f in files("sphinx-mathjax-offline") if f.name == "node-main.js")
        node = compute_driver_executable()[0]
        self.process = subprocess.Popen(
            [node, "-e", PROGRAM, Path(start.locate()).parent],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            encoding="utf-8",
        )

    def draw(self, tex: str, display: bool) -> str:
        self.process.stdin.write(json.dumps({"tex": tex, "display": display}) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline() or '{"error": "MathJax ended"}')
        if "error" in answer:
            raise ExtensionError(f"MathJax cannot read {tex!r}: {answer['error']}")
        # The picture is for the eye, the MathML beside it for a screen reader.
        picture = answer["svg"].replace('role="img"', 'aria-hidden="true"')
        picture = re.sub(IDLE, "", picture).replace("xlink:href", "href")
        spoken = re.sub(IDLE, "", answer["mml"])
        spoken = f"<mjx-assistive-mml>{spoken}</mjx-assistive-mml></mjx-container>"
        return picture.replace("</mjx-container>", spoken)


def draw(translator, tex: str, display: bool) -> str:
    """A formula's HTML. A glyph is drawn once a page, and every formula of the page uses it."""
    app = translator.builder.app
    if not hasattr(app, "mathjax"):
        app.mathjax = MathJax()
    text = re.sub(r"MJX-\d+-", "MJX-", app.mathjax.draw(tex, display))
    if display:  # on a phone it shrinks by a quarter at most, then scrolls
        width = float(re.search(r'width="([\d.]+)ex"', text)[1])
        text = text.replace('<svg style="', f'<svg style="min-width: {0.75 * width:.1f}ex; ', 1)
    known = translator.__dict__.setdefault("known_glyphs", set())

    def once(path: re.Match) -> str:
        new = path[1] not in known
        known.add(path[1])
        return path[0] if new else ""

    text = re.sub(r'<path id="([^"]+)"[^>]*></path>', once, text).replace("<defs></defs>", "")
    return re.sub(r"<g>(<use [^>]*></use>)</g>", r"\1", text)


def visit_inline(self, node: nodes.math) -> None:
    self.body.append(self.starttag(node, "span", "", CLASS="math notranslate nohighlight"))
    self.body.append(draw(self, node.astext(), display=False) + "</span>")
    raise nodes.SkipNode


def visit_block(self, node: nodes.math_block) -> None:
    # A wide formula scrolls in its own box, also by keyboard.
    tag = self.starttag(node, "div", CLASS="math notranslate nohighlight", tabindex="0")
    self.body.append(tag)
    tex = node.astext() if node["nowrap"] else wrap_displaymath(node.astext(), None, False)
    self.body.append(draw(self, tex, display=True) + "</div>\n")
    raise nodes.SkipNode


def close(app: Sphinx, error: Exception | None) -> None:
    if hasattr(app, "mathjax"):
        app.mathjax.process.stdin.close()
        app.mathjax.process.wait(timeout=20)


def setup(app: Sphinx) -> dict:
    app.add_html_math_renderer("drawn", (visit_inline, None), (visit_block, None))
    app.connect("build-finished", close)
    return {"parallel_read_safe": True}
