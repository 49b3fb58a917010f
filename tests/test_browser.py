"""The built book in a real browser, without a network: what its readers press, read and seek."""

import functools
import gzip
import io
import itertools
import re
from urllib.parse import unquote, unquote_plus

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from colours import EYES, contrast, hue, lab, linear
from coursekit import plots
from PIL import Image
from playwright.sync_api import TimeoutError as TooLate
from playwright.sync_api import expect
from screen import LAPTOP, PATIENCE

from tools.lessons import COURSE

pytestmark = pytest.mark.long(150)

expect.set_options(timeout=PATIENCE)
PHONE = (390, 844)
LESSON = "lessons/04_stacked_lstm.html"
# Words of the shell that are the same in Korean.
NOT_ENGLISH = re.compile(r"Ctrl|Colab|K|PDF|GitHub|\.ipynb|\.md|\.pdf|CC BY 4\.0|MIT|v?[\d.]+|main")


def pages(book):
    """Every page; index.html at the root only leads on to book/index.html."""
    found = [path.relative_to(book).as_posix() for path in book.rglob("*.html")]
    return sorted(name for name in found if not name.startswith(("_static/", "index.html")))


# What is wider than the page and does not scroll in a box of its own.
# Two frames of the screen: what was under way, like the event of a scroll, has arrived.
FRAMES = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
TOO_WIDE = """() => {
  const width = document.documentElement.clientWidth, wide = [];
  const boxed = (e) => {
    for (; e && e !== document.body; e = e.parentElement)
      if (['auto', 'scroll', 'hidden', 'clip'].includes(getComputedStyle(e).overflowX)) return true;
    return false;
  };
  if (document.documentElement.scrollWidth > width) wide.push('the page itself');
  for (const e of document.querySelectorAll('body *')) {
    const box = e.getBoundingClientRect();
    // A closed sidebar waits beside the page.
    const beside = e.closest('.bd-sidebar, .bd-sidebar-secondary');
    if (box.width && box.right > width + 1 && !beside && !boxed(e.parentElement))
      wide.push(e.outerHTML.slice(0, 120));
  }
  return wide.slice(0, 3);
}"""
# Formulas that show as TeX, or as nothing.
NOT_DRAWN = """() => [...document.querySelectorAll('.math')].filter((m) => {
  const svg = m.querySelector('svg'), box = svg?.getBoundingClientRect();
  const folded = m.closest('details:not([open]), .toggle-hidden');
  return !svg || !folded && !(box.width > 2 && box.height > 2);
}).map((m) => m.outerHTML.slice(0, 120)).slice(0, 3)"""

STOPS = """![...document.querySelectorAll('pre')].some(
  (box) => box.scrollWidth > box.clientWidth && box.tabIndex < 0)"""
STUCK = """() => [...document.querySelectorAll('article *')].filter(
  (e) => e.scrollWidth > e.clientWidth + 1 && e.tabIndex < 0 && e.checkVisibility()
    && ['auto', 'scroll'].includes(getComputedStyle(e).overflowX)
    && !e.querySelector('a[href], button, input, select, textarea, [tabindex="0"]')
).map((e) => `scrolls, not by keyboard: ${e.outerHTML.slice(0, 120)}`).slice(0, 3)"""

SHADE = "shade => document.documentElement.dataset.theme === shade"
# Drawings that stay white in the dark.
PALE = """() => [...document.querySelectorAll('article img[src$=".svg"]')]
  .filter((i) => getComputedStyle(i).filter !== 'url("#dark")').map((i) => `pale: ${i.src}`)"""
# Pictures of which a part is off the page, or that are smaller than there is room for.
CUT_OFF = """() => [...document.querySelectorAll('a.picture img')].map((i) => {
  const box = i.getBoundingClientRect(), room = i.parentElement.parentElement.clientWidth;
  if (!i.checkVisibility()) return '';
  const whole = box.left >= 0 && box.right <= document.documentElement.clientWidth + 1;
  const filled = box.width + 40 >= Math.min(room, Number(i.getAttribute('width')));
  return whole && filled ? '' : `${whole ? 'small' : 'cut off'}: ${i.src}`;
}).filter(Boolean)"""
# Icons of the shell that have no drawing in book/_static/icons.css.
NO_ICON = """() => [...document.querySelectorAll('.fas, .fab, .fa-solid, .fa-brands')]
  .filter((e) => !getComputedStyle(e, '::before').getPropertyValue('--icon'))
  .map((e) => `no icon: ${e.className}`)"""
# Pieces to touch that stayed a table.
UNTOUCHED = """() => [...document.querySelectorAll('.touch')]
  .filter((e) => !e.querySelector('.touch-stage *')).map((e) => `no piece: ${e.dataset.touch}`)"""


