"""Leave a trained ``Embedding - Conv1D - GlobalMaxPooling1D - Dense`` where a page can run it.

``save`` writes two files, named after the model:

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

``NAME.json``, for tests: ``{"sha256": of NAME.js, "examples": [{"text", "label", "probability"}]}``
with Keras' own answers. Rounding to bytes moves a probability by some thousandths; a lesson that
rounds its weights itself (``np.round(w / scale) * scale``, scale = greatest absolute weight of the
array / 127) before it measures them has on the page the very model that it speaks of.
"""

import base64
import hashlib
import json
import os
import tempfile
import unicodedata
from collections.abc import Sequence
from pathlib import Path

import keras
import numpy as np

FORMAT = 1
LAYERS = ["Embedding", "Conv1D", "GlobalMaxPooling1D", "Dense"]
LARGEST = 400_000  # bytes of the script


def numbers(texts: Sequence[str], vocabulary: str, length: int) -> np.ndarray:
    """Texts as rows of ``length`` numbers: 0 padding, 1 unknown, 2… the vocabulary's characters."""
    codes = {character: code for code, character in enumerate(vocabulary, start=2)}
    normal = [unicodedata.normalize("NFC", text) for text in texts]
    coded = [[codes.get(character, 1) for character in text] for text in normal]
    return keras.utils.pad_sequences(coded, maxlen=length)


def save(
    model: keras.Model, vocabulary: str, texts: Sequence[str], labels: Sequence[int]
) -> tuple[Path, str]:
    """Write the model named ``model.name`` for a page; return the script and its sha256.

    Into the folder ``$COURSE_MODELS``, which `make record` sets and copies from; for a learner
    into a temporary one. ``texts`` with their ``labels`` become the examples of the tests.

    Raises:
        ValueError: the layers are others, or the script is too large for a page.
    """
    kinds = [type(layer).__name__ for layer in model.layers]
    if [kind for kind in kinds if kind != "Dropout"] != LAYERS:
        raise ValueError(f"a page runs {' - '.join(LAYERS)}, not {' - '.join(kinds)}")
    length = model.input_shape[1]
    embedding, kernel, bias, dense, dense_bias = model.get_weights()
    arrays = {"embedding": embedding, "kernel": kernel, "bias": bias, "dense": dense[:, 0]}
    described, rounded = [], []
    for name, array in {**arrays, "dense_bias": dense_bias}.items():
        scale = float(np.abs(array).max()) / 127 or 1.0
        described.append({"name": name, "shape": list(array.shape), "scale": scale})
        rounded.append(np.round(array / scale).astype("int8").tobytes())
    content = {
        "format": FORMAT,
        "length": length,
        "vocabulary": vocabulary,
        "arrays": described,
        "weights": base64.b64encode(b"".join(rounded)).decode(),
    }
    script = f"window.{model.name.upper()} = {json.dumps(content, ensure_ascii=False)};\n".encode()
    if len(script) > LARGEST:
        raise ValueError(f"{model.name}.js has {len(script):,} bytes, a page takes {LARGEST:,}")
    digest = hashlib.sha256(script).hexdigest()
    answers = model.predict(numbers(texts, vocabulary, length), batch_size=500, verbose=0)[:, 0]
    examples = [
        {"text": text, "label": int(label), "probability": round(float(answer), 6)}
        for text, label, answer in zip(texts, labels, answers, strict=True)
    ]
    folder = Path(os.environ.get("COURSE_MODELS") or tempfile.mkdtemp())
    path = folder / f"{model.name}.js"
    path.write_bytes(script)
    answered = json.dumps({"sha256": digest, "examples": examples}, ensure_ascii=False, indent=1)
    path.with_suffix(".json").write_text(answered + "\n", encoding="utf-8")
    return path, digest
