"""Homework 15h, a language model and few labels: each hand-in earns what a fair teacher gives."""

from dataclasses import asdict

import numpy as np
import pytest
from coursekit import data, fetch
from inside import BLANK, HandIn, Homework, adder

from grading import submission
from grading.alone import judge
from grading.assignment import find
from grading.limits import Limits

pytestmark = pytest.mark.long(60)

CASES: dict[str, HandIn] = {}
# What takes longer than the rest of it; hand-ins that differ elsewhere leave it out.
hand_in = adder(
    CASES, {"compare": BLANK, "predict": BLANK}, {"part4_compare": 0, "part4_predict": 0}
)
with_race = adder(CASES)
RACE = """\
    x_pool, x_asked, few_scores = read(pool_texts), read(asked_texts), []
    def race(name):
        rows = []
        for seed in range(1, 11):
            i = few(y_pool, 50, seed)
            scores = [cv_accuracy(x_pool[name][i], y_pool[i], a, np.arange(50) % 5) for a in alphas]
            rows += [fit(x_pool[name][i], y_pool[i], choose_alpha(scores)).predict(x_asked[name])]
        return rows
"""

# --- honest, whole or in part --------------------------------------------------------------------

hand_in("loops over everything, lists given back")(
    count="""\
        def count_pairs(codes, size):
            table = [[0] * size for _ in range(size)]
            for code in codes:
                before = END
                for c in list(code) + [END]:
                    table[before][c] += 1
                    before = c
            return table""",
    add_k="""\
        def add_k(counts, k):
            rows = []
            for row in counts:
                total = sum(row) + k * len(row)
                rows.append([(n + k) / total for n in row])
            return rows""",
    perplexity="""\
        import math

        def perplexity(table, codes):
            bits, n = 0, 0
            for code in codes:
                before = END
                for c in [*code, END]:
                    if table[before][c] == 0:
                        return float("inf")
                    bits -= math.log2(table[before][c])
                    n, before = n + 1, c
            return 2 ** (bits / n)""",
    kneser="""\
        def continuation(counts):
            size = len(counts)
            kinds = [sum(1 for a in range(size) if counts[a][b] > 0) for b in range(size)]
            return [(kind + 1) / (sum(kinds) + size) for kind in kinds]

        def kneser_ney(counts, discount, lower):
            rows = []
            for row in counts:
                n, kinds = sum(row), sum(1 for c in row if c)
                if n:
                    rows.append([(max(c - discount, 0) + discount * kinds * low) / n for c, low in zip(row, lower)])
                else:
                    rows.append(list(lower))
            return rows""",
    temper="""\
        def temper(p, temperature):
            scores = [math.log(q) / temperature if q > 0 else -math.inf for q in p]
            e = [math.exp(s - max(scores)) for s in scores]
            return [v / sum(e) for v in e]""",
    top_k="""\
        def top_k(p, k):
            order = sorted(range(len(p)), key=lambda i: p[i], reverse=True)[:k]
            total = sum(p[i] for i in order)
            return [p[i] / total if i in order else 0 for i in range(len(p))]""",
    draw="""\
        def draw(p, dart):
            heap = 0
            for i, q in enumerate(p):
                heap += q
                if heap > dart:
                    return i
            return len(p) - 1""",
    bits="""\
        def bits_per_syllable(chances, texts):
            bits = syllables = 0
            for each, text in zip(chances, texts):
                for q in each:
                    bits -= math.log2(q)
                syllables += len(text) + 1
            return bits / syllables

        cut_bits = {}
        for name in chances:
            cut_bits[name] = bits_per_syllable(chances[name], shown)""",
    few="""\
        def few(y, size, seed):
            rng = np.random.default_rng(seed)
            chosen = []
            for label in (0, 1):
                mine = [i for i in range(len(y)) if y[i] == label]
                chosen += list(rng.choice(mine, size // 2, replace=False))
            return chosen""",
)
hand_in("scipy, scikit-learn and pandas in place of hands")(
    count="""\
        import pandas as pd
        from scipy import sparse, special

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

        def choose_alpha(scores):
            best = 0
            for i in range(len(scores)):
                if scores[i] >= scores[best]:
                    best = i
            return alphas[best]""",
)
hand_in("float32, classes and broadcasting")(
    count="""\
        class Pairs:
            def __call__(self, codes, size):
                flat = np.concatenate([np.array([END, *c], int) * size + [*c, END] for c in codes])
                return np.bincount(flat, minlength=size * size).reshape(size, size).astype("float32")

        count_pairs = Pairs()""",
    add_k="add_k = lambda counts, k: ((counts + k) / (counts.sum(1)[:, None] + k * counts.shape[1])).astype('float32')",
    kneser="""\
        def continuation(counts):
            seen = counts > 0
            return ((seen.sum(axis=0) + 1) / (seen.sum() + len(counts))).astype("float32")

        def kneser_ney(counts, discount, lower):
            out = np.tile(np.asarray(lower, "float32"), (len(counts), 1))
            rows = counts.sum(axis=1) > 0
            c = counts[rows]
            n = c.sum(axis=1)[:, None]
            kept = np.clip(c - discount, 0, None)
            out[rows] = kept / n + (discount * (c > 0).sum(axis=1)[:, None] / n) * lower
            return out""",
    few="""\
        def few(y, size, seed):
            rng = np.random.default_rng(seed)
            bad, good = (rng.permutation(np.flatnonzero(y == label))[: size // 2] for label in (0, 1))
            return np.r_[bad, good]""",
)
hand_in(
    "only part 2",
    {"part1": 0, "part3": 0, "part4": 0},
    "count_pairs를 부를 수 없었습니다",
)(
    **dict.fromkeys(
        ("count", "add_k", "perplexity", "kneser", "choose", "bits", "few", "cv"), BLANK
    ),
)
hand_in(
    "part 1 left out",
    {"part1": 0},
    "낸 함수로 혼란도를 얻지 못했습니다",
)(
    **dict.fromkeys(("count", "add_k", "perplexity", "kneser", "choose"), BLANK),
)
hand_in(
    "names mistyped", {"part1_kneser": 5, "part1_choose": 3, "part3_bits": 8}, "kneser_ney가 없거나"
)(
    kneser="""\
        def continuation(counts):
            kinds = (counts > 0).sum(axis=0)
            return (kinds + 1) / (kinds.sum() + len(kinds))

        def kneser_nay(counts, discount, lower):
            return None""",
    choose="""\
        pairs = count_pairs(train_codes, size)
        best_k = ks[int(np.argmin([perplexity(add_k(pairs, k), valid_codes) for k in ks]))]
        best_discout = 0.7""",
    bits="""\
        def bits_per_syllable(chances, texts):
            return -np.log2(np.concatenate(chances)).sum() / (len("".join(texts)) + len(texts))

        cut_bits = {"음절": bits_per_syllable(chances["음절"], shown), "자소": 1.0}""",
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
    perplexity="""\
        def perplexity(table, codes):
            each = []
            for code in codes:
                q = [table[a][b] for a, b in zip([END, *code], [*code, END])]
                each.append(np.exp(-np.mean(np.log(np.array(q) + 1e-9))))
            return np.mean(each)""",
    temper="temper = lambda p, t: p ** (1 / t) / np.sum(p ** (1 / t))",
    top_k="""\
        def top_k(p, k):
            least = np.sort(p)[-k]
            kept = np.where(p >= least, p, 0)
            return kept / kept.sum()""",
    draw="draw = lambda p, dart: np.searchsorted(np.cumsum(p), dart)",
    bits="""\
        def bits_per_syllable(chances, texts):
            return np.mean([-np.log2(q).sum() / (len(t) + 1) for q, t in zip(chances, texts)])

        cut_bits = {name: bits_per_syllable(chances[name], shown) for name in ("음절", "자모")}""",
    cv="""\
        def cv_accuracy(x, y, alpha, folds):
            shares = []
            for f in set(folds):
                model = fit(x[folds != f], y[folds != f], alpha)
                shares.append(np.mean(model.predict(x[folds == f]) == y[folds == f]))
            return np.mean(shares)

        choose_alpha = lambda scores: alphas[int(np.argmax(scores))]""",
)
# --- with the comparison -------------------------------------------------------------------------

