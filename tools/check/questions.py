"""The form of a 확인 문제, which readers of the book try before they open its answer.

A question ends with a numbered list of choices, or asks for a number. Its answer begins with the
right choice or number in bold, and ends with a list: a wrong one in bold and why it is wrong. So it
reads well in Jupyter and on paper, and book/_static/learning.js needs nothing else.
"""

import re

from tools.lessons import Lesson

QUESTION = re.compile(
    r"(?ms)^:::\{admonition\} 확인 문제(?: (\d+))?\n(.*?)^:::\n\s*^:::\{dropdown\} 답\n(.*?)^:::$"
)
CHOICE = re.compile(r"(?m)^(\d+)\. ")
HINT = re.compile(r"(?m)^- \*\*([^*]+)\*\*:? +\S")
NUMBER = re.compile(r"[-−]?[\d,]*\.?\d+")


def number(text: str) -> str | None:
    """The number that a bold text begins with: 2 of **2번**, 7360 of **7,360개**."""
    found = NUMBER.match(text.strip())
    return found[0].replace(",", "").replace("−", "-") if found else None


def form(question: str, answer: str) -> list[str]:
    """What keeps a question from being tried."""
    bold = re.match(r"\s*\*\*([^*]+)\*\*", answer)
    right = number(bold[1]) if bold else None
    if right is None:
        return ["its answer does not begin with the right choice or number in bold: **2번**입니다."]
    wrong = [number(hint) for hint in HINT.findall(answer)]
    if None in wrong or right in wrong or len(set(wrong)) < len(wrong):
        return ["each hint says another wrong choice or number in bold: - **3번**: …"]
    choices = CHOICE.findall(question)
    if not choices:
        return [] if wrong else ["a hint is missing: - **12,800개**: …"]
    numbered = [str(n) for n in range(1, len(choices) + 1)]
    if choices != numbered or len(choices) < 2 or right not in choices:
        return ["its choices are numbered 1., 2., … and one of them is right"]
    if sorted([right, *wrong]) != sorted(numbered):
        return ["each wrong choice has one hint: - **3번**: …"]
    return []


def problems(lesson: Lesson) -> list[str]:
    """A line for each question of a lesson that is not in this form, or out of order."""
    found, count = [], 0
    for place, cell in enumerate(lesson.cells):
        questions = QUESTION.findall(cell.source)
        if len(questions) < cell.source.count(":::{admonition} 확인 문제"):
            found.append(
                f"(cell {place}): a question is :::{{admonition}} 확인 문제 1 … ::: with "
                ":::{dropdown} 답 … ::: beneath"
            )
        for title, question, answer in questions:
            count += 1
            wrong = form(question, answer)
            if title not in ("", str(count)):
                wrong.append(f"is the question no. {count}")
            found += [f"(cell {place}): 확인 문제 {title}: {line}" for line in wrong]
    return found
