"""The homeworks themselves: solutions, on the sample; what the box and the judge are given."""

import json
import os
import shutil
from dataclasses import asdict

import nbformat
import numpy as np
import pandas as pd
import pytest
import submissions
from classroom import boxed, hand_in

from grading import grade, submission
from grading.alone import judge
from grading.assignment import find, read_assignment, sources
from grading.limits import Limits
from tools.lessons import COURSE

SOURCE = find("09")
pytestmark = pytest.mark.long(50)


@boxed
def test_the_homework_is_graded(tmp_path):
    """The solution and the copy as it was handed out, in a box, on the sample.

    Other honest hand-ins: test_grade_honest.py, without a box.
    """
    source, folder = nbformat.read(SOURCE, as_version=4), tmp_path / "in"
    folder.mkdir()
    # The sample is a sixtieth of the data: as many steps need smaller batches, a smaller network.
    smaller = {"batch_size=256": "batch_size=32", "20_000": "2_000", "LSTM(128": "LSTM(32"}
    smaller |= {"vocabulary_size, 100": "vocabulary_size, 32", "most = 320": "most = 120"}
    solution = submissions.solved(source)
    for cell in solution.cells:
        for old, new in smaller.items():
            cell.source = cell.source.replace(old, new)
    # Kiwi takes a second to start, each time; syllables come at once.
    quick = "text.tokenize = lambda texts, name: [list(line) for line in texts]"
    solution.cells.insert(5, nbformat.v4.new_code_cell(quick))
    hand_in(folder, "풀이.ipynb", solution)
    shutil.copy(COURSE.folder / SOURCE.name, folder / "빈 노트북.ipynb")
    results, failed = grade.grade_all(
        folder, tmp_path / "out", SOURCE, jobs=2, say=lambda line: None
    )
    assert not failed
    by_name = {result.student: result for result in results}
    points = {
        name: {part.check: part.points for part in result.parts} for name, result in by_name.items()
    }
    most = {part.check: part.max for part in by_name["풀이"].parts}
    assert not by_name["풀이"].errors and not by_name["풀이"].stopped, by_name["풀이"]
    for check in most.keys() - {"part3_accuracy", "part5_best"}:
        assert points["풀이"][check] == most[check], (check, by_name["풀이"])
    assert points["풀이"]["part3_accuracy"] >= 5 and points["풀이"]["part5_best"] >= 3
    assert by_name["빈 노트북"].points == 0
    assert sum(most.values()) == 100


@boxed
@pytest.mark.skipif(not os.environ.get("THOROUGH"), reason="make test-grading")
@pytest.mark.parametrize("name", ["02h", "05h", "13h", "15h"])
def test_the_reference_of_a_small_homework_is_graded_in_a_box(tmp_path, name):
    """As it stands: seconds of training. Points that hang on accuracies are those of the sample."""
    source, folder = find(name), tmp_path / "in"
    folder.mkdir()
    hand_in(folder, "풀이.ipynb", submissions.solved(nbformat.read(source, as_version=4)))
    (result,), failed = grade.grade_all(folder, tmp_path / "out", source, say=lambda line: None)
    other = [error for error in result.errors if "정확도" not in error["text"]]
    assert not failed and not other and not result.stopped, result
    for part in result.parts:
        assert part.points == part.max or "정확도" in part.message, result
    assert result.points >= 90 and result.max == 100


def test_the_box_has_the_data_and_the_judge_the_labels_of_the_homework(tmp_path, monkeypatch):
    """A text with two labels counts as its first one: the homework's own drop_duplicates."""
    from coursekit import data, fetch

    texts = ["같은 글", '"따옴표" 하나"', "탭\t과 \r 줄", None, "NA", "같은 글", "다른 글"]
    train = pd.DataFrame({"id": range(7), "document": texts, "label": [1, 0, 1, 0, 1, 0, 0]})
    monkeypatch.setattr(data, "load_nsmc", lambda: (train, train))
    material = submission._material(submission.setting(SOURCE, Limits(), True, 1))
    documents, truth = material.prepare(tmp_path / "data")
    monkeypatch.undo()
    known = json.loads(truth)
    assert known["train"] == dict(
        zip(["같은 글", *texts[1:3], "NA", "다른 글"], [1, 0, 1, 1, 0], strict=True)
    )
    assert known["labels"] == [1, 0, 1, 1, 0, 0]
    assert documents["reviews"] == [text for text in texts if text]
    monkeypatch.setattr(fetch, "REGISTRY", tmp_path / "data" / "registry.toml")
    monkeypatch.setenv("COURSE_DATA", str(tmp_path / "data" / "cache"))
    shown_train, shown_test = data.load_nsmc()
    pd.testing.assert_frame_equal(shown_train.fillna(""), train.fillna(""))
    pd.testing.assert_frame_equal(shown_test.fillna(""), train.fillna("").assign(label=0))


ODD = [None, 7, float("nan"), "글", [], [None], {}, [[]] * 3, np.zeros(3), np.full((2, 2), np.nan)]


@pytest.mark.parametrize("source", sources(), ids=lambda source: source.stem)
def test_nothing_odd_that_comes_out_of_a_box_is_paid_in_full(source, tmp_path):
    material = submission._material(submission.setting(source, Limits(), True, 1))
    truth = json.loads(material.prepare(tmp_path / "data")[1])
    for check in read_assignment(source.read_bytes(), source.stem).checks:
        for odd in ODD:
            values = dict.fromkeys(check.collect | check.optional, odd)
            given = judge.award(asdict(check), values, {}, truth, {}, {check.name: values})
            assert given["points"] < check.points and given["message"], (check.name, odd)
        assert judge.award(asdict(check), {}, {}, truth)["points"] == 0, check.name


def test_another_material_is_another_key(tmp_path):
    """What the judge knows and what a box sees decide a grade as the checks do."""
    keys = set()
    for more in ("", "\nSALT = 1\n"):
        source = tmp_path / SOURCE.name
        shutil.copy(SOURCE, source)
        material = SOURCE.with_name(f"{SOURCE.stem}_material.py").read_text("utf-8")
        source.with_name(f"{SOURCE.stem}_material.py").write_text(material + more, "utf-8")
        keys.add(submission.bench(submission.setting(source, Limits(), True, 1)).key)
    submission.forget()
    assert len(keys) == 2
