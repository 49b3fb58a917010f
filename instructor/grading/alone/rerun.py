"""Runs in a box of its own: a network that a submission handed over, on its own sequences.

No student's Python is in here, only a TensorFlow graph with its weights. So the answers are what
this network computes, and a layer is there when the graph has its operations and its weights and
the answers are others without them. Frames as in runner.py.
"""

import io
import json
import os
import sys
import tempfile
import zipfile
from collections import Counter

import numpy as np
from coursekit.checks import outside  # what students are told of before; the way out is a file

BATCH = 1024
TRIED = 500  # rows on which layers are tried out
SAME = 0.9995  # answers that follow each other so closely (r squared) are the same ones


def send(pipe, name, value):
    head, body = {"check": "rerun", "name": name}, io.BytesIO()
    if isinstance(value, np.ndarray):
        np.save(body, np.ascontiguousarray(value), allow_pickle=False)
        head["npy"] = body.tell()
    else:
        head["json"] = value
    pipe.write(json.dumps(head).encode() + b"\n" + body.getvalue())
    pipe.flush()


def others(before, after):
    """Whether answers changed by more than a shift or a scale."""
    before, after = np.ravel(before).astype(float), np.ravel(after).astype(float)
    if not (np.isfinite(before).all() and np.isfinite(after).all()) or before.std() < 1e-7:
        return not np.allclose(before, after, rtol=0, atol=1e-7)
    if after.std() < 1e-7:
        return True
    return np.corrcoef(before, after)[0, 1] ** 2 < SAME


def operations(function):
    """Count a function's operations, apart for each function it calls (a loop's body).

    Into how many pieces one cuts is part of its name.
    """
    graph = function.graph.as_graph_def()
    parts = [graph.node, *(inner.node_def for inner in graph.library.function)]
    return [
        Counter(f"Split{n.attr['num_split'].i}" if n.op == "Split" else n.op for n in part)
        for part in parts
    ]


def made_of(answer, learn, serve):
    """The layers that the answers depend on: "Embedding", "LSTM", "Dropout"."""
    found, before, parts = [], answer(serve), operations(serve)
    tables = [w for w in serve.variables if w.dtype.is_floating and len(w.shape) == 2]
    most = max((w.shape[0] for w in tables), default=0)

    def matter(weights):
        kept = [weight.numpy() for weight in weights]
        for weight in weights:
            weight.assign(np.zeros(weight.shape))
        after = answer(serve)
        for weight, values in zip(weights, kept, strict=True):
            weight.assign(values)
        return bool(weights) and others(before, after)

    looks_up = any("Gather" in op for ops in parts for op in ops)
    if looks_up and matter([w for w in tables if w.shape[0] == most]):
        found.append("Embedding")
    # A step of an LSTM cuts one product in four: three gates and a proposal.
    steps = any(ops["Split4"] for ops in parts)
    if steps and matter([w for w in tables if w.shape[1] == 4 * w.shape[0]]):
        found.append("LSTM")
    if learn is not None and not np.allclose(answer(learn), answer(learn), rtol=0, atol=1e-7):
        found.append("Dropout")
    return found


def main():
    job, pipe = json.load(sys.stdin), os.fdopen(int(sys.argv[1]), "wb", closefd=False)
    pipe.write(b'{"started": true}\n')
    pipe.flush()
    import tensorflow as tf

    network = np.load(f"{job['folder']}/network.npy", allow_pickle=False)
    sequences = np.load(f"{job['folder']}/sequences.npy", allow_pickle=False).astype("int32")
    try:
        with tempfile.TemporaryDirectory() as folder:
            with zipfile.ZipFile(io.BytesIO(network.tobytes())) as zipped:
                graph, weights = "saved_model.pb", "variables/"
                names = [n for n in zipped.namelist() if n == graph or n.startswith(weights)]
                zipped.extractall(folder, names)  # one graph: the one that is looked through
            del network
            with open(f"{folder}/{graph}", "rb") as stream:
                if found := outside(stream.read()):
                    raise ValueError(f"the graph reaches out of itself: {', '.join(found)}")
            model = tf.saved_model.load(folder)
        serve, learn = model.signatures["serve"], model.signatures.get("learn")
        (name,) = serve.structured_input_signature[1]

        def answer(function, rows=sequences[:TRIED]):
            (answers,) = function(**{name: tf.constant(rows)}).values()
            return np.asarray(answers, "float32").reshape(len(rows), -1)

        batches = range(0, len(sequences), BATCH)
        answers = np.concatenate([answer(serve, sequences[n : n + BATCH]) for n in batches])
        send(pipe, "outputs", answers)
        send(pipe, "layers", made_of(answer, learn, serve))
    except Exception as error:
        send(pipe, "trouble", f"{type(error).__name__}: {error}"[:500])


if __name__ == "__main__":
    main()
