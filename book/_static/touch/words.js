/* GloVe's frequent words: a map, nearest neighbours, and sums of words. See tools/word_space.py. */
"use strict";
touch.unpackWords = (raw) => {
  const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const words = raw.words.split(" "), places = bytes(raw.places);
  const unit = (vector) => { const length = Math.hypot(...vector); return vector.map((value) => value / length); };
  const vectors = new Int8Array(bytes(raw.vectors).buffer);
  const number = (at) => (places[at] + 256 * places[at + 1]) / 65535;
  return {
    words, rows: new Map(words.map((word, row) => [word, row])),
    units: words.map((_, row) => unit(Array.from(vectors.subarray(row * raw.size, (row + 1) * raw.size)))),
    places: words.map((_, row) => [number(4 * row), number(4 * row + 2)]),
  };
};
touch.nearest = (space, vector, count, without = []) => {
  const length = Math.hypot(...vector);
  return space.units
    .map((unit, row) => ({ word: space.words[row], cosine: unit.reduce((sum, value, d) => sum + value * vector[d], 0) / length }))
    .filter(({ word }) => !without.includes(word))
    .sort((a, b) => b.cosine - a.cosine).slice(0, count);
};
touch.vectorOf = (space, word) => space.units[space.rows.get(word)];
touch.analogy = (space, a, b, c) => {
  const [first, second, third] = [a, b, c].map((word) => touch.vectorOf(space, word));
  return first.map((value, d) => value - second[d] + third[d]);
};

const GLOVE = new URL("glove_words.js", document.currentScript?.src ?? location.href);
touch.pieces.words = (stage, given) => {
  let space = null, now = given.word, over = null;
  const known = (word) => space.rows.has(word);
  const clean = (field) => field.value.trim().toLowerCase();
  const go = (word) => { now = word; field.value = word; update(); };

  const update = () => {
    if (!space) { said.textContent = "단어 벡터를 읽고 있습니다."; return; }
    if (!known(now)) {
      const like = space.words.filter((word) => word.startsWith(now)).slice(0, 8);
      said.textContent = `‘${now}’은(는) 이 쪽에 담긴 단어 ${space.words.length.toLocaleString("ko")}개에 없습니다. `
        + (like.length ? `이런 단어는 있습니다: ${like.join(", ")}` : "영어 소문자로 적어 보십시오.");
      return;
    }
    const near = touch.nearest(space, touch.vectorOf(space, now), 8, [now]);
    said.textContent = `‘${now}’에 가장 가까운 단어는 ‘${near[0].word}’(코사인 유사도 ${near[0].cosine.toFixed(2)})입니다.`;
    neighbours.replaceChildren(...near.map(({ word, cosine }) => touch.make("li", {},
      touch.button(word, () => go(word)), touch.make("span", { class: "touch-value" }, cosine.toFixed(2)))));
    picture.redraw();
  };
  const solve = () => {
    if (!space) return;
    const asked = terms.map(clean), missing = asked.filter((word) => !known(word));
    if (missing.length) { answer.textContent = `‘${missing.join("’, ‘")}’은(는) 담긴 단어가 아닙니다.`; return; }
    const vector = touch.analogy(space, ...asked);
    const told = (list) => list.map(({ word, cosine }) => `${word} ${cosine.toFixed(2)}`).join(", ");
    answer.textContent = `${asked[0]} − ${asked[1]} + ${asked[2]}: 물은 세 단어를 빼면 ${told(touch.nearest(space, vector, 3, asked))}. `
      + `빼지 않으면 ${told(touch.nearest(space, vector, 3))}.`;
  };
  const terms = given.sums[0].map((word, k) => touch.make("input", { type: "text", value: word, size: "9", autocapitalize: "off",
    spellcheck: "false", autocomplete: "off", "aria-label": ["더하는 첫 단어", "빼는 단어", "더하는 단어"][k], oninput: () => solve() }));
  const field = touch.make("input", { type: "text", value: now, autocapitalize: "off", spellcheck: "false", autocomplete: "off",
    oninput: () => { now = clean(field); update(); } });
  const said = touch.sentence(), answer = touch.sentence();
  const neighbours = touch.make("ul", { class: "touch-list touch-near" });

  // The map: all words as one path, the chosen word with its neighbours and the one under the pointer above it.
  const at = (row, width, height) => [12 + space.places[row][0] * (width - 24), 12 + space.places[row][1] * (height - 24)];
  const picture = touch.picture(340, (width, height) => {
    const label = "단어 2,500여 개를 평면에 놓은 지도. 고른 단어의 이웃은 위의 목록과 같습니다.";
    if (!space) return { label, parts: [] };
    const dots = space.words.map((_, row) => at(row, width, height).map((v) => v.toFixed(1)).join(" "));
    const parts = [touch.draw("path", { d: dots.map((dot) => `M${dot}h0`).join(""), class: "touch-dots" })];
    const mark = (word, kind) => {
      const [x, y] = at(space.rows.get(word), width, height);
      parts.push(touch.draw("circle", { cx: x, cy: y, r: 4, class: kind }));
      return [x, y];
    };
    const name = (word) => {
      const [x, y] = mark(word, "touch-dot");
      parts.push(touch.text(Math.min(width - 30, Math.max(30, x)), y > 24 ? y - 7 : y + 16, word, { "text-anchor": "middle", class: "touch-strong" }));
    };
    if (known(now)) {
      touch.nearest(space, touch.vectorOf(space, now), 8, [now]).forEach(({ word }) => mark(word, "touch-key"));
      name(now);
    }
    if (over && over !== now) name(over);
    return { label, parts };
  });
  const under = (event) => {
    if (!space) return null;
    const box = picture.getBoundingClientRect();
    const far = space.words.map((word, row) => {
      const [x, y] = at(row, box.width, box.height);
      return [Math.hypot(event.clientX - box.left - x, event.clientY - box.top - y), word];
    });
    const [distance, word] = far.reduce((best, one) => (one[0] < best[0] ? one : best));
    return distance < 14 ? word : null;
  };
  picture.addEventListener("pointermove", (event) => {
    const word = under(event);
    if (word !== over) { over = word; picture.redraw(); }
  });
  picture.addEventListener("pointerleave", () => { over = null; picture.redraw(); });
  picture.addEventListener("click", (event) => { const word = under(event); if (word) go(word); });

  const sums = given.sums.map((sum) => touch.button(`${sum[0]} − ${sum[1]} + ${sum[2]}`, () => {
    sum.forEach((word, k) => { terms[k].value = word; });
    solve();
  }));
  touch.lay(stage, [picture], [touch.labelled("단어 찾기 (영어)", field), said, neighbours],
    touch.group("단어의 더하기와 빼기", touch.row(...sums), touch.make("p", { class: "touch-sum" }, terms[0], " − ", terms[1], " + ", terms[2]), answer));
  update();

  touch.loadNear(stage, GLOVE, said, () => { space = touch.unpackWords(window.GLOVE_WORDS); update(); solve(); });
};