def phone(page):
    """Both sidebars open and close by keyboard and lead somewhere; so is reached what scrolls."""
    page.wait_for_function(STOPS)  # the theme waits a moment
    found = page.evaluate(STUCK)
    links = "document.querySelectorAll('dialog[open] a[href]').length"
    for side in ("primary", "secondary"):
        toggle = page.locator(f".{side}-toggle:visible")
        if not toggle.count():
            found += ["no list of lessons"] * (side == "primary")
            continue
        toggle.focus()
        page.keyboard.press("Enter")
        found += follows(page, f"{links} > 0", f"the {side} sidebar does not open")
        page.keyboard.press("Escape")
        found += follows(page, f"{links} === 0", f"the {side} sidebar does not close")
    return found


def follows(page, condition, otherwise):
    """What a key brings about comes a moment after it."""
    try:
        if not page.evaluate(condition):
            page.wait_for_function(condition)
    except TooLate:
        return [otherwise]
    return []


def keyboard(page):
    """The first stop leads past the shell; the search page begins at its field."""
    if page.evaluate("document.activeElement.name") == "q":
        return []
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    return follows(page, "location.hash === '#main-content'", "the first stop skips nothing")


def paper(page):
    """Nothing is folded or cut on it, and afterwards all is as before."""
    folded = "document.querySelectorAll('details:not([open])').length"
    before = page.evaluate(folded)
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    found = ["something is folded on paper"] if page.evaluate(folded) else []
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 680, "height": 1000})
    found += page.evaluate(CUT)
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    return found + (["paper leaves it unfolded"] if page.evaluate(folded) != before else [])


CUT = """[...document.querySelectorAll(
  'article pre, article .math, article table, article img, article figure')]
  .filter((e) => e.scrollWidth > e.clientWidth + 1 || e.getBoundingClientRect().right > innerWidth)
  .map((e) => `cut on paper: ${e.outerHTML.slice(0, 120)}`).slice(0, 3)"""


def questions(page):
    """What tools/check/questions.py holds the lessons to is what the page's script can read."""
    lesson = COURSE.root / "lessons" / page.url.rpartition("/")[2].replace(".html", ".ipynb")
    asked = lesson.read_text("utf-8").count(":::{admonition} 확인 문제") if lesson.exists() else 0
    tried = "article .admonition:has(> ol.choices, > form.number)"
    return [] if page.locator(tried).count() == asked else ["a question cannot be tried"]


def weight(book, asked):
    """What a page loads besides its figures, in bytes as they travel: text is packed."""
    ours = [url.partition("?")[0] for url in asked if url.startswith(book.as_uri())]
    files = {book / unquote(url.removeprefix(f"{book.as_uri()}/")) for url in ours}
    size = sum(packed(f) for f in files if f.is_file() and "_images" not in f.parts)
    return [f"heavy: {size:,} bytes"] if size > 700_000 else []


@functools.cache
def packed(file):
    """How many bytes of a file travel."""
    whole = file.read_bytes()
    return len(whole if file.suffix in (".woff2", ".png") else gzip.compress(whole))


# What the shell says, seen or heard.
SAID = """() => {
  const found = [...document.querySelectorAll('article .headerlink')].map((link) => link.title);
  for (const e of document.querySelectorAll('body *')) {
    if (e.closest('article, script, style, noscript')) continue;
    for (const name of ['title', 'aria-label', 'placeholder', 'alt', 'data-bs-title',
                        'data-bs-original-title', 'data-tooltip'])
      found.push(e.getAttribute(name) ?? '');
    for (const node of e.childNodes) if (node.nodeType === 3) found.push(node.data.trim());
  }
  const links = document.querySelectorAll(
    '.bd-sidebar-primary a, .bd-sidebar-secondary a, .prev-next-footer a');
  const titles = [...links].map((link) => link.textContent).join();
  return [...new Set(found)].filter((said) => said && !titles.includes(said));
}"""


def english(page):
    """A title of a page may be a name: GloVe."""
    left = [said for said in page.evaluate(SAID) if not re.search("[가-힣]", said)]
    words = [said for said in left if re.search("[A-Za-z]{2}", said)]
    return [f"English: {said}" for said in words if not NOT_ENGLISH.fullmatch(said)]


