"""The ``{lesson-cards}`` directive: a linked card for each lesson, made from the lesson itself.

Title, minutes, data, goal and the first picture of the recording. A new lesson in _toc.yml has its
card at the next build.
"""

import base64
import io
from html import escape
from pathlib import Path

from docutils import nodes
from PIL import Image
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from tools.lessons import COURSE, Lesson

WIDTH = 480  # pixels of a card's picture


def first_picture(lesson: Lesson) -> bytes | None:
    """The first picture of a lesson, small enough for a card, as WebP."""
    if not lesson.pictures:
        return None
    png = base64.b64decode(lesson.pictures[0].data["image/png"])
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    picture.thumbnail((WIDTH, WIDTH))
    small = io.BytesIO()
    picture.save(small, "webp", quality=80)
    return small.getvalue()


def card(lesson: Lesson, href: str, picture: str) -> str:
    number, _, name = lesson.title.partition(". ")
    facts = " · ".join([f"약 {lesson.minutes or '—'}분", *lesson.data])
    image = f'<img src="{picture}" alt="{escape(name)}의 그림" loading="lazy" />' if picture else ""
    return (
        f'<li><a class="lesson-card" href="{href}">{image}'
        f'<span class="lesson-name"><b>{escape(number)}</b> {escape(name)}</span>'
        f'<span class="lesson-goal">{escape(lesson.goal)}</span>'
        f'<span class="lesson-facts">{escape(facts)}</span></a></li>'
    )


class LessonCards(SphinxDirective):
    def run(self) -> list[nodes.Node]:
        images = Path(self.env.app.outdir) / "_images"
        images.mkdir(parents=True, exist_ok=True)
        up = "../" * self.env.docname.count("/")
        items = []
        for lesson in COURSE.lessons():
            self.env.note_dependency(str(lesson.path))
            picture = ""
            if small := first_picture(lesson):
                (images / f"card-{lesson.name}.webp").write_bytes(small)
                picture = f"{up}_images/card-{lesson.name}.webp"
            items.append(card(lesson, f"{up}lessons/{lesson.name}.html", picture))
        text = "\n".join(['<ul class="lesson-cards">', *items, "</ul>"])
        return [nodes.raw("", text, format="html")]


def setup(app: Sphinx) -> dict:
    app.add_directive("lesson-cards", LessonCards)
    return {"parallel_read_safe": True}
