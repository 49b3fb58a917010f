"""만져 보기: its scripts compute what Keras and NumPy do, and a reader can press everything."""

import ast
import base64
import hashlib
import json
import os
import re
import subprocess
import sys
from collections import Counter

import numpy as np
import pytest
import touch
from playwright.sync_api import expect
from sklearn.datasets import make_moons
from test_browser import PHONE, TOO_WIDE
from touch import call

from tools import page_model, word_space
from tools.lessons import COURSE, ROOT
from tools.page_model import MODELS

PAGE = "book/touch.html"
PIECES = re.findall(r"(?m)^```{touch} (\w+)", touch.HOME.read_text("utf-8"))


@pytest.fixture(scope="module")
def rng():
    return np.random.default_rng(0)


@pytest.fixture(scope="module")
def keras():
    import keras  # seconds, which the tests of the page need not wait for

    return keras


def stream(number):
    """What the cells of a recorded lesson printed."""
    outputs = [o for cell in COURSE.find(number).cells for o in cell.get("outputs", [])]
    return "".join(output.text for output in outputs if output.output_type == "stream")


def close(ours, theirs):
    np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-6)


@pytest.fixture(scope="module")
def lesson_00():
    """The points of lesson 00 and the functions that its cells write out."""
    X, y = make_moons(300, noise=0.2, random_state=0)
    names = {"np": np, "X": X - X.mean(axis=0), "y": y}
    for cell in COURSE.find("00").cells:
        if cell.cell_type == "code":
            functions = [s for s in ast.parse(cell.source).body if isinstance(s, ast.FunctionDef)]
            exec("\n".join(map(ast.unparse, functions)), names)
    return names


@pytest.fixture(scope="module")
def moons():
    return call("moons")


# --- The numbers ---------------------------------------------------------------------------------


def test_moons_are_those_of_the_lesson(lesson_00, moons):
    np.testing.assert_allclose(moons["X"], lesson_00["X"], atol=0.51e-4)
    assert moons["y"] == lesson_00["y"].tolist()


def as_list(weights):
    return [np.array(weights[name]) for name in ("W1", "b1", "W2", "b2")]


@pytest.mark.parametrize("same", [None, 0.5, 0])
def test_gradients_are_those_of_the_lesson(lesson_00, moons, same):
    X, y = np.array(moons["X"]), np.array(moons["y"])
    weights = call("newWeights", 8, same, 5)
    for _ in range(3):
        ours = call("gradients", weights, moons["X"], moons["y"])
        theirs = lesson_00["backward"](X, y, as_list(weights))
        for a, b in zip(as_list(ours), theirs, strict=True):
            assert a.shape == b.shape
            np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-12)
        P = lesson_00["forward"](X, as_list(weights))[1]
        score = call("score", weights, moons)
        close(score["loss"], lesson_00["cross_entropy"](P, y))
        assert same is not None or score["right"] == lesson_00["accuracy"](P, y)
        weights = call("trained", weights, moons, 0.3, 30, 40)


def test_training_is_that_of_keras(keras, moons):
    weights = call("newWeights", 8, None, 1)
    assert np.std(weights["W1"]) > 0.2
    hidden, output = keras.layers.Dense(8, "relu"), keras.layers.Dense(2, "softmax")
    model = keras.Sequential([keras.Input((2,)), hidden, output])
    model.set_weights(as_list(weights))
    model.compile(keras.optimizers.SGD(0.3), "sparse_categorical_crossentropy")
    X, y = np.array(moons["X"]), np.array(moons["y"])
    model.fit(X, y, batch_size=30, epochs=5, shuffle=False, verbose=0)
    ours = call("trained", call("trained", weights, moons, 0.3, 30, 13), moons, 0.3, 30, 37, 13)
    for a, b in zip(as_list(ours), model.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, atol=1e-4)


