"""What a reader sees is a recording: whole, fresh, on the real data, and readable by everyone.

tools/check says what that means; here every lesson is held to it, and every check is shown a
lesson that must fail.
"""

import re
import tomllib

import pytest
import small
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output

from tools import check, derive, page_model
from tools.check import __main__ as command
from tools.check import numbers, page, questions
from tools.lessons import COURSE, stored
from tools.results import FILE


def test_every_lesson_and_draft_is_a_good_page():
    found = check.all_problems(COURSE)
    found += [line for draft in COURSE.drafts() for line in check.problems(draft, COURSE)]
    assert not found, "\n" + "\n".join(found)


@pytest.fixture(autouse=True)
def not_in_ci(monkeypatch):
    monkeypatch.delenv("CI", raising=False)


# --- a lesson that must fail ---------------------------------------------------------------------


def printing(notebook):
    return next(cell for cell in notebook.cells if cell.source.startswith("print"))


def edit(old, new):
    """Replace in the first cell that says it, whatever its kind."""

    def spoil(notebook):
        cell = next(cell for cell in notebook.cells if old in cell.source)
        cell.source = cell.source.replace(old, new, 1)

    return spoil


def made(**record):
    return lambda notebook: notebook.metadata["course"]["record"].update(record)


def counted(number):
    return lambda notebook: printing(notebook).update(execution_count=number)


def put(output):
    """Put an output where a cell prints."""
    return lambda notebook: printing(notebook).outputs.append(output)


def shows(**data):
    bundle = {name.replace("_", "/"): value for name, value in data.items()}
    return put(new_output("display_data", bundle))


def prints(text, name="stdout"):
    return put(new_output("stream", name=name, text=text))


def say(words):
    return lambda notebook: notebook.cells.append(new_markdown_cell(words))


def code(source):
    return lambda notebook: notebook.cells.append(new_code_cell(source))


def draw_again(notebook):
    notebook.cells[7].outputs.append(notebook.cells[7].outputs[0].copy())


SPOILED = [
    ("was never recorded", lambda nb: nb.metadata.pop("course")),
    ("has no goals", edit("- **목표**", "- 목표")),
    ("has no a summary", edit("## 정리", "## 끝")),
    ("its heading begins with 01.", edit("# 01. ", "# 02. ")),
    ("says 1 minutes, its recording took 241 s", made(seconds=241)),
    ("says 12 minutes, its recording took 300 s", made(seconds=300), edit("약 1분", "약 12분")),
    ("does not say its minutes", edit("약 1분", "잠깐"), edit("약 9분", "잠깐")),
    ("put no code before it", lambda nb: nb.cells.insert(1, new_code_cell("x = 1"))),
    ("asks for the kernel 'mine'", lambda nb: nb.metadata["kernelspec"].update(name="mine")),
    ("has 72 cells and 11 lines", *[say("글")] * page.CELLS),
    ("has 13 cells and 311 lines", code("x\n" * page.LINES)),
    ("recorded on another reuters.npz", made(data={"reuters.npz": "0"})),
    ("computes something else", edit("print(2 + 2)", "print(2 + 3)")),
    ("in order", counted(77)),
    ("in order", counted(None)),
    ("error output", put(new_output("error", ename="E", evalue="", traceback=[]))),
    ("without alt text", shows(image_png="", text_plain="")),
    ("shows 2 pictures with 1 alt= texts", draw_again),
    ("too many rows", prints("a\n" * 61)),
    ("too many rows", prints("a" * 6001)),
    ("too many rows", shows(text_html="<tr>" * 17)),
    ("on the sample", prints("data/sample is")),
    ("on the sample", shows(text_html="<p class='course-sample-banner'>")),
    ("a warning", prints("WARNING:x")),
    ("a warning", prints("Warning: x", "stderr")),
    ("end the line with a semicolon", shows(text_plain="<keras.src.History at 0x7f1c2ab3d450>")),
    ("end the line with a semicolon", prints("[<Line2D object at 0x7f1c2ab3d450>]\n")),
    ("one plain string", edit('"""', 'f"""')),
    ("at the end of its", edit("report.say(", 'report.say("x")\nx = 1\nreport.say(')),
    ("glues gap 2 times", put(small.glue("gap", 0.1))),
    ("glues idle, which nothing says", put(small.glue("idle", 1))),
    ("no value 'gop'", edit("{gap:", "{gop:")),
    ("(으)로", edit("(으)로", "로")),  # a particle that is deaf to its number
    ("the book's word is 과적합", edit("과적합", "과대적합")),
    ("the book's word is 과적합", edit("만큼 높", "만큼 오버피팅이 높")),  # in code
    ("with '그림 1.1. '", edit("그림 1.1. ", "그림 1.2. ")),
    ("without a caption", edit('alt="정', 'alt="둘"), plots.show(fig, alt="정'), draw_again),
    ("speaks of 그림 1.2", say("그림 1.2와 같습니다.")),
    ("the asterisks of a bold text show", say("모두 **54%**뿐입니다.")),
    ("the asterisks of a bold text show", say("```{note}\n**54%**뿐\n```")),
    ("HTML in the prose", say("a <span style='x'>b</span>")),
    ("has '## 정리' 2 times", say("## 정리")),
    ("has a line of 81 columns", code("# " + "글" * 39 + ".")),
    ("what a solution prints", code("# 연습 1의 풀이\nprint(1)")),
    ("a question is :::", edit(":::{dropdown} 답", ":::{note}")),
    ("is the question no. 1", edit("문제 1", "문제 2")),
    ("right choice or number", edit("**2번**", "2번")),
    ("has one hint", edit("- **3번**: 더 작습니다.\n", "")),
    ("another wrong choice", edit("- **1번**", "- **2번**")),
    ("are numbered", edit("\n3. 셋", "\n4. 셋")),
    ("one of them is right", edit("**2번**", "**4번**")),
]


