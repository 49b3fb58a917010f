"""make fonts: cut the faces of the book out of their packages, for the letters that it uses.

Two faces under the SIL Open Font License, from npm's packages: Pretendard for text, D2Coding for
code, whose Hangul is as wide as two Latin letters. A part of a face may not bear its reserved name
(the licence's third point), so they are called Order Sans and Order Code here. The face for text
is one variable font (400 to 700) in files by range of letters, so that a page asks only for the
ranges it needs: Latin, then Hangul, what the book uses most first, all of KS X 1001. A letter of
neither is drawn by the reader's system.
Needs npm, fontTools (comes with matplotlib) and brotli (`pip install brotli`).
"""

import json
import shutil
import subprocess
import tarfile
import tempfile
from collections import Counter
from collections.abc import Iterable
from hashlib import sha256
from itertools import pairwise
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

from tools.lessons import COURSE, ROOT

FOLDER = ROOT / "book" / "_static" / "fonts"
# Package, its file, the sha256 of that file.
TEXT = (
    "pretendard@1.3.9",
    "dist/public/variable/PretendardVariable.ttf",
    "3090ccde0442bb347aa7685d9ba8b17436a60682df6e8f92a9a670de14056e22",
)
CODE = (
    "d2coding@1.3.2",
    "src/d2coding.ttf",
    "8b1b23e5de4dff652fb0b938528150d2f531edfda281d3944618b655711aba84",
)
STEPS = (200, 500, 900, 1500, 2000)  # syllables after which a new file begins
IN_CODE = 1200  # syllables of the face for code
# The OFL lies in TEXT's package; CODE's names it without its words.
PARTS = """Order Sans is a part of Pretendard, Order Code a part of D2Coding.

Copyright (c) 2015-2016 NHN Corporation. Font designed by FONTRIX Inc.
"""


def unpack(package: str, name: str, digest: str, folder: Path) -> Path:
    """A file of a package of npm, which is unpacked into ``folder``."""
    command = ["npm", "pack", "--silent", "--pack-destination", str(folder), package]
    packed = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()[-1]
    with tarfile.open(folder / packed) as archive:
        archive.extractall(folder / package, filter="data")
    path = folder / package / "package" / name
    if sha256(path.read_bytes()).hexdigest() != digest:
        raise SystemExit(f"{name} is not the file that the book was made with")
    return path


def letters() -> tuple[Counter[str], Counter[str]]:
    """How often each letter stands in the text of the book, and in its code."""
    text, code = Counter[str](), Counter[str]()
    for page in [*(ROOT / "book").glob("*.md"), *(ROOT / "book" / "_static").glob("touch/*.js")]:
        text.update(page.read_text("utf-8"))
    for lesson in COURSE.lessons():
        text.update(lesson.text)
        code.update(lesson.code + lesson.text)
        outputs = [cell.get("outputs", []) for cell in lesson.cells]
        code.update(json.dumps(outputs, ensure_ascii=False))
    return text, code


def is_hangul(letter: str) -> bool:
    return "가" <= letter <= "힣"


def ranges(chosen: Iterable[str]) -> str:
    """Letters as CSS writes them: U+AC00-AC01,U+AC04."""
    found: list[list[int]] = []
    for code in sorted(map(ord, chosen)):
        if found and code == found[-1][1] + 1:
            found[-1][1] = code
        else:
            found.append([code, code])
    return ",".join(f"U+{a:X}" + (f"-{b:X}" if b > a else "") for a, b in found)


def cut(font: TTFont, family: str, weight: str, letters: Iterable[str], path: Path) -> str:
    """Write the glyphs of the letters that a font has as woff2 under a new name; return its CSS."""
    known = font.getBestCmap()
    chosen = [letter for letter in letters if ord(letter) in known]
    options = subset.Options(layout_features=["kern", "ccmp"], hinting=False)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=map(ord, chosen))
    subsetter.subset(font)
    for record in font["name"].names:
        if record.nameID not in (0, 13, 14):  # copyright and licence
            record.string = {2: "Regular", 6: family.replace(" ", "")}.get(record.nameID, family)
    font.flavor = "woff2"
    font.save(path)
    print(f"{path.relative_to(ROOT)}: {path.stat().st_size:,} bytes")
    return (
        f'@font-face{{font-family:"{family}";font-weight:{weight};font-display:swap;'
        f'src:url("{path.name}") format("woff2");unicode-range:{ranges(chosen)}}}\n'
    )


def main() -> None:
    text, code = letters()
    used = [letter for letter, _ in (text + code).most_common() if is_hangul(letter)]
    every = map(chr, range(ord("가"), ord("힣") + 1))
    common = [c for c in every if len(c.encode("euc_kr")) == 2]  # the others are eight bytes there
    syllables = list(dict.fromkeys(used + common))
    plain = [*map(chr, range(0x20, 0x7F)), *"ㄱㄴㄷㄹㅁㅂㅅㅇㅈㅊㅋㅌㅍㅎ"]
    plain += [c for c in text if 0x7F < ord(c) < 0x3100]
    edges = [0, *STEPS, len(syllables)]
    parts = [plain, *(syllables[a:b] for a, b in pairwise(edges) if a < b)]
    in_code = [c for c in code if 0x20 <= ord(c) < 0x3200] + syllables[:IN_CODE]
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir()
    with tempfile.TemporaryDirectory() as folder:
        whole, coding = (unpack(*package, Path(folder)) for package in (TEXT, CODE))
        light = Path(folder, "light.ttf")
        instancer.instantiateVariableFont(TTFont(whole), {"wght": (400, 700)}).save(light)
        css = "".join(
            cut(TTFont(light), "Order Sans", "400 700", part, FOLDER / f"sans-{number}.woff2")
            for number, part in enumerate(parts)
        )
        css += cut(TTFont(coding), "Order Code", "400", in_code, FOLDER / "code.woff2")
        licence = (whole.parents[2] / "LICENSE.txt").read_text("utf-8")
    (FOLDER / "fonts.css").write_text(css, encoding="utf-8")
    (FOLDER / "OFL.txt").write_text(PARTS + licence, encoding="utf-8")


if __name__ == "__main__":
    main()
