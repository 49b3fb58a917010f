// --- Shown ---------------------------------------------------------------------------------------

/** The part of a text around its first found word, cut at words. */
function excerpt(text, marks, size) {
  const at = marks.length ? Math.max(0, text.search(pattern(marks))) : 0;
  let start = Math.max(0, at - size / 3);
  if (start) start = text.indexOf(" ", start) + 1;
  return (start ? "… " : "") + text.slice(start, start + size) + (start + size < text.length ? " …" : "");
}

/** The first pieces, no page with more than its share. */
function first(results, most, share) {
  const taken = {};
  return results.filter(({ piece }) => {
    taken[piece.page] = (taken[piece.page] ?? 0) + 1;
    return taken[piece.page] <= (piece.k === "term" ? 1.5 * share : share);
  }).slice(0, most).map(({ piece }) => piece);
}

const root = document.documentElement.dataset.content_root;
/** A link to a piece, and whose it is. */
function linked(piece, marks) {
  const [path, anchor] = piece.u.split("#"), mark = marks.length ? `?mark=${encodeURIComponent(marks.join(" "))}` : "";
  const link = element("a", { href: `${root}${path}${mark}${anchor ? `#${anchor}` : ""}` }, ...marked(piece.t, marks));
  const where = piece.k === "page" ? "" : piece.k === "term" ? "용어" : PAGES[piece.page];
  return [link, ...(where ? [" ", element("span", { className: "where", textContent: where })] : [])];
}

/** What was done about a slip, and how much was found. */
function outcome(query, count, slips) {
  const meant = slips.map(([, name]) => SHOWN.get(name) ?? name).join(", ");
  if (!query) return "";
  if (!count) return `“${query.slice(0, 60)}”: 찾지 못했습니다. 다른 말로 찾거나 용어 쪽을 보십시오.`;
  return meant ? `“${slips.map(([word]) => word).join(", ")}”: 이 책에 없는 말입니다. 혹시 “${meant}”? 그렇게 찾은 ${count}곳입니다.` : `“${query.slice(0, 60)}”: ${count}곳을 찾았습니다.`;
}

/** Asks for the results a moment after the last letter. */
function listen(field, show) {
  let waiting = 0;
  field.maxLength = 20_000;
  field.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(show, MOST.wait); });
}

/** search.html: all that was found. */
function searchPage(field) {
  const show = () => {
    const query = field.value.trim(), { results, marks, slips } = search(query), pieces = first(results, 30, 4);
    document.getElementById("search-summary").textContent = outcome(query, pieces.length, slips);
    document.getElementById("search-results").replaceChildren(element("ul", { className: "search" }, ...pieces.map((piece) => {
      const item = element("li", { className: `kind-${piece.k}` }, ...linked(piece, marks));
      if (piece.x) item.append(element("p", {}, ...marked(excerpt(piece.x, marks, 130), marks)));
      return item;
    })));
  };
  const asked = () => { field.value = new URLSearchParams(location.search).get("q")?.slice(0, 20_000) ?? ""; show(); };
  listen(field, show);
  field.form.addEventListener("submit", (event) => {
    event.preventDefault();
    history.pushState(null, "", `?q=${encodeURIComponent(field.value.trim().slice(0, MOST.letters))}`);
    show();
  });
  addEventListener("popstate", asked);
  asked();
  if (!field.value) field.focus();
}

/** Ctrl+K and the magnifying glass: the first six under the field, by arrow keys, too. */
function searchDialog(field) {
  const hits = element("div", { id: "hits", role: "listbox", ariaLabel: "찾은 곳" }), said = element("p", { role: "status" });
  let chosen = -1;
  const choose = (next) => {
    chosen = next;
    [...hits.children].forEach((hit, i) => hit.setAttribute("aria-selected", i === chosen));
    field.setAttribute("aria-activedescendant", hits.children[chosen]?.id ?? "");
    hits.children[chosen]?.scrollIntoView({ block: "nearest" });
  };
  const show = () => {
    const query = field.value.trim(), { results, marks, slips } = search(query), all = first(results, 30, 4);
    const more = element("a", { href: `${root}search.html?q=${encodeURIComponent(query.slice(0, MOST.letters))}`, textContent: `찾은 ${all.length}곳 모두 보기` });
    hits.replaceChildren(...first(results, 6, 2).map((piece) => {
      const [link, ...where] = linked(piece, marks);
      link.append(...where);
      if (piece.x) link.append(element("span", { className: "excerpt" }, ...marked(excerpt(piece.x, marks, 70), marks)));
      return link;
    }), ...(all.length > 6 ? [more] : []));
    [...hits.children].forEach((hit, i) => Object.assign(hit, { id: `hit-${i}`, role: "option", tabIndex: -1 }));
    said.textContent = outcome(query, all.length, slips);
    field.setAttribute("aria-expanded", hits.children.length > 0);
    choose(-1);
  };
  for (const [name, value] of Object.entries({ role: "combobox", "aria-controls": "hits", "aria-autocomplete": "list" })) field.setAttribute(name, value);
  field.closest("dialog").append(said, hits);
  listen(field, show);
  field.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key], count = hits.children.length;
    if (event.isComposing || !count) return;
    if (step) choose(((chosen + 1 + step + count + 1) % (count + 1)) - 1);
    else if (event.key === "Enter" && chosen >= 0) hits.children[chosen].click();
    else return;
    event.preventDefault();
  });
  show();
}

const onPage = document.querySelector("article form.bd-search input");
if (onPage) searchPage(onPage);
else searchDialog(document.querySelector("#pst-search-dialog input"));
