"""The judge reads with suspicion, and the checks must judge something."""

import json

import nbformat
import pytest
import submissions

from grading import assignment, judge


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
