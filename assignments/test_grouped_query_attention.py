"""Tests of assignment 2."""

from types import ModuleType

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from jumok.attention import MultiHeadAttention, causal_mask


def test_as_many_groups_as_heads_is_multi_head_attention(work: ModuleType) -> None:
    torch.manual_seed(0)
    ours, known = work.GroupedQueryAttention(12, 4, 4), MultiHeadAttention(12, num_heads=4)
    ours.load_state_dict(known.state_dict())
    x, mask = torch.randn(2, 5, 12), causal_mask(5)
    output, weights = ours(x, mask=mask)
    expected, expected_weights = known(query=x, mask=mask, return_weights=True)
    torch.testing.assert_close(output, expected)
    torch.testing.assert_close(weights, expected_weights)


@pytest.mark.parametrize("groups", [1, 2, 3, 6])
def test_groups_share_keys_and_values_as_torch_does(work: ModuleType, groups: int) -> None:
    torch.manual_seed(groups)
    attention = work.GroupedQueryAttention(24, 6, groups).double()
    x = torch.randn(2, 5, 24).double()
    heads = [
        projection(x).unflatten(-1, (-1, 4)).transpose(1, 2)
        for projection in (
            attention.query_projection,
            attention.key_projection,
            attention.value_projection,
        )
    ]
    mixed = F.scaled_dot_product_attention(*heads, is_causal=True, enable_gqa=True)
    expected = attention.output_projection(mixed.transpose(1, 2).flatten(2))
    output, weights = attention(x, mask=causal_mask(5))
    torch.testing.assert_close(output, expected)
    assert weights.shape == (2, 6, 5, 5)
    torch.testing.assert_close(weights.sum(dim=-1), torch.ones(2, 6, 5).double())


def test_keys_and_values_get_narrower(work: ModuleType) -> None:
    attention = work.GroupedQueryAttention(32, 8, 2)
    sizes = {name: tuple(each.shape) for name, each in attention.named_parameters()}
    assert sizes["key_projection.weight"] == sizes["value_projection.weight"] == (8, 32)
    assert sum(each.numel() for each in attention.parameters()) == 2 * (32 * 32 + 32) + 2 * (
        8 * 32 + 8
    )


def test_padding_has_no_influence(work: ModuleType) -> None:
    attention = work.GroupedQueryAttention(8, 4, 2)
    x = torch.randn(1, 4, 8)
    mask = torch.tensor([True, True, True, False])
    absurd = x.clone()
    absurd[0, 3] = 1000.0
    torch.testing.assert_close(
        attention(absurd, mask=mask)[0][:, :3], attention(x, mask=mask)[0][:, :3]
    )


@pytest.mark.parametrize(("d_model", "heads", "groups"), [(10, 4, 2), (12, 4, 3)])
def test_sizes_that_do_not_fit_are_named(
    work: ModuleType, d_model: int, heads: int, groups: int
) -> None:
    wrong = (d_model, heads) if d_model % heads else (heads, groups)
    with pytest.raises(ValueError, match=f"{wrong[0]}.*{wrong[1]}"):
        work.GroupedQueryAttention(d_model, heads, groups)


def test_cache(work: ModuleType) -> None:
    size = {"layers": 32, "batch": 1, "length": 4096, "head_dim": 128, "bytes_per_number": 2}
    # 32 layers, 32 heads of 128, 4,096 places in float16: 2 GiB, as often quoted for a 7B model.
    assert work.cache_bytes(num_groups=32, **size) == 2 * 1024**3
    assert work.cache_bytes(num_groups=8, **size) == 512 * 1024**2


def test_pooling_is_the_mean_of_each_group(work: ModuleType) -> None:
    projection = nn.Linear(3, 8)
    before = projection.weight.clone()
    pooled = work.pool_heads(projection, num_heads=4, num_groups=2)
    heads = projection.weight.detach().reshape(4, 2, 3)
    torch.testing.assert_close(pooled.weight[:2], (heads[0] + heads[1]) / 2)
    torch.testing.assert_close(pooled.weight[2:], (heads[2] + heads[3]) / 2)
    biases = projection.bias.detach().reshape(4, 2)
    torch.testing.assert_close(pooled.bias[2:], (biases[2] + biases[3]) / 2)
    assert torch.equal(projection.weight, before)
    same = work.pool_heads(projection, num_heads=4, num_groups=4)
    torch.testing.assert_close(same.weight, projection.weight)
