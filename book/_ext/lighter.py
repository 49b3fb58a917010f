"""The theme's style sheets without the rules that no page uses: 550 KB become about 150.

And a page without the scripts and sheets that have nothing to do on it, code without idle spans.
"""

import logging
import re
from pathlib import Path

import tinycss2
from fontTools import subset
from fontTools.ttLib import TTFont
from sphinx.application import Sphinx

LARGE = 10_000  # bytes: smaller sheets are left alone


# Of what Bootstrap's script can do the shell uses its menus (named in the pages) and its tooltips.
BOOTSTRAP = "show fade tooltip collapse collapsing tooltip-inner tooltip-arrow bs-tooltip-auto"
# What a page must hold for a script or a sheet to have something to do; Sphinx's marking is never
# asked for.
WORK = {
    "design-tabs.js": r"sd-tab-set",
    "togglebutton.js": r'class="([^"]* )?(toggle|dropdown)[ "]',
    "clipboard.min.js": r'class="highlight',
    "copybutton.js": r'class="highlight',
    "copybutton.css": r'class="highlight',
    "pygments.css": r'class="highlight',
    "togglebutton.css": r'class="([^"]* )?(toggle|dropdown)[ "]',
    "mystnb.css": r'class="cell',
    "sphinx-design.min.css": r'class="([^"]* )?sd-',
    "sphinx_highlight.js": r"(?!)",
}


def leave_out(app: Sphinx, pagename: str, template: str, context: dict, doctree) -> None:
    body = context.get("body") or ""
    for kind in ("script_files", "css_files"):
        context[kind] = [file for file in context[kind] if re.search(work(file.filename), body)]


def work(filename: object) -> str:
    name = re.sub(r"\.[0-9a-f]{64}(?=\.css$)", "", Path(str(filename)).name)
    return WORK.get(name, "")


def words_in_use(out: Path) -> set[str]:
    """Every class and id of the pages, and every word that a script may set as one."""
    used = set(BOOTSTRAP.split())
    for page in out.rglob("*.html"):
        for value in re.findall(r'(?:class|id)="([^"]*)"', page.read_text("utf-8")):
            used.update(value.split())
    for script in (out / "_static").rglob("*.js"):
        if script.name != "bootstrap.js":
            used.update(re.findall(r"[A-Za-z][\w-]+", script.read_text("utf-8")))
    return used


def is_used(selector: str, used: set[str]) -> bool:
    plain = re.sub(r":(?:not|is|where|has)\((?:[^()]|\([^()]*\))*\)", "", selector)
    return all(name in used for name in re.findall(r"[.#](-?[A-Za-z_][\w-]*)", plain))


def kept(rules: list, used: set[str]) -> str:
    """The rules with the selectors that can match something, one after the other."""
    text = []
    for rule in rules:
        if rule.type == "qualified-rule":
            selectors = split_at_commas(rule.prelude)
            chosen = [s for s in selectors if is_used(s, used)]
            if chosen:
                text.append(f"{','.join(chosen)}{{{tinycss2.serialize(rule.content).strip()}}}")
        elif rule.type == "at-rule" and rule.at_keyword in ("media", "supports"):
            inner = tinycss2.parse_rule_list(rule.content, skip_comments=True, skip_whitespace=True)
            if body := kept(inner, used):
                head = tinycss2.serialize(rule.prelude)
                text.append(f"@{rule.at_keyword}{head}{{{body}}}")
        else:
            text.append(rule.serialize())
    return "\n".join(text)


def split_at_commas(prelude: list) -> list[str]:
    parts: list[list] = [[]]
    for token in prelude:
        if token.type == "literal" and token.value == ",":
            parts.append([])
        else:
            parts[-1].append(token)
    return [tinycss2.serialize(part).strip() for part in parts]


def plain_code(out: Path) -> None:
    """Unwrap the names and signs of code that the style sheet gives the colour of the text anyway:
    two of three spans, half of a lesson's bytes.
    """
    sheet = (out / "_static" / "pygments.css").read_text("utf-8")
    rules = re.findall(r'theme="(\w+)"\] \.highlight( \.\w+)? ?{([^}]*)}', sheet)
    text = {theme: style for theme, name, style in rules if not name}
    own = {name.strip(" .") for theme, name, style in rules if name and style not in text[theme]}
    for page in out.rglob("*.html"):
        html = page.read_text("utf-8")
        html = re.sub(
            r'<span class="(\w{1,2})">([^<]*)</span>',
            lambda span: span[0] if span[1] in own else span[2],
            html,
        )
        page.write_text(html, encoding="utf-8")


def subset_icons(static: Path) -> None:
    """Font Awesome's solid face with the glyphs that a rule names; its other faces are unused."""
    sheet = static / "styles" / "pydata-sphinx-theme.css"
    text = sheet.read_text("utf-8")
    text = re.sub(r"@font-face\s*{[^}]*fa-(?:brands|regular)-400[^}]*}", "", text)
    text = re.sub(r'url\([^)]*fa-solid-900\.woff2\) format\("?woff2"?\),\s*', "", text)
    sheet.write_text(text, encoding="utf-8")
    fonts = static / "vendor" / "fontawesome" / "webfonts"
    solid = fonts / "fa-solid-900.ttf"
    used = [ord(letter) for letter in re.findall("[\ue000-\uf8ff]", text)]
    used += [int(code, 16) for code in re.findall(r"\\([ef][0-9a-f]{3})\b", text)]
    logging.getLogger("fontTools").setLevel(logging.ERROR)
    subsetter = subset.Subsetter()
    subsetter.populate(unicodes=used)
    font = TTFont(solid)
    subsetter.subset(font)
    font.save(solid)
    for face in fonts.iterdir():
        if face != solid:
            face.unlink()


def lighten(app: Sphinx, error: Exception | None) -> None:
    if error or app.builder.format != "html":
        return
    static = Path(app.outdir) / "_static"
    used = words_in_use(Path(app.outdir))
    for sheet in static.rglob("*.css"):
        if sheet.stat().st_size > LARGE and sheet.name != "icons.css":
            text = sheet.read_text("utf-8")
            rules = tinycss2.parse_stylesheet(text, skip_comments=True, skip_whitespace=True)
            sheet.write_text(kept(rules, used), encoding="utf-8")
    subset_icons(static)
    plain_code(Path(app.outdir))
    for spare in static.rglob("*.map"):
        spare.unlink()


def setup(app: Sphinx) -> dict:
    app.connect("html-page-context", leave_out, priority=950)
    app.connect("build-finished", lighten, priority=900)
    return {"parallel_read_safe": True}
