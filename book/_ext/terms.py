"""Where a lesson gives a term in both languages, it links to the glossary, definition in hand.

The house rule writes "과적합(overfitting)" where a term first appears; that place becomes the link.
"""

import re

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
    """Read the glossary once, when all pages have been read."""
    known = GLOSSARY in env.found_docs
    env.glossary_terms = read_terms(env.get_doctree(GLOSSARY)) if known else {}


def find_terms(text: str, terms: dict) -> list[tuple[re.Match, str]]:
    """Where a text gives a term in both languages, and which; the longest that fits."""
    longest = sorted(terms, key=len, reverse=True)
    alternatives = "|".join(re.escape(term).replace(r"\(", r" ?\(") for term in longest)
    found = re.finditer(rf"(?:{alternatives})[^()]*\)", text, re.I)
    plain = [(match, re.sub(r" ?\(", "(", match[0].lower())) for match in found]
    return [(match, next(t for t in longest if key.startswith(t))) for match, key in plain]


def link_terms(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    terms = app.env.glossary_terms
    if not docname.startswith("lessons/") or not terms:
        return
    page = app.builder.get_relative_uri(docname, GLOSSARY)
    linked: set[str] = set()
    for text in list(doctree.findall(nodes.Text)):
        if isinstance(text.parent, NO_LINKS_IN):
            continue
        parts: list[nodes.Node] = []
        end = 0
        for found, term in find_terms(text, terms):
            if term in linked:
                continue
            linked.add(term)
            anchor, definition = terms[term]
            link = nodes.reference("", "", internal=True, refuri=f"{page}#{anchor}")
            link["reftitle"] = definition
            link["classes"] = ["term"]
            link += nodes.inline(text=found[0])
            parts += [nodes.Text(text[end : found.start()]), link]
            end = found.end()
        if parts:
            text.parent.replace(text, [*parts, nodes.Text(text[end:])])


def setup(app: Sphinx) -> dict:
    app.connect("env-updated", keep_terms)
    app.connect("doctree-resolved", link_terms, priority=600)  # the search index has its text
    return {"parallel_read_safe": True}
