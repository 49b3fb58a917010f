/* 만져 보기: what its pieces share. Each piece computes with plain functions of `touch`, draws with
   these helpers and waits in `touch.pieces` for the page's <div class="touch" data-touch="name">.
   What a piece starts from (words, weights) comes with the page, in data-given. */
"use strict";
const touch = { pieces: {} };

// --- Elements -----------------------------------------------------------------------------------

touch.fill = (node, given, children) => {
  for (const [name, value] of Object.entries(given)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value !== null && value !== undefined && value !== false) node.setAttribute(name, value);
  }
  node.append(...children.filter((child) => child !== null));
  return node;
};
touch.make = (tag, given = {}, ...children) => touch.fill(document.createElement(tag), given, children);
touch.draw = (tag, given = {}, ...children) =>
  touch.fill(document.createElementNS("http://www.w3.org/2000/svg", tag), given, children);

touch.count = 0;
touch.labelled = (text, field, ...more) => {
  field.id = `touch-field-${(touch.count += 1)}`;
  return touch.make("div", { class: "touch-row" }, touch.make("label", { for: field.id }, text), field, ...more);
};

/* A slider with its name and its value; `say` puts the value into words. */
touch.slider = (text, given, change, say = String) => {
  const shown = touch.make("span", { class: "touch-value", "aria-hidden": "true" });
  const field = touch.make("input", { type: "range", min: given.min, max: given.max, step: given.step });
  const slider = {
    node: touch.labelled(text, field, shown),
    get value() { return Number(field.value); },
    set value(number) {
      field.value = number;
      shown.textContent = say(Number(field.value));
      field.setAttribute("aria-valuetext", shown.textContent);
    },
    range(min, max, number = field.value) { Object.assign(field, { min, max }); slider.value = number; },
  };
  field.addEventListener("input", () => { slider.value = field.value; change(); });
  slider.value = given.value;
  return slider;
};
touch.choice = (text, options, change) => {
  const names = options.map((name, number) => touch.make("option", { value: number }, name));
  const field = touch.make("select", { onchange: change }, ...names);
  return {
    node: touch.labelled(text, field),
    get value() { return Number(field.value); },
    set value(number) { field.value = number; },
  };
};
touch.tick = (text, on, change) => {
  const field = touch.make("input", { type: "checkbox", onchange: change });
  field.checked = on;
  return {
    node: touch.make("label", { class: "touch-tick" }, field, ` ${text}`),
    get value() { return field.checked; },
    set value(state) { field.checked = state; },
  };
};
touch.button = (text, press) => touch.make("button", { type: "button", class: "touch-button", onclick: press }, text);
touch.row = (...children) => touch.make("div", { class: "touch-buttons" }, ...children);

/* Fields that belong together, under a name. */
touch.group = (name, ...children) =>
  touch.make("fieldset", { class: "touch-group" }, touch.make("legend", {}, name), ...children);

/* What is looked at, beside what changes it; on a phone above it. `below` has the whole width. */
touch.lay = (stage, view, controls, ...below) => stage.append(
  touch.make("div", { class: "touch-beside" },
    touch.make("div", { class: "touch-view" }, ...view), touch.make("div", { class: "touch-controls" }, ...controls)), ...below);

/* Steps that follow each other, by a press each or by themselves until the end or the next press: `at` is the number of
   the step that is shown, `go` shows another, the names are those of the buttons. Steps of less than half a second are
   not read out while they run. The keys ← and → press `back` and `next` for whoever is in the piece. */
touch.player = ({ at, go, first = 0, last = () => Infinity, said, play = "재생", back, next, end = "끝까지", stride = () => 1, wait = 1000 }) => {
  let timer = 0;
  const step = () => { go(Math.min(last(), at() + stride())); if (at() >= last()) stop(); };
  const stop = () => {
    if (!timer) return;
    clearInterval(timer);
    timer = 0;
    playing.textContent = play;
    said.setAttribute("aria-live", "polite");
    go(at());
  };
  const start = () => {
    if (at() >= last()) go(first);
    if (wait < 500) said.setAttribute("aria-live", "off");
    timer = setInterval(step, wait);
    playing.textContent = "멈춤";
  };
  const playing = touch.button(play, () => (timer ? stop() : start()));
  playing.classList.add("touch-play");
  const other = (name, to, key = null) => {
    const press = () => { stop(); go(Math.min(last(), Math.max(first, to()))); };
    return name ? touch.fill(touch.button(name, press), { "aria-keyshortcuts": key }, []) : null;
  };
  const node = touch.row(playing, other(back, () => at() - 1, "ArrowLeft"), other(next, () => at() + 1, "ArrowRight"),
    other("처음으로", () => first), other(end, last));
  return { node, stop };
};

