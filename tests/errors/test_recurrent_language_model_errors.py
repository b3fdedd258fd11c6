"""What a recurrent language model refuses, by name."""

import re

import pytest
import torch

from jumok.recurrent_language_model import RecurrentLanguageModel, RecurrentLanguageModelConfig


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"d_model": 0}, "d_model must be an integer of at least 1, got 0"),
        ({"num_layers": 1.5}, "num_layers must be an integer of at least 1, got 1.5"),
        ({"dropout": 1.0}, "dropout must be in [0, 1), got 1.0"),
        ({"pad_id": 30}, "pad_id must be in 0 … 29, got 30"),
    ],
)
def test_a_configuration_that_cannot_be(fields, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        RecurrentLanguageModelConfig(**{"vocab_size": 30, **fields})


@pytest.mark.parametrize(
    ("token_ids", "message"),
    [
        (torch.tensor([5, 6]), "token_ids (batch, length) of integers (int64), got shape (2,)"),
        (torch.tensor([[5, 30]]), "token_ids must be in 0 … 29, got ids from 5 to 30"),
        (torch.full((1, 9), 5), "token_ids has 9 positions, max_length is 8"),
    ],
)
def test_ids_that_do_not_fit(token_ids, message):
    config = RecurrentLanguageModelConfig(vocab_size=30, d_model=4, num_layers=1, max_length=8)
    with pytest.raises(ValueError, match=re.escape(message)):
        RecurrentLanguageModel(config)(token_ids)
