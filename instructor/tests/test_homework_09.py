"""Homework 09: hand-ins as different as students are earn what a fair teacher gives, on the sample.

Each is the first one, with other answers in some blanks; what a check gives for values alone is in
test_grade_rubric.py. Most of them: `make test-grading`.
"""

from inside import THOROUGH, HandIn, adder, held_to, left

LINE = """\
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

line = make_pipeline(TfidfVectorizer(analyzer="char_wb", ngram_range=(1, 4)), LogisticRegression(C=10))
line.fit(train_reviews, y_train)
"""
BY_LINE = f"{LINE}predict = lambda reviews: line.predict(list(reviews))"
EMBEDDING, DENSE = "layers.Embedding(vocabulary_size, 16)", "layers.Dense(1, activation='sigmoid')"
LSTM, DROPOUT = "layers.LSTM(16)", "layers.Dropout(0.3)"


def sequential(*layers):
    return (
        f"model = keras.Sequential([{', '.join(layers)}])\n"
        "model.compile(keras.optimizers.Adam(0.01), 'binary_crossentropy', metrics=['accuracy'])"
    )


FIRST = {
    "sequences": """\
letters = {c: n for n, c in enumerate(sorted({c for r in train_reviews for c in r}), 2)}
vocabulary_size = len(letters) + 2
to_sequences = lambda reviews: [[letters.get(c, 1) for c in r] for r in reviews]
train_sequences, valid_sequences = map(to_sequences, (train_reviews, valid_reviews))""",
    "padding": """\
maxlen = 60
to_array = lambda reviews: keras.utils.pad_sequences(to_sequences(reviews), maxlen=maxlen, dtype="int64")
x_train, x_valid = to_array(train_reviews), to_array(valid_reviews)
covered = sum(len(s) <= maxlen for s in train_sequences) / len(train_sequences)
length_reason = f"60글자면 훈련 리뷰의 {covered:.0%}가 온전히 남고 훈련도 빠르기 때문에 이것으로 골랐습니다." """,
    "model": sequential(EMBEDDING, LSTM, DROPOUT, DENSE),
    "fit": "history = model.fit(x_train, y_train, batch_size=64, epochs=3, verbose=2, validation_data=(x_valid, y_valid))",
    "curves": """\
import matplotlib.pyplot as plt

plt.plot(history.history["loss"])
plt.plot(history.history["val_loss"])
plt.show()""",
    "predict": """\
def predict(reviews):
    if not len(reviews):
        return []
    return [int(p > 0.5) for p in model.predict(to_array(reviews), verbose=0).ravel()]""",
    "errors": """\
mistakes = []
for review, label, answer in zip(valid_reviews, y_valid, predict(valid_reviews)):
    if answer != label:
        mistakes.append((review, label, answer))
long = [m for m in mistakes if len(m[0]) >= 12]
analysis = f'''모델이 틀린 리뷰를 읽어 보면 크게 두 가지가 많습니다. 하나는 반어로 쓴 칭찬이어서 글자만 보면
좋은 말뿐인데 별점은 아주 낮은 경우로, "{long[0][0]}" 같은 글이 그렇습니다. 다른 하나는 배우나 감독을
칭찬하고 정작 영화는 재미없다고 말하는 경우인데 "{long[1][0]}"처럼 앞과 뒤를 함께 읽어야 알 수 있어서
글자를 하나씩 읽는 작은 모델은 자주 헷갈립니다. 별점을 잘못 준 것처럼 보이는 리뷰도 몇 편 있었습니다.'''""",
    "best": LINE
    + """\
best_predict = lambda reviews: line.predict(list(reviews))
before, after = (np.mean(np.asarray(f(valid_reviews)) == y_valid) for f in (predict, best_predict))
improvement = f"글자 조각 위의 선형 모델로 바꾸었습니다. 순서를 멀리까지 보지는 못하지만 짧은 리뷰에서는 그것으로 넉넉하고 훨씬 빠릅니다. 검증 정확도가 {before:.3f}에서 {after:.3f}로 달라졌습니다." """,
}
CASES: dict[str, HandIn] = {}
hand_in = adder(CASES, FIRST)


def network(made: str, call: str, compiled: str = "'binary_crossentropy', metrics=['acc']") -> str:
    """The cell of a subclassed network: what it is made of, the lines of its call, its loss."""
    return f"""\
import tensorflow as tf

class Reader(keras.Model):
    def __init__(self):
        super().__init__()
        {made}

    def call(self, x, training=None):
        {call}

model = Reader()
model.compile(keras.optimizers.Adam(0.01), {compiled})"""


# --- honest --------------------------------------------------------------------------------------

