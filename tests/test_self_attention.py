"""One head of self-attention: equal to the class with one head, and blind to order."""

import torch
from hypothesis import given
from hypothesis import strategies as st

from jumok.attention import MultiHeadAttention, causal_mask, self_attention


@given(st.integers(1, 6), st.integers(1, 5), st.integers(0, 99))
def test_equals_multi_head_attention_with_one_head(length: int, width: int, seed: int) -> None:
    torch.manual_seed(seed)
    attention = MultiHeadAttention(width, 1, bias=False)
    projections = (
        attention.query_projection,
        attention.key_projection,
        attention.value_projection,
    )
    x, mask = torch.randn(2, length, width), causal_mask(length)
    matrices = [projection.weight.T for projection in projections]
    output, weights = self_attention(x, *matrices, mask=mask)
    expected, expected_weights = attention(query=x, mask=mask, return_weights=True)
    torch.testing.assert_close(attention.output_projection(output), expected)
    torch.testing.assert_close(weights, expected_weights[:, 0])


@given(st.permutations(range(5)), st.integers(0, 99))
def test_a_reordered_input_gives_the_output_reordered_alike(order: list[int], seed: int) -> None:
    torch.manual_seed(seed)
    x, matrices = torch.randn(2, 5, 8), torch.randn(3, 8, 4)
    output, weights = self_attention(x, *matrices)
    reordered, reordered_weights = self_attention(x[:, order], *matrices)
    torch.testing.assert_close(reordered, output[:, order], atol=1e-5, rtol=1e-5)
    expected = weights[:, order][:, :, order]
    torch.testing.assert_close(reordered_weights, expected, atol=1e-5, rtol=1e-5)


def test_value_width_may_differ() -> None:
    x = torch.randn(3, 8)
    output, weights = self_attention(x, torch.randn(8, 4), torch.randn(8, 4), torch.randn(8, 5))
    assert output.shape == (3, 5)
    assert weights.shape == (3, 3)
