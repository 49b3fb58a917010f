"""The homework's points, straight from its hidden checks: what a fair teacher gives for each work.

Values instead of notebooks, so that half a hundred hand-ins cost a second. 1,000 test reviews; a
network or function that is right on ``n`` of them stands for a trained one.
"""

from dataclasses import asdict

import numpy as np
import pytest

from grading.alone import judge
from grading.assignment import find, read_assignment

SOURCE = find("09")
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


def outputs(answers) -> np.ndarray:
    """What a network with these answers puts out: probabilities, one a row."""
    return 0.01 + 0.98 * np.asarray(answers, "float32")[:, None]


def grade(name: str, values: dict, share: float | None = None, layers=("Embedding", "LSTM")):
    """Award one part; ``share`` is how much the network is right on when it is run again."""
    network: dict = {"trouble": "it could not be read"}
    if share is not None:
        network = {"outputs": outputs(right_on(share)), "layers": list(layers)}
    return judged(name, values, network)


def points(*given, **named) -> float:
    return grade(*given, **named)["points"]


def judged(name: str, values: dict, network: dict, earlier=None, stored="") -> dict:
    """Award one part, given what the second box said."""
    truth = {"labels": LABELS, "train": TRAIN}
    return judge.award(asdict(CHECKS[name]), values, {}, truth, network, earlier or {}, stored)


# --- 1 ------------------------------------------------------------------------------------------


def sequences(**changes):
    values = {"counts_of_rows": [900, 100], "lowest": 1, "highest": 99, "size": 100, "kinds": 90}
    return values | {"unknown": [1, 1], "distinct": 950} | changes


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, 15),
        ({"size": 300_000, "highest": 299_999, "kinds": 290_000}, 15),  # eojeol
        ({"unknown": []}, 15),  # a tokenizer that finds nothing in what it does not know
        ({"lowest": 0}, 0),
        ({"highest": 100}, 0),
        ({"kinds": 2}, 0),
        ({"distinct": 3}, 0),
        ({"unknown": [100]}, 12),
        ({"unknown": [0]}, 12),
        ({"unknown": None}, 12),
        ({"counts_of_rows": [899, 100]}, 0),
    ],
)
def test_sequences(changes, expected):
    assert points("part1_sequences", sequences(**changes)) == expected


GENERATOR = np.random.default_rng(0)
LENGTHS = GENERATOR.integers(1, 60, 900)


def lengths(
    length=40,
    reason="훈련 리뷰의 {share:.0f}%가 온전히 남고 훈련이 빨라서 이 길이로 했습니다.",
    **changes,
):
    head = np.array([[0] * (length - min(n, length)) + [5] * min(n, length) for n in LENGTHS[:500]])
    share = float(np.mean(length >= LENGTHS))
    reason = reason.format(share=100 * share, half=50 * share)
    values = {"lengths_given": LENGTHS, "length": length, "shapes": [[900, length], [100, length]]}
    values |= {"head": head, "again": head[:100], "share": share, "length_reason": reason * 2}
    return values | changes


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (lengths(), 10),
        (lengths(60), 10),
        (lengths(reason="중앙값이 {share:.0f}쯤이라서 정했습니다. 길게 잡을 까닭이 없습니다."), 10),
        (lengths(reason="가장 알맞은 길이라고 생각해서 골랐습니다. 다른 길이는 별로였습니다."), 8),
        (lengths(reason=""), 8),
        (lengths(10), 8),  # six reviews of ten are cut
        (lengths(500), 8),  # almost all of it is padding
        (lengths(share=0.5), 8),
        (lengths(length_reason=None), 8),
        (lengths(10, share=0.5), 8),  # one fault, not two
        (lengths(again=np.zeros((100, 40))), 4),  # what does not hang on the arrays is paid
        (lengths(shapes=[[900, 40], [100, 39]]), 4),
        (lengths(shapes=None, head=None, again=None), 4),
        (lengths(length_reason=None) | {"length": None}, 6),  # the name costs its own points only
        (lengths() | {"length": None}, 8),
        (lengths(shapes=None) | {"length": None}, 0),
        (lengths(lengths_given=None), 0),
    ],
    ids=range(17),
)
def test_lengths(given, expected):
    assert points("part1_length", given) == expected


# --- 2 ------------------------------------------------------------------------------------------

LOSSES = {"loss": [0.6, 0.4, 0.3], "val_loss": [0.5, 0.45, 0.44]}
DRAWN = [[0.6, 0.4, 0.3], [0.5, 0.45, 0.44]]


