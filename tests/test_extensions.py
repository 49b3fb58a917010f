"""The Sphinx extensions of book/_ext, as functions and on a book of a few short pages."""

import json
import re
from types import SimpleNamespace

import access
import anchors
import cards
import folded
import formulas
import korean_search
import node
import opening
import pytest
import results_page
import shell
import small_book
import terms
import touch
import yaml
from bs4 import BeautifulSoup
from docutils import nodes
from jinja2 import Environment, FileSystemLoader
from nbformat.v4 import new_notebook, new_output
from small_book import VALUES, code, lesson, new_markdown_cell, png, shown
from sphinx.errors import ExtensionError

from tools.lessons import ROOT
from tools.results import Row

WHERE = "lessons/00_small"


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    built = small_book.build(tmp_path_factory.mktemp("small"))
    assert not built.said, built.said
    return built


@pytest.fixture(scope="module")
def page(built):
    return built.page(WHERE)


@pytest.fixture(scope="module")
def index(built):
    """The search index: pieces by their address."""
    text = (built.out / "searchindex.js").read_text("utf-8")
    pieces = json.loads(text.splitlines()[0].removeprefix("const BOOK = ").rstrip(";"))
    found, top = {}, ""
    for piece in pieces:
        top = top if piece["u"].startswith("#") else piece["u"]
        found[top + (piece["u"] if piece["u"] != top else "")] = piece
    return found


def text(tag):
    return " ".join(tag.get_text().split())


# --- Addresses of sections -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("title", "address"),
    [
        ("3. 왜 아홉 에폭에서 멈추는가?", "왜-아홉-에폭에서-멈추는가"),
        ("10.2 LSTM의 게이트", "lstm의-게이트"),
        ("2단원", "2단원"),
        ("tf-idf: n_gram", "tf-idf-n_gram"),
        ("\u1112\u1161\u11ab글", "한글"),  # as a Mac writes it: letter by letter
        ("…", "section"),
    ],
)
def test_the_address_of_a_section_is_its_title_without_the_number(title, address):
    assert anchors.slug(title) == address


def test_sections_of_the_same_title_are_told_apart(page):
    assert [s["id"] for s in page.select("section > section")] == ["같은-제목", "같은-제목-2"]


def test_an_address_given_by_hand_still_leads_to_its_section(built):
    section = built.page("book/old").select_one("section section")
    assert section["id"] == "이름-붙인-절" and section.find(id="here")
    assert not [tag["id"] for tag in built.page("book/old").select("section[id^=id]")]


# --- Folded cells --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "draws", "figure", "name"),
    [
        ("# 준비: Colab에서\nimport os", False, "", "준비"),
        ("#  층 하나.\nx", True, "그림 1.2", "층 하나"),
        ("x = 1\n# 뒤의 말", False, "", "코드"),
        ("draw()", True, "", "그림을 그리는 코드"),
        ("draw()", True, "그림 3.2", "그림 3.2를 그리는 코드"),
        ("draw()", True, "그림 3.3", "그림 3.3을 그리는 코드"),
        ("draw()", True, "그림 3.6", "그림 3.6을 그리는 코드"),
        ("draw()", True, "그림 3.9", "그림 3.9를 그리는 코드"),
        (
            "# 1.2 같은 길이\n@checks.korean\ndef _check():\n    pass",
            False,
            "",
            "1.2 같은 길이 검사",
        ),
    ],
)
def test_a_fold_is_named_after_what_it_holds(source, draws, figure, name):
    assert folded.name_of(source, draws, figure) == name


def test_the_folds_of_a_page_say_their_names_open_and_closed(page):
    names = [text(p) for p in page.select("details.hide > summary > p")]
    folds = ["새 곡선", "그림 0.2를 그리는 코드", "그림을 그리는 코드"]
    assert names == [f"{name} {does}" for name in folds for does in ("펼치기", "접기")]
    off_paper = ["off-paper" in fold["class"] for fold in page.select("details.hide")]
    assert off_paper == [False, True, True], "what draws a figure"
    assert not page.select("summary[aria-label]"), "a label would hide the words one sees"


