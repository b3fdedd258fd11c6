// The translator on the page: a line to type in, and views of a translation that step with it.

const DELAY = 250; // milliseconds without a key before what was typed is translated
const PACE = 800; // milliseconds of a step while it plays

class Widget {
  constructor(host, translator, { words, examples }) {
    this.host = host;
    this.translator = translator;
    this.words = words;
    this.kind = KINDS[0];
    this.beamSize = 4;
    this.run = 0; // counts translations: an older one stops when a newer one begins
    this.build(examples);
    this.input.value = examples[0];
  }

  build(examples) {
    const { words } = this;
    this.input = element("input", {
      type: "text", class: "tr-input", autocomplete: "off", spellcheck: "false", "aria-label": words.text,
    });
    this.listenForText();
    const form = element("form", {
      submit: (event) => { event.preventDefault(); this.translate({ play: true }); },
    }, this.input, element("button", { type: "submit" }, words.translate), this.beamChoice());
    const clicks = examples.map((example) =>
      element("button", { type: "button", class: "notranslate", click: () => {
        this.input.value = example;
        this.translate();
      } }, example),
    );
    this.status = element("p", { class: "tr-status", role: "status" });
    this.read = element("p", { class: "tr-tokens notranslate" });
    this.written = element("div", {
      class: "tr-tokens notranslate", role: "group", "aria-label": words.written, keydown: (event) => this.arrow(event),
    });
    this.tree = element("div");
    this.beam = element("div", { class: "tr-beam" });
    this.attention = element("div");
    this.views = element("div", { hidden: true },
      this.controls(),
      element("p", { class: "tr-title" }, words.read), this.read,
      element("p", { class: "tr-title" }, words.written), this.written,
      element("p", { class: "tr-title" }, words.beam), this.tree, this.beam,
      ...this.attentionPart(),
    );
    this.host.append(
      form,
      element("div", { class: "tr-examples", role: "group", "aria-label": words.examples }, ...clicks),
      this.status,
      this.views,
    );
  }

