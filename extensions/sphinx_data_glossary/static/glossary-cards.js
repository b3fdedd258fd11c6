/* Hover cards of glossary terms: definition and the names in other languages, on hover, focus and
   tap. The definitions are a script of their own, loaded when a reader first comes near a term.

   The card can be dismissed (Esc), entered with the pointer, and stays until the reader leaves
   (WCAG 1.4.13). All listeners are the document's, so that terms put into the page later work,
   too. Without this script the link leads to the glossary. */
(() => {
  "use strict";

  const OPEN_AFTER = 120; // ms; a pointer that only passes opens nothing
  const CLOSE_AFTER = 300; // ms; time to cross from the term into the card
  const GAP = 6;
  const address = new URL(document.currentScript.dataset.terms, document.currentScript.src).href;

  let terms = null; // {anchor: [name, its language, {language: name}, definition, its language]}
  let words = {};
  let waiting = null; // what is called with true or false when the data is there, or isn't
  let card = null; // {box, name, others, definition, link}: one element for all terms
  let current = null; // the link whose card is open
  let tapped = false; // opened by a tap: it holds the focus until it is closed
  let timer = 0;
  let pointer = ""; // what was pressed last: mouse, pen, touch; "" after a key
  let pressing = false; // a focus that comes with a press is the press's to answer
  let dismissed = null; // closed with Esc: only leaving the term and coming back opens it
  let silent = false; // a focus that this script gives back opens nothing
  let at = null; // where the pointer is, for links that go over two lines

  window.glossaryCards = (data, texts) => {
    terms = data;
    words = texts;
  };

  function load(then) {
    if (terms) return then(true);
    if (waiting) return void waiting.push(then);
    waiting = [then];
    const script = document.createElement("script");
    const finish = () => {
      const callers = waiting;
      waiting = null;
      callers.forEach((caller) => caller(Boolean(terms)));
    };
    script.addEventListener("load", finish);
    script.addEventListener("error", finish);
    script.src = address;
    document.head.append(script);
  }

  /* The link of a {term} that an element belongs to. */
  const termOf = (target) => {
    const link = target instanceof Element ? target.closest("a[href*='#']") : null;
    return link?.querySelector(".std-term") ? link : null;
  };
  const anchorOf = (link) => decodeURIComponent(link.hash.slice(1));
  const inCard = (target) => Boolean(card && target instanceof Node && card.box.contains(target));

  function element(tag, name, parent) {
    const made = document.createElement(tag);
    made.className = name;
    parent?.append(made);
    return made;
  }

  function makeCard() {
    const box = element("div", "glossary-card");
    box.tabIndex = -1;
    if ("popover" in box) box.popover = "manual"; // above everything, cut off by nothing
    const head = element("p", "glossary-card__head", box);
    head.id = "glossary-card-head";
    const name = element("strong", "glossary-card__name", head);
    const others = element("span", "glossary-card__others", head);
    const definition = element("p", "glossary-card__definition", box);
    definition.id = "glossary-card-definition";
    const more = element("p", "glossary-card__more", box);
    const link = element("a", "glossary-card__link", more);
    // The term itself is a link to the same place: by keyboard it needs no second stop.
    link.tabIndex = -1;
    box.addEventListener("pointerenter", () => clearTimeout(timer));
    box.addEventListener("pointerleave", (event) => {
      if (event.pointerType !== "touch" && !tapped) closeSoon();
    });
    (document.querySelector("main") ?? document.body).append(box);
    return { box, name, others, definition, link };
  }

  function setText(target, text, language) {
    target.textContent = text;
    if (language) target.lang = language;
    else target.removeAttribute("lang");
  }

  function fill(link, [name, nameLanguage, others, definition, language]) {
    setText(card.name, name, nameLanguage);
    card.others.replaceChildren();
    for (const [code, text] of Object.entries(others)) {
      card.others.append(" ");
      setText(element("span", "glossary-card__other", card.others), text, code);
    }
    setText(card.definition, definition, language);
    card.link.textContent = words.more;
    card.link.href = link.href;
  }

  function open(link, byTap = false) {
    clearTimeout(timer);
    if (current === link && tapped === byTap) return;
    const data = terms?.[anchorOf(link)];
    if (!data || !link.isConnected) return;
    close();
    card ??= makeCard();
    fill(link, data);
    current = link;
    tapped = byTap;
    if (byTap) {
      card.box.setAttribute("role", "dialog");
      card.box.setAttribute("aria-labelledby", "glossary-card-head");
    }
    describe(link, true);
    card.box.classList.add("is-open");
    card.box.showPopover?.();
    place();
    if (byTap) card.box.focus({ preventScroll: true });
  }

  function close() {
    clearTimeout(timer);
    if (!current) return;
    const link = current;
    const held = inCard(document.activeElement);
    current = null;
    describe(link, false);
    card.box.classList.remove("is-open");
    if (card.box.matches(":popover-open")) card.box.hidePopover();
    card.box.removeAttribute("role");
    card.box.removeAttribute("aria-labelledby");
    if (held && link.isConnected) {
      silent = true;
      link.focus({ preventScroll: true });
      silent = false;
    }
  }

  /* A screen reader reads names and definition as the link's description. */
  function describe(link, on) {
    const own = (link.getAttribute("aria-describedby") ?? "")
      .split(" ")
      .filter((id) => id && !id.startsWith("glossary-card-"));
    if (on) own.push("glossary-card-head", "glossary-card-definition");
    if (own.length) link.setAttribute("aria-describedby", own.join(" "));
    else link.removeAttribute("aria-describedby");
  }

  const openSoon = (link) => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      load(() => link.matches(":hover") && link !== dismissed && open(link));
    }, OPEN_AFTER);
  };
  const closeSoon = () => {
    clearTimeout(timer);
    timer = setTimeout(close, CLOSE_AFTER);
  };

  /* Below the term, above it where there is more room; never outside the window. */
  function place() {
    if (!current) return;
    const lines = [...current.getClientRects()];
    const near = (line) => at && at.y >= line.top - 2 && at.y <= line.bottom + 2;
    const line = lines.find(near) ?? lines[0];
    if (!line || line.bottom < 0 || line.top > innerHeight) return close();
    const { style } = card.box;
    const width = document.documentElement.clientWidth;
    style.maxHeight = "";
    const size = card.box.getBoundingClientRect();
    const below = innerHeight - line.bottom - 2 * GAP;
    const above = line.top - 2 * GAP;
    const down = size.height <= below || below >= above;
    const height = Math.min(size.height, down ? below : above);
    style.maxHeight = `${Math.max(height, 80)}px`;
    style.top = `${down ? line.bottom + GAP : Math.max(GAP, line.top - GAP - height)}px`;
    style.left = `${Math.max(GAP, Math.min(line.left, width - size.width - GAP))}px`;
  }

  document.addEventListener("pointerover", (event) => {
    if (event.pointerType === "touch") return;
    const link = termOf(event.target);
    if (!link) return;
    at = { y: event.clientY };
    if (link === current) clearTimeout(timer);
    else if (link !== dismissed) openSoon(link);
  });
  document.addEventListener("pointerout", (event) => {
    if (event.pointerType === "touch" || tapped || !termOf(event.target)) return;
    const to = event.relatedTarget;
    if (termOf(event.target) === termOf(to) || inCard(to)) return;
    dismissed = null;
    closeSoon();
  });
  document.addEventListener("pointerdown", (event) => {
    pointer = event.pointerType;
    pressing = true;
    if (current && !inCard(event.target) && termOf(event.target) !== current) close();
    if (pointer === "touch" && termOf(event.target)) load(() => {});
  });
  document.addEventListener("keydown", (event) => {
    pointer = "";
    pressing = false;
    if (event.key !== "Escape" || !current) return;
    event.preventDefault();
    event.stopPropagation();
    dismissed = current;
    close();
  }, true);
  document.addEventListener("focusin", (event) => {
    if (pressing || silent) return;
    const link = termOf(event.target);
    if (link) at = null;
    // The data comes with a keyboard reader's first step, to be there at the first term.
    load(() => link && document.activeElement === link && open(link));
  });
  document.addEventListener("focusout", (event) => {
    const to = event.relatedTarget;
    if (!current || silent || inCard(to) || to === current) return;
    if (event.target === current || inCard(event.target)) close();
  });
  document.addEventListener("click", (event) => {
    pressing = false;
    const link = termOf(event.target);
    if (!link || pointer !== "touch" || event.defaultPrevented) return;
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    at = { y: event.clientY };
    if (link === current) return void close();
    load((there) => {
      if (there && terms[anchorOf(link)]) open(link, true);
      else location.href = link.href; // no data: the glossary page knows more
    });
  });
  addEventListener("scroll", ({ target }) => inCard(target) || place(), {
    passive: true,
    capture: true,
  });
  addEventListener("resize", place, { passive: true });
})();
