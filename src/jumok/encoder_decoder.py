"""What every encoder–decoder of this book offers, so that one loop trains and decodes them all.

:class:`~jumok.transformer.Transformer` is one, and
:class:`~jumok.sequence_to_sequence.RecurrentEncoderDecoder` another.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol, runtime_checkable

from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from jumok.checks import check_ids

__all__ = ["EncoderDecoder", "EncoderDecoderConfig", "DecodingCache", "AttentionWeights"]


@runtime_checkable
class EncoderDecoderConfig(Protocol):
    """What a configuration says, whatever the model: a dataclass with at least these fields."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def source_vocab_size(self) -> int: ...

    @property
    def target_vocab_size(self) -> int: ...

    @property
    def d_model(self) -> int: ...

    @property
    def max_length(self) -> int: ...

    @property
    def pad_id(self) -> int: ...


@runtime_checkable
class DecodingCache(Protocol):
    """What a decoder keeps from one step to the next."""

    @property
    def length(self) -> int:
        """How many target tokens it has read."""
        ...

    def reorder(self, indices: Tensor) -> None:
        """Let row *i* continue what row ``indices[i]`` was: the step of a beam search."""
        ...


@dataclass(frozen=True)
class AttentionWeights:
    """The attention weights of every layer, masks applied: ``(batch, heads, query, key)`` each."""

    encoder: list[Tensor]
    decoder: list[Tensor]
    cross: list[Tensor]


class EncoderDecoder(nn.Module, ABC):
    """A model that reads a source into a memory, and writes a target with it, token by token."""

    config_class: ClassVar[type]
    config: EncoderDecoderConfig

    @abstractmethod
    def encode(
        self, source_ids: Int[Tensor, "batch source"]
    ) -> Float[Tensor, "batch memory d_model"]:
        """The memory of a source; its padding leaves no trace."""

    @abstractmethod
    def source_mask(
        self, source_ids: Int[Tensor, "batch source"]
    ) -> Bool[Tensor, "batch 1 1 memory"]:
        """What may be attended to in the memory."""

    @abstractmethod
    def decode(
        self,
        target_ids: Int[Tensor, "batch target"],
        memory: Float[Tensor, "batch memory d_model"],
        *,
        source_mask: Bool[Tensor, "batch 1 1 memory"] | None = None,
        cache: Any = None,
    ) -> Float[Tensor, "batch target vocab"]:
        """Logits for the token after each target token; with a cache, pass the new tokens only."""

    @abstractmethod
    def new_cache(self) -> DecodingCache:
        """An empty cache for :meth:`decode`."""

    @abstractmethod
    def attention_weights(
        self,
        source_ids: Int[Tensor, "batch source"],
        target_ids: Int[Tensor, "batch target"],
    ) -> AttentionWeights:
        """Every layer's weights, as :meth:`forward` uses them."""

    def forward(
        self,
        source_ids: Int[Tensor, "batch source"],
        target_ids: Int[Tensor, "batch target"],
    ) -> Float[Tensor, "batch target vocab"]:
        """Logits at position *i* are for token *i + 1* and know of tokens 0 … *i* only.

        Raises:
            ValueError: ids that are no integers, not ``(batch, length)``, longer than
                ``max_length`` or outside the vocabulary, or batches of different sizes.
        """
        memory = self.encode(source_ids)
        return self.decode(target_ids, memory, source_mask=self.source_mask(source_ids))

    def _check_source(self, source_ids: Tensor) -> None:
        config = self.config
        check_ids("source_ids", source_ids, config.source_vocab_size, max_length=config.max_length)

    def _check_target(self, target_ids: Tensor, memory: Tensor, *, start: int) -> None:
        size, max_length = self.config.target_vocab_size, self.config.max_length
        check_ids("target_ids", target_ids, size, max_length=max_length, start=start)
        if target_ids.size(0) != memory.size(0):
            raise ValueError(
                "expected a target for each source, got "
                f"{target_ids.size(0)} targets and {memory.size(0)} sources"
            )
