/* Questions that answer back, exercises to tick, and what was read and solved, kept in this browser only.

A 확인 문제 is an admonition with its answer folded beneath (CONTRIBUTING.md tells how it is written):
the answer begins with the right choice or number in bold, and the list at its end says of each wrong
one, in bold, why it is wrong. Without this script the choices are a plain list, and the answer opens. */
"use strict";
const Progress = {
  key: "reading-in-order",
  page(path) { return decodeURI(path).split("/").slice(-2).join("/").replace(/\.html$/, ""); },
  // A record by page: read, how many questions (of) and exercises (tasks) there are, the numbers of those solved and
  // done, and the answer last given to each question. What is not of this form is dropped.
  clean(kept) {
    const object = (one) => (one && typeof one === "object" && !Array.isArray(one) ? one : {});
    const count = (one) => (Number.isInteger(one) && one > 0 ? one : 0);
    const numbers = (list, most) => [...new Set(Array.isArray(list) ? list.filter((one) => count(one) && one <= most) : [])];
    return Object.fromEntries(Object.entries(object(kept))
      .filter(([page, one]) => /^(lessons|book)\/[^/]+$/.test(page) && object(one) === one)
      .map(([page, { read, of, tasks, solved, done, given }]) => [page, {
        read: read === true, of: count(of), tasks: count(tasks), solved: numbers(solved, of), done: numbers(done, tasks),
        given: Object.fromEntries(Object.entries(object(given)).filter(([, answer]) => typeof answer === "string")),
      }]));
  },
  load() {
    try { return this.clean(JSON.parse(localStorage.getItem(this.key))); } catch { return {}; }
  },
  save(pages) { try { localStorage.setItem(this.key, JSON.stringify(pages)); } catch { /* not kept, then */ } },
  asked: [], tasks: [], // the questions and exercises of this page
  here() { return this.load()[this.page(location.pathname)] ?? { solved: [], done: [], given: {} }; },
  change(what) {
    const here = { ...this.here(), of: this.asked.length, tasks: this.tasks.length, ...what };
    this.save({ ...this.load(), [this.page(location.pathname)]: here });
    this.show();
  },
  // What another browser kept joins what this one did.
  join(text) {
    const pages = this.load(), others = Object.entries(this.clean(JSON.parse(text)));
    for (const [page, one] of others) {
      const own = pages[page] ?? { solved: [], done: [] }, both = (name) => [...new Set([...own[name], ...one[name]])];
      pages[page] = { ...one, read: one.read || own.read, solved: both("solved"), done: both("done"), given: { ...one.given, ...own.given } };
    }
    this.save(pages);
    return others.length;
  },
  show() {
    const pages = this.load();
    document.querySelectorAll(".learned").forEach((mark) => mark.remove());
    for (const link of document.querySelectorAll(".bd-sidenav a, a.lesson-card")) {
      const state = pages[this.page(new URL(link.href).pathname)];
      if (!state) continue;
      const { read, solved, of } = state, words = [];
      if (read) words.push("끝까지 읽었습니다");
      if (of) words.push(told("확인 문제", of, solved.length, "풀었습니다"));
      (link.querySelector(".lesson-name") ?? link).append(" ", element("span", { className: "learned", title: words.join(", ") },
        element("span", { ariaHidden: "true" }, [read ? "✓" : "", of ? `${solved.length}/${of}` : ""].join(" ").trim()),
        element("span", { className: "visually-hidden" }, `(${words.join(", ")})`)));
    }
    this.summary(Object.values(pages));
    this.ending();
  },
  /* Below the contents: all that was read and solved, as a file, too. */
  summary(pages) {
    const sum = (count) => pages.reduce((total, page) => total + count(page), 0);
    const button = (name, onclick) => element("button", { type: "button", className: "btn btn-sm forget", onclick }, name);
    const file = element("input", { type: "file", accept: ".json,application/json", hidden: true, onchange: async () => {
      try { if (this.join(await file.files[0].text())) return location.reload(); } catch { /* no JSON */ }
      said.textContent = "읽은 기록이 든 파일이 아닙니다.";
    } });
    const said = element("p", { role: "status" }, pages.length
      ? `단원 ${sum(({ read }) => read)}개를 끝까지 읽고, 확인 문제 ${sum(({ solved }) => solved.length)}개를 풀고, 연습 ${sum(({ done }) => done.length)}개를 했습니다.`
      : "아직 읽은 기록이 없습니다.");
    const kept = pages.length ? [" ", button("파일로 내려받기", () => {
      const href = URL.createObjectURL(new Blob([JSON.stringify(this.load(), null, 1)], { type: "application/json" }));
      element("a", { href, download: `${this.key}.json` }).click();
    }), " ", button("읽은 기록 지우기", () => { this.save({}); location.reload(); })] : [];
    const before = document.querySelector(".kept-here");
    document.querySelector(".bd-docs-nav")?.append(element("details", { className: "kept-here", open: before?.open ?? false },
      element("summary", {}, "나의 기록"), said, file, button("파일에서 가져오기", () => file.click()), ...kept,
      element("p", {}, "기록은 이 브라우저에만 남습니다.")));
    before?.remove();
  },
  /* At the end of a lesson: what of it was solved, and the way to what was not. */
  ending() {
    if (!this.asked.length && !this.tasks.length) return;
    const { solved, done } = this.here(), box = element("div", { className: "admonition on-screen ending" },
      element("p", { className: "admonition-title" }, "이 단원에서 푼 것"));
    for (const [name, boxes, had, verb] of [["확인 문제", this.asked, solved, "풀었습니다"], ["연습", this.tasks, done, "했습니다"]]) {
      if (!boxes.length) continue;
      const left = boxes.filter((_, i) => !had.includes(i + 1)).flatMap((one, i) => [i ? ", " : " 남은 것: ",
        element("a", { href: `#${one.id}` }, one.querySelector(".admonition-title").textContent)]);
      box.append(element("p", {}, `${told(name, boxes.length, had.length, verb)}.`, ...left));
    }
    document.querySelector(".ending")?.remove();
    document.querySelector("article").append(box);
  },
};
function told(name, of, had, verb) { return `${name} ${of}개 가운데 ${had}개를 ${verb}`; }
function number(text) {
  const found = /^[-−]?[\d,]*\.?\d+/.exec(text.trim());
  return found && found[0].replaceAll(",", "").replace("−", "-");
}
/* What a reader types: digits of any width, and fractions. */
function typed(text) {
  const [top, bottom] = text.normalize("NFKC").split(/[/⁄]/).map(number);
  return top && bottom ? String(top / bottom) : top;
}
// 1.2 is right for 1.20, and so is 1.204: what is asked for has as many digits as the answer.
function same(given, wanted) {
  const digits = (wanted.split(".")[1] ?? "").length;
  return Math.abs(Number(given) - Number(wanted)) <= 0.5000001 * 10 ** -digits * (digits > 0);
}

