"""What the locked checks use of coursekit decides points: each of its boundaries."""

import numpy as np
import pytest
from coursekit import checks


@pytest.fixture
def drawn():
    """A figure's lines, as the checks keep them; gone again after the test."""
    lines = checks.lines_drawn()
    kept = list(lines)
    lines[:] = [[0.9, 0.5, 0.4]]
    yield lines
    lines[:] = kept


def test_a_curve_is_drawn_when_one_line_has_its_very_values(drawn):
    assert checks.is_drawn([0.9, 0.5, 0.4])
    assert not checks.is_drawn([0.9, 0.5, 0.3]), "a line of that length is not enough"
    assert not checks.is_drawn([0.9, 0.5]) and not checks.is_drawn([0.9, 0.5, 0.4, 0.4])
    drawn.append([1.0, 2.0])
    assert checks.is_drawn([1.0, 2.0]), "any of the lines"
    drawn.clear()
    assert not checks.is_drawn([0.9, 0.5, 0.4])


REVIEW = "가나다라마바사아자차"


@pytest.mark.parametrize(
    ("text", "found", "rest"),
    [
        ("앞 가나다라마바사아 뒤", True, "앞  뒤"),  # eight letters in a row
        ("앞 가나다라마바사 뒤", False, "앞 가나다라마바사 뒤"),  # seven
        ("앞 다라마바사아자차 뒤", True, "앞  뒤"),  # the last eight of the review
        (f"앞 {REVIEW} 뒤", True, "앞  뒤"),  # as long as it goes
        ("앞 가나다라 마바사아 뒤", False, "앞 가나다라 마바사아 뒤"),  # not in a row
        ("", False, ""),
    ],
)
def test_a_quotation_has_eight_letters_in_a_row(text, found, rest):
    assert checks.without_quote(text, REVIEW) == (rest, found)


def test_a_review_that_is_shorter_than_a_quotation_cannot_be_quoted():
    assert checks.without_quote("일곱글자리뷰임 이라고", "일곱글자리뷰임")[1] is False


@pytest.mark.parametrize(
    ("outputs", "expected"),
    [
        ([0.0, 0.5, 0.51, 1.0], [0, 0, 1, 1]),  # probabilities: more than a half
        ([-0.1, 0.4, 0.6], [0, 1, 1]),  # one below 0: numbers before the sigmoid
        ([0.0, 0.4, 1.1], [0, 1, 1]),  # one above 1: the same
        ([[0.6, 0.4], [0.4, 0.6], [0.5, 0.5]], [0, 1, 0]),
        ([[0.1, 0.2, 0.7], [0.1, 0.8, 0.1]], [0, 1]),  # of more classes, the second one
    ],
)
def test_which_outputs_say_positive(outputs, expected):
    answers = checks.positive(np.array(outputs))
    assert answers.tolist() == expected and answers.dtype == np.int8
