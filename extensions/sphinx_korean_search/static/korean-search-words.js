/* What a query says: its words in the form that the index has them.
 *
 * There is no Korean analyser in a browser. But the index knows the words of the site, so a Korean
 * word of a query is taken apart into words of the index and what grammar may add to them:
 * particles after a noun, endings after a verb. WORD and what follows is the same as in words.py.
 */
"use strict";
globalThis.KoreanSearch ??= {};
(() => {
  const HANGUL = "\\uac00-\\ud7a3\\u1100-\\u11ff\\u3130-\\u318f";
  const UNSPACED = "\\u3040-\\u30ff\\u3400-\\u4dbf\\u4e00-\\u9fff\\uf900-\\ufaff\\u0e00-\\u0e7f";
  const WORD = new RegExp(
    `(?<hangul>[${HANGUL}]+)` +
      String.raw`|\d+(?:\.\d+)?[eE][-+]?\d+(?![\p{L}\p{N}_])|\d+(?:\.\d+)+` +
      `|(?<run>[${UNSPACED}]+)` +
      String.raw`|(?:(?![${HANGUL}${UNSPACED}ᵀ⊤])[\p{L}\p{N}_])+`,
    "gu"
  );
  const PART = /\p{Lu}+(?!\p{Ll})|\p{Lu}?[^\P{L}\p{Lu}]+|\p{Nd}+/gu;
  const IRREGULAR = { matrices: "matrix", vertices: "vertex", indices: "index", axes: "axis" };
  const SPELLINGS = [
    [/(?<=[a-z]{3})is(?=(e|ed|er|ers|es|ing|ation|ations)$)/, "iz"],
    [/(?<=[a-z]{3})our(?=(s|ed|ing|al)?$)/, "or"],
  ];
  const KINDS = /(?<=[a-z]{3})(er|or|ence|ency|ance|ancy)(s|es)?$|(?<=[a-z]{3})(enc|anc)ies$/;
  const DOTTED = /(?<![\w.])[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+/g;
  const identifier = (word) => /_|\p{Nd}|\p{Ll}[A-Z]/u.test(word) && !/^\p{Nd}+$/u.test(word);

  // -- Korean grammar: what may follow ---------------------------------------------------------

  // After a noun. Up to four may follow each other: 에서+부터+는.
  const PARTICLES = (
    "은 는 이 가 을 를 의 에 와 과 도 만 로 으로 에서 에게 에게서 한테 한테서 께 께서 부터 까지 마다 마저 " +
    "조차 밖에 처럼 같이 보다 만큼 대로 이나 나 이랑 랑 하고 이라도 라도 이든 든 이든지 든지 이야 야 이란 " +
    "란 이라 라 이라는 라는 이라고 라고 이라면 라면 이며 며 이나마 로서 으로서 로써 으로써 에다 에다가 로부터 " +
    "으로부터 로의 으로의 에서의 에의 과의 와의 만의 뿐 뿐만 들 끼리 쯤 씩 째 간 별 적 적인 적으로 상 중 내 " +
    "님 이여 여 커녕 은커녕 는커녕 요 이요 따라 치고 더러 보고 이라야 라야 이야말로 야말로 인지 인가 이니 이자"
  ).split(" ");
  // After the stem of a verb, the adjective's and the copula's too.
  const ENDINGS = (
    "다 고 지 게 기 는 던 며 면 니 자 네 나 냐 거나 거든 도록 든지 든 더라 더니 더라도 던데 더라면 더라고 더라는 데 지만 지요 " +
    "죠 면서 면서도 니까 므로 려고 려면 려는 려 러 고자 자마자 느라 느냐 는데 는지 는가 는다 는다면 는다고 는구나 " +
    "구나 군요 네요 나요 는걸 고서 고는 고도 고요 다가 다고 다는 다면 다며 다시피 라 라고 라는 라면 라도 란 " +
    "거니와 거늘 길래 기에 소서 " +
    "ᆫ ᆫ다 ᆫ다고 ᆫ다는 ᆫ다면 ᆫ데 ᆫ지 ᆫ가 ᆫ가요 ᆫ데요 ᆯ ᆯ까 ᆯ까요 ᆯ지 ᆯ지라도 ᆯ수록 ᆯ게 ᆯ게요 ᆯ래 ᆯ래요 " +
    "ᆯ걸 ᆯ때 ᆷ ᆸ니다 ᆸ니까 ᆸ시다 습니다 습니까 은 은데 은지 은가 은가요 을 을까 을까요 을지 을지라도 을수록 을게 " +
    "음 으면 으면서 으며 으니 으니까 으므로 으려고 으려면 으려는 으러 으라 으라고 으나 세요 으세요 십시오 으십시오 " +
    "시오 어 아 여 어서 아서 여서 어도 아도 여도 어야 아야 여야 어요 아요 여요 서 도 야 요 야만 어야만 아야만 " +
    "어라 아라 여라 예요 에요 잖아 잖아요 게끔 는군 다니 다지 ᆫ다니 느니"
  ).split(" ");
  const BEFORE_ENDING = "으시 시 으셔 셔 ᆻ 았 었 였 겠 셨 으셨".split(" ");
  // What makes a verb of a noun, and the verbs that follow another: 학습시켰다, 정규화되지 않은.
  const VERBAL = "하 해 되 돼 시키 시켜 당하 당해 받 스럽 스러우 스러운 롭 로우 로운 답 다우 다운".split(" ");
  const THINGS = "것 거 게 때 수 지 만큼 대로 뿐 데 동안 중 후 뒤 전 점 법".split(" ");
  // Asked with, not about: dropped from a query that says more.
  const FUNCTION =
    "무엇 뭐 뭘 뭔 뭔가 어떻게 어떤 어떠하 왜 언제 어디 어디서 누가 누구 무슨 얼마나 이것 그것 저것 이 그 저 이런 그런 " +
    "저런 것 수 때 등 및 또는 또 혹은 그리고 그러나 하지만 그래서 따라서 즉 더 안 못 좀 잘 한 할 하는 하기 하다 하면 해서 " +
    "있는 있다 있나요 있을까 없는 없다 되는 되나요 된다 대한 대해 대하여 위한 위해 위하여 통한 통해 관한 관하여 경우 때문 " +
    "인가요 인가 일까 이란 란 이란게 란게 알려줘 알려주세요 알려 줘 주세요 싶어요 싶다 나요 까요 뭐야 뭐예요 무엇인가 뭔가요";
  // Said of any subject: they rank, but a page needn't have them.
  const GENERIC = "방법 의미 뜻 설명 차이 차이점 이유 예 예제 예시 정의 개념 원리 역할 종류 사용법 이해 정리 소개 공부 필요 가능 문제점 장점 단점 목적 이점 법";

  const decompose = (text) => text.normalize("NFD");
  const set = (words) => new Set((Array.isArray(words) ? words : words.split(" ")).map(decompose));
  const GRAMMAR = {
    particle: set(PARTICLES),
    ending: set(ENDINGS),
    before: set(BEFORE_ENDING),
    verbal: set(VERBAL),
    plain: set("해 돼 시켜 당해"), // these end a clause by themselves
    nominal: set("기 음 ᆷ"),
    relative: set("는 ᆫ 은 ᆯ 을 던"),
    thing: set(THINGS),
    last: set("요 도 는 만"),
    plural: set("들"),
    copula: set("이"),
  };
  const LONGEST = 12; // jamo of the longest entry
  const functionWords = new Set(FUNCTION.split(" "));
  const QUESTIONS = "무엇 뭐 뭣 어디 언제 누구 얼마 이것 그것 저것 것 때문 경우 어느 왜".split(" ");
  // Verbs that say nothing of a subject by themselves.
  const AUXILIARIES = "않 못하 있 없 하 해 되 돼 싶 아니 같 보이 어떠하 어떻 이루어지".split(" ").map(decompose);
  const genericWords = GENERIC.split(" ");
  // Stems of verbs of the same kind, with the shapes they take before 어.
  const GENERIC_VERBS = "쓰 써 사용하 사용해 나오 나와 생기 생겨 알 모르 몰라 궁금하 궁금해 뜻하 의미하".split(" ").map(decompose);
  const WHAT = decompose("뭐");

  /** Where one of the words that begins at one of the places ends. */
  function step(jamo, places, words) {
    const ends = new Set();
    for (const place of places) {
      for (let end = place + 1; end <= Math.min(jamo.length, place + LONGEST); end++) {
        if (words.has(jamo.slice(place, end))) ends.add(end);
      }
    }
    return ends;
  }

  /** The same for up to so many of the words, none included. */
  function steps(jamo, places, words, times) {
    const all = new Set(places);
    let last = places;
    for (let time = 0; time < times && last.size; time++) {
      last = step(jamo, last, words);
      last.forEach((place) => all.add(place));
    }
    return all;
  }

  const union = (...sets) => new Set(sets.flatMap((each) => [...each]));

  /** Where what follows the stem of a verb ends: endings, or a noun made of it and particles. */
  function afterStem(jamo, places) {
    const begun = steps(jamo, places, GRAMMAR.before, 3);
    const ended = step(jamo, begun, GRAMMAR.ending);
    const noun = steps(jamo, step(jamo, begun, GRAMMAR.nominal), GRAMMAR.particle, 3);
    const relative = step(jamo, begun, GRAMMAR.relative);
    const thing = steps(jamo, step(jamo, relative, GRAMMAR.thing), GRAMMAR.particle, 3);
    const copula = step(jamo, steps(jamo, thing, GRAMMAR.copula, 1), GRAMMAR.ending);
    return union(ended, step(jamo, ended, GRAMMAR.last), noun, relative, thing, copula);
  }

  const START = new Set([0]);
  const tails = new Map();

  /** What follows a noun: "noun" (particles), "verb" (it was made a verb), or "" (neither). */
  function tail(text, noun) {
    const open = !/[ᆨ-ᇂ]$/u.test(decompose(noun)); // it ends with a vowel
    const key = `${open ? "" : "-"}${text}`;
    if (!tails.has(key)) tails.set(key, readTail(decompose(text), open));
    return tails.get(key);
  }

  function readTail(jamo, open) {
    const end = jamo.length;
    const particles = steps(jamo, START, GRAMMAR.particle, 4);
    if (particles.has(end)) return "noun";
    const verbal = step(jamo, START, GRAMMAR.verbal);
    if (step(jamo, START, GRAMMAR.plain).has(end) || afterStem(jamo, verbal).has(end)) return "verb";
    const plural = step(jamo, START, GRAMMAR.plural);
    const copula = step(jamo, union(START, plural), GRAMMAR.copula);
    // After a vowel 이다 may lose its 이: 마스크지만, but 학습이지만.
    return afterStem(jamo, union(copula, open ? START : [])).has(end) ? "noun" : "";
  }

  /** Whether a word only helps others: 무엇, 않은, 있을까요. */
  function helps(word) {
    if (functionWords.has(word)) return true;
    if (QUESTIONS.some((stem) => word.startsWith(stem) && tail(word.slice(stem.length), stem))) return true;
    const jamo = decompose(word);
    if (jamo.startsWith(WHAT) && endsVerb(jamo.slice(WHAT.length))) return true;
    return isVerb(jamo, AUXILIARIES);
  }

  /** Whether a word is said of any subject: 방법은, 나와요, 쓰는. */
  function says(word) {
    if (genericWords.some((noun) => word.startsWith(noun) && tail(word.slice(noun.length), noun))) return true;
    return isVerb(decompose(word), GENERIC_VERBS);
  }

  const isVerb = (jamo, stems) =>
    stems.some((stem) => jamo.startsWith(stem) && jamo !== stem && endsVerb(jamo.slice(stem.length)));

  const endsVerb = (jamo) => !jamo || afterStem(jamo, START).has(jamo.length);

  // -- words of a query ------------------------------------------------------------------------

  /** The pieces of a query: {text, hangul, spaced}, particles after other scripts left out. */
  function pieces(query) {
    const found = [];
    let end = -1;
    const text = query.normalize("NFC");
    const dotted = [...text.matchAll(DOTTED)];
    for (const match of text.matchAll(WORD)) {
      const path = dotted.find(({ index, 0: { length } }) => index <= match.index && match.index < index + length);
      if (path) {
        if (path.index === match.index) found.push({ text: path[0], path: path[0].toLowerCase().split(".") });
        end = path.index + path[0].length;
        continue;
      }
      const hangul = Boolean(match.groups.hangul);
      const attached = match.index === end;
      end = match.index + match[0].length;
      // A syllable being typed: 어텐ㅅ
      const word = hangul ? match[0].replace(/(?<=[가-힣])[ㄱ-ㅣ]+$/u, "") : match[0];
      if (hangul && attached && found.length && tail(word, "")) continue;
      found.push({ text: word, hangul, run: Boolean(match.groups.run), start: match.index, end });
    }
    return found;
  }

  /** Words of one index, looked up. */
  class Lexicon {
    constructor(index, stemmer) {
      this.terms = index.terms;
      this.numbers = new Map(index.terms.map((term, number) => [term, number]));
      this.aliases = index.aliases;
      this.synonyms = new Set(index.synonyms);
      this.ambiguous = new Set(index.ambiguous);
      this.stopwords = new Set(index.stopwords);
      this.stemmer = stemmer;
      this.english = index.stemmer === "english";
      this.verbs = new Map();
      for (const [verb, stems] of Object.entries(index.verbs)) {
        for (const stem of stems) {
          const key = decompose(stem);
          this.verbs.set(key, [...(this.verbs.get(key) ?? []), verb]);
        }
      }
      this.verbTerms = new Set(Object.keys(index.verbs));
    }

    has(term) {
      return this.numbers.has(term);
    }

    /** Other names of what a word may name. */
    sameAs(key) {
      if (!this.isAlias(key)) return [];
      if (!this.names) {
        this.names = new Map();
        for (const [name, concepts] of Object.entries(this.aliases)) {
          for (const number of concepts) this.names.set(number, [...(this.names.get(number) ?? []), name]);
        }
      }
      return this.aliases[key].flatMap((number) => this.names.get(number)).filter((name) => name !== key);
    }

    /** The words that a name is made of: 위치인코딩 of 위치 and 인코딩. */
    inside(name) {
      const words = (rest) => {
        for (let end = rest.length - 1; end > 0; end--) {
          if (!this.has(rest.slice(0, end))) continue;
          const after = this.has(rest.slice(end)) ? [rest.slice(end)] : words(rest.slice(end));
          if (after.length) return [rest.slice(0, end), ...after];
        }
        return [];
      };
      return [...new Set([name, ...this.sameAs(name)].flatMap(words))];
    }

    isNoun(term) {
      return this.numbers.has(term) && !this.verbTerms.has(term);
    }

    isAlias(key) {
      return Object.hasOwn(this.aliases, key);
    }

    /** A word that isn't Korean in the index's form; "" for a stop word. */
    term(word) {
      const lower = word.normalize("NFKC").toLowerCase();
      if (this.stopwords.has(lower)) return "";
      if (identifier(word) || /^\p{Nd}+$/u.test(lower) || !this.stemmer) return lower;
      if (!this.english) return this.stemmer.stemWord(lower).toLowerCase();
      let known = IRREGULAR[lower] ?? lower;
      for (const [pattern, replacement] of SPELLINGS) known = known.replace(pattern, replacement);
      const ending = KINDS.exec(known);
      const kind = ending ? (/^[eo]r$/.test(ending[1] ?? "") ? "~er" : "~ence") : "";
      return this.stemmer.stemWord(known).toLowerCase() + kind;
    }

    parts(word) {
      const found = word.match(PART) ?? [];
      return found.length > 1 ? found.filter((part) => part.length > 1).map((part) => this.term(part)).filter(Boolean) : [];
    }

    /** The concepts of a name, particles after it allowed: {concepts, key} or null. */
    alias(key, hangul) {
      for (let end = key.length; end > 0; end--) {
        const name = key.slice(0, end);
        if (!this.isAlias(name)) {
          if (!hangul || !/[가-힣]$/.test(key)) break;
          continue;
        }
        const after = end === key.length ? "noun" : tail(key.slice(end), name);
        if (after === "noun" || (after === "verb" && !this.synonyms.has(name))) {
          return { key: name, concepts: this.aliases[name].map((number) => `#${number}`) };
        }
        if (after === "verb") return null;
      }
      return null;
    }

    verb(word) {
      const jamo = decompose(word);
      const found = new Set();
      for (let end = jamo.length; end > 0; end--) {
        const verbs = this.verbs.get(jamo.slice(0, end));
        if (verbs && endsVerb(jamo.slice(end))) verbs.forEach((verb) => found.add(verb));
      }
      return [...found];
    }

    /** Ways to take a Korean word apart: each a list of terms; [] where there is none. */
    parse(word, grammar = true) {
      const best = this.nouns(word, grammar);
      const ways = best ? [best.terms] : [];
      if (best?.made) ways.push(best.made); // 주의하세요: also where it says 주의를
      if (grammar && best && word.endsWith("기")) ways.push(...this.verb(word).map((verb) => [verb]));
      if (grammar && (!best || best.verbal || best.single)) {
        for (const verb of this.verb(word)) {
          // 열은 is the noun with a particle, 여는 only the verb can be.
          if (best && !best.verbal && word.startsWith(verb.slice(0, -1))) continue;
          ways.push([verb]);
        }
      }
      return ways;
    }

    nouns(word, grammar) {
      let best = null;
      const offer = (terms, cost, verbal, single, made = null) => {
        if (!best || cost < best.cost) best = { terms, cost, verbal, single, made };
      };
      const take = (start, terms, cost, singles) => {
        if (start === word.length) offer(terms, cost, false, singles > 0);
        if (terms.length && start < word.length && grammar) {
          const rest = word.slice(start);
          const after = tail(rest, word.slice(0, start));
          if (after) {
            const last = terms.at(-1).replace(/^=/, "");
            const made = after === "verb" && this.synonyms.has(last) ? `${last}하다` : null;
            const whole = made ? [...terms.slice(0, -1), made] : terms;
            offer(whole, cost + 0.1 * rest.length, after === "verb", singles > 0, made && terms.map((term) => term.replace(/^=/, "")));
          }
          for (const verb of this.verb(rest)) {
            if (rest.length > 1) offer([...terms, verb], cost + 1.5, true, singles > 0);
          }
        }
        if (terms.length >= 5) return;
        for (let end = word.length; end > start; end--) {
          const piece = word.slice(start, end);
          const single = end - start === 1 && word.length > 1;
          const known = this.isAlias(piece) ? `=${piece}` : this.isNoun(piece) ? piece : "";
          // Two pieces of one syllable are rather a word that the site doesn't have.
          if (!known || (single && singles)) continue;
          take(end, [...terms, known], cost + 1 + (single ? 1 : 0), singles + (single ? 1 : 0));
        }
      };
      take(0, [], 0, 0);
      if (best && best.single && best.terms.length > 1 && word.length < 4) best = null;
      return best;
    }

    /** Names of the glossary that begin so. */
    namesBeginning(prefix, limit = 6) {
      const found = Object.keys(this.aliases).filter((key) => key.startsWith(prefix));
      return found.slice(0, limit).flatMap((key) => this.aliases[key].map((number) => `#${number}`));
    }

    /** Terms that begin so. */
    beginning(prefix, limit = 12) {
      let low = 0;
      let high = this.terms.length;
      while (low < high) {
        const middle = (low + high) >> 1;
        if (this.terms[middle] < prefix) low = middle + 1;
        else high = middle;
      }
      const found = [];
      while (low < this.terms.length && this.terms[low].startsWith(prefix) && found.length < limit) {
        found.push(this.terms[low++]);
      }
      return found;
    }

    /** The words of the site nearest to one that it doesn't have. */
    nearest(word, limit = 3) {
      const wanted = decompose(word.toLowerCase());
      const allowed = wanted.length > 9 ? 2 : wanted.length > 4 ? 1 : 0;
      if (!allowed) return [];
      const names = [...this.terms.filter((term) => !term.startsWith("#")), ...Object.keys(this.aliases)];
      const scored = [];
      for (const name of new Set(names)) {
        const jamo = decompose(name);
        if (Math.abs(jamo.length - wanted.length) > allowed) continue;
        const far = distance(wanted, jamo, allowed);
        if (far <= allowed) scored.push([far, name]);
      }
      return scored.sort((a, b) => a[0] - b[0] || (a[1] < b[1] ? -1 : 1)).slice(0, limit).map((each) => each[1]);
    }
  }

  function distance(a, b, limit) {
    let row = Array.from({ length: b.length + 1 }, (_, number) => number);
    let before = [];
    for (let i = 1; i <= a.length; i++) {
      const next = [i];
      for (let j = 1; j <= b.length; j++) {
        next[j] = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1));
        if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
          next[j] = Math.min(next[j], before[j - 2] + 1);
        }
      }
      if (Math.min(...next) > limit) return limit + 1;
      before = row;
      row = next;
    }
    return row[b.length];
  }

  Object.assign(globalThis.KoreanSearch, {
    words: { pieces, tail, identifier, helps, says, Lexicon },
  });
})();
