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
from classroom import earned, hand_in, run
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
STUB = '# 여기에 코드를 쓰십시오.\nraise NotImplementedError("이 칸을 아직 채우지 않았습니다.")'
SOLUTION = re.compile(r"### BEGIN SOLUTION\n(.*?)### END SOLUTION", re.S)


def grade_id(cell):
    return marks(cell).get("grade_id")


def for_students(notebook):
    return [
        cell
        for cell in notebook.cells
        if not {"instructor", "published"} & set(cell.metadata.get("tags", []))
    ]


def test_what_is_handed_out_is_what_the_source_gives():
    assert not release.stale()


@pytest.mark.parametrize("derived", [0, 1])
def test_a_stale_derivative_is_found(tmp_path, derived):
    folder, pages = tmp_path / "homework", tmp_path / "lessons"
    source = folder / SOURCE_FILE.name
    for place in (folder, pages):
        place.mkdir()
    shutil.copy(SOURCE_FILE, source)
    (folder / f"{source.stem}_material.py").touch()
    made = release.derivatives(source, pages)
    files = list(made)
    for path, text in made.items():
        path.write_text(text, encoding="utf-8")
    assert not release.stale(folder, pages)
    text = files[derived].read_text("utf-8")
    files[derived].write_text(text.replace("리뷰", "글", 1), encoding="utf-8")
    assert list(release.stale(folder, pages)) == [files[derived]]
    files[derived].write_text(text, encoding="utf-8")
    source.write_text(source.read_text("utf-8").replace("epochs=4", "epochs=5"), encoding="utf-8")
    assert files[1] in release.stale(folder, pages), "a changed source is stale"


@each
def test_the_students_copy_is_the_source_minus_the_blanks(path):
    wanted, copy = for_students(SOURCES[path]), COPIES[path]
    kept = [cell for cell in copy.cells if cell.id in {c.id for c in wanted}]
    assert len(kept) == len(wanted)
    for given, cell in zip(kept, wanted, strict=True):
        expected = lessons.HIDDEN.sub("", SOLUTION.sub(STUB, cell.source)).rstrip("\n")
        assert given.source.rstrip("\n") == expected
    extra = [cell for cell in copy.cells if cell not in kept]
    assert all(cell.cell_type == "markdown" for cell in extra), "only prose is added"


def without_asserts(block: str) -> list[str]:
    """Its lines but for those of assertions, whose words a shown check may have as well."""
    lines = textwrap.dedent(block).splitlines()
    for node in ast.walk(ast.parse("\n".join(lines))):
        if isinstance(node, ast.Assert):
            lines[node.lineno - 1 : node.end_lineno] = [""] * (node.end_lineno - node.lineno + 1)
    return lines


@each
def test_the_students_copy_gives_nothing_away(path):
    source, student = SOURCES[path], COPIES[path]
    text = (lessons.COURSE.folder / path.name).read_text("utf-8")
    for word in ("HIDDEN", "SOLUTION", "sandbox:", "BEGIN", "(labels)", "alarm("):
        assert word not in text, word
    recorded = {c.id for c in source.cells if "published" in c.metadata.get("tags", [])}
    shown = "\n".join(cell.source for cell in student.cells if cell.id not in recorded)
    secret = [
        line.strip()
        for cell in source.cells
        for block in [*SOLUTION.findall(cell.source), *lessons.HIDDEN.findall(cell.source)]
        for line in without_asserts(block)
    ]
    secret += [
        line.strip()
        for cell in source.cells
        if "instructor" in cell.metadata.get("tags", [])
        for line in cell.source.splitlines()
    ]
    told = re.compile(r"^(import|from|points|message|answers = np|\W*$|for name|return|plots)")
    for line in secret:
        assert told.match(line) or len(line) < 15 or line not in shown, line
    for cell in student.cells:
        assert set(cell.metadata) <= {"nbgrader", "editable", "deletable", "tags"}
        assert not cell.get("outputs") and cell.get("execution_count") is None
    assert set(student.metadata) == {"kernelspec", "language_info", "course"}


@each
def test_the_solution_has_no_hidden_test(path):
    path = path.with_name(f"{path.stem}_solution.ipynb")
    text = path.read_text("utf-8")
    assert "HIDDEN" not in text and "sandbox:" not in text and "NotImplementedError" not in text


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


def visible(name: str, path: Path = SOURCE_FILE) -> str:
    return next(cell.source for cell in COPIES[path].cells if grade_id(cell) == name)


CHECKS = [
    (path, grade_id(cell))
    for path in FILES
    for cell in COPIES[path].cells
    if marks(cell).get("grade")
]
each_check = pytest.mark.parametrize(
    ("path", "name"), CHECKS, ids=[f"{path.stem[:3]}-{name}" for path, name in CHECKS]
)


@each_check
def test_an_empty_blank_is_named_in_korean(path, name):
    with pytest.raises(AssertionError, match="없습니다. "):
        exec(visible(name, path), {"np": np, "checks": checks})


def part1(**changes):
    """What a right part 1 leaves behind, with changes."""
    reviews = ["가 나", "다", "가"]
    numbers = {"가": 2, "나": 3, "다": 4}

    def to_sequences(reviews):
        return [[numbers.get(word, 1) for word in review.split()] for review in reviews]

    def to_array(reviews):
        rows = to_sequences(reviews)
        return np.array([([0, 0] + row)[-2:] for row in rows], "int32")

    values = {
        "np": np,
        "checks": checks,
        "to_array": to_array,
        "train_reviews": reviews,
        "valid_reviews": reviews[:2],
        "to_sequences": to_sequences,
        "vocabulary_size": 5,
        "train_sequences": [[2, 3], [4], [2]],
        "valid_sequences": [[2, 3], [4]],
        "maxlen": 2,
        "x_train": to_array(reviews),
        "x_valid": to_array(reviews[:2]),
        "covered": 1.0,
        "length_reason": "길이 2면 리뷰의 100%가 온전히 남습니다. " * 3,
    }
    return values | changes


