"""Rules about the words of a translation that hold in every language."""

from __future__ import annotations

import builtins
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator

from .catalogs import Pair
from .rules import rule

_WORD = re.compile(r"[A-Za-z][A-Za-z'’-]*[a-z]")
_SMALL_WORDS = frozenset(
    [
        "a",
        "al",
        "an",
        "and",
        "as",
        "at",
        "by",
        "et",
        "for",
        "from",
        "in",
        "is",
        "of",
        "on",
        "or",
        "the",
        "to",
        "with",
        "you",
    ]
)

# "(batch, heads, query, key)": names of axes, of arguments, of files
_NAMES = re.compile(r"\([^()]*[,_][^()]*\)|\b\w*[_./]\w+(?:[_./]\w+)*")


@rule("untranslated")
def untranslated(pair: Pair) -> Iterator[str]:
    """An English sentence is no translation; names, code, titles and formulas are."""
    if pair.is_maths:
        return
    own = _NAMES.sub(" ", pair.original.own)
    words = [word for word in _WORD.findall(own) if word[0].islower()]
    words = [word for word in words if not hasattr(builtins, word)]  # str, int: types
    if " ".join(pair.source.split()).casefold() == " ".join(pair.translation.split()).casefold():
        if (len(words) >= 2 or (words and pair.syntax != "plain")) and not _is_citation(own):
            yield "the translation is the English text"
    elif left := _english_clause(pair):
        yield f"left in English: {left!r}"


def _is_citation(text: str) -> bool:
    """Whether most words are names or titles (capitalised), as in a reference."""
    words = re.findall(r"[A-Za-z][\w'’-]+", text)
    content = [word for word in words if word.lower() not in _SMALL_WORDS]
    capitals = sum(word[0].isupper() for word in content)
    return bool(content) and capitals >= len(content) * 0.7


_OTHER_LETTERS = re.compile(r"[^\W\d_\u0000-\u024f]")  # of another script than Latin
_CLAUSE = 4  # words of a sentence that holds nothing else
_RUN = 10  # words in a row inside a sentence


def _english_clause(pair: Pair) -> str:
    """A sentence of the translation in the English words, outside italics and quotation marks."""
    original = _just_words(pair.original.visible)
    other_script = bool(_OTHER_LETTERS.search(pair.translation))
    text = re.sub(r"‘[^’]*’|“[^”]*”|\"[^\"]*\"", " ", pair.translated.own)
    for sentence in re.split(r"(?<=[.!?:])\s+|\n", text):
        for run in re.findall(r"[A-Za-z][A-Za-z'’ ,;()-]*[A-Za-z]", sentence):
            words = _just_words(run)
            alone = not _OTHER_LETTERS.search(sentence)
            enough = len(words.split()) >= (_CLAUSE if alone else _RUN)
            if enough and (words in original or other_script) and not _is_citation(run):
                return run
    return ""


def _just_words(text: str) -> str:
    return " ".join(re.findall(r"[a-z'’-]+", text.lower()))


_MOJIBAKE = re.compile(
    r"\ufffd|[ÂÃ][\u0080-\u00bf]|â€|ì[\u0080-\u00bf]|ë[\u0080-\u00bf]|ï»¿|\?{3,}"
)
_INVISIBLE = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u00a0\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]"
)


@rule("characters")
def characters(pair: Pair) -> Iterator[str]:
    """No control characters, no text read in the wrong encoding, NFC."""
    text = pair.translation
    if found := _MOJIBAKE.search(text):
        yield f"text read in the wrong encoding: {found[0]!r}"
    for character in sorted(set(_INVISIBLE.findall(text))):
        if text.count(character) > pair.source.count(character):
            name = unicodedata.name(character, f"control character U+{ord(character):04X}")
            yield f"an invisible character: {name}"
    if not unicodedata.is_normalized("NFC", text):
        yield "letters in pieces (not NFC): search would not find them"


_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


def numbers_in(text: str) -> set[str]:
    """The numbers in digits, without the commas between thousands.

    >>> sorted(numbers_in("1,000 of 65.5 and 2017."))
    ['1000', '2017', '65.5']
    """
    return {re.sub(r",(?=\d{3}(?!\d))", "", number) for number in _NUMBER.findall(text)}


