"""make band: repeat a lesson's headline run with several seeds and store the band they span.

Only the cells tagged ``band`` run (plus set-up and imports): those that make the headline number.
"""

import copy
import sys

from tools import contract, lessons
from tools.run import run

SEEDS = ["1", "2", "3", "4", "5"]


def main(number: str | None = None, *seeds: str) -> None:
    if number is None:
        raise SystemExit("Say which lesson: make band LESSON=01")
    path = lessons.find(number)
    whole, entry = lessons.read(path), contract.load().get(path.stem)
    if entry is None:
        raise SystemExit(
            f"book/results.toml has no [{path.stem}]: write its source and value first."
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
        values.append(round(contract.glued(notebook)[entry["value"]], 4))
        print(f"  {entry['value']} = {values[-1]}", flush=True)
    low, high = contract.band(values)
    document = contract.load()
    document[path.stem]["band"] = {
        "seeds": [int(seed) for seed in seeds or SEEDS],
        "values": values,
        "low": low,
        "high": high,
    }
    contract.save(document)
    print(f"Band of {entry['value']}: {low} to {high}.")


if __name__ == "__main__":
    main(*sys.argv[1:])
