"""The ``{path}`` directive: the steps of the book, and under each its lessons as linked cards.

    ```{path}
    글을 토큰으로: text_to_tensors
    ```

A step names its lessons by their files, without the numbers. What a card says comes from the lesson
itself: number, title, data, and how long it takes to read and to run; its emblem is
book/emblems/NAME.svg. A lesson of the book on no step stops the build.
"""

import re
from html import escape

from docutils import nodes
from opening import facts
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError
from sphinx.util.docutils import SphinxDirective

from tools.lessons import COURSE, ROOT, Lesson

EMBLEMS = ROOT / "book" / "emblems"
PLAIN = '<svg viewBox="0 0 64 40" aria-hidden="true"><circle cx="32" cy="20" r="9"/></svg>'


def emblem(name: str) -> str:
    """The emblem of a lesson, or a bead where none was drawn."""
    drawn = EMBLEMS / f"{name.partition('_')[2]}.svg"
    return drawn.read_text("utf-8").strip() if drawn.exists() else PLAIN


def card(lesson: Lesson, href: str) -> str:
    number, _, name = lesson.title.partition(". ")
    return (
        f'<li><a class="lesson-card" href="{href}">{emblem(lesson.name)}'
        f'<span class="lesson-name"><b>{escape(number)}</b> {escape(name)}</span>'
        f'<span class="lesson-facts">{escape(" · ".join(facts(lesson)))}</span></a></li>'
    )


class PathOfLessons(SphinxDirective):
    has_content = True

    def run(self) -> list[nodes.Node]:
        up = "../" * self.env.docname.count("/")
        left = {re.sub(r"^\d+h?_", "", lesson.name): lesson for lesson in COURSE.lessons()}
        steps = []
        for line in self.content:
            step, _, names = line.partition(": ")
            lessons = [left.pop(name) for name in names.split() if name in left]
            cards = [card(lesson, f"{up}lessons/{lesson.name}.html") for lesson in lessons]
            if cards:
                inner = "\n".join(['<ul class="lesson-cards">', *cards, "</ul>"])
                steps.append(f"<li><h3>{escape(step)}</h3>\n{inner}</li>")
        if left:
            raise ExtensionError(f"{self.env.docname}: on no step of the path: {', '.join(left)}")
        text = "\n".join(['<ol class="path">', *steps, "</ol>"])
        return [nodes.raw("", text, format="html")]


def setup(app: Sphinx) -> dict:
    app.add_directive("path", PathOfLessons)
    return {"parallel_read_safe": True}
