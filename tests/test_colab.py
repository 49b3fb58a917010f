"""make colab: Colab's versions in one small list, and a kernel that believes to be there."""

import contextlib
import re
import shutil
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, packages_distributions, requires
from types import SimpleNamespace

import nbformat
import pytest
import small
import test_requirements
from nbformat.v4 import new_code_cell, new_notebook
from test_requirements import canonical

from tools import colab
from tools.lessons import COURSE, Course, stored

pytestmark = pytest.mark.long(20)


def pins(text: str) -> dict[str, str]:
    found = re.findall(r"(?m)^([\w.-]+)==([^\s#]+)", text)
    return {canonical(name): version for name, version in found}


SHIPPED = pins(colab.VERSIONS.read_text("utf-8"))
BROUGHT = pins((colab.ROOT / "lessons" / "colab.txt").read_text("utf-8"))


# --- the lists -----------------------------------------------------------------------------------


def needs(name: str) -> list[str]:
    """What a package asks for; nothing where this machine has none of that name."""
    with contextlib.suppress(PackageNotFoundError):
        return [need for need in requires(name) or [] if "extra ==" not in need]
    return []


def test_what_the_lessons_import_is_there_or_brought():
    found = test_requirements.imported(["lessons"]).items()
    every = [module for module, path in found if not path.endswith("nbgrader_config.py")]
    assert {"keras", "konlpy", "sklearn"} <= set(every)
    modules = packages_distributions()
    both = [*SHIPPED, *BROUGHT]  # what these need comes with them
    below = {canonical(need) for name in both for need in needs(name)}
    for module in every:
        names = {canonical(name) for name in modules.get(module, [module])}
        assert names & {*both, *below}, (
            f"a lesson imports {module}: is it in Colab? Add {min(names)} to "
            "tools/colab-versions.txt (make colab-versions) or to lessons/colab.txt"
        )
    assert not BROUGHT.items() & SHIPPED.items(), "brought, and there"
    assert "tensorflow" not in BROUGHT, "minutes, and a restart"


def test_refreshing_takes_the_versions_of_our_packages_and_no_others(tmp_path, monkeypatch):
    (tmp_path / "pip-freeze.txt").write_text("keras==9.9\nnumpy==8.8+cu1\nother==1\n")
    (tmp_path / "os-info.txt").write_text("Ubuntu\nPython 3.14.1\n")
    head = rf"(?s)#.* of 20\d\d-\d\d-\d\d, from\n# {colab.SOURCE}: Python 3\.1\d\.\d+\. "
    assert re.match(head, colab.VERSIONS.read_text("utf-8"))
    monkeypatch.setattr(colab, "VERSIONS", tmp_path / "versions.txt")
    colab.VERSIONS.write_text("# Python 3.13\nnumpy==2.1.3\nkeras\n")
    colab.refresh(tmp_path.as_uri())
    text = colab.VERSIONS.read_text("utf-8")
    assert text.splitlines()[2:] == ["keras==9.9", "numpy==8.8"]
    assert f"from\n# {tmp_path.as_uri()}: Python 3.14.1. " in text
    colab.VERSIONS.write_text(text + "scipy==1.0\n")
    with pytest.raises(SystemExit, match="no scipy"):
        colab.refresh(tmp_path.as_uri())
    assert colab.VERSIONS.read_text("utf-8") == text + "scipy==1.0\n"


def test_it_runs_every_lesson_and_homework_whole_where_its_source_is(tmp_path, monkeypatch, capsys):
    course = small.course(tmp_path, *[small.notebook() for _ in range(3)])
    (course.folder / "04_draft.ipynb").write_text(stored(small.notebook()), encoding="utf-8")
    (tmp_path / "sources").mkdir()
    shutil.copy(course.folder / "02_b.ipynb", tmp_path / "sources")
    course = Course(tmp_path, [tmp_path / "sources"])
    course.find("3").notebook.metadata["course"]["values"] = {}  # a homework without its source
    ran = []

    def run(path, place, variables):
        ran.append((path.relative_to(tmp_path).as_posix(), *variables))
        return 1, ["old"] * (path.stem == "04_draft")

    monkeypatch.setattr(colab, "COURSE", course)
    monkeypatch.setattr(colab, "machine", lambda place, python: {})
    monkeypatch.setattr(colab, "run", run)
    monkeypatch.setattr(subprocess, "run", lambda command: SimpleNamespace(returncode=0))
    with pytest.raises(SystemExit, match="does not run as it should"):
        colab.main([], sys.prefix)
    homework = ("sources/02_b.ipynb", "COURSE_WHOLE")
    assert ran == [("lessons/01_small.ipynb",), homework, ("lessons/04_draft.ipynb",)]
    assert "| 02_b | 1 | ok |\n| 04_draft | 1 | old |" in capsys.readouterr().out


# --- a notebook there ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def there(tmp_path_factory):
    """Run cells after the set-up cell as ``make colab`` does, but with our own versions."""
    place = tmp_path_factory.mktemp("colab")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JUPYTER_PATH", "")
        variables = colab.machine(place, sys.executable)

        def run(*sources):
            cells = [new_code_cell(source) for source in (COURSE.setup_cell, *sources)]
            nbformat.write(new_notebook(cells=cells), place / "lesson.ipynb")
            return colab.run(place / "lesson.ipynb", place, variables)

        yield run


def test_a_lesson_finds_the_course_and_the_sample(there):
    seconds, wrong = there(
        "import os, coursekit\n"
        "assert os.getcwd().endswith('/lessons') and '/content-' in os.getcwd()\n"
        "assert coursekit.__file__.startswith(os.getcwd())\n"
        "assert _GRAPHS, 'kernel_startup.py: fit traces its graph here'\n"
        "from coursekit import data\n"
        "(x, y), _ = data.load_reuters(100)\n"
        "assert len(x) < 8982",
        "### BEGIN HIDDEN " + "TESTS\n1 / 0\n### END HIDDEN TESTS\n",
    )
    assert not wrong and seconds > 0


def test_a_warning_and_an_error_are_told(there):
    few = "import numpy as np\nnp.array([]).mean()"  # as on the sample: no news
    [told] = [
        line for line in there("import warnings\nwarnings.warn('old')", few)[1] if "Warn" in line
    ]
    assert told.endswith("UserWarning: old")
    assert "ZeroDivisionError" in there("1 / 0")[1][0]
