"""What a reader sees is a recording: whole, fresh, on the real data, and readable by everyone."""

import copy
import re
import tomllib

import pytest
from conftest import ROOT, TESTS
from nbformat.v4 import new_output

from tools import contract, lessons
from tools.check import problems as stale

LESSONS = lessons.in_book()
REGISTRY = tomllib.loads((ROOT / "data" / "registry.toml").read_text("utf-8"))
REAL = {
    file["name"]: file["sha256"]
    for dataset in REGISTRY.values()
    if isinstance(dataset, dict)
    for file in dataset.get("file", [])
    if "sha256" in file
}


def problems(notebook, name="notebook"):
    """Everything wrong with a recorded lesson, a line each, with what to do."""
    again = f"run `make record LESSON={name[:2]}`"
    found = []
    cells = notebook.cells
    prose = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    said = prose + "".join(c.source for c in cells if c.source.startswith("report.say("))
    for word, what in {
        "- **목표**": "goals",
        "- **먼저 읽을 것**": "prerequisites",
        "- **데이터**": "data",
        "- **걸리는 시간**": "minutes",
        "- **GPU**": "a word on GPUs",
        "## 정리": "a summary",
        "확인 문제": "questions",
        "연습": "an exercise",
    }.items():
        if word not in said:
            found.append(f"{name} has no {what}: add {word!r}")
    record = notebook.metadata.get("course", {}).get("record")
    if record is None:
        return [*found, f"{name} was never recorded: {again}"]
    minutes = re.search(r"걸리는 시간\*\*:[^\n]*?약 (\d+)분", prose)
    if not minutes:
        found.append(f"{name} does not say its minutes: write '약 N분' in the first box")
    elif not 0.5 * record["seconds"] - 60 <= 60 * int(minutes[1]) <= 2 * record["seconds"] + 60:
        found.append(f"{name} says {minutes[1]} minutes, its recording took {record['seconds']} s")
    for file, digest in record["data"].items():
        if file in REAL and REAL[file] != digest:
            found.append(f"{name} was recorded on another {file} than the registry's: {again}")
    for number, cell in enumerate(cells):
        for output in cell.get("outputs", []):
            place = f"{name}, cell {number}"
            bundle = output.get("data", {})
            text = "".join(output.get("text", "") or bundle.get("text/plain", ""))
            if "data/sample" in text or "course-sample-banner" in bundle.get("text/html", ""):
                found.append(f"{place}: an output of a run on the sample: {again}")
            if output.output_type == "stream" and output.name == "stderr":
                found.append(f"{place}: a warning in the outputs: mend its cause and {again}")
            if "image/png" in bundle and not output.metadata.get("image/png", {}).get("alt"):
                found.append(
                    f"{place}: a picture without alt text: end it with plots.show(fig, alt=…)"
                )
            rows = bundle.get("text/html", "").count("<tr")
            if rows > 16 or text.count("\n") > 60 or len(text) > 6000:
                found.append(f"{place}: the output carries too many rows: show a handful (.head())")
    return found


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_lesson(path):
    assert not (stale(path) + problems(lessons.read(lessons.recording(path)), path.name))


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_setup_cell_is_the_same_everywhere(path):
    setup = (TESTS / "setup_cell.py").read_text("utf-8").strip()
    code = [cell.source.strip() for cell in lessons.read(path).cells if cell.cell_type == "code"]
    assert code[0] == setup, f"{path.name}: its first code cell must be tests/setup_cell.py"


@pytest.fixture
def good():
    return lessons.read(LESSONS[0])


def first_code(notebook):
    return next(cell for cell in notebook.cells if cell.cell_type == "code" and cell.outputs)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda nb: nb.metadata.pop("course"), "never recorded"),
        (lambda nb: nb.cells.pop(1), "no goals"),
        (lambda nb: nb.metadata["course"]["record"].update(seconds=99999), "minutes"),
        (
            lambda nb: nb.metadata["course"]["record"]["data"].update({"reuters.npz": "0"}),
            "another",
        ),
        (
            lambda nb: first_code(nb).outputs.append(
                new_output("display_data", {"image/png": "", "text/plain": ""})
            ),
            "alt text",
        ),
        (
            lambda nb: first_code(nb).outputs.append(
                new_output("stream", name="stdout", text="a review\n" * 99)
            ),
            "too many rows",
        ),
        (
            lambda nb: first_code(nb).outputs.append(
                new_output("stream", name="stdout", text="data/sample is used")
            ),
            "run on the sample",
        ),
        (
            lambda nb: first_code(nb).outputs.append(
                new_output("stream", name="stderr", text="Warning: x")
            ),
            "a warning",
        ),
    ],
)
def test_a_spoiled_lesson_is_found(good, spoil, message):
    spoil(good)
    assert any(message in line for line in problems(good, LESSONS[0].name))


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda nb: first_code(nb).update(source="x = 1"), "has changed since its recording"),
        (lambda nb: first_code(nb).update(execution_count=77), "in order"),
        (lambda nb: first_code(nb).update(execution_count=None), "in order"),
        (
            lambda nb: first_code(nb).outputs.append(
                new_output("error", ename="E", evalue="", traceback=[])
            ),
            "error output",
        ),
    ],
)
def test_a_stale_recording_is_found(good, spoil, message, tmp_path):
    import nbformat

    spoil(good)
    nbformat.write(good, tmp_path / LESSONS[0].name)
    assert any(message in line for line in stale(tmp_path / LESSONS[0].name))


def test_the_address_is_not_part_of_the_recording(good):
    other = copy.deepcopy(good)
    cell = next(cell for cell in other.cells if "REPOSITORY = " in cell.source)
    cell.source = re.sub('REPOSITORY = ".*"', 'REPOSITORY = "https://github.com/a/b"', cell.source)
    assert contract.source_hash(other) == contract.source_hash(good)
