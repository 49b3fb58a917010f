"""The book: every lesson on its path, Korean search, a build that fails closed."""

import re

import yaml
from building import build, copy_of_the_book

from tools import address
from tools.lessons import COURSE, ROOT

TOC = yaml.safe_load((ROOT / "_toc.yml").read_text("utf-8"))
FILES = [chapter["file"] for part in TOC["parts"] for chapter in part["chapters"]]


def test_every_lesson_is_in_the_reading_order():
    inside = [file for file in FILES if file.startswith("lessons/")]
    assert inside == [f"lessons/{lesson.name}" for lesson in COURSE.lessons()]
    assert inside == sorted(inside), "the lessons are read in the order of their numbers"
    readme = (ROOT / "README.md").read_text("utf-8")
    table = re.findall(r"\]\((lessons/\d\d_\w+)\.ipynb\)", readme)
    assert table == inside, "README's table lists the lessons of _toc.yml, in their order"


def test_the_book_builds(book):
    for path in [lesson.path for lesson in COURSE.lessons()]:
        page = (book / "lessons" / f"{path.stem}.html").read_text("utf-8")
        slug = "only-in-this-test/course"
        tag = address.version()
        colab = f"https://colab.research.google.com/github/{slug}/blob/{tag}/lessons/{path.name}"
        assert colab in page, f"{path.name} has no Colab button"
        assert "issues/new" in page, f"{path.name} has no link to report a problem"
        pictures = re.findall(r'<img[^>]*src="[^"]*_images/[^>]*>', page)
        for picture in pictures:
            alt = re.search('alt="([^"]*)"', picture)
            assert alt and re.search("[가-힣]", alt[1]), f"{path.name}: no alt text: {picture}"
        prose = re.sub(r"(?s)<(pre|code|script|style)\b.*?</\1>|<[^>]*>", "", page)
        stars = re.findall(r".{0,40}\*\*.{0,40}", prose)  # as in **54%**뿐: Markdown wants a space
        assert not stars, f"{path.name} shows the asterisks of a bold text: {stars}"
    index = (book / "searchindex.js").read_text("utf-8")
    assert "임베딩" in index, "the search index does not hold the pages' words"


def test_what_a_page_says_of_itself(book):
    """Language, description, Open Graph, canonical address, favicon, licence, version."""
    address_of_site = "https://only-in-this-test.github.io/course/"
    for name in ("book/index", "lessons/01_reuters_dense"):
        page = (book / f"{name}.html").read_text("utf-8")
        assert f'<link rel="canonical" href="{address_of_site}{name}.html"' in page
        assert re.search(r'<meta name="description" content="[^"]*[가-힣][^"]{20,}"', page)
        for graph in ("og:title", "og:description", "og:image", "og:url", "og:locale"):
            assert f'<meta property="{graph}"' in page, (name, graph)
        assert "favicon.svg" in page
        footer = page[page.index('<footer class="bd-footer-content"') :]
        assert "CC BY 4.0" in footer and "MIT" in footer and "Reading in Order" in footer
    sitemap = (book / "sitemap.xml").read_text("utf-8")
    for file in FILES:
        assert f"<loc>{address_of_site}{file}.html</loc>" in sitemap
    assert "/course/book/index.html" in (book / "404.html").read_text("utf-8")
    for file in FILES:
        page = (book / f"{file}.html").read_text("utf-8")
        picture = re.search(r'property="og:image" content="([^"]*)"', page)[1]
        assert picture.startswith(address_of_site)
        assert (book / picture.removeprefix(address_of_site)).exists(), file


def test_no_button_leads_nowhere(tmp_path):
    """While the address is the placeholder there is no launch, repository or issue button."""
    copy_of_the_book(tmp_path)
    (tmp_path / "_toc.yml").write_text(
        "format: jb-book\nroot: book/setup\nchapters: [{file: book/glossary}]\n", encoding="utf-8"
    )
    result = build(tmp_path)
    assert result.returncode == 0, result.stdout + result.stderr
    html = tmp_path / "_build" / "html"
    for page in html.rglob("*.html"):
        assert "_address-not-set_" not in page.read_text("utf-8"), page
    assert not (html / "sitemap.xml").exists()


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
