"""What follows without a run: words, drawings, the set-up cell, and the tables of the lessons.

Every ``report.say``, alternative text and caption of a recorded lesson is filled in again from the
values it stored and takes the place of the old one in the outputs; so does each drawing of
``plots.drawing("…")``. `make book` and `make check` derive as they go by. Nothing is rendered where
the code has changed: that needs a run.
"""

import ast
import os
import re
from copy import deepcopy
from pathlib import Path

from coursekit import fetch
from coursekit.report import CAPTION, PROSE, fill
from nbformat import NotebookNode
from nbformat.v4 import new_output

from tools import stale
from tools.lessons import COURSE, Course, is_setup, picture_kind, pictures, stored, values, write

TEMPLATE = Path("tools", "lesson_template.ipynb")
DRAWING = re.compile(r'plots\.drawing\(\s*"([\w-]+)')


# --- the words of a cell -------------------------------------------------------------------------


def says(cell: NotebookNode) -> list[ast.expr | None]:
    """What each ``report.say`` of a cell is given; None where it is not one plain string."""
    calls = [line.value for line in stale.parse(cell.source).body if stale.is_say(line)]
    return [call.args[0] if len(call.args) == 1 and not call.keywords else None for call in calls]


def alts(cell: NotebookNode) -> list[ast.expr]:
    """What each ``alt=`` of a cell is given, in the order of the text."""
    return _given(cell, "alt")


def captions(cell: NotebookNode) -> list[ast.expr]:
    """What each ``caption=`` of a cell is given, likewise."""
    return _given(cell, "caption")


def _given(cell: NotebookNode, name: str) -> list[ast.expr]:
    nodes = ast.walk(stale.parse(cell.source))
    found = [node.value for node in nodes if isinstance(node, ast.keyword) and node.arg == name]
    return sorted(found, key=lambda node: (node.lineno, node.col_offset))


def texts(cell: NotebookNode) -> list[ast.expr | None]:
    """Everything a cell says, in prose, in alternative texts and in captions."""
    return [*says(cell), *alts(cell), *captions(cell)]


# --- a notebook ----------------------------------------------------------------------------------


def render(notebook: NotebookNode, lessons: Path) -> list[str]:
    """Render everything in place; return what could not be, a line each.

    ``lessons`` is the folder with the drawings.
    """
    known, problems = values(notebook), []
    for number, cell in enumerate(notebook.cells):
        if cell.cell_type != "code" or is_setup(cell):
            continue
        try:
            said = [
                [fill(node.value, known) for node in find(cell)] for find in (says, alts, captions)
            ]
        except (KeyError, ValueError, IndexError) as error:
            problems.append(f"(cell {number}) {error.args[0]}")
        except AttributeError:
            problems.append(f"(cell {number}) report.say, alt= and caption= take one plain string")
        else:
            _show(cell, *said)
            drawn = [o for o in cell.outputs if "image/svg+xml" in o.get("data", {})]
            for output, name in zip(drawn, DRAWING.findall(cell.source), strict=False):
                drawing = (lessons / "figures" / f"{name}.svg").read_text(encoding="utf-8")
                output.data["image/svg+xml"] = drawing.strip()
    return problems


def _show(cell: NotebookNode, sentences: list[str], alts: list[str], captions: list[str]) -> None:
    """Put words into the outputs of a cell, in the place of the old ones."""
    cell.outputs = [o for o in cell.outputs if o.get("metadata") not in (PROSE, CAPTION)]
    cell.outputs += [_words(text, PROSE) for text in sentences]
    shown = pictures([cell])
    for picture, alt in zip(shown, alts, strict=False):
        picture.data["text/plain"] = alt
        picture.metadata.setdefault(picture_kind(picture), {})["alt"] = alt
    for picture, caption in zip(shown, captions, strict=False):
        place = next(n for n, output in enumerate(cell.outputs) if output is picture)
        cell.outputs.insert(place + 1, _words(caption, CAPTION))


def _words(text: str, kind: dict[str, str]) -> NotebookNode:
    """The output that displays words of a kind: prose or a caption."""
    data = {"text/markdown": text, "text/plain": "<IPython.core.display.Markdown object>"}
    return new_output("display_data", data, metadata=dict(kind))


# --- the course ----------------------------------------------------------------------------------


def derived(course: Course) -> dict[Path, str]:
    """Every file that is not what follows from the others, and what it should hold."""
    found = {}
    for path in [*course.notebooks(), course.root / TEMPLATE]:
        lesson = course.read(path)
        notebook = deepcopy(lesson.notebook)
        for cell in filter(is_setup, notebook.cells):
            cell.source = course.setup_cell
        if not lesson.is_derived and stale.why(notebook) is None:
            whole = deepcopy(notebook)
            if not render(whole, course.folder):
                notebook = whole
        if notebook != lesson.notebook:
            lesson.notebook = notebook
            found[path] = stored(notebook)
    return found | _tables(course)


def _tables(course: Course) -> dict[Path, str]:
    """README and data page, with the lessons' minutes and data; words are an author's."""
    lessons, found = course.numbered(), {}
    readme = [
        (rf"\[{lesson.name}\][^|]*\|[^|]*", [str(lesson.minutes or ""), ", ".join(lesson.data)])
        for lesson in lessons
    ]
    data = [
        (re.escape(label), [", ".join(lesson.number for lesson in lessons if label in lesson.data)])
        for label in (table["label"] for table in fetch.registry().values())
    ]
    for name, rows in (("README.md", readme), ("book/data.md", data)):
        text = was = (course.root / name).read_text(encoding="utf-8")
        for begins, last in rows:
            wanted = "".join(f" {cell or '—'} |" for cell in last)
            pattern = rf"(?m)^(\| {begins} ?\|)" + r"[^|\n]*\|" * len(last)
            text = re.sub(pattern, rf"\g<1>{wanted}", text)
        if text != was:
            found[course.root / name] = text
    return found


def write_all(course: Course, found: dict[Path, str]) -> None:
    """Write derived files, and say which."""
    for path, text in found.items():
        write(path, text)
        print(f"Derived {path.relative_to(course.root)}", flush=True)


def write_or_refuse(course: Course, found: dict[Path, str]) -> None:
    """Write derived files; in CI, where nobody can commit them, refuse (SystemExit)."""
    if found and os.environ.get("CI"):
        names = ", ".join(str(path.relative_to(course.root)) for path in found)
        raise SystemExit(
            f"Committed, but not derived from what it follows: {names}. "
            "Run `make check` and commit what it writes."
        )
    write_all(course, found)


def bring_up_to_date(course: Course = COURSE) -> None:
    """Write what follows without a run, or refuse: see :func:`write_or_refuse`."""
    write_or_refuse(course, derived(course))
