"""A solution of assignment 3: masking whole words."""

import re
from bisect import bisect_left

import torch
from torch import Tensor

from jumok.masked_language_model import NOT_PREDICTED, MaskingRule

SPECIAL = -1


def word_numbers(text: str, offsets: list[tuple[int, int]]) -> list[int]:
    """The first word that ends at or behind the end of a token is the one that it is in."""
    ends = [word.end() for word in re.finditer(r"\S+", text)]
    return [SPECIAL if start == end else bisect_left(ends, end) for start, end in offsets]


def mask_whole_words(
    token_ids: Tensor,
    words: Tensor,
    rule: MaskingRule,
    *,
    generator: torch.Generator | None = None,
) -> tuple[Tensor, Tensor]:
    """One coin for each word, looked up by its tokens; one fate for each token."""
    most = max(int(words.max()) + 1, 1)
    coins = torch.rand(len(token_ids), most, generator=generator)
    fate = torch.rand(token_ids.shape, generator=generator)
    chosen = coins.gather(1, words.clamp(min=0)) < rule.probability
    chosen &= words != SPECIAL
    ordinary = rule.ordinary_ids
    drawn = ordinary[torch.randint(len(ordinary), token_ids.shape, generator=generator)]
    seen = token_ids.masked_fill(chosen & (fate < rule.masked), rule.mask_id)
    is_replaced = chosen & (fate >= rule.masked) & (fate < rule.masked + rule.replaced)
    labels = token_ids.masked_fill(~chosen, NOT_PREDICTED)
    return torch.where(is_replaced, drawn, seen), labels
