"""The index: which words stand in which sections, and the texts that results are shown from.

Everything is static: ``_search/index.js`` is loaded when the first search begins, and a page's
text (``_search/text/<page>.js``) when one of its sections is shown. Each calls a function with its
data, for a page opened from a file can't fetch anything.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from .collect import CODE, ENTRY, PART, TEXT
from .glossary import Name
from .words import HANGUL_RUN, WORD, Token, Words

#: A word's weight in a section is one character of this: 0–15 in the text, then in a heading,
#: then in the title of the page.
DIGITS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_"
HEADING, TITLE = 32, 48
#: A word that stands in code alone weighs no more than this.
CODE_ONLY = 4
#: What may stand between the words of a name: 행렬의 곱 is 행렬 곱, 탐욕적으로 디코딩합니다 is
#: 탐욕적 디코딩.
GAP = re.compile("(?:의|(?<=적)으로|(?<=적)인)?[ \u00a0]?|[-‐‑/]")
LINKS = {"의", "으로", "인"}


@dataclass
class Aliases:
    """The names of the glossary's terms, spaces and inflections removed."""

    keys: dict[str, list[int]] = field(default_factory=dict)
    #: Names that are somebody else's for the term, and may mean something different here.
    synonyms: set[str] = field(default_factory=set)
    #: Synonyms that are everyday words too.
    ambiguous: set[str] = field(default_factory=set)
    beginnings: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, names: Iterable[Name], words: Words) -> Aliases:
        own = cls()
        preferred = set()
        for name in names:
            if not (key := alias_key(name.text, words)):
                continue
            concepts = own.keys.setdefault(key, [])
            if name.concept not in concepts:
                concepts.append(name.concept)
            (own.synonyms if name.synonym else preferred).add(key)
            if name.ambiguous:
                own.ambiguous.add(key)
        own.synonyms -= preferred
        own.ambiguous -= preferred
        own.beginnings = {key[:end] for key in own.keys for end in range(1, len(key) + 1)}
        return own

    def find(self, text: str, tokens: list[Token]) -> Iterable[Token]:
        """Where a name stands, in one word or in several."""
        for first, token in enumerate(tokens):
            joined, end = "", token.start
            for following in tokens[first:]:
                if following.start < end:
                    continue
                if joined and not following.term and following.surface in LINKS:
                    continue  # a particle: it stands in the gap before the next word
                if not GAP.fullmatch(text, end, following.start):
                    break
                joined += following.surface
                end = following.start + following.length
                if joined not in self.beginnings:
                    break
                if joined in self.keys and not self.everyday(joined, token):
                    for concept in self.keys[joined]:
                        yield Token(token.start, end - token.start, f"#{concept}", "")

    def everyday(self, key: str, token: Token) -> bool:
        """Whether what looks like a name of a term isn't one: 주의하세요, 주의 사항."""
        return key in self.ambiguous or (key in self.synonyms and token.verbal)


def alias_key(text: str, words: Words) -> str:
    pieces = []
    for found in sorted(
        [*WORD.finditer(text), *HANGUL_RUN.finditer(text)], key=lambda match: match.start()
    ):
        word = found[0]
        pieces.append(word if HANGUL_RUN.fullmatch(word) else words.term(word) or word.lower())
    return "".join(pieces)


@dataclass
class Entry:
    """A section, all its text known."""

    anchor: str
    title: str
    parent: int
    blocks: list[tuple[int, str]]
    kind: int = PART


@dataclass
class Page:
    docname: str
    uri: str
    sections: list[Entry]


