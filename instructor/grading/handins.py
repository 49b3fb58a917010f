"""Find what was handed in, without following a link or trusting a name."""

import contextlib
import csv
import hashlib
import io
import os
import re
import stat
import unicodedata
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

BYTES_MAX = 32 << 20
NAMES = "names.csv"  # in the folder of submissions: a name as it was found, the student's name
# What learning platforms call a download: the person's name (not unique), then a number that is.
PLATFORMS = {
    "moodle": re.compile(r"(?P<name>.+?)_(?P<id>\d+)_assignsubmission_file(_.*)?", re.S),
    "canvas": re.compile(r"(?P<name>[^_]+)(_LATE)?_(?P<id>\d+)_\d+_.+", re.S),
}
COPY = re.compile(r"^copy of |( ?\(\d+\)|의 사본| - 복사본| - copy| copy)+$", re.I)
ZONES = {"UTC": "+00:00", "GMT": "+00:00", "KST": "+09:00", "JST": "+09:00"}
FILLERS = "\u115f\u1160\u3164\uffa0"  # letters of Hangul that show nothing


@dataclass
class HandIn:
    """One notebook of one student."""

    student: str
    path: Path
    timestamp: datetime
    content: bytes  # the first BYTES_MAX + 1 bytes
    own_time: bool = False  # the time is that of the hand-in, not only the file's
    lms: str = ""  # the learning platform it was downloaded from: "moodle", "canvas"
    lms_id: str = ""  # the number that platform wrote beside the name
    notes: list[str] = field(default_factory=list)  # Korean, for the feedback page
    alarms: list[str] = field(default_factory=list)  # for the instructor

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
    found, left_out = [], []
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
            left_out.append(f"{name_of(entry.name)}: {getattr(error, 'strerror', error)}")
    _name(found, read_names(folder / NAMES))
    students = _last_of_each(found)
    _tell_look_alikes(students)
    return students, left_out


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
            # nbgrader writes the time; into a folder of Moodle's a student may put anything.
            moodle = PLATFORMS["moodle"].fullmatch(folder.name)
            handin = _read(folder.name, place / name, None if moodle else place / "timestamp.txt")
            if others := [name_of(n) for n in names if n != name]:
                graded, count = name_of(name), len(names)
                handin.notes.append(f"노트북이 {count}개여서 {graded}을(를) 채점했습니다.")
                handin.alarms.append(f"{count} notebooks; graded {graded}, not {', '.join(others)}")
            return handin
    raise ValueError("a folder without a notebook")


def _read(student: str, path: Path, timestamp: Path | None = None) -> HandIn:
    content, changed = read_plain(path, BYTES_MAX + 1)
    handin = HandIn(name_of(student), path, datetime.fromtimestamp(changed, UTC), content)
    if timestamp and timestamp.exists():
        try:
            handin.timestamp = parse_time(read_plain(timestamp, 100)[0].decode())
            handin.own_time = True
        except (OSError, ValueError, OverflowError) as error:
            note = "낸 때를 적은 timestamp.txt를 읽을 수 없어 파일이 고쳐진 때를 썼습니다."
            handin.notes.append(note)
            handin.alarms.append(f"timestamp.txt is not used, the file's own time is: {error}")
    return handin


def read_names(path: Path) -> dict[str, str]:
    """Read who is meant by a name or number of a learning platform: two columns, a row each.

    A row with an empty cell says nothing.

    Raises:
        OSError: there is such a file, but it cannot be read.
    """
    rows = csv.reader(table_text(path)) if path.exists() else ()
    pairs = ([cell.strip() for cell in row[:2]] for row in rows)
    return {name_of(pair[0]): name_of(pair[1]) for pair in pairs if len(pair) == 2 and all(pair)}


def table_text(path: Path) -> io.StringIO:
    """The text of a table as spreadsheets save it, for the csv module."""
    return io.StringIO(decoded(path.read_bytes(), "utf-8-sig"), newline="")


