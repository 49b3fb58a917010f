"""Citations in Korean form: [Wang·Manning, 2012], [Cho 외, 2014]; no year where none is known."""

from dataclasses import dataclass, field

from pybtex.style.template import Node, optional
from pybtex.style.template import field as entry
from sphinx.application import Sphinx
from sphinxcontrib.bibtex.plugin import register_plugin
from sphinxcontrib.bibtex.style.referencing import BracketStyle, PersonStyle
from sphinxcontrib.bibtex.style.referencing.basic_author_year import (
    BasicAuthorYearParentheticalReferenceStyle,
)
from sphinxcontrib.bibtex.style.template import join, reference


@dataclass
class Korean(BasicAuthorYearParentheticalReferenceStyle):
    bracket: BracketStyle = field(default_factory=lambda: BracketStyle(sep="; "))
    person: PersonStyle = field(default_factory=lambda: PersonStyle(sep2="·", other=" 외"))

    def inner(self, role_name: str) -> Node:
        authors = self.person.author_or_editor_or_title(full=False)
        return reference[join(sep=", ")[authors, optional[entry("year")]]]


def setup(app: Sphinx) -> dict:
    register_plugin("sphinxcontrib.bibtex.style.referencing", "korean", Korean)
    return {"parallel_read_safe": True}
