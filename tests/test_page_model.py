"""A model left for a page answers there as Keras does, and its file belongs to a recording."""

import hashlib
import json
import unicodedata

import keras
import numpy as np
import pytest
import touch
from keras import layers
from node import Program

from tools import page_model

VOCABULARY = "영화가 참좋았다재미없!"
TEXTS = ["영화가 참 좋았다!", "재미없다", unicodedata.normalize("NFD", "영화"), "😀", "", "참" * 50]


def judge(pooling=None):
    keras.utils.set_random_seed(0)
    body = [
        keras.Input((12,)),
        layers.Embedding(len(VOCABULARY) + 2, 5, embeddings_initializer="glorot_normal"),
        layers.Conv1D(6, 3, activation="relu", bias_initializer="glorot_normal"),
        pooling or layers.GlobalMaxPooling1D(),
        layers.Dropout(0.3),
        layers.Dense(1, activation="sigmoid", bias_initializer="ones"),
    ]
    return keras.Sequential(body, name="small_model")


def writer():
    keras.utils.set_random_seed(0)
    size = len(VOCABULARY) + page_model.FIRST
    x = keras.Input((None,), dtype="int32")
    h = layers.Embedding(size, 6, embeddings_initializer="glorot_normal")(x)
    h = layers.GRU(9, return_sequences=True, bias_initializer="glorot_normal")(h)
    h = layers.Dense(5, bias_initializer="ones")(h)
    wide = layers.Dense(size, kernel_initializer="he_normal")
    return keras.Model(x, wide(h), name="small_model")


@pytest.fixture
def keep(tmp_path):
    """A function that keeps a model as a lesson leaves it; the folder, and the examples."""

    def kept(model, **beside):
        for weight in model.weights:  # are those of its bytes
            scale = np.abs(weight).max() / 127 or 1.0
            weight.assign(np.round(weight / scale) * scale)
        model.save(tmp_path / "small_model.keras")
        beside = json.dumps({"vocabulary": VOCABULARY} | beside)
        (tmp_path / "small_model.json").write_text(beside, encoding="utf-8")
        hashes, models = page_model.keep(tmp_path, tmp_path / "models"), tmp_path / "models"
        digest = hashlib.sha256((models / "small_model.js").read_bytes()).hexdigest()
        told = json.loads((models / "small_model.examples.json").read_text("utf-8"))
        assert hashes == {"small_model": digest} and told["sha256"] == digest
        return models, told["examples"]

    return kept


def ask(models, name, *given):
    """What the pieces' scripts say of the model."""
    scripts = [touch.STATIC / "touch" / f"{name}.js" for name in ("core", "review", "writer")]
    program = Program(touch.SCRIPT, *map(str, [*scripts, models / "small_model.js", touch.TABLES]))
    return program.ask({"name": name, "given": ["small_model", *given]})


def test_a_judge_answers_as_keras_does(keep):
    model = judge()
    models, examples = keep(model, texts=TEXTS, labels=[1, 0, 1, 1, 0, 1])
    x = page_model.numbers(TEXTS, VOCABULARY, 12)
    assert x[2].tolist() == [0] * 10 + [2, 3], "NFC first, zeros before"
    by_keras = model.predict(x, verbose=0)[:, 0]
    assert [example["text"] for example in examples] == TEXTS
    np.testing.assert_allclose([one["probability"] for one in examples], by_keras, atol=1e-5)
    ours = ask(models, "judgeAll", TEXTS)
    np.testing.assert_allclose([one["probability"] for one in ours], by_keras, atol=1e-5)
    for text, row, one in zip(TEXTS, x, ours, strict=True):
        assert "".join([*one["dropped"], *one["kept"]]) == unicodedata.normalize("NFC", text)
        for place, share in enumerate(one["shares"], len(row) - len(one["kept"])):
            hidden = np.where(np.arange(len(row)) == place, 1, row)
            answer = float(model.predict_on_batch(hidden[None])[0, 0])
            without = np.log(answer / (1 - answer))
            assert abs(one["logit"] - share - without) < 1e-4, "its share is what hiding it does"


def test_a_writer_continues_as_keras_does(keep):
    model, rng = writer(), np.random.default_rng(0)
    texts = ["".join(rng.choice(list(VOCABULARY + "뷁"), n)) for n in rng.integers(0, 30, 200)]
    models, examples = keep(model, contexts=texts)
    number = {letter: code for code, letter in enumerate(VOCABULARY, start=page_model.FIRST)}
    rows = [[page_model.END, *(number.get(c, page_model.UNKNOWN) for c in text)] for text in texts]
    answers = model.predict_on_batch(keras.utils.pad_sequences(rows, padding="post"))
    theirs = [answer[len(row) - 1] for row, answer in zip(rows, answers, strict=True)]
    np.testing.assert_allclose(ask(models, "continueAll", texts), theirs, atol=1e-3)
    for example, logits in zip(examples, theirs, strict=True):
        np.testing.assert_allclose(example["logits"], logits[example["codes"]], atol=1e-4)


def test_what_a_page_cannot_run_is_refused(keep, tmp_path, monkeypatch):
    beside = {"texts": TEXTS, "labels": [1, 0, 1, 1, 0, 1]}
    with pytest.raises(ValueError, match="not Embedding - Conv1D - LSTM"):
        keep(judge(layers.LSTM(4)), **beside)
    monkeypatch.setattr(page_model, "LARGEST", 100)
    with pytest.raises(ValueError, match="a page takes 100"):
        keep(judge(), **beside)
    assert not (tmp_path / "models").exists()
