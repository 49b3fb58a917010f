"""Search in Korean: index every two-syllable piece, so that a word is found inside an eojeol.

"임베딩을" is indexed as 임베, 베딩, 딩을; a query is cut the same way in the browser.
"""

import re

from sphinx.application import Sphinx
from sphinx.search import SearchLanguage, languages

HANGUL = re.compile("[가-힣]+")
SPLIT = """
function splitQuery(query) {
    const pieces = [];
    for (const word of query.match(/[\\uac00-\\ud7a3]+|[\\p{L}\\p{N}_]+/gu) || []) {
        if (/^[\\uac00-\\ud7a3]{3,}$/.test(word))
            for (let i = 0; i + 2 <= word.length; i++) pieces.push(word.slice(i, i + 2));
        else
            pieces.push(word);
    }
    return pieces;
}
"""


class SearchKorean(SearchLanguage):
    lang = "ko"
    language_name = "Korean"
    js_splitter_code = SPLIT
    js_stemmer_rawcode = None
    js_stemmer_code = "var Stemmer = function () { this.stemWord = (w) => w; };"
    stopwords: set[str] = set()
    _word = re.compile("[가-힣]+|[^\\W가-힣]+")

    def split(self, text: str) -> list[str]:
        words = []
        for word in self._word.findall(text):
            if HANGUL.fullmatch(word) and len(word) > 2:
                words += [word[i : i + 2] for i in range(len(word) - 1)]
            else:
                words.append(word)
        return words

    def word_filter(self, word: str) -> bool:
        return len(word) > 1 or bool(HANGUL.fullmatch(word))


def setup(app: Sphinx) -> dict:
    languages["ko"] = SearchKorean
    return {"parallel_read_safe": True}
