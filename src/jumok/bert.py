"""BERT: the Transformer's encoder, trained to fill in what a mask hides.

Everything follows Devlin et al., *BERT: Pre-training of Deep Bidirectional Transformers for
Language Understanding* (2019). The body is `jumok.transformer.Encoder`; new are the embedding of
two segments, the pooler, the heads, and the two tasks that the model learns from.
"""

from dataclasses import dataclass
from typing import Literal

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from jumok.attention import padding_mask
from jumok.checks import check_boolean, check_ids, require_sizes
from jumok.normalization import LayerNorm
from jumok.transformer import (
    ACTIVATIONS,
    Encoder,
    InputEmbedding,
    TransformerConfig,
    initialize,
    recorded_weights,
    stack_config,
)

__all__ = [
    "BertConfig",
    "BERT_BASE",
    "BERT_LARGE",
    "BERT_SMALL",
    "BertEmbedding",
    "Pooler",
    "BertOutput",
    "Bert",
    "MaskedTokenHead",
    "BertForPretraining",
    "BertForClassification",
]


@dataclass(frozen=True)
class BertConfig:
    """The sizes of one BERT; the defaults are those of BERT-base, uncased.

    Raises:
        ValueError: a value is impossible; the message starts with the field's name.

    Source: Devlin et al. (2019), §3 (*Model Architecture*).

    >>> BertConfig(d_model=100)
    Traceback (most recent call last):
    ValueError: d_model must be divisible by num_heads 12, got 100
    """

    vocab_size: int = 30_522
    d_model: int = 768
    num_heads: int = 12
    num_layers: int = 12
    d_ff: int = 3072
    max_length: int = 512
    num_segments: int = 2
    dropout: float = 0.1
    activation: Literal["relu", "gelu", "gelu_tanh"] = "gelu"
    layer_norm_eps: float = 1e-12
    pad_id: int = 0

    def __post_init__(self) -> None:
        require_sizes(self, "vocab_size", "num_layers", "num_segments")
        self.encoder  # noqa: B018  the other fields are checked there

    @property
    def encoder(self) -> TransformerConfig:
        """The same choices as `jumok.transformer` knows them; a decoder is not built."""
        return stack_config(self, norm="post", positions="learned", scale_embeddings=False)


BERT_BASE = BertConfig()
"""L = 12, H = 768, A = 12; published as 110 million parameters."""

BERT_LARGE = BertConfig(d_model=1024, num_heads=16, num_layers=24, d_ff=4096)
"""L = 24, H = 1024, A = 16; published as 340 million parameters."""

BERT_SMALL = BertConfig(d_model=128, num_heads=2, num_layers=4, d_ff=512)
"""L = 4, H = 128, A = 2; one of the small models of Turc et al. (2019)."""


class BertEmbedding(InputEmbedding):
    """Tokens plus positions plus segments, then a layer norm and dropout.

    The segment says whether a token belongs to the first sentence (0) or to the second (1).

    Source: Devlin et al. (2019), §3 and figure 2.
    """

    def __init__(self, config: BertConfig) -> None:
        super().__init__(config.vocab_size, config.encoder)
        self.segments = nn.Embedding(config.num_segments, config.d_model)
        self.norm = LayerNorm(config.d_model, eps=config.layer_norm_eps)

    def forward(  # type: ignore[override]
        self,
        token_ids: Int[Tensor, "batch length"],
        segment_ids: Int[Tensor, "batch length"],
    ) -> Float[Tensor, "batch length d_model"]:
        x = self.embed(token_ids) + self.segments(segment_ids)
        embedded: Tensor = self.dropout(self.norm(x))
        return embedded


class Pooler(nn.Module):
    r"""One vector for the whole text: a linear layer and tanh on the first token's last state.

    .. math:: \tanh(W h_{\text{[CLS]}} + b)

    Despite the name nothing is averaged: of all the positions only that of ``[CLS]`` is read.
    """

    def __init__(self, d_model: int) -> None:
        super().__init__()
        self.dense = nn.Linear(d_model, d_model)

    def forward(self, states: Float[Tensor, "batch length d_model"]) -> Float[Tensor, "batch _"]:
        pooled: Tensor = self.dense(states[:, 0]).tanh()
        return pooled


