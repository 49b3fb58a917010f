"""What a reader looks for on every page: goals, minutes, code that fits, the book's words."""

import ast
import re
import unicodedata
from collections import Counter

from nbformat import NotebookNode

from tools import derive
from tools.lessons import Lesson, code_cells, is_setup, tags

WORDS = {
    "- **목표**": "goals",
    "- **먼저 읽을 것**": "prerequisites",
    "- **데이터**": "data",
    "- **걸리는 시간**": "minutes",
    "- **GPU**": "a word on GPUs",
    "## 정리": "a summary",
    "확인 문제": "questions",
    "연습": "an exercise",
}
# One Korean word a concept, the one of book/glossary.md: what is not said, and what is.
WORDING = {
    "(테스트|시험) (세트|집합)|테스트 데이터": "시험 데이터",
    "(검증|훈련) (세트|집합)|학습 데이터": "검증 데이터, 훈련 데이터",
    "베이스라인": "기준선",
    "과대적합|오버피팅": "과적합",
    "드랍아웃": "드롭아웃",
    "글자열": "문자열",
    "쿼리": "질의",
    "옵티마이저": "최적화기",
    "경사 ?하강법": "경사 하강",
    "러닝 ?레이트": "학습률",
}
COLUMNS = 80  # of code that shows; a Korean letter takes two
CELLS, LINES = 60, 300  # of a lesson; lines are of code that shows
FOLDED = {"hide-input", "remove-input"}


def problems(lesson: Lesson) -> list[str]:
    """What keeps a lesson from being a page, recorded or not."""
    whole, said = f"{lesson.text}\n{lesson.code}", _said(lesson)
    found = [f"has no {what}: add {word!r}" for word, what in WORDS.items() if word not in whole]
    if not lesson.title.startswith(f"{lesson.number}. "):
        found.append(f"is called {lesson.title!r}: its heading begins with {lesson.number}.")
    if not any(map(is_setup, code_cells(lesson.notebook)[:1])):
        found.append("does not begin with the set-up cell: put no code before it")
    kernel = lesson.notebook.metadata.get("kernelspec", {}).get("name")
    if kernel != "python3":
        found.append(f"asks for the kernel {kernel!r}, which nobody else has: choose python3")
    headings = Counter(re.findall(r"(?m)^##+ .+", said))
    found += [f"has {line!r} {count} times" for line, count in headings.items() if count > 1]
    found += minutes(lesson) + wording(said)
    return [*found, *long(lesson), *wide(lesson), *open_solutions(lesson)]


def _said(lesson: Lesson) -> str:
    """Everything that a reader is told, in markdown cells and in those that a run fills in."""
    cells = code_cells(lesson.notebook)
    given = [ast.unparse(node) for cell in cells for node in derive.texts(cell) if node]
    return "\n".join([lesson.text, *given])


def minutes(lesson: Lesson) -> list[str]:
    """It says how long it takes, and took about that long."""
    if lesson.minutes is None:
        return ["does not say its minutes: write '약 N분' in the first box"]
    seconds = (lesson.record or {}).get("seconds")
    if seconds and not 0.5 * seconds - 60 <= 60 * lesson.minutes <= 2 * seconds + 60:
        return [f"says {lesson.minutes} minutes, its recording took {seconds} s"]
    return []


def long(lesson: Lesson) -> list[str]:
    """A lesson that is more than a sitting."""
    lines = sum(len(cell.source.splitlines()) for cell in lesson.cells if _shows_code(cell))
    if len(lesson.cells) <= CELLS and lines <= LINES:
        return []
    return [
        f"has {len(lesson.cells)} cells and {lines} lines of code that show: "
        f"{CELLS} and {LINES} at most"
    ]


def _shows_code(cell: NotebookNode) -> bool:
    return cell.cell_type == "code" and not FOLDED & tags(cell)


def wording(text: str) -> list[str]:
    """Words that the glossary has others for."""
    return [
        f"says {match[0]!r}: the book's word is {word}"
        for pattern, word in WORDING.items()
        if (match := re.search(pattern, text))
    ]


def wide(lesson: Lesson) -> list[str]:
    """Lines of code that a page shows unfolded and that do not fit beside its sidebars."""
    return [
        f"(cell {number}) has a line of {width} columns: make it {COLUMNS} at most: {line.strip()}"
        for number, cell in enumerate(lesson.cells)
        if _shows_code(cell)
        for line in cell.source.splitlines()
        if (width := columns(line)) > COLUMNS
    ]


def open_solutions(lesson: Lesson) -> list[str]:
    """Solutions whose outputs tell the answer to a reader who has only just read the exercise."""
    return [
        f"(cell {number}) shows what a solution prints: tag it hide-cell as well"
        for number, cell in enumerate(lesson.cells)
        if cell.cell_type == "code" and re.match(r"# (연습.*)?풀이", cell.source)
        if "hide-cell" not in tags(cell)
    ]


def columns(line: str) -> int:
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in line)
