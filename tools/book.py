"""make book: build the HTML book, clean and fail-closed.

What follows without a run is derived first, and every lesson has to be a good page. Jupyter Book
then writes into a folder aside; only a build without a warning takes the place of _build/html, so
a failed build leaves no half book behind.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tools import check, derive
from tools.lessons import COURSE, ROOT

ASIDE = ROOT / "_build" / "aside"
BOOK = ROOT / "_build" / "html"


def main() -> None:
    shutil.rmtree(ROOT / "_build", ignore_errors=True)
    derive.bring_up_to_date(COURSE)
    if found := check.all_problems(COURSE):
        raise SystemExit("\n".join(found))
    jupyter_book = Path(sys.executable).parent / "jupyter-book"
    result = subprocess.run(
        [jupyter_book, "build", ROOT, "--path-output", ASIDE, "-W", "--keep-going", "-q"],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'lessons'}"},  # for book/_ext
    )
    if result.returncode != 0:
        shutil.rmtree(ROOT / "_build", ignore_errors=True)
        raise SystemExit(
            "The book was not built: see the warnings above, each of which is an error."
        )
    shutil.move(ASIDE / "_build" / "html", BOOK)
    shutil.rmtree(ASIDE)
    print(f"The book is ready: {BOOK.relative_to(ROOT) / 'index.html'}")


if __name__ == "__main__":
    main()
