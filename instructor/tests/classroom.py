"""What the tests of the grading share: limits, folders of hand-ins, tables."""

import csv
import subprocess
from pathlib import Path

import nbformat
import pytest

from grading import grade, handins
from grading.limits import Limits

LIMITS = Limits(
    seconds=18,
    cell_seconds=8,
    idle_seconds=60,
    memory_mb=700,
    processes=80,
    disk_mb=32,
    output_mb=2,
    result_mb=16,
)


def has_namespaces() -> bool:
    """Whether this machine can make user namespaces at all."""
    probe = ["unshare", "--user", "--map-root-user", "true"]
    try:
        return subprocess.run(probe, capture_output=True).returncode == 0
    except FileNotFoundError:  # no Linux
        return False


boxed = pytest.mark.skipif(not has_namespaces(), reason="no user namespaces on this machine")


def hand_in(folder: Path, name: str, thing) -> Path:
    """Put a notebook or bytes into a folder of submissions."""
    path = folder / name
    content = thing if isinstance(thing, bytes) else nbformat.writes(thing).encode()
    path.write_bytes(content)
    return path


def run(folder, out, assignment, **options):
    options = {"limits": LIMITS, "say": lambda line: None} | options
    return grade.grade_all(folder, out, assignment, 2, **options)


def earned(result) -> tuple:
    return tuple(part.points for part in result.parts)


def page(out: Path, student: str) -> str:
    return (out / "feedback" / f"{handins.slug(student)}.html").read_text("utf-8")


def table(out: Path) -> dict[str, dict]:
    text = (out / "grades.csv").read_text("utf-8-sig")
    return {row["student_id"]: row for row in csv.DictReader(text.splitlines())}
