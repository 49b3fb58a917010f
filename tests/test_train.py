"""coursekit.train: seeds, clocks, baselines, fair trials and what is said of their differences."""

import json
import logging
import random
import subprocess
import sys
from types import SimpleNamespace

import keras
import numpy as np
import pytest
from coursekit import checks, train
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

X = np.random.default_rng(0).normal(size=(96, 2)).astype("float32")
Y = (X[:, 0] > 0).astype(int)
DATA, VALIDATION, TEST = (X[:48], Y[:48]), (X[48:80], Y[48:80]), (X[80:], Y[80:])
RATES = (0.0, 0.5, 1e30)  # one that never learns, one that does, one that bursts


class Model:
    """What trials ask of a Keras model, without its seconds: the best rate is 0.5, in epoch 3."""

    built = stop_training = False

    def __init__(self, rate):
        self.rate, self.epoch, self.examples = rate, 0, []

    def fit(self, x, y, validation_data, epochs, callbacks, **more):
        self.examples.append(len(x))
        self.validated_with = validation_data[1].tolist()
        chance = random.random() / 1000  # a seed's
        told = keras.callbacks.CallbackList(callbacks, add_history=True, model=self)
        told.on_train_begin()
        while self.epoch < epochs and not self.stop_training:
            self.epoch += 1
            loss = abs(self.epoch - 3) + abs(self.rate - 0.5) + chance
            loss = float("nan") if self.rate > 1 else loss
            logs = {"loss": loss, "val_loss": loss, "val_accuracy": 1 - loss / 10}
            told.on_epoch_end(self.epoch - 1, logs)
        told.on_train_end()
        return self.history

    def get_weights(self):
        return [self.epoch]

    def set_weights(self, weights):
        [self.epoch] = weights

    def predict(self, x, **more):
        return (x[:, 0] > 0)[:, None] * 1.0


def run(arms=None, rates=RATES, seeds=(1,), **more):
    """Trials of small models, and all that was shown."""
    InteractiveShell.instance()
    more = {"epochs": 20, "patience": 2, "reason": "작습니다"} | more
    with capture_output() as shown:
        rows = train.trials(arms or {"하나": Model}, DATA, VALIDATION, rates, seeds, **more)
    return rows, shown


# --- seeds and time ------------------------------------------------------------------------------


def test_seed_from_the_environment(monkeypatch):
    monkeypatch.setenv("COURSE_SEED", "7")
    assert train.set_seed(42) == 7
    first = keras.random.uniform((1,)).numpy()
    train.set_seed()
    assert keras.random.uniform((1,)).numpy() == first


def test_a_progress_line_fits_a_phone():
    InteractiveShell.instance()
    progress = train.Progress()
    progress.set_params({"epochs": 12})
    with capture_output():
        progress.on_train_begin()
    logs = {"accuracy": 0.5, "loss": 1.25, "val_accuracy": 0.4, "val_loss": 1.5}
    lines = progress._text(6, logs).splitlines()
    assert lines[0].startswith("에폭 6/12  ")
    assert lines[1:] == ["accuracy 0.5000  loss 1.2500", "val_accuracy 0.4000  val_loss 1.5000"]
    assert max(map(len, lines)) < 40


