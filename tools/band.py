"""make band: repeat a lesson's headline run with several seeds and store what they gave.

Only the cells tagged ``band`` run (plus set-up and imports): those that make the headline number.
The band that `make verify` and the results page speak of: :func:`tools.results.bounds` of these.
"""

import copy
import sys

import tomlkit

from tools import lessons, recording, results
from tools.results import bounds
from tools.run import run

SEEDS = ["1", "2", "3", "4", "5"]


def main(number: str | None = None, *seeds: str) -> None:
    if number is None:
        raise SystemExit("Say which lesson: make band LESSON=01")
    path = lessons.recording(lessons.find(number))
    whole, entry = lessons.read(path), results.load().get(path.stem)
    if entry is None:
        raise SystemExit(
            f"book/results.toml has no [{path.stem}]: write its metric and value first."
        )
    cells = [cell for cell in whole.cells if "band" in cell.metadata.get("tags", [])]
    if not cells:
        raise SystemExit(f"{path.name} has no cell tagged `band`.")
    values = []
    for seed in seeds or SEEDS:
        notebook = copy.deepcopy(whole)
        notebook.cells = copy.deepcopy(cells)
        print(f"{path.name}, seed {seed}", flush=True)
        run(notebook, COURSE_SEED=seed)
        values.append(round(recording.values(notebook)[entry["value"]], 4))
        print(f"  {entry['value']} = {values[-1]}", flush=True)
    document = results.load()
    band = tomlkit.inline_table()
    band.update(
        {
            "seeds": [int(seed) for seed in seeds or SEEDS],
            "values": values,
        }
    )
    document[path.stem]["band"] = band
    results.save(document)
    low, high = bounds(values)
    print(f"Band of {entry['value']}: {low} to {high}.")


if __name__ == "__main__":
    main(*sys.argv[1:])
