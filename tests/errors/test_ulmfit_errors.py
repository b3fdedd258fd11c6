"""What ULMFiT's parts refuse, by name."""

import re

import pytest
import torch
from torch import nn

from jumok.recurrent_language_model import RecurrentBody, RecurrentLanguageModelConfig
from jumok.ulmfit import (
    RecurrentClassifier,
    concat_pooling,
    discriminative_groups,
    slanted_triangular_rate,
    unfreeze,
)

LAYERS = [nn.Linear(2, 2) for _ in range(3)]


@pytest.mark.parametrize(
    ("is_token", "message"),
    [
        (torch.ones(2, 4, dtype=torch.bool), "got (2, 3, 5) and (2, 4)"),
        (torch.tensor([[True, True, True], [False] * 3]), "got a text of padding alone"),
        (torch.ones(2, 3), "boolean"),
    ],
)
def test_tokens_that_do_not_fit_the_states(is_token, message):
    with pytest.raises((ValueError, TypeError), match=re.escape(message)):
        concat_pooling(torch.zeros(2, 3, 5), is_token)


def test_one_class_is_none():
    body = RecurrentBody(RecurrentLanguageModelConfig(vocab_size=9, d_model=2, num_layers=1))
    with pytest.raises(ValueError, match="num_classes must be at least 2, got 1"):
        RecurrentClassifier(body, 1)


def test_a_factor_that_favours_the_lowest_layer():
    with pytest.raises(ValueError, match=re.escape("factor must be at least 1, got 0.5")):
        discriminative_groups(LAYERS, 0.5)


def test_more_layers_than_there_are():
    with pytest.raises(ValueError, match=re.escape("count must be in 0 … 3, got 4")):
        unfreeze(LAYERS, 4)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"step": 11, "steps": 10}, "got step 11 and steps 10"),
        ({"step": 0, "steps": 0}, "got step 0 and steps 0"),
        ({"step": 1, "steps": 10, "cut_fraction": 1.0}, "got 1.0 and 32"),
        ({"step": 1, "steps": 10, "ratio": 0.5}, "got 0.1 and 0.5"),
    ],
)
def test_rates_that_cannot_be(arguments, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        slanted_triangular_rate(**arguments)