@pytest.mark.parametrize("way", ["sgd", "rmsprop", "adam"])
def test_walks_are_those_of_the_lesson(lesson_00, moons, way):
    for stretch, rate in ((1, 0.3), (5, 0.1)):
        wide = call("stretched", moons, stretch)
        X = np.array(wide["X"])
        theirs = lesson_00["descend" if way == "sgd" else way](X, [0.5, 1.0], rate, 20)
        close(call("walk", way, wide, [0.5, 1.0], rate, 20), theirs)
        close(call("unitLoss", wide, [0.5, 1.0]), lesson_00["unit_loss"](X, [0.5, 1.0]))
    along = np.array(call("walk", way, moons, [0, 1], 0.3, 5, [0, 1]))
    assert not along[:, 0].any() and along[-1, 1] < 1, "one weight alone"


def test_a_contour_is_where_the_level_is():
    middles = np.linspace(-0.95, 0.95, 20)
    ring = [[x * x + y * y for x in middles] for y in middles]
    path = re.findall(r"[\d.]+", call("contour", ring, 0.5, 200, 200))
    points = np.array(path, dtype=float).reshape(-1, 2) / 100 - 1
    assert len(points) > 40
    np.testing.assert_allclose(np.hypot(*points.T), np.sqrt(0.5), atol=0.01)


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


def test_a_review_is_read_in_hundredths_and_its_turns_are_found():
    steps = call("reading", {"words": "not a good film", "curve": [0.414, 0.406, 0.9, 0.349]})
    assert [step["word"] for step in steps] == ["not", "a", "good", "film"]
    assert [step["chance"] for step in steps] == [0.41, 0.41, 0.9, 0.35]
    close([step["change"] for step in steps], [0, 0, 0.49, -0.55])
    assert call("turns", steps, 3) == [3, 2, 0], "the greatest first, of equals the earlier"
    assert [call("moved", change) for change in (0.5, -0.5, 0, -0.001)] == [
        *("+0.50", "−0.50", "0.00", "0.00")
    ]


def test_the_reviews_are_those_that_the_lesson_draws():
    good, bad, turning = touch.at_home("reading")["reviews"]
    for review in (good, bad, turning):
        assert len(review["words"].split()) == len(review["curve"])
    assert sorted(good["words"].split()) == sorted(bad["words"].split()) and good != bad
    values = COURSE.find("05").values
    assert good["curve"][-1] == values["good_end"] and bad["curve"][-1] == values["bad_end"]


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


