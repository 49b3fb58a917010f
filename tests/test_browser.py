"""The built book in a real browser, without a network: what its readers press, read and seek."""

import io
import itertools
import re
from pathlib import Path

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from colours import EYES, contrast, hue, lab, linear
from coursekit import plots
from PIL import Image
from playwright.sync_api import expect
from screen import BROWSER, LAPTOP, PATIENCE

from tools.lessons import COURSE

pytestmark = pytest.mark.skipif(BROWSER is None, reason="no Chromium or Chrome on this machine")

expect.set_options(timeout=PATIENCE)
PHONE, TABLET = (390, 844), (768, 1024)
LESSON = "lessons/04_stacked_lstm.html"
# Words of the shell that are the same in Korean.
NOT_ENGLISH = re.compile(r"Ctrl|Colab|K|PDF|GitHub|\.ipynb|\.md|\.pdf|CC BY 4\.0|MIT|v?[\d.]+|main")


def pages(book):
    """Every page; index.html at the root only leads on to book/index.html."""
    found = [path.relative_to(book).as_posix() for path in book.rglob("*.html")]
    return sorted(name for name in found if not name.startswith(("_static/", "index.html")))


# What is wider than the page and does not scroll in a box of its own.
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

# Letters of ten points at 110 dots an inch are 11 pixels at this scale; some plots ask for more.
TOO_SMALL = """() => [...document.querySelectorAll('article img[width]')]
  .filter((i) => i.checkVisibility() && i.getBoundingClientRect().width + 1
    < Math.max(0.72 * i.naturalWidth, parseFloat(i.style.minWidth)))
  .map((i) => `too small: ${i.outerHTML.slice(0, 120)}`)"""


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


def phone(page):
    """Both sidebars open and close by keyboard and lead somewhere; so is reached what scrolls."""
    page.wait_for_function(STOPS)  # the theme waits a moment
    found = page.evaluate(STUCK)
    for side in ("primary", "secondary"):
        toggle = page.locator(f".{side}-toggle:visible")
        if not toggle.count():
            found += ["no list of lessons"] * (side == "primary")
            continue
        toggle.focus()
        page.keyboard.press("Enter")
        links = "document.querySelectorAll('dialog[open] a[href]').length"
        if not page.evaluate(links):
            found.append(f"the {side} sidebar does not open")
        page.keyboard.press("Escape")
        if page.evaluate(links):
            found.append(f"the {side} sidebar does not close")
    return found


def keyboard(page):
    """The first stop leads past the shell; the search page begins at its field."""
    if page.evaluate("document.activeElement.name") == "q":
        return []
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    return [] if page.url.endswith("#main-content") else ["the first stop skips nothing"]


def paper(page):
    """Nothing is folded or cut on it, and afterwards all is as before."""
    folded = "document.querySelectorAll('details:not([open])').length"
    before = page.evaluate(folded)
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    found = ["something is folded on paper"] if page.evaluate(folded) else []
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 680, "height": 1000})
    found += page.evaluate(CUT)
    page.set_viewport_size({"width": LAPTOP[0], "height": LAPTOP[1]})
    page.emulate_media(media="screen")
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


def weight(book, site, asked):
    """What a page loads besides its figures, in bytes as they lie on the disk."""
    ours = [url.partition("?")[0] for url in asked if url.startswith(site)]
    files = {book / url.removeprefix(f"{site}/") for url in ours}
    size = sum(f.stat().st_size for f in files if f.is_file() and "_images" not in f.parts)
    return [f"heavy: {size:,} bytes"] if size > 700_000 else []


