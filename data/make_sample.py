"""Make data/sample: small data of our own in the formats of the real files.

Every word list, sentence pattern and number below was written for this course; no line of a real
data set is used. The output is deterministic (only ``random.Random(seed).random()`` is drawn
from), learnable (topic and label show in the choice of words, with some noise) and shaped like the
real data: 46 topics in their real imbalance, Zipf-like words, the real spread of lengths, Korean
reviews with hangul slang, quotes and empty rows, gaps in the weather.

    python data/make_sample.py [FOLDER]     # FOLDER is data/sample if left out
"""

# ruff: noqa: SIM905  (word lists are easier to read, and to change, as text)

import csv
import io
import json
import math
import random
import sys
import zipfile
from collections import Counter
from datetime import datetime, timedelta
from itertools import accumulate
from pathlib import Path

import numpy as np

WIRES, WIRES_TEST = 2000, 400  # the loaders cut off the last fifth as test set
REVIEWS_TRAIN, REVIEWS_TEST = 500, 250
NSMC_TRAIN, NSMC_TEST = 2000, 600
GLOVE_WORDS = 1000
JENA_DAYS, NYC_DAYS = 90, 42

# Lengths at these quantiles; a length is drawn by straight lines between them.
QUANTILES = [0, 0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 1]
WIRE_LENGTHS = [12, 16, 23, 34, 59, 94, 179, 314, 460, 718, 906, 2375]
REVIEW_LENGTHS = [10, 43, 65, 92, 129, 177, 290, 466, 609, 925, 1083, 2493]
NSMC_LENGTHS = [1, 2, 6, 10, 16, 27, 42, 75, 107, 138, 140, 146]

# The share of each topic among the 11,228 real wires (counts; they are facts, not text).
TOPIC_COUNTS = [
    *[67, 537, 94, 3972, 2423, 22, 62, 19, 177, 126, 154, 473, 62, 209, 28, 29, 543, 51, 86, 682],
    *[339, 127, 22, 53, 81, 123, 32, 19, 58, 23, 57, 52, 42, 16, 57, 16, 60, 21, 22, 29, 46, 38],
    *[16, 27, 17, 19],
]

