/* The Conv1D that a lesson trained reads a review, a character at a time (see tools/page_model.py
   for the file it comes in). Global max pooling keeps one window a filter, so what each character
   adds to the logit is exact. */
"use strict";
touch.unpack = (raw) => {
  const bytes = Int8Array.from(atob(raw.weights), (letter) => letter.charCodeAt(0));
  const model = { length: raw.length, codes: new Map(), shapes: {} };
  let at = 0;
  for (const { name, shape, scale } of raw.arrays) {
    const size = shape.reduce((product, side) => product * side, 1);
    model[name] = Float64Array.from(bytes.subarray(at, at + size), (byte) => byte * scale);
    model.shapes[name] = shape;
    at += size;
  }
  Array.from(raw.vocabulary).forEach((letter, k) => model.codes.set(letter, k + (raw.first ?? 2)));
  return model;
};

/* What a text's characters are: its letters as the model sees them, and their numbers. */
touch.letters = (model, text) => {
  const all = Array.from(text.normalize("NFC"));
  const kept = all.slice(-model.length);
  const padding = model.length - kept.length;
  const codes = [...Array(padding).fill(0), ...kept.map((letter) => model.codes.get(letter) ?? 1)];
  return { dropped: all.slice(0, all.length - kept.length), kept, padding, codes };
};

/* Logit and probability, and what makes them: dense_bias + blank (the padding's part) + shares
   (a number a character) = logit. Windows: where a filter was strongest, and what it then added. */
touch.judge = (model, text) => {
  const [width, size, filters] = model.shapes.kernel;
  const { dropped, kept, padding, codes } = touch.letters(model, text);
  const places = model.length - width + 1;
  const best = new Float64Array(filters), where = new Int32Array(filters);
  for (let place = 0; place < places; place += 1) {
    const scores = Float64Array.from(model.bias);
    for (let k = 0; k < width; k += 1)
      for (let c = 0; c < size; c += 1) {
        const value = model.embedding[codes[place + k] * size + c];
        const row = (k * size + c) * filters;
        for (let f = 0; f < filters; f += 1) scores[f] += value * model.kernel[row + f];
      }
    for (let f = 0; f < filters; f += 1)
      if (scores[f] > best[f]) { best[f] = scores[f]; where[f] = place; }
  }
  const parts = new Float64Array(model.length), windows = new Map();
  let logit = model.dense_bias[0];
  for (let f = 0; f < filters; f += 1) {
    if (best[f] === 0) continue; // ReLU: this filter found nothing
    const added = model.dense[f] * best[f];
    logit += added;
    windows.set(where[f], (windows.get(where[f]) ?? 0) + added);
    for (let k = 0; k < width; k += 1) {
      let part = model.bias[f] / width;
      for (let c = 0; c < size; c += 1)
        part += model.embedding[codes[where[f] + k] * size + c] * model.kernel[(k * size + c) * filters + f];
      parts[where[f] + k] += model.dense[f] * part;
    }
  }
  return {
    dropped, kept, logit, probability: touch.logistic(logit), bias: model.dense_bias[0],
    unknown: kept.filter((letter) => !model.codes.has(letter)).length,
    blank: parts.subarray(0, padding).reduce((sum, part) => sum + part, 0),
    shares: Array.from(parts.subarray(padding)),
    windows: [...windows].map(([place, added]) => ({ added,
      text: Array.from({ length: width }, (_, k) => kept[place + k - padding] ?? "").join("") })),
  };
};
const LONGEST = 2000; // letters in the field
touch.logistic = (logit) => 1 / (1 + Math.exp(-logit));