@pytest.mark.parametrize(
    ("over", "size", "scheme", "uses"),
    [
        ("http", LAPTOP, "light", [questions, keyboard, paper]),
        ("file", PHONE, "dark", [phone]),
    ],
)
def test_every_page_is_quiet_light_drawn_and_fits(book, site, open_page, over, size, scheme, uses):
    page, asked = open_page(size, scheme), []
    page.on("request", lambda request: asked.append(request.url))
    root = site if over == "http" else book.as_uri()
    found = {}
    for name in pages(book):
        page.troubles.clear()
        asked.clear()
        page.emulate_media(color_scheme=scheme)
        page.goto(f"{root}/{name}", wait_until="load")
        bad = weight(book, root, asked)
        for shade in (scheme, *({"light", "dark"} - {scheme})):
            page.emulate_media(color_scheme=shade)
            if name != "404.html":
                page.wait_for_function(SHADE, arg=shade)
            bad += [*page.evaluate(TOO_WIDE), *page.evaluate(NOT_DRAWN), *page.evaluate(TOO_SMALL)]
            if shade == "dark":
                bad += page.evaluate(PALE)
        if page.evaluate("document.documentElement.lang") != "ko":
            bad.append("lang is not ko")
        broken = "[...document.images].filter(i => i.complete && !i.naturalWidth).map(i => i.src)"
        bad += page.evaluate(broken)
        for use in uses if name != "404.html" else []:
            bad += use(page)
        if bad + page.troubles:
            found[name] = bad + page.troubles
    assert not found, found


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
# Contrast is measured once for each colour, size and weight of letters on each ground.
EACH_CONTRAST_ONCE = """() => {
  const known = new Set(), grounds = new Map();
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
}"""
LIGHT = {"preload": False, "reporter": "no-passes"}
COLOURS = ["color-contrast", "link-in-text-block"]
DARK = LIGHT | {"runOnly": {"type": "rule", "values": COLOURS}}
# A run that goes on while another page has its turn.
START = "options => { window.report = axe.run(options); }"
REPORT = "report.then(({violations}) => violations.map(v => [v.id, v.nodes[0].html.slice(0, 150)]))"


# What depends on the size of the screen.
SIZES = ["scrollable-region-focusable", "target-size", "aria-hidden-focus", "button-name"]
PHONES = LIGHT | {"runOnly": {"type": "rule", "values": SIZES}}
# A page of each kind; that every page fits a phone and what scrolls stops there is held above.
KINDS = "book/index book/touch book/results book/glossary search lessons/04_stacked_lstm "
KINDS = {f"{name}.html" for name in (KINDS + "lessons/09_nsmc_homework lessons/10_conv1d").split()}


def test_axe_finds_nothing(book, site, open_page):
    """Every rule in the light, those of colour once more in the dark, of size on some phones.

    Two pages at a time, each loaded once.
    """
    found = {}
    tabs = [open_page(LAPTOP, "light"), open_page(LAPTOP, "light")]
    names = pages(book)
    for start in range(0, len(names), len(tabs)):
        open_tabs = list(zip(tabs, names[start:], strict=False))
        for tab, name in open_tabs:
            tab.set_viewport_size({"width": LAPTOP[0], "height": LAPTOP[1]})
            tab.emulate_media(color_scheme="light")
            tab.goto(f"{site}/{name}", wait_until="load")
            tab.add_style_tag(content="* { transition: none !important }")  # no colour half-way
            tab.evaluate(PLAIN_CODE)
            tab.evaluate(Axe().axe_script)
            tab.evaluate(EACH_CONTRAST_ONCE)
            tab.evaluate(START, LIGHT)
        for tab, name in open_tabs:
            found[name, "light"] = tab.evaluate(REPORT)
            tab.emulate_media(color_scheme="dark")
            if name != "404.html":
                tab.wait_for_function(SHADE, arg="dark")
            tab.evaluate(EACH_CONTRAST_ONCE)
            tab.evaluate(START, DARK)
        for tab, name in open_tabs:
            found[name, "dark"] = tab.evaluate(REPORT)
        open_tabs = [(tab, name) for tab, name in open_tabs if name in KINDS]
        for tab, _ in open_tabs:
            tab.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
            tab.wait_for_function(STOPS)  # the theme waits a moment after a change of size
            tab.evaluate(START, PHONES)
        for tab, name in open_tabs:
            found[name, "phone"] = tab.evaluate(REPORT)
    assert len(found) == 2 * len(names) + len(KINDS)
    assert not any(found.values()), {place: what for place, what in found.items() if what}


