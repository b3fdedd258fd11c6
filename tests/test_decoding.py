"""Greedy and beam search: against each other, against a plain loop, and against everything."""

import itertools

import pytest
import torch
from torch import Tensor

from jumok.data.tokenizer import END_ID, PAD_ID, START_ID
from jumok.decoding import beam_search, evaluating, greedy_decode, length_penalty_factor
from jumok.device import default_device
from jumok.transformer import Transformer, TransformerConfig

SPECIAL = {"start_id": START_ID, "end_id": END_ID}


def random_model(
    seed: int, vocab_size: int = 12, *, sharpness: float = 3.0, **fields
) -> Transformer:
    """An untrained model whose probabilities are far enough apart to be interesting."""
    torch.manual_seed(seed)
    config = TransformerConfig(
        source_vocab_size=vocab_size,
        target_vocab_size=vocab_size,
        d_model=16,
        num_heads=2,
        num_encoder_layers=1,
        num_decoder_layers=2,
        d_ff=32,
        max_length=16,
        **fields,
    )
    model = Transformer(config).to(default_device())
    with torch.no_grad():
        model.output_projection.weight *= sharpness
    return model


def random_source(seed: int, *, vocab_size: int = 12, rows: int = 5) -> Tensor:
    """Sources of different lengths, padded."""
    torch.manual_seed(seed)
    source = torch.randint(3, vocab_size, (rows, 6))
    for row in range(rows):
        source[row, 2 + row % 5 :] = PAD_ID
    return source.to(default_device())


def plain_greedy(model: Transformer, source: Tensor, max_length: int) -> list[int]:
    """One source at a time, the whole target computed anew: nothing to go wrong."""
    target = [START_ID]
    while len(target) <= max_length and target[-1] != END_ID:
        logits = model(source, torch.tensor([target], device=source.device))
        target.append(int(logits[0, -1].argmax()))
    return target[1:]


def unpadded(ids: Tensor) -> list[int]:
    """The ids of a row up to the end token."""
    row = ids.tolist()
    return row[: row.index(END_ID) + 1] if END_ID in row else row


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("norm", ["post", "pre"])
def test_greedy_with_and_without_cache_is_the_plain_loop(seed, norm):
    model = random_model(seed, norm=norm).eval()
    source = random_source(seed)
    cached = greedy_decode(model, source, **SPECIAL, max_length=10)
    uncached = greedy_decode(model, source, **SPECIAL, max_length=10, use_cache=False)
    assert torch.equal(cached, uncached)
    for row, ids in zip(source, cached, strict=True):
        alone = row[row != PAD_ID].unsqueeze(0)
        assert unpadded(ids) == plain_greedy(model, alone, 10)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("length_penalty", [0.0, 0.6])
def test_beam_of_one_is_greedy(seed, length_penalty):
    model, source = random_model(seed), random_source(seed)
    greedy = greedy_decode(model, source, **SPECIAL, max_length=10)
    for use_cache in (True, False):
        beam = beam_search(
            model,
            source,
            beam_size=1,
            **SPECIAL,
            max_length=10,
            length_penalty=length_penalty,
            use_cache=use_cache,
        )
        assert torch.equal(beam, greedy)


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("beam_size", [2, 5])
def test_beam_with_and_without_cache_and_batch(seed, beam_size):
    model, source = random_model(seed), random_source(seed)
    arguments = {"beam_size": beam_size, **SPECIAL, "max_length": 8, "length_penalty": 0.6}
    ids, scores = beam_search(model, source, **arguments, return_beams=True)
    plain, plain_scores = beam_search(
        model, source, **arguments, return_beams=True, use_cache=False
    )
    assert torch.equal(ids, plain)
    torch.testing.assert_close(scores, plain_scores, rtol=1e-4, atol=1e-4)
    assert (scores.diff(dim=1) <= 0).all()
    for row, row_ids in zip(source, ids, strict=True):
        alone = beam_search(model, row[row != PAD_ID].unsqueeze(0), **arguments)
        assert unpadded(alone[0]) == unpadded(row_ids[0])


