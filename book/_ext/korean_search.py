"""Search in Korean: an index of sections and terms, and a search page that reads it.

Sphinx indexes words as English has them, and a Korean word carries its particles: its search
misses 순환신경망 for 순환 신경망 and LSTM은 for LSTM. None of the engines kept elsewhere (lunr,
MiniSearch, FlexSearch, Pagefind) brings a Korean analyser for the browser. Pagefind 1.6, tried on
this book, cuts at blanks (LSTM은 finds one page, LSTM five), knows no other names and no slips of
the keys (렐루, 임배딩), and does not start from file://. The book is small: some hundred pieces of
text, looked through in milliseconds as they are. So searchindex.js holds the pieces and the names
that mean the same (aliases.txt), search.js looks for the query in them, and search_page.js shows
what it found; all are plain scripts and work from file://.
"""

import json
import re
import unicodedata
from collections import Counter
from pathlib import Path

import touch
from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx

COMMON = 8  # sections
ALIASES = Path(__file__).with_name("aliases.txt")
# Found by themselves, or a table of numbers to touch.
ELSEWHERE = (nodes.section, nodes.title, nodes.Text, addnodes.glossary, touch.piece)
BLOCKS = (nodes.paragraph, nodes.term, nodes.rubric)


def plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


def words(block: nodes.Element) -> str:
    """What a block says: a formula by its letters only, as no one seeks or quotes TeX."""
    text = []
    for node in block.findall(nodes.Text):
        formula = isinstance(node.parent, nodes.math) and "\\" in node
        text.append("" if formula else str(node))
    return "".join(text)


def own_blocks(section: nodes.Element):
    """The paragraphs of a section that stand in none of its subsections."""
    for child in section.children:
        if isinstance(child, ELSEWHERE):
            continue
        if isinstance(child, BLOCKS):
            yield child
        else:
            yield from own_blocks(child)


def pieces(docname: str, doctree: nodes.document) -> list[dict[str, str]]:
    """A page's sections and terms: where (u), title (t), text (x), names in code (c).

    A page comes first; where its sections and terms are is told from there.
    """
    found: list[dict[str, str]] = []
    for section in doctree.findall(nodes.section):
        top = section.parent is doctree
        title = section.next_node(nodes.title)
        text = " ".join(words(block) for block in own_blocks(section))
        code = " ".join(
            block.astext()
            for child in section.children
            if not isinstance(child, nodes.section)
            for block in child.findall(nodes.literal_block)
        )
        # What a library or the lesson names, not what a cell calls its numbers.
        named = r"(?:(?<=\.)|(?<=def )|(?<=class )|(?<=import )|\b(?=[A-Z]))[A-Za-z_]\w{2,}"
        names = sorted(set(re.findall(named, code)))
        found.append(
            {
                "u": f"{docname}.html" if top else f"#{section['ids'][0]}",
                "t": plain(title.astext()),
                "x": plain(text),
                "c": " ".join(names),
            }
        )
    for item in doctree.findall(nodes.definition_list_item):
        if isinstance(item.parent.parent, addnodes.glossary):
            term, definition = item.next_node(nodes.term), item.next_node(nodes.definition)
            title, text = plain(term.astext()), plain(definition.astext())
            found.append({"u": f"#{term['ids'][0]}", "t": title, "x": text, "c": ""})
    return found


def start(app: Sphinx) -> None:
    app.builder.search = False  # no index of Sphinx's own
    app.search_pieces = {}  # of the pages that this build writes: all, as it is always from scratch


def collect(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    app.search_pieces[docname] = pieces(docname, doctree)


def search_page(app: Sphinx):
    yield "search", {"title": "찾기"}, "search.html"


def drop_common_names(pieces: list[dict[str, str]]) -> None:
    """A name in code that many sections hold leads to none."""
    count = Counter(name for piece in pieces for name in piece["c"].split())
    for piece in pieces:
        piece["c"] = " ".join(name for name in piece["c"].split() if count[name] <= COMMON)


def aliases() -> list[list[str]]:
    """The names that mean the same thing, a list a thing."""
    lines = ALIASES.read_text("utf-8").splitlines()
    return [line.split(" = ") for line in lines if line and not line.startswith("#")]


def write(app: Sphinx, error: Exception | None) -> None:
    if error:
        return
    everything = [piece for name in sorted(app.search_pieces) for piece in app.search_pieces[name]]
    drop_common_names(everything)
    lines = [
        f"const {name} = {json.dumps(value, ensure_ascii=False, separators=(',', ':'))};\n"
        for name, value in (("BOOK", everything), ("ALIASES", aliases()))
    ]
    (Path(app.outdir) / "searchindex.js").write_text("".join(lines), encoding="utf-8")


def setup(app: Sphinx) -> dict:
    app.connect("builder-inited", start)
    app.connect("doctree-resolved", collect)
    app.connect("html-collect-pages", search_page)
    app.connect("build-finished", write, priority=400)
    return {"parallel_read_safe": True}
