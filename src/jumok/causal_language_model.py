"""Causal language models: what comes next, given everything so far. GPT and its descendants.

The stack is `jumok.transformer.Encoder` under a causal mask: a decoder without cross-attention.

Sources: Radford et al. (2018) for the first GPT; Radford et al. (2019), §2.3, for GPT-2's order of
norms and initial weights.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor, nn

from jumok.attention import KeyValueCache, causal_mask, padding_mask
from jumok.checks import check_ids, require_sizes
from jumok.transformer import (
    Encoder,
    InputEmbedding,
    TransformerConfig,
    initialize,
    recorded_weights,
    stack_config,
)

__all__ = ["CausalLanguageModelConfig", "CausalLanguageModel", "GPT2_SMALL"]


@dataclass(frozen=True)
class CausalLanguageModelConfig:
    """The sizes of one model; the defaults are those of the smallest GPT-2.

    ``pad_id`` is ``None`` for a model without a padding token, as GPT-2 is.

    Raises:
        ValueError: a value is impossible; the message starts with the field's name.

    >>> CausalLanguageModelConfig(d_model=100)
    Traceback (most recent call last):
    ValueError: d_model must be divisible by num_heads 12, got 100
    """

    vocab_size: int = 50_257
    d_model: int = 768
    num_heads: int = 12
    num_layers: int = 12
    d_ff: int = 3072
    max_length: int = 1024
    dropout: float = 0.1
    activation: Literal["relu", "gelu", "gelu_tanh"] = "gelu_tanh"
    layer_norm_eps: float = 1e-5
    pad_id: int | None = None

    def __post_init__(self) -> None:
        require_sizes(self, "vocab_size", "num_layers")
        self.stack  # noqa: B018  the other fields are checked there

    @property
    def stack(self) -> TransformerConfig:
        """The same choices as `jumok.transformer` knows them."""
        pad_id = 0 if self.pad_id is None else self.pad_id
        return stack_config(
            self, norm="pre", positions="learned", pad_id=pad_id, scale_embeddings=False
        )


GPT2_SMALL = CausalLanguageModelConfig()
"""The smallest GPT-2."""


class CausalLanguageModel(nn.Module):
    """Ids of a text in, logits for the token after each of them out.

    The output projection is the token embedding's matrix. Dropout is where
    `~jumok.transformer.FeedForward` has it too, inside the network; in evaluation there is no
    difference to GPT-2.

    >>> from jumok.transformer import count_parameters
    >>> with torch.device("meta"):  # shapes without numbers
    ...     model = CausalLanguageModel(GPT2_SMALL)
    >>> f"{count_parameters(model):,}"
    '124,439,808'
    """

    def __init__(self, config: CausalLanguageModelConfig) -> None:
        super().__init__()
        self.config = config
        self.embedding = InputEmbedding(config.vocab_size, config.stack)
        self.decoder = Encoder(config.stack)
        initialize(self)
        # Every layer adds two vectors to the residual stream: smaller ones, the more there are.
        for name, parameter in self.named_parameters():
            if name.endswith(("output_projection.weight", "contract.weight")):
                nn.init.normal_(parameter, std=0.02 / math.sqrt(2 * config.num_layers))

    def forward(
        self,
        token_ids: Int[Tensor, "batch length"],
        *,
        cache: Sequence[KeyValueCache] | None = None,
    ) -> Float[Tensor, "batch length vocab"]:
        """Logits at position *i* are for token *i + 1* and know of tokens 0 … *i* only.

        With a ``cache`` (see `new_cache`), pass the new tokens only. They may not be padding.

        Raises:
            ValueError: ids that are no integers, not ``(batch, length)``, longer than
                ``max_length`` with those in the cache, or outside the vocabulary.
        """
        past = 0 if cache is None else cache[0].length
        vocab_size, max_length = self.config.vocab_size, self.config.max_length
        check_ids("token_ids", token_ids, vocab_size, max_length=max_length, start=past)
        length = past + token_ids.size(1)
        mask = causal_mask(length, device=token_ids.device)[past:]
        if cache is None and self.config.pad_id is not None:
            mask = mask & padding_mask(token_ids, pad_id=self.config.pad_id)
        x = self.decoder(self.embedding(token_ids, start=past), mask, caches=cache)
        return F.linear(x, self.embedding.tokens.weight)

    def new_cache(self) -> list[KeyValueCache]:
        """An empty cache for :meth:`forward`, one for each layer."""
        return [KeyValueCache() for _ in self.decoder.layers]

    def attention_weights(
        self, token_ids: Int[Tensor, "batch length"]
    ) -> list[Float[Tensor, "batch heads length length"]]:
        """Every layer's weights, recorded while :meth:`forward` runs, so with its mask."""
        with torch.no_grad(), recorded_weights(self.decoder.layers, "self_attention") as weights:
            self(token_ids)
        return weights