def all_hypotheses(model: Transformer, source: Tensor, max_length: int, alpha: float) -> dict:
    """Every sequence that ends with the end token or is ``max_length`` long, with its score."""
    vocab_size = model.config.target_vocab_size
    others = [token for token in range(vocab_size) if token != END_ID]
    scores = {}
    for length in range(1, max_length + 1):
        for beginning in itertools.product(others, repeat=length - 1):
            for last in range(vocab_size) if length == max_length else [END_ID]:
                ids = [*beginning, last]
                target = torch.tensor([[START_ID, *ids[:-1]]], device=source.device)
                log_p = model(source, target).double().log_softmax(dim=-1)[0]
                total = sum(log_p[place, token].item() for place, token in enumerate(ids))
                scores[tuple(ids)] = total / ((5 + length) / 6) ** alpha
    return scores


@pytest.mark.parametrize("alpha", [0.0, 1.0])
@pytest.mark.parametrize("seed", range(2))
def test_wide_beam_finds_what_exhaustive_search_finds(seed, alpha):
    model = random_model(seed, vocab_size=5, sharpness=1.5).eval()
    source = torch.tensor([[3, 4, 3]], device=default_device())
    with torch.no_grad():
        every = all_hypotheses(model, source, 3, alpha)
    best = sorted(every.items(), key=lambda item: -item[1])
    ids, scores = beam_search(
        model,
        source,
        beam_size=40,
        **SPECIAL,
        max_length=3,
        length_penalty=alpha,
        return_beams=True,
    )
    for place in range(10):
        assert tuple(unpadded(ids[0, place])) == best[place][0]
        assert scores[0, place].item() == pytest.approx(best[place][1], abs=1e-4)


def test_wider_beam_is_never_worse_here_and_scores_are_the_models():
    model, source = random_model(3).eval(), random_source(3)
    ids, scores = beam_search(
        model, source, beam_size=4, **SPECIAL, max_length=6, return_beams=True
    )
    with torch.no_grad():
        for row in range(len(source)):
            for beam in range(4):
                target = unpadded(ids[row, beam])
                shifted = torch.tensor([[START_ID, *target[:-1]]], device=source.device)
                log_p = model(source[row : row + 1], shifted).log_softmax(dim=-1)[0]
                expected = sum(log_p[place, token].item() for place, token in enumerate(target))
                assert scores[row, beam].item() == pytest.approx(expected, abs=1e-3)


def test_finished_rows_are_padded_and_search_ends_early():
    model = random_model(0)
    with torch.no_grad():  # a model that wants to end at once
        model.output_projection.weight.zero_()
    bias = torch.zeros(12)
    bias[END_ID] = 1.0
    model.output_projection.register_forward_hook(lambda *call: call[2] + bias.to(call[2].device))
    source = random_source(0)
    assert greedy_decode(model, source, **SPECIAL, max_length=9).tolist() == [[END_ID]] * 5
    ids = beam_search(model, source, beam_size=1, **SPECIAL, max_length=9)
    assert ids.tolist() == [[END_ID]] * 5


def test_length_penalty_prefers_longer():
    lengths = torch.tensor([1, 7, 13])
    torch.testing.assert_close(
        length_penalty_factor(lengths, 1.0), torch.tensor([1.0, 2.0, 3.0], dtype=torch.float64)
    )
    assert length_penalty_factor(lengths, 0.0).tolist() == [1.0, 1.0, 1.0]


def test_decoding_neither_drops_out_nor_changes_the_mode():
    model, source = random_model(1, dropout=0.5), random_source(1)
    model.train()
    first = greedy_decode(model, source, **SPECIAL, max_length=8)
    assert torch.equal(first, greedy_decode(model, source, **SPECIAL, max_length=8))
    assert model.training
    with evaluating(model):
        assert not model.training
    assert not first.is_inference()


def test_start_token_is_what_one_says():
    """The Annotated Transformer trains with one start token and decodes with another."""
    model, source = random_model(4), random_source(4)
    right = greedy_decode(model, source, start_id=1, end_id=2, max_length=8)
    wrong = greedy_decode(model, source, start_id=0, end_id=2, max_length=8)
    assert right.tolist() != wrong.tolist()
