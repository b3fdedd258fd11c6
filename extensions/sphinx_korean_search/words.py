"""Words that aren't Korean: what both sides of the search take for one word.

``static/words.js`` is the same in JavaScript: change both.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sphinx.search import SearchLanguage


class Token(NamedTuple):
    """A piece of a text: where it stands and what it is in the index."""

    start: int
    length: int
    #: The word in the form the index has; "" for what no one looks for (a particle, a stop word).
    term: str
    #: What aliases of the glossary are compared with.
    surface: str
    #: Parts of an identifier: found too, but worth less.
    parts: tuple[str, ...] = ()
    #: A noun made a verb (주의하다): it isn't the term that it looks like.
    verbal: bool = False


#: Scripts written without spaces, where a run of letters isn't a word. Hangul has its analyser.
UNSPACED = r"\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u0e00-\u0e7f"
HANGUL = r"\uac00-\ud7a3\u1100-\u11ff\u3130-\u318f"
WORD = re.compile(
    r"\d+(?:\.\d+)?[eE][-+]?\d+(?!\w)"  # 1e-9
    r"|\d+(?:\.\d+)+"  # 0.1, a version
    rf"|[{UNSPACED}]+"
    rf"|(?:(?![{HANGUL}{UNSPACED}ᵀ⊤])\w)+"
)
UNSPACED_RUN = re.compile(f"[{UNSPACED}]+")
HANGUL_RUN = re.compile(f"[{HANGUL}]+")
PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[^\W\d_A-Z]+|\d+")


#: A path of names: jumok.attention, nn.Transformer. It is found as a whole, not by its parts.
DOTTED = re.compile(r"(?<![\w.])[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+", re.ASCII)


def paths(path: str, start: int) -> Iterator[Token]:
    """Each two names that follow each other in a path."""
    names = path.lower().split(".")
    for first, second in itertools.pairwise(names):
        yield Token(start, len(first) + 1 + len(second), f"{first}.{second}", "")
        start += len(first) + 1


def is_identifier(word: str) -> bool:
    """Whether a word is a name in code: it has an underscore, or a capital or digit inside."""
    return bool(re.search(r"_|\d|[^\W\d_A-Z][A-Z]", word)) and not word.isdigit()


def parts(word: str) -> tuple[str, ...]:
    found = PART.findall(word)
    return tuple(part for part in found if len(part) > 1) if len(found) > 1 else ()


#: Plurals that no stemmer knows, and spellings that differ between countries.
IRREGULAR = {"matrices": "matrix", "vertices": "vertex", "indices": "index", "axes": "axis"}
SPELLINGS = (
    (re.compile(r"(?<=[a-z]{3})is(?=(e|ed|er|ers|es|ing|ation|ations)$)"), "iz"),
    (re.compile(r"(?<=[a-z]{3})our(?=(s|ed|ing|al)?$)"), "or"),
)
#: A stemmer makes one word of a decoder and decoding, of a dependency and depending. These
#: endings keep them apart.
ENDINGS = re.compile(r"(?<=[a-z]{3})(er|or|ence|ency|ance|ancy)(s|es)?$|(?<=[a-z]{3})(enc|anc)ies$")
KINDS = {"er": "er", "or": "er"}


class Words:
    """Splits and stems with what Sphinx knows of a language."""

    def __init__(self, language: SearchLanguage, *, hangul: bool = False) -> None:
        self.language = language
        self.english = language.language_name in {"English", "Korean"}
        #: Whether a Korean word among others is taken as it stands: nobody else analyses it.
        self.hangul = hangul
        self.stems: dict[str, str] = {}

    def term(self, word: str) -> str:
        """The form of a word in the index; "" for a stop word."""
        lower = unicodedata.normalize("NFKC", word).lower()
        if lower in self.language.stopwords:
            return ""
        if is_identifier(word) or lower.isdigit():
            return lower
        if lower not in self.stems:
            self.stems[lower] = self.stem(lower)
        return self.stems[lower]

    def stem(self, word: str) -> str:
        if self.language.js_stemmer_rawcode != "english-stemmer.js" and not self.english:
            return self.language.stem(word).lower()
        word = IRREGULAR.get(word, word)
        for pattern, replacement in SPELLINGS:
            word = pattern.sub(replacement, word)
        ending = ENDINGS.search(word)
        kind = f"~{KINDS.get(ending[1], 'ence')}" if ending else ""
        return self.language.stem(word).lower() + kind

    def tokens(self, text: str) -> Iterator[Token]:
        for found in HANGUL_RUN.finditer(text) if self.hangul else ():
            yield Token(found.start(), len(found[0]), found[0], found[0])
        for found in WORD.finditer(text):
            word, start = found[0], found.start()
            if UNSPACED_RUN.fullmatch(word):
                yield from self.split(word, start)
                continue
            if dotted := DOTTED.match(text, start):
                yield from paths(dotted[0], start)
            term = self.term(word)
            inner = tuple(filter(None, map(self.term, parts(word)))) if len(word) > 3 else ()
            # A stop word still stands between others: an alias may hold it.
            yield Token(start, len(word), term, term or word.lower(), inner)

    def split(self, run: str, start: int) -> Iterator[Token]:
        """Words of a script without spaces, by Sphinx's splitter for the language."""
        at = 0
        for word in self.language.split(run):
            found = run.find(word, at)
            if found >= 0 and word:
                term = self.language.stem(word).lower()
                yield Token(start + found, len(word), term, word.lower())
                at = found + len(word)
