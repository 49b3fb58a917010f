"""The tables of lessons, minutes and data say what the lessons say."""

import re
import shutil

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from tools import catalogue, check, lessons
from tools.lessons import ROOT

TABLES = catalogue.tables()


def test_the_tables_say_what_the_lessons_say():
    found = [line for line in check.all_problems() if line.startswith(tuple(TABLES))]
    assert not found, "\n" + "\n".join(found)


@pytest.mark.parametrize(
    ("old", "new", "message"), [(r"\d+ \|", "99 |", "make catalogue"), (r"\|[^|]+\|", "| … |", "…")]
)
def test_a_table_behind_its_lessons_is_found(tmp_path, monkeypatch, old, new, message):
    """The README's row of the first lesson is spoiled, in a copy of what the check reads."""
    for name in [*TABLES, "_toc.yml", "data/registry.toml", "book/results.toml"]:
        target = tmp_path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, target)
    monkeypatch.setattr(catalogue, "tables", lambda: TABLES)
    monkeypatch.setattr(lessons, "ROOT", tmp_path)
    monkeypatch.setattr(lessons, "in_book", lambda: [])
    monkeypatch.setattr(lessons, "drafts", lambda: [])
    readme = (tmp_path / "README.md").read_text("utf-8")
    row = re.search(r"(?m)^\| \[.*ipynb\)( \|.*)$", readme)[1]
    (tmp_path / "README.md").write_text(readme.replace(row, re.sub(old, new, row, count=1)))
    found = [line for line in check.all_problems() if line.startswith("README")]
    assert found and all(message in line for line in found), found


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
