"""Where a lesson gives a term in both languages, it links to the glossary, definition in hand.

The house rule writes "과적합(overfitting)" where a term first appears; that place becomes the link.
"""

import re

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx

GLOSSARY = "book/glossary"
NO_LINKS_IN = (nodes.reference, nodes.literal, nodes.title, nodes.math, nodes.literal_block)


def read_glossary(app: Sphinx) -> dict[str, tuple[str, str]]:
    """Each term as it is written in a lesson: where it is defined, and the definition."""
    if not hasattr(app, "glossary_terms"):
        app.glossary_terms = {}
        doctree = app.env.get_doctree(GLOSSARY)
        for item in doctree.findall(nodes.definition_list_item):
            if isinstance(item.parent.parent, addnodes.glossary):
                term, text = item.next_node(nodes.term), item.next_node(nodes.definition)
                korean, english = re.fullmatch(r"(.*?) \((.*)\)", term.astext()).groups()
                written = f"{korean}({english.split(', ')[0]}"
                app.glossary_terms[written.lower()] = (term["ids"][0], text.astext())
    return app.glossary_terms


def link_terms(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    if not docname.startswith("lessons/"):
        return
    terms = read_glossary(app)
    pattern = re.compile(
        "|".join(
            re.escape(t).replace(r"\(", r" ?\(") + r"[^()]*\)"
            for t in sorted(terms, key=len, reverse=True)
        ),
        re.I,
    )
    page = app.builder.get_relative_uri(docname, GLOSSARY)
    linked: set[str] = set()
    for text in list(doctree.findall(nodes.Text)):
        if isinstance(text.parent, NO_LINKS_IN):
            continue
        parts: list[nodes.Node] = []
        end = 0
        for found in pattern.finditer(text):
            key = re.sub(r" ?\(", "(", found[0].lower())
            key = next(t for t in sorted(terms, key=len, reverse=True) if key.startswith(t))
            if key in linked:
                continue
            linked.add(key)
            anchor, definition = terms[key]
            link = nodes.reference("", "", internal=True, refuri=f"{page}#{anchor}")
            link["reftitle"] = " ".join(definition.split())
            link["classes"] = ["term"]
            link += nodes.inline(text=found[0])
            parts += [nodes.Text(text[end : found.start()]), link]
            end = found.end()
        if parts:
            text.parent.replace(text, [*parts, nodes.Text(text[end:])])


def setup(app: Sphinx) -> dict:
    app.connect(
        "doctree-resolved", link_terms, priority=600
    )  # after the search index took its text
    return {"parallel_read_safe": True}
