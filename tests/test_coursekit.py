"""coursekit beside the data: text, plots and checks."""

import itertools
import subprocess
import sys
from io import BytesIO
from unittest.mock import Mock

import matplotlib.pyplot as plt
import numpy as np
import pytest
from colours import EYES, contrast, lab, linear
from coursekit import checks, plots, report, text
from PIL import Image
from small import displayed


def test_vectorize_sequences():
    result = text.vectorize_sequences([[1, 3, 3], []], 5)
    assert result.dtype == "uint8"
    assert result.tolist() == [[0, 1, 0, 1, 0], [0, 0, 0, 0, 0]]
    for outside in (5, -1):
        with pytest.raises(ValueError, match="sequence 0"):
            text.vectorize_sequences([[outside]], 5)


# --- what a picture knows of itself --------------------------------------------------------------


def picture(fig, **more):
    """The picture of a figure, and what it tells the book."""
    output = displayed(plots.show, fig, alt="그림.", **more)[0]
    return Image.open(BytesIO(output.data["image/png"])), output.metadata["image/png"]


def test_a_picture_has_words_and_a_number():
    fig = plt.figure()
    report.glue(gates=3)
    shown, below = displayed(plots.show, fig, alt="{gates}개가 있다.", caption="그림 1.1. 막대")
    assert shown.metadata["image/png"]["alt"] == shown.data["text/plain"] == "3개가 있다."
    assert (below.data["text/markdown"], below.metadata) == ("그림 1.1. 막대", report.CAPTION)
    assert not plt.fignum_exists(fig.number)
    assert len(displayed(plots.show, plt.figure(), alt="빈 그림.")) == 1
    with pytest.raises(ValueError, match="alt"):
        plots.show(plt.figure(), alt=" ")


def test_a_drawing_is_a_figure_with_words_and_a_number(tmp_path, monkeypatch):
    monkeypatch.setattr(plots, "FIGURES", tmp_path)
    (tmp_path / "cell.svg").write_text("<svg><title>칸</title></svg>\n", encoding="utf-8")
    shown, below = displayed(plots.drawing, "cell", "문이 셋.", "그림 4.2. LSTM의 칸")
    assert shown.data == {
        "image/svg+xml": "<svg><title>칸</title></svg>",
        "text/plain": "문이 셋.",
    }
    assert shown.metadata == {"image/svg+xml": {"alt": "문이 셋."}}
    assert below.data["text/markdown"] == "그림 4.2. LSTM의 칸"


def test_every_colour_can_be_read_on_white_and_is_told_apart_by_all_eyes():
    colors = sorted({color for role, color in plots.COLORS.items() if role != "muted"})
    for color in plots.COLORS.values():
        assert contrast(linear(color), linear("white")) >= 4.5, color  # WCAG 2 AA
    for (one, other), eyes in itertools.product(itertools.combinations(colors, 2), EYES.values()):
        distance = lab(eyes @ linear(one)) - lab(eyes @ linear(other))
        assert np.linalg.norm(distance) > 20, (one, other)


def test_korean_glyphs_are_in_the_font_and_can_be_read_on_a_phone(recwarn):
    fig, ax = plt.subplots()
    ax.set(title="한글 가나다", xlabel="가로", ylabel="세로", xlim=(-1, 1))  # and a minus sign
    image, told = picture(fig)
    assert not [w for w in recwarn if "Glyph" in str(w.message)]
    assert image.width == pytest.approx(2 * told["width"], abs=1), "two dots a CSS pixel"
    assert 450 < told["width"] <= 570
    assert told["smallest"] / 72 * 100 * min(1, 358 / told["width"]) >= 9.5


