// A text on its way through the model: what was typed, and every step until the translation stands.

/** What is wrong with a text before the model has seen it: {problem, …}, or null. */
function problemOf(text, { model, source }) {
  if (!text) return { problem: "empty" };
  const [piece] = source.unknown(text);
  if (piece !== undefined) {
    return { problem: "unknown", piece: piece.trim() || shown(piece), ...hint(piece, source) };
  }
  const count = source.cut(text).length;
  const most = model.config.max_length;
  return count > most ? { problem: "long", count, most } : null;
}

/** What could have been meant: numbers of as many digits, or words that begin alike. */
function hint(piece, { ids }) {
  const wanted = piece.trim().toLowerCase();
  const known = [...ids.keys()].map((token) => token.trim());
  if (/^\d+$/.test(wanted)) {
    const numbers = known.filter((token) => /^\d+$/.test(token) && token.length === wanted.length);
    return { from: numbers.sort()[0], to: numbers.at(-1) };
  }
  const alike = (length) =>
    known.filter((token) => token.toLowerCase().startsWith(wanted.slice(0, length)));
  for (let length = wanted.length; length > 0; length--) {
    if (alike(length).length) return { words: [...new Set(alike(length))].slice(0, 6) };
  }
  return {};
}

/** Translate a text, in slices, so that the page stays awake; null if it isn't wanted any more. */
async function translate(text, translator, { beamSize, lengthPenalty = 0, isStale = () => false }) {
  const { model, source, target } = translator;
  const turn = turns();
  const ids = source.encode(text);
  const encoded = model.encode(ids);
  await turn();
  const { start: startId, end: endId } = target.special;
  const maxLength = model.config.max_length;
  const options = { beamSize, startId, endId, maxLength, lengthPenalty };
  const beams = [];
  for (const beam of beamSearch(model, encoded, options)) {
    beams.push(beam.map((hypothesis) => ({ ...hypothesis })));
    await turn();
    if (isStale()) return null;
  }
  const [best] = beams.at(-1);
  return {
    text,
    result: target.decode(best.ids),
    sourceTokens: ids.map((id) => source.vocabulary[id]),
    encoder: encoded.weights, // (layers, heads, source, source)
    beams, // for each step the hypotheses, best first
  };
}

/** Milliseconds of each step of a translation, the reading of the text included in the first. */
function timed(text, { model, source, target }, { beamSize }) {
  const { start: startId, end: endId } = target.special;
  const options = { beamSize, startId, endId, maxLength: model.config.max_length };
  const times = [];
  let before = performance.now();
  for (const _ of beamSearch(model, model.encode(source.encode(text)), options)) {
    times.push(performance.now() - before);
    before = performance.now();
  }
  return times;
}

/**
 * The decoder's weights of one hypothesis, of "own" or "cross" attention: (layers, heads, written,
 * read). Before a token was written the decoder knew the ones before it: missing columns are 0.
 */
function decoderMaps(hypothesis, kind) {
  const [first] = hypothesis.weights;
  const width = hypothesis.weights.at(-1)[kind][0][0].length;
  const padded = (row) => [...row, ...Array(width - row.length).fill(0)];
  return first[kind].map((heads, layer) =>
    heads.map((_, head) => hypothesis.weights.map((step) => padded(step[kind][layer][head]))),
  );
}
