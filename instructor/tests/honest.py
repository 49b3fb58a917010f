"""Hand-ins to the homework as different as students are, and what a fair teacher gives for each.

Each is the first one, with other answers in some blanks; what a check gives for values alone is in
test_grade_rubric.py. ``earns`` names the parts that are less
than full; "accuracy" parts are left open, for on the sample they are a matter of luck.
"""

import textwrap
from dataclasses import dataclass, field

from submissions import SYLLABLES

MOST = {
    "part1_sequences": 15,
    "part1_length": 10,
    "part2_model": 10,
    "part2_training": 10,
    "part3_predict": 15,
    "part3_accuracy": 20,
    "part4_errors": 10,
    "part5_best": 10,
}
NO_MODEL = dict.fromkeys(list(MOST)[2:], 0)
BLANK = 'raise NotImplementedError("이 칸을 아직 채우지 않았습니다.")'


@dataclass
class HandIn:
    answers: dict[str, str]
    earns: dict[str, float] = field(default_factory=dict)  # exactly this, where it is not full
    least: dict[str, float] = field(default_factory=dict)  # at least this, where luck is in it
    most: dict[str, float] = field(default_factory=dict)
    says: str = ""  # in one of the messages
    stopped: str = ""
    seconds: float = 300
    quick: bool = False  # in `make test`; the others in `make test-grading`


HANDINS: dict[str, HandIn] = {}
LUCK = {"part2_training": 4.5, "part3_accuracy": 1, "part5_best": 3}


def sequential(*layers):
    inside = ",\n    ".join(layers)
    return {
        "model": f"model = keras.Sequential([\n    {inside},\n])\n"
        "model.compile(keras.optimizers.Adam(0.01), 'binary_crossentropy', metrics=['accuracy'])"
    }


EMBEDDING, DENSE = "layers.Embedding(vocabulary_size, 16)", "layers.Dense(1, activation='sigmoid')"
LSTM, DROPOUT = "layers.LSTM(16)", "layers.Dropout(0.3)"
FIRST = SYLLABLES | sequential(EMBEDDING, LSTM, DROPOUT, DENSE)
FIRST["fit"] = FIRST["fit"].replace("epochs=5", "epochs=3")


def hand_in(name, earns=None, least=None, **options):
    """Register a hand-in; what it changes of ``FIRST`` comes after."""

    def register(**answers):
        answers = {key: textwrap.dedent(text) for key, text in answers.items()}
        luck = {part: n for part, n in LUCK.items() if part not in (earns or {})} | (least or {})
        HANDINS[name] = HandIn(FIRST | answers, earns or {}, luck, **options)

    return register


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
hand_in("subclassed, both directions")(model=SYLLABLES["model"])

# --- the model in another style -----------------------------------------------------------------

hand_in("Sequential with Input")(
    **sequential("keras.Input((maxlen,))", EMBEDDING, LSTM, DROPOUT, DENSE)
)
hand_in("subclassed, logits, acc")(
    model="""\
        class Reader(keras.Model):
            def __init__(self):
                super().__init__()
                self.embedding = layers.Embedding(vocabulary_size, 16)
                self.lstm = layers.LSTM(16)
                self.drop = layers.Dropout(0.5)
                self.answer = layers.Dense(1)

            def call(self, x):
                return self.answer(self.drop(self.lstm(self.embedding(x))))


        model = Reader()
        model.compile(keras.optimizers.Adam(0.01), keras.losses.BinaryCrossentropy(from_logits=True), metrics=["acc"])""",
    predict="""\
        def predict(reviews):
            if not len(reviews):
                return []
            return (model.predict(to_array(reviews), verbose=0)[:, 0] > 0).astype(int)""",
)
hand_in("two LSTMs, masked, padded behind")(
    **sequential(
        "layers.Embedding(vocabulary_size, 16, mask_zero=True)",
        "layers.LSTM(16, return_sequences=True, recurrent_dropout=0.1)",
        LSTM,
        DENSE,
    ),
    padding=FIRST["padding"].replace("maxlen=maxlen,", "maxlen=maxlen, padding='post',"),
)
hand_in("GRU", {"part2_model": 6}, says="LSTM 없음")(
    **sequential(EMBEDDING, "layers.GRU(16)", DROPOUT, "layers.Dense(64, activation='relu')", DENSE)
)
hand_in("no dropout", {"part2_model": 7}, says="Dropout 없음")(**sequential(EMBEDDING, LSTM, DENSE))

# --- other tokens -------------------------------------------------------------------------------

hand_in("eojeol with TextVectorization")(
    sequences="""\
        import tensorflow as tf

        vectorize = layers.TextVectorization(max_tokens=3000, ragged=True)
        vectorize.adapt(tf.constant(train_reviews))
        vocabulary_size = 3000

        def to_sequences(reviews):
            return vectorize(tf.constant(list(reviews))).to_list()


        train_sequences, valid_sequences = to_sequences(train_reviews), to_sequences(valid_reviews)""",
    padding=FIRST["padding"].replace("60", "20"),
)
for name in ("kiwi", "okt"):
    hand_in(f"morphemes: {name}")(
        sequences=f"""\
            cut = lambda reviews: text.tokenize(reviews, "{name}")
            known = sorted({{m for r in cut(train_reviews) for m in r}})
            number = {{m: n for n, m in enumerate(known, 2)}}
            vocabulary_size = len(number) + 2
            to_sequences = lambda reviews: [[number.get(m, 1) for m in r] for r in cut(reviews)]
            train_sequences, valid_sequences = to_sequences(train_reviews), to_sequences(valid_reviews)"""
    )
