"""make lesson: start a lesson as a draft, from the template tools/lesson_template.ipynb."""

import re
import sys
from pathlib import Path

import nbformat
from nbformat.v4.nbbase import random_cell_id

from tools import lessons, setup_cell

TEMPLATE = Path(__file__).with_name("lesson_template.ipynb")
NEXT = """\
{path} is a draft: it runs, the tests run it, and it is not in the book yet.
1. Write it in JupyterLab (make lab); make check LESSON={number} says what is missing.
2. When it is done, name it in _toc.yml and its headline number in book/results.toml.
3. make record LESSON={number}; make band LESSON={number}; make catalogue
4. make check; make test; make book
CONTRIBUTING.md has the whole recipe."""


def start(number: str, name: str) -> Path:
    """Write a draft into lessons/.

    Args:
        number: two digits, the place in the reading order.
        name: what the file is called, in lower case: "attention", "bahdanau_attention".

    Returns:
        The new notebook.

    Raises:
        SystemExit: no number and name, or the number is taken.
    """
    if not re.fullmatch(r"\d\d?", number) or not re.fullmatch(r"[a-z0-9]+(_[a-z0-9]+)*", name):
        raise SystemExit("Say which lesson: make lesson NUMBER=12 NAME=attention")
    number = f"{number:0>2}"
    folder = lessons.ROOT / "lessons"
    if taken := sorted(folder.glob(f"{number}_*.ipynb")):
        raise SystemExit(f"Lesson {number} is there: {taken[0].name}. Choose another number.")
    notebook = lessons.read(TEMPLATE)
    heading = notebook.cells[0]
    heading.source = heading.source.replace("NUMBER", number).replace("NAME", name)
    for cell in notebook.cells:
        cell.source = cell.source.replace("그림 NUMBER", f"그림 {int(number)}")
    setup_cell.put(notebook)
    for cell in notebook.cells:
        cell.id = random_cell_id()
    path = folder / f"{number}_{name}.ipynb"
    nbformat.write(notebook, path)
    return path


def main(number: str = "", name: str = "") -> None:
    path = start(number, name)
    print(NEXT.format(path=path.relative_to(lessons.ROOT), number=path.name[:2]))


if __name__ == "__main__":
    main(*sys.argv[1:])
