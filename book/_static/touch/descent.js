/* Gradient descent with one unit on the points of lesson 00: on the curve of one weight, in the valley of two. Needs moons.js. */
"use strict";
touch.unitLoss = ({ X, y }, w) => X.reduce((sum, x, n) => {
  const z = x[0] * w[0] + x[1] * w[1];
  return sum + Math.max(z, 0) - z * y[n] + Math.log1p(Math.exp(-Math.abs(z)));
}, 0) / X.length;
touch.unitGradient = ({ X, y }, w) => X.reduce((sum, x, n) => {
  const off = (1 / (1 + Math.exp(-x[0] * w[0] - x[1] * w[1])) - y[n]) / X.length;
  return sum.map((value, d) => value + off * x[d]);
}, [0, 0]);
/* Where each way of walking is after each step, with `free` 1 for a weight that moves and 0 for one that does not. */
touch.walk = (way, points, from, rate, steps, free = [1, 1]) => {
  const path = [from];
  let m = [0, 0], v = [0, 0];
  for (let t = 1; t <= steps; t += 1) {
    const w = path.at(-1), g = touch.unitGradient(points, w);
    const [slow, fast] = { sgd: [0, 0], rmsprop: [0.9, 0], adam: [0.999, 0.9] }[way];
    v = v.map((value, d) => slow * value + (1 - slow) * g[d] ** 2);
    m = m.map((value, d) => fast * value + (1 - fast) * g[d]);
    const step = { sgd: (d) => g[d], rmsprop: (d) => g[d] / Math.sqrt(v[d] + 1e-7),
      adam: (d) => m[d] / (1 - 0.9 ** t) / (Math.sqrt(v[d] / (1 - 0.999 ** t)) + 1e-7) }[way];
    path.push(w.map((value, d) => value - rate * free[d] * step(d)));
  }
  return path;
};
touch.stretched = ({ X, y }, by) => ({ X: X.map(([a, c]) => [a * by, c]), y });

