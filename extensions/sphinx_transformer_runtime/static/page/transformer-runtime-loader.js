// Loads program and model of a translator when the reader scrolls near or asks for them. The
// addresses stand in data-src-program and data-src-model, relative to the page, so that whoever
// renames static files can find and rewrite them as it does src.
"use strict";
(() => {
  const NEAR = "300px"; // so far below the screen a translator begins to load

  /** A script of the page's own site; from a file, too. Each is loaded once. */
  const scripts = new Map();
  function load(source) {
    if (!scripts.has(source)) {
      scripts.set(source, new Promise((resolve, reject) => {
        const script = document.createElement("script");
        script.src = source;
        script.addEventListener("load", resolve);
        script.addEventListener("error", () => {
          scripts.delete(source); // the reader may try again
          reject(new Error(source));
        });
        document.head.append(script);
      }));
    }
    return scripts.get(source);
  }

  async function start(host, settings, button, status) {
    const { words, replaces } = settings;
    const hadFocus = document.activeElement === button; // which a disabled button loses
    button.disabled = true;
    status.textContent = words.loading;
    try {
      await load(host.dataset.srcProgram);
      await load(host.dataset.srcModel);
    } catch {
      status.textContent = words.failed;
      button.disabled = false;
      return;
    }
    const widget = await globalThis.TransformerRuntime.start(host, settings);
    button.remove();
    status.remove();
    if (hadFocus && document.activeElement === document.body) widget.input.focus();
    for (const recorded of replaces ? document.querySelectorAll(replaces) : []) {
      recorded.classList.add("replaced-by-runtime");
    }
    host.classList.add("is-running");
  }

  for (const host of document.querySelectorAll(".transformer-runtime")) {
    const settings = JSON.parse(host.querySelector("script").textContent);
    const button = document.createElement("button");
    const status = document.createElement("span");
    button.type = "button";
    button.textContent = settings.words.start;
    status.setAttribute("role", "status");
    button.addEventListener("click", () => start(host, settings, button, status));
    host.append(button, " ", status);
    if (navigator.connection?.saveData) continue; // who saves data is asked
    const observer = new IntersectionObserver((entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      observer.disconnect();
      if (!button.disabled && button.isConnected) button.click();
    }, { rootMargin: NEAR });
    observer.observe(host);
  }
})();
