/* A picture opens large on a click, a tap or Enter: at its own size, or as large as the window if
   that is more. What is larger than the window scrolls. Without this script the link leads to the
   picture's file. */
"use strict";
addEventListener("click", (event) => {
  const link = event.target.closest?.("a.picture");
  if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  const small = link.querySelector("img"), image = small.cloneNode();
  const [width, height] = ["width", "height"].map((side) => Number(small.getAttribute(side)));
  const fits = Math.min((0.96 * innerWidth) / width, (0.88 * innerHeight) / height, 2);
  image.loading = "eager";
  image.style.width = `${Math.round(Math.max(link.dataset.width, fits * width))}px`;
  const box = element("dialog", { className: "large", ariaLabel: "큰 그림", onclick: () => box.close(), onclose: () => { box.remove(); link.focus(); } },
    element("button", { type: "button", className: "btn" }, "닫기"), image);
  link.closest("article").append(box);
  box.showModal();
});
