"""What the causal language model and its sampling say to wrong arguments."""

import pytest
import torch

from jumok import sampling
from jumok.causal_language_model import CausalLanguageModel, CausalLanguageModelConfig
from jumok.training import TrainingConfig, collate_texts, train

SMALL = CausalLanguageModelConfig(
    vocab_size=20, d_model=16, num_heads=2, num_layers=1, d_ff=32, max_length=8, pad_id=0
)
MODEL = CausalLanguageModel(SMALL)
WITHOUT_PADDING = CausalLanguageModel(
    CausalLanguageModelConfig(20, d_model=16, num_heads=2, num_layers=1, d_ff=32, max_length=8)
)
LOGITS = torch.zeros(3)
PROMPT = torch.tensor([[1, 5]])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: CausalLanguageModelConfig(0), "vocab_size must be an integer of at least 1"),
        (lambda: CausalLanguageModelConfig(num_layers=0), "num_layers must be an integer of at"),
        (lambda: MODEL(torch.full((1, 9), 3)), "token_ids has 9 positions, max_length is 8"),
        (lambda: MODEL(torch.tensor([[20]])), "token_ids must be in 0 … 19"),
        (lambda: sampling.apply_temperature(LOGITS, 0), "temperature must be positive, got 0"),
        (lambda: sampling.keep_top_k(LOGITS, 0), "k must be at least 1, got 0"),
        (lambda: sampling.keep_top_p(LOGITS, 1.5), r"p must be in \(0, 1\], got 1.5"),
        (
            lambda: sampling.generate(MODEL, PROMPT, max_new_tokens=7),
            "max_new_tokens must be in 1 … 6",
        ),
        (lambda: sampling.generate(MODEL, PROMPT[:, :0], max_new_tokens=1), "expected prompts"),
        (lambda: sampling.generate(MODEL, torch.tensor([[1, 0]]), max_new_tokens=1), "got padding"),
        (
            lambda: sampling.generate(MODEL, PROMPT, max_new_tokens=1, temperature=-1),
            "temperature must",
        ),
        (lambda: sampling.perplexity(MODEL, []), "expected texts and a model with a pad_id, got 0"),
        (
            lambda: sampling.perplexity(WITHOUT_PADDING, [[3]]),
            "expected texts and a model with a pad_id",
        ),
        (lambda: sampling.novelty([], {"a"}, bool), "expected at least one written text, got none"),
        (lambda: collate_texts([]), "expected at least one text, got none"),
        (
            lambda: train(WITHOUT_PADDING, [[3]], TrainingConfig(steps=1), progress=False),
            "pad_id must not be None",
        ),
    ],
)
def test_says_what_was_expected(call, message):
    with pytest.raises(ValueError, match=message):
        call()
