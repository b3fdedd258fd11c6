"""Korean text by its morphemes: Kiwi at build time, and a memory of what it said.

Loading Kiwi takes seconds. What it said of a text is kept beside the doctrees, so a build in
which no Korean text is new never loads it.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .words import Token, Words

if TYPE_CHECKING:
    from kiwipiepy import Kiwi

HANGUL = re.compile("[가-힣]")
#: What a reader looks for: nouns, roots, verbs and adjectives.
NOUNS = {"NNG", "NNP", "XR", "UN"}
VERBS = {"VV", "VA"}
#: Words that never change: 첫, 나란히. Nobody looks for one alone, but a heading may begin with it.
UNCHANGING = {"MM", "MAG"}
MAKES_VERB = {"XSV", "XSA"}
#: Kiwi now and then takes the suffix for the verb: 학습+하/VV.
VERBS_OF_NOUNS = {"하", "되", "시키", "당하", "받"}
#: Suffixes that make a new noun; 들 (plural) and the like don't.
MAKES_NOUN = {"화", "기", "성", "형", "법", "률", "율", "량", "별"}
HANGUL_WORD = re.compile("(?<![가-힣])[가-힣]+")
#: Particles after which a word ends, and none.
PARTICLES = {""} | set(
    re.findall(
        "[가-힣]+",
        "은 는 이 가 을 를 의 에 와 과 도 만 로 으로 에서 에는 에도 에서는 에서도 까지 부터 마다 "
        "처럼 보다 쯤 이나 나 이며 며 이고 이다 입니다 인 이란 이라는 들 들이 들은 들을 들의",
    )
)
#: Endings before which a verb shows every shape of its stem.
SHAPES = (("고", "EC"), ("는", "ETM"), ("ᆫ", "ETM"), ("으면", "EC"), ("어", "EC"))


class Morphemes:
    """Kiwi's analysis of texts, remembered.

    A text's entry is a list of ``[start, length, term, surface, verbal, is a verb]``.
    """

    def __init__(
        self, path: Path, dictionary: Iterable[str], phrases: Iterable[tuple[str, ...]] = ()
    ) -> None:
        self.path = path
        self.phrases = sorted(each for each in phrases if any(len(word) == 1 for word in each))
        self.dictionary = sorted({unicodedata.normalize("NFC", word) for word in dictionary})
        self.words = set(self.dictionary)
        state = [metadata.version("kiwipiepy"), source_digest(), *self.dictionary]
        self.stamp = hashlib.sha256("\0".join(state).encode()).hexdigest()
        self.kiwi: Kiwi | None = None
        self.used: set[str] = set()
        self.texts: dict[str, list[list[Any]]] = {}
        self.shapes: dict[str, list[str]] = {}
        self.new = False
        self._verbs: set[str] | None = None
        try:
            kept = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            kept = {}
        if kept.get("stamp") == self.stamp:
            self.texts, self.shapes = kept["texts"], kept["shapes"]

    def load(self) -> Kiwi:
        """Kiwi with the user dictionary."""
        if self.kiwi is None:
            from kiwipiepy import Kiwi

            self.kiwi = Kiwi(num_workers=1)
            # Even what Kiwi knows by itself it may split in a sentence: 가중+치를. What has a verb
            # in it stays apart: 숨겨진 상태. (Kiwi prepares itself anew after each word added,
            # when it is next asked: ask for all of them first.)
            whole = [word for word in self.dictionary if not self.has_verb(self.kiwi, word)]
            for word in whole:
                self.kiwi.add_user_word(word, "NNG", 0)
        return self.kiwi

    @staticmethod
    def has_verb(kiwi: Kiwi, word: str) -> bool:
        return any(token.tag.split("-")[0] in VERBS for token in kiwi.tokenize(word))

    def analyse(self, text: str) -> list[list[Any]]:
        if not HANGUL.search(text):
            return []
        key = hashlib.sha256(text.encode()).hexdigest()[:20]
        self.used.add(key)
        if key not in self.texts:
            self.texts[key] = self.read(text)
            self.new = True
        return self.texts[key]

    def read(self, text: str) -> list[list[Any]]:
        found = []
        for entry in morphemes(text, self.load().tokenize(text)):
            pieces = split_compound(entry[2], self.words) if entry[2] == entry[3] else []
            start = entry[0]
            for piece in pieces:
                found.append([start, len(piece), piece, piece, False, False])
                start += len(piece)
            if pieces:  # the last noun is the one that may be made a verb
                found[-1][4] = entry[4]
            else:
                found.append(entry)
        return found

    def stems(self, verb: str) -> list[str]:
        """The shapes that the stem of a verb takes: 돕다 → 돕, 도우, 도와.

        The last sound of a shape may melt into an ending; `한` begins with `하`, decomposed.
        """
        if verb not in self.shapes:
            kiwi, stem = self.load(), verb.removesuffix("다")
            found = {stem}
            for ending, tag in SHAPES:
                for kind in ("VV", "VV-I", "VV-R") if ambiguous(stem) else ("VV",):
                    joined = kiwi.join([(stem, kind), (ending, tag)])
                    found.add(without(joined, ending))
            self.shapes[verb] = sorted(unicodedata.normalize("NFC", shape) for shape in found)
            self.new = True
        return self.shapes[verb]

    def verbs(self) -> set[str]:
        """Every verb and adjective in the texts."""
        if self._verbs is None:
            self._verbs = {entry[2] for key in self.used for entry in self.texts[key] if entry[5]}
        return self._verbs

    def keep_all(self) -> None:
        self.used = set(self.texts)

    def save(self, *, prune: bool) -> None:
        """Remember what this build used, and forget the rest."""
        if not prune:
            self.keep_all()
        if self.new or set(self.texts) != self.used:
            texts = {key: self.texts[key] for key in sorted(self.used)}
            kept = {"stamp": self.stamp, "texts": texts, "shapes": self.shapes}
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.path.write_text(json.dumps(kept, ensure_ascii=False), encoding="utf-8")


def split_compound(noun: str, words: set[str]) -> list[str]:
    """The words of the glossary that a noun written in one is made of; [] if it isn't.

    >>> split_compound("셀프어텐션", {"셀프", "어텐션"})
    ['셀프', '어텐션']
    """
    if len(noun) < 4:
        return []
    for end in range(len(noun) - 2, 1, -1):
        head, rest = noun[:end], noun[end:]
        if head in words:
            if rest in words:
                return [head, rest]
            if tail := split_compound(rest, words):
                return [head, *tail]
    return []


def source_digest() -> str:
    """This module decides what is kept of an analysis."""
    return hashlib.sha256(Path(__file__).read_bytes()).hexdigest()


def ambiguous(stem: str) -> bool:
    """Whether the last consonant may make a verb irregular (묻다, 돕다, 낫다, 하얗다, 흐르다)."""
    last = unicodedata.normalize("NFD", stem)[-1]
    return last in "ᆮᆸᆺᇂ" or stem.endswith("르")


def without(joined: str, ending: str) -> str:
    """A conjugated verb without its ending, decomposed: what melted stays with the stem."""
    whole = unicodedata.normalize("NFD", joined)
    tail = unicodedata.normalize("NFD", ending)
    for cut in (tail, tail.removeprefix("으")):  # 나누면 hasn't the 으 of 먹으면
        if len(cut) and whole.endswith(cut):
            return whole[: -len(cut)]
    return whole


def morphemes(text: str, tokens: Iterable[Any]) -> Iterable[list[Any]]:
    """What is kept of Kiwi's tokens."""
    tokens = list(tokens)
    end = 0
    for number, token in enumerate(tokens):
        surface = text[token.start : token.start + token.len]
        if not surface or token.start < end or not HANGUL.match(surface):
            continue
        end = token.start + token.len
        following = tokens[number + 1] if number + 1 < len(tokens) else None
        tag = token.tag.split("-")[0]
        term, verbal = "", False
        if tag in NOUNS:
            term = token.form
            if len(term) > 2:
                term = term.removesuffix("쯤")  # Kiwi leaves it on: 시간쯤
            verbal = (
                following is not None
                and following.start == end
                and (
                    following.tag.split("-")[0] in MAKES_VERB
                    or (following.tag.startswith("V") and following.form in VERBS_OF_NOUNS)
                )
            )
        elif tag in VERBS:
            term = f"{token.form}다"
        elif tag in UNCHANGING or (tag == "NR" and has_particle(token, following)):
            term = token.form  # 열은: Kiwi takes a column for the number ten
        term = unicodedata.normalize("NFC", term)
        yield [token.start, token.len, term, surface, verbal, tag in VERBS]
        if joined := derived(tokens, number, text):
            yield joined


