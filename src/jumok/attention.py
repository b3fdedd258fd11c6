"""Attention: a readable function, a fast one, their masks, and several heads at once.

Everything follows Vaswani et al., *Attention Is All You Need* (2017), §3.2. Masks are boolean and
``True`` means *may attend*, the sense of :func:`torch.nn.functional.scaled_dot_product_attention`.
A query that may attend to nothing gets zeros.
"""

import math

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from jumok.checks import check_boolean

__all__ = [
    "scaled_dot_product_attention",
    "masked_softmax",
    "fused_attention",
    "self_attention",
    "causal_mask",
    "padding_mask",
    "split_heads",
    "merge_heads",
    "KeyValueCache",
    "MultiHeadAttention",
]


def scaled_dot_product_attention(
    query: Float[Tensor, "*#batch query d_k"],
    key: Float[Tensor, "*#batch key d_k"],
    value: Float[Tensor, "*#batch key d_v"],
    *,
    mask: Bool[Tensor, "..."] | None = None,
    dropout_p: float = 0.0,
) -> tuple[Float[Tensor, "... query d_v"], Float[Tensor, "... query key"]]:
    r"""Attention as the formula writes it, with the weights to look at.

    .. math:: \operatorname{softmax}\left(\frac{QK^\top}{\sqrt{d_k}}\right) V

    Args:
        query: what each position asks, ``(..., query, d_k)``.
        key: what each position offers to be found by, ``(..., key, d_k)``.
        value: what each position hands over, ``(..., key, d_v)``; ``d_v`` need not be ``d_k``.
        mask: broadcastable to ``(..., query, key)``; ``True`` = may attend.
        dropout_p: the probability with which a weight is dropped.

    Returns:
        The output ``(..., query, d_v)`` and the weights it was mixed with, ``(..., query, key)``.
        A query that may attend to nothing gets zeros in both.

    Raises:
        ValueError: the shapes do not fit, or the mask is not boolean or does not broadcast.

    Source: Vaswani et al. (2017), §3.2.1, equation 1.

    >>> query = torch.tensor([[1.0, 0.0]])
    >>> key = torch.tensor([[0.0, 1.0], [0.0, -1.0]])      # both at right angles to the query
    >>> value = torch.tensor([[10.0], [20.0]])
    >>> output, weights = scaled_dot_product_attention(query, key, value)
    >>> weights.tolist(), output.tolist()
    ([[0.5, 0.5]], [[15.0]])
    """
    check_attention_inputs(query, key, value, mask, dropout_p)
    d_k = query.size(-1)
    # Dividing the query, not the product, keeps the sum of d_k terms inside float16's range.
    scores = (query / math.sqrt(d_k)) @ key.transpose(-2, -1)  # (..., query, key)
    weights = masked_softmax(scores, mask)
    weights = F.dropout(weights, dropout_p)
    return weights @ value, weights  # (..., query, d_v), (..., query, key)


def masked_softmax(
    scores: Float[Tensor, "*batch query key"], mask: Bool[Tensor, "..."] | None = None
) -> Float[Tensor, "*batch query key"]:
    """Softmax over the keys that a query may attend to; the others get exactly 0.

    A query that may attend to nothing gets zeros.

    >>> scores = torch.tensor([[1.0, 2.0, 3.0]]).log()
    >>> masked_softmax(scores, torch.tensor([True, False, True]))  # doctest: +FLOAT_CMP
    tensor([[0.2500, 0.0000, 0.7500]])
    """
    if mask is None:
        return scores.softmax(dim=-1)
    # −∞ becomes a weight of exactly 0. A row of nothing but −∞ would become 0/0, so a query
    # without any key keeps its scores here and loses all its weights afterwards.
    has_key = mask.any(dim=-1, keepdim=True)
    scores = scores.masked_fill(has_key & ~mask, -math.inf)
    return scores.softmax(dim=-1).masked_fill(~mask, 0.0)


