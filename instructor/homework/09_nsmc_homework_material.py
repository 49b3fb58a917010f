"""What homework 09 is graded with: the NSMC reviews without the test labels, and the truth.

The grading program finds this file by the homework's name and runs it in its own process.
"""

import json
import random
from pathlib import Path

from coursekit import data
from grading import material

# What must run in an empty box before anything is graded: else the machine is at fault.
READY = "import keras\nfrom coursekit import data\ndata.load_nsmc()"


NUDGED = 2000  # reviews that are asked a second time, a little changed


def prepare(folder: Path) -> tuple[dict[str, list[str]], bytes]:
    """Write what a box sees as /course/data: the reviews, every test label 0.

    Returns:
        The documents to answer for, by name; and the truth, as JSON, which is never written to a
        disk: ``labels`` of the documents, ``train`` (text -> label).
    """
    train, test = data.load_nsmc()
    shown = {
        "ratings_train.txt": train,
        "ratings_test.txt": test.assign(label=0),
    }
    material.show(folder, "nsmc", shown)
    kept = test.dropna(subset=["document"])
    known = train.dropna(subset=["document"]).drop_duplicates(
        "document"
    )  # as the homework does
    truth = {
        "labels": kept["label"].tolist(),
        "train": dict(
            zip(known["document"], known["label"].tolist(), strict=True)
        ),
    }
    reviews = kept["document"].tolist()
    documents = {"reviews": reviews, "nudged": nudged(reviews[:NUDGED])}
    return documents, json.dumps(truth).encode()


def nudged(reviews: list[str]) -> list[str]:
    """The reviews with one blank more or one letter less: a memory knows none of them."""
    chance, changed = random.Random(0), []
    for number, review in enumerate(reviews):
        at = chance.randrange(len(review))
        middle = " " + review[at] if number % 2 else ""
        changed.append(review[:at] + middle + review[at + 1 :])
    return changed
