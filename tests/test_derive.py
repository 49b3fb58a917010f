"""What follows without a run follows by itself: words, drawings, set-up cells, tables, copies.

Words are no code: they change without a run. What is computed does not.
"""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import small
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from tools import check, derive, stale
from tools.lessons import COURSE, ROOT, Course, read, stored

AGAIN = "computes something else than its recording: run `make record LESSON=01`"


def test_everything_that_is_committed_is_derived():
    found = [str(path.relative_to(ROOT)) for path in derive.derived(COURSE)]
    assert not found, f"run `make check` and commit {', '.join(found)}"


@pytest.fixture(autouse=True)
def not_in_ci(monkeypatch):
    monkeypatch.delenv("CI", raising=False)


@pytest.fixture
def page(tmp_path):
    """The file of a recorded lesson that a test may change."""
    return small.course(tmp_path).find("1").path


def change(path, function):
    """Change a lesson's file; the lesson as it was read anew."""
    notebook = read(path)
    before = stored(notebook)
    function(notebook)
    path.write_text(stored(notebook), encoding="utf-8")
    assert stored(notebook) != before, "nothing was changed"


def anew(path):
    """Derive; the course and its lesson, read again."""
    derive.bring_up_to_date(Course(path.parent.parent))
    course = Course(path.parent.parent)
    assert derive.derived(course) == {}, "a second time there is nothing to derive"
    return course, course.find("1")


def shown(lesson):
    """What a reader sees of the outputs, in order."""
    return [
        output.data.get("text/markdown") or output.data.get("text/plain", "")
        for cell in lesson.cells
        for output in cell.get("outputs", [])
        if "data" in output
    ]


def edit(old, new):
    def function(notebook):
        for cell in notebook.cells:
            cell.source = cell.source.replace(old, new)

    return function


def insert(cell, place=-1):
    return lambda notebook: notebook.cells.insert(place, cell)


WORDS = {
    "a word of a sentence": (edit("만큼 높", "만큼 더 높"), "0.1만큼 더 높습니다."),
    "a new sentence": (insert(new_code_cell('report.say("새로 {gap}")')), "새로 0.1"),
    "a word of an alt text": (edit('alt="정', 'alt="그린 정'), "그린 정확도 0.54"),
    "a word of a caption": (edit("그림 1.1. 정", "그림 1.1. 그린 정"), "그림 1.1. 그린 정확도"),
    "a markdown cell": (insert(new_markdown_cell("새 문단입니다.")), "정확도 0.54"),
    "a set-up cell of last year": (edit("os.getcwd()", "os.getcwd( )"), "정확도 0.54"),
}


@pytest.mark.parametrize("name", WORDS)
def test_changed_words_show_without_a_run(page, name):
    function, words = WORDS[name]
    change(page, function)
    course, lesson = anew(page)
    assert check.all_problems(course) == []
    assert any(words in text for text in shown(lesson)), shown(lesson)


def test_everything_stands_in_its_place(page):
    change(page, lambda nb: nb.cells[7].outputs[0].metadata["image/png"].update(width=9, alt="x"))
    _, lesson = anew(page)
    picture, caption = lesson.cells[7].outputs
    assert picture.data["text/plain"] == "정확도 0.54"
    assert picture.metadata["image/png"] == {"alt": "정확도 0.54", "width": 9}
    assert caption.data["text/markdown"] == "그림 1.1. 정확도"
    assert caption.metadata == derive.CAPTION
    [said] = lesson.cells[9].outputs
    assert said.data["text/markdown"] == "정확도는 0.542로, 0.1만큼 높습니다."
    assert said.metadata == derive.PROSE


def test_a_sentence_or_a_caption_taken_out_no_longer_shows(page):
    change(page, edit(small.SAY, "# 여기 있던 문장은 뺐습니다."))
    change(page, edit(', caption="그림 1.1. 정확도"', ""))
    _, lesson = anew(page)
    assert lesson.cells[9].outputs == [] and len(lesson.cells[7].outputs) == 1
    assert lesson.cells[10].source.startswith("그림 1.1")


CODE = {
    "a constant": edit("print(2 + 2)", "print(2 + 3)"),
    "an f-string as alt text": edit('alt="', 'alt=f"'),
    "a new code cell": insert(new_code_cell("x = 1")),
    "a cell that comes earlier": lambda nb: nb.cells.insert(3, nb.cells.pop(6)),
}


@pytest.mark.parametrize("name", CODE)
def test_changed_code_needs_a_run_and_renders_nothing(page, name):
    change(page, CODE[name])
    change(page, edit("만큼 높", "만큼 더 높"))
    course, lesson = anew(page)
    assert any(AGAIN in line for line in check.all_problems(course)), check.all_problems(course)
    assert not [text for text in shown(lesson) if "더 높" in text]