# --- The shell -----------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [PHONE, TABLET, (1100, 900)])
def test_both_sidebars_open_and_lead_on(site, open_page, size):
    page = open_page(size)
    page.goto(f"{site}/{LESSON}")
    if size[0] < 992:
        page.locator(".primary-toggle:visible").click()
        link = page.get_by_role("link", name="05. IMDB 리뷰를 읽는 LSTM").first
        expect(link).to_be_in_viewport()
        link.click()
        expect(page).to_have_url(re.compile("05_imdb_lstm"))
        page.goto(f"{site}/{LESSON}")
    if page.locator(".secondary-toggle:visible").count():
        page.locator(".secondary-toggle:visible").click()
    inside = page.locator("#pst-page-toc-nav a:visible", has_text="정리")
    inside.click()
    expect(page.locator("section#정리 > h2")).to_be_in_viewport()
    assert not page.troubles, page.troubles


def test_the_shell_on_a_wide_screen(site, open_page):
    page = open_page(LAPTOP)
    page.goto(f"{site}/{LESSON}")
    sidebar = page.locator("#pst-primary-sidebar")
    expect(sidebar).to_be_visible()
    page.locator(".primary-toggle:visible").click()
    expect(sidebar).not_to_be_in_viewport()
    page.locator(".primary-toggle:visible").click()
    expect(sidebar).to_be_in_viewport()

    # Brightness: three steps, remembered on the next page.
    root = page.locator("html")
    for mode in ("dark", "light", "auto", "dark"):
        page.locator(".theme-switch-button:visible").click()
        expect(root).to_have_attribute("data-mode", mode)
    page.reload()
    expect(root).to_have_attribute("data-theme", "dark")

    # Full screen, and the menus of the header.
    page.locator(".btn-fullscreen-button").click()
    page.wait_for_function("document.fullscreenElement !== null")
    page.locator(".btn-fullscreen-button").click()
    page.wait_for_function("document.fullscreenElement === null")
    for menu, address in (
        ("download", "_sources/lessons/04_stacked_lstm.ipynb"),
        ("launch", "https://colab.research.google.com/github/only-in-this-test/course/blob/"),
        ("source", "https://github.com/only-in-this-test/course/issues/new"),
    ):
        page.locator(f".dropdown-{menu}-buttons > button").click()
        entries = page.locator(f".dropdown-{menu}-buttons .dropdown-menu")
        expect(entries).to_be_visible()
        links = entries.locator("a").evaluate_all("all => all.map(a => a.href)")
        assert any(address in link for link in links), (menu, links)
        page.keyboard.press("Escape")

    page.locator(".prev-next-footer a.right-next").click()
    expect(page).to_have_url(re.compile("05_imdb_lstm"))
    page.locator(".prev-next-footer a.left-prev").click()
    expect(page).to_have_url(re.compile("04_stacked_lstm"))
    assert not page.troubles, page.troubles


def test_code_is_copied_and_unfolded(site, open_page):
    page = open_page(permissions=["clipboard-read", "clipboard-write"])
    page.goto(f"{site}/{LESSON}")
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


def test_the_shell_speaks_korean(book, site, open_page):
    page = open_page()
    words = """() => {
      const found = [];
      for (const e of document.querySelectorAll('body *')) {
        if (e.closest('article, script, style, noscript')) continue;
        for (const name of ['title', 'aria-label', 'placeholder', 'alt', 'data-bs-title',
                            'data-bs-original-title', 'data-tooltip'])
          found.push(e.getAttribute(name) ?? '');
        for (const node of e.childNodes) if (node.nodeType === 3) found.push(node.data.trim());
      }
      return [...new Set(found)].filter(Boolean);
    }"""
    for name in ("book/index.html", "lessons/01_reuters_dense.html", "search.html"):
        page.goto(f"{site}/{name}")
        left = [w for w in page.evaluate(words) if not re.search("[가-힣]", w)]
        titles = page.locator(".bd-sidebar a").all_inner_texts()  # a title may be a name: GloVe
        english = [
            w
            for w in left
            if re.search("[A-Za-z]{2}", w) and not NOT_ENGLISH.fullmatch(w) and w not in titles
        ]
        assert not english, (name, english)
    attributes = "[...document.querySelectorAll('article .headerlink')].map(a => a.title)"
    page.goto(f"{site}/{LESSON}")
    assert set(page.evaluate(attributes)) - {"이 그림의 주소"} == {"이 절의 주소"}


