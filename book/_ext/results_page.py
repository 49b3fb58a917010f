"""The ``{results}`` directive: the recordings' numbers as one table and one picture."""

from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from tools import results
from tools.band import bounds
from tools.results import Row

HEAD = ["단원", "지표", "출처 수치", "우리 수치", "띠", "견줄 수치"]


def table(rows: list[Row]) -> str:
    """The rows as a table in Markdown."""
    lines = [HEAD, ["---"] * len(HEAD)]
    for row in rows:
        stand_in = f" (이 기록은 {row.stand_in}로 만듦)" if row.stand_in else ""
        low, high = bounds(row.seeds)
        cite = f" {{cite}}`{row.cite}`" if row.cite else ""
        lines.append(
            [
                f"{row.name[:2]}. {row.title}{stand_in}",
                row.metric,
                "—" if row.source is None else f"{row.source:.4f}{cite}",
                f"{row.ours:.4f}",
                f"{low:.4f} – {high:.4f}",
                ", ".join(f"{name} {value:.3f}" for name, value in row.compare.items()),
            ]
        )
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def picture(rows: list[Row], path: Path) -> str:
    """Draw source, ours, band and comparisons, a line a lesson; return the alternative text.

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
        figsize=(9, 1.2 * len(panels) + 0.6 * sum(sizes)),
        height_ratios=[size + 0.5 for size in sizes],
        squeeze=False,
        layout="constrained",
    )
    for ax, (scale, group) in zip(axes[:, 0], panels.items(), strict=True):
        draw(ax, scale, group)
    fig.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=5)
    fig.savefig(path, dpi=130, bbox_inches="tight")
    plt.close(fig)
    return (
        "단원마다 출처 수치, 우리 수치, 시드마다의 값과 띠, 견줄 수치를 지표의 축 위에 놓은 그림. "
        "수치는 위의 표와 같습니다."
    )


def draw(ax, scale: str, rows: list[Row]) -> None:
    """Draw the lessons of one scale, the first of ``rows`` at the bottom."""
    blue, brown = "#0b5cad", "#9a6b00"
    for y, row in enumerate(rows):
        first = y == 0
        band, seeds, ours = ("띠", "시드마다", "우리 수치") if first else (None, None, None)
        ax.plot(bounds(row.seeds), [y, y], color=blue, lw=7, alpha=0.3, label=band)
        ax.plot(row.seeds, [y] * len(row.seeds), "|", color=blue, ms=7, label=seeds)
        ax.plot(row.ours, y, "o", color=blue, label=ours)
        if row.source is not None:
            ax.plot(row.source, y, "D", color=brown, mfc="none")
        ordered = sorted(row.compare.items(), key=lambda item: item[1])
        for number, (name, value) in enumerate(ordered):
            ax.plot(value, y, "k|", ms=11)
            ax.annotate(
                name,
                (value, y),
                xytext=(0, -16 if number % 2 else 9),
                fontsize=7,
                textcoords="offset points",
                ha="center",
            )
    ax.plot([], [], "D", color=brown, mfc="none", label="출처 수치")
    ax.plot([], [], "k|", ms=11, label="견줄 수치")
    ax.set_yticks(range(len(rows)), [f"{row.name[:2]}. {row.title}" for row in rows])
    ax.set(xlabel=scale, ylim=(-0.6, len(rows) - 0.3))


class Results(SphinxDirective):
    def run(self) -> list[nodes.Node]:
        self.env.note_dependency(str(results.FILE))
        rows = [results.row(name, entry) for name, entry in results.entries().items()]
        app = self.env.app
        path = Path(app.outdir).parent / "results.png"
        image = nodes.image(uri=f"/{path.relative_to(app.srcdir)}", alt=picture(rows, path))
        return [*self.parse_text_to_nodes(table(rows)), image]


def setup(app: Sphinx) -> dict:
    app.add_directive("results", Results)
    return {"parallel_read_safe": True}