def test_a_picture_tells_its_smallest_letters():
    fig, ax = plt.subplots()
    ax.text(0.5, 0.5, "작은 글", fontsize=7.5)
    ax.text(0.5, 0.5, " ", fontsize=3)
    ax.text(0.5, 0.5, "숨은 글", fontsize=2, visible=False)
    assert picture(fig)[1]["smallest"] == 7.5
    fig, ax = plt.subplots()
    ax.loglog([1, 1000], [1, 1000])  # its powers are smaller than its labels
    assert picture(fig)[1]["smallest"] < 8


@pytest.mark.parametrize("scale", ["linear", "log"])
def test_a_picture_tells_where_its_values_are(scale):
    fig, axes = plt.subplots(1, 2, figsize=(6.4, 2.9), layout="constrained")
    axes[0].plot([1, 2], [1, np.nan], label="멀리 있는 선")
    axes[1].plot([3, 20, 45], [0.5, 8, 2], "o", ms=5, color="red", label="점")
    axes[1].plot([3, 20], [1, 1])  # has no name
    axes[1].axvline(5, label="이름 있는 자리")
    axes[1].set(xlabel="에폭", ylabel="손실", xscale=scale, yscale=scale, title="제목")
    image, told = picture(fig)
    first, second = told["values"]
    assert first["lines"] == [{"name": "멀리 있는 선", "x": [1.0], "y": [1.0]}]
    assert second["lines"] == [{"name": "점", "x": [3.0, 20.0, 45.0], "y": [0.5, 8.0, 2.0]}]
    assert (second["x"]["name"], second["y"]["name"]) == ("에폭", "손실")

    def share(value, low, high):
        curve = np.log if scale == "log" else float
        return (curve(value) - curve(low)) / (curve(high) - curve(low))

    left, right, top, bottom = second["box"]
    x = left + share(20, *second["x"]["limits"]) * (right - left)
    y = bottom - share(8, *second["y"]["limits"]) * (bottom - top)
    red = np.array(image.convert("RGB")).astype(int)
    rows, columns = np.nonzero((red[..., 0] > 200) & (red[..., 1:].max(axis=-1) < 60))
    above = rows < rows.min() + 16  # of the three dots the highest
    assert x * image.width == pytest.approx(columns[above].mean(), abs=2)
    assert y * image.height == pytest.approx(rows[above].mean(), abs=2)


def test_dots_tell_the_names_of_their_rows_and_long_lines_some_of_their_points():
    runs = {"LSTM": [0.5, 0.52], "GRU": [0.51, 0.51]}
    shown = displayed(plots.dots, runs, "정확도", lines={"다수": 0.4}, alt="점")[0]
    [told] = shown.metadata["image/png"]["values"]
    assert told["y"]["places"] == {"0": "LSTM", "1": "GRU"}
    assert [line["x"] for line in told["lines"]] == list(runs.values())
    shown = displayed(plots.curves, {"긴 선": np.arange(6000)}, "걸음", "값", alt="선")[0]
    [line] = shown.metadata["image/png"]["values"][0]["lines"]
    assert 100 < len(line["x"]) < 200 and line["y"][1] == line["x"][1] - 1
    assert (
        "values" not in displayed(plots.bars, {"가": 1}, "값", alt="막대")[0].metadata["image/png"]
    )


def test_a_map_of_heat_stays_light_and_what_its_author_fixes():
    def one(draw, **more):
        fig, ax = plt.subplots()
        draw(ax)
        return picture(fig, **more)[1]["dark"]

    assert one(lambda ax: ax.plot([1, 2])) is True
    assert one(lambda ax: ax.plot([1, 2]), fixed=True) is False
    assert one(lambda ax: ax.imshow([[1, 2]])) is False


def test_a_small_picture_keeps_its_colours():
    """Even that of one dot: it is a palette that is stored."""
    fig, ax = plt.subplots()
    for place, color in enumerate(plots.COLORS.values()):
        ax.plot([place], [0], "o", color=color, ms=4)
    image, _ = picture(fig)
    assert image.mode == "P"
    colors = np.array([color for _, color in image.convert("RGB").getcolors(999)])
    for color in plots.COLORS.values():
        wanted = np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)])
        assert np.abs(colors - wanted).max(axis=1).min() <= 6, color


