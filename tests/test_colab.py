"""make colab: Colab's versions in one small list, and a kernel that believes to be there."""

import contextlib
import os
import re
import shutil
import sys
from importlib.metadata import PackageNotFoundError, packages_distributions, requires
from pathlib import Path

import nbformat
import pytest
import small
import test_requirements
from nbformat.v4 import new_code_cell, new_notebook
from test_requirements import canonical

from tools import address, colab
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
        assert names & {*SHIPPED, *BROUGHT, *below}, (
            f"a lesson imports {module}: is it in Colab? Add {min(names)} to "
            "tools/colab-versions.txt (make colab-versions) or to lessons/colab.txt"
        )


def test_nothing_is_brought_that_is_there():
    assert not BROUGHT.items() & SHIPPED.items()
    assert "tensorflow" not in BROUGHT, "minutes, and a restart"


def test_the_list_says_where_and_when_it_was_taken():
    text = colab.VERSIONS.read_text("utf-8")
    assert colab.SOURCE in text and re.search(r"of 20\d\d-\d\d-\d\d, from", text)
    assert re.fullmatch(r"3\.1\d", colab.python_of(text))


def test_refreshing_takes_the_versions_of_our_packages_and_no_others(tmp_path, monkeypatch):
    (tmp_path / "pip-freeze.txt").write_text("keras==9.9\nnumpy==8.8+cu1\nother==1\n")
    (tmp_path / "os-info.txt").write_text("Ubuntu\nPython 3.14.1\n")
    monkeypatch.setattr(colab, "VERSIONS", tmp_path / "versions.txt")
    colab.VERSIONS.write_text("# Python 3.13\nnumpy==2.1.3\nkeras\n")
    colab.refresh(tmp_path.as_uri())
    text = colab.VERSIONS.read_text("utf-8")
    assert text.splitlines()[2:] == ["keras==9.9", "numpy==8.8"]
    assert colab.python_of(text) == "3.14" and tmp_path.as_uri() in text
    colab.VERSIONS.write_text(text + "scipy==1.0\n")
    with pytest.raises(SystemExit, match="no scipy"):
        colab.refresh(tmp_path.as_uri())
    assert colab.VERSIONS.read_text("utf-8") == text + "scipy==1.0\n"


def test_a_missing_python_is_told(monkeypatch):
    monkeypatch.delenv("PYTHON", raising=False)
    assert colab.python("{}.{}".format(*sys.version_info)) == sys.executable
    with pytest.raises(SystemExit, match=r"Colab has Python 3\.99.*make colab PYTHON="):
        colab.python("3.99")


def test_every_lesson_runs_the_homework_as_its_solution(tmp_path):
    course = small.course(tmp_path, *[small.notebook() for _ in range(3)])
    (course.folder / "04_draft.ipynb").write_text(stored(small.notebook()), encoding="utf-8")
    (tmp_path / "sources").mkdir()
    shutil.copy(course.folder / "02_b.ipynb", tmp_path / "sources")
    course = Course(tmp_path, [tmp_path / "sources"])
    chosen = [path.relative_to(tmp_path).as_posix() for path in colab.chosen([], course)]
    assert chosen == [
        "lessons/01_small.ipynb",
        "sources/02_b_solution.ipynb",
        "lessons/03_c.ipynb",
        "lessons/04_draft.ipynb",
    ]
    assert [path.name for path in colab.chosen(["3"], course)] == ["03_c.ipynb"]


# --- a notebook there ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def there(tmp_path_factory):
    """Run cells after the set-up cell as ``make colab`` does, but with our own versions."""
    if not (colab.ROOT / ".git").exists():
        pytest.skip("what git knows is served as the public repository")
    place = tmp_path_factory.mktemp("colab")
    colab.publish(place / "public")
    variables = colab.machine(place, Path(sys.executable))
    cell = (place / "public" / "lessons" / "setup_cell.py").read_text("utf-8").strip()

    def run(*sources, setup=cell):
        path = place / "lesson.ipynb"
        cells = [new_code_cell(source) for source in (setup, *sources)]
        nbformat.write(new_notebook(cells=cells), path)
        content = Path(place / f"content-{len(os.listdir(place))}")
        content.mkdir()
        return colab.run(path, content, variables)

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JUPYTER_PATH", variables["JUPYTER_PATH"])
        yield run


def test_a_lesson_finds_the_course_and_the_sample(there):
    seconds, _, wrong = there(
        "import os, coursekit\n"
        "assert os.getcwd().endswith('/lessons') and '/content-' in os.getcwd()\n"
        "assert coursekit.__file__.startswith(os.getcwd())\n"
        "assert _GRAPHS, 'kernel_startup.py: fit traces its graph here'\n"
        "from coursekit import data\n"
        "(x, y), _ = data.load_reuters(100)\n"
        "assert len(x) < 8982",
        COURSE.setup_cell.replace(address.current(), colab.URL),
    )
    assert not wrong and seconds > 0


def test_a_warning_and_an_error_are_told(there):
    few = "import numpy as np\nnp.array([]).mean()"  # as on the sample: no news
    [told] = [
        line for line in there("import warnings\nwarnings.warn('old')", few)[2] if "Warn" in line
    ]
    assert told.endswith("UserWarning: old")
    assert "ZeroDivisionError" in there("1 / 0")[2][0]