def recorded(name):
    """A model's examples, of which there are many."""
    file = ROOT / MODELS / f"{name}.js"
    kept = json.loads(file.with_suffix(".examples.json").read_text("utf-8"))
    assert kept["sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()
    assert len(kept["examples"]) >= 200
    return kept["examples"]


def test_reviews_are_judged_as_keras_did_and_shares_are_what_hiding_a_letter_does(keras):
    """Of 200 reviews, each letter hidden in turn, by the very weights that the page loads."""
    examples = recorded("nsmc_conv1d")
    texts = [example["text"] for example in examples]
    raw = json.loads((ROOT / MODELS / "nsmc_conv1d.js").read_text("utf-8").split(" = ", 1)[1][:-2])
    packed, arrays = np.frombuffer(base64.b64decode(raw["weights"]), "int8"), []
    for array in raw["arrays"]:
        size = np.prod(array["shape"])
        arrays.append(packed[:size].reshape(array["shape"]) * array["scale"])
        packed = packed[size:]
    table, kernel, bias, dense, dense_bias = arrays
    convolve = keras.layers.Conv1D(kernel.shape[-1], len(kernel), activation="relu")
    convolve.build((None, raw["length"], table.shape[1]))
    convolve.set_weights([kernel, bias])

    def odds(rows):
        found = convolve(table[rows].astype("float32"))
        return np.asarray(keras.ops.max(found, axis=1)) @ dense + dense_bias

    for row, one, example in zip(
        page_model.numbers(texts, raw["vocabulary"], raw["length"]),
        call("judgeAll", "nsmc_conv1d", texts),
        examples,
        strict=True,
    ):
        assert abs(one["probability"] - example["probability"]) < 1e-3
        hidden = np.repeat(row[None], len(one["shares"]), axis=0)
        np.fill_diagonal(hidden[:, len(row) - len(hidden) :], 1)
        moved = odds(row[None]) - odds(hidden)
        np.testing.assert_allclose(one["shares"], moved, atol=1e-4, err_msg=example["text"])


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
    found = re.findall(r"(\w+) − (\w+) \+ (\w+): (\w+) .*?\(빼지 않으면 (\w+)\)", stream("07"))
    assert len(found) >= 3
    given = {"word": "king", "sums": [sum_[:3] for sum_ in found]}
    for (*_, without, within), row in zip(found, call("tables.words", given)[2:], strict=True):
        assert [answer.split(", ")[0] for answer in row[1:]] == [without, within]


def test_the_plain_tables_say_what_the_pieces_compute():
    tables = {name: call(f"tables.{name}", touch.at_home(name)) for name in PIECES}
    for name, (head, *rows) in tables.items():
        assert rows and {len(row) for row in rows} == {len(head)}, name
    found = [[row[0] for row in tables["conv"][1:] if row[k] != "0.0"] for k in (1, 2, 3)]
    assert found == [["재미 없다"], ["재미 있다"], ["재미 있다", "재미 없다"]]
    losses = {row[0]: [float(loss) for loss in row[1::2]] for row in tables["network"][1:]}
    assert losses[100][0] < 0.1 < 0.2 < losses[100][1] < 0.6 < losses[100][2], (
        "equal units learn less"
    )
    # Lesson 00 prints: 학습률 0.3: 손실 0.931 → 0.885 … 0.458
    printed = stream("00")
    assert f"손실 {tables['descent'][1][1]} →" in printed
    for rate, second in zip((0.3, 3, 40), tables["descent"][2][1:], strict=True):
        assert re.search(rf"학습률 +{rate}: 손실 0.931 → {second}", printed)


def test_the_recorded_writer_continues_as_keras_did():
    examples = recorded("nsmc_writer")
    texts, codes = ([example[name] for example in examples] for name in ("text", "codes"))
    theirs = [example["logits"] for example in examples]
    np.testing.assert_allclose(call("continueAll", "nsmc_writer", texts, codes), theirs, atol=1e-3)


def test_what_follows_is_a_distribution_that_a_temperature_sharpens():
    logits = [9.0, 9.0, 1.0, 2.0, 0.5, 1.5]
    plain = np.array(call("following", logits, 1))
    shares = np.exp(logits[2:]) / np.exp(logits[2:]).sum()
    assert plain[:2].tolist() == [0, 0], "neither padding nor an unknown syllable"
    close(plain[2:], shares)
    close(call("following", logits, 0.5)[2:], shares**2 / (shares**2).sum())
    best = np.array(call("following", logits, 1, 2))
    assert np.flatnonzero(best).tolist() == [3, 5] and np.isclose(best.sum(), 1)


def test_the_same_dice_write_the_same_review():
    given = touch.at_home("writer") | {"starts": ["이 영화"]}
    rows = call("tables.writer", given)
    assert rows == call("tables.writer", given)
    for start, _, text in rows[1:]:
        assert text.startswith(start) and len(text) <= 140


def test_slurs_are_veiled_by_one_list():
    assert call("veil", "이 병신 같은 영화") == "이 ○○ 같은 영화"
    [cell] = [c.source for c in COURSE.find("14").cells if "RUDE = re.compile" in c.source]
    calls = [node for node in ast.walk(ast.parse(cell)) if isinstance(node, ast.Call)]
    [rude] = [node for node in calls if ast.unparse(node.func) == "re.compile"]
    script = (touch.STATIC / "touch" / "writer.js").read_text("utf-8")
    assert rude.args[0].value == re.search(r"const RUDE = /(.+)/g;", script)[1]


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
    page = open_page(f"{site}/{PAGE}", java_script_enabled=False)
    for name in PIECES:
        expect(page.locator(f"[data-touch={name}] table td").first).to_be_visible()
    assert page.locator(".touch input").count() == 0
    paper = open_page(f"{site}/{PAGE}")
    for medium, shown in (("screen", False), ("print", True)):
        paper.emulate_media(media=medium)
        for name in PIECES:
            table = paper.locator(f"[data-touch={name}] .touch-plain table").first
            assert table.is_visible() == shown, (name, medium)
            assert paper.locator(f"[data-touch={name}] .touch-stage").is_visible() != shown


def test_everything_can_be_pressed(open_page):
    page = open_page(PAGE, PHONE, "dark")
    page.add_style_tag(content="* { transition: none !important }")
    for name in PIECES:
        piece = page.locator(f"[data-touch={name}]")
        said = piece.locator(".touch-said").first
        if name in ("review", "words", "writer"):
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
        assert len(heard) > 3, (name, heard)
        assert not [text for text in heard if re.search("NaN|undefined|Infinity", text)], heard
        picture = piece.locator("svg.touch-picture")
        for drawn in picture.all():
            assert re.search("[가-힣]", drawn.get_attribute("aria-label"))
            sizes = drawn.locator("text").evaluate_all(
                "all => all.map(t => parseFloat(getComputedStyle(t).fontSize))"
            )
            assert min(sizes, default=11) >= 11
    assert not page.evaluate(TOO_WIDE), page.evaluate(TOO_WIDE)


def test_a_query_and_a_start_are_pulled_by_hand(open_page):
    """What a finger would do is asked of the event: a busy browser scrolls before it knows."""
    page = open_page(PAGE, PHONE, has_touch=True)
    stopped = """(place) => {
      const event = new TouchEvent("touchstart", { bubbles: true, cancelable: true });
      place.dispatchEvent(event);
      return event.defaultPrevented;
    }"""
    for name, slider in (("attention", "질의의 길이"), ("descent", "출발하는 w₂")):
        piece = page.locator(f"[data-touch={name}]")
        said, handle = piece.locator(".touch-said"), piece.locator(".touch-handle")
        if name == "descent":
            piece.get_by_label("손실").select_option("1")
        assert handle.evaluate(stopped), "the picture is pulled, not the page"
        beside = handle.evaluate_handle("(handle) => handle.closest('svg')")
        assert not beside.evaluate(stopped), "beside the handle a finger scrolls"
        handle.scroll_into_view_if_needed()
        page.evaluate("scrollBy({top: 150, behavior: 'instant'})")
        before = said.inner_text(), piece.get_by_label(slider).input_value()
        box = handle.bounding_box()
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x - 20, y + 60, steps=8)
        page.mouse.up()
        expect(said).not_to_have_text(before[0])
        assert piece.get_by_label(slider).input_value() != before[1], "for the keyboard, too"
        after = handle.bounding_box()
        assert abs(after["y"] - box["y"] - 60) < 12, "it lies where it was let go"