# --- the plots that lessons share ----------------------------------------------------------------


@pytest.fixture
def drawn(monkeypatch):
    """A function that draws; the figure, kept open, with what was said of it."""

    def draw(plot, *given, **more):
        shown = []
        with monkeypatch.context() as patch:
            patch.setattr(plots, "show", lambda *figure_and_words: shown.append(figure_and_words))
            plot(*given, **more)
        [(fig, *said)] = shown
        return fig.axes, said

    yield draw
    plt.close("all")


def test_history_curves_show_training_and_validation_in_their_colours(drawn):
    told = {"loss": [3, 2, 1], "val_loss": [4, 3, 5]}
    told |= {"accuracy": [1, 2, 3], "val_accuracy": [1, 1, 2]}
    axes, said = drawn(plots.history_curves, told, "두 곡선.", "", "그림 1.1.", marks={"출처": 2})
    assert said == ["두 곡선.", "그림 1.1."]
    for ax, metric in zip(axes, ("loss", "accuracy"), strict=True):
        train, validation, mark = ax.get_lines()
        assert list(train.get_ydata()) == told[metric]
        assert list(train.get_xdata()) == [1, 2, 3], "epochs count from 1"
        assert (train.get_label(), train.get_color()) == ("훈련", plots.COLORS["train"])
        assert list(validation.get_ydata()) == told[f"val_{metric}"]
        assert validation.get_color() == plots.COLORS["validation"]
        assert (mark.get_label(), set(mark.get_xdata())) == ("출처", {2})
    axes, _ = drawn(plots.history_curves, {"loss": [3], "accuracy": [1]}, "훈련만.")
    assert len(axes[0].get_lines()) == 1


def test_dots_are_a_row_a_condition_and_a_dot_a_seed(drawn):
    runs = {"4유닛": [0.5, 0.6], "64유닛": [0.8, 0.7, 0.9]}
    words, lines = {"alt": "점.", "caption": "그림 1.2. 점"}, {"다수 범주": 0.35, "선형": 0.8}
    [ax], said = drawn(plots.dots, runs, "정확도", lines, **words)
    assert said == ["점.", "그림 1.2. 점"]
    one, other, *marks = ax.get_lines()
    assert (list(one.get_xdata()), list(one.get_ydata())) == ([0.5, 0.6], [0, 0])
    assert (list(other.get_xdata()), list(other.get_ydata())) == ([0.8, 0.7, 0.9], [1, 1, 1])
    assert [label.get_text() for label in ax.get_yticklabels()] == list(runs)
    assert ax.yaxis_inverted(), "the first row stands above"
    assert {line.get_label(): line.get_xdata()[0] for line in marks} == lines
    assert marks[0].get_linestyle() != marks[1].get_linestyle()


def test_a_plot_drawn_into_axes_is_shown_by_who_made_them():
    fig, axes = plt.subplots(1, 4)
    shown = displayed(plots.dots, {"하나": [1]}, "정확도", ax=axes[0])
    shown += displayed(plots.bars, {"하나": 1}, "수", ax=axes[1])
    shown += displayed(plots.heat, [[1]], ["하나"], ["둘"], ax=axes[2])
    shown += displayed(plots.curves, {"하나": [1, 2]}, "에폭", "손실", ax=axes[3])
    assert not shown and plt.fignum_exists(fig.number)
    assert all(ax.lines or ax.patches or ax.images for ax in axes)
    plt.close(fig)


def test_bars_say_their_values_and_stand_in_order(drawn):
    [ax], _ = drawn(plots.bars, {"첫째": 0.25, "둘째": 0.5}, "정확도", alt="막대.", form="{:.1f}")
    assert [bar.get_width() for bar in ax.patches] == [0.25, 0.5]
    assert [text.get_text() for text in ax.texts] == ["0.2", "0.5"]
    assert ax.yaxis_inverted()


