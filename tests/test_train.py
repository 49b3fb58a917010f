"""coursekit.train: seeds, clocks, baselines, fair trials and what is said of their differences."""

import json
import logging
import random
import subprocess
import sys
import time
from types import SimpleNamespace

import keras
import numpy as np
import pytest
from coursekit import train
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

X = np.random.default_rng(0).normal(size=(96, 2)).astype("float32")
Y = (X[:, 0] > 0).astype(int)
DATA, VALIDATION, TEST = (X[:48], Y[:48]), (X[48:80], Y[48:80]), (X[80:], Y[80:])
RATES = (0.0, 0.5, 1e30)  # one that never learns, one that does, one that bursts


def real(rate):
    """A line through two numbers, in Keras."""
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, activation="sigmoid")])
    model.compile(keras.optimizers.SGD(rate), "binary_crossentropy", metrics=["accuracy"])
    return model


class Model:
    """What trials ask of a Keras model, without its seconds: the best rate is 0.5, in epoch 3."""

    def __init__(self, rate):
        self.rate, self.epoch, self.examples, self.stop_training = rate, 0, [], False
        self.built = False

    def fit(self, x, y, validation_data, epochs, batch_size, callbacks, verbose):
        self.examples.append(len(x))
        self.validated_with = validation_data[1].tolist()
        self.history = {"loss": [], "val_loss": [], "val_accuracy": []}
        chance = random.random() / 1000  # a seed's
        [stop] = callbacks
        stop.set_model(self)
        stop.on_train_begin()
        while self.epoch < epochs and not self.stop_training:
            self.epoch += 1
            loss = abs(self.epoch - 3) + abs(self.rate - 0.5) + chance
            loss = float("nan") if self.rate > 1 else loss
            logs = {"loss": loss, "val_loss": loss, "val_accuracy": 1 - loss / 10}
            for name, value in logs.items():
                self.history[name].append(value)
            stop.on_epoch_end(self.epoch - 1, logs)
        stop.on_train_end()
        return self

    def get_weights(self):
        return [self.epoch]

    def set_weights(self, weights):
        [self.epoch] = weights

    def predict(self, x, batch_size, verbose):
        return (x[:, 0] > 0)[:, None] * 1.0


build = Model


def run(arms=None, rates=RATES, seeds=(1,), **more):
    """Trials of small models, and all that was shown."""
    InteractiveShell.instance()
    more = {"epochs": 20, "patience": 2, "reason": "작습니다"} | more
    with capture_output() as shown:
        rows = train.trials(arms or {"하나": build}, DATA, VALIDATION, rates, seeds, **more)
    return rows, shown


# --- seeds and time ------------------------------------------------------------------------------


def test_seed_from_the_environment(monkeypatch):
    monkeypatch.setenv("COURSE_SEED", "7")
    assert train.set_seed(42) == 7
    first = keras.random.uniform((1,)).numpy()
    train.set_seed()
    assert keras.random.uniform((1,)).numpy() == first


def test_the_timer_tells_seconds():
    with train.Timer() as timer:
        time.sleep(0.3)
    assert timer.wall >= 0.3


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


def test_the_linear_baseline_counts_sublinearly_unless_asked(monkeypatch):
    from sklearn.feature_extraction.text import TfidfVectorizer

    def kept(sublinear_tf, **more):
        seen.append(sublinear_tf)
        return TfidfVectorizer(sublinear_tf=sublinear_tf, **more)

    seen = []
    monkeypatch.setattr("sklearn.feature_extraction.text.TfidfVectorizer", kept)
    for more in ({}, {"sublinear_tf": False}):
        train.linear_baseline([[1], [2]] * 9, [1, 0] * 9, [[1]], [1], **more)
    assert seen == [True, False]


def test_the_linear_baseline_takes_word_numbers():
    numbers, labels = [[1, 7, 300], [2, 7, 9], [1, 300], [2, 9, 9]] * 5, [1, 0, 1, 0] * 5
    for given in (numbers, [np.array(row) for row in numbers], (row for row in numbers)):
        assert train.linear_baseline(given, labels, [[1], [9]], [1, 0])["accuracy"] == 1.0
    pairs = train.linear_baseline(numbers, labels, numbers, labels, ngram_range=(2, 2))
    assert pairs["accuracy"] == 1.0


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
    class Slow(Model):
        rate = property(
            lambda self: self._rate + 0.3, lambda self, rate: setattr(self, "_rate", rate)
        )

    rows, _ = run({"하나": Model, "둘": Slow}, rates=(2.0, 0.5, 0.0, 0.25), seeds=(3, 4))
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


