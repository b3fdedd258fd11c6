// What scrolls gets a tab stop, so that the arrow keys can scroll it, and a name, so that whoever
// hears the page knows where they are; what fits has neither.
(() => {
  const words = document.currentScript.dataset;
  const ours = "accessibleScrolling";

  function scrolls(element) {
    const style = getComputedStyle(element);
    return (
      (element.scrollWidth > element.clientWidth && /auto|scroll/.test(style.overflowX)) ||
      (element.scrollHeight > element.clientHeight && /auto|scroll/.test(style.overflowY))
    );
  }

  function nameOf(element) {
    if (element.matches(".katex-display, .MathJax, .math")) return words.nameFormula;
    if (element.closest(".output, .cell_output") && !element.querySelector("figure, svg, img, table")) {
      return element.closest("figure") ? words.nameFigure : words.nameOutput;
    }
    if (element.matches("pre")) return words.nameCode;
    if (element.matches("figure") || element.querySelector("figure")) return words.nameFigure;
    if (element.querySelector("table")) return words.nameTable;
    return words.nameOther;
  }

  function update(element) {
    const wide = scrolls(element);
    if (wide && !(ours in element.dataset)) {
      const given = [];
      const give = (attribute, value) => {
        if (element.hasAttribute(attribute)) return;
        element.setAttribute(attribute, value);
        given.push(attribute);
      };
      give("tabindex", "0");
      if (!element.hasAttribute("aria-labelledby")) give("aria-label", nameOf(element));
      if (!element.matches("figure, table")) give("role", "group");
      element.dataset[ours] = given.join(" ");
    } else if (!wide && ours in element.dataset) {
      for (const attribute of element.dataset[ours].split(" ").filter(Boolean)) {
        element.removeAttribute(attribute);
      }
      delete element.dataset[ours];
    }
  }

  const observer = new ResizeObserver((entries) => entries.forEach((entry) => update(entry.target)));
  const elements = document.querySelectorAll(JSON.parse(words.selector));
  elements.forEach((element) => observer.observe(element));
  // A font that comes late makes a formula wider, and the box around it stays as it is.
  document.fonts?.ready.then(() => elements.forEach(update));
})();