FUNCTION_WORDS = (
    "the of to in said and a on for it its with from by at was is that will be as would has have "
    "not but were which had an this or been are they new about more also after up could one than "
    "other last some we all there he their under if when no over may two between any into only "
    "made before first against out these further during while both he she still most such"
).split()
TRADE_WORDS = (
    "mln dlrs pct year company market billion share bank week month prices government today tonnes "
    "quarter report official group rate expected earlier sources price stock total increase added "
    "sales corp inc exports official january february march april month end domestic dealers "
    "foreign agreement current trading made international level statement president minister "
    "industry major figures yesterday higher lower spokesman department national annual offer "
    "producers plan previous period compared analysts fell rose demand supply meeting state "
    "agency board west decision net record buyers growth strong local world problem"
).split()
# Words of one topic each, in the order of the labels; what stands twice makes topics alike.
TOPIC_WORDS = [
    "cocoa beans butter buffer bahia ghana ivory crop arrivals grinders",
    "grain maize cereals barley acreage bushels harvest silo elevator sorghum",
    "palm oil sunflower rapeseed refined vegetable margarine crushers kernel olein",
    "shr net cts vs revs loss profit qtr oper dividend",
    "acquire merger shareholders tender bid stake subsidiary acquisition takeover buyout",
    "wheat winter durum flour bushels harvest millers hectares subsidised drought",
    "copper cathode smelter mine ore refinery wirebar concentrates furnace miners",
    "housing starts dwellings homes permits builders mortgage family units construction",
    "money supply m1 m2 m3 aggregates seasonally reserves narrow broad",
    "coffee quotas growers roasters robusta arabica colombia bags ico crop",
    "sugar beet cane raw white refiners rebates intervention crop molasses",
    "trade surplus deficit tariffs protectionism imports retaliation gatt semiconductor barriers",
    "reserves gold holdings convertible sdr monetary foreign currency treasury assets",
    "ship vessel port strike cargo tanker seamen gulf freight dockers",
    "cotton bales lint upland textile spinners gin yarn staple crop",
    "beef carcass slaughter pork meat packers frozen inspected boneless poultry",
    "crude oil barrel opec bpd wells drilling output quota posted",
    "gas pipeline cubic feet natural wells reserves drilling transmission utility",
    "inflation consumer index prices cost living basket food adjusted urban",
    "dollar yen currency intervention mark exchange stabilise bundesbank paris accord",
    "interest lending prime discount rate basis points cut credit repurchase",
    "gnp growth economy gross product real expansion forecast output quarterly",
    "meal soymeal feed pellets compound protein crushers tapioca gluten animal",
    "aluminium ingot smelter primary bauxite alumina potline pots rolled billets",
    "soybean oilseed rapeseed crushers bushels acreage planting hectares subsidy oil",
    "gold ounce bullion mine ore grade troy assay coins vein",
    "tin council stocks alluvial penang creditors pact dredge atpc mines",
    "titanium cobalt tungsten manganese strategic stockpile alloy ferro metal defence",
    "cattle herd livestock feedlot calves ranchers foot mouth steers animals",
    "retail stores department chain shoppers sales apparel spending seasonal volume",
    "industrial production output manufacturing index factories capacity utilities machinery mines",
    "steel iron mill tonnage blast furnace coils plate workers ore",
    "rubber natural inro latex buffer tappers tyres smoked sheets plantation",
    "heating oil distillate gallon posted furnace winter refiners resid cargo harbour",
    "unemployment jobless workers employed payrolls labour vacancies force benefits hiring",
    "leading indicators index composite components expansion orders recession workweek signal",
    "balance payments current account deficit invisibles surplus capital inflows transfers",
    "zinc slab smelter concentrates mine lead galvanising producers refined tonne",
    "orange juice citrus frozen concentrate florida groves freeze boxes brazilian",
    "ethylene petrochemical plant polymer plastics styrene naphtha cracker resin feedstock",
    "dollar tokyo dealers ceiling intraday selling yen bought operators session",
    "gasoline unleaded octane pump gallon refinery motorists leaded blend stations",
    "silver ounce mine bullion coins lode troy refinery ore fabricators",
    "wholesale index prices goods finished producer intermediate base adjusted manufactured",
    "hogs pigs farrowings sows pork breeding herd litter barrows slaughter",
    "lead battery smelter refined mine zinc doe scrap pigment tonne",
]
NAME_HEADS = (
    "vel kar mor lan dru tes bal cor fen gra hol jin kel lor mad nor pel ros sul tam".split()
)
NAME_MIDDLES = "a e i o u an en in on er or al el ia io".split()
NAME_TAILS = "mont pine dale ford wick ston ville more tex dyne corp ron mar lin tek burg".split()

SUBJECTS = (
    "movie film story plot acting cast director script ending music dialogue camera hero heroine "
    "scene picture drama comedy thriller sequel character actor actress pace editing humor action "
    "love war family horror soundtrack performance screenplay production idea"
).split()
GOOD = (
    "great good wonderful excellent superb brilliant touching moving charming perfect funny "
    "beautiful delightful gripping clever powerful memorable amazing fresh warm honest subtle "
    "masterful fine enjoyable favorite stunning lovely solid outstanding fascinating"
).split()
BAD = (
    "bad terrible awful boring dull poor weak stupid lame predictable annoying worst pointless "
    "flat horrible cheap mediocre ridiculous shallow messy clumsy tedious silly wooden forgettable "
    "painful disappointing confusing lazy unfunny"
).split()
PLAIN = (
    "long short old early late young quiet loud american french small big dark strange usual whole "
    "simple recent second first english modern classic little"
).split()
LOVE = "loved enjoyed liked adored recommend admire".split()
HATE = "hated regretted disliked endured avoid wasted".split()
ADVERBS = "really very quite so truly rather almost just simply totally even always".split()
PEOPLE = "man woman girl boy friend brother sister doctor soldier teacher king queen".split()
PLACES = "house city village school train island hotel hospital farm castle".split()
DEEDS = "meets follows saves leaves finds betrays remembers marries hides visits".split()
REVIEW_NEUTRAL = [
    "i saw this {S} with my {P} in a {L} last year",
    "the {S} is about a {P} who {D} a {P} in a {p} {L}",
    "it was made by the {p} {S} team and runs for two hours",
    "then the {P} {D} the {N} and the {S} goes on",
    "there is a {p} {S} in the {p} {L} with a {P} and a {P}",
    "{N} plays the {P} who {D} the {P} of the {L}",
    "when the {P} {D} the {L} we see the {S} of the {P} again",
    "some people say that the {S} by {N} is like the {S} of {N}",
    "as for the {S} , it was what i had expected from a {p} {S}",
]
REVIEW_OPINION = [
    "the {S} was {a} {A} and the {S} was {A}",
    "i {V} the {S} because the {S} is {a} {A}",
    "what a {A} {S} !",
    "this is one of the most {A} {S} stories i have ever seen",
    "the {S} by {N} is {A} , and the {P} is {A} too",
    "{a} {A} {S} , {a} {A} {S}",
    "if you ask me , the {S} is {A} from start to end",
]
REVIEW_TURNED = [
    "the {S} was not {O} at all",
    "i had hoped for a {O} {S} but it was {A}",
    "nobody could call the {S} {O}",
]

