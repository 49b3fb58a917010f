"""make check: what makes a lesson a good page. Seconds, no run; the book and the tests call it.

A lesson is recorded, fresh and whole; its prose is the one `make prose` would render; it says its
goals, minutes and baselines; its numbers keep the contract of book/results.toml; every picture has
alternative text; nothing of the sample, no warning and no stray mark of Markdown or HTML shows. The
models that pages run are those of the recordings.
"""

import ast
import hashlib
import re
import sys
import unicodedata
from collections import Counter
from copy import deepcopy
from pathlib import Path

from coursekit import fetch
from markdown_it import MarkdownIt
from nbformat import NotebookNode

from tools import catalogue, lessons, prose, questions, recording, results, stale
from tools.lessons import code_cells
from tools.results import LINEAR, MAJORITY, RULE_OF_THUMB, bounds

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
# A number with a particle that does not follow it: {x:.2f}로, where (으)로 is meant.
PARTICLE = re.compile(r"(\{\w+:[^}%]*\}\**)(은|는|이|가|을|를|과|와|으로|로)(?=[\s,.]|$)")
# What Python says of an object that has no words of its own: <keras.Model at 0x7f0d...>.
ADDRESS = re.compile(r"<[^<>\n]* at 0x[0-9a-f]+>?")
MARKDOWN = MarkdownIt("commonmark").enable("table")
COLUMNS = 80  # of code that shows; a Korean letter takes two


def all_problems() -> list[str]:
    """The problems of every lesson in the book, and of the entries of results.toml."""
    found = [line for path in lessons.in_book() for line in problems(path)]
    inside = {path.stem for path in [*lessons.in_book(), *lessons.drafts()]}
    found += [
        f"book/results.toml: there is no lesson [{name}]"
        for name in results.decided()
        if name not in inside
    ]
    found += models()
    pages = sorted((lessons.ROOT / "book").glob("*.md"))
    found += [f"{p.name} {line}" for p in pages for line in wording(p.read_text("utf-8"))]
    found += [
        f"{name} says something else of the lessons than they do: run `make catalogue`"
        for name in catalogue.stale()
    ]
    return found + [
        f"{name} has a row without its author's words: write them where it says …"
        for name in catalogue.tables()
        if "| … " in (lessons.ROOT / name).read_text(encoding="utf-8")
    ]


def problems(path: Path) -> list[str]:
    """What keeps this lesson from being a page, a line each, with what to do."""
    held = lessons.recording(path)
    notebook, name = lessons.read(held), path.name
    if path in lessons.drafts():
        return [f"{name} {line}" for line in draft(notebook)]
    entry = results.decided().get(path.stem)
    found = [*page(notebook), *set_up(notebook), *recorded(notebook), *wide(notebook)]
    if recording.record(notebook) is not None and lessons.is_derived(notebook):
        found += contract(notebook, entry)
    elif recording.record(notebook) is not None:
        found += [*spoken(notebook), *outputs(notebook), *contract(notebook, entry)]
    return [f"{name} {line.replace('LESSON=?', f'LESSON={name[:2]}')}" for line in found]


AGAIN = "run `make record LESSON=?`"


def draft(notebook: NotebookNode) -> list[str]:
    """A lesson that is not in _toc.yml yet."""
    found = [*page(notebook), *set_up(notebook), *written(notebook)]
    if any(cell.get("outputs") for cell in notebook.cells):
        found.append("is not in _toc.yml and carries outputs: add it or clear it")
    return found


def page(notebook: NotebookNode) -> list[str]:
    """What a reader looks for on every page."""
    text = "\n".join(cell.source for cell in notebook.cells)
    found = [f"has no {what}: add {word!r}" for word, what in WORDS.items() if word not in text]
    said = [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]
    said += [ast.unparse(node) for cell in code_cells(notebook) for node in prose.texts(cell)]
    found += wording("\n".join(said))
    headings = Counter(re.findall(r"(?m)^##+ .+", "\n".join(said)))
    found += [f"has {line!r} {count} times" for line, count in headings.items() if count > 1]
    found += questions.problems(notebook)
    minutes = re.search(r"걸리는 시간\*\*:[^\n]*?약 (\d+)분", text)
    seconds = (recording.record(notebook) or {}).get("seconds")
    if not minutes:
        found.append("does not say its minutes: write '약 N분' in the first box")
    elif seconds and not 0.5 * seconds - 60 <= 60 * int(minutes[1]) <= 2 * seconds + 60:
        found.append(f"says {minutes[1]} minutes, its recording took {seconds} s")
    return found


def wording(text: str) -> list[str]:
    """Words that the glossary has others for."""
    return [
        f"says {match[0]!r}: the book's word is {word}"
        for pattern, word in WORDING.items()
        if (match := re.search(pattern, text))
    ]