def trained(share, **changes):
    return grade("part2_training", {"curves": LOSSES, "lines": DRAWN, "shown": 1} | changes, share)


@pytest.mark.parametrize(("share", "expected"), [(0.6, 4), (0.675, 7), (0.75, 10), (0.88, 10)])
def test_training_pays_by_what_the_network_can_do(share, expected):
    assert trained(share)["points"] == expected


@pytest.mark.parametrize(
    "changes",
    [
        {"shown": 0},
        {"lines": []},
        {"lines": [[0, 1]]},
        {"lines": [DRAWN[0]]},
        {"lines": None},
        {"curves": None},
        {"curves": {"loss": [0.6], "val_loss": [0.5]}},
        {"curves": {"loss": [0.9, 0.1], "val_loss": [0.9, 0.1]}},
        {"curves": {"loss": [], "val_loss": []}, "lines": [[]]},
        {"curves": dict.fromkeys(LOSSES, [float("nan")] * 3), "lines": [[float("nan")] * 3]},
    ],
    ids=["nothing shown", "none", "no curve", "one", "None", "no history"]
    + ["a point", "another", "empty", "NaN"],
)
def test_a_figure_that_is_no_learning_curve_pays_nothing(changes):
    assert trained(0.8, **changes)["points"] == 6


@pytest.mark.parametrize(
    ("share", "output", "val_loss", "expected"),
    [
        (0.5, 0.5, [0.70, 0.69], 4),  # it learned nothing, and its curve says so
        (0.5, 0.5, [0.26, 0.25], 4),  # as a mean squared error
        (0.5, 0.0, [0.9, 0.7], 4),  # a number before the sigmoid
        (0.5, 0.5, [0.6, 0.3], 0),  # invented
        (0.5, np.nan, [0.7, 0.69], 0),
        (0.575, 0.5, [0.6, 0.3], 2),
        (0.6, 0.5, [0.6, 0.3], 4),
    ],
)
def test_a_curve_of_an_untrained_network_is_its_own(share, output, val_loss, expected):
    curves = {"loss": [0.9, 0.7], "val_loss": val_loss}
    near = output + 0.001 * (2 * right_on(share)[:, None] - 1)  # hardly on this side or that
    network = {"outputs": near, "layers": []}
    values = {"curves": curves, "lines": list(curves.values()), "shown": 1}
    award = judged("part2_training", values, network)
    assert award["points"] == pytest.approx(expected)
    assert ("이 model의 손실과 다릅니다" in award["message"]) == (expected < 4)


def test_a_model_that_is_none_pays_nothing():
    """A duck with a history and weights of its own: the grader cannot run it, so it did nothing."""
    alone = trained(None)
    assert alone["points"] == 0 and "it could not be read" in alone["message"]
    for name in ("part2_model", "part3_predict", "part3_accuracy"):
        values = odd() | {"answers": right_on(0.9)}
        assert points(name, values) == 0, name


@pytest.mark.parametrize(
    ("layers", "expected"),
    [
        (["Embedding", "LSTM", "Dropout"], 10),
        (["Embedding", "LSTM"], 7),
        (["Embedding", "Dropout"], 6),  # a GRU
        (["Embedding"], 3),
        ([], 0),
    ],
)
def test_layers(layers, expected):
    assert points("part2_model", {}, 0.8, layers) == expected


@pytest.mark.parametrize(
    "network",
    [
        {"outputs": "1" * 1000, "layers": "LSTM"},
        {"outputs": np.ones((1000, 1), int), "layers": [["LSTM"]]},
        {"outputs": np.ones(1000), "layers": {"LSTM": 1}},
        {"outputs": None, "layers": ["LSTM"]},
        {"outputs": 1, "layers": ["LSTM"], "trouble": {}},
        {"outputs": np.ones((999, 1)), "layers": []},
        {"outputs": np.ones((0, 1)), "layers": []},
        {"outputs": np.ones((1000, 0)), "layers": []},
        {"outputs": [1.0] * 1000, "layers": ["LSTM"]},
    ],
)
def test_a_second_run_that_says_nonsense_pays_nothing(network):
    values = odd() | {"answers": right_on(0.9)}
    for name in ("part2_model", "part3_predict", "part3_accuracy", "part2_training"):
        assert judged(name, values, network)["points"] == 0


# --- 3 ------------------------------------------------------------------------------------------


