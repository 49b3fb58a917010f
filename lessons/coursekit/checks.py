"""What the locked checks of a graded notebook use. The grader's judge imports it too: no Keras."""

import contextlib
import functools
import sys
from collections.abc import Callable, Sequence
from difflib import SequenceMatcher

import numpy as np

QUOTE = 8  # characters in a row, or more
_lines: list[list[float]] = []


def korean(check: Callable[[], None]) -> None:
    """Run a check at once, as its decorator; say in Korean what went wrong, whatever it is.

    A check is a function so that its names are not those of the student's notebook.
    """
    try:
        check()
    except AssertionError as error:
        if error.args:
            raise
        raise AssertionError("검사하다가 멈추었습니다. 이름에 담긴 값을 보십시오.") from error
    except Exception as error:
        raise AssertionError(
            "검사하다가 오류가 났습니다. 이름에 담긴 값이 과제가 말한 종류인지 보십시오. "
            f"({type(error).__name__}: {error})"
        ) from error


def positive(outputs: np.ndarray) -> np.ndarray:
    """Which outputs say "positive": a probability, a number before the sigmoid, or two classes."""
    outputs = np.asarray(outputs, float).reshape(len(outputs), -1)
    if outputs.shape[1] > 1:
        return (outputs.argmax(axis=1) == 1).astype("int8")
    middle = 0.5 if outputs.min() >= 0 and outputs.max() <= 1 else 0.0
    return (outputs[:, 0] > middle).astype("int8")


def without_quote(text: str, review: str) -> tuple[str, bool]:
    """Cut a quotation of ``review`` out of ``text``: return the rest, and whether there was one."""
    pieces = {review[i : i + QUOTE] for i in range(len(review) - QUOTE + 1)}
    if not any(piece in text for piece in pieces):
        return text, False
    at, _, size = SequenceMatcher(None, text, review, autojunk=False).find_longest_match()
    return text[:at] + text[at + size :], True


def lines_drawn() -> list[list[float]]:
    """The heights of every line drawn since :func:`watch`."""
    return _lines


def is_drawn(values: Sequence[float]) -> bool:
    """Whether one of the lines drawn shows these values."""
    return any(len(line) == len(values) and np.allclose(line, values) for line in _lines)


def watch() -> None:
    """From now on keep what every line shows: a check can tell a curve from an empty figure."""
    from matplotlib.axes import Axes

    plot = Axes.plot
    if hasattr(plot, "watched"):
        return

    @functools.wraps(plot)
    def plot_and_keep(self, *args, **kwargs):
        lines = plot(self, *args, **kwargs)
        with contextlib.suppress(Exception):
            for line in lines[: 500 - len(_lines)]:
                heights = np.asarray(line.get_ydata(), float)
                if heights.ndim == 1 and 2 <= len(heights) <= 1000:
                    _lines.append(heights.tolist())
        return lines

    plot_and_keep.watched = True
    Axes.plot = plot_and_keep


# A homework imports this and calls nothing. In its kernel alone, not in the judge's process, and
# whether or not matplotlib has been imported before.
if "IPython" in sys.modules:
    with contextlib.suppress(ImportError):
        watch()
