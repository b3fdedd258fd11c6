"""Scores for a written text beside the expected one: ROUGE-L, exact match, F1 of words.

Sources: Lin, *ROUGE: A Package for Automatic Evaluation of Summaries* (2004), §3.2, for the
longest common subsequence; Rajpurkar, Zhang, Lopyrev, Liang, *SQuAD: 100,000+ Questions for
Machine Comprehension of Text* (2016), §6.1, for answers.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from typing import Any

__all__ = ["longest_common_subsequence", "rouge_l", "plain_words", "exact_match", "word_f1"]


def longest_common_subsequence(first: Sequence[Any], second: Sequence[Any]) -> int:
    """How many elements both have in the same order, others between them or not.

    It takes time proportional to the product of the lengths.

    >>> longest_common_subsequence("police kill the gunman".split(), "the gunman died".split())
    2
    """
    row = [0] * (len(second) + 1)
    for element in first:
        before = row
        row = [0]
        for place, other in enumerate(second):
            same = element == other
            row.append(before[place] + 1 if same else max(row[place], before[place + 1]))
    return row[-1]


def rouge_l(written: str, reference: str) -> float:
    """ROUGE-L, 0 to 1: the F1 of the longest common subsequence of words.

    Words are what white space separates, with case, punctuation and particles as they stand.

    >>> rouge_l("police kill the gunman", "police killed the gunman")
    0.75
    >>> rouge_l("the gunman kill police", "police killed the gunman")
    0.5
    """
    words, expected = _words(written, "written"), _words(reference, "reference")
    if not words or not expected:
        return float(words == expected)
    return 2 * longest_common_subsequence(words, expected) / (len(words) + len(expected))


def plain_words(text: str) -> list[str]:
    """The words of an answer as SQuAD compares them: without case, punctuation and articles.

    >>> plain_words("The shop in Busan, Korea.")
    ['shop', 'in', 'busan', 'korea']
    >>> plain_words("다음 주 화요일!")
    ['다음', '주', '화요일']
    """
    words = _words(text, "text")
    kept = "".join(c for c in " ".join(words).lower() if not _is_punctuation(c))
    return re.sub(r"\b(a|an|the)\b", " ", kept).split()


def exact_match(answer: str, reference: str) -> bool:
    """Whether two answers have the same `plain_words`. No answer is the empty text.

    >>> exact_match("the red umbrella", "Red umbrella.")
    True
    """
    return plain_words(answer) == plain_words(reference)


def word_f1(answer: str, reference: str) -> float:
    """The F1, 0 to 1, of the `plain_words` that two answers share, whatever their order.

    A word that stands twice in one and once in the other is shared once. No answer is the empty
    text: it scores 1 beside no answer and 0 beside any other.

    >>> round(word_f1("a large red umbrella", "the red umbrella"), 2)
    0.8
    """
    words, expected = plain_words(answer), plain_words(reference)
    if not words or not expected:
        return float(words == expected)
    shared = (Counter(words) & Counter(expected)).total()
    return 2 * shared / (len(words) + len(expected))


def _words(text: object, name: str) -> list[str]:
    if not isinstance(text, str):
        raise TypeError(f"{name} must be a text, not {type(text).__name__}: {text!r}")
    return text.split()


def _is_punctuation(character: str) -> bool:
    # SQuAD's program removes ASCII's, symbols such as + and $ included
    ascii_symbol = character.isascii() and unicodedata.category(character).startswith("S")
    return ascii_symbol or unicodedata.category(character).startswith("P")
