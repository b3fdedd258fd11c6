"""What a recurrent network refuses, by name."""

import re

import pytest
import torch
from torch import nn

from jumok.recurrent import ElmanCell, GRUCell, RecurrentNetwork, unroll

X = torch.zeros(2, 5, 3)
MASK = torch.ones(2, 5, dtype=torch.bool)


@pytest.mark.parametrize("kind", [ElmanCell, GRUCell])
@pytest.mark.parametrize("sizes", [(0, 4), (3, 0), (-1, 4)])
def test_a_cell_needs_widths(kind, sizes):
    with pytest.raises(ValueError, match=f"must be at least 1, got {sizes[0]} and {sizes[1]}"):
        kind(*sizes)


@pytest.mark.parametrize(
    ("x", "options", "message"),
    [
        (X[0], {}, "expected x (batch, length, 3), got (5, 3)"),
        (X[..., :2], {}, "expected x (batch, length, 3), got (2, 5, 2)"),
        (X, {"mask": MASK[:, :4]}, "expected a mask (batch, length) = (2, 5), got (2, 4)"),
        (X, {"mask": MASK.float()}, "boolean mask (torch.bool, True = a token), got dtype"),
    ],
)
@pytest.mark.parametrize("fused", [None, False, True])
def test_shapes_that_do_not_fit(x, options, message, fused):
    def run():
        if fused is None:
            return unroll(GRUCell(3, 4), x, **options)
        return RecurrentNetwork(3, 4)(x, **options, fused=fused)

    with pytest.raises(ValueError, match=re.escape(message)):
        run()


def test_states_that_do_not_fit():
    with pytest.raises(ValueError, match=re.escape("expected state (2, 4), got (2, 3)")):
        unroll(GRUCell(3, 4), X, state=torch.zeros(2, 3))
    network = RecurrentNetwork(3, 4, num_layers=2)
    for shape in ((2, 4), (1, 2, 4)):
        with pytest.raises(ValueError, match=re.escape(f"with 2 cells, got {shape}")):
            network(X, state=torch.zeros(shape))
    with pytest.raises(ValueError, match=re.escape("expected state (2, 4), got (2, 5)")):
        network(X, state=torch.zeros(2, 2, 5))


def test_networks_that_cannot_be():
    with pytest.raises(ValueError, match="cell must be one of elman, gru, lstm, got 'mamba'"):
        RecurrentNetwork(3, 4, cell="mamba")
    with pytest.raises(ValueError, match="num_layers must be at least 1, got 0"):
        RecurrentNetwork(3, 4, num_layers=0)
    with pytest.raises(ValueError, match="d_input and d_model must be at least 1"):
        RecurrentNetwork(0, 4)


@pytest.mark.parametrize(
    "theirs",
    [
        nn.LSTM(3, 4, proj_size=2),
        nn.GRU(3, 4, bias=False),
        nn.GRU(3, 4, num_layers=2, dropout=0.1),
        nn.RNN(3, 4, nonlinearity="relu"),
    ],
)
def test_what_has_no_counterpart_is_not_converted(theirs):
    with pytest.raises(ValueError, match=r"expected nn\.GRU, nn\.LSTM or nn\.RNN with tanh"):
        RecurrentNetwork.from_torch(theirs)
