/* Questions that answer back, and what was read and solved, kept in this browser only.

A 확인 문제 is an admonition with its answer folded beneath (CONTRIBUTING.md tells how it is written):
the answer begins with the right choice or number in bold, and the list at its end says of each wrong
one, in bold, why it is wrong. Without this script the choices are a plain list, and the answer opens. */
"use strict";
const Progress = {
  key: "reading-in-order",
  page(path) { return decodeURI(path).split("/").slice(-2).join("/").replace(/\.html$/, ""); },
  load() { try { return JSON.parse(localStorage.getItem(this.key)) ?? {}; } catch { return {}; } },
  save(pages) { try { localStorage.setItem(this.key, JSON.stringify(pages)); } catch { /* not kept, then */ } },
  of: 0, // questions on this page
  here() { return this.load()[this.page(location.pathname)] ?? { solved: [] }; },
  change(what) {
    this.save({ ...this.load(), [this.page(location.pathname)]: { ...this.here(), of: this.of, ...what } });
    this.show();
  },
  show() {
    const pages = this.load();
    document.querySelectorAll(".learned, .forget").forEach((mark) => mark.remove());
    for (const link of document.querySelectorAll(".bd-sidenav a, a.lesson-card")) {
      const state = pages[this.page(new URL(link.href).pathname)];
      if (!state) continue;
      const { read, solved, of } = state, words = [];
      if (read) words.push("끝까지 읽었습니다");
      if (of) words.push(`확인 문제 ${of}개 가운데 ${solved.length}개를 풀었습니다`);
      const mark = make("span", { className: "learned", title: words.join(", ") });
      mark.append(
        make("span", { ariaHidden: "true", textContent: [read ? "✓" : "", of ? `${solved.length}/${of}` : ""].join(" ").trim() }),
        make("span", { className: "visually-hidden", textContent: `(${words.join(", ")})` }));
      (link.querySelector(".lesson-name") ?? link).append(" ", mark);
    }
    if (Object.keys(pages).length) document.querySelector(".bd-docs-nav")?.append(make("button", {
      type: "button", className: "btn btn-sm forget", textContent: "읽은 기록 지우기",
      title: "읽은 단원과 푼 문제는 이 브라우저에만 남아 있습니다",
      onclick: () => { this.save({}); location.reload(); },
    }));
  },
};
function make(tag, properties) { return Object.assign(document.createElement(tag), properties); }
function number(text) {
  const found = /^[-−]?[\d,]*\.?\d+/.exec(text.trim());
  return found && found[0].replaceAll(",", "").replace("−", "-");
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
  const verdict = make("div", { className: "verdict", role: "status" });
  const judge = (given, button) => {
    const solved = same(given, right);
    verdict.className = `verdict ${solved ? "right" : "wrong"}`;
    button?.classList.add(solved ? "right" : "wrong");
    const hint = hints.find(([wrong]) => wrong && same(given, wrong))?.[1].cloneNode(true).childNodes ?? [];
    verdict.replaceChildren(make("b", { textContent: solved ? "맞았습니다. " : "아닙니다. " }),
      ...(solved ? [] : hint.length ? hint : [new Text("다시 생각해 보십시오.")]));
    if (!solved) return;
    answer.open = true;
    Progress.change({ solved: [...new Set([...Progress.here().solved, index])] });
  };
  const done = Progress.here().solved.includes(index);
  const list = box.querySelector("ol:last-of-type");
  if (list) {
    [...list.children].forEach((item, i) => {
      const button = make("button", { type: "button", className: "choice" });
      button.append(...(item.querySelector(":scope > p") ?? item).childNodes);
      button.onclick = () => judge(String(i + 1), button);
      if (done && right === String(i + 1)) button.classList.add("right");
      item.replaceChildren(button);
    });
    list.classList.add("choices");
    list.after(verdict);
  } else {
    const field = make("input", { type: "text", inputMode: "decimal", autocomplete: "off", required: true });
    const form = make("form", { className: "number" }), label = make("label", { textContent: "답 " });
    label.append(field);
    form.append(label, make("button", { type: "submit", className: "btn btn-sm", textContent: "맞혀 보기" }));
    form.onsubmit = (event) => { event.preventDefault(); judge(number(field.value) ?? "NaN"); };
    if (done) field.value = right;
    box.append(form, verdict);
  }
  if (done) verdict.replaceChildren(make("b", { textContent: "전에 푼 문제입니다." }));
  return true;
}

addEventListener("DOMContentLoaded", () => {
  const boxes = [...document.querySelectorAll("article .admonition")].filter((box) =>
    box.querySelector(":scope > .admonition-title")?.textContent.startsWith("확인 문제"));
  const asked = boxes.filter((box, i) => {
    const answer = box.nextElementSibling;
    return answer?.matches("details") && questionOf(box, answer, i + 1);
  });
  Progress.of = asked.length;
  const end = document.querySelector(".prev-next-footer");
  if (/\/lessons\/[^/]+\.html$/.test(location.pathname) && end) new IntersectionObserver(([entry], observer) => {
    if (!entry.isIntersecting) return;
    observer.disconnect();
    Progress.change({ read: true });
  }).observe(end);
  Progress.show();
});
