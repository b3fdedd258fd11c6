"""Wrong input is refused with the shapes that were expected and those that were given."""

import re

import pytest
import torch
from torch import Tensor, nn

from jumok.attention import MultiHeadAttention, fused_attention, scaled_dot_product_attention

BOTH = pytest.mark.parametrize("attend", [scaled_dot_product_attention, fused_attention])


def zeros(*shape: int) -> Tensor:
    return torch.zeros(shape)


@BOTH
@pytest.mark.parametrize(
    ("query", "key", "value"),
    [
        (zeros(5, 8), zeros(5, 7), zeros(5, 8)),  # d_k differs
        (zeros(2, 5, 8), zeros(2, 5, 8), zeros(2, 6, 8)),  # a key without a value
        (zeros(2, 5, 8), zeros(2, 6, 8), zeros(2, 1, 8)),  # 1 is no wildcard for the length
        (zeros(8), zeros(5, 8), zeros(5, 8)),  # an axis is missing
        (zeros(5, 8), zeros(8), zeros(5, 8)),
        (zeros(5, 8), zeros(5, 8), zeros(8)),
    ],
)
def test_shapes_that_do_not_fit(attend: object, query: Tensor, key: Tensor, value: Tensor) -> None:
    with pytest.raises(ValueError, match=re.escape("expected query (..., query, d_k)")) as error:
        attend(query, key, value)
    message = str(error.value)
    for name, x in (("query", query), ("key", key), ("value", value)):
        assert f"{name} {tuple(x.shape)}" in message


@BOTH
def test_leading_axes_that_do_not_broadcast(attend: object) -> None:
    with pytest.raises(ValueError, match=re.escape("query (2, 5, 8), key (3, 5, 8)")):
        attend(zeros(2, 5, 8), zeros(3, 5, 8), zeros(3, 5, 8))


@BOTH
@pytest.mark.parametrize("dtype", [torch.float32, torch.int64, torch.uint8])
def test_a_mask_that_is_not_boolean(attend: object, dtype: torch.dtype) -> None:
    x = zeros(2, 5, 8)
    with pytest.raises(ValueError, match=f"boolean.*True = may attend.*{dtype}"):
        attend(x, x, x, mask=torch.ones(5, 5, dtype=dtype))


@BOTH
@pytest.mark.parametrize(
    "shape", [(4, 5), (5, 4), (3, 5, 5), (2, 1, 5, 5), (1, 1, 1, 1), (2,), (0, 5)], ids=str
)
def test_a_mask_that_does_not_broadcast(attend: object, shape: tuple[int, ...]) -> None:
    x = zeros(2, 5, 8)
    with pytest.raises(ValueError, match=re.escape(f"(2, 5, 5), got shape {shape}")):
        attend(x, x, x, mask=torch.ones(shape, dtype=torch.bool))


@BOTH
@pytest.mark.parametrize("dropout_p", [-0.1, 1.5])
def test_a_probability_that_is_none(attend: object, dropout_p: float) -> None:
    x = zeros(2, 5, 8)
    with pytest.raises(ValueError, match=r"(?i)dropout"):
        attend(x, x, x, dropout_p=dropout_p)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"d_model": 10, "num_heads": 3}, "d_model 10 must be divisible by num_heads 3"),
        ({"d_model": 0, "num_heads": 1}, "at least 1"),
        ({"d_model": 8, "num_heads": 0}, "at least 1"),
        ({"d_model": 8, "num_heads": 2, "head_dim": 0}, "at least 1"),
        ({"d_model": 8, "num_heads": 2, "dropout": 1.0}, "dropout must be in"),
        ({"d_model": 8, "num_heads": 2, "dropout": -0.1}, "dropout must be in"),
    ],
)
def test_impossible_multi_head_attention(arguments: dict[str, int], message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        MultiHeadAttention(**arguments)


def test_wrong_widths_in_multi_head_attention() -> None:
    attention = MultiHeadAttention(8, 2)
    with pytest.raises(ValueError, match=re.escape("query (..., length, 8), got (2, 5, 6)")):
        attention(query=zeros(2, 5, 6))
    with pytest.raises(ValueError, match=re.escape("key (..., length, 8), got (2, 5, 6)")):
        attention(query=zeros(2, 5, 8), key=zeros(2, 5, 6))
    with pytest.raises(ValueError, match=re.escape("value (..., length, 8), got (8,)")):
        attention(query=zeros(2, 5, 8), key=zeros(2, 5, 8), value=zeros(8))


def test_a_mask_without_the_heads_axis() -> None:
    attention = MultiHeadAttention(8, 2)
    mask = torch.ones(3, 5, 5, dtype=torch.bool)  # (batch, query, key): which axis is the heads'?
    with pytest.raises(ValueError, match=re.escape("(3, 2, 5, 5), got shape (3, 5, 5)")):
        attention(query=zeros(3, 5, 8), mask=mask)


@pytest.mark.parametrize("option", ["add_bias_kv", "add_zero_attn"])
def test_what_has_no_counterpart_is_not_converted(option: str) -> None:
    with pytest.raises(ValueError, match=option):
        MultiHeadAttention.from_torch(nn.MultiheadAttention(8, 2, **{option: True}))
