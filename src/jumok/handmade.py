"""A model whose probabilities are written by hand, to see what a search makes of them."""

import math
from collections.abc import Mapping
from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor

from jumok.data.tokenizer import SPECIAL_TOKENS
from jumok.transformer import Transformer, TransformerConfig

__all__ = ["HandMadeModel"]


class HandMadeModel(Transformer):
    """Answers with given probabilities instead of computing them.

    ``branches`` maps the words written so far, with spaces between them, to the probabilities of
    the next word. What is not in it is followed by the end token.

    >>> model = HandMadeModel({"": {"the": 0.6, "a": 0.4}, "the": {"cat": 0.5, "dog": 0.5}})
    >>> model.vocabulary[4:]
    ('the', 'a', 'cat', 'dog')
    >>> logits = model(torch.tensor([[4]]), torch.tensor([[1, 4]]))  # <START> the
    >>> [round(p, 2) for p in logits[0, -1, 4:].exp().tolist()]
    [0.0, 0.0, 0.5, 0.5]
    """

    def __init__(self, branches: Mapping[str, Mapping[str, float]]) -> None:
        words = (word for branch in branches.values() for word in branch)
        self.vocabulary = tuple(dict.fromkeys((*SPECIAL_TOKENS, *words)))
        self.branches = branches
        size = len(self.vocabulary)
        super().__init__(  # its stacks are there to be ignored
            TransformerConfig(
                size, size, 2, 1, num_encoder_layers=1, num_decoder_layers=1, d_ff=1, max_length=32
            )
        )

    def text(self, ids: Int[Tensor, " length"]) -> str:
        """The words of ids, without special tokens."""
        words = [self.vocabulary[i] for i in ids.tolist()]
        return " ".join(word for word in words if word not in SPECIAL_TOKENS)

    def decode(
        self, target_ids: Int[Tensor, "batch target"], memory: Tensor, **options: Any
    ) -> Float[Tensor, "batch target vocab"]:
        """The logarithms of the probabilities; a cache stays empty."""
        logits = torch.full((*target_ids.shape, len(self.vocabulary)), -math.inf)
        for row, ids in enumerate(target_ids):
            for place in range(len(ids)):
                branch = self.branches.get(self.text(ids[: place + 1]), {"<END>": 1.0})
                for word, probability in branch.items():
                    logits[row, place, self.vocabulary.index(word)] = math.log(probability)
        return logits.to(target_ids.device)
