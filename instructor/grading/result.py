"""What is known of one graded hand-in; stored as a JSON file, from which all tables are made."""

import json
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path

STOPPED = {
    "time": "시간 제한을 넘겨 실행을 멈추었습니다.",
    "memory": "메모리 제한을 넘겨 실행을 멈추었습니다.",
    "processes": "프로세스를 너무 많이 만들어 실행을 멈추었습니다.",
    "output": "출력이 너무 길어 실행을 멈추었습니다.",
    "results": "채점에 넘긴 값이 너무 커서 실행을 멈추었습니다.",
    "died": "실행하던 프로세스가 중간에 끝났습니다.",
}


@dataclass
class Part:
    """What one grade cell gave."""

    check: str
    title: str
    points: float
    max: float
    message: str = ""  # Korean, for the student
    prose: dict[str, str] = field(default_factory=dict)  # answers in words, for a person to read
    alarms: list[str] = field(default_factory=list)  # for the instructor only


@dataclass
class Result:
    """One hand-in, graded."""

    student: str
    timestamp: str  # ISO 8601 with its offset
    sha256: str
    key: str  # what the grade depends on besides the file: see key.py
    parts: list[Part]
    unreadable: str = ""  # why the file was no notebook (Korean)
    fingerprint: str | None = None  # of the student's own code; None when there is none
    stopped: str = ""  # a key of STOPPED
    notes: list[str] = field(default_factory=list)  # on the notebook's shape (Korean)
    errors: list[dict] = field(default_factory=list)  # cells that failed: "cell", "text"
    alarms: list[str] = field(default_factory=list)  # for the instructor only
    seconds: float = 0.0  # of CPU
    lms: str = ""  # the learning platform it was downloaded from: "moodle", "canvas"
    lms_id: str = ""  # the number that platform wrote beside the name

    @property
    def points(self) -> float:
        return round(sum(part.points for part in self.parts), 2)

    @property
    def max(self) -> float:
        return round(sum(part.max for part in self.parts), 2)

    @property
    def when(self) -> datetime:
        return datetime.fromisoformat(self.timestamp)

    @property
    def state(self) -> str:
        """One word for the tables: a 0 for an empty file is no ordinary 0."""
        if self.unreadable:
            return "unreadable"
        if self.fingerprint is None:
            return "empty"
        return f"stopped: {self.stopped}" if self.stopped else "graded"

    def dumps(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False, indent=1)


def load(path: Path) -> Result | None:
    """Read a stored result; None if it is of another version, or broken, or none."""
    try:
        fields = json.loads(path.read_text("utf-8"))
        result = Result(**fields | {"parts": [Part(**part) for part in fields["parts"]]})
        whole = isinstance(result.student, str) and result.when.tzinfo is not None
        return result if whole else None
    except (OSError, ValueError, TypeError, KeyError):
        return None
