"""make on a machine that lacks something says in one sentence what to do, and leaves nothing."""

import os
import re
import subprocess
import sys
from importlib.metadata import packages_distributions

import pytest
from test_requirements import canonical, imported

from tools.lessons import ROOT


@pytest.fixture
def machine(tmp_path):
    """Run make there with programs of our own before the machine's."""
    folder = tmp_path / "bin"
    folder.mkdir()

    def make(*words, **programs):
        for name, script in programs.items():
            (folder / name).write_text(f"#!/bin/bash\n{script}\n")
            (folder / name).chmod(0o755)
        above = {"PYTHON", "VENV", "MAKEFLAGS", "MAKELEVEL"}  # of the make that runs the tests
        variables = {name: value for name, value in os.environ.items() if name not in above}
        variables["PATH"] = f"{folder}{os.pathsep}{variables['PATH']}"
        asked = ["make", f"VENV={tmp_path / 'venv'}", *words]
        return subprocess.run(asked, cwd=ROOT, env=variables, text=True, capture_output=True)

    return make


MISSING = {
    "python": ({}, ["PYTHON=no-such-python"], "There is no no-such-python here: install Python"),
    "version": (
        {"python3": f'exec {sys.executable} -c "import sys; sys.version_info = (3, 10, 1); $2"'},
        [],
        r"needs Python 3\.11, 3\.12 or 3\.13, and .* is 3\.10: run `make PYTHON=",
    ),
    "venv": (
        {"python3": f'[[ "$2" == *ensurepip* ]] && exit 1; exec {sys.executable} "$@"'},
        [],
        "on Debian and Ubuntu run `sudo apt install python3-venv`",
    ),
    "wheels": ({"uname": "echo Darwin x86_64"}, [], "no package for Intel Macs: .* Colab"),
}


@pytest.mark.parametrize("missing", MISSING)
def test_what_is_missing_is_said(machine, missing, tmp_path):
    programs, words, sentence = MISSING[missing]
    result = machine("setup", *words, **programs)
    assert result.returncode and re.search(sentence, result.stdout + result.stderr)
    assert not (tmp_path / "venv").exists()


def test_the_book_alone_needs_no_tensorflow(machine, tmp_path):
    first, _, rest = (ROOT / "requirements.in").read_text("utf-8").partition("\n\n")
    assert "jupyter-book" in first and "tensorflow" in rest and "tensorflow" not in first
    asked = machine("-n", "book").stdout
    assert "-c requirements.txt -r <(sed '/^$/q' requirements.in)" in asked
    assert "-r requirements.txt" in machine("-n", "test").stdout
    (tmp_path / "venv").mkdir()
    (tmp_path / "venv" / ".installed").touch()
    assert "<(sed" not in machine("-n", "book").stdout, "what has everything needs no part"


# Import what builds the book where only the first part of requirements.in is installed.
BUILDER = """
import importlib, pathlib, sys
class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {missing}:
            raise ModuleNotFoundError("the book needs " + name)
sys.meta_path.insert(0, Missing())
import tools.book
for path in pathlib.Path("book/_ext").glob("*.py"):
    importlib.import_module(path.stem)
"""


def test_the_first_part_has_what_the_book_imports():
    first, _, rest = (ROOT / "requirements.in").read_text("utf-8").partition("\n\n")
    names = {canonical(line) for line in re.findall(r"(?m)^\w\S*", rest)}
    missing = {
        module
        for module, packages in packages_distributions().items()
        if names & set(map(canonical, packages))
    }
    assert {"tensorflow", "sklearn", "jupyterlab", "pytest"} <= missing
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([".", "lessons", "book/_ext"])}
    code = BUILDER.format(missing=missing - {"ipykernel"})  # jupyter-book brings it
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, check=True)
    there = {canonical(line) for line in re.findall(r"(?m)^\w\S*", first)}
    modules = packages_distributions()
    for module, path in imported(["book"]).items():
        found = set(map(canonical, modules.get(module, [module])))
        assert found & there, f"{path} imports {module}: move {found} up in requirements.in"
