"""What a reader sees is a recording: whole, fresh, on the real data, and readable by everyone.

tools/check.py says what that means; here every lesson is held to it, and every check is shown a
lesson that must fail.
"""

import copy
import re

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output

from tools import check, lessons, questions, recording, results

NAME = "01_reuters_dense"
GOOD = lessons.read(lessons.LESSONS / f"{NAME}.ipynb")
ENTRY = results.load().unwrap()[NAME]


@pytest.mark.parametrize("path", lessons.in_book(), ids=lambda path: path.stem)
def test_lesson(path):
    found = check.problems(path)
    assert not found, "\n" + "\n".join(found)


def test_drafts_and_entries():
    found = [line for path in lessons.drafts() for line in check.problems(path)]
    found += check.all_problems()
    assert not found, "\n" + "\n".join(found)


@pytest.mark.parametrize("path", lessons.in_book(), ids=lambda path: path.stem)
def test_every_question_can_be_tried(path):
    cells = [cell.source for cell in lessons.read(path).cells]
    asked = sum(source.count("{admonition} 확인 문제") for source in cells)
    tried = sum(len(questions.QUESTION.findall(source)) for source in cells)
    assert asked == tried


def test_a_question_may_ask_for_a_number():
    assert not questions.form(
        "몇 개입니까?", "**7,360개**입니다.\n\n- **12,800개**: 다시 세십시오."
    )
    assert questions.form("몇 개입니까?", "**7,360개**입니다.") == [
        "a hint is missing: - **12,800개**: …"
    ]
    assert questions.number("−1.20") == "-1.20"


@pytest.fixture
def good():
    return copy.deepcopy(GOOD)


def first_code(notebook):
    return next(cell for cell in notebook.cells if cell.cell_type == "code" and cell.outputs)


def record(notebook):
    return notebook.metadata["course"]["record"]


def add_output(*output, **more):
    return lambda notebook: first_code(notebook).outputs.append(new_output(*output, **more))


def edit(pattern, replacement):
    """Replace in the first cell that matches, whatever its kind."""

    def spoil(notebook):
        cell = next(cell for cell in notebook.cells if re.search(pattern, cell.source))
        cell.source = re.sub(pattern, replacement, cell.source, count=1)

    return spoil


SPOILED = {
    "never recorded": (lambda nb: nb.metadata.pop("course"), "was never recorded"),
    "goals": (lambda nb: nb.cells.pop(1), "has no goals"),
    "minutes": (lambda nb: record(nb).update(seconds=99999), "minutes, its recording took"),
    "minutes not said": (edit("약 \\d+분", "잠깐"), "does not say its minutes"),
    "no set-up cell": (edit("^# 준비:", "# 준비"), "does not begin with the set-up cell"),
    "other data": (
        lambda nb: record(nb)["data"].update({"reuters.npz": "0"}),
        "recorded on another reuters.npz",
    ),
    "changed code": (edit(r"epochs=\d+", "epochs=77"), "computes something else"),
    "order": (lambda nb: first_code(nb).update(execution_count=77), "in order"),
    "not run": (lambda nb: first_code(nb).update(execution_count=None), "in order"),
    "error": (add_output("error", ename="E", evalue="", traceback=[]), "error output"),
    "no alt text": (
        add_output("display_data", {"image/png": "", "text/plain": ""}),
        "without alt text",
    ),
    "many rows": (add_output("stream", name="stdout", text="a\n" * 99), "too many rows"),
    "sample": (add_output("stream", name="stdout", text="data/sample is"), "on the sample"),
    "warning in print": (add_output("stream", name="stdout", text="WARNING:x"), "a warning"),
    "warning": (add_output("stream", name="stderr", text="Warning: x"), "a warning"),
    "an object's address": (
        add_output("execute_result", {"text/plain": "<keras.src.History at 0x7f1c2ab3d450>"}),
        "end the line with a semicolon",
    ),
    "an address in a list": (
        add_output("stream", name="stdout", text="[<Line2D object at 0x7f1c2ab3d450>]\n"),
        "end the line with a semicolon",
    ),
    "f-string": (edit(r'report\.say\(\s*"""', 'report.say(f"""'), "one plain string"),
    "say first": (
        edit(r"^report\.say\(", 'report.say("x")\nx = 1\nreport.say('),
        "at the end of its cell",
    ),
    "glued twice": (
        lambda nb: [
            first_code(nb).outputs.append(copy.deepcopy(output))
            for cell in nb.cells
            for output in cell.get("outputs", [])
            if output.get("metadata", {}).get("scrapbook", {}).get("name") == "test_accuracy"
        ],
        "glues test_accuracy 2 times",
    ),
    "said by nothing": (
        lambda nb: first_code(nb).outputs.append(
            new_output(
                "display_data",
                {"application/papermill.record/text/plain": "1"},
                metadata={"scrapbook": {"name": "idle"}},
            )
        ),
        "glues idle, which nothing says",
    ),
    "unknown value": (edit(r"\{own_gap:", "{tset_accuracy:"), "no value 'tset_accuracy'"),
    "another word": (edit(r"과적합", "과대적합"), "the book's word is 과적합"),
    "a deaf particle": (edit(r"\{own_gap:", "{own_gap:.1f}로 {own_gap:"), "(으)로"),
    "other words": (edit(r"시험 정확도는", "정확도는"), "run `make prose`"),
    "asterisks": (
        lambda nb: nb.cells.append(new_markdown_cell("모두 **54%**뿐입니다.")),
        "the asterisks of a bold text show",
    ),
    "a question without its answer": (
        edit(r":::\{dropdown\} 답", ":::{note}"),
        "a question is :::",
    ),
    "a question out of order": (edit("확인 문제 2", "확인 문제 3"), "is the question no. 2"),
    "an answer without its number": (
        edit(r"\*\*3번\*\*입니다", "3번입니다"),
        "right choice or number",
    ),
    "a wrong choice without a hint": (edit(r"- \*\*2번\*\*: .*\n", ""), "has one hint"),
    "a hint for the right choice": (edit(r"- \*\*2번\*\*", "- **3번**"), "another wrong choice"),
    "choices misnumbered": (edit("(?m)^2[.] 구별", "3. 구별"), "are numbered"),
    "a caption of another number": (edit(r"그림 1\.2\. ", "그림 1.3. "), "with '그림 1.2. '"),
    "a picture without a caption": (edit(r'caption="그림 1\.7[^"]*",', ""), "without a caption"),
    "a figure that is not there": (
        lambda nb: nb.cells.append(new_markdown_cell("그림 1.8과 같습니다.")),
        "speaks of 그림 1.8",
    ),
    "asterisks in an admonition": (
        lambda nb: nb.cells.append(new_markdown_cell("```{note}\n**54%**뿐\n```")),
        "the asterisks of a bold text show",
    ),
    "a cell that stands twice": (
        lambda nb: nb.cells.append(new_markdown_cell("## 정리")),
        "has '## 정리' 2 times",
    ),
    "a wide line": (
        lambda nb: nb.cells.append(new_code_cell("# " + "글" * 39 + ".")),
        "has a line of 81 columns",
    ),
    "stray HTML": (
        lambda nb: nb.cells.append(new_markdown_cell("a <span style='x'>b</span>")),
        "HTML in the prose",
    ),
}


