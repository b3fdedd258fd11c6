/* Where no page is: search for what the address says, in the address's language.
 *
 * /ko/transformer/attention-mask.html becomes a search for "attention mask" in the Korean pages. The
 * search is the site's own; this script only tells it where it is and what to look for.  Without it
 * the page still has its links, in every language.
 */
"use strict";
(() => {
  const { base, languages } = document.currentScript.dataset;
  const known = languages.split(" ");
  const path = location.pathname.startsWith(base) ? location.pathname.slice(base.length) : "";
  const parts = path.split("/").filter(Boolean);

  const remembered = () => {
    try {
      return localStorage.getItem("language");
    } catch {
      return null; /* no storage here */
    }
  };
  /* As the landing page does: the address's language, the one chosen before, the browser's. */
  const wanted = [remembered(), ...(navigator.languages ?? [navigator.language])].filter(Boolean);
  const byName = (tag) => known.find((code) => code.replace("_", "-").toLowerCase() === tag.toLowerCase().replace("_", "-"))
    ?? known.find((code) => code === tag.toLowerCase().split(/[-_]/)[0]);
  const language = known.find((code) => code === parts[0]) ?? wanted.map(byName).find(Boolean) ?? known[0];

  const decode = (text) => {
    try {
      return decodeURIComponent(text);
    } catch {
      return text; /* a lone % */
    }
  };
  const words = decode(parts.filter((part) => !known.includes(part)).at(-1) ?? "")
    .normalize("NFC")
    .replace(/\.(html?|md|ipynb|py)$/i, "")
    .replace(/[-_+.]+/g, " ")
    .trim();

  document.documentElement.dataset.content_root = `${base}${language}/`;

  const section = document.querySelector(`section[data-language="${language}"]`);
  if (!section) return;
  document.documentElement.lang = section.lang;
  for (const other of document.querySelectorAll("section[data-language]")) {
    other.hidden = other !== section;
  }
  document.title = `${section.querySelector("h1").textContent} · Jumok`;
  if (!words || words === "index") return;
  const found = section.querySelector(".found");
  found.dataset.koreanSearch = "page";
  found.dataset.query = words;
  found.dataset.quiet = ""; /* the page begins with what has happened, not with the field */
  found.hidden = false;
})();