def test_a_map_of_heat_has_its_numbers_on_their_places(drawn):
    names = [["가", "나"], ["다", "라"]]
    [ax], _ = drawn(plots.heat, [[0, 1], [0.5, 0.25]], *names, "{:.2f}", alt="표.", vmin=0)
    assert ax.images[0].get_array().tolist() == [[0, 1], [0.5, 0.25]]
    places = {text.get_text(): text.get_position() for text in ax.texts}
    assert places == {"0.00": (0, 0), "1.00": (1, 0), "0.50": (0, 1), "0.25": (1, 1)}
    assert [text.get_color() for text in ax.texts[:2]] == ["black", "white"]
    assert [label.get_text() for label in ax.get_yticklabels()] == names[0]
    [ax], _ = drawn(plots.heat, [[0, 1]], ["가"], ["다", "라"], alt="수가 없는 표.")
    assert not ax.texts


def test_curves_are_told_apart_without_colour(drawn):
    lines = {"넓은 층": [3, 2, 1], "좁은 층": [3, 3, 2]}
    [ax], _ = drawn(plots.curves, lines, "에폭", "손실", alt="곡선.")
    one, other = ax.get_lines()
    assert {line.get_label(): list(line.get_ydata()) for line in (one, other)} == lines
    assert list(one.get_xdata()) == [1, 2, 3]
    assert one.get_color() != other.get_color()
    assert one.get_linestyle() != other.get_linestyle()
    [ax], _ = drawn(plots.curves, {"하나": [5, 6]}, "길이", "수", alt="곡선.", x=[10, 20])
    assert list(ax.get_lines()[0].get_xdata()) == [10, 20]


# --- checks --------------------------------------------------------------------------------------

BARE = "import sys; from coursekit import checks; assert 'matplotlib' not in sys.modules"
PLOT = "import matplotlib; matplotlib.use('agg'); import matplotlib.pyplot as plt"


