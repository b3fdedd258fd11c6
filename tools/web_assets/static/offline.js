/* Lets pages be read without a network: see service-worker.js. Not for pages opened from a file.

   The worker is told what this page has loaded, for it wasn't there to see it the first time. If
   the reader stays, and the connection is neither slow nor saved, it fetches the rest of the book
   in this language, page by page. */
(() => {
  "use strict";
  const STAYS = 10000; // ms
  if (!/^https?:$/.test(location.protocol) || !navigator.serviceWorker) return;
  const language = new URL(document.documentElement.dataset.content_root ?? "./", location.href);
  const root = new URL("../", language);

  const begin = async () => {
    try {
      await navigator.serviceWorker.register(new URL("service-worker.js", root), { updateViaCache: "none" });
    } catch {
      return; // some browsers have no workers in private windows
    }
    const { active } = await navigator.serviceWorker.ready;
    const loaded = performance.getEntriesByType("resource").map(({ name }) => name);
    active.postMessage({ visited: [location.href, ...loaded] });
    const { saveData, effectiveType = "4g" } = navigator.connection ?? {};
    if (saveData || effectiveType !== "4g") return;
    const book = language.pathname.slice(root.pathname.length, -1);
    setTimeout(() => active.postMessage({ keep: book }), STAYS);
  };
  if (document.readyState === "complete") begin();
  else addEventListener("load", begin);
})();
