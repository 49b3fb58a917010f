"""The instructor's source of a homework, and what follows from it: checks, copies, solution.

nbgrader's own preprocessors do the cutting, in the order and with the settings of
instructor/homework/nbgrader_config.py, so `nbgrader generate_assignment` hands out the same cells.
"""

import copy
import math
import re
from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbgrader.preprocessors import ClearHiddenTests
from traitlets.config.loader import PyFileConfigLoader

from tools import stale
from tools.lessons import HIDDEN, record, values

HOMEWORK = Path(__file__).resolve().parent.parent / "homework"
MATERIAL = "_material.py"  # NAME_material.py beside NAME.ipynb
CONFIG = HOMEWORK / "nbgrader_config.py"
COLLECT = re.compile(r"^# sandbox: (\w+) = (.+)$", re.M)
OPTIONAL = re.compile(r"^# optional: (\w+) = (.+)$", re.M)
PROSE = re.compile(r"^# prose: (\w+)$", re.M)
KERNEL = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


@dataclass(frozen=True)
class Check:
    """One grade cell: what to collect for it, and the code that judges what came."""

    name: str
    title: str
    points: float
    collect: dict[str, str]
    code: str
    optional: dict[str, str] = field(default_factory=dict)  # None where it cannot be had
    prose: tuple[str, ...] = ()  # collected names that a person reads


@dataclass
class Assignment:
    """An instructor's source notebook, read once."""

    name: str
    source: NotebookNode
    checks: list[Check]

    @cached_property
    def student(self) -> NotebookNode:
        """The copy that was handed out."""
        return student_copy(self.source)

    @property
    def title(self) -> str:
        return self.student.cells[0].source.splitlines()[0].lstrip("# ")

    @property
    def points(self) -> float:
        return sum(check.points for check in self.checks)

    @cached_property
    def originals(self) -> list[dict]:
        """The student copy's cells as plain data, for restore.py."""
        return [
            {
                "id": marks(cell).get("grade_id"),
                "solution": bool(marks(cell).get("solution")),
                "grade": bool(marks(cell).get("grade")),
                "code": cell.cell_type == "code",
                "source": cell.source,
            }
            for cell in self.student.cells
        ]


def sources(folder: Path = HOMEWORK) -> list[Path]:
    """The source of every homework: a notebook is one when its material lies beside it."""
    materials = sorted(folder.glob(f"*{MATERIAL}"))
    return [path.with_name(f"{path.name.removesuffix(MATERIAL)}.ipynb") for path in materials]


def find(begins: str, folder: Path = HOMEWORK) -> Path:
    """The source of the homework whose name begins so: "09", "2", "02h".

    Raises:
        ValueError: none does, or several do; the message names the choices.
    """
    found = [
        path for path in sources(folder) if path.name.startswith(f"{begins:0>2}" if begins else "")
    ]
    if len(found) == 1:
        return found[0]
    names = ", ".join(path.stem.partition("_")[0] for path in found or sources(folder))
    raise ValueError(f"say which homework: HOMEWORK= one of {names or 'none'} (in {folder})")


def marks(cell: NotebookNode) -> dict:
    """nbgrader's metadata of a cell, or an empty dictionary."""
    return cell.get("metadata", {}).get("nbgrader", {})


def read_assignment(content: bytes, name: str) -> Assignment:
    """Read an instructor's source.

    Raises:
        ValueError: a grade cell has no hidden tests, its points are no number from 0 on, a
            grade_id is there twice, or no points can be had.
    """
    source = nbformat.reads(content.decode("utf-8"), as_version=4)
    checks = []
    ids = Counter(marks(cell)["grade_id"] for cell in source.cells if marks(cell))
    if twice := [one for one, count in ids.items() if count > 1]:
        raise ValueError(f"{name}: there are two cells with the grade_id {', '.join(twice)}")
    for cell in source.cells:
        if not marks(cell).get("grade"):
            continue
        hidden = "\n".join(HIDDEN.findall(cell.source))
        if cell.cell_type != "code" or not hidden.strip():
            raise ValueError(f"{name}: {marks(cell)['grade_id']} has no hidden tests")
        points = float(marks(cell)["points"])
        if not 0 <= points < math.inf:
            raise ValueError(f"{name}: {marks(cell)['grade_id']} has {points:g} points")
        checks.append(
            Check(
                marks(cell)["grade_id"],
                cell.source.splitlines()[0].lstrip("# "),
                points,
                dict(COLLECT.findall(hidden)),
                hidden,
                dict(OPTIONAL.findall(hidden)),
                tuple(PROSE.findall(hidden)),
            )
        )
    if not checks:
        raise ValueError(f"{name} has no grade cell")
    return Assignment(name, source, checks)


def student_copy(source: NotebookNode) -> NotebookNode:
    """What nbgrader hands out for this source: no solution, no hidden test, no output.

    It is a page of the book, so it carries the source's record and what that run stored.
    """
    notebook, resources = copy.deepcopy(source), {}
    config = PyFileConfigLoader(CONFIG.name, path=str(CONFIG.parent)).load_config()
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
    if made := record(source):
        own = {**made, "code_sha256": stale.code_hash(notebook.cells)}
        notebook.metadata["course"] = {"record": own, "values": values(source)}
    return notebook


def solution_copy(source: NotebookNode) -> NotebookNode:
    """The source minus hidden tests: task and solution with its recorded outputs."""
    notebook, _ = ClearHiddenTests().preprocess(copy.deepcopy(source), {})
    for cell in notebook.cells:
        cell.metadata.pop("nbgrader", None)
        lines = [line for line in cell.source.splitlines() if not line.lstrip().startswith("### ")]
        if cell.cell_type == "code":
            cell.source = "\n".join(lines)
    notebook.metadata.pop("course", None)
    return notebook
