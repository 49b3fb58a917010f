"""A model left for a page answers as Keras does, and its file belongs to a recording."""

import base64
import hashlib
import json
import unicodedata

import keras
import numpy as np
import pytest
from keras import layers

from tools import page_model

VOCABULARY = "영화가 참좋았다재미없!"
TEXTS = ["영화가 참 좋았다!", "재미없다", unicodedata.normalize("NFD", "영화"), "😀", "", "참" * 50]


def small(pooling=None, filters=6):
    keras.utils.set_random_seed(0)
    body = [
        keras.Input((12,)),
        layers.Embedding(len(VOCABULARY) + 2, 5, embeddings_initializer="glorot_normal"),
        layers.Conv1D(filters, 3, activation="relu", bias_initializer="glorot_normal"),
        pooling or layers.GlobalMaxPooling1D(),
        layers.Dropout(0.3),
        layers.Dense(1, activation="sigmoid", bias_initializer="ones"),
    ]
    return keras.Sequential(body, name="small_model")


def read(script):
    """The object that the script assigns, and its arrays, as its format says."""
    name, content = script.removesuffix(";\n").split(" = ", 1)
    model, at = json.loads(content), 0
    weights, arrays = base64.b64decode(model["weights"]), {}
    for array in model["arrays"]:
        size = int(np.prod(array["shape"]))
        values = np.frombuffer(weights[at : at + size], "int8").reshape(array["shape"])
        arrays[array["name"]], at = values * array["scale"], at + size
    assert at == len(weights) and model["format"] == 1
    return name, model, arrays


def probability(text, model, arrays):
    """What review.js computes, for one text."""
    codes = {character: i + 2 for i, character in enumerate(model["vocabulary"])}
    row = [codes.get(character, 1) for character in unicodedata.normalize("NFC", text)]
    row = row[-model["length"] :]
    x = arrays["embedding"][[0] * (model["length"] - len(row)) + row]
    width, places = len(arrays["kernel"]), model["length"] - len(arrays["kernel"]) + 1
    scores = sum(x[k : k + places] @ arrays["kernel"][k] for k in range(width)) + arrays["bias"]
    logit = np.maximum(scores, 0).max(axis=0) @ arrays["dense"] + arrays["dense_bias"][0]
    return 1 / (1 + np.exp(-logit))


@pytest.fixture
def left(tmp_path):
    """A function that leaves a model as a lesson does; its folder."""

    def leave(model):
        model.save(tmp_path / f"{model.name}.keras")
        beside = {"vocabulary": VOCABULARY, "texts": TEXTS, "labels": [1, 0, 1, 1, 0, 1]}
        (tmp_path / f"{model.name}.json").write_text(json.dumps(beside), encoding="utf-8")
        return tmp_path

    return leave


def test_the_file_answers_as_keras_does(left, tmp_path):
    model = small()
    kept = page_model.keep(left(model), tmp_path / "models")
    path = tmp_path / "models" / "small_model.js"
    assert kept == {"small_model": hashlib.sha256(path.read_bytes()).hexdigest()}
    name, content, arrays = read(path.read_text("utf-8"))
    assert name == "window.SMALL_MODEL"
    answered = json.loads(path.with_suffix(".examples.json").read_text("utf-8"))
    assert answered["sha256"] == kept["small_model"]
    assert [example["text"] for example in answered["examples"]] == TEXTS
    x = page_model.numbers(TEXTS, VOCABULARY, 12)
    assert x[2].tolist() == [0] * 10 + [2, 3], "NFC first, zeros before"
    by_keras = model.predict(x, verbose=0)[:, 0]
    for example, answer in zip(answered["examples"], by_keras, strict=True):
        assert abs(example["probability"] - answer) < 1e-5
        assert abs(probability(example["text"], content, arrays) - answer) < 5e-3


def test_what_a_page_cannot_run_is_refused(left, tmp_path, monkeypatch):
    kept = tmp_path / "models"
    with pytest.raises(ValueError, match="not Embedding - Conv1D - LSTM"):
        page_model.keep(left(small(layers.LSTM(4))), kept)
    monkeypatch.setattr(page_model, "LARGEST", 100)
    with pytest.raises(ValueError, match="a page takes 100"):
        page_model.keep(left(small()), kept)
    assert not kept.exists()
