/* Dot-product attention over five words whose vectors have two numbers. Needs softmax.js. */
"use strict";
touch.attention = (query, keys, { scaled = true, hidden = [] } = {}) => {
  const divisor = scaled ? Math.sqrt(query.length) : 1;
  const scores = keys.map((key, k) =>
    hidden[k] ? -Infinity : key.reduce((sum, value, d) => sum + value * query[d], 0) / divisor);
  const weights = touch.softmax(scores);
  const context = query.map((_, d) => keys.reduce((sum, key, k) => sum + weights[k] * key[d], 0));
  return { scores, weights, context };
};

touch.pieces.attention = (stage, given) => {
  const HEIGHT = 320;
  const query = () => {
    const turn = (angle.value * Math.PI) / 180;
    return [length.value * Math.cos(turn), length.value * Math.sin(turn)];
  };
  const result = () => touch.attention(query(), given.keys, { scaled: scaled.value, hidden: hidden.map((one) => one.value) });
  const update = () => {
    if (hidden.every((one) => one.value)) hidden[0].value = false; // a softmax over nothing has no answer
    const { scores, weights, context } = result();
    const best = weights.indexOf(Math.max(...weights));
    said.textContent = `가장 큰 가중치는 ‘${given.words[best]}’의 ${weights[best].toFixed(2)}입니다. `
      + `다섯 벡터를 가중치대로 섞은 결과는 (${touch.signed(context[0])}, ${touch.signed(context[1])})입니다.`;
    bars.replaceChildren(touch.bars(given.words.map((name, k) => ({
      name, value: weights[k], digits: 3, note: hidden[k].value ? "가렸습니다" : `점수 ${touch.signed(scores[k])}` }))));
    picture.redraw();
  };
  const angle = touch.slider("질의의 방향", { min: -180, max: 180, step: 5, value: given.query[0] }, update, (x) => `${touch.signed(x, 0)}°`);
  const length = touch.slider("질의의 길이", { min: 0, max: 3, step: 0.1, value: given.query[1] }, update, (x) => x.toFixed(1));
  const scaled = touch.tick("√d로 나누기", true, update);
  const hidden = given.words.map((word) => touch.tick(word, false, update));
  const asked = given.questions.map(({ name, query: [turn, size] }) =>
    touch.button(name, () => { angle.value = turn; length.value = size; update(); }));
  const said = touch.sentence();
  const bars = touch.shown();

  let scale = 1;
  const picture = touch.picture(HEIGHT, (width, height) => {
    scale = Math.min(width / 2 - 34, height / 2 - 20) / 3;
    const at = ([a, b]) => [width / 2 + a * scale, height / 2 - b * scale];
    const { weights, context } = result(), [cx, cy] = at(context);
    const size = (k) => Math.max(2, 18 * Math.sqrt(weights[k])); // the area is the weight
    const parts = [
      touch.line(8, height / 2, width - 8, height / 2, { class: "touch-grid" }),
      touch.line(width / 2, 8, width / 2, height - 8, { class: "touch-grid" }),
      touch.text(width - 8, height / 2 - 6, given.axes[1], { "text-anchor": "end" }),
      touch.text(8, height / 2 - 6, given.axes[0]),
      touch.text(width / 2 + 14, 16, given.axes[3]), touch.text(width / 2 + 6, height - 8, given.axes[2])];
    given.keys.forEach((key, k) => {
      const [x, y] = at(key), near = Math.abs(x - cx) < 40;
      const above = !near || cy > y ? y - size(k) - 7 : y + size(k) + 15; // the word keeps away from the square
      parts.push(touch.draw("circle", { cx: x, cy: y, r: size(k), class: "touch-key" }),
        touch.text(x, above, given.words[k], { "text-anchor": "middle", class: "touch-strong" }));
    });
    const [qx, qy] = at(query());
    parts.push(touch.draw("rect", { x: cx - 6, y: cy - 6, width: 12, height: 12, class: "touch-context" }),
      touch.line(width / 2, height / 2, qx, qy, { class: "touch-query" }),
      touch.handle(qx, qy, touch.draw("circle", { cx: qx, cy: qy, r: 7, class: "touch-query" })));
    return { label: "평면에 놓인 다섯 단어의 벡터, 질의의 화살, 섞은 결과. 원의 넓이가 가중치이고 값은 아래 막대와 같습니다.", parts };
  });
  touch.drag(picture, (px, py) => {
    const [a, b] = [(px - picture.clientWidth / 2) / scale, (HEIGHT / 2 - py) / scale];
    angle.value = (Math.atan2(b, a) * 180) / Math.PI;
    length.value = Math.hypot(a, b);
    update();
  });
  touch.lay(stage, [picture, said], [touch.row(...asked), angle.node, length.node, scaled.node,
    touch.group("가릴 단어", touch.row(...hidden.map((one) => one.node))),
    touch.make("p", { class: "touch-key-words" }, "선 끝의 점이 질의입니다. 끌어서 돌리고 늘입니다. 동그라미는 단어이고 넓이가 가중치, 네모는 섞은 결과입니다.")], bars);
  update();
};