@rule("numbers")
def numbers(pair: Pair) -> Iterator[str]:
    """A number in digits stands in the translation as well; digits for words are free."""
    if pair.is_maths:
        return
    original, translated = pair.original.words(), pair.translated.words()
    wanted, present = numbers_in(original), numbers_in(translated)
    told = NUMBER_READERS.get(pair.language, _never)
    for number in sorted(wanted - present):
        if not told(number, original, translated):
            yield f"the number {number} is missing"
    for number in sorted(present - wanted):
        if len(number) > 1 and not told(number, original, translated, extra=True):
            yield f"the number {number} is not in the English"


def _never(number: str, original: str, translated: str, *, extra: bool = False) -> bool:
    return False


#: For each language, a function that says whether a number of one text is told in another way in
#: the other: ``told(number, original, translated, extra=…)``.
NUMBER_READERS: dict[str, Callable[..., bool]] = {}

_END = re.compile(r"([.!?…:;,])[\s\"'’”)\]]*$")


@rule("end")
def end(pair: Pair) -> Iterator[str]:
    """A sentence ends as a sentence, a heading as a heading."""
    if pair.is_maths:
        return
    original, translated = _END.search(pair.original.visible), _END.search(pair.translated.visible)
    mark, there = (found[1] if found else "" for found in (original, translated))
    words = len(pair.original.words().split())
    if pair.syntax == "plain" and re.search(r":\s*(?:%\S*|\{[^}]*\})$", pair.translation):
        return  # "Page: %s" may stand for a sentence
    if mark in _SENTENCE and not there and not _is_abbreviation(pair):
        if mark != "?" or words > _HEADING:  # a question as a heading may become a noun
            yield f"the English ends with {mark}, the translation with no mark"
    elif there in {",", ";"} and mark != there:
        yield f"the translation ends with {there}, the English with {mark or 'no mark'}"
    elif there in {".", ":"} and not mark and words <= _HEADING and pair.syntax != "plain":
        # A longer message may run on into a formula: "… and the output is"
        yield f"the translation ends with {there}, the English with no mark"
    elif mark == "?" and "?" not in pair.translated.visible:
        yield "the English asks, the translation doesn't"


_SENTENCE = frozenset(".!?…:")
_HEADING = 7  # words


def _is_abbreviation(pair: Pair) -> bool:
    return bool(re.search(r"\b(?:etc|al|e\.g|i\.e|vs|inc)\.\W*$", pair.source.lower()))


_PERCENT = re.compile(r"%(?:\(\w+\))?[#0 +-]*\d*(?:\.\d+)?[sdifgexXr]")
_BRACE = re.compile(r"\{(?:\w+(?:\.\w+|\[\w+\])*)?(?:![rsa])?(?::[^{}]*)?\}")


@rule("placeholders")
def placeholders(pair: Pair) -> Iterator[str]:
    """``%s`` and ``{name}`` in interface strings stay, for the program fills them in."""
    if pair.syntax != "plain":
        return
    for flag, pattern in (("python-format", _PERCENT), ("python-brace-format", _BRACE)):
        if flag in pair.flags:
            source, translation = (
                Counter(pattern.findall(text)) for text in (pair.source, pair.translation)
            )
            for lost in sorted((source - translation).elements()):
                yield f"the placeholder {lost} is missing"
            for added in sorted((translation - source).elements()):
                yield f"the placeholder {added} is not in the English"


@rule("space")
def space(pair: Pair) -> Iterator[str]:
    """No double spaces, no space at an end that the English hasn't."""
    if pair.is_maths:
        return
    if re.search(r"(?<=\S) {2,}(?=\S)", pair.translation) and "  " not in pair.source.strip():
        yield "two spaces in a row"
    for strip, where in ((str.lstrip, "beginning"), (str.rstrip, "end")):
        source, translation = (strip(text) != text for text in (pair.source, pair.translation))
        if translation and not source:
            yield f"a space at the {where}"
