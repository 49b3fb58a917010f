/* One LSTM cell with one unit, a time step at a time. The four weights stand in Keras' order i f g o. */
"use strict";
touch.lstm = ({ W, U, b }, xs) => {
  let h = 0, c = 0;
  return xs.map((x) => {
    const z = W.map((w, gate) => w * x + U[gate] * h + b[gate]);
    const [i, f, o] = [0, 1, 3].map((gate) => touch.sigmoid(z[gate])), g = Math.tanh(z[2]);
    c = f * c + i * g;
    h = o * Math.tanh(c);
    return { x, i, f, g, o, c, h };
  });
};

touch.pieces.lstm = (stage, given) => {
  let now = 1; // the time step that is shown
  const bias = (name, gate) => touch.slider(name, { min: -5, max: 5, step: 0.5, value: given.b[gate] }, () => update(), (v) => touch.signed(v, 1));
  const biases = { 0: bias("입력 게이트의 편향", 0), 1: bias("망각 게이트의 편향", 1), 3: bias("출력 게이트의 편향", 3) };
  const input = touch.choice("입력", given.inputs.map((one) => one.name), () => { player.stop(); now = 1; update(); });
  const said = touch.sentence();
  const player = touch.player({ at: () => now, go: (step) => { now = step; update(); }, first: 1, last: () => given.inputs[input.value].x.length,
    said, back: "앞 시점", next: "다음 시점" });
  const shown = touch.shown();
  const two = (v) => touch.signed(v);

  const run = () => {
    const b = given.b.map((value, gate) => (gate in biases ? biases[gate].value : value));
    return { b, steps: touch.lstm({ ...given, b }, given.inputs[input.value].x) };
  };
  const update = () => {
    const { b, steps } = run();
    const step = steps[now - 1], before = steps[now - 2] ?? { h: 0, c: 0 };
    said.textContent = `시점 ${now}. 셀 상태 = 망각 ${two(step.f)} × 앞의 셀 상태 ${two(before.c)} + 입력 ${two(step.i)} × 후보 ${two(step.g)} = ${two(step.c)}. `
      + `은닉 상태 = 출력 ${two(step.o)} × tanh(${two(step.c)}) = ${two(step.h)}.`;
    const sum = (gate) => `σ(${two(given.W[gate])}·${two(step.x)} + ${two(given.U[gate])}·${two(before.h)} + ${two(b[gate])})`;
    shown.replaceChildren(
      touch.bars([
        { name: "입력 i", value: step.i, note: sum(0) },
        { name: "망각 f", value: step.f, note: sum(1) },
        { name: "출력 o", value: step.o, note: sum(3) },
      ]),
      touch.table("시점마다의 값", ["시점", "x", "i", "f", "g", "o", "c", "h"],
        steps.slice(0, now).map((s, k) => [String(k + 1), touch.signed(s.x, 0), ...["i", "f", "g", "o", "c", "h"].map((name) => two(s[name]))]), now - 1));
    picture.redraw();
  };

  const picture = touch.picture(220, (width, height) => {
    const { steps } = run();
    const x = (t) => 40 + (t / steps.length) * (width - 60);
    const y = (value) => 12 + ((1 - Math.max(-1, Math.min(1, value))) / 2) * (height - 44);
    const parts = [-1, 0, 1].flatMap((v) => [
      touch.line(40, y(v), width - 10, y(v), { class: v ? "touch-grid" : "touch-axis" }),
      touch.text(34, y(v) + 4, touch.signed(v, 0), { "text-anchor": "end" })]);
    steps.forEach((step, k) => {
      const from = k ? steps[k - 1].c : 0;
      if (k < now) parts.push(touch.line(x(k), y(from), x(k + 1), y(step.c), { class: "touch-curve" }),
        touch.draw("circle", { cx: x(k + 1), cy: y(step.c), r: k + 1 === now ? 6 : 3, class: "touch-dot" }));
      parts.push(touch.text(x(k + 1), height - 18, k + 1, { "text-anchor": "middle" }));
    });
    parts.push(touch.text(width / 2, height - 2, "시점마다의 셀 상태 c", { "text-anchor": "middle" }));
    return { label: `시점 ${now}까지 셀 상태의 꺾은선. 값은 아래 표와 같습니다.`, parts };
  });
  touch.lay(stage, [picture, said], [player.node, input.node,
    touch.group("게이트를 여닫는 편향", ...Object.values(biases).map((one) => one.node))], shown);
  update();
};
