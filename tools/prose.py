"""make prose: render what recorded lessons say, from the values they stored. Nothing runs.

Every ``report.say``, alternative text and caption is filled in again and takes the place
of the old one in the outputs: for changed words, not for changed code. So is each drawing, whose
cell is ``SVG(filename="figures/….svg")``.
"""

import ast
import re
import sys
from functools import cache

from coursekit.report import CAPTION, PROSE, fill
from nbformat import NotebookNode
from nbformat.v4 import new_output

from tools import lessons, recording, stale


def says(cell: NotebookNode) -> list[ast.expr | None]:
    """What each ``report.say`` of a cell is given; None where it is not one plain string."""
    calls = [line.value for line in stale.parse(cell.source).body if stale.is_say(line)]
    return [call.args[0] if len(call.args) == 1 and not call.keywords else None for call in calls]


def texts(cell: NotebookNode) -> list[ast.expr | None]:
    """Everything a cell says, in prose, in alternative texts and in captions."""
    return [*says(cell), *alts(cell), *captions(cell)]


def only_says(cell: NotebookNode) -> bool:
    """Whether a cell computes nothing."""
    return all(map(stale.is_say, stale.parse(cell.source).body))


def alts(cell: NotebookNode) -> list[ast.expr]:
    """What each ``alt=`` of a cell is given, in the order of the text.

    Left out is ``alt=alt``, with which a function of the lesson hands on what it was given.
    """
    return [*_given(cell.source, "alt")]


def captions(cell: NotebookNode) -> list[ast.expr]:
    """What each ``caption=`` of a cell is given, likewise."""
    return [*_given(cell.source, "caption")]


@cache
def _given(source: str, name: str) -> tuple[ast.expr, ...]:
    found = [
        node.value
        for node in ast.walk(stale.parse(source))
        if isinstance(node, ast.keyword)
        and node.arg == name
        and ast.unparse(node) != f"{name}={name}"
    ]
    return tuple(sorted(found, key=lambda node: (node.lineno, node.col_offset)))


def pictures(cell: NotebookNode) -> list[NotebookNode]:
    """The outputs of a cell that are pictures."""
    return [output for output in cell.get("outputs", []) if "image/png" in output.get("data", {})]


def render(notebook: NotebookNode) -> list[str]:
    """Render everything in place; return what could not be, a line each."""
    values, problems = recording.values(notebook), []
    for number, cell in enumerate(notebook.cells):
        if cell.cell_type != "code" or lessons.is_setup(cell):
            continue
        try:
            sentences = [fill(node.value, values) for node in says(cell)]
            shown = [fill(node.value, values) for node in alts(cell)]
            below = [fill(node.value, values) for node in captions(cell)]
        except (KeyError, ValueError, IndexError) as error:
            problems.append(f"cell {number}: {error.args[0]}")
            continue
        except AttributeError:
            problems.append(f"cell {number}: report.say, alt= and caption= take one plain string")
            continue
        kept = [output for output in cell.outputs if output.get("metadata") != PROSE]
        cell.outputs = kept + [_words(text, PROSE) for text in sentences]
        for picture, alt in zip(pictures(cell), shown, strict=False):
            picture.data["text/plain"] = alt
            picture.metadata.setdefault("image/png", {})["alt"] = alt
        if drawn := re.fullmatch(r'SVG\(filename="(figures/[^"]+)"\)', cell.source.strip()):
            drawing = (lessons.LESSONS / drawn[1]).read_text(encoding="utf-8")
            cell.outputs[0].data["image/svg+xml"] = drawing.strip()
        cell.outputs = [output for output in cell.outputs if output.get("metadata") != CAPTION]
        for picture, caption in zip(pictures(cell), below, strict=False):
            place = next(n for n, output in enumerate(cell.outputs) if output is picture)
            cell.outputs.insert(place + 1, _words(caption, CAPTION))
    _renumber(notebook)
    return problems


def _words(text: str, kind: dict[str, str]) -> NotebookNode:
    """The output that displays words of a kind: prose or a caption."""
    data = {"text/markdown": text, "text/plain": "<IPython.core.display.Markdown object>"}
    return new_output("display_data", data, metadata=dict(kind))


def _renumber(notebook: NotebookNode) -> None:
    """Count the cells again where the computing ones ran in order: prose may have come or gone."""
    code = [cell for cell in lessons.code_cells(notebook) if cell.source.strip()]
    computing = [cell.execution_count for cell in code if not only_says(cell)]
    if None not in computing and computing == sorted(set(computing)):
        for number, cell in enumerate(code, 1):
            cell.execution_count = number


def main(numbers: list[str]) -> None:
    paths = [lessons.find(number) for number in numbers] or lessons.in_book()
    problems = []
    for path in map(lessons.recording, paths):
        notebook = lessons.read(path)
        if cause := stale.why(notebook):
            problems.append(f"{path.name} {cause}: run `make record LESSON={path.name[:2]}`")
        elif found := render(notebook):
            problems += [f"{path.name}, {line}" for line in found]
        elif lessons.stored(notebook) != path.read_text(encoding="utf-8"):
            lessons.write(path, notebook)
            print(f"Rendered {path.name}.")
    if problems:
        raise SystemExit("\n".join(problems))


if __name__ == "__main__":
    main(sys.argv[1:])
