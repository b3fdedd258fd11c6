"""Attention: equal to torch, zeros where nothing may be attended, and blind to what is masked."""

import math
from itertools import product

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn

import jumok.attention
from jumok.attention import (
    KeyValueCache,
    MultiHeadAttention,
    causal_mask,
    fused_attention,
    merge_heads,
    padding_mask,
    scaled_dot_product_attention,
    split_heads,
)

# What one rounding of a sum of a few dozen terms may cost.
TOLERANCE = {torch.float16: 4e-3, torch.bfloat16: 3e-2, torch.float32: 1e-6, torch.float64: 1e-12}


def readable(query: Tensor, key: Tensor, value: Tensor, **options: object) -> Tensor:
    return scaled_dot_product_attention(query, key, value, **options)[0]


BOTH = pytest.mark.parametrize("attend", [readable, fused_attention], ids=["readable", "fused"])


@st.composite
def attention_inputs(draw: st.DrawFn) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Query, key and value with any leading axes, and a mask that broadcasts to the scores."""
    batch = draw(st.lists(st.integers(1, 3), max_size=3))
    queries, keys, d_k, d_v = (draw(st.integers(1, 6)) for _ in range(4))
    generator = torch.Generator().manual_seed(draw(st.integers(0, 999)))
    query = torch.randn(*batch, queries, d_k, generator=generator)
    key = torch.randn(*batch, keys, d_k, generator=generator)
    value = torch.randn(*batch, keys, d_v, generator=generator)
    shape = [*batch, queries, keys][draw(st.integers(0, len(batch) + 2)) :]
    shape = [draw(st.sampled_from([1, size])) for size in shape]
    mask = torch.rand(shape, generator=generator) < draw(st.sampled_from([0.2, 0.6, 1.0]))
    return query, key, value, mask


def reference(query: Tensor, key: Tensor, value: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
    """One query at a time, one key at a time, in double precision: no softmax, no broadcasting."""
    *batch, queries, keys = torch.broadcast_shapes(
        (*query.shape[:-1], 1), (*key.shape[:-2], 1, key.size(-2))
    )
    mask = mask.broadcast_to(*batch, queries, keys)
    weights = torch.zeros(*batch, queries, keys, dtype=torch.float64)
    for position in product(*(range(size) for size in (*batch, queries))):
        *row, i = position
        seen = [j for j in range(keys) if mask[*position, j]]
        score = {
            j: float(query[*row, i].double() @ key[*row, j].double()) / math.sqrt(query.size(-1))
            for j in seen
        }
        total = sum(math.exp(s) for s in score.values())
        for j in seen:
            weights[*position, j] = math.exp(score[j]) / total
    return weights @ value.double(), weights


@given(attention_inputs())
def test_both_equal_the_formula_for_any_axes_and_masks(
    inputs: tuple[Tensor, Tensor, Tensor, Tensor],
) -> None:
    query, key, value, mask = inputs
    expected, expected_weights = reference(query, key, value, mask)
    output, weights = scaled_dot_product_attention(query, key, value, mask=mask)
    fused = fused_attention(query, key, value, mask=mask)
    torch.testing.assert_close(output.double(), expected, atol=1e-6, rtol=1e-5)
    torch.testing.assert_close(weights.double(), expected_weights, atol=1e-6, rtol=1e-5)
    torch.testing.assert_close(fused.double(), expected, atol=1e-6, rtol=1e-5)


@BOTH
@pytest.mark.parametrize("dtype", TOLERANCE, ids=str)
@pytest.mark.parametrize("shape", [(7, 16), (3, 7, 16), (2, 4, 7, 16), (2, 1, 4, 7, 16)], ids=str)
def test_equal_to_torch(
    attend: object, dtype: torch.dtype, shape: tuple[int, ...], device: torch.device
) -> None:
    query, key, value = torch.randn(3, *shape, dtype=dtype, device=device)
    value = value[..., :5]
    mask = torch.rand(7, 7, device=device) < 0.7
    mask[:, 0] = True
    for given_mask in (None, mask):
        ours = attend(query, key, value, mask=given_mask)
        # In half precision the exact answer is torch's in single precision.
        exact = torch.float32 if dtype.itemsize == 2 else dtype
        theirs = F.scaled_dot_product_attention(
            query.to(exact), key.to(exact), value.to(exact), attn_mask=given_mask
        )
        assert ours.dtype == dtype
        tolerance = TOLERANCE[dtype]
        torch.testing.assert_close(ours.to(exact), theirs, atol=tolerance, rtol=tolerance)


@BOTH
@pytest.mark.parametrize(
    ("query_shape", "key_shape"),
    [((2, 1, 5, 8), (1, 3, 4, 8)), ((2, 3, 5, 8), (4, 8)), ((5, 8), (2, 3, 4, 8))],
)
def test_leading_axes_broadcast_as_in_torch(
    attend: object, query_shape: tuple[int, ...], key_shape: tuple[int, ...]
) -> None:
    query, key, value = torch.randn(query_shape), torch.randn(key_shape), torch.randn(key_shape)
    mask = torch.rand(5, 4) < 0.8
    expected = F.scaled_dot_product_attention(query, key, value, attn_mask=mask)
    assert expected.shape == (2, 3, 5, 8)
    torch.testing.assert_close(attend(query, key, value, mask=mask), expected, atol=1e-6, rtol=0)


@pytest.mark.filterwarnings("ignore:Anomaly Detection")
@BOTH
@pytest.mark.parametrize("rescue", [False, True], ids=["as on the CPU", "as on a GPU"])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.bfloat16], ids=str)
@pytest.mark.parametrize("shape", [(6, 6), (1, 6), (6, 1), (6,), (1,), ()], ids=str)
@pytest.mark.parametrize("dropout_p", [0.0, 0.4])
def test_no_key_gives_zeros_without_nan(
    attend: object,
    rescue: bool,
    dtype: torch.dtype,
    shape: tuple[int, ...],
    dropout_p: float,
    device: torch.device,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if rescue:
        monkeypatch.setattr(jumok.attention, "_kernel_survives_empty_rows", lambda query: False)
    query, key, value = (
        torch.randn(2, 3, 6, 8, dtype=dtype, device=device, requires_grad=True) for _ in range(3)
    )
    mask = torch.zeros(shape, dtype=torch.bool, device=device)
    if shape == (6, 6):
        mask[2:, :3] = True  # queries 0 and 1 see nothing
    dead = ~mask.broadcast_to(6, 6).any(dim=-1)
    # Anomaly detection also finds a NaN that is multiplied away later.
    with torch.autograd.detect_anomaly(check_nan=True):
        output = attend(query, key, value, mask=mask, dropout_p=dropout_p)
        output.float().square().sum().backward()
    assert torch.equal(output[..., dead, :], torch.zeros_like(output[..., dead, :]))
    assert output.isfinite().all()
    for x in (query, key, value):
        assert x.grad is not None
        assert x.grad.isfinite().all()
    assert query.grad is not None
    assert not query.grad[..., dead, :].any()


def test_no_key_gives_zero_weights() -> None:
    x = torch.randn(4, 8)
    mask = torch.tensor([[True], [False], [True], [False]])
    _, weights = scaled_dot_product_attention(x, x, x, mask=mask)
    torch.testing.assert_close(weights.sum(-1), torch.tensor([1.0, 0.0, 1.0, 0.0]))


@BOTH
def test_no_keys_at_all(attend: object) -> None:
    query, nothing = torch.randn(2, 3, 8), torch.randn(2, 0, 8)
    for mask in (None, torch.ones(3, 0, dtype=torch.bool)):
        output = attend(query, nothing, nothing, mask=mask)
        assert torch.equal(output, torch.zeros(2, 3, 8))


@pytest.mark.parametrize(("queries", "keys"), [(5, 5), (3, 5), (5, 3), (1, 4)])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16], ids=str)
def test_is_causal_counts_from_the_first_query_as_torch_does(
    queries: int, keys: int, dtype: torch.dtype
) -> None:
    query = torch.randn(2, 4, queries, 8, dtype=dtype)
    key, value = torch.randn(2, 2, 4, keys, 8, dtype=dtype)
    theirs = F.scaled_dot_product_attention(query, key, value, is_causal=True)
    torch.testing.assert_close(fused_attention(query, key, value, is_causal=True), theirs)
    # A mask beside it takes more away.
    padding = torch.tensor([False] + [True] * (keys - 1))
    both = fused_attention(query, key, value, mask=padding, is_causal=True)
    mask = padding & torch.ones(queries, keys, dtype=torch.bool).tril()
    torch.testing.assert_close(both, fused_attention(query, key, value, mask=mask))
    assert not both[..., 0, :].any()  # the first query saw the first key only, which is padding
    assert both.isfinite().all()


@BOTH
@given(inputs=attention_inputs(), seed=st.integers(0, 99))
def test_what_is_masked_changes_nothing(
    attend: object, inputs: tuple[Tensor, Tensor, Tensor, Tensor], seed: int
) -> None:
    query, key, value, _ = inputs
    generator = torch.Generator().manual_seed(seed)
    hidden = torch.rand(key.size(-2), generator=generator) < 0.5
    other_key, other_value = key.clone(), value.clone()
    other_key[..., hidden, :] = 100 * torch.randn(other_key[..., hidden, :].shape)
    other_value[..., hidden, :] = 1e6
    first = attend(query, key, value, mask=~hidden)
    second = attend(query, other_key, other_value, mask=~hidden)
    torch.testing.assert_close(first, second, atol=1e-6, rtol=0)


@BOTH
@given(inputs=attention_inputs(), seed=st.integers(0, 99))
def test_the_order_of_keys_does_not_matter(
    attend: object, inputs: tuple[Tensor, Tensor, Tensor, Tensor], seed: int
) -> None:
    query, key, value, _ = inputs
    order = torch.randperm(key.size(-2), generator=torch.Generator().manual_seed(seed))
    shuffled = attend(query, key[..., order, :], value[..., order, :])
    torch.testing.assert_close(attend(query, key, value), shuffled, atol=1e-6, rtol=1e-6)


def test_weights_are_those_the_output_was_mixed_with() -> None:
    query, key, value = torch.randn(3, 2, 5, 8)
    output, weights = scaled_dot_product_attention(query, key, value, dropout_p=0.5)
    assert (weights == 0).any()
    torch.testing.assert_close(output, weights @ value)


@BOTH
def test_dropout_keeps_the_mean(attend: object) -> None:
    query, key, value = torch.randn(3, 1, 4, 8)
    many = attend(
        query.expand(20_000, -1, -1),
        key.expand(20_000, -1, -1),
        value.expand(20_000, -1, -1),
        dropout_p=0.3,
    )
    expected = attend(query, key, value)
    assert not torch.allclose(many[0], expected[0])
    torch.testing.assert_close(many.mean(dim=0), expected[0], atol=0.05, rtol=0)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16], ids=str)
def test_large_scores_stay_finite_in_half_precision(dtype: torch.dtype) -> None:
    x = torch.full((1, 4, 64), 40.0, dtype=dtype, requires_grad=True)  # 40 · 40 · 64 > 65,504
    output, _ = scaled_dot_product_attention(x, x, x, mask=causal_mask(4))
    output.float().sum().backward()
    assert output.isfinite().all()
    assert x.grad is not None
    assert x.grad.isfinite().all()


def test_masks() -> None:
    assert causal_mask(4).tolist() == [[key <= query for key in range(4)] for query in range(4)]
    assert causal_mask(0).shape == (0, 0)
    mask = padding_mask(torch.tensor([[5, 9, 9], [5, 6, 7]]), pad_id=9)
    assert mask.shape == (2, 1, 1, 3)
    assert mask.squeeze().tolist() == [[True, False, False], [True, True, True]]
    assert padding_mask(torch.tensor([[0, 3]]), pad_id=0).tolist() == [[[[False, True]]]]


@given(
    batch=st.lists(st.integers(0, 3), max_size=2),
    length=st.integers(0, 5),
    heads=st.integers(1, 4),
    d_head=st.integers(1, 5),
)
def test_heads_are_slices_of_the_width(
    batch: list[int], length: int, heads: int, d_head: int
) -> None:
    x = torch.randn(*batch, length, heads * d_head)
    split = split_heads(x, heads)
    assert split.shape == (*batch, heads, length, d_head)
    for head in range(heads):
        assert torch.equal(split[..., head, :, :], x[..., head * d_head : (head + 1) * d_head])
    assert torch.equal(merge_heads(split), x)


def torch_attention(**options: object) -> nn.MultiheadAttention:
    """Torch's module with biases that are not zero, as they are before training."""
    attention = nn.MultiheadAttention(24, 4, **options)
    for parameter in attention.parameters():
        if parameter.ndim == 1:
            nn.init.normal_(parameter)
    return attention


