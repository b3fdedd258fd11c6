"""What sparse attention says of wrong arguments."""

import pytest
import torch

from jumok.attention import KeyValueCache, MultiHeadAttention
from jumok.sparse_attention import (
    BlockSparseSelfAttention,
    big_bird_blocks,
    block_sparse_attention,
)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"num_blocks": 0}, "num_blocks must be at least 1, got 0"),
        ({"window": 2}, "window must be an odd number of blocks, got 2"),
        ({"num_random": -1}, "num_random must be at least 0, got -1"),
    ],
)
def test_impossible_patterns(wrong, message):
    with pytest.raises(ValueError, match=message):
        big_bird_blocks(**{"num_blocks": 4, **wrong})


def test_length_and_dtype():
    x = torch.zeros(1, 10, 4)
    with pytest.raises(ValueError, match="a length that 4 blocks divide, got 10"):
        block_sparse_attention(x, x, x, torch.ones(4, 4, dtype=torch.bool))
    with pytest.raises(ValueError, match="expected a boolean mask"):
        block_sparse_attention(x, x, x, torch.ones(5, 5))


def test_neither_mask_nor_cache():
    sparse = BlockSparseSelfAttention(MultiHeadAttention(8, 2), big_bird_blocks(5))
    x = torch.zeros(1, 10, 8)
    with pytest.raises(ValueError, match="expected neither mask nor cache"):
        sparse(query=x, mask=torch.ones(10, 10, dtype=torch.bool))
    with pytest.raises(ValueError, match="expected neither mask nor cache"):
        sparse(query=x, cache=KeyValueCache())
