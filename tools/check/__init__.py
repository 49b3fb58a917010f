"""make check: what makes a lesson a good page. Seconds, no run; the book and the tests call it.

page       it says its goals, minutes and a summary in the book's words, and is one sitting long
questions  every 확인 문제 can be tried before its answer is opened
words      what a run fills in: every value is said, every figure has its number
outputs    the recording is fresh and whole, and shows no warning, no sample, no stray mark
numbers    it keeps the contract of book/results.toml, and pages run the models it left
"""

from tools import keep, results, stale
from tools.check import numbers, outputs, page, questions, words
from tools.lessons import Course, Lesson


def all_problems(course: Course) -> list[str]:
    """The problems of every lesson in the book, of the prose pages, and of the numbers' file."""
    found = [line for lesson in course.lessons() for line in problems(lesson, course)]
    names = {lesson.name for lesson in course.numbered()}
    found += [
        f"{results.FILE}: there is no lesson [{name}]"
        for name in results.entries(course)
        if name not in names
    ]
    found += numbers.models(course)
    for path in sorted((course.root / "book").glob("*.md")):
        found += [f"{path.name} {line}" for line in page.wording(path.read_text("utf-8"))]
    return found


def problems(lesson: Lesson, course: Course) -> list[str]:
    """What keeps this lesson from being a page, a line each, with what to do."""
    found = [*page.problems(lesson), *questions.problems(lesson)]
    dialect = [] if lesson.is_derived else words.dialect(lesson)
    found += dialect
    if lesson in course.drafts():
        if any(cell.get("outputs") for cell in lesson.cells):
            found.append("is not in _toc.yml and carries outputs: add it or clear it")
    else:
        found += [*outputs.recorded(lesson), *keep.problems(lesson, course.kept)]
        if stale.why(lesson.notebook) is None:  # else a run makes all of these anew
            found += numbers.contract(lesson, results.entries(course).get(lesson.name))
            if not lesson.is_derived:
                found += [] if dialect else words.problems(lesson, course)
                found += outputs.problems(lesson)
    again = f"LESSON={lesson.number}"
    return [f"{lesson.path.name} {line.replace('LESSON=?', again)}" for line in found]
