"""Words are no code: they change without a run. What is computed does not."""

import copy
import re

import pytest
from coursekit import report as said
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from tools import check, lessons, prose, recording, stale

NAME = "01_reuters_dense.ipynb"


def displayed(function, *args, **kwargs):
    InteractiveShell.instance()
    with capture_output() as captured:
        function(*args, **kwargs)
    return captured.outputs


def test_a_glued_value_is_said_as_often_as_the_prose_likes():
    import numpy as np

    [glued] = displayed(said.glue, a=np.float64(0.514))
    assert glued.metadata["scrapbook"]["name"] == "a"
    assert glued.data["application/papermill.record/text/plain"] == "0.514"
    for text, shown in {"**{a:.2f}**": "**0.51**", "{a:.0%}": "51%"}.items():
        [output] = displayed(said.say, text)
        assert output.data["text/markdown"] == shown
        assert output.metadata == said.PROSE
    with pytest.raises(KeyError, match=r"report.glue\(nobody=…\)"):
        said.say("{nobody}")
    for wrong in ([], ["text", 1], None, [[1]], {"a": 1}):
        with pytest.raises(TypeError, match="b is a"):
            said.glue(b=wrong)


def test_of_a_list_a_text_says_its_ends_and_its_mean():
    import numpy as np

    for runs in ([0.25, 0.5, 0.75], (0.75, 0.25, 0.5), np.array([0.5, 0.75, 0.25])):
        displayed(said.glue, runs=runs)
        assert said.fill("{runs.low:.2f} {runs.high:.2f} {runs.mean:.1f}") == "0.25 0.75 0.5"
    for wrong in ("{runs:.2f}", "{runs.median}"):
        with pytest.raises(ValueError, match=r"say {name.low}"):
            said.fill(wrong)


def test_a_verdict_is_said_from_the_run():
    from coursekit import train

    gap = train.paired([1, 1, 1, 0] * 90, [1, 0, 0, 0] * 90)
    [glued] = displayed(said.glue, gap=gap)
    values = recording.values(new_notebook(cells=[new_code_cell("", outputs=[as_output(glued)])]))
    text = "{gap.difference:+.2f} ({gap.error:.3f}), {gap.verdict}"
    assert said.fill(text) == said.fill(text, values) == f"+0.50 ({gap.error:.3f}), 높습니다"


def as_output(shown):
    return new_output("display_data", shown.data, metadata=shown.metadata)


def test_values_of_older_recordings_are_read_too():
    made = {"a": "0.5", "b": "'earn'", "c": "True", "d": '"새것"', "e": "[1, 2]", "f": "true"}
    cells = [new_code_cell("", outputs=[]) for _ in made]
    for cell, (name, text) in zip(cells, made.items(), strict=True):
        metadata = {"scrapbook": {"name": name, "mime_prefix": said.GLUE}}
        cell.outputs = [
            new_output("display_data", {said.GLUE + "text/plain": text}, metadata=metadata)
        ]
    values = recording.values(new_notebook(cells=cells))
    assert values == {"a": 0.5, "b": "earn", "c": True, "d": "새것", "e": [1, 2], "f": True}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("{x:.3f}(으)로", "0.831로"),
        ("{x:.2f}은(는)", "0.83은"),
        ("**{x:.1f}** 이(가)", "**0.8** 이(가)"),  # a blank keeps them apart
        ("{x:.0%}을(를)", "83%를"),
        ("{n}과(와) {n}", "12와 12"),
        ("{z}(으)로", "10으로"),
        ("**{z}**(으)로", "**10**으로"),
        ("{{x}} {cite}`key` `{n}`", "{x} {cite}`key` `12`"),
    ],
)
def test_particles_follow_the_number(text, shown):
    assert said.fill(text, {"x": 0.831, "n": 12, "z": 10}) == shown


