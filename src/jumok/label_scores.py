"""Scores of labels: precision, recall and F1 of classes and of names, and how far a score can be
trusted.

Sources: Tjong Kim Sang and De Meulder, *Introduction to the CoNLL-2003 Shared Task* (2003), §4, for
names; Guo, Pleiss, Sun, Weinberger, *On Calibration of Modern Neural Networks* (2017), §2, for the
calibration error; El-Yaniv and Wiener, *On the Foundations of Noise-free Selective Classification*
(2010), §2, for coverage.
"""

from collections.abc import Collection, Hashable, Sequence
from typing import NamedTuple

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

__all__ = ["LabelScores", "class_scores", "span_scores", "coverage_curve", "calibration_error"]


class LabelScores(NamedTuple):
    """How many of those found are right, how many of those wanted are found, and both in one.

    >>> LabelScores(precision=0.5, recall=1.0, f1=2 / 3).recall
    1.0
    """

    precision: float
    recall: float
    f1: float

    @classmethod
    def from_counts(cls, *, correct: int, found: int, expected: int) -> "LabelScores":
        """The three scores from three counts; 0 where nothing was found or nothing is there.

        With counts :math:`c` (correct), :math:`f` (found) and :math:`e` (expected), the precision
        is :math:`c/f`, the recall :math:`c/e`, and F1, their harmonic mean, :math:`2c/(f+e)`.

        Raises:
            ValueError: more are correct than were found or expected, or a count is below 0.

        >>> LabelScores.from_counts(correct=1, found=2, expected=4)
        LabelScores(precision=0.5, recall=0.25, f1=0.3333333333333333)
        """
        if not 0 <= correct <= min(found, expected):
            raise ValueError(
                "expected 0 ≤ correct ≤ found and correct ≤ expected, "
                f"got correct {correct}, found {found}, expected {expected}"
            )
        return cls(
            correct / found if found else 0.0,
            correct / expected if expected else 0.0,
            2 * correct / (found + expected) if found + expected else 0.0,
        )


def class_scores(confusion: Int[Tensor, "classes classes"]) -> list[LabelScores]:
    """Precision, recall and F1 of each class, from a matrix of counts.

    Args:
        confusion: how often a text of class *row* was taken for class *column*, as
            `~jumok.classification.confusion_matrix` counts it.

    Raises:
        ValueError: the matrix isn't square.

    >>> for scores in class_scores(torch.tensor([[3, 1], [0, 4]])):
    ...     print(*(round(each, 2) for each in scores))
    1.0 0.75 0.86
    0.8 1.0 0.89
    """
    if confusion.ndim != 2 or confusion.size(0) != confusion.size(1):
        raise ValueError(f"expected a square matrix, got shape {tuple(confusion.shape)}")
    right, found, expected = confusion.diagonal(), confusion.sum(dim=0), confusion.sum(dim=1)
    return [
        LabelScores.from_counts(correct=c, found=f, expected=e)
        for c, f, e in zip(right.tolist(), found.tolist(), expected.tolist(), strict=True)
    ]


def span_scores(
    expected: Sequence[Collection[Hashable]], found: Sequence[Collection[Hashable]]
) -> LabelScores:
    """Precision, recall and F1 of the spans of several texts.

    A span is right if it equals one that is expected: for ``(start, end, label)``, the beginning,
    the end and the label. Half a name is wrong twice: it was found and isn't there, and it is there
    and wasn't found.

    Args:
        expected: the spans of each text.
        found: the spans that were found in each.

    Raises:
        ValueError: the number of texts differs.

    >>> expected = [{(0, 6, "ORG"), (10, 16, "LOC")}]
    >>> span_scores(expected, [{(0, 6, "ORG"), (10, 14, "LOC")}])
    LabelScores(precision=0.5, recall=0.5, f1=0.5)
    """
    if len(expected) != len(found):
        raise ValueError(
            f"found must be for {len(expected)} texts, as expected is, got {len(found)}"
        )
    pairs = [(set(a), set(b)) for a, b in zip(expected, found, strict=True)]
    return LabelScores.from_counts(
        correct=sum(len(a & b) for a, b in pairs),
        found=sum(len(b) for _, b in pairs),
        expected=sum(len(a) for a, _ in pairs),
    )


def coverage_curve(
    scores: Float[Tensor, " texts"], right: Bool[Tensor, " texts"]
) -> tuple[Float[Tensor, " texts"], Float[Tensor, " texts"]]:
    """What is gained by answering only where the score is high.

    Returns the share of texts that are answered, and the accuracy among them, for every number of
    texts from the one with the highest score to all. Equal scores stay in the order given.

    Raises:
        ValueError: there is no text.

    >>> scores, right = torch.tensor([0.6, 0.9, 0.8, 0.7]), torch.tensor([False, True, True, True])
    >>> [each.tolist() for each in coverage_curve(scores, right)]
    [[0.25, 0.5, 0.75, 1.0], [1.0, 1.0, 1.0, 0.75]]
    """
    _check_some(scores)
    order = scores.argsort(descending=True, stable=True)
    counts = torch.arange(1, len(scores) + 1, device=scores.device)
    return counts / len(scores), right[order].cumsum(dim=0) / counts


def calibration_error(
    scores: Float[Tensor, " texts"], right: Bool[Tensor, " texts"], *, bins: int = 10
) -> float:
    """How far scores are from the share of right answers: the expected calibration error.

    Texts are put in ``bins`` of equal width by their score. In each, the mean score is compared
    with the share of right answers, and the distances are averaged, each weighted by its texts.

    .. math:: \\sum_b \\frac{n_b}{n} \\, |\\mathrm{accuracy}_b - \\mathrm{score}_b|

    Raises:
        ValueError: there is no text or no bin, or a score isn't in 0 … 1.

    >>> scores, right = torch.tensor([0.95, 0.95, 0.55]), torch.tensor([True, False, True])
    >>> round(calibration_error(scores, right), 3)  # (2 · |0.5 − 0.95| + |1 − 0.55|) / 3
    0.45
    """
    _check_some(scores)
    if bins < 1:
        raise ValueError(f"bins must be at least 1, got {bins}")
    low, high = scores.aminmax()
    if low < 0 or high > 1:
        raise ValueError(f"scores must be in 0 … 1, got {low:.3f} to {high:.3f}")
    place = (scores.double() * bins).long().clamp(max=bins - 1)
    # sum over texts of (right − score) in each bin, and the absolute values of these sums
    gaps = torch.zeros(bins, dtype=torch.float64, device=scores.device)
    gaps.index_add_(0, place, right.double() - scores.double())
    return (gaps.abs().sum() / len(scores)).item()


def _check_some(scores: Tensor) -> None:
    if not scores.numel():
        raise ValueError("expected at least one text, got none")
