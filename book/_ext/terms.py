"""Where a lesson gives a term in both languages, it links to the glossary, definition in hand.

The house rule writes "과적합(overfitting)" where a term first appears; that place becomes the link.
The glossary leads back to those places, and begins with its letters, ㄱ to ㅎ and A to Z.
"""

import re
from html import escape
from itertools import groupby

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

GLOSSARY = "book/glossary"
NO_LINKS_IN = (nodes.reference, nodes.literal, nodes.title, nodes.math, nodes.literal_block)


def read_terms(glossary: nodes.document) -> dict[str, tuple[str, str]]:
    """Each term as a lesson writes it, "과적합(overfitting": where it is defined, and how."""
    terms = {}
    for item in glossary.findall(nodes.definition_list_item):
        if isinstance(item.parent.parent, addnodes.glossary):
            term, text = item.next_node(nodes.term), item.next_node(nodes.definition)
            korean, english = re.fullmatch(r"(.*?) \((.*)\)", term.astext()).groups()
            written = f"{korean}({english.split(', ')[0]}"
            terms[written.lower()] = (term["ids"][0], " ".join(text.astext().split()))
    return terms


def keep_terms(app: Sphinx, env: BuildEnvironment) -> None:
    """Read the glossary once, when all pages have been read, and where lessons give its terms."""
    known = GLOSSARY in env.found_docs
    env.glossary_terms = read_terms(env.get_doctree(GLOSSARY)) if known else {}
    env.term_places = {}
    for docname in sorted(env.found_docs) if known else ():
        if docname.startswith("lessons/"):
            for _, _, term in first_places(env.get_doctree(docname), env.glossary_terms):
                anchor, _ = env.glossary_terms[term]
                env.term_places.setdefault(anchor, []).append(docname)


def find_terms(text: str, terms: dict) -> list[tuple[re.Match, str]]:
    """Where a text gives a term in both languages, and which; the longest that fits."""
    longest = sorted(terms, key=len, reverse=True)
    alternatives = "|".join(re.escape(term).replace(r"\(", r" ?\(") for term in longest)
    found = re.finditer(rf"(?:{alternatives})[^()]*\)", text, re.I)
    plain = [(match, re.sub(r" ?\(", "(", match[0].lower())) for match in found]
    return [(match, next(t for t in longest if key.startswith(t))) for match, key in plain]


def first_places(doctree: nodes.document, terms: dict) -> list[tuple[nodes.Text, re.Match, str]]:
    """The first place of each term on a page: the text, where in it, and the term."""
    seen: set[str] = set()
    places = []
    for text in doctree.findall(nodes.Text):
        if not isinstance(text.parent, NO_LINKS_IN):
            for found, term in find_terms(text, terms):
                if term not in seen:
                    seen.add(term)
                    places.append((text, found, term))
    return places


def link_terms(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    terms = app.env.glossary_terms
    if not docname.startswith("lessons/") or not terms:
        return
    page = app.builder.get_relative_uri(docname, GLOSSARY)
    places = first_places(doctree, terms)
    for _, group in groupby(places, key=lambda place: id(place[0])):
        parts: list[nodes.Node] = []
        end = 0
        for text, found, term in group:
            anchor, definition = terms[term]
            link = nodes.reference("", "", internal=True, refuri=f"{page}#{anchor}")
            link["reftitle"] = definition
            link["classes"] = ["term"]
            link["ids"] = [place_of(anchor)]
            link += nodes.inline(text=found[0])
            parts += [nodes.Text(text[end : found.start()]), link]
            end = found.end()
        text.parent.replace(text, [*parts, nodes.Text(text[end:])])


def place_of(anchor: str) -> str:
    return anchor.replace("term-", "용어-", 1)


def initial(term: str) -> str:
    """The letter that a term stands under: ㄱ for 과적합 and 까닭, A to Z for itself."""
    letter = term[0].upper()
    if "가" <= letter <= "힣":
        return "ㄱㄱㄴㄷㄷㄹㅁㅂㅂㅅㅅㅇㅈㅈㅊㅋㅌㅍㅎ"[(ord(letter) - ord("가")) // 588]
    return letter


def lead_back(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Give each definition the lessons of its term, and the page a row of first letters."""
    if docname != GLOSSARY:
        return
    letters: dict[str, str] = {}
    for item in doctree.findall(nodes.definition_list_item):
        term, definition = item.next_node(nodes.term), item.next_node(nodes.definition)
        anchor = term["ids"][0]
        letters.setdefault(initial(term.astext()), anchor)
        places = nodes.inline(classes=["places"])
        for page in app.env.term_places.get(anchor, ()):
            uri = f"{app.builder.get_relative_uri(docname, page)}#{place_of(anchor)}"
            name = f"{page.removeprefix('lessons/').partition('_')[0]}단원"
            places += [nodes.Text(" "), nodes.reference("", name, internal=True, refuri=uri)]
        if places.children:
            definition.next_node(nodes.paragraph).append(places)
    links = "".join(f'<a href="#{anchor}">{escape(one)}</a>' for one, anchor in letters.items())
    row = nodes.raw("", f'<nav class="letters" aria-label="첫 글자">{links}</nav>', format="html")
    glossary = doctree.next_node(addnodes.glossary)
    glossary.parent.insert(glossary.parent.index(glossary), row)


def add_filter(app: Sphinx, pagename: str, template: str, context: dict, doctree) -> None:
    if pagename == GLOSSARY:
        app.add_js_file("glossary.js")


def setup(app: Sphinx) -> dict:
    app.connect("env-updated", keep_terms)
    app.connect("doctree-resolved", link_terms, priority=600)  # the search index has its text
    app.connect("doctree-resolved", lead_back, priority=600)
    app.connect("html-page-context", add_filter)
    return {"parallel_read_safe": True}
