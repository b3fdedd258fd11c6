/* The search itself: a query in, sections out. No document needed: it runs in Node too. */
"use strict";
globalThis.KoreanSearch ??= {};
(() => {
  const own = globalThis.KoreanSearch;
  const DIGITS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_";
  const VALUE = Object.fromEntries([...DIGITS].map((digit, value) => [digit, value]));
  const CODE_ONLY = 4; // a weight up to this: only in code
  const HEADING = 32;
  const TITLE = 48;
  const SECTIONS_PER_PAGE = 4;
  // A part of a page explains a term; an entry of a glossary defines it in a line, and the
  // description of a function is about the function, unless it is that which is looked for.
  const [PART, ENTRY, OBJECT] = [0, 1, 2];
  const WORTH = [1, 0.2, 0.6];
  const INNER = 0.1; // what a heading with one of a name's words adds to a mention of the name
  const MORE = 0.25; // what each further part of a page adds to it
  const received = { index: {}, page: {}, stemmer: {} };
  // What the data files call.
  for (const kind of Object.keys(received)) {
    own[kind] = (name, data) => {
      received[kind][name] = data;
    };
  }

  /** How much a word counts where it has this weight in the index. */
  function value(weight) {
    if (weight >= TITLE) return 6 + ((weight - TITLE) / 15) * 8;
    if (weight >= HEADING) return 3 + ((weight - HEADING) / 15) * 4;
    return weight <= CODE_ONLY ? weight / 10 : (weight / 15) * 2;
  }

  class Index {
    constructor(data, stemmer) {
      Object.assign(this, data);
      this.lexicon = new own.words.Lexicon(data, stemmer);
      this.decoded = new Map();
      this.pageOf = [];
      data.pages.forEach(([, , , first], number) => {
        const end = data.pages[number + 1]?.[3] ?? data.sections.length;
        for (let section = first; section < end; section++) this.pageOf[section] = number;
      });
    }

    /** The sections of a term: Map of section to weight. */
    hits(term) {
      if (!this.decoded.has(term)) {
        const found = new Map();
        const line = this.postings[this.lexicon.numbers.get(term)] ?? "";
        let section = -1;
        for (let at = 0; at < line.length; at += 2) {
          while (line[at] === "_") {
            section += 63;
            at++;
          }
          section += 1 + VALUE[line[at]];
          found.set(section, VALUE[line[at + 1]]);
        }
        this.decoded.set(term, found);
      }
      return this.decoded.get(term);
    }

    parent(section) {
      const step = this.sections[section][2];
      return step ? section + step : -1;
    }

    // -- what a query asks for -----------------------------------------------------------------

    /** The units of a query, each {text, ways: [[term, …], …], optional}. */
    units(query) {
      const { lexicon } = this;
      const pieces = own.words.pieces(query);
      const units = [];
      for (let at = 0; at < pieces.length; ) {
        const unit = this.name(pieces, at) ?? this.joined(pieces, at) ?? this.word(pieces[at]);
        unit.text ??= pieces[at].text;
        units.push(unit);
        at += unit.size ?? 1;
      }
      const content = units.filter((unit) => !unit.skipped);
      const wanted = content.length ? content : units.filter((unit) => unit.ways.length);
      if (wanted.some((unit) => !unit.generic)) {
        wanted.forEach((unit) => (unit.optional = unit.generic));
      }
      return wanted;
    }

    key(piece) {
      if (piece.path) return piece.path.join("");
      return piece.hangul ? piece.text : this.lexicon.term(piece.text) || piece.text.toLowerCase();
    }

    /** The longest name of the glossary that begins at a piece, in one word or in several. */
    name(pieces, at) {
      for (let end = Math.min(pieces.length, at + 6); end > at; end--) {
        const span = pieces.slice(at, end);
        const key = span.map((piece) => this.key(piece)).join("");
        const last = span.at(-1).hangul;
        const found = this.lexicon.alias(key, last) ?? this.alike(span, last);
        if (!found) continue;
        const ways = found.concepts.map((concept) => [concept]);
        if (found.loosely) ways.push(...this.apart(span));
        // The word itself, where it isn't the term: in code, or with another meaning.
        if (span.length === 1 && this.lexicon.has(found.key)) ways.push([found.key]);
        const text = span.map((piece) => piece.text).join(" ");
        return { ways, size: span.length, text, named: true, inner: this.lexicon.inside(found.key) };
      }
      return null;
    }

    /** A name with a particle inside (행렬의 곱), or with another word for one of its own (라벨 평활화). */
    alike(span, hangul) {
      if (span.length < 2) return null;
      const keys = span.map((piece, number) => {
        const key = this.key(piece);
        if (number === span.length - 1) return [key, ...this.lexicon.sameAs(key)];
        const bare = piece.hangul ? key.replace(/의$|(?<=적)(으로|인)$/u, "") : key;
        return [bare, ...this.lexicon.sameAs(bare)];
      });
      for (const joined of combinations(keys)) {
        const found = this.lexicon.alias(joined.join(""), hangul);
        if (found) return { ...found, loosely: joined.some((key, number) => key !== keys[number][0]) };
      }
      return null;
    }

    /** The words of a name, each for itself. */
    apart(span) {
      const ways = span.map((piece) => (this.name([piece], 0) ?? this.word(piece)).ways);
      return combinations(ways).map((way) => way.flat());
    }

    /** A word that the reader wrote with a space inside: 신경 망. */
    joined(pieces, at) {
      const [first, second] = pieces.slice(at, at + 2);
      if (!second || !first.hangul || !second.hangul) return null;
      const ways = this.lexicon.parse(first.text + second.text);
      const whole = ways.filter((way) => way.length === 1 && way[0].length > first.text.length);
      if (!whole.length) return null;
      const apart = [this.word(first), this.word(second)];
      if (apart.every((unit) => unit.ways.length && !unit.skipped)) {
        whole.push([...apart[0].ways[0], ...apart[1].ways[0]]);
      }
      return { ways: this.expand(whole), size: 2, text: `${first.text} ${second.text}` };
    }

    word(piece) {
      const { lexicon } = this;
      const { text } = piece;
      if (piece.path) return this.path(piece.path, text.split(".").at(-1));
      if (piece.hangul || piece.run) {
        const ways = this.expand(lexicon.parse(text, piece.hangul));
        if (piece.hangul && own.words.helps(text)) return { ways, skipped: true };
        if (piece.hangul && text.length > 3) {
          // A name without its last word: 피드포워드 (신경망).
          ways.push(...lexicon.namesBeginning(text).map((concept) => [concept]));
        }
        const generic = piece.hangul && own.words.says(text);
        if (ways.length) return { ways, generic };
        const begun = text.length > 1 ? [...lexicon.beginning(text), ...lexicon.namesBeginning(text)] : [];
        return { ways: begun.map((term) => [term]), unknown: !begun.length, generic, begun: true };
      }
      const term = lexicon.term(text);
      if (!term) return { ways: lexicon.has(text.toLowerCase()) ? [[text.toLowerCase()]] : [], skipped: true };
      if (lexicon.has(term)) return { ways: [[term]], code: own.words.identifier(text) };
      // equivariant beside equivariance, which the index keeps apart from it
      const kin = [`${term}~ence`, `${term}~er`].filter((each) => lexicon.has(each));
      if (kin.length) return { ways: kin.map((each) => [each]) };
      const parts = lexicon.parts(text);
      if (parts.length > 1 && parts.every((part) => lexicon.has(part))) return { ways: [parts] };
      const lower = text.normalize("NFKC").toLowerCase();
      const begun = lower.length > 2 ? [...lexicon.beginning(lower), ...lexicon.namesBeginning(lower)] : [];
      return { ways: begun.map((each) => [each]), unknown: !begun.length, begun: true };
    }

    /** A path of names: nn.Transformer. Its last name alone where that is enough, as ModuleList is. */
    path(names, last) {
      const pairs = names.slice(1).map((name, number) => `${names[number]}.${name}`);
      const ways = pairs.every((pair) => this.lexicon.has(pair)) ? [pairs] : [];
      if (ways.length && !own.words.identifier(last)) return { ways, code: true };
      const { ways: alone, unknown } = this.name([{ text: last }], 0) ?? this.word({ text: last });
      return { ways: [...ways, ...alone], unknown: unknown && !ways.length, code: own.words.identifier(last) };
    }

    /** Names inside a compound (written =name by the lexicon) become their concepts. */
    expand(ways) {
      const choices = (term) => {
        if (!term.startsWith("=")) return [term];
        const name = term.slice(1);
        const concepts = this.lexicon.aliases[name].map((concept) => `#${concept}`);
        return this.lexicon.has(name) ? [...concepts, name] : concepts;
      };
      return ways.flatMap((way) => combinations(way.map(choices)));
    }

    // -- which sections have it ----------------------------------------------------------------

    /** The sections that have a unit: Map of section to score, and of headings to weight. */
    find(unit) {
      const found = new Map();
      const headings = new Map();
      for (const way of unit.ways) {
        const lists = way.map((term) => this.hits(term));
        const rarest = lists.reduce((a, b) => (b.size < a.size ? b : a));
        for (const section of rarest.keys()) {
          if (!lists.every((list) => list.has(section))) continue;
          const weights = lists.map((list) => list.get(section));
          const codeOnly = Math.max(...weights) <= CODE_ONLY;
          // A term of the book is explained in prose, not where a variable has its name.
          if (unit.named && codeOnly && !way[0].startsWith("#")) continue;
          const score = weights.reduce((sum, weight) => sum + value(weight), 0) / weights.length;
          found.set(section, Math.max(found.get(section) ?? 0, unit.begun ? score / 2 : score));
          if (Math.min(...weights) >= HEADING) headings.set(section, Math.min(...weights));
        }
      }
      this.favourTopic(unit, found);
      unit.rarity = Math.log(1 + this.sections.length / (found.size || 1));
      return { found, headings };
    }

    /** Of the sections that have a name, those are rather about it that stand under a heading with
     *  one of its words: positional encoding under "Positions". */
    favourTopic(unit, found) {
      for (const word of unit.inner ?? []) {
        const hits = this.hits(word);
        for (const [section, score] of found) {
          if (this.sections[section][3] !== PART) continue;
          let up = section;
          while (up >= 0 && !(hits.get(up) >= HEADING)) up = this.parent(up);
          if (up < 0) continue;
          found.set(section, score * (1 + (INNER * value(hits.get(up))) / unit.inner.length));
        }
      }
    }

    /** What a section's headings above it say of a unit. */
    above(section, headings) {
      for (let up = this.parent(section); up >= 0; up = this.parent(up)) {
        if (headings.has(up)) return 0.3 * value(headings.get(up));
      }
      return 0;
    }

    /** Whether each word that a result must have is on the site. */
    answerable(units) {
      return units.length > 0 && !units.some((unit) => unit.unknown && !unit.optional);
    }

    /** Sections with every unit, best first: [{section, score, spread}]. */
    match(units) {
      const asked = units.map((unit) => ({ unit, ...this.find(unit) }));
      const required = asked.filter(({ unit }) => !unit.optional);
      const matched = [];
      const pages = new Map();
      const sections = new Set(asked.flatMap(({ found }) => [...found.keys()]));
      for (const section of [...sections].sort((a, b) => a - b)) {
        let score = 0;
        let complete = true;
        for (const { unit, found, headings } of asked) {
          const here = found.get(section) ?? this.above(section, headings);
          score += here * unit.rarity;
          complete &&= here > 0 || unit.optional;
        }
        if (!required.some(({ found }) => found.has(section))) continue;
        const kind = this.sections[section][3];
        if (kind !== OBJECT || !asked.some(({ unit }) => unit.code)) score *= WORTH[kind];
        if (complete) matched.push({ section, score });
        const page = this.pageOf[section];
        const best = pages.get(page);
        if (!best || score > best.score) pages.set(page, { section, score });
      }
      // A page that has the words in different places comes after those that have them together.
      const together = new Set(matched.map(({ section }) => this.pageOf[section]));
      for (const [page, { section, score }] of pages) {
        if (together.has(page) || required.length < 2) continue;
        const everywhere = required.every(({ found }) =>
          [...found.keys()].some((each) => this.pageOf[each] === page)
        );
        if (everywhere) matched.push({ section, score: score * 0.2, spread: true });
      }
      return matched.sort((a, b) => b.score - a.score || a.section - b.section);
    }
  }

  /** A search over the site's index, and over those of its other languages where they help. */
  class Engine {
    constructor(index, open, readPage) {
      this.main = index;
      this.open = open;
      this.readPage = readPage;
    }

    /** Results for a query: {results, units, terms, suggestions}. */
    async search(query) {
      const units = this.main.units(query);
      const answer = { query, units, results: [], suggestions: [] };
      if (!own.words.pieces(query).length) return answer;
      const matched = this.main.answerable(units) ? this.main.match(units) : [];
      answer.results = this.group(matched);
      if (!matched.length || this.foreign(query)) await this.addOthers(query, answer);
      if (!answer.results.length) this.doWithout(answer);
      if (!answer.results.length || answer.missing) answer.suggestions = this.suggest(units, answer.missing);
      await this.preferPhrases(query, answer);
      answer.results = answer.results
        .sort((a, b) => b.score - a.score)
        .flatMap((page) => page.sections.map((result) => Object.assign(result, { docname: page.docname, page })));
      answer.pages = [...new Set(answer.results.map((result) => result.page))];
      return answer;
    }

    /** Answer with the words that the site has, and say which it doesn't have. */
    doWithout(answer) {
      const known = answer.units.filter((unit) => !unit.unknown);
      const missing = answer.units.filter((unit) => unit.unknown && !unit.optional);
      if (!missing.length || !known.some((unit) => !unit.skipped && !unit.optional)) return;
      answer.results = this.group(this.main.match(known));
      answer.missing = missing.map((unit) => unit.text);
      answer.units = known;
    }

    /** Sections by page, the best of each page first. */
    group(matched) {
      const pages = new Map();
      for (const { section, score, spread } of matched) {
        const number = this.main.pageOf[section];
        const [docname, uri, digest, first] = this.main.pages[number];
        if (!pages.has(docname)) {
          const title = this.main.sections[first][1];
          pages.set(docname, { docname, uri, digest, title, score, first, spread, sections: [] });
        }
        const page = pages.get(docname);
        // One more part of the page; but the entries of a glossary have nothing to do with each other.
        if (page.sections.length && this.main.sections[section][3] === PART) page.score += MORE * score;
        if (page.sections.length < SECTIONS_PER_PAGE) page.sections.push(this.result(section, score));
      }
      return [...pages.values()];
    }

    result(section, score) {
      const [anchor, title] = this.main.sections[section];
      return { section, anchor, title, score, top: this.main.parent(section) < 0 };
    }

    /** Whether a query is in the script of another language of the site. */
    foreign(query) {
      const letters = query.normalize("NFC").match(/\p{L}/gu) ?? [];
      const latin = letters.filter((letter) => /\p{Script=Latin}/u.test(letter)).length;
      return this.main.latin ? latin < letters.length : latin > 0;
    }

    async addOthers(query, answer) {
      for (const index of await this.open()) {
        const units = index.units(query);
        if (!index.answerable(units)) continue;
        const known = new Set(answer.results.map((page) => page.docname));
        const floor = Math.min(1, ...answer.results.map((page) => page.score));
        const found = [];
        for (const { section, score, spread } of index.match(units)) {
          const [docname] = index.pages[index.pageOf[section]];
          const here = this.same(docname, index.sections[section][0]);
          if (here !== null && !known.has(docname) && !(spread && found.length)) {
            // After what the reader's own language has.
            found.push({ section: here, score: answer.results.length ? (floor * score) / 100 : score });
          }
        }
        answer.results.push(...this.group(found));
      }
    }

    /** The section of this language with the page and anchor of another's; null without. */
    same(docname, anchor) {
      const number = this.main.pages.findIndex((page) => page[0] === docname);
      if (number < 0) return null;
      const first = this.main.pages[number][3];
      const end = this.main.pages[number + 1]?.[3] ?? this.main.sections.length;
      for (let section = first; section < end; section++) {
        if (this.main.sections[section][0] === anchor) return section;
      }
      return first < end ? first : null;
    }

    /** Pages with the words side by side, as they were typed, come first. */
    async preferPhrases(query, answer) {
      const phrase = squeeze(query);
      if (answer.units.length < 2) return;
      const best = answer.results.sort((a, b) => b.score - a.score).slice(0, 10);
      for (const page of best) {
        const text = await this.readPage(page.docname, page.digest);
        if (!text) continue;
        for (const result of page.sections) {
          const blocks = text.sections[result.section - page.first] ?? [];
          const said = [result.title, ...blocks.map((block) => block[1])];
          if (said.some((each) => squeeze(each).includes(phrase))) {
            result.score *= 1.5;
            page.score = Math.max(page.score, result.score);
          }
        }
        page.sections.sort((a, b) => b.score - a.score);
      }
    }

    /** What a reader may have meant: each a query that has results. */
    suggest(units, missing) {
      const found = new Set();
      for (const unit of units) {
        if (!unit.unknown) continue;
        const bare = [unit.text, ...beginnings(unit.text)];
        for (const word of bare) {
          for (const name of this.main.lexicon.nearest(word)) {
            found.add(units.map((each) => (each === unit ? name : each.text)).join(" "));
          }
          if (found.size) break;
        }
      }
      const known = units.filter((unit) => unit.ways.length && !unit.skipped);
      if (units.length > 1 && !missing) known.forEach((unit) => found.add(unit.text));
      return [...found].filter((query) => this.main.match(this.main.units(query)).length).slice(0, 4);
    }

    /** Snippets of all results on some pages: Map of result to snippet. */
    async snippets(answer, pages) {
      const results = answer.results.filter((result) => pages.includes(result.page));
      const found = await Promise.all(results.map((result) => this.snippet(result, answer.units)));
      return new Map(results.map((result, number) => [result, found[number]]));
    }

    /** The block of a result to show, and the ranges to mark: {text, code, marks} or null. */
    async snippet(result, units, width = 170) {
      const page = await this.readPage(result.docname, result.page.digest);
      const blocks = page?.sections[result.section - result.page.first] ?? [];
      let best = null;
      blocks.forEach(([kind, text, spans]) => {
        const ranges = marked(spans, page.terms, units);
        const kinds = new Set(ranges.map((range) => range.unit)).size;
        const score = kinds * 4 + Math.min(ranges.length, 3) - kind * 3;
        if (ranges.length && (!best || score > best.score)) best = { kind, text, ranges, score };
      });
      best ??= blocks.length
        ? { kind: blocks[0][0], text: blocks[0][1], ranges: [] }
        : null;
      return best && cut(best, width);
    }
  }

  /** One of each list, in every combination. */
  const combinations = (lists) =>
    lists.reduce((all, list) => all.flatMap((begun) => list.map((each) => [...begun, each])), [[]]);

  /** The spans of a block that answer the query, without overlaps. */
  function marked(spans, terms, units) {
    const wanted = new Map();
    units.forEach((unit, number) => unit.ways.flat().forEach((term) => wanted.set(term, number)));
    const ranges = [];
    let start = 0;
    for (let at = 0; at < spans.length; at += 3) {
      start += spans[at];
      const unit = wanted.get(terms[spans[at + 2]]);
      if (unit !== undefined) ranges.push({ start, end: start + spans[at + 1], unit });
    }
    ranges.sort((a, b) => a.start - b.start || b.end - a.end);
    return ranges.filter((range, at) => !ranges.slice(0, at).some((each) => each.end > range.start));
  }

  /** The part of a text around its matches, cut at spaces. */
  function cut({ kind, text, ranges }, width) {
    let from = 0;
    let to = text.length;
    if (kind === 1) {
      const at = ranges[0]?.start ?? 0;
      from = text.lastIndexOf("\n", at - 1) + 1;
      const end = text.indexOf("\n", at);
      to = end < 0 ? text.length : end;
    } else if (text.length > width) {
      // The window that holds the most different words.
      let best = -1;
      for (const { start } of ranges.length ? ranges : [{ start: 0 }]) {
        const begin = Math.max(0, Math.min(start - width / 4, text.length - width));
        const inside = ranges.filter((range) => range.start >= begin && range.end <= begin + width);
        const score = new Set(inside.map((range) => range.unit)).size * 10 + inside.length;
        if (score > best) {
          best = score;
          from = Math.floor(begin);
        }
      }
      to = Math.min(text.length, from + width);
      if (from > 0) from = Math.max(from, text.indexOf(" ", from) + 1);
      const space = text.lastIndexOf(" ", to);
      const needed = Math.max(from, ...ranges.filter((each) => each.start < to && each.end <= to).map((each) => each.end));
      if (to < text.length) to = space > needed ? space : Math.max(needed, to);
    }
    const marks = ranges
      .filter((range) => range.start >= from && range.end <= to)
      .map((range) => [range.start - from, range.end - from]);
    return {
      text: text.slice(from, to).trimEnd(),
      code: kind === 1,
      before: kind !== 1 && from > 0,
      after: kind !== 1 && to < text.length,
      marks,
    };
  }

  /** An unknown Korean word without what may be its particles. */
  function beginnings(word) {
    const found = [];
    for (let end = word.length - 1; end > 1; end--) {
      if (own.words.tail(word.slice(end), word.slice(0, end))) found.push(word.slice(0, end));
    }
    return found;
  }

  const squeeze = (text) => text.normalize("NFKC").toLowerCase().replace(/[\s\-‐‑]+/gu, "");

  /** Begin a search.  `load(path)` runs a script of the site, a path from this language's root.
   *  The other languages of the site are read when a query needs them. */
  async function start(load) {
    const read = async (root) => {
      received.index = {};
      await load(`${root}_search/index.js`);
      const [data] = Object.values(received.index);
      if (data.stemmer && !received.stemmer[data.stemmer]) await load(`${root}_search/stemmer.js`);
      return new Index(data, received.stemmer[data.stemmer]);
    };
    const index = await read("");
    let others = null;
    const open = () => {
      others ??= (async () => {
        const found = [];
        for (const code of index.languages.filter((code) => code !== index.language)) {
          try {
            found.push(await read(`../${code}/`));
          } catch {
            // That language isn't built here: this one's results are what there is.
          }
        }
        return found;
      })();
      return others;
    };
    const pages = new Map();
    const readPage = (docname, digest) => {
      if (!pages.has(docname)) {
        const path = `_search/text/${docname.split("/").map(encodeURIComponent).join("/")}.js`;
        const wait = load(path, digest).then(
          () => received.page[docname],
          () => null
        );
        pages.set(docname, wait);
      }
      return pages.get(docname);
    };
    return new Engine(index, open, readPage);
  }

  Object.assign(own, { start });
})();
