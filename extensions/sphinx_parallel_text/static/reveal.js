/* One passage at a time: a small button at the end of each.
 *
 * All buttons together are one stop of the Tab key, at the passage being read; from there the
 * arrows go on. A key reveals that passage from anywhere. */

let units = [];
let pointed = null; /* the unit under the pointer */

class Unit {
  /* A paragraph by itself; the cells of a row, which are too many for a button each. */
  constructor(members, index) {
    this.members = members;
    this.index = index;
    this.button = document.createElement("button");
    this.button.type = "button";
    this.button.className = "parallel-text__toggle";
    this.button.tabIndex = -1;
    this.button.addEventListener("click", (event) => {
      event.preventDefault();
      event.stopPropagation();
      this.toggle();
    });
    this.button.addEventListener("keydown", (event) => moveFrom(this, event));
    this.place();
  }

  get element() {
    return this.members[0].element;
  }

  get open() {
    return this.button.getAttribute("aria-expanded") === "true";
  }

  /* Inside the passage, after its last word; but no button inside what is one itself. */
  place() {
    const { element } = this.members.at(-1);
    const details = element.closest("summary")?.parentElement;
    const panel = element.closest("label")?.nextElementSibling;
    if (!details && !panel) {
      const end = document.createElement("span");
      end.className = "parallel-text__end";
      end.append(this.button);
      const link = element.querySelector(":scope > .headerlink");
      if (link) link.before(end);
      else element.append(end);
      return;
    }
    const anchor = document.createElement("div");
    anchor.className = "parallel-text__anchor";
    anchor.append(this.button);
    if (details) details.before(anchor);
    else panel.prepend(anchor);
  }

  name(language) {
    const name = say("show", { language: language.called });
    /* Whoever speaks to the computer says what is written on the button. */
    const whole = name.toLowerCase().includes(language.mark.toLowerCase());
    this.button.setAttribute("aria-label", whole ? name : `${name} (${language.mark})`);
    this.button.dataset.mark = language.mark;
    this.button.lang = SETTINGS.language.replace("_", "-");
    this.button.setAttribute("aria-expanded", "false");
  }

  async toggle() {
    if (this.open) {
      this.close();
      return;
    }
    const language = otherLanguage();
    this.button.setAttribute("aria-expanded", "true");
    const fragments = await load(language.code);
    if (!this.open || language !== otherLanguage()) return;
    for (const pair of this.members) pair.show(language, fragments);
    this.quieten();
  }

  /* In a row, cells that are the same in both languages needn't say so, unless all are. */
  quieten() {
    const told = this.members.filter(({ other }) => !other.matches(".parallel-text__other--same"));
    for (const pair of told.length ? this.members : this.members.slice(1)) {
      if (pair.other.matches(".parallel-text__other--same")) pair.hide();
    }
  }

  close() {
    this.button.setAttribute("aria-expanded", "false");
    for (const pair of this.members) pair.hide();
  }
}

const makeUnits = () => {
  const groups = new Map();
  for (const pair of pairs) {
    const group = pair.element.closest("tr, .line-block") ?? pair.element;
    groups.set(group, [...(groups.get(group) ?? []), pair]);
  }
  units = [...groups.values()].map((members, index) => new Unit(members, index));
  const observer = new IntersectionObserver(() => {
    if (!document.activeElement?.matches(".parallel-text__toggle")) makeStop(firstInWindow());
  });
  for (const unit of units) observer.observe(unit.element);
  makeStop(units[0]);
};

const unitOf = (element) => {
  const host = element?.closest?.("[data-p], .parallel-text__anchor, tr, .line-block");
  return host && units.find((unit) =>
    unit.members.some((pair) => pair.element === host || host.contains(pair.element)) ||
    host.contains(unit.button));
};

const inWindow = ({ element }, header = headerHeight()) => {
  const { top, bottom } = element.getBoundingClientRect();
  return bottom > header + 8 && top < window.innerHeight && visible(element);
};

const firstInWindow = () => {
  const header = headerHeight();
  return units.find((unit) => inWindow(unit, header));
};

const makeStop = (unit) => {
  if (!unit) return;
  for (const each of units) each.button.tabIndex = each === unit ? 0 : -1;
};

const focus = (unit) => {
  makeStop(unit);
  unit.button.focus();
};

const moveFrom = (unit, event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const there = units.filter((each) => each === unit || visible(each.element));
  const place = there.indexOf(unit);
  const target = {
    ArrowDown: there[place + 1],
    ArrowUp: there[place - 1],
    Home: there[0],
    End: there.at(-1),
  };
  if (event.key in target) {
    event.preventDefault();
    if (target[event.key]) focus(target[event.key]);
  } else if (event.key === "Escape" && unit.open) {
    unit.close();
  }
};

/* The passage meant by the key: the one in focus, under the pointer, or first in the window. */
const unitInReading = () =>
  [unitOf(document.activeElement), pointed].find((unit) => unit && inWindow(unit)) ?? firstInWindow();

const onKey = (event) => {
  const { key, code, target } = event;
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || !SETTINGS.key) return;
  if (currentMode() !== "reveal" || target.isContentEditable) return;
  if (target.matches?.("input, textarea, select")) return;
  /* On a keyboard that writes Hangul or Cyrillic, the key is known by its place. */
  const latin = /^[\x20-\x7e]$/.test(key);
  const pressed = latin ? key.toLowerCase() === SETTINGS.key : code === `Key${SETTINGS.key.toUpperCase()}`;
  const unit = pressed && unitInReading();
  if (!unit) return;
  event.preventDefault();
  unit.toggle();
  focus(unit);
};
