"""make address: write the repository's address everywhere it stands.

_config.yml holds it; README, the set-up cell of every notebook and its template repeat it.
Until somebody sets it, it is an address that GitHub can never give out (names there hold no
underscore), so nobody can mistake it for a real one.
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VALID = re.compile(r"https://github\.com/[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+")


def current() -> str:
    """The address in _config.yml."""
    return re.search(r"(?m)^\s+url: (https://\S+)", (ROOT / "_config.yml").read_text("utf-8"))[1]


def places() -> list[Path]:
    """Every file that repeats the address."""
    return [
        ROOT / "_config.yml",
        ROOT / "README.md",
        ROOT / "tests" / "setup_cell.py",
        *sorted((ROOT / "book").glob("*.md")),
        *sorted((ROOT / "lessons").rglob("*.ipynb")),
    ]


def main(url: str = "") -> None:
    url = url.removesuffix("/").removesuffix(".git")
    if not VALID.fullmatch(url):
        raise SystemExit(
            f"Not an address of a GitHub repository: {url!r}\nSay make address URL=https://github.com/NAME/REPOSITORY"
        )
    old = current()
    for path in places():
        text = path.read_text(encoding="utf-8")
        slug = text.replace(old, url).replace(
            old.split("github.com/")[1], url.split("github.com/")[1]
        )
        if slug != text:
            path.write_text(slug, encoding="utf-8")
            print(f"{path.relative_to(ROOT)}")


if __name__ == "__main__":
    main(*sys.argv[1:])
