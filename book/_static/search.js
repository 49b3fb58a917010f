/* Search in Korean and English in the pieces of searchindex.js, on its page and under the field of Ctrl+K.

   A query's words need not all be there, but pieces with more of them come first, and a word
   counts the more the fewer pieces have it. A word is sought as it is and without its particle;
   blanks and hyphens do not count (순환신경망 finds 순환 신경망); what has several names (the
   glossary, aliases.txt) is sought by all. Titles and terms count more than headings, headings more
   than text. A word that is nowhere may be mistyped: names a key or two away are offered. */
"use strict";

const PARTICLES = ("으로부터 이라는 이란 이라고 에서는 에서의 으로는 으로 에서 에게 까지 부터 처럼 보다 마다 라는 란 에는 " +
  "이나 이랑 하고 하는 하기 하면 에 의 은 는 이 가 을 를 과 와 도 만 로 나 인").split(" ");
// What a question is made of says nothing of what it is about.
const EMPTY = new Set(("왜 안 못 어떻게 뭐 뭔가요 뭐예요 뭐죠 뭔지 무엇 무엇인가요 무엇인지 무슨 어떤 언제 어디 어디서 얼마나 몇 번 번이 개수 좀 더 잘 꼭 다시 그냥 제가 저는 " +
  "방법 방법은 법 법은 이유 차이 차이점 차이가 의미 뜻 개념 설명 예시 예제 알려 주세요 알려주세요 가르쳐 주실 받고 어디에 어느 수 것 게 걸 때 " +
  "안됩니다 안됨 인가요 인지 나요 사용 사용법 좋은가요 필요한가요 필요 " +
  "여는 하는법 나는데 그리고 또는 of the a an is how what why to in and do does i my " +
  "could not no are be been has have it its that this these was were will may must can you your with for from at as by on or using use used all any before after exception encountered when calling error").split(" "));
// Verbs that every question has, with whatever ends them, and bare numbers.
const SAYS = /^(?:안|못)?(?:하|해|할|되|돼|될|쓰|써|쓸|있|없|나오|나와|나옵|뜨|떠|뜹|좋|걸리|걸려|생기|생겨|싶|보여)(?:나|는|은|을|지|야|요|까|면|려|데|니|어|아|도|죠|습|다|게|해|하|되|돼|주|세)*$|^[\d.]+$/;
const MOST = { letters: 200, words: 12, word: 40, cuts: 6, wait: 120 };
const HANGUL = /[가-힣]/;
const TROUBLE = /\w(?:error|exception|warning)$|^(?:오류|에러)/; // words of those who met an error
const low = (text) => text.normalize("NFC").toLowerCase().replace(/[-_·'’"`\p{Cf}]/gu, "");
const tight = (text) => low(text).replace(/[\s,]+/g, "");

/** The names of a term: "과적합 (overfitting)" is 과적합 and overfitting. */
function names(title) {
  const found = title.match(/^(.*?)\s*\(([^)]*)\)\s*$/);
  return found ? [found[1], ...found[2].split(/,\s*/)] : [title];
}

let page = "";
for (const piece of BOOK) {
  page = piece.u.startsWith("#") ? page : piece.u;
  piece.k = page === piece.u ? "page" : piece.u.startsWith("#term-") ? "term" : "section";
  piece.u = piece.k === "page" ? page : page + piece.u;
  piece.low = { t: low(piece.t), x: low(piece.x), c: low(piece.c) };
  piece.tight = { t: tight(piece.t), x: tight(piece.x), c: "" };
  piece.page = piece.u.split("#")[0];
  piece.names = piece.k === "term" ? names(piece.t).map(tight) : [];
  // A lesson goes by its number and by the words of its file: 10_conv1d.html.
  const lesson = piece.k === "page" && piece.u.match(/(\d\d)_(\w+)\.html$/);
  if (lesson) piece.names = [`${lesson[1]}단원`, `${+lesson[1]}단원`, ...lesson[2].split("_"), tight(lesson[2])];
}
const PAGES = Object.fromEntries(BOOK.filter((piece) => piece.k === "page").map((piece) => [piece.u, piece.t]));
const SHOWN = new Map([...BOOK.filter((piece) => piece.k === "term").flatMap((piece) => names(piece.t)), ...ALIASES.flat()].map((name) => [tight(name), name]));
// Each name, with all that mean the same; a term's pair joins the aliases that hold one of its names.
const SAME = new Map();
for (const group of [...BOOK.filter((piece) => piece.k === "term").map((piece) => piece.names), ...ALIASES.map((group) => group.map(tight))]) {
  const all = new Set([...group, ...group.flatMap((name) => [...(SAME.get(name) ?? [])])]);
  all.forEach((name) => SAME.set(name, all));
}

// --- Mistyped ------------------------------------------------------------------------------------

// A syllable as the keys of a Korean keyboard: a slip is one key, whether it gives 임배딩 or dlaqpeld.
const KEYS = ["r R s e E f a q Q t T d w W c z x v g", "k o i O j p u P h hk ho hl y n nj np nl b m ml l",
  "- r R rt s sw sg e f fr fa fq ft fx fv fg a q qt t T d w c z x v g"].map((line) => line.replace("-", "").split(" "));
const LONE = [..."ㄱㄲㄳㄴㄵㄶㄷㄸㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅃㅄㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"];
const LONE_KEYS = ("r R rt s sw sg e E f fr fa fq ft fx fv fg a q Q qt t T d w W c z x v g " + KEYS[1].join(" ")).split(" ");
const keys = (word) => [...low(word)].map((letter) => {
  const code = letter.charCodeAt(0) - 0xac00, lone = LONE.indexOf(letter);
  if (lone >= 0) return LONE_KEYS[lone];
  return HANGUL.test(letter) ? KEYS[0][Math.floor(code / 588)] + KEYS[1][Math.floor(code / 28) % 21] + KEYS[2][code % 28] : letter;
}).join("").toLowerCase();

/** How many keys two words lie apart: one wrong, missing, too many, or two in the wrong order. */
function apart(one, other, most) {
  if (Math.abs(one.length - other.length) > most) return Infinity;
  let before = [], last = [...Array(other.length + 1).keys()];
  for (let i = 1; i <= one.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= other.length; j += 1) {
      row[j] = Math.min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (one[i - 1] !== other[j - 1]));
      if (i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1]) row[j] = Math.min(row[j], before[j - 2] + 1);
    }
    [before, last] = [last, row];
  }
  return last[other.length];
}