def odd(**changes):
    """What a function gives that is right on 850 of 1,000 reviews."""
    some = right_on(0.85)
    values = {"odd": [1, 0, 1, 0, 1, 0, 1], "one": [1], "some": some}
    values["backwards"] = some[:60][::-1]
    return values | changes


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, 15),
        ({"odd": np.array([True] * 7)}, 15),
        ({"odd": np.ones(7, "float32")}, 15),
        ({"backwards": [0, 1] * 15 + [1, 0] * 15}, 8),
        ({"one": 1}, 0),
        ({"odd": [0.7] * 7}, 0),
        ({"some": [1] * 1000, "backwards": [1] * 60}, 0),
    ],
)
def test_any_review(changes, expected):
    assert points("part3_predict", odd(**changes), 0.85) == expected


@pytest.mark.parametrize(("agrees", "part"), [(1, 1), (0.95, 1), (0.93, 0.6), (0.9, 0), (0.6, 0)])
def test_the_function_answers_with_the_trained_model(agrees, part):
    """A function that ignores the network is no answer to the task, however good it is."""
    network = right_on(0.9)
    network[: round((1 - agrees) * 1000)] ^= 1  # the network answers otherwise here
    again = {"outputs": outputs(network), "layers": []}
    values = odd(some=right_on(0.9), backwards=right_on(0.9)[:60][::-1])
    values |= {"answers": right_on(0.9), "claimed": 0.9}
    for name, most in (("part3_predict", 15), ("part3_accuracy", 20)):
        result = judged(name, values, again)
        assert result["points"] == pytest.approx(most * part, abs=0.01)
        assert (agrees < 0.95) == ("model의 답과" in result["message"])


def accuracy(share, claimed=None, **values):
    claimed = share if claimed is None else claimed
    given = {"answers": right_on(share), "claimed": claimed} | values
    return grade("part3_accuracy", given, share)


@pytest.mark.parametrize(("share", "expected"), [(0.65, 0), (0.745, 10), (0.84, 20), (0.9, 20)])
def test_accuracy_of_the_function(share, expected):
    assert accuracy(share)["points"] == pytest.approx(expected)


def test_one_review_is_never_worth_four_points():
    for part in (trained, accuracy, best):
        steps = [part(n / 1000)["points"] for n in range(600, 900)]
        assert max(np.diff(steps)) <= 0.29, "a thousandth; the real data have fifty reviews in one"


@pytest.mark.parametrize("given", [7, None, [1], [[1]] * 1000, ["1"] * 1000, [0.5] * 1000])
def test_answers_of_another_kind_pay_nothing(given):
    assert accuracy(0.9, answers=given)["points"] == 0


@pytest.mark.parametrize("claimed", [0.99, float("nan"), float("inf"), "0.85", [0.85], None])
def test_a_history_that_does_not_fit_is_told_and_costs_nothing(claimed):
    values = {"answers": right_on(0.84)} | ({} if claimed is None else {"claimed": claimed})
    result = grade("part3_accuracy", values, 0.84)
    assert result["points"] == 20 and "made up" in result["alarms"][0]


def test_labels_known_by_heart_are_told():
    assert "labels" in accuracy(0.99)["alarms"][0]


@pytest.mark.parametrize(
    ("share", "told"), [(0.86, False), (0.80, False), (0.77, True), (0.5, True)]
)
def test_labels_known_by_heart_below_the_threshold_are_told(share, told):
    """A memory of 0.86 knows no review that is a letter longer; a network hardly minds."""
    alarms = accuracy(0.86, changed=right_on(share))["alarms"]
    assert bool(alarms) == told and (not told or "a letter more or less" in alarms[0])
    assert not accuracy(0.86, changed=None)["alarms"]


# --- 4 ------------------------------------------------------------------------------------------

OWN = (
    "모델이 틀린 글을 스무 편 읽어 보니 두 가지가 눈에 띕니다. "
    "하나는 칭찬처럼 쓴 반어여서 낱말만 보면 좋은 말뿐입니다. "
    "다른 하나는 감독을 칭찬하면서 정작 영화는 지루하다고 말하는 것인데 "
    "뒤까지 이어 읽어야 뜻을 알 수 있습니다. "
    "별점을 거꾸로 준 듯한 글도 몇 편 있어서 레이블이 틀린 것도 섞여 있다고 봅니다. "
)
MISTAKES = [[review, TRAIN[review], 1 - TRAIN[review]] for review in REVIEWS[:30]]


def errors(analysis, **changes):
    values = {"listed": MISTAKES, "again": [m[2] for m in MISTAKES], "analysis": analysis}
    return values | changes


QUOTES = f"“{REVIEWS[0]}”라는 글과 “{REVIEWS[7]}”라는 글이 그렇습니다."


