"""Tests of assignment 3."""

from types import ModuleType

import pytest
import torch

from jumok.masked_language_model import NOT_PREDICTED, MaskingRule

RULE = MaskingRule(vocab_size=50, mask_id=4, special_ids=(0, 1, 2, 3, 4), probability=0.3)


def test_words_of_english_and_korean(work: ModuleType) -> None:
    text = "Megatron, 트랜스포머를  배웁니다"
    offsets = [(0, 0), (0, 4), (4, 8), (8, 9), (10, 15), (15, 16), (18, 20), (20, 22), (0, 0)]
    assert work.word_numbers(text, offsets) == [-1, 0, 0, 0, 1, 1, 2, 2, -1]


def test_token_that_begins_with_its_space(work: ModuleType) -> None:
    assert work.word_numbers("a bc d", [(0, 1), (1, 3), (3, 4), (4, 6)]) == [0, 1, 1, 2]


def test_text_may_begin_with_white_space_and_be_empty(work: ModuleType) -> None:
    assert work.word_numbers("\n어텐션", [(1, 3), (3, 4)]) == [0, 0]
    assert work.word_numbers("", [(0, 0), (0, 0)]) == [-1, -1]


@pytest.fixture
def batch() -> tuple[torch.Tensor, torch.Tensor]:
    torch.manual_seed(0)
    token_ids = torch.randint(5, 50, (400, 12))
    words = torch.tensor([-1, 0, 0, 1, 2, 2, 2, 3, 4, 4, -1, -1]).repeat(400, 1)
    return token_ids.masked_fill(words == -1, 2), words


def test_a_word_is_chosen_as_a_whole_or_not_at_all(work: ModuleType, batch: tuple) -> None:
    token_ids, words = batch
    _, labels = work.mask_whole_words(token_ids, words, RULE)
    chosen = labels != NOT_PREDICTED
    assert not chosen[words == -1].any()
    for word in range(5):
        tokens = chosen[:, words[0] == word]
        assert (tokens == tokens[:, :1]).all()
    assert torch.equal(labels[chosen], token_ids[chosen])


def test_texts_are_drawn_for_by_themselves(work: ModuleType, batch: tuple) -> None:
    token_ids, words = batch
    chosen = work.mask_whole_words(token_ids, words, RULE)[1] != NOT_PREDICTED
    assert len(chosen.unique(dim=0)) > 20


def test_shares(work: ModuleType, batch: tuple) -> None:
    """Of 2,000 words 30 % are chosen; of their tokens 80, 10 and 10 % are hidden, changed, kept."""
    token_ids, words = batch
    seen, labels = work.mask_whole_words(token_ids, words, RULE)
    chosen = labels != NOT_PREDICTED
    firsts = [int((words[0] == word).nonzero()[0]) for word in range(5)]
    assert chosen[:, firsts].float().mean().item() == pytest.approx(0.3, abs=0.05)
    masked = seen[chosen] == RULE.mask_id
    kept = seen[chosen] == token_ids[chosen]
    assert masked.float().mean().item() == pytest.approx(0.8, abs=0.05)
    assert kept.float().mean().item() == pytest.approx(0.1, abs=0.04)
    changed = seen[chosen][~masked & ~kept]
    assert len(changed)
    assert (changed > 4).all()
    assert torch.equal(seen[~chosen], token_ids[~chosen])


def test_fate_is_drawn_for_each_token(work: ModuleType, batch: tuple) -> None:
    """In a chosen word of three tokens some are hidden and others not, now and then."""
    token_ids, words = batch
    seen, labels = work.mask_whole_words(token_ids, words, RULE)
    long = (words[0] == 2).nonzero().squeeze(1)
    masked = (seen[:, long] == RULE.mask_id)[labels[:, long[0]] != NOT_PREDICTED]
    assert masked.float().mean(dim=1).unique().numel() > 2


def test_generator_makes_it_repeatable(work: ModuleType, batch: tuple) -> None:
    token_ids, words = batch
    first, second = (
        work.mask_whole_words(token_ids, words, RULE, generator=torch.Generator().manual_seed(3))
        for _ in range(2)
    )
    assert torch.equal(first[0], second[0])
    assert torch.equal(first[1], second[1])


def test_batch_without_words(work: ModuleType) -> None:
    token_ids = torch.full((2, 3), 2)
    seen, labels = work.mask_whole_words(token_ids, torch.full((2, 3), -1), RULE)
    assert torch.equal(seen, token_ids)
    assert (labels == NOT_PREDICTED).all()