// What may have been meant: every name, and the words of titles.
const MEANT = [...new Set([...SAME.keys(), ...BOOK.flatMap((piece) => [...piece.names, ...(piece.k === "term" ? [] : (low(piece.t).match(/[가-힣]{2,}|[a-z]\w{3,}/g) ?? []).map((word) => bare(word).at(-1)))]), ...[...SHOWN.values()].flatMap((name) => low(name).split(" ")).filter((word) => BOOK.some((piece) => piece.low.x.includes(word)))])]
  .filter((name) => name.length > 1).map((name) => [name, keys(name)]);

/** The name that a word was meant to be: one that it begins, or else one that is near enough. */
function meant(word) {
  const start = keys(word), begun = start.length > 3 && MEANT.filter(([, pressed]) => pressed.startsWith(start)).sort(([one], [other]) => one.length - other.length)[0];
  if (begun) return begun[0];
  let best = null, least = Infinity;
  for (const form of bare(word)) {
    const typed = keys(form), most = typed.length < (HANGUL.test(form) ? 6 : 4) ? 0 : typed.length < 9 ? 1 : 2;
    for (const [name, pressed] of MEANT) {
      const distance = apart(typed, pressed, Math.min(most, least - 1));
      if (distance <= most && distance < least) [best, least] = [name, distance];
    }
  }
  return best;
}

// --- Found ---------------------------------------------------------------------------------------

/** A word as it is, and without its particle. */
function bare(word) {
  const whole = low(word);
  const particle = PARTICLES.find((one) => {
    const stem = whole.slice(0, -one.length);
    return whole.endsWith(one) && (HANGUL.test(stem.slice(-1)) ? stem.length >= 2 : stem.length >= 1);
  });
  return particle ? [tight(word), tight(whole.slice(0, -particle.length))] : [tight(word)];
}

/** The forms under which a word of the query is sought, each with its weight. */
function forms(word) {
  const list = bare(word).map((form, i) => [form, i ? 0.9 : 1]);
  if (TROUBLE.test(word)) list.push(["문제가생기면", 0.2]);
  for (const [form, weight] of [...list]) SAME.get(form)?.forEach((name) => name !== form && list.push([name, 0.8 * weight]));
  return list;
}

/** How well a form is met by one field of a piece: 0, or more for a whole word than for a part. */
function met(form, piece, field, begins) {
  const text = piece.low[field], latin = !HANGUL.test(form);
  let best = 0;
  for (let at = text.indexOf(form); at >= 0 && best < 1; at = text.indexOf(form, at + 1)) {
    const before = at ? text[at - 1] : " ", after = text[at + form.length] ?? " ";
    const starts = latin ? !/[a-z0-9]/.test(before) : !/[가-힣\d]/.test(before);
    const ends = latin ? !/[a-z0-9]/.test(after) : true;
    best = Math.max(best, starts && ends ? 1 : starts ? 0.7 : begins ? 0 : form.length > 2 || !latin ? 0.4 : 0);
  }
  // Across blanks: only what is long enough not to be two words' ends by chance.
  if (!best && !begins && form.length > 2 && piece.tight[field].includes(form)) best = HANGUL.test(form) ? 0.9 : 0.7;
  return best;
}

const WEIGHTS = { page: { t: 28, x: 1, c: 0.3 }, term: { t: 8, x: 1, c: 0 }, section: { t: 8, x: 1, c: 0.3 } };

