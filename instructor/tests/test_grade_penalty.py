"""What a day late costs."""

from datetime import UTC, datetime, timedelta

import pytest

from grading.penalty import Deadline

DUE = datetime(2026, 1, 1, tzinfo=UTC)


def test_a_penalty_is_never_more_than_was_earned():
    late = DUE + timedelta(days=99)
    assert Deadline(DUE, 10).penalty(50, late) == 50
    assert Deadline().penalty(50, late) == 0


@pytest.mark.parametrize(
    ("late", "expected"),
    [
        (timedelta(seconds=-1), 0),
        (timedelta(0), 0),
        (timedelta(seconds=1), 5),  # a day begun is a day
        (timedelta(days=1), 5),
        (timedelta(days=1, seconds=1), 10),
        (timedelta(days=9, hours=23), 50),
        (timedelta(days=10, seconds=1), 50),  # eleven days of 10 % are not more than all
    ],
)
def test_every_day_begun_costs_its_percent(late, expected):
    assert Deadline(DUE, 10).penalty(50, DUE + late) == expected


@pytest.mark.parametrize("percent", [-1, 101, float("nan")])
def test_a_penalty_that_makes_no_sense_is_refused(percent):
    with pytest.raises(ValueError, match="0 to 100"):
        Deadline(DUE, percent)


def test_a_penalty_without_a_deadline_is_refused():
    with pytest.raises(ValueError, match="DUE="):
        Deadline(None, 10)
