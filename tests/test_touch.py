"""만져 보기: its scripts compute what Keras and NumPy do, and a reader can press everything."""

import base64
import hashlib
import json
import os
import re
import subprocess
import sys
import unicodedata
from collections import Counter

import numpy as np
import pytest
import touch
from playwright.sync_api import expect
from screen import BROWSER
from test_browser import PHONE, TOO_WIDE
from touch import call

from tools import word_space
from tools.lessons import COURSE, ROOT
from tools.page_model import MODELS

in_browser = pytest.mark.skipif(BROWSER is None, reason="no Chromium or Chrome on this machine")

PAGE = "book/touch.html"
PIECES = ["review", "powers", "lstm", "softmax", "attention", "conv", "bpe", "words"]


@pytest.fixture(scope="module")
def rng():
    return np.random.default_rng(0)


@pytest.fixture(scope="module")
def keras():
    import keras  # seconds, which the tests of the page need not wait for

    return keras


def close(ours, theirs):
    np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-6)


# --- The numbers ---------------------------------------------------------------------------------


@pytest.mark.parametrize("rate", [0.5, 0.7, 1.0, 1.05])
def test_powers(rate):
    close(call("powers", rate, 110), np.cumprod([1.0, *[rate] * 110]))


def test_softmax(rng, keras):
    for temperature in (0.1, 1.0, 5.0):
        scores = rng.normal(size=5) * 3
        ours = call("softmax", scores.tolist(), temperature)
        close(ours, keras.ops.softmax(scores / temperature))


def test_lstm_is_that_of_keras(rng, keras):
    for _ in range(3):
        W, U, b = rng.normal(size=(3, 4))
        xs = rng.normal(size=8)
        layer = keras.layers.LSTM(1, return_sequences=True)
        layer.build((1, 8, 1))
        layer.set_weights([W[None], U[None], b])
        given = {"W": W.tolist(), "U": U.tolist(), "b": b.tolist()}
        ours = call("lstm", given, xs.tolist())
        close([step["h"] for step in ours], np.array(layer(xs[None, :, None]))[0, :, 0])
        close([step["x"] for step in ours], xs)
        # The cell is what h and the output gate say it is; the others make it step by step.
        close([step["o"] * np.tanh(step["c"]) for step in ours], [step["h"] for step in ours])
        last = np.array([0.0, *[step["c"] for step in ours[:-1]]])
        i, f, g, c = (np.array([step[name] for step in ours]) for name in "ifgc")
        close(f * last + i * g, c)


@pytest.mark.parametrize("scaled", [True, False])
def test_attention_is_that_of_keras(rng, keras, scaled):
    query, keys = rng.normal(size=2), rng.normal(size=(5, 2))
    for hidden in ([False] * 5, [False, True, False, False, True]):
        options = {"scaled": scaled, "hidden": hidden}
        ours = call("attention", query.tolist(), keys.tolist(), options)
        divisor = np.sqrt(2) if scaled else 1
        mask = [None, ~np.array(hidden)[None]]
        layer = keras.layers.Attention()
        seen, weights = layer(
            [query[None, None] / divisor, keys[None]], mask=mask, return_attention_scores=True
        )
        close(ours["context"], np.array(seen)[0, 0])
        close(ours["weights"], np.array(weights)[0, 0])


@pytest.mark.parametrize("padding", ["valid", "same", "causal"])
@pytest.mark.parametrize(("dilation", "width"), [(1, 2), (2, 3)])
def test_convolution_is_that_of_keras(rng, keras, padding, dilation, width):
    rows, kernel, bias = rng.normal(size=(8, 3)), rng.normal(size=(width, 3)), rng.normal()
    layer = keras.layers.Conv1D(1, width, padding=padding, dilation_rate=dilation)
    layer.build((1, 8, 3))
    layer.set_weights([kernel[..., None], np.array([bias])])
    options = {"padding": padding, "dilation": dilation}
    ours = call("conv1d", rows.tolist(), kernel.tolist(), bias, options)
    close(ours, np.array(layer(rows[None]))[0, :, 0])


def best_pair(words):
    """The most frequent neighbours, of equals the ones met first, and how often they are."""
    pairs = Counter()
    for pieces, count in words:
        for pair in zip(pieces, pieces[1:], strict=False):
            pairs[pair] += count
    return pairs.most_common(1)[0] if pairs else (None, 0)