hand_in("Sequential without Input, with names that the checks use, too", quick=True)(
    sequences=FIRST["sequences"].replace("letters", "numbers")
    + "\nname = right = known = curves = before = after = 'mine'",
    predict="""\
        def same(p):
            return int(p > 0.5)

        def answers(x):
            return [same(p) for p in model.predict(x, verbose=0).ravel()]

        def predict(reviews):
            return answers(to_array(reviews)) if len(reviews) else []""",
)
hand_in("subclassed, both directions")(
    model=network(
        f"self.embedding, self.answer = {EMBEDDING}, {DENSE}\n"
        "        self.lstm = layers.Bidirectional(layers.LSTM(16, dropout=0.1))",
        "return self.answer(self.lstm(self.embedding(x), training=training))",
    )
)
hand_in("subclassed, logits, acc")(
    model=network(
        f"self.parts = [{EMBEDDING}, {LSTM}, layers.Dropout(0.5), layers.Dense(1)]",
        "for part in self.parts:\n            x = part(x)\n        return x",
        "keras.losses.BinaryCrossentropy(from_logits=True), metrics=['acc']",
    ),
    predict="""\
        def predict(reviews):
            if not len(reviews):
                return []
            return (model.predict(to_array(reviews), verbose=0)[:, 0] > 0).astype(int)""",
)
hand_in("two LSTMs, masked, padded behind")(
    model=sequential(
        "layers.Embedding(vocabulary_size, 16, mask_zero=True)",
        "layers.LSTM(16, return_sequences=True, recurrent_dropout=0.1)",
        LSTM,
        DENSE,
    ),
    padding=FIRST["padding"].replace("maxlen=maxlen,", "maxlen=maxlen, padding='post',"),
)
hand_in("GRU", {"part2_model": (6, 6)}, "LSTM 없음")(
    model=sequential(
        EMBEDDING, "layers.GRU(16)", DROPOUT, "layers.Dense(64, activation='relu')", DENSE
    )
)
hand_in("no dropout", {"part2_model": (7, 7)}, "Dropout 없음")(
    model=sequential(EMBEDDING, LSTM, DENSE)
)
hand_in("eojeol with TextVectorization")(
    sequences="""\
        import tensorflow as tf

        vocabulary_size = 3000
        vectorize = layers.TextVectorization(max_tokens=vocabulary_size, ragged=True)
        vectorize.adapt(tf.constant(train_reviews))
        to_sequences = lambda reviews: vectorize(tf.constant(list(reviews))).to_list()
        train_sequences, valid_sequences = to_sequences(train_reviews), to_sequences(valid_reviews)""",
    padding=FIRST["padding"].replace("60", "20"),
)
hand_in("morphemes")(
    sequences="""\
        cut = lambda reviews: text.tokenize(reviews, "kiwi")
        number = {m: n for n, m in enumerate(sorted({m for r in cut(train_reviews) for m in r}), 2)}
        vocabulary_size = len(number) + 2
        to_sequences = lambda reviews: [[number.get(m, 1) for m in r] for r in cut(reviews)]
        train_sequences, valid_sequences = to_sequences(train_reviews), to_sequences(valid_reviews)"""
)
hand_in("two syllables at a time, as arrays")(
    sequences="""\
        cut = lambda review: [review[i : i + 2] for i in range(len(review))]
        number = {p: n for n, p in enumerate(sorted({p for r in train_reviews for p in cut(r)}), 2)}
        vocabulary_size = len(number) + 2
        to_sequences = lambda reviews: [np.array([number.get(p, 1) for p in cut(r)], "int64") for r in reviews]
        train_sequences, valid_sequences = to_sequences(train_reviews), to_sequences(valid_reviews)"""
)
hand_in("drawn by pandas, trained in two goes")(
    fit="model.fit(x_train, y_train, batch_size=64, epochs=1, verbose=0)\n"
    + FIRST["fit"].replace("epochs=3", "epochs=2"),
    curves="""\
        import pandas as pd

        pd.DataFrame(history.history)[["loss", "val_loss"]].plot()""",
)
hand_in("the second model has the name of the first")(
    best="""\
        before = np.mean(np.asarray(predict(valid_reviews)) == y_valid)
        model = keras.Sequential([layers.Embedding(vocabulary_size, 32), layers.Dropout(0.2), layers.GlobalMaxPooling1D(), layers.Dense(1, activation="sigmoid")])
        model.compile(keras.optimizers.Adam(0.02), "binary_crossentropy")
        model.fit(x_train, y_train, batch_size=64, epochs=3, verbose=0)
        best_predict = lambda reviews: (model.predict(to_array(reviews), verbose=0)[:, 0] > 0.5).astype(int)
        after = np.mean(best_predict(valid_reviews) == y_valid)
        improvement = f"순서를 읽는 대신 가장 큰 값만 남기는 층으로 바꾸고 임베딩의 폭을 두 배로 했습니다. 훈련이 훨씬 빨라졌고, 검증 정확도는 {before:.3f}에서 {after:.3f}로 달라졌습니다." """
)

