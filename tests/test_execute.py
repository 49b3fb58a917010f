"""make record, make band, make verify: what they promise of the numbers, on a small lesson."""

import json
import os
import re

import nbformat
import pytest
import small
from nbclient.exceptions import CellExecutionError
from nbformat.v4 import new_code_cell, new_output

from tools import check, derive, execute, results
from tools.lessons import Course, read, stored


@pytest.fixture
def course(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_DATA", "")
    monkeypatch.delenv("CI", raising=False)
    return small.course(tmp_path)


def with_cell(course, source, place=3):
    """Put a cell into the lesson; the course, read again."""
    path = course.find("1").path
    notebook = read(path)
    notebook.cells.insert(place, new_code_cell(source))
    path.write_text(stored(notebook), encoding="utf-8")
    return Course(course.root)


# --- in a kernel ---------------------------------------------------------------------------------


TOLD = """\
import os, sys
names = "COURSE_RECORDING", "KERAS_BACKEND", "COURSE_STRICT"
print(*map(os.environ.get, names))
print("To enable the following instructions: x", file=sys.stderr)
assert not os.listdir(os.environ["KERAS_HOME"])
assert os.getcwd().endswith("lessons")
assert os.path.isdir(os.environ["COURSE_MODELS"])"""


def test_what_is_recorded_is_a_good_page_and_all_that_derives_from_it(course, monkeypatch, capsys):
    """The whole way, with the settings of a machine that must not matter."""
    home = course.root / "keras"
    home.mkdir()
    (home / "keras.json").write_text('{"backend": "jax", "floatx": "float16"}')
    monkeypatch.setenv("KERAS_HOME", str(home))
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    course = with_cell(course, TOLD)
    execute.record(["01"], course)
    lesson = Course(course.root).find("1")
    assert [output.text for output in lesson.cells[3].outputs] == ["1 tensorflow 1\n"]
    assert lesson.values["test_accuracy"] == 0.542 and lesson.pictures
    made = lesson.record
    assert made["data"] == {} and 0 < made["seconds"] < 600
    assert re.fullmatch(r".+, \d+ cores", made["cpu"])
    assert set(made["versions"]) == {"python", *execute.PACKAGES}
    assert "Recorded 01_small.ipynb" in capsys.readouterr().out
    again = Course(course.root)
    assert derive.derived(again) == {} and check.all_problems(again) == []


READS_THE_SAMPLE = """\
import os
os.environ.update(COURSE_DATA="sample", COURSE_STRICT="")
from coursekit import data
data.load_reuters(100)"""


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("1 / 0", "Stopped at the first error; nothing was saved.(?s:.*)ZeroDivisionError"),
        ("import os\nos._exit(1)", "nothing was saved.(?s:.*)died"),
        (READS_THE_SAMPLE, r"Refused: the run read sample data \(reuters"),
    ],
    ids=["an error", "a dead kernel", "sample data"],
)
def test_a_run_that_is_no_recording_is_refused_and_nothing_is_saved(course, source, message):
    course = with_cell(course, source)
    before = course.find("1").path.read_text("utf-8")
    with pytest.raises(SystemExit, match=message):
        execute.record(["01"], course)
    assert course.find("1").path.read_text("utf-8") == before


def test_sample_data_are_refused_before_anything_runs(course, monkeypatch):
    monkeypatch.setenv("COURSE_DATA", "sample")
    monkeypatch.setattr(execute, "execute", lambda *args: pytest.fail("it ran"))
    for command in (execute.record, execute.band, execute.verify):
        with pytest.raises(SystemExit, match="Refused: COURSE_DATA=sample"):
            command(["01"], course)


# --- without a kernel ----------------------------------------------------------------------------


@pytest.fixture
def ran(monkeypatch):
    """What was run and with which environment; a run gives what ``ran.gives`` puts in."""

    class Ran(list):
        gives = staticmethod(lambda notebook, environment: None)

    found = Ran()

    def run(notebook, folder, environment):
        found.append(([cell.source for cell in notebook.cells], folder, environment))
        found.gives(notebook, environment)

    monkeypatch.setattr(execute, "execute", run)
    return found


def test_a_run_is_told_where_the_data_are_and_tells_which_it_opened(course, ran, monkeypatch):
    monkeypatch.setenv("COURSE_DATA", os.path.relpath(course.root))

    def gives(notebook, environment):
        lines = [{"file": name, "sha256": name, "source": "real"} for name in "ba"]
        with open(environment["COURSE_DATA_LOG"], "w") as log:
            log.write("\n".join(map(json.dumps, lines)))

    ran.gives = gives
    told = execute.run(course, course.find("1").notebook, COURSE_SEED="7")
    assert told.data == {"a": "a", "b": "b"} and list(told.data) == ["a", "b"]
    [(_, folder, environment)] = ran
    assert environment["COURSE_DATA"] == str(course.root.resolve()) and folder == course.folder
    assert environment["COURSE_SEED"] == "7" and "COURSE_RECORDING" not in environment
    assert environment["PATH"] == os.environ["PATH"]


def test_hidden_checks_do_not_run_and_stay(course, ran):
    hidden = "x = 1\n### BEGIN HIDDEN TESTS\n1 / 0\n### END HIDDEN TESTS\n"
    course = with_cell(course, hidden)
    told = execute.run(course, course.find("1").notebook)
    assert ran[0][0][3] == "x = 1\n" and told.notebook.cells[3].source == hidden


