"""Characters as a reader counts them: where a span of text may begin and end.

Python counts code points. A syllable such as 각 may be one of them or three (ᄀ, ᅡ, ᆨ), and a
family of emoji is five or more, so a span that a tokenizer gives can end within a character.
"""

import unicodedata

__all__ = ["continues_character", "whole_characters"]

JOINER = "\u200d"  # zero width joiner: glues emoji together


def continues_character(text: str, place: int) -> bool:
    """Whether the code point at ``place`` belongs to the character before it.

    Vowels and final consonants of decomposed Hangul, combining marks, and what is joined to an
    emoji do (a simplified form of Unicode's grapheme clusters, UAX 29).

    >>> decomposed = unicodedata.normalize("NFD", "각a")
    >>> [continues_character(decomposed, place) for place in range(4)]
    [False, True, True, False]
    """
    if not 0 < place < len(text):
        return False
    before, here = text[place - 1], text[place]
    if unicodedata.category(here) in ("Mn", "Me", "Mc"):  # accents, variation selectors
        return True
    if "\u1160" <= here <= "\u11ff":  # jamo: a vowel or a final consonant …
        return "\u1100" <= before <= "\u11ff" or "가" <= before <= "힣"  # … of a syllable
    if here == JOINER or "\U0001f3fb" <= here <= "\U0001f3ff":  # skin tones
        return not before.isspace()
    if before == JOINER:
        return unicodedata.category(here) == "So"
    if _is_regional(here) and _is_regional(before):  # two letters make a flag
        first = place
        while first > 0 and _is_regional(text[first - 1]):
            first -= 1
        return (place - first) % 2 == 1
    return False


def _is_regional(letter: str) -> bool:
    return "\U0001f1e6" <= letter <= "\U0001f1ff"


def whole_characters(text: str, start: int, end: int) -> tuple[int, int]:
    """The span, widened to whole characters, without the blanks at its ends.

    Tokens of GPT-2 begin with the blank before a word, and a normalizer that composes Hangul
    makes offsets end before the last jamo of a syllable.

    >>> text = "각 " + unicodedata.normalize("NFD", "각")
    >>> whole_characters(text, 1, 4)
    (2, 5)
    """
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if start == end:
        return start, end
    while continues_character(text, start):
        start -= 1
    while continues_character(text, end):
        end += 1
    return start, end