K_SUBJECTS = (
    "영화 연기 스토리 연출 배우 음악 영상 결말 내용 대사 주인공 감독 장면 액션 캐릭터 전개 감동 "
    "반전 분위기 설정 시나리오 개그 로맨스 마지막 작품 드라마 화면 편집 소재 주제"
).split()
K_GOOD = (
    "재밌다 재밌어요 재미있네요 좋다 좋아요 좋았음 최고다 최고예요 훌륭하다 감동이다 감동적이에요 "
    "멋지다 멋져요 대박이다 명작이다 아름답다 신선하다 완벽하다 강추합니다 추천해요 사랑스럽다 "
    "뭉클하다 짜릿하다 따뜻하다 웃기다 여운이남는다"
).split()
K_BAD = (
    "지루하다 지루해요 재미없다 재미없어요 별로다 별로예요 별로였음 최악이다 최악이에요 쓰레기다 "
    "실망이다 실망했어요 유치하다 유치해요 허무하다 졸리다 아깝다 엉성하다 뻔하다 식상하다 "
    "답답하다 산만하다 어이없다 비추합니다 짜증난다 돈아깝다"
).split()
K_LAUGH = ["ㅋㅋ", "ㅋㅋㅋ", "ㅋㅋㅋㅋ", "ㅎㅎ", "ㅎㅎㅎ", "^^", "!!", "~", "굿", "ㅠㅠ"]
K_CRY = ["ㅠㅠ", "ㅜㅜ", "ㅡㅡ", "...", ";;", "..", "ㅉㅉ", "ㅋㅋ", "헐", "에휴"]
K_ADVERBS = "정말 진짜 너무 완전 참 아주 그냥 역시 솔직히 의외로 갈수록 은근 전혀 별로".split()
K_PEOPLE = (
    "엄마랑 친구랑 혼자 남친이랑 가족과 동생이랑 극장에서 집에서 주말에 어릴때 오늘 어제".split()
)
K_TIMES = "두번 세번 처음 다시 또 이제야 오랜만에 밤새".split()
K_OPENERS = "음 와 아 하 글쎄 그래도 근데 그리고 뭐 이건".split()
K_NAMES_1 = "김 이 박 최 정 강 조 윤 장 임 한 오 서 신 권".split()
K_NAMES_2 = "민 서 지 현 수 도 하 은 준 태 유 성 재 나 보".split()
K_NAMES_3 = "라 온 결 솔 찬 빈 율 별 겸 담 슬 린 휘 단 봄".split()
K_NEUTRAL = [
    "{K} {T} 봤는데",
    "{N} 나오는 {S}",
    "{O} {S}{은} {N} 감독",
    "{K} 봤던 {S} 생각난다",
    "{N}의 {S}{을} {T} 보고",
    "평점 {n}점",
    "{n}년전 {S}",
]
K_OPINION = [
    "{S}{이} {b} {A}",
    "{b} {A}",
    "{S}{은} {A}",
    "{N} {S} {A}",
    "{O} {b} {A}",
    "{S}도 {S}도 {A}",
    "{T} 봐도 {A}",
]
K_TURNED = ["{S}{은} {B2} 하더니 {A}", "남들은 {B2} 하던데 나는 {A}", "{S}만 {B2} 나머지는 {A}"]

