"""The Transformer of 2017, part by part: embeddings, sublayers, layers, stacks, the whole model.

Everything follows Vaswani et al., *Attention Is All You Need* (2017), §3. ``norm="pre"`` is the
later order of Xiong et al., *On Layer Normalization in the Transformer Architecture* (2020).
"""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from typing import Any, Literal, Protocol, runtime_checkable

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from jumok.attention import KeyValueCache, MultiHeadAttention, causal_mask, padding_mask
from jumok.checks import (
    check_choice,
    is_number,
    require,
    require_dropout,
    require_pad_id,
    require_sizes,
)
from jumok.encoder_decoder import AttentionWeights, EncoderDecoder
from jumok.normalization import LayerNorm

__all__ = [
    "ACTIVATIONS",
    "TransformerConfig",
    "StackSizes",
    "stack_config",
    "sinusoidal_positions",
    "TokenEmbedding",
    "InputEmbedding",
    "FeedForward",
    "SublayerConnection",
    "EncoderLayer",
    "DecoderLayer",
    "Encoder",
    "Decoder",
    "DecoderCache",
    "Transformer",
    "initialize_linear_maps",
    "recorded_weights",
    "count_parameters",
    "parameter_table",
]

ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "relu": F.relu,
    "gelu": F.gelu,
    "gelu_tanh": lambda x: F.gelu(x, approximate="tanh"),  # GPT-2's
}


@dataclass(frozen=True)
class TransformerConfig:
    """The sizes and choices of one model; the defaults are the paper's base model.

    Raises:
        ValueError: a value is impossible; the message starts with the field's name.

    >>> TransformerConfig(source_vocab_size=100, target_vocab_size=100, d_model=30)
    Traceback (most recent call last):
    ValueError: d_model must be divisible by num_heads 8, got 30
    """

    source_vocab_size: int
    target_vocab_size: int
    d_model: int = 512
    num_heads: int = 8
    head_dim: int | None = None  # the width of one head; None: d_model // num_heads
    num_encoder_layers: int = 6
    num_decoder_layers: int = 6
    d_ff: int = 2048
    dropout: float = 0.1
    activation: Literal["relu", "gelu", "gelu_tanh"] = "relu"
    norm: Literal["post", "pre"] = "post"
    positions: Literal["sinusoidal", "learned"] = "sinusoidal"
    max_length: int = 512
    tie_embeddings: bool = False
    layer_norm_eps: float = 1e-5
    pad_id: int = 0
    final_norm: bool | None = None  # after each stack; None: where norm="pre" needs it
    scale_embeddings: bool = True  # token vectors times √d_model; not in BERT and GPT-2

    def __post_init__(self) -> None:
        require_sizes(
            self,
            *("source_vocab_size", "target_vocab_size", "d_model", "num_heads"),
            *("num_encoder_layers", "num_decoder_layers", "d_ff", "max_length"),
        )
        head_dim = self.head_dim
        is_width = head_dim is None or (type(head_dim) is int and head_dim >= 1)
        require(self, "head_dim", is_width, "an integer of at least 1, or None")
        divisible = head_dim is not None or self.d_model % self.num_heads == 0
        require(self, "d_model", divisible, f"divisible by num_heads {self.num_heads}")
        require_dropout(self)
        eps, final_norm = self.layer_norm_eps, self.final_norm
        positive = is_number(eps) and 0 < eps < math.inf
        require(self, "layer_norm_eps", positive, "a positive number")
        check_choice("activation", self.activation, tuple(ACTIVATIONS))
        require(self, "norm", self.norm in ("post", "pre"), "post or pre")
        is_choice = final_norm is None or type(final_norm) is bool
        require(self, "final_norm", is_choice, "a bool or None")
        known = self.positions in ("sinusoidal", "learned")
        require(self, "positions", known, "sinusoidal or learned")
        for name in ("tie_embeddings", "scale_embeddings"):
            require(self, name, type(getattr(self, name)) is bool, "True or False")
        if self.tie_embeddings and self.source_vocab_size != self.target_vocab_size:
            raise ValueError(
                "tie_embeddings needs one vocabulary, got source_vocab_size "
                f"{self.source_vocab_size} and target_vocab_size {self.target_vocab_size}"
            )
        require_pad_id(self)

    @property
    def has_final_norm(self) -> bool:
        """Whether a norm follows the stack. Pre-norm needs one, as its sum is unnormalised."""
        return self.norm == "pre" if self.final_norm is None else self.final_norm


