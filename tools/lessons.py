"""The course and its lessons. A notebook is read once, and what it says of itself stands here.

Everything that a program wants to know of a lesson it asks a :class:`Lesson`; which notebooks there
are, a :class:`Course`. :data:`COURSE` is the one of this checkout, a test makes its own.
"""

import json
import os
import re
from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import nbformat
import yaml
from coursekit import fetch
from coursekit.report import GLUE
from nbformat import NotebookNode

ROOT = Path(__file__).resolve().parent.parent
# What a graded notebook's source holds besides the lesson; it is no part of a run.
HIDDEN = re.compile(
    r"^[ \t]*### BEGIN HIDDEN TESTS[^\n]*\n(.*?)^[ \t]*### END HIDDEN TESTS[^\n]*\n?", re.M | re.S
)
# The text that every version of the set-up cell holds, whatever else is changed in it.
SETUP_MARK = 'REPOSITORY = "'


def read(path: Path) -> NotebookNode:
    """Read a notebook, format 4. Who wants to know what it says asks a :class:`Lesson`."""
    return nbformat.read(path, as_version=4)


def stored(notebook: NotebookNode) -> str:
    """A notebook as its file holds it."""
    return nbformat.writes(notebook) + "\n"


def write(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    part = path.with_name(path.name + ".part")
    part.write_text(text, encoding="utf-8")
    os.replace(part, path)


def code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    """The cells that hold code, in order."""
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def tags(cell: NotebookNode) -> set[str]:
    """The tags of a cell."""
    return set(cell.metadata.get("tags", []))


def is_setup(cell: NotebookNode) -> bool:
    """Whether this is the set-up cell, which every lesson begins with."""
    return cell.cell_type == "code" and SETUP_MARK in cell.source


def picture_kind(output: NotebookNode) -> str | None:
    """The type of an output that is a picture: a plot, or a drawing that has words."""
    data, words = output.get("data", {}), output.get("metadata", {})
    if "image/png" in data:
        return "image/png"
    return "image/svg+xml" if "image/svg+xml" in data.keys() & words.keys() else None


def pictures(cells: Iterable[NotebookNode]) -> list[NotebookNode]:
    """The outputs of cells that are pictures, in order."""
    return [output for cell in cells for output in cell.get("outputs", []) if picture_kind(output)]


def glued(notebook: NotebookNode) -> list[tuple[str, Any]]:
    """Every name and value that ``report.glue`` left in the outputs, in order, repetitions too."""
    return [
        (output.metadata["scrapbook"]["name"], json.loads(output.data[GLUE + "text/plain"]))
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if "scrapbook" in output.get("metadata", {})
    ]


def values(notebook: NotebookNode) -> dict[str, Any]:
    """Every value that was glued, by name.

    A page cut from a source carries no outputs: it keeps the values in its metadata.
    """
    return dict(notebook.metadata.get("course", {}).get("values", {})) | dict(glued(notebook))


def record(notebook: NotebookNode) -> dict[str, Any] | None:
    """What `make record` wrote down of its run, or None if there was none.

    ``code_sha256`` (see tools/stale.py), ``data`` (file -> sha256), ``versions``, ``cpu``,
    ``seconds``, and ``models`` (name -> sha256 of its script) where a page runs one.
    """
    return notebook.metadata.get("course", {}).get("record")


class Lesson:
    """One notebook, read when it is first asked for, and what it says of itself."""

    def __init__(self, path: Path):
        self.path = path
        self.name, self.number = path.stem, path.stem.partition("_")[0]

    @cached_property
    def notebook(self) -> NotebookNode:
        return read(self.path)

    @property
    def cells(self) -> list[NotebookNode]:
        return self.notebook.cells

    @property
    def text(self) -> str:
        """Its markdown cells, one behind the other."""
        return "\n".join(cell.source for cell in self.cells if cell.cell_type == "markdown")

    @property
    def code(self) -> str:
        """Its code cells, one behind the other."""
        return "\n".join(cell.source for cell in code_cells(self.notebook))

    @property
    def record(self) -> dict[str, Any] | None:
        """See :func:`record`."""
        return record(self.notebook)

    @property
    def values(self) -> dict[str, Any]:
        """See :func:`values`."""
        return values(self.notebook)

    @property
    def is_derived(self) -> bool:
        """Whether it was cut from a source, which is not at hand: a record, and no outputs."""
        return "values" in self.notebook.metadata.get("course", {})

    @property
    def title(self) -> str:
        """Its first heading: "01. …"."""
        found = re.search(r"(?m)^# (.+)$", self.text)
        return found[1] if found else self.name

    @property
    def goal(self) -> str:
        """The goal of its first box, without marks of Markdown."""
        found = re.search(r"\*\*목표\*\*: (.+)", self.text)
        return re.sub(r"[*`$]", "", found[1]) if found else ""

    @property
    def minutes(self) -> int | None:
        """How long its first box says that a run takes on two cores."""
        found = re.search(r"걸리는 시간\*\*:[^\n]*?약 (\d+)분", self.text)
        return int(found[1]) if found else None

    @property
    def data(self) -> list[str]:
        """The labels of the data sets that its code loads, in the order of the registry."""
        loaded = set(re.findall(r"\bdata\.load_(\w+)\(", self.code))
        return [table["label"] for key, table in fetch.registry().items() if key in loaded]

    @property
    def pictures(self) -> list[NotebookNode]:
        """Its outputs that are pictures, in order."""
        return pictures(self.cells)


class Course:
    """Where the lessons are.

    Args:
        root: the checkout.
        sources: folders of notebooks from which pages of the same name are cut.
    """

    def __init__(self, root: Path, sources: Sequence[Path] = ()):
        self.root, self.sources = root, tuple(sources)
        self.folder = root / "lessons"
        self.kept = self.folder / "kept"  # see tools/keep.py
        self._read: dict[Path, Lesson] = {}

    @property
    def setup_cell(self) -> str:
        """The set-up cell as it stands in every notebook."""
        return (self.folder / "setup_cell.py").read_text(encoding="utf-8").strip()

    def read(self, path: Path) -> Lesson:
        """The lesson of this very notebook, the same one each time."""
        return self._read.setdefault(path, Lesson(path))

    def at(self, page: Path) -> Lesson:
        """The lesson of a page: what is run is its source where that is at hand."""
        found = (folder / page.name for folder in self.sources)
        return self.read(next((path for path in found if path.exists()), page))

    def lessons(self) -> list[Lesson]:
        """The lessons that are in the book (_toc.yml), in reading order."""
        toc = yaml.safe_load((self.root / "_toc.yml").read_text(encoding="utf-8"))
        files = [chapter["file"] for part in toc.get("parts", []) for chapter in part["chapters"]]
        pages = [self.root / f"{file}.ipynb" for file in files if file.startswith("lessons/")]
        return [self.at(page) for page in pages]

    def numbered(self) -> list[Lesson]:
        """All lessons, in the book or not yet."""
        return [self.at(page) for page in sorted(self.folder.glob("[0-9][0-9]*_*.ipynb"))]

    def drafts(self) -> list[Lesson]:
        """The lessons that are not in the book yet: they run, and have no recording."""
        inside = self.lessons()
        return [lesson for lesson in self.numbered() if lesson not in inside]

    def find(self, number: str) -> Lesson:
        """Lesson ``number`` ("01", "1"; "02h" is homework after 02), or SystemExit: the choices."""
        everything = self.numbered()
        found = [lesson for lesson in everything if lesson.name.startswith(f"{number:0>2}_")]
        if len(found) != 1:
            choices = " ".join(lesson.number for lesson in everything)
            raise SystemExit(f"No lesson {number!r}: say LESSON= one of {choices}.")
        return found[0]

    def chosen(self, numbers: Sequence[str]) -> list[Lesson]:
        """The lessons of these numbers; those of the book where none is given."""
        return [self.find(number) for number in numbers] or self.lessons()

    def notebooks(self) -> list[Path]:
        """Every notebook: lessons, drafts, sources and what is cut from them."""
        found = (
            path for folder in (self.folder, *self.sources) for path in folder.rglob("*.ipynb")
        )
        return sorted(path for path in found if ".ipynb_checkpoints" not in path.parts)


def _sources() -> list[Path]:
    """The folders of this checkout that $COURSE_SOURCES names."""
    names = filter(None, os.environ.get("COURSE_SOURCES", "").split(os.pathsep))
    named = [Path(name).resolve() for name in names]
    return [folder for folder in named if folder.is_dir() and folder.is_relative_to(ROOT)]


COURSE = Course(ROOT, _sources())
