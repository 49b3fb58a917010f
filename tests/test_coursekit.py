"""coursekit beside the data: text, plots and report."""

import itertools

import keras
import matplotlib.pyplot as plt
import numpy as np
import pytest
from coursekit import plots, prose, report, text
from IPython.utils.capture import capture_output
from matplotlib.colors import to_rgb


def test_vectorize_sequences():
    result = text.vectorize_sequences([[1, 3, 3], []], 5)
    assert result.dtype == "uint8"
    assert result.tolist() == [[0, 1, 0, 1, 0], [0, 0, 0, 0, 0]]


@pytest.mark.parametrize("sequence", [[5], [-1]])
def test_vectorize_sequences_refuses_a_number_outside(sequence):
    with pytest.raises(ValueError, match="sequence 0"):
        text.vectorize_sequences([sequence], 5)


def displayed(function, *args, **kwargs):
    with capture_output() as captured:
        function(*args, **kwargs)
    return captured.outputs


def test_show_stores_alt_text():
    from IPython.core.interactiveshell import InteractiveShell

    InteractiveShell.instance()
    fig, _ = plt.subplots()
    [output] = displayed(plots.show, fig, alt="막대가 하나 있다.")
    assert output.metadata["image/png"]["alt"] == "막대가 하나 있다."
    assert not plt.get_fignums()
    _, below = displayed(plots.show, plt.figure(), alt="빈 그림.", caption="그림 1.1. 빈 그림")
    assert below.data["text/markdown"] == "그림 1.1. 빈 그림"
    assert below.metadata == prose.CAPTION
    with pytest.raises(ValueError, match="alt"):
        plots.show(plt.figure(), alt=" ")


# How a colour looks with no cones for red, green or blue (Machado, Oliveira, Fernandes, 2009),
# as matrices on linear RGB.
EYES = {
    "all cones": [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
    "no red": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "no green": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "no blue": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}


def linear(color: str) -> np.ndarray:
    srgb = np.array(to_rgb(color))
    return np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)


def lab(rgb: np.ndarray) -> np.ndarray:
    """CIELAB under D65, in which a distance of 20 is plain to see."""
    matrix = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    xyz = np.array(matrix) @ rgb.clip(0, 1) / [0.9505, 1, 1.089]
    x, y, z = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("role", plots.COLORS)
def test_every_colour_is_dark_enough_on_white_for_text(role):
    luminance = np.array([0.2126, 0.7152, 0.0722]) @ linear(plots.COLORS[role])
    assert 1.05 / (luminance + 0.05) >= 4.5  # WCAG 2 AA


@pytest.mark.parametrize("eyes", EYES)
def test_colours_that_differ_are_told_apart_by_all_eyes(eyes):
    colors = sorted({color for role, color in plots.COLORS.items() if role != "muted"})
    for one, other in itertools.combinations(colors, 2):
        distance = lab(EYES[eyes] @ linear(one)) - lab(EYES[eyes] @ linear(other))
        assert np.linalg.norm(distance) > 20, (one, other)


def test_korean_glyphs_are_in_the_font(recwarn):
    fig, ax = plt.subplots()
    ax.set_title("한글 가나다")
    ax.set_xlim(-1, 1)  # a minus sign in the tick labels
    fig.canvas.draw()
    plt.close(fig)
    assert not [w for w in recwarn if "Glyph" in str(w.message)]


def test_seed_from_the_environment(monkeypatch):
    monkeypatch.setenv("COURSE_SEED", "7")
    assert report.set_seed(42) == 7
    first = keras.random.uniform((1,)).numpy()
    report.set_seed()
    assert keras.random.uniform((1,)).numpy() == first


def test_baselines():
    assert report.majority_baseline([0, 1, 1], [1, 1, 0, 0]) == 0.5
    texts = ["좋다 좋다", "나쁘다 싫다"] * 10
    labels = [1, 0] * 10
    result = report.linear_baseline(texts, labels, texts, labels)
    assert result["accuracy"] == 1.0
    assert result["seconds"] > 0


def test_the_linear_baseline_takes_word_numbers():
    numbers = [[1, 7, 300], [2, 7, 9], [1, 300], [2, 9, 9]] * 5
    labels = [1, 0, 1, 0] * 5
    texts = [" ".join(map(str, document)) for document in numbers]
    by_hand = report.linear_baseline(texts, labels, texts, labels, token_pattern=r"\S+")
    for given in (numbers, [np.array(row) for row in numbers], (row for row in numbers)):
        result = report.linear_baseline(given, labels, numbers, labels)
        assert {**result, "seconds": 0} == {**by_hand, "seconds": 0}
    # one digit is a word, as sklearn's own pattern would not have it
    assert report.linear_baseline([[1], [2]] * 9, [1, 0] * 9, [[1]], [1])["accuracy"] == 1.0
    pairs = report.linear_baseline(numbers, labels, numbers, labels, ngram_range=(2, 2))
    assert pairs["accuracy"] == 1.0


def test_timer_counts_cpu():
    with report.Timer() as timer:
        sum(range(2_000_000))
    assert 0 < timer.cpu <= timer.wall * 64


def test_a_progress_line_fits_a_phone():
    progress = report.Progress()
    progress.set_params({"epochs": 12})
    displayed(progress.on_train_begin)
    logs = {"accuracy": 0.5, "loss": 1.25, "val_accuracy": 0.4, "val_loss": 1.5}
    lines = progress._text(6, logs)["text/plain"].splitlines()
    assert lines[0].startswith("에폭 6/12  ")
    assert lines[1:] == ["accuracy 0.5000  loss 1.2500", "val_accuracy 0.4000  val_loss 1.5000"]
    assert max(map(len, lines)) < 40
