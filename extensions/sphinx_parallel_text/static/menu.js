/* The menu in the page's header: which way of reading, which language. */

const ICON =
  '<svg viewBox="0 0 24 24" width="20" height="20" fill="none" stroke="currentColor" stroke-width="2"' +
  ' stroke-linecap="round" aria-hidden="true"><path d="M3 6h7M3 10h7M3 14h7M3 18h4"/>' +
  '<path d="M14 6h7M14 10h7M14 14h7M14 18h4" opacity=".6"/></svg>';

const element = (name, properties = {}, ...children) => {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
};

const choices = (name, legend, options, chosen, choose) =>
  element(
    "fieldset",
    {},
    element("legend", { textContent: legend }),
    ...options.map(({ value, label, lang }) => {
      const input = element("input", { type: "radio", name, value, checked: value === chosen });
      input.addEventListener("change", () => choose(value));
      return element("label", {}, input, element("span", { textContent: label, lang: lang ?? "" }));
    }),
  );

const makeMenu = (onChange) => {
  const languages = SETTINGS.languages;
  const slot = document.querySelector(".parallel-text") ?? element("div", { className: "parallel-text" });
  if (!slot.isConnected) article().prepend(slot);
  const name = say("menu");
  const button = element("button", { type: "button", className: "btn btn-sm parallel-text__button", title: name });
  button.innerHTML = ICON;
  button.setAttribute("aria-label", name);
  button.setAttribute("aria-expanded", "false");
  button.setAttribute("aria-controls", "parallel-text-menu");
  const menu = element("div", { id: "parallel-text-menu", className: "parallel-text__menu", hidden: true });
  const modes = MODES.map((mode) => ({ value: mode, label: say(mode) }));
  menu.append(choices("parallel-text-mode", say("mode"), modes, currentMode(), (mode) => onChange({ mode })));
  if (languages.length > 1) {
    const options = languages.map(({ code, name: label, lang }) => ({ value: code, label, lang }));
    menu.append(
      choices("parallel-text-language", say("which"), options, state.language, (language) => onChange({ language })),
    );
  }
  if (SETTINGS.key) {
    const help = element("p", { className: "parallel-text__help" });
    help.append(...say("help", { key: SETTINGS.key.toUpperCase() }).split(/(\b[A-Z]\b|[↑↓])/).map((part) =>
      /^([A-Z]|[↑↓])$/.test(part) ? element("kbd", { textContent: part }) : part));
    menu.append(help);
  }
  menu.append(element("p", { className: "parallel-text__notice", hidden: true, role: "status" }));

  const open = (isOpen) => {
    menu.hidden = !isOpen;
    button.setAttribute("aria-expanded", String(isOpen));
    if (isOpen) menu.querySelector("input:checked")?.focus({ preventScroll: true });
  };
  button.addEventListener("click", () => open(menu.hidden));
  slot.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || menu.hidden) return;
    open(false);
    button.focus({ preventScroll: true });
  });
  document.addEventListener("pointerdown", (event) => {
    if (!menu.hidden && !slot.contains(event.target)) open(false);
  });
  slot.addEventListener("focusout", ({ relatedTarget }) => {
    if (relatedTarget && !slot.contains(relatedTarget)) open(false);
  });
  slot.append(button, menu);
};

const notify = (text) => {
  const notice = document.querySelector(".parallel-text__notice");
  if (!notice) return;
  notice.textContent = text;
  notice.hidden = !text;
};
