"""What homework 09 is graded with: the NSMC reviews without the test labels, and the truth.

The grading program finds this file by the homework's name and runs it in its own process.
"""

import hashlib
import json
import random
from pathlib import Path

import tomlkit
from coursekit import data, fetch

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
    cache = folder / "cache"
    cache.mkdir(parents=True)
    registry = tomlkit.parse(fetch.REGISTRY.read_text("utf-8")).unwrap()
    for spec, table in zip(
        registry["nsmc"]["file"], (train, test.assign(label=0)), strict=True
    ):
        path = cache / spec["name"]
        table.to_csv(path, sep="\t", index=False)
        content = path.read_bytes()
        spec |= {
            "bytes": len(content),
            "sha256": hashlib.sha256(content).hexdigest(),
        }
        spec["mirror"] = []
    (folder / "registry.toml").write_text(
        tomlkit.dumps(registry), encoding="utf-8"
    )
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
