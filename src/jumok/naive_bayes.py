"""Naive Bayes: the smallest classifier of texts, which only counts tokens.

It learns from few labels, and nothing of it is hidden: each token has one weight. So it serves as
an instrument. What it gets right needs no Transformer, and what it has learned can be looked up.
"""

from collections import Counter
from collections.abc import Collection, Hashable, Sequence
from math import log

__all__ = ["NaiveBayes"]


class NaiveBayes:
    r"""The log-odds of the second of two classes, from the tokens that a text has.

    .. math:: \log \frac{P(1 \mid x)}{P(0 \mid x)} = b + \sum_{t \in x} w_t, \qquad
        w_t = \log \frac{p(t \mid 1)}{p(t \mid 0)}, \qquad
        p(t \mid c) = \frac{n(t, c) + 1}{\sum_u (n(u, c) + 1)}

    Here :math:`n(t, c)` is how many texts of class :math:`c` have token :math:`t`, and the sum runs
    over all tokens of both classes. The bias :math:`b` is the logarithm of how many texts there are
    of class 1 for each of class 0, both counted with one more. A token that no text had says
    nothing.

    Args:
        texts: the tokens of each text; how often one stands in a text doesn't matter.
        labels: 0 or 1 for each text, or ``False`` and ``True``.

    Raises:
        ValueError: there is no text, not one label for each, or a label is neither 0 nor 1.

    Source: Wang and Manning, *Baselines and Bigrams* (2012), §2, with binary counts.

    >>> model = NaiveBayes([{"it", "broke"}, {"it", "works"}], [0, 1])
    >>> model.weights["it"], round(model.weights["works"], 3)  # log 2/5 - log 1/5
    (0.0, 0.693)
    >>> round(model.log_odds({"it", "works"}), 3), round(model.log_odds({"it", "fell"}), 3)
    (0.693, 0.0)
    """

    def __init__(self, texts: Sequence[Collection[Hashable]], labels: Sequence[int]) -> None:
        if not texts or len(texts) != len(labels):
            raise ValueError(
                f"expected one label for each text, got {len(labels)} for {len(texts)}"
            )
        if wrong := set(labels) - {0, 1}:
            raise ValueError(f"labels must be 0 or 1, got {sorted(wrong)}")
        found: list[Counter[Hashable]] = [Counter(), Counter()]
        for tokens, label in zip(texts, labels, strict=True):
            found[label].update(set(tokens))
        known = found[0] | found[1]
        size = [each.total() + len(known) for each in found]
        ones = sum(labels)
        self.bias = log((ones + 1) / (len(labels) - ones + 1))
        self.weights: dict[Hashable, float] = {
            token: log((found[1][token] + 1) / size[1]) - log((found[0][token] + 1) / size[0])
            for token in known
        }

    def log_odds(self, tokens: Collection[Hashable]) -> float:
        """Above 0 where class 1 is the likelier one.

        >>> NaiveBayes([{"broke"}, {"works"}], [0, 1]).log_odds({"works"}) > 0
        True
        """
        return self.bias + sum(self.weights.get(token, 0.0) for token in set(tokens))
