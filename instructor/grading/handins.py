"""Find what was handed in, without following a link or trusting a name."""

import contextlib
import csv
import hashlib
import os
import re
import stat
import unicodedata
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

BYTES_MAX = 32 << 20
EARLIEST, LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
NAMES = "names.csv"  # in the folder of submissions: a name as it was found, the student's name
# What learning platforms call a download: the person's name (not unique), then a number that is.
MOODLE = re.compile(r"(?P<name>.+?)_(?P<id>\d+)_assignsubmission_file(_.*)?", re.S)
CANVAS = re.compile(r"(?P<name>[^_]+)(_LATE)?_(?P<id>\d+)_\d+_.+", re.S)
COPY = re.compile(r"^copy of |( ?\(\d+\)|의 사본| - 복사본| - copy| copy)+$", re.I)
ZONES = {"": 0, "UTC": 0, "GMT": 0, "Z": 0, "KST": 9, "JST": 9}  # hours


@dataclass(frozen=True)
class HandIn:
    """One notebook of one student."""

    student: str
    path: Path
    timestamp: datetime
    content: bytes  # the first BYTES_MAX + 1 bytes
    size: int
    own_time: bool = False  # the time is that of the hand-in, not only the file's
    lms: str = ""  # the learning platform it was downloaded from: "moodle", "canvas"
    lms_id: str = ""  # the number that platform wrote beside the name
    notes: tuple[str, ...] = ()  # Korean, for the feedback page
    alarms: tuple[str, ...] = ()  # for the instructor

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


def slug(student: str) -> str:
    """The student's name as a file name: readable, unique, and never a path."""
    plain = re.sub(r"[^\w-]+", "_", student).strip("_")[:40]
    return f"{plain or 'student'}-{hashlib.sha256(student.encode()).hexdigest()[:8]}"


def find(folder: Path, assignment: str) -> tuple[list[HandIn], list[str]]:
    """Return a hand-in a student and, a line each, what was left out and why.

    Two layouts, mixed as they come: ``NAME.ipynb``, and a folder a student: ``STUDENT/x.ipynb`` or
    nbgrader's ``STUDENT/ASSIGNMENT/x.ipynb``. What Moodle and Canvas write around a name is taken
    off, and ``names.csv`` says who somebody is. Of several hand-ins under one name (a name in NFC
    and in NFD is one) the last one counts.
    """
    found, left_out, known = [], [], read_names(folder / NAMES)
    for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
        skipped = (".ipynb_checkpoints", "__MACOSX", NAMES)
        if entry.name.startswith("._") or entry.name in skipped:
            continue
        path = Path(entry.path)
        try:
            if entry.is_symlink():
                raise ValueError("a link; links are not followed")
            if entry.is_dir():
                found.append(_in_folder(path, assignment))
            elif entry.name.lower().endswith(".ipynb"):
                found.append(_read(entry.name[: -len(".ipynb")] or entry.name, path))
            elif not entry.name.startswith("."):
                raise ValueError("no .ipynb file")
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else str(error)
            left_out.append(f"{name_of(entry.name)}: {reason}")
    students, superseded = _last_of_each(_named(found, known))
    return _look_alikes(students), left_out + superseded


def _in_folder(folder: Path, assignment: str) -> HandIn:
    for place in (folder / assignment, folder):
        if place.is_symlink() or not place.is_dir():
            continue
        names = sorted(
            n for n in os.listdir(place) if n.lower().endswith(".ipynb") and n[:2] != "._"
        )
        if names:
            wanted = f"{assignment}.ipynb"
            name = max(names, key=lambda n: (n == wanted, os.lstat(place / n).st_mtime))
            handin = _read(folder.name, place / name, place / "timestamp.txt")
            if others := [name_of(n) for n in names if n != name]:
                note = f"노트북이 {len(names)}개여서 {name_of(name)}을(를) 채점했습니다."
                alarm = f"{len(names)} notebooks; graded {name_of(name)}, not {', '.join(others)}"
                return replace(handin, notes=(*handin.notes, note), alarms=(*handin.alarms, alarm))
            return handin
    raise ValueError("a folder without a notebook")


def _read(student: str, path: Path, timestamp: Path | None = None) -> HandIn:
    content, status = read_plain(path, BYTES_MAX + 1)
    notes: tuple[str, ...] = ()
    alarms: tuple[str, ...] = ()
    when = None
    if timestamp is not None and timestamp.exists():
        try:
            when = parse_time(read_plain(timestamp, 100)[0].decode())
        except (OSError, ValueError) as error:
            notes = ("낸 때를 적은 timestamp.txt를 읽을 수 없어 파일이 고쳐진 때를 썼습니다.",)
            alarms = (f"timestamp.txt is not used, the file's own time is: {error}",)
    own_time = when is not None
    if not own_time:
        seconds = min(max(status.st_mtime, EARLIEST.timestamp()), LATEST.timestamp())
        when = datetime.fromtimestamp(seconds, UTC)
    name, size = name_of(student), status.st_size
    return HandIn(name, path, when, content, size, own_time, notes=notes, alarms=alarms)


def read_names(path: Path) -> dict[str, str]:
    """Read who is meant by a name or number of a learning platform: two columns, a row each.

    Raises:
        OSError: there is such a file, but it cannot be read.
    """
    if not path.exists():
        return {}
    rows = csv.reader(decoded(path.read_bytes()).splitlines())
    return {name_of(row[0].strip()): name_of(row[1].strip()) for row in rows if len(row) > 1}


