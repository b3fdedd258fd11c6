"""Attributions: linear and quadratic scores by hand, sums on a layer of the Transformer."""

from itertools import combinations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from jumok.attribution import (
    gradient_times_input,
    hide_highest,
    integrated_gradients,
    kendall_tau,
)
from jumok.naive_bayes import NaiveBayes
from jumok.transformer import EncoderLayer, TransformerConfig


def small_layer() -> EncoderLayer:
    config = TransformerConfig(
        source_vocab_size=10, target_vocab_size=10, d_model=8, num_heads=2, d_ff=16
    )
    return EncoderLayer(config).eval()


def test_linear_score_by_hand(device: torch.device) -> None:
    weights, text, baseline = (torch.randn(2, 4, 3, device=device) for _ in range(3))

    def score(x: Tensor) -> Tensor:
        return (weights * x).sum(dim=(1, 2)) + 5

    by_hand = (weights * (text - baseline)).sum(dim=-1)
    for attribute in (gradient_times_input, integrated_gradients):
        torch.testing.assert_close(attribute(score, text, baseline), by_hand)


def test_naive_bayes_is_explained_by_its_own_weights() -> None:
    texts = [{"a", "b"}, {"b", "c"}, {"a", "c", "d"}, {"b"}]
    bayes = NaiveBayes(texts, [0, 1, 1, 0])
    tokens = ["a", "c", "b"]
    weights = torch.tensor([[bayes.weights[token]] for token in tokens])
    present = torch.ones(1, len(tokens), 1)  # 1 where a token stands, 0 where it's hidden

    def score(x: Tensor) -> Tensor:
        return bayes.bias + (weights * x).sum(dim=(1, 2))

    assert score(present).item() == pytest.approx(bayes.log_odds(tokens), abs=1e-5)
    found = integrated_gradients(score, present, torch.zeros_like(present))
    torch.testing.assert_close(found[0], weights[:, 0])


def test_quadratic_score_by_hand() -> None:
    """Of x² from 1 to 3, the gradient at the end is 6, the mean gradient 4 = (9 − 1) / (3 − 1)."""
    text, baseline = torch.full((1, 1, 1), 3.0), torch.full((1, 1, 1), 1.0)

    def score(x: Tensor) -> Tensor:
        return x.square().sum(dim=(1, 2))

    assert gradient_times_input(score, text, baseline).item() == 12
    assert integrated_gradients(score, text, baseline).item() == pytest.approx(8)


def test_contributions_of_a_transformer_sum_to_the_change_of_its_score() -> None:
    layer = small_layer()
    text, baseline = torch.randn(3, 5, 8), torch.randn(3, 5, 8)

    def score(x: Tensor) -> Tensor:
        return layer(x)[:, 0, 0]

    change = (score(text) - score(baseline)).detach()
    found = integrated_gradients(score, text, baseline, steps=200).sum(dim=1)
    torch.testing.assert_close(found, change, atol=2e-3, rtol=1e-2)
    first_order = gradient_times_input(score, text, baseline).sum(dim=1)
    assert (first_order - change).abs().max() > 0.1  # which isn't so for the gradient alone


def test_a_text_is_explained_the_same_beside_others() -> None:
    layer = small_layer()
    text, baseline = torch.randn(3, 5, 8), torch.zeros(3, 5, 8)

    def score(x: Tensor) -> Tensor:
        return layer(x).sum(dim=(1, 2)) + layer(x)[:, 0, 0]

    together = integrated_gradients(score, text, baseline)
    for number in range(3):
        one = slice(number, number + 1)
        alone = integrated_gradients(score, text[one], baseline[one])
        torch.testing.assert_close(together[one], alone, atol=1e-5, rtol=1e-4)


def test_no_gradient_is_left_behind() -> None:
    layer = small_layer()
    text = torch.randn(1, 5, 8)
    found = integrated_gradients(lambda x: layer(x)[:, 0, 0], text, torch.zeros_like(text))
    assert not found.requires_grad
    assert not text.requires_grad
    assert all(each.grad is None for each in layer.parameters())


def test_most_important_tokens_are_hidden_and_others_stay() -> None:
    ids = torch.tensor([2, 11, 12, 13, 3])
    importance = torch.tensor([9.0, 0.1, -5.0, 0.3, 9.0])
    may_hide = torch.tensor([False, True, True, True, False])
    rows = hide_highest(ids, importance, (0, 1, 3), mask_id=4, may_hide=may_hide)
    assert rows.tolist() == [[2, 11, 12, 13, 3], [2, 11, 12, 4, 3], [2, 4, 4, 4, 3]]
    assert ids.tolist() == [2, 11, 12, 13, 3]


numbers = st.lists(st.integers(-3, 3), min_size=3, max_size=9)


@given(numbers, numbers)
def test_kendall_tau_pair_by_pair(first: list[int], second: list[int]) -> None:
    size = min(len(first), len(second))
    first, second = first[:size], second[:size]
    if len(set(first)) == 1 or len(set(second)) == 1:
        return
    same = other = first_apart = second_apart = 0
    for i, j in combinations(range(size), 2):
        one, two = first[i] - first[j], second[i] - second[j]
        same += one * two > 0
        other += one * two < 0
        first_apart += one != 0
        second_apart += two != 0
    expected = (same - other) / (first_apart * second_apart) ** 0.5
    found = kendall_tau(torch.tensor(first).float(), torch.tensor(second).float())
    assert found == pytest.approx(expected, abs=1e-5)
