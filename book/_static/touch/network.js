/* A network of one hidden layer learns the points of lesson 00 by plain gradient descent. Needs moons.js.
   Weights are { W1, b1, W2, b2 }, rows of W1 and W2 for what comes in, as in Keras. */
"use strict";
touch.forward = ({ W1, b1, W2, b2 }, x) => {
  const H = b1.map((bias, j) => Math.max(0, bias + x[0] * W1[0][j] + x[1] * W1[1][j]));
  const logits = b2.map((bias, k) => H.reduce((sum, value, j) => sum + value * W2[j][k], bias));
  const high = Math.max(...logits), total = high + Math.log(logits.reduce((sum, z) => sum + Math.exp(z - high), 0));
  return { H, logP: logits.map((z) => z - total) };
};

/* Of the mean cross-entropy over these points; of the shape of the weights. */
touch.gradients = (weights, X, y) => {
  const G = { W1: weights.W1.map((row) => row.map(() => 0)), b1: weights.b1.map(() => 0),
    W2: weights.W2.map((row) => row.map(() => 0)), b2: weights.b2.map(() => 0) };
  X.forEach((x, n) => {
    const { H, logP } = touch.forward(weights, x);
    const back = logP.map((value, k) => (Math.exp(value) - Number(k === y[n])) / X.length);
    back.forEach((value, k) => { G.b2[k] += value; });
    H.forEach((value, j) => {
      if (value === 0) return; // relu: nothing goes on, and nothing comes back
      const came = back.reduce((sum, one, k) => sum + one * weights.W2[j][k], 0);
      back.forEach((one, k) => { G.W2[j][k] += value * one; });
      G.b1[j] += came;
      x.forEach((one, i) => { G.W1[i][j] += one * came; });
    });
  });
  return G;
};

const minus = (weight, gradient, rate) =>
  Array.isArray(weight) ? weight.map((one, k) => minus(one, gradient[k], rate)) : weight - rate * gradient;
/* After `steps` steps, the points taken in their order, `batch` at a time; the first of them has the number `from`. */
touch.trained = (weights, { X, y }, rate, batch, steps, from = 0) => {
  for (let step = from; step < from + steps; step += 1) {
    const first = (step * batch) % X.length, last = first + batch;
    const G = touch.gradients(weights, X.slice(first, last), y.slice(first, last));
    weights = Object.fromEntries(Object.entries(weights).map(([name, weight]) => [name, minus(weight, G[name], rate)]));
  }
  return weights;
};

/* Mean loss, and the share of the points that are right. */
touch.score = (weights, { X, y }) => {
  const all = X.map((x) => touch.forward(weights, x).logP);
  return { loss: -all.reduce((sum, logP, n) => sum + logP[y[n]], 0) / X.length,
    right: all.filter((logP, n) => (logP[1] > logP[0]) === (y[n] === 1)).length / X.length };
};

/* Where it starts: every number the same, or weights spread at random as Keras does. */
touch.newWeights = (units, same, seed) => {
  const uniform = touch.dice(seed);
  const weight = () => same ?? (2 * uniform() - 1) * Math.sqrt(6 / (2 + units)); // Glorot
  const numbers = (count, one) => Array.from({ length: count }, one);
  return { W1: numbers(2, () => numbers(units, weight)), b1: numbers(units, () => same ?? 0),
    W2: numbers(units, () => numbers(2, weight)), b2: numbers(2, () => same ?? 0) };
};

