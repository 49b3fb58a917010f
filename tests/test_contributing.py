"""CONTRIBUTING.md names what there is: the tags of the notebooks, the commands, the files."""

import re
import subprocess

import pytest

from tools import derive, keep
from tools.lessons import COURSE, ROOT, tags

TEXT = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
TELLING = [ROOT / "CONTRIBUTING.md", ROOT / "README.md", *ROOT.glob(".github/workflows/*.yml")]


def test_the_table_names_every_tag_in_use_and_no_other():
    used = {
        tag
        for path in [*COURSE.folder.glob("*.ipynb"), ROOT / derive.TEMPLATE]
        for cell in COURSE.read(path).cells
        for tag in tags(cell)
    }
    table = TEXT.split("## 셀의 태그")[1].split("\n## ")[0]
    told = re.findall(r"(?m)^\| `([\w-]+)` \|", table)
    used.add(keep.TAG)  # whether or not a lesson is too long today
    assert sorted(told) == sorted(used), "tell in CONTRIBUTING.md what each tag means"


@pytest.mark.parametrize("path", TELLING, ids=lambda path: path.name)
def test_commands_that_are_named_are_there(path):
    told = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True).stdout
    for target in re.findall(r"(?:`|run: )make ([a-z-]+)", path.read_text("utf-8")):
        assert f"make {target} " in told, target


def test_its_files_are_there():
    named = re.findall(r"`((?:\w+/)[\w./-]+\.\w+|[\w_]+\.(?:yml|cff|in))`", TEXT)
    named += re.findall(r"\]\(([\w./]+)\)", TEXT)
    assert len(named) > 10
    for name in named:
        here = "my_lesson" not in name and (ROOT / name.partition("/")[0]).exists()
        assert not here or (ROOT / name).exists(), name