def fused_attention(
    query: Float[Tensor, "*#batch query d_k"],
    key: Float[Tensor, "*#batch key d_k"],
    value: Float[Tensor, "*#batch key d_v"],
    *,
    mask: Bool[Tensor, "..."] | None = None,
    is_causal: bool = False,
    dropout_p: float = 0.0,
) -> Float[Tensor, "... query d_v"]:
    """The same output from one fused kernel, which never stores the weights.

    Takes what :func:`scaled_dot_product_attention` takes. ``is_causal`` hides from query *i* every
    key after *i*, in addition to ``mask`` if both are given, and lets the kernel skip that half of
    the work.

    Source: Dao et al., *FlashAttention* (2022), for the kernel's idea.

    >>> x = torch.randn(2, 5, 8, generator=torch.Generator().manual_seed(0))
    >>> readable, _ = scaled_dot_product_attention(x, x, x, mask=causal_mask(5))
    >>> torch.allclose(fused_attention(x, x, x, is_causal=True), readable, atol=1e-6)
    True
    """
    check_attention_inputs(query, key, value, mask, dropout_p)
    if mask is None:
        return F.scaled_dot_product_attention(
            query, key, value, dropout_p=dropout_p, is_causal=is_causal
        )
    if is_causal:  # torch takes one or the other
        queries, keys = query.size(-2), key.size(-2)
        mask = mask & causal_mask(max(queries, keys), device=mask.device)[:queries, :keys]
    if mask.ndim < 2:
        mask = mask.expand(query.size(-2), key.size(-2))
    if _kernel_survives_empty_rows(query):
        return F.scaled_dot_product_attention(
            query, key, value, attn_mask=mask, dropout_p=dropout_p
        )
    # A query without any key attends to all of them, and loses what it got afterwards.
    has_key = mask.any(dim=-1, keepdim=True)
    output = F.scaled_dot_product_attention(
        query, key, value, attn_mask=mask | ~has_key, dropout_p=dropout_p
    )
    return output.masked_fill(~has_key, 0.0)


def _kernel_survives_empty_rows(query: Tensor) -> bool:
    """Whether torch's own kernel gives zeros, and no NaN gradient, where nothing may be attended.

    It does on the CPU. On a GPU it depends on the kernel that torch picks: cuDNN's computes the
    gradient from the logarithm of the row's sum, which is −∞ there.
    """
    return not query.is_cuda


def self_attention(
    x: Float[Tensor, "*batch length d_model"],
    query_matrix: Float[Tensor, "d_model d_k"],
    key_matrix: Float[Tensor, "d_model d_k"],
    value_matrix: Float[Tensor, "d_model d_v"],
    *,
    mask: Bool[Tensor, "..."] | None = None,
) -> tuple[Float[Tensor, "*batch length d_v"], Float[Tensor, "*batch length length"]]:
    r"""One head of self-attention: queries, keys and values all come from ``x``.

    .. math:: \operatorname{Attention}(X W^Q, X W^K, X W^V)

    Args:
        x: one vector for each position, ``(..., length, d_model)``.
        query_matrix: makes of a vector what it asks, ``(d_model, d_k)``.
        key_matrix: makes of a vector what it is found by, ``(d_model, d_k)``.
        value_matrix: makes of a vector what it hands over, ``(d_model, d_v)``.
        mask: broadcastable to ``(..., length, length)``; ``True`` = may attend.

    Returns:
        The output ``(..., length, d_v)`` and the weights ``(..., length, length)``.

    Source: Vaswani et al. (2017), §3.2.2 for one head, §3.2.3 for where it is used.

    >>> x = torch.randn(2, 5, 8)
    >>> output, weights = self_attention(x, *torch.randn(3, 8, 4))
    >>> output.shape, weights.shape
    (torch.Size([2, 5, 4]), torch.Size([2, 5, 5]))
    """
    query, key, value = x @ query_matrix, x @ key_matrix, x @ value_matrix
    return scaled_dot_product_attention(query, key, value, mask=mask)


