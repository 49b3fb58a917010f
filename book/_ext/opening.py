"""A lesson's opening, and what leads to it: number, times, promise."""

import re
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx

from tools.lessons import COURSE, Lesson, code_cells, tags

LETTERS, LINES, PICTURES = 400, 12, 2  # that one reads in a minute
FOLDED = {"hide-input", "hide-cell", "remove-input"}


def reading_minutes(lesson: Lesson) -> int:
    """How long a lesson takes to read, in fives: its text, its open code, its pictures."""
    prose = re.sub(r"(?s)```.*?```|\$\$.*?\$\$|\s", "", lesson.text)
    seen = [cell.source for cell in code_cells(lesson.notebook) if not FOLDED & tags(cell)]
    lines = sum(bool(line.strip()) for source in seen for line in source.splitlines())
    minutes = len(prose) / LETTERS + lines / LINES + len(lesson.pictures) / PICTURES
    return max(5, 5 * round(minutes / 5))


def facts(lesson: Lesson) -> list[str]:
    run = [f"실행 약 {lesson.minutes}분"] if lesson.minutes else []
    return [f"읽기 약 {reading_minutes(lesson)}분", *run, *lesson.data]


def find(docname: str) -> Lesson | None:
    """The lesson of a page, if it is one."""
    path = COURSE.root / f"{docname}.ipynb"
    return COURSE.read(path) if docname.startswith("lessons/") and path.exists() else None


def open_lesson(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Set the number of a lesson's title apart, and its times below."""
    title = doctree.next_node(nodes.title)
    if title is None or not (lesson := find(docname)):
        return
    first = title.next_node(nodes.Text)
    if found := re.match(r"(\d+h?)\. (.*)", str(first), re.DOTALL):
        number = nodes.inline(text=found[1], classes=["lesson-number"])
        dot = nodes.inline(text=". ", classes=["visually-hidden"])
        first.parent.replace(first, [number, dot, nodes.Text(found[2])])
    line = nodes.paragraph(classes=["lesson-facts"])
    for fact in facts(lesson):
        line += [nodes.inline(text=fact), nodes.Text(" ")]
    title.parent.insert(title.parent.index(title) + 1, line)


def promise(app: Sphinx, pagename: str, template: str, context: dict, doctree) -> None:
    """Let the links to the previous and next page say what comes; name the beads of the header."""
    context["beads"] = [lesson.name for lesson in COURSE.lessons()]
    for side in ("prev", "next"):
        link = context.get(side)
        lesson = link and find(f"lessons/{Path(link['link']).stem}")
        if lesson and lesson.goal:
            context[f"{side}_promise"] = re.split(r"(?<=니다\.) ", lesson.goal)[0]


def setup(app: Sphinx) -> dict:
    app.connect("doctree-resolved", open_lesson, priority=580)  # the search index has its text
    app.connect("html-page-context", promise)
    return {"parallel_read_safe": True}