@pytest.mark.parametrize(
    ("analysis", "expected"),
    [
        (OWN + QUOTES, 10),
        (OWN + f"“{REVIEWS[0]}”만 옮깁니다.", 8.5),
        (OWN, 4),
        ("모델이 틀린 리뷰를 읽어 보면 두 가지가 많습니다. " * 9, 4),
        (QUOTES, 7),
        (QUOTES + "같은 말입니다. " * 30, 7),
        ("", 4),
    ],
    ids=["both", "one quote", "no quote", "filler", "quotes only", "repeats", "empty"],
)
def test_error_analysis(analysis, expected):
    assert points("part4_errors", errors(analysis)) == expected


def listed(rows, **changes):
    given = errors(OWN + QUOTES, listed=rows, again=[answer for _, _, answer in rows])
    return points("part4_errors", given | changes)


def test_mistakes_that_are_none_pay_nothing():
    """Neither the list nor the quotations; own words count where a mistake is quoted."""
    right = [[review, label, label] for review, label, _ in MISTAKES]
    assert listed(right) == 0
    assert listed([[f"지어낸 리뷰 {n}", 0, 1] for n in range(30)]) == 0
    assert listed([]) == 0


def test_the_list_the_quotations_and_the_words_are_paid_apart():
    assert listed(MISTAKES[:19]) == pytest.approx(6 + 4 * 19 / 20, abs=0.01)
    one_right = [[MISTAKES[0][0], MISTAKES[0][1], MISTAKES[0][1]], *MISTAKES[1:]]
    assert listed(one_right) == pytest.approx(6 + 4 * 29 / 30, abs=0.01)
    assert listed(MISTAKES * 2) == 10, "the same ones twice"
    assert listed(MISTAKES[:10] * 3) == 6 + 2
    assert listed(MISTAKES, again=[1 - answer for _, _, answer in MISTAKES]) == 6
    assert listed(MISTAKES, again=None) == 6
    assert listed(MISTAKES, analysis=None) == 4


def test_a_quotation_may_be_of_the_students_own_run():
    """Trained again the network is right on it; the notebook had printed it as a mistake."""
    given = errors(OWN + "“훈련 리뷰 123번”이라는 글과 “훈련 리뷰 456번”이라는 글이 그렇습니다.")
    assert judged("part4_errors", given, {})["points"] == 4
    stored = "레이블 0, 답 1: 훈련 리뷰 123번\n레이블 0, 답 1: 훈련 리뷰 456번\n"
    assert judged("part4_errors", given, {}, stored=stored)["points"] == 10
    told = judged("part4_errors", given | {"listed": None, "again": None}, {}, stored=stored)
    assert told["points"] == 6 and "mistakes가 없거나" in told["message"], "a name of its own"


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
        (WORDS.format(first="0.81", second="0.89"), 3),  # two digits, and a network trained again
        (WORDS.format(first="0.82", second="0.90"), 1),
        (WORDS.format(first=" ".join(f"{n / 100}" for n in range(50, 99)), second="0.9"), 0),
        (WORDS.format(first="0.1", second="0.2"), 0),
        ("많이 좋아졌습니다. 정말로 아주 많이 좋아져서 기쁩니다. " * 5, 0),
        ("0.800 0.900", 1),
        ("", 0),
    ],
)
def test_words_pay_for_true_numbers(words, expected):
    assert best(0.5, words)["points"] == expected


def test_a_missing_explanation_costs_its_own_points_only():
    assert best(0.87, improvement=None)["points"] == 7


def test_the_same_function_again_is_no_new_model():
    same = best(0.9, best_valid=valid(80), words=WORDS.format(first="0.800", second="0.800"))
    assert same["points"] <= 1 and "새 모델이 아닙니다" in same["message"]


@pytest.mark.parametrize(("first", "expected"), [(0.85, 10), (0.9, 1)])
def test_a_second_model_may_take_the_name_of_the_first(first, expected):
    """Then ``predict`` answers with the new one, too; what it said in part 3 counts."""
    values = {"best": right_on(0.9), "asked": REVIEWS, "improvement": TRUE_WORDS}
    values |= {"first_valid": valid(90), "best_valid": valid(90)}
    earlier = {"part3_accuracy": {"answers": right_on(first)}}
    result = judged("part5_best", values, {}, earlier)
    assert result["points"] == expected


def test_a_spoiled_first_model_makes_the_second_no_better():
    """Points are absolute: whatever happens to ``predict`` changes none of ``best_predict``."""
    for first in (valid(80), valid(1), None, 7, float("nan")):
        assert best(0.85, "x", first_valid=first)["points"] == best(0.85, "x")["points"]
