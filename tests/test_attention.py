"""More padding never changes an answer of lesson 12's or lesson 13's models.

The models are built by the lessons' own cells. One that loses its mask has to fail here.
"""

import ast

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


@pytest.mark.parametrize("positions", ["none", "sine", "learned"])
def test_transformer_by_hand(by_hand, positions):
    assert gap(by_hand["build_transformer"](20, 16, positions)) < 1e-5


@pytest.mark.parametrize("positions", [False, True])
def test_transformer(reviews, positions):
    assert gap(reviews["build_transformer"](positions=positions)) < 1e-5


@pytest.mark.parametrize("kind", ["가방", "GRU", "Conv1D"])
def test_readers(reviews, kind):
    assert gap(reviews["build_reader"](kind)) < 1e-5


@pytest.mark.parametrize("kind", ["단어 + 어텐션", "GRU + 어텐션", "GRU + 평균"])
def test_attention_pooling(reviews, kind):
    assert gap(reviews["build_pooled"](kind)) < 1e-5


def test_best(reviews):
    assert gap(reviews["build_best"]()) < 1e-5


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
