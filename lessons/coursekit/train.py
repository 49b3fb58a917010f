"""Seeds, time, baselines, and fair trials: what stands around the models a lesson writes out."""

import json
import logging
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import keras
import numpy as np
from IPython.display import display

Texts = Iterable[str | Iterable[int]]
Labels = Sequence[int]
Data = tuple[Any, np.ndarray]  # examples, and what is right for each
KEPT = Path(__file__).parent.parent / "kept"  # what `make keep` left


def set_seed(seed: int = 42) -> int:
    """Seed Python, NumPy and Keras with COURSE_SEED (``make band``) or ``seed``, and return it."""
    seed = int(os.environ.get("COURSE_SEED", seed))
    keras.utils.set_random_seed(seed)
    return seed


@cache
def skip_autotune() -> None:
    """Have every ``tf.data`` pipeline of this kernel run without TensorFlow's tuner.

    In 2.20 and 2.21 ``fit`` often waits for it after an epoch: it sleeps twice as long each time
    and misses the end of the data (``Model::OptimizeLoop``), so that an epoch may take twice its
    time. What is computed is the same. Calling it again changes nothing.
    """
    import tensorflow as tf

    iterate = tf.data.Dataset.__iter__

    def untuned(dataset: tf.data.Dataset) -> Iterator:
        (options := tf.data.Options()).autotune.enabled = False
        return iterate(dataset.with_options(options))

    tf.data.Dataset.__iter__ = untuned


class Timer:
    """``with Timer() as t:`` measures seconds: ``t.wall``."""

    def __enter__(self) -> "Timer":
        self._start = time.perf_counter()
        return self

    def __exit__(self, *error: object) -> None:
        self.wall = time.perf_counter() - self._start


def rewritten(text: str) -> Callable[[str], None]:
    """Show a line; return what rewrites it as work goes on. What it said last stays."""
    shown = display({"text/plain": text}, raw=True, display_id=True)
    # Outside of IPython nothing shows.
    return lambda text: shown.update({"text/plain": text}, raw=True) if shown else None


class Progress(keras.callbacks.Callback):
    """A line that is rewritten after each epoch, for ``fit(..., verbose=0)``."""

    def on_train_begin(self, logs: dict | None = None) -> None:
        self._start = time.perf_counter()
        self._say = rewritten(self._text(0, {}))

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        self._say(self._text(epoch + 1, logs or {}))

    def _text(self, epoch: int, logs: dict) -> str:
        """Numbers first, a line each for training and validation: no wider than a phone."""
        epochs = self.params.get("epochs") or 1
        bar = "█" * (done := round(10 * epoch / epochs)) + "░" * (10 - done)
        seconds = time.perf_counter() - self._start
        lines = [f"에폭 {epoch}/{epochs}  {seconds:.0f}초  {bar}"]
        for validation in (False, True):
            chosen = {n: v for n, v in logs.items() if n.startswith("val_") == validation}
            lines.append("  ".join(f"{name} {value:.4f}" for name, value in chosen.items()))
        return "\n".join(filter(None, lines))


def majority_baseline(y_train: Labels, y_test: Labels) -> float:
    """Accuracy on ``y_test`` of always answering the commonest class of ``y_train``."""
    commonest = np.bincount(np.asarray(y_train)).argmax()
    return float(np.mean(np.asarray(y_test) == commonest))


def linear_baseline(
    train_texts: Texts, y_train: Labels, test_texts: Texts, y_test: Labels, **tfidf: Any
) -> dict[str, Any]:
    """A linear SVM on tf-idf: the baseline every network of this course stands beside.

    scikit-learn's ``TfidfVectorizer(sublinear_tf=True, **tfidf)`` and ``LinearSVC()``, on strings
    or on lists of word numbers (a number is a word then). Returns the ``accuracy`` on the test
    documents, ``seconds`` of wall time for all, and ``right``: 0 or 1 for each test document.
    """
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import make_pipeline
    from sklearn.svm import LinearSVC

    texts = [list(train_texts), list(test_texts)]
    if not isinstance(texts[0][0], str):
        texts = [[" ".join(map(str, document)) for document in part] for part in texts]
        tfidf = {"token_pattern": r"\S+", **tfidf}
    with Timer() as timer:
        model = make_pipeline(TfidfVectorizer(**{"sublinear_tf": True, **tfidf}), LinearSVC())
        predicted = model.fit(texts[0], y_train).predict(texts[1])
    right = (predicted == np.asarray(y_test)).astype(int)
    return {"accuracy": float(right.mean()), "seconds": timer.wall, "right": right}


