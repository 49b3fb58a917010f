"""More padding never changes an answer of lesson 12's or lesson 13's models.

The models are built by the lessons' own cells. One that loses its mask has to fail here.
"""

import ast
from functools import cache
from itertools import product

import numpy as np
import pytest

from tools.lessons import COURSE, code_cells

REVIEW = [5, 3, 9, 2, 7]
PADS = (0, 3, 20)
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


@cache
def defined(number: str) -> dict:
    """The imports, functions and classes of a lesson, without what it computes."""
    space = {"num_words": 20}
    for cell in code_cells(COURSE.find(number).notebook):
        kinds = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef)
        kept = [node for node in ast.parse(cell.source).body if isinstance(node, kinds)]
        exec(compile(ast.Module(kept, []), number, "exec"), space)
    return space


def gap(model) -> float:
    """How far the answers to one review lie apart, with less and with more padding."""
    answers = [model(np.array([REVIEW + [0] * pads], "int32")) for pads in PADS]
    return float(np.ptp(np.concatenate([np.asarray(answer) for answer in answers]), axis=0).max())


@pytest.mark.parametrize(("lesson", "model"), [*product(["12"], HAND), *product(["13"], READERS)])
def test_padding_changes_no_answer(lesson, model):
    assert gap(eval(model, defined(lesson))) < 1e-5


def test_lost_mask_is_found():
    keras, layers = defined("12")["keras"], defined("12")["layers"]
    tokens = keras.Input((None,), dtype="int32")
    h = layers.Embedding(20, 16, mask_zero=True, embeddings_initializer="normal")(tokens)
    h = h + layers.MultiHeadAttention(2, 8)(h, h)  # the plain plus sign drops the mask
    assert gap(keras.Model(tokens, layers.GlobalAveragePooling1D()(h))) > 1e-3


def test_a_stack_of_causal_blocks_does_not_look_ahead():
    keras, block = defined("13")["keras"], defined("13")["encoder_block"]
    h = keras.Input((None, 8))
    model = keras.Model(h, block(block(h, causal=True), causal=True))
    x = np.random.default_rng(0).normal(size=(1, 6, 8)).astype("float32")
    before, after = (np.asarray(model(rows)) for rows in (x, x * (np.arange(6) < 4)[:, None]))
    np.testing.assert_allclose(before[:, :4], after[:, :4], atol=1e-5)
    assert np.abs(before[:, 4:] - after[:, 4:]).max() > 1e-3