with_race("the solution")()
with_race("lists, the other deviation, percent; another model at last")(
    compare=RACE
    + """\
    answers = {"벡터": race("벡터"), "tf-idf": race("tf-idf")}
    d = (np.array(answers["벡터"]) == y_asked) * 1.0 - (np.array(answers["tf-idf"]) == y_asked)
    gap = float(np.mean(d))
    gap_error = (np.std(d.mean(1)) ** 2 / 10 + np.std(d.mean(0)) ** 2 / d.shape[1]) ** 0.5
    conclusion = f"열 번 뽑아 견주니 벡터의 정확도가 tf-idf보다 {100 * gap:.2f}%포인트 높습니다(음수이면 낮습니다). 오차는 {100 * gap_error:.2f}%포인트이므로 그 두 배와 견주어 판단합니다."
""",
    predict="""\
        from sklearn.linear_model import LogisticRegressionCV
        from sklearn.pipeline import make_pipeline

        i = few(y_pool, 200, 5)
        mine = make_pipeline(
            TfidfVectorizer(analyzer="char_wb", ngram_range=(1, 3)),
            LogisticRegressionCV(Cs=[1, 10, 100], cv=4, max_iter=500),
        ).fit([pool_texts[n] for n in i], y_pool[i])
        def predict(texts):
            return [int(a) for a in mine.predict(texts)]""",
)
with_race(
    "ten times the same, one error only, the gap the wrong way round",
    {"part4_compare": 0, "part4_predict": (0, 4)},
    "answers의 열 번이 모두 같거나",
)(
    compare=RACE.replace("y_pool, 50, seed", "y_pool, 50, 1")
    + """\
    answers = {"벡터": np.array(race("벡터")), "tf-idf": np.array(race("tf-idf"))}
    d = (answers["tf-idf"] == y_asked).astype(int) - (answers["벡터"] == y_asked)
    gap, gap_error = d.mean() + 0.01, 0.5
    conclusion = "벡터가 낫습니다."
""",
    predict="predict = lambda texts: np.zeros(len(texts), int)",
)
# --- wrong: each fault costs its own points ------------------------------------------------------

