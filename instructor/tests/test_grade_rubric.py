"""Homework 09's points, straight from its hidden checks: what a fair teacher gives for each work.

Values instead of notebooks, so that nearly two hundred hand-ins cost seconds. 1,000 test reviews; a
network or function that is right on a share of them stands for a trained one.
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
NAN = float("nan")
ROWS: list[dict] = []


def row(part: str, values: dict, points: float, says: str = "", **more) -> None:
    """A case: its ``network`` answers what the second box said, or is right on that share.

    ``unsaid``: not in the message; ``alarm``: in an alarm, else there is none; ``earlier``: what
    other checks were given; ``stored``: what the notebook had printed.
    """
    ROWS.append({"part": part, "values": values, "points": points, "says": says} | more)


def right_on(share: float) -> np.ndarray:
    """Answers of 0 and 1 that are right on this share of the test reviews."""
    answers = np.array(LABELS)
    answers[: round((1 - share) * len(answers))] ^= 1
    return answers


def network(answers, layers=("Embedding", "LSTM")) -> dict:
    """What the second box says of a network with these answers: probabilities, one a row."""
    probabilities = 0.01 + 0.98 * np.asarray(answers, "float32")[:, None]
    return {"outputs": probabilities, "layers": list(layers)}


def award(row: dict) -> dict:
    run = row.get("network", {"trouble": "it could not be read"})
    run = network(right_on(run)) if isinstance(run, float) else run
    more = row.get("earlier", {}), row.get("stored", "")
    truth = {"labels": LABELS, "train": TRAIN}
    return judge.award(asdict(CHECKS[row["part"]]), row["values"], {}, truth, run, *more)


# --- 1 ------------------------------------------------------------------------------------------

SEQUENCES = {"counts_of_rows": [900, 100], "lowest": 1, "highest": 99, "size": 100, "kinds": 90}
SEQUENCES |= {"unknown": [1, 1], "distinct": 950}
for changes, points in [
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
]:
    row("part1_sequences", SEQUENCES | changes, points)

GENERATOR = np.random.default_rng(0)
LENGTHS = GENERATOR.integers(1, 60, 900)
REASON = "훈련 리뷰의 {share:.0f}%가 온전히 남고 훈련이 빨라서 이 길이로 했습니다."
MEDIAN = "중앙값이 {share:.0f}쯤이라서 정했습니다. 길게 잡을 까닭이 없습니다."
NO_NUMBER = "가장 알맞은 길이라고 생각해서 골랐습니다. 다른 길이는 별로였습니다."


def lengths(length=40, reason=REASON, **changes):
    head = np.array([[0] * (length - min(n, length)) + [5] * min(n, length) for n in LENGTHS[:500]])
    share = float(np.mean(length >= LENGTHS))
    values = {"lengths_given": LENGTHS, "length": length, "shapes": [[900, length], [100, length]]}
    values |= {"head": head, "again": head[:100], "share": share}
    return values | {"length_reason": reason.format(share=100 * share) * 2} | changes


for values, points in [
    (lengths(), 10),
    (lengths(60), 10),
    (lengths(reason=MEDIAN), 10),
    (lengths(reason=NO_NUMBER), 8),
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
]:
    row("part1_length", values, points)

# --- 2 ------------------------------------------------------------------------------------------

LOSSES = {"loss": [0.6, 0.4, 0.3], "val_loss": [0.5, 0.45, 0.44]}
DRAWN = list(LOSSES.values())
FIGURE = {"curves": LOSSES, "lines": DRAWN, "shown": 1}
for share, points in [(0.6, 4), (0.675, 7), (0.75, 10), (0.88, 10)]:
    row("part2_training", FIGURE, points, network=share)
for changes in [  # a figure that is no learning curve
    {"shown": 0},
    {"lines": []},
    {"lines": [[0, 1]]},
    {"lines": [DRAWN[0]]},
    {"lines": None},
    {"curves": None},
    {"curves": {"loss": [0.6], "val_loss": [0.5]}},
    {"curves": {"loss": [0.9, 0.1], "val_loss": [0.9, 0.1]}},
    {"curves": {"loss": [], "val_loss": []}, "lines": [[]]},
    {"curves": dict.fromkeys(LOSSES, [NAN] * 3), "lines": [[NAN] * 3]},
]:
    row("part2_training", FIGURE | changes, 6, network=0.8)
# The curve of an untrained network is its own.
for share, output, val_loss, points in [
    (0.5, 0.5, [0.70, 0.69], 4),  # it learned nothing, and its curve says so
    (0.5, 0.5, [0.26, 0.25], 4),  # as a mean squared error
    (0.5, 0.0, [0.9, 0.7], 4),  # a number before the sigmoid
    (0.5, 0.5, [0.6, 0.3], 0),  # invented
    (0.5, np.nan, [0.7, 0.69], 0),
    (0.575, 0.5, [0.6, 0.3], 2),
    (0.6, 0.5, [0.6, 0.3], 4),
]:
    near = output + 0.001 * (2 * right_on(share)[:, None] - 1)  # hardly on this side or that
    curves = {"loss": [0.9, 0.7], "val_loss": val_loss}
    told = {("says" if points < 4 else "unsaid"): "이 model의 손실과 다릅니다"}
    values = {"curves": curves, "lines": list(curves.values()), "shown": 1}
    row("part2_training", values, points, network={"outputs": near, "layers": []}, **told)
for layers, points in [
    (["Embedding", "LSTM", "Dropout"], 10),
    (["Embedding", "LSTM"], 7),
    (["Embedding", "Dropout"], 6),  # a GRU
    (["Embedding"], 3),
    ([], 0),
]:
    says = "LSTM 있음" if "LSTM" in layers else "LSTM 없음"
    row("part2_model", {}, points, says, network=network(right_on(0.8), layers))

# --- 3 ------------------------------------------------------------------------------------------

# What a function gives that is right on 850 of 1,000 reviews.
SOME = right_on(0.85)
PREDICTS = {"odd": [1, 0, 1, 0, 1, 0, 1], "one": [1], "some": SOME, "backwards": SOME[:60][::-1]}
for changes, points in [
    ({}, 15),
    ({"odd": np.array([True] * 7)}, 15),
    ({"odd": np.ones(7, "float32")}, 15),
    ({"backwards": [0, 1] * 15 + [1, 0] * 15}, 8),
    ({"one": 1}, 0),
    ({"odd": [0.7] * 7}, 0),
    ({"some": [1] * 1000, "backwards": [1] * 60}, 0),
]:
    row("part3_predict", PREDICTS | changes, points, network=0.85)

RIGHT = right_on(0.9)
EVERYTHING = PREDICTS | FIGURE | {"answers": RIGHT, "claimed": 0.9}
ABSURD = [
    {"trouble": "it could not be read"},  # a duck with a history and weights of its own
    {"outputs": "1" * 1000, "layers": "LSTM"},
    {"outputs": np.ones((1000, 1), int), "layers": [["LSTM"]]},
    {"outputs": np.ones(1000), "layers": {"LSTM": 1}},
    {"outputs": None, "layers": ["LSTM"]},
    {"outputs": 1, "layers": ["LSTM"], "trouble": {}},
    {"outputs": np.ones((999, 1)), "layers": []},
    {"outputs": np.ones((0, 1)), "layers": []},
    {"outputs": np.ones((1000, 0)), "layers": []},
    {"outputs": [1.0] * 1000, "layers": ["LSTM"]},
]
for part in ("part2_training", "part2_model", "part3_predict", "part3_accuracy"):
    for said in ABSURD:
        trouble = said.get("trouble") or "" if part == "part2_training" else ""
        row(part, EVERYTHING, 0, trouble, network=said)

# A function that ignores the network is no answer to the task, however good it is.
for agrees, paid in [(1, 1), (0.95, 1), (0.93, 0.6), (0.9, 0), (0.6, 0)]:
    other = right_on(0.9)
    other[: round((1 - agrees) * 1000)] ^= 1  # the network answers otherwise here
    told = {("says" if agrees < 0.95 else "unsaid"): "model의 답과"}
    values = EVERYTHING | {"some": RIGHT, "backwards": RIGHT[:60][::-1]}
    row("part3_predict", values, 15 * paid, network=network(other, []), **told)
    told["alarm"] = "agrees with the network" if agrees < 0.95 else ""
    row("part3_accuracy", values, 20 * paid, network=network(other, []), **told)


def accurate(share, points, **more):
    values = {"answers": right_on(share), "claimed": share} | more.pop("values", {})
    row("part3_accuracy", values, points, network=share, **more)


for share, points in [(0.65, 0), (0.745, 10), (0.84, 20), (0.9, 20)]:
    accurate(share, points)
for answers in [7, None, [1], [[1]] * 1000]:
    accurate(0.9, 0, values={"answers": answers})
for answers in [["1"] * 1000, [0.5] * 1000]:
    accurate(0.9, 0, values={"answers": answers}, alarm="made up")
# A history that does not fit is told and costs nothing; so are labels known by heart: a memory of
# 0.86 knows no review that is a letter longer; a network hardly minds.
for claimed in (0.99, NAN, float("inf"), "0.85", [0.85], None):
    accurate(0.84, 20, values={"claimed": claimed}, alarm="made up")
accurate(0.99, 20, alarm="labels")
for share, alarm in [(0.86, ""), (0.80, ""), (0.77, "a letter more or less")]:
    accurate(0.86, 20, values={"changed": right_on(share)}, alarm=alarm)
accurate(0.86, 20, values={"changed": right_on(0.5)}, alarm="a letter more or less")
accurate(0.86, 20, values={"changed": None}, alarm="")

# --- 4 ------------------------------------------------------------------------------------------

OWN = (
    "모델이 틀린 글을 스무 편 읽어 보니 두 가지가 눈에 띕니다. "
    "하나는 칭찬처럼 쓴 반어여서 낱말만 보면 좋은 말뿐입니다. "
    "다른 하나는 감독을 칭찬하면서 정작 영화는 지루하다고 말하는 것인데 "
    "뒤까지 이어 읽어야 뜻을 알 수 있습니다. "
    "별점을 거꾸로 준 듯한 글도 몇 편 있어서 레이블이 틀린 것도 섞여 있다고 봅니다. "
)
QUOTES = f"“{REVIEWS[0]}”라는 글과 “{REVIEWS[7]}”라는 글이 그렇습니다."
MISTAKES = [[review, TRAIN[review], 1 - TRAIN[review]] for review in REVIEWS[:30]]


def listed(mistakes, points, says="", stored="", **changes):
    again = [answer for _, _, answer in mistakes]
    values = {"listed": mistakes, "again": again, "analysis": OWN + QUOTES} | changes
    row("part4_errors", values, points, says, stored=stored)


for analysis, points in [
    (OWN + QUOTES, 10),
    (OWN + f"“{REVIEWS[0]}”만 옮깁니다.", 8.5),
    (OWN, 4),
    ("모델이 틀린 리뷰를 읽어 보면 두 가지가 많습니다. " * 9, 4),
    (QUOTES, 7),
    (QUOTES + "같은 말입니다. " * 30, 7),
    ("", 4),
]:
    listed(MISTAKES, points, analysis=analysis)
# Mistakes that are none pay nothing, nor do their quotations; the three are paid apart.
listed([[review, label, label] for review, label, _ in MISTAKES], 0)
listed([[f"지어낸 리뷰 {n}", 0, 1] for n in range(30)], 0)
listed([], 0)
listed(MISTAKES[:19], 6 + 4 * 19 / 20)
listed([[MISTAKES[0][0], MISTAKES[0][1], MISTAKES[0][1]], *MISTAKES[1:]], 6 + 4 * 29 / 30)
listed(MISTAKES * 2, 10)  # the same ones twice
listed(MISTAKES[:10] * 3, 6 + 2)
listed(MISTAKES, 6, again=[1 - answer for _, _, answer in MISTAKES])
listed(MISTAKES, 6, again=None)
listed(MISTAKES, 4, analysis=None)
# Trained again the network is right on what is quoted; the notebook had printed it as a mistake.
PRINTED = OWN + "“훈련 리뷰 123번”이라는 글과 “훈련 리뷰 456번”이라는 글이 그렇습니다."
STORED = "레이블 0, 답 1: 훈련 리뷰 123번\n레이블 0, 답 1: 훈련 리뷰 456번\n"
listed(MISTAKES, 4, analysis=PRINTED)
listed(MISTAKES, 10, stored=STORED, analysis=PRINTED)
own_name = {"listed": None, "again": None}
listed(MISTAKES, 6, "mistakes가 없거나", STORED, analysis=PRINTED, **own_name)

# --- 5 ------------------------------------------------------------------------------------------

WORDS = (
    "글자 조각 위의 선형 모델로 바꾸었습니다. "
    "짧은 리뷰에서는 그것으로 넉넉하고 훨씬 빠르기 때문입니다. "
    "검증 정확도가 {}에서 {}로 달라졌습니다. 오타와 줄임말을 조각이 잡아 줍니다."
)


def valid(right: int) -> np.ndarray:
    answers = np.array([TRAIN[review] for review in REVIEWS])
    answers[right:] ^= 1
    return answers


BEST = {"asked": REVIEWS, "improvement": WORDS.format("0.800", "0.900")}
BEST |= {"first_valid": valid(80), "best_valid": valid(90)}


def best(share, points, says="", earlier=None, **changes):
    values = BEST | {"best": right_on(share)} | changes
    row("part5_best", values, points, says, earlier=earlier or {})


for share, points in [(0.8, 3), (0.845, 3), (0.87, 10), (0.9, 10)]:
    best(share, points)
for words, points in [
    (WORDS.format("80.0%", "90.0%"), 3),
    (WORDS.format("0.800", "0.990"), 1),
    (WORDS.format("0.81", "0.89"), 3),  # two digits, and a network trained again
    (WORDS.format("0.82", "0.90"), 1),
    (WORDS.format(" ".join(f"{n / 100}" for n in range(50, 99)), "0.9"), 0),
    (WORDS.format("0.1", "0.2"), 0),
    ("많이 좋아졌습니다. 정말로 아주 많이 좋아져서 기쁩니다. " * 5, 0),
    ("0.800 0.900", 1),
    ("", 0),
]:
    best(0.5, points, improvement=words)
best(0.87, 7, improvement=None)  # it costs its own points only
same = {"improvement": WORDS.format("0.800", "0.800"), "best_valid": valid(80)}
best(0.9, 1, "새 모델이 아닙니다", **same)
# A second model may take the name of the first: then what ``predict`` said in part 3 counts.
for first, points in [(0.85, 10), (0.9, 1)]:
    said = {"part3_accuracy": {"answers": right_on(first)}}
    best(0.9, points, earlier=said, first_valid=valid(90), best_valid=valid(90))
# Points are absolute: whatever happens to ``predict`` changes none of ``best_predict``.
for spoiled in (valid(80), valid(1), None, 7, NAN):
    best(0.85, 1.4, improvement="x", first_valid=spoiled)


@pytest.mark.parametrize("row", ROWS, ids=[f"{n}-{row['part']}" for n, row in enumerate(ROWS)])
def test_a_part_earns_what_a_fair_teacher_gives(row):
    given = award(row)
    assert given["points"] == pytest.approx(row["points"], abs=0.01), given
    assert row["says"] in given["message"]
    assert "unsaid" not in row or row["unsaid"] not in given["message"]
    alarm = row.get("alarm", "")
    assert alarm in given["alarms"][0] if alarm else not given["alarms"]


def test_one_review_is_never_worth_four_points():
    for part in ("part2_training", "part3_accuracy", "part5_best"):
        steps = []
        for share in np.arange(0.6, 0.9, 0.001):
            right = right_on(share)
            values = FIGURE | BEST | {"answers": right, "best": right, "claimed": share}
            given = award({"part": part, "values": values, "network": network(right)})
            steps.append(given["points"])
        assert max(np.diff(steps)) <= 0.29, "a thousandth; the real data have fifty reviews in one"
