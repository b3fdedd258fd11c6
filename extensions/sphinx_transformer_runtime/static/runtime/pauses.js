// Sharing the page's one thread: whoever computes for long lets the page draw and answer in between.

const SLICE = 12; // milliseconds after which it is the page's turn

function pause(milliseconds = 0) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** A function to await now and then: it pauses if its turn has lasted for a slice. */
function turns() {
  let since = performance.now();
  return async () => {
    if (performance.now() - since < SLICE) return;
    await pause();
    since = performance.now();
  };
}
