"""Recurrent networks against torch's own, a hand calculation, and what a mask must not change."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from jumok.recurrent import ElmanCell, GRUCell, LSTMCell, RecurrentNetwork, unroll
from jumok.transformer import count_parameters

CELLS = {
    "elman": (ElmanCell, nn.RNNCell, nn.RNN),
    "gru": (GRUCell, nn.GRUCell, nn.GRU),
    "lstm": (LSTMCell, nn.LSTMCell, nn.LSTM),
}


def cell_from_torch(theirs):
    """Our cell with the weights of one of torch's."""
    kinds = {their_kind: our_kind for our_kind, their_kind, _ in CELLS.values()}
    ours = kinds[type(theirs)](theirs.input_size, theirs.hidden_size).to(theirs.weight_ih.device)
    with torch.no_grad():
        ours.input_projection.weight.copy_(theirs.weight_ih)
        ours.input_projection.bias.copy_(theirs.bias_ih)
        ours.state_projection.weight.copy_(theirs.weight_hh)
        ours.state_projection.bias.copy_(theirs.bias_hh)
    return ours


def to_torch(state, name):
    """A state as torch has it: hidden state and memory of an LSTM are a pair there."""
    if name != "lstm" or state is None:
        return state
    return tuple(part.contiguous() for part in state.chunk(2, dim=-1))


def from_torch(state):
    return torch.cat(state, dim=-1) if isinstance(state, tuple) else state


def lengths_mask(lengths, device=None):
    return torch.arange(max(lengths), device=device) < torch.tensor(lengths, device=device)[:, None]


@pytest.mark.parametrize("name", CELLS)
def test_a_step_is_torchs(name, device):
    theirs = CELLS[name][1](5, 7, device=device)
    ours, x = cell_from_torch(theirs), torch.randn(3, 5, device=device)
    state = torch.randn(3, ours.d_state, device=device)
    expected = from_torch(theirs(x, to_torch(state, name)))
    torch.testing.assert_close(ours(x, state), expected)


def test_an_elman_step_by_hand():
    cell = ElmanCell(1, 1)
    with torch.no_grad():
        for parameter, value in zip(cell.parameters(), (0.5, 0.1, -2.0, 0.2), strict=True):
            parameter.fill_(value)
    states, last = unroll(cell, torch.tensor([[[1.0], [3.0]]]))
    first = math.tanh(0.5 * 1 + 0.1 + 0.2)
    second = math.tanh(0.5 * 3 + 0.1 - 2 * first + 0.2)
    assert states.flatten().tolist() == pytest.approx([first, second])
    assert last.item() == pytest.approx(second)


def test_a_gru_step_by_hand():
    cell = GRUCell(1, 1)
    values = {
        "input_projection.weight": (0.3, -0.4, 0.8),
        "input_projection.bias": (0.1, 0.2, -0.3),
        "state_projection.weight": (0.5, 0.6, -0.7),
        "state_projection.bias": (-0.1, 0.4, 0.9),
    }
    cell.load_state_dict(
        {
            name: torch.tensor(v).reshape(cell.get_parameter(name).shape)
            for name, v in values.items()
        }
    )

    def sigmoid(a):
        return 1 / (1 + math.exp(-a))

    x, h = 2.0, 0.5
    r = sigmoid(0.3 * x + 0.1 + 0.5 * h - 0.1)
    z = sigmoid(-0.4 * x + 0.2 + 0.6 * h + 0.4)
    n = math.tanh(0.8 * x - 0.3 + r * (-0.7 * h + 0.9))
    found = cell(torch.tensor([[x]]), torch.tensor([[h]])).item()
    assert found == pytest.approx(z * h + (1 - z) * n)


