"""What homework 13h is graded with: rows that nobody has seen, and their answers.

The grading program finds this file by the homework's name and runs it in its own process.
"""

import json
from pathlib import Path

import numpy as np

# What must run in an empty box before anything is graded: else the machine is at fault.
READY = "import keras\nkeras.layers.MultiHeadAttention(2, 8)"


def prepare(folder: Path) -> tuple[dict[str, list[list[int]]], bytes]:
    """A box sees no data of its own.

    Returns:
        The rows to answer for, by name; and the truth, as JSON: ``labels``, whether 1 comes
        before 2 in each of them, and ``asked``, the rows whose tokens are taken out one by one.
    """
    folder.mkdir(parents=True, exist_ok=True)
    chance = np.random.default_rng(20_261_130)
    rows = chance.integers(3, 12, size=(1000, 10))
    spots = chance.permuted(np.tile(np.arange(10), (1000, 1)), axis=1)[:, :2]
    rows[np.arange(1000), spots[:, 0]], rows[np.arange(1000), spots[:, 1]] = (
        1,
        2,
    )
    labels = (spots[:, 0] < spots[:, 1]).astype(int)
    truth = {"labels": labels.tolist(), "asked": rows[:30].tolist()}
    return {"rows": rows.tolist()}, json.dumps(truth).encode()
