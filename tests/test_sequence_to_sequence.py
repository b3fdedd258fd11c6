"""Recurrent encoder–decoders: against torch composed by hand, and as any model of the book."""

import math

import pytest
import torch
from torch import nn

from jumok.additive_attention import AdditiveAttention, additive_attention
from jumok.attention import scaled_dot_product_attention
from jumok.data.dates import date_pairs
from jumok.data.tokenizer import END_ID, PAD_ID, START_ID
from jumok.decoding import beam_search, greedy_decode
from jumok.device import default_device
from jumok.sequence_to_sequence import RecurrentConfig, RecurrentEncoderDecoder
from jumok.training import TrainingConfig
from jumok.transformer import count_parameters
from jumok.translation import recurrent_date_translator

KINDS = ["none", "additive", "dot"]


def random_model(attention, *, sharpness=4.0, **fields):
    torch.manual_seed(1)
    config = RecurrentConfig(12, 11, d_model=8, attention=attention, max_length=20, **fields)
    model = RecurrentEncoderDecoder(config).to(default_device()).eval()
    with torch.no_grad():
        model.output_projection.weight *= sharpness
    return model


def random_source(rows=5):
    torch.manual_seed(2)
    source = torch.randint(3, 12, (rows, 6))
    for row in range(rows):
        source[row, 2 + row % 5 :] = PAD_ID
    return source.to(default_device())


# --- The score -----------------------------------------------------------------------------------


def test_additive_attention_by_hand():
    query, key = torch.tensor([[1.0, -1.0]]), torch.tensor([[0.5, 0.0], [-2.0, 1.0]])
    value, vector = torch.tensor([[6.0], [12.0]]), torch.tensor([2.0, 3.0])
    first = 2 * math.tanh(1.5) + 3 * math.tanh(-1.0)
    second = 2 * math.tanh(-1.0) + 3 * math.tanh(0.0)
    share = math.exp(first) / (math.exp(first) + math.exp(second))
    output, weights = additive_attention(query, key, value, score_vector=vector)
    assert weights[0].tolist() == pytest.approx([share, 1 - share])
    assert output.item() == pytest.approx(6 * share + 12 * (1 - share))


def test_additive_attention_against_a_feed_forward_network():
    """The paper calls the score a feed-forward network: build it with torch's own layers."""
    attention = AdditiveAttention(4)
    state, memory = torch.randn(2, 3, 4), torch.randn(2, 5, 4)
    network = nn.Sequential(nn.Linear(8, 4, bias=False), nn.Tanh(), nn.Linear(4, 1, bias=False))
    with torch.no_grad():
        network[0].weight[:, :4] = attention.query_projection.weight
        network[0].weight[:, 4:] = attention.key_projection.weight
        network[2].weight[0] = attention.score_vector
    pairs = torch.cat(
        [state[:, :, None].expand(-1, -1, 5, -1), memory[:, None].expand(-1, 3, -1, -1)], dim=-1
    )
    expected = network(pairs)[..., 0].softmax(dim=-1)
    output, weights = attention(state, attention.project_key(memory), memory)
    torch.testing.assert_close(weights, expected)
    torch.testing.assert_close(output, torch.einsum("bqk,bkd->bqd", expected, memory))


def test_a_mask_hides_exactly():
    query, key, value = torch.randn(1, 2, 4), torch.randn(1, 3, 4), torch.randn(1, 3, 5)
    mask = torch.tensor([[True, False, True], [False, False, False]])
    output, weights = additive_attention(query, key, value, score_vector=torch.randn(4), mask=mask)
    assert weights[0, 0, 1] == 0
    assert weights[0, 0].sum() == pytest.approx(1)
    assert weights[0, 1].abs().sum() == output[0, 1].abs().sum() == 0


# --- The model -----------------------------------------------------------------------------------


@pytest.mark.parametrize("attention", KINDS)
@pytest.mark.parametrize("cell", ["gru", "elman"])
@pytest.mark.parametrize("bidirectional", [False, True])
def test_logits_are_torchs_modules_put_together(attention, cell, bidirectional):
    """One row without padding, all recurrent work by nn.GRU, nn.GRUCell and their like."""
    model = random_model(attention, cell=cell, bidirectional=bidirectional).cpu()
    source, target = torch.tensor([[5, 7, 3, 9]]), torch.tensor([[START_ID, 4, 6]])
    network = (nn.GRU if cell == "gru" else nn.RNN)(
        8, 4 if bidirectional else 8, bidirectional=bidirectional, batch_first=True
    )
    step = (nn.GRUCell if cell == "gru" else nn.RNNCell)(16, 8)

    def weights(ours):
        a, b = ours.input_projection, ours.state_projection
        return [a.weight, b.weight, a.bias, b.bias]

    with torch.no_grad():
        ours = [w for each in model.encoder.cells for w in weights(each)]
        for parameter, value in zip(network.parameters(), ours, strict=True):
            parameter.copy_(value)
        for parameter, value in zip(
            step.parameters(), weights(model.decoder.cells[0]), strict=True
        ):
            parameter.copy_(value)
        memory, ends = network(model.source_embedding(source))
        last = torch.cat(list(ends), dim=-1)
        state = torch.tanh(model.bridge(last))
        expected = []
        for token in target[0]:
            context = last
            if attention == "dot":
                scores = memory @ state[0] / math.sqrt(8)
                context = scores.softmax(dim=-1) @ memory[0]
            if attention == "additive":
                part = model.attention
                hidden = part.query_projection.weight @ state[0]
                hidden = torch.tanh(hidden + memory[0] @ part.key_projection.weight.T)
                context = (hidden @ part.score_vector).softmax(dim=-1)[None] @ memory[0]
            embedded = model.target_embedding(token)[None]
            state = step(torch.cat([embedded, context], dim=-1), state)
            read = torch.tanh(torch.cat([state, context], dim=-1) @ model.readout.weight.T)
            expected.append(model.output_projection(read))
        found = model(source, target)
    torch.testing.assert_close(found, torch.stack(expected, dim=1), atol=1e-5, rtol=1e-5)


