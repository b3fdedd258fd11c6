"""A language model made of LSTM layers: it reads a text and says at each token which comes next.

It is the model of ULMFiT in its plain form: an embedding, layers of long short-term memory, and an
output projection that shares the embedding's matrix. Nothing has to hide what follows, for a state
knows only what was read.

Sources: Mikolov et al., *Recurrent Neural Network Based Language Model* (2010); Press and Wolf,
*Using the Output Embedding to Improve Language Models* (2017), for the shared matrix; Merity et
al., *Regularizing and Optimizing LSTM Language Models* (2018), for the model that ULMFiT took.
"""

from dataclasses import dataclass
from typing import cast

import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor, nn

from jumok.checks import check_ids, require_dropout, require_sizes
from jumok.data.tokenizer import PAD_ID
from jumok.recurrent import RecurrentNetwork

__all__ = ["RecurrentLanguageModelConfig", "RecurrentBody", "RecurrentLanguageModel"]


@dataclass(frozen=True)
class RecurrentLanguageModelConfig:
    """The sizes of one model. ``d_model`` is the width of the embedding and of every
    hidden state.

    With ``tied`` the output projection is the embedding's matrix, and has a bias of its own.

    Raises:
        ValueError: a value is impossible; the message starts with the field's name.
    """

    vocab_size: int
    d_model: int = 400
    num_layers: int = 3
    dropout: float = 0.1
    tied: bool = True
    pad_id: int = PAD_ID
    max_length: int = 10_000

    def __post_init__(self) -> None:
        require_sizes(self, "vocab_size", "d_model", "num_layers", "max_length")
        require_dropout(self)
        if not 0 <= self.pad_id < self.vocab_size:
            raise ValueError(f"pad_id must be in 0 … {self.vocab_size - 1}, got {self.pad_id}")


class RecurrentBody(nn.Module):
    """Embedding and LSTM layers, dropout before, between and behind them: ids in, states out.

    This is the part that a classification head is put on.

    Args:
        config: the sizes.
    """

    def __init__(self, config: RecurrentLanguageModelConfig) -> None:
        super().__init__()
        self.config = config
        self.embedding = nn.Embedding(config.vocab_size, config.d_model)
        nn.init.normal_(self.embedding.weight, std=1.0)  # much smaller, stacked LSTMs learn slowly
        self.layers = nn.ModuleList(
            RecurrentNetwork(config.d_model, config.d_model, cell="lstm")
            for _ in range(config.num_layers)
        )
        self.dropout = nn.Dropout(config.dropout)

    def forward(
        self, token_ids: Int[Tensor, "batch length"], *, fused: bool = True
    ) -> Float[Tensor, "batch length d_model"]:
        """The last layer's hidden state after each token.

        Padding belongs behind a text, where no state of a token can have read it.

        Raises:
            ValueError: ids that are no integers, not ``(batch, length)`` or outside the
                vocabulary, or more than ``max_length`` of them.
        """
        config = self.config
        check_ids("token_ids", token_ids, config.vocab_size, max_length=config.max_length)
        x = self.dropout(self.embedding(token_ids))
        for layer in self.layers:
            x = self.dropout(layer(x, fused=fused)[0])
        return cast(Tensor, x)


class RecurrentLanguageModel(nn.Module):
    """Ids of a text in, logits for the token after each of them out.

    `jumok.training.train` trains it on the ids of texts, as it does a
    `~jumok.causal_language_model.CausalLanguageModel`, and `jumok.sampling.perplexity` measures it.

    Args:
        config: the sizes.

    >>> import torch
    >>> from jumok.transformer import count_parameters
    >>> model = RecurrentLanguageModel(RecurrentLanguageModelConfig(vocab_size=100, d_model=8))
    >>> model(torch.tensor([[1, 5, 6]])).shape
    torch.Size([1, 3, 100])
    >>> count_parameters(model) == 100 * 8 + 3 * 4 * (8 * 8 + 8 * 8 + 2 * 8) + 100
    True
    """

    def __init__(self, config: RecurrentLanguageModelConfig) -> None:
        super().__init__()
        self.config = config
        self.body = RecurrentBody(config)
        self.output = nn.Linear(config.d_model, config.vocab_size)
        nn.init.zeros_(self.output.bias)
        if config.tied:
            self.output.weight = self.body.embedding.weight

    def forward(
        self, token_ids: Int[Tensor, "batch length"]
    ) -> Float[Tensor, "batch length vocab"]:
        """Logits at position *i* are for token *i + 1*."""
        return F.linear(self.body(token_ids), self.output.weight, self.output.bias)
