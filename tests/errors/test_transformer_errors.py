"""Impossible configurations and wrong ids are refused by name."""

import dataclasses
import re

import pytest
import torch
from torch import nn

from jumok.conversion import encoder_from_torch
from jumok.transformer import FeedForward, SublayerConnection, Transformer, TransformerConfig

SMALL = TransformerConfig(
    source_vocab_size=20,
    target_vocab_size=10,
    d_model=8,
    num_heads=2,
    num_encoder_layers=1,
    num_decoder_layers=1,
    d_ff=16,
    max_length=6,
)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *((name, value)
          for name in ("source_vocab_size", "target_vocab_size", "d_model", "num_heads",
                       "num_encoder_layers", "num_decoder_layers", "d_ff", "max_length")
          for value in (0, -1, 2.0, True, "8", None)),
        ("d_model", 9),
        ("num_heads", 3),
        *(("dropout", value) for value in (-0.1, 1.0, 2, float("nan"), True, "0.1", None)),
        *(("layer_norm_eps", value) for value in (0.0, -1e-5, float("nan"), float("inf"), None)),
        *(("activation", value) for value in ("tanh", "ReLU", None, [])),
        *(("norm", value) for value in ("both", "", None)),
        *(("positions", value) for value in ("rotary", None)),
        *(("tie_embeddings", value) for value in (1, "yes", None)),
        *(("scale_embeddings", value) for value in (1, "yes", None)),
        ("tie_embeddings", True),  # the vocabularies differ
        *(("final_norm", value) for value in (1, "yes")),
        *(("pad_id", value) for value in (-1, 10, 20, 1.0, False, None)),
    ],
)  # fmt: skip
def test_impossible_values_name_their_field(field: str, value: object) -> None:
    with pytest.raises(
        ValueError, match=rf"\b(d_model|{field})\b" if field == "num_heads" else field
    ):
        dataclasses.replace(SMALL, **{field: value})


def test_possible_values_are_taken() -> None:
    for field, value in (
        ("dropout", 0),
        ("dropout", 0.999),
        ("pad_id", 9),
        ("num_heads", 8),
        ("norm", "pre"),
        ("positions", "learned"),
        ("activation", "gelu_tanh"),
        ("max_length", 1),
        ("final_norm", True),
    ):
        assert getattr(dataclasses.replace(SMALL, **{field: value}), field) == value


IDS = torch.ones(2, 4, dtype=torch.int64)


@pytest.mark.parametrize(
    ("source", "target", "message"),
    [
        (IDS.float(), IDS, "source_ids (batch, length) of integers"),
        (IDS.bool(), IDS, "source_ids (batch, length) of integers"),
        (IDS[0], IDS, "source_ids (batch, length) of integers (int64), got shape (4,)"),
        (IDS, IDS[0], "target_ids (batch, length) of integers (int64), got shape (4,)"),
        (IDS, IDS.float(), "target_ids (batch, length) of integers"),
        (IDS.repeat(1, 2), IDS, "source_ids has 8 positions, max_length is 6"),
        (IDS, IDS.repeat(1, 2), "target_ids has 8 positions, max_length is 6"),
        (20 * IDS, IDS, "source_ids must be in 0 … 19, got ids from 20 to 20"),
        (IDS, 10 * IDS, "target_ids must be in 0 … 9, got ids from 10 to 10"),
        (IDS, -IDS, "target_ids must be in 0 … 9, got ids from -1 to -1"),
        (IDS, IDS[:1], "got 1 targets and 2 sources"),
        (IDS[:1], IDS, "got 2 targets and 1 sources"),
    ],
)
def test_wrong_ids(source: torch.Tensor, target: torch.Tensor, message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        Transformer(SMALL)(source, target)


def test_a_cache_that_is_full() -> None:
    model = Transformer(SMALL)
    memory, cache = model.encode(IDS), model.new_cache()
    model.decode(IDS, memory, cache=cache)
    model.decode(IDS[:, :2], memory, cache=cache)
    with pytest.raises(ValueError, match="target_ids has 7 positions, max_length is 6"):
        model.decode(IDS[:, :1], memory, cache=cache)


def test_parts_refuse_unknown_names() -> None:
    with pytest.raises(ValueError, match="activation must be one of relu, gelu, gelu_tanh"):
        FeedForward(8, 16, activation="tanh")
    with pytest.raises(ValueError, match="norm must be post or pre, got 'both'"):
        SublayerConnection(8, norm="both")


@pytest.mark.filterwarnings("ignore:enable_nested_tensor")
def test_what_has_no_counterpart_is_not_converted() -> None:
    options = {"d_model": 8, "nhead": 2, "dim_feedforward": 16, "batch_first": True}
    for layer, message in (
        (nn.TransformerEncoderLayer(**options, activation=torch.tanh), "activation relu or gelu"),
        (nn.TransformerEncoderLayer(**options, bias=False), "with parameters"),
    ):
        with pytest.raises(ValueError, match=message):
            encoder_from_torch(nn.TransformerEncoder(layer, 1))
