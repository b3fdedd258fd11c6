"""Writing with a causal language model: perplexity, temperature, top-k, top-p.

Sources: Fan et al. (2018), §5.3, for top-k; Holtzman et al. (2020), §3.1, for top-p (*nucleus
sampling*) and §4 for the loops that greedy decoding falls into.
"""

import math
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor

from jumok.causal_language_model import CausalLanguageModel
from jumok.data.tokenizer import END_ID, START_ID
from jumok.decoding import evaluating
from jumok.recurrent_language_model import RecurrentLanguageModel
from jumok.training import collate_texts

__all__ = [
    "apply_temperature",
    "keep_top_k",
    "keep_top_p",
    "generate",
    "perplexity",
    "Novelty",
    "novelty",
]


def apply_temperature(
    logits: Float[Tensor, "*batch vocab"], temperature: int | float
) -> Float[Tensor, "*batch vocab"]:
    """Divide the logits: below 1 the probable becomes more probable, above 1 all become alike.

    Raises:
        ValueError: the temperature is not positive.

    >>> apply_temperature(torch.tensor([4.0, 1.0]).log(), 0.5).softmax(dim=-1)
    tensor([0.9412, 0.0588])
    """
    if not temperature > 0:
        raise ValueError(f"temperature must be positive, got {temperature}")
    return logits / temperature


def keep_top_k(logits: Float[Tensor, "*batch vocab"], k: int) -> Float[Tensor, "*batch vocab"]:
    """Leave the ``k`` largest logits, and −∞ elsewhere; those equal to the smallest stay too.

    Raises:
        ValueError: ``k`` is smaller than 1.

    >>> keep_top_k(torch.tensor([1.0, 3.0, 2.0]), 2)
    tensor([-inf, 3., 2.])
    """
    if k < 1:
        raise ValueError(f"k must be at least 1, got {k}")
    least = logits.topk(min(k, logits.size(-1)), dim=-1).values[..., -1:]
    return logits.masked_fill(logits < least, -math.inf)


def keep_top_p(logits: Float[Tensor, "*batch vocab"], p: float) -> Float[Tensor, "*batch vocab"]:
    """Leave the fewest most probable tokens that together have probability ``p``: the *nucleus*.

    Raises:
        ValueError: ``p`` is not in (0, 1].

    >>> keep_top_p(torch.tensor([0.5, 0.3, 0.2]).log(), 0.7).softmax(dim=-1)
    tensor([0.6250, 0.3750, 0.0000])
    """
    if not 0 < p <= 1:
        raise ValueError(f"p must be in (0, 1], got {p}")
    ordered, places = logits.sort(dim=-1, descending=True)
    probabilities = ordered.softmax(dim=-1)
    before = probabilities.cumsum(dim=-1) - probabilities  # what more probable tokens have
    outside = torch.zeros_like(places, dtype=torch.bool).scatter(-1, places, before >= p)
    outside = outside.scatter(-1, places[..., :1], False)  # the first always stays
    return logits.masked_fill(outside, -math.inf)