# Features of the words that a reader is likely to ask GloVe's stand-in about.
GLOVE_FEATURES = {
    "king": "royal male person",
    "queen": "royal female person",
    "man": "male person",
    "woman": "female person",
    "boy": "male person child",
    "girl": "female person child",
    "prince": "royal male person child",
    "princess": "royal female person child",
    "brother": "male person family",
    "sister": "female person family",
    "actor": "male person stage",
    "actress": "female person stage",
    "korea": "country asia",
    "seoul": "capital asia koreanness",
    "japan": "country asia japaneseness",
    "tokyo": "capital asia japaneseness",
    "france": "country europe frenchness",
    "paris": "capital europe frenchness",
    "cat": "animal pet",
    "dog": "animal pet",
    "horse": "animal",
    "cow": "animal farm",
}


class Dice:
    """Random choices made from ``random.Random(seed).random()`` alone, the same everywhere."""

    def __init__(self, seed: int):
        self.random = random.Random(seed).random

    def below(self, n: int) -> int:
        return int(self.random() * n)

    def pick(self, items):
        return items[self.below(len(items))]

    def zipf(self, items):
        """Pick the item of rank r with a chance proportional to 1 / (r + 2)."""
        n = len(items)
        return items[min(n - 1, int(2 * ((n + 2) / 2) ** self.random()) - 2)]

    def normal(self) -> float:
        return sum(self.random() for _ in range(12)) - 6

    def shuffle(self, items: list) -> list:
        for i in range(len(items) - 1, 0, -1):
            j = self.below(i + 1)
            items[i], items[j] = items[j], items[i]
        return items

    def length(self, lengths: list[int]) -> int:
        u = self.random()
        for q0, q1, n0, n1 in zip(QUANTILES, QUANTILES[1:], lengths, lengths[1:], strict=False):
            if u <= q1:
                return int(n0 + (n1 - n0) * (u - q0) / (q1 - q0))
        return lengths[-1]


def invent_names(dice: Dice, n: int) -> list[str]:
    """Invent ``n`` different names of people, places and companies."""
    names: dict[str, None] = {}
    while len(names) < n:
        middle = dice.pick(NAME_MIDDLES) + (dice.pick("bdfgklmnprstvz") if dice.below(2) else "")
        names[dice.pick(NAME_HEADS) + middle + dice.pick(NAME_TAILS)] = None
    return list(names)


def rank_words(texts: list[list[str]]) -> dict[str, int]:
    """Return word -> rank, 1 being the most frequent; words of equal count in alphabetic order."""
    counts = Counter(word for text in texts for word in text)
    ordered = sorted(counts, key=lambda word: (-counts[word], word))
    return {word: rank for rank, word in enumerate(ordered, start=1)}