const MODELS = new URL("../models/", document.currentScript?.src ?? location.href);
touch.pieces.review = (stage, given) => {
  let model = null;
  const update = () => {
    const text = field.value;
    if (!model) { said.textContent = "모델을 읽고 있습니다."; return; }
    if (!text.trim()) { said.textContent = "리뷰를 적으면 한 음절씩 읽습니다."; shown.replaceChildren(); return; }
    const answer = touch.judge(model, text);
    const positive = answer.probability > 0.5;
    const example = given.examples.find((one) => one.text === text);
    const right = example ? (positive === Boolean(example.label) ? " 맞았습니다." : ` 정답은 ${example.label ? "긍정" : "부정"}입니다. 모델이 틀렸습니다.`) : "";
    said.textContent = `긍정일 확률 ${answer.probability.toFixed(3)}: ${positive ? "긍정" : "부정"}으로 읽었습니다.${right}`;
    const strongest = Math.max(...answer.shares.map(Math.abs), 1e-9);
    const paint = (share) => {
      const depth = Math.round((45 * Math.abs(share)) / strongest);
      return `background:color-mix(in srgb, var(--touch-${share > 0 ? "a" : "b"}) ${depth}%, transparent)`;
    };
    const side = (share) => (Math.abs(share) < strongest / 20 ? "" : share > 0 ? "touch-up" : "touch-down");
    const letter = (one, k) => touch.make("span", {
      style: paint(answer.shares[k]), title: `${one} ${touch.signed(answer.shares[k])}`,
      class: `${side(answer.shares[k])}${model.codes.has(one) ? "" : " touch-unknown"}` }, one);
    const notes = [];
    if (answer.dropped.length) notes.push(`앞의 ${answer.dropped.length.toLocaleString("ko")}음절은 읽지 않았습니다. 모델은 마지막 ${model.length}음절만 봅니다.`);
    if (answer.unknown) notes.push(`점선으로 두른 ${answer.unknown}음절은 모르는 음절입니다.`);
    notes.push(`확률의 로그 오즈 ${touch.signed(answer.logit)} = 음절의 몫 ${touch.signed(answer.shares.reduce((a, b) => a + b, 0))} `
      + `+ 빈칸의 몫 ${touch.signed(answer.blank)} + 편향 ${touch.signed(answer.bias)}.`);
    const ranked = answer.windows.filter((one) => one.text.trim()).sort((a, b) => b.added - a.added);
    const row = ({ text: part, added }) => [`‘${part}’`, touch.signed(added)];
    shown.replaceChildren(
      touch.make("p", { class: "touch-review" }, answer.dropped.length ? "… " : null,
        ...answer.kept.map(letter)),
      touch.make("p", { class: "touch-key-words" },
        touch.make("span", { class: "touch-up" }, "실선"), "은 긍정 쪽으로, ", touch.make("span", { class: "touch-down" }, "점선 밑줄"),
        "은 부정 쪽으로 크게 움직인 음절이고, 짙을수록 몫이 큽니다. ", notes.join(" ")),
      touch.make("div", { class: "touch-two" },
        touch.table("긍정 쪽으로 가장 크게 움직인 창", ["긍정 쪽", "몫"], ranked.filter((one) => one.added > 0).slice(0, 4).map(row)),
        touch.table("부정 쪽으로 가장 크게 움직인 창", ["부정 쪽", "몫"], ranked.filter((one) => one.added < 0).reverse().slice(0, 4).map(row))),
      touch.make("details", { class: "touch-all", open: shown.querySelector(".touch-all")?.open ? "" : null },
        touch.make("summary", {}, "음절마다의 몫"),
        touch.table("음절마다의 몫", ["음절", "몫"], answer.kept.map((one, k) => [one === " " ? "(띄어쓰기)" : one, touch.signed(answer.shares[k], 3)]))));
  };
  let waiting = 0;
  const later = () => {
    if (field.value.length > LONGEST) field.value = field.value.slice(-LONGEST); // a pasted book: the model reads the end
    clearTimeout(waiting);
    waiting = setTimeout(update, 150);
  };
  const field = touch.make("textarea", { rows: "3", oninput: later, spellcheck: "false", autocomplete: "off" });
  const examples = given.examples.map(({ text }, k) =>
    touch.make("li", {}, touch.make("button", { type: "button", class: "touch-button", onclick: () => { field.value = text; update(); } }, text)));
  field.value = given.examples[0].text;
  const said = touch.sentence();
  const shown = touch.shown();
  touch.lay(stage, [touch.labelled("리뷰", field), said, shown],
    [touch.group("눌러 볼 보기", touch.make("ul", { class: "touch-list touch-examples" }, ...examples))]);
  update();

  touch.whenNear(stage, () => touch.load(new URL(`${given.model}.js`, MODELS),
    () => { model = touch.unpack(window[given.model.toUpperCase()]); update(); },
    () => { said.textContent = "모델 파일을 읽지 못했습니다. 쪽을 새로 고쳐 보십시오."; }));
};