@pytest.mark.parametrize("spoiled", SPOILED, ids=lambda spoiled: spoiled[0])
def test_a_spoiled_lesson_is_found(tmp_path, spoiled):
    message, *spoils = spoiled
    notebook = small.notebook()
    for spoil in spoils:
        spoil(notebook)
    found = check.all_problems(small.course(tmp_path, notebook))
    assert any(message in line for line in found), found


def test_a_good_lesson_is_good(tmp_path, capsys):
    command.main([], small.course(tmp_path))
    assert "1 lessons are good pages" in capsys.readouterr().out
    with pytest.raises(SystemExit, match="say LESSON= one of 01"):
        command.main(["77"], small.course(tmp_path / "again"))


@pytest.mark.parametrize("numbers", [[], ["1"]])
def test_the_command_derives_and_tells_what_is_wrong(tmp_path, numbers):
    course = small.course(tmp_path)
    notebook = small.notebook()
    notebook.cells[2].source += "\n# 더"
    edit("과적합", "오버피팅")(notebook)
    (course.folder / f"{small.NAME}.ipynb").write_text(stored(notebook), encoding="utf-8")
    with pytest.raises(SystemExit, match="01_small.ipynb says '오버피팅'"):
        command.main(numbers, course)
    assert "# 더" not in (course.folder / f"{small.NAME}.ipynb").read_text("utf-8")


def test_a_draft_has_no_outputs_and_is_a_good_page_else(tmp_path):
    course = small.course(tmp_path)
    (course.root / "_toc.yml").write_text("parts: []\n", encoding="utf-8")
    [draft] = course.drafts()
    assert "carries outputs" in "".join(check.problems(draft, course))
    for cell in draft.cells:
        if cell.cell_type == "code":
            cell.outputs = []
    assert check.problems(draft, course) == []
    edit('"""', 'f"""')(draft.notebook)
    assert "one plain string" in "".join(check.problems(draft, course))


def test_a_page_cut_from_a_source_has_values_and_no_outputs(tmp_path):
    notebook = small.notebook()
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    notebook.metadata["course"]["values"] = small.VALUES
    course = small.course(tmp_path, notebook)
    assert check.all_problems(course) == []
    del course.find("1").notebook.metadata["course"]["values"]["linear_accuracy"]
    assert "glues no linear_accuracy" in "".join(check.all_problems(course))


def test_a_piece_to_touch_says_what_a_lesson_glues(tmp_path):
    course = small.course(tmp_path)
    printing(course.find("1").notebook).outputs.append(small.glue("idle", 1))
    for name, said in (("idler", False), ("idle", True)):
        page = f"```{{touch}} powers\nrate: !run 01.{name}\n```\n"
        (course.root / "book" / "touch.md").write_text(page, encoding="utf-8")
        assert ("which nothing says" in "".join(check.all_problems(course))) != said


