/* What the reader chose, kept from page to page: a mode and a language. */

const STORE = "parallel-text";
const MODES = ["off", "reveal", "columns"];

const state = (() => {
  let saved = null;
  try {
    saved = JSON.parse(localStorage.getItem(STORE));
  } catch {
    /* Some browsers keep no storage for files or in private windows. */
  }
  saved = saved && typeof saved === "object" ? saved : {};
  const codes = SETTINGS.languages.map(({ code }) => code);
  return {
    /* Undefined until the reader chooses: what the site suggests may change. */
    mode: MODES.includes(saved.mode) ? saved.mode : undefined,
    /* After a switch of the page's language, the one just left is the other one. */
    language: [saved.language, saved.page, codes[0]].find((code) => codes.includes(code)),
  };
})();

const currentMode = () => state.mode ?? SETTINGS.default;

const otherLanguage = () => SETTINGS.languages.find(({ code }) => code === state.language);

const say = (name, values = {}) =>
  SETTINGS.words[name].replace(/\{(\w+)\}/g, (whole, key) => values[key] ?? whole);

const save = () => {
  try {
    localStorage.setItem(STORE, JSON.stringify({ ...state, page: SETTINGS.language }));
  } catch {
    /* The choice then holds for this page. */
  }
};
