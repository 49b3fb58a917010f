/* λ to the n: how much of a signal is left n time steps back. */
"use strict";
touch.pieces.powers = (stage, given) => {
  const [TOP, BOTTOM] = [5, -20]; // exponents of ten that the picture shows
  const longest = given.steps;
  const update = () => { picture.redraw(); say(); };
  const rate = touch.slider("곱하는 수 λ", { min: 0.5, max: 1.1, step: 0.01, value: given.rate }, update, (x) => x.toFixed(2));
  const steps = touch.slider("거슬러 가는 시점 n", { min: 1, max: longest, step: 1, value: given.at }, update);
  const said = touch.sentence();

  const say = () => {
    const left = rate.value ** steps.value;
    const means = left < 1e-5 ? `${steps.value}시점 앞에는 신호가 거의 닿지 않습니다. 기울기 소실입니다.`
      : left < 0.5 ? `${steps.value}시점 앞에는 신호의 ${touch.number(1 / left)}분의 1만 닿습니다.`
      : left > 2 ? "신호가 끝없이 커집니다. 기울기 폭발입니다." : "신호가 거의 그대로 닿습니다.";
    said.textContent = `${rate.value.toFixed(2)}의 ${steps.value}제곱은 ${touch.number(left)}입니다. ${means}`;
  };

  const picture = touch.picture(260, (width, height) => {
    const box = { left: 44, right: width - 10, top: 12, bottom: height - 36 };
    const x = (step) => box.left + (step / longest) * (box.right - box.left);
    const y = (value) => {
      const exponent = Math.min(TOP, Math.max(BOTTOM, Math.log10(value)));
      return box.top + ((TOP - exponent) / (TOP - BOTTOM)) * (box.bottom - box.top);
    };
    const parts = [];
    for (let exponent = TOP; exponent >= BOTTOM; exponent -= 5) {
      const at = y(10 ** exponent);
      parts.push(touch.line(box.left, at, box.right, at, { class: exponent ? "touch-grid" : "touch-axis" }),
        touch.text(box.left - 6, at + 4, exponent ? touch.power(exponent) : "1", { "text-anchor": "end" }));
    }
    for (const step of [0, 25, 50, 75, 100])
      parts.push(touch.text(x(step), box.bottom + 16, step, { "text-anchor": "middle" }));
    parts.push(touch.text((box.left + box.right) / 2, height - 4, "거슬러 가는 시점 (세로는 로그 눈금)", { "text-anchor": "middle" }));
    const curve = Array.from({ length: longest + 1 }, (_, step) => `${x(step).toFixed(1)},${y(rate.value ** step).toFixed(1)}`);
    parts.push(touch.draw("polyline", { points: curve.join(" "), class: "touch-curve" }),
      touch.draw("circle", { cx: x(steps.value), cy: y(rate.value ** steps.value), r: 6, class: "touch-dot" }));
    return { label: `λ가 ${rate.value.toFixed(2)}일 때 λ의 거듭제곱을 시점마다 그린 로그 눈금의 곧은 선`, parts };
  });
  touch.lay(stage, [picture, said], [rate.node, steps.node]);
  update();
};
