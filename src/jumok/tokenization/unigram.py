"""Unigram: pieces with probabilities, from which the least useful are taken away.

Source: Kudo (2018), *Subword Regularization*, §3.2.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from math import log

__all__ = [
    "segmentations",
    "word_probability",
    "best_segmentation",
    "expected_counts",
    "learn_unigram",
]


def segmentations(word: str, pieces: Iterable[str]) -> list[tuple[str, ...]]:
    """Every way to write a word with pieces; for short words, as there can be 2ⁿ⁻¹ of them.

    >>> segmentations("low", ["l", "o", "w", "lo", "ow"])
    [('l', 'o', 'w'), ('l', 'ow'), ('lo', 'w')]
    """
    known = set(pieces)
    if not word:
        return [()]
    return [
        (word[:end], *rest)
        for end in range(1, len(word) + 1)
        if word[:end] in known
        for rest in segmentations(word[end:], known)
    ]


def word_probability(word: str, probabilities: Mapping[str, float]) -> float:
    """The sum over all segmentations of the product of their pieces' probabilities.

    The sums for the beginnings of the word are reused, so nothing is enumerated.

    >>> word_probability("ab", {"a": 0.5, "b": 0.25, "ab": 0.25})
    0.375
    """
    return _beginnings(word, probabilities, _longest(probabilities))[0][-1]


def _longest(pieces: Iterable[str]) -> int:
    return max(map(len, pieces), default=0)


def _beginnings(
    word: str, probabilities: Mapping[str, float], longest: int
) -> tuple[list[float], list[tuple[int, int, float]]]:
    """The probability of each beginning of the word, and all pieces in it: start, end, p."""
    sums, spans = [1.0], []
    for end in range(1, len(word) + 1):
        total = 0.0
        for start in range(max(0, end - longest), end):
            if p := probabilities.get(word[start:end]):
                total += sums[start] * p
                spans.append((start, end, p))
        sums.append(total)
    return sums, spans


def best_segmentation(word: str, probabilities: Mapping[str, float]) -> tuple[str, ...]:
    """The most probable segmentation, found from left to right (Viterbi's algorithm).

    Raises:
        ValueError: the pieces can't write the word.

    >>> best_segmentation("ab", {"a": 0.5, "b": 0.25, "ab": 0.25})
    ('ab',)
    """
    found = _viterbi(word, probabilities, _longest(probabilities))
    if found is None:
        raise ValueError(f"expected a word that the pieces can write, got {word!r}")
    return found


def _viterbi(
    word: str, probabilities: Mapping[str, float], longest: int, without: str = ""
) -> tuple[str, ...] | None:
    """The most probable segmentation, without a piece; ``None`` if there is none."""
    best: list[tuple[float, int]] = [(1.0, 0)]  # of each beginning: probability, last piece's start
    for end in range(1, len(word) + 1):
        likeliest = (0.0, 0)
        for start in range(max(0, end - longest), end):
            piece = word[start:end]
            if piece != without and (p := probabilities.get(piece)):
                likeliest = max(likeliest, (best[start][0] * p, start))
        best.append(likeliest)
    if best[-1][0] == 0:
        return None
    found: list[str] = []
    end = len(word)
    while end:
        start = best[end][1]
        found.insert(0, word[start:end])
        end = start
    return tuple(found)


def expected_counts(
    word_counts: Mapping[str, int], probabilities: Mapping[str, float]
) -> dict[str, float]:
    """How often each piece is expected in the text, over all segmentations by their probability.

    Divided by their sum, they are the probabilities of the next round (a step of expectation
    maximization).

    Raises:
        ValueError: the pieces can't write one of the words.

    >>> counts = expected_counts({"ab": 3}, {"a": 0.5, "b": 0.25, "ab": 0.25})
    >>> {piece: round(count, 6) for piece, count in counts.items()}
    {'a': 1.0, 'b': 1.0, 'ab': 2.0}
    """
    found = dict.fromkeys(probabilities, 0.0)
    longest = _longest(probabilities)
    for word, count in word_counts.items():
        before, spans = _beginnings(word, probabilities, longest)
        if before[-1] == 0:
            raise ValueError(f"expected words that the pieces can write, got {word!r}")
        after = [*[0.0] * len(word), 1.0]  # of each end of the word, its probability
        for start, end, p in reversed(spans):
            after[start] += p * after[end]
            found[word[start:end]] += count * before[start] * p * after[end] / before[-1]
    return found


def learn_unigram(
    word_counts: Mapping[str, int],
    vocab_size: int,
    *,
    longest: int = 10,
    rounds: int = 2,
    kept: float = 0.75,
) -> dict[str, float]:
    """Pieces with their probabilities: many candidates first, from which the least useful go.

    Candidates are all stretches of words that occur twice or more. Their probabilities are
    estimated in ``rounds`` of expectation maximization. Then those go without which the text loses
    the least likelihood, each replaced by its own best segmentation; and so on until
    ``vocab_size`` are left. Single characters stay.

    Args:
        word_counts: how often each word occurs.
        vocab_size: how many pieces at most.
        longest: how many characters a candidate has at most.
        rounds: of estimation, before each pruning and at the end.
        kept: which share of the pieces is kept when pruning.

    Raises:
        ValueError: no words, a ``vocab_size`` below the number of characters, ``kept`` outside of 0
            … 1.

    >>> pieces = learn_unigram({"low": 5, "lower": 2, "newest": 6, "widest": 3}, 14)
    >>> sorted(piece for piece in pieces if len(piece) > 1)
    ['low', 'lower', 'newest', 'widest']
    """
    characters = sorted({character for word in word_counts for character in word})
    if not characters:
        raise ValueError("expected at least one word")
    if vocab_size < len(characters):
        raise ValueError(
            f"vocab_size must be at least {len(characters)}, one for each character, "
            f"got {vocab_size}"
        )
    if not 0 < kept < 1:
        raise ValueError(f"kept must be between 0 and 1, got {kept}")
    occurrences = Counter[str]()
    for word, count in word_counts.items():
        for start in range(len(word)):
            for end in range(start + 1, min(len(word), start + longest) + 1):
                occurrences[word[start:end]] += count
    candidates = sorted(p for p, count in occurrences.items() if count > 1 and len(p) > 1)
    probabilities = _shares(
        {piece: float(occurrences[piece]) for piece in [*characters, *candidates]}
    )
    while True:
        for _ in range(rounds):
            probabilities = _shares(expected_counts(word_counts, probabilities))
        if len(probabilities) <= vocab_size:
            return probabilities
        keep = max(vocab_size, int(kept * len(probabilities)))
        losses = _losses(probabilities)
        for piece in sorted(losses, key=losses.__getitem__)[: len(probabilities) - keep]:
            del probabilities[piece]


def _shares(counts: Mapping[str, float]) -> dict[str, float]:
    """Counts as probabilities; characters count at least once, pieces without a count go."""
    found = {p: max(count, 1.0) if len(p) == 1 else count for p, count in counts.items()}
    total = sum(found.values())
    return {piece: count / total for piece, count in found.items() if count > 1e-9}


def _losses(probabilities: Mapping[str, float]) -> dict[str, float]:
    """By how much the log-likelihood, per piece of the text, falls without each longer piece."""
    longest = _longest(probabilities)
    found = {}
    for piece, p in probabilities.items():
        if len(piece) > 1:
            others = _viterbi(piece, probabilities, longest, without=piece) or ()
            found[piece] = p * (log(p) - sum(log(probabilities[other]) for other in others))
    return found
