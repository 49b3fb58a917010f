"""Homework 02h, numbers and text by hand: each hand-in earns what a fair teacher gives."""

import numpy as np
import pytest
from coursekit import data, fetch
from inside import BLANK, HandIn, Homework, adder

from grading import submission
from grading.assignment import find
from grading.limits import Limits

pytestmark = pytest.mark.long(40)

CASES: dict[str, HandIn] = {}
# What takes longer than the rest of it; hand-ins that differ elsewhere leave it out.
hand_in = adder(
    CASES, {"network": BLANK, "compare": BLANK}, {"part4_network": 0, "part4_compare": 0}
)
with_network = adder(CASES)

# --- honest, whole or in part --------------------------------------------------------------------

hand_in("the solution")()
hand_in("loops over rows, lists given back", {"part3_by_hand": 0})(
    softmax="""\
        import math

        def softmax(z):
            rows = []
            for row in z:
                e = [math.exp(float(v) - max(map(float, row))) for v in row]
                rows.append([v / sum(e) for v in e])
            return rows""",
    cross_entropy="""\
        def cross_entropy(p, y):
            total = 0
            for row, answer in zip(p, y):
                total -= math.log(row[int(answer)] + 1e-9)
            return total / len(y)""",
    gradient="""\
        def gradient(z, y):
            p = np.array(softmax(z))
            for i, answer in enumerate(y):
                p[i][answer] -= 1
            return p / len(p)""",
    multi_hot="""\
        def multi_hot(wires, size):
            rows = []
            for wire in wires:
                row = [0] * size
                for code in wire:
                    if code < size:
                        row[code] = 1
                rows.append(row)
            return np.array(rows)""",
    collisions="""\
        from collections import Counter

        def shared(buckets):
            times = Counter(buckets)
            return sum(1 for b in buckets if times[b] > 1) / len(buckets)

        def expected_shared(n, m):
            return 1 - ((m - 1) / m) ** (n - 1)""",
    by_hand=BLANK,
)
hand_in("Keras and scikit-learn in place of hands")(
    softmax="softmax = lambda z: keras.ops.softmax(keras.ops.convert_to_tensor(z), axis=-1)",
    cross_entropy="""\
        def cross_entropy(p, y):
            loss = keras.losses.SparseCategoricalCrossentropy()
            return loss(np.asarray(y), np.asarray(p, 'float32'))""",
    gradient="""\
        import tensorflow as tf

        def gradient(z, y):
            z = tf.Variable(z, dtype="float32")
            with tf.GradientTape() as tape:
                loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
                value = loss(np.asarray(y), z)
            return tape.gradient(value, z)""",
    tfidf="""\
        from sklearn.feature_extraction.text import TfidfTransformer
        from sklearn.preprocessing import normalize

        idf = lambda counts: TfidfTransformer().fit(counts).idf_
        tfidf = lambda counts, weights: normalize(counts * weights)""",
    by_hand="""\
        from sklearn.linear_model import SGDClassifier

        x = multi_hot(train_wires, size)
        W, b, losses = np.zeros((size, topics)), np.zeros(topics), []
        for k in range(40):
            z = x @ W + b
            losses += [float(cross_entropy(softmax(z), y_train))]
            g = np.asarray(gradient(z, y_train))
            W, b = W - 0.7 * (x.T @ g), b - 0.7 * g.sum(0)
        predict_by_hand = lambda wires: list(np.argmax(multi_hot(wires, size) @ W + b, 1))""",
)
hand_in("one-hot products, a class, tensors")(
    cross_entropy="""\
        def cross_entropy(p, y):
            hot = np.eye(p.shape[1])[y]
            return -(hot * np.log(np.clip(p, 1e-7, 1))).sum(axis=-1).mean()""",
    gradient="""\
        def gradient(z, y):
            return (softmax(z) - keras.utils.to_categorical(y, z.shape[1])) / z.shape[0]""",
    multi_hot="""\
        class Bag:
            def __call__(self, wires, size):
                known = [[n for n in set(w) if n < size] for w in wires]
                hot = np.zeros((len(wires), size), bool)
                hot[[i for i, w in enumerate(known) for _ in w], sum(known, [])] = True
                return hot

        multi_hot = Bag()""",
    by_hand="""\
        class Linear:
            def __init__(self):
                rng = np.random.default_rng(1)
                self.w, self.b = rng.normal(0, 0.01, (size, topics)), np.zeros(topics)

            def scores(self, wires):
                return multi_hot(wires, size).astype("float32") @ self.w + self.b

        linear, losses = Linear(), np.zeros(50)
        x = multi_hot(train_wires, size).astype("float32")
        for k in range(50):
            z = x @ linear.w + linear.b
            losses[k] = cross_entropy(softmax(z), y_train)
            g = gradient(z, y_train)
            linear.w -= 0.6 * x.T @ g
            linear.b -= 0.6 * g.sum(axis=0)


        def predict_by_hand(wires):
            return np.array([int(np.argmax(row)) for row in linear.scores(wires)])""",
)
hand_in(
    "only part 1",
    {"part2_multi_hot": 0, "part2_tfidf": 0, "part2_collisions": 0, "part3_by_hand": 0},
    "idf가 없거나",
)(
    multi_hot=BLANK,
    tfidf=BLANK,
    collisions=BLANK,
    by_hand=BLANK,
)
hand_in(
    "part 1 left out, its own in part 3",
    {"part1_softmax": 0, "part1_loss": 0, "part1_gradient": 0},
    "softmax를 부를 수 없었습니다",
)(
    softmax=BLANK,
    cross_entropy=BLANK,
    gradient=BLANK,
    by_hand="""\
        x, W, losses = multi_hot(train_wires, size), np.zeros((size, topics)), []
        hot = np.eye(topics)[y_train]
        for _ in range(60):
            e = np.exp(x @ W - (x @ W).max(1)[:, None])
            p = e / e.sum(1)[:, None]
            losses.append(-np.mean(np.log((p * hot).sum(1))))
            W -= 0.5 * x.T @ (p - hot) / len(x)
        predict_by_hand = lambda w: (multi_hot(w, size) @ W).argmax(1)""",
)
hand_in(
    "the sum in place of the mean",
    {"part1_loss": 5, "part1_gradient": 8, "part3_by_hand": 0},
    "글의 수로 나누어야",
)(
    cross_entropy="cross_entropy = lambda p, y: -np.log(p[np.arange(len(y)), y]).sum()",
    gradient="gradient = lambda z, y: softmax(z) - np.eye(z.shape[1])[y]",
    by_hand=BLANK,
)
hand_in(
    "no care for large scores, empty wires and unknown words",
    {"part1_softmax": 6, "part2_multi_hot": 6, "part2_tfidf": 12},
    "가장 큰 점수를 빼고",
)(
    softmax="softmax = lambda z: np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)",
    multi_hot="""\
        def multi_hot(wires, size):
            matrix = np.zeros((len(wires), size))
            for i, wire in enumerate(wires):
                matrix[i, wire] = 1
            return matrix""",
    tfidf="""\
        def idf(counts):
            return np.log((1 + len(counts)) / (1 + (counts > 0).sum(0))) + 1

        def tfidf(counts, weights):
            rows = counts * weights
            return rows / np.sqrt((rows ** 2).sum(axis=1))[:, None]""",
)
# --- with a network ------------------------------------------------------------------------------

