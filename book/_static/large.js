/* A picture opens large on a click, a tap or Enter: at its own size, or as large as the window if
   that is more. What is larger than the window scrolls. Without this script the link leads to the
   picture's file. */
"use strict";
addEventListener("click", (event) => {
  const link = event.target.closest?.("a.picture");
  if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  const make = (tag, given) => Object.assign(document.createElement(tag), given);
  const small = link.querySelector("img"), image = small.cloneNode();
  const { width, height } = { width: Number(small.getAttribute("width")), height: Number(small.getAttribute("height")) };
  const fits = Math.min((0.96 * innerWidth) / width, (0.88 * innerHeight) / height, 2);
  image.loading = "eager";
  image.style.width = `${Math.round(Math.max(link.dataset.width, fits * width))}px`;
  const box = make("dialog", { className: "large", ariaLabel: "큰 그림" });
  const close = make("button", { type: "button", className: "btn", textContent: "닫기" });
  box.append(close, image);
  box.addEventListener("click", () => box.close());
  box.addEventListener("close", () => { box.remove(); link.focus(); });
  link.closest("article").append(box);
  box.showModal();
});