# --- Languages and columns -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("node", "english"),
    [
        (nodes.paragraph(text="This movie was not so bad, after all."), True),
        (nodes.paragraph(text="Schmidhuber, J. Long short-term memory."), True),
        (nodes.paragraph(text="이 영화는 This movie was so bad입니다."), False),
        (nodes.paragraph(text="relu tanh"), False),
        (nodes.paragraph(text="[[0.1 0.2] [0.3 0.4]]"), False),
        (nodes.literal_block(text="x = not one of these", language="ipython3"), False),
        (nodes.literal_block(text="this is what it said", language="myst-ansi"), True),
    ],
)
def test_english_text_is_read_aloud_as_english(node, english):
    """Three words and no Hangul, and no code."""
    frame = nodes.raw(text="<td>It was a dark night</td><td>0.3</td>", format="html")
    access.mark_english(None, nodes.section("", node, frame), "")
    assert ("language-en" in node["classes"]) == english
    assert frame.astext() == '<td lang="en">It was a dark night</td><td>0.3</td>'


@pytest.mark.parametrize(
    ("printed", "columns"),
    [
        ("50 에폭을 4분 동안 훈련해 둔 결과를 불러왔습니다(2026-11-29, 2 cores).", False),
        ("긍정 0.04  the first half is great\n  … but the second is a mess", False),
        ("정답은 [1, 2]입니다: ['a', 'b']", False),
        ("가중치:\n[[ 2.08  0.67 -2.47]\n [ 1.10  0.43 -0.24]]", True),
        ("[1 0 0 0] 1 하나도 재미 없다", True),
        ("padding=pre  truncating=pre  [[0, 0, 1]]", True),
        ("okt: 100%|█████| 9/9 [00:01<00:00]", True),
    ],
)
def test_printed_lines_wrap_but_for_columns(printed, columns):
    block = nodes.literal_block(printed, printed, classes=["output", "stream"])
    access.mark_columns(None, nodes.section("", block), "")
    assert ("in-columns" in block["classes"]) == columns


# --- Pictures ------------------------------------------------------------------------------------


def test_a_picture_is_as_its_recording_says_and_leads_to_its_file(built, page):
    """Letters of five points are 7.6 pixels here: the large view has them at eleven."""
    found = []
    for link in page.select("a.picture"):
        image = link.img
        follows = "follows-theme" in image.get("class", [])
        values = json.loads(image.get("data-values", "null"))
        size = f"{image['width']} {image['height']}"
        found.append((image["alt"], size, link["data-width"], follows, image["loading"], values))
        assert link["href"] == image["src"] and (built.out / "lessons" / link["href"]).exists()
        assert link.find_parent("a") is None, "a link in a link"
    assert found == [
        ("새 곡선의 그림", "400 200", "634", True, "eager", VALUES),
        ("제목 없는 그림", "50 20", "50", False, "lazy", None),
        ("옛 그림", "600 300", "600", False, "lazy", None),
        ("또 한 그림", "40 20", "40", False, "lazy", None),
        ("손으로 그린 그림", "300 90", "300", True, "lazy", None),
    ]


def test_scripts_come_where_they_are_needed(built):
    for name, scripts in (("lessons/00_small", "values core powers"), ("book/index", "")):
        asked = built.page(name).select("script[src*='values.js'], script[src*='touch/']")
        found = [re.search(r"(\w+)\.js", tag["src"])[1] for tag in asked]
        assert sorted(found) == sorted(scripts.split())


def test_a_caption_and_the_picture_above_it_are_a_figure(page):
    for number, alt in (("0-1", "새 곡선의 그림"), ("0-2", "옛 그림")):
        figure = page.find("figure", id=f"그림-{number}")
        assert figure.img["alt"] == alt
        assert text(figure.figcaption).startswith(f"그림 {number.replace('-', '.')}. ")
    assert page.find("figure", id="그림-0-2").figcaption.strong, "a caption keeps its emphasis"
    assert len(page.select("figure")) == 2


