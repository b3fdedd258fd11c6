"""Assignment 3, Pretrained language models: masking whole words, in English and in Korean.

Fill in what raises `NotImplementedError`, then run `pytest assignments/test_whole_words.py`. The
task, the experiment and the rubric are on the page "Assignments" of the book.

Source: the whole-word masking of BERT's later releases; Cui et al. (2021) for Chinese.
"""

import torch
from torch import Tensor

from jumok.masked_language_model import MaskingRule

SPECIAL = -1
"""The word number of a token that is in no word: ``[CLS]``, ``[SEP]``, padding."""


def word_numbers(text: str, offsets: list[tuple[int, int]]) -> list[int]:
    """The number of the word that each token is in, counted from 0 over the text.

    Words are what white space separates: an English word with its comma, a Korean 어절 with its
    particles. A token without characters (its offsets are equal) is `SPECIAL`. No token spans two
    words; one that begins with the space before its word belongs to that word.

    Args:
        text: what was tokenized.
        offsets: for each token where it begins and ends in ``text``, in characters.
    """
    raise NotImplementedError


def mask_whole_words(
    token_ids: Tensor,
    words: Tensor,
    rule: MaskingRule,
    *,
    generator: torch.Generator | None = None,
) -> tuple[Tensor, Tensor]:
    """As `jumok.masked_language_model.mask_tokens`, but a word is chosen, not a token.

    Each word is chosen with ``rule.probability``; then all of its tokens are to be said. What is
    seen in their places is decided for each token by itself: ``rule.masked`` of them are masked,
    ``rule.replaced`` replaced by an ordinary token, the rest stay.

    Args:
        token_ids: ``(batch, length)``.
        words: the word number of each token, ``(batch, length)``; `SPECIAL` ones are never chosen.

    Returns:
        What the model sees, and its labels: the token, or `NOT_PREDICTED`.
    """
    raise NotImplementedError