# Five thousand spans of code and drawing a page cost axe ten seconds and can break no rule but that
# of contrast: a span of each kind is kept, the others become plain text.
PLAIN_CODE = """() => {
  const known = new Set();
  for (const span of document.querySelectorAll('pre span:not(:has(*))')) {
    const around = [];
    for (let e = span; e && e.tagName !== 'ARTICLE'; e = e.parentElement)
      around.push(`${e.tagName}.${e.className}.${e.style.cssText}`);
    const kind = around.join();
    if (known.has(kind)) span.replaceWith(span.textContent);
    known.add(kind);
  }
  const drawings = document.querySelectorAll('svg[aria-hidden=true]');
  for (const drawing of drawings) drawing.replaceChildren();
}"""
# Contrast is measured once in the book for each colour, size and weight of letters on each ground.
EACH_CONTRAST_ONCE = """before => {
  const known = new Set(before), grounds = new Map();
  const ground = (e) => {
    if (!e) return '';
    if (!grounds.has(e)) {
      const { backgroundColor, backgroundImage, opacity, position } = getComputedStyle(e);
      const own = [backgroundColor, backgroundImage, opacity, position].join();
      const plain = own === 'rgba(0, 0, 0, 0),none,1,static';
      grounds.set(e, ground(e.parentElement) + (plain ? '' : `/${own}`));
    }
    return grounds.get(e);
  };
  for (const e of document.querySelectorAll('body, body *')) {
    e.removeAttribute('data-contrast');
    if (!e.checkVisibility({visibilityProperty: true})) continue;
    if (![...e.childNodes].some((node) => node.nodeType === 3 && node.data.trim())) continue;
    const { color, fontSize, fontWeight, textShadow } = getComputedStyle(e);
    const kind = [color, fontSize, fontWeight, textShadow, ground(e)].join();
    if (!known.has(kind)) e.setAttribute('data-contrast', '');
    known.add(kind);
  }
  axe.configure({rules: [{id: 'color-contrast', selector: '[data-contrast], input, select'}]});
  return [...known];
}"""
LIGHT = {"preload": False, "reporter": "no-passes"}
# What depends on the theme, and what on the size of the screen.
COLOURS = ["color-contrast", "link-in-text-block"]
SIZES = ["scrollable-region-focusable", "target-size", "aria-hidden-focus", "button-name"]
RUN = """options => axe.run(options).then(
  ({violations}) => violations.map((v) => `${v.id}: ${v.nodes[0].html.slice(0, 150)}`))"""
# A page of each kind; that every page fits a phone and what scrolls stops there is held below.
KINDS = "book/index book/touch book/results book/glossary search lessons/04_stacked_lstm "
KINDS = {f"{name}.html" for name in (KINDS + "lessons/09_nsmc_homework lessons/10_conv1d").split()}


def axe_in_the_light(page, known):
    """What axe finds by every rule; ``known`` are the colours that it has seen."""
    page.add_style_tag(content="* { transition: none !important }")  # no colour half-way
    page.evaluate(PLAIN_CODE)
    page.evaluate(Axe().axe_script)
    known[:] = page.evaluate(EACH_CONTRAST_ONCE, known)
    return page.evaluate(RUN, LIGHT)


def axe_in_the_dark(page, name, known):
    """The colours again; on a phone, as far as it differs."""
    known[:] = page.evaluate(EACH_CONTRAST_ONCE, known)
    rules = COLOURS + (SIZES if name in KINDS else [])
    return page.evaluate(RUN, LIGHT | {"runOnly": {"type": "rule", "values": rules}})


def show(page, size, scheme):
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.emulate_media(color_scheme=scheme, media="screen")


def test_every_page_is_quiet_light_drawn_fits_and_is_for_everyone(book, open_page):
    """Each page is opened once, from its file: on a laptop, on paper, on a phone, by axe."""
    page, asked = open_page(), []
    page.on("request", lambda request: asked.append(request.url))
    found, light, dark = {}, [], []
    for name in pages(book):
        shell = name != "404.html"
        page.troubles.clear()
        asked.clear()
        show(page, LAPTOP, "light")
        page.goto(name, wait_until="load")
        bad = weight(book, asked)
        for look in (UNTOUCHED, NO_ICON, TOO_WIDE, NOT_DRAWN, CUT_OFF):
            bad += page.evaluate(look)
        for use in (questions, english, keyboard) if shell else ():
            bad += use(page)
        bad += axe_in_the_light(page, light)
        show(page, PHONE, "dark")
        if shell:
            page.wait_for_function(SHADE, arg="dark")
        for look in (TOO_WIDE, NOT_DRAWN, CUT_OFF, PALE):
            bad += page.evaluate(look)
        if shell:
            bad += phone(page) + axe_in_the_dark(page, name, dark) + paper(page)
        if page.evaluate("document.documentElement.lang") != "ko":
            bad.append("lang is not ko")
        broken = "[...document.images].filter(i => i.complete && !i.naturalWidth).map(i => i.src)"
        bad += page.evaluate(broken)
        if bad + page.troubles:
            found[name] = bad + page.troubles
    assert not found, found
    assert len(light) > 20 and len(dark) > 20, "axe saw colours"


# --- The shell -----------------------------------------------------------------------------------


