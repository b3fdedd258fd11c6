/* The messages of this page and what the other language says for them. */

const received = new Map();
const requests = new Map();

const pageName = () => document.querySelector('meta[name="parallel-text"]')?.content;
const rootAddress = () => {
  const root = document.documentElement.dataset.content_root ?? window.DOCUMENTATION_OPTIONS?.URL_ROOT;
  return new URL(root || "./", location.href);
};

/* Called by the scripts in the folders of the other languages. */
window.ParallelText = {
  add: (language, page, fragments) => received.set(`${language}/${page}`, fragments),
};

/* What a language says on this page, or null if it isn't there. Fetching would be refused for
 * files; a script isn't. */
const load = (language) => {
  if (!requests.has(language)) {
    const page = pageName();
    const path = [language, SETTINGS.folder, ...page.split("/")].map(encodeURIComponent).join("/");
    const request = new Promise((resolve) => {
      const script = document.createElement("script");
      script.src = new URL(`../${path}.js`, rootAddress()).href;
      script.onload = () => resolve(received.get(`${language}/${page}`) ?? null);
      script.onerror = () => resolve(null);
      document.head.append(script);
    });
    requests.set(language, request);
  }
  return requests.get(language);
};

class Pair {
  constructor(element) {
    this.element = element;
    const key = element.dataset.p;
    this.untranslated = key.startsWith("!");
    this.key = this.untranslated ? key.slice(1) : key;
    this.own = null; /* the page's own text, wrapped while it stands in a column */
    this.other = null;
    this.element.classList.add("parallel-text__host");
  }

  /* The element's own words, without what scripts and the theme added. */
  get words() {
    const copy = (this.own ?? this.element).cloneNode(true);
    copy.querySelectorAll("button, .headerlink, .parallel-text__other").forEach((each) => each.remove());
    return normalized(copy);
  }

  show(language, fragments, { columns = false } = {}) {
    this.hide();
    const [kind, content] = this.content(language, fragments);
    if (columns && kind === "same") return;
    const other = document.createElement("span");
    other.className = `parallel-text__other parallel-text__other--${kind}`;
    if (kind === "text") {
      other.lang = language.lang;
      other.dir = language.dir;
      other.append(content);
    } else {
      other.textContent = say(kind, { language: language.called });
    }
    if (columns) this.wrap();
    this.element.append(other);
    this.element.classList.add("parallel-text__host--open");
    this.other = other;
    if (kind === "text") other.dispatchEvent(new CustomEvent("parallel-text:shown", { bubbles: true }));
  }

  /* A fragment, or the name of the word that says why there is none. */
  content(language, fragments) {
    if (fragments === null) return ["absent"];
    const html = fragments[this.key];
    if (typeof html !== "string") return ["missing"];
    if (this.untranslated && language.code === SETTINGS.source) return ["own"];
    const template = document.createElement("template");
    template.innerHTML = html;
    if (normalized(template.content) === this.words) return ["same"];
    /* Links stay in the reader's language, where this page shows both; files may differ. */
    const root = rootAddress();
    const sibling = new URL(`../${language.code}/${location.href.slice(root.href.length)}`, root);
    for (const image of template.content.querySelectorAll("[src]")) {
      image.src = new URL(image.getAttribute("src"), sibling).href;
    }
    for (const link of template.content.querySelectorAll("a.download[href]")) {
      link.href = new URL(link.getAttribute("href"), sibling).href;
    }
    return ["text", template.content];
  }

  /* Put the page's own words into one element, a cell of the grid. */
  wrap() {
    const own = document.createElement("span");
    own.className = "parallel-text__own";
    const nodes = [...this.element.childNodes];
    own.append(...nodes.filter((node) => !node.matches?.("button, .parallel-text__end")));
    this.element.prepend(own);
    this.own = own;
  }

  hide() {
    this.other?.remove();
    this.own?.replaceWith(...this.own.childNodes);
    this.other = this.own = null;
    this.element.classList.remove("parallel-text__host--open");
  }
}

const normalized = (node) => node.textContent.replace(/\s+/g, " ").trim();

const visible = (element) => element.checkVisibility?.() ?? element.getClientRects().length > 0;

/* Change the page without moving what is being read. */
const keepingPlace = (change) => {
  const top = (element) => element.getBoundingClientRect().top;
  const header = headerHeight();
  const place = pairs.find(({ element }) => top(element) > header && visible(element));
  const before = place && top(place.element);
  change();
  if (place && window.scrollY > 0) {
    window.scrollBy({ top: top(place.element) - before, behavior: "instant" });
  }
};

/* How much of the window's top a header covers that stays while the page scrolls. */
const headerHeight = () =>
  Math.max(
    0,
    ...[...document.querySelectorAll("header, .bd-header-article")]
      .filter((each) => ["sticky", "fixed"].includes(getComputedStyle(each).position))
      .map((each) => each.getBoundingClientRect())
      .filter(({ top, height }) => top <= 1 && height < window.innerHeight / 3)
      .map(({ bottom }) => bottom),
  );

let pairs = [];
