"""The appendix on the old Tokenizer: every row of its table, old and new called side by side."""

import re
from collections import Counter

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from tools.lessons import ROOT

legacy = tf.keras.preprocessing.text


# The appendix' own code, which a reader copies.
PAGE = (ROOT / "book" / "old_tokenizer.md").read_text("utf-8")
found = {"keras": keras, "layers": layers, "np": np, "tf": tf}
for block in re.findall(r"(?ms)^```python\n(.*?)^```$", PAGE):
    exec(block, found)
like_tokenizer, same_numbers = found["like_tokenizer"], found["same_numbers"]

docs = [
    "딥러닝 모델은 글을 읽지 못합니다. 숫자만 읽습니다!",
    "글을 숫자로 바꾸면 모델은 글을 읽습니다.",
    "A model reads numbers, not words: don't e-mail 3.14…",
    "Words become NUMBERS, and numbers become tensors.",
]
unseen = [*docs, "모델은 처음 보는 words"]


def tokenize(sentence):
    return like_tokenizer(sentence).numpy().decode().split()


def fitted(texts=docs, **options):
    tokenizer = legacy.Tokenizer(**options)
    tokenizer.fit_on_texts(texts)
    return tokenizer


old, plain = fitted(oov_token="[UNK]"), fitted()


def vectorization(**options):
    return layers.TextVectorization(**{"standardize": like_tokenizer, "ragged": True} | options)


def test_fit_on_texts_is_adapt():
    new = vectorization()
    new.adapt(tf.constant(docs))
    assert set(new.get_vocabulary()[1:]) == set(old.word_index)
    ranked = [old.word_counts[word] for word in new.get_vocabulary()[2:]]
    assert ranked == sorted(ranked, reverse=True)


def test_numbers_and_back():
    new = same_numbers(old)
    vocabulary = new.get_vocabulary()
    assert dict(enumerate(vocabulary)) == {0: "", **old.index_word}
    sequences = new(tf.constant(unseen)).to_list()
    assert sequences == old.texts_to_sequences(unseen)
    back = [" ".join(vocabulary[i] for i in row) for row in sequences]
    assert back == old.sequences_to_texts(sequences)


def test_num_words_is_max_tokens():
    cut = fitted(num_words=5, oov_token="[UNK]")
    assert len(cut.word_index) == len(old.word_index)  # word_index is never cut
    new = vectorization(max_tokens=5, vocabulary=list(old.word_index)[1:4])
    assert new.vocabulary_size() == 5
    assert new(tf.constant(docs)).to_list() == cut.texts_to_sequences(docs)
    drop = fitted(num_words=4)  # without oov_token unknown words are dropped
    kept = [[i - 1 for i in row if i != 1] for row in new(tf.constant(docs)).to_list()]
    assert kept == drop.texts_to_sequences(docs)


MODES = [("binary", "multi_hot"), ("count", "count")]


@pytest.mark.parametrize(("mode", "output_mode"), MODES)
def test_texts_to_matrix(mode, output_mode):
    options = {"output_mode": output_mode, "ragged": False, "vocabulary": list(plain.word_index)}
    new = vectorization(**options)(tf.constant(docs)).numpy()
    assert np.array_equal(new[:, 1:], plain.texts_to_matrix(docs, mode)[:, 1:])


AT_COMMAS = {"standardize": None, "split": lambda line: tf.strings.split(line, ",")}


@pytest.mark.parametrize(
    ("options", "other"),
    [
        ({"char_level": True}, {"standardize": "lower", "split": "character"}),
        ({"split": ",", "filters": ""}, AT_COMMAS),
        ({"analyzer": lambda line: line.split(",")}, AT_COMMAS),
    ],
    ids=["char_level", "split", "analyzer"],
)
def test_characters_split_and_analyzer(options, other):
    lines = ["가,나,다", "나,다,다"]
    tokenizer = fitted(lines, oov_token="[UNK]", **options)
    new = vectorization(**other, vocabulary=list(tokenizer.word_index)[1:])
    assert new(tf.constant(lines)).to_list() == tokenizer.texts_to_sequences(lines)


def test_counts_are_a_counter():
    assert dict(plain.word_counts) == Counter(token for doc in docs for token in tokenize(doc))
    assert dict(plain.word_docs) == Counter(token for doc in docs for token in set(tokenize(doc)))
    assert plain.document_count == len(docs)
    assert legacy.tokenizer_from_json(plain.to_json()).word_index == plain.word_index


def test_sequences_to_matrix():
    sequences, size = plain.texts_to_sequences(docs), len(plain.word_index) + 1
    for mode, output_mode in MODES:
        encode = layers.CategoryEncoding(num_tokens=size, output_mode=output_mode)
        theirs = encode(keras.utils.pad_sequences(sequences, padding="post")).numpy()
        assert np.array_equal(theirs[:, 1:], plain.sequences_to_matrix(sequences, mode)[:, 1:])
    by_sequences = legacy.Tokenizer(num_words=size)
    by_sequences.fit_on_sequences(sequences)
    tfidf = by_sequences.sequences_to_matrix(sequences, "tfidf")
    counts = np.array([np.bincount(row, minlength=size) for row in sequences])
    assert np.allclose(tfidf, found["old_tfidf"](counts))


def test_tokens_are_those_of_text_to_word_sequence():
    marks = ["좋아요 좋아요! 좋아요~ 좋아요…", "CAFÉ café ㅋㅋㅋ ㅠ.ㅠ", "「책」 “책” 책"]
    for line in docs + marks:
        assert tokenize(line) == legacy.text_to_word_sequence(line)


def test_a_saved_model_keeps_its_words(tmp_path):
    model = keras.Sequential([keras.Input(shape=(), dtype="string"), same_numbers(old)])
    model.save(tmp_path / "text.keras")
    again = keras.models.load_model(tmp_path / "text.keras")
    assert again(tf.constant(unseen)).to_list() == old.texts_to_sequences(unseen)


def test_generator_padding_and_hashes():
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