@dataclass(frozen=True)
class BertOutput:
    """What the body returns: a vector for each token, and one for the whole text."""

    sequence: Float[Tensor, "batch length d_model"]
    pooled: Float[Tensor, "batch d_model"]


class Bert(nn.Module):
    """The body: ids of one text or two in, a vector for each token and one for the text out.

    It is the encoder of 2017 with learned positions and GELU. Dropout is where
    `~jumok.transformer.FeedForward` has it too, inside the network; in evaluation there is no
    difference to the published model.

    Source: Devlin et al. (2019), §3. Parameters by part, for the published sizes:

    >>> from jumok.transformer import count_parameters, parameter_table
    >>> with torch.device("meta"):  # shapes without numbers
    ...     base, large, small = Bert(BERT_BASE), Bert(BERT_LARGE), Bert(BERT_SMALL)
    >>> for part, count in parameter_table(base):
    ...     print(f"{count:>11,} {part}")
     23,835,648 embedding
          1,536 embedding layer norm
     28,348,416 encoder self-attention
         36,864 encoder layer norm
     56,669,184 encoder feed-forward
        590,592 pooler
    >>> [f"{count_parameters(model):,}" for model in (base, large, small)]
    ['109,482,240', '335,141,888', '4,782,464']
    """

    def __init__(self, config: BertConfig) -> None:
        super().__init__()
        self.config = config
        self.embedding = BertEmbedding(config)
        self.encoder = Encoder(config.encoder)
        self.pooler = Pooler(config.d_model)
        initialize(self)

    def forward(
        self,
        token_ids: Int[Tensor, "batch length"],
        segment_ids: Int[Tensor, "batch length"] | None = None,
        *,
        mask: Bool[Tensor, "..."] | None = None,
    ) -> BertOutput:
        """The last layer's states, and the pooled first one.

        Args:
            token_ids: ``(batch, length)``, padded with ``pad_id``.
            segment_ids: 0 for the first sentence, 1 for the second; all 0 if not given.
            mask: broadcasts to ``(batch, heads, length, length)``, ``True`` = may attend; if not
                given, everything but padding.

        Raises:
            ValueError: ids that are no integers, not ``(batch, length)``, longer than
                ``max_length`` or outside the vocabulary, or segments of another shape.
        """
        x, mask = self._embed(token_ids, segment_ids, mask)
        sequence = self.encoder(x, mask)
        return BertOutput(sequence, self.pooler(sequence))

    def hidden_states(
        self,
        token_ids: Int[Tensor, "batch length"],
        segment_ids: Int[Tensor, "batch length"] | None = None,
        *,
        mask: Bool[Tensor, "..."] | None = None,
    ) -> list[Float[Tensor, "batch length d_model"]]:
        """What went into the first layer, and what came out of each: one more than layers."""
        x, mask = self._embed(token_ids, segment_ids, mask)
        states = [x]
        for layer in self.encoder.layers:
            states.append(layer(states[-1], mask))
        return states

    def attention_weights(
        self,
        token_ids: Int[Tensor, "batch length"],
        segment_ids: Int[Tensor, "batch length"] | None = None,
        *,
        mask: Bool[Tensor, "..."] | None = None,
    ) -> list[Float[Tensor, "batch heads length length"]]:
        """Every layer's weights, recorded while :meth:`forward` runs, so with its mask."""
        with torch.no_grad(), recorded_weights(self.encoder.layers, "self_attention") as weights:
            self(token_ids, segment_ids, mask=mask)
        return weights

    def _embed(
        self, token_ids: Tensor, segment_ids: Tensor | None, mask: Tensor | None
    ) -> tuple[Tensor, Tensor]:
        segment_ids = torch.zeros_like(token_ids) if segment_ids is None else segment_ids
        self._check_ids("token_ids", token_ids, self.config.vocab_size)
        self._check_ids("segment_ids", segment_ids, self.config.num_segments)
        if segment_ids.shape != token_ids.shape:
            raise ValueError(
                f"expected segment_ids as token_ids, {tuple(token_ids.shape)}, "
                f"got {tuple(segment_ids.shape)}"
            )
        if mask is None:
            mask = padding_mask(token_ids, pad_id=self.config.pad_id)
        return self.embedding(token_ids, segment_ids), mask

    def _check_ids(self, name: str, ids: Tensor, size: int) -> None:
        check_ids(name, ids, size, max_length=self.config.max_length)


