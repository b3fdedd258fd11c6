"""Spaces between words, the mistakes that can be told for certain."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from translation_checks.catalogs import Pair
from translation_checks.markup import PLACEHOLDER

from .analysis import analyse

_PIECE = PLACEHOLDER.pattern

# A dependent noun right behind what can be a verb's ending in ㄴ or ㄹ: 하는것, 할때, 볼수
_ATTACHED = re.compile(
    r"[가-힣]+(?:수(?=(?:가|는|도|밖에)?\s?(?:있|없|밖))|것|때|줄(?=[을도은]?\s?[알모])|만큼|뿐|적(?=이|도)"
    r"|채(?=로)|동안)[가-힣]*"
)
_DEPENDENT = frozenset(["수", "것", "때", "줄", "만큼", "뿐", "적", "채", "동안"])
_COMPOUNDS = re.compile(r"^(?:이|그|저|아무|별|탈|들|날|온갖|한|제|뒷|헛)(?:것|때|동안)|^그럴듯")

_COUNTERS = "개|번|번째|가지|명|장|쌍|칸|배|시간|글자|단계|걸음|문장|단어|토큰"
_PARTICLE = "이|가|은|는|을|를|의|에|로|으로|만|씩|도|와|과|째|마다|까지|부터|입|인|뿐"
_AFTER = rf"(?=(?:{_PARTICLE})|[^가-힣]|$)"
_NUMERAL = re.compile(
    rf"(?<![가-힣])(두|세|네|다섯|여섯|일곱|여덟|아홉|열|스무|몇|여러)({_COUNTERS}){_AFTER}"
)
_COMMON = ("여러분", "세배", "세번역", "열배")
_DIGITS = re.compile(rf"(?<![\d.,])(\d[\d.,]*) (%|퍼센트|{_COUNTERS}){_AFTER}")

# A particle that stands alone. 이, 가, 도, 만, 보다 and 와 are words of their own as well.
_SURE = (
    "은|는|을|를|과|의|에|에서|에게|으로|로|까지|부터|처럼|마다|이나|라고|이라고|입니다|이다"
    "|에는|에도|에서는|으로는|로는|와는|과는|까지는"
)
_ALONE = re.compile(rf"(?<=[가-힣A-Za-z0-9)\]’”\"]) ({_SURE})(?=[\s.,?!)]|$)")
_ALONE_AFTER_PIECE = re.compile(rf"{_PIECE} ({_SURE}|가|와|도|만|밖에|이며)(?=[\s.,?!)]|$)")
_CAN = re.compile(r"(?<= )수(있|없)(?=[다습는을었어으네지고])")  # not 수없이, an adverb
_PUNCTUATION = re.compile(r"(?<=[가-힣A-Za-z0-9)]) ([,.?!;:])(?=\s|$)")
_SENTENCES = re.compile(rf"[가-힣]([.?!])(?=[가-힣]|{_PIECE})|(?<=[가-힣])(,)(?=[가-힣])")
_INSIDE = re.compile(r"\( (?=\S)|(?<=[^\s(]) \)")
_BRACKET = re.compile(r"([가-힣]+) \(([A-Za-z][A-Za-z -]*)\)")


def wrong_spaces(pair: Pair) -> Iterator[str]:
    text = pair.translated.visible
    for match in _ATTACHED.finditer(text):
        start = text.rfind(" ", 0, max(match.start() - 1, 0)) + 1
        yield from _dependent_noun(match[0], text[start : match.start()])
    for match in _NUMERAL.finditer(text):
        if match[0] not in _COMMON:
            yield f"{match[0]}: a counter is a word of its own ({match[1]} {match[2]})"
    for match in _DIGITS.finditer(text):
        yield f"{match[0]}: a counter is written to digits without a space ({match[1]}{match[2]})"
    for pattern in (_ALONE, _ALONE_AFTER_PIECE):
        for match in pattern.finditer(text):
            yield f"the particle {match[1]} belongs to the word before it"
    for match in _CAN.finditer(text):
        yield f"{match[0]}: 수 is a word of its own (수 {match[1]})"
    for match in _PUNCTUATION.finditer(text):
        yield f"a space before {match[1]}"
    for match in _SENTENCES.finditer(text):
        next_piece = pair.translated.piece_at(match.end())
        if next_piece and next_piece.kind == "footnote":
            continue
        yield f"no space after {match[1] or match[2]} ({match[0]}…)"
    if _INSIDE.search(text) and not _INSIDE.search(pair.original.visible):
        yield "a space inside brackets"
    for match in _BRACKET.finditer(text):
        yield f"the English follows without a space: {match[1]}({match[2]})"


def _dependent_noun(word: str, context: str) -> Iterator[str]:
    if _COMPOUNDS.search(word):
        return
    if found := re.search(r"(?<=는)것", word):
        yield f"{word}: 것 is a word of its own ({word[: found.start()]} {word[found.start() :]})"
        return
    context = PLACEHOLDER.sub("X", context)
    morphemes, _ = analyse(context + word)
    for before, noun in pairwise(morphemes):
        attached = before.tag == "ETM" and before.end >= noun.start >= len(context)
        if attached and noun.form in _DEPENDENT and noun.tag in ("NNB", "NNG"):
            place = noun.start - len(context)
            yield f"{word}: {noun.form} is a word of its own ({word[:place]} {word[place:]})"
