"""Numbers travel from a run into the prose: what is glued is said, as its last digit asks for."""

import pytest
from coursekit import report as said
from nbformat.v4 import new_code_cell, new_notebook, new_output
from small import displayed

from tools import lessons


def test_a_glued_value_is_said_as_often_as_the_prose_likes():
    import numpy as np

    [glued] = displayed(said.glue, a=np.float64(0.514))
    assert glued.metadata["scrapbook"]["name"] == "a"
    assert glued.data["application/papermill.record/text/plain"] == "0.514"
    stored = [o.data[said.GLUE + "text/plain"] for o in displayed(said.glue, b="새 글", c=True)]
    assert stored == ['"새 글"', "true"], "it is JSON"
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
    values = lessons.values(new_notebook(cells=[new_code_cell("", outputs=[as_output(glued)])]))
    text = "{gap.difference:+.2f} ({gap.error:.3f}), {gap.verdict}"
    assert said.fill(text) == said.fill(text, values) == f"+0.50 ({gap.error:.3f}), 높습니다"


def as_output(shown):
    return new_output("display_data", shown.data, metadata=shown.metadata)


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
        ("값", "값은 값이 값을 값과 값으로"),
        ("글", "글은 글이 글을 글과 글로"),
        ("earn", "earn은 earn이 earn을 earn과 earn으로"),
        ("model", "model은 model이 model을 model과 model로"),
        ("time", "time은 time이 time을 time과 time으로"),
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
    rows = {
        "모델": ["선형", "없음"],
        "정확도": [0.83149, None],
        "초": [1.26, 2000.0],
        "수": [1234, 5],
    }
    [output] = displayed(said.table, rows, digits={"정확도": 4, "초": 1})
    assert output.data["text/markdown"].splitlines() == [
        "| 모델 | 정확도 | 초 | 수 |",
        "| :-- | --: | --: | --: |",
        "| 선형 | 0.8315 | 1.3 | 1,234 |",
        "| 없음 | — | 2,000.0 | 5 |",
    ]
