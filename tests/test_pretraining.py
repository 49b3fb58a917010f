"""Lesson 15 pours the weights of an encoder where they belong: its cells against stored vectors."""

import json
import os

import numpy as np
import pandas as pd
import pytest
from coursekit import fetch
from mirror import forget

from tools import lessons
from tools.lessons import ROOT

# Of length 1, by the engine in C that comes with the weights: it rounds to 8 bits on its way.
REFERENCE = json.loads((ROOT / "tests" / "e5_reference.json").read_text(encoding="utf-8"))
CELLS = ["import keras\n", "tokenizer = Tokenizer(", "def unpack(", "def encoder_block("]
CELLS += ["def build_stack(", "def arrays_of(", "def look_up(", "class LowRank("]


def run_cells(cut: int) -> dict:
    """What the lesson has when it has built its encoder, and the readers above layer ``cut``."""
    cells = lessons.read(ROOT / "lessons" / "15_pretraining.ipynb").cells
    sources = [cell.source for cell in cells if cell.cell_type == "code"]
    space: dict = {}
    for mark in [*CELLS, "def build_reader("]:
        (source,) = (source for source in sources if mark in source)
        space["cut"] = cut
        exec(compile(source, mark, "exec"), space)
    return space


@pytest.fixture(scope="module")
def lesson():
    with pytest.MonkeyPatch.context() as patch:
        forget(patch)
        patch.setenv("COURSE_DATA", "sample")
        yield run_cells(cut=1)
    forget()


def test_what_is_poured_is_what_the_file_holds(lesson):
    e5, encoder = lesson["e5"], lesson["encoder"]
    kernel, bias = encoder.get_layer("l1.fo").get_weights()
    assert np.array_equal(kernel, lesson["unpack"](e5.weights["l1.fo.w"]).T)
    assert np.array_equal(bias, e5.weights["l1.fo.b"])
    in_blocks = sum(
        rows.size * 32 // 18 if rows.dtype == "u1" else rows.size
        for name, rows in e5.weights.items()
        if name not in ("emb.word", "emb.pos", "emb.type")
    )
    assert encoder.count_params() == in_blocks, "every weight has its place"


def test_a_head_reads_its_own_rows_of_the_matrices(lesson):
    """By hand: softmax of (q k / root of the head's width), values mixed, then the way out."""
    e5, unpack = lesson["e5"], lesson["unpack"]
    h = np.random.default_rng(0).normal(size=(1, 4, e5.width)).astype("float32")
    matrix = {name: unpack(e5.weights[f"l0.{name}.w"]) for name in ("q", "k", "v", "ao")}
    q, k, v = (h[0] @ matrix[name].T + e5.weights[f"l0.{name}.b"] for name in "qkv")
    size, heads = e5.width // e5.heads, []
    for start in range(0, e5.width, size):
        part = slice(start, start + size)
        scores = q[:, part] @ k[:, part].T / np.sqrt(size)
        weights = np.exp(scores - scores.max(axis=1, keepdims=True))
        heads.append(weights / weights.sum(axis=1, keepdims=True) @ v[:, part])
    by_hand = np.concatenate(heads, axis=1) @ matrix["ao"].T + e5.weights["l0.ao.b"]
    by_keras = np.asarray(lesson["encoder"].get_layer("l0.look")(h, h))[0]
    assert np.abs(by_hand - by_keras).max() < 1e-4


def test_more_padding_never_changes_a_vector(lesson):
    short, long = "재밌다", "정말 재밌다 그리고 또 보고 싶다 " * 3
    alone, beside = (lesson["encode"](texts)[0] for texts in ([short], [short, long]))
    assert np.abs(alone.astype(float) - beside.astype(float)).max() < 0.005


def test_spaces_do_not_matter_and_a_long_text_is_cut(lesson):
    one, other = (lesson["look_up"]([line]) for line in ("또  보고\n싶다", "또 보고 싶다"))
    assert np.array_equal(one, other)
    assert lesson["look_up"](["재" * 500]).shape[1] == 128


def test_a_narrow_way_beside_a_matrix_begins_as_nothing(lesson):
    states = np.random.default_rng(0).normal(size=(2, 5, lesson["e5"].width)).astype("float32")
    plain, narrow = (lesson["build_reader"](0.001, lora=lora) for lora in (False, True))
    for model in (plain, narrow):
        model.get_layer("good").set_weights([np.ones((lesson["e5"].width, 1)), np.zeros(1)])
    gap = np.abs(plain.predict(states, verbose=0) - narrow.predict(states, verbose=0))
    assert gap.max() < 1e-5
    width, inner = lesson["e5"].width, lesson["e5"].inner
    trained = sum(int(np.prod(weight.shape)) for weight in narrow.trainable_weights)
    assert trained == 2 * 4 * (width + inner) + width + 1, "two narrow ways and the answer"
    before = narrow.get_layer("l1.look").get_weights()
    narrow.fit(states, np.array([0, 1]), epochs=1, verbose=0)
    assert all(map(np.array_equal, before, narrow.get_layer("l1.look").get_weights()))


def test_what_only_a_gpu_is_given_runs_on_a_few_reviews(lesson):
    """Low-rank ways beside every layer, and texts turned into vectors on the way."""
    cells = lessons.read(ROOT / "lessons" / "15_pretraining.ipynb").cells
    (source,) = (cell.source for cell in cells if "class Batches(" in cell.source)
    space = lesson | {"seed": 1, "tables": [], "seen": []}
    gpu = space["keras"].distribution.list_devices("gpu")
    source = source if not gpu else source[: source.index("if keras.distribution")]
    exec(compile(source, "gpu", "exec"), space)
    table = pd.DataFrame({"document": ["재밌다", "지루하다"] * 4, "label": [1, 0] * 4})
    assert space["tune_all"](table, table).keys() == {"accuracy", "loss"}


@pytest.mark.realdata
def test_the_real_weights_give_the_vectors_of_the_engine(monkeypatch):
    forget(monkeypatch)
    monkeypatch.setenv("COURSE_STRICT", "1")
    folder = os.environ.get("COURSE_REAL_DATA", "")
    if folder and folder != "sample":
        monkeypatch.setenv("COURSE_DATA", folder)
    if not fetch.Search("e5").look(["e5-small-q4.bin"]):
        pytest.skip("the real 'e5' is not here: run make data or set COURSE_DATA")
    space = run_cells(cut=10)
    ours = space["encode"](REFERENCE["texts"])[:, -1].astype("float32")
    ours /= np.linalg.norm(ours, axis=1, keepdims=True)
    theirs = np.array(REFERENCE["vectors"])
    assert (ours * theirs).sum(axis=1).min() > 0.9998
    assert np.abs(ours - theirs).max() < 0.005
