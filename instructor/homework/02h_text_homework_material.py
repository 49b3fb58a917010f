"""What homework 02h is graded with: the Reuters wires without the test labels, and the truth.

The grading program finds this file by the homework's name and runs it in its own process.
"""

import io
import json
from pathlib import Path

import numpy as np
from coursekit import data, fetch
from grading import material

SIZE = 1000  # kinds of words, as in the homework

# What must run in an empty box before anything is graded: else the machine is at fault.
READY = (
    "import keras, sklearn.svm\nfrom coursekit import data\ndata.load_reuters()"
)


def prepare(folder: Path) -> tuple[dict[str, list], bytes]:
    """Write what a box sees as /course/data: the wires, every test label 0.

    Returns:
        The wires to answer for, by name; and the truth, as JSON, which is never written to a disk:
        ``labels`` of the test wires, ``valid_labels``, and the most ``common`` topic.
    """
    (wires, labels), (test_wires, test_labels) = data.load_reuters(
        num_words=SIZE
    )
    cut = len(wires) // 8
    found = fetch.locate("reuters")
    contents = {
        name: found.read(name)
        for name in ("reuters.npz", "reuters_word_index.json")
    }
    contents["reuters.npz"] = without_test_labels(contents["reuters.npz"])
    material.show(folder, "reuters", contents)
    truth = {
        "labels": test_labels.tolist(),
        "valid_labels": labels[:cut].tolist(),
        "common": int(np.bincount(labels[cut:]).argmax()),
    }
    documents = {
        "test_documents": test_wires.tolist(),
        "valid_documents": wires[:cut].tolist(),
    }
    return documents, json.dumps(truth).encode()


def without_test_labels(content: bytes) -> bytes:
    """The file of the data set, with 0 for the label of each wire that is the loader's test."""
    # Its bytes were checked against the registry: these pickles are the data set's own.
    with np.load(io.BytesIO(content), allow_pickle=True) as arrays:
        x, y = arrays["x"], arrays["y"].copy()
    order = np.random.RandomState(113).permutation(len(x))  # noqa: NPY002
    y[order[int(len(x) * (1 - 0.2)) :]] = 0
    stream = io.BytesIO()
    np.savez(stream, x=x, y=y)
    return stream.getvalue()
