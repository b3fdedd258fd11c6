// From text to ids and back.

class Tokenizer {
  /** pieces: a regular expression that Python reads alike; vocabulary: the token of each id. */
  constructor({ pieces, vocabulary, special }) {
    this.pieces = new RegExp(pieces, "gu");
    this.vocabulary = vocabulary;
    this.special = special; // the ids of pad, start, end and unknown
    const ids = vocabulary.map((token, id) => [token, id]);
    this.ids = new Map(ids.filter(([, id]) => !Object.values(special).includes(id)));
  }

  /** One space for many, Hangul composed (NFC): how the texts of the training were written. */
  normalize(text) {
    return text.normalize("NFC").trim().replace(/\s+/gu, " ");
  }

  /** The pieces of a text, in the vocabulary or not. */
  cut(text) {
    return text.normalize("NFC").match(this.pieces) ?? [];
  }

  /** The pieces that the vocabulary doesn't hold. */
  unknown(text) {
    return this.cut(text).filter((piece) => !this.ids.has(piece));
  }

  encode(text) {
    return this.cut(text).map((piece) => this.ids.get(piece) ?? this.special.unknown);
  }

  /** The text of ids up to the end token. */
  decode(ids) {
    const { pad, start, end, unknown } = this.special;
    const last = ids.indexOf(end);
    return (last < 0 ? ids : ids.slice(0, last))
      .filter((id) => id !== pad && id !== start)
      .map((id) => (id === unknown ? "\uFFFD" : this.vocabulary[id]))
      .join("");
  }
}
