"""Formulas are drawn when the book is built: a page carries SVG and MathML, and no MathJax.

MathJax 3 runs in Node (node.py), one process for the whole build. A formula that MathJax cannot
read stops the build.
"""

import re
from functools import cache
from importlib.metadata import files
from pathlib import Path

from docutils import nodes
from node import Program
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError
from sphinx.util.math import wrap_displaymath

# What only MathJax's own scripts in a page would read: a third of a formula's bytes.
IDLE = r' (?:data-[\w-]+|xmlns(?::xlink)?)="[^"]*"'

SCRIPT = """
require(process.argv[1] + '/node-main.js').init({
  loader: {
    versionWarnings: false,
    load: ['input/tex-full', 'output/svg', 'adaptors/liteDOM', 'a11y/assistive-mml'],
  },
  tex: {formatError: (jax, error) => { throw error; }},
  svg: {fontCache: 'local', mtextInheritFont: true},
  startup: {typeset: false},
  liteAdaptor: {cjkCharWidth: 0.79},
}).then((MathJax) => serve(({tex, display}) =>
  MathJax.startup.adaptor.outerHTML(MathJax.tex2svg(tex, {display}))));
"""


# Letters that are none of MathJax's own: it sets each at a place of its own, as wide as a square.
WORD = re.compile(r"(<text [^>]*>[^<])</text>((?:<text [^>]*>[^<]</text>)+)")


def join_letters(word: re.Match) -> str:
    """A Korean word as one text, or it stands l e t t e r by letter."""
    return word[1] + re.sub("<[^>]*>", "", word[2]) + "</text>"


@cache
def mathjax() -> Program:
    start = next(f for f in files("sphinx-mathjax-offline") if f.name == "node-main.js")
    return Program(SCRIPT, str(Path(start.locate()).parent))


@cache
def typeset(tex: str, display: bool) -> str:
    """A formula's HTML: a picture for the eye, and MathML beside it for a screen reader."""
    try:
        drawn = mathjax().ask({"tex": tex, "display": display})
    except ExtensionError as error:
        raise ExtensionError(f"MathJax cannot read {tex!r}: {error}") from error
    drawn = re.sub(IDLE, "", drawn).replace("xlink:href", "href")
    drawn = re.sub(r"MJX-\d+-", "MJX-", drawn)
    if display:  # on a phone it shrinks by a quarter at most, then scrolls
        width = float(re.search(r'width="([\d.]+)ex"', drawn)[1])
        drawn = drawn.replace('<svg style="', f'<svg style="min-width: {0.75 * width:.1f}ex; ', 1)
    return WORD.sub(join_letters, drawn)


def share_glyphs(drawn: str, known: set[str]) -> str:
    """A formula without the glyphs that the page has already; it adds the others to ``known``."""

    def once(path: re.Match) -> str:
        new = path[1] not in known
        known.add(path[1])
        return path[0] if new else ""

    drawn = re.sub(r'<path id="([^"]+)"[^>]*></path>', once, drawn).replace("<defs></defs>", "")
    return re.sub(r"<g>(<use [^>]*></use>)</g>", r"\1", drawn)


def draw(translator, tex: str, display: bool) -> str:
    known = translator.__dict__.setdefault("known_glyphs", set())  # one translator a page
    return share_glyphs(typeset(tex, display), known)


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


def setup(app: Sphinx) -> dict:
    app.add_html_math_renderer("drawn", (visit_inline, None), (visit_block, None))
    # Pages are written one after the other: they share the process.
    return {"parallel_read_safe": True, "parallel_write_safe": False}