def has_particle(token: Any, following: Any) -> bool:
    """Whether a particle stands right after a word: a number that counts something has none."""
    adjacent = following is not None and following.start == token.start + token.len
    return adjacent and following.tag.startswith("J")


def derived(tokens: list[Any], number: int, text: str) -> list[Any] | None:
    """A noun with its prefix, its suffix or a short noun as one more word: 비선형, 용어집."""
    token = tokens[number]
    if token.tag not in NOUNS and not (token.tag == "XSN" and token.form in MAKES_NOUN):
        return None
    if (
        number + 1 < len(tokens)
        and touches(token, tokens[number + 1])
        and (tokens[number + 1].tag in NOUNS or tokens[number + 1].form in MAKES_NOUN)
    ):
        return None  # the compound goes on
    first = number
    while (
        first
        and touches(tokens[first - 1], token := tokens[first])
        and (tokens[first - 1].tag in NOUNS | {"XPN"} or tokens[first - 1].form in MAKES_NOUN)
    ):
        first -= 1
    run = tokens[first : number + 1]
    if len(run) < 2 or all(each.len > 1 for each in run) or not all(each.len for each in run):
        return None
    start, end = run[0].start, run[-1].start + run[-1].len
    return [start, end - start, text[start:end], text[start:end], False, False]