@pytest.mark.parametrize("batch_first", [True, False])
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("widths", [{}, {"kdim": 10, "vdim": 14}], ids=["same", "kdim, vdim"])
def test_multi_head_attention_equals_torch(
    batch_first: bool, bias: bool, widths: dict[str, int], device: torch.device
) -> None:
    theirs = torch_attention(batch_first=batch_first, bias=bias, **widths).to(device)
    ours = MultiHeadAttention.from_torch(theirs)
    query = torch.randn(3, 5, 24, device=device)
    key = torch.randn(3, 7, widths.get("kdim", 24), device=device)
    value = torch.randn(3, 7, widths.get("vdim", 24), device=device)
    padding = torch.arange(7, device=device) < torch.tensor([[7], [4], [1]], device=device)
    visible = torch.rand(5, 7, device=device) < 0.7
    visible[:, 0] = True
    mask = padding[:, None, None, :] & visible
    arguments = (query, key, value)
    if not batch_first:
        arguments = tuple(x.transpose(0, 1) for x in arguments)
    expected, expected_weights = theirs(
        *arguments, key_padding_mask=~padding, attn_mask=~visible, average_attn_weights=False
    )
    if not batch_first:
        expected = expected.transpose(0, 1)
    output, weights = ours(query=query, key=key, value=value, mask=mask, return_weights=True)
    fused = ours(query=query, key=key, value=value, mask=mask)
    torch.testing.assert_close(output, expected, atol=1e-6, rtol=1e-5)
    torch.testing.assert_close(fused, expected, atol=1e-6, rtol=1e-5)
    torch.testing.assert_close(weights, expected_weights, atol=1e-6, rtol=1e-5)


