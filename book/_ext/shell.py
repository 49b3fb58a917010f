"""What stands around a page: Korean, what the page says of itself, the address.

- A Sphinx message catalogue (book/locale) speaks Korean for the theme.
- Description, Open Graph and, with a real address, canonical link.
- The few icons of the shell in a small style sheet instead of Font Awesome's 1.5 MB script.
- Launch and repository buttons only when the address is real (`make address`).
"""

import re
from pathlib import Path
from urllib.parse import quote

import pydata_sphinx_theme
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.errors import ExtensionError
from sphinx.util.i18n import CatalogInfo

from tools import address
from tools.lessons import ROOT

LOCALE = ROOT / "book" / "locale"


def real_address() -> str:
    """The repository's address, or nothing while it is the placeholder."""
    url = address.current()
    return url if address.ADDRESS.fullmatch(url) else ""


def site() -> str:
    """Where the book will be read: GitHub Pages of the repository, or nothing."""
    if not (url := real_address()):
        return ""
    owner, name = url.removeprefix("https://github.com/").split("/")
    return f"https://{owner.lower()}.github.io/{name}/"


def configure(app: Sphinx, config: Config) -> None:
    config.html_baseurl = site()
    options = config.html_theme_options
    config.release = address.version()
    if not real_address():  # a button that leads nowhere is worse than none
        options.update(repository_url="", launch_buttons={})
        options.update(use_repository_button=False, use_issues_button=False)


def first_sentences(doctree: nodes.document) -> str:
    """What a page is about: 150 letters of its first paragraph outside a box, cut at a word."""
    for paragraph in doctree.findall(nodes.paragraph):
        if isinstance(paragraph.parent, nodes.section) and len(paragraph.astext()) > 30:
            text = " ".join(paragraph.astext().split())
            return text if len(text) <= 150 else text[:150].rsplit(" ", 1)[0] + " …"
    return ""


def first_picture(app: Sphinx, doctree: nodes.document | None) -> str:
    """Where the first picture of a page lies, from the root of the book; no preview shows SVG."""
    images = doctree.findall(nodes.image) if doctree else []
    names = [app.builder.images.get(image["uri"], "") for image in images]
    return next((f"_images/{name}" for name in names if name.endswith(".png")), "")


def describe(app: Sphinx, pagename: str, templatename: str, context: dict, doctree) -> None:
    """What a page says of itself, for preview.html; index.html says what the first page does."""
    if pagename == "index":
        context.update(app.first_page)
        return
    context["site"] = site()
    context["about"] = (first_sentences(doctree) if doctree else "") or app.config.html_title
    context["picture"] = first_picture(app, doctree) or "_static/page.png"
    if pagename == app.config.root_doc:
        names = ("pagename", "title", "site", "about", "picture")
        app.first_page = {name: context[name] for name in names}
    if pagename == "search":  # no reader should be led there
        context["pageurl"] = None


def report_in_korean(app: Sphinx, pagename: str, templatename: str, context: dict, doctree) -> None:
    """The theme's button opens an issue with an English text: say it in Korean."""
    for group in context.get("header_buttons", []):
        for button in group.get("buttons", []):
            if "issues/new" in button.get("url", ""):
                start, title = button["url"].split("?")[0], quote(f"{pagename} 쪽에 대하여")
                body = quote("무엇이 어떻게 달라야 하는지 적어 주십시오.")
                button["url"] = f"{start}?title={title}&body={body}"


def draw_icons(app: Sphinx, error: Exception | None) -> None:
    """Put the theme's drawings into icons.css, as masks in the colour of the text."""
    sheet = Path(app.outdir, "_static", "icons.css")
    if error or not sheet.exists():
        return
    theme = Path(pydata_sphinx_theme.__file__).parent / "theme" / "pydata_sphinx_theme"
    script = (theme / "static" / "scripts" / "fontawesome.js").read_text("utf-8")

    def drawn(icon: re.Match) -> str:
        pattern = rf'"?\b{icon[1]}"?:\[(\d+),(\d+),\[[^\]]*\],"[^"]*","([^"]+)"'
        if not (found := re.search(pattern, script)):
            raise ExtensionError(f"Font Awesome has no icon {icon[1]!r}: see icons.css")
        box = f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {found[1]} {found[2]}'>"
        picture = quote(f"{box}<path d='{found[3]}'/></svg>", safe=" =:/'")
        return f'url("data:image/svg+xml,{picture}")'

    text = re.sub(r"url\(([\w-]+)\)", drawn, sheet.read_text("utf-8"))
    sheet.write_text(text, encoding="utf-8")


def pages_of_the_site(app: Sphinx):
    """404.html is shown under any address, so its links start at the site's root; index.html
    stands at the address that people share.
    """
    root = "/" + site().split("/", 3)[3] if site() else "/"
    yield "404", {"title": "없는 쪽입니다", "site_root": root}, "404.html"
    yield "index", {}, "root.html"


def setup(app: Sphinx) -> dict:
    for catalog in LOCALE.glob("ko/LC_MESSAGES/*.po"):  # Sphinx compiles only its own
        CatalogInfo(str(catalog.parent), catalog.stem, "utf-8").write_mo("ko")
    app.add_message_catalog("booktheme", str(LOCALE))
    app.connect("config-inited", configure)
    app.connect("html-page-context", describe)
    app.connect("html-page-context", report_in_korean, priority=900)
    app.connect("html-collect-pages", pages_of_the_site)
    app.connect("build-finished", draw_icons)
    return {"parallel_read_safe": True}