def wide(notebook: NotebookNode) -> list[str]:
    """Lines of code that a page shows unfolded and that do not fit beside its sidebars."""
    return [
        f"(cell {number}) has a line of {width} columns: make it {COLUMNS} at most: {line.strip()}"
        for number, cell in enumerate(notebook.cells)
        if cell.cell_type == "code"
        and not {"hide-input", "remove-input"} & set(cell.metadata.get("tags", []))
        for line in cell.source.splitlines()
        if (width := columns(line)) > COLUMNS
    ]


def columns(line: str) -> int:
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in line)


def set_up(notebook: NotebookNode) -> list[str]:
    """The first code cell is the set-up cell, to the letter."""
    wanted = lessons.SETUP_CELL.read_text(encoding="utf-8").strip()
    first = next((cell.source.strip() for cell in code_cells(notebook)), None)
    return [] if first == wanted else ["does not begin with the set-up cell: run `make setup-cell`"]


def recorded(notebook: NotebookNode) -> list[str]:
    """Recorded, fresh and whole, on the data of the registry."""
    cause, record = stale.why(notebook), recording.record(notebook)
    found = [f"{cause}: {AGAIN}"] if cause else []
    if record is None:
        return found
    counts = [cell.execution_count for cell in code_cells(notebook) if cell.source.strip()]
    if not lessons.is_derived(notebook) and counts != list(range(1, len(counts) + 1)):
        found.append(f"has cells that did not run once each, in order: {AGAIN}")
    if any(
        output.output_type == "error" for cell in code_cells(notebook) for output in cell.outputs
    ):
        found.append(f"carries an error output: mend the cell, then {AGAIN}")
    files = [file for dataset in fetch.registry().values() for file in dataset["file"]]
    real = {file["name"]: file["sha256"] for file in files if "sha256" in file}
    found += [
        f"was recorded on another {file} than the registry's: {AGAIN}"
        for file, digest in record["data"].items()
        if real.get(file, digest) != digest
    ]
    return found


def written(notebook: NotebookNode) -> list[str]:
    """The rules of report.say, alt= and caption=: one dialect."""
    found = []
    for number, cell in enumerate(notebook.cells):
        if cell.cell_type != "code":
            continue
        place = f"(cell {number})"
        lines = [stale.is_say(line) for line in stale.parse(cell.source).body]
        if lines != sorted(lines):
            found.append(f"{place}: report.say stands at the end of its cell")
        texts = prose.texts(cell)
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
    return found


def models() -> list[str]:
    """The models that pages run are those of the recordings, which know their hashes."""
    records = [recording.record(lessons.read(lessons.recording(p))) for p in lessons.numbered()]
    named = {k: v for record in records for k, v in (record or {}).get("models", {}).items()}
    files = {file.stem: file.read_bytes() for file in recording.MODELS.glob("*.js")}
    return [
        f"book/_static/models/{name}.js is not what its lesson recorded: record it again"
        for name in sorted({*named, *files})
        if name not in files or hashlib.sha256(files[name]).hexdigest() != named.get(name)
    ]


def spoken(notebook: NotebookNode) -> list[str]:
    """The prose shown is the prose written, with the values stored, each under one name."""
    found = written(notebook)
    if found:
        return found
    said = "".join(node.value for cell in code_cells(notebook) for node in prose.texts(cell))
    decided = results.FILE.read_text(encoding="utf-8")
    for name in recording.values(notebook):
        if not re.search(rf"\{{{name}[:}}]", said) and f'"{name}"' not in decided:
            found.append(f"glues {name}, which nothing says: take it out")
    for name, count in Counter(name for name, _ in recording.glued(notebook)).items():
        if count > 1:
            found.append(f"glues {name} {count} times: glue it once and name it again")
    for number, cell in enumerate(notebook.cells):
        if cell.cell_type == "code" and prose.alts(cell):
            shown, texts = len(prose.pictures(cell)), len(prose.alts(cell))
            if shown != texts:
                found.append(f"(cell {number}) shows {shown} pictures with {texts} alt= texts")
    found += figures(notebook)
    again = deepcopy(notebook)
    found += [f"({line.replace(': ', '): ', 1)}" for line in prose.render(again)]
    if not found and lessons.stored(again) != lessons.stored(notebook):
        found.append("shows other words than it is written with: run `make prose`")
    return found


def figures(notebook: NotebookNode) -> list[str]:
    """Captions number the figures of a lesson: all of them or none, and no text names another."""
    below = [node.value for cell in code_cells(notebook) for node in prose.captions(cell)]
    if below and any(len(prose.captions(c)) != len(prose.alts(c)) for c in code_cells(notebook)):
        return ['has pictures without a caption: give each caption="그림 3.1. …"']
    own = int(re.match(r"# (\d+)\.", notebook.cells[0].source)[1])
    for count, text in enumerate(below, 1):
        if not text.startswith(begins := f"그림 {own}.{count}. "):
            return [f"has a caption that does not begin with {begins!r}: {text[:30]!r}"]
    said = [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]
    said += [node.value for cell in code_cells(notebook) for node in prose.says(cell)]
    return [
        f"speaks of 그림 {own}.{number}, which it has not"
        for number in re.findall(rf"그림 {own}\.(\d+)", "\n".join(said))
        if int(number) > len(below)
    ]


