// Paper is white: a page that is read in dark mode is printed in its light colours.
(() => {
  const root = document.documentElement;
  let before = null;

  const begin = () => {
    if (before !== null || root.dataset.theme !== "dark") return;
    before = root.dataset.theme;
    root.dataset.theme = "light";
  };
  const end = () => {
    if (before !== null) root.dataset.theme = before;
    before = null;
  };

  addEventListener("beforeprint", begin);
  addEventListener("afterprint", end);
  matchMedia("print").addEventListener("change", ({ matches }) => (matches ? begin() : end()));
})();