def touches(before: Any, after: Any) -> bool:
    return bool(before.start + before.len == after.start)


def put(word: Token, tokens: list[Token]) -> list[Token]:
    """A word in the place of what was taken for another there."""
    if any((each.start, each.term) == (word.start, word.term) for each in tokens):
        return tokens
    last = word.start + word.length
    wrong = [
        each
        for each in tokens
        if each.start < last <= each.start + each.length and each.term != each.surface
    ]
    return [*(each for each in tokens if each not in wrong), word]


class KoreanWords:
    """Words of a text with Korean in it: nouns and verbs by Kiwi, the rest as elsewhere."""

    def __init__(self, morphemes: Morphemes, words: Words) -> None:
        self.morphemes = morphemes
        self.words = words
        #: Nouns of the site.  Kiwi misses some where a sentence misleads it.
        self.nouns = {word for word in morphemes.words if len(word) > 1}
        #: Names with a syllable for a word, in which Kiwi may see anything: 빔 서치.
        self.phrases = [
            (phrase, re.compile(f"(?<![가-힣]){'[ -]?'.join(map('({})'.format, phrase))}"))
            for phrase in morphemes.phrases
        ]

    def learn(self, texts: Iterable[str]) -> None:
        """Take note of every noun, before any text is indexed."""
        for text in texts:
            for _, length, term, surface, _, verb in self.morphemes.analyse(text):
                if length > 1 and term == surface and not verb:
                    self.nouns.add(term)

    def tokens(self, text: str) -> list[Token]:
        found = list(self.words.tokens(text))
        for start, length, term, surface, verbal, _ in self.morphemes.analyse(text):
            found.append(Token(start, length, term, surface, verbal=verbal))
        for phrase, pattern in self.phrases:
            for match in pattern.finditer(text):
                for number, word in enumerate(phrase, 1):
                    if len(word) == 1:
                        found = put(Token(match.start(number), 1, word, word), found)
        nouns = {(token.start, token.term) for token in found}
        for run in HANGUL_WORD.finditer(text):
            if (noun := self.known(run[0])) and (run.start(), noun) not in nouns:
                found.append(Token(run.start(), len(noun), noun, noun))
        return sorted(found, key=lambda token: (token.start, -token.length))

    def known(self, word: str) -> str:
        """A noun of the site with nothing but a particle after it."""
        for end in range(len(word), 1, -1):
            if word[end:] in PARTICLES and word[:end] in self.nouns:
                return word[:end]
        return ""
