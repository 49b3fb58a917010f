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


@pytest.mark.parametrize("lesson", COURSE.numbered(), ids=lambda lesson: lesson.name)
def test_lesson(lesson):
    found = check.problems(lesson, COURSE)
    assert not found, "\n" + "\n".join(found)


def test_what_lies_beside_the_lessons():
    names = tuple(lesson.path.name for lesson in COURSE.numbered())
    found = [line for line in check.all_problems(COURSE) if not line.startswith(names)]
    assert not found, "\n" + "\n".join(found)


@pytest.fixture(autouse=True)
def not_in_ci(monkeypatch):
    monkeypatch.delenv("CI", raising=False)


# --- a lesson that must fail ---------------------------------------------------------------------


def record(notebook):
    return notebook.metadata["course"]["record"]


def printing(notebook):
    return next(cell for cell in notebook.cells if cell.source.startswith("print"))


def add_output(*output, **more):
    return lambda notebook: printing(notebook).outputs.append(new_output(*output, **more))


def text(words):
    return add_output("stream", name="stdout", text=words)


def edit(old, new):
    """Replace in the first cell that says it, whatever its kind."""

    def spoil(notebook):
        cell = next(cell for cell in notebook.cells if old in cell.source)
        cell.source = cell.source.replace(old, new, 1)

    return spoil


def add(cell):
    return lambda notebook: notebook.cells.append(cell)


def say(words):
    return add(new_markdown_cell(words))


def put_code_first(notebook):
    notebook.cells.insert(1, new_code_cell("x = 1", execution_count=1))


SPOILED = {
    "never recorded": (lambda nb: nb.metadata.pop("course"), "was never recorded"),
    "goals": (edit("- **목표**", "- 목표"), "has no goals"),
    "a summary": (edit("## 정리", "## 끝"), "has no a summary"),
    "a heading of another number": (edit("# 01. ", "# 02. "), "its heading begins with 01."),
    "twice its minutes and more": (lambda nb: record(nb).update(seconds=241), "minutes, its recor"),
    "too many minutes": (
        lambda nb: [record(nb).update(seconds=300), edit("약 1분", "약 12분")(nb)],
        "says 12 minutes, its recording took 300 s",
    ),
    "minutes not said": (
        lambda nb: [edit("약 1분", "잠깐")(nb), edit("약 9분", "잠깐")(nb)],
        "does not say its minutes",
    ),
    "code before the set-up cell": (put_code_first, "put no code before it"),
    "a kernel of one's own": (
        lambda nb: nb.metadata["kernelspec"].update(name="course-env"),
        "asks for the kernel 'course-env'",
    ),
    "too many cells": (
        lambda nb: [say("글")(nb) for _ in range(page.CELLS)],
        "has 72 cells and 11 lines",
    ),
    "too many lines": (add(new_code_cell("x\n" * page.LINES)), "has 13 cells and 311 lines"),
    "other data": (
        lambda nb: record(nb)["data"].update({"reuters.npz": "0"}),
        "recorded on another reuters.npz",
    ),
    "changed code": (edit("print(2 + 2)", "print(2 + 3)"), "computes something else"),
    "order": (lambda nb: printing(nb).update(execution_count=77), "in order"),
    "not run": (lambda nb: printing(nb).update(execution_count=None), "in order"),
    "error": (add_output("error", ename="E", evalue="", traceback=[]), "error output"),
    "no alt text": (
        add_output("display_data", {"image/png": "", "text/plain": ""}),
        "without alt text",
    ),
    "a picture more than alt texts": (
        lambda nb: nb.cells[7].outputs.append(nb.cells[7].outputs[0].copy()),
        "shows 2 pictures with 1 alt= texts",
    ),
    "many lines": (text("a\n" * 61), "too many rows"),
    "many rows": (add_output("display_data", {"text/html": "<tr>" * 17}), "too many rows"),
    "a long text": (text("a" * 6001), "too many rows"),
    "sample": (text("data/sample is"), "on the sample"),
    "the banner": (
        add_output("display_data", {"text/html": "<p class='course-sample-banner'>"}),
        "on the sample",
    ),
    "warning in print": (text("WARNING:x"), "a warning"),
    "warning": (add_output("stream", name="stderr", text="Warning: x"), "a warning"),
    "an object's address": (
        add_output("execute_result", {"text/plain": "<keras.src.History at 0x7f1c2ab3d450>"}),
        "end the line with a semicolon",
    ),
    "an address in a list": (text("[<Line2D object at 0x7f1c2ab3d450>]\n"), "with a semicolon"),
    "f-string": (edit('"""', 'f"""'), "one plain string"),
    "say first": (edit("report.say(", 'report.say("x")\nx = 1\nreport.say('), "at the end of its"),
    "glued twice": (
        lambda nb: printing(nb).outputs.append(small.glue("gap", 0.1)),
        "glues gap 2 times",
    ),
    "said by nothing": (
        lambda nb: printing(nb).outputs.append(small.glue("idle", 1)),
        "glues idle, which nothing says",
    ),
    "unknown value": (edit("{gap:", "{gop:"), "no value 'gop'"),
    "a deaf particle": (edit("(으)로", "로"), "(으)로"),
    "another word": (edit("과적합", "과대적합"), "the book's word is 과적합"),
    "another word in code": (edit("만큼 높", "만큼 오버피팅이 높"), "the book's word is 과적합"),
    "a caption of another number": (edit("그림 1.1. ", "그림 1.2. "), "with '그림 1.1. '"),
    "a picture without a caption": (
        lambda nb: [
            edit('alt="정', 'alt="둘"), plots.show(fig, alt="정')(nb),
            nb.cells[7].outputs.append(nb.cells[7].outputs[0].copy()),
        ],
        "without a caption",
    ),
    "a figure that is not there": (say("그림 1.2와 같습니다."), "speaks of 그림 1.2"),
    "asterisks": (say("모두 **54%**뿐입니다."), "the asterisks of a bold text show"),
    "asterisks in an admonition": (say("```{note}\n**54%**뿐\n```"), "the asterisks of a bold"),
    "stray HTML": (say("a <span style='x'>b</span>"), "HTML in the prose"),
    "a heading that stands twice": (say("## 정리"), "has '## 정리' 2 times"),
    "a wide line": (add(new_code_cell("# " + "글" * 39 + ".")), "has a line of 81 columns"),
    "an open solution": (add(new_code_cell("# 연습 1의 풀이\nprint(1)")), "what a solution prints"),
    "a question without its answer": (edit(":::{dropdown} 답", ":::{note}"), "a question is :::"),
    "a question out of order": (edit("문제 1", "문제 2"), "is the question no. 1"),
    "an answer without its number": (edit("**2번**", "2번"), "right choice or number"),
    "a wrong choice without a hint": (edit("- **3번**: 더 작습니다.\n", ""), "has one hint"),
    "a hint for the right choice": (edit("- **1번**", "- **2번**"), "another wrong choice"),
    "choices misnumbered": (edit("\n3. 셋", "\n4. 셋"), "are numbered"),
    "no such choice": (edit("**2번**", "**4번**"), "one of them is right"),
}  # fmt: skip


