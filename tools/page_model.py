"""Turn a trained model into what a page can run: one that judges a text, or one that writes it.

A lesson leaves two files in ``$COURSE_MODELS``: ``NAME.keras`` (``model.save``), and ``NAME.json``
with the "vocabulary" (a string) and, for a judge, some "texts" and their "labels", for a writer
some "contexts". `make record` keeps two others in ``book/_static/models``:

``NAME.js``, a classic script, so that it also loads from ``file://``: it gives ``window.NAME``, in
capitals, the "vocabulary", the "arrays" with name, shape and scale, and their "weights", base64 of
signed bytes, array after array and row by row: a weight is byte * scale.

- A judge is ``Embedding - Conv1D - GlobalMaxPooling1D - Dense``, run by review.js. It has the
  "length" of what it reads: of a longer text (in NFC) the last characters, zeros before a shorter
  one. The i-th character of the vocabulary has the number i + 2, 1 is an unknown one.
- A writer is ``Embedding - GRU - Dense - Dense``, run by writer.js. The numbers begin at "first": 2
  is the end of a text, which also stands before its beginning. The bias is of the input and of the
  state (``reset_after``), the gates are in Keras' order: z, r, h.

``NAME.examples.json``: the sha256 of the script, and Keras' own answers, a judge's probabilities or
some of a writer's logits. Rounding to bytes moves a probability by some thousandths; a lesson that
rounds its weights itself (``np.round(w / scale) * scale``, scale = greatest absolute weight of the
array / 127) before it measures them has on the page the very model that it speaks of.
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


def scripts(root: Path) -> dict[str, str]:
    """The models that the pages of a checkout run: name of the script -> its sha256."""
    files = sorted((root / MODELS).glob("*.js"))
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


def read(found: dict[str, str], code: str) -> dict[str, str]:
    """Those of :func:`scripts` that the code of a lesson names: another lesson left them."""
    return {name: digest for name, digest in found.items() if f"models/{name}" in code}


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
