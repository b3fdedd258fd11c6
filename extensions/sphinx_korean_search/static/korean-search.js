/* What a reader sees of the search: in the theme's dialog, and on the page search.html?q=….
 *
 * Small, for every page loads it.  The search itself and its index are loaded when a reader first
 * turns to a search field.  Data comes as scripts: a page opened from a file can't fetch.
 */
"use strict";
(() => {
  const ROOT = document.documentElement.dataset.content_root ?? "./";
  const HOW_MANY = { dialog: 5, page: 10 };

  const loading = new Map();

  /** Run a script of the site, once. */
  function load(path, version = "") {
    if (!loading.has(path)) {
      const wait = new Promise((resolve, reject) => {
        const script = document.createElement("script");
        script.src = ROOT + path + (version && `?v=${version}`);
        script.onload = resolve;
        script.onerror = () => reject(new Error(`no ${path}`));
        document.head.append(script);
      });
      loading.set(path, wait);
    }
    return loading.get(path);
  }

  let engine = null;

  function start() {
    engine ??= (async () => {
      await load("_static/korean-search-words.js");
      await load("_static/korean-search-engine.js");
      return KoreanSearch.start(load);
    })();
    return engine;
  }

  function element(name, className, ...children) {
    const made = document.createElement(name);
    if (className) made.className = className;
    made.append(...children);
    return made;
  }

  /** A search field and the results under it. */
  class View {
    constructor(place, form, kind) {
      this.kind = kind;
      this.input = form.querySelector("input[name=q]");
      this.status = element("p", "korean-search__status");
      this.status.setAttribute("role", "status");
      this.list = element("ol", "korean-search__results");
      this.box = element("div", `korean-search korean-search--${kind}`, this.status, this.list);
      place.append(this.box);
      this.asked = "";
      this.turn = 0;
      this.input.addEventListener("focus", () => start().catch(() => {}), { once: true });
      this.input.addEventListener("input", () => {
        clearTimeout(this.timer);
        this.timer = setTimeout(() => this.ask(), 120);
      });
      place.addEventListener("keydown", (event) => this.key(event));
    }

    async ask() {
      const query = this.input.value.trim();
      if (query === this.asked) return;
      this.asked = query;
      const turn = ++this.turn;
      if (!query) return this.show(null);
      try {
        const search = await start();
        const answer = await search.search(query);
        if (turn === this.turn) await this.show(answer, search);
      } catch (error) {
        console.error(error);
        this.status.textContent = document.querySelector("[data-failed]")?.dataset.failed ?? "";
      }
    }

    /** Write the results of a query; the snippets follow as their pages' texts arrive. */
    async show(answer, search) {
      if (!answer) {
        this.list.replaceChildren();
        this.status.replaceChildren();
        return;
      }
      const words = search.main.messages;
      const said = (message) =>
        words[message]
          .replace("{count}", answer.pages.length)
          .replace("{words}", () => answer.missing.join(", "))
          .replace("{query}", () => answer.query);
      const count = answer.pages.length;
      const pages = answer.pages.slice(0, HOW_MANY[this.kind]);
      const snippets = await search.snippets(answer, pages);
      if (answer.query !== this.asked) return;
      this.answer = answer;
      const message = answer.missing
        ? "No page has “{words}”. These pages have the rest."
        : count === 0
          ? "Nothing found for “{query}”."
          : count === 1
            ? "1 page found for “{query}”."
            : "{count} pages found for “{query}”.";
      this.status.replaceChildren(said(message));
      if (!count || answer.suggestions.length) this.suggest(answer, words);
      this.list.replaceChildren(...pages.map((page) => this.page(page, snippets)));
      if (count > pages.length) this.more(answer, search, pages.length);
    }

    suggest(answer, words) {
      if (!answer.suggestions.length) {
        this.status.append(` ${words["Try fewer words, or another word for the same thing."]}`);
        return;
      }
      this.status.append(` ${words["Did you mean:"]} `);
      answer.suggestions.forEach((query, number) => {
        const button = element("button", "korean-search__suggestion", query);
        button.type = "button";
        button.addEventListener("click", () => {
          this.input.value = query;
          this.input.focus();
          this.ask();
        });
        this.status.append(number ? ", " : "", button);
      });
    }

    /** One page of the site, with its best sections. */
    page(page, snippets) {
      const item = element("li", "korean-search__page");
      const top = page.sections.find((result) => result.top);
      item.append(this.result(page.uri, page.title, "title", top && snippets.get(top)));
      for (const result of page.sections) {
        if (result.top) continue;
        const address = result.anchor ? `${page.uri}#${result.anchor}` : page.uri;
        const title = result.title || page.title;
        item.append(this.result(address, title, "section", snippets.get(result)));
      }
      return item;
    }

    result(address, title, kind, snippet) {
      const link = element("a", `korean-search__${kind}`, title);
      link.href = ROOT + address;
      const box = element("div", "korean-search__result", link);
      if (snippet?.text) {
        const text = element(snippet.code ? "code" : "span");
        let end = 0;
        for (const [from, to] of snippet.marks) {
          text.append(snippet.text.slice(end, from), element("mark", "", snippet.text.slice(from, to)));
          end = to;
        }
        text.append(snippet.text.slice(end));
        const around = [snippet.before ? "… " : "", text, snippet.after ? " …" : ""];
        box.append(element("p", "korean-search__snippet", ...around));
      }
      return box;
    }

    more(answer, search, shown) {
      const words = search.main.messages;
      const item = element("li", "korean-search__more");
      if (this.kind === "dialog") {
        const link = element("a", "", `${words["All results"]} (${answer.pages.length})`);
        const address = new URL(ROOT + (search.main.address), location.href);
        address.searchParams.set("q", answer.query);
        link.href = address;
        item.append(link);
      } else {
        const button = element("button", "btn btn-outline-primary", words["More results"]);
        button.type = "button";
        button.addEventListener("click", async () => {
          const next = answer.pages.slice(shown, shown + HOW_MANY.page);
          const snippets = await search.snippets(answer, next);
          item.remove();
          const items = next.map((page) => this.page(page, snippets));
          this.list.append(...items);
          items[0].querySelector("a").focus();
          if (answer.pages.length > shown + next.length) {
            this.more(answer, search, shown + next.length);
          }
        });
        item.append(button);
      }
      this.list.append(item);
    }

    /** Arrows go through the results, and back to the field. */
    key(event) {
      // In the field the theme listens for Escape itself.
      if (event.key === "Escape" && document.activeElement !== this.input) {
        this.box.closest("dialog")?.close();
      }
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (!step || event.isComposing || event.ctrlKey || event.altKey || event.metaKey) return;
      const stops = [this.input, ...this.list.querySelectorAll("a, button")];
      const at = stops.indexOf(document.activeElement);
      const next = stops[at + step];
      if (at < 0 || !next) return;
      event.preventDefault();
      next.focus();
    }
  }

  function begin() {
    const dialog = document.querySelector("dialog#pst-search-dialog");
    const form = dialog?.querySelector("form");
    if (form) new View(dialog, form, "dialog");
    const place = document.querySelector("[data-korean-search=page]");
    if (!place) return;
    const own = place.querySelector("form");
    const view = new View(place, own, "page");
    /* What is asked in the address, or what the page itself asks: see a 404 page. */
    const query = new URLSearchParams(location.search).get("q") ?? place.dataset.query ?? "";
    view.input.value = query;
    if (!("quiet" in place.dataset)) view.input.focus();
    own.addEventListener("submit", (event) => {
      event.preventDefault();
      clearTimeout(view.timer);
      const address = new URL(location.href);
      address.searchParams.set("q", view.input.value.trim());
      history.replaceState(null, "", address);
      view.ask();
    });
    view.ask();
  }

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin);
  else begin();
})();
