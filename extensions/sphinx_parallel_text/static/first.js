/* Before the page is drawn: a text that will be shown in two columns is held back until they are there.
   The main script may come later, at the end of the page. */
(() => {
  const root = document.documentElement;
  let mode = DEFAULT;
  try {
    mode = JSON.parse(localStorage.getItem("parallel-text"))?.mode ?? mode;
  } catch {
    /* Some browsers keep no storage for files or in private windows. */
  }
  if (mode !== "columns" || !document.querySelector('meta[name="parallel-text"]')) return;
  root.classList.add("parallel-text--pending");
  /* Better a page that moves than none, if the other language is slow to come. */
  setTimeout(() => root.classList.remove("parallel-text--pending"), 1500);
})();
