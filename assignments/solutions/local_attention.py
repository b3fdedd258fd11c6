"""A solution of assignment 1: multiplicative and local attention."""

import torch
from torch import Tensor, nn

from jumok.attention import masked_softmax


class GeneralAttention(nn.Module):
    """Attention with Luong's "general" score."""

    def __init__(self, d_model: int) -> None:
        super().__init__()
        self.key_projection = nn.Linear(d_model, d_model, bias=False)

    def project_key(self, memory: Tensor) -> Tensor:
        """The keys: the memory is longer than a step, and its product is needed once."""
        keys: Tensor = self.key_projection(memory)
        return keys

    def forward(
        self, query: Tensor, key: Tensor, value: Tensor, *, mask: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """Attend."""
        weights = masked_softmax(query @ key.transpose(-2, -1), mask)
        return weights @ value, weights


def local_mask(lengths: Tensor, steps: int, width: int) -> Tensor:
    """Which places each step may see: near the diagonal, within the sentence."""
    step = torch.arange(steps)
    centres = step * lengths[:, None] // steps  # (batch, steps)
    places = torch.arange(int(lengths.max()))  # (longest,)
    near = (places - centres[..., None]).abs() <= width
    return near & (places < lengths[:, None, None])


def attention_entropy(weights: Tensor) -> float:
    """The mean entropy of the rows that attend to something, in bits."""
    rows = weights.flatten(end_dim=-2)
    rows = rows[rows.sum(dim=-1) > 0]
    if not len(rows):
        return 0.0
    return float(-torch.xlogy(rows, rows).sum(dim=-1).mean() / torch.tensor(2.0).log())