def test_byte_pairs(rng):
    for _ in range(20):
        letters = list("가나다라")
        corpus = [
            ["".join(rng.choice(letters, rng.integers(1, 7))), int(rng.integers(1, 6))]
            for _ in range(8)
        ]
        ours = call("bpe", corpus, 12)
        words = [(list(word), count) for word, count in corpus]
        for left, right, count in ours["merges"]:
            assert best_pair(words) == ((left, right), count)
            words = [(call("bpeMerge", pieces, [left, right]), n) for pieces, n in words]
        assert len(ours["merges"]) == 12 or best_pair(words)[1] < 2
        for (word, _), (pieces, _) in zip(corpus, ours["words"], strict=True):
            assert "".join(pieces) == word
            assert call("bpeSplit", word, ours["merges"]) == pieces, "split as in training"
    assert call("bpeMerge", list("가가가"), ["가", "가"]) == ["가가", "가"]


@pytest.fixture(scope="module")
def answers():
    """What the scripts and Keras say of each of the recorded reviews."""
    file = ROOT / MODELS / "nsmc_conv1d.js"
    kept = json.loads(file.with_suffix(".examples.json").read_text("utf-8"))
    assert kept["sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()
    ours = call("judgeAll", "nsmc_conv1d", [example["text"] for example in kept["examples"]])
    return list(zip(kept["examples"], ours, strict=True))


def test_reviews_are_judged_as_keras_did(answers):
    assert len(answers) >= 200
    far = [abs(one["probability"] - ours["probability"]) for one, ours in answers]
    assert max(far) < 1e-3


def test_the_shares_of_the_syllables_are_exact(answers):
    for example, ours in answers:
        assert len(ours["shares"]) == len(ours["kept"])
        close(ours["bias"] + ours["blank"] + sum(ours["shares"]), ours["logit"])
        close(ours["bias"] + sum(one["added"] for one in ours["windows"]), ours["logit"])
        text = "".join([*ours["dropped"], *ours["kept"]])
        assert text == unicodedata.normalize("NFC", example["text"])


def test_the_model_is_right_and_wrong_about_the_examples():
    """Examples to click show both: what it can do, and what misleads it."""
    told = Counter()
    for _, label, probability, answer in call("tables.review", touch.at_home("review"))[1:]:
        right = (float(probability) > 0.5) == (label == "긍정")
        assert answer == ("맞음" if right else "틀림")
        told[right] += 1
    assert min(told[True], told[False]) >= 2, told


def near(units, names, vector, count, without=()):
    order = np.argsort(-(units @ vector), kind="stable")
    return ", ".join([names[row] for row in order if names[row] not in without][:count])


def test_neighbours_and_sums_are_those_of_numpy():
    raw = json.loads(word_space.FILE.read_text("utf-8").split(" = ", 1)[1].rstrip(";\n"))
    names = raw["words"].split()
    small = np.frombuffer(base64.b64decode(raw["vectors"]), "int8").reshape(len(names), -1)
    units = small / np.linalg.norm(small, axis=1, keepdims=True)
    space = call("unpackWords", raw)
    close(space["units"][:50], units[:50])
    places = np.array(space["places"])
    assert places.shape == (len(names), 2) and places.min() == 0 and places.max() == 1
    sums = touch.at_home("words")["sums"]
    for word in ("movie", "king", "good", "seoul"):
        _, row, *rows = call("tables.words", {"word": word, "sums": sums})
        at = {name: units[k] for k, name in enumerate(names)}
        assert row[1:] == [near(units, names, at[word], 5, gone) for gone in ([word], [])]
        for (a, b, c), row in zip(sums, rows, strict=True):
            vector = at[a] - at[b] + at[c]
            assert row[1:] == [near(units, names, vector, 3, gone) for gone in ([a, b, c], [])]


def test_sums_answer_as_the_lesson_recorded():
    """Lesson 07 prints: king − man + woman: queen  (빼지 않으면 king)."""
    printed = "".join(
        output.text
        for cell in COURSE.find("07").cells
        for output in cell.get("outputs", [])
        if output.output_type == "stream"
    )
    found = re.findall(r"(\w+) − (\w+) \+ (\w+): (\w+) .*?\(빼지 않으면 (\w+)\)", printed)
    assert len(found) >= 3
    given = {"word": "king", "sums": [sum_[:3] for sum_ in found]}
    for (*_, without, within), row in zip(found, call("tables.words", given)[2:], strict=True):
        assert [answer.split(", ")[0] for answer in row[1:]] == [without, within]


def test_the_plain_tables_say_what_the_pieces_compute():
    tables = {name: call(f"tables.{name}", touch.at_home(name)) for name in PIECES}
    for name, (head, *rows) in tables.items():
        assert rows and {len(row) for row in rows} == {len(head)}, name
    at = touch.at_home("powers")["at"]
    assert dict(zip(*[tables["powers"][k] for k in (0, 3)], strict=True))["시점 n"] == at
    assert tables["powers"][2][1:] == ["9.8 × 10⁻⁴", "0.0282", "0.349", "0.904", "1", "1.63"]
    lstm = touch.at_home("lstm")
    steps = call("lstm", lstm, lstm["inputs"][0]["x"])
    assert tables["lstm"][-1] == [
        *(len(steps), 0, *(f"{steps[-1][name]:.2f}" for name in "ifgoch"))
    ]
    for name, first in (("softmax", 2), ("attention", 2)):
        for shares in list(zip(*tables[name][1:], strict=True))[first:]:
            assert abs(sum(map(float, shares)) - 1) < 0.03
    found = [[row[0] for row in tables["conv"][1:] if row[k] != "0.0"] for k in (1, 2, 3)]
    assert found == [["재미 없다"], ["재미 있다"], ["재미 있다", "재미 없다"]]
    assert tables["bpe"][1] == [1, "재 + 미", 17]


@pytest.mark.realdata
def test_the_words_are_those_of_glove():
    real = os.environ["COURSE_REAL_DATA"]
    if not real:
        pytest.skip("COURSE_DATA does not name the real data")
    code = (
        "import base64, numpy as np; from coursekit import data; from tools import word_space as w;"
        "glove = data.load_glove(); words = w.chosen(glove);"
        "small = w.rounded(np.stack([glove[word] for word in words]))[1];"
        "text = w.FILE.read_text('utf-8'); assert ' '.join(words) in text;"
        "assert base64.b64encode(small.tobytes()).decode() in text"
    )
    set_up = os.environ | {"COURSE_DATA": real, "PYTHONPATH": f"{ROOT}:{ROOT / 'lessons'}"}
    subprocess.run([sys.executable, "-c", code], env=set_up, check=True, cwd=ROOT)


# --- The page ------------------------------------------------------------------------------------


@in_browser
def test_without_javascript_and_on_paper_the_tables_stand_there(site, open_page):
    page = open_page(java_script_enabled=False)
    page.goto(f"{site}/{PAGE}")
    for name in PIECES:
        expect(page.locator(f"[data-touch={name}] table td").first).to_be_visible()
    assert page.locator(".touch input").count() == 0
    paper = open_page()
    paper.goto(f"{site}/{PAGE}")
    for medium, shown in (("screen", False), ("print", True)):
        paper.emulate_media(media=medium)
        for name in PIECES:
            table = paper.locator(f"[data-touch={name}] .touch-plain table").first
            assert table.is_visible() == shown, (name, medium)
            assert paper.locator(f"[data-touch={name}] .touch-stage").is_visible() != shown


@in_browser
def test_everything_can_be_pressed(book, open_page):
    page = open_page(PHONE, "dark")
    page.goto(f"{book.as_uri()}/{PAGE}")
    page.add_style_tag(content="* { transition: none !important }")
    for name in PIECES:
        piece = page.locator(f"[data-touch={name}]")
        said = piece.locator(".touch-said").first
        if name in ("review", "words"):
            piece.scroll_into_view_if_needed()
            expect(said).to_contain_text(re.compile("확률|유사도"))
        assert re.search("[가-힣]", said.inner_text())
        heard = {said.inner_text()}
        for field in piece.locator("input, select, button, textarea, summary").all():
            kind = field.get_attribute("type") or field.evaluate("e => e.tagName")
            field.focus()  # by the keyboard alone
            if kind == "range":
                for key in ("ArrowRight", "ArrowRight", "Home", "End", "ArrowLeft"):
                    page.keyboard.press(key)
                    heard.add(said.inner_text())
                assert field.get_attribute("aria-valuetext")
            elif kind == "SELECT":
                page.keyboard.press("ArrowDown")
            elif kind == "number":
                page.keyboard.press("ArrowUp")
            elif kind in ("text", "TEXTAREA"):
                before = said.inner_text()
                page.keyboard.type("재미")
                if name == "review":
                    expect(said).not_to_have_text(before)
            else:
                page.keyboard.press("Space")
            heard.add(said.inner_text())
        assert len(heard) > 4, (name, heard)
        assert not [text for text in heard if re.search("NaN|undefined|Infinity", text)], heard
        picture = piece.locator("svg.touch-picture")
        for drawn in picture.all():
            assert re.search("[가-힣]", drawn.get_attribute("aria-label"))
            sizes = drawn.locator("text").evaluate_all(
                "all => all.map(t => parseFloat(getComputedStyle(t).fontSize))"
            )
            assert min(sizes) >= 11
    assert not page.troubles, page.troubles
    assert not page.evaluate(TOO_WIDE), page.evaluate(TOO_WIDE)