def decoded(content: bytes, utf_8: str = "utf-8") -> str:
    """A text in UTF-8 or CP949; bytes that are neither are written as their numbers."""
    for encoding in (utf_8, "cp949"):
        with contextlib.suppress(UnicodeDecodeError):
            return content.decode(encoding)
    return content.decode("utf-8", "backslashreplace")


def _name(found: list[HandIn], known: dict[str, str]) -> None:
    """Give each hand-in its student's name: that of names.csv, or a platform's without the rest.

    Where two people of a platform have one name, their numbers stay with it.
    """
    unsaid, numbers = [], defaultdict(set)
    for handin in found:
        whole = handin.student
        for lms, pattern in PLATFORMS.items():
            if not handin.lms and (match := pattern.fullmatch(whole)):
                handin.lms, handin.lms_id, handin.student = lms, match["id"], match["name"]
        names = (whole, handin.lms_id, handin.student)
        if said := next((known[name] for name in names if name in known), ""):
            handin.student = said
        else:
            unsaid.append(handin)
        numbers[handin.student].add(handin.lms_id)
    for handin in unsaid:
        if handin.lms_id and len(numbers[handin.student]) > 1:
            handin.student += f"_{handin.lms_id}"


def parse_time(text: str) -> datetime:
    """Read a time as nbgrader and people write it; without a zone it is UTC, as nbgrader's is.

    Raises:
        ValueError, OverflowError: no time, or an unknown zone: write +09:00.
    """
    zone = re.compile(r"\s*([A-Z]{3})$", re.I)
    bare = zone.sub(lambda found: ZONES.get(found[1].upper(), found[0]), text.strip())
    when = datetime.fromisoformat(bare)
    return (when if when.tzinfo else when.replace(tzinfo=UTC)).astimezone(UTC)


def read_plain(path: Path, most: int) -> tuple[bytes, float]:
    """Read at most so many bytes of a regular file, and when it was changed.

    No link, no pipe, no device.

    Raises:
        ValueError: it is something else.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as stream:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise ValueError("no regular file")
        return stream.read(most), status.st_mtime


def name_of(name: str) -> str:
    """A file's name as a student's name: composed (NFC), and everything unseen made visible.

    Two names that look alike stay two: what cannot be seen is written as its number.
    """
    raw = os.fsencode(name)
    seen = visible(unicodedata.normalize("NFC", decoded(raw)))
    return seen if seen.strip() else f"<{raw.hex()}>"


def visible(text: str) -> str:
    """A text on one line, whatever cannot be seen in it written as its number."""
    seen = (c if c.isprintable() and c not in FILLERS else f"<U+{ord(c):04X}>" for c in text)
    return "".join(seen)


def _last_of_each(found: list[HandIn]) -> list[HandIn]:
    """Keep the last hand-in of each student, and tell of the others."""
    by_name = defaultdict(list)
    for handin in found:
        by_name[handin.student].append(handin)
    kept = []
    for several in by_name.values():
        *earlier, last = sorted(several, key=lambda h: (h.timestamp, os.fsencode(h.path)))
        kept.append(last)
        if earlier:
            note = f"이 이름으로 낸 것이 {len(several)}개여서 마지막에 낸 것을 채점했습니다."
            last.notes.append(note)
            files = ", ".join(name_of(handin.path.name) for handin in earlier)
            alarm = f"{len(several)} hand-ins under this name; graded the last one, not {files}"
            last.alarms.append(alarm)
    return kept


def _tell_look_alikes(found: list[HandIn]) -> None:
    """Tell the instructor of names that a reader would take for one another."""
    looks = defaultdict(list)
    for handin in found:
        bare = COPY.sub("", re.sub(r"<U\+[0-9A-F]+>", "", handin.student))
        bare = "".join(unicodedata.normalize("NFKC", bare).casefold().split())
        looks[bare].append(handin)
    for alike in looks.values():
        for handin in alike:
            others = [other.student for other in alike if other is not handin]
            if others:
                handin.alarms.append(f"the name looks like {', '.join(others[:5])}")
