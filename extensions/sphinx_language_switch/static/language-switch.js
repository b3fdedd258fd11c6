/* The language switch without this script leads to the same page. With it, it leads to the same
 * section, and the landing page remembers the choice. */
"use strict";
(() => {
  const links = document.querySelectorAll(".language-switch__link");

  const inView = (element) => {
    const { top, bottom } = element.getBoundingClientRect();
    return bottom > 0 && top < window.innerHeight;
  };

  /* The anchor the reader came by while its target is in view, else the section that fills the
   * upper part of the window, else (at the top of the page) nothing. */
  const place = () => {
    let named = null;
    try {
      named = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    } catch {
      /* The anchor of a hand-made address need not be well encoded. */
    }
    const article = document.querySelector("article, [role=main]");
    if (named && named.id && article?.contains(named) && inView(named)) return named.id;
    let current = "";
    for (const section of article?.querySelectorAll("section[id]") ?? []) {
      if (section.getBoundingClientRect().top > window.innerHeight * 0.35) break;
      current = section.parentElement.closest("section") ? section.id : "";
    }
    return current;
  };

  /* Whatever way the link is about to be followed: click, new tab, context menu, keyboard. */
  const aim = (event) => {
    const link = event.currentTarget;
    const id = place();
    link.hash = id ? `#${encodeURIComponent(id)}` : "";
    link.search = location.search;
  };

  const remember = (event) => {
    aim(event);
    try {
      localStorage.setItem("language", event.currentTarget.dataset.language);
    } catch {
      /* Some browsers keep no storage for files or in private windows. */
    }
  };

  for (const link of links) {
    for (const event of ["pointerdown", "focus", "contextmenu"]) link.addEventListener(event, aim);
    for (const event of ["click", "auxclick"]) link.addEventListener(event, remember);
  }
})();
