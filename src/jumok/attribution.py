r"""Attribution: how much each token of a text contributes to a model's score.

A score is one number for each text, such as the difference of two logits. It is a function of the
tokens' embeddings :math:`x`, and it is compared with the same text without information, the
baseline :math:`x'`, in which every token is, say, ``[MASK]``.
"""

from collections.abc import Callable, Sequence

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

__all__ = ["Score", "gradient_times_input", "integrated_gradients", "hide_highest", "kendall_tau"]

Score = Callable[[Tensor], Tensor]
"""From embeddings ``(batch, length, d_model)`` to one score for each text, ``(batch,)``."""


def gradient_times_input(
    score: Score,
    inputs: Float[Tensor, "batch length d_model"],
    baseline: Float[Tensor, "batch length d_model"],
) -> Float[Tensor, "batch length"]:
    r"""What each token contributes if the score is taken for linear around the text.

    .. math:: a_i = \nabla_{x_i} f(x) \cdot (x_i - x'_i)

    If the score is linear, the contributions sum to :math:`f(x) - f(x')`. Otherwise they miss what
    happens further away from the text, above all where the score has reached its limit.

    Source: Shrikumar et al., *Not Just a Black Box* (2016), for a baseline of zero.

    >>> weights = torch.tensor([[1.0, 0.0], [2.0, 1.0], [0.0, -3.0]])  # of three tokens
    >>> text = torch.ones(1, 3, 2)
    >>> gradient_times_input(lambda x: (weights * x).sum((1, 2)), text, torch.zeros_like(text))
    tensor([[ 1.,  3., -3.]])
    """
    return _contributions(_gradient(score, inputs), inputs, baseline)


def integrated_gradients(
    score: Score,
    inputs: Float[Tensor, "batch length d_model"],
    baseline: Float[Tensor, "batch length d_model"],
    *,
    steps: int = 16,
) -> Float[Tensor, "batch length"]:
    r"""The same with the mean gradient on the straight line from the baseline to the text.

    .. math:: a_i = \int_0^1 \nabla_{x_i} f\bigl(x' + \alpha (x - x')\bigr) \, d\alpha
        \cdot (x_i - x'_i)

    The contributions sum to :math:`f(x) - f(x')`, whatever the function: that is the fundamental
    theorem of calculus. The integral is a sum over the middles of ``steps`` pieces, so they do
    nearly.

    Raises:
        ValueError: ``steps`` is below 1.

    Source: Sundararajan, Taly and Yan, *Axiomatic Attribution for Deep Networks* (2017), §3.

    >>> text = torch.tensor([[[2.0], [3.0]]])  # two tokens with one feature each, score 2 · 3
    >>> integrated_gradients(lambda x: x[:, 0, 0] * x[:, 1, 0], text, torch.zeros_like(text))
    tensor([[3., 3.]])
    """
    if steps < 1:
        raise ValueError(f"steps must be at least 1, got {steps}")
    total = torch.zeros_like(inputs)
    for step in range(steps):
        share = (step + 0.5) / steps
        total += _gradient(score, baseline + share * (inputs - baseline))
    return _contributions(total / steps, inputs, baseline)


def _gradient(score: Score, point: Tensor) -> Tensor:
    point = point.detach().requires_grad_()
    (gradient,) = torch.autograd.grad(score(point).sum(), point)
    return gradient


def _contributions(gradient: Tensor, inputs: Tensor, baseline: Tensor) -> Tensor:
    return (gradient * (inputs - baseline)).detach().sum(dim=-1)


def hide_highest(
    token_ids: Int[Tensor, " length"],
    importance: Float[Tensor, " length"],
    counts: Sequence[int],
    *,
    mask_id: int,
    may_hide: Bool[Tensor, " length"] | None = None,
) -> Int[Tensor, "counts length"]:
    """The text once for each count, with so many of its most important tokens hidden.

    If an explanation names the tokens that matter, the score falls fast.

    Args:
        token_ids: the text.
        importance: a number for each token.
        counts: how many tokens are hidden in each row.
        mask_id: what stands in their places.
        may_hide: False for tokens that stay, such as ``[CLS]``.

    Raises:
        ValueError: a count is negative or above the number of tokens that may be hidden.

    Source: DeYoung et al., *ERASER: A Benchmark to Evaluate Rationalized NLP Models* (2020), §4.

    >>> ids, importance = torch.tensor([5, 6, 7]), torch.tensor([0.1, 0.7, 0.2])
    >>> hide_highest(ids, importance, [0, 1, 2], mask_id=9)
    tensor([[5, 6, 7],
            [5, 9, 7],
            [5, 9, 9]])
    """
    order = importance.argsort(descending=True, stable=True)
    if may_hide is not None:
        order = order[may_hide[order]]
    rows = token_ids.repeat(len(counts), 1)
    for row, count in zip(rows, counts, strict=True):
        if not 0 <= count <= len(order):
            raise ValueError(f"counts must be in 0 … {len(order)}, got {count}")
        row[order[:count]] = mask_id
    return rows


def kendall_tau(first: Float[Tensor, " n"], second: Float[Tensor, " n"]) -> float:
    r"""Kendall's rank correlation: do two lists of numbers put the same things first?

    Of all pairs, the share that both put in the same order, less the share that they put in
    opposite orders: 1 for the same ranking, −1 for the reverse, about 0 for two that have nothing
    to do with each other. Ties are taken out of both sides (:math:`\tau_b`).

    Raises:
        ValueError: different lengths, or all numbers of a list are the same.

    Source: Kendall, *The Treatment of Ties in Ranking Problems* (1945).

    >>> round(kendall_tau(torch.tensor([1.0, 2.0, 3.0]), torch.tensor([1.0, 3.0, 2.0])), 3)
    0.333
    """
    if len(first) != len(second):
        raise ValueError(f"expected lists of one length, got {len(first)} and {len(second)}")
    one, other = ((each[:, None] - each[None, :]).sign() for each in (first, second))
    size = (one.abs().sum() * other.abs().sum()).sqrt()
    if size == 0:
        raise ValueError("all numbers of a list are the same: they have no order")
    return float((one * other).sum() / size)
