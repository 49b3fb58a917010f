"""make keep: runs too long for a learner are made once, known by what made them, and go stale."""

import json
from types import SimpleNamespace

import pytest
import small
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from tools import execute, keep
from tools.lessons import COURSE, Lesson

TRAIN = """
def train_long():
    return None, {"loss": [1.0, 0.5], "accuracy": [0.25, 0.75]}"""
CELLS = [
    ("from coursekit import train", True),
    (TRAIN, True),
    ("raise RuntimeError('this cell has no tag and never runs')", False),
    ('_, history = train.kept("00_long", train_long)', True),
]


def lesson(cells=CELLS) -> Lesson:
    made = [new_markdown_cell("# 00. 시험")]
    for source, tagged in cells:
        made.append(new_code_cell(source, metadata={"tags": ["keep"] if tagged else []}))
    read = Lesson(COURSE.folder / "00_x.ipynb")
    read.notebook = new_notebook(cells=made)
    return read


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """A folder with the kept run of the lesson above, made by its cells in a kernel."""
    folder = tmp_path_factory.mktemp("kept")
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("COURSE_DATA", raising=False)
        keep.make(COURSE, lesson(), folder)
    return folder


def test_a_run_is_kept_with_its_curve_and_what_made_it(kept):
    assert [file.name for file in kept.iterdir()] == ["00_long.json"]
    told = json.loads((kept / "00_long.json").read_text("utf-8"))
    assert told["history"] == {"loss": [1.0, 0.5], "accuracy": [0.25, 0.75]}
    assert set(told) == {"history", "seconds", "made", "cpu", "data", "code_sha256"}
    assert not keep.problems(lesson(), kept)


@pytest.mark.parametrize(
    ("cell", "source", "stale"),
    [
        (1, TRAIN.replace("0.75", "0.8"), True),
        (3, CELLS[3][0].replace("train_long)", "train_long, again=True)"), True),
        (1, TRAIN + "  # 설명", False),
        (2, "x = 1", False),
    ],
)
def test_a_changed_cell_makes_a_kept_run_stale(kept, cell, source, stale):
    changed = list(CELLS)
    changed[cell] = source, CELLS[cell][1]
    found = keep.problems(lesson(changed), kept)
    assert ["00_long" in line and "run `make keep" in line for line in found] == [True] * stale


def test_a_run_never_kept_or_made_of_other_data_is_named(kept, tmp_path):
    [line] = keep.problems(lesson(), tmp_path)
    assert "00_long, which was never kept" in line
    assert not keep.problems(lesson(CELLS[:2]), tmp_path), "no kept run, nothing to say"
    told = json.loads((kept / "00_long.json").read_text("utf-8"))
    told["data"] = {"reuters.npz": "0" * 64, "unknown.txt": "1" * 64}
    (tmp_path / "00_long.json").write_text(json.dumps(told), encoding="utf-8")
    [line] = keep.problems(lesson(), tmp_path)
    assert "reuters.npz" in line


def test_a_run_whose_cell_has_no_tag_is_not_kept(tmp_path, monkeypatch):
    untagged = [*CELLS[:3], (CELLS[3][0], False)]
    monkeypatch.setattr(execute, "run", lambda *given, **more: SimpleNamespace(data={}))
    with pytest.raises(SystemExit, match="00_long was not made: tag its cell `keep`"):
        keep.make(COURSE, lesson(untagged), tmp_path)


def test_the_commands_store_what_was_made_and_hold_it_to_what_is_made_again(
    tmp_path, monkeypatch, capsys
):
    def make(course, lesson, folder):
        (folder / "00_long.json").write_text(json.dumps({"history": curves}), encoding="utf-8")

    monkeypatch.setattr(keep, "make", make)
    course = small.course(tmp_path, lesson().notebook, lesson(CELLS[:2]).notebook)
    curves = {"loss": [1.0, 0.5], "accuracy": [0.25, 0.75]}
    keep.main(["01"], course)
    stored = (tmp_path / "lessons" / "kept" / "00_long.json").read_text("utf-8")
    assert json.loads(stored)["history"] == curves
    assert "lessons/kept/00_long.json" in capsys.readouterr().out
    curves = {"loss": [9.0, 0.52], "accuracy": [0.25, 0.6]}
    with pytest.raises(SystemExit) as refused:
        keep.main(["--verify"], course)
    assert str(refused.value) == "01_small.ipynb, 00_long: accuracy ends at 0.6000, kept 0.7500"
    with pytest.raises(SystemExit, match="02_b.ipynb loads no kept run"):
        keep.main(["02"], course)