# --- fair trials ---------------------------------------------------------------------------------


class UnfairTrial(ValueError):
    """An arm was stopped by the cap on epochs, or its best rate is at the edge of the grid."""


@dataclass(frozen=True)
class Trial:
    """One training run of :func:`trials`."""

    arm: str
    rate: float  # the learning rate, the best of the grid for this arm
    seed: int
    epoch: int  # the best one by early stopping, counted from 1
    best: float  # what ``monitor`` was then
    accuracy: float  # mean of ``right``
    seconds: float  # wall time of preparing and training until it stopped
    right: np.ndarray  # a number an example of test (else validation): 1 if answered rightly
    history: dict[str, list[float]]
    model: keras.Model  # with the weights of its best epoch


def correct(y: np.ndarray, outputs: np.ndarray) -> np.ndarray:
    """Which outputs answer rightly, shape (n,): one probability each, or a column a class."""
    y, outputs = np.asarray(y), np.asarray(outputs)
    if outputs.ndim == 2 and outputs.shape[1] > 1:
        answers, y = outputs.argmax(axis=1), y.argmax(axis=1) if y.ndim == 2 else y
    else:
        answers = outputs.ravel() > 0.5
    return (answers == y.ravel()).astype(int)


def trials(
    arms: Mapping[str, Any],
    data: Data,
    validation: Data,
    rates: Sequence[float],
    seeds: Sequence[int] = (1, 2, 3),
    *,
    test: Data | None = None,
    part: int | None = None,
    epochs: int = 100,
    patience: int = 3,
    batch_size: int = 128,
    monitor: str = "val_loss",
    score: Callable[[np.ndarray, np.ndarray], np.ndarray] = correct,
    reason: str = "",
) -> list[Trial]:
    """Train each arm at the learning rate and for the epochs that suit it; a Trial an arm and seed.

    An arm is a function from a learning rate to a compiled model. Each tries every rate of the
    grid with the first seed (on the first ``part`` examples, if given), keeps the one with the best
    ``monitor``, and trains with every seed until ``monitor`` has not improved for ``patience``
    epochs; its best epoch counts. One clock: an arm that needs examples of its own is a pair
    ``(build, prepare)``, where ``prepare(x)`` sees the training examples and returns the function
    that turns examples into the model's inputs; the time of both is part of its seconds. TensorFlow
    traces a training step once for an arm where it can (:func:`stand_in`).

    While a lesson is recorded, a run that met the cap of ``epochs`` and a best rate at an end of
    the grid raise :class:`UnfairTrial`. Widen it, or say the ``reason``, which is shown.
    """
    rates, seeds = planned(rates, seeds)
    whole = len(arms) * (len(rates) + len(seeds) - (not part))
    say, count, mode = rewritten(f"훈련 0/{whole}"), 0, "max" if "acc" in monitor else "min"

    def one_arm(name: str, build: Callable, prepare: Callable | None = None) -> Iterator[Trial]:
        with Timer() as preparing:
            inputs = prepare(data[0]) if prepare else lambda x: x
            own = [(inputs(x), y) for x, y in (data, validation)]
        asked = (inputs(test[0]), test[1]) if test else own[1]
        two = keras.tree.map_structure(lambda array: array[:2], own[0])
        worker = build(rates[0])

        def run(rate: float, seed: int, part: int | None = None) -> Trial:
            nonlocal count
            few = keras.tree.map_structure(lambda array: array[:part], own[0]) if part else own[0]
            stop = keras.callbacks.EarlyStopping(
                monitor, mode=mode, patience=patience, restore_best_weights=True
            )
            keras.utils.set_random_seed(seed)
            with Timer() as training:
                model = build(rate)
                trained = stand_in(worker, model, two)
                trained.steps_per_execution = 32  # steps a call: the same numbers, a quarter sooner
                history = trained.fit(
                    *few,
                    validation_data=own[1],
                    epochs=epochs,
                    batch_size=batch_size,
                    callbacks=[stop],
                    verbose=0,
                ).history
                if trained is worker:
                    fill(model, state(worker))
            count += 1
            say(f"훈련 {count}/{whole}  {name}  학습률 {rate:g}  시드 {seed}")
            epoch, spent = stop.best_epoch + 1, preparing.wall + training.wall
            best = history[monitor][epoch - 1]
            return Trial(name, rate, seed, epoch, best, np.nan, spent, np.empty(0), history, model)

        best = best_of([run(rate, seeds[0], part) for rate in rates], mode)
        runs = [] if part else [best]
        runs += [run(best.rate, seed) for seed in seeds[len(runs) :]]
        hold(name, best.rate, rates, runs, epochs, reason)
        for one in runs:
            answering = stand_in(worker, one.model, two)
            right = score(asked[1], answering.predict(asked[0], batch_size=512, verbose=0))
            yield replace(one, right=right, accuracy=float(np.mean(right)))

    rows: list[Trial] = []
    logger = logging.getLogger("tensorflow")
    logger.addFilter(not_of_retracing)
    try:
        with Timer() as clock:
            for name, arm in arms.items():
                rows += one_arm(name, *(arm if isinstance(arm, tuple) else (arm,)))
    finally:
        logger.removeFilter(not_of_retracing)
    say(f"훈련 {count}번, {clock.wall:.0f}초")
    return rows