@pytest.mark.parametrize(
    ("imports", "seen"),
    [
        (f"import IPython; from coursekit import checks; {PLOT}", True),
        (f"import IPython; {PLOT}; from coursekit import checks", True),
        (f"import IPython; from coursekit import checks, plots; {PLOT}; checks.watch()", True),
        (f"{BARE}; {PLOT}", False),  # the judge, who has no notebook and no matplotlib
        (f"from coursekit import checks; {PLOT}; checks.watch()", True),
    ],
)
def test_a_curve_is_seen_whichever_import_came_first(imports, seen):
    code = (
        f"{imports}\nplt.subplots()[1].plot([1, 2, 3], [3.0, 2.0, 5.0])\nplt.plot([0, 1])\n"
        "for others in ([3.0, 2.0], [3.0, 2.0, 4.0], [3.0, 2.0, 5.0, 5.0]):\n"
        "    assert not checks.is_drawn(others)\n"
        f"assert checks.is_drawn([3.0, 2.0, 5.0]) is checks.is_drawn([0, 1]) is {seen}\n"
        f"assert len(checks.lines_drawn()) == {2 * seen}"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_an_answer_is_numbers_or_nothing():
    assert checks.answer(lambda n: [n, 2], 1).tolist() == [1, 2]
    assert checks.answer(lambda: 1 / 0) is None and checks.answer(lambda: [[1], [2, 3]]) is None
    assert checks.answer(lambda: "글") is None and checks.answer(7) is None


def test_numbers_agree_in_value_and_shape():
    assert checks.agree([[0.2, 0.8]], np.array([[0.2, 0.800001]]))
    assert checks.agree(np.array([3.0]), 3) and checks.agree(np.inf, np.inf)
    for given in ([0.2, 0.8], [[0.8], [0.2]], [[0.2, float("nan")]], None, "글", {}, [[0.2, None]]):
        assert not checks.agree(given, [[0.2, 0.8]]), given
    assert not checks.agree(None, 3) and not checks.agree(1e9, np.inf)


REVIEW = "가나다라마바사아자차"


@pytest.mark.parametrize(
    ("text", "found", "rest"),
    [
        ("앞 가나다라마바사아 뒤", True, "앞  뒤"),  # eight letters in a row
        ("앞 가나다라마바사 뒤", False, "앞 가나다라마바사 뒤"),  # seven
        ("앞 다라마바사아자차 뒤", True, "앞  뒤"),  # the last eight of the review
        (f"앞 {REVIEW} 뒤", True, "앞  뒤"),  # as long as it goes
        ("앞 가나다라 마바사아 뒤", False, "앞 가나다라 마바사아 뒤"),  # not in a row
        ("", False, ""),
    ],
)
def test_a_quotation_has_eight_letters_in_a_row(text, found, rest):
    assert checks.without_quote(text, REVIEW) == (rest, found)
    assert checks.without_quote(text, REVIEW[:7]) == (text, False), "no quotation is that short"


@pytest.mark.parametrize(
    ("outputs", "expected"),
    [
        ([0.0, 0.5, 0.51, 1.0], [0, 0, 1, 1]),  # probabilities: more than a half
        ([-0.1, 0.4, 0.6], [0, 1, 1]),  # one below 0: numbers before the sigmoid
        ([0.0, 0.4, 1.1], [0, 1, 1]),  # one above 1: the same
        ([[0.6, 0.4], [0.4, 0.6], [0.5, 0.5]], [0, 1, 0]),
        ([[0.1, 0.2, 0.7], [0.1, 0.8, 0.1]], [0, 1]),  # of more classes, the second one
    ],
)
def test_which_outputs_say_positive(outputs, expected):
    answers = checks.positive(np.array(outputs))
    assert answers.tolist() == expected and answers.dtype == np.int8


LENGTHS = np.repeat([5, 10, 20, 40], [100, 500, 300, 100])


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("중앙값이 10이라서", True),
        ("12토큰까지인 리뷰가 60%라서", True),
        ("잘리는 리뷰가 0.1뿐이라서", True),
        ("900편이 온전히 남으므로", True),
        ("7번 해 보고 골랐습니다", False),
        ("가장 알맞아서", False),
    ],
)
def test_a_reason_for_a_length_tells_what_was_measured(text, told):
    assert checks.tells_lengths(text, LENGTHS, 20) is told


def test_shares_are_told_as_one_writes_them():
    assert checks.tells("0.853에서 87.1%로", [0.853, 0.871], 0.006) == 2
    assert checks.tells("0.853에서 좋아졌습니다", [0.853, 0.871], 0.006) == 1
    every = " ".join(f"0.{n}" for n in range(10, 99))
    assert checks.tells(every, [0.853, 0.871], 0.006) == 0, "a list of numbers tells nothing"


@pytest.mark.parametrize("labels", [[1, 0, 1], [[1], [0], [1]], [[0, 1], [1, 0], [0, 1]]])
def test_labels_stand_in_a_row_a_column_or_two(labels):
    assert checks.accuracy([1, 0, 0], np.array(labels)) == pytest.approx(2 / 3)


def test_own_words_are_enough_and_not_the_same_again():
    own = ". ".join(f"{n}번째 문장은 {n + 50}번과 다른 낱말을 씁니다" for n in range(20))
    assert checks.lacks_words(own) == ""
    assert "150자" in checks.lacks_words("짧은 글")
    assert "되풀이" in checks.lacks_words("같은 말을 또 합니다. " * 20)


def test_what_goes_wrong_in_a_check_is_said_in_korean():
    with pytest.raises(AssertionError, match="오류가 났습니다.*KeyError"):
        checks.korean(lambda: {}["없음"])
    for words, said in (((), "멈추었습니다"), (("자기 말",), "자기 말")):
        with pytest.raises(AssertionError, match=said):
            checks.korean(Mock(side_effect=AssertionError(*words)))
