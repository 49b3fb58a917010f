"""coursekit beside the data: text, plots and report."""

import itertools

import keras
import matplotlib.pyplot as plt
import numpy as np
import pytest
from colours import EYES, contrast, lab, linear
from coursekit import plots, report, text
from IPython.utils.capture import capture_output


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
    assert below.metadata == report.CAPTION
    with pytest.raises(ValueError, match="alt"):
        plots.show(plt.figure(), alt=" ")


@pytest.mark.parametrize("role", plots.COLORS)
def test_every_colour_is_dark_enough_on_white_for_text(role):
    assert contrast(linear(plots.COLORS[role]), linear("white")) >= 4.5  # WCAG 2 AA


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


def test_fit_and_predict_do_not_wait_for_the_tuner(monkeypatch):
    tuned, iterate = [], report._iterate

    def kept(dataset):
        tuned.append(dataset.options().autotune.enabled)
        return iterate(dataset)

    monkeypatch.setattr(report, "_iterate", kept)
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    x = np.ones((40, 2))
    model.fit(x, x[:, 0], validation_split=0.2, epochs=2, verbose=0)
    model.predict(x, verbose=0)
    assert set(tuned) == {False}
