/* Attention to touch: weights of layers and heads, as a matrix or as lines between tokens.

   A page needs no call: every <figure class="attention-view"> that jumok.plotting.attention_view
   made is found and takes the place of its static picture. Another script feeds a view of its own:

     const view = JumokAttentionView.create(element, {
       weights,          // numbers from 0: nested [layer][head][query][key], or flat in that order
       layers, heads,    // how many: needed where `weights` is flat
       queries, keys,    // the tokens, as texts; `keys` may be left out for self-attention
       kind,             // "self" (default), "cross" or "alignment": chooses the words
       mask,             // truthy = may attend; nested or flat, (layers or 1, heads or 1, query, key);
       maskHeads,        // how many heads it has: where it is flat and that could be either
       label,            // what the view shows, for screen readers
       queryLabel, keyLabel, layerNames, headNames,         // words, in the page's language
       layer, head, view, choose, numbers,                  // what to begin with: 0 … | "mean" |
     });                                                    // "sum", "matrix" | "lines", query, bool
     view.update({ weights, queries, keys });  // any of the above, as a model goes on; what the
                                               // reader chose stays where it still exists, a mask
                                               // only where it is given again
     view.choose("query", 3);                  // or "key"; without a number: none
     view.element.addEventListener("attention-view:choose", ({ detail }) => …);
                                               // detail: { side, index, layer, head }

   Words come from the page: <script type="application/json" id="attention-view-words"> maps the
   English ones below to its language. Without it they stay English. */

