"""Questions to kiwipiepy, the morphological analyser.

It takes some seconds to load, so it is asked only about single words that a pattern has found
suspicious, and each word once.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kiwipiepy import Kiwi


class Morpheme(NamedTuple):
    form: str
    tag: str
    start: int
    end: int


_WORDS: list[str] = []


def add_words(words: Iterable[str]) -> None:
    """Nouns that the analyser keeps whole: the glossary's."""
    _WORDS.extend(word for word in words if word not in _WORDS)


@lru_cache(maxsize=1)
def _analyser() -> Kiwi:
    from kiwipiepy import Kiwi

    analyser = Kiwi(num_workers=1)
    for word in _WORDS:
        analyser.add_user_word(word, "NNP")
    return analyser


@cache
def analyse(text: str) -> tuple[tuple[Morpheme, ...], float]:
    """The morphemes of a word, and how likely this reading is (a logarithm)."""
    tokens, score = _analyser().analyze(text)[0]
    found = tuple(
        Morpheme(token.form, token.tag, token.start, token.start + token.len) for token in tokens
    )
    return found, score


def is_noun_with_particle(word: str) -> bool:
    """Whether a word is a noun and a particle."""
    found, _ = analyse(word)
    return (
        len(found) >= 2
        and found[-1].tag.startswith("J")
        and all(morpheme.tag[0] in "NXS" for morpheme in found[:-1])
    )


def likelier(right: str, written: str, margin: float = 3.5) -> bool:
    """Whether a word is far more likely than the one that was written."""
    return analyse(right)[1] - analyse(written)[1] > margin


def is_left_over(word: str) -> bool:
    """Whether 이 behind a noun is read as something else than a particle, as in 가중치이."""
    found, _ = analyse(word)
    return found[-1].form == "이" and found[-1].tag in ("VCP", "XSN")
