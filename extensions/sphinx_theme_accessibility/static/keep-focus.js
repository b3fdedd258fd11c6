// The themes take the focus off a button of the header once it is pressed (their tooltips would stay
// otherwise), and then have nowhere to return to when a dialog closes. Whoever uses the keyboard
// would begin at the top again.
(() => {
  let opener = null;

  const isLost = () => [null, document.body].includes(document.activeElement);

  document.addEventListener(
    "click",
    (event) => {
      const button = event.target.closest?.("button");
      if (!button || button.closest("dialog")) return;
      opener = button;
      if (event.detail) return; // by mouse or touch
      setTimeout(() => {
        if (isLost() && button.isConnected) button.focus({ preventScroll: true });
      }, 0);
    },
    true,
  );

  for (const dialog of document.querySelectorAll("dialog")) {
    dialog.addEventListener("close", () =>
      setTimeout(() => {
        if (isLost() && opener?.isConnected) opener.focus({ preventScroll: true });
      }, 0),
    );
  }
})();
