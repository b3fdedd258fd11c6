// What scrolls sideways gets a tab stop, so that the arrow keys can scroll it; what fits has none.
(() => {
  const selector = document.currentScript.dataset.selector;
  const ours = "accessibleScrolling";

  function update(element) {
    const style = getComputedStyle(element);
    const scrolls =
      (element.scrollWidth > element.clientWidth && /auto|scroll/.test(style.overflowX)) ||
      (element.scrollHeight > element.clientHeight && /auto|scroll/.test(style.overflowY));
    if (scrolls && !element.hasAttribute("tabindex")) {
      element.tabIndex = 0;
      element.dataset[ours] = "";
    } else if (!scrolls && ours in element.dataset) {
      element.removeAttribute("tabindex");
      delete element.dataset[ours];
    }
  }

  const observer = new ResizeObserver((entries) => entries.forEach((entry) => update(entry.target)));
  document.querySelectorAll(JSON.parse(selector)).forEach((element) => observer.observe(element));
})();
