"""make release: derive what is handed out from the instructor's source of the homework.

instructor/homework/09_nsmc_homework.ipynb            the source: task, solution, checks, points
lessons/09_nsmc_homework.ipynb                        the student's copy, which is the book's page
instructor/homework/09_nsmc_homework_solution.ipynb   the solution, for after the deadline
"""

import sys
from pathlib import Path

import nbformat

from grading.assignment import SOURCE, read_assignment, solution_copy, student_copy
from tools.lessons import LESSONS, ROOT


def derivatives(source: Path = SOURCE, pages: Path = LESSONS) -> dict[Path, str]:
    """Every derived file and what it must hold."""
    notebook = nbformat.read(source, as_version=4)
    return {
        pages / source.name: nbformat.writes(student_copy(notebook)) + "\n",
        source.with_name(f"{source.stem}_solution.ipynb"): nbformat.writes(solution_copy(notebook))
        + "\n",
    }


def stale(source: Path = SOURCE, pages: Path = LESSONS) -> list[str]:
    """The derived files that are not what the source gives, a line each."""
    return [
        f"{path.name} is not what its source gives: run `make release`"
        for path, text in derivatives(source, pages).items()
        if not path.exists() or path.read_text("utf-8") != text
    ]


def write() -> None:
    """Write every derived file."""
    for path, text in derivatives().items():
        path.write_text(text, encoding="utf-8")
        print(path.relative_to(ROOT))


def main() -> None:
    if "--check" in sys.argv:
        raise SystemExit("\n".join(stale()) or None)
    assignment = read_assignment(SOURCE.read_bytes(), SOURCE.stem)
    write()
    print(f"{len(assignment.checks)} checks, {assignment.points:g} points")


if __name__ == "__main__":
    main()
