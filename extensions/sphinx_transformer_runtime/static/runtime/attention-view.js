// What a step looked at: one of the three attentions of the model, as a matrix of tokens.

const KINDS = ["cross", "own", "encoder"];

/** Rows, columns and weights (layers, heads, rows, columns) of one kind of attention. */
function attentionOf(kind, translation, hypothesis, target) {
  const { sourceTokens, encoder } = translation;
  if (kind === "encoder") return { rows: sourceTokens, columns: sourceTokens, weights: encoder };
  const rows = hypothesis.ids.map((id) => target.vocabulary[id]);
  const start = target.vocabulary[target.special.start];
  const columns = kind === "cross" ? sourceTokens : [start, ...rows.slice(0, -1)];
  return { rows, columns, weights: decoderMaps(hypothesis, kind) };
}

/** The mean of a layer's heads: (rows, columns). */
function meanOfHeads(heads) {
  return heads[0].map((row, i) =>
    row.map((_, j) => heads.reduce((sum, head) => sum + head[i][j], 0) / heads.length),
  );
}

/** A table with shaded cells; the row of the token that is looked at is marked. */
function drawAttention({ rows, columns, weights }, layer, marked, words, label) {
  const means = meanOfHeads(weights[layer]);
  const head = columns.map((token) => element("th", { scope: "col" }, shown(token)));
  const body = rows.map((token, i) =>
    element("tr", { class: i === marked ? "chosen" : null },
      element("th", { scope: "row" }, shown(token)),
      ...means[i].map((weight) =>
        element("td", { style: `--weight: ${weight.toFixed(3)}` }, weight.toFixed(2)),
      ),
    ),
  );
  return element("div", { class: "tr-scroll", tabindex: "0", role: "group", "aria-label": label },
    element("table", { class: "tr-attention notranslate" },
      element("thead", {}, element("tr", {}, element("td", {}, words.corner), ...head)),
      element("tbody", {}, ...body),
    ),
  );
}