def test_a_name_without_a_value_is_told_and_nothing_is_written(page):
    change(page, edit("{gap:", "{gop:"))
    change(page, edit('alt="정', 'alt="그린 정'))  # this one could be rendered
    before = page.read_text("utf-8")
    course, _ = anew(page)
    assert any("(cell 9) no value 'gop'" in line for line in check.all_problems(course))
    assert page.read_text("utf-8") == before


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("def f(x):\n    return 1", 'def f(x):\n    """하나."""\n    return 1  # 하나', True),
        ("def f(x):\n    return 1", "def f(x):\n    return 2", False),
        ("%time x = 1", "%time x = 2", False),
        ('REPOSITORY = "a"\nx = 1', 'REPOSITORY = "b"\nx = 2', True),  # the set-up cell
        ("f(x, alt='a')", "f(x, alt='b')", True),
        ("f(x, alt='a')", "f(x)", False),
        ("f(x, caption='a')", "f(x)", True),
        ("f(x, title='a')", "f(x, title='b')", False),
        ("x = 1\n### BEGIN HIDDEN " + "TESTS\n1 / 0\n### END HIDDEN TESTS", "x = 1", True),
        ("x = 1\nreport.say('a')", "x = 1", True),
        ("x = report.say('a')", "x = report.say('b')", False),
    ],
)  # fmt: skip
def test_what_is_computed_and_what_is_said(one, other, same):
    hashes = {stale.code_hash([new_code_cell(source)]) for source in (one, other)}
    assert len(hashes) == (1 if same else 2)


def test_make_format_never_makes_a_recording_stale(page):
    """Formatted differently, then by ruff as `make format` does."""
    narrow = page.parent / "ruff.toml"
    narrow.write_text("line-length = 40\n")
    before = page.read_text("utf-8")
    ruff = Path(sys.executable).with_name("ruff")
    subprocess.run([ruff, "format", "-q", "--config", narrow, page], check=True)
    assert page.read_text("utf-8") != before
    assert stale.why(read(page)) is None
    [recipe] = re.findall(r"(?m)^format:.*\n\t(.*)", (ROOT / "Makefile").read_text("utf-8"))
    assert '--fix --extend-exclude "*.ipynb"' in recipe, "ruff's fixes may change what is computed"


# --- set-up cell, tables, CI ---------------------------------------------------------------------


def test_a_changed_set_up_cell_is_in_every_notebook_and_nothing_else_changes(tmp_path):
    course = small.course(tmp_path)
    source = tmp_path / "sources"
    source.mkdir()
    (source / "other.ipynb").write_text(stored(small.notebook()), encoding="utf-8")
    course = Course(tmp_path, [source])
    derive.bring_up_to_date(course)
    files = [*course.notebooks(), tmp_path / derive.TEMPLATE]
    was = {path: path.read_text("utf-8") for path in files}
    last = course.setup_cell.splitlines()[-1].replace('"', '\\"')
    (course.folder / "setup_cell.py").write_text(course.setup_cell + "\n# 더\n", encoding="utf-8")
    derive.bring_up_to_date(Course(tmp_path, [source]))
    assert len(files) == 3
    for path in files:
        assert was[path].count(last) == 1
        assert path.read_text("utf-8") == was[path].replace(f'{last}"', f'{last}\\n",\n    "# 더"')


@pytest.mark.parametrize("path", COURSE.notebooks(), ids=lambda path: path.stem)
def test_the_book_folds_the_set_up_cell(path):
    cell = next(cell for cell in COURSE.read(path).cells if cell.cell_type == "code")
    assert cell.source == COURSE.setup_cell and cell.metadata.tags == ["hide-input"]


def test_tables_keep_the_authors_words_and_the_rest_is_written(page):
    change(page, edit("약 1분", "약 2분"))
    change(page, edit("seed = int", "x = data.load_reuters()\nseed = int"))
    derive.bring_up_to_date(Course(page.parent.parent))
    readme = (page.parent.parent / "README.md").read_text("utf-8")
    assert readme == small.README.replace("| 1 | — |", "| 2 | Reuters |")
    data = (page.parent.parent / "book" / "data.md").read_text("utf-8")
    assert data == small.DATA.replace("| Reuters | — |", "| Reuters | 01 |")


def test_in_ci_nothing_is_written_and_the_build_stops(page, monkeypatch):
    monkeypatch.setenv("CI", "true")
    derive.bring_up_to_date(Course(page.parent.parent))
    change(page, edit("만큼 높", "만큼 더 높"))
    before = page.read_text("utf-8")
    with pytest.raises(SystemExit, match=r"lessons/01_small.ipynb. Run `make check` and commit"):
        derive.bring_up_to_date(Course(page.parent.parent))
    assert page.read_text("utf-8") == before


def test_a_drawing_and_its_words_change_without_a_run(tmp_path):
    (tmp_path / "figures").mkdir()
    (tmp_path / "figures" / "a_b.svg").write_text("<svg>새것</svg>\n", encoding="utf-8")
    call = 'plots.drawing(\n    "a_b", alt="새 글", caption="새 이름")'
    old = {"image/svg+xml": "<svg>옛것</svg>", "text/plain": "옛 글"}
    told = new_output("display_data", old, metadata={"image/svg+xml": {"alt": "옛 글"}})
    cell = new_code_cell(call, outputs=[told])
    assert not derive.render(new_notebook(cells=[cell]), tmp_path)
    assert cell.outputs[0].data["image/svg+xml"] == "<svg>새것</svg>"
    assert cell.outputs[0].metadata == {"image/svg+xml": {"alt": "새 글"}}
    assert [o.data["text/markdown"] for o in cell.outputs[1:]] == ["새 이름"]