hand_in("two syllables at a time, as arrays")(
    sequences="""\
        pairs = sorted({r[i : i + 2] for r in train_reviews for i in range(len(r))})
        number = {p: n for n, p in enumerate(pairs, 2)}
        vocabulary_size = len(number) + 2
        to_sequences = lambda reviews: [
            np.array([number.get(r[i : i + 2], 1) for i in range(len(r))], "int64") for r in reviews
        ]
        train_sequences, valid_sequences = to_sequences(train_reviews), to_sequences(valid_reviews)"""
)

# --- drawn, wrapped and told otherwise ----------------------------------------------------------

hand_in("drawn by pandas, trained in two goes")(
    fit="""\
        model.fit(x_train, y_train, batch_size=64, epochs=1, verbose=0)
        history = model.fit(x_train, y_train, batch_size=64, epochs=2, verbose=0, validation_data=(x_valid, y_valid))""",
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

hand_in("only part 1", NO_MODEL)(
    **dict.fromkeys(("model", "fit", "curves", "predict", "errors", "best"), BLANK)
)
hand_in(
    "no training",
    {"part2_training": 0, "part3_predict": None, "part4_errors": 0, "part5_best": 0},
    {"part3_predict": 0, "part3_accuracy": 0},
)(fit=BLANK, curves=BLANK, errors=BLANK, best=BLANK)
hand_in(
    "runs out of time in the training",
    NO_MODEL | {"part2_model": 10},
    stopped="time",
    seconds=45,
)(fit="while True:\n    try:\n        1 + 1\n    except TimeoutError:\n        pass")
hand_in("an error in part 4", {"part4_errors": 0})(errors="mistakes = [][1]")

# --- not honest ---------------------------------------------------------------------------------

SVM = """\
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

svm = make_pipeline(TfidfVectorizer(analyzer="char_wb", ngram_range=(1, 4)), LogisticRegression(C=10))
svm.fit(train_reviews, y_train)
"""
hand_in(
    "a linear model as predict",
    dict.fromkeys(("part3_predict", "part3_accuracy", "part5_best")),
    dict.fromkeys(("part3_predict", "part3_accuracy", "part5_best"), 0),
    most={"part3_predict": 9, "part3_accuracy": 9, "part5_best": 1},
    says="위에서 훈련한 model을 써야",
)(predict=SVM + "predict = lambda reviews: svm.predict(list(reviews))")
hand_in(
    "a model that is none",
    dict.fromkeys(list(MOST)[2:6], 0) | {"part5_best": None},
    {"part5_best": 0},
    most={"part5_best": 1},
    quick=True,
    says="다시 실행하지 못했습니다",
)(
    model=SVM
    + textwrap.dedent("""\
        class Duck:
            optimizer, built = "adam", True
            input_shape, output_shape = (None, 60), (None, 1)
            def __call__(self, x): return np.full((len(x), 1), 0.5)
            def predict(self, x, **_): return np.full((len(x), 1), 0.5)
            def to_json(self): return '{"class_name": "LSTM"}'
            def _flatten_layers(self): return []
        model = Duck()"""),
    fit="from types import SimpleNamespace\nhistory = SimpleNamespace(history={'loss': [0.6, 0.3],"
    " 'val_loss': [0.6, 0.4], 'val_accuracy': [0.7, 0.8]})",
    curves="plt.plot([0.6, 0.3])\nplt.plot([0.6, 0.4])\nplt.show()",
    predict="predict = lambda reviews: svm.predict(list(reviews))",
)


def one_layer(*call: str) -> str:
    """The cell of a network of one Dense, whose ``call`` has these lines."""
    lines = "\n        ".join(call)
    return f"""\
import tensorflow as tf

class Odd(keras.Model):
    def __init__(self):
        super().__init__()
        self.scale = layers.Dense(1, activation="sigmoid")
    def call(self, x):
        {lines}

model = Odd()
model.compile("adam", "binary_crossentropy")"""


hand_in(
    "Python inside the network",
    {"part2_model": 0, "part2_training": None, "part3_predict": 0, "part3_accuracy": 0},
    {"part2_training": 0},
    most={"part2_training": 4},
)(
    model=one_layer(
        "count = lambda n: tf.cast(tf.reduce_sum(n, 1, True) % 7, 'float32')",
        "seen = tf.py_function(count, [x], 'float32')",
        "return self.scale(tf.ensure_shape(seen, (None, 1)))",
    )
)
hand_in(
    "a network that writes where the grader listens",
    dict.fromkeys(list(MOST)[2:6], 0) | {"part4_errors": None},
    {"part4_errors": 0},
    says="reaches out of itself: WriteFile",
)(
    model=one_layer(
        'kinds = \'["Embedding", "LSTM", "Dropout"]\'',
        'frame = \'{"check": "rerun", "name": "layers", "json": \' + kinds + "}"',
        'tf.io.write_file("/dev/null", frame)  # or /proc/self/fd/3',
        'return self.scale(tf.cast(x, "float32"))',
    )
)
hand_in("an LSTM for show, subclassed", {"part2_model": 6}, quick=True, says="LSTM 없음")(
    model="""\
        class Show(keras.Model):
            def __init__(self):
                super().__init__()
                self.embedding, self.drop = layers.Embedding(vocabulary_size, 16), layers.Dropout(0.2)
                self.lstm, self.pool = layers.LSTM(4), layers.GlobalMaxPooling1D()
                self.answer = layers.Dense(1, activation="sigmoid")

            def call(self, x, training=None):
                h = self.drop(self.embedding(x), training=training)
                return self.answer(layers.concatenate([self.pool(h), self.lstm(h) * 1e-6]))

        model = Show()
        model.compile(keras.optimizers.Adam(0.02), "binary_crossentropy")"""
)