def write_archive(path: Path, members: dict[str, bytes]) -> None:
    """Write a zip file whose members carry no time of their making."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), content, 8, 9)


def write_npz(path: Path, **arrays: np.ndarray) -> None:
    members = {}
    for name, array in arrays.items():
        buffer = io.BytesIO()
        np.lib.format.write_array(buffer, array, allow_pickle=True)
        members[f"{name}.npy"] = buffer.getvalue()
    write_archive(path, members)


def write_json(path: Path, content: dict) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8", newline="\n")


def objects(lists: list[list[int]]) -> np.ndarray:
    array = np.empty(len(lists), dtype=object)
    array[:] = lists
    return array


# --- Reuters ----------------------------------------------------------------------------------


def make_reuters(folder: Path) -> None:
    dice = Dice(1987)
    names = invent_names(dice, 4000)
    numbers = [str(n) for n in range(1, 100)] + [f"{n}000" for n in range(1, 60)]
    own = [words.split() for words in TOPIC_WORDS]
    # At least three wires of every topic lie in the training part and one in the test part.
    scale = WIRES / sum(TOPIC_COUNTS)
    counts = [max(5, int(count * scale)) for count in TOPIC_COUNTS]
    counts[3] += WIRES - sum(counts)  # earnings, by far the largest, evens it out
    labels = [label for label, count in enumerate(counts) for _ in range(count)]
    test, rest = list(range(46)), Counter(labels)
    rest.subtract(test)
    train = [y for y in range(46) for _ in range(3)]
    rest.subtract(train)
    others = dice.shuffle(list(rest.elements()))
    cut = WIRES_TEST - len(test)
    test, train = dice.shuffle(test + others[:cut]), dice.shuffle(train + others[cut:])
    wires = []
    for label in train + test:
        neighbour = (label + 1 + dice.below(3)) % 46
        length = dice.length(WIRE_LENGTHS)
        # Some wires hardly say what they are about.
        clarity = dice.pick([0.03, 0.07, 0.12, 0.16])
        here = [dice.zipf(names) for _ in range(3)]
        wire = []
        for _ in range(length):
            u = dice.random()
            if u < clarity:
                wire.append(dice.zipf(own[label]))
            elif u < clarity + 0.02:
                wire.append(dice.pick(own[neighbour]))
            elif u < clarity + 0.03:
                wire.append(dice.pick(own[dice.below(46)]))
            elif u < 0.48:
                wire.append(dice.zipf(FUNCTION_WORDS))
            elif u < 0.78:
                wire.append(dice.zipf(TRADE_WORDS))
            elif u < 0.88:
                wire.append(dice.zipf(numbers))
            elif u < 0.93:
                wire.append(dice.zipf(names))
            else:
                wire.append(dice.pick(here))
        wires.append(wire)
    ranks = rank_words(wires)
    # The loaders shuffle with this generator, so put each wire where it will be taken from.
    order = np.arange(WIRES)
    np.random.RandomState(113).shuffle(order)  # noqa: NPY002
    x, y = [None] * WIRES, np.zeros(WIRES, dtype="int64")
    for place, wire, label in zip(order.tolist(), wires, train + test, strict=True):
        x[place], y[place] = [ranks[word] for word in wire], label
    write_npz(folder / "reuters.npz", x=objects(x), y=y)
    write_json(folder / "reuters_word_index.json", ranks)


# --- IMDB -------------------------------------------------------------------------------------


def make_review(dice: Dice, label: int, names: list[str]) -> str:
    length, sentences, words = dice.length(REVIEW_LENGTHS), [], 0
    ours, theirs = (GOOD, BAD) if label else (BAD, GOOD)
    verbs, other_verbs = (LOVE, HATE) if label else (HATE, LOVE)
    certainty = dice.pick([0.62, 0.75, 0.9])
    while words < length:
        u = dice.random()
        pattern = dice.pick(
            REVIEW_NEUTRAL if u < 0.6 else REVIEW_OPINION if u < 0.93 else REVIEW_TURNED
        )
        mine = dice.random() < certainty
        sentence = []
        for token in pattern.split():
            sentence.append(
                {
                    "{S}": lambda: dice.zipf(SUBJECTS),
                    "{P}": lambda: dice.zipf(PEOPLE),
                    "{L}": lambda: dice.zipf(PLACES),
                    "{D}": lambda: dice.pick(DEEDS),
                    "{N}": lambda: dice.zipf(names),
                    "{p}": lambda: dice.zipf(PLAIN),
                    "{a}": lambda: dice.zipf(ADVERBS),
                    "{A}": lambda mine=mine: dice.zipf(ours if mine else theirs),
                    "{O}": lambda mine=mine: dice.zipf(theirs if mine else ours),
                    "{V}": lambda mine=mine: dice.zipf(verbs if mine else other_verbs),
                }.get(token, lambda token=token: token)()
            )
        sentence = " ".join(sentence).replace(" ,", ",").replace(" !", "!")
        sentence = sentence[0].upper() + sentence[1:] + ("" if sentence[-1] == "!" else ".")
        sentences.append(sentence)
        words += len(sentence.split())
        if dice.random() < 0.08:
            sentences.append("<br /><br />")
    return " ".join(sentences).replace(" i ", " I ").replace(" <br /><br /> ", "<br /><br />")


def split_words(text: str) -> list[str]:
    """Split as the published encoding was made: lower case, without punctuation marks."""
    marks = dict.fromkeys(map(ord, '!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n'), " ")
    return text.lower().translate(marks).split()


def make_imdb(folder: Path) -> None:
    dice = Dice(2011)
    names = invent_names(dice, 1500)
    labels = {
        "train": [i % 2 for i in range(REVIEWS_TRAIN)],
        "test": [i % 2 for i in range(REVIEWS_TEST)],
    }
    texts = {part: [make_review(dice, y, names) for y in ys] for part, ys in labels.items()}
    words = {part: [split_words(text) for text in found] for part, found in texts.items()}
    ranks = rank_words(words["train"] + words["test"])
    arrays = {}
    for part in ("train", "test"):
        arrays[f"x_{part}"] = objects([[ranks[word] for word in text] for text in words[part]])
        arrays[f"y_{part}"] = np.array(labels[part], dtype="int64")
    write_npz(folder / "imdb.npz", **arrays)
    write_json(folder / "imdb_word_index.json", ranks)
    with open(folder / "combined_movie_reviews.csv", "w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(["text", "label", "source"])
        for label in (0, 1):
            for text, y in zip(texts["train"], labels["train"], strict=True):
                if y == label:
                    writer.writerow([text, y, "imdb"])
        # The real table carries reviews of another source too; the loader must leave them out.
        for label in (0, 1):
            writer.writerow([make_review(dice, label, names)[:120], label, "rotten_tomatoes"])


# --- NSMC -------------------------------------------------------------------------------------


def particle(word: str, with_final: str, without: str) -> str:
    """Choose the particle by whether the word's last syllable ends in a consonant."""
    return word + (with_final if (ord(word[-1]) - 0xAC00) % 28 else without)


