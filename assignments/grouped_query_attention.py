"""Assignment 2, The Transformer: grouped-query attention.

Fill in what raises `NotImplementedError`, then run
`pytest assignments/test_grouped_query_attention.py`. The task, the experiment and the rubric are on
the page "Assignments" of the book.

Source: Ainslie et al. (2023), §2.2; Shazeer (2019) for a single group.
"""

from torch import Tensor, nn


class GroupedQueryAttention(nn.Module):
    """Self-attention whose heads share keys and values in groups.

    ``num_heads`` heads ask, but there are only ``num_groups`` sets of keys and values: the first
    ``num_heads / num_groups`` heads use the first set, the next ones the second, and so on. With as
    many groups as heads it is `jumok.attention.MultiHeadAttention`, with one group it is
    multi-query attention. Four projections with a bias, called ``query_projection``,
    ``key_projection``, ``value_projection`` and ``output_projection``.

    Raises:
        ValueError: ``d_model`` isn't divisible by ``num_heads``, or ``num_heads`` by
            ``num_groups``; the message names both numbers.
    """

    def __init__(self, d_model: int, num_heads: int, num_groups: int) -> None:
        super().__init__()
        raise NotImplementedError

    def forward(self, x: Tensor, *, mask: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Attend from each place of ``x`` ``(batch, length, d_model)`` to all that it may see.

        ``mask`` broadcasts to ``(batch, num_heads, length, length)``; ``True`` = may attend.
        Returns the output ``(batch, length, d_model)`` and the weights
        ``(batch, num_heads, length, length)``.
        """
        raise NotImplementedError


def cache_bytes(
    *, layers: int, batch: int, length: int, num_groups: int, head_dim: int, bytes_per_number: int
) -> int:
    """How many bytes the keys and values of all earlier places take while a model writes."""
    raise NotImplementedError


def pool_heads(projection: nn.Linear, num_heads: int, num_groups: int) -> nn.Linear:
    """Make the key or value projection of a trained multi-head attention one for groups.

    Each group gets the mean of its heads' matrices and biases, as in §2.1 of the paper. The given
    projection stays as it is.
    """
    raise NotImplementedError
