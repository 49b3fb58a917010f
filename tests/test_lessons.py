"""A lesson is read once; what it says of itself is asked in one place."""

import nbformat
import pytest
import small
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from tools import check, derive, lessons
from tools.lessons import COURSE, ROOT, Course, Lesson, stored


def test_a_lesson_speaks_for_itself(tmp_path):
    lesson = small.course(tmp_path).find("1")
    assert (lesson.name, lesson.number, lesson.title) == ("01_small", "01", "01. 작은 단원")
    assert lesson.goal == "셀 하나를 읽습니다."
    assert lesson.minutes == 1, "the first that its box says"
    assert lesson.values == small.VALUES
    assert [picture.metadata["image/png"]["alt"] for picture in lesson.pictures] == ["정확도 0.54"]
    assert lesson.record["seconds"] == 60 and not lesson.is_derived


def test_its_data_are_those_that_its_code_loads(tmp_path):
    load = "index = data.load_word_index('imdb')\na = data.load_nsmc()\nb = data.load_reuters()"
    cells = [new_markdown_cell("data.load_glove()"), new_code_cell(load)]
    nbformat.write(new_notebook(cells=cells), tmp_path / "12_a.ipynb")
    lesson = Lesson(tmp_path / "12_a.ipynb")
    assert lesson.data == ["Reuters", "NSMC"]
    assert (lesson.title, lesson.minutes, lesson.goal, lesson.record) == ("12_a", None, "", None)


def test_checking_reads_each_notebook_once(tmp_path, monkeypatch):
    course, read = small.course(tmp_path), []
    real = nbformat.read
    monkeypatch.setattr(nbformat, "read", lambda path, **k: read.append(path) or real(path, **k))
    derive.bring_up_to_date(course)
    assert check.all_problems(course) == []
    assert sorted(path.name for path in read) == ["01_small.ipynb", "lesson_template.ipynb"]


def test_a_lesson_is_found_by_its_number_or_the_choices_are_told(tmp_path):
    course = small.course(tmp_path, small.notebook(), small.notebook())
    assert course.find("2") is course.find("02") is course.lessons()[1]
    with pytest.raises(SystemExit, match="No lesson '3': say LESSON= one of 01 02"):
        course.find("3")
    assert [lesson.name for lesson in course.chosen(["2"])] == ["02_b"]
    assert len(course.chosen([])) == 2


def test_a_lesson_that_is_not_in_the_book_is_a_draft(tmp_path):
    course = small.course(tmp_path)
    (course.folder / "02_b.ipynb").write_text(stored(small.notebook()), encoding="utf-8")
    assert [lesson.name for lesson in course.drafts()] == ["02_b"]
    assert [lesson.name for lesson in course.numbered()] == ["01_small", "02_b"]
    assert [lesson.name for lesson in course.chosen([])] == ["01_small"]


def test_what_is_run_is_the_source_where_that_is_at_hand(tmp_path):
    course = small.course(tmp_path)
    source = tmp_path / "sources"
    source.mkdir()
    (source / "01_small.ipynb").write_text(stored(small.notebook()), encoding="utf-8")
    with_source = Course(tmp_path, [source])
    assert with_source.find("1").path == source / "01_small.ipynb"
    assert course.find("1").path == course.folder / "01_small.ipynb"
    page = course.folder / "01_small.ipynb"
    assert with_source.read(page).path == page
    assert with_source.notebooks() == [page, source / "01_small.ipynb"]


def test_sources_are_folders_of_this_checkout(tmp_path, monkeypatch):
    """A copy of the course must not write into the one it was copied from."""
    named = [tmp_path, COURSE.folder, ROOT / "no-such-folder"]
    monkeypatch.setenv("COURSE_SOURCES", ":".join(map(str, ["", *named])))
    assert lessons._sources() == [COURSE.folder]
