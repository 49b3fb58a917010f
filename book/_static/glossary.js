/* The glossary shows only the terms that hold what is typed, in either language, blanks left out. */
"use strict";
addEventListener("DOMContentLoaded", () => {
  const row = document.querySelector(".letters"), all = [...document.querySelectorAll("dl.glossary > dt")];
  const plain = (text) => text.normalize("NFC").toLowerCase().replace(/[\s-]+/g, "");
  const field = element("input", { type: "search", placeholder: "용어 거르기", ariaLabel: "용어 거르기", autocomplete: "off", maxLength: 40 });
  const said = element("span", { role: "status" });
  field.addEventListener("input", () => {
    const wanted = plain(field.value);
    const left = all.filter((term) => {
      const shown = plain(term.textContent).includes(wanted);
      term.hidden = term.nextElementSibling.hidden = !shown;
      return shown;
    });
    said.textContent = wanted ? `용어 ${left.length}개` : "";
  });
  row.append(field, said);
});