hand_in(
    "rows and columns exchanged",
    {"part1_count": 2, "part1_add_k": 0, "part1_kneser": 0},
    "행과 열의 차례",
)(
    count="""\
        def count_pairs(codes, size):
            table = np.zeros((size, size))
            for code in codes:
                np.add.at(table, ([*code, END], [END, *code]), 1)
            return table""",
    add_k="add_k = lambda counts, k: (counts + k) / (counts + k).sum(axis=0)",
    kneser="""\
        def continuation(counts):
            kinds = (counts > 0).sum(axis=1) + 1
            return kinds / kinds.sum()

        def kneser_ney(counts, discount, lower):
            n = counts.sum(axis=1, keepdims=True)
            return np.where(n > 0, np.maximum(counts - discount, 0) / np.maximum(n, 1), lower)""",
)
hand_in(
    "no end of a text, counts in place of kinds, k above only",
    {
        "part1_count": 0,
        "part1_add_k": 0,
        "part1_perplexity": 0,
        "part1_kneser": 5,
    },
    "횟수가 아니라 앞에 온 가짓수",
)(
    count="""\
        def count_pairs(codes, size):
            table = np.zeros((size, size))
            for code in codes:
                for a, b in zip(code, code[1:]):
                    table[a, b] += 1
            return table""",
    add_k="add_k = lambda counts, k: (counts + k) / np.maximum(counts.sum(axis=1, keepdims=True), 1)",
    perplexity="""\
        def perplexity(table, codes):
            q = [table[a][b] for code in codes for a, b in zip(code, code[1:])]
            return np.exp(-np.mean(np.log(q)))""",
    kneser="""\
        def continuation(counts):
            return (counts.sum(axis=0) + 1) / (counts.sum() + len(counts))

        def kneser_ney(counts, discount, lower):
            n = counts.sum(axis=1, keepdims=True)
            kinds = (counts > 0).sum(axis=1, keepdims=True)
            return np.maximum(counts - discount, 0) / n + discount * kinds / n * lower""",
)
hand_in(
    "the table it is given is changed, the worst is chosen",
    {"part1_choose": 0},
    "검증 혼란도가 더 낮은 것이 있습니다",
)(
    add_k="""\
        def add_k(counts, k):
            counts += k
            counts /= counts.sum(axis=1, keepdims=True)
            return counts""",
    choose="""\
        pairs = count_pairs(train_codes, size)
        lower = continuation(pairs)
        by_discount = [perplexity(kneser_ney(pairs, d, lower), valid_codes) for d in discounts]
        best_discount = discounts[int(np.argmax(by_discount))]
        by_k = [perplexity(add_k(pairs, k), valid_codes) for k in ks]
        best_k = ks[int(np.argmax(by_k))]""",
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
        def bits_per_syllable(chances, texts):
            q = np.concatenate(chances)
            return -np.log(q).mean()

        cut_bits = {"음절": 8, "자모": 4}""",
    few="few = lambda y, size, seed: np.arange(size)",
    cv="""\
        def cv_accuracy(x, y, alpha, folds):
            return (fit(x, y, alpha).predict(x) == y).mean()

        choose_alpha = lambda scores: max(scores)""",
)
LUCK = {"part4_predict": 2}  # an accuracy on the sample: points at least


@pytest.fixture(scope="module")
def homework(tmp_path_factory):
    return Homework(find("15h"), tmp_path_factory.mktemp("15h"))


@pytest.mark.parametrize("name", CASES)
def test_a_hand_in_earns_what_a_fair_teacher_gives(homework, name):
    homework.is_fair_to(CASES[name], LUCK)


@pytest.mark.parametrize(("told", "expected"), [("{:.4f}", 6), ("{:.5f}", 6), ("작은 {:.0f}", 4)])
def test_a_misspelt_gap_costs_its_own_points(homework, told, expected):
    """What the conclusion tells is then held to the answers themselves."""
    truth = np.array(homework.truth["asked_labels"])
    rows = np.tile(truth, (10, 1))
    ours = np.where(np.arange(rows.size).reshape(rows.shape) % 7 < 2, 1 - rows, rows)
    theirs = np.where(np.arange(rows.size).reshape(rows.shape) % 5 < 2, 1 - rows, rows)
    each = (ours == truth) * 1.0 - (theirs == truth)
    error = (each.mean(1).var(ddof=1) / 10 + each.mean(0).var(ddof=1) / len(truth)) ** 0.5
    words = told.format(each.mean()) + "의 차이가 있으니 벡터가 낫습니다. " * 4
    values = {"ours": ours, "theirs": theirs, "error": float(error), "conclusion": words}
    check = next(check for check in homework.checks if check.name == "part4_compare")
    assert judge.award(asdict(check), values, {}, homework.truth)["points"] == expected


def test_the_material_keeps_the_test_labels_from_the_box(homework, tmp_path, monkeypatch):
    """A box loads the data set with every test label 0; what is judged is what was set apart."""
    assert homework.begun["y_asked"].tolist() == homework.truth["asked_labels"]
    material = submission._material(submission.setting(find("15h"), Limits(), True, 1))
    train, test = data.load_nsmc()
    documents, _ = material.prepare(tmp_path / "data")
    monkeypatch.setattr(fetch, "REGISTRY", tmp_path / "data" / "registry.toml")
    monkeypatch.setenv("COURSE_DATA", str(tmp_path / "data" / "cache"))
    shown, shown_test = data.load_nsmc()
    assert shown.equals(train) and shown_test["document"].equals(test["document"])
    assert set(shown_test["label"]) == {0} != set(homework.truth["labels"])
    assert len(documents["test_documents"]) == len(homework.truth["labels"]) > 300
