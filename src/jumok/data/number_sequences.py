"""Digits read aloud in Korean and English, as one reads a telephone number.

``공 일 공 사`` and ``zero one zero four`` are the same sequence. Every word has one translation and
the order is kept, so nothing is hard but the length: a model has to remember all of it.
"""

import random
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import get_args

from jumok.checks import check_choice
from jumok.data.dates import Direction, Language, Split
from jumok.data.tokenizer import Tokenizer

DIGITS: dict[Language, tuple[str, ...]] = {
    "ko": ("공", "일", "이", "삼", "사", "오", "육", "칠", "팔", "구"),
    "en": ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
}
"""The names of the digits, from 0 to 9."""

SHORTEST, LONGEST = 4, 44


@dataclass(frozen=True)
class NumberPair:
    """One sequence of digits: what the model reads (``source``) and should write (``target``)."""

    digits: tuple[int, ...]
    source: str
    target: str


def read_aloud(digits: Sequence[int], language: Language) -> str:
    """The names of the digits, with spaces between them.

    >>> read_aloud([0, 1, 0, 4], "ko"), read_aloud([0, 1, 0, 4], "en")
    ('공 일 공 사', 'zero one zero four')
    """
    check_choice("language", language, get_args(Language))
    return " ".join(DIGITS[language][digit] for digit in digits)


def split_of(digits: Sequence[int]) -> Split:
    """``"held-out"`` for one sequence in twenty; a checksum decides, so every machine agrees."""
    return "held-out" if zlib.crc32(bytes(digits)) % 20 == 0 else "train"


def number_pairs(
    split: Split,
    direction: Direction = "ko-en",
    *,
    count: int,
    shortest: int = SHORTEST,
    longest: int = LONGEST,
    seed: int = 0,
) -> list[NumberPair]:
    """Sequences of a split in both languages, each of a length drawn from ``shortest … longest``.

    A short sequence may be drawn twice, but never in both splits.

    Raises:
        ValueError: ``count`` is negative, or the lengths are no range from 1.

    >>> pair = number_pairs("held-out", count=1, shortest=5, longest=5)[0]
    >>> print(pair.source, "→", pair.target)
    칠 구 공 팔 칠 → seven nine zero eight seven
    """
    check_choice("split", split, get_args(Split))
    check_choice("direction", direction, get_args(Direction))
    if count < 0 or not 1 <= shortest <= longest:
        raise ValueError(
            f"expected count ≥ 0 and 1 ≤ shortest ≤ longest, got {count}, {shortest} and {longest}"
        )
    source: Language
    target: Language
    source, target = ("ko", "en") if direction == "ko-en" else ("en", "ko")
    draw = random.Random(f"{split} {seed}")
    pairs: list[NumberPair] = []
    while len(pairs) < count:
        length = draw.randint(shortest, longest)
        digits = tuple(draw.choices(range(10), k=length))
        while split_of(digits) != split:
            digits = tuple(draw.choices(range(10), k=length))
        pairs.append(NumberPair(digits, read_aloud(digits, source), read_aloud(digits, target)))
    return pairs


class NumberTokenizer(Tokenizer):
    """A token for the name of each digit.

    >>> NumberTokenizer("ko").encode("공 일 공 사")
    [4, 5, 4, 8]
    """

    def __init__(self, language: Language) -> None:
        check_choice("language", language, get_args(Language))
        super().__init__(DIGITS[language])

    def cut(self, text: str) -> list[str]:
        """The words between the spaces."""
        return text.split()

    def join(self, tokens: Sequence[str]) -> str:
        """The words, with spaces between them."""
        return " ".join(tokens)
