"""Sparse attention: each block of queries attends to a few blocks of keys, not to all of them.

The pattern is BigBird's. Cost grows with the length, not with its square.

Source: Zaheer et al., *Big Bird: Transformers for Longer Sequences* (2020), §2.
"""

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

from jumok.attention import (
    KeyValueCache,
    MultiHeadAttention,
    fused_attention,
    merge_heads,
    split_heads,
)
from jumok.checks import check_boolean

__all__ = [
    "big_bird_blocks",
    "expand_blocks",
    "block_sparse_attention",
    "BlockSparseSelfAttention",
]


def big_bird_blocks(
    num_blocks: int,
    *,
    window: int = 3,
    num_global: int = 1,
    num_random: int = 1,
    seed: int = 0,
) -> Bool[Tensor, "blocks blocks"]:
    """Which block of queries may attend to which block of keys.

    Args:
        num_blocks: into how many blocks the sequence is cut.
        window: how many neighbouring blocks each sees, itself in the middle; odd.
        num_global: how many blocks at the beginning see all and are seen by all.
        num_random: how many further blocks each sees, as far as there are any left.
        seed: of what is drawn.

    Raises:
        ValueError: a number is impossible; the message starts with its name.

    >>> big_bird_blocks(6, window=3, num_global=1, num_random=0).int()
    tensor([[1, 1, 1, 1, 1, 1],
            [1, 1, 1, 0, 0, 0],
            [1, 1, 1, 1, 0, 0],
            [1, 0, 1, 1, 1, 0],
            [1, 0, 0, 1, 1, 1],
            [1, 0, 0, 0, 1, 1]], dtype=torch.int32)
    """
    if num_blocks < 1:
        raise ValueError(f"num_blocks must be at least 1, got {num_blocks}")
    if window < 1 or window % 2 == 0:
        raise ValueError(f"window must be an odd number of blocks, got {window}")
    for name, number in (("num_global", num_global), ("num_random", num_random)):
        if number < 0:
            raise ValueError(f"{name} must be at least 0, got {number}")
    place = torch.arange(num_blocks, device="cpu")
    blocks = (place[:, None] - place).abs() <= window // 2
    blocks[:num_global] = True
    blocks[:, :num_global] = True
    draw = torch.Generator().manual_seed(seed)
    for row in blocks:
        unseen = (~row).nonzero()[:, 0]
        drawn = torch.randperm(len(unseen), generator=draw, device="cpu")[:num_random]
        row[unseen[drawn]] = True
    return blocks


def expand_blocks(
    blocks: Bool[Tensor, "queries keys"], block_size: int
) -> Bool[Tensor, "length key_length"]:
    """The same pattern as a mask of positions.

    >>> expand_blocks(torch.tensor([[True, False], [True, True]]), 2).int()
    tensor([[1, 1, 0, 0],
            [1, 1, 0, 0],
            [1, 1, 1, 1],
            [1, 1, 1, 1]], dtype=torch.int32)
    """
    return blocks.repeat_interleave(block_size, 0).repeat_interleave(block_size, 1)


def block_sparse_attention(
    query: Float[Tensor, "*batch length d_k"],
    key: Float[Tensor, "*batch length d_k"],
    value: Float[Tensor, "*batch length d_v"],
    blocks: Bool[Tensor, "blocks blocks"],
) -> Float[Tensor, "*batch length d_v"]:
    """Attention that computes only the blocks that may be attended to.

    Equal to `~jumok.attention.fused_attention` under the mask of `expand_blocks`. Queries without
    any key get zeros.

    Raises:
        ValueError: ``blocks`` is not boolean, or the length is not a multiple of its size.

    >>> x = torch.randn(2, 12, 4, generator=torch.Generator().manual_seed(0))
    >>> blocks = big_bird_blocks(6)
    >>> masked = fused_attention(x, x, x, mask=expand_blocks(blocks, 2))
    >>> torch.allclose(block_sparse_attention(x, x, x, blocks), masked, atol=1e-6)
    True
    """
    check_boolean(blocks)
    num_blocks, length = len(blocks), query.size(-2)
    if length % num_blocks:
        raise ValueError(f"expected a length that {num_blocks} blocks divide, got {length}")
    query, key, value = (
        x.reshape(*x.shape[:-2], num_blocks, length // num_blocks, x.size(-1))
        for x in (query, key, value)
    )
    output = value.new_zeros(value.shape)  # (..., blocks, block_size, d_v)
    counts = blocks.sum(dim=-1)
    for count in sorted(set(counts[counts > 0].tolist())):  # rows with as many keys go together
        rows = (counts == count).nonzero()[:, 0]
        seen = blocks[rows].nonzero()[:, 1].reshape(len(rows), count)
        output[..., rows, :, :] = fused_attention(
            query[..., rows, :, :],
            key[..., seen, :, :].flatten(-3, -2),  # (..., rows, count · block_size, d_k)
            value[..., seen, :, :].flatten(-3, -2),
        )
    return output.flatten(-3, -2)


class BlockSparseSelfAttention(nn.Module):
    """Multi-head self-attention that computes only the blocks of a pattern.

    It takes over the projections of an `~jumok.attention.MultiHeadAttention`, whose place in a
    model it can take: ``layer.self_attention = BlockSparseSelfAttention(layer.self_attention,
    blocks)``. It gives what that one gives under the mask of `expand_blocks`.

    Args:
        attention: the attention whose weights are used; they are shared, not copied.
        blocks: which block of queries may attend to which block of keys.

    >>> attention = MultiHeadAttention(d_model=16, num_heads=2)
    >>> blocks = big_bird_blocks(6)
    >>> x = torch.randn(1, 12, 16, generator=torch.Generator().manual_seed(0))
    >>> masked = attention(query=x, mask=expand_blocks(blocks, 2))
    >>> torch.allclose(BlockSparseSelfAttention(attention, blocks)(query=x), masked, atol=1e-6)
    True
    """

    blocks: Tensor

    def __init__(
        self, attention: MultiHeadAttention, blocks: Bool[Tensor, "blocks blocks"]
    ) -> None:
        super().__init__()
        check_boolean(blocks)
        self.attention = attention
        self.register_buffer("blocks", blocks)

    def forward(
        self,
        *,
        query: Float[Tensor, "*batch length d_model"],
        mask: Bool[Tensor, "..."] | None = None,
        cache: KeyValueCache | None = None,
    ) -> Float[Tensor, "*batch length d_model"]:
        """Attend from ``query`` to itself.

        ``mask`` and ``cache`` are there because an encoder layer passes them on; both must be None.

        Raises:
            ValueError: a mask or a cache is given, or the blocks do not divide the length.
        """
        if mask is not None or cache is not None:
            raise ValueError("expected neither mask nor cache: the blocks say who attends to whom")
        attention = self.attention
        queries, keys, values = (
            split_heads(projection(query), attention.num_heads)
            for projection in (
                attention.query_projection,
                attention.key_projection,
                attention.value_projection,
            )
        )
        mixed = block_sparse_attention(queries, keys, values, self.blocks)
        output: Tensor = attention.output_projection(merge_heads(mixed))
        return output
