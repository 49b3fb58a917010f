"""What is imported is asked for by name, and Colab gets the versions we test."""

import ast
import re
import sys
from importlib.metadata import packages_distributions

import nbformat

from tools.lessons import ROOT

# Every folder of ours; what stands in the environment, the build or git is not.
FOLDERS = sorted(path.name for path in ROOT.iterdir() if path.is_dir() and path.name[0] not in "._")


def lines(name: str) -> list[str]:
    """A file of requirements without its comments."""
    text = (ROOT / name).read_text("utf-8")
    return [line for raw in text.splitlines() if (line := raw.partition("#")[0].strip())]


def canonical(requirement: str) -> str:
    """The distribution's name as an index knows it."""
    return re.sub(r"[-_.]+", "-", re.match(r"[\w.-]+", requirement)[0]).lower()


def sources(folders):
    """Every piece of our Python, with the file it is in."""
    for path in (path for folder in folders for path in (ROOT / folder).rglob("*")):
        if path.suffix == ".py":
            yield path, path.read_text("utf-8")
        if path.suffix == ".ipynb":
            for cell in nbformat.read(path, as_version=4).cells:
                if cell.cell_type == "code":
                    yield path, re.sub(r"(?m)^(\s*)[%!].*", r"\1pass", cell.source)


def imported(folders=FOLDERS) -> dict[str, str]:
    """Top-level modules that we import and neither Python nor we ship -> a file that does."""
    ours = {*sys.stdlib_module_names, *FOLDERS}
    for folder in FOLDERS:
        ours |= {path.name for path in (ROOT / folder).iterdir()}
        ours |= {path.stem for path in (ROOT / folder).rglob("*.py")}
    found = {}
    for path, source in sources(folders):
        for node in ast.walk(ast.parse(source)):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and not node.level:
                names = [node.module]
            for name in {name.partition(".")[0] for name in names} - ours:
                found.setdefault(name, path.relative_to(ROOT).as_posix())
    return found


def test_every_import_is_asked_for_by_name():
    asked = {canonical(line) for line in lines("requirements.in")}
    modules = packages_distributions()
    found = imported()
    assert "numpy" in found and len(found) > 20
    for module, path in found.items():
        names = {canonical(name) for name in modules.get(module, [module])}
        assert names & asked, f"{path} imports {module}: add one of {names} to requirements.in"


def test_everything_asked_for_is_pinned():
    pinned = {canonical(line) for line in lines("requirements.txt")}
    missing = {canonical(line) for line in lines("requirements.in")} - pinned
    assert not missing, f"not in requirements.txt: {missing}; run make lock"


def test_colab_gets_the_versions_we_test():
    pinned = (ROOT / "requirements.txt").read_text("utf-8")
    for line in lines("lessons/colab.txt"):
        assert re.search(rf"(?mi)^{re.escape(line)}\b", pinned), f"colab.txt: {line} is not ours"
