"""A hand-in is brought back to the assignment's shape: what runs, in which order, what is said."""

import copy
import json
import os
import unicodedata

import nbformat
import pytest
import submissions
from nbformat.v4 import new_markdown_cell
from submissions import POINTS, cell_of

from grading.alone import restore
from grading.assignment import read_assignment

ORIGINALS = [
    {"id": "start", "solution": False, "grade": False, "code": True, "source": "import x"},
    {"id": "answer", "solution": True, "grade": False, "code": True, "source": "stub"},
    {"id": "part", "solution": False, "grade": True, "code": True, "source": "# 검사\nassert a\n"},
]
SMALL = nbformat.writes(submissions.source()).encode()
ORIGINAL = read_assignment(SMALL, "small_homework").originals
IN_ORDER = ["start", "squares", "part1", "predict", "part2", "essay", "part3"]


def restored(change) -> restore.Restored:
    """What becomes of the right notebook after a change, which may return bytes instead."""
    notebook = submissions.solved(submissions.source())
    content = change(notebook) or nbformat.writes(notebook).encode()
    return restore.restored(content, ORIGINAL)


def remove(*names):
    def change(notebook):
        for name in names:
            notebook.cells.remove(cell_of(notebook, name))

    return change


def reorder(*names):
    def change(notebook):
        notebook.cells = [cell_of(notebook, name) for name in names]

    return change


def twice(name, source=None):
    def change(notebook):
        twin = copy.deepcopy(cell_of(notebook, name))
        twin.id, twin.source = "once-more", source or twin.source
        notebook.cells.insert(1, twin)

    return change


def rename(name, other):
    def change(notebook):
        cell_of(notebook, name).metadata.nbgrader.grade_id = other

    return change


def metadata(given):
    def change(notebook):
        for cell in notebook.cells:
            cell.metadata = nbformat.from_dict(given)

    return change


def as_markdown(name, *, source=None, kept=False):
    def change(notebook):
        old = cell_of(notebook, name)
        new = new_markdown_cell(source or old.source, metadata=old.metadata if kept else {})
        notebook.cells[notebook.cells.index(old)] = new

    return change


SWAPPED = ["start", "essay", "part3", "predict", "part2", "squares", "part1"]
CHECKS_FIRST = ["part1", "part2", "part3", "start", "squares", "predict", "essay"]
NO_NAMES = ["start", None, "part1", None, "part2", None, "part3"]
NO_METADATA = ["메타데이터가 없어"]


@pytest.mark.parametrize(
    ("change", "runs", "notes"),
    [
        (lambda notebook: None, IN_ORDER, []),
        (remove("predict"), [n for n in IN_ORDER if n != "predict"], ["이름이 predict인 답 셀이"]),
        (remove("part2"), IN_ORDER, ["없는 잠긴 셀 part2을(를) 다시"]),
        (
            remove("start", *POINTS),
            IN_ORDER,
            [f"없는 잠긴 셀 {name}" for name in ("start", *POINTS)],
        ),
        (reorder(*SWAPPED), SWAPPED, []),
        (reorder(*CHECKS_FIRST), CHECKS_FIRST, []),
        (
            twice("squares", "squares = None"),
            [None, *IN_ORDER],
            ["답을 쓰는 셀 squares이(가) 두 번 이상 있어 모두 실행"],
        ),
        (twice("part2"), IN_ORDER, ["잠긴 셀 part2이(가) 두 번 이상 있어 마지막 것만 실행"]),
        (
            rename("squares", "내 답"),
            ["start", None, *IN_ORDER[2:]],
            ["이름이 squares인 답 셀이 없습니다"],
        ),
        (rename("part1", "part9"), IN_ORDER, []),  # known by its text
        (metadata({}), NO_NAMES, NO_METADATA),
        (metadata({"nbgrader": 7}), NO_NAMES, NO_METADATA),
        (as_markdown("part1", source="통과", kept=True), IN_ORDER, ["part1이(가) 바뀌어"]),
        (as_markdown("squares"), [n for n in IN_ORDER if n != "squares"], ["이름이 squares인"]),
        (lambda n: nbformat.writes(n).encode("cp949"), IN_ORDER, ["UTF-8이 아니라 cp949"]),
        (lambda n: nbformat.writes(n).encode("utf-8-sig"), IN_ORDER, []),
    ],
    ids=range(16),
)
def test_a_changed_notebook_runs_in_its_order_and_the_notes_are_true(change, runs, notes):
    result = restored(change)
    assert not result.unreadable
    assert [cell["id"] for cell in result.cells] == runs
    assert len(result.notes) == len(notes), result.notes
    for note, start in zip(result.notes, notes, strict=True):
        assert start in note


def test_a_changed_check_has_the_sources_text_again_and_an_answer_the_students():
    def change(notebook):
        cell_of(notebook, "part1").source = "def squares(n):\n    raise SystemExit\nprint('통과')"
        cell_of(notebook, "part1").metadata.nbgrader.points = 1000
        cell_of(notebook, "squares").source = "squares = None"

    result = restored(change)
    sources = {cell["id"]: cell["source"] for cell in result.cells}
    assert sources["part1"].startswith("# part1 검사\nassert")
    assert sources["squares"] == "squares = None"
    (note,) = result.notes
    assert "잠긴 셀 part1이(가) 바뀌어 있어 원래대로" in note