def test_steps_play_by_themselves_and_stop(open_page):
    page = open_page()
    page.clock.install()
    page.goto(PAGE)
    for name, last in (
        ("lstm", "시점 8."),
        ("reading", "다 읽은 답은"),
        ("conv", "창 7:"),
        ("bpe", "더 없습니다"),
        ("descent", "40걸음."),
    ):
        piece = page.locator(f"[data-touch={name}]")
        play = piece.locator(".touch-play")
        play.click()
        expect(play).to_have_text("멈춤")
        page.clock.run_for(45_000)
        expect(piece.locator(".touch-said")).to_contain_text(last)
        expect(play).to_have_text("재생")

    network = page.locator("[data-touch=network]")
    play, said = network.locator(".touch-play"), network.locator(".touch-said")
    play.click()
    expect(play).to_have_text("멈춤")
    expect(said).to_have_attribute("aria-live", "off")  # not read out sixteen times a second
    page.clock.run_for(6_050)
    play.click()
    told = said.inner_text()
    epochs, steps, loss = re.match(r"(\d+)에폭, ([\d,]+)걸음. 손실 ([\d.]+)", told).groups()
    assert int(epochs) >= 100 and float(loss) < 0.09
    page.clock.run_for(1_000)
    expect(said).to_have_text(told)
    expect(said).to_have_attribute("aria-live", "polite")
    network.get_by_role("button", name="한 걸음").click()
    expect(said).to_contain_text(f"{int(steps.replace(',', '')) + 1:,}걸음")
    network.get_by_role("button", name="처음으로").click()
    expect(said).to_contain_text("0에폭, 0걸음")


