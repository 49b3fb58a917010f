"""make verify: run the lessons in full on the real data and hold every number to its band.

Nothing is saved. Cells tagged ``nbval-check-output`` or ``check-real`` must print what the
recording shows, to the letter; headline numbers must lie in the bands of book/results.toml.
"""

import copy
import sys

from tools import lessons, recording, results
from tools.results import bounds
from tools.run import run

EXACT = {"nbval-check-output", "check-real"}


def text_of(cell) -> list[str]:
    """What a cell printed and returned, as text."""
    texts = [
        output.get("text") or output.get("data", {}).get("text/plain", "")
        for output in cell.outputs
    ]
    return ["".join(text) for text in texts]


def check(path) -> list[str]:
    """Run one lesson again; return what differs, a line each."""
    recorded = lessons.read(path)
    again = copy.deepcopy(recorded)
    run(again)
    problems = [
        f"{path.name}, cell {number}: printed {text_of(new)!r}, recorded {text_of(old)!r}"
        for number, (old, new) in enumerate(zip(recorded.cells, again.cells, strict=True))
        if EXACT & set(old.metadata.get("tags", [])) and text_of(old) != text_of(new)
    ]
    entry = results.load().get(path.stem)
    if entry is not None:
        ours = recording.values(again)[entry["value"]]
        low, high = bounds(entry["band"]["values"])
        print(f"  {entry['value']} = {ours:.4f}, band {low} to {high}")
        if not low <= ours <= high:
            problems.append(f"{path.name}: {entry['value']} = {ours:.4f} outside {low} to {high}")
    return problems


def main(numbers: list[str]) -> None:
    paths = [lessons.find(number) for number in numbers] or lessons.in_book()
    problems = []
    for path in map(lessons.recording, paths):
        print(f"Verifying {path.name} ...", flush=True)
        problems += check(path)
    if problems:
        raise SystemExit("\n".join(problems))
    print(f"{len(paths)} lessons hold.")


if __name__ == "__main__":
    main(sys.argv[1:])