def unbuilt(rate):
    """The same, of which Keras does not know yet what it reads."""
    model = keras.Sequential([keras.layers.Dense(1, activation="sigmoid")])
    model.compile(keras.optimizers.SGD(rate), "binary_crossentropy", metrics=["accuracy"])
    return model


@pytest.mark.parametrize("arm", [real, unbuilt])
def test_a_keras_model_is_tried(arm):
    (row,), _ = run({"하나": arm}, epochs=5)
    losses = row.history["val_loss"]
    assert (row.rate, row.epoch, row.best) == (0.5, 1 + int(np.argmin(losses)), min(losses))
    outputs = row.model.predict(VALIDATION[0], verbose=0)
    by_hand = -np.log(np.where(VALIDATION[1] == 1, outputs[:, 0], 1 - outputs[:, 0])).mean()
    assert by_hand == pytest.approx(row.best, rel=1e-3), "not the weights of its best epoch"
    assert row.right.tolist() == ((outputs[:, 0] > 0.5) == VALIDATION[1]).astype(int).tolist()


def row(best, rate=0.1, epoch=1):
    empty = np.zeros(0)
    return train.Trial("하나", rate, 1, epoch, best, 0.0, 0.0, empty, {"loss": [1.0]}, None)


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
    rows, _ = run({"a": arm}, rates=(0.01, 0.1), seeds=(1, 2), epochs=3, patience=9)
    # A trace that makes variables is not the last; the model that stands in made its own before.
    assert Traced.traces == traces  # in three runs
    for row in rows:
        keras.utils.set_random_seed(row.seed)
        alone = arm(row.rate)
        told = alone.fit(
            *DATA, validation_data=VALIDATION, batch_size=128, epochs=row.epoch, verbose=0
        )
        assert told.history == {n: values[: row.epoch] for n, values in row.history.items()}
        answers = [model.predict(TEST[0], verbose=0).tolist() for model in (alone, row.model)]
        assert answers[0] == answers[1]


def test_a_run_that_burst_is_never_the_best():
    rows = [row(float("nan")), row(0.7), row(0.3), row(float("inf"))]
    assert train.best_of(rows, "val_loss").best == 0.3
    assert train.best_of(rows[:3], "val_accuracy").best == 0.7


def test_of_equals_the_best_is_the_one_that_came_there_first():
    """So that a task that is solved is no edge of the grid: the slowest rate comes there last."""
    rows = [row(1.0, 0.001, 46), row(1.0, 0.007, 22), row(0.9, 0.05, 3)]
    assert train.best_of(rows, "val_accuracy").rate == 0.007


def test_the_test_data_choose_nothing():
    wrong = TEST[0], 1 - TEST[1]
    (right_row,), _ = run(test=TEST)
    (wrong_row,), _ = run(test=wrong)
    assert right_row.rate == wrong_row.rate
    assert right_row.model.validated_with == VALIDATION[1].tolist()
    assert right_row.history == wrong_row.history
    assert right_row.epoch == wrong_row.epoch
    assert wrong_row.right.tolist() == (1 - right_row.right).tolist()
    assert len(right_row.right) == len(TEST[1])


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
    clock = SimpleNamespace(perf_counter=lambda: now[0], process_time=time.process_time)
    monkeypatch.setattr(train, "time", clock)

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


def test_a_trial_that_is_not_fair_is_refused_when_recorded(monkeypatch):
    _, shown = run(reason="", epochs=4)
    assert "에폭 상한 4" in shown.stdout
    assert "격자" not in shown.stdout
    _, shown = run(reason="", rates=(0.1, 0.5))
    assert "상한" not in shown.stdout
    assert "격자의 끝" in shown.stdout
    assert not run(reason="")[1].stdout
    monkeypatch.setenv("COURSE_RECORDING", "1")
    run(reason="")
    with pytest.raises(train.UnfairTrial, match="에폭 상한 4"):
        run(reason="", epochs=4)
    with pytest.raises(train.UnfairTrial, match="격자의 끝"):
        run(reason="", rates=(0.1, 0.5))
    _, shown = run(reason="출처가 이렇게 했습니다.", epochs=4)
    assert "출처가 이렇게 했습니다." in shown.stdout


