"""A hand-in is brought back to the assignment's shape: what runs, in which order, what is said."""

import json
import os
import unicodedata

import nbformat
import pytest
import submissions
from submissions import POINTS

from grading.alone import restore
from grading.assignment import read_assignment

SMALL = nbformat.writes(submissions.source()).encode()
ORIGINALS = read_assignment(SMALL, "small_homework").originals
SOLVED = submissions.solved(submissions.source())
CELLS = {cell.metadata.nbgrader.grade_id: dict(cell) for cell in SOLVED.cells[1:]}


def file(*cells: dict, encoding: str = "utf-8", **other: dict) -> bytes:
    """A notebook of these cells; if none are given, of the right ones, some of them changed."""
    cells = cells or tuple(cell | other.get(name, {}) for name, cell in CELLS.items())
    return json.dumps(SOLVED | {"cells": cells}, ensure_ascii=False).encode(encoding)


def without(*names: str) -> bytes:
    return file(*(cell for name, cell in CELLS.items() if name not in names))


def nameless(change=lambda text: text, metadata=None) -> bytes:
    other = {"metadata": metadata or {}}
    return file(*(cell | other | {"source": change(cell["source"])} for cell in CELLS.values()))


def named(name: str, **more) -> dict:
    return {"metadata": {"nbgrader": {"grade_id": name, **more}}}


IN_ORDER = ["start", "squares", "part1", "predict", "part2", "essay", "part3"]
SWAPPED = ["start", "essay", "part3", "predict", "part2", "squares", "part1"]
CHECKS_FIRST = ["part1", "part2", "part3", "start", "squares", "predict", "essay"]
NO_PREDICT = [name for name in IN_ORDER if name != "predict"]
NO_NAMES = ["start", None, "part1", None, "part2", None, "part3"]
NO_METADATA, GONE = ["메타데이터가 없어"], [f"없는 잠긴 셀 {name}" for name in ("start", *POINTS)]
TWICE = file(CELLS["squares"] | {"source": "squares = None"}, *CELLS.values())


@pytest.mark.parametrize(
    ("content", "runs", "notes"),
    [
        (file(), IN_ORDER, []),
        (without("predict"), NO_PREDICT, ["이름이 predict인 답 셀이"]),
        (without("part2"), IN_ORDER, ["없는 잠긴 셀 part2을(를) 다시"]),
        (without("start", *POINTS), IN_ORDER, GONE),
        (file(*(CELLS[name] for name in SWAPPED)), SWAPPED, []),
        (file(*(CELLS[name] for name in CHECKS_FIRST)), CHECKS_FIRST, []),
        (TWICE, [None, *IN_ORDER], ["squares이(가) 두 번 이상 있어 모두 실행"]),
        (file(CELLS["part2"], *CELLS.values()), IN_ORDER, ["part2이(가) 두 번 이상 있어 마지막"]),
        (file(squares=named("내 답")), ["start", None, *IN_ORDER[2:]], ["이름이 squares인 답"]),
        (file(part1=named("part9")), IN_ORDER, []),  # known by its text
        (file(part1={"cell_type": "markdown", "source": "통과"}), IN_ORDER, ["part1이(가) 바뀌어"]),
        (
            file(predict={"cell_type": "markdown", "metadata": {}}),
            NO_PREDICT,
            ["이름이 predict인 답"],
        ),
        (file(encoding="cp949"), IN_ORDER, ["UTF-8이 아니라 cp949"]),
        (file(encoding="utf-8-sig"), IN_ORDER, []),
        (nameless(metadata={"nbgrader": 7}), NO_NAMES, NO_METADATA),
        # Without its metadata a check is known by its text, and runs behind its answer.
        (nameless(), NO_NAMES, NO_METADATA),
        (nameless(lambda text: text.replace("\n", "\r\n")), NO_NAMES, NO_METADATA),
        (nameless(lambda text: text + "\n\n"), NO_NAMES, NO_METADATA),
        (nameless(lambda text: unicodedata.normalize("NFD", text)), NO_NAMES, NO_METADATA),
        (nameless(lambda text: text.replace("\n", "  \n")), NO_NAMES, NO_METADATA),
        (nameless(lambda text: "\t" + text), NO_NAMES, NO_METADATA),
        (
            file(CELLS["squares"] | {"metadata": {}}),
            ["start", None, "part1", "part2", "part3"],
            NO_METADATA + GONE,
        ),
    ],
    ids=range(22),
)
def test_a_changed_notebook_runs_in_its_order_and_the_notes_are_true(content, runs, notes):
    result = restore.restored(content, ORIGINALS)
    assert not result.unreadable
    assert [cell["id"] for cell in result.cells] == runs
    assert len(result.notes) == len(notes), result.notes
    for note, words in zip(result.notes, notes, strict=True):
        assert words in note


def test_a_changed_check_has_the_sources_text_again_and_an_answer_the_students():
    forged = {"source": "def squares(n):\n    raise SystemExit\nprint('통과')"}
    content = file(part1=forged | named("part1", points=1000), squares={"source": "squares = None"})
    result = restore.restored(content, ORIGINALS)
    sources = {cell["id"]: cell["source"] for cell in result.cells}
    assert sources["part1"].startswith("# part1 검사\nassert")
    assert sources["squares"] == "squares = None"
    (note,) = result.notes
    assert "잠긴 셀 part1이(가) 바뀌어 있어 원래대로" in note


@pytest.mark.parametrize(
    ("outputs", "stored"),
    [
        (
            [
                {"output_type": "stream", "text": "검증 정확도: 0.853\n"},
                {"output_type": "display_data", "data": {"text/plain": "글", "image/png": "iVBO"}},
            ],
            "검증 정확도: 0.853\n\n글",
        ),
        ([{"text": "x" * (8 << 20)}], "x" * restore.STORED_MAX),
        (7, ""),
        ([7, None], ""),
        ([{"data": 7}], ""),
        ([{"data": {"text/plain": {}}, "text": [1, "둘"]}], "둘"),
    ],
    ids=["numbers and words", "of any size", "a number", "numbers", "no data", "odd data"],
)
def test_what_the_notebook_had_printed_is_kept_whatever_stands_in_its_place(outputs, stored):
    """Numbers and quotations of a student's own run are judged against it."""
    result = restore.restored(file(squares={"outputs": outputs}), ORIGINALS)
    assert [cell["id"] for cell in result.cells] == IN_ORDER and result.stored == stored


def test_the_fingerprint_is_blind_to_comments_and_blanks_and_to_nothing_else():
    def of(source):
        return restore.fingerprint(ORIGINALS, [{"id": "squares", "source": source}])

    assert of("a = 1") == of("a  =  1  # mine\n\n# more") == of("a = 1\r\n".replace("\r", ""))
    assert of("a = 1") != of("a = 2")
    stub = next(cell["source"] for cell in ORIGINALS if cell["id"] == "squares")
    assert of(stub) is None and of("# only a comment") is None


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
        b'{"cells": [' + b"{}," * (1 << 20) + b"{}]}",
    ],
    ids=range(22),
)
def test_whatever_is_no_notebook_is_said_to_be_none(content):
    result = restore.restored(content, ORIGINALS)
    assert "파일" in result.unreadable and not result.cells and result.fingerprint is None


def test_a_notebook_has_two_thousand_cells_at_most():
    result = restore.restored(file(*[CELLS["squares"]] * 2001), ORIGINALS)
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
    assert {cell["id"] for cell in result.cells} >= {"start", *POINTS}
