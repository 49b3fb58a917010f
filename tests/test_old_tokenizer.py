"""The appendix on the old Tokenizer: every row of its table, old and new called side by side."""

import ast
import string
from collections import Counter

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from tools import lessons

legacy = tf.keras.preprocessing.text


def of_the_lesson(*names):
    """The functions and constants of lesson 02 that the appendix speaks of."""
    found = {"keras": keras, "np": np, "tf": tf, "string": string}
    for cell in lessons.read(lessons.COURSE.folder / "02_text_to_tensors.ipynb").cells:
        for node in ast.parse(cell.source).body if cell.cell_type == "code" else []:
            named = getattr(node, "name", None) or ast.unparse(getattr(node, "targets", [node])[0])
            if named in names and named not in found:
                exec(compile(ast.Module([node], []), "lesson 02", "exec"), found)
    return [found[name] for name in names]


docs, FILTERS, tokenize = of_the_lesson("docs", "FILTERS", "tokenize")
tokenize.__globals__["FILTERS"] = FILTERS
like_tokenizer, to_matrix = of_the_lesson("like_tokenizer", "to_matrix")
unseen = [*docs, "모델은 처음 보는 words"]


@pytest.fixture
def old():
    tokenizer = legacy.Tokenizer(oov_token="[UNK]")
    tokenizer.fit_on_texts(docs)
    return tokenizer


@pytest.fixture
def words(old):
    return [word for word in old.word_index if word != "[UNK]"]


@pytest.fixture
def plain():
    tokenizer = legacy.Tokenizer()
    tokenizer.fit_on_texts(docs)
    return tokenizer


def vectorization(**options):
    return layers.TextVectorization(**{"standardize": like_tokenizer, "ragged": True} | options)


def test_fit_on_texts_is_adapt(old, words):
    new = vectorization()
    new.adapt(tf.constant(docs))
    assert set(new.get_vocabulary()[2:]) == set(words)
    ranked = [old.word_counts[word] for word in new.get_vocabulary()[2:]]
    assert ranked == sorted(ranked, reverse=True)


def test_numbers_and_back(old, words):
    new = vectorization(vocabulary=words)
    vocabulary = new.get_vocabulary()
    assert dict(enumerate(vocabulary)) == {0: "", **old.index_word}
    sequences = new(tf.constant(unseen)).to_list()
    assert sequences == old.texts_to_sequences(unseen)
    back = [" ".join(vocabulary[i] for i in row) for row in sequences]
    assert back == old.sequences_to_texts(sequences)


def test_num_words_is_max_tokens(old, words):
    cut = legacy.Tokenizer(num_words=5, oov_token="[UNK]")
    cut.fit_on_texts(docs)
    assert len(cut.word_index) == len(old.word_index)  # word_index is never cut
    new = vectorization(max_tokens=5, vocabulary=words[:3])
    assert new.vocabulary_size() == 5
    assert new(tf.constant(docs)).to_list() == cut.texts_to_sequences(docs)
    drop = legacy.Tokenizer(num_words=4)  # without oov_token unknown words are dropped
    drop.fit_on_texts(docs)
    kept = [[i - 1 for i in row if i != 1] for row in new(tf.constant(docs)).to_list()]
    assert kept == drop.texts_to_sequences(docs)


@pytest.mark.parametrize(("mode", "output_mode"), [("binary", "multi_hot"), ("count", "count")])
def test_texts_to_matrix(plain, mode, output_mode):
    options = {"output_mode": output_mode, "ragged": False, "vocabulary": list(plain.word_index)}
    new = vectorization(**options)(tf.constant(docs)).numpy()
    assert np.array_equal(new[:, 1:], plain.texts_to_matrix(docs, mode)[:, 1:])


def test_characters():
    chars = legacy.Tokenizer(char_level=True, oov_token="[UNK]")
    chars.fit_on_texts(docs)
    vocabulary = list(chars.word_index)[1:]
    new = vectorization(standardize="lower", split="character", vocabulary=vocabulary)
    assert new(tf.constant(docs)).to_list() == chars.texts_to_sequences(docs)


@pytest.mark.parametrize(
    ("mark", "options"),
    [(",", {"split": ",", "filters": ""}), ("/", {"analyzer": lambda line: line.split("/")})],
    ids=["split", "analyzer"],
)
def test_split_and_analyzer(mark, options):
    lines = [f"가{mark}나{mark}다", f"나{mark}다{mark}다"]
    tokenizer = legacy.Tokenizer(oov_token="[UNK]", **options)
    tokenizer.fit_on_texts(lines)
    new = vectorization(
        standardize=None,
        split=lambda line: tf.strings.split(line, mark),
        vocabulary=list(tokenizer.word_index)[1:],
    )
    assert new(tf.constant(lines)).to_list() == tokenizer.texts_to_sequences(lines)


def test_counts_are_a_counter(plain):
    assert dict(plain.word_counts) == Counter(token for doc in docs for token in tokenize(doc))
    assert dict(plain.word_docs) == Counter(token for doc in docs for token in set(tokenize(doc)))
    assert plain.document_count == len(docs)
    assert legacy.tokenizer_from_json(plain.to_json()).word_index == plain.word_index


def test_sequences_to_matrix(plain):
    sequences, size = plain.texts_to_sequences(docs), len(plain.word_index) + 1
    for mode, output_mode in (("binary", "multi_hot"), ("count", "count")):
        encode = layers.CategoryEncoding(num_tokens=size, output_mode=output_mode)
        theirs = encode(keras.utils.pad_sequences(sequences, padding="post")).numpy()
        assert np.array_equal(theirs[:, 1:], plain.sequences_to_matrix(sequences, mode)[:, 1:])
    by_sequences = legacy.Tokenizer(num_words=size)
    by_sequences.fit_on_sequences(sequences)
    tfidf = by_sequences.sequences_to_matrix(sequences, "tfidf")
    assert np.allclose(tfidf, to_matrix(sequences, size, "tfidf"))


def test_generator_padding_and_hashes(plain):
    new = vectorization(vocabulary=list(plain.word_index), ragged=False)
    stream = tf.data.Dataset.from_tensor_slices(docs).map(new)
    from_stream = [[int(i) - 1 for i in row] for row in stream]
    assert from_stream == list(plain.texts_to_sequences_generator(docs))
    sequences = plain.texts_to_sequences(docs)
    old_pad = tf.keras.preprocessing.sequence.pad_sequences
    assert np.array_equal(old_pad(sequences, 5), keras.utils.pad_sequences(sequences, 5))
    hashing = layers.Hashing(16, mask_value="")
    assert all(0 < i < 16 for i in legacy.one_hot(docs[0], 16))
    assert all(0 < i < 16 for i in hashing(tf.constant(tokenize(docs[0]))))
