"""The words that a run fills in: report.say, alternative texts and captions."""

import re
from collections import Counter
from copy import deepcopy

from tools import derive, results, stale
from tools.lessons import Course, Lesson, code_cells, glued, pictures

# A number with a particle that does not follow it: {x:.2f}로, where (으)로 is meant.
PARTICLE = re.compile(r"(\{[\w.]+:[^}%]*\}\**)(은|는|이|가|을|를|과|와|으로|로)(?=[\s,.]|$)")


def dialect(lesson: Lesson) -> list[str]:
    """The rules of report.say, alt= and caption=, which a draft keeps, too."""
    found = []
    for number, cell in enumerate(lesson.cells):
        if cell.cell_type != "code":
            continue
        place = f"(cell {number})"
        lines = [stale.is_say(line) for line in stale.parse(cell.source).body]
        if lines != sorted(lines):
            found.append(f"{place}: report.say stands at the end of its cell")
        texts = derive.texts(cell)
        if not all(map(stale.is_text, texts)):
            found.append(
                f"{place}: report.say, alt= and caption= take one plain string with {{names}}"
            )
            continue
        found += [
            f"{place}: {match[0]!r} does not follow its number: write 은(는), 이(가), 을(를), "
            "과(와) or (으)로"
            for text in texts
            for match in PARTICLE.finditer(text.value)
        ]
    return found or figures(lesson)


def problems(lesson: Lesson, course: Course) -> list[str]:
    """What a recorded lesson says: every value is stored once and said, every picture has words."""
    found, code = [], code_cells(lesson.notebook)
    said = "".join(node.value for cell in code for node in derive.texts(cell))
    decided = (course.root / results.FILE).read_text(encoding="utf-8")
    pages = "".join(page.read_text("utf-8") for page in (course.root / "book").glob("*.md"))
    for name, count in Counter(name for name, _ in glued(lesson.notebook)).items():
        told = re.search(rf"\{{{name}[.:!}}]", said) or f'"{name}"' in decided
        if not told and not re.search(rf"!run {lesson.number}\.{name}\b", pages):  # by a piece
            found.append(f"glues {name}, which nothing says: take it out")
        if count > 1:
            found.append(f"glues {name} {count} times: glue it once and name it again")
    for number, cell in enumerate(lesson.cells):
        texts = derive.alts(cell) if cell.cell_type == "code" else []
        if texts and len(texts) != (shown := len(pictures([cell]))):
            found.append(f"(cell {number}) shows {shown} pictures with {len(texts)} alt= texts")
    return found + derive.render(deepcopy(lesson.notebook), course.folder)


def figures(lesson: Lesson) -> list[str]:
    """Captions number the figures of a lesson: all of them or none, and no text names another."""
    code, own = code_cells(lesson.notebook), lesson.number.lstrip("0") or "0"
    below = [node.value for cell in code for node in derive.captions(cell)]
    if below and any(len(derive.captions(c)) != len(derive.alts(c)) for c in code):
        return ['has pictures without a caption: give each caption="그림 3.1. …"']
    for count, text in enumerate(below, 1):
        if not text.startswith(begins := f"그림 {own}.{count}. "):
            return [f"has a caption that does not begin with {begins!r}: {text[:30]!r}"]
    said = [lesson.text, *(node.value for cell in code for node in derive.says(cell))]
    return [
        f"speaks of 그림 {own}.{number}, which it has not"
        for number in re.findall(rf"그림 {own}\.(\d+)", "\n".join(said))
        if int(number) > len(below)
    ]
