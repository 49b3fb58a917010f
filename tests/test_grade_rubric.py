"""The points of accuracy and of the free round, straight from the homework's hidden checks.

Values instead of notebooks, so that a hand-in costs nothing: a function that is right on a share of
1,000 test reviews stands for a trained one.
"""

from dataclasses import asdict

import numpy as np
import pytest

from grading import judge
from grading.assignment import SOURCE, read_assignment

CHECKS = {check.name: check for check in read_assignment(SOURCE.read_bytes(), SOURCE.stem).checks}
LABELS = ([0, 1] * 500)[:1000]
REVIEWS = [f"검증 리뷰 {n}번은 이런 글입니다" for n in range(100)]
TRAIN = {review: n % 2 for n, review in enumerate(REVIEWS)}
TRAIN |= {f"훈련 리뷰 {n}번": n % 2 for n in range(900)}


def right_on(share: float) -> np.ndarray:
    """Answers of 0 and 1 that are right on this share of the test reviews."""
    answers = np.array(LABELS)
    answers[: round((1 - share) * len(answers))] ^= 1
    return answers


def grade(name: str, values: dict) -> dict:
    return judge.award(asdict(CHECKS[name]), values, {}, {"labels": LABELS, "train": TRAIN})


# --- 3 ------------------------------------------------------------------------------------------


def accuracy(share, claimed=None, **values):
    claimed = share if claimed is None else claimed
    return grade("part3_accuracy", {"answers": right_on(share), "claimed": claimed} | values)


@pytest.mark.parametrize(("share", "expected"), [(0.65, 0), (0.745, 10), (0.84, 20), (0.9, 20)])
def test_accuracy_of_the_function(share, expected):
    assert accuracy(share)["points"] == pytest.approx(expected)


def test_one_review_is_never_worth_four_points():
    for part in (accuracy, best):
        steps = [part(n / 1000)["points"] for n in range(600, 900)]
        assert max(np.diff(steps)) <= 0.29, "a thousandth; the real data have fifty reviews in one"


@pytest.mark.parametrize("given", [7, None, [1], [[1]] * 1000, ["1"] * 1000, [0.5] * 1000])
def test_answers_of_another_kind_pay_nothing(given):
    assert accuracy(0.9, answers=given)["points"] == 0


@pytest.mark.parametrize("claimed", [0.99, float("nan"), float("inf"), "0.85", [0.85], None])
def test_a_history_that_does_not_fit_is_told_and_costs_nothing(claimed):
    values = {"answers": right_on(0.84)} | ({} if claimed is None else {"claimed": claimed})
    result = grade("part3_accuracy", values)
    assert result["points"] == 20 and "made up" in result["alarms"][0]


def test_labels_known_by_heart_are_told():
    assert "labels" in accuracy(0.99)["alarms"][0]


# --- 5 ------------------------------------------------------------------------------------------

WORDS = (
    "글자 조각 위의 선형 모델로 바꾸었습니다. "
    "짧은 리뷰에서는 그것으로 넉넉하고 훨씬 빠르기 때문입니다. "
    "검증 정확도가 {first}에서 {second}로 달라졌습니다. 오타와 줄임말을 조각이 잡아 줍니다."
)


def valid(right: int) -> np.ndarray:
    answers = np.array([TRAIN[review] for review in REVIEWS])
    answers[right:] ^= 1
    return answers


TRUE_WORDS = WORDS.format(first="0.800", second="0.900")


def best(share, words=TRUE_WORDS, **changes):
    values = {"best": right_on(share), "asked": REVIEWS, "improvement": words}
    values |= {"first_valid": valid(80), "best_valid": valid(90)} | changes
    return grade("part5_best", values)


@pytest.mark.parametrize(("share", "expected"), [(0.8, 3), (0.845, 3), (0.87, 10), (0.9, 10)])
def test_the_free_round_pays_by_accuracy_alone(share, expected):
    assert best(share)["points"] == expected


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (WORDS.format(first="80.0%", second="90.0%"), 3),
        (WORDS.format(first="0.800", second="0.990"), 1),
        (WORDS.format(first="0.1", second="0.2"), 0),
        ("많이 좋아졌습니다. 정말로 아주 많이 좋아져서 기쁩니다. " * 5, 0),
        ("0.800 0.900", 1),
        ("", 0),
    ],
)
def test_words_pay_for_true_numbers(words, expected):
    assert best(0.5, words)["points"] == expected


def test_the_same_function_again_is_no_new_model():
    same = best(0.9, best_valid=valid(80), words=WORDS.format(first="0.800", second="0.800"))
    assert same["points"] <= 1 and "새 모델이 아닙니다" in same["message"]


def test_a_spoiled_first_model_makes_the_second_no_better():
    """Points are absolute: whatever happens to ``predict`` changes none of ``best_predict``."""
    for first in (valid(80), valid(1), None, 7, float("nan")):
        assert best(0.85, "x", first_valid=first)["points"] == best(0.85, "x")["points"]
