"""Homework 02h, numbers and text by hand: each hand-in earns what a fair teacher gives."""

from inside import BLANK, HandIn, adder, held_to, left

CASES: dict[str, HandIn] = {}
# What takes longer than the rest of it; hand-ins that differ elsewhere leave it out.
hand_in, with_network = adder(CASES, left("network compare")), adder(CASES)

# --- honest, whole or in part --------------------------------------------------------------------

hand_in("the solution")()
hand_in("loops over rows, lists given back")(
    softmax="""\
        import math

        def softmax(z):
            rows = [[math.exp(float(v) - max(map(float, row))) for v in row] for row in z]
            return [[v / sum(row) for v in row] for row in rows]""",
    cross_entropy={"np.maximum(right, 1e-12)": "right + 1e-9"},
    gradient={"slope = softmax(z)": "slope = np.array(softmax(z))"},
    multi_hot="multi_hot = lambda wires, size: [[int(n in w) for n in range(size)] for w in wires]",
    collisions="""\
        shared = lambda buckets: sum(list(buckets).count(b) > 1 for b in buckets) / len(buckets)
        expected_shared = lambda n, m: 1 - ((m - 1) / m) ** (n - 1)""",
    by_hand=BLANK,
)
hand_in("Keras and scikit-learn in place of hands")(
    softmax="softmax = lambda z: keras.ops.softmax(keras.ops.convert_to_tensor(z), axis=-1)",
    cross_entropy="""\
        entropy = keras.losses.SparseCategoricalCrossentropy()
        cross_entropy = lambda p, y: entropy(np.asarray(y), np.asarray(p, "float32"))""",
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
    by_hand={
        'gradient(z, y_train).astype("float32")': "np.asarray(gradient(z, y_train))",
        ".argmax(axis=1)": ".argmax(axis=1).tolist()",
    },
)
hand_in("one-hot products, a class, tensors")(
    cross_entropy={
        "right = p[np.arange(len(y)), np.asarray(y)]": "right = (p * np.eye(p.shape[1])[y]).sum(axis=1)",
        "float(np.mean(": "(np.mean(",
    },
    gradient="gradient = lambda z, y: (softmax(z) - keras.utils.to_categorical(y, z.shape[1])) / z.shape[0]",
    multi_hot="""\
        class Bag:
            def __call__(self, wires, size):
                return np.array([np.isin(np.arange(size), wire) for wire in wires])

        multi_hot = Bag()""",
    by_hand={
        'np.zeros((size, topics), dtype="float32")': "np.random.normal(0, 0.01, (size, topics))",
        "losses = []": "losses = np.zeros(60)",
        "for _ in": "for k in",
        "losses.append(cross_entropy(softmax(z), y_train))": "losses[k] = cross_entropy(softmax(z), y_train)",
    },
)
hand_in("only part 1", says="idf가 없거나")(**left("multi_hot tfidf collisions by_hand"))
hand_in("part 1 left out, its own in part 3", says="softmax를 부를 수 없었습니다")(
    **left("softmax cross_entropy gradient"),
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
hand_in("sums for means", {"part1_loss": 5, "part1_gradient": 8}, "글의 수로 나누어야")(
    cross_entropy={"np.mean(": "np.sum("},
    gradient={"slope / len(y)": "slope"},
    by_hand=BLANK,
)
hand_in(
    "no care for large scores, empty wires and unknown words",
    {"part1_softmax": 6, "part2_multi_hot": 6, "part2_tfidf": 12},
    "가장 큰 점수를 빼고",
)(
    softmax={"z - z.max(axis=1, keepdims=True)": "z"},
    multi_hot={"[code for code in wire if code < size]": "wire"},
    tfidf={"np.where(norms == 0, 1, norms)": "norms"},
)

# --- with a network ------------------------------------------------------------------------------

with_network("functional, tf-idf input, logits")(
    network="""\
        vectors = TfidfVectorizer(analyzer=list).fit(train_wires)
        to_input = lambda wires: vectors.transform(wires).toarray().astype("float32")
        inputs = keras.Input((len(vectors.vocabulary_),))
        model = keras.Model(inputs, layers.Dense(topics)(layers.Dense(64, "relu")(inputs)))
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
with_network("an input that asks for a shape")(
    network={
        "return multi_hot(wires, size)": "return multi_hot(wires, size)[: wires.shape[0]]",
        "batch_size=256": "batch_size=32",
    }
)
with_network(
    "no hidden layer, a gap of other numbers",
    {"part4_network": 0, "part4_compare": 0},
    "은닉층을 하나 이상",
)(
    network={'layers.Dense(128, activation="relu"),': "", "layers.Dropout(0.5),": ""},
    compare="""\
        majority, gap, gap_error, conclusion = 0.9, 0.5, 0.5, "신경망이 좋습니다."
        baseline_right = predict_by_hand(valid_wires) == y_valid
        network_right = model.predict(to_input(valid_wires), verbose=0).argmax(1) == y_valid""",
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
    compare={
        "np.bincount(y_train)": "y_train.sum(axis=0)",
        "svm = LinearSVC().fit(vectorizer.fit_transform(train_wires), y_train)": "",
        "svm.predict(vectorizer.transform(valid_wires))": "predict_by_hand(valid_wires)",
        "{gap:+.4f}": "{gap}",
        "{gap_error:.4f}": "{gap_error}",
    },
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
    compare={"gap ": "Gap ", "gap)": "Gap)", "{gap:": "{Gap:"},
)

# --- wrong: each fault costs its own points ------------------------------------------------------

hand_in(
    "columns in place of rows", {"part1_softmax": 0, "part1_gradient": 0}, "행마다 지수의 합으로"
)(
    softmax={"e.sum(axis=1, keepdims=True)": "e.sum(axis=0)"},
    by_hand=BLANK,
)
hand_in(
    "counts in place of ones, df of all words",
    {"part2_multi_hot": 2, "part2_tfidf": 6},
    "나온 번호의 자리만 1인",
)(
    multi_hot="""\
        def multi_hot(wires, size):
            return np.array([np.bincount([c for c in w if c < size], minlength=size) for w in wires])""",
    tfidf={
        "np.sum(counts > 0, axis=0)": "counts.sum(axis=0)",
        " / np.where(norms == 0, 1, norms)": "",
    },
    by_hand=BLANK,
)
hand_in(
    "pairs in place of words, n in place of n - 1", {"part2_collisions": 0}, "함께 쓰는 단어를 모두"
)(
    collisions={
        "float(np.mean(times[place] > 1))": "1 - len(times) / len(buckets)",
        "** (n - 1)": "** n",
    },
)
hand_in("losses made up, answers of one topic", {"part3_by_hand": 0}, "60%를 넘습니다")(
    by_hand="""\
        losses = [3.8] * 25
        predict_by_hand = lambda wires: np.full(len(wires), 3)""",
)
hand_in(
    "the gradient uphill, the whole table of losses",
    {"part1_loss": 5, "part1_gradient": 0},
    "조금 움직여 본 것과 다릅니다",
)(
    cross_entropy={"float(np.mean(-np.log(np.maximum(right, 1e-12))))": "-np.log(p[:, y])"},
    gradient={"return slope": "return -slope"},
    by_hand=BLANK,
)

# Accuracies on the sample: points at least.
test_a_hand_in_earns_what_a_fair_teacher_gives = held_to(
    "02h", CASES, {"part3_by_hand": 3, "part4_network": 3}
)
