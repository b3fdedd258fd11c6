/* Light or dark, before anything is drawn: what the reader chose, else what the system has.
   The theme's own script, which runs later, listens to the button and to changes of the system. */
(() => {
  const root = document.documentElement;
  let mode = null;
  try {
    mode = localStorage.getItem("mode");
  } catch {
    /* Some browsers keep no storage for files or in private windows. */
  }
  if (!["light", "dark"].includes(mode)) mode = "auto";
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.mode = mode;
  root.dataset.theme = mode !== "auto" ? mode : dark ? "dark" : "light";
})();
