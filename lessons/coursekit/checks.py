"""What the locked checks of a graded notebook use. The grader's judge imports it too: no Keras."""

import contextlib
import functools
import re
import sys
import tempfile
from collections.abc import Callable, Sequence
from difflib import SequenceMatcher
from pathlib import Path

import numpy as np

QUOTE = 8  # characters in a row, or more
WEIGHTS = 45_000_000  # of a network, as many as fit twice into what a box may hand over
# Operations that reach out of a graph, into files or into Python.
OUTSIDE = re.compile(
    r"^(Write|Read)File|MatchingFiles|Print|PyFunc|Summary|Dataset|Reader|Debug|TextFile|ImmutableConst"
)
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


def answer(call: Callable, *given) -> np.ndarray | None:
    """What a call gives, as an array of numbers; None where it fails or gives no numbers."""
    try:
        return np.asarray(call(*given), float)
    except Exception:
        return None


def agree(given, wanted) -> bool:
    """Whether these are the wanted numbers, in the wanted shape; check and judge ask alike."""
    try:
        one, other = np.asarray(given, float), np.asarray(wanted, float)
    except (TypeError, ValueError):
        return False
    if one.size == other.size == 1:
        one = one.reshape(other.shape)
    return one.shape == other.shape and bool(np.allclose(one, other, 1e-4, 1e-6))


def positive(outputs: np.ndarray) -> np.ndarray:
    """Which outputs say "positive": a probability, a number before the sigmoid, or two classes."""
    outputs = np.asarray(outputs, float).reshape(len(outputs), -1)
    if outputs.shape[1] > 1:
        return (outputs.argmax(axis=1) == 1).astype("int8")
    middle = 0.5 if outputs.min() >= 0 and outputs.max() <= 1 else 0.0
    return (outputs[:, 0] > middle).astype("int8")


def without_quote(text: str, review: str) -> tuple[str, bool]:
    """Cut a quotation of ``review`` out of ``text``: return the rest, and whether there was one."""
    if not any(review[i : i + QUOTE] in text for i in range(len(review) - QUOTE + 1)):
        return text, False
    at, _, size = SequenceMatcher(None, text, review, autojunk=False).find_longest_match()
    return text[:at] + text[at + size :], True


def accuracy(answers: np.ndarray, labels: np.ndarray) -> float:
    """The share of right answers; labels may stand in a column, or in two of which one is 1."""
    answers, labels = np.asarray(answers), np.asarray(labels)
    labels = labels.reshape(len(labels), -1)
    labels = labels[:, 0] if labels.shape[1] == 1 else labels.argmax(axis=1)
    return float(np.mean(answers.reshape(-1) == labels))


def numbers(text: str) -> list[float]:
    """The numbers in a text: 1,742 and 18.5."""
    return [float(n.replace(",", "")) for n in re.findall(r"\d[\d,]*\.?\d*", text)]


def tells_lengths(text: str, lengths: np.ndarray, length: int) -> bool:
    """Whether a text holds a number measured from how long the sequences are.

    A quantile, the mean, the most frequent one, how far they scatter; how many fit into a length
    that the text names, or are cut by it: as a share or counted.
    """
    told = numbers(text)
    levels = (0.25, 0.5, 0.75, 0.8, 0.9, 0.95, 0.98, 0.99, 1)
    measured = [np.quantile(lengths, level) for level in levels]
    measured += [lengths.mean(), lengths.std(), np.bincount(lengths.astype(int)).argmax()]
    named = {0.5 * length, length, 1.5 * length, 2 * length, *(n for n in told if n < 5000)}
    shares = [np.mean(lengths <= one) for one in named]
    shares = [share for share in shares if 0 < share < 1] + [np.mean(lengths <= length)]
    shares += [1 - share for share in shares]
    counts = [share * len(lengths) for share in shares if share * len(lengths) >= 100]
    return (
        any(abs(n - m) <= 0.51 for n in told for m in measured)
        or any(abs(n - 100 * s) <= 0.51 or abs(n - s) <= 0.0051 for n in told for s in shares)
        or any(abs(n - c) <= 0.5 for n in told for c in counts)
    )


def tells(text: str, measured: Sequence[float], near: float) -> int:
    """How many of these shares a text names, as 0.853 or 85.3; a text of numbers names none."""
    told = numbers(text)
    told += [n / 100 for n in told]
    found = sum(any(abs(n - value) <= near for n in told) for value in measured)
    return found if len(told) <= 40 else 0


