"""make check: derive what follows without a run, then tell what is not good yet."""

import sys

from tools import check, derive
from tools.lessons import COURSE, Course


def main(numbers: list[str], course: Course = COURSE) -> None:
    chosen = course.chosen(numbers)
    derive.bring_up_to_date(course)
    if numbers:
        found = [line for lesson in chosen for line in check.problems(lesson, course)]
    else:
        found = check.all_problems(course)
    if found:
        raise SystemExit("\n".join(found))
    print(f"{len(chosen)} lessons are good pages.")


if __name__ == "__main__":
    main(sys.argv[1:])