function questionOf(box, answer, index) {
  const bold = answer.querySelector("p > strong:first-child");
  const right = bold && number(bold.textContent);
  if (!right) return;
  const hints = [...answer.querySelectorAll("ul:last-of-type > li")].map((item) => {
    const text = item.cloneNode(true), bold = text.querySelector("strong");
    if (bold?.nextSibling?.data) bold.nextSibling.data = bold.nextSibling.data.replace(/^:\s*/, "");
    bold?.remove();
    return [bold && number(bold.textContent), text];
  });
  const verdict = element("div", { className: "verdict", role: "status" }), buttons = [];
  const solved = () => Progress.here().solved.includes(index);
  const say = (given) => {
    const good = same(given, right);
    verdict.className = `verdict ${good ? "right" : "wrong"}`;
    buttons[given - 1]?.classList.add(good ? "right" : "wrong");
    const hint = hints.find(([wrong]) => wrong && same(given, wrong))?.[1].cloneNode(true).childNodes ?? [];
    verdict.replaceChildren(element("b", {}, good ? "맞았습니다. " : solved() ? "이것은 답이 아닙니다. " : "아닙니다. "),
      ...(good ? ["왜 그런지는 아래의 답에 있습니다."] : hint.length ? hint : ["다시 생각해 보십시오."]));
    return good;
  };
  const judge = (given) => {
    const good = say(given), here = Progress.here();
    if (good) answer.open = true;
    if (good || !solved()) Progress.change({ given: { ...here.given, [index]: given }, solved: good ? [...here.solved, index] : here.solved });
  };
  const list = box.querySelector("ol:last-of-type");
  const before = Progress.here().given[index] ?? (solved() ? right : null);
  if (list) {
    [...list.children].forEach((item, i) => {
      const button = element("button", { type: "button", className: "choice", onclick: () => judge(String(i + 1)) },
        ...(item.querySelector(":scope > p") ?? item).childNodes);
      item.replaceChildren(button);
      buttons.push(button);
    });
    list.classList.add("choices");
    list.after(verdict);
  } else {
    const field = element("input", { type: "text", inputMode: "decimal", autocomplete: "off", required: true, value: before ?? "" });
    const onsubmit = (event) => {
      event.preventDefault();
      const given = typed(field.value);
      if (given) return judge(given);
      verdict.className = "verdict";
      verdict.textContent = "숫자로 적으십시오.";
    };
    box.append(element("form", { className: "number", onsubmit }, element("label", {}, "답 ", field),
      element("button", { type: "submit", className: "btn btn-sm" }, "맞혀 보기")), verdict);
  }
  if (before) say(before);
  box.append(answer); // in the question's own box, beside where one tries
  return true;
}

/* An exercise is done when its reader says so. */
function exerciseOf(box, index) {
  const tick = element("input", { type: "checkbox", checked: Progress.here().done.includes(index),
    onchange: () => Progress.change({ done: [...Progress.here().done.filter((one) => one !== index), ...(tick.checked ? [index] : [])] }) });
  box.append(element("label", { className: "on-screen" }, tick, " 해 보았습니다"));
}

addEventListener("DOMContentLoaded", () => {
  const titled = (words) => [...document.querySelectorAll("article .admonition")].filter((box) =>
    box.querySelector(":scope > .admonition-title")?.textContent.startsWith(words));
  Progress.asked = titled("확인 문제").filter((box, i) => {
    const answer = box.nextElementSibling;
    return answer?.matches("details") && questionOf(box, answer, i + 1);
  });
  if (/\/lessons\//.test(location.pathname)) Progress.tasks = titled("연습");
  Progress.tasks.forEach((box, i) => exerciseOf(box, i + 1));
  for (const [name, boxes] of [["question", Progress.asked], ["exercise", Progress.tasks]])
    boxes.forEach((box, i) => { box.id ||= `${name}-${i + 1}`; });
  const end = document.querySelector(".prev-next-footer");
  if (/\/lessons\/[^/]+\.html$/.test(location.pathname) && end) new IntersectionObserver(([entry], observer) => {
    if (!entry.isIntersecting) return;
    observer.disconnect();
    Progress.change({ read: true });
  }).observe(end);
  Progress.show();
});