def test_the_brightness_has_three_steps_and_is_remembered(site, open_page):
    page = open_page(f"{site}/{LESSON}", LAPTOP)
    button = page.locator(".theme-switch-button:visible")
    names = {"dark": "어둡게", "light": "밝게", "auto": "기기대로"}
    for mode in [*names, "dark"]:
        button.click()
        expect(page.locator("html")).to_have_attribute("data-mode", mode)
        expect(button).to_have_accessible_name(f"밝기: {names[mode]}")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_code_is_copied_and_unfolded(site, open_page):
    page = open_page(f"{site}/{LESSON}", permissions=["clipboard-read", "clipboard-write"])
    fold = page.locator("details.hide summary").first
    assert fold.inner_text().strip().startswith("준비"), "a fold is named after what it holds"
    fold.click()
    code = page.locator("details.hide[open] .cell_input pre").first
    expect(code).to_be_visible()
    page.locator("details.hide[open] .cell_input").first.hover()
    button = page.locator("details.hide[open] button.copybtn").first
    assert button.get_attribute("data-tooltip") == "복사"
    button.click()
    expect(button).to_have_attribute("data-tooltip", "복사했습니다")
    assert page.evaluate("navigator.clipboard.readText()").strip() == code.inner_text().strip()


def test_by_keyboard_alone(site, open_page):
    page = open_page(f"{site}/{LESSON}")
    ring = """(() => {
      const style = getComputedStyle(document.activeElement);
      return style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
    })()"""
    name = "document.activeElement.outerHTML.slice(0, 120)"
    for _ in range(45):
        page.keyboard.press("Tab")
        assert page.evaluate(ring), f"no ring: {page.evaluate(name)}"
    page.keyboard.press("Control+k")
    expect(page.locator("#pst-search-dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#pst-search-dialog")).not_to_be_visible()
    page.keyboard.press("Control+k")
    expect(page.locator("#pst-search-dialog input")).to_be_focused()
    page.keyboard.type("기울기 소실")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("search.html"))
    expect(page.locator("#search-results li").first).to_be_visible()


# --- Search --------------------------------------------------------------------------------------


def test_a_hit_opens_at_its_section_and_is_marked(open_page):
    page = open_page("search.html?q=거듭제곱과 기울기소실을", PHONE)
    hit = page.locator("#search-results li.kind-section a").first
    expect(hit.locator("mark").first).to_be_attached()
    hit.click()
    heading = page.locator("section#거듭제곱-기울기-소실 > h2")
    expect(heading).to_be_in_viewport()
    expect(page.locator("mark.found", has_text="기울기 소실").first).to_be_attached()
    page.locator("button.enough").click()
    expect(page.locator("mark.found")).to_have_count(0)


def test_the_search_page_says_what_it_did(site, open_page):
    page = open_page(f"{site}/search.html?q=쿼크글루온")
    said, field = page.locator("#search-summary"), page.locator("article form.bd-search input")
    expect(said).to_contain_text("찾지 못했습니다")
    field.fill("임베딘")
    expect(said).to_contain_text("혹시 “임베딩”?")
    start = "e => parseFloat(getComputedStyle(e).paddingLeft)"
    glass = page.locator("article form.bd-search i").bounding_box()
    edge = field.bounding_box()["x"] + field.evaluate(start)
    assert edge > glass["x"] + glass["width"], "the magnifying glass lies on no letter"
    field.fill("가" * 1_000_000)
    expect(said).to_contain_text("찾지 못했습니다")


@pytest.mark.parametrize("size", [LAPTOP, PHONE])
def test_hits_stand_under_the_field_while_one_types(open_page, size):
    page = open_page(LESSON, size, has_touch=size == PHONE)
    if size == PHONE:
        page.locator(".search-button__button:visible").tap()
    else:
        page.keyboard.press("Control+k")
    field, hits = page.locator("#pst-search-dialog input"), page.locator("#hits [role=option]")
    field.press_sequentially("임베딩 층")
    expect(hits).to_have_count(7)
    expect(hits.last).to_contain_text("모두 보기")
    expect(field).to_have_attribute("aria-expanded", "true")
    assert page.evaluate(TOO_WIDE) == []
    for key, chosen in (("ArrowDown", 0), ("ArrowDown", 1), ("ArrowUp", 0), ("ArrowUp", -1)):
        field.press(key)
        marked = hits.evaluate_all("all => all.findIndex((e) => e.ariaSelected === 'true')")
        assert marked == chosen, key
    field.press("ArrowUp")
    expect(hits.last).to_have_attribute("aria-selected", "true")
    field.press("ArrowDown")
    field.press("ArrowDown")
    href = hits.first.get_attribute("href")
    assert "mark=" in href
    field.press("Enter")
    page.wait_for_url(lambda url: "mark=" in url)
    assert unquote(href).rpartition("/")[2] in unquote_plus(page.url)


@pytest.mark.parametrize(
    "asked", ["%20%20", "%20a%20", "이", "(((%20[%20\\\\", "다%20" * 3000 + "습니다"]
)
def test_no_link_can_freeze_a_page(open_page, asked):
    page = open_page(f"{LESSON}?mark={asked}")
    assert page.locator("mark.found").count() <= 400
    assert not page.locator("button mark, summary mark").count()


