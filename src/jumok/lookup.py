"""A task that needs several dependencies at once, and the smallest model that can learn it.

At every position of a random sequence the model names the tokens at given distances: with
``offsets=(-1, 1)`` the one before and the one after. The tokens are independent of each other, so
nothing can be guessed, and between attention and answer there is only one linear layer. What the
heads bring is what the model knows.
"""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor, nn

from jumok.attention import MultiHeadAttention
from jumok.transformer import sinusoidal_positions

__all__ = ["LookupModel", "lookup_targets", "train_lookup", "lookup_accuracy"]

NO_TARGET = -100  # what cross_entropy ignores: there is no token before the first one


class LookupModel(nn.Module):
    """Embeddings, positions, one attention, and a linear layer that answers every question.

    There is no residual connection: what a position knows, it got through attention.

    Args:
        vocab_size: how many different tokens there are.
        offsets: one question for each: which token stands so far to the right of here?
        num_heads: the number of heads; together they are always ``d_model`` wide.
        d_model: the width of the vectors.
        is_causal: hide later positions.

    >>> model = LookupModel(8, (-1, 1), num_heads=2)
    >>> model(torch.tensor([[3, 1, 4, 1, 5]])).shape
    torch.Size([1, 5, 2, 8])
    """

    def __init__(
        self,
        vocab_size: int,
        offsets: Sequence[int],
        *,
        num_heads: int,
        d_model: int = 48,
        is_causal: bool = False,
    ) -> None:
        super().__init__()
        self.vocab_size, self.offsets, self.is_causal = vocab_size, tuple(offsets), is_causal
        self.embedding = nn.Embedding(vocab_size, d_model)
        self.attention = MultiHeadAttention(d_model, num_heads, bias=False)
        self.answers = nn.Linear(d_model, len(self.offsets) * vocab_size, bias=False)

    def embed(self, token_ids: Int[Tensor, "batch length"]) -> Float[Tensor, "batch length _"]:
        """What the attention gets: tokens and positions, added."""
        x: Tensor = self.embedding(token_ids)
        return x + sinusoidal_positions(x.size(-2), x.size(-1)).to(x)

    def forward(
        self, token_ids: Int[Tensor, "batch length"]
    ) -> Float[Tensor, "batch length questions vocab"]:
        """The logits of every answer, for every position and question."""
        x = self.attention(query=self.embed(token_ids), is_causal=self.is_causal)
        logits: Tensor = self.answers(x)
        return logits.reshape(*token_ids.shape, len(self.offsets), self.vocab_size)


def lookup_targets(
    token_ids: Int[Tensor, "batch length"], offsets: Sequence[int]
) -> Int[Tensor, "batch length questions"]:
    """The right answers; −100 where the sequence has no such place.

    >>> lookup_targets(torch.tensor([[7, 8, 9]]), (-1, 1)).tolist()
    [[[-100, 8], [7, 9], [8, -100]]]
    """
    length, device = token_ids.size(-1), token_ids.device
    places = torch.arange(length, device=device)[:, None] + torch.tensor(offsets, device=device)
    inside = (places >= 0) & (places < length)  # (length, questions)
    return token_ids[:, places.clamp(0, length - 1)].masked_fill(~inside, NO_TARGET)


def train_lookup(
    model: LookupModel,
    *,
    length: int = 7,
    steps: int = 300,
    batch_size: int = 64,
    learning_rate: float = 1e-2,
    seed: int = 0,
) -> LookupModel:
    """Train on random sequences, and return the model."""
    optimizer = torch.optim.Adam(model.parameters(), learning_rate)
    device = model.embedding.weight.device
    generator = torch.Generator(device).manual_seed(seed)
    shape = (batch_size, length)
    for _ in range(steps):
        ids = torch.randint(model.vocab_size, shape, generator=generator, device=device)
        targets = lookup_targets(ids, model.offsets)
        loss = F.cross_entropy(model(ids).flatten(0, 2), targets.flatten(), ignore_index=NO_TARGET)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    return model


@torch.no_grad()
def lookup_accuracy(
    model: LookupModel, *, length: int = 7, samples: int = 1000, seed: int = 1
) -> list[float]:
    """The share of right answers to each question, on fresh random sequences."""
    device = model.embedding.weight.device
    generator = torch.Generator(device).manual_seed(seed)
    ids = torch.randint(model.vocab_size, (samples, length), generator=generator, device=device)
    targets = lookup_targets(ids, model.offsets)
    right = model(ids).argmax(dim=-1) == targets
    asked = targets != NO_TARGET
    counts = zip(right.sum((0, 1)).tolist(), asked.sum((0, 1)).tolist(), strict=True)
    return [hits / questions for hits, questions in counts]
