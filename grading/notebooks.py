"""The assignment's source, and how a submission is brought back to its shape."""

import hashlib
import json
import re
import unicodedata
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from tools.lessons import HIDDEN

COLLECT = re.compile(r"^# sandbox: (\w+) = (.+)$", re.M)
BYTES_MAX = 32 << 20


class Unreadable(ValueError):
    """A file handed in is no notebook; the message (Korean) goes to the student."""


@dataclass(frozen=True)
class Check:
    """One grade cell: what to collect for it, and the code that judges what came."""

    name: str
    title: str
    points: float
    collect: dict[str, str]
    code: str


@dataclass
class Assignment:
    """An instructor's source notebook, read once."""

    path: Path
    source: NotebookNode
    checks: list[Check]
    settings: dict
    sha256: str

    @cached_property
    def student(self) -> NotebookNode:
        """The copy that was handed out."""
        from grading.release import student_copy  # imports nbgrader: slow

        return student_copy(self.source)

    @property
    def name(self) -> str:
        return self.path.stem

    @property
    def points(self) -> float:
        return sum(check.points for check in self.checks)


def marks(cell: NotebookNode) -> dict:
    """nbgrader's metadata of a cell, or an empty dictionary, whatever stands there."""
    found = cell.get("metadata", {}).get("nbgrader", {})
    return found if isinstance(found, dict) else {}


def read_assignment(path: Path) -> Assignment:
    """Read an instructor's source.

    Raises:
        ValueError: a grade cell has no hidden tests, or no points can be had.
    """
    content = path.read_bytes()
    source = nbformat.reads(content.decode("utf-8"), as_version=4)
    checks = []
    for cell in source.cells:
        if not marks(cell).get("grade"):
            continue
        hidden = "\n".join(HIDDEN.findall(cell.source))
        if cell.cell_type != "code" or not hidden.strip():
            raise ValueError(f"{path.name}: {marks(cell)['grade_id']} has no hidden tests")
        checks.append(
            Check(
                marks(cell)["grade_id"],
                cell.source.splitlines()[0].lstrip("# "),
                float(marks(cell)["points"]),
                dict(COLLECT.findall(hidden)),
                hidden,
            )
        )
    if not checks:
        raise ValueError(f"{path.name} has no grade cell")
    settings = dict(source.metadata.get("course", {}).get("grading", {}))
    code = hashlib.sha256(content)
    for file in sorted(Path(__file__).parent.glob("*.py")):  # another engine, another grade
        code.update(file.read_bytes())
    return Assignment(path, source, checks, settings, code.hexdigest())


# --- what was handed in -----------------------------------------------------------------------


def decode(content: bytes) -> tuple[NotebookNode, list[str]]:
    """Read a notebook as people hand it in; return it with notes (Korean) on what was odd.

    Raises:
        Unreadable: it is no notebook.
    """
    notes = []
    if not content.strip():
        raise Unreadable("빈 파일입니다. Colab의 ‘파일 > 다운로드 > .ipynb 다운로드’로 받으십시오.")
    if len(content) > BYTES_MAX:
        raise Unreadable(
            f"파일이 너무 큽니다({len(content) >> 20} MB). 출력을 모두 지우고 다시 내십시오."
        )
    for encoding in ("utf-8-sig", "cp949", "utf-16"):
        try:
            text = content.decode(encoding)
        except UnicodeError:
            continue
        if encoding != "utf-8-sig":
            notes.append(f"파일이 UTF-8이 아니라 {encoding}로 저장되어 있어 바꾸어 읽었습니다.")
        break
    else:
        raise Unreadable("글자를 읽을 수 없는 파일입니다. 노트북(.ipynb)을 UTF-8로 저장하십시오.")
    try:
        raw = json.loads(text)
        notebook = nbformat.from_dict(raw)
        if notebook.get("nbformat", 4) != 4:
            notebook = nbformat.convert(notebook, 4)
        cells = [_cell(cell) for cell in notebook["cells"]]
    except (ValueError, RecursionError, KeyError, TypeError, AttributeError) as error:
        raise Unreadable(
            "노트북(.ipynb) 파일이 아니거나 깨진 파일입니다. 다시 내려받아 여십시오. "
            f"({type(error).__name__})"
        ) from None
    return nbformat.v4.new_notebook(cells=cells), notes