/** What one word gives to one piece. */
function worth(list, piece, begins) {
  let best = 0;
  for (const [form, weight] of list) {
    if (!form) continue;
    let sum = 0;
    for (const field of ["t", "x", "c"]) {
      const hit = met(form, piece, field, begins);
      if (!hit) continue;
      sum += hit * WEIGHTS[piece.k][field];
      if (field === "x" && (form.length > 2 || HANGUL.test(form))) sum += Math.min(2, 0.25 * (piece.low.x.split(form).length - 2));
    }
    if (piece.names.includes(form)) sum += 14; // the term itself
    best = Math.max(best, weight * sum);
  }
  return best;
}

/** What of a query is sought: of a pasted report the last error's line and what follows, a few hundred letters at most. */
function words(query) {
  const error = [...query.slice(-20_000).matchAll(/^.*(?:Error|Exception)\b(?=:|\s*$)/gm)].at(-1);
  const text = (error ? error.input.slice(error.index) : query).slice(0, MOST.letters);
  const all = low(text).replace(/(?:단원|챕터|chapter|lesson)\s*(\d+)/g, "$1단원").replace(/(\d+)\s*(?:단원|장|과|강)(?![가-힣])/g, "$1단원")
    .replace(/([^\d])\./g, "$1 ")
    .split(/(?:[\s,?!:;()[\]{}<>“”=/|]|\.(?!\d))+/).filter(Boolean).map((word) => word.slice(0, MOST.word));
  const telling = all.filter((word) => !EMPTY.has(word) && !EMPTY.has(bare(word).at(-1)) && !bare(word).some((form) => SAYS.test(form)));
  return (telling.length ? telling : all).slice(0, MOST.words);
}

/** The pieces that answer a query, the best first, what to mark in them, and what was taken for a slip. */
function search(query) {
  const asked = words(query), slips = [];
  const phrases = asked.length > 1 && asked.length < 7 ? [asked.join("")] : [];
  asked.slice(1).forEach((word, i) => asked.length > 2 && phrases.push(asked[i] + word));
  const sought = [];
  const weigh = (list, begins) => BOOK.map((piece) => worth(list, piece, begins));
  const seek = (word, phrase) => {
    let list = forms(word), worths = weigh(list);
    const found = () => worths.some(Boolean);
    if (phrase && !found()) return;
    const name = found() || asked.length > 4 ? null : meant(word);
    // Names written as one word, or with what follows them.
    const inside = !name && HANGUL.test(word) && !found() && MEANT.filter(([one]) => one.length < word.length && (one.length > 2 ? tight(word).includes(one) : HANGUL.test(one) && tight(word).startsWith(one)))
      .sort(([one], [other]) => other.length - one.length)[0];
    if (inside) return [inside[0], ...tight(word).split(inside[0])].filter((part) => part.length > 1 && !SAYS.test(part) && !EMPTY.has(part)).forEach((part) => seek(part, false));
    if (name) {
      slips.push([word, name]);
      worths = weigh((list = forms(name).map(([form, weight]) => [form, 0.9 * weight])));
    }
    // Its beginning may be a word (an ending the list does not know): most of it, and no part of another.
    const least = Math.max(HANGUL.test(word) ? 2 : 4, Math.ceil(0.6 * word.length));
    for (let cut = word.length - 1; cut >= Math.max(least, word.length - MOST.cuts) && !found(); cut -= 1)
      worths = weigh((list = forms(word.slice(0, cut)).map(([form, weight]) => [form, 0.5 * weight])), true);
    const count = worths.filter(Boolean).length;
    if (count) sought.push({ list, worths, phrase, rare: Math.log(1 + BOOK.length / count) });
  };
  asked.forEach((word) => seek(word, false));
  phrases.forEach((word) => seek(word, true));
  const all = sought.filter((word) => !word.phrase).reduce((sum, word) => sum + word.rare, 0);
  // A page with much about it lifts its pieces a little above those of a page that mentions it.
  const pages = {};
  BOOK.forEach((piece, i) => sought.forEach((word) => {
    if (piece.k !== "term") pages[piece.page] = (pages[piece.page] ?? 0) + word.rare * word.worths[i];
  }));
  const most = Math.max(1, ...Object.values(pages)), trouble = asked.some((word) => TROUBLE.test(word));
  const results = BOOK.map((piece, i) => {
    let score = 0, covered = 0;
    for (const word of sought) {
      score += word.rare * word.worths[i];
      if (!word.phrase && word.worths[i]) covered += word.rare;
      if (word.phrase && word.worths[i]) covered = Math.max(covered, 0.9 * all);
    }
    if (piece.k !== "term") score *= 1 + 0.5 * (pages[piece.page] / most);
    if (piece.page.endsWith("/references.html")) score *= trouble ? 0.2 : 0.6; // titles name everything and explain nothing
    if (trouble && piece.page.endsWith("/setup.html")) score *= 1.5; // the answers to errors
    return { piece, score: score * (all ? (covered / all) ** 2 : 1) };
  }).filter((result) => result.score > 0);
  results.sort((a, b) => b.score - a.score);
  const marks = [...new Set(sought.flatMap((word) => word.list.map(([form]) => form)))].filter((form) => form.length > 1).slice(0, MOST.words);
  return { results, marks, slips };
}
