"use strict";
/* The page is complete without scripts. This one searches the timeline, folds and unfolds, copies eventIDs, and opens the target of a link. */
(() => {
  const all = (selector, within = document) => Array.from(within.querySelectorAll(selector));

  /* Open every fold around an element, so that a link into it shows it. */
  const reveal = (element) => {
    for (let fold = element && element.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
  };
  /* Tables are laid out when they come near the screen, which moves the target: scroll again until it stays. */
  let turn = 0;
  const show = (element, block) => {
    const mine = ++turn;
    let last = NaN;
    let frames = 90;
    let still = 0;
    const again = () => {
      if (mine !== turn) return;
      const top = element.getBoundingClientRect().top;
      still = Math.abs(top - last) < 1 ? still + 1 : 0;
      if (still === 0) element.scrollIntoView({ block });
      last = element.getBoundingClientRect().top;
      if (still < 10 && --frames) requestAnimationFrame(again);
    };
    again();
  };
  ["wheel", "touchstart", "pointerdown", "keydown"].forEach((one) => addEventListener(one, () => { turn += 1; }, { passive: true }));

  /* Scroll a line to the center, a part to its heading. */
  const follow = () => {
    const target = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
    if (!target) return;
    const line = target.closest("tr, li");
    if (line && line.hidden) clear();
    reveal(target);
    show(line || target, line && line.offsetHeight < innerHeight / 2 ? "center" : "start");
  };

  /* Search: every word must be in the line, in the end of its file's name, or, if it looks like a path, in the whole name. */
  const bar = document.getElementById("search");
  const word = document.getElementById("search-words");
  const kind = document.getElementById("search-kind");
  const counter = document.getElementById("search-count");
  const lines = all("#timeline tbody tr");
  /* Folds that a search opened, and that it closes again. */
  const opened = new Set();
  let texts = null;
  const endOf = (file) => file.split("/").pop().split("_").slice(-2).join("_");
  const textOf = (line) => {
    const object = document.getElementById("o-" + line.id.split("-")[1]);
    const folder = object && object.parentElement.rows[0].textContent.trim();
    const file = object ? (folder + object.cells[2].firstChild.data).toLowerCase() : "";
    return { line: line.textContent.toLowerCase() + " " + endOf(file), file };
  };
  const has = (text, one) => text.line.includes(one) || (/[/._]/.test(one) && text.file.includes(one));
  const isKind = (line) => !kind.value || line.classList.contains(kind.value);
  const search = () => {
    const words = word.value.toLowerCase().split(/\s+/).filter(Boolean);
    const narrowed = words.length > 0 || kind.value !== "";
    texts = texts || lines.map(textOf);
    let shown = 0;
    lines.forEach((line, place) => {
      line.hidden = !(isKind(line) && words.every((one) => has(texts[place], one)));
      shown += line.hidden ? 0 : 1;
    });
    all("#timeline .lines table").forEach((table) => {
      table.parentElement.hidden = narrowed && !table.querySelector("tbody tr:not([hidden])");
    });
    all("#timeline details.noise").forEach((fold) => {
      const found = fold.querySelector("tbody tr:not([hidden])") !== null;
      fold.hidden = narrowed && !found;
      if (narrowed && found && !fold.open) {
        fold.open = true;
        opened.add(fold);
      } else if (!(narrowed && found) && opened.delete(fold)) fold.open = false;
    });
    all("#timeline .day").forEach((day) => {
      day.hidden = narrowed && !day.querySelector("tbody tr:not([hidden])");
    });
    counter.textContent = narrowed ? shown.toLocaleString("en") + " of " + lines.length.toLocaleString("en") + " lines" : "";
  };
  const clear = () => {
    word.value = "";
    kind.value = "";
    search();
  };
  if (bar && lines.length) {
    let wait = 0;
    bar.hidden = false;
    word.addEventListener("input", () => {
      clearTimeout(wait);
      wait = setTimeout(search, 150);
    });
    kind.addEventListener("change", search);
    document.getElementById("search-clear").addEventListener("click", clear);
    document.addEventListener("keydown", (event) => {
      const typing = /^(input|select|textarea)$/i.test(event.target.tagName);
      if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
        event.preventDefault();
        reveal(word);
        word.focus();
      } else if (event.key === "Escape" && event.target === word) clear();
    });
  }

  /* Fold and unfold all of a part. */
  all("main > section").forEach((part) => {
    const folds = all("details", part).filter((one) => !one.classList.contains("long"));
    if (folds.length < 2) return;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "unfold";
    button.textContent = "Unfold all";
    button.setAttribute("aria-label", "Unfold all of " + part.querySelector("h2").textContent.trim());
    button.addEventListener("click", () => {
      const open = button.textContent === "Unfold all";
      folds.forEach((one) => { one.open = open; });
      button.textContent = open ? "Fold all" : "Unfold all";
      button.setAttribute("aria-label", button.textContent + " of " + part.querySelector("h2").textContent.trim());
    });
    part.querySelector("h2").after(button);
  });

  /* Charts: filter the marks by account, category and severity; show the events of the focused mark. */
  const severities = ["info", "low", "medium", "high", "critical"];
  const passes = (mark, name, wanted) => {
    const own = mark.dataset[name];
    return !wanted || (name === "severity" ? severities.indexOf(own) >= severities.indexOf(wanted) : own === wanted);
  };
  all("figure.chart").forEach((chart) => {
    const marks = all(".mark, .of-mark", chart);
    const filters = document.createElement("p");
    filters.className = "filters";
    filters.append("Show: ");
    const chosen = [["account", "Account"], ["category", "Category"], ["severity", "Severity at least"]].map(([name, words]) => {
      const found = new Set(marks.map((mark) => mark.dataset[name]).filter(Boolean));
      const values = name === "severity" ? severities.filter((one) => found.has(one)) : Array.from(found).sort();
      const label = document.createElement("label");
      const select = document.createElement("select");
      select.name = name;
      label.append(words + " ", select);
      ["", ...values].forEach((value) => select.add(new Option(value || "all", value)));
      if (values.length > 1) filters.append(label);
      return [name, select];
    });
    filters.addEventListener("change", () => {
      marks.forEach((mark) => mark.classList.toggle("off", !chosen.every(([name, select]) => passes(mark, name, select.value))));
      tip.remove();
    });
    if (filters.children.length) chart.before(filters);
  });
  const tip = document.createElement("div");
  tip.className = "tip";
  tip.setAttribute("aria-hidden", "true");
  document.addEventListener("focusin", (event) => {
    const mark = event.target.closest && event.target.closest("a.mark");
    if (!mark) return tip.remove();
    tip.textContent = mark.querySelector("title").textContent;
    document.body.append(tip);
    const place = mark.getBoundingClientRect();
    tip.style.left = scrollX + Math.max(4, Math.min(place.left, document.documentElement.clientWidth - tip.offsetWidth - 4)) + "px";
    tip.style.top = scrollY + place.bottom + 6 + "px";
  });

  /* Copy an eventID: one button, which follows the pointer and the keyboard focus. */
  const copy = document.createElement("button");
  copy.type = "button";
  copy.className = "copy";
  copy.textContent = "copy";
  let held = null;
  /* A citation shows only the beginning of the eventID. */
  const wholeOf = (id) => id.dataset.id || id.textContent;
  const offer = (event) => {
    if (!event.target.closest) return;
    /* A citation contains its eventID; that of a line is next to the link to its file. */
    const link = event.target.closest("a");
    const near = link && (link.querySelector("code") || link.nextElementSibling);
    const id = event.target.closest("code.id") || (near && near.matches("code") ? near : null);
    if (!id || id === held || id.textContent.startsWith("no ")) return;
    held = id;
    copy.textContent = "copy";
    copy.setAttribute("aria-label", "Copy eventID " + wholeOf(id));
    copy.style.transform = "";
    (id.closest("a") || id).after(copy);
    /* The button floats over the page; at the edge it covers the end of the ID. */
    const over = copy.getBoundingClientRect().right + 4 - document.documentElement.clientWidth;
    if (over > 0) copy.style.transform = "translateX(" + -over + "px)";
  };
  document.addEventListener("mouseover", offer);
  document.addEventListener("focusin", offer);
  copy.addEventListener("click", () => {
    const range = document.createRange();
    range.selectNodeContents(held);
    getSelection().removeAllRanges();
    getSelection().addRange(range);
    const done = () => { copy.textContent = "copied"; };
    if (navigator.clipboard) navigator.clipboard.writeText(wholeOf(held)).then(done, () => { copy.textContent = "selected"; });
    else if (document.execCommand("copy")) done();
    else copy.textContent = "selected";
  });

  addEventListener("hashchange", follow);
  /* A second click on the same link changes no hash, but a search may have hidden the line since. */
  document.addEventListener("click", (event) => {
    const link = event.target.closest && event.target.closest('a[href^="#"]');
    if (link && link.hash === location.hash && !event.ctrlKey && !event.metaKey && !event.shiftKey) follow();
  });
  /* The browser scrolls to the target itself when the page has loaded. */
  addEventListener("load", follow);
  follow();
})();