def test_from_torch_keeps_precision_mode_and_dropout_and_copies() -> None:
    theirs = torch_attention(dropout=0.3).double().eval()
    theirs.out_proj.weight.requires_grad_(False)
    ours = MultiHeadAttention.from_torch(theirs)
    assert not ours.training
    assert ours.dropout == 0.3
    assert {parameter.dtype for parameter in ours.parameters()} == {torch.float64}
    assert not ours.output_projection.weight.requires_grad
    before = ours.query_projection.weight.clone()
    with torch.no_grad():
        theirs.in_proj_weight.zero_()
    assert torch.equal(ours.query_projection.weight, before)


def test_gradients_equal_torch() -> None:
    theirs = torch_attention(batch_first=True)
    ours = MultiHeadAttention.from_torch(theirs)
    x = torch.randn(2, 5, 24)
    ours(query=x, is_causal=True).square().sum().backward()
    theirs(x, x, x, attn_mask=~causal_mask(5), need_weights=False)[0].square().sum().backward()
    projections = (ours.query_projection, ours.key_projection, ours.value_projection)
    gradient = torch.cat([projection.weight.grad for projection in projections])
    torch.testing.assert_close(gradient, theirs.in_proj_weight.grad, atol=1e-4, rtol=1e-4)
    torch.testing.assert_close(
        ours.output_projection.weight.grad, theirs.out_proj.weight.grad, atol=1e-4, rtol=1e-4
    )


