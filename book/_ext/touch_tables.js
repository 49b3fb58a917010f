/* The plain tables of the pieces of 만져 보기, computed by the pieces' own scripts when the book is
   built (touch.py). A piece has a function of its name, from what the page gives it to the lines of
   its table, the first of which is the head. No page loads this file. */
"use strict";
const two = (value) => value.toFixed(2);

touch.tables = {
  network: ({ rate, batch, units }) => {
    const starts = [null, 0.5, 0].map((same) => touch.newWeights(units, same, 1));
    return [
      ["에폭", ...["무작위", "모두 0.5", "모두 0"].flatMap((name) => [`${name}: 손실`, "정확도"])],
      ...[0, 1, 10, 30, 100].map((epoch) => [epoch, ...starts.flatMap((weights) => {
        const { loss, right } = touch.score(touch.trained(weights, touch.moons, rate, batch, (epoch * 300) / batch), touch.moons);
        return [loss.toFixed(3), `${(100 * right).toFixed(0)}%`];
      })]),
    ];
  },

  descent: ({ steps }) => {
    const rates = [0.3, 3, 40];
    const paths = rates.map((rate) => touch.walk("sgd", touch.moons, [0, 1], rate, steps));
    return [
      ["걸음", ...rates.map((rate) => `학습률 ${rate}: 손실`)],
      ...[0, 1, 3, 10, steps].map((step) => [step, ...paths.map((path) => touch.unitLoss(touch.moons, path[step]).toFixed(3))]),
    ];
  },

  powers: ({ at, steps }) => {
    const rates = [0.5, 0.7, 0.9, 0.99, 1, 1.05];
    return [
      ["시점 n", ...rates.map((rate) => `λ = ${rate}`)],
      ...[1, 10, at, steps].map((n) => [n, ...rates.map((rate) => touch.number(rate ** n))]),
    ];
  },

  lstm: (given) => [
    ["시점", "x", "i", "f", "g", "o", "c", "h"],
    ...touch.lstm(given, given.inputs[0].x).map(({ x, i, f, g, o, c, h }, k) =>
      [k + 1, x, ...[i, f, g, o, c, h].map(two)]),
  ],

  reading: ({ reviews }) => {
    const all = reviews.map(touch.reading);
    const longest = Math.max(...all.map((steps) => steps.length));
    return [
      ["차례", ...reviews.flatMap(({ name }) => [name, "긍정일 확률"])],
      ...Array.from({ length: longest }, (_, k) => [k + 1, ...all.flatMap((steps) =>
        (steps[k] ? [steps[k].word, two(steps[k].chance)] : ["", ""]))]),
    ];
  },

  softmax: ({ words, scores }) => {
    const temperatures = [0.2, 1, 5];
    const shares = temperatures.map((temperature) => touch.softmax(scores, temperature));
    return [
      ["단어", "점수", ...temperatures.map((temperature) => `T = ${temperature}`)],
      ...words.map((word, k) => [word, scores[k].toFixed(1), ...shares.map((one) => one[k].toFixed(3))]),
    ];
  },

  attention: ({ words, keys, questions }) => {
    const weights = questions.map(({ query: [angle, length] }) => {
      const turn = (angle * Math.PI) / 180;
      return touch.attention([length * Math.cos(turn), length * Math.sin(turn)], keys).weights;
    });
    return [
      ["단어", "벡터", ...questions.map(({ name }) => name)],
      ...words.map((word, k) => [word, `(${keys[k].join(", ")})`, ...weights.map((one) => two(one[k]))]),
    ];
  },

  conv: ({ words, features, filters }) => {
    const rows = words.map((word) => features.map((name) => Number(name === word)));
    const scores = filters.map(({ kernel, bias }) => touch.conv1d(rows, kernel, bias));
    return [
      ["창", ...filters.map(({ name }) => `${name} (ReLU 뒤)`)],
      ...scores[0].map((_, t) =>
        [`${words[t]} ${words[t + 1]}`, ...scores.map((one) => Math.max(0, one[t]).toFixed(1))]),
    ];
  },

  bpe: ({ corpus }) => [
    ["차례", "합치는 짝", "횟수"],
    ...touch.bpe(corpus, 10).merges.map(([left, right, count], k) => [k + 1, `${left} + ${right}`, count]),
  ],

  words: ({ word, sums }) => {
    const space = touch.unpackWords(GLOVE_WORDS);
    const near = (vector, count, without) =>
      touch.nearest(space, vector, count, without).map((one) => one.word).join(", ");
    const vector = touch.vectorOf(space, word);
    return [
      ["물음", "가까운 단어", "물은 단어도 넣으면"],
      [word, near(vector, 5, [word]), near(vector, 5)],
      ...sums.map(([a, b, c]) => {
        const sum = touch.analogy(space, a, b, c);
        return [`${a} − ${b} + ${c}`, near(sum, 3, [a, b, c]), near(sum, 3)];
      }),
    ];
  },

  writer: ({ model, starts, temperatures }) => {
    const writer = touch.recorded(model);
    return [
      ["첫머리", "온도", "모델이 이어 쓴 리뷰"],
      ...starts.flatMap((start, k) => temperatures.map((temperature) => {
        const text = touch.compose(writer, start, { temperature, random: touch.dice(k + 1) });
        return [start, temperature.toFixed(1), touch.veil(text)];
      })),
    ];
  },

  review: ({ model, examples }) => {
    const answers = touch.judgeAll(model, examples.map(({ text }) => text));
    return [
      ["리뷰", "정답", "긍정일 확률", "모델의 답"],
      ...examples.map(({ text, label }, k) => {
        const { probability } = answers[k];
        const right = probability > 0.5 === Boolean(label);
        return [text, label ? "긍정" : "부정", probability.toFixed(3), right ? "맞음" : "틀림"];
      }),
    ];
  },
};

/* A model that a lesson left, by its name. */
touch.recorded = (name) => {
  const kept = globalThis[name.toUpperCase()];
  if (!kept) throw new Error(`no model ${name}: record the lesson that leaves it`);
  return touch.unpack(kept);
};
/* The logits that a writer gives to some numbers after each text. */
touch.continueAll = (name, texts, codes) => {
  const writer = touch.recorded(name);
  return texts.map((text, k) => {
    const { logits } = touch.readAll(writer, text);
    return codes ? codes[k].map((code) => logits[code]) : Array.from(logits);
  });
};
/* What a judge says of each text. */
touch.judgeAll = (name, texts) => {
  const model = touch.recorded(name);
  return texts.map((text) => touch.judge(model, text));
};
/* The GloVe that the words were taken from: tools/word_space.py. */
touch.gloveSource = () => GLOVE_WORDS.source;
