"""What decoding says to wrong arguments."""

import pytest
import torch

from jumok.decoding import beam_search, greedy_decode
from jumok.transformer import Transformer, TransformerConfig


@pytest.fixture(scope="module")
def model():
    return Transformer(
        TransformerConfig(
            source_vocab_size=8,
            target_vocab_size=9,
            d_model=8,
            num_heads=2,
            num_encoder_layers=1,
            num_decoder_layers=1,
            d_ff=8,
            max_length=10,
        )
    )


SOURCE = torch.tensor([[4, 5]])


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"start_id": 9}, r"start_id must be in 0 … 8, got 9"),
        ({"end_id": -1}, r"end_id must be in 0 … 8, got -1"),
        ({"max_length": 0}, r"max_length must be in 1 … 10, the model's, got 0"),
        ({"max_length": 11}, r"max_length must be in 1 … 10, the model's, got 11"),
    ],
)
def test_both_searches(model, changed, message):
    arguments = {"start_id": 1, "end_id": 2, "max_length": 5, **changed}
    with pytest.raises(ValueError, match=message):
        greedy_decode(model, SOURCE, **arguments)
    with pytest.raises(ValueError, match=message):
        beam_search(model, SOURCE, beam_size=2, **arguments)


def test_beam_size(model):
    with pytest.raises(ValueError, match="beam_size must be at least 1, got 0"):
        beam_search(model, SOURCE, beam_size=0, start_id=1, end_id=2, max_length=5)


def test_source_shape(model):
    with pytest.raises(ValueError, match="source_ids"):
        greedy_decode(model, SOURCE[0], start_id=1, end_id=2, max_length=5)
