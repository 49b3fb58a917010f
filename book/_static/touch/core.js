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
    limit(number) { field.max = number; slider.value = field.value; },
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
  return picture;
};
touch.text = (x, y, words, given = {}) => touch.draw("text", { x, y, ...given }, words);
touch.line = (x1, y1, x2, y2, given = {}) => touch.draw("line", { x1, y1, x2, y2, ...given });

// --- Large files --------------------------------------------------------------------------------

/* Weights come when the reader does: as a script, which loads from file:// too. */
touch.whenNear = (node, act) => {
  const watch = new IntersectionObserver((seen) => {
    if (!seen.some((one) => one.isIntersecting)) return;
    watch.disconnect();
    act();
  }, { rootMargin: "600px" });
  watch.observe(node);
};
touch.load = (src, done, failed) => document.head.append(touch.make("script", { src, onload: done, onerror: failed }));

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

// --- Start --------------------------------------------------------------------------------------

addEventListener("DOMContentLoaded", () => {
  for (const box of document.querySelectorAll(".touch[data-touch]")) {
    const stage = touch.make("div", { class: "touch-stage" });
    const plain = touch.make("div", { class: "touch-plain" }, ...box.childNodes); // for paper only
    box.append(plain, stage);
    touch.pieces[box.dataset.touch](stage, JSON.parse(box.dataset.given));
  }
});
