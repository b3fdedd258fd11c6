/* Menus behind a button, as Bootstrap marks them: data-bs-toggle="dropdown". Its script is 81 KB.

   The button opens and closes; Escape closes and gives the focus back; arrows, Home and End go
   through the entries; a press elsewhere closes, and so does leaving with Tab. A menu that would
   reach over an edge of the window is shifted into it. */
(() => {
  "use strict";
  const buttons = () => document.querySelectorAll("[data-bs-toggle=dropdown]");
  const menuOf = (button) => button.parentElement.querySelector(".dropdown-menu");
  const entriesOf = (menu) =>
    [...menu.querySelectorAll("a[href], button, input")].filter((each) => !each.disabled);

  const MARGIN = 4; /* pixels between a menu and the edge of the window */
  /* How far a menu has to go to the right (or, below 0, to the left) to lie within the window. */
  const shiftOf = (menu) => {
    const { left, right } = menu.getBoundingClientRect();
    const over = Math.max(0, right + MARGIN - document.documentElement.clientWidth);
    return left - over < MARGIN ? MARGIN - left : -over; /* too wide: its beginning counts */
  };

  const show = (button, open) => {
    const menu = menuOf(button);
    menu.classList.toggle("show", open);
    menu.dataset.bsPopper = "static"; /* Bootstrap's styles then place it under the button … */
    menu.style.transform = "none"; /* … and a theme that shifts it for Popper need not */
    const shift = open ? shiftOf(menu) : 0;
    if (shift) menu.style.transform = `translateX(${shift}px)`;
    button.classList.toggle("show", open);
    button.setAttribute("aria-expanded", String(open));
  };
  const isOpen = (button) => menuOf(button).classList.contains("show");
  const closeAll = (except) => {
    for (const each of buttons()) if (each !== except && isOpen(each)) show(each, false);
  };

  const onKey = (event, button) => {
    const menu = menuOf(button);
    if (event.key === "Escape" && isOpen(button)) {
      event.stopPropagation();
      show(button, false);
      button.focus();
      return;
    }
    if (!["ArrowDown", "ArrowUp", "Home", "End"].includes(event.key)) return;
    if (!isOpen(button) && document.activeElement !== button) return;
    event.preventDefault();
    if (!isOpen(button)) show(button, true);
    const entries = entriesOf(menu);
    const at = entries.indexOf(document.activeElement);
    const last = entries.length - 1;
    const next = {
      ArrowDown: at === last ? 0 : at + 1,
      ArrowUp: at <= 0 ? last : at - 1,
      Home: 0,
      End: last,
    }[event.key];
    entries[next]?.focus();
  };

  for (const button of buttons()) {
    const menu = menuOf(button);
    if (!menu) continue;
    button.setAttribute("aria-expanded", "false");
    button.addEventListener("click", () => {
      closeAll(button);
      show(button, !isOpen(button));
    });
    menu.addEventListener("click", ({ target }) => {
      if (target.closest(".dropdown-item")) show(button, false);
    });
    button.parentElement.addEventListener("keydown", (event) => onKey(event, button));
    button.parentElement.addEventListener("focusout", ({ relatedTarget }) => {
      if (relatedTarget && !button.parentElement.contains(relatedTarget)) show(button, false);
    });
  }
  document.addEventListener("pointerdown", ({ target }) => {
    for (const each of buttons()) {
      if (isOpen(each) && !each.parentElement.contains(target)) show(each, false);
    }
  });
})();
