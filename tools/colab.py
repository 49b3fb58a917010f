"""make colab: run the lessons as Colab does, on its versions, from an empty folder.

An environment gets the versions of tools/colab-versions.txt. For each lesson a kernel there, which
believes to be Colab's, runs the set-up cell and then the lesson: the cell clones this checkout,
served as the public repository, and installs lessons/colab.txt. Only the cell's /content is moved
to a folder of this run. The data are the sample, and ``fit`` does two epochs (kernel_startup.py),
but for homework: its solution runs whole, so that its visible checks pass.

make colab-versions: fetch what Colab publishes and write the versions of the same packages.
"""

import contextlib
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from datetime import date
from pathlib import Path
from urllib.request import urlopen

from nbclient.exceptions import CellExecutionError, DeadKernelError
from nbformat import NotebookNode

from tools import address
from tools.execute import execute
from tools.lessons import COURSE, ROOT, Course, is_setup, read

VERSIONS = ROOT / "tools" / "colab-versions.txt"
SOURCE = "https://raw.githubusercontent.com/googlecolab/backend-info/main"
URL = "https://github.com/only-in-make-colab/course"
# Warnings of few rows and two epochs, whatever the versions, each with its line of code.
FEW = re.compile(
    r"(?m)^.*Warning: (Mean of empty slice|invalid value encountered"
    r"|The least populated class).*\n(  .*(\n|$))?"
)


# --- its versions --------------------------------------------------------------------------------


def python_of(text: str) -> str:
    """The Python of a list of versions, "3.13"."""
    return re.search(r"(?m)^# .*Python (3\.\d+)", text)[1]


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
    python = re.search(r"Python (\S+)", system)[1]
    head = [
        f"# Colab's versions of what the lessons import, of {date.today()}, from",
        f"# {source}: Python {python}. Made by `make colab-versions`.",
    ]
    lines = [*head, *(f"{name}=={theirs[name]}" for name in names)]
    VERSIONS.write_text("\n".join(lines) + "\n", "utf-8")
    print("\n".join(lines))


# --- its machine ---------------------------------------------------------------------------------


def python(wanted: str) -> str:
    """A Python of this version on this machine: $PYTHON's, ours, or one on the path."""
    asked = "import sys; print('%d.%d' % sys.version_info[:2])"
    for name in (os.environ.get("PYTHON"), sys.executable, f"python{wanted}"):
        if path := shutil.which(name or ""):
            said = subprocess.run([path, "-c", asked], capture_output=True, text=True)
            if said.stdout.strip() == wanted:
                return path
    raise SystemExit(
        f"Colab has Python {wanted}, and there is none here: install it, or name it with "
        f"make colab PYTHON=/where/it/is/python{wanted}"
    )


def environment(folder: Path) -> Path:
    """The Python of a fresh environment with Colab's versions, or of the one made before.

    The set-up cell installs into it as well, so it is made again when either list has changed.
    """
    lists = [VERSIONS, ROOT / "lessons" / "colab.txt"]
    key = hashlib.sha256(b"".join(path.read_bytes() for path in lists)).hexdigest()
    made, ready = folder / "made-from", folder / "bin" / "python"
    if made.exists() and made.read_text() == key:
        return ready
    print(f"Installing Colab's versions into {folder} (2.5 GB) ...", flush=True)
    shutil.rmtree(folder, ignore_errors=True)
    wanted = python_of(VERSIONS.read_text("utf-8"))
    subprocess.run([python(wanted), "-m", "venv", folder], check=True)
    uv = shutil.which("uv")
    pip = [uv, "pip", "install", "--python", ready] if uv else [ready, "-m", "pip", "install"]
    subprocess.run([*map(str, pip), "--quiet", "-r", str(VERSIONS)], check=True)
    made.write_text(key)
    return ready


def publish(folder: Path) -> None:
    """The checkout as it is now, as a repository with an address and the version's tag."""
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    answer = subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True)
    names = answer.stdout.split("\0")
    for name in filter(None, names):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    sources = [folder / source.relative_to(ROOT) for source in COURSE.sources]
    with contextlib.redirect_stdout(None):
        address.write(URL, Course(folder, sources))
    git = ["git", "-c", "user.name=course", "-c", "user.email=course@example.org"]
    for step in (["init"], ["add", "."], ["commit", "-m", "all"], ["tag", address.version()]):
        subprocess.run([*git, *step], cwd=folder, check=True, capture_output=True)


