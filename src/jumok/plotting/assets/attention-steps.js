/* From Q·K to output: five linked tables that follow numbers which the reader edits.

   Every <figure class="attention-steps"> that jumok.plotting.attention_steps made is found. Its
   tables of queries, keys, values and mask become fields; scores, scaled scores, masked scores,
   weights and output are computed here, as jumok.attention computes them.

   JumokAttentionSteps.compute({ query, key, value, mask }) gives { scores, scaled, masked, weights,
   output }: all rows of numbers; `mask` (true = may attend) may be left out. A query that may attend
   to nothing gets zeros. */

"use strict";
(() => {
  if (globalThis.JumokAttentionSteps) {
    globalThis.JumokAttentionSteps.start();
    return;
  }

  const dot = (a, b) => a.reduce((sum, value, i) => sum + value * b[i], 0);

  const softmax = (scores) => {
    const largest = Math.max(...scores);
    // Nothing may be attended to: no weight, and not 0/0.
    if (largest === -Infinity) return scores.map(() => 0);
    const powers = scores.map((score) => Math.exp(score - largest));
    const sum = powers.reduce((a, b) => a + b, 0);
    return powers.map((power) => power / sum);
  };

  const compute = ({ query, key, value, mask }) => {
    const root = Math.sqrt(query[0].length);
    const scores = query.map((q) => key.map((k) => dot(q, k)));
    const scaled = scores.map((row) => row.map((score) => score / root));
    const masked = scaled.map((row, i) =>
      row.map((score, j) => (!mask || mask[i][j] ? score : -Infinity)));
    const weights = masked.map(softmax);
    const output = weights.map((row) => value[0].map((_, column) => dot(row, value.map((v) => v[column]))));
    return { scores, scaled, masked, weights, output };
  };

  const HUES = ["37 99 235", "194 65 12"];
  // From this opacity on, white is easier to read than the page's ink.
  const WHITE = 0.84;

  let words;
  const say = (text, values = {}) => {
    if (!words) {
      const element = document.getElementById("attention-view-words");
      words = element ? JSON.parse(element.textContent) : {};
    }
    return (words[text] ?? text).replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
  };

  const show = (number) => {
    if (number === -Infinity) return "−∞";
    const text = Math.abs(number) >= 1000 ? number.toPrecision(3) : number.toFixed(2);
    return Number(text) === 0 ? (number === 0 ? "0" : "0.00") : text.replace("-", "−");
  };

  /* A number as people write it: with a minus sign, a decimal comma, or as a fraction. */
  const parse = (text) => {
    const plain = text.trim().replace("−", "-").replace(",", ".");
    const [, top, , bottom] = plain.match(/^([-+]?(\d+\.?\d*|\.\d+))(?:\/(\d+\.?\d*|\.\d+))?$/) ?? [];
    const number = top === undefined ? NaN : Number(top) / (bottom === undefined ? 1 : Number(bottom));
    return Math.abs(number) <= 1000 ? number : NaN;
  };

  class Steps {
    constructor(figure) {
      this.figure = figure;
      this.tables = {};
      for (const table of figure.querySelectorAll("table[data-step]")) {
        const rows = [...table.tBodies[0].rows].map((row) => [...row.querySelectorAll("td")]);
        this.tables[table.dataset.step] = { rows, label: table.caption.textContent.trim() };
      }
      for (const name of ["query", "key", "value"]) this.#fields(name);
      this.#boxes();
      this.status = document.createElement("p");
      this.status.setAttribute("role", "status");
      this.status.className = "attention-steps__status";
      this.reset = document.createElement("button");
      this.reset.type = "button";
      this.reset.textContent = say("Start again");
      this.reset.addEventListener("click", () => this.#restore());
      figure.querySelector(".attention-steps__grid").after(this.status, this.reset);
      for (const [name, { rows }] of Object.entries(this.tables)) {
        rows.forEach((cells, row) => cells.forEach((cell, column) => {
          const link = () => this.#link(name, row, column);
          cell.addEventListener("pointerenter", link);
          cell.addEventListener("focusin", link);
          cell.addEventListener("pointerleave", () => this.#link());
          cell.addEventListener("focusout", () => this.#link());
        }));
      }
      this.#restore();
    }

    /* A place by the names at its row and column. */
    #place(name, row, column) {
      const cell = this.tables[name].rows[row][column];
      const table = cell.closest("table");
      const head = table.tHead?.rows[0].cells[column + 1]?.textContent ?? column + 1;
      return `${this.tables[name].label}, ${cell.parentElement.cells[0].textContent}, ${head}`;
    }

    #fields(name) {
      this.tables[name].rows.forEach((cells, row) => cells.forEach((cell, column) => {
        const field = document.createElement("input");
        field.type = "text";
        field.inputMode = "decimal";
        field.defaultValue = cell.dataset.value;
        field.setAttribute("aria-label", this.#place(name, row, column));
        field.addEventListener("input", () => this.#check(field));
        cell.replaceChildren(field);
      }));
    }

    #boxes() {
      this.tables.mask.rows.forEach((cells, row) => cells.forEach((cell, column) => {
        const box = document.createElement("input");
        box.type = "checkbox";
        box.defaultChecked = cell.dataset.value === "1";
        box.setAttribute("aria-label", this.#place("mask", row, column));
        box.addEventListener("change", () => this.draw());
        cell.replaceChildren(box);
      }));
    }

    #restore() {
      for (const name of ["query", "key", "value", "mask"]) {
        for (const field of this.tables[name].rows.flat().map((cell) => cell.firstChild)) {
          field.value = field.defaultValue;
          field.checked = field.defaultChecked;
          this.#complain(field, "");
        }
      }
      this.draw();
    }

    #check(field) {
      const wrong = Number.isNaN(parse(field.value));
      this.#complain(field, wrong ? say("Write a number from −1000 to 1000, such as 0.5 or 1/3.") : "");
      this.draw();
    }

    /* What is wrong is said at the field, and to whoever listens. */
    #complain(field, message) {
      let note = field.nextElementSibling;
      field.setAttribute("aria-invalid", String(Boolean(message)));
      if (!message) {
        note?.remove();
        field.removeAttribute("aria-describedby");
        return;
      }
      if (!note) {
        note = document.createElement("span");
        note.className = "attention-steps__error";
        note.id = `attention-steps-error-${Steps.errors++}`;
        field.after(note);
        field.setAttribute("aria-describedby", note.id);
      }
      note.textContent = message;
    }

    #numbers(name) {
      return this.tables[name].rows.map((cells) => cells.map((cell) => parse(cell.firstChild.value)));
    }

    draw() {
      const [query, key, value] = ["query", "key", "value"].map((name) => this.#numbers(name));
      const wrong = [query, key, value].flat(2).some(Number.isNaN);
      this.figure.classList.toggle("attention-steps--waiting", wrong);
      if (wrong) {
        this.status.textContent = say("The pictures wait until every field holds a number.");
        return;
      }
      const mask = this.tables.mask.rows.map((cells) => cells.map((cell) => cell.firstChild.checked));
      const steps = compute({ query, key, value, mask });
      for (const [name, rows] of Object.entries(steps)) this.#paint(name, rows);
      const empty = steps.masked.filter((row) => row.every((score) => score === -Infinity)).length;
      this.status.textContent = empty
        ? say("A query that may attend to nothing gets zeros.")
        : say("Point to a cell, or move into a field, to see what belongs to it.");
    }

    #paint(name, rows) {
      const finite = rows.flat().filter(Number.isFinite);
      const largest = name === "weights" ? 1 : Math.max(...finite.map(Math.abs), 1e-9);
      this.tables[name].rows.forEach((cells, row) => cells.forEach((cell, column) => {
        const number = rows[row][column];
        const opacity = Number.isFinite(number) ? Math.abs(number) / largest : 0;
        cell.textContent = show(number);
        cell.style.background = `rgb(${HUES[number < 0 ? 1 : 0]} / ${opacity.toFixed(3)})`;
        cell.style.color = opacity >= WHITE ? "#fff" : "";
      }));
    }

    /* What a cell is made of, and what is made of it. */
    #link(name, row, column) {
      const pairs = ["mask", "scores", "scaled", "masked", "weights"];
      for (const [other, { rows }] of Object.entries(this.tables)) {
        rows.forEach((cells, i) => cells.forEach((cell, j) => {
          let linked = false;
          if (pairs.includes(name)) {
            linked = pairs.includes(other) ? i === row && j === column
              : other === "query" || other === "output" ? i === row : i === column;
          } else if (name === "query" || name === "output") {
            linked = !["key", "value"].includes(other) && i === row;
            if (name === "output" && other === "value") linked = j === column;
            if (name === "output" && other === "output") linked = i === row && j === column;
          } else if (name) {
            linked = pairs.includes(other) ? j === row
              : ["key", "value"].includes(other) ? i === row : name === "value" && other === "output" && j === column;
          }
          cell.classList.toggle("attention-steps__linked", linked);
        }));
      }
    }
  }
  Steps.errors = 0;

  const start = () => {
    for (const figure of document.querySelectorAll("figure.attention-steps:not([data-started])")) {
      figure.dataset.started = "true";
      new Steps(figure);
    }
  };

  globalThis.JumokAttentionSteps = { compute, start };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