def stand_in(worker: keras.Model, model: keras.Model, few: Data) -> keras.Model:
    """``worker`` with all that ``model`` holds, if it then answers ``few`` alike; else ``model``.

    TensorFlow traces the step of each model anew, which takes longer than many a model here trains.
    So the models of one arm, which differ in the values of their variables, train in one of them.
    """
    if not (worker.built and model.built):
        return model
    settings = []
    for one in (worker, model):  # what `fit` makes inside the first trace, it traces again for
        one.optimizer.build(one.trainable_variables)
        settings.append(one.optimizer.get_config() | {"name": ""})
        if isinstance(settings[-1]["learning_rate"], float):  # no schedule: a variable holds it
            settings[-1]["learning_rate"] = 0.0
    shapes = [[variable.shape for variable in state(one)] for one in (worker, model)]
    if settings[0] != settings[1] or shapes[0] != shapes[1]:
        return model
    held = [variable.numpy() for variable in state(model)]
    fill(worker, held)
    answers = [one(few[0]) for one in (worker, model)]
    worker.compute_metrics(*few, answers[0])  # makes them
    for one in (worker, model):  # a recurrent layer with dropout draws a mask even now
        fill(one, held)
    return worker if np.array_equal(*answers) else model


def state(model: keras.Model) -> list[keras.Variable]:
    """All that training changes: weights, seeds of dropout, what the optimizer keeps."""
    return model.variables + model.optimizer.variables


def fill(model: keras.Model, values: Sequence[Any]) -> None:
    """Give a model's variables these values."""
    for variable, value in zip(state(model), values, strict=True):
        variable.assign(value)


def not_of_retracing(record: logging.LogRecord) -> bool:
    """TensorFlow warns that one model after the other is traced: that is the plan."""
    return "retracing" not in record.getMessage()


def planned(rates: Sequence[float], seeds: Sequence[int]) -> tuple[list[float], list[int]]:
    """The grid, sorted, and the seeds; the tests take fewer of both."""
    return sorted(rates), list(seeds)


def best_of(tried: Sequence[Trial], mode: str) -> Trial:
    """The run with the best epoch of all, "max" or "min"; of equals the one that came there first.

    One that is no number never is.
    """
    sign = -1 if mode == "max" else 1
    return min(tried, key=lambda one: (np.nan_to_num(sign * one.best, nan=np.inf), one.epoch))


def hold(
    arm: str, rate: float, rates: Sequence[float], runs: Sequence[Trial], epochs: int, reason: str
) -> None:
    """Refuse an unfair arm while a lesson is recorded; say so otherwise. See :func:`trials`."""
    found = []
    if any(len(run.history["loss"]) >= epochs for run in runs):
        found.append(f"{arm}: 에폭 상한 {epochs}에서 멈추었습니다.")
    if rate in (rates[0], rates[-1]):
        found.append(f"{arm}: 가장 좋은 학습률 {rate:g}이(가) 격자의 끝입니다.")
    if found and not reason and os.environ.get("COURSE_RECORDING"):
        raise UnfairTrial(" ".join(found) + " 넓히거나 reason=에 까닭을 적으십시오.")
    for sentence in found:
        print(sentence, reason)


