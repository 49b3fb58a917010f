/* The GRU that a lesson trained to guess the next syllable writes reviews (tools/page_model.py says
   how the file is made that it comes in; review.js unpacks it). */
"use strict";
const END = 2; // of a review; it also stands before the beginning
const NEVER = 2; // numbers below it, padding and unknown, are never written
const REVIEW = 140; // syllables, as in the training reviews

/* One number read: the new state, and a logit for each number that may follow. The gates lie side by
   side in the weights, in the order z (keep), r (reset), h (new). */
touch.readOne = (model, state, code) => {
  const units = state.length, gates = 3 * units, width = model.shapes.embedding[1];
  const from = Float64Array.from(model.bias.subarray(0, gates));
  const back = Float64Array.from(model.bias.subarray(gates));
  for (let c = 0; c < width; c += 1) {
    const value = model.embedding[code * width + c];
    for (let g = 0; g < gates; g += 1) from[g] += value * model.kernel[c * gates + g];
  }
  for (let u = 0; u < units; u += 1) {
    const value = state[u];
    if (value === 0) continue;
    for (let g = 0; g < gates; g += 1) back[g] += value * model.recurrent[u * gates + g];
  }
  const next = state.map((old, u) => {
    const keep = touch.sigmoid(from[u] + back[u]), reset = touch.sigmoid(from[units + u] + back[units + u]);
    return keep * old + (1 - keep) * Math.tanh(from[2 * units + u] + reset * back[2 * units + u]);
  });
  const times = (x, matrix, bias) => {
    const out = Float64Array.from(bias);
    x.forEach((value, row) => { for (let k = 0; k < out.length; k += 1) out[k] += value * matrix[row * out.length + k]; });
    return out;
  };
  return { state: next, logits: times(times(next, model.narrow, model.narrow_bias), model.wide, model.wide_bias) };
};

/* A text read from its beginning, a syllable (code point) at a time. */
touch.readAll = (model, text) => {
  let told = touch.readOne(model, new Float64Array(model.shapes.recurrent[0]), END);
  for (const letter of text.normalize("NFC")) told = touch.readOne(model, told.state, model.codes.get(letter) ?? 1);
  return told;
};

/* The probabilities of what may follow, at a temperature, of the `top` likeliest only if there is a `top`. */
touch.following = (logits, temperature, top = 0) => {
  const open = logits.map((logit, code) => (code < NEVER ? -Infinity : logit / temperature));
  const least = top ? Float64Array.from(open).sort().at(-top) : -Infinity;
  const highest = Math.max(...open);
  const weights = open.map((logit) => (logit >= least ? Math.exp(logit - highest) : 0));
  const sum = weights.reduce((a, b) => a + b, 0);
  return weights.map((weight) => weight / sum);
};

touch.pick = (chances, random) => {
  let dart = random();
  for (let code = 0; code < chances.length; code += 1) if ((dart -= chances[code]) < 0) return code;
  return chances.indexOf(Math.max(...chances));
};

/* What a number is: a syllable, or nothing at the end. */
touch.spell = (model, code) => {
  model.letters ??= new Map([...model.codes].map(([letter, number]) => [number, letter]));
  return model.letters.get(code) ?? "";
};

/* A whole review that begins with a text. */
touch.compose = (model, start, { temperature = 1, top = 0, random = Math.random }) => {
  let told = touch.readAll(model, start), text = start;
  for (let k = Array.from(start).length; k < REVIEW; k += 1) {
    const code = touch.pick(touch.following(told.logits, temperature, top), random);
    if (code === END) break;
    text += touch.spell(model, code);
    told = touch.readOne(model, told.state, code);
  }
  return text;
};