@pytest.mark.parametrize(
    ("word", "shown"),
    [
        ("주제", "주제는 주제가 주제를 주제와 주제로"),
        ("값", "값은 값이 값을 값과 값으로"),
        ("글", "글은 글이 글을 글과 글로"),
        ("earn", "earn은 earn이 earn을 earn과 earn으로"),
        ("crude", "crude는 crude가 crude를 crude와 crude로"),
        ("model", "model은 model이 model을 model과 model로"),
        ("time", "time은 time이 time을 time과 time으로"),
        ("layer", "layer는 layer가 layer를 layer와 layer로"),
        ("SGD", "SGD는 SGD가 SGD를 SGD와 SGD로"),
        ("LSTM", "LSTM은 LSTM이 LSTM을 LSTM과 LSTM으로"),
        ("URL", "URL은 URL이 URL을 URL과 URL로"),
        ("Conv1", "Conv1은 Conv1이 Conv1을 Conv1과 Conv1로"),
        ("**값**", "**값**은 **값**이 **값**을 **값**과 **값**으로"),
        ("net", "net은(는) net이(가) net을(를) net과(와) net(으)로"),  # 넷? 네트?
        ("맞다)", "맞다)은(는) 맞다)이(가) 맞다)을(를) 맞다)과(와) 맞다)(으)로"),
    ],
)
def test_particles_follow_the_word(word, shown):
    text = " ".join("{x}" + choice for choice in ("은(는)", "이(가)", "을(를)", "과(와)", "(으)로"))
    assert said.fill(text, {"x": word}) == shown


def test_a_table_has_the_numbers_of_its_frame():
    rows = {"모델": ["선형", "없음"], "정확도": [0.83149, None], "초": [1.26, 2.0], "수": [1234, 5]}
    [output] = displayed(said.table, rows, digits={"정확도": 4, "초": 1})
    assert output.data["text/markdown"].splitlines() == [
        "| 모델 | 정확도 | 초 | 수 |",
        "| :-- | --: | --: | --: |",
        "| 선형 | 0.8315 | 1.3 | 1,234 |",
        "| 없음 | — | 2.0 | 5 |",
    ]


@pytest.fixture
def lesson(tmp_path, monkeypatch):
    """A recorded lesson's file that a test may change, and what to ask of it."""
    path = tmp_path / NAME
    path.write_text((lessons.LESSONS / NAME).read_text("utf-8"), encoding="utf-8")
    monkeypatch.setattr(lessons, "in_book", lambda: [path])
    return path


def change(path, function):
    notebook = lessons.read(path)
    function(notebook)
    lessons.write(path, notebook)


def in_code(pattern, replacement):
    def function(notebook):
        cells = [
            c for c in notebook.cells if c.cell_type == "code" and re.search(pattern, c.source)
        ]
        cells[-1].source = re.sub(pattern, replacement, cells[-1].source, count=1)

    return function


def insert(cell):
    return lambda notebook: notebook.cells.insert(len(notebook.cells) - 1, cell)


WORDS = {
    "a word of a say sentence": in_code(r"시험 정확도는", "테스트의 정확도는"),
    "another format of a number": in_code(r"\{own_gap:[^}]*\}", "{own_gap:.3f}"),
    "a value said once more": in_code(r'\n"""\)$', '\n\n{linear_accuracy:.3f}\n""")'),
    "a new sentence": insert(new_code_cell('report.say("새 문장 {linear_accuracy:.2f}")')),
    "a word of an alt text": in_code(r'alt="', 'alt="그림: '),
    "a word of a caption": in_code(r"(그림 1\.\d)\. ", r"\1. 다시 그린 "),
    "no caption at all": lambda nb: [
        cell.update(source=re.sub(r'caption="[^"]*",?|(?<=그림) 1\.\d', "", cell.source))
        for cell in nb.cells
    ],
    "a markdown cell": insert(new_markdown_cell("새 문단입니다.")),
    "a comment": in_code(r"$", "\n# 덧붙임"),
    "the formatting": in_code(r"epochs=(\d+), ", r"epochs=(\1),"),
}
CODE = {
    "a constant": in_code(r"epochs=\d+", "epochs=77"),
    "another value under the name": in_code(r"glue\((\w+)=", r"glue(\1=1 + "),
    "a new value": in_code(r"report\.glue\(", "report.glue(new=1, "),
    "an f-string as alt text": in_code(r'alt=\(?\s*"', 'alt=f"{1 + 1}" "'),
    "a new code cell": insert(new_code_cell("x = 1")),
    "a cell that comes earlier": lambda nb: nb.cells.insert(4, nb.cells.pop(-8)),
}


@pytest.mark.parametrize("name", WORDS)
def test_changed_words_need_no_run(lesson, name):
    assert not check.problems(lesson), "the lesson is not good to begin with"
    before = lesson.read_text("utf-8")
    change(lesson, WORDS[name])
    assert lesson.read_text("utf-8") != before, "nothing was changed"
    prose.main([])
    assert not check.problems(lesson)
    again = lesson.read_text("utf-8")
    prose.main([])
    assert lesson.read_text("utf-8") == again


