"""Turn a trained model into what a page can run: one that judges a text, or one that writes it.

A lesson leaves two files in ``$COURSE_MODELS``: ``NAME.keras`` (``model.save``), and ``NAME.json``
with the "vocabulary" (a string) and, for a judge, some "texts" and their "labels", for a writer
some "contexts". `make record` keeps two others in ``book/_static/models``:

``NAME.js``, a classic script, so that it also loads from ``file://``::

    window.NAME_IN_CAPITALS = {
      "format": 1,
      "length": 80,               // time steps: longer texts lose their beginning
      "vocabulary": "이 다.…",      // the i-th character (code point) has the number i + 2
      "arrays": [                 // in the order in which they stand in "weights"
        {"name": "embedding", "shape": [2502, 64], "scale": 0.0123},
        {"name": "kernel", "shape": [4, 64, 96], "scale": …},   // width, embedding, filters
        {"name": "bias", "shape": [96], "scale": …},
        {"name": "dense", "shape": [96], "scale": …},
        {"name": "dense_bias", "shape": [1], "scale": …}
      ],
      "weights": "base64 of signed bytes, row by row (C order): weight = byte * scale"
    };

That is a judge, ``Embedding - Conv1D - GlobalMaxPooling1D - Dense``: ``Array.from(text.normalize(
"NFC"))`` is looked up character by character (0 is padding,
1 an unknown character); the last ``length`` numbers are kept, zeros stand **before** a shorter
text; each filter f has at each place t the score relu(bias[f] + sum over k, c of
embedding[number[t + k]][c] * kernel[k][c][f]), without padding at the ends; the greatest score of a
filter over all places times dense[f], summed over f, plus dense_bias, is the logit; the sigmoid of
the logit is the probability of a positive text.

``NAME.examples.json`` beside it, with Keras' own answers to the texts: ``{"sha256": of NAME.js,
"examples": [{"text", "label", "probability"}]}``. Rounding to bytes moves a probability by some
thousandths; a lesson that rounds its weights itself (``np.round(w / scale) * scale``, scale =
greatest absolute weight of the array / 127) before it measures them has on the page the very model
that it speaks of.

A writer, ``Embedding - GRU - Dense - Dense``, has no "length", and ``"first": 3``: the i-th
character has the number i + 3 (0 is padding, 1 an unknown character, 2 the end of a text, which
also stands before its beginning). Its arrays are embedding, kernel, recurrent, bias (of the input
and of the state, gates in Keras' order: z, r, h; ``reset_after``), narrow, narrow_bias, wide,
wide_bias.
Each number read makes a new state, and from it a logit for each number that may follow. Its
examples: ``{"text", "codes", "logits"}``, the logits of some numbers by Keras.
"""

import base64
import hashlib
import json
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import keras

MODELS = Path("book", "_static", "models")
FORMAT = 1
JUDGE = ["Embedding", "Conv1D", "GlobalMaxPooling1D", "Dense"]
WRITER = ["Embedding", "GRU", "Dense", "Dense"]
LARGEST = 400_000  # bytes of a judge's script
LONGEST = 1_400_000  # of a writer's, whose weights are a million at most
UNKNOWN, END, FIRST = 1, 2, 3  # a writer's numbers


def numbers(texts: Sequence[str], vocabulary: str, length: int) -> np.ndarray:
    """Texts as rows of ``length`` numbers: 0 padding, 1 unknown, 2… the vocabulary's characters."""
    import keras

    codes = {character: code for code, character in enumerate(vocabulary, start=2)}
    normal = [unicodedata.normalize("NFC", text) for text in texts]
    coded = [[codes.get(character, 1) for character in text] for text in normal]
    return keras.utils.pad_sequences(coded, maxlen=length)


def script(model: "keras.Model", name: str, vocabulary: str) -> bytes:
    """The content of ``NAME.js``.

    Raises:
        ValueError: the layers are others, or the script is too large for a page.
    """
    kinds = [type(layer).__name__ for layer in model.layers]
    kinds = [kind for kind in kinds if kind not in ("Dropout", "InputLayer")]
    weights = model.get_weights()
    if kinds == JUDGE:
        names, most = "embedding kernel bias dense dense_bias", LARGEST
        weights[3] = weights[3][:, 0]
        about = {"length": model.input_shape[1]}
    elif kinds == WRITER:
        names, most = "embedding kernel recurrent bias narrow narrow_bias wide wide_bias", LONGEST
        about = {"first": FIRST}
    else:
        known = " or ".join(" - ".join(layers) for layers in (JUDGE, WRITER))
        raise ValueError(f"a page runs {known}, not {' - '.join(kinds)}")
    described, rounded = [], []
    for array_name, array in zip(names.split(), weights, strict=True):
        scale = float(np.abs(array).max()) / 127 or 1.0
        described.append({"name": array_name, "shape": list(array.shape), "scale": scale})
        rounded.append(np.round(array / scale).astype("int8").tobytes())
    content = {
        "format": FORMAT,
        **about,
        "vocabulary": vocabulary,
        "arrays": described,
        "weights": base64.b64encode(b"".join(rounded)).decode(),
    }
    written = f"window.{name.upper()} = {json.dumps(content, ensure_ascii=False)};\n".encode()
    if len(written) > most:
        raise ValueError(f"{name}.js has {len(written):,} bytes, a page takes {most:,}")
    return written


def judged(model: "keras.Model", beside: dict[str, Any]) -> list[dict[str, Any]]:
    """The texts that a judge was left with, and Keras' answers."""
    texts, labels = beside["texts"], beside["labels"]
    x = numbers(texts, beside["vocabulary"], model.input_shape[1])
    answers = model.predict(x, batch_size=500, verbose=0)[:, 0]
    return [
        {"text": text, "label": label, "probability": round(float(answer), 6)}
        for text, label, answer in zip(texts, labels, answers, strict=True)
    ]


def continued(model: "keras.Model", beside: dict[str, Any]) -> list[dict[str, Any]]:
    """The beginnings that a writer was left with, and the logits of what Keras would write next.

    The five greatest, and five others that are spread over the vocabulary.
    """
    import keras

    number = {letter: code for code, letter in enumerate(beside["vocabulary"], start=FIRST)}
    texts, found = beside["contexts"], []
    rows = [[END, *(number.get(letter, UNKNOWN) for letter in text)] for text in texts]
    answers = model.predict_on_batch(keras.utils.pad_sequences(rows, padding="post"))
    for text, row, answer in zip(texts, rows, answers, strict=True):
        logits = answer[len(row) - 1]
        spread = np.linspace(END, len(logits) - 1, 5).astype(int)
        codes = [*np.argsort(-logits)[:5].tolist(), *spread.tolist()]
        told = [round(float(logits[code]), 5) for code in codes]
        found.append({"text": text, "codes": codes, "logits": told})
    return found


def keep(left: Path, models: Path) -> dict[str, str]:
    """Turn every model that a run left in a folder into files of ``models``: name -> sha256."""
    import keras

    kept = {}
    for saved in sorted(left.glob("*.keras")):
        model, name = keras.saving.load_model(saved, compile=False), saved.stem
        beside = json.loads(saved.with_suffix(".json").read_text(encoding="utf-8"))
        written = script(model, name, beside["vocabulary"])
        examples = (continued if "contexts" in beside else judged)(model, beside)
        kept[name] = hashlib.sha256(written).hexdigest()
        answered = {"sha256": kept[name], "examples": examples}
        models.mkdir(exist_ok=True)
        (models / f"{name}.js").write_bytes(written)
        (models / f"{name}.examples.json").write_text(
            json.dumps(answered, ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
        )
    return kept
