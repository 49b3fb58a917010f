"""Run a notebook in full, in a kernel of its own, on the real data."""

import json
import os
import re
import sys
import tempfile
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from tools.lessons import HIDDEN, ROOT

# What TensorFlow prints whatever the log level; it says nothing about the lesson.
NOISE = re.compile(
    r"^(WARNING: All log messages before absl|[IWE]\d{4} |\d{4}-\d\d-\d\d .*(tensorflow|xla|cuda)"
    r"|To enable the following instructions|I0000|E0000|W0000"
    r"|WARNING:tensorflow:\d+ out of the last \d+ calls"
    # Lesson 12 loses masks on purpose and says so; the warning has a path of this machine in it.
    r"|.*UserWarning: Layer '\w+' \(of type \w+\) was passed an input with a mask"
    r"|  warnings\.warn\($)"
)


class _Progress(NotebookClient):
    async def async_execute_cell(self, cell, cell_index, **kwargs):
        start = time.perf_counter()
        result = await super().async_execute_cell(cell, cell_index, **kwargs)
        seconds = time.perf_counter() - start
        if cell.cell_type == "code":
            head = cell.source.strip().splitlines()[0][:60] if cell.source.strip() else ""
            print(
                f"  cell {cell_index:3d}/{len(self.nb.cells)} {seconds:7.1f} s  {head}", flush=True
            )
        return result


def clean(notebook: nbformat.NotebookNode) -> None:
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        kept = []
        for output in cell.get("outputs", []):
            if output.output_type == "stream":
                lines = [line for line in output.text.splitlines() if not NOISE.match(line)]
                if not any(line.strip() for line in lines):
                    continue
                if len(lines) < len(output.text.splitlines()):
                    output.text = "\n".join(lines) + "\n"
            kept.append(output)
        if cell.cell_type == "code":
            cell.outputs = kept


def run(notebook: nbformat.NotebookNode, **environment: str) -> dict:
    """Execute ``notebook`` in place, in lessons/.

    Args:
        notebook: its cells get the outputs.
        **environment: variables for the kernel, besides ``COURSE_STRICT=1``.

    Returns:
        ``{"seconds": wall seconds, "data": {file: sha256}}`` of this run.

    Raises:
        SystemExit: a cell failed, or sample data was used.
    """
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "opened.jsonl"
        variables = {
            "COURSE_STRICT": "1",
            "COURSE_RECORDING": "1",  # an unfair trial is an error
            "COURSE_DATA_LOG": str(log),
            "TF_CPP_MIN_LOG_LEVEL": "3",
            "PYTHONPATH": str(ROOT / "lessons"),
            "PYTHONHASHSEED": "0",
            **environment,
        }
        if variables.get("COURSE_DATA", os.environ.get("COURSE_DATA")) == "sample":
            raise SystemExit(
                "Refused: COURSE_DATA=sample. Record and verify on the real data only."
            )
        if data := os.environ.get("COURSE_DATA"):
            variables["COURSE_DATA"] = str(Path(data).resolve())
        client = _Progress(
            notebook,
            timeout=None,
            kernel_name="python3",
            coalesce_streams=True,
            record_timing=False,
            resources={"metadata": {"path": str(ROOT / "lessons")}},
        )
        sources = [cell.source for cell in notebook.cells]
        for cell in notebook.cells:
            cell.source = HIDDEN.sub("", cell.source)
        start = time.perf_counter()
        try:
            client.execute(env={**os.environ, **variables})
        except CellExecutionError as error:
            raise SystemExit(f"Stopped at the first error; nothing was saved.\n{error}") from None
        finally:
            for cell, source in zip(notebook.cells, sources, strict=True):
                cell.source = source
        seconds = time.perf_counter() - start
        opened = [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []
    sample = sorted({entry["file"] for entry in opened if entry["source"] != "real"})
    if sample:
        raise SystemExit(f"Refused: the run read sample data ({', '.join(sample)}).")
    clean(notebook)
    data = {entry["file"]: entry["sha256"] for entry in opened}
    return {"seconds": round(seconds), "data": dict(sorted(data.items()))}


if __name__ == "__main__":
    sys.exit("Use `make record LESSON=01` or `make verify`.")
