"""The recording: fresh and whole, on the registry's data, and fit to be read."""

import re

from markdown_it import MarkdownIt
from nbformat import NotebookNode

from tools import stale
from tools.lessons import Lesson, code_cells

AGAIN = "run `make record LESSON=?`"
# What Python says of an object that has no words of its own: <keras.Model at 0x7f0d...>.
ADDRESS = re.compile(r"<[^<>\n]* at 0x[0-9a-f]+>?")
MARKDOWN = MarkdownIt("commonmark").enable("table")


def recorded(lesson: Lesson) -> list[str]:
    """Recorded, fresh and whole, on the data of the registry."""
    cause = stale.why(lesson.notebook)
    found = [f"{cause}: {AGAIN}"] if cause else []
    if lesson.record is None:
        return found
    code = code_cells(lesson.notebook)
    counts = [cell.execution_count for cell in code if stale.computed(cell.source)]
    if not lesson.is_derived and (None in counts or counts != sorted(set(counts))):
        found.append(f"has cells that did not run once each, in order: {AGAIN}")
    if any(output.output_type == "error" for cell in code for output in cell.outputs):
        found.append(f"carries an error output: mend the cell, then {AGAIN}")
    return found + [
        f"was recorded on another {file} than the registry's: {AGAIN}"
        for file in stale.other_data(lesson.record["data"])
    ]


def problems(lesson: Lesson) -> list[str]:
    """What shows is fit to be read."""
    found = []
    for number, cell in enumerate(lesson.cells):
        shown = [cell.source] if cell.cell_type == "markdown" else []
        for output in cell.get("outputs", []):
            if markdown := output.get("data", {}).get("text/markdown"):
                shown.append(markdown)
            found += [f"(cell {number}): {line}" for line in one(output)]
        found += [f"(cell {number}): {line}" for text in shown for line in stray(text)]
    return found


def one(output: NotebookNode) -> list[str]:
    """What is wrong with an output."""
    bundle, found = output.get("data", {}), []
    html = bundle.get("text/html", "")
    text = output.get("text", "") or bundle.get("text/plain", "")
    if "data/sample" in text or "course-sample-banner" in html:
        found.append(f"an output of a run on the sample: {AGAIN}")
    if output.output_type == "stream" and (
        output.name == "stderr" or re.search(r"(?m)^WARNING:", text)
    ):
        found.append(f"a warning in the outputs: mend its cause and {AGAIN}")
    if address := ADDRESS.search(text):
        found.append(
            f"the output shows where an object lies ({address[0]}): end the line with a semicolon "
            f"or show something else, and {AGAIN}"
        )
    if "image/png" in bundle and not output.metadata.get("image/png", {}).get("alt"):
        found.append("a picture without alt text: end it with plots.show(fig, alt=…)")
    if html.count("<tr") > 16 or text.count("\n") > 60 or len(text) > 6000:
        found.append("the output carries too many rows: show a handful (.head())")
    return found


def stray(text: str) -> list[str]:
    """Marks of Markdown or HTML that a reader would see as such."""
    blocks = MARKDOWN.parse(re.sub(r"\$+[^$]+\$+", "", text))
    tokens = [child for block in blocks for child in block.children or []]
    found = [
        f"the asterisks of a bold text show ({token.content[:40]!r}): put a blank behind them"
        for token in tokens
        if token.type == "text" and "**" in token.content
    ]
    for block in blocks:
        if block.type == "fence" and block.info.startswith("{"):  # an admonition, a dropdown
            found += stray(block.content)
    return found + [
        f"HTML in the prose ({token.content!r}): write Markdown"
        for token in tokens
        if token.type == "html_inline" and not re.match(r"<(br|sub|sup|/sub|/sup)\b", token.content)
    ]
