/* The search page: looks for a Korean or English query in the pieces of searchindex.js.

   A query's words need not all be there, but pieces with more of them come first, and a word
   counts the more the fewer pieces have it. A word is sought as it is and without its particle;
   blanks and hyphens do not count (순환신경망 finds 순환 신경망); a term of the glossary is sought
   in both languages. Titles and terms count more than headings, headings more than text. */
"use strict";

const PARTICLES = ("으로부터 이라는 이란 이라고 에서는 에서의 으로는 으로 에서 에게 까지 부터 처럼 보다 마다 라는 란 에는 " +
  "이나 하고 하는 하기 하면 에 의 은 는 이 가 을 를 과 와 도 만 로 나 인").split(" ");
const HANGUL = /[가-힣]/;
// Other names that people type, beside the glossary's pairs.
const ALIASES = ("로이터=reuters 코랩=colab 케라스=keras 넘파이=numpy 판다스=pandas 텐서플로우=tensorflow 글로브=glove " +
  "한국어=korean=한글=우리말 트랜스포머=transformer rnn=순환신경망 cnn=합성곱=컨볼루션 오버피팅=과적합 드랍아웃=드롭아웃 " +
  "토크나이저=tokenizer=토큰 소프트맥스=softmax 워드투벡=word2vec 설치=준비하기 네이버=nsmc 이진분류=감성").split(" ").map((line) => line.split("="));
