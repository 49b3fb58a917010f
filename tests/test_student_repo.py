"""What students get holds everything they run, and nothing of the instructor's."""

import json
import os
import subprocess
import sys

import pytest
import submissions
from conftest import ROOT

from grading import student_repo
from grading.assignment import SOURCE, read_assignment
from tools.lessons import HIDDEN

URL = "https://github.com/a-class/lessons"


@pytest.fixture(scope="module")
def repository(tmp_path_factory):
    folder = tmp_path_factory.mktemp("students") / "repository"
    student_repo.write(folder, URL)
    return folder


def test_it_has_every_lesson_and_no_history(repository):
    assert not (repository / ".git").exists()
    lessons = {path.name for path in (ROOT / "lessons").glob("[0-9][0-9]_*.ipynb")}
    assert {path.name for path in (repository / "lessons").glob("*.ipynb")} >= lessons
    assert (repository / "data" / "registry.toml").exists()
    assert not (repository / "lessons" / "homework").exists()
    assert not (repository / "grading").exists()


def test_nothing_of_the_instructors_is_in_it(repository):
    secret = [
        line.strip()
        for check in read_assignment(SOURCE.read_bytes(), SOURCE.stem).checks
        for line in check.code.splitlines()
        if len(line.strip()) > 60
    ]
    shown = "".join(
        cell["source"] if isinstance(cell["source"], str) else "".join(cell["source"])
        for cell in json.loads((repository / "lessons" / SOURCE.name).read_text("utf-8"))["cells"]
    )
    secret = [line for line in secret if line not in shown]
    assert len(secret) > 10
    for path in repository.rglob("*"):
        if path.is_file() and path.stat().st_size < 5_000_000:
            text = path.read_bytes().decode("utf-8", "replace")
            assert not HIDDEN.search(text) and submissions.CANARY not in text, path
            assert not [line for line in secret if line in text], path
    homework = json.loads((repository / "lessons" / SOURCE.name).read_text("utf-8"))
    assert "course" not in homework["metadata"]


def test_the_set_up_cell_fetches_this_repository(repository):
    for path in (repository / "lessons").glob("[0-9][0-9]_*.ipynb"):
        assert URL in path.read_text("utf-8"), path


def test_its_own_tests_are_green(repository):
    """Those of the helper; its notebooks are the ones that our own tests run."""
    environment = {name: v for name, v in os.environ.items() if name != "PYTHONPATH"}
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "tests/test_coursekit.py"]
    done = subprocess.run(
        command, cwd=repository, env=environment, capture_output=True, text=True, timeout=600
    )
    assert done.returncode == 0, done.stdout[-2000:]


def test_a_folder_with_something_in_it_is_left_alone(tmp_path):
    (tmp_path / "x").write_text("mine")
    with pytest.raises(SystemExit, match="not empty"):
        student_repo.write(tmp_path)
    with pytest.raises(SystemExit, match="not an address"):
        student_repo.write(tmp_path / "new", "ftp://x")