class Index:
    """Counts the words of pages, and writes them down."""

    def __init__(self, tokens: Callable[[str], Iterable[Token]], aliases: Aliases) -> None:
        self.tokens = tokens
        self.aliases = aliases
        self.counts: dict[str, dict[int, list[float]]] = defaultdict(dict)
        self.lengths: list[int] = []
        self.pages: list[list[Any]] = []
        self.sections: list[list[Any]] = []
        self.letters = [0, 0]

    # -- reading ---------------------------------------------------------------------------------

    def find(self, text: str, kind: int, *, names: bool = False) -> list[Token]:
        """The words of a text; ``names`` where it lists the names of terms (a glossary)."""
        found = []
        tokens = list(self.tokens(text))
        for token in tokens:
            term = token.term
            if token.verbal and token.surface in self.aliases.synonyms:
                token = token._replace(term=f"{term}하다")  # 주의하다 isn't 주의 (attention)
            if names and token.surface in self.aliases.ambiguous:
                for concept in self.aliases.keys[token.surface]:
                    found.append(token._replace(term=f"#{concept}"))
            else:
                found.append(token)
        if kind == TEXT:
            found += self.aliases.find(text, tokens)
        return sorted(found, key=lambda token: (token.start, token.length))

    def add(self, page: Page) -> str:
        """Count a page; return the script that holds its text."""
        first = len(self.sections)
        local: dict[str, int] = {}
        written = []
        for entry in page.sections:
            number = len(self.sections)
            parent = entry.parent + first if entry.parent >= 0 else -1
            step = parent - number if parent >= 0 else 0
            self.sections.append([entry.anchor, entry.title, step, entry.kind])
            title = self.find(entry.title, TEXT)
            words = [token for token in title if token.term and not token.term.startswith("#")]
            level = TITLE if parent < 0 else HEADING
            for token in title:
                share = (
                    15 / math.sqrt(max(len(words), 1)) * (token.length / len(entry.title)) ** 0.5
                )
                self.count(token, number, heading=level + min(15, round(share)))
            length, blocks = 0, []
            for kind, text in entry.blocks:
                tokens = self.find(text, kind, names=entry.kind == ENTRY)
                length += len(tokens) if kind == TEXT else 0
                for token in tokens:
                    self.count(token, number, **{"code" if kind == CODE else "text": 1})
                self.letters[0] += sum(map(is_latin, text)) if kind == TEXT else 0
                self.letters[1] += sum(map(str.isalpha, text)) if kind == TEXT else 0
                blocks.append([kind, text, spans(text, tokens, local)])
            self.lengths.append(length)
            written.append(blocks)
        script = dump("page", page.docname, {"terms": list(local), "sections": written})
        digest = hashlib.sha256(script.encode()).hexdigest()[:8]
        self.pages.append([page.docname, page.uri, digest, first])
        return script

    def count(
        self, token: Token, number: int, *, text: int = 0, code: int = 0, heading: int = 0
    ) -> None:
        for term, share in ((token.term, 1.0), *((part, 0.4) for part in token.parts)):
            if term:
                kept = self.counts[term].setdefault(number, [0, 0.0, 0.0])
                kept[0] = max(kept[0], heading if share == 1 else heading and heading - 8)
                kept[1] += text * share
                kept[2] += code * share

    # -- writing ---------------------------------------------------------------------------------

    def weight(self, heading: float, text: float, code: float, number: int) -> int:
        if heading:
            return int(heading)
        mean = max(sum(self.lengths) / max(len(self.lengths), 1), 1)
        norm = 1.2 * (0.4 + 0.6 * self.lengths[number] / mean)
        prose = 12 * text / (text + norm) if text else 0
        # Said in words, even once in a long section, it counts for more than any code does.
        least = CODE_ONLY + 1 if text else 1
        return max(least, min(15, round(prose + CODE_ONLY * code / (code + 2))))

    def postings(self, term: str) -> str:
        """The sections of a term: distance to the one before, and weight, in three characters."""
        line, last = "", -1
        for number, counts in sorted(self.counts[term].items()):
            step = number - last - 1
            while step >= 63:
                line += "_"
                step -= 63
            line += DIGITS[step] + DIGITS[self.weight(*counts, number)]
            last = number
        return line

    def script(self, **settings: Any) -> str:
        terms = sorted(self.counts)
        data = {
            **settings,
            "latin": self.letters[0] * 2 > self.letters[1],
            "pages": self.pages,
            "sections": self.sections,
            "terms": terms,
            "postings": [self.postings(term) for term in terms],
            "aliases": {key: self.aliases.keys[key] for key in sorted(self.aliases.keys)},
            "synonyms": sorted(self.aliases.synonyms),
            "ambiguous": sorted(self.aliases.ambiguous),
        }
        return dump("index", settings["language"], data)


def spans(text: str, tokens: list[Token], local: dict[str, int]) -> list[int]:
    """Where words stand: for each, distance from the last start, length, number of the word."""
    wide = any(ord(letter) > 0xFFFF for letter in text)
    found, last = [], 0
    for token in tokens:
        start, length = token.start, token.length
        if wide:  # JavaScript counts some characters twice
            end = utf16(text[: start + length])
            start = utf16(text[:start])
            length = end - start
        for term in (token.term, *token.parts):
            if term:
                found += [start - last, length, local.setdefault(term, len(local))]
                last = start
    return found


def utf16(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def is_latin(letter: str) -> bool:
    return letter.isalpha() and (letter.isascii() or "LATIN" in unicodedata.name(letter, ""))


def dump(function: str, name: str, data: Any) -> str:
    body = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    # A script may be inside a page one day: no end tag, and no line separators.
    body = body.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
    return f"KoreanSearch.{function}({json.dumps(name, ensure_ascii=False)},{body});\n"
