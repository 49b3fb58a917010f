"""More padding never changes an answer of lesson 12's or lesson 13's models.

The models are built by the lessons' own cells. One that loses its mask has to fail here.
"""

import ast
from itertools import product

import numpy as np
import pytest

from tools import lessons
from tools.lessons import ROOT

REVIEW = [5, 3, 9, 2, 7]
PADS = (0, 3, 20)


def defined(name: str) -> dict:
    """The imports, functions and classes of a lesson, without what it computes."""
    notebook = lessons.read(ROOT / "lessons" / f"{name}.ipynb")
    space = {"num_words": 20}
    for cell in notebook.cells:
        if cell.cell_type != "code" or "google.colab" in cell.source:
            continue
        kept = [
            node
            for node in ast.parse(cell.source).body
            if isinstance(node, (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef))
        ]
        exec(compile(ast.Module(kept, []), name, "exec"), space)
    return space


def gap(model) -> float:
    """How far the answers to one review lie apart, with less and with more padding."""
    answers = [model(np.array([REVIEW + [0] * pads], "int32")) for pads in PADS]
    return float(np.ptp(np.concatenate([np.asarray(answer) for answer in answers]), axis=0).max())


@pytest.fixture(scope="module")
def by_hand():
    return defined("12_attention")


@pytest.fixture(scope="module")
def reviews():
    return defined("13_transformer")


HAND = [
    *(f"build_transformer(0.001, {positions})" for positions in (False, True)),
    *(f"build_transformer(0.001, depth=2, norm={norm!r})" for norm in ("after", "before", "no")),
    "build_transformer(0.001, causal=True)",
    "build_writer(0.001, length=5, size=20, padded=True)",
]
READERS = [
    *(f"build_transformer(0.01, blocks=4, positions={there})" for there in (False, True)),
    *(f"build_reader(0.01, {kind!r})" for kind in ("가방", "GRU", "Conv1D")),
    *(f"build_pooled(0.01, block={block})" for block in (False, True)),
]


@pytest.mark.parametrize(("lesson", "model"), [*product([12], HAND), *product([13], READERS)])
def test_padding_changes_no_answer(by_hand, reviews, lesson, model):
    assert gap(eval(model, by_hand if lesson == 12 else reviews)) < 1e-5


def test_lost_mask_is_found(by_hand):
    keras, layers = by_hand["keras"], by_hand["layers"]
    tokens = keras.Input((None,), dtype="int32")
    h = layers.Embedding(20, 16, mask_zero=True, embeddings_initializer="normal")(tokens)
    h = h + layers.MultiHeadAttention(2, 8)(h, h)  # the plain plus sign drops the mask
    assert gap(keras.Model(tokens, layers.GlobalAveragePooling1D()(h))) > 1e-3


def test_attention_by_hand_equals_keras(by_hand):
    rng = np.random.default_rng(1)
    x = rng.normal(size=(3, 7, 6)).astype("float32")
    mask = rng.random((3, 7, 7)) < 0.6
    mask |= np.eye(7, dtype=bool)
    layer = by_hand["layers"].MultiHeadAttention(3, 4)
    layer.build(x.shape, x.shape)
    ours = by_hand["multi_head"](x, layer.get_weights(), mask)
    np.testing.assert_allclose(ours, layer(x, x, attention_mask=mask), atol=1e-5)


def test_a_stack_of_causal_blocks_does_not_look_ahead(reviews):
    keras, block = reviews["keras"], reviews["encoder_block"]
    h = keras.Input((None, 8))
    model = keras.Model(h, block(block(h, causal=True), causal=True))
    x = np.random.default_rng(0).normal(size=(1, 6, 8)).astype("float32")
    changed = x.copy()
    changed[:, 4:] = 0
    before, after = (np.asarray(model(rows)) for rows in (x, changed))
    np.testing.assert_allclose(before[:, :4], after[:, :4], atol=1e-5)
    assert np.abs(before[:, 4:] - after[:, 4:]).max() > 1e-3
