"""Turn a trained ``Embedding - Conv1D - GlobalMaxPooling1D - Dense`` into what a page can run.

A lesson leaves two files in ``$COURSE_MODELS``: ``NAME.keras`` (``model.save``), and ``NAME.json``
with the "vocabulary" (a string), some "texts" and their "labels". `make record` keeps two others in
``book/_static/models``:

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

The model: ``Array.from(text.normalize("NFC"))`` is looked up character by character (0 is padding,
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
"""

import base64
import hashlib
import json
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import keras

MODELS = Path("book", "_static", "models")
FORMAT = 1
LAYERS = ["Embedding", "Conv1D", "GlobalMaxPooling1D", "Dense"]
LARGEST = 400_000  # bytes of the script


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
    if [kind for kind in kinds if kind != "Dropout"] != LAYERS:
        raise ValueError(f"a page runs {' - '.join(LAYERS)}, not {' - '.join(kinds)}")
    embedding, kernel, bias, dense, dense_bias = model.get_weights()
    arrays = {"embedding": embedding, "kernel": kernel, "bias": bias, "dense": dense[:, 0]}
    described, rounded = [], []
    for array_name, array in {**arrays, "dense_bias": dense_bias}.items():
        scale = float(np.abs(array).max()) / 127 or 1.0
        described.append({"name": array_name, "shape": list(array.shape), "scale": scale})
        rounded.append(np.round(array / scale).astype("int8").tobytes())
    content = {
        "format": FORMAT,
        "length": model.input_shape[1],
        "vocabulary": vocabulary,
        "arrays": described,
        "weights": base64.b64encode(b"".join(rounded)).decode(),
    }
    written = f"window.{name.upper()} = {json.dumps(content, ensure_ascii=False)};\n".encode()
    if len(written) > LARGEST:
        raise ValueError(f"{name}.js has {len(written):,} bytes, a page takes {LARGEST:,}")
    return written


def keep(left: Path, models: Path) -> dict[str, str]:
    """Turn every model that a run left in a folder into files of ``models``: name -> sha256."""
    import keras

    kept = {}
    for saved in sorted(left.glob("*.keras")):
        model, name = keras.saving.load_model(saved), saved.stem
        beside = json.loads(saved.with_suffix(".json").read_text(encoding="utf-8"))
        texts, vocabulary = beside["texts"], beside["vocabulary"]
        written = script(model, name, vocabulary)
        x = numbers(texts, vocabulary, model.input_shape[1])
        answers = model.predict(x, batch_size=500, verbose=0)[:, 0]
        examples = [
            {"text": text, "label": label, "probability": round(float(answer), 6)}
            for text, label, answer in zip(texts, beside["labels"], answers, strict=True)
        ]
        kept[name] = hashlib.sha256(written).hexdigest()
        answered = {"sha256": kept[name], "examples": examples}
        models.mkdir(exist_ok=True)
        (models / f"{name}.js").write_bytes(written)
        (models / f"{name}.examples.json").write_text(
            json.dumps(answered, ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
        )
    return kept