touch.pieces.network = (stage, given) => {
  const rates = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10], batches = [1, 10, 30, 100, 300];
  const starts = [["무작위", null], ["모두 0.5", 0.5], ["모두 0", 0]];
  let seed = 1, step, weights, losses, now;
  const update = () => {
    const { loss, right } = now, perEpoch = 300 / batch();
    said.textContent = !Number.isFinite(loss) ? "수가 너무 커져 더 계산할 수 없습니다. 학습률을 낮추고 처음으로 돌아가 보십시오."
      : `${Math.floor(step / perEpoch).toLocaleString("ko")}에폭, ${step.toLocaleString("ko")}걸음. 손실 ${touch.number(loss)}, `
        + `점 300개 가운데 ${Math.round(300 * right)}개를 맞힙니다.`;
    plane.redraw();
    curve.redraw();
  };
  const batch = () => batches[size.value];
  const begin = () => {
    step = 0;
    weights = touch.newWeights(units.value, starts[start.value][1], seed);
    now = touch.score(weights, touch.moons);
    losses = [[0, now.loss]]; // in epochs, which do not depend on the batch
  };
  const go = (to) => {
    if (to < step) begin();
    else if (to > step && Number.isFinite(now.loss)) {
      weights = touch.trained(weights, touch.moons, rates[rate.value], batch(), to - step, step);
      now = touch.score(weights, touch.moons);
      losses.push([losses.at(-1)[0] + ((to - step) * batch()) / 300, now.loss]);
      step = to;
    }
    if (!Number.isFinite(now.loss)) player.stop();
    update();
  };
  const again = () => { player.stop(); begin(); update(); };
  const said = touch.sentence();
  const rate = touch.slider("학습률", { min: 0, max: rates.length - 1, step: 1, value: rates.indexOf(given.rate) }, () => {}, (k) => String(rates[k]));
  const size = touch.slider("배치", { min: 0, max: batches.length - 1, step: 1, value: batches.indexOf(given.batch) }, again, (k) => `${batches[k]}개`);
  const units = touch.slider("은닉 유닛", { min: 1, max: 8, step: 1, value: given.units }, again, (k) => `${k}개`);
  const start = touch.choice("처음의 매개변수", starts.map(([name]) => name), again);
  const folds = touch.tick("유닛마다 꺾이는 자리", false, () => update());
  const player = touch.player({ at: () => step, go, said, play: "훈련", next: "한 걸음", end: null, stride: () => 300 / batch(), wait: 60 });
  const other = touch.button("다른 무작위", () => { seed += 1; start.value = 0; again(); });

  const shape = { 0: ([x, y]) => `M${x} ${y - 2.5}a2.5 2.5 0 1 0 .01 0z`, 1: ([x, y]) => `M${x} ${y - 3.4}l3.2 5.6h-6.4z` };
  const plane = touch.picture(300, (width, height) => {
    const scale = Math.min(width / 4.6, height / 3.4); // pixels to the unit
    const box = { left: -width / scale / 2, right: width / scale / 2, top: height / scale / 2, bottom: -height / scale / 2 };
    const at = ([x, y]) => [(x - box.left) * scale, (box.top - y) * scale];
    const share = touch.grid(box, Math.round(width / 6), Math.round(height / 6), (x, y) => Math.exp(touch.forward(weights, [x, y]).logP[1]));
    const parts = [touch.tint(plane, share.map((row) => row.map((p) => 1.1 * (p - 0.5))), width, height),
      touch.draw("path", { d: touch.contour(share, 0.5, width, height), class: "touch-boundary" })];
    for (const label of [0, 1]) {
      const points = touch.moons.X.filter((_, n) => touch.moons.y[n] === label);
      parts.push(touch.draw("path", { d: points.map((x) => shape[label](at(x).map((v) => Number(v.toFixed(1))))).join(""), class: `touch-class-${label}` }));
    }
    if (folds.value) weights.b1.forEach((bias, j) => {
      const [a, c] = [weights.W1[0][j], weights.W1[1][j]], length = a * a + c * c;
      if (!length) return;
      const foot = [(-a * bias) / length, (-c * bias) / length], far = 9 / Math.sqrt(length);
      parts.push(touch.line(...at([foot[0] - c * far, foot[1] + a * far]), ...at([foot[0] + c * far, foot[1] - a * far]), { class: "touch-fold" }));
    });
    return { label: "두 초승달 모양의 점과, 그 자리가 범주 1일 확률의 색. 실선이 결정 경계입니다.", parts };
  });
  const curve = touch.picture(110, (width, height) => {
    const last = Math.max(20, losses.at(-1)[0]), highest = Math.max(0.8, Math.min(3, Math.max(...losses.map(([, loss]) => loss || 0))));
    const x = (epoch) => 34 + (epoch / last) * (width - 44);
    const y = (loss) => 8 + (1 - Math.min(1, loss / highest)) * (height - 42);
    const every = Math.ceil(losses.length / 400); // more points than that no one sees
    const points = losses.filter(([, loss], k) => Number.isFinite(loss) && (k % every === 0 || k === losses.length - 1));
    const parts = [0, highest].flatMap((v) => [touch.line(34, y(v), width - 10, y(v), { class: v ? "touch-grid" : "touch-axis" }),
      touch.text(28, y(v) + 4, v.toFixed(1), { "text-anchor": "end" })]);
    parts.push(touch.draw("polyline", { points: points.map(([epoch, loss]) => `${x(epoch).toFixed(1)},${y(loss).toFixed(1)}`).join(" "), class: "touch-curve" }),
      touch.draw("circle", { cx: x(points.at(-1)[0]), cy: y(points.at(-1)[1]), r: 4, class: "touch-dot" }),
      touch.text(34, height - 18, "0"), touch.text(width - 10, height - 18, Math.round(last).toLocaleString("ko"), { "text-anchor": "end" }),
      touch.text(width / 2, height - 4, "에폭마다의 손실", { "text-anchor": "middle" }));
    return { label: "에폭마다의 손실을 이은 선. 지금의 값은 아래 문장에 있습니다.", parts };
  });
  begin();
  touch.lay(stage, [plane, curve, said], [player.node, rate.node, size.node, start.node, touch.row(other), units.node, folds.node,
    touch.make("p", { class: "touch-key-words" }, "동그라미는 범주 0, 세모는 범주 1입니다. 바탕이 주황이면 범주 0, 파랑이면 범주 1이라고 답합니다.")]);
  update();
};