def test_heads_equal_a_loop_over_heads() -> None:
    attention = MultiHeadAttention(12, 3, head_dim=5)
    x = torch.randn(2, 6, 12)
    outputs = []
    for head in range(3):
        part = slice(5 * head, 5 * head + 5)
        query, key, value = (
            F.linear(x, projection.weight[part], projection.bias[part])
            for projection in (
                attention.query_projection,
                attention.key_projection,
                attention.value_projection,
            )
        )
        outputs.append(readable(query, key, value))
    expected = attention.output_projection(torch.cat(outputs, dim=-1))
    torch.testing.assert_close(attention(query=x), expected, atol=1e-6, rtol=1e-5)


def test_without_a_batch_axis() -> None:
    attention = MultiHeadAttention(12, 3)
    x, memory = torch.randn(5, 12), torch.randn(4, 12)
    mask = causal_mask(5)
    torch.testing.assert_close(
        attention(query=x, mask=mask), attention(query=x[None], mask=mask)[0], atol=1e-6, rtol=1e-5
    )
    output, weights = attention(query=x, key=memory, return_weights=True)
    assert output.shape == (5, 12)
    assert weights.shape == (3, 5, 4)


def test_value_defaults_to_key() -> None:
    attention = MultiHeadAttention(12, 3)
    x, memory = torch.randn(2, 5, 12), torch.randn(2, 4, 12)
    assert torch.equal(attention(query=x), attention(query=x, key=x, value=x))
    assert torch.equal(attention(query=x, key=memory), attention(query=x, key=memory, value=memory))