def generate(
    model: CausalLanguageModel,
    prompt_ids: Int[Tensor, "batch prompt"],
    *,
    max_new_tokens: int,
    end_id: int | None = None,
    temperature: int | float = 1.0,
    top_k: int | None = None,
    top_p: float | None = None,
    seed: int = 0,
    use_cache: bool = True,
) -> Int[Tensor, "batch length"]:
    """Continue each prompt token by token, and return it with what was written.

    A ``temperature`` of 0 is greedy: the most probable token each time. A row is finished with
    ``end_id`` and filled with it from there on.
    Padding is never written. The same seed on the same device writes the same.

    Raises:
        ValueError: a prompt is empty or holds padding, or prompt and new tokens together are
            longer than the model's ``max_length``.
    """
    config = model.config
    length = prompt_ids.size(-1)
    if prompt_ids.ndim != 2 or length == 0:
        raise ValueError(f"expected prompts (batch, length ≥ 1), got {tuple(prompt_ids.shape)}")
    if config.pad_id is not None and bool((prompt_ids == config.pad_id).any()):
        raise ValueError("expected prompts of one length, got padding: continue them one by one")
    if max_new_tokens < 1 or length + max_new_tokens > config.max_length:
        raise ValueError(
            f"max_new_tokens must be in 1 … {config.max_length - length}, what {length} of "
            f"{config.max_length} positions leave, got {max_new_tokens}"
        )
    device = next(model.parameters()).device
    text = prompt_ids.to(device)
    draw = torch.Generator(device).manual_seed(seed)
    finished = torch.zeros(len(text), 1, dtype=torch.bool, device=device)
    cache = model.new_cache() if use_cache else None
    with evaluating(model):
        for _ in range(max_new_tokens):
            new = text if cache is None else text[:, cache[0].length :]
            logits = model(new, cache=cache)[:, -1]
            if config.pad_id is not None:
                logits[:, config.pad_id] = -math.inf  # nobody writes padding
            if temperature == 0:
                token = logits.argmax(dim=-1, keepdim=True)
            else:
                logits = apply_temperature(logits, temperature)
                logits = logits if top_k is None else keep_top_k(logits, top_k)
                logits = logits if top_p is None else keep_top_p(logits, top_p)
                token = logits.softmax(dim=-1).multinomial(1, generator=draw)
            if end_id is not None:
                token = token.masked_fill(finished, end_id)
                finished |= token == end_id
            text = torch.cat([text, token], dim=1)
            if finished.all():
                break
    return text


def perplexity(
    model: CausalLanguageModel | RecurrentLanguageModel,
    texts: Sequence[Sequence[int]],
    *,
    start_id: int = START_ID,
    end_id: int = END_ID,
    batch_size: int = 100,
) -> float:
    r"""How many tokens the model hesitates between, on average: e to the mean cross-entropy.

    .. math:: \exp\left(-\frac{1}{n} \sum_{i=1}^{n} \log p(x_i \mid x_{<i})\right)

    The start token is given, the end token counts.

    Raises:
        ValueError: there are no texts, or the model has no padding token.
    """
    pad_id = model.config.pad_id
    if not texts or pad_id is None:
        raise ValueError(f"expected texts and a model with a pad_id, got {len(texts)} and {pad_id}")
    total, tokens = 0.0, 0
    with evaluating(model):
        for first in range(0, len(texts), batch_size):
            batch = collate_texts(
                texts[first : first + batch_size], pad_id=pad_id, start_id=start_id, end_id=end_id
            ).to(next(model.parameters()).device)
            losses = F.cross_entropy(
                model(*batch.inputs).double().flatten(end_dim=-2),
                batch.target_output.flatten(),
                ignore_index=pad_id,
                reduction="sum",
            )
            total += losses.item()
            tokens += int((batch.target_output != pad_id).sum())
    return math.exp(total / tokens)


@dataclass(frozen=True)
class Novelty:
    """Shares of what a model wrote; a text that it wrote twice counts twice.

    ``distinct`` is the number of different texts over that of all.
    """

    well_formed: float
    new: float
    new_and_well_formed: float
    distinct: float


def novelty(
    written: Sequence[str], known: Collection[str], is_well_formed: Callable[[str], bool]
) -> Novelty:
    """Does a model say anything new, and is it right? ``known`` are the texts that it learned from.

    A model that copies has ``new`` 0. One that babbles has ``new`` 1 and ``well_formed`` 0. The
    novelty rate that means something is ``new_and_well_formed``.

    Raises:
        ValueError: nothing was written.

    >>> novelty(["a cat", "a dog", "dog a", "a dog"], {"a cat"}, lambda text: text[0] == "a")
    Novelty(well_formed=0.75, new=0.75, new_and_well_formed=0.5, distinct=0.75)
    """
    if not written:
        raise ValueError("expected at least one written text, got none")
    known, total = set(known), len(written)
    well_formed = {text for text in set(written) if is_well_formed(text)}
    novel = well_formed - known
    return Novelty(
        well_formed=sum(text in well_formed for text in written) / total,
        new=sum(text not in known for text in written) / total,
        new_and_well_formed=sum(text in novel for text in written) / total,
        distinct=len(set(written)) / total,
    )
