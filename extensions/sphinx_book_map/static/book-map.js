/* What the reader has read: noted at the end of a page, shown in the side bar and on the map.
 *
 * It stays in this browser, under one key of localStorage:
 *     book-map = {"transformer/masks": "2026-11-28", …}     (page: the day it was read)
 * All languages of the book share it. What quizzes keep (sphinx_quizzes: the key jumok-quizzes,
 * {page: {question: {right: true, …}}}) is only counted here.
 *
 * A passage that sphinx_parallel_text reveals gets a link to its entry in the catalog.
 */
"use strict";
(() => {
  const KEY = "book-map";
  const QUIZZES = "jumok-quizzes";
  const ROOT = new URL(document.documentElement.dataset.content_root ?? "./", location.href);

  let denied = null; /* what this page knows where the browser keeps nothing */

  function recall(key) {
    try {
      const known = JSON.parse(localStorage.getItem(key) ?? "{}");
      return known && typeof known === "object" && !Array.isArray(known) ? known : {};
    } catch {
      return (key === KEY && denied) || {};
    }
  }

  function keep(pages) {
    denied = pages;
    try {
      if (Object.keys(pages).length) localStorage.setItem(KEY, JSON.stringify(pages));
      else localStorage.removeItem(KEY);
    } catch { /* no storage here: until the page is left */ }
  }

  function mark(page, read) {
    const pages = recall(KEY);
    if (read) pages[page] = new Date().toISOString().slice(0, 10);
    else delete pages[page];
    keep(pages);
    show();
  }

  /** The page of the book that a link leads to, or "". */
  function pageOf(link) {
    const address = link.href.split(/[?#]/)[0];
    const root = ROOT.href;
    return address.startsWith(root) ? decodeURI(address.slice(root.length)).replace(/\.html$/, "") : "";
  }

  const text = (className, words, ...attributes) => {
    const made = document.createElement("span");
    made.className = className;
    made.textContent = words;
    for (const [name, value] of attributes) made.setAttribute(name, value);
    return made;
  };

  // -- The button at the end of a page -------------------------------------------------------------

  const button = document.querySelector("button.book-map-read");
  const end = document.querySelector(".book-map-end");

  function showButton(pages) {
    if (!button) return;
    const read = button.dataset.read in pages;
    button.textContent = read ? button.dataset.undo : button.dataset.done;
    button.parentElement.hidden = false;
  }

  button?.addEventListener("click", () => mark(button.dataset.read, !(button.dataset.read in recall(KEY))));

  // -- The side bar -----------------------------------------------------------------------------------

  function showSidebar(pages) {
    const word = end?.dataset.hasRead ?? document.querySelector(".book-map-progress")?.dataset.hasRead;
    for (const link of document.querySelectorAll("nav.bd-links a.reference.internal")) {
      const here = link.getAttribute("href") === "#" && button ? button.dataset.read : pageOf(link);
      const tick = link.querySelector(".book-map-tick");
      if (!(here in pages)) tick?.remove();
      else if (!tick) {
        const made = text("book-map-tick", "", ["role", "img"], ["aria-label", word ?? "✓"]);
        link.append(" ", made);
      }
    }
  }

  // -- The map ----------------------------------------------------------------------------------------

  const map = document.querySelector(".book-map");
  const progress = map?.querySelector(".book-map-progress");
  const cards = new Map();
  for (const card of map?.querySelectorAll(".book-map-page") ?? []) {
    const needs = [...card.querySelectorAll(".book-map-needs a")].map(pageOf);
    cards.set(pageOf(card.querySelector(".book-map-title a")), { card, needs });
  }

  /** All that a page builds on, directly or not. */
  function before(page, found = new Set()) {
    for (const name of cards.get(page)?.needs ?? []) {
      if (!found.has(name)) before(name, found.add(name));
    }
    return found;
  }

  function after(page) {
    return [...cards.keys()].filter((name) => before(name).has(page));
  }

  function light(page) {
    const needed = page ? before(page) : new Set();
    const opened = new Set(page ? after(page) : []);
    map.classList.toggle("book-map--lit", Boolean(page));
    for (const [name, { card }] of cards) {
      card.classList.toggle("book-map-page--here", name === page);
      card.classList.toggle("book-map-page--needed", needed.has(name));
      card.classList.toggle("book-map-page--opened", opened.has(name));
    }
  }

  for (const [name, { card }] of cards) {
    card.addEventListener("pointerenter", () => light(name));
    card.addEventListener("pointerleave", () => light(null));
    card.addEventListener("focusin", () => light(name));
    card.addEventListener("focusout", () => light(null));
  }

  function showMap(pages) {
    if (!progress) return;
    const quizzes = recall(QUIZZES);
    let read = 0;
    for (const [name, { card, needs }] of cards) {
      card.querySelectorAll(".book-map-state").forEach((each) => each.remove());
      const states = [];
      const done = name in pages;
      if (done) states.push(text("book-map-state book-map-state--read", progress.dataset.hasRead));
      else if (needs.length && needs.every((each) => each in pages)) {
        states.push(text("book-map-state", progress.dataset.ready));
      }
      const right = Object.values(quizzes[name] ?? {}).filter((answer) => answer?.right).length;
      if (right) states.push(text("book-map-state", progress.dataset.right.replace("{right}", right)));
      card.classList.toggle("book-map-page--read", done);
      card.append(...states);
      read += done;
    }
    const told = progress.dataset.count.replace("{read}", read).replace("{all}", cards.size);
    progress.querySelector("[role=status]").textContent = told;
    progress.querySelector("button").disabled = !read;
    progress.hidden = false;
  }

  progress?.querySelector("button").addEventListener("click", () => {
    const status = progress.querySelector("[role=status]");
    status.tabIndex = -1;
    status.focus(); /* the button that had it is about to be disabled */
    keep({});
    show();
    status.prepend(`${progress.dataset.erased} `);
  });

  function show() {
    const pages = recall(KEY);
    showButton(pages);
    showSidebar(pages);
    showMap(pages);
  }

  // -- An entry of the catalog ------------------------------------------------------------------------

  const data = document.getElementById("book-map-entries");
  const entries = data ? JSON.parse(data.textContent) : {};

  document.addEventListener("parallel-text:shown", ({ target }) => {
    const host = target.closest("[data-p]");
    /* One passage that was asked for: no link in every passage of a column, none in a summary. */
    if (!host || host.querySelector(":scope > .parallel-text__own") || host.closest("summary, label, a, button")) return;
    const key = host.dataset.p.replace(/^!/, "");
    const language = [target.lang, document.documentElement.lang].find((code) => code in entries);
    const line = entries[language]?.lines[key];
    if (!line) return;
    const link = document.createElement("a");
    link.className = "book-map-entry";
    link.href = entries[language].address.replace("{line}", line);
    link.textContent = end?.dataset.improve ?? "✎";
    target.after(" ", link);
    /* It goes with the passage that it belongs to. */
    const watch = new MutationObserver(() => {
      if (target.isConnected) return;
      link.remove();
      watch.disconnect();
    });
    watch.observe(target.parentElement, { childList: true });
  });

  show();
  /* Another tab, and a page that the browser kept when its reader went on. */
  window.addEventListener("storage", ({ key }) => { if (key === KEY || key === QUIZZES) show(); });
  window.addEventListener("pageshow", ({ persisted }) => { if (persisted) show(); });
})();
