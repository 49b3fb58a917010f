"""What is handed out follows from the instructor's source of each homework.

instructor/homework/NAME.ipynb            the source: task, solution, checks, points
lessons/NAME.ipynb                        the student's copy, which is the book's page
instructor/homework/NAME_solution.ipynb   the solution, for after the deadline

`make book`, `make check` and `make record` run this first, as they derive what else follows.
"""

from pathlib import Path

from grading.assignment import HOMEWORK, read_assignment, solution_copy, sources, student_copy
from tools import derive
from tools.lessons import COURSE, read, stored


def stale(folder: Path = HOMEWORK, pages: Path = COURSE.folder) -> dict[Path, str]:
    """The derived files that are not what the sources give, and what they must hold."""
    wanted = {}
    for source in sources(folder):
        notebook = read(source)
        wanted[pages / source.name] = stored(student_copy(notebook))
        solution = source.with_name(f"{source.stem}_solution.ipynb")
        wanted[solution] = stored(solution_copy(notebook))
    return {
        path: text
        for path, text in wanted.items()
        if not path.exists() or path.read_text("utf-8") != text
    }


def main() -> None:
    for source in sources():
        read_assignment(source.read_bytes(), source.stem)
    derive.bring_up_to_date()  # the sources' own words and set-up cell
    derive.write_or_refuse(COURSE, stale())


if __name__ == "__main__":
    main()
