"""The ``{lesson-cards}`` directive: a linked card for each lesson, made from the lesson itself.

Title, minutes and data as tools/catalogue.py reads them, the first goal, and the first picture of
the recording. A new lesson in _toc.yml has its card at the next build.
"""

import base64
import io
import re
from html import escape
from pathlib import Path

from docutils import nodes
from docutils.parsers.rst import Directive
from PIL import Image
from sphinx.application import Sphinx

from tools import catalogue, lessons

WIDTH = 480  # pixels of a card's picture


def first_png(path: Path) -> str | None:
    """The first picture of a lesson, as its notebook holds it."""
    for cell in lessons.read(lessons.recording(path)).cells:
        for output in cell.get("outputs", []):
            if png := output.get("data", {}).get("image/png"):
                return png
    return None


def first_picture(path: Path) -> bytes | None:
    """The first picture of a lesson, small enough for a card, as WebP."""
    if not (png := first_png(path)):
        return None
    picture = Image.open(io.BytesIO(base64.b64decode(png))).convert("RGB")
    picture.thumbnail((WIDTH, WIDTH))
    small = io.BytesIO()
    picture.save(small, "webp", quality=80)
    return small.getvalue()


def goal(path: Path) -> str:
    """The goal as the lesson's first box says it, without its Markdown."""
    cells = lessons.read(lessons.recording(path)).cells
    prose = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    found = re.search(r"\*\*목표\*\*: (.+)", prose)
    return re.sub(r"[*`$]", "", found[1]) if found else ""


def card(path: Path, href: str, picture: str) -> str:
    title, minutes, keys = catalogue.read(path)
    number, _, name = title.partition(". ")
    data = " · ".join(catalogue.labels()[key] for key in keys)
    facts = " · ".join(part for part in (f"약 {minutes}분", data) if part)
    image = f'<img src="{picture}" alt="{escape(name)}의 그림" loading="lazy" />' if picture else ""
    return (
        f'<li><a class="lesson-card" href="{href}">{image}'
        f'<span class="lesson-name"><b>{escape(number)}</b> {escape(name)}</span>'
        f'<span class="lesson-goal">{escape(goal(path))}</span>'
        f'<span class="lesson-facts">{escape(facts)}</span></a></li>'
    )


class LessonCards(Directive):
    def run(self) -> list[nodes.Node]:
        env = self.state.document.settings.env
        app = env.app
        images = Path(app.outdir) / "_images"
        images.mkdir(parents=True, exist_ok=True)
        up = "../" * env.docname.count("/")
        items = []
        for path in lessons.in_book():
            env.note_dependency(str(lessons.recording(path)))
            picture = ""
            if small := first_picture(path):
                (images / f"card-{path.stem}.webp").write_bytes(small)
                picture = f"{up}_images/card-{path.stem}.webp"
            items.append(card(path, f"{up}lessons/{path.stem}.html", picture))
        text = "\n".join(['<ul class="lesson-cards">', *items, "</ul>"])
        return [nodes.raw("", text, format="html")]


def setup(app: Sphinx) -> dict:
    app.add_directive("lesson-cards", LessonCards)
    return {"parallel_read_safe": True}
