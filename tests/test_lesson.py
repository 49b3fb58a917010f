"""make lesson: a draft that is a good draft, runs, and takes nobody's number."""

import nbformat
import pytest
from nbclient import NotebookClient

from tools import check, lesson, lessons
from tools.lessons import ROOT


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A checkout without lessons."""
    (tmp_path / "lessons").mkdir()
    monkeypatch.setattr(lessons, "ROOT", tmp_path)
    return tmp_path / "lessons"


def test_it_is_a_good_draft(place, capsys):
    lesson.main("7", "self_attention")
    path = place / "07_self_attention.ipynb"
    notebook = lessons.read(path)
    assert check.draft(notebook) == []
    assert notebook.cells[0].source.startswith("# 07. self_attention\n")
    assert "LESSON=07" in capsys.readouterr().out, "it says what to do next"
    other = lessons.read(lesson.start("8", "b"))
    assert not {cell.id for cell in notebook.cells} & {cell.id for cell in other.cells}


def test_it_runs(place, pytestconfig):
    notebook = lessons.read(lesson.start("99", "draft"))
    folder = {"metadata": {"path": str(ROOT / "lessons")}}
    kernel = pytestconfig.option.nbval_kernel_name or "python3"
    NotebookClient(notebook, timeout=600, kernel_name=kernel, resources=folder).execute()
    shown = nbformat.writes(notebook)
    assert "시험 정확도는 **0." in shown and '"alt"' in shown
    warned = [
        output
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if output.get("name") == "stderr"
    ]
    assert not warned


def test_a_number_is_given_once(place):
    lesson.start("07", "a")
    with pytest.raises(SystemExit, match="Lesson 07 is there: 07_a.ipynb"):
        lesson.start("7", "b")


@pytest.mark.parametrize(("number", "name"), [("", "a"), ("x", "a"), ("7", ""), ("7", "A b")])
def test_a_lesson_has_a_number_and_a_name(place, number, name):
    with pytest.raises(SystemExit, match="NUMBER=12 NAME=attention"):
        lesson.start(number, name)
    assert not list(place.glob("*.ipynb"))