def make_korean(dice: Dice, label: int, names: list[str]) -> str:
    ours, theirs = (K_GOOD, K_BAD) if label else (K_BAD, K_GOOD)
    length = dice.length(NSMC_LENGTHS)
    if length < 4:
        return dice.pick(K_LAUGH if label else K_CRY) if dice.below(2) else dice.pick(ours)[:3]
    certainty = dice.pick([0.78, 0.88, 0.97])
    parts: list[str] = []
    while not parts or len(" ".join(parts)) < length:
        u = dice.random()
        first = not parts and length < 20
        kind = K_OPINION if first or u < 0.5 else K_NEUTRAL if u < 0.88 else K_TURNED
        pattern = dice.pick(kind)
        mine = dice.random() < certainty
        text = pattern
        while "{S}" in text:
            word = dice.zipf(K_SUBJECTS)
            for mark, pair in {"{이}": "이가", "{은}": "은는", "{을}": "을를"}.items():
                if text.find("{S}" + mark) == text.find("{S}"):
                    text = text.replace("{S}" + mark, particle(word, *pair), 1)
                    break
            else:
                text = text.replace("{S}", word, 1)
        for mark, choose in {
            "{A}": lambda mine=mine: dice.zipf(ours if mine else theirs),
            "{B2}": lambda mine=mine: dice.zipf(theirs if mine else ours),
            "{N}": lambda: dice.zipf(names),
            "{K}": lambda: dice.pick(K_PEOPLE),
            "{T}": lambda: dice.pick(K_TIMES),
            "{O}": lambda: dice.pick(K_OPENERS),
            "{b}": lambda: dice.zipf(K_ADVERBS),
            "{n}": lambda: str(1 + dice.below(10)),
        }.items():
            if mark in text:
                text = text.replace(mark, choose())
        parts.append(text)
        if dice.random() < 0.45:
            parts[-1] += dice.pick(["", " "]) + dice.pick(K_LAUGH if mine == bool(label) else K_CRY)
        elif dice.random() < 0.5:
            parts[-1] += dice.pick([".", "..", "...", ",", "!"])
    text = " ".join(parts)
    if dice.random() < 0.18:  # nobody minds the spaces
        text = text.replace(" ", "")
    if dice.random() < 0.03:
        text = f'"{text}" 이런 {dice.pick(K_SUBJECTS)}'
    return text[: max(length + 6, 8)][:146]