def outputs(notebook: NotebookNode) -> list[str]:
    """What shows is fit to be read."""
    found = []
    for number, cell in enumerate(notebook.cells):
        place = f"(cell {number})"
        shown = [cell.source] if cell.cell_type == "markdown" else []
        for output in cell.get("outputs", []):
            bundle = output.get("data", {})
            html, markdown = bundle.get("text/html", ""), bundle.get("text/markdown", "")
            text = "".join(output.get("text", "") or bundle.get("text/plain", ""))
            if markdown:
                shown.append(markdown)
            if "data/sample" in text or "course-sample-banner" in html:
                found.append(f"{place}: an output of a run on the sample: {AGAIN}")
            if output.output_type == "stream" and (
                output.name == "stderr" or re.search(r"(?m)^WARNING:", output.text)
            ):
                found.append(f"{place}: a warning in the outputs: mend its cause and {AGAIN}")
            if address := ADDRESS.search(text):
                found.append(
                    f"{place}: the output shows where an object lies ({address[0]}): end the line "
                    f"with a semicolon or show something else, and {AGAIN}"
                )
            if "image/png" in bundle and not output.metadata.get("image/png", {}).get("alt"):
                found.append(
                    f"{place}: a picture without alt text: end it with plots.show(fig, alt=…)"
                )
            if html.count("<tr") > 16 or text.count("\n") > 60 or len(text) > 6000:
                found.append(f"{place}: the output carries too many rows: show a handful (.head())")
        found += [f"{place}: {line}" for text in shown for line in stray(text)]
    return found


def stray(text: str) -> list[str]:
    """Marks of Markdown or HTML that a reader would see as such."""
    blocks = MARKDOWN.parse(re.sub(r"\$+[^$]+\$+", "", text))
    tokens = [child for block in blocks for child in block.children or []]
    found = [
        f"the asterisks of a bold text show ({token.content[:40]!r}): put a blank behind them"
        for token in tokens
        if token.type == "text" and "**" in token.content
    ]
    for block in blocks:
        if block.type == "fence" and block.info.startswith("{"):  # an admonition, a dropdown
            found += stray(block.content)
    return found + [
        f"HTML in the prose ({token.content!r}): write Markdown"
        for token in tokens
        if token.type == "html_inline" and not re.match(r"<(br|sub|sup|/sub|/sup)\b", token.content)
    ]


def contract(notebook: NotebookNode, entry: dict | None) -> list[str]:
    """The recording against its entry in book/results.toml."""
    tags = {tag for cell in notebook.cells for tag in cell.metadata.get("tags", [])}
    if entry is None:
        return (
            ["has cells tagged `band` and no entry in book/results.toml"] if "band" in tags else []
        )
    values, found = recording.values(notebook), []
    for line in [entry, *entry.get("compare", [])]:
        if line["value"] not in values:
            found.append(f"glues no {line['value']}, which results.toml names: {AGAIN}")
    names = {line["name"] for line in entry.get("compare", [])}
    # A scale of its own means errors, not accuracy: no majority there, a rule of thumb instead.
    if not {RULE_OF_THUMB if "scale" in entry else MAJORITY, LINEAR} <= names:
        found.append(f"lacks a baseline beside its network in results.toml: {sorted(names)}")
    band = entry.get("band", {"seeds": [], "values": []})
    if len(set(band["seeds"])) < 5 or len(band["values"]) != len(band["seeds"]):
        return [*found, "has fewer than five seeds in results.toml: run `make band LESSON=?`"]
    low, high = bounds(band["values"])
    ours = values.get(entry["value"])
    if ours is not None and not low <= ours <= high:
        found.append(
            f"has {entry['value']} = {ours:.4f} outside its band {low} to {high}: find out why "
            "before recording again"
        )
    text = "\n".join(cell.source for cell in notebook.cells)
    if "source" in entry and f"`{entry['source'].get('cite')}`" not in text:
        found.append("does not cite where its source figure is from: {cite}`…`, as results.toml")
    other = results.stand_in(notebook, entry)
    shown = [
        o.get("data", {}).get("text/markdown", "")
        for c in notebook.cells
        for o in c.get("outputs", [])
    ]
    if other and not any(other in text for text in shown):
        found.append(f"does not say on which data it was recorded: {other!r}")
    if ("stand_in" in entry) != ("data.available(" in text):
        found.append("chooses its data: name its stand_in in results.toml")
    return found


def main(numbers: list[str]) -> None:
    paths = [lessons.find(number) for number in numbers]
    found = [line for path in paths for line in problems(path)] if paths else all_problems()
    if found:
        raise SystemExit("\n".join(found))
    print(f"{len(paths) or len(lessons.in_book())} lessons are good pages.")


if __name__ == "__main__":
    main(sys.argv[1:])