# --- Pages ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("size", "scheme"), [(LAPTOP, "light"), (PHONE, "dark")])
def test_a_picture_opens_large_and_closes_again(open_page, size, scheme):
    page = open_page(LESSON, size, scheme, has_touch=size == PHONE)
    large = page.locator("dialog.large img")
    ends = {
        "Escape": lambda: page.keyboard.press("Escape"),
        "button": lambda: page.get_by_role("button", name="닫기", exact=True).click(),
        "picture": lambda: large.click(),
    }
    for kind, end in itertools.product((".png", ".svg"), ends):
        link = page.locator(f"article a.picture:has(img[src$='{kind}'])").first
        link.scroll_into_view_if_needed()
        if end == "button":
            link.press("Enter")
        else:
            link.tap() if size == PHONE else link.click()
        expect(large).to_be_visible()
        small = link.locator("img")
        for name in ("alt", "src"):
            assert large.get_attribute(name) == small.get_attribute(name)
        width = large.evaluate("i => i.decode().then(() => i.getBoundingClientRect().width)")
        assert width + 1 >= float(link.get_attribute("data-width"))
        assert width > small.evaluate("i => i.getBoundingClientRect().width")
        assert page.evaluate(PANNED), "what is larger than the window scrolls by keyboard"
        ends[end]()
        expect(page.locator("dialog.large")).to_have_count(0)
        expect(link).to_be_focused()
    assert page.url.endswith(LESSON)


# A dialog that is too small for its picture can be scrolled to all of it, and holds the focus.
PANNED = """() => {
  const box = document.querySelector('dialog.large'), image = box.querySelector('img');
  const start = image.getBoundingClientRect();
  box.scrollTo(1e6, 1e6);
  const end = image.getBoundingClientRect();
  box.scrollTo(0, 0);
  const all = start.left >= -1 && start.top >= -1
    && end.right <= innerWidth + 1 && end.bottom <= innerHeight + 1;
  return all && box.contains(document.activeElement);
}"""


VALUES = """[{"box": [0.1, 0.9, 0.1, 0.9], "x": {"name": "에폭", "limits": [0, 10], "log": false},
  "y": {"name": "손실", "limits": [0.01, 1], "log": true},
  "lines": [{"name": "훈련", "x": [0, 5, 10], "y": [1, 0.1, 0.01]},
            {"name": "검증", "x": [10], "y": [1]}]}]"""


def test_values_are_told_under_the_pointer_and_by_the_arrows(open_page):
    page = open_page(LESSON)
    link = page.locator("a.picture:has(img[src$='.png'])").first
    link.locator("img").evaluate("(image, values) => { image.dataset.values = values; }", VALUES)
    link.scroll_into_view_if_needed()
    page.evaluate(FRAMES)  # a scroll that arrives late hides what is told
    tip = page.locator("body > .on-screen[role=status]")
    box = link.locator("img").bounding_box()

    def point(across, down):
        page.mouse.move(box["x"] + across * box["width"], box["y"] + down * box["height"])

    for across, down, said in (
        (0.5, 0.52, "훈련, 에폭 5, 손실 0.1"),
        (0.89, 0.1, "검증, 에폭 10, 손실 1"),
    ):
        point(across, down)
        expect(tip).to_have_text(said)
        at = tip.bounding_box()
        middle = (at["x"] + at["width"] / 2 - box["x"]) / box["width"]
        assert abs(middle - across) < 0.11
    point(0.1, 0.9)
    expect(tip).to_be_hidden()
    link.focus()
    for key, said in (("Left", "에폭 10, 손실 0.01"), ("Left", "에폭 5"), ("Right", "에폭 10")):
        page.keyboard.press(f"Arrow{key}")
        expect(tip).to_contain_text(said)
    page.keyboard.press("Enter")
    large = page.get_by_role("dialog", name="큰 그림").locator("img")
    box = large.bounding_box()
    point(0.5, 0.5)
    expect(page.locator("dialog .on-screen")).to_have_text("훈련, 에폭 5, 손실 0.1")


def test_pictures_in_the_dark_keep_their_colours_names(open_page):
    """White is the page's ground, and colours are read, told apart and called as on white."""
    colors = sorted({*plots.COLORS.values(), "#ffffff"})
    page = open_page(LESSON, LAPTOP, "dark")
    plot = page.locator("article img.follows-theme").first
    plot.evaluate(SWATCHES, colors)
    picture = Image.open(io.BytesIO(plot.screenshot())).convert("RGB")
    shown = [picture.getpixel((20 * at + 10, 10)) for at in range(len(colors))]
    seen = {color: linear(np.array(rgb) / 255) for color, rgb in zip(colors, shown, strict=True)}
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert ground == f"rgb{shown[colors.index('#ffffff')]}"
    paper = seen.pop("#ffffff")
    for color, dark in seen.items():
        assert contrast(dark, paper) >= 4.5, color
        turned = (hue(dark) - hue(linear(color)) + 180) % 360 - 180
        assert len({color[1:3], color[3:5], color[5:]}) == 1 or abs(turned) < 20, color  # or grey
    seen.pop(plots.COLORS["muted"])
    for one, other in itertools.combinations(seen, 2):
        for eyes in EYES.values():
            distance = lab(eyes @ seen[one]) - lab(eyes @ seen[other])
            assert np.linalg.norm(distance) > 20, (one, other)