def test_a_figures_name_leads_to_it_from_its_page_and_from_others(built, page):
    here = [link["href"] for link in page.select("p > a") if "그림 0." in text(link)]
    assert here == ["#그림-0-1", "#그림-0-2"]
    there = built.page("book/index").find("a", string="그림 0.1")
    assert there["href"] == "../lessons/00_small.html#그림-0-1"
    assert not page.select("figcaption a[href*=그림]:not(.headerlink)"), "a caption links nowhere"


# --- Terms ---------------------------------------------------------------------------------------


def test_the_first_place_of_a_term_in_a_lesson_leads_to_its_definition(built, page):
    links = page.select("a.term")
    assert [text(link) for link in links] == ["망각 게이트(forget gate)", "게이트(gate)"]
    assert links[0]["href"] == "../book/glossary.html#term-forget-gate"
    assert links[1]["title"] == "무엇이 지나갈지 정하는 수."
    assert not page.select("code a")
    assert not built.page("book/index").select("a.term"), "in lessons only"


def test_a_definition_leads_back_to_where_its_term_is_given(built, page):
    glossary = built.page("book/glossary")
    places = glossary.select("dd .places a")
    assert [text(place) for place in places] == ["00단원", "00단원"]
    for place in places:
        where, _, anchor = place["href"].partition("#")
        assert where == "../lessons/00_small.html" and page.find(id=anchor)["class"][0] == "term"
    assert [(text(a), a["href"]) for a in glossary.select(".letters a")] == [
        ("ㄱ", "#term-gate"),
        ("ㅁ", "#term-forget-gate"),
    ]


@pytest.mark.parametrize(
    ("term", "letter"), [("까닭", "ㄱ"), ("n-그램", "N"), ("힘", "ㅎ"), ("F1", "F"), ("빈칸", "ㅂ")]
)
def test_a_term_stands_under_its_first_letter(term, letter):
    assert terms.initial(term) == letter


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("게이트 (gate)의", ["게이트(gate"]),
        ("게이트(Gate, 문)와 게이트", ["게이트(gate"]),
        ("망각 게이트(forget gate)", ["망각 게이트(forget gate"]),
        ("게이트(door)", []),
        ("시험(test set)", ["시험(test set"]),
    ],
)
def test_a_term_is_known_however_it_is_written(said, found):
    given = dict.fromkeys(["게이트(gate", "망각 게이트(forget gate", "시험(test", "시험(test set"])
    assert [term for _, term in terms.find_terms(said, given)] == found


# --- Formulas ------------------------------------------------------------------------------------


def test_a_formula_is_a_picture_for_the_eye_and_mathml_for_a_screen_reader(page):
    inline, block = page.select_one("span.math"), page.select_one("div.math")
    for formula in (inline, block):
        assert formula.svg["aria-hidden"] == "true"
        assert formula.select_one("mjx-assistive-mml math")
    assert block["tabindex"] == "0", "a wide one scrolls, by keyboard, too"
    assert text(inline.math) == "gt"


def test_a_page_draws_each_glyph_once(page):
    drawn = [path["id"] for path in page.select("svg path[id]")]
    assert len(drawn) == len(set(drawn))
    used = {use["href"].removeprefix("#") for use in page.select("svg use")}
    assert used == set(drawn)


def test_a_display_formula_shrinks_by_a_quarter_at_most_and_is_lean():
    drawn = formulas.typeset("x + y", True)
    width = float(drawn.split('width="')[1].split("ex")[0])
    assert f"min-width: {0.75 * width:.1f}ex" in drawn
    assert "min-width" not in formulas.typeset("x + y", False)
    assert not re.search("data-|xmlns", drawn), "nothing that only MathJax would read"


def test_korean_words_in_a_formula_are_words():
    drawn = formulas.typeset(r"c \quad \text{새 정보를 얼마나}", True)
    words = BeautifulSoup(drawn, "html.parser").select("svg text")
    assert [text(word) for word in words] == ["새", "정보를", "얼마나"]


def test_a_formula_that_cannot_be_read_stops_the_build():
    with pytest.raises(ExtensionError, match=r"cannot read '\\\\frac\{1'"):
        formulas.typeset(r"\frac{1", False)


# --- JavaScript at build time ---------------------------------------------------------------------


def test_a_script_that_ends_stops_the_build():
    with pytest.raises(ExtensionError, match="ended"):
        node.Program("serve(() => process.exit());").ask(1)


