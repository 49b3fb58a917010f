"""coursekit beside the data: text, plots and report."""

import itertools

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
