"""The public course is this tree without the teachers' room: nothing leads there, nothing leaks."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tools.lessons import ROOT

ROOM = "instructor"
BINARY = {".png", ".npz", ".zip", ".js", ".svg"}


def files() -> list[Path]:
    """Every file of the course outside the room that git would commit."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True
    )
    names = listed.stdout.splitlines() if listed.returncode == 0 else []
    found = [ROOT / name for name in names] or [
        path
        for path in ROOT.rglob("*")
        if not {".venv", "_build", ".git", "cache"} & set(path.relative_to(ROOT).parts)
    ]
    return [
        path
        for path in found
        if path.is_file() and path.relative_to(ROOT).parts[0] != ROOM and path != Path(__file__)
    ]


def test_no_solution_and_no_hidden_check_stands_outside_the_room():
    marks = re.compile("BEGIN HIDDEN " + "TESTS|BEGIN " + "SOLUTION|# sandbox: ")
    allowed = {ROOT / "tools" / "lessons.py"}  # the pattern itself
    told = [
        path.relative_to(ROOT)
        for path in files()
        if path.suffix not in BINARY
        and path not in allowed
        and marks.search(path.read_text("utf-8", "replace"))
    ]
    assert not told, "only instructor/ may hold what students must not see"
    assert not [path for path in files() if "solution" in path.name]


def test_nothing_but_the_makefile_names_the_room():
    name = re.compile(
        rf"\b{ROOM}\b|from {ROOM}|import {ROOM}|\bgrading\.\w+|from grading|import grading"
    )
    telling = {"Makefile", "README.md", "CONTRIBUTING.md", "CHANGELOG.md"}  # people read these
    told = [
        path.relative_to(ROOT)
        for path in files()
        if path.suffix not in BINARY
        and path.name not in telling
        and name.search(path.read_text("utf-8", "replace"))
    ]
    assert not told, "the public course stands alone: only the Makefile knows of the room"


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="what is committed becomes public: git")
def test_make_public_writes_what_is_committed_without_the_room_and_without_history(tmp_path):
    checkout, out = tmp_path / "한글 checkout", tmp_path / "public 폴더"
    subprocess.run(["git", "clone", "-q", ROOT, checkout], check=True)
    shutil.copy(ROOT / "Makefile", checkout)
    commit = ["git", "-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qam", "-"]
    subprocess.run(commit, cwd=checkout)  # nothing to commit where the Makefile is the same
    make = ["make", "-s", "public", f"OUT={out}"]
    assert subprocess.run(make, cwd=checkout).returncode == 0
    names = {path.name for path in out.iterdir()}
    assert {"Makefile", "lessons", "book", "tests", ".ci", ".github"} <= names
    assert not {ROOM, ".git"} & names
    assert subprocess.run(make, cwd=checkout, capture_output=True).returncode, "not empty any more"
    (checkout / "README.md").write_text("changed", "utf-8")
    again = ["make", "-s", "public", f"OUT={tmp_path / 'other'}"]
    told = subprocess.run(again, cwd=checkout, capture_output=True, text=True)
    assert told.returncode and "Commit first" in told.stdout