def test_outputs_of_any_size_cost_nothing():
    def change(notebook):
        text = nbformat.v4.new_output("stream", name="stdout", text="x" * (8 << 20))
        cell_of(notebook, "essay").outputs = [text]

    assert [cell["id"] for cell in restored(change).cells] == IN_ORDER


def test_the_fingerprint_is_blind_to_comments_and_blanks_and_to_nothing_else():
    def of(source):
        return restore.fingerprint(ORIGINALS, [{"id": "answer", "source": source}])

    assert of("a = 1") == of("a  =  1  # mine\n\n# more") == of("a = 1\r\n".replace("\r", ""))
    assert of("a = 1") != of("a = 2")
    assert of("stub") is None and of("# only a comment") is None


@pytest.mark.parametrize(
    "content",
    [
        *(b"", b"   \n", b"null", b"7", b"[]", b'"cells"', bytes(4096), SMALL[:700]),
        *(b"\xff\xfe\xfd" + os.urandom(999), b"PK\x03\x04" + bytes(200)),  # a Word document
        *(b'{"cells": null}', b'{"cells": {"a": 1}}', b'{"cells": [null]}', b'{"cells": [[]]}'),
        b'{"cells": [{"cell_type": "code"}]}',
        b'{"cells": [{"cell_type": "code", "source": ["a", 7]}]}',
        b'{"cells": [{"source": "a"}]}',
        b'{"worksheets": [{"cells": []}]}',  # of 2014
        b'{"nbformat": "x", "cells": [{"cell_type": "code", "source": {"a": 1}}]}',
        b'{"cells": ' + b"[" * 300_000 + b"]" * 300_000 + b"}",
        b'{"cells": [{"cell_type": "code", "source": "' + b"\\ud800" * 9 + b'"}, 7]}',
    ],
    ids=range(21),
)
def test_whatever_is_no_notebook_is_said_to_be_none(content):
    result = restore.restored(content, ORIGINALS)
    assert "파일" in result.unreadable and not result.cells and result.fingerprint is None


def test_a_notebook_has_two_thousand_cells_at_most():
    cells = b", ".join([b'{"cell_type": "code", "source": ""}'] * 2001)
    result = restore.restored(b'{"cells": [' + cells + b"]}", ORIGINALS)
    assert "2,001" in result.unreadable and not result.cells


@pytest.mark.parametrize(
    "content",
    [
        b'{"cells": []}',
        b'{"cells": [], "nbformat": "four", "metadata": []}',
        b'{"cells": [{"cell_type": ["code"], "source": "", "metadata": 7}]}',
        b'{"cells": [{"cell_type": "code", "source": "a", "metadata": {"nbgrader": 7}}]}',
        b'{"cells":[{"cell_type":"code","source":"","metadata":{"nbgrader":{"grade_id":[]}}}]}',
        b'{"cells": [{"cell_type": "raw", "source": ["a", "b"], "outputs": 7, "id": {}}]}',
    ],
)
def test_a_notebook_with_odd_fields_is_still_one(content):
    result = restore.restored(content, ORIGINALS)
    assert not result.unreadable
    assert {cell["id"] for cell in result.cells} >= {"start", "part"}


def test_a_file_of_tiny_things_costs_the_grader_little(monkeypatch):
    monkeypatch.setattr(restore, "SECONDS", 20)
    result = restore.restored(b'{"cells": [' + b"{}," * (1 << 20) + b"{}]}", ORIGINALS)
    assert result.unreadable


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text + "\n\n",
        lambda text: unicodedata.normalize("NFD", text),
        lambda text: "\n".join(line + "  " for line in text.splitlines()),
        lambda text: "\t" + text,
    ],
    ids=["CRLF", "newlines", "NFD", "blanks behind", "a tab before"],
)
def test_a_check_without_its_metadata_is_known_by_its_text(change):
    """… and runs behind its answer, not in front of it."""
    cells = [
        {"id": None, "code": True, "source": change("import x")},
        {"id": None, "code": True, "source": "a = 1"},
        {"id": None, "code": True, "source": change(ORIGINALS[2]["source"])},
    ]
    restored, notes = restore.restore(ORIGINALS, cells)
    assert [cell["id"] for cell in restored] == ["start", None, "part"]
    assert not [note for note in notes if "되돌렸" in note]


def test_a_check_that_is_gone_with_all_names_comes_back_behind_the_answers():
    cells = [{"id": None, "code": True, "source": "a = 1"}]
    restored, _ = restore.restore(ORIGINALS, cells)
    assert [cell["id"] for cell in restored] == ["start", None, "part"]


def test_what_the_notebook_had_printed_is_kept_whatever_stands_in_its_place():
    """Numbers and quotations of a student's own run are judged against it."""
    outputs = [
        nbformat.v4.new_output("stream", text="검증 정확도: 0.853\n"),
        nbformat.v4.new_output("display_data", data={"text/plain": "글", "image/png": "iVBO"}),
    ]

    def printed(notebook):
        cell_of(notebook, "squares").outputs = outputs

    assert restored(printed).stored == "검증 정확도: 0.853\n\n글"
    for odd in (7, [7, None], [{"data": 7}], [{"data": {"text/plain": {}}, "text": [1, "둘"]}]):
        notebook = json.loads(nbformat.writes(submissions.solved(submissions.source())))
        notebook["cells"][1]["outputs"] = odd
        given = restore.restored(json.dumps(notebook).encode(), ORIGINAL)
        assert not given.unreadable and given.stored in ("", "둘")