def lines(notebook, entry=ENTRY):
    found = [*check.page(notebook), *check.set_up(notebook), *check.recorded(notebook)]
    found += check.wide(notebook)
    if recording.record(notebook):
        found += [*check.spoken(notebook), *check.outputs(notebook)]
        found += check.contract(notebook, entry)
    return found


def test_a_good_lesson_is_good(good):
    assert lines(good) == []


@pytest.mark.parametrize("name", SPOILED)
def test_a_spoiled_lesson_is_found(good, name):
    spoil, message = SPOILED[name]
    before = copy.deepcopy(good)
    spoil(good)
    assert good != before, "nothing was spoiled"
    assert any(message in line for line in lines(good)), lines(good)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda entry: entry.update(value="no_such"), "glues no no_such"),
        (lambda entry: entry.update(compare=entry["compare"][:1]), "lacks a baseline"),
        (lambda entry: entry.update(compare=entry["compare"][1:]), "lacks a baseline"),
        (lambda entry: entry["band"].update(seeds=[1, 1, 1, 1, 1]), "five seeds"),
        (lambda entry: entry["band"].update(values=[0.5, 0.51, 0.49, 0.5, 0.5]), "outside"),
        (lambda entry: entry["source"].update(cite="nobody1999"), "does not cite"),
        (
            lambda entry: entry.update(stand_in={"for": "jena.zip", "text": "뉴욕의 날씨"}),
            "does not say on which data",
        ),
    ],
)
def test_a_broken_contract_is_found(good, spoil, message):
    entry = copy.deepcopy(ENTRY)
    spoil(entry)
    assert any(message in line for line in check.contract(good, entry))


def test_a_network_without_an_entry_is_found(good):
    assert "no entry" in check.contract(good, None)[0]


def test_the_source_figure_stands_only_beside_its_own_data(good, monkeypatch):
    entry = ENTRY | {"stand_in": {"for": "jena.zip", "text": "뉴욕의 날씨"}}
    monkeypatch.setattr(lessons, "read", lambda path: good)
    row = results.row(NAME, entry)
    assert row.source is None and row.cite is None and row.stand_in == "뉴욕의 날씨"
    record(good)["data"]["jena.zip"] = "0"
    row = results.row(NAME, entry)
    assert row.source == ENTRY["source"]["figure"] and row.stand_in is None


def test_the_command_says_everything(capsys):
    check.main(["01"])
    assert "1 lessons are good pages" in capsys.readouterr().out
    with pytest.raises(SystemExit, match="say LESSON= one of"):
        check.main(["77"])
