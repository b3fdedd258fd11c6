"""Decoding: from the model's probabilities to a sentence, greedily or with a beam.

Both searches take one padded source to a row and return the ids that the model writes: without the
start token, up to and including the end token, padded behind it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal, overload

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from jumok.encoder_decoder import EncoderDecoder

__all__ = ["greedy_decode", "beam_search", "length_penalty_factor", "evaluating"]


@contextmanager
def evaluating(module: nn.Module) -> Iterator[None]:
    """Neither dropout nor gradients for a while; then the module's mode is what it was."""
    was_training = module.training
    module.eval()
    try:
        with torch.no_grad():
            yield
    finally:
        module.train(was_training)


class NextToken:
    """Logits for the next token of targets that grow by a token from call to call.

    With the cache, a call computes the new position only; without, the whole target again.
    Every source serves ``copies`` targets, which stand in consecutive rows.
    """

    def __init__(
        self, model: EncoderDecoder, source_ids: Tensor, *, use_cache: bool, copies: int = 1
    ) -> None:
        self.model = model
        self.memory = model.encode(source_ids).repeat_interleave(copies, dim=0)
        self.source_mask = model.source_mask(source_ids).repeat_interleave(copies, dim=0)
        self.cache = model.new_cache() if use_cache else None

    def logits(self, target_ids: Int[Tensor, "batch length"]) -> Float[Tensor, "batch vocab"]:
        """Logits for the token behind the last of ``target_ids``."""
        new = target_ids if self.cache is None else target_ids[:, self.cache.length :]
        return self.model.decode(new, self.memory, source_mask=self.source_mask, cache=self.cache)[
            :, -1
        ]

    def reorder(self, rows: Int[Tensor, " batch"]) -> None:
        """Let row *i* go on from what row ``rows[i]`` was; both are targets of one source."""
        if self.cache is not None:
            self.cache.reorder(rows)


def greedy_decode(
    model: EncoderDecoder,
    source_ids: Int[Tensor, "batch source"],
    *,
    start_id: int,
    end_id: int,
    max_length: int,
    use_cache: bool = True,
) -> Int[Tensor, "batch length"]:
    """Write the most probable token, then the most probable one behind it, and so on.

    ``start_id`` has to be the token that every target began with in training. A row is finished
    with ``end_id`` or after ``max_length`` tokens.

    Raises:
        ValueError: a special token is outside the vocabulary, or ``max_length`` is not in
            1 … the model's ``max_length``.
    """
    source_ids = _checked(model, source_ids, start_id, end_id, max_length)
    with evaluating(model):
        next_token = NextToken(model, source_ids, use_cache=use_cache)
        target = source_ids.new_full((len(source_ids), 1), start_id)
        finished = torch.zeros_like(target, dtype=torch.bool)
        for _ in range(max_length):
            token = next_token.logits(target).argmax(dim=-1, keepdim=True)
            token = token.masked_fill(finished, model.config.pad_id)
            target = torch.cat([target, token], dim=1)
            finished |= token == end_id
            if finished.all():
                break
    return target[:, 1:]


def length_penalty_factor(length: Int[Tensor, "*batch"], alpha: float) -> Float[Tensor, "*batch"]:
    r"""What a hypothesis's log-probability is divided by, so that short ones do not always win.

    .. math:: \left(\frac{5 + \text{length}}{5 + 1}\right)^{\alpha}

    The end token counts. With :math:`\alpha = 0` the factor is 1; the paper uses 0.6.

    Source: Wu et al. (2016), §7, equation 14.

    >>> length_penalty_factor(torch.tensor([1, 7]), alpha=1.0).tolist()
    [1.0, 2.0]
    """
    return ((5.0 + length.double()) / 6.0) ** alpha


@overload
def beam_search(
    model: EncoderDecoder,
    source_ids: Tensor,
    *,
    beam_size: int,
    start_id: int,
    end_id: int,
    max_length: int,
    length_penalty: float = ...,
    use_cache: bool = ...,
    return_beams: Literal[False] = ...,
) -> Tensor: ...


