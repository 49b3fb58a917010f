/* The Conv1D that a lesson trained reads a review, a character at a time (see tools/page_model.py
   for the file it comes in). A character's share is what hiding it does to the logit, and is exact. */
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

/* What each place of the text gives to each place of a window, for all filters: a vector times a row
   of the kernel. The numbers of the characters may be any list. */
touch.products = (model, codes) => {
  const [width, size, filters] = model.shapes.kernel;
  return codes.map((code) => Array.from({ length: width }, (_, k) => {
    const sums = new Float64Array(filters);
    for (let c = 0; c < size; c += 1) {
      const value = model.embedding[code * size + c], row = (k * size + c) * filters;
      for (let f = 0; f < filters; f += 1) sums[f] += value * model.kernel[row + f];
    }
    return sums;
  }));
};

/* What the model says of the products of a text: each filter's best window, 0 at least (ReLU), weighed. */
touch.logit = (model, given) => {
  const [width, , filters] = model.shapes.kernel, best = new Float64Array(filters);
  for (let t = 0; t + width <= given.length; t += 1) {
    const sums = Float64Array.from(model.bias);
    for (let k = 0; k < width; k += 1) given[t + k][k].forEach((value, f) => { sums[f] += value; });
    sums.forEach((sum, f) => { best[f] = Math.max(best[f], sum); });
  }
  return best.reduce((logit, value, f) => logit + model.dense[f] * value, model.dense_bias[0]);
};

/* Logit and probability, and the share of each character: the logit less what it is when that one
   character is unknown. */
touch.judge = (model, text) => {
  const { dropped, kept, padding, codes } = touch.letters(model, text);
  const given = touch.products(model, codes), [unknown] = touch.products(model, [1]);
  const logit = touch.logit(model, given);
  return {
    dropped, kept, logit, probability: touch.sigmoid(logit),
    unknown: kept.filter((letter) => !model.codes.has(letter)).length,
    shares: kept.map((_, k) => logit - touch.logit(model, given.with(padding + k, unknown))),
  };
};
const LONGEST = 2000; // letters in the field

const MODELS = new URL("../models/", document.currentScript?.src ?? location.href);
touch.pieces.review = (stage, given) => {
  let model = null;
  const update = () => {
    const text = field.value;
    if (!model) { said.textContent = "모델을 읽고 있습니다."; return; }
    if (!text.trim()) { said.textContent = "리뷰를 적으면 한 글자씩 읽습니다."; shown.replaceChildren(); return; }
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
    if (answer.dropped.length) notes.push(`앞의 ${answer.dropped.length.toLocaleString("ko")}글자는 읽지 않았습니다. 모델은 마지막 ${model.length}글자만 봅니다.`);
    if (answer.unknown) notes.push(`점선으로 두른 ${answer.unknown}글자는 모르는 글자입니다.`);
    notes.push(`지금의 로그 오즈는 ${touch.signed(answer.logit)}입니다.`);
    const around = (k) => `${answer.kept.slice(Math.max(0, k - 3), k).join("")}[${answer.kept[k]}]${answer.kept.slice(k + 1, k + 4).join("")}`;
    const ranked = answer.shares.map((share, k) => ({ share, k })).sort((a, b) => b.share - a.share);
    const row = ({ share, k }) => [around(k), touch.signed(share)];
    shown.replaceChildren(
      touch.make("p", { class: "touch-review" }, answer.dropped.length ? "… " : null,
        ...answer.kept.map(letter)),
      touch.make("p", { class: "touch-key-words" },
        touch.make("span", { class: "touch-up" }, "실선"), "은 긍정 쪽으로, ", touch.make("span", { class: "touch-down" }, "점선 밑줄"),
        "은 부정 쪽으로 크게 민 글자이고, 짙을수록 몫이 큽니다. 몫은 그 글자 하나를 모르는 글자로 가렸을 때 로그 오즈가 줄어드는 만큼입니다. ", notes.join(" ")),
      touch.make("div", { class: "touch-two" },
        touch.table("긍정 쪽으로 가장 크게 민 글자", ["긍정 쪽", "몫"], ranked.filter((one) => one.share > 0.005).slice(0, 4).map(row)),
        touch.table("부정 쪽으로 가장 크게 민 글자", ["부정 쪽", "몫"], ranked.filter((one) => one.share < -0.005).reverse().slice(0, 4).map(row))),
      touch.make("details", { class: "touch-all", open: shown.querySelector(".touch-all")?.open ? "" : null },
        touch.make("summary", {}, "글자마다의 몫"),
        touch.table("글자마다의 몫", ["글자", "몫"], answer.kept.map((one, k) => [one === " " ? "(띄어쓰기)" : one, touch.signed(answer.shares[k], 3)]))));
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

  touch.loadNear(stage, new URL(`${given.model}.js`, MODELS), said, () => { model = touch.unpack(window[given.model.toUpperCase()]); update(); });
};