def check_attention_inputs(
    query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None, dropout_p: float = 0.0
) -> None:
    """Raise a ``ValueError`` that says what was expected and what was given.

    Looks at shapes and dtypes only, never at values: on a GPU that would wait for the kernel.
    """
    fits = query.ndim >= 2 and key.ndim >= 2 and value.ndim >= 2
    if fits:
        *batch, queries, d_k = query.shape
        *key_batch, keys, key_width = key.shape
        *value_batch, values, _ = value.shape
        fits = d_k == key_width and keys == values
        if not batch == key_batch == value_batch:
            batch, broadcasts = _broadcast(batch, key_batch, value_batch)
            fits = fits and broadcasts
    if not fits:
        raise ValueError(
            "expected query (..., query, d_k), key (..., key, d_k) and value (..., key, d_v) with "
            f"leading axes that broadcast, got query {tuple(query.shape)}, "
            f"key {tuple(key.shape)} and value {tuple(value.shape)}"
        )
    if not 0.0 <= dropout_p <= 1.0:
        raise ValueError(f"expected dropout_p between 0 and 1, got {dropout_p}")
    if mask is None:
        return
    check_boolean(mask)
    scores = (*batch, queries, keys)
    for axis, size in enumerate(mask.shape, len(scores) - mask.ndim):  # the last axes align
        if axis < 0 or size not in (1, scores[axis]):
            raise ValueError(
                f"expected a mask that broadcasts to (..., query, key) = {scores}, "
                f"got shape {tuple(mask.shape)}"
            )


def _broadcast(*shapes: list[int]) -> tuple[list[int], bool]:
    """The shape that all broadcast to, and whether there is one."""
    try:
        return list(torch.broadcast_shapes(*shapes)), True  # type: ignore[no-untyped-call]
    except RuntimeError:
        return [], False


def causal_mask(
    length: int, *, device: torch.device | str | None = None
) -> Bool[Tensor, "length length"]:
    """Query *i* may attend to keys 0 … *i*: what has been written so far, not what is to come.

    >>> causal_mask(3).int()
    tensor([[1, 0, 0],
            [1, 1, 0],
            [1, 1, 1]], dtype=torch.int32)
    """
    return torch.ones(length, length, dtype=torch.bool, device=device).tril()


def padding_mask(
    token_ids: Int[Tensor, "batch key"], *, pad_id: int = 0
) -> Bool[Tensor, "batch 1 1 key"]:
    """Every query may attend to what is not padding; broadcasts over heads and queries.

    >>> padding_mask(torch.tensor([[7, 9, 3], [5, 0, 0]])).squeeze().int()
    tensor([[1, 1, 1],
            [1, 0, 0]], dtype=torch.int32)
    """
    return (token_ids != pad_id)[:, None, None, :]


def split_heads(
    x: Float[Tensor, "*batch length width"], num_heads: int
) -> Float[Tensor, "*batch heads length d_head"]:
    """Cut the last axis into heads and put the heads before the length.

    >>> split_heads(torch.zeros(2, 5, 12), num_heads=3).shape
    torch.Size([2, 3, 5, 4])
    """
    x = x.reshape(
        *x.shape[:-1], num_heads, x.size(-1) // num_heads
    )  # (batch, length, heads, d_head)
    return x.transpose(-3, -2)  # (batch, heads, length, d_head)


def merge_heads(
    x: Float[Tensor, "*batch heads length d_head"],
) -> Float[Tensor, "*batch length width"]:
    """Undo :func:`split_heads`: concatenate the heads again.

    >>> x = torch.arange(24.0).reshape(2, 3, 4)
    >>> torch.equal(merge_heads(split_heads(x, num_heads=2)), x)
    True
    """
    x = x.transpose(-3, -2)  # (batch, length, heads, d_head)
    return x.flatten(start_dim=-2)  # (batch, length, heads · d_head)


class KeyValueCache:
    """Projected keys and values of one attention layer, kept from one decoding step to the next.

    A step then projects its new tokens only: the keys and values of earlier ones never change,
    because no earlier position may look at a later one.
    """

    def __init__(self) -> None:
        self.key: Tensor | None = None  # (batch, heads, length, d_head)
        self.value: Tensor | None = None  # (batch, heads, length, d_head)

    @property
    def length(self) -> int:
        """How many positions are held."""
        return 0 if self.key is None else self.key.size(-2)

    def append(self, key: Tensor, value: Tensor) -> tuple[Tensor, Tensor]:
        """Add new positions and return all of them."""
        if self.key is not None and self.value is not None:
            key = torch.cat([self.key, key], dim=-2)
            value = torch.cat([self.value, value], dim=-2)
        self.key, self.value = key, value
        return key, value

    def reorder(self, indices: Int[Tensor, " batch"]) -> None:
        """Let row *i* continue what row ``indices[i]`` was: the step of a beam search."""
        if self.key is not None and self.value is not None:
            self.key = self.key.index_select(0, indices)
            self.value = self.value.index_select(0, indices)