def test_pages_and_entries_are_held_to_the_words_and_names(tmp_path):
    course = small.course(tmp_path)
    (course.root / "book" / "x.md").write_text("테스트 데이터", encoding="utf-8")
    (course.root / FILE).write_text(small.ENTRY + "[09_gone]\nvalue = 'x'\n", encoding="utf-8")
    found = check.all_problems(course)
    assert found[0].endswith("there is no lesson [09_gone]")
    assert "x.md says '테스트 데이터': the book's word is 시험 데이터" in found[1]


def test_folded_lines_do_not_count(tmp_path):
    notebook = small.notebook()
    notebook.cells[3].metadata.tags = ["hide-input"]
    notebook.cells[3].source = "x\n" * 999 + f"'{'글' * 50}'"
    assert not page.code(small.course(tmp_path, notebook).find("1"))


# --- the contract of book/results.toml -----------------------------------------------------------


def change(**changes):
    return lambda entry: entry.update(changes)


def band(*values, seeds=(1, 2, 3, 4, 5)):
    return change(band={"seeds": seeds, "values": values})


BROKEN = [
    ("glues no no_such", change(value="no_such")),
    ("lacks a baseline", lambda entry: entry["compare"].pop()),  # the linear one
    ("lacks a baseline", lambda entry: entry["compare"].pop(0)),  # the majority
    ("lacks a baseline", change(scale="오차")),  # errors want a rule of thumb
    ("five seeds", band(*[0.54] * 5, seeds=[1] * 5)),
    ("five seeds", band(*[0.54] * 4, seeds=[1, 2, 3, 4])),
    ("five seeds", band(0.54)),
    ("five seeds", lambda entry: entry.pop("band")),
    ("0.5420 outside", band(*[0.5] * 5)),
    ("0.5420 outside", band(*[0.6] * 5)),
    ("does not cite", change(source={"figure": 1, "cite": "nobody"})),
    ("does not cite", change(source={"figure": 1})),
]


@pytest.mark.parametrize(("message", "spoil"), BROKEN)
def test_a_broken_contract_is_found(tmp_path, message, spoil):
    entry = tomllib.loads(small.ENTRY)[small.NAME]
    lesson = small.course(tmp_path).find("1")
    assert numbers.contract(lesson, entry) == []
    assert "no entry" in numbers.contract(lesson, None)[0]
    spoil(entry)
    found = numbers.contract(lesson, entry)
    assert any(message in line for line in found), found


def test_models_are_those_of_the_recordings(tmp_path):
    course = small.course(tmp_path)
    folder = course.root / page_model.MODELS
    folder.mkdir()
    (folder / "one.js").write_bytes(b"1")
    assert "one.js is not what its lesson recorded" in "".join(check.all_problems(course))
    digest = "6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b"
    course.find("1").record["models"] = {"one": digest}
    assert numbers.models(course) == []
    lesson = course.find("1")
    lesson.notebook.cells.append(new_code_cell("Path('../book/_static/models/one.js')"))
    assert "recorded with another one.js" in "".join(numbers.models(course))
    lesson.record["data"]["one.js"] = digest
    assert numbers.models(course) == []
    (folder / "one.js").unlink()
    assert "one.js is not what its lesson recorded" in "".join(numbers.models(course))


# --- questions -----------------------------------------------------------------------------------


def test_a_question_may_ask_for_a_number():
    right = "**7,360개**입니다."
    assert not questions.form("몇 개입니까?", f"{right}\n\n- **12,800개**: 다시 세십시오.")
    assert questions.form("몇 개입니까?", right) == ["a hint is missing: - **12,800개**: …"]
    assert questions.number("−1.20") == "-1.20"


def test_the_template_of_a_lesson_is_a_good_draft(tmp_path):
    course = small.course(tmp_path)
    path = course.folder / "15_new.ipynb"
    template = (course.root / derive.TEMPLATE).read_text("utf-8")
    path.write_text(template, encoding="utf-8")
    [draft] = course.drafts()
    assert [re.sub("'.*'", "", line) for line in check.problems(draft, course)] == [
        "15_new.ipynb is called : its heading begins with 15.",
        "15_new.ipynb has a caption that does not begin with ",
    ]
