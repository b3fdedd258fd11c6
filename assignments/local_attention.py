"""Assignment 1, From recurrence to attention: multiplicative and local attention.

Fill in what raises `NotImplementedError`, then run `pytest assignments/test_local_attention.py`.
The task, the experiment and the rubric are on the page "Assignments" of the book.

Source: Luong, Pham and Manning (2015), §3.
"""

from torch import Tensor, nn


class GeneralAttention(nn.Module):
    """Attention with Luong's "general" score, ``query · W · memory``, and no bias.

    It takes the place of `jumok.additive_attention.AdditiveAttention`: `project_key` is called once
    for a sentence, `forward` for each step of the decoder. Multiply by the matrix where that saves
    work. The score is not divided by anything.
    """

    def __init__(self, d_model: int) -> None:
        super().__init__()
        raise NotImplementedError

    def project_key(self, memory: Tensor) -> Tensor:
        """The keys of a memory, ``(batch, memory, d_model)`` both."""
        raise NotImplementedError

    def forward(
        self, query: Tensor, key: Tensor, value: Tensor, *, mask: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """The output ``(batch, query, d_model)`` and the weights ``(batch, query, memory)``.

        ``key`` is what `project_key` made. In ``mask``, ``True`` = may attend; a query that may
        attend to nothing gets zeros in both.
        """
        raise NotImplementedError


def local_mask(lengths: Tensor, steps: int, width: int) -> Tensor:
    """Which places each step of a decoder may see, if it looks near the diagonal only.

    Step ``t`` of ``steps`` looks around place ``floor(t * length / steps)`` of a sentence of that
    length, at most ``width`` places to each side, and never beyond the end of the sentence.

    Args:
        lengths: the length of each source sentence, ``(batch,)``.
        steps: the number of the decoder's steps.
        width: how far a step sees to each side.

    Returns:
        ``(batch, steps, longest)``, boolean, ``True`` = may attend.
    """
    raise NotImplementedError


def attention_entropy(weights: Tensor) -> float:
    """How spread out attention is: the mean over all rows of ``-sum(w * log2(w))``, in bits.

    A weight of 0 adds nothing. Rows of zeros, which attend to nothing, don't count; without any
    other row the mean is 0.

    Args:
        weights: ``(..., query, key)``.
    """
    raise NotImplementedError