def test_arrow_keys_step_for_whoever_is_in_the_piece(open_page):
    page = open_page(PAGE)
    piece = page.locator("[data-touch=lstm]")
    said = piece.locator(".touch-said")

    def press(key, step):
        page.keyboard.press(key)
        expect(said).to_contain_text(f"시점 {step}.")

    page.keyboard.press("ArrowRight")
    expect(said).to_contain_text("시점 1.")  # nobody is in it
    said.click()
    press("ArrowRight", 2)
    press('"', 2)  # is no key of a button
    press("Shift+ArrowRight", 2)
    piece.locator(".touch-play").focus()
    press("ArrowRight", 3)
    press("ArrowLeft", 2)
    piece.get_by_label("입력", exact=True).focus()
    press("ArrowRight", 1)  # another input: from the start
    slider = piece.get_by_label("망각 게이트의 편향")
    before = float(slider.input_value())
    slider.focus()
    press("ArrowRight", 1)
    assert float(slider.input_value()) > before


def test_a_review_is_read_to_where_a_word_turned_it(open_page):
    page = open_page("lessons/05_imdb_lstm.html", PHONE)
    piece = page.locator("[data-touch=reading]")
    said, words = piece.locator(".touch-said"), piece.locator(".touch-words span")
    first = touch.at_home("reading")["reviews"][0]["words"].split()
    assert words.all_inner_texts() == first
    assert piece.locator(".touch-unread").count() == len(first) - 1
    piece.get_by_role("button", name="다음 단어").click()
    expect(said).to_contain_text(f"2번째 단어 ‘{first[1]}’까지 읽고")
    expect(piece.locator("[aria-current=true]")).to_have_text(first[1])
    piece.get_by_text("확률을 가장 크게 움직인 단어").click()
    turn = piece.get_by_role("button", name=re.compile(r"^\d+\. \w+ [+−]")).first
    number, word, change = turn.inner_text().split()
    turn.click()
    expect(said).to_contain_text(f"{number[:-1]}번째 단어 ‘{word}’까지")
    expect(said).to_contain_text(f"이 단어가 움직인 만큼은 {change}입니다")
    assert piece.locator("circle").count() == int(number[:-1]), "drawn up to here"
    piece.get_by_role("button", name="앞 단어").click()
    expect(said).to_contain_text(f"{int(number[:-1]) - 1}번째 단어")
    piece.get_by_label("리뷰", exact=True).select_option("2")
    expect(said).to_contain_text("1번째 단어 ‘i’")


def test_a_pasted_book_does_not_stop_the_reviewer(open_page):
    page = open_page(PAGE)
    piece = page.locator("[data-touch=review]")
    field, said = piece.locator("textarea"), piece.locator(".touch-said")
    piece.scroll_into_view_if_needed()
    expect(said).to_contain_text("확률")
    field.evaluate(
        "e => { e.value = '재미없다 '.repeat(200000) + '끝까지 눈을 뗄 수 없었다';"
        " e.dispatchEvent(new Event('input')); }"
    )
    expect(piece.get_by_text("앞의 1,9")).to_be_visible()
    assert piece.bounding_box()["height"] < 2_000
    assert len(field.input_value()) == 2_000


def test_the_writer_writes_on(open_page):
    """Asked before its model has come, it begins with it."""
    page, held = open_page(size=PHONE), []
    page.route("**/nsmc_writer.js", lambda route: held.append(route))
    page.goto(PAGE)
    piece = page.locator("[data-touch=writer]")
    piece.scroll_into_view_if_needed()
    said, text = piece.locator(".touch-said"), piece.locator(".touch-review")
    piece.get_by_role("button", name="쓰기", exact=True).click()
    expect(said).to_contain_text("읽고 있습니다")
    page.wait_for_timeout(300)  # the clock of what plays ticks meanwhile
    held[0].continue_()
    expect(said).to_contain_text("확률")
    assert piece.locator(".touch-bars li").count() == 8
    before = text.inner_text()
    piece.get_by_role("button", name="한 음절 쓰기").click()
    expect(text).not_to_have_text(before)
    assert text.inner_text().startswith("이 영화")
    piece.get_by_role("button", name="끝까지").click()
    expect(said).to_contain_text("다 썼습니다")
    piece.get_by_label("첫머리", exact=True).fill("배우")
    expect(text).to_contain_text("배우")
