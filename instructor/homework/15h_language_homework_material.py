"""What homework 15h is graded with: the NSMC reviews without the test labels, and the truth.

The grading program finds this file by the homework's name and runs it in its own process.
"""

import json
import unicodedata
from pathlib import Path

from coursekit import data
from grading import material

# Reviews of the homework, and those that are asked once.
ROWS, TEST = 14_000, 1000

# What must run in an empty box before anything is graded: else the machine is at fault.
READY = (
    "import sklearn.linear_model\nfrom coursekit import data\ndata.load_nsmc()"
)


def prepare(folder: Path) -> tuple[dict[str, list[str]], bytes]:
    """Write what a box sees as /course/data: the reviews, every test label 0.

    Returns:
        The texts to answer for, by name; and the truth, as JSON, which is never written to a disk:
        ``labels`` of the test texts, ``asked_labels`` of the reviews that the notebook set apart.
    """
    train, test = data.load_nsmc()
    shown = {
        "ratings_train.txt": train,
        "ratings_test.txt": test.assign(label=0),
    }
    material.show(folder, "nsmc", shown)
    rows, fresh = (
        table.dropna(subset=["document"]).drop_duplicates("document")
        for table in (train, test)
    )
    fresh = fresh[~fresh["document"].isin(rows["document"])][:TEST]
    rows = rows.sample(frac=1, random_state=0)[:ROWS]  # as the notebook does
    truth = {
        "labels": fresh["label"].tolist(),
        "asked_labels": rows["label"].tolist()[: len(rows) // 14],
    }
    documents = {"test_documents": [*map(tidy, fresh["document"])]}
    return documents, json.dumps(truth).encode()


def tidy(document: str) -> str:
    return " ".join(unicodedata.normalize("NFC", document).split())