# --- Pieces to touch -----------------------------------------------------------------------------


def test_a_lesson_shows_the_piece_of_its_home_page_with_its_table(page):
    piece = page.select_one("div.touch[data-touch=powers]")
    assert json.loads(piece["data-given"]) == touch.at_home("powers")
    assert len(piece.select("table tbody tr")) == 4


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("그림 7.1을 보십시오.", "그림 7.1, which is nowhere"),
        ("```{touch} nothing\n읽는 글\n```", "nothing"),
        ("```{touch} nothing\n{a: 1}\n```", "nothing"),
        (shown(png(9, 9, "red"), "그림 0.1. 앞", alt="뒤")[::-1], "stands below no picture"),
    ],
)
def test_what_leads_nowhere_stops_the_build(tmp_path, body, told):
    cell = new_markdown_cell(body) if isinstance(body, str) else code("draw()", *body)
    notebook = lesson(new_markdown_cell("# 쪽"), cell)
    with pytest.raises(ExtensionError, match=told):
        small_book.build(tmp_path, {}, {"book/index.ipynb": notebook})


def test_a_piece_is_given_what_a_lesson_glued_or_says_what_to_record(monkeypatch):
    lessons = {"01": SimpleNamespace(values={"gap": 0.1})}
    monkeypatch.setattr(touch, "COURSE", SimpleNamespace(find=lessons.get))
    assert yaml.load("{rate: !run 01.gap}", touch.Given) == {"rate": 0.1}
    with pytest.raises(ExtensionError, match="glues no rate: make record LESSON=01"):
        yaml.load("!run 01.rate", touch.Given)


def test_words_of_another_glove_stop_the_build_and_a_model_that_no_lesson_left(monkeypatch):
    monkeypatch.setattr(touch.word_space, "digest", lambda: "another")
    with pytest.raises(ExtensionError, match="made from another GloVe"):
        touch.table("words", touch.at_home("words"))
    with pytest.raises(ExtensionError, match="record the lesson"):
        touch.table("review", {"model": "nobody", "examples": []})


# --- Search --------------------------------------------------------------------------------------


def test_the_index_holds_pages_sections_and_terms_in_order(index):
    assert [where for where in index if where.startswith(("lessons", "book/gl"))] == [
        "book/glossary.html",
        "book/glossary.html#term-gate",
        "book/glossary.html#term-forget-gate",
        "lessons/00_small.html",
        "lessons/00_small.html#같은-제목",
        "lessons/00_small.html#같은-제목-2",
    ]
    assert index["book/glossary.html#term-gate"]["x"] == "무엇이 지나갈지 정하는 수."
    assert index["book/glossary.html"]["x"] == "", "a term is found by itself"
    assert index["lessons/00_small.html#같은-제목"]["c"] == "Dense_layer numpy", "names in code"


def test_an_excerpt_quotes_no_code_no_output_no_tex_and_no_table_to_touch(index):
    said = " ".join(piece["x"] for piece in index.values())
    assert "g_t입니다" in said and "그림 0.1. 곡선" in said
    for word in ("import", "찍은 글", "\\alpha", "10⁻⁴", "열", "구분"):
        assert word not in said


def test_a_name_that_many_sections_hold_leads_to_none():
    pieces = [{"c": "Dense rare"} for _ in range(korean_search.COMMON)] + [{"c": "Dense"}]
    korean_search.drop_common_names(pieces)
    assert [piece["c"] for piece in pieces] == ["rare"] * korean_search.COMMON + [""]


# --- The shell -----------------------------------------------------------------------------------


def document(*texts, boxed=()):
    made, section = nodes.section(), nodes.section()
    box = nodes.note("", *[nodes.paragraph(text=text) for text in boxed])
    section += [box, *[nodes.paragraph(text=text) for text in texts]]
    made += section
    return made