# The picture becomes a row of squares, one for each colour.
SWATCHES = """async (image, colors) => {
  const canvas = document.createElement('canvas');
  Object.assign(canvas, {width: 20 * colors.length, height: 20});
  const pen = canvas.getContext('2d');
  colors.forEach((color, at) => { pen.fillStyle = color; pen.fillRect(20 * at, 0, 20, 20); });
  image.style.cssText = `min-width: 0; width: ${canvas.width}px; height: 20px`;
  image.loading = 'eager';
  image.src = canvas.toDataURL();
  await image.decode();
}"""


def test_the_list_of_sections_marks_the_one_on_the_screen(open_page):
    """Downwards, upwards, after a jump, and none before the first."""
    page = open_page(LESSON)
    page.wait_for_load_state()
    places = page.evaluate(
        """[...document.querySelectorAll('#page-toc a')].map((link) => [link.textContent.trim(),
          document.getElementById(decodeURIComponent(link.hash.slice(1))).getBoundingClientRect().top])"""
    )
    marked = page.locator("#page-toc a[aria-current]")
    middle = [
        (name, (top + following) / 2) for (name, top), (_, following) in itertools.pairwise(places)
    ]
    for name, place in [*middle[:4], *middle[2::-1], middle[-2], middle[1]]:
        page.evaluate("place => scrollTo({top: place, behavior: 'instant'})", place)
        expect(marked).to_have_text(name)
    page.evaluate("scrollTo({top: document.body.scrollHeight, behavior: 'instant'})")
    expect(marked).to_have_text(places[-1][0])
    page.evaluate("scrollTo({top: 0, behavior: 'instant'})")
    expect(marked).to_have_count(0)


def test_a_finger_reaches_what_a_mouse_hovers(open_page):
    """The copy button is seen, and a term says what it is before it leads away."""
    page = open_page(LESSON, PHONE, has_touch=True, is_mobile=True)
    button = page.locator("button.copybtn:visible").first
    assert float(button.evaluate("e => getComputedStyle(e).opacity")) > 0.5
    assert button.locator("title").text_content() == "코드 복사하기"
    term, says = page.locator("article a.term:visible").first, page.locator("#says")
    expect(says).not_to_be_visible()
    term.tap()
    expect(says).to_be_visible()
    assert page.url.endswith(LESSON) and len(says.inner_text()) > 15
    assert page.evaluate(TOO_WIDE) == []
    says.get_by_role("link", name="용어로 가기").tap()
    expect(page).to_have_url(re.compile("glossary.html#term-"))


def test_a_term_and_a_citation_say_what_they_are_by_keyboard_and_mouse(open_page):
    page = open_page(LESSON)
    says = page.locator("#says")
    page.locator("article a.term").first.hover()
    expect(says).to_be_visible()
    page.mouse.move(5, 5)
    expect(says).not_to_be_visible()
    page.keyboard.press("Tab")
    page.locator("article a[href*='#cite-']").first.focus()
    expect(says).to_contain_text("문헌으로 가기")
    page.keyboard.press("Escape")
    expect(says).not_to_be_visible()


def test_a_formula_begins_at_its_beginning_and_what_scrolls_says_so(open_page):
    page = open_page(LESSON, PHONE)
    late = """[...document.querySelectorAll('div.math')].filter((box) => {
      const drawn = box.querySelector('svg').getBoundingClientRect();
      return box.checkVisibility() && drawn.left < box.getBoundingClientRect().left - 1;
    }).length"""
    assert page.evaluate(late) == 0
    page.wait_for_function(STOPS)
    assert page.evaluate(PLAIN_EDGE) == []
    page.goto("lessons/11_jena_temperature.html")  # a table of an output
    page.wait_for_function("document.querySelector('.text_html[tabindex=\"0\"] > div > table')")
    assert page.evaluate(PLAIN_EDGE) == []


# What scrolls and shows no edge, or covers it with its rows.
PLAIN_EDGE = """[...document.querySelectorAll('article :is(pre, div.math, .output, .text_html)')]
  .filter((box) => box.scrollWidth > box.clientWidth + 1 && box.checkVisibility()
    && ['auto', 'scroll'].includes(getComputedStyle(box).overflowX)
    && (!getComputedStyle(box).backgroundImage.includes('gradient')
      || [...box.querySelectorAll('tr')].some(
        (row) => getComputedStyle(row).backgroundColor !== 'rgba(0, 0, 0, 0)')))
  .map((box) => box.outerHTML.slice(0, 120))"""


