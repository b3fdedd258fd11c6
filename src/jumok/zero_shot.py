"""Zero-shot classification as entailment: does a text entail the sentence that names a label?

Two sentences are compared by their vectors. What decides is a linear layer, which learns from pairs
of a text and a sentence; the labels that it is asked about need not be among them.

Source: Yin, Hay, Roth, *Benchmarking Zero-shot Text Classification* (2019), for classification as
entailment; Conneau et al., *Supervised Learning of Universal Sentence Representations* (2017), §3,
for the features of a pair.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor, nn

from jumok.training import Objective

__all__ = [
    "ENTAILMENT",
    "EntailmentHead",
    "Pair",
    "PairBatch",
    "EntailmentObjective",
    "label_scores",
]

ENTAILMENT = 1
"""The class of a pair whose second sentence follows from the first; 0 is a contradiction."""


class EntailmentHead(nn.Module):
    """Two logits, contradiction and entailment, for two sentences given as vectors.

    The linear layer sees where the two vectors differ, and where they point the same way.

    >>> head = EntailmentHead(4)
    >>> head(torch.ones(3, 4), torch.ones(3, 4)).shape
    torch.Size([3, 2])
    """

    def __init__(self, d_model: int) -> None:
        super().__init__()
        self.output = nn.Linear(2 * d_model, 2)

    def forward(
        self, premises: Float[Tensor, "*pairs d_model"], hypotheses: Float[Tensor, "*pairs d_model"]
    ) -> Float[Tensor, "*pairs 2"]:
        """The logits of each pair."""
        features = torch.cat([(premises - hypotheses).abs(), premises * hypotheses], dim=-1)
        logits: Tensor = self.output(features)
        return logits


class Pair(NamedTuple):
    """The vectors of a text and of a sentence, and whether the sentence follows: 1, or 0.

    >>> Pair(torch.ones(4), torch.zeros(4), follows=0).follows
    0
    """

    premise: Float[Tensor, "d_model"]
    hypothesis: Float[Tensor, "d_model"]
    follows: int


@dataclass(frozen=True)
class PairBatch:
    """Pairs side by side.

    >>> batch = PairBatch(torch.ones(2, 4), torch.zeros(2, 4), torch.tensor([0, 1]))
    >>> batch.to(torch.device("cpu")).follows
    tensor([0, 1])
    """

    premises: Float[Tensor, "batch d_model"]
    hypotheses: Float[Tensor, "batch d_model"]
    follows: Int[Tensor, "batch"]

    def to(self, device: torch.device) -> "PairBatch":
        """The same batch on another device."""
        return PairBatch(
            self.premises.to(device), self.hypotheses.to(device), self.follows.to(device)
        )


@dataclass(frozen=True)
class EntailmentObjective(Objective):
    """Say of each `Pair` whether the second sentence follows from the first.

    >>> pairs = [Pair(torch.ones(4), torch.zeros(4), 0), Pair(torch.ones(4), torch.ones(4), 1)]
    >>> objective = EntailmentObjective()
    >>> batch = objective.collate(pairs)
    >>> objective.count(batch), objective.lengths(pairs[0]), batch.premises.shape
    (2, (1,), torch.Size([2, 4]))
    >>> objective.loss(EntailmentHead(4), batch).shape
    torch.Size([])
    """

    def lengths(self, example: Pair) -> tuple[int, ...]:
        """All pairs are of one length."""
        return (1,)

    def collate(self, examples: Sequence[Pair]) -> PairBatch:
        """Pairs as a batch."""
        premises, hypotheses, follows = zip(*examples, strict=True)
        return PairBatch(torch.stack(premises), torch.stack(hypotheses), torch.tensor(follows))

    def count(self, batch: PairBatch) -> int:
        """The pairs."""
        return len(batch.follows)

    def loss(self, model: nn.Module, batch: PairBatch) -> Float[Tensor, ""]:
        """Cross-entropy of the two classes."""
        return F.cross_entropy(model(batch.premises, batch.hypotheses), batch.follows)


def label_scores(
    logits: Float[Tensor, "*texts labels classes"],
    *,
    entailment: int = ENTAILMENT,
    contradiction: int = 0,
    multi_label: bool = False,
) -> Float[Tensor, "*texts labels"]:
    """A score for each label, from the logits of the sentences that name it.

    If one label is right, the labels compete: a softmax over their logits of entailment. If several
    may be right (``multi_label``), entailment competes with contradiction for each alone.

    >>> logits = torch.tensor([[[0.0, 2.0], [1.0, 1.0], [3.0, 0.0]]])
    >>> label_scores(logits)
    tensor([[0.6652, 0.2447, 0.0900]])
    >>> label_scores(logits, multi_label=True)
    tensor([[0.8808, 0.5000, 0.0474]])
    """
    if multi_label:
        return logits[..., [contradiction, entailment]].softmax(dim=-1)[..., 1]
    return logits[..., entailment].softmax(dim=-1)