def test_a_page_is_about_its_first_sentence_outside_a_box():
    long = "열 글자짜리 낱말로 " * 20
    said = "이 쪽이 무엇을 말하는지  적은\n글이고 서른 글자를 넘습니다."
    about = shell.first_sentences(document("짧은 글", said, boxed=[long]))
    assert about == "이 쪽이 무엇을 말하는지 적은 글이고 서른 글자를 넘습니다."
    cut = shell.first_sentences(document(long))
    assert 140 < len(cut) <= 152 and cut.removesuffix(" …").split()[-1] in long.split()
    assert shell.first_sentences(document("짧은 글")) == ""


def test_the_site_is_where_github_puts_the_pages_of_a_repository(monkeypatch):
    monkeypatch.setattr(shell.address, "current", lambda: "https://github.com/Some-One/a-course")
    assert shell.site() == "https://some-one.github.io/a-course/"


def test_a_problem_is_reported_in_korean():
    url = "https://github.com/a/b/issues/new?title=Issue%20on&body=Your"
    button, other = {"url": url}, {"url": "https://github.com/a/b"}
    context = {"header_buttons": [{"buttons": [button, other]}, {"type": "link"}]}
    shell.report_in_korean(None, "book/index", "", context, None)
    assert button["url"].startswith("https://github.com/a/b/issues/new?title=book/index%20")
    assert "Issue" not in button["url"] and other["url"] == "https://github.com/a/b"


def test_a_page_says_what_it_is(monkeypatch):
    monkeypatch.setattr(shell, "site", lambda: "https://a.github.io/b/")
    config = SimpleNamespace(html_title="이 책", root_doc="book/index")
    builder = SimpleNamespace(images={"x.svg": "x.svg", "y.png": "y.png"})
    app = SimpleNamespace(config=config, builder=builder)
    doctree = document("이 쪽이 무엇을 말하는지 적은 글이고 <서른> 글자를 훌쩍 넘습니다.")
    doctree += [nodes.image(uri="x.svg"), nodes.image(uri="y.png")]
    context = {"title": "<em>가</em> &amp; 나", "pageurl": "u", "pagename": "lessons/01"}
    shell.describe(app, "lessons/01", "", context, doctree)
    templates = Environment(loader=FileSystemLoader(ROOT / "book" / "_templates"))
    tags = templates.get_template("preview.html").render(context)
    assert 'property="og:title" content="가 &amp; 나"' in tags and tags.count("&lt;서른&gt;") == 2
    assert 'og:image" content="https://a.github.io/b/_images/y.png"' in tags
    assert 'og:url" content="https://a.github.io/b/lessons/01.html"' in tags
    assert 'og:type" content="article"' in tags and context["pageurl"] == "u"
    context = {"title": "찾기", "pageurl": "u"}
    shell.describe(app, "search", "", context, None)
    assert context["pageurl"] is None, "no reader should be led there"
    assert context["picture"] == "_static/page.png" and context["about"] == "이 책"


# --- Cards ---------------------------------------------------------------------------------------


def a_lesson(**more):
    said = {"name": "07_simple_rnn", "title": "07. 이름 <b>", "goal": "A <i>B를 안다", "minutes": 3}
    said |= {"pictures": [], "text": "가" * 2400, "data": ["IMDB", "NSMC"]}
    said["notebook"] = new_notebook()
    return SimpleNamespace(**said | more)


def test_a_card_says_what_a_lesson_says_of_itself():
    card = BeautifulSoup(cards.card(a_lesson(), "../l/07.html"), "html.parser").a
    said = [text(span) for span in card.select("span")]
    assert said == ["07 이름 <b>", "읽기 약 5분 · 실행 약 3분 · IMDB · NSMC"]
    assert card["href"] == "../l/07.html" and card.svg["aria-hidden"] == "true"


def test_a_lesson_without_an_emblem_has_a_bead():
    assert cards.emblem("07_simple_rnn") != cards.PLAIN == cards.emblem("99_nothing")


def test_the_time_to_read_counts_text_open_code_and_pictures():
    def minutes(**more):
        return opening.reading_minutes(a_lesson(**more))

    open_code = code("x = 1\n\n" * 120)
    folded_code = code("x = 1\n" * 120, hidden=True)
    assert minutes(text="가 " * 4000) == 10
    assert minutes(text="$$" + "x" * 9000 + "$$") == 5, "a few minutes at least"
    assert minutes(notebook=new_notebook(cells=[open_code])) == 15
    assert minutes(notebook=new_notebook(cells=[folded_code])) == 5
    assert minutes(pictures=[1] * 18) == 15


