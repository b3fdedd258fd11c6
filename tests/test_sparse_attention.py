"""Sparse attention against torch's own attention under the same mask."""

import pytest
import torch
import torch.nn.functional as F

from jumok.sparse_attention import (
    BlockSparseSelfAttention,
    big_bird_blocks,
    block_sparse_attention,
    expand_blocks,
)
from jumok.transformer import Encoder, TransformerConfig


@pytest.mark.parametrize("num_random", [0, 2])
def test_equals_torch_under_the_mask_and_so_do_gradients(num_random):
    torch.manual_seed(0)
    inputs = [torch.randn(2, 3, 40, width, requires_grad=True) for width in (8, 8, 6)]
    blocks = big_bird_blocks(10, num_random=num_random).to(inputs[0].device)
    theirs = F.scaled_dot_product_attention(*inputs, attn_mask=expand_blocks(blocks, 4))
    ours = block_sparse_attention(*inputs, blocks)
    torch.testing.assert_close(ours, theirs, atol=1e-5, rtol=1e-5)
    of_theirs = torch.autograd.grad(theirs.square().sum(), inputs)
    of_ours = torch.autograd.grad(ours.square().sum(), inputs)
    torch.testing.assert_close(of_ours, of_theirs, atol=1e-4, rtol=1e-4)


def test_queries_without_keys_get_zeros():
    x = torch.randn(1, 6, 4)
    blocks = torch.tensor([[True, False], [False, False]], device=x.device)
    output = block_sparse_attention(x, x, x, blocks)
    assert output[:, 3:].abs().max() == 0
    assert output[:, :3].abs().min() > 0


def test_each_row_sees_window_global_and_random_blocks():
    blocks = big_bird_blocks(20, window=3, num_global=2, num_random=3)
    assert blocks[:2].all()
    assert blocks[:, :2].all()
    for offset in (-1, 0, 1):
        assert blocks.diagonal(offset).all()
    assert blocks[5:19].sum(dim=-1).unique().tolist() == [3 + 2 + 3]
    assert not torch.equal(blocks, big_bird_blocks(20, num_global=2, num_random=3, seed=1))
    assert big_bird_blocks(2, num_random=5).all()  # no more than there are


def test_a_sparse_encoder_equals_a_masked_one():
    torch.manual_seed(0)
    config = TransformerConfig(8, 8, d_model=16, num_heads=2, num_encoder_layers=2, d_ff=32)
    encoder = Encoder(config).eval()
    x = torch.randn(2, 40, 16)
    blocks = big_bird_blocks(10).to(x.device)
    masked = encoder(x, expand_blocks(blocks, 4))
    for layer in encoder.layers:
        layer.self_attention = BlockSparseSelfAttention(layer.self_attention, blocks)
    torch.testing.assert_close(encoder(x), masked, atol=1e-5, rtol=1e-5)
