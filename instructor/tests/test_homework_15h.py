"""Homework 15h, a language model and few labels: each hand-in earns what a fair teacher gives."""

from dataclasses import asdict

import numpy as np
import pytest
from inside import HandIn, adder, held_to, homework, left

from grading.alone import judge

CASES: dict[str, HandIn] = {}
# What takes longer than the rest of it; hand-ins that differ elsewhere leave it out.
hand_in, with_race = adder(CASES, left("compare predict")), adder(CASES)

# --- honest, whole or in part --------------------------------------------------------------------

hand_in("loops over everything, lists given back")(
    count={
        "np.zeros((size, size))": "[[0] * size for _ in range(size)]",
        "np.add.at(table, ([END, *one], [*one, END]), 1)": "for a, b in zip([END, *one], [*one, END]):\n            table[a][b] += 1",
    },
    add_k="""\
        def add_k(counts, k):
            totals = [sum(row) + k * len(row) for row in counts]
            return [[(n + k) / total for n in row] for row, total in zip(counts, totals)]""",
    perplexity="""\
        import math

        def perplexity(table, codes):
            q = [table[a][b] for code in codes for a, b in zip([END, *code], [*code, END])]
            return float("inf") if 0 in q else 2 ** (-sum(map(math.log2, q)) / len(q))""",
    kneser={
        "return kinds / kinds.sum()": "return (kinds / kinds.sum()).tolist()",
        "kinds * lower": "kinds * np.array(lower)",
        "np.where(around > 0, mass / np.maximum(around, 1), lower)": "[list(m / n) if n else list(lower) for m, n in zip(mass, around.ravel())]",
    },
    temper="""\
        def temper(p, temperature):
            scores = [math.log(q) / temperature if q > 0 else -math.inf for q in p]
            e = [math.exp(s - max(scores)) for s in scores]
            return [v / sum(e) for v in e]""",
    top_k="""\
        def top_k(p, k):
            order = sorted(range(len(p)), key=lambda i: p[i], reverse=True)[:k]
            return [p[i] / sum(p[j] for j in order) if i in order else 0 for i in range(len(p))]""",
    draw="draw = lambda p, dart: next((n for n in range(len(p)) if sum(p[: n + 1]) > dart), len(p) - 1)",
    bits={"-np.log2(np.asarray(each)).sum()": "-sum(math.log2(q) for q in each)"},
    few="""\
        def few(y, size, seed):
            rng = np.random.default_rng(seed)
            halves = [[i for i in range(len(y)) if y[i] == label] for label in (0, 1)]
            return [i for half in halves for i in rng.choice(half, size // 2, replace=False)]""",
)
hand_in("scipy, scikit-learn and pandas in place of hands")(
    count="""\
        import pandas as pd
        from scipy import special

        def count_pairs(codes, size):
            before = [c for code in codes for c in [END, *code]]
            after = [c for code in codes for c in [*code, END]]
            table = pd.crosstab(pd.Series(before), pd.Series(after))
            return table.reindex(index=range(size), columns=range(size), fill_value=0)""",
    temper="temper = lambda p, t: special.softmax(np.log(p + 1e-300) / t)",
    draw="draw = lambda p, dart: int(np.argmax(np.cumsum(p) > dart))",
    cv="""\
        from sklearn.model_selection import PredefinedSplit, cross_val_predict

        def cv_accuracy(x, y, alpha, folds):
            told = cross_val_predict(RidgeClassifier(alpha=alpha), x, y, cv=PredefinedSplit(folds))
            return (told == y).mean()

        choose_alpha = lambda scores: [a for s, a in zip(scores, alphas) if s == max(scores)][-1]""",
)
hand_in("float32, classes and broadcasting")(
    count="""\
        class Pairs:
            def __call__(self, codes, size):
                flat = np.concatenate([np.array([END, *c], int) * size + [*c, END] for c in codes])
                return np.bincount(flat, minlength=size * size).reshape(size, size).astype("float32")

        count_pairs = Pairs()""",
    add_k={"np.asarray(counts, float)": 'np.asarray(counts, "float32")'},
    kneser={
        "kinds / kinds.sum()": '(kinds / kinds.sum()).astype("float32")',
        "np.asarray(counts, float)": 'np.asarray(counts, "float32")',
    },
    few="""\
        def few(y, size, seed):
            rng = np.random.default_rng(seed)
            bad, good = (rng.permutation(np.flatnonzero(y == label))[: size // 2] for label in (0, 1))
            return np.r_[bad, good]""",
)
hand_in("only part 2", says="count_pairs를 부를 수 없었습니다")(
    **left("count add_k perplexity kneser choose bits few cv")
)
hand_in("part 1 left out", says="낸 함수로 혼란도를 얻지 못했습니다")(
    **left("count add_k perplexity kneser choose")
)
hand_in(
    "names mistyped", {"part1_kneser": 5, "part1_choose": 3, "part3_bits": 8}, "kneser_ney가 없거나"
)(
    kneser={"kneser_ney": "kneser_nay"},
    choose="""\
        pairs = count_pairs(train_codes, size)
        best_k = ks[int(np.argmin([perplexity(add_k(pairs, k), valid_codes) for k in ks]))]
        best_discout = 0.7""",
    bits={"name: bits_per": 'name.replace("모", "소"): bits_per'},
)
hand_in(
    "means of means, no care for what is rare",
    {
        "part1_perplexity": 4,
        "part2_temper": 4,
        "part2_top_k": 4,
        "part2_draw": 3,
        "part3_bits": 8,
        "part4_cv": 4,
    },
    "모든 음절을 모아 한 번 평균",
)(
    perplexity={
        "-np.log(np.concatenate(chances))": "np.array([-np.log(q + 1e-9).mean() for q in chances])",
        "np.exp(surprises.mean())": "np.exp(surprises).mean()",
    },
    temper="temper = lambda p, t: p ** (1 / t) / np.sum(p ** (1 / t))",
    top_k={"np.argsort(-p)[:k]": "p >= np.sort(p)[-k]"},
    draw={', side="right"': ""},
    bits={
        "float(total / sum(len(text) + 1 for text in texts))": "np.mean([-np.log2(q).sum() / (len(t) + 1) for q, t in zip(chances, texts)])"
    },
    cv={
        "right.mean()": "np.mean([right[folds == fold].mean() for fold in np.unique(folds)])",
        "max(zip(scores, alphas))[1]": "alphas[int(np.argmax(scores))]",
    },
)

