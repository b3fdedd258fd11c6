// A click on the link beside a cell, an equation or a figure copies its address, and says so.
(() => {
  const words = document.currentScript.dataset;
  const links = document.querySelectorAll("a.cell-anchor");
  if (!links.length) return;

  const said = document.createElement("div");
  said.className = "cell-anchor-said";
  said.setAttribute("role", "status");
  (document.querySelector("main") ?? document.body).append(said);
  let silence = 0;

  function say(text) {
    clearTimeout(silence);
    said.textContent = "";
    // Two changes in one go would be none for a screen reader that has heard the text before.
    setTimeout(() => (said.textContent = text), 50);
    silence = setTimeout(() => (said.textContent = ""), 4000);
  }

  // Where there is no clipboard for pages, as in older browsers from file://: select and copy.
  function copySelected(text, focused) {
    const field = document.createElement("textarea");
    field.value = text;
    field.readOnly = true;
    field.style.cssText = "position:fixed;top:0;opacity:0";
    document.body.append(field);
    field.select();
    let done = false;
    try {
      done = document.execCommand("copy");
    } catch {
      // The browser refuses: the reader is told.
    }
    field.remove();
    focused.focus({ preventScroll: true });
    return done;
  }

  async function copy(text, link) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      return copySelected(text, link);
    }
  }

  for (const link of links) {
    const { kind } = link.dataset;
    link.title = words[`address${kind[0].toUpperCase()}${kind.slice(1)}`];
    link.setAttribute("aria-label", link.title);
    link.addEventListener("click", async (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
      event.preventDefault();
      try {
        history.replaceState(history.state, "", link.hash); // no jump: the reader is there already
      } catch {
        location.hash = link.hash;
      }
      say((await copy(link.href, link)) ? words.addressCopied : words.addressFailed);
    });
  }
})();
