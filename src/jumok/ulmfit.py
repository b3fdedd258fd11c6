"""What ULMFiT adds to a pretrained language model: a classifier on its body, and careful training.

Three habits keep fine-tuning from overwriting what the body knows. The lower a layer, the smaller
its learning rate; the rate rises for a short while and falls for a long one; and the layers are
freed one after the other, the highest first.

Source: Howard and Ruder, *Universal Language Model Fine-tuning for Text Classification* (2018),
§3.2 and §3.3.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from jumok.checks import check_boolean
from jumok.classification import ClassificationHead, ClassificationObjective, LabelledIds
from jumok.recurrent_language_model import RecurrentBody
from jumok.training import TrainingConfig, TrainingHistory, train

__all__ = [
    "concat_pooling",
    "RecurrentClassifier",
    "discriminative_groups",
    "unfreeze",
    "slanted_triangular_rate",
    "fine_tune",
]


def concat_pooling(
    states: Float[Tensor, "batch length d_model"], is_token: Bool[Tensor, "batch length"]
) -> Float[Tensor, "batch pooled"]:
    r"""The last state, the largest and the mean of each number over the tokens, side by side.

    .. math:: h_c = [h_T;\ \operatorname{maxpool}(H);\ \operatorname{meanpool}(H)]

    The word that decides may stand anywhere, so the last state alone is not trusted to have it.

    Args:
        states: one for each token.
        is_token: ``True`` where there is a token, at least once in each row.

    Returns:
        ``(batch, 3 · d_model)``.

    Raises:
        ValueError: shapes do not belong together, the mask is not boolean, or a text is empty.

    Source: Howard and Ruder (2018), §3.3.

    >>> states = torch.tensor([[[1.0], [5.0], [3.0], [9.0]]])
    >>> concat_pooling(states, torch.tensor([[True, True, True, False]]))
    tensor([[3., 5., 3.]])
    """
    check_boolean(is_token, "a token")
    if states.shape[:-1] != is_token.shape:
        raise ValueError(
            "expected states (batch, length, d_model) and is_token (batch, length), "
            f"got {tuple(states.shape)} and {tuple(is_token.shape)}"
        )
    if not bool(is_token.any(dim=1).all()):
        raise ValueError("expected at least one token in every text, got a text of padding alone")
    places = torch.arange(is_token.size(1), device=is_token.device)
    last_place = places.where(is_token, -1).amax(dim=1)  # (batch)
    last = states[torch.arange(len(states), device=states.device), last_place]
    outside = ~is_token.unsqueeze(-1)
    largest = states.masked_fill(outside, -torch.inf).amax(dim=1)
    mean = states.masked_fill(outside, 0.0).sum(dim=1) / is_token.sum(dim=1, keepdim=True)
    return torch.cat([last, largest, mean], dim=-1)


class RecurrentClassifier(nn.Module):
    """A language model's body, concat pooling, and a head: ids in, a logit for each class out.

    Args:
        body: of a language model, trained or not. It is used, not copied.
        num_classes: how many classes there are.
        hidden: the width of the layer with ReLU between pooling and classes.

    Raises:
        ValueError: there are fewer than two classes.

    >>> from jumok.recurrent_language_model import RecurrentLanguageModelConfig
    >>> body = RecurrentBody(RecurrentLanguageModelConfig(vocab_size=100, d_model=8))
    >>> RecurrentClassifier(body, num_classes=2)(torch.tensor([[5, 6, 7], [8, 9, 0]])).shape
    torch.Size([2, 2])
    """

    def __init__(self, body: RecurrentBody, num_classes: int, *, hidden: int = 50) -> None:
        super().__init__()
        if num_classes < 2:
            raise ValueError(f"num_classes must be at least 2, got {num_classes}")
        self.config = body.config
        self.body = body
        self.head = ClassificationHead(
            3 * body.config.d_model, num_classes, hidden=hidden, dropout=body.config.dropout
        )

    def forward(self, token_ids: Int[Tensor, "batch length"]) -> Float[Tensor, "batch classes"]:
        """Logits, not probabilities."""
        pooled = concat_pooling(self.body(token_ids), token_ids != self.config.pad_id)
        logits: Tensor = self.head(pooled)
        return logits

    def layer_groups(self) -> list[nn.Module]:
        """The embedding, each LSTM layer and the head, from the lowest to the highest."""
        return [self.body.embedding, *self.body.layers, self.head]


def discriminative_groups(
    layer_groups: Sequence[nn.Module], factor: int | float = 2.6
) -> list[dict[str, Any]]:
    r"""Parameter groups for :func:`jumok.training.train`: a factor of 1 at the top, less below.

    .. math:: \eta^{l-1} = \eta^l / 2.6

    A parameter that two layers share learns with the lower one.

    Args:
        layer_groups: the model's layers, from the lowest to the highest.
        factor: how many times smaller the next lower layer's learning rate is.

    Raises:
        ValueError: the factor is smaller than 1.

    Source: Howard and Ruder (2018), §3.2.

    >>> layers = [nn.Linear(2, 2) for _ in range(3)]
    >>> [round(group["lr"], 4) for group in discriminative_groups(layers)]
    [0.1479, 0.3846, 1.0]
    """
    if factor < 1:
        raise ValueError(f"factor must be at least 1, got {factor}")
    top = len(layer_groups) - 1
    groups, taken = [], set[nn.Parameter]()
    for number, layer in enumerate(layer_groups):
        own = [each for each in layer.parameters() if each not in taken]
        taken.update(own)
        groups.append({"params": own, "lr": factor ** (number - top)})
    return groups


def unfreeze(layer_groups: Sequence[nn.Module], count: int) -> None:
    """Let the ``count`` highest groups learn and freeze all below.

    Gradual unfreezing trains with 1, then with 2, and so on until all groups learn.

    Args:
        layer_groups: the model's layers, from the lowest to the highest.
        count: how many learn.

    Raises:
        ValueError: there are not so many groups.

    Source: Howard and Ruder (2018), §3.3.

    >>> layers = [nn.Linear(2, 2) for _ in range(3)]
    >>> unfreeze(layers, 2)
    >>> [layer.weight.requires_grad for layer in layers]
    [False, True, True]
    """
    if not 0 <= count <= len(layer_groups):
        raise ValueError(f"count must be in 0 … {len(layer_groups)}, got {count}")
    for number, group in enumerate(layer_groups):
        group.requires_grad_(number >= len(layer_groups) - count)


def slanted_triangular_rate(
    step: int, steps: int, *, cut_fraction: float = 0.1, ratio: int | float = 32
) -> float:
    r"""The published learning rate of a step, counted from 0, as a share of the highest one.

    It rises in a straight line over the first ``cut_fraction`` of all steps, from 1 / ``ratio`` to
    1, and falls over the others, back to 1 / ``ratio``. Ours, ``schedule="linear"`` of
    `~jumok.training.TrainingConfig`, rises and falls in the same way, but between almost 0 and 1.

    Args:
        step: from 0 to ``steps``.
        steps: how many there are.
        cut_fraction: the share of the steps in which the rate rises.
        ratio: how many times the highest rate is the lowest.

    Raises:
        ValueError: no step of so many, or a fraction outside (0, 1), or a ratio below 1.

    Source: Howard and Ruder (2018), §3.2, equation 3.

    >>> [round(slanted_triangular_rate(step, 100), 3) for step in (0, 5, 10, 55, 100)]
    [0.031, 0.516, 1.0, 0.516, 0.031]
    """
    if not 0 <= step <= steps or steps < 1:
        raise ValueError(f"step must be in 0 … steps, got step {step} and steps {steps}")
    if not 0 < cut_fraction < 1 or ratio < 1:
        raise ValueError(
            "expected cut_fraction in (0, 1) and a ratio of at least 1, "
            f"got {cut_fraction} and {ratio}"
        )
    cut = cut_fraction * steps
    share = step / cut if step < cut else (steps - step) / (steps - cut)
    return (1 + share * (ratio - 1)) / ratio


def fine_tune(
    classifier: RecurrentClassifier,
    examples: Sequence[LabelledIds],
    config: TrainingConfig,
    *,
    careful: bool = True,
    progress: bool = True,
) -> TrainingHistory:
    """ULMFiT's third stage: free one layer group after the other, each with its own learning rate.

    Each round trains ``config.steps`` steps by :func:`jumok.training.train`: the head alone, then
    with the layer below it, until in the last round everything learns. If not ``careful``, all
    layers learn with the same rate from the start, and there is one round.

    Args:
        classifier: on a body that was pretrained, or not.
        examples: ids of texts with the numbers of their classes.
        config: of one round; the learning rate is that of the head.
        careful: gradual unfreezing and discriminative learning rates.
        progress: show a bar for each round.

    Returns:
        The losses and learning rates of all rounds.

    Source: Howard and Ruder (2018), §3.3. There a round is one pass over the data, and the learning
    rate rises and falls once over all rounds. Here it does so in each round.
    """
    layers = classifier.layer_groups()
    objective = ClassificationObjective(pad_id=classifier.config.pad_id, smoothing=config.smoothing)
    history = TrainingHistory()
    for count in range(1 if careful else len(layers), len(layers) + 1):
        unfreeze(layers, count)
        learned = train(
            classifier,
            examples,
            replace(config, seed=config.seed + 1000 * count),
            objective=objective,
            parameter_groups=discriminative_groups(layers) if careful else None,
            progress=progress,
        )
        history.losses += learned.losses
        history.learning_rates += learned.learning_rates
        history.seconds += learned.seconds
    return history