def test_an_lstm_step_by_hand():
    cell = LSTMCell(1, 1)
    with torch.no_grad():  # write, keep, new, show
        cell.input_projection.weight.copy_(torch.tensor([[0.3], [-0.4], [0.8], [0.5]]))
        cell.input_projection.bias.copy_(torch.tensor([0.1, 0.2, -0.3, 0.4]))
        cell.state_projection.weight.copy_(torch.tensor([[0.5], [0.6], [-0.7], [0.9]]))
        cell.state_projection.bias.zero_()

    def sigmoid(a):
        return 1 / (1 + math.exp(-a))

    x, h, c = 2.0, 0.5, -1.5
    write, keep = sigmoid(0.3 * x + 0.1 + 0.5 * h), sigmoid(-0.4 * x + 0.2 + 0.6 * h)
    new, show = math.tanh(0.8 * x - 0.3 - 0.7 * h), sigmoid(0.5 * x + 0.4 + 0.9 * h)
    memory = keep * c + write * new
    found = cell(torch.tensor([[x]]), torch.tensor([[h, c]]))[0].tolist()
    assert found == pytest.approx([show * math.tanh(memory), memory])


def test_a_memory_that_is_kept():
    cell = LSTMCell(4, 4)
    x, state = torch.randn(2, 4), torch.randn(2, 8)
    with torch.no_grad():
        cell.input_projection.bias[:4] = -100.0  # write nothing
        cell.input_projection.bias[4:8] = 100.0  # keep all
    torch.testing.assert_close(cell(x, state)[:, 4:], state[:, 4:])


def test_the_gates_do_what_they_are_called():
    cell = GRUCell(4, 4)
    x, state = torch.randn(2, 4), torch.randn(2, 4)
    with torch.no_grad():
        cell.input_projection.bias[4:8] = 100.0  # update: keep
    torch.testing.assert_close(cell(x, state), state)
    with torch.no_grad():
        cell.input_projection.bias[:8] = -100.0  # reset and update: forget all
        cell.state_projection.bias[8:] = 3.0
    torch.testing.assert_close(cell(x, state), cell(x, torch.randn(2, 4)))


@pytest.mark.parametrize("name", CELLS)
@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("num_layers", [1, 3])
@pytest.mark.parametrize("fused", [False, True])
def test_a_network_is_torchs(name, bidirectional, num_layers, fused, device):
    theirs = CELLS[name][2](
        5, 6, num_layers=num_layers, bidirectional=bidirectional, batch_first=True, device=device
    )
    ours = RecurrentNetwork.from_torch(theirs)
    assert count_parameters(ours) == count_parameters(theirs)
    x = torch.randn(4, 9, 5, device=device)
    state = torch.randn(len(ours.cells), 4, ours.d_state, device=device)
    for initial in (None, state):
        states, last = ours(x, state=initial, fused=fused)
        their_states, their_last = theirs(x, to_torch(initial, name))
        torch.testing.assert_close(states, their_states, atol=1e-5, rtol=1e-5)
        torch.testing.assert_close(last, from_torch(their_last), atol=1e-5, rtol=1e-5)
    assert states.size(-1) == ours.width


