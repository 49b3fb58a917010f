"""make address, make version: where the course lies and which version of it this is.

_config.yml holds both: the repository's address, and as its branch the tag of the version, which
the Colab buttons open. README, CITATION.cff, the issue form and the set-up cell repeat them.

Until somebody sets the address, it is one that GitHub can never give out (names there hold no
underscore), so nobody can mistake it for a real one.
"""

import re
import sys
from pathlib import Path

from tools import lessons, setup_cell

ADDRESS = re.compile(r"https://github\.com/[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+")
VERSION = re.compile(r"v\d+\.\d+\.\d+")
# Where the version stands, and what stands before it.
VERSION_PLACES = {
    "_config.yml": "  branch: ",
    "CITATION.cff": "version: ",
    "lessons/setup_cell.py": 'VERSION = "',
}


def current() -> str:
    """The address in _config.yml."""
    return re.search(
        r"(?m)^\s+url: (https://\S+)", (lessons.ROOT / "_config.yml").read_text("utf-8")
    )[1]


def version() -> str:
    """The version in _config.yml: the tag under which this course is, or will be, released."""
    return re.search(r"(?m)^\s+branch: (\S+)", (lessons.ROOT / "_config.yml").read_text("utf-8"))[1]


def places() -> list[Path]:
    """Every file that repeats the address."""
    return [
        lessons.ROOT / "_config.yml",
        lessons.ROOT / "README.md",
        lessons.ROOT / "CITATION.cff",
        lessons.ROOT / "lessons" / "setup_cell.py",
        *sorted((lessons.ROOT / ".github").rglob("*.yml")),
        *sorted((lessons.ROOT / "book").glob("*.md")),
        *setup_cell.places(),
    ]


def write_address(url: str) -> None:
    """Write a repository's address everywhere it stands."""
    url = url.removesuffix("/").removesuffix(".git")
    if not ADDRESS.fullmatch(url):
        raise SystemExit(
            f"Not an address of a GitHub repository: {url!r}\n"
            "Say make address URL=https://github.com/NAME/REPOSITORY"
        )
    old = current()
    for path in places():
        text = path.read_text(encoding="utf-8")
        slug = text.replace(old, url).replace(
            old.split("github.com/")[1], url.split("github.com/")[1]
        )
        if slug != text:
            path.write_text(slug, encoding="utf-8")
            print(path.relative_to(lessons.ROOT))


def write_version(tag: str) -> None:
    """Write the version's tag everywhere it stands."""
    if not VERSION.fullmatch(tag):
        raise SystemExit(f"Not a version: {tag!r}\nSay make version VERSION=v1.2.3")
    for name, before in VERSION_PLACES.items():
        path = lessons.ROOT / name
        text = path.read_text(encoding="utf-8")
        path.write_text(
            re.sub(rf"(?m)^({re.escape(before)}){VERSION.pattern}", rf"\g<1>{tag}", text), "utf-8"
        )
        print(name)
    for path in setup_cell.write():
        print(path.relative_to(lessons.ROOT))


if __name__ == "__main__":
    {"url": write_address, "version": write_version}[sys.argv[1]](*sys.argv[2:])
