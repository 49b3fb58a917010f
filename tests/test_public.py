"""The public course is this tree without the teachers' room: nothing leads there, nothing leaks."""

import shutil
import subprocess

import pytest

from tools.lessons import ROOT

ROOM = "instructor"
pytestmark = pytest.mark.skipif(
    not (ROOT / ".git").exists(), reason="what is committed becomes public: git"
)


def git(*words: str) -> str:
    """What git says of the files that it would commit; the room is not asked."""
    outside = [f":!{ROOM}", ":!tests/test_public.py"]
    ran = subprocess.run(["git", *words, *outside], cwd=ROOT, capture_output=True, text=True)
    assert ran.returncode in (0, 1), ran.stderr  # 1: nothing found
    return ran.stdout


@pytest.mark.parametrize(
    ("pattern", "telling"),
    [
        ("BEGIN HIDDEN TESTS|BEGIN SOLUTION|# sandbox: ", ["tools/lessons.py"]),  # the pattern
        (
            rf"\b{ROOM}\b|\bgrading\.\w+|from grading|import grading",
            ["Makefile", "README.md", "CONTRIBUTING.md", "CHANGELOG.md"],  # people read these
        ),
    ],
    ids=["what students must not see", "the room's name"],
)
def test_nothing_outside_the_room_holds(pattern, telling):
    grep = ["grep", "-IlE", "--untracked", pattern, "--"]
    assert git(*grep, *telling).split()
    found = git(*grep, ".", *(f":!{name}" for name in telling))
    assert not found, f"only {ROOM}/ may hold it, and only the Makefile knows of that"
    assert not git("ls-files", "-co", "--exclude-standard", "--", "*solution*")


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
