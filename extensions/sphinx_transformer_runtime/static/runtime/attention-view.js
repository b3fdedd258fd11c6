// What a step looked at: one of the three attentions of the model, for JumokAttentionView to draw.

const KINDS = ["cross", "own", "encoder"];

/**
 * The tokens and weights (layers, heads, queries, keys) of one kind of attention. While the decoder
 * chose a token, it had read the start token and those written before: query i sees keys 0 … i.
 */
function attentionOf(kind, translation, hypothesis, target) {
  const { sourceTokens, encoder } = translation;
  const read = sourceTokens.map(shown);
  if (kind === "encoder") {
    return { kind: "self", weights: encoder, queries: read, keys: read, mask: null };
  }
  const written = hypothesis.ids.map((id) => shown(target.vocabulary[id]));
  const weights = decoderMaps(hypothesis, kind);
  if (kind === "cross") return { kind, weights, queries: written, keys: read, mask: null };
  const keys = [target.vocabulary[target.special.start], ...written.slice(0, -1)];
  const mask = [[written.map((_, query) => keys.map((_, key) => key <= query))]];
  return { kind: "self", weights, queries: written, keys, mask };
}
