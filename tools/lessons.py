"""Where the lessons are: the notebooks of the book, in order, and which file holds a run."""

import os
import re
from functools import cache
from pathlib import Path

import nbformat
import yaml
from nbformat import NotebookNode

ROOT = Path(__file__).resolve().parent.parent
LESSONS = ROOT / "lessons"
SETUP_CELL = LESSONS / "setup_cell.py"
# What a graded notebook's source holds besides the lesson; it is no part of a run.
HIDDEN = re.compile(
    r"^[ \t]*### BEGIN HIDDEN TESTS[^\n]*\n(.*?)^[ \t]*### END HIDDEN TESTS[^\n]*\n?", re.M | re.S
)


def read(path: Path) -> NotebookNode:
    """Read a notebook, format 4."""
    return nbformat.read(path, as_version=4)


def stored(notebook: NotebookNode) -> str:
    """A notebook as its file holds it."""
    return nbformat.writes(notebook) + "\n"


def write(path: Path, notebook: NotebookNode) -> None:
    """Write a notebook whole or not at all."""
    part = path.with_suffix(".part")
    part.write_text(stored(notebook), encoding="utf-8")
    os.replace(part, path)


def code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    """The cells that hold code, in order."""
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def in_book() -> list[Path]:
    """The notebooks that are in the book (_toc.yml), in reading order."""
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    files = [chapter["file"] for part in toc.get("parts", []) for chapter in part["chapters"]]
    return [ROOT / f"{file}.ipynb" for file in files if file.startswith("lessons/")]


def numbered() -> list[Path]:
    """All numbered notebooks, in the book or not yet."""
    return sorted(LESSONS.glob("[0-9][0-9]_*.ipynb"))


def drafts() -> list[Path]:
    """Numbered notebooks that are not in the book yet: they run, and have no recording."""
    return sorted(set(numbered()) - set(in_book()))


def find(number: str) -> Path:
    """The notebook of lesson ``number`` ("01" or "1"), or SystemExit with the choices."""
    everything = numbered()
    found = [path for path in everything if path.name.startswith(f"{number:0>2}_")]
    if len(found) != 1:
        choices = " ".join(path.name[:2] for path in everything)
        raise SystemExit(f"No lesson {number!r}: say LESSON= one of {choices}.")
    return found[0]


def sources() -> list[Path]:
    """The folders of $COURSE_SOURCES: notebooks from which pages of the same name are derived."""
    named = os.environ.get("COURSE_SOURCES", "").split(os.pathsep)
    return [Path(folder) for folder in named if folder and Path(folder).is_dir()]


def recording(path: Path) -> Path:
    """The notebook that is run for a lesson: its source where that is at hand, else itself."""
    return next((f / path.name for f in sources() if (f / path.name).exists()), path)


def is_derived(notebook: NotebookNode) -> bool:
    """Whether a notebook was cut from a source: it carries that one's record, and no outputs."""
    return "values" in notebook.metadata.get("course", {})


def is_setup(cell: NotebookNode) -> bool:
    """Whether this is the set-up cell, which every lesson begins with."""
    return cell.source.startswith(_first_line())


@cache
def _first_line() -> str:
    return SETUP_CELL.read_text(encoding="utf-8").splitlines()[0]