@pytest.mark.parametrize(
    ("name", "changes", "message"),
    [
        ("part1_sequences", {"train_sequences": [[2]]}, "리뷰마다 시퀀스가 하나씩"),
        ("part1_sequences", {"train_sequences": [[0], [1], [2]]}, "0번은 패딩"),
        ("part1_sequences", {"train_sequences": [[9], [1], [2]]}, "vocabulary_size"),
        ("part1_sequences", {"train_sequences": [["1.5"], [1], [2]]}, "정수만"),
        ("part1_sequences", {"to_sequences": lambda r: [[1]]}, "빈 리뷰를 건너뛰지"),
        ("part1_sequences", {"to_sequences": lambda r: [[0]] * len(r)}, "0번이 아니라 1번"),
        ("part1_sequences", {"train_sequences": [[2]] * 3}, "같은 시퀀스가 됩니다"),
        ("part1_length", {"train_sequences": [[2, 3]] * 3}, "train_sequences와 맞지"),
        ("part1_length", {"length_reason": "그냥 이만하면 알맞다고 " * 4}, "잰 수치가 없습니다"),
        ("part1_length", {"x_train": [[1, 2], [3]]}, "pad_sequences를 지나지"),
        ("part1_length", {"x_valid": np.zeros((2, 9))}, "모양은"),
        ("part1_length", {"covered": 90}, "0과 1 사이"),
        ("part1_length", {"covered": 0.1}, "비율은 1.000인데"),
        ("part1_length", {"length_reason": "그냥"}, "너무 짧습니다"),
        ("part1_length", {"to_array": lambda r: np.ones((len(r), 2))}, "to_array로 만드십시오"),
        ("part1_sequences", {"train_sequences": None}, "검사하다가 오류가 났습니다"),
        ("part1_length", {"covered": "절반"}, "검사하다가 오류가 났습니다"),
    ],
)
def test_a_visible_check_says_what_is_wrong(name, changes, message):
    exec(visible(name), part1())
    with pytest.raises(AssertionError, match=message):
        exec(visible(name), part1(**changes))


@pytest.mark.parametrize("name", ["part1_sequences", "part1_length"])
def test_a_check_leaves_the_students_names_alone(name):
    before = part1()
    after = dict(before)
    exec(visible(name), after)
    assert after.keys() - before.keys() == {"__builtins__", "_check"}
    assert all(after[key] is value for key, value in before.items())


@each_check
def test_a_check_is_one_function(path, name):
    tree = ast.parse(visible(name, path))
    assert [type(part).__name__ for part in tree.body] == ["FunctionDef"]


# What a student may leave in a name: every check says in Korean what to look at.
ODD = [None, 7, float("nan"), "글", [], [None], {}, [[]] * 3, lambda *_: None, lambda *_: 1 / 0]


@each_check
def test_whatever_goes_wrong_is_said_in_korean(path, name):
    keras = SimpleNamespace(Model=object)
    wanted = re.findall(r'"(\w+)"', visible(name, path).split("in globals()")[0])
    for odd in ODD:
        left = part1() | {"keras": keras, "y_valid": np.zeros(2), "test_reviews": ["글"]}
        left |= dict.fromkeys(wanted, odd)
        with pytest.raises(AssertionError, match="[가-힣]{2}"):
            exec(visible(name, path), left)


@each
def test_no_cell_that_students_see_uses_what_is_private(path):
    for cell in COPIES[path].cells:
        if cell.cell_type == "code":
            assert not re.search(r"\.\s*_[a-z]", cell.source), cell.source


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
    for text in (
        f"메모리 {limits.memory_mb // 1000} GB",
        f"디스크 {limits.disk_mb} MB",
        f"{limits.result_mb} MB를 넘을 수 없습니다",
    ):
        assert text in task
    assert "CPU 시간으로 모두 합해 두 시간" in task and limits.seconds == 2 * 3600
    assert "셀 하나는 그 반까지" in task and limits.cell_seconds == limits.seconds / 2
    assert "사본 저장" in task


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


def test_one_more_homework_is_two_files_and_its_tests(tmp_path):
    """The manual's recipe: a notebook, its material; page and solution follow, and it is graded."""
    folder, pages = tmp_path / "homework", tmp_path / "lessons"
    folder.mkdir()
    pages.mkdir()
    source = folder / "15h_small_homework.ipynb"
    original = submissions.source()
    nbformat.write(original, source)
    material = """\
        READY = "import numpy"

        def prepare(folder):
            folder.mkdir()
            return {"reviews": ["재밌다", "지루"]}, b'{"labels": [1, 0]}'
        """
    source.with_name(f"{source.stem}_material.py").write_text(textwrap.dedent(material), "utf-8")
    for path, text in release.stale(folder, pages).items():
        path.write_text(text, "utf-8")
    made = [pages / source.name, folder / f"{source.stem}_solution.ipynb"]
    assert all(path.exists() for path in made) and not release.stale(folder, pages)
    (tmp_path / "in").mkdir()
    hand_in(tmp_path / "in", "가.ipynb", submissions.solved(original))
    shutil.copy(made[0], tmp_path / "in" / "빈.ipynb")
    results, failed = run(tmp_path / "in", tmp_path / "out", find("15", folder), unsafe=True)
    assert not failed, failed
    points = {result.student: earned(result) for result in results}
    assert points == {"가": (2, 4, 1), "빈": (0, 0, 0)}