def test_a_function_may_hand_a_caption_on():
    """show_dots(…, caption="…") of a lesson came without a run, and may go."""
    path = lessons.find("03")
    notebook = lessons.read(path)
    assert stale.why(notebook) is None
    for cell in notebook.cells:
        cell.source = re.sub(r',? ?caption=(""|caption)', "", cell.source)
    assert "references, alt):" in "".join(cell.source for cell in notebook.cells)
    assert stale.why(notebook) is None
    for cell in notebook.cells:
        cell.source = cell.source.replace("references, alt):", "references, alt, size=3):")
    assert stale.why(notebook)


def test_changed_words_show(lesson):
    change(lesson, WORDS["a word of a say sentence"])
    assert any("run `make prose`" in line for line in check.problems(lesson))
    prose.main([])
    notebook = lessons.read(lesson)
    shown = [o.data.get("text/markdown", "") for c in notebook.cells for o in c.get("outputs", [])
             if "data" in o]  # fmt: skip
    assert any("테스트의 정확도는" in text for text in shown)


def test_a_sentence_taken_out_no_longer_shows(lesson):
    change(lesson, in_code(r'(?s)report\.say\(""".*"""\)', "# 여기 있던 문장은 뺐습니다."))
    prose.main([])
    [cell] = [c for c in lessons.read(lesson).cells if "문장은 뺐습니다" in c.source]
    assert cell.outputs == []


@pytest.mark.parametrize("name", CODE)
def test_changed_code_needs_a_run(lesson, name):
    before = stale.code_hash(lessons.read(lesson))
    change(lesson, CODE[name])
    assert stale.code_hash(lessons.read(lesson)) != before
    assert any("run `make record LESSON=01`" in line for line in check.problems(lesson))
    with pytest.raises(SystemExit, match="run `make record LESSON=01`"):
        prose.main([])


def test_the_set_up_cell_is_no_code(lesson):
    before = stale.code_hash(lessons.read(lesson))
    first = lessons.SETUP_CELL.read_text("utf-8").splitlines()[0]

    def function(notebook):
        cell = next(cell for cell in notebook.cells if cell.source.startswith(first))
        cell.source += "\nx = 1"

    change(lesson, function)
    assert stale.code_hash(lessons.read(lesson)) == before
    assert any("set-up cell" in line for line in check.problems(lesson))


def test_make_format_never_makes_a_recording_stale(lesson, tmp_path):
    """Formatted differently, then by ruff as `make format` does."""
    import subprocess
    import sys
    from pathlib import Path

    record = lessons.read(lesson).metadata["course"]["record"]["code_sha256"]
    narrow = tmp_path / "ruff.toml"
    narrow.write_text("line-length = 60\n")
    ruff = Path(sys.executable).with_name("ruff")
    before = lesson.read_text("utf-8")
    subprocess.run([ruff, "format", "-q", "--config", narrow, lesson], check=True)
    assert lesson.read_text("utf-8") != before
    assert stale.code_hash(lessons.read(lesson)) == record
    makefile = (lessons.ROOT / "Makefile").read_text("utf-8")
    [recipe] = re.findall(r"(?m)^format:.*\n\t(.*)", makefile)
    assert '--fix --extend-exclude "*.ipynb"' in recipe, "ruff's fixes may change what is computed"


def test_a_name_without_a_value_is_refused_and_nothing_is_written(lesson):
    change(lesson, in_code(r"\{own_gap:", "{tset_accuracy:"))
    before = lesson.read_text("utf-8")
    with pytest.raises(SystemExit, match="no value 'tset_accuracy'"):
        prose.main([])
    assert lesson.read_text("utf-8") == before


def test_docstrings_and_comments_are_words():
    def notebook(source):
        copied = copy.deepcopy(lessons.read(lessons.LESSONS / NAME))
        copied.cells = [new_code_cell(source)]
        return stale.code_hash(copied)

    plain = notebook("def f(x):\n    return x + 1")
    assert notebook('def f(x):\n    """하나를 더합니다."""\n    return x + 1  # 하나') == plain
    assert notebook("def f(x):\n    return x + 2") != plain
    assert notebook("%time x = 1") != notebook("%time x = 2")
