"""만져 보기: its scripts compute what NumPy and Keras do, and a reader can press everything."""

import hashlib
import json
import os
import re
import subprocess
import sys
import unicodedata

import numpy as np
import pytest
import touch_tables
import yaml
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect
from screen import BROWSER, LAPTOP
from test_browser import PHONE, TOO_WIDE

from tools.lessons import COURSE, ROOT
from tools.page_model import MODELS

pytestmark = pytest.mark.skipif(BROWSER is None, reason="no Chromium or Chrome on this machine")

SCRIPTS = ROOT / "book" / "_static" / "touch"
PAGE = "book/touch.html"
TEXT = (ROOT / "book" / "touch.md").read_text("utf-8")
PIECES = ["review", "powers", "lstm", "softmax", "attention", "conv", "bpe", "words"]


@pytest.fixture(scope="module")
def script(browser):
    """A function of the scripts, called from Python: script("softmax", [1, 2], 1)."""
    page = browser.new_page()
    for name in ["core", *PIECES]:
        page.add_script_tag(path=SCRIPTS / f"{name}.js")

    def call(name, *given):
        return page.evaluate(f"given => touch.{name}(...given)", given)

    call.page = page
    yield call
    page.close()


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
def test_powers(script, rate):
    close(script("powers", rate, 110), np.cumprod([1.0, *[rate] * 110]))


def test_softmax(script, rng, keras):
    for temperature in (0.1, 1.0, 5.0):
        scores = rng.normal(size=5) * 3
        ours = script("softmax", scores.tolist(), temperature)
        close(ours, keras.ops.softmax(scores / temperature))
        close(ours, touch_tables.shares(scores, temperature))


def test_lstm_is_that_of_keras(script, rng, keras):
    for _ in range(3):
        W, U, b = rng.normal(size=(3, 4))
        xs = rng.normal(size=8)
        layer = keras.layers.LSTM(1, return_sequences=True)
        layer.build((1, 8, 1))
        layer.set_weights([W[None], U[None], b])
        given = {"W": W.tolist(), "U": U.tolist(), "b": b.tolist()}
        ours = script("lstm", given, xs.tolist())
        close([step["h"] for step in ours], np.array(layer(xs[None, :, None]))[0, :, 0])
        for step, theirs in zip(ours, touch_tables.lstm_steps(W, U, b, xs), strict=True):
            close([step[name] for name in theirs], list(theirs.values()))


@pytest.mark.parametrize("scaled", [True, False])
def test_attention_is_that_of_keras(script, rng, keras, scaled):
    query, keys = rng.normal(size=2), rng.normal(size=(5, 2))
    for hidden in ([False] * 5, [False, True, False, False, True]):
        options = {"scaled": scaled, "hidden": hidden}
        ours = script("attention", query.tolist(), keys.tolist(), options)
        _, weights, context = touch_tables.attend(query, keys, scaled, hidden)
        close(ours["weights"], weights)
        close(ours["context"], context)
        divisor = np.sqrt(2) if scaled else 1
        mask = [None, ~np.array(hidden)[None]]
        layer = keras.layers.Attention()
        seen = layer([query[None, None] / divisor, keys[None]], mask=mask)
        close(ours["context"], np.array(seen)[0, 0])


@pytest.mark.parametrize("padding", ["valid", "same", "causal"])
@pytest.mark.parametrize("dilation", [1, 2])
@pytest.mark.parametrize("width", [2, 3])
def test_convolution_is_that_of_keras(script, rng, keras, padding, dilation, width):
    rows, kernel, bias = rng.normal(size=(8, 3)), rng.normal(size=(width, 3)), rng.normal()
    layer = keras.layers.Conv1D(1, width, padding=padding, dilation_rate=dilation)
    layer.build((1, 8, 3))
    layer.set_weights([kernel[..., None], np.array([bias])])
    options = {"padding": padding, "dilation": dilation}
    ours = script("conv1d", rows.tolist(), kernel.tolist(), bias, options)
    close(ours, np.array(layer(rows[None]))[0, :, 0])
    if padding == "valid" and dilation == 1:
        close(ours, touch_tables.conv1d(rows, kernel, bias))


def test_byte_pairs(script, rng):
    for _ in range(20):
        letters = list("가나다라")
        corpus = [
            ["".join(rng.choice(letters, rng.integers(1, 7))), int(rng.integers(1, 6))]
            for _ in range(8)
        ]
        ours = script("bpe", corpus, 12)
        theirs = touch_tables.bpe_merges(corpus, 12)
        assert ours["merges"] == [list(merge) for merge in theirs]
        for (word, _), (pieces, _) in zip(corpus, ours["words"], strict=True):
            assert "".join(pieces) == word
            assert script("bpeSplit", word, ours["merges"]) == pieces, (
                "a word splits as in training"
            )