def lacks_words(text: str) -> str:
    """Why a text (quotations cut out) is too little of one's own, in Korean, or nothing."""
    sentences = [s.strip() for s in text.replace("\n", " ").split(".") if s.strip()]
    if len(text.strip()) < 150:
        return f"인용을 뺀 자기 글이 {len(text.strip())}자입니다. 150자 이상 적으십시오."
    if len(set(text.split())) < 25 or len(set(sentences)) < 0.8 * len(sentences):
        return "인용을 뺀 자기 글이 같은 말을 되풀이합니다."
    return ""


def outside(content: bytes) -> list[str]:
    """Name the operations of a saved_model.pb that reach out of it; loading it may run them."""
    from tensorflow.core.protobuf import saved_model_pb2

    graphs = [meta.graph_def for meta in saved_model_pb2.SavedModel.FromString(content).meta_graphs]
    parts = [graph.node for graph in graphs]
    parts += [function.node_def for graph in graphs for function in graph.library.function]
    return sorted({node.op for part in parts for node in part if OUTSIDE.search(node.op)})


def can_be_exported(model, length: int) -> None:
    """Say in Korean what keeps a Keras model from being run elsewhere, as the grader will.

    Raises:
        AssertionError: something does.
    """
    import keras
    import tensorflow as tf

    model(np.zeros((1, length), "int32"))
    if (count := model.count_params()) > WEIGHTS:
        raise AssertionError(
            f"model의 가중치가 {count:,}개입니다. 채점하는 컴퓨터는 {WEIGHTS:,}개까지 받습니다. "
            "어휘나 임베딩의 폭을 줄이십시오."
        )
    logger = tf.get_logger()  # it names the folder, which is nothing to a student
    logger.addFilter(quiet := lambda record: "Assets written" not in record.getMessage())
    try:
        archive = keras.export.ExportArchive()
        archive.track(model)
        given = [tf.TensorSpec((None, length), "int32")]
        archive.add_endpoint("serve", lambda x: model(x, training=False), input_signature=given)
        with tempfile.TemporaryDirectory() as folder:
            archive.write_out(folder, verbose=False)
            reaching = outside(Path(folder, "saved_model.pb").read_bytes())
    except Exception as error:
        raise AssertionError(
            "model을 계산 그래프로 꺼내지 못했습니다. 채점할 때도 꺼내지 못해 model의 점수를 모두 "
            f"잃습니다. 글마다 번호가 {length}개인 정수 배열을 받고, call 안에서 TensorFlow나 "
            f"Keras의 함수만 쓰는지 보십시오. ({type(error).__name__}: {str(error)[:300]})"
        ) from error
    finally:
        logger.removeFilter(quiet)
    if reaching:
        raise AssertionError(
            f"model의 계산 그래프가 화면이나 파일이나 파이썬을 씁니다({', '.join(reaching)}). 그런 "
            "model은 채점할 때 실행하지 않아 점수를 모두 잃습니다. call 안의 tf.print나 "
            "tf.py_function 같은 것을 지우십시오."
        )


def lines_drawn() -> list[list[float]]:
    """The heights of every line drawn since :func:`watch`."""
    return _lines


def is_drawn(values: Sequence[float]) -> bool:
    """Whether one of the lines drawn shows these values."""
    return any(len(line) == len(values) and np.allclose(line, values) for line in _lines)


@functools.cache
def watch() -> None:
    """From now on keep what every line shows: a check can tell a curve from an empty figure."""
    from matplotlib.axes import Axes

    plot = Axes.plot

    @functools.wraps(plot)
    def plot_and_keep(self, *args, **kwargs):
        lines = plot(self, *args, **kwargs)
        with contextlib.suppress(Exception):
            for line in lines[: 500 - len(_lines)]:
                heights = np.asarray(line.get_ydata(), float)
                if heights.ndim == 1 and 2 <= len(heights) <= 1000:
                    _lines.append(heights.tolist())
        return lines

    Axes.plot = plot_and_keep


# A homework imports this and calls nothing. In its kernel alone, not in the judge's process, and
# whether or not matplotlib has been imported before.
if "IPython" in sys.modules:
    with contextlib.suppress(ImportError):
        watch()
