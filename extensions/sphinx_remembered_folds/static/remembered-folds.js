// Folded parts of a page: remembered, opened all at once, open on paper; long outputs fold.
(() => {
  const words = document.currentScript.dataset;
  const article =
    document.querySelector("article") ?? document.querySelector("main, .body") ?? document.body;
  const folds = [...article.querySelectorAll("details")].filter(
    (fold) => !words.foldExclude || !fold.matches(words.foldExclude),
  );

  // -- what a reader opened or closed ------------------------------------------------------------

  const place = `folds:${location.pathname}`;

  function read() {
    try {
      return JSON.parse(localStorage.getItem(place)) ?? {};
    } catch {
      return {}; // no storage, or not ours: nothing is remembered
    }
  }

  function write(state) {
    try {
      if (Object.keys(state).length) localStorage.setItem(place, JSON.stringify(state));
      else localStorage.removeItem(place);
    } catch {
      // As above.
    }
  }

  // The id of what a fold stands in, and its number there: edits elsewhere leave them alone.
  const numbers = new Map();
  function keyOf(fold) {
    if (fold.id) return fold.id;
    const around = fold.closest("[id]")?.id ?? "";
    const number = (numbers.get(around) ?? 0) + 1;
    numbers.set(around, number);
    return `${around}:${number}`;
  }

  let printing = false;
  const remembered = read();
  const remember = new Map(); // for each fold what notes its state
  for (const fold of folds) {
    const key = keyOf(fold);
    const usual = fold.open;
    if (key in remembered) fold.open = remembered[key];
    remember.set(fold, () => {
      const state = read(); // another window may have written
      if (fold.open === usual) delete state[key];
      else state[key] = fold.open;
      write(state);
    });
    fold.addEventListener("toggle", () => {
      update();
      if (!printing) remember.get(fold)();
    });
  }

  // An address may lead into what is folded.
  function reveal() {
    let target = null;
    try {
      target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    } catch {
      return; // no address of ours
    }
    let opened = false;
    for (let fold = target?.closest("details"); fold; fold = fold.parentElement.closest("details")) {
      opened ||= !fold.open;
      fold.open = true;
    }
    if (opened) target.scrollIntoView();
  }
  addEventListener("hashchange", reveal);

  // -- all at once -------------------------------------------------------------------------------

  const all = article.querySelector(".folds-all");
  const areOpen = () => folds.every((fold) => fold.open);
  function update() {
    if (all) all.textContent = areOpen() ? words.foldClose : words.foldOpen;
  }
  all?.addEventListener("click", () => {
    const open = !areOpen();
    for (const fold of folds) {
      fold.open = open;
      remember.get(fold)(); // the event comes later, perhaps after the page is gone
    }
    update();
  });
  update();

  // -- paper -------------------------------------------------------------------------------------

  let closed = [];
  const begin = () => {
    if (printing) return;
    printing = true;
    closed = folds.filter((fold) => !fold.open);
    for (const fold of closed) fold.open = true;
  };
  const end = () => {
    for (const fold of closed) fold.open = false;
    closed = [];
    setTimeout(() => (printing = false), 0); // after the events of closing
  };
  addEventListener("beforeprint", begin);
  addEventListener("afterprint", end);

  // -- long outputs ------------------------------------------------------------------------------

  for (const output of article.querySelectorAll(".long-output")) {
    const lines = /long-output-(\d+)/.exec(output.className)[1];
    const text = output.querySelector("pre");
    output.style.setProperty("--long-output-lines", words.foldLines);
    text.setAttribute("role", "group");
    text.setAttribute("aria-label", words.foldOutput.replace("{lines}", lines));
    const button = document.createElement("button");
    button.type = "button";
    button.className = "long-output__button";
    const fold = (isFolded) => {
      output.classList.toggle("is-folded", isFolded);
      text.tabIndex = isFolded ? 0 : -1;
      button.setAttribute("aria-expanded", String(!isFolded));
      button.textContent = (isFolded ? words.foldMore : words.foldLess).replace("{lines}", lines);
    };
    button.addEventListener("click", () => {
      const isFolded = !output.classList.contains("is-folded");
      fold(isFolded);
      if (isFolded) output.scrollIntoView({ block: "nearest" });
    });
    fold(true);
    output.append(button);
  }

  if (location.hash) reveal();
})();
