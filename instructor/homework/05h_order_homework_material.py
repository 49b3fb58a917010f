"""What homework 05h is graded with: new reviews by the homework's own rule, and their labels.

The grading program finds this file by the homework's name and runs it in its own process.
"""

import json
from pathlib import Path

import numpy as np

FRESH = 250  # groups of four reviews
LENGTH = 10

# What must run in an empty box before anything is graded: else the machine is at fault.
READY = "import keras, sklearn.linear_model"


def prepare(folder: Path) -> tuple[dict[str, list], bytes]:
    """Give the reviews to answer for, by name, and their ``labels``; a box needs no data."""
    folder.mkdir(parents=True)
    reviews, labels = write_reviews(FRESH, np.random.default_rng(2026))
    truth = {"labels": labels}
    return {"fresh_reviews": reviews}, json.dumps(truth).encode()


def write_reviews(groups: int, rng) -> tuple[list[list[int]], list[int]]:
    """Reviews of the same numbers as in the notebook: 1 acting, 2-7 others, 8-10 praise, …"""
    reviews, labels = [], []
    for _ in range(groups):
        other, good, bad = rng.integers((2, 8, 11), (8, 11, 14)).tolist()
        extra = rng.integers(14, 20, rng.integers(0, 7)).tolist()
        cut, end = np.sort(rng.integers(0, len(extra) + 1, 2))
        for label, first, second in (
            (1, [1, good], [other, bad]),
            (1, [other, bad], [1, good]),
            (0, [1, bad], [other, good]),
            (0, [other, good], [1, bad]),
        ):
            review = extra[:cut] + first + extra[cut:end] + second + extra[end:]
            reviews.append([0] * (LENGTH - len(review)) + review)
            labels.append(label)
    return reviews, labels
