"""make keep: runs too long for a learner are made once, known by what made them, and go stale."""

import json

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from tools import keep

TRAIN = """
def train_long():
    return None, {"loss": [1.0, 0.5], "accuracy": [0.25, 0.75]}"""
CELLS = [
    ("from coursekit import train", True),
    (TRAIN, True),
    ("raise RuntimeError('this cell has no tag and never runs')", False),
    ('_, history = train.kept("00_long", train_long)', True),
]


def notebook(cells=CELLS):
    made = [new_markdown_cell("# 00. 시험")]
    for source, tagged in cells:
        made.append(new_code_cell(source, metadata={"tags": ["keep"] if tagged else []}))
    return new_notebook(cells=made)


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """A folder with the kept run of the notebook above, made by its cells in a kernel."""
    folder = tmp_path_factory.mktemp("kept")
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("COURSE_DATA", raising=False)
        keep.make(notebook(), folder)
    return folder


def test_a_run_is_kept_with_its_curve_and_what_made_it(kept):
    assert [file.name for file in kept.iterdir()] == ["00_long.json"]
    told = json.loads((kept / "00_long.json").read_text("utf-8"))
    assert told["history"] == {"loss": [1.0, 0.5], "accuracy": [0.25, 0.75]}
    assert set(told) == {"history", "seconds", "made", "cpu", "data", "code_sha256"}
    assert not keep.problems(notebook(), kept)


@pytest.mark.parametrize(
    ("cell", "source", "stale"),
    [
        (1, TRAIN.replace("0.75", "0.8"), True),
        (3, CELLS[3][0].replace("train_long)", "train_long, bits=8)"), True),
        (1, TRAIN + "  # 설명", False),
        (2, "x = 1", False),
    ],
)
def test_a_changed_cell_makes_a_kept_run_stale(kept, cell, source, stale):
    changed = list(CELLS)
    changed[cell] = source, CELLS[cell][1]
    found = keep.problems(notebook(changed), kept)
    assert [("run `make keep" in line, "00_long" in line) for line in found] == [
        (True, True)
    ] * stale


def test_a_run_that_was_never_kept_is_named(kept, tmp_path):
    [line] = keep.problems(notebook(), tmp_path)
    assert "00_long" in line
    assert "never kept" in line
    assert not keep.problems(notebook(CELLS[:2]), tmp_path), "no kept run, nothing to say"


def test_other_data_than_the_registry_s_make_it_stale(kept, tmp_path):
    told = json.loads((kept / "00_long.json").read_text("utf-8"))
    told["data"] = {"reuters.npz": "0" * 64, "unknown.txt": "1" * 64}
    (tmp_path / "00_long.json").write_text(json.dumps(told), encoding="utf-8")
    [line] = keep.problems(notebook(), tmp_path)
    assert "reuters.npz" in line


def test_a_run_whose_cell_has_no_tag_is_not_kept(tmp_path, monkeypatch):
    untagged = [*CELLS[:3], (CELLS[3][0], False)]
    monkeypatch.setattr(keep, "run", lambda notebook, **more: {"seconds": 1, "data": {}})
    with pytest.raises(SystemExit, match="00_long was not made: tag its cell `keep`"):
        keep.make(notebook(untagged), tmp_path)


def test_verify_names_a_curve_that_ends_elsewhere(kept, monkeypatch):
    def made(notebook, folder):
        told = {"history": {"loss": [9.0, 0.52], "accuracy": [0.25, 0.6]}}
        (folder / "00_long.json").write_text(json.dumps(told), encoding="utf-8")

    monkeypatch.setattr(keep, "make", made)
    [line] = keep.differences(notebook(), kept)
    assert "accuracy ends at 0.6000, kept 0.7500" in line


def test_the_command_stores_what_was_made(kept, tmp_path, monkeypatch, capsys):
    (tmp_path / "lessons").mkdir()
    written = tmp_path / "lessons" / "00_x.ipynb"
    monkeypatch.setattr(keep, "KEPT", tmp_path / "kept")
    monkeypatch.setattr(keep.lessons, "find", lambda number: written)
    monkeypatch.setattr(
        keep, "make", lambda notebook, folder: (folder / "00_long.json").write_text("{}")
    )
    keep.lessons.write(written, notebook())
    keep.main(["00"])
    assert (tmp_path / "kept" / "00_long.json").read_text() == "{}"
    assert "lessons/kept/00_long.json" in capsys.readouterr().out
    keep.lessons.write(written, notebook(CELLS[:2]))
    with pytest.raises(SystemExit, match="no kept run"):
        keep.main(["00"])