def test_a_lesson_on_no_step_of_the_path_stops_the_build(tmp_path, monkeypatch):
    lessons = [a_lesson(name="00_one", path=tmp_path), a_lesson(name="01_two", path=tmp_path)]
    monkeypatch.setattr(cards.COURSE.__class__, "lessons", lambda self: lessons)
    pages = {
        "book/index.md": "# 쪽\n\n```{path}\n첫걸음: one later\n둘째: two\n셋째: nothing\n```\n"
    }
    extensions = {"extensions": ["myst_nb", "formulas", "cards"]}
    steps = small_book.build(tmp_path / "a", pages, {}, **extensions).page("book/index")
    assert [text(step.h3) for step in steps.select("ol.path > li")] == ["첫걸음", "둘째"]
    assert [a["href"] for a in steps.select("a.lesson-card")] == [
        f"../lessons/{n}.html" for n in ("00_one", "01_two")
    ]
    pages["book/index.md"] = "# 쪽\n\n```{path}\n첫걸음: one\n```\n"
    with pytest.raises(ExtensionError, match="on no step of the path: two"):
        small_book.build(tmp_path / "b", pages, {}, **extensions)


# --- Results -------------------------------------------------------------------------------------


def test_a_row_of_results_says_source_ours_band_and_comparisons():
    row = Row(
        *("03_simple", "이름", "검증 정확도", "정확도", 0.40444, [0.39, 0.4, 0.41]),
        compare={"가장 많은 값": 0.351, "선형": 0.5},
        source=0.404,
        cite="someone2020",
    )
    head, _, line = results_page.table([row]).splitlines()
    cells = [cell.strip() for cell in line.strip("|").split("|")]
    assert len(cells) == len(head.strip("|").split("|"))
    assert cells[:4] == [
        "[03. 이름](../lessons/03_simple.ipynb)",
        "검증 정확도",
        "0.4040 {cite}`someone2020`",
        "0.4044 (0.4000)",
    ]
    low, high = map(float, cells[4].split(" – "))
    assert low < 0.39 and high > 0.41 and abs((low + high) / 2 - 0.4) < 1e-4
    assert cells[5] == "가장 많은 값 0.351, 선형 0.500"


def test_a_row_without_a_source_has_a_dash():
    row = Row("11_x", "이름", "MAE", "도", 2.5, [2.4, 2.6], {}, None, None)
    assert "| — |" in results_page.table([row]).splitlines()[2]


def test_a_pointer_reads_every_mark_of_the_results_and_its_lesson(tmp_path):
    row = Row("03_x", "이름", "값", "정확도", 0.5, [0.4, 0.6], {"빈도": 0.2}, 0.3, None)
    [panel] = results_page.picture([row], tmp_path / "results.svg")["values"]
    assert panel["y"]["places"] == {"0": "03. 이름"} and panel["x"]["name"] == "정확도"
    told = {line["name"]: line["x"] for line in panel["lines"]}
    assert told.pop("띠의 끝")[0] < 0.4
    assert told == {"시드마다": [0.4, 0.6], "빈도": [0.2], "출처 수치": [0.3], "우리 수치": [0.5]}


def test_a_drawing_of_a_lesson_has_its_words_as_a_plot_has(tmp_path):
    svg = '<svg xmlns="http://www.w3.org/2000/svg" width="30" height="9">\n</svg>'
    data, words = {"image/svg+xml": svg, "text/plain": "상자"}, {"image/svg+xml": {"alt": "상자"}}
    output = new_output("display_data", data=data, metadata=words)
    caption = new_output("display_data", data={"text/markdown": "그림 0.7. 상자"})
    notebook = lesson(new_markdown_cell("# 00. 그림"), code("plots.drawing()", output, caption))
    built = small_book.build(tmp_path, {}, {"book/index.ipynb": notebook})
    [figure] = built.page("book/index").select("figure")
    assert figure.img["alt"] == "상자"
    assert "그림 0.7. 상자" in figure.figcaption.get_text()
