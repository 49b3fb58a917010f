"""The book: every lesson on its path, Korean search, a build that fails closed."""

import json
import re

import pytest
import yaml
from building import build, copy_of_the_book

from tools import address
from tools.lessons import COURSE, ROOT

TOC = yaml.safe_load((ROOT / "_toc.yml").read_text("utf-8"))
FILES = [chapter["file"] for part in TOC["parts"] for chapter in part["chapters"]]


def test_every_lesson_is_in_the_reading_order():
    inside = [file for file in FILES if file.startswith("lessons/")]
    assert inside == sorted(inside), "the lessons are read in the order of their numbers"
    readme = (ROOT / "README.md").read_text("utf-8")
    table = re.findall(r"\]\((lessons/\d\dh?_\w+)\.ipynb\)", readme)
    assert table == inside, "README's table lists the lessons of _toc.yml, in their order"


def test_the_book_builds(book):
    terms = 0
    for lesson in COURSE.lessons():
        page = (book / "lessons" / f"{lesson.name}.html").read_text("utf-8")
        place = f"only-in-this-test/course/blob/{address.version()}/lessons/{lesson.name}.ipynb"
        assert f"https://colab.research.google.com/github/{place}" in page, lesson.name
        assert "issues/new" in page, f"{lesson.name} has no link to report a problem"
        assert f"_sources/lessons/{lesson.name}.ipynb" in page, (
            f"{lesson.name} cannot be taken along"
        )
        names = re.findall(r'<(?!use\b)[^>]*\bid="([^"]+)"', page)
        assert len(names) == len(set(names)), f"{lesson.name}: an id stands twice"
        terms += page.count('class="term reference')
        for link in re.findall(r"<a [^>]*#cite-[^>]*>", page):
            assert len(re.search('title="([^"]*)"', link)[1]) > 20, "a citation names its source"
    told = [lesson for lesson in COURSE.lessons() if not lesson.name.endswith("_homework")]
    assert terms > 8 * len(told), "terms lead to the glossary"
    index = (book / "searchindex.js").read_text("utf-8").splitlines()[0]
    found = json.loads(index.split(" = ", 1)[1].rstrip(";"))
    assert len(found) > 300 and any("임베딩" in piece["t"] for piece in found)


def test_each_lesson_has_an_opening(book):
    for lesson in COURSE.lessons():
        page = (book / "lessons" / f"{lesson.name}.html").read_text("utf-8")
        heading = page[page.index("<h1>") : page.index("</h1>")]
        assert f'<span class="lesson-number">{lesson.number}</span>' in heading
        assert re.search(r'<p class="lesson-facts">\s*<span>읽기 약 \d+분</span>', page)
    last = (book / "lessons" / f"{COURSE.lessons()[-2].name}.html").read_text("utf-8")
    assert last.count('class="prev-next-promise"') == 2, "what comes is said"


def test_the_glossary_leads_to_the_places_of_its_terms(book):
    glossary = (book / "book" / "glossary.html").read_text("utf-8")
    places = re.findall(r'href="\.\./(lessons/\w+\.html)#(용어-[^"]+)"', glossary)
    assert len(places) > 100
    for page, anchor in places:
        assert f'id="{anchor}"' in (book / page).read_text("utf-8"), (page, anchor)


def test_what_a_page_says_of_itself(book):
    """Description, Open Graph, canonical address, favicon, licence, version."""
    site = "https://only-in-this-test.github.io/course/"
    for file in FILES:
        page = (book / f"{file}.html").read_text("utf-8")
        assert f'<link rel="canonical" href="{site}{file}.html"' in page
        described = re.search(r'<meta name="description" content="[^"]*[가-힣][^"]{20,}"', page)
        assert described or not file.startswith("lessons/"), file
        assert re.search(r'<meta property="og:locale"', page) and "favicon.svg" in page
        footer = page[page.index('<footer class="bd-footer-content"') :]
        assert "CC BY 4.0" in footer and "MIT" in footer and "Reading in Order" in footer
        picture = re.search(r'property="og:image" content="([^"]*)"', page)[1]
        assert (book / picture.removeprefix(site)).is_file() and picture.startswith(site), file
    assert "/course/book/index.html" in (book / "404.html").read_text("utf-8")


def test_the_address_that_people_share_has_a_preview_and_leads_on(book):
    page = (book / "index.html").read_text("utf-8")
    assert '<html lang="ko">' in page and "<title>순서를 읽는 딥러닝</title>" in page
    assert 'content="0; url=book/index.html"' in page and 'href="book/index.html"' in page
    assert '<link rel="canonical" href="https://only-in-this-test.github.io/course/book/' in page
    for name in ("og:title", "og:description", "og:image"):
        assert re.search(rf'property="{name}" content="[^"]+"', page), name


def test_citations_are_in_korean_form_and_english_is_said_to_be_english(book):
    cited = set()
    for file in FILES:
        page = (book / f"{file}.html").read_text("utf-8")
        cited |= set(re.findall(r"#cite-[^>]*>(.*?)</a>", page))
    cited = {re.sub("<[^>]*>", "", name) for name in cited}
    assert len(cited) > 30 and not [name for name in cited if re.search(r" and |et al|n\.d", name)]
    assert "Wang·Manning, 2012" in cited and "원 강의" in cited
    references = (book / "book" / "references.html").read_text("utf-8")
    assert len(re.findall(r'<div [^>]*class="citation"[^>]*>', references)) > 50
    assert len(re.findall(r'<div [^>]*lang="en"[^>]*>', references)) > 50


@pytest.fixture
def root(tmp_path):
    """A copy of the course with an old book, which a build replaces or takes away."""
    copy_of_the_book(tmp_path)
    (tmp_path / "_build" / "html").mkdir(parents=True)
    (tmp_path / "_build" / "html" / "index.html").write_text("_address-not-set_: yesterday's")
    (tmp_path / "_toc.yml").write_text("format: jb-book\nroot: book/glossary\n", encoding="utf-8")
    return tmp_path


def test_no_button_leads_nowhere(root):
    """While the address is the placeholder there is no launch, repository or issue button."""
    result = build(root)
    assert result.returncode == 0, result.stdout + result.stderr
    for page in (root / "_build" / "html").rglob("*.html"):
        assert "_address-not-set_" not in page.read_text("utf-8"), page


@pytest.mark.parametrize("word", ["no-such-page", "오버피팅"])
def test_a_failed_build_leaves_no_book(root, word):
    with (root / "book" / "glossary.md").open("a", encoding="utf-8") as glossary:
        glossary.write(f"\n{{doc}}`{word}`\n")
    result = build(root)
    assert result.returncode and word in result.stdout + result.stderr
    assert not (root / "_build").exists()
