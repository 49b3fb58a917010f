"""Figures: a Korean font, alternative text, and the few plots every lesson shares."""

import importlib.util
from collections.abc import Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import matplotlib
import matplotlib.font_manager
import matplotlib.pyplot as plt
import numpy as np
from IPython.display import display
from matplotlib.figure import Figure

from coursekit import prose

COLORS = {"train": "#9a6b00", "validation": "#0b5cad"}


def use_korean_font() -> str:
    """Register NanumGothic, which comes with ``koreanize-matplotlib``, and make it the default.

    The package itself is never imported: it needs ``distutils``, gone in Python 3.12.

    Returns:
        The font family now in use.

    Raises:
        RuntimeError: the package is not installed.
    """
    spec = importlib.util.find_spec("koreanize_matplotlib")
    if spec is None or spec.origin is None:
        raise RuntimeError("no Korean font: run `pip install koreanize-matplotlib`")
    fonts = Path(spec.origin).parent / "fonts"
    for weight in ("NanumGothic.ttf", "NanumGothicBold.ttf"):
        matplotlib.font_manager.fontManager.addfont(fonts / weight)
    plt.rcParams.update(
        {
            "font.family": "NanumGothic",
            "axes.unicode_minus": False,
            "axes.grid": True,
            "grid.alpha": 0.3,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "figure.figsize": (8, 3.6),
            "figure.dpi": 110,
        }
    )
    return "NanumGothic"


def show(fig: Figure, alt: str) -> None:
    """Display a figure once, as a PNG that carries alternative text, and close it.

    The text is stored in the output's metadata, where Jupyter and the book find it.

    Args:
        fig: a Matplotlib figure.
        alt: one or two sentences that say what there is to see: one plain string, with
            ``{name:.2f}`` where a glued value goes (see :func:`coursekit.prose.fill`).

    Raises:
        ValueError: ``alt`` is empty.
        KeyError: it names a value that was not glued.
    """
    if not alt.strip():
        plt.close(fig)
        raise ValueError("a figure needs alt text: say what there is to see")
    alt = prose.fill(alt)
    buffer = BytesIO()
    fig.savefig(buffer, format="png", bbox_inches="tight")
    plt.close(fig)
    display(
        {"image/png": buffer.getvalue(), "text/plain": alt},
        raw=True,
        metadata={"image/png": {"alt": alt}},
    )


def _curves(history: Any) -> Mapping[str, Sequence[float]]:
    return history if isinstance(history, Mapping) else history.history


def history_curves(
    history: Any,
    alt: str,
    metrics: Sequence[str] = ("loss", "accuracy"),
    names: Sequence[str] = ("손실", "정확도"),
    title: str | None = None,
) -> None:
    """Draw training and validation curves side by side, one panel a metric.

    Args:
        history: what ``model.fit`` returned, or its ``history`` dictionary: metric name to
            one value per epoch; ``val_`` curves are drawn where there are any.
        alt: alternative text, see :func:`show`.
        metrics: keys of the history, one panel each.
        names: the panels' Korean names, as many as metrics.
        title: a heading over all panels.
    """
    curves = _curves(history)
    fig, axes = plt.subplots(1, len(metrics), figsize=(4.6 * len(metrics), 3.4), squeeze=False)
    for ax, metric, name in zip(axes[0], metrics, names, strict=True):
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
    show(fig, alt)


def confusion(
    y_true: Sequence[int], y_pred: Sequence[int], alt: str, labels: Sequence[str] | None = None
) -> None:
    """Draw a confusion matrix whose rows (true classes) add up to one.

    Args:
        y_true, y_pred: class numbers, shape ``(n,)``.
        alt: alternative text, see :func:`show`.
        labels: a name per class, drawn when there are at most 25 of them.
    """
    from sklearn.metrics import confusion_matrix

    matrix = confusion_matrix(y_true, y_pred, normalize="true")
    size = 4.2 if len(matrix) <= 10 else 6.5
    fig, ax = plt.subplots(figsize=(size, size))
    image = ax.imshow(matrix, cmap="Blues", vmin=0, vmax=1)
    fig.colorbar(image, ax=ax, shrink=0.8, label="참 범주 안에서의 비율")
    ax.set(xlabel="예측한 범주", ylabel="참 범주")
    ax.grid(False)
    if labels is not None and len(labels) <= 25:
        ax.set_xticks(range(len(labels)), labels, rotation=90)
        ax.set_yticks(range(len(labels)), labels)
    if len(matrix) <= 10:
        for (row, column), value in np.ndenumerate(matrix):
            color = "white" if value > 0.5 else "black"
            ax.text(column, row, f"{value:.2f}", ha="center", va="center", color=color)
    show(fig, alt)


use_korean_font()
