"""What the pieces of 만져 보기 compute, in NumPy: their plain tables, and the tests' yardstick.

Each piece has a function of its name, from what the page gives it to the lines of a table, the
first of which is the head.
"""

import base64
import json
import unicodedata
from collections import Counter
from functools import cache
from pathlib import Path

import numpy as np

from tools import page_model
from tools import word_space as words_file
from tools.lessons import COURSE

Table = list[list[str]]


def power_of_ten(value: float) -> str:
    """1.8 × 10⁻⁸ for small numbers, as the scripts write them."""
    if value >= 0.001:
        return f"{value:.3g}"
    digits, exponent = f"{value:.1e}".split("e")
    return (
        f"{digits} × 10{str(int(exponent)).translate(str.maketrans('-0123456789', '⁻⁰¹²³⁴⁵⁶⁷⁸⁹'))}"
    )


def powers(given: dict) -> Table:
    rates = (0.5, 0.7, 0.9, 0.99, 1.0, 1.05)
    return [
        ["시점 n", *(f"λ = {rate}" for rate in rates)],
        *(
            [str(n), *(power_of_ten(rate**n) for rate in rates)]
            for n in (1, 10, given["at"], given["steps"])
        ),
    ]


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def lstm_steps(W: list, U: list, b: list, xs: list[float]) -> list[dict]:
    """One unit, its weights in Keras' order: input, forget, candidate, output."""
    h = c = 0.0
    steps = []
    for x in xs:
        z = x * np.array(W) + h * np.array(U) + np.array(b)
        i, f, g, o = sigmoid(z[0]), sigmoid(z[1]), np.tanh(z[2]), sigmoid(z[3])
        c = f * c + i * g
        h = o * np.tanh(c)
        steps.append({"x": x, "i": i, "f": f, "g": g, "o": o, "c": c, "h": h})
    return steps


def lstm(given: dict) -> Table:
    first = given["inputs"][0]["x"]
    steps = lstm_steps(given["W"], given["U"], given["b"], first)
    names = ["i", "f", "g", "o", "c", "h"]
    return [
        ["시점", "x", *names],
        *(
            [str(t), f"{step['x']}", *(f"{step[name]:.2f}" for name in names)]
            for t, step in enumerate(steps, 1)
        ),
    ]


def shares(scores, temperature: float = 1.0):
    raised = np.exp((np.array(scores) - np.max(scores)) / temperature)
    return raised / raised.sum()


def softmax(given: dict) -> Table:
    temperatures = (0.2, 1.0, 5.0)
    columns = [shares(given["scores"], t) for t in temperatures]
    return [
        ["단어", "점수", *(f"T = {t}" for t in temperatures)],
        *(
            [word, f"{score:.1f}", *(f"{column[k]:.3f}" for column in columns)]
            for k, (word, score) in enumerate(zip(given["words"], given["scores"], strict=True))
        ),
    ]


def attend(query, keys, scaled: bool = True, hidden=None):
    """Scores, weights and the mixed vector; the keys are the values too."""
    keys, query = np.array(keys, float), np.array(query, float)
    scores = keys @ query / (np.sqrt(len(query)) if scaled else 1)
    if hidden is not None:
        scores = np.where(hidden, -np.inf, scores)
    weights = shares(scores)
    return scores, weights, weights @ keys


def attention(given: dict) -> Table:
    columns = []
    for question in given["questions"]:
        angle, length = question["query"]
        turn = np.deg2rad(angle)
        columns.append(attend([length * np.cos(turn), length * np.sin(turn)], given["keys"])[1])
    return [
        ["단어", "벡터", *(question["name"] for question in given["questions"])],
        *(
            [word, f"({key[0]}, {key[1]})", *(f"{column[k]:.2f}" for column in columns)]
            for k, (word, key) in enumerate(zip(given["words"], given["keys"], strict=True))
        ),
    ]


def conv1d(rows, kernel, bias: float) -> list[float]:
    """The scores before ReLU, without padding."""
    rows, kernel = np.array(rows, float), np.array(kernel, float)
    width = len(kernel)
    starts = range(len(rows) - width + 1)
    return [float((rows[t : t + width] * kernel).sum() + bias) for t in starts]


def conv(given: dict) -> Table:
    words, features = given["words"], given["features"]
    rows = [[float(name == word) for name in features] for word in words]
    columns = [conv1d(rows, f["kernel"], f["bias"]) for f in given["filters"]]
    return [
        ["창", *(f"{f['name']} (ReLU 뒤)" for f in given["filters"])],
        *(
            [f"{words[t]} {words[t + 1]}", *(f"{max(0.0, column[t]):.1f}" for column in columns)]
            for t in range(len(words) - 1)
        ),
    ]


