/* Softmax with a temperature. */
"use strict";
touch.softmax = (scores, temperature = 1) => {
  const highest = Math.max(...scores);
  const raised = scores.map((score) => Math.exp((score - highest) / temperature));
  const total = raised.reduce((sum, value) => sum + value, 0);
  return raised.map((value) => value / total);
};

touch.pieces.softmax = (stage, given) => {
  const update = () => {
    const shares = touch.softmax(scores.map((one) => one.value), temperature.value);
    const best = shares.indexOf(Math.max(...shares));
    said.textContent = `온도 ${temperature.value.toFixed(1)}에서 가장 큰 몫은 ‘${given.words[best]}’의 ${shares[best].toFixed(2)}이고, `
      + `가장 작은 몫은 ${touch.number(Math.min(...shares))}입니다. 다섯을 더하면 언제나 1입니다.`;
    bars.replaceChildren(touch.bars(given.words.map((name, k) => ({ name, value: shares[k], digits: 3 }))));
  };
  const temperature = touch.slider("온도 T", { min: 0.1, max: 5, step: 0.1, value: 1 }, update, (x) => x.toFixed(1));
  const scores = given.words.map((word, k) =>
    touch.slider(word, { min: -3, max: 3, step: 0.1, value: given.scores[k] }, update, (x) => touch.signed(x, 1)));
  const said = touch.sentence();
  const bars = touch.shown();
  const again = touch.button("처음으로", () => {
    temperature.value = 1;
    scores.forEach((one, k) => { one.value = given.scores[k]; });
    update();
  });
  touch.lay(stage, [bars, said], [temperature.node, touch.group("단어마다의 점수", ...scores.map((one) => one.node)), touch.row(again)]);
  update();
};
