"""make record, make band, make verify: run lessons in full, on the real data.

record  store the outputs in the notebook, and what made them in its metadata
band    repeat the cells tagged ``band``, which make the headline number, with several seeds
verify  run again and save nothing: cells tagged ``nbval-check-output`` or ``check-real`` must print
        what the recording shows, to the letter, and headline numbers lie in their bands
"""

import json
import os
import platform
import re
import sys
import tempfile
import time
from copy import deepcopy
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import tomlkit
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, DeadKernelError
from nbformat import NotebookNode

from tools import derive, page_model, results, stale
from tools.lessons import (
    COURSE,
    HIDDEN,
    Course,
    Lesson,
    code_cells,
    stored,
    tags,
    values,
    write,
)

PACKAGES = ["tensorflow", "keras", "numpy", "pandas", "scikit-learn", "matplotlib"]
SEEDS = ["1", "2", "3", "4", "5"]
EXACT = {"nbval-check-output", "check-real"}
# What TensorFlow prints whatever the log level; it says nothing about the lesson.
NOISE = re.compile(
    r"^(WARNING: All log messages before absl|[IWE]\d{4} |\d{4}-\d\d-\d\d .*(tensorflow|xla|cuda)"
    r"|To enable the following instructions"
    r"|WARNING:tensorflow:\d+ out of the last \d+ calls"
    # Lesson 12 loses masks on purpose and says so; the warning has a path of this machine in it.
    r"|.*UserWarning: Layer '\w+' \(of type \w+\) was passed an input with a mask"
    r"|  warnings\.warn\($)"
)


# --- a notebook in a kernel ----------------------------------------------------------------------


def execute(
    notebook: NotebookNode,
    folder: Path,
    environment: dict[str, str],
    kernel: str = "python3",
    timeout: float | None = None,
) -> float:
    """Run a notebook in place, in a kernel of its own in ``folder``; return its seconds.

    Its cells get the outputs, without TensorFlow's noise. ``environment`` is every variable that
    the kernel has, ``timeout`` the seconds for a cell.

    Raises:
        CellExecutionError, DeadKernelError, TimeoutError: where it stopped.
    """
    ends = [time.perf_counter()]

    def tell(cell: NotebookNode, cell_index: int, execute_reply: dict) -> None:
        ends.append(time.perf_counter())
        place, seconds = f"{cell_index:3d}/{len(notebook.cells)}", ends[-1] - ends[-2]
        head = cell.source.strip().partition("\n")[0][:60]
        print(f"  cell {place} {seconds:7.1f} s  {head}", flush=True)

    NotebookClient(
        notebook,
        timeout=timeout,
        kernel_name=kernel,
        coalesce_streams=True,
        record_timing=False,
        resources={"metadata": {"path": str(folder)}},
        on_cell_executed=tell,
    ).execute(env=environment)
    for cell in code_cells(notebook):
        cell.metadata.pop("execution", None)
        cell.outputs = [output for output in cell.outputs if _is_told(output)]
    return ends[-1] - ends[0]


def _is_told(output: NotebookNode) -> bool:
    """Take the noise out of an output; whether anything is left of it."""
    if output.output_type != "stream":
        return True
    lines = output.text.splitlines()
    kept = [line for line in lines if not NOISE.match(line)]
    if len(kept) < len(lines):
        output.text = "\n".join(kept) + "\n"
    return any(map(str.strip, kept))


@dataclass(frozen=True)
class Run:
    """One full run on the real data."""

    notebook: NotebookNode  # with its outputs
    seconds: int
    data: dict[str, str]  # every file that was opened -> its sha256


