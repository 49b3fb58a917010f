"""The tables of lessons, minutes and data say what the lessons say."""

import re

import nbformat
import pytest
from conftest import ROOT
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from tools import catalogue

TABLES = catalogue.tables()


@pytest.mark.parametrize("name", TABLES)
def test_a_table_says_what_the_lessons_say(name):
    text = (ROOT / name).read_text("utf-8")
    assert catalogue.fill(text, TABLES[name]) == text, f"{name} is behind: run `make catalogue`"
    assert not re.findall(r".*\| … .*", text), f"{name}: say something where it says …"


def test_a_lesson_speaks_for_itself(tmp_path):
    path = tmp_path / "12_attention.ipynb"
    box = new_markdown_cell("- **걸리는 시간**: CPU 코어 두 개로 약 9분. 대개는 약 3분")
    load = new_code_cell("index = data.load_word_index('imdb')\ntrain = data.load_nsmc()\n")
    cells = [new_markdown_cell("# 12. 어텐션\n\n글."), box, new_markdown_cell("# 또"), load]
    nbformat.write(new_notebook(cells=cells), path)
    assert catalogue.read(path) == ("12. 어텐션", "9", ["nsmc"])


TEXT = """\
# Lessons

| lesson | teaches | minutes |
|---|---|---:|
| [02](b) | words of the author | 3 |
| [01](a) | more words | 1 |

The end.
"""


NUMBERS = [("01", "a", "2"), ("02", "b", "3"), ("03", "c", "4")]


def test_a_table_keeps_the_authors_words_and_the_rest_is_written():
    rows = [{"lesson": f"[{n}]({x})", "minutes": m} for n, x, m in NUMBERS]
    filled = catalogue.fill(TEXT, rows)
    assert filled.splitlines()[4:7] == [
        "| [01](a) | more words | 2 |",
        "| [02](b) | words of the author | 3 |",
        "| [03](c) | … | 4 |",
    ]
    assert filled.endswith("\n\nThe end.\n") and filled.startswith("# Lessons\n")
    assert catalogue.fill(filled, rows) == filled


def test_a_table_that_is_gone_is_missed():
    with pytest.raises(SystemExit, match="columns 단원"):
        catalogue.fill(TEXT, [{"단원": "x"}])