/* Fields and what scrolls keep their arrows. */
touch.key = (event) => {
  const button = event.currentTarget.querySelector(`[aria-keyshortcuts=${CSS.escape(event.key)}]`);
  if (!button || event.target.closest("input, select, textarea, .touch-scroll") || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
  event.preventDefault();
  button.click();
};

/* The sentence that says what is drawn: for the eye, and read out when it changes. */
touch.sentence = () => touch.make("p", { class: "touch-said", role: "status", "aria-live": "polite" });

/* What is drawn anew at every change. */
touch.shown = () => touch.make("div", { class: "touch-shown" });

/* A table that scrolls in its own box; `mark` is the row that counts now. */
touch.table = (name, head, rows, mark = -1) => {
  const cell = (tag, scope) => (text) => touch.make(tag, { scope }, text);
  const line = (row, number) => touch.make("tr", { class: number === mark ? "touch-now" : null },
    cell("th", "row")(row[0]), ...row.slice(1).map(cell("td", null)));
  return touch.make("div", { class: "touch-scroll", tabindex: "0", role: "region", "aria-label": name },
    touch.make("table", { class: "touch-table" },
      touch.make("thead", {}, touch.make("tr", {}, ...head.map(cell("th", "col")))),
      touch.make("tbody", {}, ...rows.map(line))));
};

/* Bars between 0 and 1, each with its name and number. */
touch.bars = (items) => touch.make("ul", { class: "touch-bars" }, ...items.map(({ name, value, digits = 2, note = "" }) =>
  touch.make("li", {}, touch.make("span", { class: "touch-name" }, name),
    touch.make("span", { class: "touch-bar" },
      touch.make("span", { style: `width:${(100 * Math.min(1, Math.max(0, value))).toFixed(2)}%` })),
    touch.make("span", { class: "touch-value" }, value.toFixed(digits)),
    note ? touch.make("span", { class: "touch-note" }, note) : null)));

/* A drawing as wide as its place, so that its letters keep their size on a phone. */
touch.picture = (height, draw) => {
  const picture = touch.draw("svg", { role: "img", height, class: "touch-picture" });
  picture.redraw = () => {
    const width = picture.getBoundingClientRect().width;
    if (width < 50) return; // not on the page yet: the observer calls again
    picture.setAttribute("viewBox", `0 0 ${width} ${height}`);
    const { label, parts } = draw(width, height);
    picture.setAttribute("aria-label", label);
    picture.replaceChildren(...parts);
  };
  new ResizeObserver(picture.redraw).observe(picture);
  new MutationObserver(picture.redraw).observe(document.documentElement, { attributeFilter: ["data-theme"] });
  return picture;
};
touch.text = (x, y, words, given = {}) => touch.draw("text", { x, y, ...given }, words);
touch.line = (x1, y1, x2, y2, given = {}) => touch.draw("line", { x1, y1, x2, y2, ...given });

/* `move` hears where a picture is pulled to. A mouse may press anywhere; a finger takes the handle, so that the rest
   still scrolls the page, or taps. The sliders beside it are for the keyboard. */
touch.drag = (picture, move) => {
  const tell = ({ clientX, clientY }) => {
    const box = picture.getBoundingClientRect();
    move(clientX - box.left, clientY - box.top);
  };
  const held = (event) => event.target.closest(".touch-handle");
  let pulled = false;
  picture.addEventListener("touchstart", (event) => { if (held(event)) event.preventDefault(); }); // no scrolling
  picture.addEventListener("pointerdown", (event) => {
    pulled = event.pointerType === "mouse" ? event.button === 0 : Boolean(held(event));
    if (pulled) picture.setPointerCapture(event.pointerId); // drawing anew waits: touchstart comes after this and needs the handle
  });
  picture.addEventListener("pointermove", (event) => { if (pulled) tell(event); });
  for (const end of ["pointerup", "pointercancel"]) picture.addEventListener(end, () => { pulled = false; });
  picture.addEventListener("click", tell);
};
touch.handle = (x, y, ...shapes) =>
  touch.draw("g", { class: "touch-handle" }, touch.draw("circle", { cx: x, cy: y, r: 22, fill: "transparent" }), ...shapes);

// --- Maps ---------------------------------------------------------------------------------------

/* Numbers over a plane: `value(x, y)` in the middle of each cell, row by row, of a box of `columns` x `rows` cells. */
touch.grid = ({ left, right, top, bottom }, columns, rows, value) => Array.from({ length: rows }, (_, row) =>
  Array.from({ length: columns }, (_, column) =>
    value(left + ((column + 0.5) / columns) * (right - left), top + ((row + 0.5) / rows) * (bottom - top))));

/* A grid of numbers from -1 (amber) to 1 (blue) as a picture's background; 0 lets the page through. */
touch.tint = (picture, grid, width, height) => {
  const canvas = touch.make("canvas", { width: grid[0].length, height: grid.length });
  const pen = canvas.getContext("2d"), pixels = pen.createImageData(canvas.width, canvas.height);
  const [blue, amber] = ["a", "b"].map((name) => parseInt(getComputedStyle(picture).getPropertyValue(`--touch-${name}`).slice(1), 16));
  grid.flat().forEach((value, k) => {
    const color = value > 0 ? blue : amber;
    pixels.data.set([color >> 16, (color >> 8) & 255, color & 255, 255 * Math.abs(value)], 4 * k);
  });
  pen.putImageData(pixels, 0, 0);
  return touch.draw("image", { href: canvas.toDataURL(), width, height, preserveAspectRatio: "none" });
};

/* Where a grid passes `level`, as the path of an SVG of this width and height. */
touch.contour = (grid, level, width, height) => {
  const [down, across] = [height / grid.length, width / grid[0].length], lines = [];
  for (let row = 0; row + 1 < grid.length; row += 1)
    for (let column = 0; column + 1 < grid[0].length; column += 1) {
      const corners = [[0, 0], [0, 1], [1, 1], [1, 0]].map(([r, c]) => [row + r, column + c, grid[row + r][column + c] - level]);
      const cuts = corners.flatMap(([r, c, value], k) => {
        const [nextRow, nextColumn, other] = corners[(k + 1) % 4];
        if (value > 0 === other > 0) return [];
        const part = value / (value - other);
        return [`${((c + part * (nextColumn - c) + 0.5) * across).toFixed(1)} ${((r + part * (nextRow - r) + 0.5) * down).toFixed(1)}`];
      });
      for (let k = 0; k + 1 < cuts.length; k += 2) lines.push(`M${cuts[k]}L${cuts[k + 1]}`);
    }
  return lines.join("");
};

// --- Large files --------------------------------------------------------------------------------

/* Weights come when the reader does: as a script, which loads from file:// too. `said` tells if they cannot be read. */
touch.loadNear = (stage, src, said, onload) => {
  const onerror = () => { said.textContent = "파일을 읽지 못했습니다. 쪽을 새로 고쳐 보십시오."; };
  new IntersectionObserver((seen, watch) => {
    if (!seen.some((one) => one.isIntersecting)) return;
    watch.disconnect();
    document.head.append(touch.make("script", { src, onload, onerror }));
  }, { rootMargin: "600px" }).observe(stage);
};

// --- Words --------------------------------------------------------------------------------------

const SUPERSCRIPTS = { "-": "⁻", 0: "⁰", 1: "¹", 2: "²", 3: "³", 4: "⁴", 5: "⁵", 6: "⁶", 7: "⁷", 8: "⁸", 9: "⁹" };
touch.power = (exponent) => `10${[...String(exponent)].map((c) => SUPERSCRIPTS[c]).join("")}`;
/* A number that a person reads: 0.028, 1.8 × 10⁻⁸. */
touch.number = (x) => {
  if (x === 0 || (Math.abs(x) >= 0.001 && Math.abs(x) < 100000))
    return Math.abs(x) >= 100 ? Math.round(x).toLocaleString("ko") : String(Number(x.toPrecision(3)));
  const [digits, exponent] = x.toExponential(1).split("e");
  return `${digits} × ${touch.power(Number(exponent))}`;
};
/* A signed number with a true minus. */
touch.signed = (x, digits = 2) => x.toFixed(digits).replace(/^-0(\.0*)?$/, "0$1").replace("-", "−");

touch.sigmoid = (z) => 1 / (1 + Math.exp(-z));
/* Numbers between 0 and 1, the same ones for the same seed (mulberry32). */
touch.dice = (seed) => () => {
  seed = (seed + 0x6d2b79f5) | 0;
  let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed);
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
};

// --- Start --------------------------------------------------------------------------------------

addEventListener("DOMContentLoaded", () => {
  for (const box of document.querySelectorAll(".touch[data-touch]")) {
    const stage = touch.make("div", { class: "touch-stage", tabindex: -1, onkeydown: touch.key });
    const plain = touch.make("div", { class: "touch-plain" }, ...box.childNodes); // for paper only
    box.append(plain, stage);
    touch.pieces[box.dataset.touch](stage, JSON.parse(box.dataset.given));
  }
});
