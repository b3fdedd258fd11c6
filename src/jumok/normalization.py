"""Normalisation: over a token's features, and, for comparison, over the batch."""

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

__all__ = ["layer_norm", "batch_norm", "LayerNorm"]


def layer_norm(
    x: Float[Tensor, "*batch d_model"],
    weight: Float[Tensor, " d_model"] | None = None,
    bias: Float[Tensor, " d_model"] | None = None,
    *,
    eps: float = 1e-5,
) -> Float[Tensor, "*batch d_model"]:
    r"""Normalise each token by its own mean and variance.

    .. math:: \frac{x - \mu}{\sqrt{\sigma^2 + \epsilon}} \odot \gamma + \beta

    The variance :math:`\sigma^2` is the biased one (divided by ``d_model``, not by
    ``d_model - 1``) and :math:`\epsilon` stands inside the root.

    Args:
        x: ``(..., d_model)``.
        weight: the gain :math:`\gamma`, ``(d_model,)``.
        bias: the shift :math:`\beta`, ``(d_model,)``.
        eps: keeps a token of equal features from dividing by zero.

    Source: Ba, Kiros and Hinton, *Layer Normalization* (2016), §3, equation 4.

    >>> layer_norm(torch.tensor([[1.0, 2.0, 3.0], [10.0, 20.0, 30.0]]))  # doctest: +FLOAT_CMP
    tensor([[-1.2247,  0.0000,  1.2247],
            [-1.2247,  0.0000,  1.2247]])
    """
    mean = x.mean(dim=-1, keepdim=True)  # (..., 1)
    variance = x.var(dim=-1, keepdim=True, correction=0)  # (..., 1)
    normalized = (x - mean) / torch.sqrt(variance + eps)
    if weight is not None:
        normalized = normalized * weight
    if bias is not None:
        normalized = normalized + bias
    return normalized


def batch_norm(
    x: Float[Tensor, "batch length d_model"], *, eps: float = 1e-5
) -> Float[Tensor, "batch length d_model"]:
    r"""Normalise each position over all sentences of the batch and all features.

    What ``nn.BatchNorm1d(length)`` does in training, before its gain and shift: a token's result
    depends on the other sentences of its batch, and on how much padding they hold.

    Source: Ioffe and Szegedy, *Batch Normalization* (2015), algorithm 1.

    >>> x = torch.tensor([[[1.0, 3.0]], [[5.0, 7.0]]])  # two sentences of one token each
    >>> batch_norm(x).flatten()  # doctest: +FLOAT_CMP
    tensor([-1.3416, -0.4472,  0.4472,  1.3416])
    """
    mean = x.mean(dim=(0, 2), keepdim=True)  # (1, length, 1)
    variance = x.var(dim=(0, 2), keepdim=True, correction=0)  # (1, length, 1)
    return (x - mean) / torch.sqrt(variance + eps)


class LayerNorm(nn.Module):
    """:func:`layer_norm` with a gain and a shift to learn, computed by torch's fused kernel."""

    def __init__(self, d_model: int, *, eps: float = 1e-5) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(d_model))
        self.bias = nn.Parameter(torch.zeros(d_model))
        self.eps = eps

    def forward(self, x: Float[Tensor, "*batch d_model"]) -> Float[Tensor, "*batch d_model"]:
        return F.layer_norm(x, self.weight.shape, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        return f"{self.weight.numel()}, eps={self.eps}"
