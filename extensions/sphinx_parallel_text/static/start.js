/* Start: ask for the other language at once if it will be shown, show it when the page is there. */

const root = document.documentElement;
const article = () => document.querySelector("article, [role=main], main") ?? document.body;

const showColumns = (language, fragments) => {
  for (const pair of pairs) pair.show(language, fragments, { columns: true });
};

const apply = async () => {
  const mode = currentMode();
  const language = otherLanguage();
  const fragments = mode === "columns" ? await load(language.code) : null;
  if (mode !== currentMode() || language !== otherLanguage()) return; /* chosen again meanwhile */
  const absent = mode === "columns" && fragments === null;
  notify(absent ? say("absent", { language: language.called }) : "");
  keepingPlace(() => {
    if (mode === "reveal" && units.length === 0) makeUnits();
    for (const unit of units) {
      unit.close();
      unit.name(language);
    }
    for (const pair of pairs) pair.hide();
    root.dataset.parallelText = absent ? "off" : mode;
    if (mode === "columns" && !absent) showColumns(language, fragments);
  });
};

/* The place that the address names has moved if anything was put in above it. */
const returnToAnchor = () => {
  let target = null;
  try {
    target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  } catch {
    /* The anchor of a hand-made address need not be well encoded. */
  }
  target?.scrollIntoView({ behavior: "instant" });
};

const begin = async () => {
  pairs = [...article().querySelectorAll("[data-p]")].map((each) => new Pair(each));
  if (!pageName() || pairs.length === 0) return;
  save();
  makeMenu((change) => {
    Object.assign(state, change);
    save();
    apply();
  });
  document.addEventListener("keydown", onKey);
  document.addEventListener("pointerover", ({ target }) => {
    pointed = unitOf(target) ?? null;
  });
  await apply();
  if (root.classList.contains("parallel-text--pending")) {
    root.classList.remove("parallel-text--pending");
    if (location.hash) returnToAnchor();
  }
};

if (SETTINGS.languages.length > 0) {
  if (currentMode() === "columns" && pageName()) load(state.language);
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin);
  else begin();
}
