"""Figures: a Korean font, alternative text, and the few plots every lesson shares."""

import importlib.util
from io import BytesIO
from pathlib import Path
from typing import Any

import matplotlib.font_manager
import matplotlib.pyplot as plt
import numpy as np
from IPython.display import Markdown, display
from matplotlib.figure import Figure

from coursekit import report

# By role. What has none takes "main", then "second". All are as dark on white as small text must
# be, and those that differ are told apart by colour-blind eyes, too (but for "muted").
BLUE, AMBER = "#0b5cad", "#9a6b00"
COLORS = {"main": BLUE, "second": AMBER, "train": AMBER, "validation": BLUE, "test": "#6c00d9"}
COLORS |= {"source": AMBER, "baseline": "#222222", "highlight": "#d9006c", "muted": "#707070"}


def use_korean_font() -> None:
    """Register NanumGothic, which comes with ``koreanize-matplotlib``, and make it the default."""
    # The package itself is never imported: it needs distutils, gone in Python 3.12.
    spec = importlib.util.find_spec("koreanize_matplotlib")
    if spec is None or spec.origin is None:
        raise RuntimeError("no Korean font: run `pip install koreanize-matplotlib`")
    for weight in ("NanumGothic.ttf", "NanumGothicBold.ttf"):
        matplotlib.font_manager.fontManager.addfont(Path(spec.origin).parent / "fonts" / weight)
    plt.rc("font", family="NanumGothic")
    plt.rc("axes", unicode_minus=False, grid=True)
    plt.rc("axes.spines", top=False, right=False)
    plt.rc("grid", alpha=0.3)
    plt.rc("figure", figsize=(8, 3.6), dpi=110)


def show(fig: Figure, alt: str, caption: str = "") -> None:
    """Display a figure once, as a PNG that carries alternative text, and close it.

    ``alt`` says in a sentence or two what there is to see, ``caption`` numbers and names it below:
    "그림 3.2. …". Each is one plain string, with glued values (see :func:`coursekit.report.fill`).
    """
    if not alt.strip():
        plt.close(fig)
        raise ValueError("a figure needs alt text: say what there is to see")
    alt, caption = report.fill(alt), report.fill(caption)
    buffer = BytesIO()
    fig.savefig(buffer, format="png", bbox_inches="tight")
    plt.close(fig)
    picture = {"image/png": buffer.getvalue(), "text/plain": alt}
    display(picture, raw=True, metadata={"image/png": {"alt": alt}})
    if caption:
        display(Markdown(caption), metadata=report.CAPTION)


def history_curves(history: Any, alt: str, title: str | None = None, caption: str = "") -> None:
    """Draw loss and accuracy by epoch side by side, in training and validation; see :func:`show`.

    ``history`` is what ``model.fit`` returned, or its dictionary.
    """
    curves = getattr(history, "history", history)
    fig, axes = plt.subplots(1, 2, figsize=(9.2, 3.4))
    for ax, metric, name in zip(axes, ("loss", "accuracy"), ("손실", "정확도"), strict=True):
        epochs = np.arange(1, len(curves[metric]) + 1)
        ax.plot(epochs, curves[metric], "o--", ms=3, color=COLORS["train"], label="훈련")
        if f"val_{metric}" in curves:
            ax.plot(epochs, curves[f"val_{metric}"], color=COLORS["validation"], label="검증")
        ax.xaxis.get_major_locator().set_params(integer=True)
        ax.set(xlabel="에폭", ylabel=name)
        ax.legend()
    if title:
        fig.suptitle(title)
    fig.tight_layout()
    show(fig, alt, caption)


use_korean_font()
