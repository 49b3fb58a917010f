"""make record, make band, make verify: what they promise of the numbers, on a small lesson."""

import json
import os
import re

import pytest
import small
from nbformat.v4 import new_code_cell, new_output

from tools import check, derive, execute, page_model, results
from tools.lessons import Course, read, stored


@pytest.fixture
def course(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_DATA", "")
    monkeypatch.delenv("CI", raising=False)
    return small.course(tmp_path)


def with_cell(course, source):
    """Put a cell into the lesson; the course, read again."""
    path = course.find("1").path
    notebook = read(path)
    notebook.cells.insert(3, new_code_cell(source))
    path.write_text(stored(notebook), encoding="utf-8")
    return Course(course.root)


# --- in a kernel ---------------------------------------------------------------------------------


TOLD = """\
import os, sys
names = "COURSE_RECORDING", "KERAS_BACKEND", "COURSE_STRICT"
print(*map(os.environ.get, names))
print("2026-11-29 20:00:00 external/xla: x\\nWarning: ours")
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
    [told] = lesson.cells[3].outputs
    assert told.text == "1 tensorflow 1\nWarning: ours\n"
    assert lesson.values["test_accuracy"] == 0.542 and lesson.pictures
    made = lesson.record
    assert made["data"] == {} and 0 < made["seconds"] < 600
    assert re.fullmatch(r".+, \d+ cores", made["cpu"])
    assert set(made["versions"]) == {"python", *execute.PACKAGES}
    told = capsys.readouterr().out
    assert "cell   3/13" in told and "Recorded 01_small.ipynb" in told
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


# --- without a kernel ----------------------------------------------------------------------------


class Ran(list):
    """What was run and with which environment; a run gives what ``gives`` puts in."""

    def gives(self, notebook, environment):
        pass

    def __call__(self, notebook, folder, environment):
        self.append(([cell.source for cell in notebook.cells], folder, environment))
        self.gives(notebook, environment)
        return 1.0


@pytest.fixture
def ran(monkeypatch):
    monkeypatch.setattr(execute, "execute", found := Ran())
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
    assert environment["KERAS_BACKEND"] == "tensorflow", "also where the set-up cell does not run"


def test_hidden_checks_do_not_run_and_stay(course, ran):
    hidden = "x = 1\n### BEGIN HIDDEN " + "TESTS\n1 / 0\n### END HIDDEN TESTS\n"
    course = with_cell(course, hidden)
    told = execute.run(course, course.find("1").notebook)
    assert ran[0][0][3] == "x = 1\n" and told.notebook.cells[3].source == hidden


def test_a_recording_keeps_the_settings_of_the_notebook_and_the_models_it_left(
    course, ran, monkeypatch
):
    kept, grading = [], {"limits": {"seconds": 1}}
    monkeypatch.setattr(page_model, "keep", lambda *given: kept.append(given) or {"one": "0"})
    course.find("1").notebook.metadata["course"]["grading"] = grading
    execute.record(["01"], course)
    assert not kept and "models" not in Course(course.root).find("1").record
    ran.gives = lambda notebook, env: open(f"{env['COURSE_MODELS']}/one.keras", "w").close()
    execute.record(["01"], course)
    [(_, models)] = kept
    assert models == course.root / "book" / "_static" / "models"
    lesson = Course(course.root).find("1")
    assert lesson.record["models"] == {"one": "0"}
    assert lesson.notebook.metadata["course"]["grading"] == grading


def test_a_band_runs_the_tagged_cells_once_a_seed_and_stores_what_they_gave(course, ran, capsys):
    def gives(notebook, environment):
        accuracy = 0.5 + int(environment["COURSE_SEED"]) / 1000 + 0.00001
        notebook.cells[-1].outputs = [small.glue("test_accuracy", accuracy)]

    ran.gives = gives
    execute.band(["1"], course)
    tagged = [
        cell.source for cell in course.find("1").cells if "band" in cell.metadata.get("tags", ())
    ]
    assert len(tagged) == 2 and [sources for sources, _, _ in ran] == [tagged] * 5
    assert "# a comment that stays" in (course.root / results.FILE).read_text("utf-8")
    band = results.entries(course)[small.NAME]["band"]
    assert band == {"seeds": [1, 2, 3, 4, 5], "values": [0.501, 0.502, 0.503, 0.504, 0.505]}
    assert "Band of test_accuracy: 0.493 to 0.513." in capsys.readouterr().out
    execute.band(["1", "7", "8"], course)
    band = results.entries(course)[small.NAME]["band"]
    assert band == {"seeds": [7, 8], "values": [0.507, 0.508]}


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
    assert not ran


def puts(cell, output):
    """A run in which this is the first output of a cell."""

    def gives(notebook, environment):
        notebook.cells[cell].outputs[:1] = [output]

    return gives


def test_verify_holds_what_it_finds_to_the_recording_and_saves_nothing(course, ran, capsys):
    before = course.find("1").path.read_text("utf-8")
    ran.gives = puts(3, new_output("stream", text="1.3 s\n"))  # times are never the same
    execute.verify([], course)
    told = capsys.readouterr().out
    assert "test_accuracy = 0.5420, band 0.5188 to 0.5612" in told and "1 lessons hold." in told
    (course.root / results.FILE).write_text("", encoding="utf-8")  # nor does each have an entry
    execute.verify(["1"], course)
    assert course.find("1").path.read_text("utf-8") == before


@pytest.mark.parametrize(
    ("gives", "message"),
    [
        (puts(5, small.glue("test_accuracy", 0.5187)), "band: test_accuracy = 0.5187, band 0.5188"),
        (puts(5, small.glue("test_accuracy", 0.5613)), "outside its band: test_accuracy = 0.5613"),
        (puts(6, new_output("stream", text="5\n")), r"cell 6: printed \['5\\n'\], recorded \['4\\"),
    ],
)
@pytest.mark.parametrize("tag", ["nbval-check-output", "check-real"])
def test_verify_finds_a_number_outside_its_band_and_another_text(course, ran, gives, message, tag):
    course.find("1").cells[6].metadata.tags = [tag]
    ran.gives = gives
    with pytest.raises(SystemExit, match=message):
        execute.verify(["1"], course)


@pytest.mark.parametrize("command", [execute.record, execute.band, execute.verify])
def test_what_it_needs_is_said_before_anything_runs(course, ran, monkeypatch, command):
    if command is not execute.verify:  # which takes every lesson then
        with pytest.raises(SystemExit, match=f"make {command.__name__} LESSON=01"):
            command([], course)
    monkeypatch.setenv("COURSE_DATA", "sample")
    with pytest.raises(SystemExit, match="Refused: COURSE_DATA=sample"):
        command(["01"], course)
    assert not ran
