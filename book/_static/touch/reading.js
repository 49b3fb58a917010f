/* A review read word by word: what a lesson's LSTM answered after each word, from its recording. */
"use strict";
/* The words with the probability after each, in hundredths as it is told, and what the word changed. */
touch.reading = ({ words, curve }) => {
  const told = curve.map((chance) => Math.round(100 * chance));
  return words.split(" ").map((word, k) => ({ word, chance: told[k] / 100, change: k ? (told[k] - told[k - 1]) / 100 : 0 }));
};
/* The places of the words that changed most, those first; of equals the earlier. */
touch.turns = (steps, count) => steps.map((_, k) => k)
  .sort((a, b) => Math.abs(steps[b].change) - Math.abs(steps[a].change)).slice(0, count);
touch.moved = (change) => `${change > 0 ? "+" : ""}${touch.signed(change)}`;

touch.pieces.reading = (stage, given) => {
  const reviews = given.reviews.map(touch.reading);
  let now = 1; // words read
  const steps = () => reviews[review.value];
  const go = (step) => { now = step; at.value = step; update(); };
  const review = touch.choice("리뷰", given.reviews.map((one) => one.name), () => { player.stop(); begin(); });
  const at = touch.slider("읽은 단어", { min: 1, max: reviews[0].length, step: 1, value: 1 }, () => { player.stop(); go(at.value); });
  const said = touch.sentence();
  const player = touch.player({ at: () => now, go, first: 1, last: () => steps().length, said, back: "앞 단어", next: "다음 단어" });
  const text = touch.make("p", { class: "touch-words" });
  const turns = touch.row(), values = touch.shown();

  const begin = () => {
    at.range(1, steps().length);
    turns.replaceChildren(...touch.turns(steps(), 4).map((k) =>
      touch.button(`${k + 1}. ${steps()[k].word} ${touch.moved(steps()[k].change)}`, () => { player.stop(); go(k + 1); })));
    go(1);
  };
  const update = () => {
    const { word, chance, change } = steps()[now - 1], answer = (p) => (p > 0.5 ? "긍정" : "부정");
    const turned = now > 1 && answer(chance) !== answer(steps()[now - 2].chance);
    said.textContent = `${now}번째 단어 ‘${word}’까지 읽고 긍정일 확률은 ${chance.toFixed(2)}입니다. `
      + (now > 1 ? `이 단어가 움직인 만큼은 ${touch.moved(change)}입니다. ` : "") + (turned ? `답이 ${answer(chance)}으로 바뀌었습니다. ` : "")
      + (now === steps().length ? `다 읽은 답은 ${answer(chance)}입니다.` : "");
    text.replaceChildren(...steps().map((step, k) => touch.make("span", {
      class: k + 1 === now ? "touch-in" : k < now ? null : "touch-unread", "aria-current": k + 1 === now && "true" }, step.word)));
    values.replaceChildren(touch.table("단어마다의 확률", ["차례", "단어", "확률", "움직임"], steps().slice(0, now).map((step, k) =>
      [String(k + 1), step.word, step.chance.toFixed(2), k ? touch.moved(step.change) : "—"]), now - 1));
    picture.redraw();
  };
  const picture = touch.picture(220, (width, height) => {
    const x = (k) => 48 + (k / (steps().length - 1)) * (width - 68);
    const y = (chance) => 26 + (1 - chance) * (height - 58);
    const parts = [[0, "부정 0"], [0.5, "0.5"], [1, "긍정 1"]].flatMap(([chance, name]) => [
      touch.line(48, y(chance), width - 10, y(chance), { class: chance === 0.5 ? "touch-fold" : "touch-grid" }),
      touch.text(42, y(chance) + 4, name, { "text-anchor": "end" })]);
    const read = steps().slice(0, now), last = read.at(-1);
    parts.push(touch.draw("polyline", { points: read.map((step, k) => `${x(k)},${y(step.chance)}`).join(" "), class: "touch-curve" }));
    read.forEach((step, k) => parts.push(touch.draw("circle", { cx: x(k), cy: y(step.chance), r: k + 1 === now ? 6 : 3, class: "touch-dot" })));
    const side = now < 4 ? "start" : now > steps().length - 3 ? "end" : "middle";
    parts.push(touch.text(x(now - 1), y(last.chance) - 11, last.word, { "text-anchor": side, class: "touch-strong" }),
      touch.text((48 + width - 10) / 2, height - 6, `읽은 단어 (모두 ${steps().length}개)`, { "text-anchor": "middle" }));
    return { label: `${now}번째 단어까지 긍정일 확률의 꺾은선. 값은 아래 표와 같습니다.`, parts };
  });
  touch.lay(stage, [picture, text, said], [player.node, at.node, review.node,
    touch.make("details", {}, touch.make("summary", {}, "확률을 가장 크게 움직인 단어"), turns)],
    touch.make("details", {}, touch.make("summary", {}, "단어마다의 확률"), values));
  begin();
};
