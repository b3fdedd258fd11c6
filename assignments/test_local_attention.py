"""Tests of assignment 1."""

from types import ModuleType

import pytest
import torch


def test_shapes_and_parameters(work: ModuleType) -> None:
    attention = work.GeneralAttention(8)
    assert sum(each.numel() for each in attention.parameters()) == 8 * 8
    memory = torch.randn(2, 5, 8)
    output, weights = attention(torch.randn(2, 3, 8), attention.project_key(memory), memory)
    assert output.shape == (2, 3, 8)
    assert weights.shape == (2, 3, 5)
    torch.testing.assert_close(weights.sum(dim=-1), torch.ones(2, 3))


def test_score_is_the_bilinear_form(work: ModuleType) -> None:
    torch.manual_seed(1)
    attention = work.GeneralAttention(4).double()
    query, memory = torch.randn(1, 1, 4).double(), torch.randn(1, 3, 4).double()
    _, weights = attention(query, attention.project_key(memory), memory)
    (matrix,) = attention.parameters()
    # q · W · h; whichever side the matrix was multiplied on, one of the two fits.
    scores = [torch.stack([query[0, 0] @ m @ h for h in memory[0]]) for m in (matrix, matrix.T)]
    assert any(torch.allclose(weights[0, 0], score.softmax(0)) for score in scores)


def test_matrix_is_multiplied_once_for_a_sentence(work: ModuleType) -> None:
    attention = work.GeneralAttention(4)
    memory = torch.randn(1, 3, 4)
    assert not torch.allclose(attention.project_key(memory), memory)


def test_mask_hides_and_empty_rows_are_zero(work: ModuleType) -> None:
    attention = work.GeneralAttention(4)
    memory, query = torch.randn(1, 3, 4), torch.randn(1, 2, 4)
    mask = torch.tensor([[[True, True, False], [False, False, False]]])
    output, weights = attention(query, attention.project_key(memory), memory, mask=mask)
    assert weights[0, 0, 2] == 0
    torch.testing.assert_close(weights[0, 0, :2].sum(), torch.tensor(1.0))
    assert not weights[0, 1].any()
    assert not output[0, 1].any()
    absurd = memory.clone()
    absurd[0, 2] = 1000.0
    again, _ = attention(query, attention.project_key(absurd), absurd, mask=mask)
    torch.testing.assert_close(again, output)


def test_local_mask_by_hand(work: ModuleType) -> None:
    mask = work.local_mask(torch.tensor([4, 2]), steps=4, width=1)
    expected = [
        [[1, 1, 0, 0], [1, 1, 1, 0], [0, 1, 1, 1], [0, 0, 1, 1]],
        [[1, 1, 0, 0], [1, 1, 0, 0], [1, 1, 0, 0], [1, 1, 0, 0]],
    ]
    assert mask.dtype == torch.bool
    assert mask.int().tolist() == expected


@pytest.mark.parametrize("steps", [1, 3, 7])
def test_local_mask_leaves_each_step_something_and_nothing_beyond_the_end(
    work: ModuleType, steps: int
) -> None:
    lengths = torch.tensor([1, 5, 9])
    for width in (0, 2, 20):
        mask = work.local_mask(lengths, steps=steps, width=width)
        assert mask.shape == (3, steps, 9)
        assert mask.any(dim=-1).all()
        beyond = torch.arange(9) >= lengths[:, None]
        assert not (mask & beyond[:, None]).any()
        assert (mask.sum(dim=-1) <= 2 * width + 1).all()


def test_entropy(work: ModuleType) -> None:
    uniform = torch.full((2, 3, 8), 1 / 8)
    assert work.attention_entropy(uniform) == pytest.approx(3.0)
    assert work.attention_entropy(torch.eye(4)) == pytest.approx(0.0)
    mixed = torch.tensor([[0.5, 0.5, 0.0], [0.0, 0.0, 0.0], [1.0, 0.0, 0.0]])
    assert work.attention_entropy(mixed) == pytest.approx(0.5)
    assert work.attention_entropy(torch.zeros(2, 3)) == 0.0
