// The beam as a tree that grows, and as a table that says the same.

const LETTER = 9; // pixels, about
const ROW = 34;
const GAP = 22;

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
  const widthOf = (token) => 14 + LETTER * token.length;
  const columns = beams.map((beam, i) =>
    GAP + Math.max(...beam.map((each) => widthOf(tokenAt(each, i, target)))));
  const left = columns.map((_, i) => columns.slice(0, i).reduce((sum, width) => sum + width, 0));
  const x = (i) => left[i] + columns[i] / 2;
  const y = (row) => row * ROW + ROW / 2;
  const lines = [];
  const labels = [];
  for (let i = 0; i <= step; i++) {
    beams[i].forEach((hypothesis, row) => {
      const chosen = path[i] === row ? "chosen" : null;
      if (i > 0) {
        const [start, end] = [y(hypothesis.parent), y(row)];
        const bend = left[i]; // between the two columns
        const d = `M${x(i - 1)},${start} C${bend},${start} ${bend},${end} ${x(i)},${end}`;
        lines.push(element("svg:path", { d, class: chosen }));
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
  const width = left.at(-1) + columns.at(-1);
  const height = size * ROW;
  const svg = element("svg", {
    viewBox: `0 0 ${width} ${height}`, width, height, "aria-hidden": "true",
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