@pytest.mark.parametrize("name", CELLS)
@pytest.mark.parametrize("fused", [False, True])
def test_padding_is_torchs_packing(name, fused, device):
    theirs = CELLS[name][2](5, 6, num_layers=2, bidirectional=True, batch_first=True, device=device)
    ours = RecurrentNetwork.from_torch(theirs)
    lengths = [7, 2, 5, 1]
    x, mask = torch.randn(4, 7, 5, device=device), lengths_mask(lengths, device)
    packed = pack_padded_sequence(x, torch.tensor(lengths), batch_first=True, enforce_sorted=False)
    their_states, their_last = theirs(packed)
    their_states, _ = pad_packed_sequence(their_states, batch_first=True)
    states, last = ours(x, mask=mask, fused=fused)
    torch.testing.assert_close(states[mask], their_states[mask], atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(last, from_torch(their_last), atol=1e-5, rtol=1e-5)


masks = st.integers(1, 6).flatmap(
    lambda length: st.lists(
        st.lists(st.booleans(), min_size=length, max_size=length), min_size=1, max_size=3
    )
)


@given(masks, st.booleans(), st.booleans(), st.sampled_from(sorted(CELLS)))
def test_fused_is_readable_whatever_the_mask(rows, bidirectional, reads_state, name):
    torch.manual_seed(len(rows))
    network = RecurrentNetwork(3, 4, cell=name, num_layers=2, bidirectional=bidirectional)
    mask = torch.tensor(rows)
    x = torch.randn(*mask.shape, 3)
    state = torch.randn(len(network.cells), len(rows), network.d_state) if reads_state else None
    fused, fused_last = network(x, state=state, mask=mask)
    plain, plain_last = network(x, state=state, mask=mask, fused=False)
    torch.testing.assert_close(fused, plain, atol=1e-6, rtol=1e-5)
    torch.testing.assert_close(fused_last, plain_last, atol=1e-6, rtol=1e-5)


@given(masks, st.booleans())
def test_what_stands_at_padding_is_never_read(rows, reverse):
    torch.manual_seed(0)
    cell, mask = GRUCell(3, 4), torch.tensor(rows)
    x = torch.randn(*mask.shape, 3)
    other = x.masked_fill(~mask[..., None], 100.0)
    for one, two in zip(
        unroll(cell, x, mask=mask, reverse=reverse),
        unroll(cell, other, mask=mask, reverse=reverse),
        strict=True,
    ):
        assert torch.equal(one, two)


@pytest.mark.parametrize("name", CELLS)
def test_each_row_is_as_if_alone(name):
    network = RecurrentNetwork(3, 4, cell=name, bidirectional=True)
    lengths = [2, 5, 3]
    x = torch.randn(3, 5, 3)
    states, last = network(x, mask=lengths_mask(lengths))
    for row, length in enumerate(lengths):
        alone, alone_last = network(x[row : row + 1, :length])
        torch.testing.assert_close(states[row, :length], alone[0])
        torch.testing.assert_close(last[:, row], alone_last[:, 0])


def test_padding_repeats_the_state():
    cell = ElmanCell(3, 4)
    x = torch.randn(1, 4, 3)
    states, last = unroll(cell, x, mask=lengths_mask([4, 2])[1:])
    assert torch.equal(states[0, 1], states[0, 3])
    assert torch.equal(last[0], states[0, 1])
    backward, last = unroll(cell, x, mask=lengths_mask([4, 2])[1:], reverse=True)
    assert backward[0, 2:].abs().sum() == 0  # nothing was read yet
    assert torch.equal(last[0], backward[0, 0])


def test_a_state_knows_its_past_only():
    cell = GRUCell(3, 4)
    x = torch.randn(1, 6, 3)
    changed = x.clone()
    changed[:, 3:] += 1
    for reverse, same in ((False, slice(0, 3)), (True, slice(0, 0))):
        before, _ = unroll(cell, x, reverse=reverse)
        after, _ = unroll(cell, changed, reverse=reverse)
        unchanged = (before == after).all(dim=-1)[0]
        assert unchanged[same].all()
        assert unchanged.sum() == len(unchanged[same])


@pytest.mark.parametrize("name", CELLS)
def test_gradients_agree(name):
    network = RecurrentNetwork(3, 4, cell=name, bidirectional=True)
    x, mask = torch.randn(3, 5, 3), lengths_mask([5, 2, 4])
    gradients = []
    for fused in (False, True):
        states, last = network(x, mask=mask, fused=fused)
        (states[mask].sin().sum() + last.cos().sum()).backward()
        gradients.append([parameter.grad.clone() for parameter in network.parameters()])
        network.zero_grad()
    for plain, fused in zip(*gradients, strict=True):
        torch.testing.assert_close(plain, fused, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("name", CELLS)
def test_nothing_to_read(name):
    network = RecurrentNetwork(3, 4, cell=name, bidirectional=True)
    for fused in (False, True):
        states, last = network(torch.zeros(2, 0, 3), fused=fused)
        assert states.shape == (2, 0, 8)
        assert last.abs().sum() == 0
    states, last = network(torch.randn(2, 3, 3), mask=torch.zeros(2, 3, dtype=torch.bool))
    assert states.abs().sum() == last.abs().sum() == 0
