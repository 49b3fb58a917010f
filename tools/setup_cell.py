"""make setup-cell: write lessons/setup_cell.py into every notebook.

Only that cell's text changes: its id, its tags, all outputs and the notebook's metadata stay.
"""

from pathlib import Path

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from tools import lessons

# The text that every version of the cell holds, whatever else is changed in it.
MARK = 'REPOSITORY = "'


def text() -> str:
    """The set-up cell as it has to stand in every notebook."""
    return lessons.SETUP_CELL.read_text(encoding="utf-8").strip()


def places() -> list[Path]:
    """Every notebook of the course, the homework's source and derived copies included."""
    folders = [lessons.ROOT / "lessons", *lessons.sources()]
    found = (path for folder in folders for path in folder.rglob("*.ipynb"))
    return sorted(path for path in found if ".ipynb_checkpoints" not in path.parts)


def put(notebook: NotebookNode) -> bool:
    """Put the set-up cell where it belongs; whether anything changed.

    It replaces the first code cell if that is an older set-up cell, and goes before it otherwise.
    """
    code = [index for index, cell in enumerate(notebook.cells) if cell.cell_type == "code"]
    first = code[0] if code else len(notebook.cells)
    if not code or MARK not in notebook.cells[first].source:
        cell = new_code_cell(metadata={"tags": ["hide-input"]})
        notebook.cells.insert(first, cell)
    cell = notebook.cells[first]
    changed, cell.source = cell.source != text(), text()
    return changed


def write() -> list[Path]:
    """Write the set-up cell into every notebook; the notebooks that changed."""
    changed = []
    for path in places():
        notebook = lessons.read(path)
        if put(notebook):
            lessons.write(path, notebook)
            changed.append(path)
    return changed


def main() -> None:
    changed = write()
    for path in changed:
        print(path.relative_to(lessons.ROOT))
    print(f"{len(changed)} of {len(places())} notebooks changed.")


if __name__ == "__main__":
    main()
