"use strict";
// Shows only what has all the words: of a table that has them itself, everything.
const search = document.getElementById("search");
const found = document.getElementById("found");
const none = document.getElementById("none");
const groups = [...document.querySelectorAll("main .group")].map((element) => ({
  element,
  about: text(element.querySelector(".about")),
  link: document.querySelector(`nav a[href="#${CSS.escape(element.id)}"]`).parentElement,
  entries: [...element.querySelectorAll(".entry")].map((entry) => ({ entry, words: text(entry) })),
}));

function text(element) {
  return element ? element.textContent.toLowerCase() : "";
}

function filter() {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  const has = (within) => words.every((word) => within.includes(word));
  let count = 0;
  for (const group of groups) {
    const whole = words.length > 0 && has(group.about);
    let shown = 0;
    for (const { entry, words: own } of group.entries) {
      entry.hidden = !(whole || has(own));
      shown += !entry.hidden;
    }
    group.element.hidden = group.link.hidden = shown === 0;
    count += shown;
  }
  none.hidden = count > 0;
  found.textContent = words.length ? `${count} found` : "";
}

search.addEventListener("input", filter);
document.addEventListener("keydown", (event) => {
  if (event.key === "/" && document.activeElement !== search) {
    event.preventDefault();
    search.focus();
  }
});