# --- not all of it ------------------------------------------------------------------------------

only_part_1 = adder(CASES, FIRST | left("model fit curves predict errors best"))
only_part_1("only part 1")()
only_part_1(
    "0 for what is unknown, nothing measured",
    {"part1_sequences": 12, "part1_length": 6},
    quick=True,
)(
    sequences=FIRST["sequences"].replace("(c, 1)", "(c, 0)"),
    padding=FIRST["padding"]
    + "\ncovered, length_reason = 0.1, '이 길이가 가장 알맞아 보여서 골랐습니다. ' * 2",
)
only_part_1(
    "one number for all letters, arrays turned round",
    {"part1_sequences": 0, "part1_length": 4},
    "to_array가 x_train과 다른 배열을",
    quick=True,
)(
    sequences=FIRST["sequences"].replace("{c: n for", "{c: 2 for"),
    padding=FIRST["padding"].replace("to_array(train_reviews)", "to_array(train_reviews)[::-1]"),
)
hand_in("no training", {"part3": (0, 20)})(**left("fit curves errors best"))
hand_in("an error in part 4", {"part4_errors": 0})(errors="mistakes = [][1]")

# --- not honest ---------------------------------------------------------------------------------

hand_in(
    "a linear model as predict",
    {"part3": (0, 9), "part5_best": (0, 1)},
    "위에서 훈련한 model을 써야",
)(predict=BY_LINE)
hand_in(
    "a model that is none",
    {"part2": 0, "part3_predict": 0, "part3_accuracy": (0, 0), "part5_best": (0, 1)},
    "다시 실행하지 못했습니다",
    quick=True,
)(
    model="""\
        class Duck:
            optimizer, built = "adam", True
            input_shape, output_shape = (None, 60), (None, 1)
            def __call__(self, x): return np.full((len(x), 1), 0.5)
            def predict(self, x, **_): return np.full((len(x), 1), 0.5)
            def to_json(self): return '{"class_name": "LSTM"}'
            def _flatten_layers(self): return []
        model = Duck()""",
    fit="from types import SimpleNamespace\nhistory = SimpleNamespace(history={'loss': [0.6, 0.3],"
    " 'val_loss': [0.6, 0.4], 'val_accuracy': [0.7, 0.8]})",
    curves="plt.plot([0.6, 0.3])\nplt.plot([0.6, 0.4])\nplt.show()",
    predict=BY_LINE,
)
hand_in(
    "Python inside the network",
    {"part2_model": (0, 0), "part2_training": (0, 4), "part3": (0, 0)},
)(
    model=network(
        f"self.scale = {DENSE}",
        """\
count = lambda n: tf.cast(tf.reduce_sum(n, 1, True) % 7, "float32")
        seen = tf.py_function(count, [x], "float32")
        return self.scale(tf.ensure_shape(seen, (None, 1)))""",
    )
)
hand_in(
    "a network that writes where the grader listens",
    {"part2": (0, 0), "part3": (0, 0), "part4_errors": (0, 10)},
    "reaches out of itself: WriteFile",
)(
    model=network(
        f"self.scale = {DENSE}",
        """\
kinds = '["Embedding", "LSTM", "Dropout"]'
        frame = '{"check": "rerun", "name": "layers", "json": ' + kinds + "}"
        tf.io.write_file("/dev/null", frame)  # or /proc/self/fd/3
        return self.scale(tf.cast(x, "float32"))""",
    )
)
hand_in("an LSTM for show, subclassed", {"part2_model": (6, 6)}, "LSTM 없음", quick=True)(
    model=network(
        f"self.embedding, self.drop, self.answer = {EMBEDDING}, {DROPOUT}, {DENSE}\n"
        "        self.lstm, self.pool = layers.LSTM(4), layers.GlobalMaxPooling1D()",
        "h = self.drop(self.embedding(x), training=training)\n"
        "        return self.answer(layers.concatenate([self.pool(h), self.lstm(h) * 1e-6]))",
    )
)

# Accuracies on the sample: points at least.
test_a_hand_in_earns_what_a_fair_teacher_gives = held_to(
    "09",
    {name: row for name, row in CASES.items() if row.quick or THOROUGH},
    {"part2_training": 4.5, "part3_accuracy": 1, "part5_best": 3},
)