@overload
def beam_search(
    model: EncoderDecoder,
    source_ids: Tensor,
    *,
    beam_size: int,
    start_id: int,
    end_id: int,
    max_length: int,
    length_penalty: float = ...,
    use_cache: bool = ...,
    return_beams: Literal[True],
) -> tuple[Tensor, Tensor]: ...


def beam_search(
    model: EncoderDecoder,
    source_ids: Int[Tensor, "batch source"],
    *,
    beam_size: int,
    start_id: int,
    end_id: int,
    max_length: int,
    length_penalty: float = 0.0,
    use_cache: bool = True,
    return_beams: bool = False,
) -> Tensor | tuple[Tensor, Tensor]:
    """Keep the ``beam_size`` best beginnings of every translation instead of one.

    A hypothesis is scored by the sum of its tokens' log-probabilities, divided by
    `length_penalty_factor`. Finished ones keep their place as long as no better one claims it;
    the search ends when all are finished or have ``max_length`` tokens. A beam of 1 is greedy.

    Returns the ids of the best hypotheses ``(batch, length)``; with ``return_beams=True`` those of
    all, ``(batch, beam_size, length)``, best first, and their scores ``(batch, beam_size)``. A
    score of −inf marks a place that no hypothesis took.

    Raises:
        ValueError: as `greedy_decode`, or ``beam_size`` is not positive.
    """
    source_ids = _checked(model, source_ids, start_id, end_id, max_length)
    if beam_size < 1:
        raise ValueError(f"beam_size must be at least 1, got {beam_size}")
    pad_id = model.config.pad_id
    first_rows = beam_size * torch.arange(len(source_ids), device=source_ids.device).unsqueeze(1)
    with evaluating(model):
        next_token = NextToken(model, source_ids, use_cache=use_cache, copies=beam_size)
        target = source_ids.new_full((len(source_ids) * beam_size, 1), start_id)
        # All beams begin alike: only the first may continue, else they would stay alike.
        sums = target.new_full((len(source_ids), beam_size), -torch.inf, dtype=torch.float64)
        sums[:, 0] = 0.0
        lengths = torch.zeros_like(sums, dtype=torch.long)
        finished = torch.zeros_like(sums, dtype=torch.bool)
        for _ in range(max_length):
            log_probabilities = next_token.logits(target).double().log_softmax(dim=-1)
            log_probabilities = log_probabilities.view(*finished.shape, -1)
            # A finished hypothesis goes on in one way only: with padding, at no cost.
            log_probabilities = log_probabilities.masked_fill(finished.unsqueeze(-1), -torch.inf)
            log_probabilities[..., pad_id].masked_fill_(finished, 0.0)

            candidates = sums.unsqueeze(-1) + log_probabilities  # (batch, beam, vocab)
            lengths = lengths + ~finished
            factor = length_penalty_factor(lengths, length_penalty).unsqueeze(-1)
            scores, best = (candidates / factor).flatten(start_dim=1).topk(beam_size)
            beam, token = best // candidates.size(-1), best % candidates.size(-1)

            sums = candidates.flatten(start_dim=1).gather(1, best)
            lengths = lengths.gather(1, beam)
            finished = finished.gather(1, beam) | (token == end_id)
            rows = (first_rows + beam).flatten()
            target = torch.cat([target[rows], token.view(-1, 1)], dim=1)
            if finished.all():
                break
            next_token.reorder(rows)
    beams = target[:, 1:].reshape(*finished.shape, -1)
    if return_beams:
        return beams, scores.float()
    longest = int(lengths[:, 0].max())
    return beams[:, 0, :longest]


def _checked(
    model: EncoderDecoder, source_ids: Tensor, start_id: int, end_id: int, max_length: int
) -> Tensor:
    """The source on the model's device, if the other arguments suit the model."""
    vocab_size = model.config.target_vocab_size
    for name, token_id in (("start_id", start_id), ("end_id", end_id)):
        if not 0 <= token_id < vocab_size:
            raise ValueError(f"{name} must be in 0 … {vocab_size - 1}, got {token_id}")
    if not 1 <= max_length <= model.config.max_length:
        raise ValueError(
            f"max_length must be in 1 … {model.config.max_length}, the model's, got {max_length}"
        )
    return source_ids.to(next(model.parameters()).device)
