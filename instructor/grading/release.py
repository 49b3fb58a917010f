"""What is handed out follows from the instructor's source of the homework.

instructor/homework/09_nsmc_homework.ipynb            the source: task, solution, checks, points
lessons/09_nsmc_homework.ipynb                        the student's copy, which is the book's page
instructor/homework/09_nsmc_homework_solution.ipynb   the solution, for after the deadline

`make book`, `make check` and `make record` run this first, as they derive what else follows.
"""

from pathlib import Path

from grading.assignment import SOURCE, read_assignment, solution_copy, student_copy
from tools import derive
from tools.lessons import COURSE, Course, read, stored


def derivatives(source: Path = SOURCE, pages: Path = COURSE.folder) -> dict[Path, str]:
    """Every derived file and what it must hold."""
    notebook = read(source)
    return {
        pages / source.name: stored(student_copy(notebook)),
        source.with_name(f"{source.stem}_solution.ipynb"): stored(solution_copy(notebook)),
    }


def stale(source: Path = SOURCE, pages: Path = COURSE.folder) -> dict[Path, str]:
    """The derived files that are not what the source gives, and what they must hold."""
    return {
        path: text
        for path, text in derivatives(source, pages).items()
        if not path.exists() or path.read_text("utf-8") != text
    }


def main(source: Path = SOURCE, course: Course = COURSE) -> None:
    read_assignment(source.read_bytes(), source.stem)
    derive.bring_up_to_date(course)  # the source's own words and set-up cell
    derive.write_or_refuse(course, stale(source, course.folder))


if __name__ == "__main__":
    main()
