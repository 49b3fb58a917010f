/* Values under the pointer in plots whose recording stores them (coursekit.plots.values): of the point nearest to a
   mouse or to a finger that slides along; with the keyboard on the picture the arrows go from point to point. */
"use strict";
{
  const tip = Object.assign(document.createElement("div"), { className: "on-screen", role: "status", hidden: true });
  tip.style.cssText = "position: fixed; z-index: 9; max-width: 18rem; padding: .1rem .5rem; border: 1px solid var(--pst-color-border);"
    + "border-radius: .3rem; font-size: .85rem; color: var(--pst-color-text-base); background: var(--pst-color-surface); pointer-events: none";
  document.querySelectorAll("img[data-values]").forEach((image) => { image.style.touchAction = "pan-y pinch-zoom"; });
  const share = (value, { limits: [low, high], log }) => (log ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low));
  const word = ({ name, places = {} }, value) => places[value] ?? `${name} ${value}`.trim();
  const points = (image) => image.points ??= JSON.parse(image.dataset.values).flatMap(({ box: [left, right, top, bottom], x, y, lines }) =>
    lines.flatMap((line) => line.x.map((a, k) => ({
      left: left + share(a, x) * (right - left), top: bottom - share(line.y[k], y) * (bottom - top),
      said: [line.name, word(x, a), word(y, line.y[k])].filter(Boolean).join(", "),
    }))));
  const tell = (image, point) => {
    const box = image.getBoundingClientRect();
    image.point = point;
    tip.textContent = point.said;
    tip.hidden = false;
    (image.closest("dialog") ?? document.body).append(tip);
    const left = box.left + point.left * box.width, room = document.documentElement.clientWidth - tip.offsetWidth - 4;
    tip.style.left = `${Math.max(4, Math.min(room, left - tip.offsetWidth / 2))}px`;
    tip.style.top = `${box.top + point.top * box.height - tip.offsetHeight - 12}px`;
  };
  addEventListener("pointermove", ({ target, clientX, clientY }) => {
    if (!target.matches?.("img[data-values]")) { tip.hidden = true; return; }
    const box = target.getBoundingClientRect();
    const far = ({ left, top }) => Math.hypot(box.left + left * box.width - clientX, box.top + top * box.height - clientY);
    const near = points(target).reduce((best, one) => (far(one) < far(best) ? one : best));
    if (far(near) < 40) tell(target, near);
    else tip.hidden = true;
  });
  addEventListener("keydown", (event) => {
    const image = event.target.matches?.("a.picture") && event.target.querySelector("img[data-values]");
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (event.key === "Escape") tip.hidden = true;
    if (!image || !step) return;
    event.preventDefault();
    const all = points(image), at = image.point ? all.indexOf(image.point) + step : 0;
    tell(image, all[Math.max(0, Math.min(all.length - 1, at))]);
  });
  for (const end of ["scroll", "focusout", "pointerdown"]) addEventListener(end, () => { tip.hidden = true; }, true);
}
