// For tools/pdf.py, loaded by no page. Run on the book's first page: put every page of the contents (or those in `only`)
// one behind the other, open what is folded, let each link lead within the document. Returns the
// pictures and the targets of links that are missing.
async (only) => {
  const base = new URL("..", location.href);
  const nameOf = (url) => decodeURI(new URL(url, location.href).pathname.slice(base.pathname.length));
  const parts = [];
  for (const item of document.querySelectorAll(".bd-docs-nav p.caption, .bd-docs-nav li.toctree-l1 > a")) {
    if (item.matches("p")) parts.push({ caption: item.textContent.trim() });
    else parts.push({ name: nameOf(item.href) });
  }
  const wanted = parts.filter(({ caption, name }) => caption || !only.length || only.includes(name));
  const within = new Set(wanted.map(({ name }) => name));

  const contents = element("ol", { className: "print-contents" });
  const text = (heading) => [...heading.childNodes].filter((node) => !node.matches?.("a")).map((node) => node.textContent).join("").trim();
  const list = (id, heading, level) => {
    contents.append(element("li", { className: level }, element("a", { href: `#${id}` }, text(heading), element("span", { className: "page" }))));
  };
  const articles = []; // for which the first page has every style sheet: it has a piece to touch, too
  for (const { caption, name } of wanted) {
    if (caption) {
      contents.append(element("li", { className: "part" }, caption));
      continue;
    }
    const url = new URL(name, base), html = await (await fetch(url)).text();
    const page = new DOMParser().parseFromString(html, "text/html");
    const article = document.adoptNode(page.querySelector("article"));
    article.querySelectorAll("button, script").forEach((e) => e.remove());
    article.querySelectorAll("details").forEach((e) => { e.open = true; });
    article.querySelectorAll("div.cell_input").forEach((e) => { e.classList.toggle("long", e.textContent.trim().split("\n").length > 24); });
    article.querySelectorAll("img").forEach((e) => { e.loading = "eager"; });
    article.id = "top";
    for (const e of [article, ...article.querySelectorAll("[id]")])
      if (!e.closest("svg")) e.id = `${name}/${e.id}`; // the glyphs of formulas are the same everywhere
    for (const e of article.querySelectorAll("a[href]")) {
      const to = new URL(e.getAttribute("href"), url);
      if (to.origin !== location.origin) continue;
      if (within.has(nameOf(to))) e.href = `#${nameOf(to)}/${decodeURIComponent(to.hash.slice(1)) || "top"}`;
      else e.removeAttribute("href"); // a page or a file that is not printed
    }
    list(article.id, article.querySelector("h1"), "level-1");
    article.querySelectorAll("section > h2").forEach((h) => list(h.parentElement.id, h, "level-2"));
    article.querySelectorAll(".headerlink").forEach((e) => e.remove());
    articles.push(article);
  }

  const title = text(document.querySelector("h1")), copy = (name) => document.querySelector(name).cloneNode(true);
  document.body.replaceChildren(element("main", { className: "bd-content print-book" },
    element("header", { className: "print-cover" }, copy(".logo__image"), element("h1", {}, title), copy(".bd-footer-content p")),
    element("h1", { id: "contents" }, "차례"), contents, ...articles));
  document.title = title;
  document.documentElement.dataset.theme = "light";
  await Promise.all([...document.images].map((image) => image.decode().catch(() => {})));
  const pictures = [...document.images].filter((image) => !image.naturalWidth).map((image) => image.src);
  const targets = [...document.querySelectorAll("a[href^='#']")].map((a) => decodeURIComponent(a.hash.slice(1)));
  return [...pictures, ...targets.filter((id) => !document.getElementById(id))];
}