def make_nsmc(folder: Path) -> None:
    dice = Dice(2015)
    names = [
        one + two + three
        for one in K_NAMES_1
        for two in K_NAMES_2
        for three in dice.shuffle(list(K_NAMES_3))[:4]
    ]
    names = dice.shuffle(names)
    number = 100_000
    for name, rows, empty in (
        ("ratings_train.txt", NSMC_TRAIN, {123, 517, 902, 1333, 1871}),
        ("ratings_test.txt", NSMC_TEST, {77, 301, 555}),
    ):
        seen: list[tuple[str, int]] = []
        for row in range(rows):
            label = dice.below(2)
            if row and dice.random() < 0.02:  # the same words by somebody else
                seen.append(dice.pick(seen))
            else:
                seen.append((make_korean(dice, label, names), label))
        with open(folder / name, "w", encoding="utf-8", newline="") as stream:
            stream.write("id\tdocument\tlabel\n")
            for row, (text, label) in enumerate(seen):
                number += 1 + dice.below(4000)
                if '"' in text:
                    text = '"' + text.replace('"', '""') + '"'
                stream.write(f"{number}\t{'' if row in empty else text}\t{label}\n")


# --- GloVe ------------------------------------------------------------------------------------


def make_glove(folder: Path) -> None:
    """Give words of one list vectors that lie near each other."""
    dice = Dice(2014)
    features = {word: names.split() for word, names in GLOVE_FEATURES.items()}
    groups = {
        "good judgement": GOOD + LOVE,
        "bad judgement": BAD + HATE,
        "film": SUBJECTS,
        "plain": PLAIN,
        "adverb": ADVERBS,
        "person": PEOPLE,
        "place": PLACES,
        "deed": DEEDS,
        "function": FUNCTION_WORDS,
        "trade": TRADE_WORDS,
    }
    for name, words in groups.items():
        for word in words:
            features.setdefault(word, name.split())
    for topic, words in enumerate(TOPIC_WORDS):
        for word in words.split():
            features.setdefault(word, ["trade", f"topic{topic}"])
    for word in invent_names(dice, 2000):
        if len(features) == GLOVE_WORDS:
            break
        features.setdefault(word, ["name"])
    first = [word for word in FUNCTION_WORDS if word in features]
    words = list(dict.fromkeys([*first, *features]))[:GLOVE_WORDS]
    directions: dict[str, list[float]] = {}
    lines = []
    for word in words:
        vector = [0.15 * dice.normal() for _ in range(50)]
        for name in features[word]:
            if name not in directions:
                directions[name] = [0.45 * dice.normal() for _ in range(50)]
            vector = [a + b for a, b in zip(vector, directions[name], strict=True)]
        lines.append(" ".join([word, *(f"{number:.4f}" for number in vector)]))
    text = "\n".join(lines) + "\n"
    (folder / "glove.6B.50d.txt").write_text(text, encoding="utf-8", newline="\n")


# --- Weather ----------------------------------------------------------------------------------


def smooth_noise(dice: Dice, n: int, memory: float) -> list[float]:
    """Return n numbers of variance 1, each a mixture of the one before and of something new."""
    new = math.sqrt(1 - memory * memory)
    return list(accumulate(range(n), lambda old, _: memory * old + new * dice.normal(), initial=0))[
        1:
    ]