def test_by_keyboard_alone(site, open_page):
    page = open_page()
    page.goto(f"{site}/{LESSON}")
    ring = """(() => {
      const style = getComputedStyle(document.activeElement);
      return style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
    })()"""
    name = "document.activeElement.outerHTML.slice(0, 120)"
    page.keyboard.press("Tab")
    assert "skip-link" in page.evaluate("document.activeElement.parentElement.className")
    page.keyboard.press("Enter")
    assert page.url.endswith("#main-content")
    page.goto(f"{site}/{LESSON}")
    for _ in range(45):
        page.keyboard.press("Tab")
        assert page.evaluate(ring), f"no ring: {page.evaluate(name)}"
    page.keyboard.press("Control+k")
    expect(page.locator("#pst-search-dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#pst-search-dialog")).not_to_be_visible()
    page.keyboard.press("Control+k")
    page.keyboard.type("기울기 소실")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("search.html"))
    expect(page.locator("#search-results li").first).to_be_visible()


# --- Search --------------------------------------------------------------------------------------


def queries():
    for line in Path(__file__).with_name("queries.txt").read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            query, right = line.split(" | ")
            yield query, right.split()


def test_every_query_leads_to_its_page(book, site, open_page):
    assert len(list(queries())) >= 60
    page = open_page()
    page.goto(f"{book.as_uri()}/search.html")
    wrong = {}
    for query, right in queries():
        page.locator("article form.bd-search input").fill(query)
        link = page.locator("#search-results li a").first
        href = link.get_attribute("href") if link.count() else "nothing"
        if not any(f"/{name}.html" in f"/{href}" for name in right):
            wrong[query] = href
    assert not wrong, wrong


@pytest.mark.parametrize("over", ["http", "file"])
def test_a_hit_opens_at_its_section_and_is_marked(book, site, open_page, over):
    root = site if over == "http" else book.as_uri()
    page = open_page(PHONE)
    page.goto(f"{root}/search.html?q=거듭제곱과 기울기소실을")
    hit = page.locator("#search-results li.kind-section a").first
    assert hit.locator("mark").count()
    hit.click()
    heading = page.locator("section#거듭제곱-기울기-소실 > h2")
    expect(heading).to_be_in_viewport()
    expect(page.locator("mark.found").first).to_be_attached()
    assert "기울기 소실" in page.locator("mark.found").all_inner_texts()
    page.locator("button.enough").click()
    expect(page.locator("mark.found")).to_have_count(0)
    assert not page.troubles, page.troubles


def test_search_says_when_it_finds_nothing(site, open_page):
    page = open_page()
    page.goto(f"{site}/search.html?q=쿼크글루온")
    expect(page.locator("#search-summary")).to_contain_text("찾지 못했습니다")
    page.goto(f"{site}/search.html?q=과적합 쿼크글루온")
    expect(page.locator("#search-results li").first).to_contain_text("과적합")


def test_an_excerpt_quotes_no_code(book):
    text = (book / "searchindex.js").read_text("utf-8")
    sentences = re.findall(r'"x":"((?:[^"\\]|\\.)*)"', text)
    assert len(sentences) > 300
    assert not [s for s in sentences if "import keras" in s or "━━" in s]


# --- Pages ---------------------------------------------------------------------------------------


def test_terms_lead_to_the_glossary(site, open_page):
    page = open_page()
    page.goto(f"{site}/{LESSON}")
    term = page.locator("article a.term").first
    assert len(term.get_attribute("title")) > 5
    term.click()
    expect(page).to_have_url(re.compile(r"glossary\.html#term-"))


def test_a_citation_names_its_source(site, open_page):
    page = open_page()
    page.goto(f"{site}/lessons/01_reuters_dense.html")
    link = page.locator("article a[href*='#cite-']").first
    assert len(link.get_attribute("title")) > 20
    link.click()
    expect(page.locator("div.citation:target")).to_be_in_viewport()


def test_a_figure_has_a_number_and_a_caption(book, site, open_page):
    page = open_page()
    page.goto(f"{site}/lessons/00_how_networks_learn.html")
    captions = page.locator("figure figcaption .caption-text").all_text_contents()
    assert [text.split(". ")[0] for text in captions] == [f"그림 0.{n}" for n in range(1, 10)]
    page.locator("article a[href='#그림-0-4']:not(.headerlink)").first.click()
    expect(page.locator("figure#그림-0-4")).to_be_in_viewport()