def test_a_recording_keeps_the_settings_of_the_notebook_and_the_models_it_left(
    course, ran, monkeypatch
):
    from tools import page_model

    kept = []
    monkeypatch.setattr(page_model, "keep", lambda *given: kept.append(given) or {"one": "0"})
    lesson = course.find("1")
    lesson.notebook.metadata["course"]["grading"] = {"limits": {"seconds": 1}}
    execute.record(["01"], course)
    assert not kept and "models" not in Course(course.root).find("1").record
    ran.gives = lambda notebook, env: open(f"{env['COURSE_MODELS']}/one.keras", "w").close()
    execute.record(["01"], course)
    [(_, models)] = kept
    assert models == course.root / "book" / "_static" / "models"
    lesson = Course(course.root).find("1")
    assert lesson.record["models"] == {"one": "0"}
    assert lesson.notebook.metadata["course"]["grading"] == {"limits": {"seconds": 1}}
    with pytest.raises(SystemExit, match="make record LESSON=01"):
        execute.record([], course)


def gives_by_seed(notebook, environment):
    accuracy = 0.5 + int(environment["COURSE_SEED"]) / 1000 + 0.00001
    notebook.cells[-1].outputs = [small.glue("test_accuracy", accuracy)]


def test_a_band_runs_the_tagged_cells_once_a_seed_and_stores_what_they_gave(course, ran, capsys):
    ran.gives = gives_by_seed
    execute.band(["1"], course)
    tagged = [
        cell.source for cell in course.find("1").cells if "band" in cell.metadata.get("tags", ())
    ]
    assert len(tagged) == 2 and [sources for sources, _, _ in ran] == [tagged] * 5
    text = (course.root / results.FILE).read_text("utf-8")
    assert "# a comment that stays" in text
    band = results.entries(course)[small.NAME]["band"]
    assert band == {"seeds": [1, 2, 3, 4, 5], "values": [0.501, 0.502, 0.503, 0.504, 0.505]}
    assert "Band of test_accuracy: 0.493 to 0.513." in capsys.readouterr().out
    execute.band(["1", "7", "8"], course)
    assert results.entries(course)[small.NAME]["band"] == {
        "seeds": [7, 8],
        "values": [0.507, 0.508],
    }


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda course: (course.root / results.FILE).write_text(""), r"has no \[01_small\]"),
        (
            lambda course: [cell.metadata.clear() for cell in course.find("1").cells],
            "01_small.ipynb has no cell tagged `band`",
        ),
    ],
)
def test_a_band_needs_an_entry_and_tagged_cells(course, ran, spoil, message):
    spoil(course)
    with pytest.raises(SystemExit, match=message):
        execute.band(["1"], course)
    with pytest.raises(SystemExit, match="make band LESSON=01"):
        execute.band([], course)
    assert not ran


def test_verify_holds_what_it_finds_to_the_recording_and_saves_nothing(course, ran, capsys):
    before = course.find("1").path.read_text("utf-8")
    execute.verify([], course)
    told = capsys.readouterr().out
    assert "test_accuracy = 0.5420, band 0.5188 to 0.5612" in told and "1 lessons hold." in told
    assert course.find("1").path.read_text("utf-8") == before


def other_value(value):
    def gives(notebook, environment):
        notebook.cells[5].outputs[0] = small.glue("test_accuracy", value)

    return gives


def other_text(notebook, environment):
    notebook.cells[6].outputs = [new_output("stream", text="5\n")]


def other_words_elsewhere(notebook, environment):
    notebook.cells[3].outputs = [new_output("stream", text="1.3 s\n")]


@pytest.mark.parametrize(
    ("gives", "message"),
    [
        (other_value(0.5187), "outside its band: test_accuracy = 0.5187, band 0.5188 to 0.5612"),
        (other_value(0.5613), "outside its band: test_accuracy = 0.5613"),
        (other_text, r"01_small.ipynb, cell 6: printed \['5\\n'\], recorded \['4\\n'\]"),
    ],
)
@pytest.mark.parametrize("tag", ["nbval-check-output", "check-real"])
def test_verify_finds_a_number_outside_its_band_and_another_text(course, ran, gives, message, tag):
    course.find("1").cells[6].metadata.tags = [tag]
    ran.gives = gives
    with pytest.raises(SystemExit, match=message):
        execute.verify(["1"], course)


def test_verify_leaves_times_and_a_lesson_without_an_entry_alone(course, ran):
    ran.gives = other_words_elsewhere
    execute.verify(["1"], course)
    (course.root / results.FILE).write_text("", encoding="utf-8")
    execute.verify(["1"], course)


def test_the_noise_of_tensorflow_is_taken_out_and_nothing_else(tmp_path, capsys):
    source = (
        "import sys\n"
        "print('2026-11-29 20:00:00 external/xla: x', file=sys.stderr)\n"
        "print('Warning: ours', file=sys.stderr)\n"
        "1"
    )
    notebook = nbformat.v4.new_notebook(cells=[new_code_cell(source)])
    seconds = execute.execute(notebook, tmp_path, dict(os.environ))
    [told, shown] = notebook.cells[0].outputs
    assert told.text == "Warning: ours\n" and shown.data["text/plain"] == "1"
    assert len(seconds) == 1 and "cell   0/1" in capsys.readouterr().out
    with pytest.raises(CellExecutionError):
        execute.execute(nbformat.v4.new_notebook(cells=[new_code_cell("x")]), tmp_path, {})
