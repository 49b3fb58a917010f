/* A convolution sliding over a sentence: rows are words, the kernel has a row a place of the window. */
"use strict";
touch.windows = (length, width, { padding = "valid", dilation = 1 } = {}) => {
  const reach = (width - 1) * dilation;
  const before = { valid: 0, same: Math.floor(reach / 2), causal: reach }[padding];
  const count = padding === "valid" ? Math.max(0, length - reach) : length;
  return Array.from({ length: count }, (_, start) => Array.from({ length: width }, (_, k) => start - before + k * dilation));
};
touch.conv1d = (rows, kernel, bias, options = {}) =>
  touch.windows(rows.length, kernel.length, options).map((places) =>
    places.reduce((sum, place, k) =>
      sum + (rows[place] ?? []).reduce((part, value, c) => part + value * kernel[k][c], 0), bias));

touch.pieces.conv = (stage, given) => {
  const { words, features } = given;
  const rows = words.map((word) => features.map((name) => (name === word ? 1 : 0)));
  const options = () => ({ padding: ["valid", "same", "causal"][padding.value], dilation: dilation.value + 1 });
  const filter = touch.choice("필터", given.filters.map((one) => one.name), () => { put(); update(); });
  const padding = touch.choice("패딩", ["없음 (valid)", "양쪽에 (same)", "앞에만 (causal)"], () => update());
  const dilation = touch.choice("팽창", ["이웃한 단어", "한 칸 건너"], () => update());
  const at = touch.slider("창의 자리", { min: 1, max: words.length - 1, step: 1, value: 1 }, () => update());
  const fields = [0, 1].map((k) => features.map((name) => touch.make("input", {
    type: "number", step: "0.5", oninput: () => update(), "aria-label": `창의 ${k + 1}번째 자리, ‘${name}’의 가중치` })));
  const bias = touch.make("input", { type: "number", step: "0.5", "aria-label": "편향", oninput: () => update() });
  const put = () => {
    const { kernel, bias: start } = given.filters[filter.value];
    fields.forEach((line, k) => line.forEach((field, c) => { field.value = kernel[k][c]; }));
    bias.value = start;
  };
  const said = touch.sentence();
  const count = () => touch.windows(words.length, 2, options()).length;
  const player = touch.player({ at: () => at.value, go: (step) => { at.value = step; update(); }, first: 1, last: count, said, back: "앞 창", next: "다음 창", end: null });
  const shown = touch.shown();
  const signed = (v) => touch.signed(v, 1);

  const update = () => {
    const kernel = fields.map((line) => line.map((field) => Number(field.value)));
    const places = touch.windows(words.length, 2, options());
    const scores = touch.conv1d(rows, kernel, Number(bias.value), options());
    const relu = scores.map((score) => Math.max(0, score));
    at.range(1, places.length);
    const here = at.value - 1;
    const seen = places[here].map((place) => words[place] ?? "빈칸");
    const parts = places[here].map((place, k) => (rows[place] ?? []).reduce((sum, value, c) => sum + value * kernel[k][c], 0));
    const best = relu.indexOf(Math.max(...relu));
    said.textContent = `창 ${at.value}: ‘${seen[0]}’의 몫 ${signed(parts[0])} + ‘${seen[1]}’의 몫 ${signed(parts[1])} + 편향 ${signed(Number(bias.value))}`
      + ` = ${signed(scores[here])}, ReLU를 거치면 ${signed(relu[here])}입니다. `
      + (relu[best] > 0 ? `전역 최대 풀링이 남기는 값은 창 ${best + 1}의 ${signed(relu[best])}입니다.` : "모든 창이 0이라 전역 최대 풀링도 0입니다.");
    shown.replaceChildren(
      touch.make("p", { class: "touch-words" }, ...words.map((word, k) =>
        touch.make("span", { class: places[here].includes(k) ? "touch-in" : null }, word))),
      touch.table("창마다의 점수", ["창", "본 단어", "점수", "ReLU"], scores.map((score, k) =>
        [String(k + 1), places[k].map((place) => words[place] ?? "빈칸").join(" + "), signed(score), signed(relu[k])]), here));
  };
  const table = touch.make("div", { class: "touch-scroll", tabindex: "0", role: "region", "aria-label": "필터의 가중치" },
    touch.make("table", { class: "touch-table" },
      touch.make("thead", {}, touch.make("tr", {}, ...["창 속 자리", ...features].map((name) => touch.make("th", { scope: "col" }, name)))),
      touch.make("tbody", {}, ...fields.map((line, k) => touch.make("tr", {},
        touch.make("th", { scope: "row" }, `${k + 1}번째`), ...line.map((field) => touch.make("td", {}, field)))),
        touch.make("tr", {}, touch.make("th", { scope: "row" }, "편향"), touch.make("td", { colspan: features.length }, bias)))));
  touch.lay(stage, [player.node, shown, said], [at.node, filter.node, table, padding.node, dilation.node]);
  put();
  update();
};
