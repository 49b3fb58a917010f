"""The book: every lesson on its path, Korean search, a build that fails closed."""

import json
import re
import shutil
import subprocess
import sys

import korean_search
import yaml
from conftest import ROOT

from tools import address, lessons

TOC = yaml.safe_load((ROOT / "_toc.yml").read_text("utf-8"))
FILES = [chapter["file"] for part in TOC["parts"] for chapter in part["chapters"]]


def test_every_lesson_is_in_the_reading_order():
    inside = [file for file in FILES if file.startswith("lessons/")]
    assert inside == [f"lessons/{path.stem}" for path in lessons.in_book()]
    assert inside == sorted(inside), "the lessons are read in the order of their numbers"
    readme = (ROOT / "README.md").read_text("utf-8")
    table = re.findall(r"\]\((lessons/\d\d_\w+)\.ipynb\)", readme)
    assert table == inside, "README's table lists the lessons of _toc.yml, in their order"


def test_a_draft_shows_no_outputs():
    for path in lessons.drafts():
        outputs = [cell.outputs for cell in lessons.read(path).cells if cell.get("outputs")]
        assert not outputs, (
            f"{path.name} is not in _toc.yml and carries outputs: add it or clear it"
        )


def test_search_finds_a_word_inside_an_eojeol():
    split = korean_search.SearchKorean({}).split
    assert set(split("임베딩")) <= set(split("임베딩으로부터"))
    assert "LSTM" in split("LSTM을 쌓기")


def copy_of_the_book(folder):
    """What a build reads, in a folder of its own."""
    for name in ("_config.yml", "_toc.yml", "book", "tools", "lessons", "data/registry.toml"):
        source, target = ROOT / name, folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)


def build(folder):
    command = [sys.executable, "-m", "tools.book"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True)


def test_the_book_builds(tmp_path):
    copy_of_the_book(tmp_path)
    result = build(tmp_path)
    assert result.returncode == 0, result.stdout + result.stderr
    html = tmp_path / "_build" / "html"
    for path in lessons.in_book():
        page = (html / "lessons" / f"{path.stem}.html").read_text("utf-8")
        slug = address.current().removeprefix("https://github.com/")
        colab = f"https://colab.research.google.com/github/{slug}/blob/{address.version()}/lessons/{path.name}"
        assert colab in page, f"{path.name} has no Colab button"
        assert "issues/new" in page, f"{path.name} has no link to report a problem"
        pictures = re.findall(r'<img[^>]*src="[^"]*_images/[^>]*>', page)
        for picture in pictures:
            alt = re.search('alt="([^"]*)"', picture)
            assert alt and re.search("[가-힣]", alt[1]), f"{path.name}: no alt text: {picture}"
        prose = re.sub(r"(?s)<(pre|code|script|style)\b.*?</\1>|<[^>]*>", "", page)
        stars = re.findall(r".{0,40}\*\*.{0,40}", prose)  # as in **54%**뿐: Markdown wants a space
        assert not stars, f"{path.name} shows the asterisks of a bold text: {stars}"
    index = (html / "searchindex.js").read_text("utf-8")
    assert json.dumps("임베") in index, "the search index does not hold two-syllable pieces"


def test_a_failed_build_leaves_no_book(tmp_path):
    copy_of_the_book(tmp_path)
    (tmp_path / "_toc.yml").write_text("format: jb-book\nroot: book/index\n", encoding="utf-8")
    (tmp_path / "book" / "index.md").write_text("# x\n\n{doc}`no-such-page`\n", encoding="utf-8")
    half = tmp_path / "_build" / "html"
    half.mkdir(parents=True)
    (half / "index.html").write_text("yesterday's")
    result = build(tmp_path)
    assert result.returncode != 0, result.stdout
    assert "no-such-page" in result.stdout + result.stderr
    assert not half.exists()