touch.pieces.descent = (stage, given) => {
  const rates = [0.03, 0.1, 0.3, 1, 3, 10, 40], ways = ["sgd", "rmsprop", "adam"], most = given.steps;
  const plain = touch.stretched(touch.moons, 1), wide = touch.stretched(touch.moons, 5);
  // The box is what is drawn: w1 from left to right, w2 from bottom to top (on the curve: the loss).
  const places = [
    { name: "가중치 하나의 곡선", points: plain, free: [0, 1], box: { left: -12, right: 4, top: 2.2, bottom: 0 }, start: [0, 1], rate: 3 },
    { name: "가중치 둘의 지도", points: plain, free: [1, 1], box: { left: -8, right: 14, top: 4, bottom: -12 }, start: [0, 1], rate: 3 },
    { name: "좁은 골짜기", points: wide, free: [1, 1], box: { left: -1, right: 1.4, top: 2, bottom: -7 }, start: [0.5, 1], rate: 1 },
  ];
  let at = 0, start = [0, 0], path = [];
  const here = () => places[place.value], curve = () => !here().free[0];
  const follow = () => {
    player.stop();
    start = curve() ? [0, second.value] : [first.value, second.value];
    path = touch.walk(ways[way.value], here().points, start, rates[rate.value], most, here().free);
    update();
  };
  const move = () => { at = 0; follow(); };
  const enter = () => {
    const { box, start: [a, c], rate: best } = here();
    rate.value = rates.indexOf(best);
    first.node.hidden = curve();
    first.range(box.left, box.right, a);
    second.range(...(curve() ? [box.left, box.right] : [box.bottom, box.top]), c);
    move();
  };
  const place = touch.choice("손실", places.map(({ name }) => name), enter);
  const way = touch.choice("걷는 법", ["SGD", "rmsprop", "Adam"], follow);
  const rate = touch.slider("학습률", { min: 0, max: rates.length - 1, step: 1, value: 0 }, follow, (k) => String(rates[k]));
  const two = (v) => touch.signed(v);
  const first = touch.slider("출발하는 w₁", { min: -8, max: 14, step: 0.05, value: 0 }, move, two);
  const second = touch.slider("출발하는 w₂", { min: -12, max: 4, step: 0.05, value: 1 }, move, two);
  const said = touch.sentence();
  const player = touch.player({ at: () => at, go: (step) => { at = step; update(); }, last: () => most, said, back: "앞 걸음", next: "다음 걸음", wait: 500 });

  const update = () => {
    const w = path[at], loss = touch.unitLoss(here().points, w), before = at ? touch.unitLoss(here().points, path[at - 1]) : loss;
    const g = touch.unitGradient(here().points, w), where = (v) => (curve() ? two(v[1]) : `(${v.map(two).join(", ")})`);
    said.textContent = `${at}걸음. ${curve() ? "w₂" : "(w₁, w₂)"} = ${where(w)}, 손실 ${loss.toFixed(3)}, 기울기 ${where(g)}. `
      + (loss > before ? "방금은 바닥을 지나쳐 손실이 커졌습니다." : way.value ? "" : `다음 걸음은 −${rates[rate.value]} × 기울기 = ${where(g.map((v) => -rates[rate.value] * v))}입니다.`);
    picture.redraw();
  };
  const maps = new Map(); // the loss over each place, computed when it is first seen
  const picture = touch.picture(320, (width, height) => {
    const { box, points, name } = here();
    const [left, right, top, bottom] = [38, width - 8, 8, height - 36];
    const x = (value) => left + ((value - box.left) / (box.right - box.left)) * (right - left);
    const y = (value) => top + ((box.top - value) / (box.top - box.bottom)) * (bottom - top);
    const inside = (w) => (curve() ? [x(w[1]), y(touch.unitLoss(points, w))] : [x(w[0]), y(w[1])]);
    picture.to = (px, py) => [box.left + ((px - left) / (right - left)) * (box.right - box.left), box.top - ((py - top) / (bottom - top)) * (box.top - box.bottom)];
    const parts = [];
    if (curve()) {
      const line = Array.from({ length: 81 }, (_, k) => [0, box.left + (k / 80) * (box.right - box.left)]);
      parts.push(touch.line(left, bottom, right, bottom, { class: "touch-axis" }),
        touch.draw("polyline", { points: line.map((w) => inside(w).map((v) => v.toFixed(1)).join(",")).join(" "), class: "touch-curve" }));
    } else {
      if (!maps.has(name)) {
        const grid = touch.grid(box, 56, 42, (a, c) => touch.unitLoss(points, [a, c]));
        const all = grid.flat(), low = Math.min(...all), high = Math.max(...all);
        const levels = Array.from({ length: 14 }, (_, k) => low + 0.003 * ((high - low) / 0.003) ** (k / 14));
        maps.set(name, { grid, levels, shade: grid.map((row) => row.map((v) => 0.5 * levels.filter((level) => v > level).length / 14)) });
      }
      const { grid, levels, shade } = maps.get(name), inner = { width: right - left, height: bottom - top };
      const map = touch.draw("g", { transform: `translate(${left} ${top})` }, touch.tint(picture, shade, inner.width, inner.height));
      for (const level of levels) map.append(touch.draw("path", { d: touch.contour(grid, level, inner.width, inner.height), class: "touch-level" }));
      parts.push(map);
    }
    const ends = curve() ? [["손실", 0, 2], ["w₂", box.left, box.right]] : [["w₂", box.bottom, box.top], ["w₁", box.left, box.right]];
    for (const value of ends[0].slice(1)) parts.push(touch.text(left - 5, y(value) + (value > box.bottom ? 10 : 0), touch.signed(value, 0), { "text-anchor": "end" }));
    for (const value of ends[1].slice(1)) parts.push(touch.text(x(value), bottom + 15, touch.signed(value, Number.isInteger(value) ? 0 : 1), { "text-anchor": value < 0 ? "start" : "end" }));
    parts.push(touch.text(left - 5, (top + bottom) / 2, ends[0][0], { "text-anchor": "end" }), touch.text((left + right) / 2, bottom + 15, ends[1][0], { "text-anchor": "middle" }));
    const walked = path.slice(0, at + 1).map(inside), size = { width: right - left, height: bottom - top };
    parts.push(touch.draw("svg", { x: left, y: top, ...size, viewBox: `${left} ${top} ${size.width} ${size.height}` }, // what leaves the box is cut
      touch.draw("polyline", { points: walked.map((p) => p.map((v) => v.toFixed(1)).join(",")).join(" "), class: "touch-path" }),
      ...walked.slice(1).map(([px, py], k) => touch.draw("circle", { cx: px, cy: py, r: k + 2 === walked.length ? 6 : 3, class: "touch-dot" }))));
    const [sx, sy] = inside(start);
    parts.push(touch.handle(sx, sy, touch.draw("rect", { x: sx - 7, y: sy - 7, width: 14, height: 14, class: "touch-dot" })));
    return { label: `${name}. 네모에서 출발해 한 걸음마다 점 하나를 찍습니다. 값은 아래 문장과 같습니다.`, parts };
  });
  touch.drag(picture, (px, py) => {
    const [a, c] = picture.to(px, py);
    if (curve()) second.value = a;
    else { first.value = a; second.value = c; }
    move();
  });
  touch.lay(stage, [picture, said], [player.node, place.node, rate.node, way.node, first.node, second.node,
    touch.make("p", { class: "touch-key-words" }, "네모를 끌어 출발할 곳을 바꿉니다. 색이 진할수록 손실이 크고, 등고선은 바닥에 가까울수록 촘촘합니다.")]);
  enter();
};
