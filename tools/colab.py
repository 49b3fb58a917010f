"""make colab: run the lessons as Colab does, on its versions, from an empty folder.

The Makefile keeps an environment with the versions of tools/colab-versions.txt. For each lesson a
kernel there, which believes to be Colab's, runs the set-up cell and then the lesson: the cell
clones this checkout and installs lessons/colab.txt. Only its address and its /content are those of
this run. The data are the sample, and ``fit`` does two epochs (kernel_startup.py), but for
homework: it runs whole, so that its visible checks pass.

make colab-versions: fetch what Colab publishes and write the versions of the same packages.
"""

import contextlib
import os
import re
import subprocess
import sys
import tempfile
from datetime import date
from pathlib import Path
from urllib.request import urlopen

from nbclient.exceptions import CellExecutionError, DeadKernelError
from nbformat.v4 import new_code_cell

from tools import address
from tools.execute import execute
from tools.lessons import COURSE, HIDDEN, ROOT, code_cells, is_setup, read

VERSIONS = ROOT / "tools" / "colab-versions.txt"
SOURCE = "https://raw.githubusercontent.com/googlecolab/backend-info/main"
# Few rows and two epochs bring these warnings about, whatever the versions.
LIKE_COLAB = """
import warnings as _warnings
_few = "Mean of empty slice|invalid value encountered|The least populated class"
_warnings.filterwarnings("ignore", _few)
_sys.modules["google.colab"] = type(_sys)("google.colab")
"""


def refresh(source: str = SOURCE) -> None:
    """Write the versions that Colab publishes today for the packages of the list."""
    names = sorted(re.findall(r"(?m)^[\w.-]+", VERSIONS.read_text("utf-8")))
    frozen, system = (
        urlopen(f"{source}/{name}").read().decode() for name in ("pip-freeze.txt", "os-info.txt")
    )
    theirs = dict(re.findall(r"(?m)^([\w.-]+)==([^\s+]+)", frozen))  # without +cu12
    if missing := [name for name in names if name not in theirs]:
        raise SystemExit(
            f"Colab has no {', '.join(missing)} any more: see tools/colab-versions.txt."
        )
    lines = [
        f"# Colab's versions of what the lessons import, of {date.today()}, from",
        f"# {source}: {re.search(r'Python [0-9.]+', system)[0]}. Made by `make colab-versions`.",
        *(f"{name}=={theirs[name]}" for name in names),
    ]
    VERSIONS.write_text("\n".join(lines) + "\n", "utf-8")
    print("\n".join(lines))


def machine(place: Path, python: str) -> dict[str, str]:
    """Colab and GitHub in a folder: a kernel "colab" of this Python, and this checkout as a
    repository with the version's tag. Returns the variables under which the kernel runs."""
    git = ["git", f"--git-dir={place / 'public'}", f"--work-tree={ROOT}"]
    git += ["-c", "user.name=course", "-c", "user.email=course@example.org"]
    for step in (["init"], ["add", "."], ["commit", "-m", "all"], ["tag", address.version()]):
        subprocess.run([*git, *step], cwd=ROOT, check=True, capture_output=True)
    install = [python, "-m", "ipykernel", "install", f"--prefix={place}", "--name=colab"]
    subprocess.run(install, check=True, capture_output=True)
    os.environ["JUPYTER_PATH"] = str(place / "share" / "jupyter")
    ours = {"PYTHONPATH", "TF_CPP_MIN_LOG_LEVEL", "COURSE_STRICT", "MPLBACKEND"}
    return {name: value for name, value in os.environ.items() if name not in ours} | {
        "IPYTHONDIR": str(place / "ipython"),  # no settings of this machine's
        "COURSE_DATA": "sample",
        "COURSE_GRAPHS": "1",  # other versions of TensorFlow trace other graphs
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",  # an old kernel's word on new Pythons
    }


def run(path: Path, place: Path, variables: dict[str, str]) -> tuple[float, list[str]]:
    """Run a notebook on a :func:`machine`, in an empty folder: its seconds, and what is wrong: each
    line that it wrote to stderr, once, or why it stopped."""
    notebook = read(path)
    startup = (ROOT / "tools" / "kernel_startup.py").read_text("utf-8")
    with tempfile.TemporaryDirectory(prefix="content-", dir=place) as content:
        for cell in code_cells(notebook):
            cell.source = HIDDEN.sub("", cell.source)
            if is_setup(cell):
                cell.source = cell.source.replace("/content/", f"{content}/")
                cell.source = cell.source.replace(address.current(), f"file://{place / 'public'}")
        notebook.cells.insert(0, new_code_cell(startup + LIKE_COLAB))
        try:
            seconds = execute(notebook, Path(content), variables, kernel="colab", timeout=1800)
        except (CellExecutionError, DeadKernelError, TimeoutError) as error:
            print(error, flush=True)
            return 0, [str(error).strip().splitlines()[-1]]
    outputs = [output for cell in code_cells(notebook) for output in cell.outputs]
    told = "\n".join(output.text for output in outputs if output.get("name") == "stderr")
    return seconds, list(dict.fromkeys(filter(str.strip, told.splitlines())))


def main(numbers: list[str], folder: str) -> None:
    """Run lessons, or all, in the environment in ``folder``, and print a table."""
    python, bad = str(Path(folder).absolute() / "bin" / "python"), False
    print(VERSIONS.read_text("utf-8").splitlines()[1])
    print("| lesson | seconds | |\n|---|---:|---|", flush=True)
    with tempfile.TemporaryDirectory(prefix="course-colab-") as place:
        variables = machine(Path(place), python)
        for lesson in [COURSE.find(number) for number in numbers] or COURSE.numbered():
            if lesson.is_derived:  # a homework without its source has nothing to run
                continue
            whole = {} if lesson.path.parent == COURSE.folder else {"COURSE_WHOLE": "1"}
            with contextlib.redirect_stdout(sys.stderr):  # each cell, and where it stopped
                seconds, wrong = run(lesson.path, Path(place), variables | whole)
            told = "; ".join(wrong) or "ok"
            print(f"| {lesson.name} | {seconds:.0f} | {told} |", flush=True)
            bad = bad or bool(wrong)
    agree = subprocess.run([python, "-m", "pip", "check"])
    if bad or agree.returncode:
        raise SystemExit("A lesson does not run as it should on Colab: see above.")


if __name__ == "__main__":
    if sys.argv[1] == "--refresh":
        refresh()
    else:
        main(sys.argv[2:], sys.argv[1])
