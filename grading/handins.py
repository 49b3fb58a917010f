"""Find what was handed in, without following a link or trusting a name."""

import hashlib
import os
import re
import stat
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

from grading.notebooks import BYTES_MAX


@dataclass(frozen=True)
class HandIn:
    """One notebook of one student."""

    student: str
    path: Path
    timestamp: datetime
    content: bytes

    @cached_property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()

    @property
    def slug(self) -> str:
        """The student's name as a file name: readable, unique, and never a path."""
        plain = re.sub(r"[^\w-]+", "_", self.student).strip("_")[:40]
        return f"{plain or 'student'}-{hashlib.sha256(self.student.encode()).hexdigest()[:8]}"


def find(folder: Path, assignment: str) -> tuple[list[HandIn], list[str]]:
    """Return the notebooks in a folder and, a line each, what was left out and why.

    Two layouts, mixed as they come: ``NAME.ipynb``, and a folder a student, as nbgrader and
    learning platforms make them: ``STUDENT/x.ipynb`` or ``STUDENT/ASSIGNMENT/x.ipynb``.
    """
    found, left_out = [], []
    for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
        if entry.name.startswith("._") or entry.name in (".ipynb_checkpoints", "__MACOSX"):
            continue
        path = Path(entry.path)
        if entry.is_symlink():
            left_out.append(f"{shown(entry.name)}: a link; links are not followed")
        elif entry.is_dir():
            try:
                found.append(_in_folder(path, assignment))
            except (OSError, ValueError) as error:
                left_out.append(f"{shown(entry.name)}: {error}")
        elif entry.name.lower().endswith(".ipynb"):
            try:
                found.append(_read(entry.name[: -len(".ipynb")] or entry.name, path))
            except (OSError, ValueError) as error:
                left_out.append(f"{shown(entry.name)}: {error}")
        elif not entry.name.startswith("."):
            left_out.append(f"{shown(entry.name)}: no .ipynb file")
    return _apart(found), left_out


def _in_folder(folder: Path, assignment: str) -> HandIn:
    for place in (folder / assignment, folder):
        if place.is_symlink() or not place.is_dir():
            continue
        names = sorted(n for n in os.listdir(place) if n.endswith(".ipynb") and n[:2] != "._")
        if names:
            wanted = f"{assignment}.ipynb"
            name = wanted if wanted in names else names[0]
            if len(names) > 1 and name != wanted:
                raise ValueError(f"{len(names)} notebooks and none is called {wanted}")
            return _read(folder.name, place / name, place / "timestamp.txt")
    raise ValueError("a folder without a notebook")


def _read(student: str, path: Path, timestamp: Path | None = None) -> HandIn:
    content, modified = read_plain(path, BYTES_MAX + 1)
    when = datetime.fromtimestamp(modified, UTC)
    if timestamp is not None and timestamp.exists():
        try:  # nbgrader writes "2026-11-21 07:00:00.000000 UTC"
            text = read_plain(timestamp, 100)[0].decode().strip().replace(" UTC", "+00:00")
            when = datetime.fromisoformat(text)
            when = when if when.tzinfo else when.replace(tzinfo=UTC)
        except (OSError, ValueError):
            pass
    name = "".join(c for c in unicodedata.normalize("NFC", student) if c.isprintable())
    return HandIn(shown(name).strip() or "이름 없음", path, when.astimezone(UTC), content)


def read_plain(path: Path, most: int) -> tuple[bytes, float]:
    """Read at most so many bytes of a regular file: no link, no pipe, no device.

    Raises:
        ValueError: it is something else.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as stream:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise ValueError("no regular file")
        return stream.read(most), status.st_mtime


def _apart(found: list[HandIn]) -> list[HandIn]:
    """Give each hand-in a name of its own: two spellings of one name are two until you say."""
    names: dict[str, int] = {}
    result = []
    for handin in found:
        names[handin.student] = names.get(handin.student, 0) + 1
        number = names[handin.student]
        student = handin.student if number == 1 else f"{handin.student} [{number}]"
        result.append(HandIn(student, handin.path, handin.timestamp, handin.content))
    return result


def shown(name: str) -> str:
    """A file's name as text, also where it is none."""
    return name.encode("utf-8", "replace").decode()