class MaskedTokenHead(nn.Module):
    """Logits over the vocabulary for each position, from the states of the body.

    A linear layer, GELU and a layer norm come before the output projection, whose matrix is the
    token embedding's; only its bias is new.

    Source: Devlin et al. (2019), §3.1, task 1; the transformation is in the published code.
    """

    def __init__(self, config: BertConfig, tokens: nn.Embedding) -> None:
        super().__init__()
        self.dense = nn.Linear(config.d_model, config.d_model)
        self.activation = ACTIVATIONS[config.activation]
        self.norm = LayerNorm(config.d_model, eps=config.layer_norm_eps)
        self.output_projection = nn.Linear(config.d_model, config.vocab_size)
        initialize(self)
        self.output_projection.weight = tokens.weight

    def forward(self, states: Float[Tensor, "*batch d_model"]) -> Float[Tensor, "*batch vocab"]:
        logits: Tensor = self.output_projection(self.norm(self.activation(self.dense(states))))
        return logits


class BertForPretraining(nn.Module):
    """The body with the heads of both tasks: the hidden tokens, and *is this the next sentence?*

    Source: Devlin et al. (2019), §3.1.

    >>> config = BertConfig(vocab_size=50, d_model=16, num_heads=2, num_layers=2, d_ff=32)
    >>> model = BertForPretraining(config)
    >>> token_logits, next_logits = model(torch.tensor([[2, 7, 4, 9, 3]]))
    >>> token_logits.shape, next_logits.shape
    (torch.Size([1, 5, 50]), torch.Size([1, 2]))
    """

    def __init__(self, config: BertConfig) -> None:
        super().__init__()
        self.config = config
        self.body = Bert(config)
        self.masked_tokens = MaskedTokenHead(config, self.body.embedding.tokens)
        self.next_sentence = nn.Linear(config.d_model, 2)
        initialize(self.next_sentence)

    def forward(
        self,
        token_ids: Int[Tensor, "batch length"],
        segment_ids: Int[Tensor, "batch length"] | None = None,
        *,
        mask: Bool[Tensor, "..."] | None = None,
        predict: Bool[Tensor, "batch length"] | None = None,
    ) -> tuple[Float[Tensor, "*positions vocab"], Float[Tensor, "batch 2"]]:
        """Logits for the token at each position, and for *is next* (0) and *is not* (1).

        With ``predict``, only where it is ``True``: ``(predicted, vocab)``, in the order of the
        batch. Six of seven positions have nothing to learn from, and theirs are the largest
        matrix product of a small model.

        The classes are numbered as in the published code, against expectation.

        Raises:
            ValueError: ids as for `Bert`, or ``predict`` isn't boolean or of another shape.
        """
        if predict is not None:
            check_boolean(predict, "predict here")
            if predict.shape != token_ids.shape:
                raise ValueError(
                    f"expected predict as token_ids, {tuple(token_ids.shape)}, "
                    f"got {tuple(predict.shape)}"
                )
        output = self.body(token_ids, segment_ids, mask=mask)
        states = output.sequence if predict is None else output.sequence[predict]
        return self.masked_tokens(states), self.next_sentence(output.pooled)


class BertForClassification(nn.Module):
    """The body with dropout and one linear layer on the pooled output.

    Source: Devlin et al. (2019), §4.1.

    >>> from jumok.transformer import count_parameters
    >>> with torch.device("meta"):
    ...     model = BertForClassification(Bert(BERT_BASE), num_classes=4)
    >>> f"{count_parameters(model):,} of which {count_parameters(model.head):,} in the head"
    '109,485,316 of which 3,076 in the head'
    """

    def __init__(self, body: Bert, num_classes: int) -> None:
        super().__init__()
        self.body = body
        self.dropout = nn.Dropout(body.config.dropout)
        self.head = nn.Linear(body.config.d_model, num_classes)
        initialize(self.head)

    def forward(
        self,
        token_ids: Int[Tensor, "batch length"],
        segment_ids: Int[Tensor, "batch length"] | None = None,
    ) -> Float[Tensor, "batch classes"]:
        """Logits of the classes."""
        pooled = self.body(token_ids, segment_ids).pooled
        logits: Tensor = self.head(self.dropout(pooled))
        return logits
