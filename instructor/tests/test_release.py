"""A homework has one source; what is handed out follows from it and gives nothing away."""

import ast
import re
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path
from types import SimpleNamespace

import nbformat
import numpy as np
import pytest
import submissions
from coursekit import checks

from grading import release
from grading.assignment import CONFIG, HOMEWORK, find, marks, sources, student_copy
from grading.limits import Limits
from tools import lessons

FILES = sources()
SOURCES = {path: nbformat.read(path, as_version=4) for path in FILES}
COPIES = {path: nbformat.read(lessons.COURSE.folder / path.name, as_version=4) for path in FILES}
SOURCE_FILE = find("09")  # where one homework stands for all, or its own words are tried
SOURCE, STUDENT = SOURCES[SOURCE_FILE], COPIES[SOURCE_FILE]
each = pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
SOLUTION = re.compile(r"### BEGIN SOLUTION\n(.*?)### END SOLUTION", re.S)


def grade_id(cell):
    return marks(cell).get("grade_id")


def test_what_is_handed_out_is_what_the_source_gives():
    assert not release.stale()


def test_a_stale_derivative_is_found(tmp_path):
    folder, pages = tmp_path / "homework", tmp_path / "lessons"
    source = folder / SOURCE_FILE.name
    for place in (folder, pages):
        place.mkdir()
    shutil.copy(SOURCE_FILE, source)
    (folder / f"{source.stem}_material.py").touch()
    made = release.stale(folder, pages)  # neither is there yet
    for path, text in made.items():
        path.write_text(text, encoding="utf-8")
    assert len(made) == 2 and not release.stale(folder, pages)
    for path, text in made.items():
        path.write_text(text.replace("리뷰", "글", 1), encoding="utf-8")
        assert list(release.stale(folder, pages)) == [path]
        path.write_text(text, encoding="utf-8")
    source.write_text(source.read_text("utf-8").replace("epochs=4", "epochs=5"), encoding="utf-8")
    assert release.stale(folder, pages), "a changed source is stale"


def without_asserts(block: str) -> list[str]:
    """Its lines but for those of assertions, whose words a shown check may have as well."""
    lines = textwrap.dedent(block).splitlines()
    for node in ast.walk(ast.parse("\n".join(lines))):
        if isinstance(node, ast.Assert):
            lines[node.lineno - 1 : node.end_lineno] = [""] * (node.end_lineno - node.lineno + 1)
    return lines


@each
def test_the_students_copy_gives_nothing_away_and_the_solution_no_hidden_test(path):
    source, student = SOURCES[path], COPIES[path]
    text = (lessons.COURSE.folder / path.name).read_text("utf-8")
    hidden = ["len(labels)", "asarray(labels)", "alarm(", "sandbox:"]
    for word in ["HIDDEN", "SOLUTION", "BEGIN", *hidden]:
        assert word not in text, word
    recorded = {c.id for c in source.cells if "published" in lessons.tags(c)}
    shown = "\n".join(cell.source for cell in student.cells if cell.id not in recorded)
    published = "\n".join(cell.source for cell in student.cells if cell.id in recorded)
    secret = [
        line.strip()
        for cell in source.cells
        for block in [*SOLUTION.findall(cell.source), *lessons.HIDDEN.findall(cell.source)]
        for line in without_asserts(block)
    ]
    secret += [
        line.strip()
        for cell in source.cells
        if "instructor" in lessons.tags(cell)
        for line in cell.source.splitlines()
        if line.strip() not in published
    ]
    told = re.compile(r"^(import|from|points|message|answers = np|\W*$|for name|return|plots)")
    for line in secret:
        assert told.match(line) or len(line) < 15 or line not in shown, line
    for cell in student.cells:
        assert set(cell.metadata) <= {"nbgrader", "editable", "deletable", "tags"}
        assert not cell.get("outputs") and cell.get("execution_count") is None
        private = cell.cell_type == "code" and re.search(r"\.\s*_[a-z]", cell.source)
        assert not private, cell.source
    assert set(student.metadata) == {"kernelspec", "language_info", "course"}
    solution = path.with_name(f"{path.stem}_solution.ipynb").read_text("utf-8")
    assert not re.search("HIDDEN|sandbox:|NotImplementedError", solution)


def test_what_is_handed_out_shows_a_handful_of_rows_at_most():
    for path in HOMEWORK.glob("*.ipynb"):
        for cell in nbformat.read(path, as_version=4).cells:
            for output in cell.get("outputs", []):
                html = "".join(output.get("data", {}).get("text/html", ""))
                assert html.count("<tr") <= 7, f"{path.name}: {cell.id}"


@each
def test_locked_cells_are_locked_and_blanks_are_open(path):
    student = COPIES[path]
    for cell in student.cells:
        given = marks(cell)
        if given:
            assert given["schema_version"] == 3
            assert given["locked"] is not given["solution"]
            assert cell.metadata.get("editable", True) is given["solution"]
    points = {
        grade_id(c): marks(c)["points"]
        for c in student.cells
        if "points" in c.metadata.get("nbgrader", {})
    }
    assert sum(points.values()) == 100
    parts = [
        float(x) for x in re.findall(r"(?m)^\| [\d.]+ \|[^|]*\| (\d+) \|", student.cells[1].source)
    ]
    assert sum(parts) == 100, "the table of the task adds up"