const low = (text) => text.normalize("NFC").toLowerCase().replace(/[-_·'’"]/g, "");
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
  if (lesson) piece.names = [`${lesson[1]}단원`, `${+lesson[1]}단원`, lesson[1], ...lesson[2].split("_"), tight(lesson[2])];
}
const GROUPS = [...BOOK.filter((piece) => piece.k === "term").map((piece) => piece.names), ...ALIASES];
const PAGES = {};
for (const piece of BOOK) if (piece.k === "page") PAGES[piece.u] = piece.t;

/** The forms under which a word of the query is sought, each with its weight. */
function forms(word) {
  const list = [[tight(word), 1]];
  const bare = low(word);
  for (const particle of PARTICLES) {
    const stem = bare.slice(0, -particle.length);
    const enough = HANGUL.test(stem.slice(-1)) ? stem.length >= 2 : stem.length >= 1;
    if (bare.endsWith(particle) && enough) {
      list.push([tight(stem), 0.9]);
      break;
    }
  }
  for (const [form, weight] of [...list])
    for (const group of GROUPS)
      if (group.includes(form))
        group.forEach((name) => name !== form && list.push([name, 0.8 * weight]));
      else if (form.length > 3 && !HANGUL.test(form))
        group.forEach((name) => name.startsWith(form) && group[0] !== name && list.push([group[0], 0.6 * weight]));
  return list;
}

/** How well a form is met by one field of a piece: 0, or more for a whole word than for a part. */
function met(form, piece, field) {
  const text = piece.low[field];
  let best = 0;
  for (let at = text.indexOf(form); at >= 0 && best < 1; at = text.indexOf(form, at + 1)) {
    const before = at ? text[at - 1] : " ";
    const after = text[at + form.length] ?? " ";
    const latin = !HANGUL.test(form);
    const starts = latin ? !/[a-z0-9]/.test(before) : !HANGUL.test(before);
    const ends = latin ? !/[a-z0-9]/.test(after) : true;
    best = Math.max(best, starts && ends ? 1 : starts ? 0.7 : form.length > 2 || !latin ? 0.4 : 0);
  }
  // Across blanks: only what is long enough not to be two words' ends by chance.
  if (!best && form.length > 2 && piece.tight[field].includes(form)) best = HANGUL.test(form) ? 0.9 : 0.7;
  return best;
}

const WEIGHTS = { page: { t: 28, x: 1, c: 0.3 }, term: { t: 8, x: 1, c: 0 }, section: { t: 8, x: 1, c: 0.3 } };

/** What one word gives to one piece. */
function worth(list, piece) {
  let best = 0;
  for (const [form, weight] of list) {
    if (!form) continue;
    let sum = 0;
    for (const field of ["t", "x", "c"]) {
      const hit = met(form, piece, field);
      if (!hit) continue;
      sum += hit * WEIGHTS[piece.k][field];
      if (field === "x") sum += Math.min(2, 0.25 * (piece.low.x.split(form).length - 2));
    }
    if (piece.names.includes(form)) sum += 14; // the term itself
    best = Math.max(best, weight * sum);
  }
  return best;
}

/** The pieces that answer a query, the best first. */
function search(query) {
  const words = low(query).split(/[\s,.?!:;()“”"]+/).filter(Boolean);
  const phrases = words.length > 1 ? [words.join("")] : [];
  words.slice(1).forEach((word, i) => words.length > 2 && phrases.push(words[i] + word));
  const sought = [];
  const seek = (word, phrase) => {
    let list = forms(word);
    let worths = BOOK.map((piece) => worth(list, piece));
    // A word that is nowhere: its beginning may be (an ending the list does not know).
    for (let cut = word.length - 1; !phrase && cut >= 2 && !worths.some(Boolean); cut--) {
      list = forms(word.slice(0, cut)).map(([form, weight]) => [form, 0.5 * weight]);
      worths = BOOK.map((piece) => worth(list, piece));
    }
    const count = worths.filter(Boolean).length;
    if (count) sought.push({ list, worths, phrase, rare: Math.log(1 + BOOK.length / count) });
  };
  words.forEach((word) => seek(word, false));
  phrases.forEach((word) => seek(word, true));
  const all = sought.filter((word) => !word.phrase).reduce((sum, word) => sum + word.rare, 0);
  // A page with much about it lifts its pieces a little above those of a page that mentions it.
  const pages = {};
  BOOK.forEach((piece, i) => sought.forEach((word) => {
    if (piece.k !== "term") pages[piece.page] = (pages[piece.page] ?? 0) + word.rare * word.worths[i];
  }));
  const most = Math.max(1, ...Object.values(pages));
  const results = BOOK.map((piece, i) => {
    let score = 0, covered = 0;
    for (const word of sought) {
      score += word.rare * word.worths[i];
      if (!word.phrase && word.worths[i]) covered += word.rare;
      if (word.phrase && word.worths[i]) covered = Math.max(covered, 0.9 * all);
    }
    if (piece.k !== "term") score *= 1 + 0.5 * (pages[piece.page] / most);
    return { piece, score: score * (all ? (covered / all) ** 2 : 1) };
  }).filter((result) => result.score > 0);
  results.sort((a, b) => b.score - a.score);
  const marks = [...new Set(sought.flatMap((word) => word.list.map(([form]) => form)))].filter((f) => f.length > 1);
  return { results, marks };
}

/** A pattern for the forms in running text: blanks and hyphens may stand between their letters. */
function pattern(marks) {
  const loose = (form) => [...form].map((c) => c.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("[\\s\\-_·]?");
  return new RegExp(marks.sort((a, b) => b.length - a.length).map(loose).join("|"), "giu");
}

/** Text with the found words marked. */
function marked(target, text, marks) {
  let end = 0;
  if (marks.length)
    for (const found of text.matchAll(pattern(marks))) {
      target.append(text.slice(end, found.index));
      target.append(Object.assign(document.createElement("mark"), { textContent: found[0] }));
      end = found.index + found[0].length;
    }
  target.append(text.slice(end));
}

/** The part of a text around its first found word, cut at words. */
function excerpt(text, marks, size = 130) {
  const at = marks.length ? Math.max(0, text.search(pattern(marks))) : 0;
  let start = Math.max(0, at - size / 3);
  if (start) start = text.indexOf(" ", start) + 1;
  const piece = text.slice(start, start + size);
  return (start ? "… " : "") + piece + (start + size < text.length ? " …" : "");
}

function show(query) {
  const { results, marks } = search(query);
  const list = Object.assign(document.createElement("ul"), { className: "search" });
  const shown = {};
  let count = 0;
  for (const { piece } of results) {
    const { page } = piece;
    shown[page] = (shown[page] ?? 0) + 1;
    if (shown[page] > (piece.k === "term" ? 6 : 4) || count >= 30) continue;
    count += 1;
    const item = document.createElement("li");
    item.className = `kind-${piece.k}`;
    const link = document.createElement("a");
    const [path, anchor] = piece.u.split("#");
    const mark = marks.length ? `?mark=${encodeURIComponent(marks.join(" "))}` : "";
    link.href = `${path}${mark}${anchor ? `#${anchor}` : ""}`;
    marked(link, piece.t, marks);
    item.append(link);
    if (piece.k !== "page") {
      const where = piece.k === "term" ? "용어" : PAGES[page];
      item.append(" ", Object.assign(document.createElement("span"), { className: "where", textContent: where }));
    }
    if (piece.x) {
      const text = document.createElement("p");
      marked(text, excerpt(piece.x, marks), marks);
      item.append(text);
    }
    list.append(item);
  }
  document.getElementById("search-summary").textContent = !query ? "" : count
    ? `“${query}”: ${count}곳을 찾았습니다.`
    : `“${query}”: 찾지 못했습니다. 다른 말로 찾거나 용어 쪽을 보십시오.`;
  document.getElementById("search-results").replaceChildren(list);
}

const field = document.querySelector("article form.bd-search input");
function showAsked() {
  field.value = new URLSearchParams(location.search).get("q") ?? "";
  show(field.value.trim());
}
field.addEventListener("input", () => show(field.value.trim()));
field.form.addEventListener("submit", (event) => {
  event.preventDefault();
  const query = field.value.trim();
  history.pushState(null, "", `?q=${encodeURIComponent(query)}`);
  show(query);
});
addEventListener("popstate", showAsked);
showAsked();
if (!field.value) field.focus();