def bpe_merges(corpus: list, steps: int) -> list[tuple[str, str, int]]:
    """The pairs that are joined, the most frequent first, with how often each stood there.

    Of equals the one that is met first; a pair seen once is joined no more.
    """
    words = [(list(word), count) for word, count in corpus]
    merges = []
    while len(merges) < steps:
        pairs = Counter()
        for pieces, count in words:
            for pair in zip(pieces, pieces[1:], strict=False):
                pairs[pair] += count
        if not pairs or (best := pairs.most_common(1)[0])[1] < 2:
            break
        (left, right), count = best
        merges.append((left, right, count))
        for pieces, _ in words:
            for k in range(len(pieces) - 1):
                if pieces[k : k + 2] == [left, right]:
                    pieces[k : k + 2] = [left + right]
    return merges


def bpe(given: dict) -> Table:
    merges = bpe_merges(given["corpus"], 10)
    return [
        ["차례", "합치는 짝", "횟수"],
        *([str(k), f"{left} + {right}", str(n)] for k, (left, right, n) in enumerate(merges, 1)),
    ]


@cache
def word_space() -> tuple[list[str], np.ndarray]:
    """GloVe's words that the page carries, and their vectors of length 1."""
    said = json.loads(words_file.FILE.read_text("utf-8").split(" = ", 1)[1].rstrip(";\n"))
    if said["source"] != words_file.digest():
        raise ValueError(f"{words_file.FILE}: made from another GloVe, run tools.word_space")
    small = np.frombuffer(base64.b64decode(said["vectors"]), "int8").reshape(-1, said["size"])
    return said["words"].split(), small / np.linalg.norm(small, axis=1, keepdims=True)


def nearest(vector, count: int, without=()) -> list[str]:
    """The words of the page whose vectors point the way of ``vector`` most."""
    names, units = word_space()
    order = np.argsort(-(units @ vector), kind="stable")
    return [names[row] for row in order if names[row] not in without][:count]


def words(given: dict) -> Table:
    names, units = word_space()
    at = {word: units[row] for row, word in enumerate(names)}
    lines = [["물음", "가까운 단어", "물은 단어도 넣으면"]]
    word = given["word"]
    lines.append([word, ", ".join(nearest(at[word], 5, [word])), ", ".join(nearest(at[word], 5))])
    for a, b, c in given["sums"]:
        vector = at[a] - at[b] + at[c]
        answers = nearest(vector, 3, [a, b, c]), nearest(vector, 3)
        lines.append([f"{a} − {b} + {c}", *(", ".join(answer) for answer in answers)])
    return lines


@cache
def model(path: Path) -> tuple[dict, dict]:
    """A model that coursekit.browser left: what it says of itself, and its arrays."""
    if not path.exists():
        raise FileNotFoundError(f"{path}: record the lesson that leaves this model")
    said = json.loads(path.read_text("utf-8").split(" = ", 1)[1].rstrip(";\n"))
    weights, arrays, at = np.frombuffer(base64.b64decode(said["weights"]), "int8"), {}, 0
    for array in said["arrays"]:
        size = int(np.prod(array["shape"]))
        values = weights[at : at + size].reshape(array["shape"])
        arrays[array["name"]], at = values * array["scale"], at + size
    return said, arrays


def positive(said: dict, arrays: dict, text: str) -> float:
    """The probability that the text is positive."""
    codes = {character: i + 2 for i, character in enumerate(said["vocabulary"])}
    row = [codes.get(character, 1) for character in unicodedata.normalize("NFC", text)]
    row = row[-said["length"] :]
    x = arrays["embedding"][[0] * (said["length"] - len(row)) + row]
    kernel = arrays["kernel"]
    places = len(x) - len(kernel) + 1
    scores = sum(x[k : k + places] @ kernel[k] for k in range(len(kernel))) + arrays["bias"]
    logit = np.maximum(scores, 0).max(axis=0) @ arrays["dense"] + arrays["dense_bias"][0]
    return float(sigmoid(logit))


def review(given: dict) -> Table:
    read = model(COURSE.root / page_model.MODELS / f"{given['model']}.js")
    rows = []
    for example in given["examples"]:
        probability = positive(*read, example["text"])
        right = (probability > 0.5) == bool(example["label"])
        label = "긍정" if example["label"] else "부정"
        rows.append([example["text"], label, f"{probability:.3f}", "맞음" if right else "틀림"])
    return [["리뷰", "정답", "긍정일 확률", "모델의 답"], *rows]
