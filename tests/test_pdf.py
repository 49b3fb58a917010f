"""The printed book: contents with page numbers, links that lead within it, nothing folded."""

import re

import pytest
from pypdf import PdfReader
from screen import BROWSER

from tools import pdf

pytestmark = [
    pytest.mark.skipif(BROWSER is None, reason="no Chromium or Chrome on this machine"),
    pytest.mark.long(40),
]
PAGES = ("book/index.html", "lessons/00_how_networks_learn.html", "book/glossary.html")


@pytest.fixture(scope="module")
def printed(book, tmp_path_factory):
    out = tmp_path_factory.mktemp("pdf") / "book.pdf"
    pdf.make(book, out, PAGES)
    return out


def text(page):
    """What a page says, without blanks: a PDF places letters, not words."""
    return re.sub(r"\s", "", page.extract_text())


def links(reader):
    for page in reader.pages:
        for annotation in page.get("/Annots", []):
            action = annotation.get_object()
            yield action.get("/A", {}).get("/URI"), action.get("/Dest")


def test_the_contents_tell_the_page_of_each_chapter(printed):
    reader = PdfReader(printed)
    start = pdf.page_numbers(printed)["lessons/00_how_networks_learn.html/top"]
    assert text(reader.pages[start - 1]).startswith("00신경망은어떻게배우는가")
    assert f"00.신경망은어떻게배우는가{start}1." in text(reader.pages[1])
    assert reader.outline


def test_links_lead_within_the_book_or_out_of_this_machine(printed):
    found = list(links(PdfReader(printed)))
    assert sum(target is not None for _, target in found) > 30
    outside = [address for address, _ in found if address]
    assert not [a for a in outside if re.search(r"//book/|127\.0\.0\.1|localhost|file:", a)]


def test_answers_and_folded_code_stand_open(printed):
    said = "".join(map(text, PdfReader(printed).pages))
    assert "가장낮은곳보다낮은곳은없습니다" in said, "a hint of an answer"
    assert "화면에서움직여보는것의값" in said, "a piece to touch is a table"
    assert "tanh_backward" in said, "the solution of an exercise"
    assert "os.chdir" not in said, "the set-up cell stays off paper"
    assert "코드펼치기" not in said and "코드접기" not in said
    assert "그림0.1을그리는코드" not in said, "and so does what draws a figure"