def test_text_and_code_have_the_faces_of_the_book(open_page):
    """Hangul in code is as wide as two letters of Latin, so that columns stand."""
    page = open_page(LESSON)
    page.evaluate("document.fonts.ready")
    loaded = "[...document.fonts].filter((f) => f.status === 'loaded').map((f) => f.family)"
    assert {name.strip('"') for name in page.evaluate(loaded)} == {"Order Sans", "Order Code"}
    width = """(text) => {
      const place = document.querySelector('article pre'), made = document.createElement('span');
      made.textContent = text;
      place.append(made);
      const { width } = made.getBoundingClientRect();
      made.remove();
      return width;
    }"""
    for syllables in ("가나다", "순서를"):
        page.wait_for_function(f"({width})('{syllables}') > 0")
        assert abs(page.evaluate(width, syllables) - page.evaluate(width, "abcdef")) < 0.2


def test_the_beads_say_what_was_read_and_where_to_go_on(open_page):
    page = open_page("book/index.html")
    place = page.locator(".go-on")
    expect(place).not_to_be_visible()
    assert page.locator(".beads i").count() == len(COURSE.lessons())
    first, second = COURSE.lessons()[:2]
    page.goto(f"lessons/{first.name}.html")
    page.locator(".prev-next-footer").scroll_into_view_if_needed()
    page.wait_for_function("localStorage.getItem('reading-in-order')")
    page.goto("book/index.html")
    expect(page.locator(".beads i.read")).to_have_count(1)
    expect(place).to_contain_text(f"{len(COURSE.lessons())}단원 가운데 1단원을 읽었습니다")
    place.get_by_role("link", name=second.title.partition(". ")[2]).click()
    expect(page).to_have_url(re.compile(second.name))
    expect(page.locator(".beads i.here")).to_have_count(1)


def test_the_glossary_is_filtered(open_page):
    page = open_page("book/glossary.html", PHONE)
    page.get_by_role("searchbox", name="용어 거르기").fill("기울기소")
    shown = page.locator("dl.glossary > dt:visible")
    expect(shown).to_have_count(1)
    expect(shown).to_contain_text("기울기 소실")
    expect(page.locator(".letters [role=status]")).to_have_text("용어 1개")


# --- Learning ------------------------------------------------------------------------------------


def test_a_question_answers_back_and_is_remembered(open_page):
    page = open_page("lessons/00_how_networks_learn.html", PHONE)
    assert not page.evaluate("localStorage.getItem('reading-in-order')"), "nothing for a mere look"
    page.keyboard.press("Control+k")  # the scripts of the search leave those of the questions alone
    page.locator("#pst-search-dialog input").fill("손실")
    expect(page.locator("#hits [role=option]").first).to_be_visible()
    page.keyboard.press("Escape")
    box = page.locator(".admonition:has(button.choice)").first
    answer = box.locator("details")
    verdict = box.get_by_role("status")
    expect(answer).not_to_have_attribute("open", "")
    for wrong in ("손실이 조금 더 내려갑니다.", "학습률만큼 지나쳐서 손실이 커집니다."):
        box.get_by_role("button", name=wrong).click()
        expect(verdict).to_contain_text("아닙니다.")
        assert len(verdict.inner_text()) > 20, "a wrong choice has a hint"
    expect(answer).not_to_have_attribute("open", "")
    box.get_by_role("button", name="움직이지 않습니다.").focus()
    page.keyboard.press("Enter")
    expect(verdict).to_contain_text("맞았습니다.")
    expect(answer).to_have_attribute("open", "")
    box.get_by_role("button", name="손실이 조금 더 내려갑니다.").click()
    expect(verdict).to_contain_text("이것은 답이 아닙니다. 가장 낮은 곳보다")

    number = page.locator(".admonition:has(form.number)")
    for given, said in (
        *[("셋", "숫자로"), ("0.52", "밑이 10인"), ("3", "다시"), ("1/2", "다시")],
        *[("６/５", "맞았습니다."), ("1.204", "맞았습니다.")],
    ):
        number.get_by_role("textbox").fill(given)
        page.keyboard.press("Enter")
        expect(number.get_by_role("status")).to_contain_text(said)

    # An exercise is ticked, and the end tells what is left.
    page.get_by_label("해 보았습니다").nth(1).check()
    ending = page.locator(".ending")
    expect(ending).to_contain_text("확인 문제 3개 가운데 2개를 풀었습니다. 남은 것: 확인 문제 2")
    expect(ending).to_contain_text(
        "연습 4개 가운데 1개를 했습니다. 남은 것: 연습 1 (손으로), 연습 3"
    )
    page.emulate_media(reduced_motion="reduce")  # a jump: a slide stops where a picture comes late
    ending.get_by_role("link", name="확인 문제 2").click()
    asked = page.locator(".admonition:has(button.choice)").nth(1)
    expect(page.locator(":target")).to_have_id(asked.get_attribute("id"))
    expect(asked).to_be_in_viewport()
    page.emulate_media(reduced_motion="no-preference")
    asked.get_by_role("button").first.click()  # wrong, and kept

    # Remembered in the contents of every page and on the cards, once read to the end.
    here = ".bd-sidenav .learned"
    page.locator(".prev-next-footer").scroll_into_view_if_needed()
    expect(page.locator(here)).to_contain_text("✓ 2/3")
    page.goto("book/index.html")
    expect(page.locator(here)).to_contain_text("✓ 2/3")
    expect(page.locator("a.lesson-card .learned")).to_have_count(1)
    page.goto("lessons/00_how_networks_learn.html")
    expect(page.locator(".verdict.right")).to_have_count(2)
    expect(page.locator(".verdict.wrong")).to_have_count(1)
    expect(page.get_by_label("답", exact=True)).to_have_value("1.204")
    expect(page.get_by_label("해 보았습니다").nth(1)).to_be_checked()

    # Kept as a file, wiped, and brought back from it: by keyboard, for the list slides in.
    def in_the_list(name):
        page.locator(".primary-toggle:visible").press("Enter")
        page.locator(".kept-here").evaluate("box => { box.open = true; }")
        return page.get_by_role("button", name=name)

    with page.expect_download() as download:
        in_the_list("파일로 내려받기").press("Enter")
    file = download.value.path()
    with page.expect_navigation():
        page.get_by_role("button", name="읽은 기록 지우기").press("Enter")
    expect(page.locator(".verdict:not(:empty)")).to_have_count(0)
    assert page.locator(".learned").count() == 0
    page.evaluate(OTHER_RECORD)
    button = in_the_list("파일에서 가져오기")
    with page.expect_file_chooser() as chooser:
        button.press("Enter")
    chooser.value.set_files({"name": "a.json", "mimeType": "", "buffer": b'{"a": 1}'})
    expect(page.get_by_text("읽은 기록이 든 파일이 아닙니다.")).to_be_visible()
    with page.expect_file_chooser() as chooser:
        button.press("Enter")
    with page.expect_navigation():
        chooser.value.set_files(file)
    expect(page.locator(".verdict.right")).to_have_count(2)
    expect(page.locator(here)).to_have_count(2)