@pytest.mark.parametrize(("rate", "ends"), [(0.1, True), (0.2, False), (0.3, True)])
def test_both_ends_of_the_grid_are_ends(rate, ends, capsys):
    train.hold("하나", rate, [0.1, 0.2, 0.3], [row(1.0)], 50, "")
    assert ("격자의 끝" in capsys.readouterr().out) == ends


def test_one_line_is_left_of_many_trials_and_no_warning(caplog):
    def said(rate):
        logging.getLogger("tensorflow").warning("5 out of the last 5 calls triggered retracing")
        logging.getLogger("tensorflow").warning("something else")
        return Model(rate)

    rows, shown = run({"하나": said}, seeds=(1, 2))
    assert [output.update for output in shown.outputs] == [False] + [True] * 5
    assert shown.outputs[-1].data["text/plain"].startswith("훈련 4번, ")
    assert {record.getMessage() for record in caplog.records} == {"something else"}
    assert not logging.getLogger("tensorflow").filters


# --- differences ---------------------------------------------------------------------------------


def test_a_difference_and_its_error_on_the_same_examples():
    one, other = np.array([1, 1, 1, 0] * 250), np.array([1, 1, 0, 0] * 250)
    gap = train.paired(one, other)
    assert gap.difference == 0.25
    each = (one - other).std(ddof=1) / np.sqrt(1000)
    assert gap.error == pytest.approx(each)
    assert gap.margin == pytest.approx(1.96 * gap.error, rel=0.01)
    assert gap.verdict == "높습니다"
    assert train.paired(other, one).verdict == "낮습니다"
    same = train.paired(one, one)
    assert (same.difference, same.margin, same.verdict) == (0, 0, "가릴 수 없습니다")


def test_seeds_that_vary_make_a_difference_uncertain():
    """A point between two means is nothing where the seeds of one lie three points apart."""
    steady, shaky = [0.80, 0.80, 0.80], [0.78, 0.81, 0.84]
    n = 4000

    def rows(shares):
        return np.array([np.arange(n) < share * n for share in shares]).astype(int)

    gap = train.paired(rows(shaky), rows(steady))
    assert gap.difference == pytest.approx(0.01)
    assert gap.error > 0.017  # that of the seeds alone
    assert gap.margin > 3 * gap.error, "three seeds say little of how they vary"
    assert gap.verdict == "가릴 수 없습니다"
    assert train.paired(rows([0.81]), rows([0.80])).verdict == "높습니다"


def test_a_network_of_many_seeds_stands_beside_one_baseline():
    draw = np.random.default_rng(0).random((4, 4000))
    assert train.paired(draw[:3] < 0.86, draw[3] < 0.80).verdict == "높습니다"


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

    def keep(name, make, build=None, **more):
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("COURSE_KEEP", str(tmp_path))
            result = train.kept(name, make, build, **more)
        file = tmp_path / f"{name}.json"
        told = json.loads(file.read_text("utf-8")) | {"made": "2026-11-29", "cpu": "a processor"}
        file.write_text(json.dumps(told | {"seconds": 150}), encoding="utf-8")
        return result

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
    class History:
        history = {"loss": [1.0]}

    keep("curve", lambda: (small(), History()))
    assert train.kept("curve", never) == (None, {"loss": [1.0]})
    assert [file.name for file in tmp_path.iterdir()] == ["curve.json"]


def test_a_kept_run_is_trained_here_when_asked_or_does_not_fit(keep, capsys, tmp_path, monkeypatch):
    keep("run", lambda: (small(), {"loss": [1.0]}), small)
    files = {file: file.read_bytes() for file in tmp_path.iterdir()}
    here = small()
    assert train.kept("run", lambda: (here, {"loss": [2]}), small, again=True) == (
        here,
        {"loss": [2]},
    )
    wide = small(4)  # the words of the sample are fewer
    model, curves = train.kept("run", lambda: (wide, {"loss": [3]}), lambda: small(4))
    assert (model, curves) == (wide, {"loss": [3]})
    assert "맞지 않아" in capsys.readouterr().out
    assert train.kept("new", lambda: (here, {"loss": [2]}), small)[0] is here
    monkeypatch.setenv("COURSE_SEED", "3")  # make band: five seeds are five runs
    assert train.kept("run", lambda: (here, {"loss": [2]}), small)[0] is here
    assert {file: file.read_bytes() for file in tmp_path.iterdir()} == files, "it keeps nothing"


def test_a_model_that_cannot_be_run_elsewhere_is_told_before_it_is_graded():
    from coursekit import checks

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
