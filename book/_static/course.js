/* The shell's own behaviour: small, without a network, the same from file://. */
"use strict";
// sphinx-copybutton brings no Korean; its table of messages is open to later scripts.
if (typeof messages !== "undefined") {
  messages.ko = {
    copy: "복사", copy_to_clipboard: "코드 복사하기",
    copy_success: "복사했습니다", copy_failure: "복사하지 못했습니다",
  };
  locale = "ko";
  iconCopy = iconCopy.replace(messages.en.copy_to_clipboard, messages.ko.copy_to_clipboard);
  iconCheck = iconCheck.replace(messages.en.copy_success, messages.ko.copy_success);
}
const element = (tag, given, ...children) => {
  const made = Object.assign(document.createElement(tag), given);
  made.append(...children);
  return made;
};

/* A pattern for words in running text, the longest first: blanks and hyphens may stand between their letters. */
const pattern = (words) => new RegExp(`(${[...words].sort((a, b) => b.length - a.length)
  .map((word) => [...word].map((c) => c.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("[\\s\\-_·]?")).join("|")})`, "giu");
/* The parts of a text, those that are among the words marked. */
const marked = (text, words, given = {}) => (words.length ? text.split(pattern(words)) : [text])
  .map((part, i) => (i % 2 ? element("mark", given, part) : part));

// The button of brightness says what it is set to.
addEventListener("DOMContentLoaded", () => {
  const root = document.documentElement, names = { light: "밝게", dark: "어둡게", auto: "기기대로" };
  const tell = () => document.querySelectorAll(".theme-switch-button").forEach((button) => { button.ariaLabel = `밝기: ${names[root.dataset.mode]}`; });
  new MutationObserver(tell).observe(root, { attributeFilter: ["data-mode"] });
  tell();
});

// Paper has no buttons: answers and folded code stand open on it, and close again afterwards.
const opened = [];
addEventListener("beforeprint", () => {
  document.querySelectorAll("details:not([open])").forEach((box) => { box.open = true; opened.push(box); });
});
addEventListener("afterprint", () => { opened.splice(0).forEach((box) => { box.open = false; }); });

