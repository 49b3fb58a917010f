"""What a reader looks for on every page: goals, minutes, code that fits, the book's words."""

import ast
import re
import unicodedata
from collections import Counter

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
    whole, cells = f"{lesson.text}\n{lesson.code}", code_cells(lesson.notebook)
    given = [ast.unparse(node) for cell in cells for node in derive.texts(cell) if node]
    said = "\n".join([lesson.text, *given])  # in markdown cells and in those that a run fills in
    found = [f"has no {what}: add {word!r}" for word, what in WORDS.items() if word not in whole]
    if not lesson.title.startswith(f"{lesson.number}. "):
        found.append(f"is called {lesson.title!r}: its heading begins with {lesson.number}.")
    if not any(map(is_setup, cells[:1])):
        found.append(f"does not begin with {derive.TEMPLATE}'s set-up cell: put no code before it")
    kernel = lesson.notebook.metadata.get("kernelspec", {}).get("name")
    if kernel != "python3":
        found.append(f"asks for the kernel {kernel!r}, which nobody else has: choose python3")
    headings = Counter(re.findall(r"(?m)^##+ .+", said))
    found += [f"has {line!r} {count} times" for line, count in headings.items() if count > 1]
    return found + minutes(lesson) + wording(said) + code(lesson)


def minutes(lesson: Lesson) -> list[str]:
    """It says how long it takes, and took about that long."""
    if lesson.minutes is None:
        return ["does not say its minutes: write '약 N분' in the first box"]
    seconds = (lesson.record or {}).get("seconds")
    if seconds and abs(60 * lesson.minutes - seconds) > max(60, 0.25 * seconds):
        return [f"says {lesson.minutes} minutes, its recording took {seconds} s"]
    return []


def wording(text: str) -> list[str]:
    """Words that the glossary has others for."""
    return [
        f"says {match[0]!r}: the book's word is {word}"
        for pattern, word in WORDING.items()
        if (match := re.search(pattern, text))
    ]


def code(lesson: Lesson) -> list[str]:
    """Code that does not fit beside a page's sidebars or into a sitting, and outputs of solutions
    that tell the answer to a reader who has only just read the exercise."""
    found, count = [], 0
    for number, cell in enumerate(lesson.cells):
        if cell.cell_type != "code":
            continue
        if re.match(r"# (연습.*)?풀이", cell.source) and "hide-cell" not in tags(cell):
            found.append(f"(cell {number}) shows what a solution prints: tag it hide-cell as well")
        for line in [] if FOLDED & tags(cell) else cell.source.splitlines():
            count += 1
            width = sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in line)
            if width > COLUMNS:
                found.append(
                    f"(cell {number}) has a line of {width} columns: make it {COLUMNS} at most: "
                    f"{line.strip()}"
                )
    if len(lesson.cells) > CELLS or count > LINES:
        found.append(
            f"has {len(lesson.cells)} cells and {count} lines of code that show: "
            f"{CELLS} and {LINES} at most"
        )
    return found
