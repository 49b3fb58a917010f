"""The judge reads with suspicion, and the checks must judge something."""

import io
import json

import nbformat
import numpy as np
import pytest
import submissions
from coursekit import checks

from grading import assignment
from grading.alone import judge, rerun


@pytest.mark.parametrize(
    "content",
    [
        b"\x93NUMPY\x01\x00v\x00{'descr': '|O', 'fortran_order': False, 'shape': (1,), }".ljust(128)
        + b"x",
        b"\x93NUMPY\x01\x00v\x00{'descr': '<f8', 'fortran_order': False, 'shape': (99,), }".ljust(
            128
        )
        + bytes(8),
        b"\x93NUMPY\x03\x00",
        b"PK\x03\x04",
        b"",
    ],
    ids=["objects", "shape beyond its bytes", "version", "zip", "nothing"],
)
def test_no_array_but_plain_numbers(content):
    with pytest.raises(ValueError):
        judge.read_array(content)


def test_the_first_value_of_a_name_counts():
    frames = [{"check": "a", "name": "x", "json": 1}, {"check": "a", "name": "x", "json": 2}]
    content = b"".join(json.dumps(frame).encode() + b"\n" for frame in frames)
    assert judge.read(content, {"a": {"x"}})[0] == {"a": {"x": 1}}


def test_a_source_whose_check_judges_nothing_is_refused(tmp_path):
    broken = submissions.source()
    broken.cells[3].source = "assert True"
    nbformat.write(broken, tmp_path / "x.ipynb")
    with pytest.raises(ValueError, match="no hidden tests"):
        assignment.read_assignment((tmp_path / "x.ipynb").read_bytes(), "x")


@pytest.mark.parametrize(
    ("outputs", "expected"),
    [
        ([[0.2], [0.5], [0.9]], [0, 0, 1]),
        ([[-3.0], [0.2], [4.0]], [0, 1, 1]),  # numbers before a sigmoid
        ([[0.9, 0.1], [0.2, 0.8]], [0, 1]),  # two classes
        ([0.1, 0.7], [0, 1]),
    ],
)
def test_what_a_network_answers(outputs, expected):
    """One rule, in the check that students see and for what the second box gave."""
    assert checks.positive(outputs).tolist() == expected
    told = judge.network_names({"outputs": np.array(outputs, "float32").reshape(len(outputs), -1)})
    assert told["network_positive"].tolist() == expected


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (lambda x: x, False),
        (lambda x: 0.5 + 0.3 * x, False),  # the same answers on another scale
        (lambda x: x + 1e-4 * np.sin(99 * x), False),
        (lambda x: x + np.sin(99 * x), True),
        (lambda x: 0 * x, True),
    ],
)
def test_a_layer_counts_when_the_answers_are_others_without_it(after, expected):
    before = np.random.default_rng(0).random(500)
    assert rerun.others(before, after(before)) == expected


def frames(*given) -> bytes:
    content = b""
    for check, name, value in given:
        head, buffer = {"check": check, "name": name}, io.BytesIO()
        if isinstance(value, np.ndarray):
            np.lib.format.write_array(buffer, value, allow_pickle=False)
            head["npy"] = len(buffer.getvalue())
        else:
            head |= value
        content += json.dumps(head).encode() + b"\n" + buffer.getvalue()
    return content


def test_the_last_network_that_came_is_run_again():
    first, second = np.zeros(9, "uint8"), np.ones(8, "uint8")
    rows, all_rows = np.zeros((2, 3), "int32"), np.ones((5, 3), "int32")
    came = [("a", "network", first), ("a", "sequences", rows), ("b", "sequences", all_rows)]
    found, _ = judge.pick(frames(*came, ("b", "network", {"json": None})), ["a", "b"])
    assert len(found["network"]) == 9 and len(found["sequences"]) == 5
    found, _ = judge.pick(frames(*came, ("b", "network", second)), ["a", "b"])
    assert len(found["network"]) == 8


@pytest.mark.parametrize(
    "odd",
    [
        {"json": "x" * 99},
        {"missing": "AttributeError: no Keras model"},
        np.zeros(9, "float32"),
        np.zeros((3, 3), "uint8"),
    ],
    ids=["text", "missing", "numbers", "a table"],
)
def test_what_is_no_network_is_not_run(odd):
    given = frames(("a", "network", odd), ("a", "sequences", np.zeros((2, 3), "int32")))
    found, why = judge.pick(given, ["a"])
    assert not found and why == (odd.get("missing", "") if isinstance(odd, dict) else "")
    assert judge.pick(b"", ["a"]) == ({}, "") == judge.pick(b"\x00" * 99, ["a"])