// A page opened from the search: the words that were found are marked until the reader says enough.
const wanted = new URLSearchParams(location.search).get("mark");
if (wanted) addEventListener("DOMContentLoaded", () => {
  // Whatever a link asks for, a page stays quick: a dozen words, a few hundred marks.
  const words = wanted.slice(0, 400).split(" ").filter((word) => word.length > 1).slice(0, 12);
  const article = document.querySelector("article");
  if (!words.length) return;
  let left = 400;
  const walker = document.createTreeWalker(article, NodeFilter.SHOW_TEXT, (node) =>
    node.parentElement.closest("pre, script, style, button, summary, .math, .headerlink, .touch") ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT);
  const texts = [];
  while (walker.nextNode()) texts.push(walker.currentNode);
  for (const text of texts) {
    const parts = marked(text.data, words, { className: "found" });
    if (parts.length < 2) continue;
    if ((left -= parts.length) < 0) break;
    text.replaceWith(...parts);
  }
  const enough = element("button", {
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

// The search (350 KB with its index) comes when a reader wants it: a script loads from file:// too.
addEventListener("focusin", function load({ target }) {
  if (!target.matches?.("#pst-search-dialog input")) return;
  removeEventListener("focusin", load);
  for (const name of ["searchindex.js", "_static/search.js", "_static/search_page.js"])
    document.head.append(element("script", { src: document.documentElement.dataset.content_root + name, async: false }));
});

// The list of sections marks the one that is being read: the last whose heading has come up, at the end the last.
addEventListener("DOMContentLoaded", () => {
  const links = [...document.querySelectorAll("#page-toc a")];
  const sections = links.map((link) => document.getElementById(decodeURIComponent(link.hash.slice(1))));
  let asked = 0;
  const mark = () => {
    asked = 0;
    const end = innerHeight + scrollY > document.documentElement.scrollHeight - 4 && scrollY;
    const now = links[end ? links.length - 1 : sections.findLastIndex((section) => section.getBoundingClientRect().top < 130)];
    for (const link of links) {
      link.classList.toggle("active", link === now);
      if (link === now) link.setAttribute("aria-current", "true"); else link.removeAttribute("aria-current");
    }
    document.querySelectorAll("#page-toc .toc-entry").forEach((entry) => entry.classList.toggle("active", entry.contains(now ?? null)));
  };
  addEventListener("scroll", () => { asked ||= requestAnimationFrame(mark); }, { passive: true });
  if (links.length) mark();
});

// A term, a citation: what it is, under a pointer, by keyboard and on a tap, which leads on only from there.
addEventListener("DOMContentLoaded", () => {
  let shown = null, waiting = 0, at = 0;
  const says = element("div", { id: "says", popover: "manual", role: "tooltip" });
  const hide = () => { clearTimeout(waiting); says.hidePopover(); shown?.removeAttribute("aria-describedby"); shown = null; };
  const show = (link) => {
    if (link === shown) return;
    hide();
    shown = link;
    at = scrollY;
    says.replaceChildren(link.dataset.says, " ", element("a", { href: link.href, textContent: link.matches(".term") ? "용어로 가기" : "문헌으로 가기" }));
    link.setAttribute("aria-describedby", "says");
    says.showPopover();
    const { left, top, bottom } = link.getBoundingClientRect(), { offsetWidth: width, offsetHeight: height } = says;
    says.style.left = `${Math.max(8, Math.min(left, document.documentElement.clientWidth - width - 8))}px`;
    says.style.top = `${bottom + height + 8 < innerHeight ? bottom + 4 : top - height - 4}px`;
  };
  document.body.append(says);
  for (const link of document.querySelectorAll('article a.term[title], article a[href*="#cite-"][title]')) {
    link.dataset.says = link.title;
    link.removeAttribute("title");
    link.addEventListener("pointerenter", (event) => { if (event.pointerType === "mouse") waiting = setTimeout(show, 250, link); });
    link.addEventListener("pointerleave", (event) => { if (event.pointerType === "mouse") { clearTimeout(waiting); waiting = setTimeout(hide, 400); } });
    link.addEventListener("focus", () => { if (link.matches(":focus-visible")) show(link); });
    link.addEventListener("blur", (event) => { if (!says.contains(event.relatedTarget)) hide(); });
    link.addEventListener("click", (event) => { if (event.pointerType === "touch") { event.preventDefault(); show(link); } });
  }
  says.addEventListener("pointerenter", () => clearTimeout(waiting));
  says.addEventListener("pointerleave", (event) => { if (event.pointerType === "mouse") hide(); });
  addEventListener("keydown", (event) => { if (event.key === "Escape") hide(); });
  addEventListener("scroll", () => { if (shown && Math.abs(scrollY - at) > 60) hide(); }, { passive: true });
  addEventListener("pointerdown", (event) => { if (shown && !event.target.closest?.("#says, a")) hide(); });
});

// The string of beads: a full one for each lesson that was read, and on the first page where to go on.
addEventListener("DOMContentLoaded", () => {
  const beads = [...document.querySelectorAll(".beads i")], pages = Progress.load();
  const read = beads.filter((bead) => pages[bead.dataset.page]?.read);
  if (!read.length) return;
  read.forEach((bead) => bead.classList.add("read"));
  beads[0].parentElement.ariaLabel = `${beads.length}단원 가운데 ${read.length}단원을 읽었습니다`;
  const next = beads[beads.findLastIndex((bead) => read.includes(bead)) + 1]?.dataset.page;
  const link = next && document.querySelector(`a.lesson-card[href$="${next}.html"]`), place = document.querySelector(".go-on");
  if (!link || !place) return;
  place.append(`${beads[0].parentElement.ariaLabel}. `, element("a", { href: link.href, textContent: `이어서 읽기: ${link.querySelector(".lesson-name").firstChild.textContent} ${link.querySelector(".lesson-name").childNodes[1].data.trim()}` }));
  place.hidden = false;
});
