"""The ``{results}`` directive: the recordings' numbers as one table and one picture."""

from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from tools import results
from tools.lessons import COURSE
from tools.results import LINEAR, Row

HEAD = ["단원", "지표", "출처 수치", "우리 수치 (시드 평균)", "띠", "견줄 수치"]

SOURCE, OURS, SEED = "출처 수치", "우리 수치", "시드마다"
BLUE, BROWN = "#0b5cad", "#9a6b00"
ALT = (
    "단원마다 출처 수치, 우리 수치, 시드마다의 값과 띠, 견줄 수치를 지표의 축 위에 놓은 그림. "
    "수치는 위의 표와 같습니다."
)


def table(rows: list[Row]) -> str:
    """The rows as a table in Markdown."""
    lines = [HEAD, ["---"] * len(HEAD)]
    for row in rows:
        low, high = row.band
        cite = f" {{cite}}`{row.cite}`" if row.cite else ""
        lines.append(
            [
                f"[{row.name[:2]}. {row.title}](../lessons/{row.name}.ipynb)",
                row.metric,
                "—" if row.source is None else f"{row.source:.4f}{cite}",
                f"{row.ours:.4f} ({row.mean:.4f})",
                f"{low:.4f} – {high:.4f}",
                ", ".join(f"{name} {value:.3f}" for name, value in row.compare.items()),
            ]
        )
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def picture(rows: list[Row], path: Path) -> dict:
    """Draw source, ours, band and comparisons, a line a lesson; return what a pointer can read.

    Lessons whose entry names another ``scale`` than accuracy get a panel of their own.
    """
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt
    from coursekit import plots

    plots.use_korean_font()
    panels: dict[str, list[Row]] = {}
    for row in rows:
        panels.setdefault(row.scale, []).insert(0, row)
    sizes = [len(group) for group in panels.values()]
    fig, axes = plt.subplots(
        len(panels),
        figsize=(4.8, 0.9 * len(panels) + 0.62 * sum(sizes)),  # a phone shows it as it is
        height_ratios=[size + 0.5 for size in sizes],
        squeeze=False,
        layout="constrained",
    )
    for ax, (scale, group) in zip(axes[:, 0], panels.items(), strict=True):
        draw(ax, scale, group)
    marks = [
        plt.Line2D([], [], ls="", marker="o", color=BLUE, label=OURS),
        plt.Line2D([], [], ls="", marker="|", color=BLUE, label=SEED),
        plt.Line2D([], [], ls="", marker="D", color=BROWN, mfc="none", label=SOURCE),
        plt.Line2D([], [], ls="", marker="s", color="k", mfc="none", label=LINEAR),
        plt.Line2D([], [], ls="", marker="|", color="k", label="다른 견줄 수치"),
        plt.Line2D([], [], color=BLUE, lw=7, alpha=0.3, label="띠"),
    ]
    fig.legend(handles=marks, loc="outside lower center", ncols=3)
    fig.savefig(path, bbox_inches="tight")
    plt.close(fig)
    return {"values": plots.values(fig)}


def draw(ax, scale: str, rows: list[Row]) -> None:
    """Draw the lessons of one scale, the first of ``rows`` at the bottom."""
    names = [f"{row.name[:2]}. {row.title}" for row in rows]
    for y, row in enumerate(rows):
        ax.plot(row.band, [y, y], color=BLUE, lw=7, alpha=0.3, label="띠의 끝")
        ax.plot(row.seeds, [y] * len(row.seeds), "|", color=BLUE, ms=8, label=SEED)
        for name, value in row.compare.items():
            ax.plot(value, y, "ks" if name == LINEAR else "k|", mfc="none", ms=6, label=name)
        if row.source is not None:
            ax.plot(row.source, y, "D", color=BROWN, mfc="none", ms=7, label=SOURCE)
        ax.plot(row.ours, y, "o", color=BLUE, label=OURS)
        place = {"xycoords": ("axes fraction", "data"), "textcoords": "offset points"}
        ax.annotate(names[y], (0, y), xytext=(2, 8), fontsize=9, **place)
    ax.set_yticks(range(len(rows)), names)  # told under the pointer, written above the line
    ax.tick_params(axis="y", left=False, labelcolor="none", labelsize=1, pad=0)
    ax.set(xlabel=scale, ylim=(-0.5, len(rows) - 0.1))
    ax.grid(axis="y", visible=False)


class Results(SphinxDirective):
    def run(self) -> list[nodes.Node]:
        rows = results.rows(COURSE)
        app = self.env.app
        path = Path(app.outdir).parent / "results.svg"
        stored = picture(rows, path)
        image = nodes.image(uri=f"/{path.relative_to(app.srcdir)}", alt=ALT, stored=stored)
        image["classes"] = ["results"]
        found = self.parse_text_to_nodes(table(rows))
        found[0]["classes"].append("results")
        return [*found, image]


def setup(app: Sphinx) -> dict:
    app.add_directive("results", Results)
    return {"parallel_read_safe": True}