# --- nbgrader itself -----------------------------------------------------------------------------


def nbgrader(folder: Path, *arguments: str) -> subprocess.CompletedProcess:
    script = "from nbgrader.apps.nbgraderapp import main; main()"
    command = [sys.executable, "-c", script, *arguments]
    environment = {"PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin", "HOME": str(folder)}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)


def test_nbgrader_hands_out_the_same_cells_with_our_settings(tmp_path):
    """The files of the manual for JupyterHub, as far as one machine allows."""
    name = SOURCE_FILE.stem
    (tmp_path / "source" / name).mkdir(parents=True)
    shutil.copy(SOURCE_FILE, tmp_path / "source" / name)
    shutil.copy(CONFIG, tmp_path)
    result = nbgrader(tmp_path, "generate_assignment", name)
    assert result.returncode == 0, result.stderr
    path = tmp_path / "release" / name / SOURCE_FILE.name
    made = nbformat.read(path, as_version=4)
    assert [cell.source for cell in made.cells] == [cell.source for cell in STUDENT.cells]
    assert [marks(cell) for cell in made.cells] == [marks(cell) for cell in STUDENT.cells]
    assert (tmp_path / "gradebook.db").exists()


def test_nbgrader_validates_a_right_and_a_wrong_notebook(tmp_path):
    source = submissions.source()
    nbformat.write(submissions.solved(source), tmp_path / "right.ipynb")
    nbformat.write(student_copy(source), tmp_path / "blank.ipynb")
    assert "Success" in nbgrader(tmp_path, "validate", "right.ipynb").stdout
    assert "squares 칸을 채우십시오" in nbgrader(tmp_path, "validate", "blank.ipynb").stdout


# --- the checks that students see ----------------------------------------------------------------


CHECKS = {
    f"{path.stem[:3]}-{grade_id(cell)}": cell.source
    for path in FILES
    for cell in COPIES[path].cells
    if marks(cell).get("grade")
}
# What a student may leave in a name: every check says in Korean what to look at.
ODD = [None, 7, float("nan"), "글", [], [None], {}, [[]] * 3, lambda *_: None, lambda *_: 1 / 0]


@pytest.mark.parametrize("name", CHECKS)
def test_a_check_is_one_function_and_says_in_korean_whatever_goes_wrong(name):
    """So it leaves the student's names alone; of an empty blank it says that it is one."""
    source, keras = CHECKS[name], SimpleNamespace(Model=object)
    assert [type(part).__name__ for part in ast.parse(source).body] == ["FunctionDef"]
    with pytest.raises(AssertionError, match="없습니다. "):
        exec(source, {"np": np, "checks": checks})
    wanted = re.findall(r'"(\w+)"', source.split("in globals()")[0])
    for odd in ODD:
        left = {"np": np, "checks": checks, "keras": keras, "y_valid": np.zeros(2)}
        left |= dict.fromkeys(("train_reviews", "valid_reviews", "test_reviews"), ["글", "말"])
        left |= dict.fromkeys(wanted, odd)
        with pytest.raises(AssertionError, match="[가-힣]{2}"):
            exec(source, left)


def test_the_task_tells_what_decides_the_points():
    """Thresholds in the table of the task are those of the hidden checks; so are the limits."""
    task = STUDENT.cells[1].source
    hidden = {grade_id(cell): cell.source for cell in SOURCE.cells if marks(cell)}
    for name, low, width, most in (
        ("part2_training", "0.60", "0.15", 6),
        ("part3_accuracy", "0.65", "0.19", 20),
        ("part5_best", "0.845", "0.025", 7),
    ):
        assert f"{most} * np.clip((accuracy - {low}) / {width}, 0, 1)" in hidden[name]
        high = f"{float(low) + float(width):.3f}".rstrip("0")
        assert re.search(f"{low}0*부터 {high}0*까지 0점에서 {most}점", task), name
    limits = Limits()
    assert limits.seconds == 2 * limits.cell_seconds == 2 * 3600, "two hours, a cell half of it"
    sizes = f"{limits.memory_mb // 1000} GB", f"{limits.disk_mb} MB", f"{limits.result_mb} MB"
    for told in (*sizes, "두 시간", "그 반까지", "사본 저장"):
        assert told in task, told


def test_a_homework_is_found_by_how_its_name_begins(tmp_path):
    """A notebook is a homework when its material lies beside it; the engine knows no name."""
    for name in ("02h_a_homework", "09_b_homework", "09h_c_homework"):
        (tmp_path / f"{name}_material.py").touch()
    assert [find(name, tmp_path).stem for name in ("02", "02h", "2", "09_", "09h")] == [
        *["02h_a_homework"] * 3,
        "09_b_homework",
        "09h_c_homework",
    ]
    with pytest.raises(ValueError, match="HOMEWORK= one of 02h, 09, 09h"):
        find("", tmp_path)
    with pytest.raises(ValueError, match="HOMEWORK= one of 09, 09h"):
        find("09", tmp_path)
