"""make release: derive what is handed out from the instructor's source of the homework.

    lessons/homework/09_nsmc_homework.ipynb            the source: task, solution, checks, points
    lessons/09_nsmc_homework.ipynb                     the student's copy, which is the book's page
    lessons/homework/09_nsmc_homework_solution.ipynb   the solution, for after the deadline

nbgrader's own preprocessors do the cutting, in the order and with the settings of
lessons/homework/nbgrader_config.py, so `nbgrader generate_assignment` hands out the same cells.
"""

import copy
import sys
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from tools.lessons import ROOT

HOMEWORK = ROOT / "lessons" / "homework"
SOURCE = HOMEWORK / "09_nsmc_homework.ipynb"
KERNEL = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
    "course": {"derived_from": SOURCE.relative_to(HOMEWORK.parent).as_posix()},
}


def _config():
    from traitlets.config.loader import PyFileConfigLoader

    return PyFileConfigLoader("nbgrader_config.py", path=str(HOMEWORK)).load_config()


def student_copy(source: NotebookNode) -> NotebookNode:
    """What nbgrader hands out for this source: no solution, no hidden test, no output."""
    notebook, config, resources = copy.deepcopy(source), _config(), {}
    for kind in config.GenerateAssignment.preprocessors:
        if kind.__name__ not in ("IncludeHeaderFooter", "InstantiateTests", "SaveCells"):
            notebook, resources = kind(config=config).preprocess(notebook, resources)
    for cell in notebook.cells:
        tags = sorted({"hide-input"} & set(cell.metadata.get("tags", [])))
        kept = {
            k: v for k, v in cell.metadata.items() if k in ("nbgrader", "editable", "deletable")
        }
        cell.metadata = nbformat.from_dict(kept | ({"tags": tags} if tags else {}))
    notebook.metadata = nbformat.from_dict(KERNEL)
    return notebook


def solution_copy(source: NotebookNode) -> NotebookNode:
    """The source minus hidden tests: task and solution with its recorded outputs."""
    from nbgrader.preprocessors import ClearHiddenTests

    notebook, _ = ClearHiddenTests().preprocess(copy.deepcopy(source), {})
    for cell in notebook.cells:
        cell.metadata.pop("nbgrader", None)
        lines = [line for line in cell.source.splitlines() if not line.lstrip().startswith("### ")]
        if cell.cell_type == "code":
            cell.source = "\n".join(lines)
    notebook.metadata.pop("course", None)
    return notebook


def derivatives(source: Path = SOURCE) -> dict[Path, str]:
    """Every derived file and what it must hold."""
    notebook = nbformat.read(source, as_version=4)
    return {
        source.parent.parent / source.name: nbformat.writes(student_copy(notebook)) + "\n",
        source.with_name(f"{source.stem}_solution.ipynb"): nbformat.writes(solution_copy(notebook))
        + "\n",
    }


def stale(source: Path = SOURCE) -> list[str]:
    """The derived files that are not what the source gives, a line each."""
    return [
        f"{path.relative_to(source.parent.parent.parent)} is not what its source gives: "
        "run `make release`"
        for path, text in derivatives(source).items()
        if not path.exists() or path.read_text("utf-8") != text
    ]


def write() -> None:
    """Write every derived file."""
    for path, text in derivatives().items():
        path.write_text(text, encoding="utf-8")
        print(path.relative_to(ROOT))


def main() -> None:
    if "--check" in sys.argv:
        raise SystemExit("\n".join(stale()) or None)
    from grading.notebooks import read_assignment

    assignment = read_assignment(SOURCE)
    write()
    print(f"{len(assignment.checks)} checks, {assignment.points:g} points")


if __name__ == "__main__":
    main()
