"""Vocabularies that grow by merging pieces: byte-pair encoding and WordPiece.

Sources: Sennrich et al. (2016) for byte-pair encoding; Schuster and Nakajima (2012) for WordPiece.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise
from math import log
from typing import NamedTuple

__all__ = [
    "Pair",
    "PairStatistics",
    "Score",
    "pair_counts",
    "pair_frequency",
    "pair_ratio",
    "likelihood_gain",
    "merge_pair",
    "learn_merges",
    "apply_merges",
]

Pair = tuple[str, str]
"""Two pieces that stand side by side."""


def pair_counts(words: Mapping[tuple[str, ...], int]) -> Counter[Pair]:
    """How often each two pieces stand side by side in words, each counted as often as it occurs.

    >>> pair_counts({tuple("newest"): 6, tuple("widest"): 3})[("e", "s")]
    9
    """
    counts: Counter[Pair] = Counter()
    for pieces, count in words.items():
        for pair in pairwise(pieces):
            counts[pair] += count
    return counts


class PairStatistics(NamedTuple):
    """What a score may know of a pair: how often it and its pieces occur."""

    pair: int
    left: int
    right: int
    total: int
    """How many pieces the text has."""
    is_double: bool = False
    """Whether both pieces are the same, so that a merge takes two of it."""


def pair_frequency(counts: PairStatistics) -> float:
    """Byte-pair encoding's score of a pair: how often it occurs."""
    return float(counts.pair)


def pair_ratio(counts: PairStatistics) -> float:
    """How often a pair occurs, divided by the counts of both pieces.

    It is often given as WordPiece's rule. Rare pieces that always stand together score highest.

    >>> round(pair_ratio(PairStatistics(pair=9, left=17, right=9, total=79)), 4)
    0.0588
    """
    return counts.pair / (counts.left * counts.right)


def likelihood_gain(counts: PairStatistics) -> float:
    """WordPiece's score: by how much the text's log-likelihood rises if the two pieces are one.

    Pieces are drawn independently, with their shares as probabilities. A text of n pieces then has
    the log-likelihood ``Σ c log(c / n)``, summed over the pieces, each of which occurs c times.

    >>> round(likelihood_gain(PairStatistics(pair=9, left=17, right=9, total=79)), 2)
    16.26
    """
    pair, left, right, total, is_double = counts

    def before_and_after(count: int, taken: int) -> float:
        return _times_log(count - taken) - _times_log(count)

    pieces = (
        before_and_after(left, 2 * pair)
        if is_double
        else before_and_after(left, pair) + before_and_after(right, pair)
    )
    return pieces + _times_log(pair) - before_and_after(total, pair)


def _times_log(count: int) -> float:
    return count * log(count) if count > 0 else 0.0


def merge_pair(pieces: Sequence[str], pair: Pair) -> tuple[str, ...]:
    """The pieces with each occurrence of ``pair`` made one, from left to right.

    >>> merge_pair(("a", "a", "a"), ("a", "a"))
    ('aa', 'a')
    """
    merged: list[str] = []
    place = 0
    while place < len(pieces):
        if tuple(pieces[place : place + 2]) == pair:
            merged.append("".join(pair))
            place += 2
        else:
            merged.append(pieces[place])
            place += 1
    return tuple(merged)


Score = Callable[[PairStatistics], float]
"""Says how good it would be to merge a pair."""


def learn_merges(
    word_counts: Mapping[str, int], num_merges: int, *, score: Score = pair_frequency
) -> list[Pair]:
    """The pairs to merge, in order: again and again the one of the highest score.

    Words begin as single characters. Of pairs with the same score, the one whose pieces have been
    there longest is taken; characters are in the order of Unicode.

    Args:
        word_counts: how often each word occurs.
        num_merges: how many merges at most; fewer if nothing is left to merge.
        score: `pair_frequency` for byte-pair encoding, `likelihood_gain` for WordPiece.

    Raises:
        ValueError: ``num_merges`` is negative.

    >>> learn_merges({"low": 5, "lower": 2, "newest": 6, "widest": 3}, 4)
    [('e', 's'), ('es', 't'), ('l', 'o'), ('lo', 'w')]
    """
    if num_merges < 0:
        raise ValueError(f"num_merges must be at least 0, got {num_merges}")
    words = {tuple(word): count for word, count in word_counts.items()}
    age = {piece: number for number, piece in enumerate(sorted({c for w in words for c in w}))}
    merges: list[Pair] = []
    while len(merges) < num_merges and (pairs := pair_counts(words)):
        single = Counter[str]()
        for pieces, count in words.items():
            for piece in pieces:
                single[piece] += count
        total = single.total()
        ranks = {}
        for (left, right), count in pairs.items():
            counts = PairStatistics(count, single[left], single[right], total, left == right)
            ranks[left, right] = (-score(counts), age[left], age[right])
        best = min(ranks, key=ranks.__getitem__)
        merges.append(best)
        age.setdefault("".join(best), len(age))
        words = {merge_pair(pieces, best): count for pieces, count in words.items()}
    return merges


def apply_merges(word: str, merges: Iterable[Pair]) -> tuple[str, ...]:
    """The pieces of a word: its characters, merged in the order in which merges were learned.

    >>> apply_merges("lowest", [("e", "s"), ("es", "t"), ("l", "o"), ("lo", "w")])
    ('low', 'est')
    """
    pieces = tuple(word)
    for pair in merges:
        pieces = merge_pair(pieces, pair)
    return pieces