@pytest.fixture(scope="module")
def answers(script):
    """What the browser and Keras say of each of the recorded reviews, and the arrays in NumPy."""
    file = ROOT / MODELS / "nsmc_conv1d.js"
    kept = json.loads(file.with_suffix(".examples.json").read_text("utf-8"))
    assert kept["sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()
    script.page.add_script_tag(path=file)
    script.page.evaluate("globalThis.model = touch.unpack(NSMC_CONV1D)")
    judge = "texts => texts.map(text => touch.judge(model, text))"
    ours = script.page.evaluate(judge, [example["text"] for example in kept["examples"]])
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
    given = yaml.safe_load(re.search(r"```{touch} review\n(.*?)```", TEXT, re.S)[1])
    told = [row[-1] for row in touch_tables.review(given)[1:]]
    assert told.count("맞음") >= 2 and told.count("틀림") >= 2, told


@pytest.fixture(scope="module")
def space(script):
    script.page.add_script_tag(path=SCRIPTS / "glove_words.js")

    def call(expression):
        page = "(() => { const space = touch.unpackWords(GLOVE_WORDS); return %s; })()"
        return script.page.evaluate(page % expression)

    return call


def test_neighbours_and_sums_are_those_of_numpy(space):
    names, units = touch_tables.word_space()
    close(space("space.units.slice(0, 50)"), units[:50])
    for word in ("movie", "king", "good", "seoul"):
        ours = space(f"touch.nearest(space, touch.vectorOf(space, '{word}'), 8, ['{word}'])")
        theirs = touch_tables.nearest(units[names.index(word)], 8, [word])
        assert [one["word"] for one in ours] == theirs
    places = np.array(space("space.places"))
    assert places.shape == (len(names), 2) and places.min() == 0 and places.max() == 1


def test_sums_answer_as_the_lesson_recorded(space):
    """Lesson 07 prints: king − man + woman: queen  (빼지 않으면 king)."""
    lesson = COURSE.find("07")
    printed = "".join(
        output.text
        for cell in lesson.cells
        for output in cell.get("outputs", [])
        if output.output_type == "stream"
    )
    found = re.findall(r"(\w+) − (\w+) \+ (\w+): (\w+) .*?\(빼지 않으면 (\w+)\)", printed)
    assert len(found) >= 3
    for a, b, c, without, within in found:
        vector = f"touch.analogy(space, '{a}', '{b}', '{c}')"
        ours = space(f"touch.nearest(space, {vector}, 1, ['{a}', '{b}', '{c}'])[0].word")
        assert ours == without
        assert space(f"touch.nearest(space, {vector}, 1)[0].word") == within


def test_words_of_another_glove_stop_the_build(monkeypatch):
    touch_tables.word_space.cache_clear()
    monkeypatch.setattr(touch_tables.words_file, "digest", lambda: "another")
    with pytest.raises(ValueError, match="made from another GloVe"):
        touch_tables.word_space()


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


def test_a_lesson_has_the_piece_of_that_page(book, open_page):
    """With its values, and with its table where there is no JavaScript."""
    every = "[...document.querySelectorAll('[data-touch]')]"
    given = f"{every}.map(e => [e.dataset.touch, e.dataset.given])"
    page, plain = open_page(), open_page(java_script_enabled=False)
    page.goto(f"{book.as_uri()}/{PAGE}")
    home = dict(page.evaluate(given))
    for name, pieces in (
        ("04_stacked_lstm", ["powers", "lstm"]),
        ("10_conv1d", ["conv", "review"]),
    ):
        page.goto(f"{book.as_uri()}/lessons/{name}.html")
        assert page.evaluate(given) == [[piece, home[piece]] for piece in pieces]
        plain.goto(f"{book.as_uri()}/lessons/{name}.html")
        for piece in pieces:
            expect(page.locator(f"[data-touch={piece}] .touch-stage")).to_be_visible()
            expect(plain.locator(f"[data-touch={piece}] table td").first).to_be_visible()
    page.locator("[data-touch=review]").scroll_into_view_if_needed()
    said = page.locator("[data-touch=review] .touch-said").first
    expect(said).to_contain_text("확률")
    assert not page.troubles, page.troubles


def test_scripts_come_with_their_page_only(book):
    with_pieces = {
        path.relative_to(book).as_posix()
        for path in book.rglob("*.html")
        if "touch/core.js" in path.read_text("utf-8")
    }
    sources = [*(ROOT / "book").glob("*.md"), *(lesson.path for lesson in COURSE.lessons())]
    asking = {path for path in sources if "```{touch}" in path.read_text("utf-8")}
    assert {
        path.relative_to(ROOT).with_suffix(".html").as_posix() for path in asking
    } == with_pieces
    assert PAGE in with_pieces


@pytest.mark.parametrize(("size", "scheme"), [(PHONE, "dark"), (LAPTOP, "light")])
def test_everything_can_be_pressed(book, open_page, size, scheme):
    page = open_page(size, scheme)
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
    options = {"resultTypes": ["violations"], "preload": False}
    found = Axe().run(page, options=options).response["violations"]
    assert not found, [(v["id"], v["nodes"][0]["html"][:150]) for v in found]


def test_the_first_picture_is_the_plain_table(site, open_page):
    """Before anything is moved the scripts show the numbers of the tables."""
    plain, moved = open_page(java_script_enabled=False), open_page()
    plain.goto(f"{site}/{PAGE}")
    moved.goto(f"{site}/{PAGE}")
    rows = plain.locator("[data-touch=lstm] tbody tr").all()
    moved.locator("[data-touch=lstm]").get_by_role("button", name="끝까지").click()
    ours = moved.locator("[data-touch=lstm] .touch-stage tbody tr").all()
    for theirs, row in zip(rows, ours, strict=True):
        told = theirs.locator("td").all_inner_texts()
        shown = [text.replace("−", "-") for text in row.locator("th, td").all_inner_texts()]
        close([float(text) for text in told], [float(text) for text in shown])
    bpe = plain.locator("[data-touch=bpe] tbody tr").first.locator("td").all_inner_texts()
    row = moved.locator("[data-touch=bpe] .touch-stage tbody tr").first
    first = row.locator("th, td").all_inner_texts()
    assert bpe[1:] == first