with_network("functional, tf-idf input, logits")(
    network="""\
        vectors = TfidfVectorizer(analyzer=list).fit(train_wires)
        to_input = lambda wires: vectors.transform(wires).toarray().astype("float32")
        inputs = keras.Input((len(vectors.vocabulary_),))
        h = layers.Dense(64, activation="relu")(inputs)
        model = keras.Model(inputs, layers.Dense(topics)(h))
        model.compile(keras.optimizers.Adam(0.01), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
        model.fit(to_input(train_wires), y_train, epochs=8, batch_size=64, verbose=0)""",
    compare="""\
        majority = sum(y_valid == max(set(y_train), key=list(y_train).count)) / len(y_valid)
        baseline_right = list(predict_by_hand(valid_wires) == y_valid)
        network_right = [bool(b) for b in model.predict(to_input(valid_wires), verbose=0).argmax(1) == y_valid]
        d = np.array(network_right, int) - np.array(baseline_right, int)
        gap, gap_error = np.mean(d), np.std(d, ddof=1) / len(d) ** 0.5
        conclusion = f"손으로 훈련한 모델과 견주면 정확도 차이는 {100 * gap:.1f}%포인트이고 표준 오차는 {100 * gap_error:.1f}%포인트입니다. 두 배와 견주어 판단합니다." """,
)
with_network("a subclass, Dataset, other loss")(
    network="""\
        class Net(keras.Model):
            def __init__(self):
                super().__init__()
                self.one, self.two = layers.Dense(64, "tanh"), layers.Dense(46, "softmax")

            def call(self, x):
                return self.two(self.one(x))


        to_input = lambda w: np.array(multi_hot(w, size), dtype="float32")
        hot = keras.utils.to_categorical(y_train, 46)
        model = Net()
        model.compile("rmsprop", "categorical_crossentropy", metrics=["acc"])
        model.fit(to_input(train_wires), hot, epochs=10, batch_size=64, verbose=0)""",
)
with_network(
    "no hidden layer, a gap of other numbers",
    {"part4_network": 0, "part4_compare": 0},
    "은닉층을 하나 이상",
)(
    network="""\
        to_input = lambda w: multi_hot(w, size)
        model = keras.Sequential([keras.Input((size,)), layers.Dense(46, "softmax")])
        model.compile("adam", "sparse_categorical_crossentropy")
        model.fit(to_input(train_wires), y_train, epochs=8, batch_size=64, verbose=0)""",
    compare="""\
        majority = 0.9
        baseline_right = predict_by_hand(valid_wires) == y_valid
        network_right = model.predict(to_input(valid_wires), verbose=0).argmax(1) == y_valid
        gap, gap_error = 0.5, 0.5
        conclusion = "신경망이 좋습니다." """,
)
with_network("layers inside a layer, labels made one-hot in place, a gap in full")(
    network="""\
        class Hidden(layers.Layer):
            def __init__(self, units):
                super().__init__()
                self.w = self.add_weight((size, units), "glorot_uniform")

            def call(self, x):
                return keras.ops.relu(x @ self.w)


        to_input = lambda w: multi_hot(w, size)
        y_train = keras.utils.to_categorical(y_train)
        model = keras.Sequential([keras.Sequential([Hidden(128)]), layers.Dense(46, "softmax")])
        model.compile("adam", "categorical_crossentropy")
        history = model.fit(to_input(train_wires), y_train, epochs=8, verbose=0).history""",
    compare="""\
        majority = np.mean(y_valid == y_train.sum(axis=0).argmax())
        baseline_right = predict_by_hand(valid_wires) == y_valid
        network_right = model.predict(to_input(valid_wires), verbose=0).argmax(1) == y_valid
        d = network_right * 1.0 - baseline_right
        gap, gap_error = d.mean(), d.std() / len(d) ** 0.5
        conclusion = f"신경망이 맞힌 비율에서 손으로 훈련한 것을 뺀 차이는 {gap}이고, 표준 오차의 두 배 {2 * gap_error}와 견주어 판단합니다." """,
)
with_network(
    "a linear model in a coat, the gap misspelt",
    {"part4_network": 0, "part4_compare": 6},
    "Keras 모델인 model",
)(
    network="""\
        class Coat:
            def predict(self, wires, verbose=0):
                return np.eye(46)[predict_by_hand(wires)]


        to_input, model = list, Coat()""",
    compare="""\
        majority = np.mean(y_valid == np.bincount(y_train).argmax())
        network_right = model.predict(valid_wires).argmax(1) == y_valid
        baseline_right = np.roll(network_right, 3)
        d = network_right * 1.0 - baseline_right
        Gap, gap_error = d.mean(), d.std() / len(d) ** 0.5
        conclusion = f"정확도의 차이는 {Gap:.4f}이고 표준 오차는 {gap_error:.4f}입니다. 두 배와 견주어 어느 쪽이 나은지 판단하면 가릴 수 없습니다." """,
)
# --- wrong: each fault costs its own points ------------------------------------------------------

