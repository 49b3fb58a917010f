/* The shell's own behaviour: small, without a network, the same from file://. */
"use strict";
// sphinx-copybutton brings no Korean; its table of messages is open to later scripts.
if (typeof messages !== "undefined") {
  messages.ko = {
    copy: "복사", copy_to_clipboard: "코드 복사하기",
    copy_success: "복사했습니다", copy_failure: "복사하지 못했습니다",
  };
  locale = "ko";
}

// Paper has no buttons: answers and folded code stand open on it, and close again afterwards.
const opened = [];
addEventListener("beforeprint", () => {
  document.querySelectorAll("details:not([open])").forEach((box) => { box.open = true; opened.push(box); });
});
addEventListener("afterprint", () => { opened.splice(0).forEach((box) => { box.open = false; }); });

// A page opened from the search: the words that were found are marked until the reader says enough.
const wanted = new URLSearchParams(location.search).get("mark");
if (wanted) addEventListener("DOMContentLoaded", () => {
  const loose = (word) => [...word].map((c) => c.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("[\\s\\-_·]?");
  const words = wanted.split(" ").sort((a, b) => b.length - a.length).map(loose);
  const article = document.querySelector("article");
  const walker = document.createTreeWalker(article, NodeFilter.SHOW_TEXT, (node) =>
    node.parentElement.closest("pre, script, style, .math, .headerlink") ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT);
  const texts = [];
  while (walker.nextNode()) texts.push(walker.currentNode);
  for (const text of texts) {
    const parts = text.data.split(new RegExp(`(${words.join("|")})`, "giu"));
    if (parts.length < 2) continue;
    text.replaceWith(...parts.map((part, i) =>
      i % 2 ? Object.assign(document.createElement("mark"), { className: "found", textContent: part }) : part));
  }
  const enough = Object.assign(document.createElement("button"), {
    className: "btn btn-sm enough", textContent: "찾은 말 표시 지우기",
    onclick: () => {
      document.querySelectorAll("mark.found").forEach((mark) => mark.replaceWith(mark.textContent));
      enough.remove();
    },
  });
  article.prepend(enough);
  const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (target) target.scrollIntoView();
});