@pytest.mark.parametrize("return_weights", [False, True])
@given(steps=st.lists(st.integers(1, 3), min_size=1, max_size=4), seed=st.integers(0, 99))
def test_cache_equals_no_cache(return_weights: bool, steps: list[int], seed: int) -> None:
    torch.manual_seed(seed)
    attention = MultiHeadAttention(12, 3)
    x = torch.randn(2, sum(steps), 12)
    whole = attention(query=x, is_causal=True)
    cache = KeyValueCache()
    parts = []
    for new in x.split(steps, dim=1):
        output = attention(query=new, is_causal=True, cache=cache, return_weights=return_weights)
        parts.append(output[0] if return_weights else output)
    assert cache.length == sum(steps)
    torch.testing.assert_close(torch.cat(parts, dim=1), whole, atol=1e-5, rtol=1e-4)


def test_cross_attention_projects_its_memory_once() -> None:
    attention = MultiHeadAttention(12, 3)
    x, memory = torch.randn(2, 3, 12), torch.randn(2, 4, 12)
    cache = KeyValueCache()
    calls = []
    attention.key_projection.register_forward_hook(lambda *_: calls.append(1))
    parts = [attention(query=x[:, i : i + 1], key=memory, cache=cache) for i in range(3)]
    assert len(calls) == 1
    assert cache.length == 4
    torch.testing.assert_close(torch.cat(parts, dim=1), attention(query=x, key=memory))


def test_cache_reorder_follows_the_beams() -> None:
    attention = MultiHeadAttention(12, 3)
    x, new = torch.randn(3, 4, 12), torch.randn(3, 1, 12)
    indices = torch.tensor([2, 2, 0])
    cache = KeyValueCache()
    cache.reorder(indices)  # nothing to reorder yet
    attention(query=x, is_causal=True, cache=cache)
    cache.reorder(indices)
    output = attention(query=new, is_causal=True, cache=cache)
    expected = attention(query=torch.cat([x[indices], new], dim=1), is_causal=True)[:, -1:]
    torch.testing.assert_close(output, expected, atol=1e-6, rtol=1e-5)


def test_dropout_acts_in_training_only() -> None:
    attention = MultiHeadAttention(12, 3, dropout=0.5)
    x = torch.randn(2, 6, 12)
    assert not torch.equal(attention(query=x), attention(query=x))
    attention.eval()
    assert torch.equal(attention(query=x), attention(query=x))


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16], ids=str)
def test_half_precision_gradients_are_finite(dtype: torch.dtype, device: torch.device) -> None:
    attention = MultiHeadAttention(32, 4, dropout=0.1).to(device, dtype)
    x = torch.randn(2, 6, 32, dtype=dtype, device=device)
    mask = padding_mask(torch.tensor([[1, 1, 1, 0, 0, 0], [0] * 6], device=device))
    attention(query=x, mask=mask, is_causal=True).float().square().sum().backward()
    for parameter in attention.parameters():
        assert parameter.grad is not None
        assert parameter.grad.isfinite().all()


def test_bert_layer_of_transformers_gives_the_same() -> None:
    bert = pytest.importorskip("transformers.models.bert.modeling_bert")
    config = bert.BertConfig(
        hidden_size=24, num_attention_heads=4, attn_implementation="eager", num_hidden_layers=1
    )
    theirs = bert.BertSelfAttention(config).eval()
    ours = MultiHeadAttention(24, 4, dropout=0.1).eval()
    pairs = (
        (ours.query_projection, theirs.query),
        (ours.key_projection, theirs.key),
        (ours.value_projection, theirs.value),
    )
    for our_linear, their_linear in pairs:
        our_linear.load_state_dict(their_linear.state_dict())
    ours.output_projection = nn.Identity()  # BERT's stands outside of this module
    x = torch.randn(2, 5, 24)
    torch.testing.assert_close(ours(query=x), theirs(x)[0], atol=1e-6, rtol=1e-5)