@pytest.mark.parametrize("name", SPOILED)
def test_a_spoiled_lesson_is_found(tmp_path, name):
    spoil, message = SPOILED[name]
    notebook = small.notebook()
    spoil(notebook)
    course = small.course(tmp_path, notebook)
    found = check.all_problems(course)
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


# --- how long a lesson may be --------------------------------------------------------------------


def test_folded_lines_do_not_count(tmp_path):
    notebook = small.notebook()
    notebook.cells[3].metadata.tags = ["hide-input"]
    notebook.cells[3].source = (
        "x\n" * 999
        + "'글글글글글글글글글글글글글글글글글글글글글글글글글글글글글글글글글글글글글글글'"
    )
    assert not page.long(small.course(tmp_path, notebook).find("1"))


# --- the contract of book/results.toml -----------------------------------------------------------


def change(**changes):
    return lambda entry: entry.update(changes)


BROKEN = {
    "no such value": (change(value="no_such"), "glues no no_such"),
    "no linear baseline": (lambda e: e.update(compare=e["compare"][:1]), "lacks a baseline"),
    "no majority": (lambda e: e.update(compare=e["compare"][1:]), "lacks a baseline"),
    "errors want a rule of thumb": (change(scale="오차"), "lacks a baseline"),
    "five equal seeds": (change(band={"seeds": [1] * 5, "values": [0.54] * 5}), "five seeds"),
    "four seeds": (change(band={"seeds": [1, 2, 3, 4], "values": [0.54] * 4}), "five seeds"),
    "a value is missing": (change(band={"seeds": [1, 2, 3, 4, 5], "values": [0.54]}), "five seeds"),
    "no band": (lambda e: e.pop("band"), "five seeds"),
    "above": (change(band={"seeds": [1, 2, 3, 4, 5], "values": [0.5] * 5}), "0.5420 outside"),
    "below": (change(band={"seeds": [1, 2, 3, 4, 5], "values": [0.6] * 5}), "0.5420 outside"),
    "nobody is cited": (change(source={"figure": 1, "cite": "nobody"}), "does not cite"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_contract_is_found(tmp_path, name):
    spoil, message = BROKEN[name]
    entry = tomllib.loads(small.ENTRY)[small.NAME]
    lesson = small.course(tmp_path).find("1")
    assert numbers.contract(lesson, entry) == []
    spoil(entry)
    found = numbers.contract(lesson, entry)
    assert any(message in line for line in found), found


def test_a_value_between_two_and_three_deviations_is_inside():
    entry = {
        "value": "x",
        "band": {"seeds": [1, 2, 3, 4, 5], "values": [0.5, 0.53, 0.5, 0.5, 0.51]},
    }
    assert numbers.band(entry, 0.542) == [] and numbers.band(entry, 0.548)


def test_a_network_without_an_entry_is_found(tmp_path):
    lesson = small.course(tmp_path).find("1")
    assert "no entry" in numbers.contract(lesson, None)[0]


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
