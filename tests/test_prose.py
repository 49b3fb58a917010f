"""Numbers travel from a run into the prose: what is glued is said, as its last digit asks for."""

import pytest
from coursekit import report as said
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output


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
    with pytest.raises(TypeError, match="b is a list"):
        said.glue(b=[1])


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


def test_a_table_has_the_numbers_of_its_frame():
    rows = {"모델": ["선형", "없음"], "정확도": [0.83149, None], "초": [1.26, 2.0], "수": [1234, 5]}
    [output] = displayed(said.table, rows, digits={"정확도": 4, "초": 1})
    assert output.data["text/markdown"].splitlines() == [
        "| 모델 | 정확도 | 초 | 수 |",
        "| :-- | --: | --: | --: |",
        "| 선형 | 0.8315 | 1.3 | 1,234 |",
        "| 없음 | — | 2.0 | 5 |",
    ]
