"""make address, make version: where the course lies and which version of it this is.

_config.yml holds both: the repository's address, and as its branch the tag of the version, which
the Colab buttons open. The other files named here repeat them, and every notebook in its set-up
cell, which is derived.

Until somebody sets the address, it is one that GitHub can never give out (names there hold no
underscore), so nobody can mistake it for a real one.
"""

import re
import sys

import yaml

from tools import derive
from tools.lessons import COURSE, Course

GITHUB = "https://github.com/"
ADDRESS = re.compile(r"https://github\.com/[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+")
VERSION = re.compile(r"v\d+\.\d+\.\d+")
REPEAT_THE_VERSION = ["_config.yml", "CITATION.cff", "lessons/setup_cell.py"]
REPEAT_THE_ADDRESS = [*REPEAT_THE_VERSION, "README.md", ".github/**/*.yml", "book/*.md"]


def _repository(course: Course) -> dict[str, str]:
    return yaml.safe_load((course.root / "_config.yml").read_text("utf-8"))["repository"]


def current(course: Course = COURSE) -> str:
    """The address in _config.yml."""
    return _repository(course)["url"]


def version(course: Course = COURSE) -> str:
    """The version in _config.yml: the tag under which this course is, or will be, released."""
    return _repository(course)["branch"]


def write(new: str, course: Course = COURSE) -> None:
    """Write an address or a version everywhere it stands.

    Raises:
        SystemExit: ``new`` is neither.
    """
    new = new.removesuffix("/").removesuffix(".git")
    if VERSION.fullmatch(new):
        old, patterns = version(course), REPEAT_THE_VERSION
    elif ADDRESS.fullmatch(new):
        old, patterns = current(course).removeprefix(GITHUB), REPEAT_THE_ADDRESS
    else:
        raise SystemExit(
            f"Neither a version nor the address of a GitHub repository: {new!r}\n"
            "Say make version VERSION=v1.2.3 or make address URL=https://github.com/NAME/REPOSITORY"
        )
    for path in sorted(path for pattern in patterns for path in course.root.glob(pattern)):
        was = path.read_text(encoding="utf-8")
        if (now := was.replace(old, new.removeprefix(GITHUB))) != was:
            path.write_text(now, encoding="utf-8")
            print(path.relative_to(course.root))
    derive.write_all(course, derive.derived(course))


if __name__ == "__main__":
    write(sys.argv[1])