# --- with the comparison -------------------------------------------------------------------------

with_race("the solution")()
with_race("lists, the other deviation, percent; another model at last")(
    compare={
        "np.array(rows) for": "list(rows) for",
        "ddof=1": "ddof=0",
        "{gap:+.4f}": "{100 * gap:.2f}%포인트",
        "{gap_error:.4f}": "{100 * gap_error:.2f}%포인트",
    },
    predict="""\
        from sklearn.linear_model import LogisticRegressionCV
        from sklearn.pipeline import make_pipeline

        i = few(y_pool, 200, 5)
        cut = TfidfVectorizer(analyzer="char_wb", ngram_range=(1, 3))
        mine = make_pipeline(cut, LogisticRegressionCV(Cs=[1, 10, 100], cv=4, max_iter=500))
        mine.fit([pool_texts[n] for n in i], y_pool[i])
        predict = lambda texts: [int(a) for a in mine.predict(texts)]""",
)
with_race(
    "ten times the same, one error only, the gap the wrong way round",
    {"part4_compare": 0, "part4_predict": (0, 4)},
    "answers의 열 번이 모두 같거나",
)(
    compare={
        "few(y_pool, 50, seed)": "few(y_pool, 50, 1)",
        "gap = each.mean()": "gap = 0.01 - each.mean()",
        "print(conclusion)": 'gap_error, conclusion = 0.5, "벡터가 낫습니다."',
    },
    predict="predict = lambda texts: np.zeros(len(texts), int)",
)

# --- wrong: each fault costs its own points ------------------------------------------------------

