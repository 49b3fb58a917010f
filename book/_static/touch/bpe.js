/* Byte pair encoding on a toy corpus, starting from syllables: words are [word, count]. */
"use strict";
touch.bpePairs = (words) => {
  const counts = new Map(); // keeps the order of first sight, which decides between equals
  for (const [pieces, count] of words)
    for (let k = 0; k + 1 < pieces.length; k += 1) {
      const name = `${pieces[k]}\t${pieces[k + 1]}`;
      counts.set(name, (counts.get(name) ?? 0) + count);
    }
  return [...counts].map(([name, count]) => [...name.split("\t"), count]).sort((a, b) => b[2] - a[2]);
};
touch.bpeMerge = (pieces, [left, right]) => {
  const merged = [];
  for (let k = 0; k < pieces.length; k += 1)
    if (pieces[k] === left && pieces[k + 1] === right) { merged.push(left + right); k += 1; }
    else merged.push(pieces[k]);
  return merged;
};
touch.bpe = (corpus, steps) => {
  let words = corpus.map(([word, count]) => [[...word], count]);
  const merges = [];
  while (merges.length < steps) {
    const [best] = touch.bpePairs(words);
    if (!best || best[2] < 2) break; // what was seen once is no pattern
    merges.push(best);
    words = words.map(([pieces, count]) => [touch.bpeMerge(pieces, best), count]);
  }
  return { words, merges };
};
touch.bpeSplit = (word, merges) => merges.reduce(touch.bpeMerge, [...word.normalize("NFC")]);

touch.pieces.bpe = (stage, given) => {
  const last = touch.bpe(given.corpus, Infinity).merges.length;
  const steps = touch.slider("합친 횟수", { min: 0, max: last, step: 1, value: 0 }, () => update());
  const field = touch.make("input", { type: "text", value: given.word, autocomplete: "off", spellcheck: "false", oninput: () => update() });
  const said = touch.sentence();
  const shown = touch.shown();
  const split = touch.make("p", { class: "touch-words", role: "status", "aria-live": "polite" });
  const pieces = (list) => list.map((piece) => touch.make("span", {}, piece));

  const update = () => {
    const { words, merges } = touch.bpe(given.corpus, steps.value);
    const next = touch.bpePairs(words).filter(([, , count]) => count > 1).slice(0, 5);
    const tokens = words.reduce((sum, [list, count]) => sum + list.length * count, 0);
    const made = merges.at(-1);
    said.textContent = (made ? `${merges.length}번째로 합친 짝은 ${made[2]}번 나온 ‘${made[0]}’ + ‘${made[1]}’입니다. ` : "음절에서 시작합니다. ")
      + `글 전체는 이제 토큰 ${tokens}개입니다. `
      + (next.length ? `다음은 ‘${next[0][0]}’ + ‘${next[0][1]}’입니다.` : "두 번 나오는 짝이 더 없습니다.");
    shown.replaceChildren(
      touch.table("가장 잦은 짝", ["짝", "횟수"], next.map(([left, right, count]) => [`${left} + ${right}`, String(count)]), 0),
      touch.make("ul", { class: "touch-list" }, ...words.map(([list, count]) =>
        touch.make("li", { class: "touch-words" }, ...pieces(list), ` × ${count}`))));
    split.replaceChildren(...pieces(touch.bpeSplit(field.value.trim(), merges)));
  };
  const player = touch.player({ at: () => steps.value, go: (step) => { steps.value = step; update(); }, last: () => last, said,
    back: "되돌리기", next: "다음 합치기", wait: 1500 });
  touch.lay(stage, [player.node, said, shown], [steps.node, touch.labelled("잘라 볼 말", field), split]);
  update();
};
