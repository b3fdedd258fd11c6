"""Recurrent encoder–decoders, with the last state as a bottleneck or with attention.

Sources: Cho et al. (2014) and Sutskever, Vinyals and Le (2014) for the encoder–decoder; Bahdanau,
Cho and Bengio (2015) for attention in it; Luong, Pham and Manning (2015) for the dot product and
for the layer between state and output.
"""

from dataclasses import dataclass
from typing import Literal, get_args

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from jumok.additive_attention import AdditiveAttention, DotProductAttention
from jumok.attention import padding_mask
from jumok.checks import (
    check_choice,
    require,
    require_dropout,
    require_pad_id,
    require_sizes,
)
from jumok.encoder_decoder import AttentionWeights, EncoderDecoder
from jumok.recurrent import RecurrentNetwork

__all__ = ["RecurrentConfig", "RecurrentCache", "RecurrentEncoderDecoder"]

AttentionName = Literal["none", "additive", "dot"]


@dataclass(frozen=True)
class RecurrentConfig:
    """The sizes and choices of one model.

    ``attention="none"`` leaves the decoder with the encoder's last state. ``d_model`` is the width
    of the embeddings and of the states; in a ``bidirectional`` encoder each direction has half.

    Raises:
        ValueError: a value is impossible; the message starts with the field's name.

    >>> RecurrentConfig(100, 100, d_model=7, bidirectional=True)
    Traceback (most recent call last):
    ValueError: d_model must be even in a bidirectional encoder, got 7
    """

    source_vocab_size: int
    target_vocab_size: int
    d_model: int = 64
    attention: AttentionName = "additive"
    cell: Literal["elman", "gru"] = "gru"
    bidirectional: bool = False
    dropout: float = 0.0
    max_length: int = 512
    pad_id: int = 0

    def __post_init__(self) -> None:
        require_sizes(self, "source_vocab_size", "target_vocab_size", "d_model", "max_length")
        check_choice("attention", self.attention, get_args(AttentionName))
        check_choice("cell", self.cell, ("elman", "gru"))
        fits = not self.bidirectional or self.d_model % 2 == 0
        require(self, "d_model", fits, "even in a bidirectional encoder")
        require_dropout(self)
        require_pad_id(self)


class RecurrentCache:
    """What the decoder keeps between steps: its state, and the keys it looks things up by."""

    def __init__(self) -> None:
        self.length = 0
        self.state: Tensor | None = None  # (batch, d_model)
        self.keys: Tensor | None = None  # (batch, memory, d_model)

    def reorder(self, indices: Int[Tensor, " batch"]) -> None:
        """Let row *i* continue what row ``indices[i]`` was: the step of a beam search."""
        if self.state is not None:
            self.state = self.state.index_select(0, indices)
        if self.keys is not None:
            self.keys = self.keys.index_select(0, indices)