@runtime_checkable
class StackSizes(Protocol):
    """What a model says that has one stack of layers over one vocabulary, as BERT and GPT-2."""

    @property
    def vocab_size(self) -> int: ...
    @property
    def num_layers(self) -> int: ...


def stack_config(sizes: StackSizes, **choices: Any) -> TransformerConfig:
    """The configuration of a model that is one stack: an encoder alone, and no decoder.

    Args:
        sizes: a dataclass with the fields ``vocab_size`` and ``num_layers``. Its other fields that
            `TransformerConfig` has too are taken over.
        choices: fields of `TransformerConfig` that ``sizes`` leaves open or names otherwise.

    >>> from jumok.bert import BERT_SMALL
    >>> config = stack_config(BERT_SMALL, positions="learned", scale_embeddings=False)
    >>> config.num_encoder_layers, config.d_model, config.d_ff, config.activation
    (4, 128, 512, 'gelu')
    """
    known = {field.name for field in fields(TransformerConfig)}
    same = {name: value for name, value in vars(sizes).items() if name in known}
    return TransformerConfig(
        source_vocab_size=sizes.vocab_size,
        target_vocab_size=sizes.vocab_size,
        num_encoder_layers=sizes.num_layers,
        **{**same, **choices},
    )


def sinusoidal_positions(length: int, d_model: int) -> Float[Tensor, "length d_model"]:
    r"""One vector per position, made of waves from short to long.

    .. math::
        PE_{(p, 2i)} = \sin\left(p / 10000^{2i/d_{model}}\right), \quad
        PE_{(p, 2i+1)} = \cos\left(p / 10000^{2i/d_{model}}\right)

    Source: Vaswani et al. (2017), §3.5.

    >>> sinusoidal_positions(3, 4)  # doctest: +FLOAT_CMP
    tensor([[ 0.0000,  1.0000,  0.0000,  1.0000],
            [ 0.8415,  0.5403,  0.0100,  0.9999],
            [ 0.9093, -0.4161,  0.0200,  0.9998]])
    """
    position = torch.arange(length, dtype=torch.float64)[:, None]  # (length, 1)
    even = torch.arange(0, d_model, 2, dtype=torch.float64)  # 2i
    angle = position / 10_000 ** (even / d_model)  # (length, d_model / 2)
    encoding = torch.empty(length, d_model)
    encoding[:, 0::2] = angle.sin()
    encoding[:, 1::2] = angle[:, : d_model // 2].cos()
    return encoding


class TokenEmbedding(nn.Embedding):
    """A vector per token, multiplied by √d_model to be as large as the positions added to it.

    Source: Vaswani et al. (2017), §3.4.
    """

    def __init__(self, vocab_size: int, d_model: int) -> None:
        super().__init__(vocab_size, d_model)

    def reset_parameters(self) -> None:
        nn.init.normal_(self.weight, std=self.embedding_dim**-0.5)

    def forward(self, token_ids: Int[Tensor, "*batch length"]) -> Float[Tensor, "*batch length _"]:
        return super().forward(token_ids) * math.sqrt(self.embedding_dim)


class InputEmbedding(nn.Module):
    """Tokens plus positions, then dropout: what goes into a stack.

    Source: Vaswani et al. (2017), §3.4, §3.5 and §5.4.
    """

    def __init__(self, vocab_size: int, config: TransformerConfig) -> None:
        super().__init__()
        embedding = TokenEmbedding if config.scale_embeddings else nn.Embedding
        self.tokens = embedding(vocab_size, config.d_model)
        self.dropout = nn.Dropout(config.dropout)
        self.positions: Tensor | nn.Parameter  # (max_length, d_model)
        if config.positions == "learned":
            self.positions = nn.Parameter(torch.empty(config.max_length, config.d_model))
            nn.init.normal_(self.positions, std=math.sqrt(0.5))  # as large as the waves are
        else:
            encoding = sinusoidal_positions(config.max_length, config.d_model)
            self.register_buffer("positions", encoding, persistent=False)

    def forward(
        self, token_ids: Int[Tensor, "batch length"], *, start: int = 0
    ) -> Float[Tensor, "batch length d_model"]:
        """``start`` is the position of the first token, if earlier ones are cached."""
        embedded: Tensor = self.dropout(self.embed(token_ids, start=start))
        return embedded

    def embed(self, token_ids: Tensor, *, start: int = 0) -> Tensor:
        """Tokens plus positions, before anything is dropped."""
        x: Tensor = self.tokens(token_ids)  # (batch, length, d_model)
        return x + self.positions[start : start + token_ids.size(1)]


class FeedForward(nn.Module):
    r"""Two linear maps with an activation between, the same for every position.

    .. math:: \operatorname{FFN}(x) = \max(0, xW_1 + b_1) W_2 + b_2

    Source: Vaswani et al. (2017), §3.3.
    """

    def __init__(
        self, d_model: int, d_ff: int, *, dropout: float = 0.0, activation: str = "relu"
    ) -> None:
        super().__init__()
        if activation not in ACTIVATIONS:
            names = ", ".join(ACTIVATIONS)
            raise ValueError(f"activation must be one of {names}, got {activation!r}")
        self.expand = nn.Linear(d_model, d_ff)
        self.contract = nn.Linear(d_ff, d_model)
        self.dropout = nn.Dropout(dropout)
        self.activation = ACTIVATIONS[activation]

    def forward(self, x: Float[Tensor, "*batch d_model"]) -> Float[Tensor, "*batch d_model"]:
        hidden = self.activation(self.expand(x))  # (..., d_ff)
        output: Tensor = self.contract(self.dropout(hidden))
        return output  # (..., d_model)


class SublayerConnection(nn.Module):
    r"""A residual connection around a sublayer, with its normalisation.

    .. math::
        \text{post: } \operatorname{LayerNorm}(x + \operatorname{Sublayer}(x)) \qquad
        \text{pre: } x + \operatorname{Sublayer}(\operatorname{LayerNorm}(x))

    Source: Vaswani et al. (2017), §3.1 and §5.4 for post; Xiong et al. (2020), table 1, for pre.
    """

    def __init__(
        self, d_model: int, *, dropout: float = 0.0, norm: str = "post", eps: float = 1e-5
    ) -> None:
        super().__init__()
        if norm not in ("post", "pre"):
            raise ValueError(f"norm must be post or pre, got {norm!r}")
        self.norm = LayerNorm(d_model, eps=eps)
        self.dropout = nn.Dropout(dropout)
        self.is_pre = norm == "pre"

    def forward(
        self, x: Float[Tensor, "*batch d_model"], sublayer: Callable[[Tensor], Tensor]
    ) -> Float[Tensor, "*batch d_model"]:
        if self.is_pre:
            output: Tensor = x + self.dropout(sublayer(self.norm(x)))
        else:
            output = self.norm(x + self.dropout(sublayer(x)))
        return output


def _attention(config: TransformerConfig) -> MultiHeadAttention:
    return MultiHeadAttention(
        config.d_model, config.num_heads, head_dim=config.head_dim, dropout=config.dropout
    )


def _feed_forward(config: TransformerConfig) -> FeedForward:
    return FeedForward(
        config.d_model, config.d_ff, dropout=config.dropout, activation=config.activation
    )


def _connection(config: TransformerConfig) -> SublayerConnection:
    return SublayerConnection(
        config.d_model, dropout=config.dropout, norm=config.norm, eps=config.layer_norm_eps
    )


def initialize(module: nn.Module) -> None:
    """Small normal weights (σ = 0.02) and no biases: how BERT and GPT-2 begin (their code).

    >>> layer = nn.Linear(1_000, 100)
    >>> initialize(layer)
    >>> round(layer.weight.std().item(), 3), layer.bias.abs().sum().item()
    (0.02, 0.0)
    """
    for part in module.modules():
        if isinstance(part, nn.Linear | nn.Embedding):
            nn.init.normal_(part.weight, std=0.02)
        if isinstance(part, nn.Linear) and part.bias is not None:
            nn.init.zeros_(part.bias)
        if isinstance(part, InputEmbedding) and isinstance(part.positions, nn.Parameter):
            nn.init.normal_(part.positions, std=0.02)


def initialize_linear_maps(model: nn.Module) -> None:
    """Give all linear maps weights that keep the variance from layer to layer, and biases of 0.

    Source: Glorot and Bengio (2010), equation 16.
    """
    for module in model.modules():
        if isinstance(module, nn.Linear):
            nn.init.xavier_uniform_(module.weight)
            if module.bias is not None:
                nn.init.zeros_(module.bias)


class EncoderLayer(nn.Module):
    """Self-attention, then the feed-forward network, each in its residual connection."""

    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        self.self_attention = _attention(config)
        self.self_attention_connection = _connection(config)
        self.feed_forward = _feed_forward(config)
        self.feed_forward_connection = _connection(config)

    def forward(
        self,
        x: Float[Tensor, "batch source d_model"],
        mask: Bool[Tensor, "..."] | None = None,
        *,
        cache: KeyValueCache | None = None,
    ) -> Float[Tensor, "batch source d_model"]:
        x = self.self_attention_connection(
            x, lambda x: self.self_attention(query=x, mask=mask, cache=cache)
        )
        output: Tensor = self.feed_forward_connection(x, self.feed_forward)
        return output


class DecoderLayer(nn.Module):
    """Self-attention, cross-attention to the encoder's memory, and the feed-forward network."""

    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        self.self_attention = _attention(config)
        self.self_attention_connection = _connection(config)
        self.cross_attention = _attention(config)
        self.cross_attention_connection = _connection(config)
        self.feed_forward = _feed_forward(config)
        self.feed_forward_connection = _connection(config)

    def forward(
        self,
        x: Float[Tensor, "batch target d_model"],
        memory: Float[Tensor, "batch source d_model"],
        *,
        mask: Bool[Tensor, "..."] | None = None,
        memory_mask: Bool[Tensor, "..."] | None = None,
        cache: "LayerCache | None" = None,
    ) -> Float[Tensor, "batch target d_model"]:
        own, cross = (cache.own, cache.cross) if cache is not None else (None, None)
        x = self.self_attention_connection(
            x, lambda x: self.self_attention(query=x, mask=mask, cache=own)
        )
        x = self.cross_attention_connection(
            x, lambda x: self.cross_attention(query=x, key=memory, mask=memory_mask, cache=cross)
        )
        output: Tensor = self.feed_forward_connection(x, self.feed_forward)
        return output


class Encoder(nn.Module):
    """A stack of encoder layers: vectors of the source in, the memory out."""

    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        self.layers = nn.ModuleList(EncoderLayer(config) for _ in range(config.num_encoder_layers))
        self.final_norm = _final_norm(config)

    def forward(
        self,
        x: Float[Tensor, "batch source d_model"],
        mask: Bool[Tensor, "..."] | None = None,
        *,
        caches: Sequence[KeyValueCache] | None = None,
    ) -> Float[Tensor, "batch source d_model"]:
        """``mask`` broadcasts to ``(batch, heads, source, source)``; ``True`` = may attend.

        With a causal mask the stack is a decoder without cross-attention. ``caches``, one for each
        layer, then keep earlier positions, and ``x`` holds the new ones only.
        """
        for i, layer in enumerate(self.layers):
            x = layer(x, mask, cache=None if caches is None else caches[i])
        memory: Tensor = self.final_norm(x)
        return memory


class Decoder(nn.Module):
    """A stack of decoder layers: vectors of the target and the memory in, vectors out."""

    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        self.layers = nn.ModuleList(DecoderLayer(config) for _ in range(config.num_decoder_layers))
        self.final_norm = _final_norm(config)

    def forward(
        self,
        x: Float[Tensor, "batch target d_model"],
        memory: Float[Tensor, "batch source d_model"],
        *,
        mask: Bool[Tensor, "..."] | None = None,
        memory_mask: Bool[Tensor, "..."] | None = None,
        cache: "DecoderCache | None" = None,
    ) -> Float[Tensor, "batch target d_model"]:
        """``mask`` is causal and hides padding; ``memory_mask`` hides the source's padding."""
        for i, layer in enumerate(self.layers):
            layer_cache = None if cache is None else cache.layers[i]
            x = layer(x, memory, mask=mask, memory_mask=memory_mask, cache=layer_cache)
        output: Tensor = self.final_norm(x)
        return output


def _final_norm(config: TransformerConfig) -> nn.Module:
    if config.has_final_norm:
        return LayerNorm(config.d_model, eps=config.layer_norm_eps)
    return nn.Identity()


class LayerCache:
    """What one decoder layer keeps: its own earlier positions, and the projected memory."""

    def __init__(self) -> None:
        self.own = KeyValueCache()
        self.cross = KeyValueCache()


class DecoderCache:
    """What a decoder keeps between the steps of one decoding."""

    def __init__(self, num_layers: int) -> None:
        self.layers = [LayerCache() for _ in range(num_layers)]
        self.padding: Tensor | None = None  # (batch, 1, 1, length), True = a token

    @property
    def length(self) -> int:
        """How many target positions are held."""
        return self.layers[0].own.length

    def append_padding(self, mask: Tensor) -> Tensor:
        """Add the padding mask of new tokens and return that of all tokens."""
        self.padding = mask if self.padding is None else torch.cat([self.padding, mask], dim=-1)
        return self.padding

    def reorder(self, indices: Int[Tensor, " batch"]) -> None:
        """Let row *i* continue what row ``indices[i]`` was: the step of a beam search."""
        for layer in self.layers:
            layer.own.reorder(indices)
            layer.cross.reorder(indices)
        if self.padding is not None:
            self.padding = self.padding.index_select(0, indices)


class Transformer(EncoderDecoder):
    """The encoder–decoder model: ids of two sentences in, logits for each next target token out.

    Source: Vaswani et al. (2017), figure 1 and §3.4 for shared embeddings.

    >>> config = TransformerConfig(
    ...     source_vocab_size=20, target_vocab_size=30, d_model=16, num_heads=2, d_ff=32
    ... )
    >>> model = Transformer(config)
    >>> model(torch.tensor([[5, 6, 7, 0]]), torch.tensor([[1, 8, 9]])).shape
    torch.Size([1, 3, 30])
    """

    config_class = TransformerConfig
    config: TransformerConfig

    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        self.config = config
        self.source_embedding = InputEmbedding(config.source_vocab_size, config)
        self.target_embedding = InputEmbedding(config.target_vocab_size, config)
        self.encoder = Encoder(config)
        self.decoder = Decoder(config)
        self.output_projection = nn.Linear(config.d_model, config.target_vocab_size, bias=False)
        initialize_linear_maps(self)
        if config.tie_embeddings:
            self.source_embedding.tokens.weight = self.target_embedding.tokens.weight
            self.output_projection.weight = self.target_embedding.tokens.weight

    def encode(
        self, source_ids: Int[Tensor, "batch source"]
    ) -> Float[Tensor, "batch source d_model"]:
        """The encoder's memory of a source; its padding is masked."""
        self._check_source(source_ids)
        x = self.source_embedding(source_ids)
        memory: Tensor = self.encoder(x, self.source_mask(source_ids))
        return memory

    def decode(
        self,
        target_ids: Int[Tensor, "batch target"],
        memory: Float[Tensor, "batch source d_model"],
        *,
        source_mask: Bool[Tensor, "batch 1 1 source"] | None = None,
        cache: DecoderCache | None = None,
    ) -> Float[Tensor, "batch target vocab"]:
        """Logits for the token after each target token; with a cache, pass the new tokens only."""
        past = 0 if cache is None else cache.length
        self._check_target(target_ids, memory, start=past)
        x = self.target_embedding(target_ids, start=past)
        mask = self._target_mask(target_ids, cache)
        x = self.decoder(x, memory, mask=mask, memory_mask=source_mask, cache=cache)
        logits: Tensor = self.output_projection(x)
        return logits

    def source_mask(
        self, source_ids: Int[Tensor, "batch source"]
    ) -> Bool[Tensor, "batch 1 1 source"]:
        """What may be attended to in the source: everything but padding."""
        return padding_mask(source_ids, pad_id=self.config.pad_id)

    def _target_mask(
        self, target_ids: Int[Tensor, "batch target"], cache: DecoderCache | None
    ) -> Bool[Tensor, "batch 1 target length"]:
        """Causal and not padding, from the new tokens to all tokens."""
        past = 0 if cache is None else cache.length
        tokens = padding_mask(target_ids, pad_id=self.config.pad_id)  # (batch, 1, 1, target)
        if cache is not None:
            tokens = cache.append_padding(tokens)  # (batch, 1, 1, length)
        return tokens & causal_mask(tokens.size(-1), device=tokens.device)[past:]

    def new_cache(self) -> DecoderCache:
        """An empty cache for :meth:`decode`."""
        return DecoderCache(len(self.decoder.layers))

    def attention_weights(
        self,
        source_ids: Int[Tensor, "batch source"],
        target_ids: Int[Tensor, "batch target"],
    ) -> AttentionWeights:
        """Every layer's weights, recorded while :meth:`forward` runs, so with its masks."""
        with (
            torch.no_grad(),
            recorded_weights(self.encoder.layers, "self_attention") as encoder,
            recorded_weights(self.decoder.layers, "self_attention") as decoder,
            recorded_weights(self.decoder.layers, "cross_attention") as cross,
        ):
            self(source_ids, target_ids)
        return AttentionWeights(encoder, decoder, cross)

    @staticmethod
    def from_torch(
        transformer: nn.Transformer,
        *,
        source_embedding: nn.Embedding,
        target_embedding: nn.Embedding,
        output_projection: nn.Linear,
        **config: Any,
    ) -> "Transformer":
        """The same model with the weights of torch's; see :mod:`jumok.conversion`."""
        from jumok.conversion import transformer_from_torch

        return transformer_from_torch(
            transformer,
            source_embedding=source_embedding,
            target_embedding=target_embedding,
            output_projection=output_projection,
            **config,
        )


@contextmanager
def recorded_weights(layers: Iterable[nn.Module], name: str) -> Iterator[list[Tensor]]:
    """While this is open, each layer's attention of that name adds its weights to the list.

    >>> config = TransformerConfig(source_vocab_size=9, target_vocab_size=9, d_model=8, num_heads=2)
    >>> encoder = Encoder(config)
    >>> with recorded_weights(encoder.layers, "self_attention") as weights:
    ...     memory = encoder(torch.randn(1, 3, 8))
    >>> len(weights), weights[0].shape
    (6, torch.Size([1, 2, 3, 3]))
    """
    weights: list[Tensor] = []

    def ask(module: nn.Module, args: Any, kwargs: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
        return args, kwargs | {"return_weights": True}

    def keep(module: nn.Module, args: Any, output: tuple[Tensor, Tensor]) -> Tensor:
        weights.append(output[1])
        return output[0]

    hooks = [
        hook
        for attention in (layer.get_submodule(name) for layer in layers)
        for hook in (
            attention.register_forward_pre_hook(ask, with_kwargs=True),
            attention.register_forward_hook(keep),
        )
    ]
    try:
        yield weights
    finally:
        for hook in hooks:
            hook.remove()


def count_parameters(module: nn.Module) -> int:
    """How many numbers are learned; a shared matrix counts once.

    >>> count_parameters(nn.Linear(3, 2))
    8
    """
    return sum(parameter.numel() for parameter in module.parameters())


def parameter_table(model: nn.Module) -> list[tuple[str, int]]:
    """Parameters by part of the model; the numbers add up to :func:`count_parameters`.

    A part is what the module tree calls it, summed over the layers of a stack. A shared matrix
    counts where it comes first.
    """
    parts: dict[str, int] = {}
    for name, parameter in model.named_parameters():
        part = _part_of(name)
        parts[part] = parts.get(part, 0) + parameter.numel()
    return list(parts.items())


def _part_of(parameter_name: str) -> str:
    """``decoder.layers.3.cross_attention.key_projection.bias`` is *decoder cross-attention*."""
    names = parameter_name.split(".")
    if "norm" in names or "final_norm" in names:
        return f"{names[0]} layer norm"
    if "layers" not in names:
        return names[0].replace("_", " ")
    stack, _, _, module, *_ = names
    return f"{stack} {module.replace('_', '-')}"
