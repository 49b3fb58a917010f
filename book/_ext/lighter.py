"""A book without what it does not use: rules and faces of the theme's style sheets.

The theme's sheets shrink from 550 KB to about 130: a page is read before they have come.
"""

import re
from pathlib import Path

from sphinx.application import Sphinx

LARGE = 10_000  # bytes: smaller sheets are left alone
# Of what Bootstrap's script can do the shell uses its menus (named in the pages) and its tooltips.
BOOTSTRAP = "show fade tooltip collapse collapsing tooltip-inner tooltip-arrow bs-tooltip-auto"


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


def kept(sheet: str, used: set[str]) -> str:
    """A style sheet with the selectors that can match something, without faces and comments."""

    def keep(rule: re.Match) -> str:
        selectors = re.split(r",(?![^()]*\))", rule[1])
        chosen = [s for s in selectors if is_used(s, used) and "@font-face" not in s]
        return f"{','.join(chosen)}{{{rule[2]}}}" if chosen else ""

    sheet = re.sub(r"(?s)/\*.*?\*/", "", sheet)
    sheet = re.sub(r"([^{}]+)\{([^{}]*)\}", keep, sheet)  # the innermost braces
    return re.sub(r"@(?:media|supports)[^{}]*\{\s*\}", "", sheet)


def lighten(app: Sphinx, error: Exception | None) -> None:
    if error or app.builder.format != "html":
        return
    static = Path(app.outdir) / "_static"
    used = words_in_use(Path(app.outdir))
    for sheet in static.rglob("*.css"):
        if sheet.stat().st_size > LARGE and sheet.name not in (
            "icons.css",
            "course.css",
            "fonts.css",
        ):
            sheet.write_text(kept(sheet.read_text("utf-8"), used), encoding="utf-8")
    # The shell draws its icons (shell.py): no page asks for Font Awesome.
    for spare in [*static.rglob("*.map"), *static.rglob("fontawesome.js"), *static.rglob("fa-*")]:
        spare.unlink()


def setup(app: Sphinx) -> dict:
    app.connect("build-finished", lighten, priority=900)
    return {"parallel_read_safe": True}