  /** Translate what is typed, but no half Hangul: an input method says when a syllable stands. */
  listenForText() {
    const soon = () => {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.translate(), DELAY);
    };
    this.input.addEventListener("input", (event) => event.isComposing || soon());
    this.input.addEventListener("compositionend", soon);
  }

  select(label, options, chosen, change) {
    const select = element("select", { change: () => change(select.value) },
      ...options.map(([value, text]) =>
        element("option", { value, selected: String(value) === String(chosen) }, text),
      ),
    );
    return element("label", {}, `${label} `, select);
  }

  beamChoice() {
    const sizes = [1, 2, 4, 8].map((size) => [size, String(size)]);
    return this.select(this.words.size, sizes, this.beamSize, (value) => {
      this.beamSize = Number(value);
      this.translate();
    });
  }

  /** A choice of the three attentions, and the page's own component that draws them, if it is there. */
  attentionPart() {
    const { words } = this;
    if (!globalThis.JumokAttentionView) return [];
    const kinds = KINDS.map((kind) => [kind, words[kind]]);
    const choice = this.select(words.which, kinds, this.kind, (value) => {
      this.kind = value;
      this.drawAttention();
    });
    this.attention.className = "attention-view";
    this.attention.addEventListener("attention-view:choose", ({ detail: { side, index } }) => {
      const isToken = this.kind !== "encoder" && side === "query";
      if (isToken && index !== this.token) this.look(index, { focus: false });
    });
    const title = element("p", { class: "tr-title" }, words.attention);
    return [title, element("p", { class: "tr-choices" }, choice), this.attention];
  }

  controls() {
    const { words } = this;
    const button = (text, label, click) =>
      element("button", { type: "button", "aria-label": label, title: label, click }, text);
    this.slider = element("input", {
      type: "range", min: 1, "aria-label": words.slider, input: () => this.go(Number(this.slider.value)),
    });
    this.player = button("▶", words.play, () => (this.playing ? this.stop() : this.play()));
    return element("p", { class: "tr-controls", role: "group", "aria-label": words.steps },
      button("◀", words.back, () => this.go(this.step)),
      this.slider,
      button("▶|", words.forward, () => this.go(this.step + 2)),
      this.player,
    );
  }

  /** Say it on the page, and to who listens to it. */
  say(text, isProblem = false) {
    this.status.classList.toggle("tr-problem", isProblem);
    this.status.textContent = text;
  }

  async translate({ play = false } = {}) {
    clearTimeout(this.timer);
    this.stop();
    const run = ++this.run;
    const text = this.translator.source.normalize(this.input.value);
    const problem = problemOf(text, this.translator);
    this.input.setAttribute("aria-invalid", String(Boolean(problem)));
    if (problem) {
      this.views.hidden = true;
      this.say(this.explain(problem), true);
      return;
    }
    const isStale = () => run !== this.run;
    const translation = await translate(text, this.translator, { beamSize: this.beamSize, isStale });
    if (!translation) return;
    this.translation = translation;
    this.place = 0;
    this.views.hidden = false;
    this.slider.max = translation.beams.length;
    this.show(translation.beams.length - 1);
    this.say(`${translation.text} → ${translation.result}`);
    if (play && !matchMedia("(prefers-reduced-motion: reduce)").matches) this.play();
  }

  /** What is wrong with a text, in the reader's words. */
  explain(problem) {
    const { words } = this;
    const main = fill(words[problem.problem], problem);
    if (problem.from) return `${main} ${fill(words.numbers, problem)}`;
    if (problem.words) return `${main} ${fill(words.alike, { words: problem.words.join(", ") })}`;
    return main;
  }

  /** Look at step number 1, 2, … and say what happened in it. */
  go(number) {
    this.stop();
    const { beams } = this.translation;
    this.place = 0;
    this.show(Math.max(1, Math.min(number, beams.length)) - 1);
    this.announce();
  }

  announce() {
    const { beams } = this.translation;
    const hypothesis = beams[this.step][this.place];
    const token = tokenAt(hypothesis, this.step, this.translator.target);
    this.say(fill(this.words[token ? "stepped" : "waited"], {
      step: this.step + 1,
      steps: beams.length,
      token,
      probability: number(hypothesis.steps.at(-1)),
    }));
  }

  show(step) {
    this.step = step;
    this.slider.value = step + 1;
    this.slider.setAttribute("aria-valuetext", fill(this.words.step, { step: step + 1, steps: this.slider.max }));
    this.token = this.hypothesis.ids.length - 1;
    this.draw();
  }

  get hypothesis() {
    return this.translation.beams[this.step][this.place];
  }

  draw() {
    const { words, translation, hypothesis, translator: { target } } = this;
    const beam = translation.beams[this.step];
    this.read.replaceChildren(...translation.sourceTokens.map((token) => element("span", { class: "token" }, shown(token))));
    this.written.replaceChildren(...hypothesis.ids.map((id, i) =>
      element("button", {
        type: "button", class: "token", "aria-pressed": String(i === this.token), click: () => this.look(i),
      }, shown(target.vocabulary[id])),
    ));
    const tree = drawTree(translation, this.step, this.place, target, words);
    this.tree.replaceChildren(tree);
    const isLast = this.step === translation.beams.length - 1;
    tree.scrollLeft = isLast ? tree.scrollWidth : (tree.scrollWidth * this.step) / translation.beams.length - 60;
    this.beam.replaceChildren(drawBeam(beam, this.place, target, words, (place) => {
      this.place = place;
      this.token = this.hypothesis.ids.length - 1;
      this.draw();
      this.beam.querySelector(`[data-place="${place}"]`).focus();
    }));
    this.drawAttention();
  }

  drawAttention() {
    if (!globalThis.JumokAttentionView) return;
    const { translation, hypothesis, translator: { target } } = this;
    const label = this.words[this.kind];
    const data = { ...attentionOf(this.kind, translation, hypothesis, target), label };
    if (this.map) this.map.update(data);
    else this.map = JumokAttentionView.create(this.attention, data);
    if (this.kind !== "encoder") this.map.choose("query", this.token);
  }

  /** Look at one of the written tokens. */
  look(token, { focus = true } = {}) {
    this.token = token;
    this.draw();
    if (focus) this.written.children[token].focus();
  }

  /** The arrows lead from token to token. */
  arrow(event) {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!by || !this.written.children[this.token + by]) return;
    event.preventDefault();
    this.look(this.token + by);
  }

  async play() {
    const { beams } = this.translation;
    const playing = (this.playing = {}); // another play, or none, puts an end to this one
    this.setPlayer("⏸", this.words.pause);
    this.place = 0;
    for (let step = 0; step < beams.length; step++) {
      this.show(step);
      await pause(PACE);
      if (this.playing !== playing) return;
    }
    this.stop();
    this.announce();
  }

  stop() {
    this.playing = null;
    this.setPlayer("▶", this.words.play);
  }

  setPlayer(text, label) {
    this.player.textContent = text;
    this.player.setAttribute("aria-label", label);
    this.player.title = label;
  }
}
