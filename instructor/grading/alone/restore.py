"""Bring a hand-in back to the shape of the assignment. Reads with suspicion, in its own process.

Standard library only. Run as a program it gets a job (JSON, one line) and the file's bytes on
standard input and prints JSON; its memory and its time are limited, so no file can hurt the grader.
"""

import contextlib
import hashlib
import json
import re
import resource
import subprocess
import sys
import unicodedata
from dataclasses import dataclass, field

MEMORY_MB, SECONDS = 2000, 60  # of CPU
FAR = 10  # times as long by the clock: a busy machine makes no file unreadable
CELLS_MAX, LIST_MAX = 2000, 50
STORED_MAX = 200_000  # characters of what the notebook has printed
BROKEN = "노트북(.ipynb) 파일이 아니거나 깨진 파일입니다. 다시 내려받아 여십시오."
TOO_MUCH = "노트북을 읽는 데 메모리나 시간이 너무 많이 듭니다. 출력을 모두 지우고 다시 내십시오."


class Unreadable(ValueError):
    """A file handed in is no notebook; the message (Korean) goes to the student."""


@dataclass
class Restored:
    """The code cells to run, in order, with the assignment's name for those it knows."""

    cells: list[dict] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)  # Korean, on what was odd or put back
    fingerprint: str | None = None  # of the student's own code; None when there is none
    unreadable: str = ""
    stored: str = ""  # what the notebook had printed where it was made


def restored(content: bytes, originals: list[dict]) -> Restored:
    """Restore a file in a process of its own; whatever happens there, a result comes back."""
    job = json.dumps(originals).encode() + b"\n"
    with contextlib.suppress(subprocess.SubprocessError, ValueError, TypeError):
        process = subprocess.run(
            [sys.executable, "-I", "-X", "utf8", __file__],
            input=job + content,
            capture_output=True,
            timeout=FAR * SECONDS,
            check=True,
        )
        return Restored(**json.loads(process.stdout))
    return Restored(unreadable=TOO_MUCH)


def decode(content: bytes) -> tuple[list[dict], list[str]]:
    """Read a notebook as people hand it in; return its cells, with notes on what was odd.

    Raises:
        Unreadable: it is no notebook.
    """
    notes = []
    if not content.strip():
        raise Unreadable("빈 파일입니다. Colab의 ‘파일 > 다운로드 > .ipynb 다운로드’로 받으십시오.")
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
        if not isinstance(raw["cells"], list):
            raise TypeError("cells")
        cells = [_cell(cell) for cell in raw["cells"]]
    except MemoryError:  # told where this process is waited for
        raise
    except Exception as error:  # whatever a file can be
        raise Unreadable(f"{BROKEN} ({type(error).__name__})") from None
    if len(cells) > CELLS_MAX:
        raise Unreadable(f"셀이 {len(cells):,}개나 됩니다. {CELLS_MAX:,}개 아래로 줄이십시오.")
    return cells, notes


def _fields(given: object) -> dict:
    """A dictionary of the file's, or an empty one for what it has in its place."""
    return given if isinstance(given, dict) else {}


def _cell(raw: dict) -> dict:
    """Keep of a cell what counts: its kind, text, name, and what it had printed."""
    source = raw.get("source")
    source = "".join(source) if isinstance(source, list) else source
    name = _fields(_fields(raw.get("metadata")).get("nbgrader")).get("grade_id")
    outputs = raw.get("outputs")
    stored = []
    for output in map(_fields, outputs if isinstance(outputs, list) else []):
        data = _fields(output.get("data"))
        for text in (data.get("text/plain"), data.get("text/markdown"), output.get("text")):
            lines = text if isinstance(text, list) else [text]
            stored.append("".join(line for line in lines if isinstance(line, str)))
    return {
        "code": raw["cell_type"] == "code",
        "source": source.replace("\r\n", "\n").replace("\r", "\n"),
        "id": name if isinstance(name, str) else None,
        "stored": "\n".join(filter(None, stored)),
    }


