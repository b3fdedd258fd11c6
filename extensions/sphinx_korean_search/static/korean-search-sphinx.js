/* For Sphinx's own search: Korean words of a query become words of its index. */
var splitQuery = (query) => {
  const { pieces, helps, Lexicon } = KoreanSearch.words;
  const terms = Object.keys({ ...Search._index?.terms, ...Search._index?.titleterms }).sort();
  const verbs = terms.filter((term) => /[가-힣]다$/.test(term)).map((term) => [term, [term.slice(0, -1)]]);
  const lexicon = new Lexicon(
    { terms, aliases: {}, synonyms: [], ambiguous: [], stopwords: [], verbs: Object.fromEntries(verbs) },
    null
  );
  return pieces(query)
    .filter((piece) => !helps(piece.text))
    .flatMap((piece) => (piece.hangul ? lexicon.parse(piece.text)[0] : null) ?? [piece.text]);
};