FOLLOWS = re.compile(r'<figure [^>]*id="그림-(\d+-\d+)">\s*<img [^>]*class="follows-theme"')


def test_plots_follow_the_dark_theme_where_no_meaning_turns(book, site, open_page):
    """Lines on white do; maps of heat do not, nor what the text calls dark or light."""
    html = "".join(
        (book / "lessons" / f"{lesson.name}.html").read_text("utf-8") for lesson in COURSE.lessons()
    )
    follow = set(FOLLOWS.findall(html))
    assert len(follow) > 0.6 * html.count("<figure ")
    assert {"0-2", "0-3", "1-2", "11-5"} <= follow
    heat = {"0-5", "1-5", "2-2", "10-4", "12-1", "12-5", "12-7", "14-1"}
    named = {"0-4", "2-5", "11-1", "11-6"}  # 어두울수록, 검은 틀, 진한 선, 검은 선
    assert not (heat | named) & follow

    # White is the page's ground, and the colours are read, told apart and called as on white.
    colors = sorted({*plots.COLORS.values(), "#ffffff"})
    page = open_page(LAPTOP, "dark")
    page.goto(f"{site}/lessons/01_reuters_dense.html")
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
  image.src = canvas.toDataURL();
  await image.decode();
}"""


def test_addresses_of_sections_can_be_read(book):
    for path in [lesson.path for lesson in COURSE.lessons()]:
        html = (book / "lessons" / f"{path.stem}.html").read_text("utf-8")
        numbered = re.findall(r'<section id="(id\d+)"', html)
        assert not numbered, (path.name, numbered)


# --- Learning ------------------------------------------------------------------------------------


@pytest.mark.parametrize("over", ["http", "file"])
def test_a_question_answers_back_and_is_remembered(book, site, open_page, over):
    root = site if over == "http" else book.as_uri()
    page = open_page(PHONE)
    page.goto(f"{root}/lessons/00_how_networks_learn.html")
    assert not page.evaluate("localStorage.getItem('reading-in-order')"), "nothing for a mere look"
    box = page.locator(".admonition:has(button.choice)").first
    answer = box.locator("xpath=following-sibling::details[1]")
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

    number = page.locator(".admonition:has(form.number)")
    for given, said in (("0.52", "밑이 10인"), ("3", "다시"), ("1.204", "맞았습니다.")):
        number.get_by_role("textbox").fill(given)
        page.keyboard.press("Enter")
        expect(number.get_by_role("status")).to_contain_text(said)

    # Remembered in the contents of every page and on the cards, once read to the end.
    here = ".bd-sidenav .learned"
    page.locator(".prev-next-footer").scroll_into_view_if_needed()
    expect(page.locator(here)).to_contain_text("✓ 2/3")
    page.goto(f"{root}/book/index.html")
    expect(page.locator(here)).to_contain_text("✓ 2/3")
    assert page.locator("a.lesson-card .learned").count() == 1
    page.goto(f"{root}/lessons/00_how_networks_learn.html")
    expect(page.get_by_text("전에 푼 문제입니다.")).to_have_count(2)
    page.locator(".primary-toggle:visible").click()
    page.get_by_role("button", name="읽은 기록 지우기").click()
    expect(page.get_by_text("전에 푼 문제입니다.")).to_have_count(0)
    assert page.locator(".learned").count() == 0
    assert not page.troubles, page.troubles


def test_without_javascript_a_page_can_be_read(site, open_page):
    page = open_page(java_script_enabled=False)
    page.goto(f"{site}/{LESSON}")
    expect(page.locator("h1")).to_be_visible()
    expect(page.locator("div.math svg").first).to_be_visible()
    page.goto(f"{site}/lessons/00_how_networks_learn.html")
    answer = page.locator(".admonition:has-text('확인 문제 1') + details")
    answer.locator("summary").click()
    expect(answer.get_by_text("2번", exact=True)).to_be_visible()
    page.get_by_role("link", name="05. IMDB 리뷰를 읽는 LSTM").first.click()
    expect(page).to_have_url(re.compile("05_imdb_lstm"))
