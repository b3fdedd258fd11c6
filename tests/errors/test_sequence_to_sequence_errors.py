"""What a recurrent encoder–decoder refuses, by name."""

import dataclasses
import re

import pytest
import torch

from jumok.additive_attention import additive_attention
from jumok.sequence_to_sequence import RecurrentConfig, RecurrentEncoderDecoder

SMALL = RecurrentConfig(source_vocab_size=20, target_vocab_size=10, d_model=8, max_length=6)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *((name, value)
          for name in ("source_vocab_size", "target_vocab_size", "d_model", "max_length")
          for value in (0, -1, 2.0, True, None)),
        *(("attention", value) for value in ("Bahdanau", None, True)),
        *(("cell", value) for value in ("lstm", None)),
        *(("dropout", value) for value in (-0.1, 1.0, float("nan"))),
        *(("pad_id", value) for value in (-1, 10)),
    ],
)  # fmt: skip
def test_impossible_values_name_their_field(field, value):
    with pytest.raises(ValueError, match=f"^{field} must be"):
        dataclasses.replace(SMALL, **{field: value})


def test_half_a_width():
    with pytest.raises(ValueError, match="d_model must be even in a bidirectional encoder, got 7"):
        dataclasses.replace(SMALL, d_model=7, bidirectional=True)


IDS = torch.ones(2, 4, dtype=torch.int64)


@pytest.mark.parametrize(
    ("source", "target", "message"),
    [
        (IDS.float(), IDS, "source_ids (batch, length) of integers"),
        (IDS, IDS[0], "target_ids (batch, length) of integers (int64), got shape (4,)"),
        (IDS.repeat(1, 2), IDS, "source_ids has 8 positions, max_length is 6"),
        (20 * IDS, IDS, "source_ids must be in 0 … 19, got ids from 20 to 20"),
        (IDS, 10 * IDS, "target_ids must be in 0 … 9, got ids from 10 to 10"),
        (IDS, IDS[:1], "got 1 targets and 2 sources"),
        (IDS[:, :0], IDS, "expected a source of at least one position, got none"),
    ],
)
@pytest.mark.parametrize("attention", ["none", "additive"])
def test_wrong_ids(source, target, message, attention):
    model = RecurrentEncoderDecoder(dataclasses.replace(SMALL, attention=attention))
    with pytest.raises(ValueError, match=re.escape(message)):
        model(source, target)


def test_a_cache_that_is_full():
    model = RecurrentEncoderDecoder(SMALL)
    memory, cache = model.encode(IDS), model.new_cache()
    model.decode(IDS, memory, cache=cache)
    with pytest.raises(ValueError, match="target_ids has 7 positions, max_length is 6"):
        model.decode(IDS[:, :3], memory, cache=cache)


def test_scores_of_shapes_that_do_not_fit():
    x, vector = torch.zeros(2, 3, 4), torch.zeros(4)
    for query, value, score_vector, message in (
        (x[..., :2], x, vector, "expected query (..., query, d_k)"),
        (x, x[:, :2], vector, "and value (2, 2, 4)"),
        (x, x, vector[:3], "expected score_vector (d_k,) = (4,), got (3,)"),
        (x, x, vector[None], "expected score_vector (d_k,) = (4,), got (1, 4)"),
    ):
        with pytest.raises(ValueError, match=re.escape(message)):
            additive_attention(query, x, value, score_vector=score_vector)
    mask = torch.ones(3, 2, dtype=torch.bool)
    with pytest.raises(ValueError, match="broadcasts to"):
        additive_attention(x, x, x, score_vector=vector, mask=mask)
    with pytest.raises(ValueError, match="boolean mask"):
        additive_attention(x, x, x, score_vector=vector, mask=torch.ones(3, 3))