def test_importing_coursekit_patches_nothing_and_the_tuner_is_skipped_when_asked():
    """In a process of its own, for a patch stays."""
    code = """
import keras, numpy as np, tensorflow as tf, matplotlib.axes
kept = tf.data.Dataset.__iter__, matplotlib.axes.Axes.plot
from coursekit import data, plots, report, text, train
assert (tf.data.Dataset.__iter__, matplotlib.axes.Axes.plot) == kept
asked, whole = [], tf.data.Dataset.__iter__
def iterate(dataset):
    asked.append(dataset.options().autotune.enabled)
    return whole(dataset)
tf.data.Dataset.__iter__ = iterate
train.skip_autotune()
once = tf.data.Dataset.__iter__
train.skip_autotune()
assert tf.data.Dataset.__iter__ is once, "patched twice"
model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
model.compile("sgd", "mse", run_eagerly=True)
x = np.ones((40, 2))
model.fit(x, x[:, 0], validation_split=0.2, epochs=2, verbose=0)
model.predict(x, verbose=0)
assert set(asked) == {False}, asked
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]


# --- baselines -----------------------------------------------------------------------------------


def test_the_majority_is_that_of_the_training_labels():
    assert train.majority_baseline([0, 1, 1], [0, 0, 0, 1]) == 0.25
    assert train.majority_baseline([2, 2, 1], [1, 1, 1]) == 0.0


def test_the_linear_baseline_says_which_it_answered_rightly():
    texts, labels = ["좋다 좋다", "나쁘다 싫다"] * 10, [1, 0] * 10
    result = train.linear_baseline(texts, labels, ["좋다", "싫다", "좋다"], [1, 0, 0])
    assert result["right"].tolist() == [1, 1, 0]
    assert result["accuracy"] == pytest.approx(2 / 3)
    assert result["seconds"] > 0


def test_the_linear_baseline_takes_word_numbers_and_counts_sublinearly_unless_asked(monkeypatch):
    from sklearn.feature_extraction.text import TfidfVectorizer

    def kept(sublinear_tf, **more):
        seen.append(sublinear_tf)
        return TfidfVectorizer(sublinear_tf=sublinear_tf, **more)

    seen = []
    monkeypatch.setattr("sklearn.feature_extraction.text.TfidfVectorizer", kept)
    numbers, labels = [[1, 7, 300], [2, 7, 9], [1, 300], [2, 9, 9]] * 5, [1, 0, 1, 0] * 5
    for given in (numbers, [np.array(row) for row in numbers], (row for row in numbers)):
        assert train.linear_baseline(given, labels, [[1], [9]], [1, 0])["accuracy"] == 1.0
    more = {"ngram_range": (2, 2), "sublinear_tf": False}
    pairs = train.linear_baseline(numbers, labels, numbers, labels, **more)
    assert pairs["accuracy"] == 1.0
    assert seen == [True, True, True, False]


# --- fair trials ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("y", "outputs", "right"),
    [
        ([1, 0, 1], [[0.9], [0.4], [0.2]], [1, 1, 0]),  # a sigmoid
        ([[1], [0]], [0.6, 0.6], [1, 0]),
        ([2, 0], [[0.1, 0.2, 0.7], [0.2, 0.7, 0.1]], [1, 0]),  # a softmax, sparse
        ([[0, 0, 1], [1, 0, 0]], [[0.1, 0.2, 0.7], [0.2, 0.7, 0.1]], [1, 0]),  # one-hot
        ([[0, 1], [0, 1]], [[0.1, 0.9], [0.8, 0.2]], [1, 0]),
        ([0.0, 1.0], [[0.5], [0.5]], [1, 0]),  # half is no yes
    ],
)
def test_a_right_answer(y, outputs, right):
    assert train.correct(np.array(y), np.array(outputs)).tolist() == right


def test_each_arm_gets_the_rate_and_the_epoch_that_suit_it():
    arms = {"하나": Model, "둘": lambda rate: Model(rate + 0.3)}
    rows, _ = run(arms, rates=(2.0, 0.5, 0.0, 0.25), seeds=(3, 4))
    assert [(row.arm, row.seed) for row in rows] == [("하나", 3), ("하나", 4), ("둘", 3), ("둘", 4)]
    assert [row.rate for row in rows] == [0.5, 0.5, 0.25, 0.25]
    for row in rows:
        assert (row.epoch, row.model.epoch) == (3, 3), "not the weights of its best epoch"
        assert len(row.history["loss"]) == 5, "it stops when nothing gets better"
        assert row.best == min(row.history["val_loss"])
        assert row.accuracy == row.right.mean() == 1.0
        assert len(row.right) == len(VALIDATION[1])
    assert rows[0].best != rows[1].best, "the seeds are set"
    assert rows[0].best == run(seeds=(3,))[0][0].best


def test_the_best_may_be_the_highest():
    (row,), _ = run(monitor="val_accuracy")
    assert (row.rate, row.epoch, row.best) == (0.5, 3, max(row.history["val_accuracy"]))


@pytest.mark.parametrize("first", [[keras.Input((2,))], []])  # or Keras is not told what it reads
def test_a_keras_model_is_tried(first):
    def arm(rate):
        model = keras.Sequential([*first, keras.layers.Dense(1, activation="sigmoid")])
        model.compile(keras.optimizers.SGD(rate), "binary_crossentropy", metrics=["accuracy"])
        return model

    (row,), _ = run({"하나": arm}, epochs=5)
    losses = row.history["val_loss"]
    assert (row.rate, row.epoch, row.best) == (0.5, 1 + int(np.argmin(losses)), min(losses))
    outputs = row.model.predict(VALIDATION[0], verbose=0)
    by_hand = -np.log(np.where(VALIDATION[1] == 1, outputs[:, 0], 1 - outputs[:, 0])).mean()
    assert by_hand == pytest.approx(row.best, rel=1e-3), "not the weights of its best epoch"
    assert row.right.tolist() == ((outputs[:, 0] > 0.5) == VALIDATION[1]).astype(int).tolist()


class Traced(keras.Sequential):
    """A network that counts how often TensorFlow traces its training step."""

    traces = 0

    def train_step(self, data):
        Traced.traces += 1
        return super().train_step(data)


def dropping(rate):
    """A recurrent network with dropout, which draws masks even where it only answers."""
    return [keras.layers.Reshape((2, 1)), keras.layers.LSTM(3, dropout=0.5)], rate


def scheduled(rate):
    """Another schedule for each rate: no variable holds it."""
    return [], keras.optimizers.schedules.ExponentialDecay(rate, 1, 0.9)


def drawn(rate):
    """What is drawn for each model anew, and is no variable."""
    noise = random.random()
    return [keras.layers.Lambda(lambda x: x + noise)], rate


@pytest.mark.parametrize(("network", "traces"), [(dropping, 1), (scheduled, 5), (drawn, 6)])
def test_an_arm_trains_as_each_of_its_models_would(network, traces, monkeypatch):
    def arm(rate):
        layers, rate = network(rate)
        model = Traced([keras.Input((2,)), *layers, keras.layers.Dense(1, activation="sigmoid")])
        model.compile(keras.optimizers.Adam(rate), "binary_crossentropy", metrics=["accuracy"])
        return model

    monkeypatch.setattr(Traced, "traces", 0)
    given = {"epochs": 3, "patience": 9, "batch_size": 8}  # six steps an epoch, in one call
    rows, _ = run({"a": arm}, rates=(0.01, 0.1), seeds=(1, 2), **given)
    # A trace that makes variables is not the last; the model that stands in made its own before.
    assert Traced.traces == traces  # in three runs
    for row in rows:
        keras.utils.set_random_seed(row.seed)
        alone = arm(row.rate)
        told = alone.fit(
            *DATA, validation_data=VALIDATION, batch_size=8, epochs=row.epoch, verbose=0
        )
        assert told.history == {n: values[: row.epoch] for n, values in row.history.items()}
        answers = [model.predict(TEST[0], verbose=0).tolist() for model in (alone, row.model)]
        assert answers[0] == answers[1]


def test_a_model_that_runs_eagerly_is_tried():
    def eager(rate):
        model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, activation="sigmoid")])
        more = {"metrics": ["accuracy"], "run_eagerly": True}
        model.compile(keras.optimizers.Adam(rate), "binary_crossentropy", **more)
        return model

    rows, _ = run({"a": eager}, rates=(0.01,), seeds=(1,), epochs=1, batch_size=8)
    assert len(rows[0].history["loss"]) == 1


@pytest.mark.parametrize(
    ("tried", "mode", "best"),
    [
        ([(np.nan, 1), (0.7, 1), (0.3, 1), (np.inf, 1)], "min", 2),  # one that burst never is
        ([(np.nan, 1), (0.7, 1), (0.3, 1)], "max", 1),
        # The slowest rate comes there last, so a task that is solved is no edge of the grid.
        ([(1.0, 46), (1.0, 22), (0.9, 3)], "max", 1),
    ],
)
def test_the_best_is_a_number_and_of_equals_the_first(tried, mode, best):
    runs = [SimpleNamespace(best=best, epoch=epoch) for best, epoch in tried]
    assert train.best_of(runs, mode) is runs[best]


def test_the_test_data_choose_nothing():
    (right,), _ = run(test=TEST)
    (wrong,), _ = run(test=(TEST[0], 1 - TEST[1]))
    assert right.model.validated_with == VALIDATION[1].tolist()
    assert (right.rate, right.epoch, right.history) == (wrong.rate, wrong.epoch, wrong.history)
    assert wrong.right.tolist() == (1 - right.right).tolist()
    assert len(right.right) == len(TEST[1])


def test_a_part_is_for_the_choice_only():
    models = []

    def kept(rate):
        models.append(Model(rate))
        return models[-1]

    rows, _ = run({"하나": kept}, seeds=(1, 2), part=16)
    trained = [model for model in models if model.examples]  # the first only stands in
    assert [model.examples for model in trained] == [[16], [16], [16], [48], [48]]
    assert [model.rate for model in trained] == [0.0, 0.5, 1e30, 0.5, 0.5]
    assert len(rows) == 2
    models.clear()
    run({"하나": kept}, seeds=(1, 2))
    trained = [model.examples for model in models if model.examples]
    assert trained == [[48]] * 4, "no seed is trained twice"


def test_what_an_arm_needs_is_within_its_clock(monkeypatch):
    learned_from, shapes, now = [], [], [0.0]
    monkeypatch.setattr(train, "time", SimpleNamespace(perf_counter=lambda: now[0]))

    def prepare(x):
        learned_from.append(len(x))
        now[0] += 5
        return lambda x: x[:, :1]

    class Narrow(Model):
        def predict(self, x, **more):
            shapes.append(x.shape)
            return super().predict(x, **more)

    (fast, slow), _ = run({"그대로": Model, "준비": (Narrow, prepare)}, rates=(0.5,), test=TEST)
    assert learned_from == [48], "it may see the training examples and no others"
    assert shapes == [(16, 1)], "it gets its own inputs"
    assert (fast.seconds, slow.seconds) == (0, 5)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({}, []),
        ({"epochs": 4}, ["하나: 에폭 상한 4에서"]),
        ({"rates": (0.1, 0.5)}, ["하나: 가장 좋은 학습률 0.5"]),
        ({"rates": (0.5, 0.9)}, ["하나: 가장 좋은 학습률 0.5"]),
        ({"rates": (0.5, 0.9), "epochs": 4}, ["하나: 에폭 상한 4", "하나: 가장 좋은 학습률 0.5"]),
    ],
)
def test_a_trial_that_is_not_fair_is_told_and_refused_when_recorded(monkeypatch, more, said):
    for recording in ("", "1"):
        monkeypatch.setenv("COURSE_RECORDING", recording)
        if said and recording:
            with pytest.raises(train.UnfairTrial, match=".*".join(said)):
                run(reason="", **more)
        else:
            lines = run(reason="", **more)[1].stdout.splitlines()
            assert [line[: len(words)] for line, words in zip(lines, said, strict=True)] == said
        lines = run(reason="출처가 그렇습니다.", **more)[1].stdout.splitlines()
        assert [line.endswith("출처가 그렇습니다.") for line in lines] == [True] * len(said)


def test_one_line_is_left_of_many_trials_and_no_warning(caplog):
    def said(rate):
        logging.getLogger("tensorflow").warning("5 out of the last 5 calls triggered retracing")
        logging.getLogger("tensorflow").warning("something else")
        return Model(rate)

    _, shown = run({"하나": said}, seeds=(1, 2))
    assert [output.update for output in shown.outputs] == [False] + [True] * 5
    assert shown.outputs[-1].data["text/plain"].startswith("훈련 4번, ")
    assert {record.getMessage() for record in caplog.records} == {"something else"}
    assert not logging.getLogger("tensorflow").filters


# --- differences ---------------------------------------------------------------------------------


def test_a_difference_and_its_error_on_the_same_examples():
    one, other = np.array([1, 1, 1, 0] * 250), np.array([1, 1, 0, 0] * 250)
    gap = train.paired(one, other)
    assert gap.difference == 0.25
    assert gap.error == pytest.approx((one - other).std(ddof=1) / np.sqrt(1000))
    assert gap.margin == pytest.approx(1.96 * gap.error, rel=0.01)
    assert gap.verdict == "높습니다"
    assert train.paired(other, one).verdict == "낮습니다"
    same = train.paired(one, one)
    assert (same.difference, same.margin, same.verdict) == (0, 0, "가릴 수 없습니다")


def test_seeds_that_vary_make_a_difference_uncertain():
    """A point between two means is nothing where the seeds of one lie three points apart."""
    n = 4000

    def rows(*shares):
        return np.array([np.arange(n) < share * n for share in shares]).astype(int)

    gap = train.paired(rows(0.78, 0.81, 0.84), rows(0.80, 0.80, 0.80))
    assert gap.difference == pytest.approx(0.01)
    assert gap.error > 0.017  # that of the seeds alone
    assert gap.margin > 3 * gap.error, "three seeds say little of how they vary"
    assert gap.verdict == "가릴 수 없습니다"
    assert train.paired(rows(0.81), rows(0.80)).verdict == "높습니다"
    assert train.paired(rows(0.86, 0.85, 0.87), rows(0.80)[0]).verdict == "높습니다"  # a baseline


@pytest.mark.parametrize(("seeds", "often"), [(1, 0.63), (3, 0.10), (5, 0.10)])
def test_how_often_a_difference_is_found_where_there_is_none(seeds, often):
    """Seeds that move a model by a point, on 4,000 examples: what the docstring says of it."""
    draw, found, times = np.random.default_rng(5), 0, 200
    for _ in range(times):
        hard = draw.normal(size=4000)

        def arm(hard=hard):
            own = 0.3 * draw.normal(size=hard.size)
            shift, noise = draw.normal(size=(seeds, 1)), draw.normal(size=(seeds, hard.size))
            return hard + own + 0.05 * shift + 0.5 * noise < 1

        found += train.paired(arm(), arm()).verdict != "가릴 수 없습니다"
    assert found / times <= often
    assert seeds > 1 or found / times > 0.2, "one seed says nothing of the recipe"


# --- kept runs -----------------------------------------------------------------------------------


def small(width=3):
    return keras.Sequential([keras.Input((2,)), keras.layers.Dense(width)])


@pytest.fixture
def keep(tmp_path, monkeypatch):
    """Keep a run as `make keep` does; load it from there afterwards."""
    monkeypatch.setattr(train, "KEPT", tmp_path)

    def keep(name, *makes):
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("COURSE_KEEP", str(tmp_path))
            train.kept(name, *makes)
        file = tmp_path / f"{name}.json"
        told = json.loads(file.read_text("utf-8"))
        told |= {"made": "2026-11-29", "cpu": "a processor", "seconds": 150}
        file.write_text(json.dumps(told), encoding="utf-8")

    return keep


def never():
    raise AssertionError("it trains")


def test_a_kept_run_comes_back_with_weights_and_curve_and_says_so(keep, capsys):
    trained = small()
    history = {"loss": [np.float32(2.0), 1.5], "val_accuracy": [0.5, 0.75]}
    keep("run", lambda: (trained, history), small)
    assert not capsys.readouterr().out
    model, curves = train.kept("run", never, small)
    assert curves == {"loss": [2.0, 1.5], "val_accuracy": [0.5, 0.75]}
    for ours, kept in zip(trained.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_allclose(kept, ours, atol=1e-3)
    said = capsys.readouterr().out
    assert all(words in said for words in ("2 에폭", "2분", "2026-11-29", "a processor", "again="))
    assert said.count("\n") == 1


def test_a_curve_may_be_kept_without_a_model(keep, tmp_path):
    keep("curve", lambda: (small(), SimpleNamespace(history={"loss": [1.0]})))
    assert train.kept("curve", never) == (None, {"loss": [1.0]})
    assert [file.name for file in tmp_path.iterdir()] == ["curve.json"]


@pytest.mark.parametrize(
    ("name", "width", "again", "seed", "says"),
    [
        ("run", 3, True, "", ""),
        ("run", 4, False, "", "맞지 않아"),  # the words of the sample are fewer
        ("new", 3, False, "", ""),
        ("run", 3, False, "3", ""),  # make band: five seeds are five runs
    ],
)
def test_a_kept_run_is_trained_here_where_it_has_to_be(
    keep, capsys, tmp_path, monkeypatch, name, width, again, seed, says
):
    keep("run", lambda: (small(), {"loss": [1.0]}), small)
    files, here = {file: file.read_bytes() for file in tmp_path.iterdir()}, small(width)
    if seed:
        monkeypatch.setenv("COURSE_SEED", seed)
    made = train.kept(name, lambda: (here, {"loss": [2]}), lambda: small(width), again=again)
    assert made == (here, {"loss": [2]})
    said = capsys.readouterr().out
    assert says in said and bool(said) == bool(says)
    assert {file: file.read_bytes() for file in tmp_path.iterdir()} == files, "it keeps nothing"


# --- checks --------------------------------------------------------------------------------------


def test_a_model_that_cannot_be_run_elsewhere_is_told_before_it_is_graded():
    tokens = keras.Input((4,), dtype="int32")
    h = keras.layers.Embedding(9, 2)(tokens)
    answer = keras.layers.Dense(1)(keras.layers.Flatten()(h))
    checks.can_be_exported(keras.Model(tokens, answer), 4)

    class Outside(keras.Model):
        def call(self, x):
            return keras.ops.convert_to_tensor([[float(sum(row))] for row in x.numpy()])

    with pytest.raises(AssertionError, match="꺼내지 못했습니다"):
        checks.can_be_exported(Outside(), 4)
    large = keras.Sequential([keras.Input((4,)), keras.layers.Embedding(2_000_000, 23)])
    with pytest.raises(AssertionError, match="46,000,000개"):
        checks.can_be_exported(large, 4)