hand_in(
    "rows and columns exchanged",
    {"part1_count": 2, "part1_add_k": 0, "part1_kneser": 0},
    "행과 열의 차례",
)(
    count={"([END, *one], [*one, END])": "([*one, END], [END, *one])"},
    add_k={"more.sum(axis=1, keepdims=True)": "more.sum(axis=0)"},
    kneser={"sum(axis=0) + 1": "sum(axis=1) + 1", " + discount * kinds * lower": ""},
)
hand_in(
    "no end of a text, counts in place of kinds, k above only",
    {"part1_count": 0, "part1_add_k": 0, "part1_perplexity": 0, "part1_kneser": 5},
    "횟수가 아니라 앞에 온 가짓수",
)(
    count={
        "np.add.at(table, ([END, *one], [*one, END]), 1)": "for a, b in zip(one, one[1:]):\n            table[a, b] += 1"
    },
    add_k={"more.sum(axis=1, keepdims=True)": "np.maximum(counts.sum(axis=1, keepdims=True), 1)"},
    perplexity={"[END, *code], [*code, END]": "code[:-1], code[1:]"},
    kneser={
        "(np.asarray(counts) > 0).sum(axis=0) + 1": "np.asarray(counts).sum(axis=0) + 1",
        "np.where(around > 0, mass / np.maximum(around, 1), lower)": "mass / around",
    },
)
hand_in(
    "the table it is given is changed, the worst is chosen",
    {"part1_choose": 0},
    "검증 혼란도가 더 낮은 것이 있습니다",
)(
    add_k={
        "more = np.asarray(counts, float) + k": "more = counts\n    more += k",
        "return more / more.sum": "more /= more.sum",
        "keepdims=True)": "keepdims=True)\n    return more",
    },
    choose={"min(by_k": "max(by_k", "min(by_discount": "max(by_discount"},
)
hand_in(
    "the likeliest always, no share of one",
    {
        "part2_temper": 0,
        "part2_top_k": 0,
        "part2_draw": 0,
        "part3_bits": 0,
        "part4_few": 0,
        "part4_cv": 0,
    },
    "음절당 비트가 다릅니다",
)(
    temper="temper = lambda p, t: p ** (1 / t)",
    top_k="top_k = lambda p, k: np.sort(p)[::-1][:k] / np.sort(p)[::-1][:k].sum()",
    draw="draw = lambda p, dart: int(np.argmax(p))",
    bits="""\
        bits_per_syllable = lambda chances, texts: -np.log(np.concatenate(chances)).mean()
        cut_bits = {"음절": 8, "자모": 4}""",
    few="few = lambda y, size, seed: np.arange(size)",
    cv="""\
        cv_accuracy = lambda x, y, alpha, folds: (fit(x, y, alpha).predict(x) == y).mean()
        choose_alpha = lambda scores: max(scores)""",
)

# An accuracy on the sample: points at least.
test_a_hand_in_earns_what_a_fair_teacher_gives = held_to("15h", CASES, {"part4_predict": 2})


@pytest.mark.parametrize(("told", "expected"), [("{:.4f}", 6), ("{:.5f}", 6), ("작은 {:.0f}", 4)])
def test_a_misspelt_gap_costs_its_own_points(told, expected):
    """What the conclusion tells is then held to the answers themselves."""
    truth = homework("15h").truth
    right = np.array(truth["asked_labels"])
    rows = np.tile(right, (10, 1))
    places = np.arange(rows.size).reshape(rows.shape)
    ours, theirs = (np.where(places % n < 2, 1 - rows, rows) for n in (7, 5))
    each = (ours == right) * 1.0 - (theirs == right)
    error = (each.mean(1).var(ddof=1) / 10 + each.mean(0).var(ddof=1) / len(right)) ** 0.5
    words = told.format(each.mean()) + "의 차이가 있으니 벡터가 낫습니다. " * 4
    values = {"ours": ours, "theirs": theirs, "error": float(error), "conclusion": words}
    check = next(check for check in homework("15h").checks if check.name == "part4_compare")
    assert judge.award(asdict(check), values, {}, truth)["points"] == expected
