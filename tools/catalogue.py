"""make catalogue: fill the tables that list the lessons and the data, from the lessons themselves.

A lesson's title is its first heading, its minutes stand in its first box, and its data are those
that its code loads. The columns named here are written; the others are an author's words, and stay.
"""

import re
from pathlib import Path

from coursekit import fetch

from tools import lessons

Rows = list[dict[str, str]]


def labels() -> dict[str, str]:
    """The short name of every data set in data/registry.toml, by its key."""
    return {key: table["label"] for key, table in fetch.registry().items()}


def read(path: Path) -> tuple[str, str, list[str]]:
    """A lesson's title, its minutes ("—" if it does not say them) and the keys of its data."""
    cells = lessons.read(lessons.recording(path)).cells
    prose = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    code = "\n".join(cell.source for cell in cells if cell.cell_type == "code")
    title = re.search(r"(?m)^# (.+)$", prose)
    minutes = re.search(r"걸리는 시간\*\*:[^\n]*?약 (\d+)분", prose)
    loaded = set(re.findall(r"\bdata\.load_(\w+)\(", code))
    return (
        title[1] if title else path.stem,
        minutes[1] if minutes else "—",
        [key for key in labels() if key in loaded],
    )


def tables() -> dict[str, Rows]:
    """What the tables of each file have to say, a row a lesson or a data set."""
    readme = []
    used: dict[str, list[str]] = {key: [] for key in labels()}
    for path in lessons.in_book():
        _, minutes, keys = read(path)
        link = path.relative_to(lessons.ROOT).as_posix()
        data = ", ".join(labels()[key] for key in keys) or "—"
        readme.append({"lesson": f"[{path.stem}]({link})", "minutes": minutes, "data": data})
        for key in keys:
            used[key].append(path.name[:2])
    data_sets = [
        {"데이터": labels()[key], "쓰는 단원": ", ".join(numbers) or "—"}
        for key, numbers in used.items()
    ]
    return {"README.md": readme, "book/data.md": data_sets}


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def fill(text: str, rows: Rows) -> str:
    """A file's text with its table filled: the one that has all the columns of ``rows``.

    A row is known by its first cell: the other columns of a known one stay, a new one says "…".
    """
    lines = text.splitlines()
    heads = [i for i, line in enumerate(lines) if set(rows[0]) <= set(_cells(line))]
    if len(heads) != 1:
        raise SystemExit(f"One table with the columns {', '.join(rows[0])} is needed.")
    head, start = _cells(lines[heads[0]]), heads[0] + 2
    end = start
    while end < len(lines) and lines[end].startswith("|"):
        end += 1
    old = {row[0]: dict(zip(head, row, strict=True)) for row in map(_cells, lines[start:end])}
    new = []
    for row in rows:
        known = old.get(row[head[0]], dict.fromkeys(head, "…"))
        new.append(f"| {' | '.join((known | row).values())} |")
    return "\n".join([*lines[:start], *new, *lines[end:]]) + "\n"


def stale() -> dict[str, str]:
    """The files that say something else of the lessons than the lessons, and what they should."""
    found, rows_of = {}, tables()
    if not rows_of["README.md"]:  # a book without lessons
        return found
    for name, rows in rows_of.items():
        was = (lessons.ROOT / name).read_text(encoding="utf-8")
        if (now := fill(was, rows)) != was:
            found[name] = now
    return found


def main() -> None:
    for name, now in stale().items():
        (lessons.ROOT / name).write_text(now, encoding="utf-8")
        print(f"{name}{': say something where it says …' if '| … ' in now else ''}")


if __name__ == "__main__":
    main()