"use strict";
(() => {
  // In a notebook each output brings this script; the first one has defined everything.
  if (globalThis.JumokAttentionView) {
    globalThis.JumokAttentionView.start();
    return;
  }

  const LABELS = { self: ["query", "key"], cross: ["written", "read"], alignment: ["written", "read"] };
  const LINE = 24;
  // From this weight on white is easier to read on a cell than the page's ink.
  const WHITE = 0.84;

  let words;
  const say = (text, values = {}) => {
    if (!words) {
      const element = document.getElementById("attention-view-words");
      words = element ? JSON.parse(element.textContent) : {};
    }
    return (words[text] ?? text).replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
  };

  const make = (tag, attributes = {}, ...children) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (value !== false) element.setAttribute(name, value === true ? "" : value);
    }
    element.append(...children);
    return element;
  };

  const clamp = (value, low, high) => Math.max(low, Math.min(high, value));
  const paint = (weight) => `rgb(37 99 235 / ${clamp(weight, 0, 1).toFixed(3)})`;
  const round = (weight) => (weight ? weight.toFixed(2) : "0");

  class View {
    constructor(element, data) {
      this.element = element;
      this.chosen = this.hovered = null;
      this.options = {};
      this.#build();
      this.update(data);
      const watcher = new ResizeObserver(() => {
        if (this.scroller.clientWidth !== this.drawnWidth) this.draw();
      });
      watcher.observe(this.scroller);
    }

    /* ── What is shown ──────────────────────────────────────────────── */

    update(changes) {
      const first = !this.data;
      const before = this.data ?? { kind: "self", layer: -1, head: "mean", view: "matrix" };
      const data = (this.data = { ...before, ...changes });
      if (changes.weights) {
        const { weights } = changes;
        if (Array.isArray(weights) && Array.isArray(weights[0])) {
          [data.layers, data.heads] = [weights.length, weights[0].length];
          data.weights = weights.flat(3);
        }
        if (changes.queries && !changes.keys) data.keys = changes.queries;
      }
      if (changes.weights && !changes.mask) data.mask = null;
      if (changes.mask) {
        const { mask } = changes;
        const nested = Array.isArray(mask) && Array.isArray(mask[0]);
        data.mask = nested ? mask.flat(3) : mask;
        const maps = data.mask.length / (data.queries.length * data.keys.length);
        data.maskHeads = changes.maskHeads ?? (nested ? mask[0].length : maps < data.heads ? 1 : data.heads);
      }
      data.layer = clamp(data.layer < 0 ? data.layers - 1 : data.layer, 0, data.layers - 1);
      if (data.heads === 1) data.head = 0;
      else if (typeof data.head === "number") data.head = clamp(data.head, 0, data.heads - 1);
      this.labels = LABELS[data.kind].map((label, side) =>
        (side ? data.keyLabel : data.queryLabel) || say(label));
      if (first || changes.queries || changes.keys) this.#nameTokens();
      this.#fillControls();
      if (first && data.choose >= 0) this.chosen = { side: "query", index: data.choose };
      this.draw();
    }

    choose(side, index) {
      const exists = index >= 0 && index < this.options[side].length;
      this.chosen = exists ? { side, index } : null;
      this.hovered = null;
      this.#mark();
      const { layer, head } = this.data;
      const detail = { ...this.chosen, layer, head };
      this.element.dispatchEvent(new CustomEvent("attention-view:choose", { detail, bubbles: true }));
    }

    /* The weights of the chosen layer and head, or of all heads together: (query, key). */
    #map() {
      const { weights, heads, layer, head, queries, keys } = this.data;
      const size = queries.length * keys.length;
      const of = (each) => {
        const start = (layer * heads + each) * size;
        return weights.slice(start, start + size);
      };
      if (typeof head === "number") return of(head);
      const total = new Float64Array(size);
      for (let each = 0; each < heads; each++) of(each).forEach((weight, i) => (total[i] += weight));
      return head === "sum" ? total : total.map((weight) => weight / heads);
    }

    /* Whether a mask hides a pair: from the chosen head, or from all of them. */
    #hides(pair) {
      const { mask, maskHeads, layer, head, queries, keys } = this.data;
      if (!mask) return false;
      const size = queries.length * keys.length;
      const first = mask.length / size > maskHeads ? layer * maskHeads : 0;
      const all = [...Array(maskHeads).keys()];
      const wanted = maskHeads > 1 && typeof head === "number" ? [head] : all;
      return wanted.every((each) => !mask[(first + each) * size + pair]);
    }

    /* ── Elements ───────────────────────────────────────────────────── */

    #build() {
      this.controls = make("div", { class: "attention-view__controls" });
      this.selects = {};
      for (const [name, label] of [["layer", "Layer"], ["head", "Head"], ["view", "View"]]) {
        const select = (this.selects[name] = make("select"));
        select.addEventListener("change", () => {
          const { value } = select;
          this.data[name] = /^\d+$/.test(value) ? Number(value) : value;
          this.draw();
        });
        this.controls.append(make("label", {}, `${say(label)} `, select));
      }
      this.numbers = make("input", { type: "checkbox" });
      this.numbers.addEventListener("change", () => {
        this.data.numbers = this.numbers.checked;
        this.draw();
      });
      this.controls.append(make("label", {}, this.numbers, ` ${say("Numbers")}`));

      this.svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
      this.svg.setAttribute("aria-hidden", "true");
      this.lists = {};
      for (const side of ["query", "key"]) {
        const list = (this.lists[side] = make("div", { role: "listbox", translate: "no" }));
        list.addEventListener("keydown", (event) => this.#key(event, side));
        list.addEventListener("click", ({ target }) => {
          const index = this.options[side].indexOf(target);
          const again = this.chosen?.side === side && this.chosen.index === index;
          this.choose(side, again ? -1 : index);
        });
        list.addEventListener("pointerover", ({ target, pointerType }) => {
          const index = this.options[side].indexOf(target);
          if (pointerType === "mouse" && index >= 0) this.#hover({ side, index });
        });
      }
      this.stage = make("div", { class: "attention-view__stage" }, this.svg, ...Object.values(this.lists));
      this.stage.addEventListener("pointerleave", () => this.#hover(null));
      this.svg.addEventListener("pointermove", (event) => {
        if (event.pointerType === "mouse") this.#hover(this.#pairAt(event));
      });
      this.svg.addEventListener("click", (event) => {
        const pair = this.#pairAt(event);
        if (pair) this.choose("query", pair.index);
      });
      this.scroller = make("div", { class: "attention-view__scroller" }, this.stage);
      this.status = make("p", { role: "status", class: "attention-view__status" });
      this.table = make("table");
      this.exactness = make("p");
      this.details = make("details", { class: "figure-numbers" },
        make("summary", {}, say("Show the numbers")), this.exactness, make("div", {}, this.table));
      this.details.addEventListener("toggle", () => this.#fillTable());
      const live = make("div", { class: "attention-view__live", role: "group" });
      live.append(this.controls, this.scroller, this.status, this.details);
      this.live = live;
      this.element.append(live);
    }

    #fillControls() {
      const { layers, heads, layer, head, view, layerNames, headNames, numbers, label } = this.data;
      const number = (text) => (_, i) => [i, say(text, { number: i + 1 })];
      const fill = (name, choices, value) => {
        const select = this.selects[name];
        select.replaceChildren(...choices.map(([key, text]) => new Option(text, key, false, key === value)));
        select.parentElement.hidden = choices.length < 2;
      };
      const named = (names, count, text) =>
        names ? names.map((name, i) => [i, name]) : Array.from({ length: count }, number(text));
      const together = [
        ["mean", say("Mean of {number} heads", { number: heads })],
        ["sum", say("Sum of {number} heads", { number: heads })],
      ];
      const single = named(headNames, heads, "Head {number}");
      fill("layer", named(layerNames, layers, "Layer {number}"), layer);
      fill("head", heads > 1 ? [...together, ...single] : single, head);
      fill("view", [["matrix", say("Matrix")], ["lines", say("Lines")]], view);
      this.numbers.checked = Boolean(numbers);
      if (label) this.live.setAttribute("aria-label", label);
    }

    #nameTokens() {
      for (const side of ["query", "key"]) {
        const tokens = side === "query" ? this.data.queries : this.data.keys;
        this.options[side] = tokens.map((token) =>
          make("div", { role: "option", tabindex: -1, "aria-selected": "false", title: token }, token));
        this.lists[side].replaceChildren(...this.options[side]);
        this.lists[side].setAttribute("aria-label", this.labels[side === "query" ? 0 : 1]);
        if (this.chosen?.side === side && !(this.chosen.index < tokens.length)) this.chosen = null;
      }
    }

    /* ── Drawing ────────────────────────────────────────────────────── */

    draw() {
      const width = (this.drawnWidth = this.scroller.clientWidth);
      if (!width) return;
      this.map = this.#map();
      this.largest = Math.max(1, ...this.map);
      this.stage.dataset.view = this.data.view;
      const widest = (side) => Math.max(...this.options[side].map((option) => {
        option.style.cssText = "";
        return option.offsetWidth;
      }));
      const widths = { query: widest("query") + 4, key: widest("key") + 4 };
      (this.data.view === "lines" ? this.#drawLines : this.#drawMatrix).call(this, width, widths);
      this.lists.key.setAttribute("aria-orientation", this.data.view === "lines" ? "vertical" : "horizontal");
      this.#mark();
      this.#fillTable();
    }

    #place(left, top, width, height, stageWidth, shapes) {
      this.stage.style.cssText = `width:${stageWidth}px;height:${top + height + 2}px`;
      this.svg.style.cssText = `left:${left}px;top:${top}px`;
      this.svg.setAttribute("width", width);
      this.svg.setAttribute("height", height);
      this.svg.innerHTML = shapes;
    }

    #drawMatrix(available, widths) {
      const { queries, keys, numbers } = this.data;
      const left = widths.query;
      const fit = (overhang) => Math.floor((available - left - overhang - 2) / keys.length);
      const smallest = numbers ? 34 : 14;
      let side = clamp(fit(0), smallest, 40);
      const slanted = widths.key > side;
      const overhang = slanted ? 0.66 * widths.key : 0;
      if (slanted) side = clamp(fit(overhang), smallest, 40);
      const top = Math.ceil(slanted ? 0.77 * widths.key + 16 : LINE);
      const row = clamp(side, 20, 36);
      this.cell = { side, row };
      const shapes = [];
      let strokes = "";
      const texts = [];
      this.map.forEach((weight, pair) => {
        const [query, key] = [Math.floor(pair / keys.length), pair % keys.length];
        const [x, y] = [key * side, query * row];
        const share = weight / this.largest;
        const hidden = this.#hides(pair);
        if (hidden) strokes += `M${x + 3} ${y + row - 3}L${x + side - 3} ${y + 3}`;
        else if (share >= 0.002) {
          shapes.push(`<rect data-query="${query}" data-key="${key}" x="${x}" y="${y}" width="${side}" ` +
            `height="${row}" fill-opacity="${share.toFixed(3)}"/>`);
        }
        if (numbers && !hidden) {
          texts.push(`<text x="${x + side / 2}" y="${y + row / 2 + 4}"` +
            `${share >= WHITE ? ' fill="#fff"' : ""}>${round(weight)}</text>`);
        }
      });
      const [width, height] = [keys.length * side, queries.length * row];
      this.#place(left, top, width, height, left + width + Math.ceil(overhang) + 2,
        `<g class="attention-view__ink">${shapes.join("")}</g><path class="attention-view__hidden" ` +
        `d="${strokes}"/><g class="attention-view__texts">${texts.join("")}</g>` +
        `<rect class="attention-view__frame" x=".5" y=".5" width="${width - 1}" height="${height - 1}"/>` +
        '<rect class="attention-view__mark" visibility="hidden"/>');
      this.options.query.forEach((option, i) => {
        option.style.cssText = `top:${top + i * row}px;left:0;width:${left - 2}px;height:${row}px;` +
          `line-height:${row}px;text-align:end`;
      });
      this.options.key.forEach((option, i) => {
        const x = left + i * side;
        option.style.cssText = slanted
          ? `left:${x + side / 2 - 3}px;top:${top - 20}px;transform:rotate(-50deg)`
          : `left:${x}px;top:0;width:${side}px;line-height:${LINE}px;padding:0;text-align:center`;
      });
    }

    #drawLines(available, widths) {
      const { queries, keys } = this.data;
      const gap = clamp(available - widths.query - widths.key - 44, 90, 260);
      const height = LINE * Math.max(queries.length, keys.length);
      const shapes = [];
      this.map.forEach((weight, pair) => {
        const share = weight / this.largest;
        if (share < 0.002 || this.#hides(pair)) return;
        const [query, key] = [Math.floor(pair / keys.length), pair % keys.length];
        shapes.push(`<line data-query="${query}" data-key="${key}" x1="0" y1="${(query + 0.5) * LINE}" ` +
          `x2="${gap}" y2="${(key + 0.5) * LINE}" stroke-opacity="${share.toFixed(3)}"/>`);
      });
      const start = widths.query + 2;
      this.#place(start, 0, gap, height, start + gap + widths.key + 42,
        `<g class="attention-view__ink">${shapes.join("")}</g>`);
      for (const side of ["query", "key"]) {
        this.options[side].forEach((option, i) => {
          option.style.cssText = `top:${i * LINE}px;line-height:${LINE}px;` + (side === "query"
            ? `left:0;width:${widths.query}px;text-align:end` : `left:${start + gap + 2}px`);
        });
      }
    }

    /* Show what the chosen token, or the one under the mouse, looks at. */
    #mark() {
      const current = this.hovered ?? this.chosen;
      const { keys, view, numbers } = this.data;
      for (const side of ["query", "key"]) {
        const entry = this.chosen?.side === side ? this.chosen.index : 0;
        this.options[side].forEach((option, i) => {
          option.setAttribute("aria-selected", String(this.chosen?.side === side && this.chosen.index === i));
          option.tabIndex = i === entry ? 0 : -1;
          const isCurrent = current?.side === side && current.index === i;
          option.classList.toggle("attention-view__current", isCurrent);
          const weight = current && current.side !== side ? this.#weight(current, i) : 0;
          option.style.background = weight ? paint(weight / this.largest) : "";
          option.style.color = weight / this.largest >= WHITE ? "#fff" : "";
          const show = view === "lines" && numbers && current && current.side !== side;
          if (show) option.dataset.weight = round(weight);
          else delete option.dataset.weight;
        });
      }
      const frame = this.svg.querySelector(".attention-view__mark");
      if (frame) {
        frame.setAttribute("visibility", current ? "visible" : "hidden");
        const { side, row } = this.cell;
        const isRow = current?.side === "query";
        const [width, height] = [keys.length * side, this.data.queries.length * row];
        const box = isRow ? [1, current.index * row + 1, width - 2, row - 2]
          : [(current?.index ?? 0) * side + 1, 1, side - 2, height - 2];
        ["x", "y", "width", "height"].forEach((name, i) => frame.setAttribute(name, box[i]));
      } else {
        for (const line of this.svg.querySelectorAll("line")) {
          const seen = !current || Number(line.dataset[current.side]) === current.index;
          line.style.display = seen ? "" : "none";
        }
      }
      this.#tell(current);
    }

    #pair({ side, index }, other) {
      const [query, key] = side === "query" ? [index, other] : [other, index];
      return query * this.data.keys.length + key;
    }

    #weight(current, other) {
      return this.map?.[this.#pair(current, other)] ?? 0;
    }

    /* A token by its name, and by its place where the name is there twice. */
    #name(side, index) {
      const tokens = side === "query" ? this.data.queries : this.data.keys;
      const twice = tokens.indexOf(tokens[index]) !== tokens.lastIndexOf(tokens[index]);
      const name = tokens[index].trim();
      return twice ? `${name} (${index + 1})` : name;
    }

    #tell(current) {
      if (!this.map) return;
      let text = say("Choose a token to see where it looks.");
      if (current) {
        const other = current.side === "query" ? "key" : "query";
        const token = this.#name(current.side, current.index);
        const all = this.options[other].map((_, i) => i);
        const hidden = all.filter((i) => this.#hides(this.#pair(current, i))).length;
        const named = (i) => `${this.#name(other, i)} ${round(this.#weight(current, i))}`;
        const strongest = all.filter((i) => this.#weight(current, i) >= 0.005)
          .sort((a, b) => this.#weight(current, b) - this.#weight(current, a)).slice(0, 4);
        const list = strongest.map(named).join(", ") || say("nothing");
        const reads = this.data.kind === "self";
        const sentence = current.side === "query"
          ? (reads ? "“{token}” looks at: {list}" : "To write “{token}”, the model looks at: {list}")
          : (reads ? "“{token}” is looked at by: {list}" : "“{token}” is looked at to write: {list}");
        text = say(sentence, { token, list });
        if (current.other >= 0) text = `${token} → ${named(current.other)}`;
        if (hidden) text += ` · ${say("hidden by the mask: {number}", { number: hidden })}`;
      }
      if (this.status.textContent !== text) this.status.textContent = text;
    }

    #fillTable() {
      if (!this.details.open || !this.map) return;
      const { queries, keys, error } = this.data;
      const exact = error && say("Each weight is exact to {error}.", { error: error.toPrecision(1) });
      this.exactness.textContent = exact || "";
      const head = make("tr", {}, make("th", { scope: "col" }, this.labels.join(" → ")),
        ...keys.map((token) => make("th", { scope: "col" }, token)));
      const rows = queries.map((token, query) => make("tr", {}, make("th", { scope: "row" }, token),
        ...keys.map((_, key) => {
          const pair = query * keys.length + key;
          return make("td", {}, this.#hides(pair) ? "–" : round(this.map[pair]));
        })));
      this.table.replaceChildren(make("thead", {}, head), make("tbody", {}, ...rows));
    }

    /* ── The reader ─────────────────────────────────────────────────── */

    #key(event, side) {
      const options = this.options[side];
      const at = options.indexOf(document.activeElement);
      const moves = { ArrowUp: -1, ArrowLeft: -1, ArrowDown: 1, ArrowRight: 1 };
      const places = { Home: 0, End: options.length - 1, Enter: at, " ": at };
      if (event.ctrlKey || event.altKey || event.metaKey) return;
      if (event.key === "Escape") this.choose(side, -1);
      else if (event.key in moves || event.key in places) {
        const index = places[event.key] ?? clamp(at + moves[event.key], 0, options.length - 1);
        this.choose(side, index);
        options[index].focus();
      } else return;
      event.preventDefault();
    }

    #pairAt({ clientX, clientY }) {
      if (this.data.view === "lines") return null;
      const box = this.svg.getBoundingClientRect();
      const { queries, keys } = this.data;
      const index = clamp(Math.floor((clientY - box.top) / this.cell.row), 0, queries.length - 1);
      const other = clamp(Math.floor((clientX - box.left) / this.cell.side), 0, keys.length - 1);
      return { side: "query", index, other };
    }

    #hover(next) {
      if (JSON.stringify(next) === JSON.stringify(this.hovered)) return;
      this.hovered = next;
      this.#mark();
    }
  }

  /* ── Views that stand in the page ───────────────────────────────── */

  const unpack = async ({ packed, shape, levels, scale, mask, ...rest }) => {
    const zipped = Uint8Array.from(atob(packed), (letter) => letter.charCodeAt(0));
    const stream = new Blob([zipped]).stream().pipeThrough(new DecompressionStream("deflate"));
    const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
    const [layers, heads, queries, keys] = shape;
    const size = layers * heads * queries * keys;
    // More than 256 levels: all high bytes, then all low ones.
    const wide = levels > 255;
    const weights = Float64Array.from({ length: size }, (_, i) =>
      ((wide ? bytes[i] * 256 + bytes[size + i] : bytes[i]) / levels) * scale);
    const error = scale / levels / 2;
    const data = { ...rest, layers, heads, weights, error, keys: rest.keys ?? rest.queries };
    if (mask) {
      const start = wide ? 2 * size : size;
      const bit = (_, i) => (bytes[start + (i >> 3)] >> (7 - (i & 7))) & 1;
      data.mask = Array.from({ length: mask[0] * mask[1] * queries * keys }, bit);
      data.maskHeads = mask[1];
    }
    return data;
  };

  const wordsOf = (figure, name) => {
    const cells = [...figure.querySelectorAll(`.attention-view__${name} th`)];
    return cells.length ? cells.map((cell) => cell.textContent) : undefined;
  };

  /* A browser that cannot unpack, and data that is broken, leave the static picture and table. */
  const bring = async (figure) => {
    if (figure.dataset.started || !globalThis.DecompressionStream) return;
    figure.dataset.started = "true";
    try {
      const data = await unpack(JSON.parse(figure.querySelector("script[type$=json]").textContent));
      const still = figure.querySelector(".attention-view__static");
      const view = create(figure, {
        ...data,
        label: still.querySelector("svg").getAttribute("aria-label"),
        queryLabel: wordsOf(figure, "labels")[0],
        keyLabel: wordsOf(figure, "labels")[1],
        layerNames: wordsOf(figure, "layers"),
        headNames: wordsOf(figure, "heads"),
      });
      still.hidden = true;
      view.draw();
    } catch (error) {
      figure.querySelector(".attention-view__live")?.remove();
      console.error("attention-view:", error);
    }
  };

  const create = (element, data) => new View(element, data);

  const start = () => {
    for (const figure of document.querySelectorAll("figure.attention-view")) bring(figure);
  };

  globalThis.JumokAttentionView = { create, start };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