def _cell(raw) -> NotebookNode:
    """Keep of a cell what counts: its kind, text and metadata."""
    source = raw["source"]
    source = "".join(source) if isinstance(source, list) else source
    if not isinstance(source, str):
        raise TypeError("a cell's source is no text")
    metadata = raw.get("metadata")
    make = (
        nbformat.v4.new_code_cell if raw["cell_type"] == "code" else nbformat.v4.new_markdown_cell
    )
    cell = make(source)
    if isinstance(metadata, dict) and isinstance(metadata.get("nbgrader"), dict):
        cell.metadata = {"nbgrader": metadata["nbgrader"]}
    return cell


def restore(assignment: Assignment, notebook: NotebookNode) -> tuple[list[dict], list[str]]:
    """Return the code cells to run, and notes (Korean) on what was put back.

    nbgrader's rules: a locked cell has the source's text whatever the student made of it; of
    cells with the same id the last one counts; a missing locked cell comes back behind the one
    before it. Everything else runs as it is, in the order of the notebook. Where a platform has
    dropped the metadata, a locked cell is known by its text.
    """
    originals = {marks(cell).get("grade_id"): cell for cell in assignment.student.cells}
    originals.pop(None, None)
    checks = {check.name: check for check in assignment.checks}
    locked = {n: cell for n, cell in originals.items() if not marks(cell).get("solution")}
    texts = {cell.source: name for name, cell in locked.items()}
    names = [_id(cell, originals, texts) for cell in notebook.cells]
    last = {name: number for number, name in enumerate(names)}
    placed: list[tuple[str | None, str]] = []
    notes, seen = [], set()
    for number, (name, cell) in enumerate(zip(names, notebook.cells, strict=True)):
        if name is not None and last[name] != number:
            notes.append(f"셀 {name}이(가) 두 번 이상 있어 마지막 것만 썼습니다.")
            if not marks(originals[name]).get("solution"):
                continue  # an earlier copy of a check: nothing of the student's is lost
            name = None
        source, kind = cell.source, cell.cell_type
        if name is not None:
            seen.add(name)
            original = originals[name]
            if not marks(original).get("solution"):
                if source != original.source:
                    notes.append(f"잠긴 셀 {name}이(가) 바뀌어 있어 원래대로 되돌렸습니다.")
                source, kind = original.source, original.cell_type
            else:
                kind = original.cell_type
        if kind == "code":
            placed.append((name, source))
    order = [name for name in originals if originals[name].cell_type == "code"]
    for position, name in enumerate(order):
        if name in seen:
            continue
        if marks(originals[name]).get("solution"):
            notes.append(f"답을 쓰는 셀 {name}이(가) 없습니다.")
            continue
        before = [other for other in order[:position] if other in {n for n, _ in placed}]
        index = 1 + max(
            (i for i, (n, _) in enumerate(placed) if before and n == before[-1]), default=-1
        )
        placed.insert(index, (name, originals[name].source))
        notes.append(f"지워진 셀 {name}을(를) 다시 넣었습니다.")
    cells = []
    for name, source in placed:
        cell = {"id": name, "source": source}
        if name in checks:
            cell |= {"check": name, "collect": checks[name].collect}
        cells.append(cell)
    return cells, sorted(set(notes), key=notes.index)


def _id(cell: NotebookNode, originals: dict, texts: dict[str, str]) -> str | None:
    """The name under which the assignment knows this cell, if it does."""
    name = marks(cell).get("grade_id")
    return name if isinstance(name, str) and name in originals else texts.get(cell.source)


def fingerprint(assignment: Assignment, cells: list[dict]) -> str | None:
    """A hash of the student's own code, blind to blanks and comments; None if there is none."""
    given = {_bare(cell.source) for cell in assignment.student.cells if cell.cell_type == "code"}
    own = [text for cell in cells if (text := _bare(cell["source"])) and text not in given]
    return hashlib.sha256("\0".join(own).encode("utf-8", "replace")).hexdigest() if own else None


def _bare(source: str) -> str:
    lines = (re.sub(r"\s+", "", re.sub(r"#.*", "", line)) for line in source.splitlines())
    return unicodedata.normalize("NFC", "\n".join(line for line in lines if line))
