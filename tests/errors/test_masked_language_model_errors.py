"""What the user of masked language models is told when something does not fit."""

import pytest
import torch

from jumok.bert import BertConfig, BertForPretraining
from jumok.data.subwords import SubwordTokenizer
from jumok.data.word_piece import SPECIAL_TOKENS, WordPiece
from jumok.masked_language_model import (
    MaskedLanguageObjective,
    MaskingRule,
    bert_example,
    evaluate_masked,
    fill_mask,
    next_sentence_pairs,
    pseudo_perplexity,
)

TOKENIZER = WordPiece([*SPECIAL_TOKENS, "a", "b"])
RULE = MaskingRule.of(TOKENIZER)


def model() -> BertForPretraining:
    return BertForPretraining(
        BertConfig(len(TOKENIZER), d_model=8, num_heads=2, num_layers=1, d_ff=8, max_length=16)
    ).eval()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"probability": 1.5}, r"probability must be in \[0, 1\], got 1.5"),
        ({"masked": -0.1}, r"masked must be in \[0, 1\], got -0.1"),
        ({"masked": 0.8, "replaced": 0.3}, "at most 1 together, got 0.8 and 0.3"),
        ({"mask_id": 5}, "expected mask_id 5 among special_ids"),
        ({"special_ids": (0, 4, 10)}, r"special_ids must be in 0 … 9, got \(0, 4, 10\)"),
        ({"special_ids": tuple(range(10))}, "tokens that aren't special, got special_ids of them"),
    ],
)
def test_rule(change: dict, message: str) -> None:
    arguments = {"vocab_size": 10, "mask_id": 4, "special_ids": (0, 1, 2, 3, 4)} | change
    with pytest.raises(ValueError, match=message):
        MaskingRule(**arguments)


def test_a_vocabulary_without_special_tokens() -> None:
    plain = SubwordTokenizer.train(["a b", "a b"], 10)
    with pytest.raises(ValueError, match=r"a vocabulary with \[MASK\], which this one lacks"):
        MaskingRule.of(plain)
    with pytest.raises(ValueError, match=r"a vocabulary with \[CLS\], which this one lacks"):
        bert_example(plain, "a")


def test_no_room() -> None:
    assert len(bert_example(TOKENIZER, "a b", "a", max_length=3).token_ids) == 3
    with pytest.raises(ValueError, match=r"room for \[CLS\] and \[SEP\], got 2"):
        bert_example(TOKENIZER, "a b", "a", max_length=2)


def test_documents() -> None:
    with pytest.raises(ValueError, match=r"at least two documents .*, got lengths \[2\]"):
        next_sentence_pairs([["a", "b"]])
    with pytest.raises(ValueError, match=r"at least one sentence, got lengths \[2, 0\]"):
        next_sentence_pairs([["a", "b"], []])


def test_nothing_to_learn_from_or_to_score() -> None:
    with pytest.raises(ValueError, match="at least one example, got none"):
        MaskedLanguageObjective(RULE).collate([])
    examples = [bert_example(TOKENIZER, "a b")]
    with pytest.raises(ValueError, match="positive batch_size, got 1 and 0"):
        evaluate_masked(model(), examples, RULE, batch_size=0)
    with pytest.raises(ValueError, match="positive batch_size, got 0 and 64"):
        evaluate_masked(model(), [], RULE)
    with pytest.raises(ValueError, match="chose no token of 1 examples: pass more"):
        evaluate_masked(model(), examples, MaskingRule.of(TOKENIZER, probability=0.0))
    with pytest.raises(ValueError, match="tokens that aren't special, got none"):
        pseudo_perplexity(model(), TOKENIZER, [""])
    with pytest.raises(ValueError, match="batch_size must be at least 1, got 0"):
        pseudo_perplexity(model(), TOKENIZER, ["a"], batch_size=0)


def test_fill_mask() -> None:
    with pytest.raises(ValueError, match=r"expected a text with \[MASK\], got 'a b'"):
        fill_mask(model(), TOKENIZER, "a b")
    with pytest.raises(ValueError, match="top_k must be at least 1, got 0"):
        fill_mask(model(), TOKENIZER, "a [MASK]", top_k=0)


def test_predict() -> None:
    token_ids = torch.tensor([[2, 5, 3]])
    with pytest.raises(ValueError, match=r"boolean mask .*predict here.*got dtype torch\.int64"):
        model()(token_ids, predict=torch.ones_like(token_ids))
    with pytest.raises(ValueError, match=r"expected predict as token_ids, \(1, 3\), got \(1, 2\)"):
        model()(token_ids, predict=torch.ones(1, 2, dtype=torch.bool))
