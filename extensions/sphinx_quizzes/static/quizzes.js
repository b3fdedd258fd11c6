/* Questions that answer back: the static page has them with their answers folded away, this makes
 * forms of them.
 *
 * What the reader has done stays in this browser, under one key of localStorage (jumok-quizzes here):
 *     {"transformer/masks": {"which-axis": {"right": true, "tries": 2}, …}, …}
 * page, question, whether it was ever answered right, and how many tries it took (until it was). All
 * languages of the book share it; other scripts may read it. */
"use strict";
(() => {
  const boxes = [...document.querySelectorAll(".quiz")];
  if (!boxes.length) return;
  const KEY = boxes[0].dataset.key;
  const WORDS = JSON.parse(boxes[0].dataset.words);
  let denied = null; /* what this page knows where the browser keeps nothing */

  // -- progress ---------------------------------------------------------------------------------

  function recall() {
    if (denied) return denied;
    try {
      const known = JSON.parse(localStorage.getItem(KEY) ?? "{}");
      return known && typeof known === "object" && !Array.isArray(known) ? known : {};
    } catch {
      return {};
    }
  }

  function keep(all) {
    try {
      if (Object.keys(all).length) localStorage.setItem(KEY, JSON.stringify(all));
      else localStorage.removeItem(KEY);
    } catch {
      denied = all;
    }
  }

  const known = (page, id) => {
    const entry = recall()[page]?.[id];
    return entry && typeof entry === "object" ? entry : {};
  };

  function note(page, id, right) {
    const all = recall();
    const before = known(page, id);
    if (before.right) return;
    const tries = (Number.isInteger(before.tries) ? before.tries : 0) + 1;
    all[page] = { ...all[page], [id]: { right, tries } };
    keep(all);
  }

  // -- elements ---------------------------------------------------------------------------------

  function make(tag, className = "", text = "") {
    const made = document.createElement(tag);
    if (className) made.className = className;
    made.textContent = text;
    return made;
  }

  function button(text, className, act) {
    const made = make("button", `quiz-button ${className}`, text);
    made.type = "button";
    if (act) made.addEventListener("click", act);
    return made;
  }

  const filled = (words, values) => words.replace(/\{(\w+)\}/g, (_, name) => values[name]);

  /* A copy of what the page says already, without what must be there once. */
  function copy(element) {
    const copied = element.cloneNode(true);
    copied.querySelectorAll("button, [class*=parallel]").forEach((each) => each.remove());
    for (const each of [copied, ...copied.querySelectorAll("*")]) {
      each.removeAttribute("id");
      each.removeAttribute("data-p");
    }
    return copied;
  }

  /* What a screen reader says of an element: formulas once. */
  function plain(element) {
    const copied = copy(element);
    copied.querySelectorAll(".katex-html, annotation, .translation-mark").forEach((each) => each.remove());
    return copied.textContent.trim().replace(/\s+/g, " ");
  }

  // -- what readers type: 1,024 and ２×８×５, in brackets or not ------------------------------------

  function parseNumber(typed) {
    let text = typed.normalize("NFKC").replace(/\s+/g, "").replace(/[−–]/g, "-").replace(/%$/, "");
    if (/^[-+]?\d{1,3}(,\d{3})+(\.\d+)?$/.test(text)) text = text.replaceAll(",", "");
    else if (/^[-+]?\d+,\d+$/.test(text)) text = text.replace(",", ".");
    const fraction = /^([-+]?\d+(?:\.\d+)?)\/(\d+(?:\.\d+)?)$/.exec(text);
    if (fraction) return fraction[1] / fraction[2];
    return /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(text) ? Number(text) : NaN;
  }

  function parseShape(typed) {
    const text = typed.normalize("NFKC").replace(/torch\.Size|[()[\]{}]/gi, " ");
    const parts = text.split(/[\s,×xㅌᄐ*·、;]+/i).filter(Boolean); /* ㅌ: x on a Korean keyboard */
    return parts.length && parts.every((part) => /^\d+$/.test(part)) ? parts.map(Number) : null;
  }

  // -- the kinds: each has inputs, and judges an answer -------------------------------------------
  //    judge() gives null while there is no answer, a sentence if it can't be read,
  //    else {right, reasons}: elements whose text explains it.

  const reasons = (question) => [...question.querySelectorAll(".quiz-reasons > li")];
  const mainReason = (question) => question.querySelector(".quiz-answer > .quiz-why");
  const explained = (question, item) =>
    item ? [...item.children].filter((each) => each.matches("p:not(.quiz-solution)")) : [];

  function judged(question, right, item) {
    if (right) return { right, reasons: [mainReason(question)] };
    return { right, reasons: explained(question, item), said: item ? "" : WORDS.unknown };
  }

  function choice(question) {
    const several = "several" in question.dataset;
    const items = [...question.querySelectorAll(".quiz-options > li")];
    const inputs = items.map((item, index) => {
      const input = make("input");
      input.type = several ? "checkbox" : "radio";
      input.name = question.id;
      const text = item.querySelector("p");
      text.id = `${question.id}-choice-${index + 1}`;
      input.setAttribute("aria-labelledby", text.id);
      item.prepend(input);
      item.addEventListener("click", (event) => {
        if (!event.target.closest("a, button, input")) input.click();
      });
      return input;
    });
    const judge = () => {
      const ticked = inputs.map((input) => input.checked);
      if (!ticked.includes(true)) return null;
      const correct = items.map((item) => "correct" in item.dataset);
      const right = ticked.every((tick, index) => tick === correct[index]);
      const told = reasons(question).filter((_, index) => ticked[index] && (right || !correct[index]));
      const list = told.flatMap((item) => [...item.children].filter((p) => p.matches("p:not(.quiz-verdict)")));
      return { right, reasons: list, said: right || !several ? "" : WORDS.several };
    };
    const clear = () => inputs.forEach((input) => { input.checked = false; });
    return { parts: [], judge, clear, first: () => inputs[0] };
  }

  function typed(question) {
    const { kind, answer, tolerance = "0" } = question.dataset;
    const wanted = JSON.parse(answer);
    const label = make("label", "quiz-typed", WORDS[kind]);
    const input = make("input");
    input.type = "text";
    input.autocomplete = "off";
    input.spellcheck = false;
    if (kind === "number") input.inputMode = "decimal";
    label.append(input);
    const same = (one, other) =>
      kind === "shape"
        ? one.length === other.length && one.every((size, index) => size === other[index])
        : Math.abs(one - other) <= Number(tolerance) * (1 + 1e-9);
    const judge = () => {
      if (!input.value.trim()) return null;
      const value = kind === "shape" ? parseShape(input.value) : parseNumber(input.value);
      if (value === null || Number.isNaN(value)) return kind === "shape" ? WORDS.badShape : WORDS.badNumber;
      const right = same(value, wanted);
      const item = reasons(question).find((each) => same(value, JSON.parse(each.dataset.value)));
      return judged(question, right, item);
    };
    const clear = () => { input.value = ""; };
    return { parts: [label], judge, clear, first: () => input };
  }

  function order(question) {
    const list = question.querySelector(".quiz-items");
    const shown = [...list.children];
    const said = make("div", "quiz-moved");
    said.setAttribute("role", "status");
    const ends = () => {
      for (const item of list.children) {
        const [up, down] = item.querySelectorAll(".quiz-move");
        up.setAttribute("aria-disabled", String(item === list.firstElementChild));
        down.setAttribute("aria-disabled", String(item === list.lastElementChild));
      }
    };
    const move = (item, up, pressed) => {
      const other = up ? item.previousElementSibling : item.nextElementSibling;
      if (!other) return;
      if (up) other.before(item);
      else other.after(item);
      ends();
      pressed.focus(); /* moving an element takes the focus from it */
      const places = { item: plain(item.querySelector("p")), count: shown.length };
      said.textContent = filled(WORDS.moved, { ...places, place: [...list.children].indexOf(item) + 1 });
    };
    for (const item of shown) {
      const name = { item: plain(item.querySelector("p")) };
      const moves = make("span", "quiz-moves");
      for (const [up, words, sign] of [[true, WORDS.up, "↑"], [false, WORDS.down, "↓"]]) {
        const made = button(sign, "quiz-move", () => move(item, up, made));
        made.setAttribute("aria-label", filled(words, name));
        moves.append(made);
      }
      item.append(moves);
    }
    ends();
    const judge = () => {
      const places = [...list.children].map((item) => Number(item.dataset.place));
      const right = places.every((place, index) => place === index + 1);
      const before = (early, late) => places.indexOf(Number(early)) < places.indexOf(Number(late));
      const item = reasons(question).find(({ dataset }) => before(dataset.early, dataset.late));
      return judged(question, right, item);
    };
    const clear = () => { list.append(...shown); ends(); said.textContent = ""; };
    return { parts: [said], judge, clear, first: () => list.querySelector("button:not([aria-disabled=true])") };
  }

  function bug(question) {
    const listing = question.querySelector(".quiz-code pre");
    const lines = listing.innerHTML.replace(/\n$/, "").split("\n");
    listing.textContent = "";
    const inputs = lines.map((html, index) => {
      const input = make("input");
      input.type = "radio";
      input.name = question.id;
      input.value = index + 1;
      const line = make("label", "quiz-line");
      const code = make("span");
      code.innerHTML = `${html}\n`;
      line.append(input, code);
      listing.append(line);
      return input;
    });
    const judge = () => {
      const line = inputs.find((input) => input.checked)?.value;
      if (!line) return null;
      const item = reasons(question).find(({ dataset }) => dataset.line === line);
      return judged(question, line === question.dataset.line, item);
    };
    const clear = () => inputs.forEach((input) => { input.checked = false; });
    return { parts: [], judge, clear, first: () => inputs[0] };
  }

  const KINDS = { choice, number: typed, shape: typed, order, bug };

  // -- a question -------------------------------------------------------------------------------

  function build(question, page, changed) {
    const { id, kind } = question.dataset;
    const details = question.querySelector(".quiz-answer");
    const before = [...question.children].filter((each) => each !== details);
    const text = question.querySelector(".quiz-text");
    text.id = `${question.id}-text`;
    const form = make("form", "quiz-form");
    const group = make("fieldset", "quiz-group");
    const feedback = make("div", "quiz-feedback");
    feedback.id = `${question.id}-feedback`;
    feedback.setAttribute("role", "status");
    /* A legend can hold neither the paragraph nor the other language below it. */
    group.setAttribute("aria-labelledby", text.id);
    group.setAttribute("aria-describedby", feedback.id);
    const { parts, judge, clear, first } = KINDS[kind](question);
    const again = button(WORDS.again, "quiz-again", () => {
      clear();
      tell("", "");
      again.hidden = true;
      first().focus();
    });
    const check = button(WORDS.check, "quiz-check");
    check.type = "submit";
    again.hidden = true;
    const buttons = make("div", "quiz-buttons");
    buttons.append(check, again);
    group.append(...before, ...parts, buttons);
    form.append(group, feedback);
    question.prepend(form);

    function tell(verdict, state, more = []) {
      feedback.className = `quiz-feedback ${state}`;
      feedback.replaceChildren();
      if (verdict) feedback.append(make("p", "quiz-verdict", verdict), ...more);
    }

    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const result = judge();
      if (result === null || typeof result === "string") {
        tell(result ?? WORDS.nothing, "quiz-feedback--unread");
        return;
      }
      const { right, said } = result;
      const more = [...(said ? [make("p", "", said)] : []), ...result.reasons.map(copy)];
      tell(right ? WORDS.right : WORDS.wrong, `quiz-feedback--${right ? "right" : "wrong"}`, more);
      again.hidden = false;
      note(page, id, right);
      changed();
    });

    const mark = make("p", "quiz-before", WORDS.before);
    mark.hidden = true;
    text.after(mark);
    return {
      reset() { clear(); tell("", ""); again.hidden = true; },
      show() {
        const done = known(page, id).right === true;
        question.classList.toggle("quiz-question--done", done);
        mark.hidden = !done || feedback.classList.contains("quiz-feedback--right");
        return done;
      },
    };
  }

  // -- a quiz -----------------------------------------------------------------------------------

  const quizzes = boxes.map((box) => {
    const page = box.dataset.quiz;
    const status = make("p", "quiz-count");
    status.setAttribute("role", "status");
    const show = () => {
      const right = questions.filter((question) => question.show()).length;
      const count = questions.length;
      const words = filled(right === count ? WORDS.done : WORDS.count, { right, count });
      status.textContent = denied ? `${words} ${WORDS.denied}` : words;
    };
    const all = () => quizzes.forEach((quiz) => quiz.show());
    /* In a preview that executes nothing there is no answer to compare with: null. */
    const ready = [...box.querySelectorAll(".quiz-question:not([data-answer=null])")];
    const questions = ready.map((each) => build(each, page, all));

    const erase = button(WORDS.erase, "quiz-erase", () => ask(true));
    erase.setAttribute("aria-expanded", "false");
    const sure = make("div", "quiz-sure");
    sure.setAttribute("role", "group");
    sure.setAttribute("aria-label", WORDS.sure);
    sure.hidden = true;
    const no = button(WORDS.no, "", () => ask(false));
    const yes = button(WORDS.yes, "", () => {
      keep({});
      quizzes.forEach((quiz) => quiz.reset());
      all();
      status.textContent = `${WORDS.erased} ${status.textContent}`;
      ask(false);
    });
    sure.append(make("p", "", WORDS.sure), yes, no);
    sure.addEventListener("keydown", ({ key }) => { if (key === "Escape") ask(false); });
    function ask(open) {
      sure.hidden = !open;
      erase.setAttribute("aria-expanded", String(open));
      (open ? no : erase).focus();
    }
    const foot = make("div", "quiz-foot");
    foot.append(status, erase, sure);
    box.append(foot);
    box.classList.add("quiz--live");
    return { show, reset: () => questions.forEach((question) => question.reset()) };
  });

  const show = () => quizzes.forEach((quiz) => quiz.show());
  show();
  window.addEventListener("storage", ({ key }) => { if (key === KEY || key === null) show(); });
  window.addEventListener("pageshow", ({ persisted }) => { if (persisted) show(); });

  /* On paper the answers stand open. */
  let opened = [];
  window.addEventListener("beforeprint", () => {
    opened = [...document.querySelectorAll(".quiz-answer:not([open])")];
    opened.forEach((each) => { each.open = true; });
  });
  window.addEventListener("afterprint", () => opened.forEach((each) => { each.open = false; }));
})();
