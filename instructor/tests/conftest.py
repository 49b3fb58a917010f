"""The program and the small assignment that the tests of the grading share."""

import os
import sys
from pathlib import Path

import pytest

INSTRUCTOR = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(INSTRUCTOR))
os.environ["COURSE_SOURCES"] = str(INSTRUCTOR / "homework")
os.environ.setdefault("COURSE_REAL_DATA", os.environ.get("COURSE_DATA", ""))
os.environ |= {"COURSE_DATA": "sample", "COURSE_STRICT": "", "MPLBACKEND": "agg"}


@pytest.fixture(autouse=True)
def programs_find_each_other(monkeypatch):
    """What a test starts finds the program and what it uses of the course."""
    paths = [INSTRUCTOR, INSTRUCTOR.parent / "lessons", INSTRUCTOR.parent]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(map(str, paths)))


@pytest.fixture(scope="module")
def assignment(tmp_path_factory) -> Path:
    """The source of the small assignment."""
    import nbformat
    import submissions

    path = tmp_path_factory.mktemp("source") / "small_homework.ipynb"
    nbformat.write(submissions.source(), path)
    material = (INSTRUCTOR / "homework/09_nsmc_homework_material.py").read_text("utf-8")
    material += '\nREADY = "import numpy"\n'  # no TensorFlow in the small one
    path.with_name("small_homework_material.py").write_text(material, "utf-8")
    return path


@pytest.fixture
def small(tmp_path, assignment):
    """A folder with two right submissions, where to grade to, and the source as a notebook."""
    import nbformat
    import submissions
    from classroom import hand_in

    folder, original = tmp_path / "in", nbformat.read(assignment, as_version=4)
    folder.mkdir()
    hand_in(folder, "가.ipynb", submissions.solved(original))
    hand_in(
        folder, "나.ipynb", submissions.solved(original, essay="essay = '다른 사람의 글입니다.'")
    )
    return folder, tmp_path / "out", original