def test_what_attention_adds_is_counted():
    none, additive, dot = (count_parameters(random_model(kind)) for kind in KINDS)
    assert dot == none
    assert additive - none == 2 * 8 * 8 + 8


@pytest.mark.parametrize("attention", KINDS)
def test_without_attention_the_memory_is_one_state(attention):
    model, source = random_model(attention), random_source()
    memory, mask = model.encode(source), model.source_mask(source)
    positions = 1 if attention == "none" else source.size(1)
    assert memory.shape == (5, positions, 8)
    assert mask.shape == (5, 1, 1, positions)


@pytest.mark.parametrize("attention", KINDS)
@pytest.mark.parametrize("bidirectional", [False, True])
def test_padding_leaves_no_trace(attention, bidirectional):
    model, source = random_model(attention, bidirectional=bidirectional), random_source()
    target = torch.randint(3, 11, (5, 4), device=source.device)
    together = model(source, target)
    for row, ids in enumerate(source):
        alone = model(ids[ids != PAD_ID][None], target[row : row + 1])
        torch.testing.assert_close(together[row : row + 1], alone, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("attention", KINDS)
def test_logits_know_the_past_only(attention):
    model, source = random_model(attention), random_source()
    target = torch.randint(3, 11, (5, 6), device=source.device)
    changed = target.clone()
    changed[:, 3:] = 4
    same = model(source, target)[:, :3] == model(source, changed)[:, :3]
    assert same.all()


@pytest.mark.parametrize("attention", KINDS)
def test_steps_with_a_cache_are_the_whole(attention):
    model, source = random_model(attention), random_source()
    target = torch.randint(3, 11, (5, 6), device=source.device)
    memory, mask, cache = model.encode(source), model.source_mask(source), model.new_cache()
    pieces = [
        model.decode(piece, memory, source_mask=mask, cache=cache)
        for piece in target.split([2, 1, 3], dim=1)
    ]
    assert cache.length == 6
    torch.testing.assert_close(torch.cat(pieces, dim=1), model(source, target))


@pytest.mark.parametrize("attention", KINDS)
def test_the_books_searches_work(attention):
    model, source = random_model(attention), random_source()
    special = {"start_id": START_ID, "end_id": END_ID, "max_length": 8}
    greedy = greedy_decode(model, source, **special)
    assert torch.equal(greedy, greedy_decode(model, source, **special, use_cache=False))
    assert torch.equal(greedy, beam_search(model, source, beam_size=1, **special))
    beams, scores = beam_search(model, source, beam_size=3, **special, return_beams=True)
    plain, plain_scores = beam_search(
        model, source, beam_size=3, **special, return_beams=True, use_cache=False
    )
    assert torch.equal(beams, plain)
    torch.testing.assert_close(scores, plain_scores)
    assert len({tuple(ids) for ids in greedy.tolist()}) > 1  # it does look at the source


def test_alignment_weights():
    model, source = random_model("additive"), random_source()
    target = torch.randint(3, 11, (5, 4), device=source.device)
    weights = model.attention_weights(source, target)
    (cross,) = weights.cross
    assert cross.shape == (5, 1, 4, 6)
    torch.testing.assert_close(cross.sum(dim=-1), torch.ones_like(cross[..., 0]))
    padding = (source == PAD_ID)[:, None, None].expand_as(cross)
    assert cross[padding].sum() == 0
    assert not weights.encoder
    assert random_model("none").attention_weights(source, target).cross == []


def test_the_first_alignment_is_the_dot_product_of_the_first_state():
    model, source = random_model("dot"), random_source()
    memory, mask = model.encode(source), model.source_mask(source)
    last = torch.stack([row[ids != PAD_ID][-1] for row, ids in zip(memory, source, strict=True)])
    state = torch.tanh(model.bridge(last))[:, None]
    _, expected = scaled_dot_product_attention(state, memory, memory, mask=mask[:, 0])
    start = torch.full((5, 1), START_ID, device=source.device)
    found = model.attention_weights(source, start).cross[0][:, 0]
    torch.testing.assert_close(found, expected)


@pytest.mark.parametrize("attention", KINDS)
def test_it_learns_with_the_books_loop(attention, tmp_path):
    translator = recurrent_date_translator(attention, d_model=16)
    pairs = date_pairs("train", count=8)
    config = TrainingConfig(
        steps=100, batch_size=8, warmup_steps=0, learning_rate=0.02, smoothing=0.0
    )
    history = translator.train(pairs, config, progress=False)
    assert history.losses[-1] < 0.4 * history.losses[0]
    explained = translator.explain(pairs[0].source, pairs[0].target)
    assert len(explained.weights.cross) == (attention != "none")
    translator.save(tmp_path / "model.safetensors")
    again = recurrent_date_translator(attention, d_model=16, seed=5)
    again.load(tmp_path / "model.safetensors")
    sources = [pair.source for pair in pairs]
    assert again.translate(sources) == translator.translate(sources)