def decoded(content: bytes, utf_8: str = "utf-8-sig", otherwise: str = "replace") -> str:
    """The text of a table as spreadsheets save it: UTF-8, with a mark or without, or CP949."""
    for encoding in (utf_8, "cp949"):
        with contextlib.suppress(UnicodeDecodeError):
            return content.decode(encoding)
    return content.decode("utf-8", otherwise)


def _named(found: list[HandIn], known: dict[str, str]) -> list[HandIn]:
    """Give each hand-in its student's name: that of names.csv, or a platform's without the rest.

    Where two people of a platform have one name, their numbers stay with it.
    """
    read = []
    for handin in found:
        moodle, canvas = MOODLE.fullmatch(handin.student), CANVAS.fullmatch(handin.student)
        match, lms = moodle or canvas, "moodle" if moodle else "canvas" if canvas else ""
        name, number = (match["name"], match["id"]) if match else (handin.student, "")
        said = next((known[n] for n in (handin.student, number, name) if n in known), "")
        read.append((said, replace(handin, student=said or name, lms=lms, lms_id=number)))
    numbers: dict[str, set[str]] = {}
    for _, handin in read:
        numbers.setdefault(handin.student, set()).add(handin.lms_id)
    return [
        replace(handin, student=f"{handin.student}_{handin.lms_id}")
        if handin.lms_id and not said and len(numbers[handin.student]) > 1
        else handin
        for said, handin in read
    ]


def parse_time(text: str) -> datetime:
    """Read a time as nbgrader and people write it; without a zone it is UTC, as nbgrader's is.

    Raises:
        ValueError: no time, an unknown zone, or a time outside 2000 to 2100.
    """
    text = text.strip()
    bare, name = re.fullmatch(r"(.*?)\s*([A-Za-z]*)", text, re.S).groups()
    try:
        when = datetime.fromisoformat(bare)
        if name.upper() not in ZONES:
            raise ValueError(f"the time zone {name!r} is unknown; write +09:00")
        if when.tzinfo is None:
            when = when.replace(tzinfo=timezone(timedelta(hours=ZONES[name.upper()])))
        when = when.astimezone(UTC)
    except OverflowError as error:
        raise ValueError(f"no time: {text[:40]!r}") from error
    if not EARLIEST <= when <= LATEST:
        raise ValueError(f"no time of this century: {text[:40]!r}")
    return when


def read_plain(path: Path, most: int) -> tuple[bytes, os.stat_result]:
    """Read at most so many bytes of a regular file: no link, no pipe, no device.

    Raises:
        ValueError: it is something else.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as stream:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise ValueError("no regular file")
        return stream.read(most), status


def name_of(name: str) -> str:
    """A file's name as a student's name: composed (NFC), and everything unseen made visible.

    Two names that look alike stay two: what cannot be seen is written as its number.
    """
    raw = os.fsencode(name)
    seen = visible(unicodedata.normalize("NFC", decoded(raw, "utf-8", "backslashreplace")))
    return seen if seen.strip() else f"<{raw.hex()}>"


def visible(text: str) -> str:
    """A text on one line, whatever cannot be seen in it written as its number."""
    return "".join(c if _visible(c) else f"<U+{ord(c):04X}>" for c in text)


def _visible(character: str) -> bool:
    return character == " " or (
        character.isprintable() and character not in "\u115f\u1160\u3164\uffa0"
    )  # the fillers of Hangul


def _last_of_each(found: list[HandIn]) -> tuple[list[HandIn], list[str]]:
    """Keep the last hand-in of each student, and name the others."""
    by_name: dict[str, list[HandIn]] = {}
    for handin in found:
        by_name.setdefault(handin.student, []).append(handin)
    kept, superseded = [], []
    for student, several in by_name.items():
        *earlier, last = sorted(several, key=lambda h: (h.timestamp, os.fsencode(h.path)))
        if earlier:
            note = f"이 이름으로 낸 것이 {len(several)}개여서 마지막에 낸 것을 채점했습니다."
            files = ", ".join(repr(h.path.name)[1:-1] for h in earlier)
            alarm = f"{len(several)} hand-ins under this name; graded the last one, not {files}"
            last = replace(last, notes=(*last.notes, note), alarms=(*last.alarms, alarm))
            for handin in earlier:
                what = f"an earlier hand-in of {student}, of {handin.timestamp:%Y-%m-%d %H:%M} UTC"
                superseded.append(f"{name_of(handin.path.name)}: {what}")
        kept.append(last)
    return kept, superseded


def _look_alikes(found: list[HandIn]) -> list[HandIn]:
    """Tell the instructor of names that a reader would take for one another."""

    def bare(name: str) -> str:
        name = COPY.sub("", re.sub(r"<U\+[0-9A-F]+>", "", name))
        return "".join(unicodedata.normalize("NFKC", name).casefold().split())

    by_look: dict[str, list[str]] = {}
    for handin in found:
        by_look.setdefault(bare(handin.student), []).append(handin.student)
    result = []
    for handin in found:
        others = [name for name in by_look[bare(handin.student)] if name != handin.student]
        if others:
            alarm = f"the name looks like {', '.join(others[:5])}"
            handin = replace(handin, alarms=(*handin.alarms, alarm))
        result.append(handin)
    return result
