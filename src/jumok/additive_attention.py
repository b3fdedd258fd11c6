"""Additive attention: the scores come from a small network over query and key.

It takes what :func:`~jumok.attention.scaled_dot_product_attention` takes, and differs from it in
the score only.

Source: Bahdanau, Cho and Bengio, *Neural Machine Translation by Jointly Learning to Align and
Translate* (2015), §3.1 and appendix A.1.2.
"""

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

from jumok.attention import (
    check_attention_inputs,
    masked_softmax,
    scaled_dot_product_attention,
)

__all__ = ["additive_attention", "AdditiveAttention", "DotProductAttention"]


def additive_attention(
    query: Float[Tensor, "*batch query d_k"],
    key: Float[Tensor, "*batch key d_k"],
    value: Float[Tensor, "*batch key d_v"],
    *,
    score_vector: Float[Tensor, " d_k"],
    mask: Bool[Tensor, "..."] | None = None,
) -> tuple[Float[Tensor, "*batch query d_v"], Float[Tensor, "*batch query key"]]:
    r"""Attention whose score adds query and key, where the dot product multiplies them.

    .. math:: s_{ij} = v^\top \tanh(q_i + k_j)

    Args:
        query: what each position asks, ``(..., query, d_k)``.
        key: what each position offers to be found by, ``(..., key, d_k)``.
        value: what each position hands over, ``(..., key, d_v)``.
        score_vector: :math:`v`, which makes a number of each sum, ``(d_k,)``.
        mask: broadcastable to ``(..., query, key)``; ``True`` = may attend.

    Returns:
        The output ``(..., query, d_v)`` and the weights ``(..., query, key)``. A query that may
        attend to nothing gets zeros in both.

    Raises:
        ValueError: the shapes do not fit, or the mask is not boolean.

    Source: Bahdanau et al. (2015), appendix A.1.2.

    >>> query, key = torch.zeros(1, 2), torch.tensor([[3.0, 0.0], [-3.0, 0.0]])
    >>> value = torch.tensor([[10.0], [20.0]])
    >>> second_only = torch.tensor([0.0, 9.0])
    >>> output, weights = additive_attention(query, key, value, score_vector=second_only)
    >>> weights.tolist(), output.tolist()
    ([[0.5, 0.5]], [[15.0]])
    """
    check_attention_inputs(query, key, value, mask)
    if score_vector.shape != query.shape[-1:]:
        raise ValueError(
            f"expected score_vector (d_k,) = ({query.size(-1)},), got {tuple(score_vector.shape)}"
        )
    sums = query.unsqueeze(-2) + key.unsqueeze(-3)  # (..., query, key, d_k)
    scores = torch.tanh(sums) @ score_vector  # (..., query, key)
    weights = masked_softmax(scores, mask)
    return weights @ value, weights


class AdditiveAttention(nn.Module):
    r"""Additive attention with its matrices, from a decoder's state to an encoder's states.

    .. math:: s_{ij} = v^\top \tanh(W q_i + U h_j)

    Args:
        d_model: the width of the states on both sides, and of the hidden layer.

    Source: Bahdanau et al. (2015), appendix A.1.2, whose equations leave out the biases, as here.

    >>> attention = AdditiveAttention(8)
    >>> state, memory = torch.randn(2, 1, 8), torch.randn(2, 5, 8)
    >>> output, weights = attention(state, attention.project_key(memory), memory)
    >>> output.shape, weights.shape
    (torch.Size([2, 1, 8]), torch.Size([2, 1, 5]))
    """

    def __init__(self, d_model: int) -> None:
        super().__init__()
        self.query_projection = nn.Linear(d_model, d_model, bias=False)
        self.key_projection = nn.Linear(d_model, d_model, bias=False)
        self.score_vector = nn.Parameter(torch.empty(d_model))
        nn.init.uniform_(self.score_vector, -(d_model**-0.5), d_model**-0.5)

    def project_key(
        self, memory: Float[Tensor, "batch memory d_model"]
    ) -> Float[Tensor, "batch memory d_model"]:
        """The keys, computed once for all steps of the decoder."""
        keys: Tensor = self.key_projection(memory)
        return keys

    def forward(
        self,
        query: Float[Tensor, "batch query d_model"],
        key: Float[Tensor, "batch memory d_model"],
        value: Float[Tensor, "batch memory d_model"],
        *,
        mask: Bool[Tensor, "..."] | None = None,
    ) -> tuple[Float[Tensor, "batch query d_model"], Float[Tensor, "batch query memory"]]:
        """Attend; ``key`` is what :meth:`project_key` made of the memory."""
        return additive_attention(
            self.query_projection(query), key, value, score_vector=self.score_vector, mask=mask
        )


class DotProductAttention(nn.Module):
    """The same without any parameter: state and memory are query and key as they are.

    The score is the dot product of Luong, Pham and Manning (2015), §3.1, divided by the root of the
    width as in :func:`~jumok.attention.scaled_dot_product_attention`, which computes it.
    """

    def project_key(
        self, memory: Float[Tensor, "batch memory d_model"]
    ) -> Float[Tensor, "batch memory d_model"]:
        """The memory itself."""
        return memory

    def forward(
        self,
        query: Float[Tensor, "batch query d_model"],
        key: Float[Tensor, "batch memory d_model"],
        value: Float[Tensor, "batch memory d_model"],
        *,
        mask: Bool[Tensor, "..."] | None = None,
    ) -> tuple[Float[Tensor, "batch query d_model"], Float[Tensor, "batch query memory"]]:
        """Attend."""
        return scaled_dot_product_attention(query, key, value, mask=mask)
