"""What attributions and naive Bayes refuse, in words."""

import re

import pytest
import torch

from jumok.attribution import hide_highest, integrated_gradients, kendall_tau
from jumok.naive_bayes import NaiveBayes


def test_steps() -> None:
    text = torch.ones(1, 2, 3)
    with pytest.raises(ValueError, match="steps must be at least 1, got 0"):
        integrated_gradients(lambda x: x.sum(dim=(1, 2)), text, text, steps=0)


@pytest.mark.parametrize("count", [-1, 3])
def test_more_tokens_than_there_are(count: int) -> None:
    ids = torch.tensor([5, 6, 7])
    may_hide = torch.tensor([True, False, True])
    message = re.escape(f"counts must be in 0 … 2, got {count}")
    with pytest.raises(ValueError, match=message):
        hide_highest(ids, torch.zeros(3), [0, count], mask_id=4, may_hide=may_hide)


def test_lists_without_a_common_order() -> None:
    with pytest.raises(ValueError, match="expected lists of one length, got 2 and 3"):
        kendall_tau(torch.zeros(2), torch.zeros(3))
    with pytest.raises(ValueError, match="all numbers of a list are the same"):
        kendall_tau(torch.zeros(3), torch.arange(3.0))


def test_labels() -> None:
    with pytest.raises(ValueError, match="expected one label for each text, got 1 for 2"):
        NaiveBayes([["a"], ["b"]], [0])
    with pytest.raises(ValueError, match="expected one label for each text, got 0 for 0"):
        NaiveBayes([], [])
    with pytest.raises(ValueError, match=re.escape("labels must be 0 or 1, got [2]")):
        NaiveBayes([["a"], ["b"]], [0, 2])