class MultiHeadAttention(nn.Module):
    r"""Several attentions side by side, each in a subspace of its own.

    .. math::
        \operatorname{MultiHead}(Q, K, V) &= [\text{head}_1; \dots; \text{head}_h] W^O \\
        \text{head}_i &= \operatorname{Attention}(Q W_i^Q, K W_i^K, V W_i^V)

    The heads' matrices stand side by side in one, so that all heads take one matrix product.

    Args:
        d_model: the width of what comes in and goes out.
        num_heads: the number of heads, *h*.
        head_dim: the width of one head, ``d_model // num_heads`` if not given.
        dropout: the probability with which an attention weight is dropped in training.
        bias: whether the four projections add a bias.

    Raises:
        ValueError: ``d_model`` is not divisible by ``num_heads`` and ``head_dim`` is not given.

    Source: Vaswani et al. (2017), §3.2.2.
    """

    def __init__(
        self,
        d_model: int,
        num_heads: int,
        *,
        head_dim: int | None = None,
        dropout: float = 0.0,
        bias: bool = True,
    ) -> None:
        super().__init__()
        if d_model < 1 or num_heads < 1 or (head_dim is not None and head_dim < 1):
            raise ValueError(
                "d_model, num_heads and head_dim must be at least 1, "
                f"got {d_model}, {num_heads} and {head_dim}"
            )
        if head_dim is None and d_model % num_heads:
            raise ValueError(f"d_model {d_model} must be divisible by num_heads {num_heads}")
        if not 0.0 <= dropout < 1.0:
            raise ValueError(f"dropout must be in [0, 1), got {dropout}")
        self.d_model = d_model
        self.num_heads = num_heads
        self.head_dim = head_dim or d_model // num_heads
        self.dropout = dropout
        width = num_heads * self.head_dim
        self.query_projection = nn.Linear(d_model, width, bias=bias)
        self.key_projection = nn.Linear(d_model, width, bias=bias)
        self.value_projection = nn.Linear(d_model, width, bias=bias)
        self.output_projection = nn.Linear(width, d_model, bias=bias)

    def forward(
        self,
        *,
        query: Float[Tensor, "*batch query d_model"],
        key: Float[Tensor, "*batch key d_key"] | None = None,
        value: Float[Tensor, "*batch key d_value"] | None = None,
        mask: Bool[Tensor, "..."] | None = None,
        is_causal: bool = False,
        cache: KeyValueCache | None = None,
        return_weights: bool = False,
    ) -> (
        Float[Tensor, "*batch query d_model"]
        | tuple[Float[Tensor, "*batch query d_model"], Float[Tensor, "*batch heads query keys"]]
    ):
        """Attend from ``query`` to itself, or to ``key`` (and ``value``, which defaults to it).

        Args:
            query: ``(batch, query, d_model)``, or without the batch axis.
            key: what to attend to, ``(batch, key, d_model)``; ``query`` if not given.
            value: what to mix, ``(batch, key, d_model)``; ``key`` if not given.
            mask: broadcastable to ``(batch, heads, query, key)``; ``True`` = may attend.
            is_causal: hide later positions too. Queries come after whatever ``cache`` holds.
            cache: earlier positions. In self-attention the new ones are added to it; in
                cross-attention ``key`` and ``value`` are projected once and then reused.
            return_weights: return ``(output, weights)``, weights ``(batch, heads, query, key)``.
        """
        self._check_widths(query, key, value)
        past = cache.length if cache is not None and key is None else 0
        heads = split_heads(self.query_projection(query), self.num_heads)
        keys, values = self._keys_and_values(query, key, value, cache)
        if is_causal and (past or return_weights):
            # The kernel's own flag counts queries from 0; with a cache the first one is at `past`.
            length = max(past + heads.size(-2), keys.size(-2))
            later_hidden = causal_mask(length, device=query.device)
            later_hidden = later_hidden[past : past + heads.size(-2), : keys.size(-2)]
            mask = later_hidden if mask is None else mask & later_hidden
            is_causal = False
        dropout_p = self.dropout if self.training else 0.0
        if return_weights:
            mixed, weights = scaled_dot_product_attention(
                heads, keys, values, mask=mask, dropout_p=dropout_p
            )  # (batch, heads, query, d_head), (batch, heads, query, key)
            return self.output_projection(merge_heads(mixed)), weights
        mixed = fused_attention(
            heads, keys, values, mask=mask, is_causal=is_causal, dropout_p=dropout_p
        )  # (batch, heads, query, d_head)
        output: Tensor = self.output_projection(merge_heads(mixed))
        return output  # (batch, query, d_model)

    def _keys_and_values(
        self, query: Tensor, key: Tensor | None, value: Tensor | None, cache: KeyValueCache | None
    ) -> tuple[Tensor, Tensor]:
        """Project, unless the cache has it: both ``(batch, heads, key, d_head)``."""
        if key is None:
            key = query
        elif cache is not None and cache.key is not None and cache.value is not None:
            return cache.key, cache.value  # what is attended to does not grow: project it once
        value = key if value is None else value
        keys = split_heads(self.key_projection(key), self.num_heads)
        values = split_heads(self.value_projection(value), self.num_heads)
        return (keys, values) if cache is None else cache.append(keys, values)

    def _check_widths(self, query: Tensor, key: Tensor | None, value: Tensor | None) -> None:
        for name, x, projection in (
            ("query", query, self.query_projection),
            ("key", key, self.key_projection),
            ("value", value, self.value_projection),
        ):
            if x is not None and (x.ndim < 2 or x.size(-1) != projection.in_features):
                raise ValueError(
                    f"expected {name} (..., length, {projection.in_features}), got {tuple(x.shape)}"
                )

    @staticmethod
    def from_torch(attention: nn.MultiheadAttention) -> "MultiHeadAttention":
        """The same attention with the weights of torch's, in ``batch_first`` order.

        Raises:
            ValueError: the module uses ``add_bias_kv`` or ``add_zero_attn``.

        >>> theirs = nn.MultiheadAttention(16, 4, batch_first=True)
        >>> ours = MultiHeadAttention.from_torch(theirs)
        >>> x = torch.randn(2, 5, 16)
        >>> torch.allclose(ours(query=x), theirs(x, x, x)[0], atol=1e-6)
        True
        """
        if attention.bias_k is not None or attention.add_zero_attn:
            raise ValueError("nn.MultiheadAttention with add_bias_kv or add_zero_attn has no match")
        bias = attention.in_proj_bias
        ours = MultiHeadAttention(
            attention.embed_dim,
            attention.num_heads,
            dropout=attention.dropout,
            bias=bias is not None,
        )
        # torch keeps one matrix for all three projections, or three if their widths differ.
        matrices = (
            attention.in_proj_weight.chunk(3)
            if attention.in_proj_weight is not None
            else (attention.q_proj_weight, attention.k_proj_weight, attention.v_proj_weight)
        )
        biases = (None, None, None) if bias is None else bias.chunk(3)
        projections = (ours.query_projection, ours.key_projection, ours.value_projection)
        for projection, matrix, vector in zip(projections, matrices, biases, strict=True):
            _set_linear(projection, matrix, vector)
        _set_linear(ours.output_projection, attention.out_proj.weight, attention.out_proj.bias)
        return ours.train(attention.training)


def _set_linear(linear: nn.Linear, weight: Tensor, bias: Tensor | None) -> None:
    """Give a projection copies of these weights, with their shape, dtype and device."""
    linear.weight = nn.Parameter(weight.detach().clone(), weight.requires_grad)
    linear.out_features, linear.in_features = weight.shape
    if bias is not None:
        linear.bias = nn.Parameter(bias.detach().clone(), bias.requires_grad)
