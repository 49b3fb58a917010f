"""make pdf: the whole book as one PDF, with contents and links, printed by the machine's browser.

The pages of _build/html are put one behind the other on one page, answers and folded code open,
and printed twice: the first print tells the page numbers that stand in the contents of the second.
"""

import logging
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import unquote, urlsplit

from playwright.sync_api import Page, Route, sync_playwright
from pypdf import PdfReader, PdfWriter

from tools import browser
from tools.book import BOOK
from tools.lessons import ROOT

PDF = BOOK.parent / "reading-in-order.pdf"
MARGIN = {"top": "18mm", "bottom": "18mm", "left": "16mm", "right": "16mm"}
FOOTER = (
    '<div style="width: 100%; text-align: center; font-size: 8pt; color: #555">'
    '<span class="pageNumber"></span></div>'
)
ASSEMBLE = ROOT / "book" / "_static" / "print.js"
NUMBERS = """pages => document.querySelectorAll('.print-contents a').forEach((a) => {
  a.querySelector('.page').textContent = pages[decodeURIComponent(a.hash.slice(1))] ?? '';
})"""


logging.getLogger("pypdf").setLevel(logging.ERROR)  # it says how Chromium counts its objects


def printed(page: Page) -> bytes:
    return page.pdf(
        format="A4",
        margin=MARGIN,
        print_background=True,
        display_header_footer=True,
        header_template="<span></span>",
        footer_template=FOOTER,
        outline=True,
        tagged=True,
    )


def page_numbers(path: Path) -> dict[str, int]:
    """On which page each target of a link stands, counted from 1."""
    reader = PdfReader(path)
    return {
        unquote(name.lstrip("/")): reader.get_destination_page_number(target) + 1
        for name, target in reader.named_destinations.items()
    }


def make(book: Path, out: Path, only: Sequence[str] = ()) -> None:
    """Print ``book`` into ``out``: every page, or those named in ``only``.

    Raises:
        SystemExit: a picture or the target of a link is missing, or there is no browser.
    """
    if not (executable := browser.path()):
        raise SystemExit("No Chromium or Chrome here: install one or say BROWSER_PATH=...")

    def answer(route: Route) -> None:
        file = book / unquote(urlsplit(route.request.url).path).lstrip("/")
        route.fulfill(path=file) if file.is_file() else route.fulfill(status=404)

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=executable, args=browser.OFFLINE)
        page = chromium.new_page(color_scheme="light")
        page.set_default_timeout(600_000)
        page.route("**/*", answer)
        page.goto("http://book/book/index.html")
        if missing := page.evaluate(ASSEMBLE.read_text("utf-8"), list(only)):
            raise SystemExit("The book lacks what it shows or names: " + ", ".join(missing))
        out.write_bytes(printed(page))
        page.evaluate(NUMBERS, page_numbers(out))
        out.write_bytes(printed(page))
        chromium.close()
    writer = PdfWriter(clone_from=out)
    writer.add_metadata({"/Author": "Reading in Order"})
    writer.page_mode = "/UseOutlines"  # a reader opens it beside its contents
    writer.write(out)


def main() -> None:
    if not (BOOK / "index.html").exists():
        raise SystemExit("There is no book to print: run `make book` first.")
    make(BOOK, PDF)
    pages = len(PdfReader(PDF).pages)
    print(f"The PDF is ready: {PDF.relative_to(BOOK.parent.parent)}, {pages} pages.")


if __name__ == "__main__":
    main()
