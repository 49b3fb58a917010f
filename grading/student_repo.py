"""make student-repo: what learners run, in a folder of its own, without solutions or checks.

Lessons with their outputs, the helper, the data's registry and sample, and their tests. No history:
the folder is no repository until `git init`. Nothing of the instructor's is in it.
"""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat

from grading.release import stale
from tools.address import ADDRESS, current
from tools.lessons import ROOT

KEPT = (
    *("LICENSE", "requirements.txt", "lessons/colab.txt", "lessons/setup_cell.py"),
    *("tests/conftest.py", "tests/kernel_startup.py", "tests/sanitize.cfg"),
    *("tests/test_coursekit.py", "tests/colours.py", "tests/test_text_cache.py"),
)
FOLDERS = re.compile(r"data/(?!cache/)|lessons/coursekit/|lessons/[^/]+\.ipynb$")
README = """\
# 순서를 읽는 딥러닝: 실습

단원의 노트북과 데이터의 표본입니다. `make lab`이 환경을 만들고 JupyterLab을 엽니다.
Python 3.11, 3.12, 3.13 가운데 하나가 있어야 합니다.
Colab에서는 노트북을 열고 첫 셀을 실행하십시오. 숙제는 `lessons/09_nsmc_homework.ipynb`입니다.
"""
MAKEFILE = """\
PYTHON ?= python3
export PYTHONPATH := $(CURDIR)/lessons

.venv/.installed: requirements.txt
	$(PYTHON) -m venv .venv && .venv/bin/python -m pip install -r requirements.txt && touch $@

lab: .venv/.installed
	cd lessons && ../.venv/bin/jupyter lab

test: .venv/.installed
	.venv/bin/python -m pytest
"""


def tracked() -> list[str]:
    """The files of the course that learners run."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return [name for name in listed.stdout.split("\0") if name in KEPT or FOLDERS.match(name)]


def write(folder: Path, url: str = "") -> list[str]:
    """Fill an empty folder; return the files in it.

    Args:
        folder: where to; must not exist or be empty.
        url: the student repository's address, for the notebooks' set-up cell.

    Raises:
        SystemExit: the folder is not empty, or the address is none.
    """
    if folder.exists() and any(folder.iterdir()):
        raise SystemExit(f"{folder} is not empty: say another folder, OUT=folder")
    if url and not ADDRESS.fullmatch(url):
        raise SystemExit(f"not an address: {url}; say URL=https://github.com/NAME/REPOSITORY")
    if lines := stale():
        raise SystemExit("\n".join(lines))
    names = tracked()
    for name in names:
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, target)
        if url and target.suffix in (".ipynb", ".py", ".md"):
            text = target.read_text("utf-8")
            target.write_text(text.replace(current(), url), "utf-8")
    homework = folder / "lessons" / "09_nsmc_homework.ipynb"
    notebook = nbformat.read(homework, as_version=4)
    notebook.metadata.pop("course", None)  # it says where the instructor's source is
    nbformat.write(notebook, homework)
    settings = (ROOT / "pyproject.toml").read_text("utf-8")
    pytest_part = settings[settings.index("[tool.pytest.ini_options]") :]
    made = {
        "README.md": README,
        "Makefile": MAKEFILE,
        ".gitignore": ".venv\n__pycache__/\n.ipynb_checkpoints/\ndata/cache/\n",
        "pyproject.toml": re.sub(r"(?m)^pythonpath = .*", 'pythonpath = ["lessons"]', pytest_part),
    }
    for name, text in made.items():
        (folder / name).write_text(text, "utf-8")
    return [*names, *made]


def main() -> None:
    if len(sys.argv) < 2 or not sys.argv[1]:
        raise SystemExit("Say where to: make student-repo OUT=folder [URL=https://github.com/…]")
    folder = Path(sys.argv[1])
    names = write(folder, sys.argv[2] if len(sys.argv) > 2 else "")
    print(
        f"{len(names)} files in {folder}. Next: cd {folder} && git init && git add . && git commit"
    )


if __name__ == "__main__":
    main()
