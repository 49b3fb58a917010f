"""Figures: a Korean font, alternative text, and the few plots every lesson shares."""

import importlib.util
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

import matplotlib.font_manager
import matplotlib.pyplot as plt
import numpy as np
from IPython.display import Markdown, display
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.category import StrCategoryFormatter
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.text import Text
from matplotlib.ticker import FixedFormatter, FuncFormatter
from PIL import Image

from coursekit import report

# By role. What has none takes "main", then "second". All are as dark on white as small text must
# be, and those that differ are told apart by colour-blind eyes, too (but for "muted").
BLUE, AMBER = "#0b5cad", "#9a6b00"
COLORS = {"main": BLUE, "second": AMBER, "train": AMBER, "validation": BLUE, "test": "#6c00d9"}
COLORS |= {"source": AMBER, "baseline": "#222222", "highlight": "#d9006c", "muted": "#707070"}
# One line after another, told apart without colour too.
COLOR_CYCLE = [COLORS[role] for role in ("main", "second", "test", "highlight", "baseline")]
LINES = ["-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1))]
FIGURES = Path(__file__).parent.parent / "figures"
STORED = 150  # points of a line that are told under the pointer, about
INCH = 100  # CSS pixels; a figure of 5.6 inches keeps letters of 10 pixels on a phone


def use_korean_font() -> None:
    """Register NanumGothic, which comes with ``koreanize-matplotlib``, and make it the default."""
    # The package itself is never imported: it needs distutils, gone in Python 3.12.
    spec = importlib.util.find_spec("koreanize_matplotlib")
    if spec is None or spec.origin is None:
        raise RuntimeError("no Korean font: run `pip install koreanize-matplotlib`")
    for weight in ("NanumGothic.ttf", "NanumGothicBold.ttf"):
        matplotlib.font_manager.fontManager.addfont(Path(spec.origin).parent / "fonts" / weight)
    plt.rc("font", family="NanumGothic", size=11)
    plt.rc("axes", unicode_minus=False, grid=True, prop_cycle=plt.cycler(color=COLOR_CYCLE))
    plt.rc("axes.spines", top=False, right=False)
    plt.rc("grid", alpha=0.3)
    plt.rc("legend", framealpha=0.85, edgecolor="none")
    plt.rc("figure", figsize=(5.6, 3.2), dpi=INCH)


def show(fig: Figure, alt: str, caption: str = "", fixed: bool = False) -> None:
    """Display a figure once, as a PNG that carries alternative text, and close it.

    ``alt`` says in a sentence or two what there is to see, ``caption`` numbers and names it below:
    "그림 3.2. …". Each is one plain string, with glued values (see :func:`coursekit.report.fill`).
    The picture has two dots a CSS pixel. Its metadata tell the book its ``width`` in CSS pixels,
    the ``smallest`` letters in points, whether it may turn ``dark``: not when it is ``fixed``
    or holds an image, such as a map of heat; and the ``values`` of lines and dots.
    """
    if not alt.strip():
        plt.close(fig)
        raise ValueError("a figure needs alt text: say what there is to see")
    buffer = BytesIO()
    fig.savefig(buffer, format="png", bbox_inches="tight", dpi=2 * INCH)
    plt.close(fig)
    picture = Image.open(buffer)
    told = {
        "width": round(picture.width / 2),
        "smallest": smallest(fig),
        "dark": not (fixed or any(ax.images for ax in fig.axes)),
    }
    if found := values(fig):
        told["values"] = found
    small = picture.convert("RGB").quantize(method=Image.Quantize.MAXCOVERAGE)  # a third of it
    small.save(buffer := BytesIO(), format="png", optimize=True)
    _display("image/png", buffer.getvalue(), alt, caption, told)


def drawing(name: str, alt: str, caption: str = "") -> None:
    """Display lessons/figures/NAME.svg, which shows no number of a run; see :func:`show`."""
    svg = (FIGURES / f"{name}.svg").read_text(encoding="utf-8").strip()
    _display("image/svg+xml", svg, alt, caption, {})


def _display(kind: str, content: Any, alt: str, caption: str, told: dict[str, Any]) -> None:
    """A picture with what it tells the book, and its caption below."""
    alt, caption = report.fill(alt), report.fill(caption)
    data, told = {kind: content, "text/plain": alt}, {"alt": alt} | told
    display(data, raw=True, metadata={kind: told})
    if caption:
        display(Markdown(caption), metadata=report.CAPTION)


def smallest(fig: Figure) -> float:
    """The size of the smallest letters of a drawn figure in points; exponents are smaller yet."""
    texts = [text for text in fig.findobj(Text) if text.get_visible() and text.get_text().strip()]
    sizes = [text.get_fontsize() * (0.7 if "^" in text.get_text() else 1) for text in texts]
    return round(float(min(sizes, default=plt.rcParams["font.size"])), 1)


def values(fig: Figure) -> list[dict[str, Any]]:
    """What a pointer can read in a drawn figure: a dictionary for each plot with lines or dots.

    ``box`` is where the plot lies in the picture: left, right, top, bottom, as shares of width and
    height; ``x`` and ``y`` the ``name`` and ``limits`` of each axis, whether it is ``log``, and
    ``places`` with a word for a number; ``lines`` the name of each line and its points, to four
    digits, of a long line some. Lines without a name are drawings, but for dots in a named place.
    """
    whole = fig.get_tightbbox().padded(plt.rcParams["savefig.pad_inches"])
    width, height = fig.get_size_inches()
    found = []
    for ax in fig.axes:
        sides = {"x": _axis(ax.xaxis), "y": _axis(ax.yaxis)}
        placed = any("places" in side for side in sides.values())
        lines = [_points(line) for line in ax.lines if line.get_transform() == ax.transData]
        lines = [line for line in lines if line["x"] and (line["name"] or placed)]
        if lines and ax.axison:
            place = ax.get_position()
            across = [(side * width - whole.x0) / whole.width for side in (place.x0, place.x1)]
            down = [(whole.y1 - side * height) / whole.height for side in (place.y1, place.y0)]
            found.append({"box": _short([*across, *down]), **sides, "lines": lines})
    return found


def _points(line: Line2D) -> dict[str, Any]:
    points = np.stack([line.get_xdata(orig=False), line.get_ydata(orig=False)])
    x, y = points[:, np.isfinite(points).all(axis=0)][:, :: 1 + points.shape[1] // STORED]
    name = str(line.get_label())
    return {"name": "" if name.startswith("_") else name, "x": _short(x), "y": _short(y)}


def _axis(axis: Axis) -> dict[str, Any]:
    told = {"name": axis.get_label_text(), "limits": _short(axis.get_view_interval())}
    told["log"] = axis.get_scale() == "log"
    if isinstance(
        axis.get_major_formatter(), FixedFormatter | FuncFormatter | StrCategoryFormatter
    ):
        words = [label.get_text() for label in axis.get_ticklabels()]
        told["places"] = dict(zip(map("{:g}".format, axis.get_ticklocs()), words, strict=False))
    return told


def _short(numbers: Any) -> list[float]:
    return [float(f"{number:.4g}") for number in numbers]


Named = Mapping[str, float]


def dots(
    runs: Mapping[str, Sequence[float]], xlabel: str, lines: Named | None = None, **place: Any
) -> None:
    """A row a condition and a dot a seed, with named vertical ``lines`` to compare with.

    ``place`` is ``ax=…``, where it is drawn, or ``alt="…", caption="…"``, with which it is shown
    by :func:`show`; so it is in the plots below.
    """
    with _axes((5.6, 0.42 * len(runs) + 0.9), **place) as ax:
        for row, values in enumerate(runs.values()):
            ax.plot(values, [row] * len(values), "o", alpha=0.7, color=COLORS["main"])
        _mark(ax, lines)
        if lines:
            ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2, borderpad=0)
        ax.set_yticks(range(len(runs)), list(runs))
        ax.set(xlabel=xlabel, ylim=(len(runs) - 0.5, -0.5))


def bars(values: Named, xlabel: str, form: str = "{:.3f}", **place: Any) -> None:
    """A row a name, its value at the end of the bar in the ``form``."""
    with _axes((5.6, 0.34 * len(values) + 0.8), **place) as ax:
        drawn = ax.barh(list(values), list(values.values()), color=COLORS["main"])
        ax.bar_label(drawn, [form.format(value) for value in values.values()], padding=3)
        ax.invert_yaxis()
        ax.margins(x=0.15)
        ax.grid(axis="y", visible=False)
        ax.set_xlabel(xlabel)


def heat(
    values: Any, rows: Sequence[str], columns: Sequence[str], form: str = "", **more: Any
) -> None:
    """A map of heat, its numbers in the ``form`` if there is one; ``more`` may be of ``imshow``."""
    words = {name: more.pop(name) for name in ("ax", "alt", "caption") if name in more}
    with _axes((5.6, 0.36 * len(rows) + 1.2), **words) as ax:
        image = ax.imshow(values, **{"cmap": "Blues", "aspect": "auto"} | more)
        for (row, column), value in np.ndenumerate(values if form else np.zeros((0, 0))):
            style = {"color": "white" if image.norm(value) > 0.55 else "black", "fontsize": 10}
            ax.text(column, row, form.format(value), ha="center", va="center", **style)
        ax.set_xticks(range(len(columns)), columns)
        ax.set_yticks(range(len(rows)), rows)
        ax.grid(False)


def curves(
    lines: Mapping[str, Sequence[float]],
    xlabel: str,
    ylabel: str,
    x: Sequence[float] | None = None,
    **place: Any,
) -> None:
    """Named curves over ``x`` (1, 2, 3, … by itself), told apart by colour and by dashes."""
    with _axes(None, **place) as ax:
        for number, (name, values) in enumerate(lines.items()):
            at = np.arange(1, len(values) + 1) if x is None else x
            style = {"color": COLOR_CYCLE[number % 5], "linestyle": LINES[number % 5]}
            ax.plot(at, values, label=name, **style)
        if x is None:
            ax.xaxis.get_major_locator().set_params(integer=True)
        ax.set(xlabel=xlabel, ylabel=ylabel)
        ax.legend()


def history_curves(
    history: Any, alt: str, title: str = "", caption: str = "", marks: Named | None = None
) -> None:
    """Draw loss and accuracy by epoch side by side, in training and validation; see :func:`show`.

    ``history`` is what ``model.fit`` returned, or its dictionary; ``marks`` are named epochs.
    """
    told = getattr(history, "history", history)
    fig, axes = plt.subplots(1, 2, figsize=(6.4, 2.9))
    for ax, metric, name in zip(axes, ("loss", "accuracy"), ("손실", "정확도"), strict=True):
        epochs = np.arange(1, len(told[metric]) + 1)
        ax.plot(epochs, told[metric], "o--", ms=3, color=COLORS["train"], label="훈련")
        if f"val_{metric}" in told:
            ax.plot(epochs, told[f"val_{metric}"], color=COLORS["validation"], label="검증")
        _mark(ax, marks)
        ax.xaxis.get_major_locator().set_params(integer=True)
        ax.set(xlabel="에폭", title=name)
    fig.legend(
        *ax.get_legend_handles_labels(), loc="upper center", bbox_to_anchor=(0.5, 0.04), ncols=2
    )
    if title:
        fig.suptitle(title)
    fig.tight_layout()
    show(fig, alt, caption)


@contextmanager
def _axes(
    size: tuple[float, float] | None, ax: Axes | None = None, alt: str = "", caption: str = ""
) -> Iterator[Axes]:
    """Where to draw: ``ax``, or a figure of our own, which is shown with these words."""
    fig, own = (None, ax) if ax is not None else plt.subplots(figsize=size)
    yield own
    if fig is not None:
        show(fig, alt, caption)


def _mark(ax: Axes, places: Named | None) -> None:
    """Named vertical lines."""
    for number, (name, place) in enumerate((places or {}).items()):
        ax.axvline(place, linestyle=LINES[3 - number % 3], color=COLORS["baseline"], label=name)


use_korean_font()
