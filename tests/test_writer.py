"""The piece that writes: its logits are Keras', its choices are fair, it opens from a file."""

import ast
import json
import re
import shutil

import keras
import numpy as np
import pytest
import touch
from keras import layers
from node import Program
from playwright.sync_api import expect
from screen import BROWSER, LAPTOP
from test_browser import PHONE, TOO_WIDE

from tools import page_model
from tools.lessons import COURSE, ROOT

TOUCH = ROOT / "book" / "_static" / "touch"
GIVEN = {"model": "small_writer", "starts": ["이 영화", "솔직히"], "temperatures": [0.5, 1.0]}
LETTERS = "이영화솔직히재미있었다 .!배우연기"
VOCABULARY = "".join(dict.fromkeys(LETTERS))


def writer() -> keras.Model:
    keras.utils.set_random_seed(0)
    size = len(VOCABULARY) + page_model.FIRST
    x = keras.Input((None,), dtype="int32")
    h = layers.Embedding(size, 6, embeddings_initializer="glorot_normal")(x)
    h = layers.GRU(9, return_sequences=True, bias_initializer="glorot_normal")(h)
    h = layers.Dense(5, bias_initializer="ones")(h)
    return keras.Model(x, layers.Dense(size, kernel_initializer="he_normal")(h))


def contexts(count: int) -> list[str]:
    rng = np.random.default_rng(0)
    return ["".join(rng.choice(list(VOCABULARY + "뷁"), rng.integers(0, 30))) for _ in range(count)]


@pytest.fixture(scope="module")
def model():
    """A writer whose weights are those of its bytes."""
    made = writer()
    for weight in made.weights:
        scale = np.abs(weight).max() / 127 or 1.0
        weight.assign(np.round(weight / scale) * scale)
    return made


@pytest.fixture(scope="module")
def folder(model, tmp_path_factory):
    """What a page needs: the scripts in touch/, the model in models/."""
    root = tmp_path_factory.mktemp("page")
    left = root / "left"
    left.mkdir()
    model.save(left / "small_writer.keras")
    beside = {"vocabulary": VOCABULARY, "contexts": contexts(200)}
    (left / "small_writer.json").write_text(json.dumps(beside), encoding="utf-8")
    page_model.keep(left, root / "models")
    shutil.copytree(TOUCH, root / "touch")
    return root


@pytest.fixture(scope="module")
def ask(folder):
    files = [TOUCH / "core.js", TOUCH / "review.js", TOUCH / "writer.js"]
    files += [folder / "models" / "small_writer.js", touch.TABLES]
    program = Program(touch.SCRIPT, *map(str, files))
    return lambda name, *given: program.ask({"name": name, "given": given})


def test_its_logits_are_those_of_keras(model, ask, folder):
    texts = contexts(200)
    number = {letter: code for code, letter in enumerate(VOCABULARY, start=page_model.FIRST)}
    rows = [
        [page_model.END, *(number.get(letter, page_model.UNKNOWN) for letter in text)]
        for text in texts
    ]
    answers = model.predict_on_batch(keras.utils.pad_sequences(rows, padding="post"))
    theirs = [answer[len(row) - 1] for row, answer in zip(rows, answers, strict=True)]
    assert np.abs(np.array(ask("continueAll", "small_writer", texts)) - theirs).max() < 1e-3
    kept = json.loads((folder / "models" / "small_writer.examples.json").read_text("utf-8"))
    check_examples(ask, "small_writer", kept["examples"])


def check_examples(ask, name, examples):
    codes = [example["codes"] for example in examples]
    ours = ask("continueAll", name, [example["text"] for example in examples], codes)
    theirs = [example["logits"] for example in examples]
    assert len(examples) >= 200 and np.abs(np.array(ours) - theirs).max() < 1e-3


def test_the_recorded_writer_continues_as_keras_did():
    file = ROOT / page_model.MODELS / "nsmc_writer.examples.json"
    check_examples(touch.call, "nsmc_writer", json.loads(file.read_text("utf-8"))["examples"])


def test_what_follows_is_a_distribution_that_a_temperature_sharpens(ask):
    logits = [9.0, 9.0, 1.0, 2.0, 0.5, 1.5]
    plain = np.array(ask("following", logits, 1))
    shares = np.exp(logits[2:]) / np.exp(logits[2:]).sum()
    assert plain[:2].tolist() == [0, 0], "neither padding nor an unknown syllable"
    assert np.allclose(plain[2:], shares)
    cold = np.array(ask("following", logits, 0.5))
    assert np.allclose(cold[2:], shares**2 / (shares**2).sum())
    best = np.array(ask("following", logits, 1, 2))
    assert np.flatnonzero(best).tolist() == [3, 5] and np.isclose(best.sum(), 1)


def test_the_same_dice_write_the_same_review(ask):
    rows = ask("tables.writer", GIVEN)
    assert rows == ask("tables.writer", GIVEN)
    assert [row[:2] for row in rows[1:3]] == [["이 영화", "0.5"], ["이 영화", "1.0"]]
    for start, _, text in rows[1:]:
        assert text.startswith(start) and len(text) <= 140


def test_slurs_are_veiled_by_one_list(ask):
    assert ask("veil", "이 병신 같은 영화") == "이 ○○ 같은 영화"
    cells = COURSE.read(COURSE.folder / "14_language_model.ipynb").cells
    cell = next(cell.source for cell in cells if cell.source.find("RUDE = re.compile") >= 0)
    calls = [node for node in ast.walk(ast.parse(cell)) if isinstance(node, ast.Call)]
    call = next(node for node in calls if ast.unparse(node.func) == "re.compile")
    script = (TOUCH / "writer.js").read_text("utf-8")
    assert call.args[0].value == re.search(r"const RUDE = /(.+)/g;", script)[1]


@pytest.mark.skipif(BROWSER is None, reason="no Chromium or Chrome on this machine")
@pytest.mark.parametrize("size", [PHONE, LAPTOP])
def test_it_writes_in_a_page_from_a_file(folder, browser, size):
    given = json.dumps(GIVEN, ensure_ascii=False).replace('"', "&quot;")
    scripts = "".join(f'<script src="touch/{n}.js"></script>' for n in ("core", "review", "writer"))
    page_file = folder / "page.html"
    page_file.write_text(
        '<!doctype html><html lang="ko"><meta charset="utf-8"><title>쓰기</title>'
        '<meta name="viewport" content="width=device-width">'
        f'<link rel="stylesheet" href="touch/touch.css">{scripts}'
        f'<div class="touch" data-touch="writer" data-given="{given}">표</div></html>',
        encoding="utf-8",
    )
    context = browser.new_context(viewport={"width": size[0], "height": size[1]})
    page, troubles = context.new_page(), []
    page.on("console", lambda m: m.type == "error" and troubles.append(m.text))
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.goto(page_file.as_uri())
    said, text = page.locator(".touch-said"), page.locator(".touch-review")
    expect(said).to_contain_text("확률")
    assert page.locator(".touch-bars li").count() == 8
    page.get_by_role("button", name="한 음절 쓰기").click()
    page.get_by_role("button", name="한 음절 쓰기").click()
    assert text.inner_text().startswith("이 영화")
    page.get_by_role("button", name="끝까지").click()
    expect(said).to_contain_text("다 썼습니다")
    page.get_by_role("button", name="솔직히").click()
    expect(text).to_contain_text("솔직히")
    page.get_by_label("첫머리", exact=True).fill("배우")
    page.get_by_label("온도").press("ArrowRight")
    expect(said).to_contain_text("주사위")
    assert not troubles and not page.evaluate(TOO_WIDE)
    context.close()
