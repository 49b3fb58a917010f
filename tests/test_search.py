"""Search: what readers type leads to the right page, and what they paste freezes nothing."""

import json
import tomllib
import unicodedata
from pathlib import Path

import psutil
import pytest
from node import Program

from tools.lessons import ROOT

QUERIES = tomllib.loads(Path(__file__).with_name("queries.toml").read_text("utf-8"))
SCRIPT = """
const read = (file) => require('fs').readFileSync(file, 'utf8');
const shared = ';Object.assign(globalThis, {search, words});';
require('vm').runInThisContext(process.argv.slice(1).map(read).join('') + shared);
const first = ({results}) => results.slice(0, 3).map(({piece}) => piece.u);
serve(({name, query}) => {
  const answer = globalThis[name](query);
  return name === 'search' ? {...answer, results: undefined, first: first(answer)} : answer;
});
"""


@pytest.fixture(scope="module")
def program(book):
    return Program(SCRIPT, str(book / "searchindex.js"), str(ROOT / "book/_static/search.js"))


@pytest.fixture(scope="module")
def search(program):
    return lambda query: program.ask({"name": "search", "query": query})


@pytest.mark.parametrize("kind", QUERIES)
def test_every_query_leads_to_its_page(search, kind):
    wrong = {}
    for query, right in QUERIES[kind].items():
        first = (search(query)["first"] or ["nothing"])[0]
        places = [f"/{name}".replace("#", ".html#") for name in right.split()]
        if not any(place in f"/{first}" for place in places):
            wrong[query] = first
    assert not wrong, json.dumps(wrong, ensure_ascii=False, indent=1)


def test_a_query_typed_on_a_mac_is_the_same_query(search):
    decomposed = unicodedata.normalize("NFD", "임베딩")
    assert search(decomposed)["first"] == search("임베딩")["first"] != []


def test_a_slip_is_told(search):
    """A key or two away, or typed on the other layout; what is in the book is no slip."""
    assert search("임베딘")["slips"] == [["임베딘", "임베딩"]]
    assert search("dlaqpeld")["slips"] == [["dlaqpeld", "임베딩"]]
    assert search("임베딩을")["slips"] == search("쿼크글루온")["slips"] == []


def test_a_word_that_is_nowhere_finds_no_other_word(search):
    for query in ("쿼크글루온", "zzzzzz", "뷁뷁뷁"):
        assert search(query)["first"] == [], query


def test_words_of_a_question_are_dropped_unless_there_are_no_others(program):
    def words(query):
        return program.ask({"name": "words", "query": query})

    assert words("왜 학습률을 알려 주세요?") == ["학습률을"]
    assert words("왜") == ["왜"]
    assert words("\u200b임베딩\u202e \u2066LSTM") == ["임베딩", "lstm"], "as messengers copy it"
    assert words("3단원") == words("단원 3") == words("chapter 3") == ["3단원"]


def test_of_a_pasted_report_the_line_of_the_error_is_sought(program):
    report = "Traceback (most recent call last):\n" + "  File x\n" * 99 + "KeyError: 'review'\n"
    words = program.ask({"name": "words", "query": report})
    assert words == ["keyerror", "review"]


@pytest.mark.parametrize(
    "text", ["가" * 1_000_000, "가나 다라 " * 200_000, "a" * 5000, "Error" * 9999]
)
def test_what_is_pasted_freezes_nothing(program, search, text):
    node = psutil.Process(program.process.pid)
    before = sum(node.cpu_times()[:2])
    answer = search(text)
    assert sum(node.cpu_times()[:2]) - before < 5, "seconds of CPU: a busy machine changes nothing"
    assert len(answer["marks"]) <= 12
