"""The faces of the book: small, complete for what the book says, and under their licence."""

import re
from collections import Counter

from tools import fonts


def letters_of(family: str) -> set[str]:
    """The letters that fonts.css says a family has."""
    sheet = (fonts.FOLDER / "fonts.css").read_text("utf-8")
    found: set[str] = set()
    for name, ranges in re.findall(r'font-family:"([^"]*)".*?unicode-range:([^}]*)}', sheet):
        for part in ranges.split(",") if name == family else ():
            start, _, end = part.removeprefix("U+").partition("-")
            found |= set(map(chr, range(int(start, 16), int(end or start, 16) + 1)))
    return found


def test_they_are_small_and_carry_their_licence():
    sizes = {path.name: path.stat().st_size for path in fonts.FOLDER.glob("*.woff2")}
    text = [size for name, size in sizes.items() if name.startswith("sans-")]
    assert len(text) > 3 and sum(text) < 400_000 and max(text) < 120_000, sizes
    licence = (fonts.FOLDER / "OFL.txt").read_text("utf-8")
    assert "SIL OPEN FONT LICENSE" in licence and "NHN" in licence and "Kil Hyung-jin" in licence
    sheet = (fonts.FOLDER / "fonts.css").read_text("utf-8")
    assert sorted(re.findall(r'url\("([^"]*)"', sheet)) == sorted(sizes)
    assert not re.search("pretendard|d2coding", sheet, re.I), "reserved names"


def test_they_have_what_the_book_says():
    """All of KS X 1001; what the book adds to it now and then may come from the reader's system."""
    text, code = fonts.letters()
    for family, used in (("Order Sans", text), ("Order Code", code)):
        hangul = Counter({letter: n for letter, n in used.items() if fonts.is_hangul(letter)})
        missing = set(hangul) - letters_of(family)
        assert sum(hangul[letter] for letter in missing) < 0.001 * hangul.total(), missing


def test_letters_are_told_as_css_tells_them():
    assert fonts.ranges("cab가") == "U+61-63,U+AC00"
