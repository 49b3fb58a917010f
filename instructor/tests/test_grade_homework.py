"""The homeworks themselves: solutions, on the sample; what the box and the judge are given."""

import json
import shutil
from dataclasses import asdict

import nbformat
import numpy as np
import pandas as pd
import pytest
import submissions
from classroom import boxed, hand_in
from coursekit import data, fetch
from inside import THOROUGH, material

from grading import grade
from grading.alone import judge
from grading.assignment import find, read_assignment, sources
from tools.lessons import COURSE

pytestmark = pytest.mark.long(50)

# The sample is a sixtieth of 09's data: as many steps need smaller batches, a smaller network.
SMALLER = {"batch_size=256": "batch_size=32", "20_000": "2_000", "LSTM(128": "LSTM(32"}
SMALLER |= {"vocabulary_size, 100": "vocabulary_size, 32", "most = 320": "most = 120"}


@boxed
@pytest.mark.parametrize("begins", ["09", *(["02h", "05h", "13h", "15h"] if THOROUGH else [])])
def test_the_solution_and_an_empty_copy_are_graded_in_a_box(tmp_path, begins):
    """Seconds of training. What hangs on an accuracy is the sample's, and said to be one.

    Other honest hand-ins: test_homework_*.py, without a box.
    """
    source, folder = find(begins), tmp_path / "in"
    folder.mkdir()
    solution = submissions.solved(nbformat.read(source, as_version=4))
    if begins == "09":
        for cell in solution.cells:
            for old, new in SMALLER.items():
                cell.source = cell.source.replace(old, new)
        # Kiwi takes a second to start, each time; syllables come at once.
        quick = "text.tokenize = lambda texts, name: [list(line) for line in texts]"
        solution.cells.insert(5, nbformat.v4.new_code_cell(quick))
    hand_in(folder, "풀이.ipynb", solution)
    shutil.copy(COURSE.folder / source.name, folder / "빈 노트북.ipynb")
    results, failed = grade.grade_all(folder, tmp_path / "out", source, 2, say=lambda line: None)
    (empty,), (solved,) = ([r for r in results if r.points == 0], [r for r in results if r.points])
    assert not failed and not solved.stopped and empty.student == "빈 노트북", results
    low = {"part3_accuracy": 5, "part5_best": 3} if begins == "09" else {}
    assert not [e for e in solved.errors if low or "정확도" not in e["text"]], solved
    for part in solved.parts:
        told = not low and "정확도" in part.message
        assert part.points >= low.get(part.check, part.max) or told, solved
    assert solved.points >= (78 if low else 90) and solved.max == 100


# Data frames of the film reviews: a text with two labels counts as its first one, as in 09.
ODD_TEXTS = ["같은 글", '"따옴표" 하나"', "탭\t과 \r 줄", None, "NA", "같은 글", "다른 글"]
FILMS = pd.DataFrame({"id": range(7), "document": ODD_TEXTS, "label": [1, 0, 1, 0, 1, 0, 0]})


@pytest.mark.parametrize("begins", ["09", "15h"])
def test_a_box_has_the_reviews_and_the_judge_their_labels(tmp_path, monkeypatch, begins):
    monkeypatch.setattr(data, "load_nsmc", lambda: (FILMS, FILMS))
    documents, truth = material(find(begins)).prepare(tmp_path / "data")
    monkeypatch.undo()
    if begins == "09":
        known = dict(
            zip(ODD_TEXTS[:3] + ODD_TEXTS[4:5] + ODD_TEXTS[6:], [1, 0, 1, 1, 0], strict=True)
        )
        assert json.loads(truth) == {"train": known, "labels": [1, 0, 1, 1, 0, 0]}
        assert documents["reviews"] == [text for text in ODD_TEXTS if text]
    shows(monkeypatch, tmp_path / "data")
    train, test = data.load_nsmc()
    pd.testing.assert_frame_equal(train.fillna(""), FILMS.fillna(""))
    pd.testing.assert_frame_equal(test.fillna(""), FILMS.fillna("").assign(label=0))


def test_a_box_has_the_wires_and_not_the_labels_of_the_test(tmp_path, monkeypatch):
    (x, y), (x_test, y_test) = data.load_reuters(num_words=1000)
    documents, truth = material(find("02h")).prepare(tmp_path / "data")
    shows(monkeypatch, tmp_path / "data")
    (shown, labels), (shown_test, hidden) = data.load_reuters(num_words=1000)
    assert shown.tolist() == x.tolist() and np.array_equal(labels, y)
    assert shown_test.tolist() == documents["test_documents"] == x_test.tolist()
    assert set(hidden) == {0} and json.loads(truth)["labels"] == y_test.tolist()


def shows(monkeypatch, folder):
    """From here on data come from what a box would be shown."""
    monkeypatch.setattr(fetch, "REGISTRY", folder / "registry.toml")
    monkeypatch.setenv("COURSE_DATA", str(folder / "cache"))


ODD = [None, 7, float("nan"), "글", [], [None], {}, [[]] * 3, np.zeros(3), np.full((2, 2), np.nan)]


@pytest.mark.parametrize("source", sources(), ids=lambda source: source.stem)
def test_nothing_odd_that_comes_out_of_a_box_is_paid_in_full(source, tmp_path):
    truth = json.loads(material(source).prepare(tmp_path / "data")[1])
    for check in read_assignment(source.read_bytes(), source.stem).checks:
        for odd in ODD:
            values = dict.fromkeys(check.collect | check.optional, odd)
            given = judge.award(asdict(check), values, {}, truth, {}, {check.name: values})
            assert given["points"] < check.points and given["message"], (check.name, odd)
        assert judge.award(asdict(check), {}, {}, truth)["points"] == 0, check.name