def restore(originals: list[dict], given: list[dict]) -> tuple[list[dict], list[str]]:
    """Return the code cells to run, and notes (Korean) on what was put back.

    nbgrader's rules: a locked cell has the source's text whatever the student made of it; of
    cells with the same id the last one counts; a missing locked cell comes back. Everything else
    runs as it is, in the order of the notebook. Where a platform has dropped the metadata, a
    locked cell is known by its text, blanks and line ends left out.
    """
    known = {cell["id"]: cell for cell in originals if cell["id"]}
    texts = {
        _squeezed(cell["source"]): name for name, cell in known.items() if not cell["solution"]
    }
    names = [
        cell["id"] if cell["id"] in known else texts.get(_squeezed(cell["source"]))
        for cell in given
    ]
    last = {name: number for number, name in enumerate(names)}
    placed: list[tuple[str | None, str]] = []
    notes = []
    for number, (name, cell) in enumerate(zip(names, given, strict=True)):
        if name is not None and last[name] != number:
            if not known[name]["solution"]:
                notes.append(f"잠긴 셀 {name}이(가) 두 번 이상 있어 마지막 것만 실행했습니다.")
                continue  # an earlier copy of a check: nothing of the student's is lost
            notes.append(f"답을 쓰는 셀 {name}이(가) 두 번 이상 있어 모두 실행했습니다.")
            name = None
        source, code = cell["source"], cell["code"]
        if name is not None:
            code = known[name]["code"]
            if not known[name]["solution"]:
                if _squeezed(source) != _squeezed(known[name]["source"]):
                    notes.append(f"잠긴 셀 {name}이(가) 바뀌어 있어 원래대로 되돌렸습니다.")
                source = known[name]["source"]
        if code:
            placed.append((name, source))
    named = any(cell["id"] in known for cell in given)
    if given and not named:
        notes.append("셀의 메타데이터가 없어, 잠긴 셀은 글로 찾고 나머지 셀은 모두 실행했습니다.")
    notes += _put_back(placed, known, set(names), named)
    return [{"id": name, "source": source} for name, source in placed], list(dict.fromkeys(notes))


def _put_back(placed: list, known: dict, seen: set, named: bool) -> list[str]:
    """Insert the locked cells that are gone; return notes. ``named``: cells carry their names.

    A check comes as late as possible, right before the next cell we know (its answer may stand in
    a cell that nobody knows any more), any other cell as early: right behind the one before it.
    """
    notes = []
    order = [name for name, cell in known.items() if cell["code"]]
    for position, name in enumerate(order):
        if name in seen:
            continue
        if known[name]["solution"]:
            if named:  # else its cell may well be there
                notes.append(f"이름이 {name}인 답 셀이 없습니다. 다른 셀은 모두 실행했습니다.")
            continue
        places = {other: index for index, (other, _) in enumerate(placed)}
        if known[name]["grade"]:
            later = [places[other] for other in order[position + 1 :] if other in places]
            index = later[0] if later else len(placed)
        else:
            before = [places[other] for other in order[:position] if other in places]
            index = before[-1] + 1 if before else 0
        placed.insert(index, (name, known[name]["source"]))
        notes.append(f"없는 잠긴 셀 {name}을(를) 다시 넣었습니다.")
    return notes


def fingerprint(originals: list[dict], cells: list[dict]) -> str | None:
    """A hash of the student's own code, blind to blanks and comments; None if there is none."""
    given = {_bare(cell["source"]) for cell in originals if cell["code"]}
    own = [text for cell in cells if (text := _bare(cell["source"])) and text not in given]
    return hashlib.sha256("\0".join(own).encode("utf-8", "replace")).hexdigest() if own else None


def _squeezed(source: str) -> str:
    return unicodedata.normalize("NFC", "".join(source.split()))


def _bare(source: str) -> str:
    lines = (re.sub(r"\s+", "", re.sub(r"#.*", "", line)) for line in source.splitlines())
    return unicodedata.normalize("NFC", "\n".join(line for line in lines if line))


def main() -> None:
    with contextlib.suppress(ValueError, OSError):  # macOS knows no limit of the address space
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_MB << 20, MEMORY_MB << 20))
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    originals = json.loads(sys.stdin.buffer.readline())
    result = Restored()
    try:
        given, notes = decode(sys.stdin.buffer.read())
        result.cells, more = restore(originals, given)
        result.notes = (notes + more)[:LIST_MAX]
        result.fingerprint = fingerprint(originals, result.cells)
        result.stored = "\n".join(cell["stored"] for cell in given if cell["stored"])[:STORED_MAX]
    except Unreadable as error:
        result.unreadable = str(error)
    print(json.dumps(vars(result)))


if __name__ == "__main__":
    main()