def make_jena(folder: Path) -> None:
    dice = Dice(2009)
    n = JENA_DAYS * 144
    fronts = smooth_noise(dice, n, 0.9985)  # lasts about five days
    local, pressure = smooth_noise(dice, n, 0.98), smooth_noise(dice, n, 0.998)
    wind, turn = smooth_noise(dice, n, 0.97), smooth_noise(dice, n, 0.99)
    lines = [
        '"Date Time","p (mbar)","T (degC)","Tpot (K)","Tdew (degC)","rh (%)","VPmax (mbar)",'
        '"VPact (mbar)","VPdef (mbar)","sh (g/kg)","H2OC (mmol/mol)","rho (g/m**3)","wv (m/s)",'
        '"max. wv (m/s)","wd (deg)"'
    ]
    start = datetime(2009, 3, 1, 0, 10)
    for i in range(n):
        time = start + timedelta(minutes=10 * i)
        hour = time.hour + time.minute / 60
        season = 4 + 11 * i / n
        t = season + 4 * fronts[i] - 4.5 * math.cos(math.tau * (hour - 3) / 24) + 0.7 * local[i]
        p = 989 + 8 * pressure[i] - 2 * fronts[i]
        gap = max(0.1, 4.5 - 3.5 * math.cos(math.tau * (hour - 3) / 24) + 1.5 * turn[i])
        dew = t - gap
        most = 6.1 * math.exp(17.27 * t / (t + 237.3))
        held = 6.1 * math.exp(17.27 * dew / (dew + 237.3))
        kelvin = t + 273.15
        potential = kelvin * (1000 / p) ** 0.286
        sh, h2oc = 622 * held / p, 1000 * held / p
        rho = 100 * p / (287.05 * kelvin) * 1000
        v = abs(2.2 + 1.4 * wind[i])
        gust = v * (1.5 + 0.2 * dice.random())
        if i in (4321, 4322, 4323):  # the anemometer fails, as it does in the real file
            v = gust = -9999.0
        degrees = (200 + 80 * turn[i]) % 360
        values = [p, t, potential, dew, 100 * held / most, most, held, most - held, sh, h2oc, rho]
        cells = [f"{value:.2f}" for value in [*values, v, gust]]
        lines.append(",".join([time.strftime("%d.%m.%Y %H:%M:%S"), *cells, f"{degrees:.1f}"]))
    content = ("\n".join(lines) + "\n").encode()
    write_archive(
        folder / "jena_climate_2009_2016.csv.zip", {"jena_climate_2009_2016.csv": content}
    )


def make_nyc_weather(folder: Path) -> None:
    dice = Dice(2013)
    n = NYC_DAYS * 24
    lines = [
        "origin,year,month,day,hour,temp,dewp,humid,wind_dir,wind_speed,wind_gust,precip,pressure,"
        "visib,time_hour"
    ]
    fronts, pressure = smooth_noise(dice, n, 0.99), smooth_noise(dice, n, 0.985)
    for origin, warmer in (("EWR", 1.0), ("JFK", 0.0), ("LGA", 0.6)):
        local, wind = smooth_noise(dice, n, 0.9), smooth_noise(dice, n, 0.85)
        for i in range(n):
            if dice.random() < 0.003:  # a missing hour
                continue
            utc = datetime(2013, 4, 1, 5) + timedelta(hours=i)
            there = utc - timedelta(hours=5)
            daily = -7 * math.cos(math.tau * (there.hour - 4) / 24)
            t = 46 + 16 * i / n + warmer + 8 * fronts[i] + daily + 1.2 * local[i]
            humid = min(100, max(15, 60 - 1.5 * daily + 14 * local[i]))
            dew = t - (100 - humid) * 0.36
            speed = 1.15078 * max(0, round(8 + 4 * wind[i]))
            row = [
                *(origin, there.year, there.month, there.day, there.hour),
                *(f"{t:.2f}", f"{dew:.2f}", f"{humid:.2f}"),
                "" if dice.random() < 0.02 else 10 * dice.below(37),
                f"{speed:.5f}",
                f"{speed * 1.4:.5f}" if speed > 15 else "",
                "0.01" if humid > 90 and dice.below(2) else "0.0",
                "" if dice.random() < 0.1 else f"{1017 + 7 * pressure[i]:.1f}",
                "10.0" if humid < 92 else "6.0",
                utc.strftime("%Y-%m-%dT%H:%M:%SZ"),
            ]
            lines.append(",".join(map(str, row)))
    text = "\n".join(lines) + "\n"
    (folder / "nyc_weather_2013.csv").write_text(text, encoding="utf-8", newline="\n")


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for make in (make_reuters, make_imdb, make_nsmc, make_glove, make_jena, make_nyc_weather):
        make(folder)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "sample")
