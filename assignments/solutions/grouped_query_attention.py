"""A solution of assignment 2: grouped-query attention."""

import torch
from torch import Tensor, nn

from jumok.attention import merge_heads, scaled_dot_product_attention, split_heads


class GroupedQueryAttention(nn.Module):
    """Self-attention whose heads share keys and values in groups."""

    def __init__(self, d_model: int, num_heads: int, num_groups: int) -> None:
        super().__init__()
        if d_model % num_heads:
            raise ValueError(f"d_model {d_model} must be divisible by num_heads {num_heads}")
        if num_heads % num_groups:
            raise ValueError(f"num_heads {num_heads} must be divisible by num_groups {num_groups}")
        self.num_heads, self.num_groups = num_heads, num_groups
        width = d_model // num_heads * num_groups
        self.query_projection = nn.Linear(d_model, d_model)
        self.key_projection = nn.Linear(d_model, width)
        self.value_projection = nn.Linear(d_model, width)
        self.output_projection = nn.Linear(d_model, d_model)

    def forward(self, x: Tensor, *, mask: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Attend."""
        query = split_heads(self.query_projection(x), self.num_heads)
        share = self.num_heads // self.num_groups
        key, value = (
            # Each set stands `share` times in a row: heads 0 … share - 1 use the first.
            split_heads(projection(x), self.num_groups).repeat_interleave(share, dim=-3)
            for projection in (self.key_projection, self.value_projection)
        )
        mixed, weights = scaled_dot_product_attention(query, key, value, mask=mask)
        output: Tensor = self.output_projection(merge_heads(mixed))
        return output, weights


def cache_bytes(
    *, layers: int, batch: int, length: int, num_groups: int, head_dim: int, bytes_per_number: int
) -> int:
    """Keys and values, for each layer, text, place and group."""
    return 2 * layers * batch * length * num_groups * head_dim * bytes_per_number


def pool_heads(projection: nn.Linear, num_heads: int, num_groups: int) -> nn.Linear:
    """Average the heads of each group."""
    head_dim = projection.out_features // num_heads
    pooled = nn.Linear(projection.in_features, num_groups * head_dim)
    grouped = (num_groups, num_heads // num_groups, head_dim)
    with torch.no_grad():
        weight = projection.weight.unflatten(0, grouped).mean(dim=1)
        pooled.weight.copy_(weight.flatten(end_dim=1))
        pooled.bias.copy_(projection.bias.unflatten(0, grouped).mean(dim=1).flatten())
    return pooled
