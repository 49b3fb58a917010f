"""make check: what makes a lesson a good page."""

from pathlib import Path

from tools import contract, lessons


def problems(path: Path) -> list[str]:
    """What keeps this notebook from being a page, a line each, with what to do."""
    notebook = lessons.read(lessons.recording(path))
    again = f"run `make record LESSON={path.name[:2]}`"
    record = notebook.metadata.get("course", {}).get("record")
    if record is None:
        return [f"{path.name} was never recorded: {again}"]
    found = []
    if record["source_sha256"] != contract.source_hash(notebook):
        found.append(f"{path.name}: a code cell has changed since its recording: {again}")
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    counts = [cell.execution_count for cell in code if cell.source.strip()]
    if counts != list(range(1, len(counts) + 1)):
        found.append(f"{path.name}: cells did not run once each, in order: {again}")
    if any(output.output_type == "error" for cell in code for output in cell.outputs):
        found.append(f"{path.name} carries an error output: mend the cell, then {again}")
    return found


def all_problems() -> list[str]:
    """The problems of every lesson in the book."""
    return [line for path in lessons.in_book() for line in problems(path)]