@dataclass(frozen=True)
class Difference:
    """How much more the first of two has than the second, and whether that is more than error."""

    difference: float
    error: float  # one standard error
    margin: float  # a difference up to this is undecided
    verdict: str  # 높습니다, 낮습니다 or 가릴 수 없습니다


def paired(first: Any, second: Any) -> Difference:
    """Compare two answerers on the same examples.

    Each holds a number an example (1 for a right answer, or an error), of shape (n,), or (seeds, n)
    where several seeds were trained. The standard error has two parts: of the examples, from the
    differences example by example; and, with several seeds, of the seeds. The one rule of this
    course: a difference is undecided within the 95 % of Student's t (degrees of freedom by Welch).
    Simulated where recipes are equally good, 3 seeds find a difference in 1 to 6 of 100 cases, 5
    seeds in 1 to 5; one seed speaks of two trained models, not of their recipes: in 5 to 63.
    """
    from scipy.stats import t

    one, other = (np.atleast_2d(np.asarray(rows, float)) for rows in (first, second))
    each = one.mean(axis=0) - other.mean(axis=0)
    parts = [(each.var(ddof=1) / len(each), len(each) - 1)]
    parts += [
        (rows.mean(axis=1).var(ddof=1) / len(rows), len(rows) - 1)
        for rows in (one, other)
        if len(rows) > 1
    ]
    variance = sum(part for part, _ in parts)
    freedom = variance**2 / (sum(part**2 / degrees for part, degrees in parts) or 1)
    difference, error = float(each.mean()), float(np.sqrt(variance))
    margin = float(t.ppf(0.975, max(freedom, 1)) * error)
    verdict = "높습니다" if difference > 0 else "낮습니다"
    if abs(difference) <= margin:
        verdict = "가릴 수 없습니다"
    return Difference(difference, error, margin, verdict)


# --- kept runs -----------------------------------------------------------------------------------


def kept(
    name: str,
    make: Callable[[], tuple[keras.Model, Any]],
    build: Callable[[], keras.Model] | None = None,
    *,
    again: bool = False,
) -> tuple[keras.Model | None, dict[str, list[float]]]:
    """Load a run that is too long for a learner from lessons/kept, and say so.

    Returns the model and its history, a list for each metric. ``name`` is that of the files; the
    cells that make them are tagged ``keep``. ``make`` trains; it returns the model and what ``fit``
    returned, or such a dictionary. ``build`` makes the same model, untrained, for the kept weights
    (float16); without it there is no model. It is trained here and now if asked ``again``, and
    where the weights do not fit: the sample has fewer words.
    """
    folder = os.environ.get("COURSE_KEEP")  # where `make keep` wants it
    file = Path(folder or KEPT, f"{name}.json")
    again = again or "COURSE_SEED" in os.environ  # a band wants runs of its own
    if not again and not folder and file.exists():
        told = json.loads(file.read_text(encoding="utf-8"))
        model = build() if build else None
        try:
            if model is not None:
                with np.load(file.with_suffix(".npz")) as packed:
                    model.set_weights([packed[name].astype("float32") for name in packed.files])
        except ValueError:
            print("보관한 가중치가 이 데이터로 만든 모델과 맞지 않아 여기서 훈련합니다.")
        else:
            epochs = max(map(len, told["history"].values()))
            print(
                f"{epochs} 에폭을 {told['seconds'] / 60:.0f}분 동안 훈련해 둔 결과를 불러왔습니다"
                f"({told['made']}, {told['cpu']}). 직접 훈련하려면 again=True를 더하십시오."
            )
            return model, told["history"]
    with Timer() as timer:
        model, history = make()
    curves = getattr(history, "history", history)
    curves = {metric: [float(value) for value in values] for metric, values in curves.items()}
    if folder:
        if build:
            small = (weight.astype("float16") for weight in model.get_weights())
            np.savez_compressed(file.with_suffix(".npz"), *small)
        told = {"history": curves, "seconds": round(timer.wall)}
        file.write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")
    return model, curves
