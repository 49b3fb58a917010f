"""What stands around a page: Korean, what the page says of itself, icons, the address.

- A Sphinx message catalogue (book/locale) speaks Korean for the theme.
- Description, Open Graph and, with a real address, canonical link.
- The few icons of the shell as one small style sheet instead of Font Awesome's 1.5 MB script.
- Launch and repository buttons only when the address is real (`make address`).
"""

import html
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
ICONS = (
    "arrow-up bars list sun moon circle-half-stroke magnifying-glass download code file file-pdf "
    "expand rocket github pencil lightbulb angle-left angle-right chevron-down circle-info "
    "chevron-right circle-exclamation triangle-exclamation lightbulb pencil book"
)
OTHER_NAMES = {"pencil-alt": "pencil"}  # as Font Awesome 5 called it
BOX = ".bd-article .admonition{}>.admonition-title::after"
# The theme writes the icons of boxes with Font Awesome's face.
BOXES = {"": "circle-info", ".tip": "lightbulb", ".hint": "lightbulb"}
BOXES |= dict.fromkeys((".warning", ".caution", ".important"), "triangle-exclamation")


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
        for button in ("repository", "edit_page", "issues"):
            options[f"use_{button}_button"] = False


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
    """Description, Open Graph and canonical link of a page."""
    title = re.sub("<[^>]*>", "", context.get("title") or "")
    about = (first_sentences(doctree) if doctree else "") or app.config.html_title
    name = "website" if pagename == app.config.root_doc else "article"
    graph = {
        "og:type": name,
        "og:site_name": app.config.html_title,
        "og:locale": "ko_KR",
        "og:title": html.unescape(title),
        "og:description": about,
    }
    if site():
        graph["og:url"] = f"{site()}{pagename}.html"
        graph["og:image"] = site() + (first_picture(app, doctree) or "_static/page.png")
    lines = [f'<meta name="description" content="{html.escape(about)}" />']
    lines += [f'<meta property="{k}" content="{html.escape(v)}" />' for k, v in graph.items()]
    context["metatags"] = context.get("metatags", "") + "\n" + "\n".join(lines)
    if pagename == app.config.root_doc:
        app.first_page = context["metatags"]
    # Sphinx gives the page's address also to pages that no reader should be led to.
    if pagename in ("search", "404"):
        context["pageurl"] = None


def report_in_korean(app: Sphinx, pagename: str, templatename: str, context: dict, doctree) -> None:
    """The theme's button opens an issue with an English text: say it in Korean."""
    for group in context.get("header_buttons", []):
        for button in group.get("buttons", []):
            if "issues/new" in button.get("url", ""):
                start, title = button["url"].split("?")[0], quote(f"{pagename} 쪽에 대하여")
                body = quote("무엇이 어떻게 달라야 하는지 적어 주십시오.")
                button["url"] = f"{start}?title={title}&body={body}"


def icon_sheet() -> str:
    """A rule for each icon of the shell, drawn as a mask in the colour of the text."""
    theme = Path(pydata_sphinx_theme.__file__).parent / "theme" / "pydata_sphinx_theme"
    script = (theme / "static" / "scripts" / "fontawesome.js").read_text("utf-8")
    rules = []
    for name in sorted(set(ICONS.split())):
        pattern = rf'"?\b{name}"?:\[(\d+),(\d+),\[[^\]]*\],"[^"]*","([^"]+)"'
        found = re.search(pattern, script)
        if not found:
            raise ExtensionError(f"Font Awesome has no icon {name!r}: see ICONS in shell.py")
        width, height, path = found.groups()
        picture = (
            f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {width} {height}'>"
            f"<path d='{path}'/></svg>"
        )
        names = [name, *(old for old, new in OTHER_NAMES.items() if new == name)]
        where = [f".fa-{n}::before" for n in names]
        where += [BOX.format(box) for box, icon in BOXES.items() if icon == name]
        data = "data:image/svg+xml," + quote(picture, safe=" =:/'")
        rules.append(f'{",".join(where)}{{--icon:url("{data}")}}')
    masked = f".fas::before,.fab::before,.fa-solid::before,{BOX.format('')}"
    return (
        "/* Icons: Font Awesome Free (CC BY 4.0), only those the shell uses. */\n"
        f"{masked}{{content:''!important;display:inline-block;"
        "width:1.1em;height:1em;vertical-align:-.125em;background:currentColor;"
        "-webkit-mask:var(--icon) center/contain no-repeat;"
        "mask:var(--icon) center/contain no-repeat}\n" + "\n".join(rules) + "\n"
    )


def root_page(first: str, title: str, meta: str) -> str:
    """What stands at the address that people share: it leads on, and its preview says whereto."""
    canonical = f'<link rel="canonical" href="{site()}{first}" />' if site() else ""
    return f"""<!DOCTYPE html>
<html lang="ko">
<head>
<meta charset="utf-8" />
<title>{html.escape(title)}</title>
<meta http-equiv="refresh" content="0; url={first}" />
<link rel="icon" href="_static/favicon.svg" type="image/svg+xml" />
{canonical}{meta}
</head>
<body><p><a href="{first}">{html.escape(title)}</a></p></body>
</html>
"""


def write_files(app: Sphinx, error: Exception | None) -> None:
    if error:
        return
    out = Path(app.outdir)
    (out / "_static" / "icons.css").write_text(icon_sheet(), encoding="utf-8")
    first = f"{app.config.root_doc}.html"
    page = root_page(first, app.config.html_title, app.first_page)
    (out / "index.html").write_text(page, encoding="utf-8")


def not_found_page(app: Sphinx):
    """404.html is shown under any address, so its links start at the site's root."""
    root = "/" + site().split("/", 3)[3] if site() else "/"
    yield "404", {"title": "없는 쪽입니다", "site_root": root}, "404.html"


def setup(app: Sphinx) -> dict:
    for catalog in LOCALE.glob("ko/LC_MESSAGES/*.po"):  # Sphinx compiles only its own
        CatalogInfo(str(catalog.parent), catalog.stem, "utf-8").write_mo("ko")
    app.add_message_catalog("booktheme", str(LOCALE))
    app.connect("config-inited", configure)
    app.connect("html-page-context", describe)
    app.connect("html-page-context", report_in_korean, priority=900)
    app.connect("html-collect-pages", not_found_page)
    app.connect("build-finished", write_files)
    return {"parallel_read_safe": True}