OTHER_RECORD = """localStorage.setItem('reading-in-order', JSON.stringify(
  {'lessons/01_reuters_dense': {read: true}, 'lessons/00_how_networks_learn': {read: true}}))"""
MALFORMED = (
    *("{{{", '"x"', "[]", "5", "null", '{"lessons/00_how_networks_learn": {}}'),
    *('{"lessons/00_how_networks_learn": 5}', '{"lessons/01_reuters_dense": {"of": 3}}'),
    '{"lessons/00_how_networks_learn": {"solved": [9, "1", null], "of": "3", "given": {"1": {}}}}',
    '{"lessons/00_how_networks_learn": {"solved": 3, "done": {}, "given": [1], "read": "yes"}}',
)


def test_a_malformed_record_costs_nothing(open_page):
    page = open_page("lessons/00_how_networks_learn.html")
    for kept in MALFORMED:
        page.evaluate("kept => localStorage.setItem('reading-in-order', kept)", kept)
        page.reload(wait_until="domcontentloaded")
        assert page.locator(".verdict:not(:empty)").count() == 0, kept
        box = page.locator(".admonition:has(button.choice)").first
        box.get_by_role("button", name="움직이지 않습니다.").click()
        expect(box.get_by_role("status")).to_contain_text("맞았습니다.")
        expect(page.locator(".ending")).to_contain_text("3개 가운데 1개를 풀었습니다")
        assert not page.troubles, (kept, page.troubles)


def test_without_javascript_a_page_can_be_read_in_its_colours(site, open_page):
    page = open_page(f"{site}/{LESSON}", scheme="dark", java_script_enabled=False)
    expect(page.locator("html")).to_have_attribute("data-theme", "light")
    expect(page.locator("div.math svg").first).to_be_visible()
    link = page.locator("article p a.reference").first
    assert link.evaluate("e => getComputedStyle(e).color") != "rgb(0, 0, 0)"
    dead = ".article-header-buttons button, .sidebar-toggle, .search-button-field, .copybtn"
    assert page.locator(f":is({dead}):visible").count() == 0
    page.locator("article a.picture").first.click()
    expect(page).to_have_url(re.compile(r"_images/.*\.(svg|png)$"))
    page.goto(f"{site}/lessons/00_how_networks_learn.html")
    answer = page.locator(".admonition:has-text('확인 문제 1') + details")
    answer.locator("summary").click()
    expect(answer.get_by_text("2번", exact=True)).to_be_visible()