/* The training reviews are raw: slurs are not shown. The model goes on with what it really wrote. */
const RUDE = /[씨시쓰쉬]+[0-9@*!.~]*[발벌팔빨](?!점)|씨바|씨부|[ㅅㅆ][0-9. ]?[ㅂㅃ]|[병븅빙]신|ㅂ ?ㅅ|ㅄ|지랄|ㅈㄹ|개[새쉐]|개색[끼히]|새[끼키]|좆|좃|ㅈㄴ|존나|존내|졸라|조낸|씹|썅|쌍[년놈]|엿먹|미친 ?[놈년]|또라이|엠창|느금|애미|애비|창[녀년]|홍어|전라디언|쪽[바발]|짱[깨개께꼴]|김치녀|된장녀|맘충|한남충|[깜검]둥이|좌빨|수꼴|빨갱|일베|메갈/g;
touch.veil = (text) => text.replace(RUDE, "○○");

touch.pieces.writer = (stage, given) => {
  const MOST = 8; // bars
  let model = null, steps = []; // steps[k]: what was known after k written syllables
  const now = () => steps.at(-1);
  const begin = () => {
    player?.stop();
    steps = model ? [{ ...touch.readAll(model, field.value), text: field.value, over: false }] : [];
    show();
  };
  const go = (count) => {
    if (!steps.length) return; // nothing is begun before the model has come
    steps.length = Math.min(steps.length, Math.max(1, count + 1));
    while (steps.length <= count && !now().over) {
      const { state, logits, text } = now();
      const code = touch.pick(touch.following(logits, heat.value, top.value ? 5 : 0), Math.random);
      const over = code === END || Array.from(text).length >= REVIEW;
      steps.push(over ? { state, logits, text, over } : { ...touch.readOne(model, state, code), text: text + touch.spell(model, code), over });
    }
    show();
  };
  const show = () => {
    if (!model) { said.textContent = "모델을 읽고 있습니다."; return; }
    const { logits, text, over } = now();
    const chances = touch.following(logits, heat.value, top.value ? 5 : 0);
    const name = (code) => (code === END ? "(글의 끝)" : touch.spell(model, code) === " " ? "(띄어쓰기)" : touch.spell(model, code));
    const order = Array.from(chances.keys()).sort((a, b) => chances[b] - chances[a]).slice(0, MOST);
    const unsure = chances.reduce((sum, p) => (p > 0 ? sum - p * Math.log2(p) : sum), 0);
    said.textContent = over
      ? `다 썼습니다. ${Array.from(text).length}음절입니다.`
      : `다음 음절로 가장 그럴듯한 것은 ‘${name(order[0])}’, 확률 ${chances[order[0]].toFixed(2)}입니다. 면이 ${(2 ** unsure).toFixed(1)}개인 주사위만큼 망설입니다.`;
    const start = field.value.length;
    const veiled = touch.veil(text);
    written.replaceChildren(...(veiled === text ? [touch.make("b", {}, text.slice(0, start)), text.slice(start)] : [veiled]), over ? "" : "▏");
    shown.replaceChildren(over ? "" : touch.bars(order.map((code) => ({ name: name(code), value: chances[code] }))));
  };
  const field = touch.make("input", { type: "text", maxlength: "60", oninput: begin, spellcheck: "false", autocomplete: "off" });
  field.value = given.starts[0];
  const heat = touch.slider("온도", { min: 0.1, max: 1.5, step: 0.1, value: 0.7 }, show, (value) => value.toFixed(1));
  const top = touch.tick("상위 5개에서만 뽑기", false, () => show());
  const said = touch.sentence(), shown = touch.shown();
  const written = touch.make("p", { class: "touch-review" });
  const player = touch.player({
    at: () => Math.max(0, steps.length - 1), go, said, play: "쓰기", back: "한 음절 지우기", next: "한 음절 쓰기", wait: 120,
    last: () => (steps.length && now().over ? steps.length - 1 : REVIEW),
  });
  const starts = given.starts.map((start) => touch.button(start, () => { field.value = start; begin(); }));
  touch.lay(stage, [touch.labelled("첫머리", field), written, said, player.node, shown],
    [heat.node, top.node, touch.group("눌러 볼 첫머리", touch.row(...starts))]);
  begin();

  touch.loadNear(stage, new URL(`${given.model}.js`, MODELS), said, () => { model = touch.unpack(window[given.model.toUpperCase()]); begin(); });
};