def machine(folder: Path, ready: Path) -> dict[str, str]:
    """The variables under which a kernel "colab" is to be had that looks like Colab."""
    kernel = folder / "jupyter" / "kernels" / "colab" / "kernel.json"
    start = folder / "ipython" / "profile_default" / "startup"
    kernel.parent.mkdir(parents=True)
    start.mkdir(parents=True)
    kernel.write_text(
        f'{{"argv": ["{ready}", "-m", "ipykernel_launcher", "-f", "{{connection_file}}"],'
        ' "display_name": "Colab", "language": "python"}'
    )
    shutil.copy(ROOT / "tools" / "kernel_startup.py", start / "00-shrink.py")
    (start / "01-colab.py").write_text(
        "import sys, types\nsys.modules['google.colab'] = types.ModuleType('google.colab')\n"
    )
    ours = {"PYTHONPATH", "TF_CPP_MIN_LOG_LEVEL", "COURSE_STRICT", "MPLBACKEND"}
    return {name: value for name, value in os.environ.items() if name not in ours} | {
        "JUPYTER_PATH": str(folder / "jupyter"),
        "IPYTHONDIR": str(folder / "ipython"),
        "COURSE_DATA": "sample",
        "COURSE_GRAPHS": "1",  # other versions of TensorFlow trace other graphs
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",  # an old kernel's word on new Pythons
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.file://{folder / 'public'}.insteadOf",
        "GIT_CONFIG_VALUE_0": URL,
    }


# --- a lesson there ------------------------------------------------------------------------------


def warnings(notebook: NotebookNode) -> list[str]:
    """What a run wrote to stderr, each line once, without what these conditions bring about."""
    text = "\n".join(
        FEW.sub("", output.text)
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if output.get("name") == "stderr"
    )
    return list(dict.fromkeys(filter(str.strip, text.splitlines())))


def run(path: Path, content: Path, variables: dict[str, str]) -> tuple[float, float, list[str]]:
    """Run a notebook in the empty folder ``content``: the seconds of its set-up cell and of the
    rest, and what is wrong with it."""
    notebook = read(path)
    setup = [number for number, cell in enumerate(notebook.cells) if is_setup(cell)]
    for number in setup:
        cell = notebook.cells[number]
        cell.source = cell.source.replace("/content/", f"{content}/")
    try:
        seconds = execute(notebook, content, variables, kernel="colab", timeout=1800)
    except (CellExecutionError, DeadKernelError, TimeoutError) as error:
        print(error, flush=True)
        return 0, 0, [str(error).strip().splitlines()[-1]]
    first = sum(seconds[number] for number in setup)
    return first, sum(seconds) - first, warnings(notebook)


def chosen(numbers: list[str], course: Course) -> list[Path]:
    """The notebooks to run; the homework is its solution."""
    lessons = course.chosen(numbers) + ([] if numbers else course.drafts())
    return [
        lesson.path
        if lesson.path.parent == course.folder
        else lesson.path.with_name(f"{lesson.name}_solution.ipynb")
        for lesson in lessons
    ]


def main(numbers: list[str], folder: str) -> None:
    ready, bad = environment(Path(folder).resolve()), False
    print(VERSIONS.read_text("utf-8").splitlines()[1])
    print("| lesson | set-up, s | lesson, s | |\n|---|---:|---:|---|", flush=True)
    with tempfile.TemporaryDirectory(prefix="course-colab-") as name:
        place = Path(name)
        publish(place / "public")
        variables = machine(place, ready)
        os.environ["JUPYTER_PATH"] = variables["JUPYTER_PATH"]
        for path in chosen(numbers, COURSE):
            content = place / path.stem
            content.mkdir()
            with contextlib.redirect_stdout(sys.stderr):  # each cell, and where it stopped
                public = place / "public" / path.relative_to(ROOT)
                whole = {} if path.parent == COURSE.folder else {"COURSE_WHOLE": "1"}
                setup, rest, wrong = run(public, content, variables | whole)
            shutil.rmtree(content)
            told = "; ".join(wrong) or "ok"
            print(f"| {path.stem} | {setup:.0f} | {rest:.0f} | {told} |", flush=True)
            bad = bad or bool(wrong)
    agree = subprocess.run([ready, "-m", "pip", "check"])
    if bad or agree.returncode:
        raise SystemExit("A lesson does not run as it should on Colab: see above.")


if __name__ == "__main__":
    if sys.argv[1] == "--refresh":
        refresh(*filter(None, sys.argv[2:]))
    else:
        main(sys.argv[2:], sys.argv[1])