def run(course: Course, notebook: NotebookNode, tag: str = "", **variables: str) -> Run:
    """Run a copy of a notebook, or of its cells with a tag, in lessons/ on the real data.

    The kernel has ``variables`` in its environment besides ours.

    Raises:
        SystemExit: a cell failed, the kernel died, or sample data was used.
    """
    if os.environ.get("COURSE_DATA") == "sample":
        raise SystemExit("Refused: COURSE_DATA=sample. Record and verify on the real data only.")
    ran = deepcopy(notebook)
    ran.cells = [cell for cell in ran.cells if not tag or tag in tags(cell)]
    sources = [cell.source for cell in ran.cells]
    for cell in ran.cells:
        cell.source = HIDDEN.sub("", cell.source)
    with tempfile.TemporaryDirectory() as place:
        log = Path(place) / "opened.jsonl"
        ours = {
            "COURSE_STRICT": "1",
            "COURSE_DATA_LOG": str(log),
            "KERAS_BACKEND": "tensorflow",
            "KERAS_HOME": place,  # no settings of this machine's
            "TF_CPP_MIN_LOG_LEVEL": "3",
            "PYTHONPATH": str(course.folder),
            "PYTHONHASHSEED": "0",
        }
        if data := os.environ.get("COURSE_DATA"):
            ours["COURSE_DATA"] = str(Path(data).resolve())
        try:
            seconds = execute(ran, course.folder, {**os.environ, **ours, **variables})
        except (CellExecutionError, DeadKernelError) as error:
            raise SystemExit(f"Stopped at the first error; nothing was saved.\n{error}") from None
        opened = [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []
    if sample := sorted({entry["file"] for entry in opened if entry["source"] != "real"}):
        raise SystemExit(f"Refused: the run read sample data ({', '.join(sample)}).")
    for cell, source in zip(ran.cells, sources, strict=True):
        cell.source = source
    files = {entry["file"]: entry["sha256"] for entry in opened}
    files |= page_model.read(page_model.scripts(course.root), "".join(sources))
    return Run(ran, round(seconds), dict(sorted(files.items())))


# --- record --------------------------------------------------------------------------------------


def cpu() -> str:
    """The processor's name as the system gives it, and the number of cores this run may use."""
    info = Path("/proc/cpuinfo")
    found = re.search(r"model name\s*: (.+)", info.read_text()) if info.exists() else None
    name = found[1].strip() if found else platform.processor() or platform.machine()
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return f"{name}, {cores} cores"


def record(numbers: list[str], course: Course = COURSE) -> None:
    """Run lessons and store their outputs."""
    if not numbers:
        raise SystemExit("Say which lesson: make record LESSON=01")
    derive.bring_up_to_date(course)
    for lesson in course.chosen(numbers):
        print(f"Recording {lesson.path.name} on the real data ...", flush=True)
        with tempfile.TemporaryDirectory() as left:
            ran = run(course, lesson.notebook, COURSE_RECORDING="1", COURSE_MODELS=left)
            ran.notebook.metadata.setdefault("course", {})["record"] = {
                "code_sha256": stale.code_hash(ran.notebook.cells),
                "data": ran.data,
                "versions": {"python": platform.python_version()}
                | {name: version(name) for name in PACKAGES},
                "cpu": cpu(),
                "seconds": ran.seconds,
            }
            derive.render(ran.notebook, course.folder)
            write(lesson.path, stored(ran.notebook))  # a model that is refused costs no run
            if any(Path(left).iterdir()):
                models = page_model.keep(Path(left), course.root / page_model.MODELS)
                ran.notebook.metadata.course.record.models = models
                write(lesson.path, stored(ran.notebook))
        print(f"Recorded {lesson.path.name}: {ran.seconds} s.")


# --- band ----------------------------------------------------------------------------------------


def band(arguments: list[str], course: Course = COURSE) -> None:
    """Repeat a lesson's headline run with several seeds and store what they gave."""
    if not arguments:
        raise SystemExit("Say which lesson: make band LESSON=01")
    lesson, seeds = course.find(arguments[0]), arguments[1:] or SEEDS
    document = results.load(course)
    if lesson.name not in document:
        raise SystemExit(f"{results.FILE} has no [{lesson.name}]: write its metric and value first")
    if not any("band" in tags(cell) for cell in lesson.cells):
        raise SystemExit(f"{lesson.path.name} has no cell tagged `band`.")
    value, gave = document[lesson.name]["value"], []
    for seed in seeds:
        print(f"{lesson.path.name}, seed {seed}", flush=True)
        ran = run(course, lesson.notebook, "band", COURSE_SEED=seed)
        gave.append(round(values(ran.notebook)[value], 4))
        print(f"  {value} = {gave[-1]}", flush=True)
    document[lesson.name]["band"] = tomlkit.inline_table()
    document[lesson.name]["band"].update({"seeds": [int(seed) for seed in seeds], "values": gave})
    (course.root / results.FILE).write_text(tomlkit.dumps(document), encoding="utf-8")
    low, high = results.bounds(gave)
    print(f"Band of {value}: {low} to {high}.")


# --- verify --------------------------------------------------------------------------------------


def verify(numbers: list[str], course: Course = COURSE) -> None:
    """Run lessons again and hold every number to its band."""
    problems, chosen = [], course.chosen(numbers)
    for lesson in chosen:
        print(f"Verifying {lesson.path.name} ...", flush=True)
        problems += differences(course, lesson)
    if problems:
        raise SystemExit("\n".join(problems))
    print(f"{len(chosen)} lessons hold.")


def differences(course: Course, lesson: Lesson) -> list[str]:
    """Run a lesson again; return what differs from its recording, a line each."""
    again = run(course, lesson.notebook).notebook
    found = [
        f"{lesson.path.name}, cell {number}: printed {_told(new)!r}, recorded {_told(old)!r}"
        for number, (old, new) in enumerate(zip(lesson.cells, again.cells, strict=True))
        if EXACT & tags(old) and _told(old) != _told(new)
    ]
    if entry := results.entries(course).get(lesson.name):
        ours = values(again)[entry["value"]]
        low, high = results.bounds(entry["band"]["values"])
        line = f"{entry['value']} = {ours:.4f}, band {low} to {high}"
        print(f"  {line}")
        if not low <= ours <= high:
            found.append(f"{lesson.path.name}: outside its band: {line}")
    return found


def _told(cell: NotebookNode) -> list[str]:
    """What a cell printed and returned, as text."""
    return [o.get("text") or o.get("data", {}).get("text/plain", "") for o in cell.outputs]


if __name__ == "__main__":
    {"record": record, "band": band, "verify": verify}[sys.argv[1]](sys.argv[2:])
