"""make fonts: cut the faces of the book out of their packages, for the letters that it uses.

Two faces under the SIL Open Font License, from npm's packages: Pretendard for text, D2Coding for
code, whose Hangul is as wide as two Latin letters. A part of a face may not bear its reserved name
(the licence's third point), so they are called Order Sans and Order Code here. The face for text
is one variable font (400 to 700) in files by range of letters, so that a page asks only for the
ranges it needs: Latin, then Hangul, what the book uses most first, all of KS X 1001. A letter of
neither is drawn by the reader's system.
Needs npm, fontTools (comes with matplotlib) and brotli (`pip install brotli`).
"""

import io
import json
import subprocess
import tarfile
import tempfile
from collections import Counter
from collections.abc import Iterable
from hashlib import sha256
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
LICENCE = "dist/LICENSE.txt"  # in TEXT's package: the OFL, which CODE's names without its words
STEPS = (200, 500, 900, 1500, 2000)  # syllables after which a new file begins
IN_CODE = 1200  # syllables of the face for code
D2CODING = "Copyright (c) 2015-2016 NHN Corporation. Font designed by FONTRIX Inc."


def unpack(package: str, folder: Path) -> Path:
    """What a package of npm holds, in ``folder``."""
    command = ["npm", "pack", "--silent", "--pack-destination", str(folder), package]
    name = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()[-1]
    with tarfile.open(folder / name) as archive:
        archive.extractall(folder / package, filter="data")
    return folder / package / "package"


def read(package: Path, name: str, digest: str) -> bytes:
    content = (package / name).read_bytes()
    if sha256(content).hexdigest() != digest:
        raise SystemExit(f"{name} is not the file that the book was made with")
    return content


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


def in_ks(letter: str) -> bool:
    """Whether a syllable is one of the 2,350 of KS X 1001, which nearly all texts do with."""
    return len(letter.encode("euc_kr")) == 2  # the others are written as eight bytes


def cut(font: TTFont, name: str, chosen: Iterable[str], path: Path) -> None:
    """Write the glyphs of the chosen letters as woff2, under a name of its own."""
    options = subset.Options(layout_features=["kern", "ccmp"], hinting=False)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=[ord(letter) for letter in chosen])
    subsetter.subset(font)
    for record in font["name"].names:
        if record.nameID not in (0, 13, 14):  # copyright and licence
            record.string = {2: "Regular", 6: name.replace(" ", "")}.get(record.nameID, name)
    font.flavor = "woff2"
    font.save(path)


def ranges(chosen: Iterable[str]) -> str:
    """Letters as CSS writes them: U+AC00-AC01,U+AC04."""
    found: list[list[int]] = []
    for code in sorted(map(ord, chosen)):
        if found and code == found[-1][1] + 1:
            found[-1][1] = code
        else:
            found.append([code, code])
    return ",".join(f"U+{a:X}" + (f"-{b:X}" if b > a else "") for a, b in found)


def face(family: str, weight: str, name: str, chosen: Iterable[str]) -> str:
    return (
        f'@font-face{{font-family:"{family}";font-weight:{weight};font-display:swap;'
        f'src:url("{name}") format("woff2");unicode-range:{ranges(chosen)}}}'
    )


def main() -> None:
    text, code = letters()
    used = [letter for letter, _ in (text + code).most_common() if is_hangul(letter)]
    common = [letter for letter in map(chr, range(ord("가"), ord("힣") + 1)) if in_ks(letter)]
    syllables = list(dict.fromkeys([*used, *common]))
    plain = [chr(c) for c in range(0x20, 0x7F)] + [c for c in "ㄱㄴㄷㄹㅁㅂㅅㅇㅈㅊㅋㅌㅍㅎ"]
    plain += [c for c in text if 0x7F < ord(c) < 0x3100]
    edges = [0, *STEPS, len(syllables)]
    parts = [plain, *(syllables[a:b] for a, b in zip(edges, edges[1:], strict=False) if a < b)]
    in_code = [c for c in code if 0x20 <= ord(c) < 0x3200] + syllables[:IN_CODE]
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.iterdir():
        old.unlink()
    with tempfile.TemporaryDirectory() as folder:
        whole, coding = (unpack(name, Path(folder)) for name, _, _ in (TEXT, CODE))
        variable = TTFont(io.BytesIO(read(whole, *TEXT[1:])))
        variable = instancer.instantiateVariableFont(variable, {"wght": (400, 700)})
        light = io.BytesIO()
        variable.save(light)
        rules = []
        for number, part in enumerate(parts):
            path = FOLDER / f"sans-{number}.woff2"
            known = set(TTFont(io.BytesIO(light.getvalue())).getBestCmap())
            part = [letter for letter in part if ord(letter) in known]
            cut(TTFont(io.BytesIO(light.getvalue())), "Order Sans", part, path)
            rules.append(face("Order Sans", "400 700", path.name, part))
        font = TTFont(io.BytesIO(read(coding, *CODE[1:])))
        in_code = [letter for letter in in_code if ord(letter) in font.getBestCmap()]
        cut(font, "Order Code", in_code, FOLDER / "code.woff2")
        rules.append(face("Order Code", "400", "code.woff2", in_code))
        licence = (whole / LICENCE).read_text("utf-8")
    (FOLDER / "fonts.css").write_text("\n".join(rules) + "\n", encoding="utf-8")
    parts_of = "Order Sans is a part of Pretendard, Order Code a part of D2Coding."
    (FOLDER / "OFL.txt").write_text(f"{parts_of}\n\n{D2CODING}\n{licence}", encoding="utf-8")
    for path in sorted(FOLDER.glob("*.woff2")):
        print(f"{path.relative_to(ROOT)}: {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
