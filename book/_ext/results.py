"""The ``{results}`` directive: book/results.toml as one table and one picture."""

from pathlib import Path

from docutils import nodes
from docutils.parsers.rst import Directive
from sphinx.application import Sphinx

from tools import contract


def rows() -> list[list[str]]:
    """One row a lesson: title, metric, source figure, our figure, band, baselines."""
    table = []
    for name, entry in contract.results().items():
        compare = ", ".join(
            f"{row['name']} {row['figure']:.3f}" for row in entry.get("compare", [])
        )
        band = entry["band"]
        source, other = contract.source_figure(name, entry)
        table.append(
            [
                f"{name[:2]}. {entry['title']}" + (f" (이 기록은 {other}로 만듦)" if other else ""),
                entry["metric"],
                "—" if source is None else f"{source:.4f}",
                f"{entry['figure']:.4f}",
                f"{min(band['values']):.4f} – {max(band['values']):.4f} ({len(band['seeds'])})",
                compare,
            ]
        )
    return table


def picture(path: Path) -> str:
    """Draw source, ours, band and comparisons, a line a lesson; return the alternative text.

    Lessons whose entry names another ``scale`` than accuracy get a panel of their own.
    """
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt
    from coursekit import plots

    plots.use_korean_font()
    panels: dict[str, list[tuple[str, dict]]] = {}
    for name, entry in contract.results().items():
        panels.setdefault(entry.get("scale", "정확도"), []).insert(0, (name, entry))
    sizes = [len(entries) for entries in panels.values()]
    fig, axes = plt.subplots(
        len(panels),
        figsize=(9, 1.2 * len(panels) + 0.6 * sum(sizes)),
        height_ratios=[size + 0.5 for size in sizes],
        squeeze=False,
        layout="constrained",
    )
    for ax, (scale, entries) in zip(axes[:, 0], panels.items(), strict=True):
        draw(ax, scale, entries)
    fig.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=4)
    fig.savefig(path, dpi=130, bbox_inches="tight")
    plt.close(fig)
    return (
        "단원마다 출처 수치, 우리 수치와 시드의 띠, 기준선을 지표의 축 위에 놓은 그림. "
        "수치는 위의 표와 같다."
    )


def draw(ax, scale: str, entries: list[tuple[str, dict]]) -> None:
    """Draw the lessons of one scale, the first of ``entries`` at the bottom."""
    for y, (name, entry) in enumerate(entries):
        values = entry["band"]["values"]
        ax.plot(
            [min(values), max(values)],
            [y, y],
            color="#0b5cad",
            lw=7,
            alpha=0.35,
            label="시드의 띠" if y == 0 else None,
        )
        ax.plot(entry["figure"], y, "o", color="#0b5cad", label="우리 수치" if y == 0 else None)
        source, _ = contract.source_figure(name, entry)
        if source is not None:
            ax.plot(source, y, "D", color="#9a6b00", mfc="none")
        for number, row in enumerate(sorted(entry.get("compare", []), key=lambda r: r["figure"])):
            ax.plot(row["figure"], y, "k|", ms=11)
            ax.annotate(
                row["name"],
                (row["figure"], y),
                xytext=(0, -16 if number % 2 else 9),
                fontsize=7,
                textcoords="offset points",
                ha="center",
            )
    ax.plot([], [], "D", color="#9a6b00", mfc="none", label="출처 수치")
    ax.plot([], [], "k|", ms=11, label="견줄 수치")
    ax.set_yticks(range(len(entries)), [f"{name[:2]}. {entry['title']}" for name, entry in entries])
    ax.set(xlabel=scale, ylim=(-0.6, len(entries) - 0.3))


class Results(Directive):
    def run(self) -> list[nodes.Node]:
        header = ["단원", "지표", "출처 수치", "우리 수치", "시드의 띠 (시드 수)", "견줄 수치"]
        table = nodes.table(classes=["results"])
        group = nodes.tgroup(cols=len(header))
        table += group
        for _ in header:
            group += nodes.colspec(colwidth=1)
        head, body = nodes.thead(), nodes.tbody()
        group += [head, body]
        for target, lines in ((head, [header]), (body, rows())):
            for line in lines:
                row = nodes.row()
                for text in line:
                    row += nodes.entry("", nodes.paragraph(text=text))
                target += row
        app = self.state.document.settings.env.app
        env = self.state.document.settings.env
        env.note_dependency(str(contract.RESULTS))
        path = Path(app.outdir).parent / "results.png"
        alt = picture(path)
        image = nodes.image(uri=f"/{path.relative_to(app.srcdir)}", alt=alt)
        return [table, image]


def setup(app: Sphinx) -> dict:
    app.add_directive("results", Results)
    return {"parallel_read_safe": True}
