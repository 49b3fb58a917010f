"""Seeds, time, baselines; and what a lesson says of its numbers (see :mod:`coursekit.prose`)."""

import os
import time
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from IPython.display import display

from coursekit.prose import glue, say, table  # noqa: F401  # a lesson knows them by report

Texts, Labels = Iterable[str | Iterable[int]], Sequence[int]
_iterate = tf.data.Dataset.__iter__


def _untuned(dataset: tf.data.Dataset) -> Iterator:
    """Iterate without tf.data's tuner: TensorFlow 2.20 and 2.21 often wait for it after an epoch.

    It sleeps twice as long each time and misses the end of the data (``Model::OptimizeLoop``), so
    that ``fit`` stands still for up to as long as the epoch took. What is computed is the same.
    """
    (options := tf.data.Options()).autotune.enabled = False
    return _iterate(dataset.with_options(options))


tf.data.Dataset.__iter__ = _untuned


def set_seed(seed: int = 42) -> int:
    """Seed Python, NumPy and Keras with COURSE_SEED (``make band``) or ``seed``, and return it."""
    seed = int(os.environ.get("COURSE_SEED", seed))
    keras.utils.set_random_seed(seed)
    return seed


class Timer:
    """``with Timer() as t:`` measures seconds: ``t.wall``, and ``t.cpu`` over all threads."""

    def __enter__(self) -> "Timer":
        self._start = time.perf_counter(), time.process_time()
        return self

    def __exit__(self, *error: object) -> None:
        self.wall = time.perf_counter() - self._start[0]
        self.cpu = time.process_time() - self._start[1]


class Progress(keras.callbacks.Callback):
    """One line that is rewritten after each epoch, for ``fit(..., verbose=0)``."""

    def on_train_begin(self, logs: dict | None = None) -> None:
        self._start = time.perf_counter()
        self._line = display(self._text(0, {}), raw=True, display_id=True)

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        self._line.update(self._text(epoch + 1, logs or {}), raw=True)

    def _text(self, epoch: int, logs: dict) -> dict:
        """Numbers first, a line each for training and validation: no wider than a phone."""
        epochs = self.params.get("epochs") or 1
        bar = "█" * (done := round(10 * epoch / epochs)) + "░" * (10 - done)
        seconds = time.perf_counter() - self._start
        lines = [f"에폭 {epoch}/{epochs}  {seconds:.0f}초  {bar}"]
        for validation in (False, True):
            chosen = {n: v for n, v in logs.items() if n.startswith("val_") == validation}
            lines.append("  ".join(f"{name} {value:.4f}" for name, value in chosen.items()))
        return {"text/plain": "\n".join(filter(None, lines))}


def majority_baseline(y_train: Labels, y_test: Labels) -> float:
    """Accuracy on ``y_test`` of always answering the commonest class of ``y_train``."""
    commonest = np.bincount(np.asarray(y_train)).argmax()
    return float(np.mean(np.asarray(y_test) == commonest))


def linear_baseline(
    train_texts: Texts, y_train: Labels, test_texts: Texts, y_test: Labels, **tfidf: Any
) -> dict[str, float]:
    """A linear SVM on tf-idf: the baseline every network of this course stands beside.

    scikit-learn's ``TfidfVectorizer(sublinear_tf=True, **tfidf)`` and ``LinearSVC()``, on strings
    or on lists of word numbers (a number is a word then). Returns the ``accuracy`` on the test
    documents, and ``seconds`` of wall time for all.
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
    return {"accuracy": float(np.mean(predicted == np.asarray(y_test))), "seconds": timer.wall}