class RecurrentEncoderDecoder(EncoderDecoder):
    r"""One recurrent network reads the source, another writes the target.

    Step *i* of the decoder asks the memory :math:`h` with the state that it has, reads the token
    written last and what it got, and tells the next token from both:

    .. math::
        c_i &= \operatorname{Attention}(s_{i-1}, h, h) \\
        s_i &= \operatorname{cell}([y_{i-1}; c_i], s_{i-1}) \\
        \text{logits}_i &= W \tanh(U [s_i; c_i])

    Without attention :math:`c_i` is the encoder's last state, at every step the same. The decoder
    begins with :math:`s_0 = \tanh(V h_{\text{last}})`.

    Source: Bahdanau et al. (2015), §3 and appendix A.2; Cho et al. (2014), §2.2, without attention.
    The last line is Luong et al. (2015), equation 5, in place of a maxout layer.

    >>> model = RecurrentEncoderDecoder(RecurrentConfig(20, 30, d_model=8))
    >>> model(torch.tensor([[5, 6, 7, 0]]), torch.tensor([[1, 8, 9]])).shape
    torch.Size([1, 3, 30])
    """

    config_class = RecurrentConfig
    config: RecurrentConfig

    def __init__(self, config: RecurrentConfig) -> None:
        super().__init__()
        self.config = config
        width = config.d_model
        self.source_embedding = nn.Embedding(config.source_vocab_size, width)
        self.target_embedding = nn.Embedding(config.target_vocab_size, width)
        self.encoder = RecurrentNetwork(
            width,
            width // 2 if config.bidirectional else width,
            cell=config.cell,
            bidirectional=config.bidirectional,
        )
        self.bridge = nn.Linear(width, width)
        self.attention: AdditiveAttention | DotProductAttention | None = None
        if config.attention == "additive":
            self.attention = AdditiveAttention(width)
        elif config.attention == "dot":
            self.attention = DotProductAttention()
        self.decoder = RecurrentNetwork(2 * width, width, cell=config.cell)
        self.readout = nn.Linear(2 * width, width, bias=False)
        self.output_projection = nn.Linear(width, config.target_vocab_size)
        self.dropout = nn.Dropout(config.dropout)

    def encode(
        self, source_ids: Int[Tensor, "batch source"]
    ) -> Float[Tensor, "batch memory d_model"]:
        """The state after each token or, without attention, the last one alone: a memory of 1."""
        self._check_source(source_ids)
        if not source_ids.size(1):
            raise ValueError("expected a source of at least one position, got none")
        x = self.dropout(self.source_embedding(source_ids))
        states: Tensor
        states, _ = self.encoder(x, mask=source_ids != self.config.pad_id)
        return states if self.attention is not None else self._last(states)[:, None]

    def _last(self, states: Tensor) -> Tensor:
        """The state after the whole source; behind its end, padding has kept it as it was."""
        if not self.config.bidirectional:
            return states[:, -1]
        forward, backward = states.chunk(2, dim=-1)
        return torch.cat([forward[:, -1], backward[:, 0]], dim=-1)

    def source_mask(
        self, source_ids: Int[Tensor, "batch source"]
    ) -> Bool[Tensor, "batch 1 1 memory"]:
        """What may be attended to: everything but padding. A single last state may always be."""
        if self.attention is None:
            return source_ids.new_ones(source_ids.size(0), 1, 1, 1, dtype=torch.bool)
        return padding_mask(source_ids, pad_id=self.config.pad_id)

    def decode(
        self,
        target_ids: Int[Tensor, "batch target"],
        memory: Float[Tensor, "batch memory d_model"],
        *,
        source_mask: Bool[Tensor, "batch 1 1 memory"] | None = None,
        cache: RecurrentCache | None = None,
    ) -> Float[Tensor, "batch target vocab"]:
        """Logits for the token after each target token; with a cache, pass the new tokens only."""
        return self._decode(target_ids, memory, source_mask, cache)[0]

    def _decode(
        self,
        target_ids: Tensor,
        memory: Tensor,
        source_mask: Tensor | None,
        cache: RecurrentCache | None,
    ) -> tuple[Tensor, Tensor | None]:
        """Logits ``(batch, target, vocab)`` and weights ``(batch, target, memory)``, if any."""
        cache = cache or self.new_cache()
        self._check_target(target_ids, memory, start=cache.length)
        y = self.dropout(self.target_embedding(target_ids))  # (batch, target, d_model)
        if cache.state is None:
            last = memory[:, 0] if self.attention is None else self._last(memory)
            cache.state = torch.tanh(self.bridge(last))
        if self.attention is None:
            contexts = memory.expand(-1, y.size(1), -1)
            x = torch.cat([y, contexts], dim=-1)
            states, ends = self.decoder(x, state=cache.state[None])
            cache.state, weights = ends[0], None
        else:
            states, contexts, weights = self._unroll(y, memory, source_mask, cache)
        cache.length += y.size(1)
        read = torch.tanh(self.readout(torch.cat([states, contexts], dim=-1)))
        logits: Tensor = self.output_projection(self.dropout(read))
        return logits, weights

    def _unroll(
        self, y: Tensor, memory: Tensor, source_mask: Tensor | None, cache: RecurrentCache
    ) -> tuple[Tensor, Tensor, Tensor]:
        """The decoder's loop: each step asks with the state before it. Nothing can go in parallel.

        Returns states and contexts ``(batch, target, d_model)``, weights ``(batch, target,
        memory)``.
        """
        assert self.attention is not None
        assert cache.state is not None
        if cache.keys is None:
            cache.keys = self.attention.project_key(memory)
        mask = None if source_mask is None else source_mask[:, 0]  # (batch, 1, memory)
        cell = self.decoder.cells[0]
        states, contexts, alignment = [], [], []
        for token in y.unbind(dim=1):
            query = cache.state[:, None]  # (batch, 1, d_model)
            context, weights = self.attention(query, cache.keys, memory, mask=mask)
            x = torch.cat([token, context[:, 0]], dim=-1)
            cache.state = cell(x, cache.state)
            states.append(cache.state)
            contexts.append(context[:, 0])
            alignment.append(weights[:, 0])
        return torch.stack(states, 1), torch.stack(contexts, 1), torch.stack(alignment, 1)

    def new_cache(self) -> RecurrentCache:
        """An empty cache for :meth:`decode`."""
        return RecurrentCache()

    def attention_weights(
        self,
        source_ids: Int[Tensor, "batch source"],
        target_ids: Int[Tensor, "batch target"],
    ) -> AttentionWeights:
        """The alignment, ``(batch, 1, target, source)``, as cross-attention of one head.

        Without attention there is none, and the list is empty.
        """
        with torch.no_grad():
            memory = self.encode(source_ids)
            _, weights = self._decode(target_ids, memory, self.source_mask(source_ids), None)
        return AttentionWeights([], [], [] if weights is None else [weights[:, None]])
