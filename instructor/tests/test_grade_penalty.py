"""What a day late costs."""

from datetime import UTC, datetime, timedelta

import pytest

from grading.penalty import Deadline

DUE = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("days", "seconds", "expected"),
    [(0, -1, 0), (0, 0, 0), (0, 1, 5), (1, 0, 5), (1, 1, 10), (9, 1, 50), (10, 1, 50), (99, 0, 50)],
)
def test_every_day_begun_costs_its_percent(days, seconds, expected):
    """… and never more than was earned."""
    when = DUE + timedelta(days=days, seconds=seconds)
    assert Deadline(DUE, 10).penalty(50, when) == expected
    assert Deadline().penalty(50, when) == 0


@pytest.mark.parametrize("percent", [-1, 101, float("nan")])
def test_a_penalty_that_makes_no_sense_is_refused(percent):
    with pytest.raises(ValueError, match="0 to 100"):
        Deadline(DUE, percent)


def test_a_penalty_without_a_deadline_is_refused():
    with pytest.raises(ValueError, match="DUE="):
        Deadline(None, 10)
