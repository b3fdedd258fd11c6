// The beam as a tree that grows, and as a table that says the same.

const LETTER = 9; // pixels, about
const ROW = 34;

/** Which place each hypothesis of the past must have had to lead to this one: one for each step. */
function pathTo(beams, step, place) {
  const path = [];
  for (let i = step; i >= 0; i--) {
    path[i] = place;
    place = beams[i][place].parent;
  }
  return path;
}

/** The last token of a hypothesis at a step; none where it was finished before. */
function tokenAt(hypothesis, step, target) {
  return step < hypothesis.ids.length ? shown(target.vocabulary[hypothesis.ids[step]]) : "";
}

/** Columns are steps, rows are places in the beam; lines lead from parents to children. */
function drawTree({ beams }, step, place, target, words) {
  const path = pathTo(beams, step, place);
  const size = Math.max(...beams.map((beam) => beam.length));
  const tokens = beams.flatMap((beam, i) => beam.map((each) => tokenAt(each, i, target)));
  const widthOf = (token) => 14 + LETTER * token.length;
  const column = Math.max(...tokens.map(widthOf)) + 18; // pixels from step to step
  const x = (i) => (i + 0.5) * column;
  const y = (row) => row * ROW + ROW / 2;
  const lines = [];
  const labels = [];
  for (let i = 0; i <= step; i++) {
    beams[i].forEach((hypothesis, row) => {
      const chosen = path[i] === row ? "chosen" : null;
      if (i > 0) {
        const from = { x: x(i - 1), y: y(hypothesis.parent) };
        lines.push(element("svg:path", {
          d: `M${from.x},${from.y} C${from.x + column / 2},${from.y} ${x(i) - column / 2},${y(row)} ${x(i)},${y(row)}`,
          class: chosen,
        }));
      }
      const token = tokenAt(hypothesis, i, target);
      if (!token) {
        labels.push(element("svg:circle", { cx: x(i), cy: y(row), r: 3, class: chosen }));
        return;
      }
      const width = widthOf(token);
      labels.push(
        element("svg:rect", {
          x: x(i) - width / 2, y: y(row) - 12, width, height: 24, rx: 5, class: chosen,
        }),
        element("svg:text", { x: x(i), y: y(row) + 4.5, class: chosen }, token),
      );
    });
  }
  const width = beams.length * column;
  const height = size * ROW;
  const svg = element("svg", {
    viewBox: `0 0 ${width} ${height}`, width, height, role: "img", "aria-label": words.tree,
  }, ...lines, ...labels);
  const about = { tabindex: "0", role: "group", "aria-label": words.tree };
  return element("div", { class: "tr-scroll notranslate", ...about }, svg);
}

/** The hypotheses of a step; a button in each row chooses the one to look at. */
function drawBeam(beam, place, target, words, choose) {
  const head = [words.place, words.translation, words.probability].map((text) =>
    element("th", { scope: "col" }, text),
  );
  const rows = beam.map((hypothesis, row) => {
    const text = target.decode(hypothesis.ids) + (hypothesis.isFinished ? "" : " …");
    const button = element("button", {
      type: "button", "aria-pressed": String(row === place), "data-place": row, click: () => choose(row),
    }, text);
    return element("tr", {},
      element("th", { scope: "row" }, String(row + 1)),
      element("td", { class: "notranslate" }, button),
      element("td", {}, number(hypothesis.sum)),
    );
  });
  return element("table", {},
    element("thead", {}, element("tr", {}, ...head)),
    element("tbody", {}, ...rows),
  );
}