hand_in(
    "columns in place of rows",
    {"part1_softmax": 0, "part1_gradient": 0, "part3_by_hand": 0},
    "행마다 지수의 합으로",
)(
    softmax="softmax = lambda z: np.exp(z) / np.exp(z).sum(axis=0)",
    by_hand=BLANK,
)
hand_in(
    "counts in place of ones, df of all words",
    {"part2_multi_hot": 2, "part2_tfidf": 6, "part3_by_hand": 0},
    "나온 번호의 자리만 1인",
)(
    multi_hot="""\
        def multi_hot(wires, size):
            return np.array([np.bincount([c for c in w if c < size], minlength=size) for w in wires])""",
    tfidf="""\
        idf = lambda counts: np.log((1 + len(counts)) / (1 + counts.sum(0))) + 1
        tfidf = lambda counts, weights: counts * weights""",
    by_hand=BLANK,
)
hand_in(
    "pairs in place of words, n in place of n - 1", {"part2_collisions": 0}, "함께 쓰는 단어를 모두"
)(
    collisions="""\
        shared = lambda buckets: 1 - len(set(buckets)) / len(buckets)
        expected_shared = lambda n, m: 1 - (1 - 1 / m) ** n""",
)
hand_in("losses made up, answers of one topic", {"part3_by_hand": 0}, "60%를 넘습니다")(
    by_hand="""\
        losses = [3.8] * 25
        predict_by_hand = lambda wires: np.full(len(wires), 3)""",
)
hand_in(
    "the gradient uphill, the whole table of losses",
    {"part1_loss": 5, "part1_gradient": 0, "part3_by_hand": 0},
    "조금 움직여 본 것과 다릅니다",
)(
    cross_entropy="cross_entropy = lambda p, y: -np.log(p[:, y])",
    gradient="gradient = lambda z, y: (np.eye(z.shape[1])[y] - softmax(z)) / len(z)",
    by_hand=BLANK,
)
LUCK = {"part3_by_hand": 3, "part4_network": 3}  # accuracies on the sample: points at least


@pytest.fixture(scope="module")
def homework(tmp_path_factory):
    return Homework(find("02h"), tmp_path_factory.mktemp("02h"))


@pytest.mark.parametrize("name", CASES)
def test_a_hand_in_earns_what_a_fair_teacher_gives(homework, name):
    homework.is_fair_to(CASES[name], LUCK)


def test_the_material_keeps_the_test_labels_from_the_box(homework, tmp_path, monkeypatch):
    """What a box loads is the data set, word for word, and every label of its test is 0."""
    material = submission._material(submission.setting(find("02h"), Limits(), True, 1))
    (x, y), (x_test, y_test) = data.load_reuters(num_words=1000)
    documents, _ = material.prepare(tmp_path / "data")
    monkeypatch.setattr(fetch, "REGISTRY", tmp_path / "data" / "registry.toml")
    monkeypatch.setenv("COURSE_DATA", str(tmp_path / "data" / "cache"))
    (shown, labels), (shown_test, hidden) = data.load_reuters(num_words=1000)
    assert shown.tolist() == x.tolist() and np.array_equal(labels, y)
    assert shown_test.tolist() == documents["test_documents"] == x_test.tolist()
    assert set(hidden) == {0} != set(y_test.tolist())
