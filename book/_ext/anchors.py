"""A section's address is its title: #왜-아홉-에폭-언저리에서-멈추는가, not #id7.

The number before a title is no part of it, so a new section shifts no address.
"""

import re
import unicodedata

from docutils import nodes
from sphinx.transforms import SphinxTransform


def slug(title: str) -> str:
    text = unicodedata.normalize("NFC", title).lower()
    text = re.sub(r"^\d+(\.\d+)*\.?\s+", "", text)
    return re.sub(r"[^\w]+", "-", text).strip("-_") or "section"


class ReadableAnchors(SphinxTransform):
    default_priority = 300  # after MyST has built the sections, before references are resolved

    def apply(self, **kwargs) -> None:
        used: set[str] = set()
        for section in self.document.findall(nodes.section):
            name = base = slug(section.next_node(nodes.title).astext())
            number = 2
            while name in used:
                name = f"{base}-{number}"
                number += 1
            used.add(name)
            given = [i for i in section["ids"] if not re.fullmatch(r"id\d+", i) and i != name]
            section["ids"] = [name, *given]
            self.document.ids[name] = section


def setup(app) -> dict:
    app.add_transform(ReadableAnchors)
    return {"parallel_read_safe": True}
