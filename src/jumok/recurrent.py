"""Recurrent networks: a cell, the loop that unrolls it over time, layers, both directions.

A state is handed from token to token, so that it can hold what has been read. The loop
(:func:`unroll`) is there to be read; a :class:`RecurrentNetwork` runs torch's fused kernels on the
same weights. Masks are boolean and ``True`` means *a token to be read*: at padding the state stays
as it is.

Sources: Elman, *Finding Structure in Time* (1990), for the plain cell; Cho et al., *Learning Phrase
Representations using RNN Encoder-Decoder* (2014), for the gated one; Hochreiter and Schmidhuber,
*Long Short-Term Memory* (1997), for the one with a memory; Schuster and Paliwal, *Bidirectional
Recurrent Neural Networks* (1997), for both directions.
"""

import math
from typing import Literal

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from jumok.checks import check_boolean

__all__ = ["RecurrentCell", "ElmanCell", "GRUCell", "LSTMCell", "unroll", "RecurrentNetwork"]


class RecurrentCell(nn.Module):
    """What every cell has: a projection of the input and one of the state, for all its gates.

    The projections of the gates stand side by side in one matrix, so that all gates take one
    product. Their layout is torch's.

    A state begins with the hidden state, ``d_model`` numbers, which is what others read. A cell
    that keeps more for itself has it behind: ``d_state`` numbers in all.
    """

    num_gates = 1
    num_parts = 1

    def __init__(self, d_input: int, d_model: int) -> None:
        super().__init__()
        if d_input < 1 or d_model < 1:
            raise ValueError(f"d_input and d_model must be at least 1, got {d_input} and {d_model}")
        self.d_input = d_input
        self.d_model = d_model
        self.input_projection = nn.Linear(d_input, self.num_gates * d_model)
        self.state_projection = nn.Linear(d_model, self.num_gates * d_model)
        for parameter in self.parameters():  # as torch does
            nn.init.uniform_(parameter, -1 / math.sqrt(d_model), 1 / math.sqrt(d_model))

    @property
    def d_state(self) -> int:
        """The width of a whole state."""
        return self.num_parts * self.d_model

    def forward(
        self, x: Float[Tensor, "batch d_input"], state: Float[Tensor, "batch d_state"]
    ) -> Float[Tensor, "batch d_state"]:
        """The state after reading ``x``."""
        raise NotImplementedError

    def initial_state(self, x: Float[Tensor, "batch *length d_input"]) -> Tensor:
        """Zeros, one state ``(batch, d_state)`` for each row of ``x``."""
        return x.new_zeros(x.size(0), self.d_state)


class ElmanCell(RecurrentCell):
    r"""The plain recurrent cell: one layer that reads the input and its own last output.

    .. math:: h_t = \tanh(W x_t + b + U h_{t-1} + c)

    Args:
        d_input: the width of an input vector.
        d_model: the width of the state.

    Raises:
        ValueError: a width is not positive.

    Source: Elman (1990). It is torch's :class:`torch.nn.RNNCell`; torch, too, has two biases, of
    which one would do.

    >>> cell = ElmanCell(d_input=3, d_model=4)
    >>> x = torch.randn(2, 3)
    >>> cell(x, cell.initial_state(x)).shape
    torch.Size([2, 4])
    """

    def forward(
        self, x: Float[Tensor, "batch d_input"], state: Float[Tensor, "batch d_model"]
    ) -> Float[Tensor, "batch d_model"]:
        return torch.tanh(self.input_projection(x) + self.state_projection(state))


class GRUCell(RecurrentCell):
    r"""The gated recurrent unit: it decides for each number whether to keep it or to write it anew.

    .. math::
        r &= \sigma(W_r x_t + b_r + U_r h_{t-1} + c_r) \quad \text{(reset)} \\
        z &= \sigma(W_z x_t + b_z + U_z h_{t-1} + c_z) \quad \text{(update)} \\
        n &= \tanh(W_n x_t + b_n + r \odot (U_n h_{t-1} + c_n)) \quad \text{(new)} \\
        h_t &= z \odot h_{t-1} + (1 - z) \odot n

    An update gate near 1 keeps the state, a reset gate near 0 forgets it.

    Args:
        d_input: the width of an input vector.
        d_model: the width of the state.

    Raises:
        ValueError: a width is not positive.

    Source: Cho et al. (2014), §2.3, equations 5 to 8. There the reset gate acts before the product
    with the matrix, :math:`U_n (r \odot h_{t-1})`. Here it acts behind it, as in
    :class:`torch.nn.GRUCell` and in NVIDIA's kernels: then one product serves all three gates.

    >>> cell = GRUCell(d_input=3, d_model=4)
    >>> x = torch.randn(2, 3)
    >>> cell(x, cell.initial_state(x)).shape
    torch.Size([2, 4])
    """

    num_gates = 3

    def forward(
        self, x: Float[Tensor, "batch d_input"], state: Float[Tensor, "batch d_model"]
    ) -> Float[Tensor, "batch d_model"]:
        x_reset, x_update, x_new = self.input_projection(x).chunk(3, dim=-1)
        state_reset, state_update, state_new = self.state_projection(state).chunk(3, dim=-1)
        reset = torch.sigmoid(x_reset + state_reset)  # (batch, d_model)
        update = torch.sigmoid(x_update + state_update)
        new = torch.tanh(x_new + reset * state_new)
        return update * state + (1 - update) * new


class LSTMCell(RecurrentCell):
    r"""Long short-term memory: beside the hidden state it keeps a memory that it only adds to.

    .. math::
        i &= \sigma(W_i x_t + b_i + U_i h_{t-1} + a_i) \quad \text{(input)} \\
        f &= \sigma(W_f x_t + b_f + U_f h_{t-1} + a_f) \quad \text{(forget)} \\
        g &= \tanh(W_g x_t + b_g + U_g h_{t-1} + a_g) \quad \text{(new)} \\
        o &= \sigma(W_o x_t + b_o + U_o h_{t-1} + a_o) \quad \text{(output)} \\
        c_t &= f \odot c_{t-1} + i \odot g \\
        h_t &= o \odot \tanh(c_t)

    A state holds both side by side, :math:`[h_t; c_t]`: ``d_state`` is twice ``d_model``.

    Args:
        d_input: the width of an input vector.
        d_model: the width of the hidden state, and of the memory.

    Raises:
        ValueError: a width is not positive.

    Source: Hochreiter and Schmidhuber (1997); the forget gate is that of Gers et al. (2000). It is
    torch's :class:`torch.nn.LSTMCell`.

    >>> cell = LSTMCell(d_input=3, d_model=4)
    >>> x = torch.randn(2, 3)
    >>> hidden, memory = cell(x, cell.initial_state(x)).chunk(2, dim=-1)
    >>> hidden.shape, memory.shape
    (torch.Size([2, 4]), torch.Size([2, 4]))
    """

    num_gates = 4
    num_parts = 2

    def forward(
        self, x: Float[Tensor, "batch d_input"], state: Float[Tensor, "batch d_state"]
    ) -> Float[Tensor, "batch d_state"]:
        hidden, memory = state.chunk(2, dim=-1)  # (batch, d_model) each
        gates = self.input_projection(x) + self.state_projection(hidden)
        write, keep, new, show = gates.chunk(4, dim=-1)
        memory = torch.sigmoid(keep) * memory + torch.sigmoid(write) * torch.tanh(new)
        return torch.cat([torch.sigmoid(show) * torch.tanh(memory), memory], dim=-1)


def unroll(
    cell: RecurrentCell,
    x: Float[Tensor, "batch length d_input"],
    *,
    state: Float[Tensor, "batch d_state"] | None = None,
    mask: Bool[Tensor, "batch length"] | None = None,
    reverse: bool = False,
) -> tuple[Float[Tensor, "batch length d_model"], Float[Tensor, "batch d_state"]]:
    """One cell over all tokens, each step with the state that the step before it left.

    Args:
        cell: the cell; the same weights serve every step.
        x: one vector for each token, ``(batch, length, d_input)``.
        state: what to begin with, zeros if not given.
        mask: ``True`` where there is a token. At padding the state stays as it is.
        reverse: read from the end to the beginning.

    Returns:
        The hidden state after each token, ``(batch, length, d_model)``, and the whole state after
        all of them, ``(batch, d_state)``. With ``reverse`` that is the one at position 0.

    Raises:
        ValueError: shapes do not belong together, or the mask is not boolean.

    >>> cell = ElmanCell(2, 4)
    >>> x, mask = torch.randn(1, 3, 2), torch.tensor([[True, True, False]])
    >>> states, last = unroll(cell, x, mask=mask)
    >>> torch.equal(last, states[:, 1])  # the third was padding
    True
    """
    _check_inputs(x, state, mask, cell)
    if state is None:
        state = cell.initial_state(x)
    places = range(x.size(1))
    states: list[Tensor] = []
    for t in reversed(places) if reverse else places:
        new_state = cell(x[:, t], state)
        if mask is not None:
            new_state = torch.where(mask[:, t, None], new_state, state)
        state = new_state
        states.append(state[:, : cell.d_model])
    if reverse:
        states.reverse()
    if not states:
        return x.new_zeros(x.size(0), 0, cell.d_model), state
    return torch.stack(states, dim=1), state


CellName = Literal["elman", "gru", "lstm"]
CELLS: dict[str, type[RecurrentCell]] = {"elman": ElmanCell, "gru": GRUCell, "lstm": LSTMCell}
TORCH_MODES: dict[str, CellName] = {"RNN_TANH": "elman", "GRU": "gru", "LSTM": "lstm"}


class RecurrentNetwork(nn.Module):
    r"""Layers of one kind of cell, unrolled over time, in one direction or in both.

    A layer reads the states of the one below. With ``bidirectional`` each layer has a second cell
    that reads from the end, and the two states of a token stand side by side: the width of what
    comes out is :math:`2 \cdot d_\text{model}`.

    Args:
        d_input: the width of an input vector.
        d_model: the width of one cell's hidden state.
        cell: ``"gru"``, ``"lstm"`` or ``"elman"``.
        num_layers: how many layers.
        bidirectional: whether to read in both directions.

    Raises:
        ValueError: a size is not positive, or there is no such cell.

    >>> network = RecurrentNetwork(3, 4, bidirectional=True)
    >>> states, last = network(torch.randn(2, 5, 3))
    >>> states.shape, last.shape
    (torch.Size([2, 5, 8]), torch.Size([2, 2, 4]))
    """

    def __init__(
        self,
        d_input: int,
        d_model: int,
        *,
        cell: CellName = "gru",
        num_layers: int = 1,
        bidirectional: bool = False,
    ) -> None:
        super().__init__()
        if cell not in CELLS:
            raise ValueError(f"cell must be one of {', '.join(CELLS)}, got {cell!r}")
        if num_layers < 1:
            raise ValueError(f"num_layers must be at least 1, got {num_layers}")
        self.d_input = d_input
        self.d_model = d_model
        self.cell = cell
        self.num_layers = num_layers
        self.num_directions = 2 if bidirectional else 1
        widths = [d_input] + [self.num_directions * d_model] * (num_layers - 1)
        self.cells = nn.ModuleList(  # forward and backward of the first layer, then of the second …
            CELLS[cell](width, d_model) for width in widths for _ in range(self.num_directions)
        )

    @property
    def d_state(self) -> int:
        """The width of one cell's whole state."""
        return CELLS[self.cell].num_parts * self.d_model

    @property
    def width(self) -> int:
        """The width of what comes out, all directions together."""
        return self.num_directions * self.d_model

    def forward(
        self,
        x: Float[Tensor, "batch length d_input"],
        *,
        state: Float[Tensor, "cells batch d_state"] | None = None,
        mask: Bool[Tensor, "batch length"] | None = None,
        fused: bool = True,
    ) -> tuple[Float[Tensor, "batch length width"], Float[Tensor, "cells batch d_state"]]:
        """Hidden states of the last layer ``(batch, length, width)``, last states of every cell.

        Args:
            x: one vector for each token.
            state: what each cell begins with, zeros if not given. The order of the cells is that
                of torch: forward and backward of the first layer, then of the second.
            mask: ``True`` where there is a token; anywhere, not only at the end.
            fused: use torch's kernels instead of :func:`unroll`. The result is the same.
        """
        if state is None:
            state = x.new_zeros(len(self.cells), x.size(0), self.d_state)
        elif state.ndim != 3 or state.size(0) != len(self.cells):
            raise ValueError(
                f"expected state (cells, batch, d_state) with {len(self.cells)} cells, "
                f"got {tuple(state.shape)}"
            )
        last: list[Tensor] = []
        for _ in range(self.num_layers):
            outputs = []
            for direction in range(self.num_directions):
                cell = self.cells[len(last)]
                assert isinstance(cell, RecurrentCell)
                run = _fused_unroll if fused and x.size(1) else unroll
                states, end = run(
                    cell, x, state=state[len(last)], mask=mask, reverse=direction == 1
                )
                outputs.append(states)
                last.append(end)
            x = torch.cat(outputs, dim=-1)  # (batch, length, width)
        return x, torch.stack(last)

    @staticmethod
    def from_torch(theirs: nn.RNN | nn.GRU | nn.LSTM) -> "RecurrentNetwork":
        """The same network with the weights of torch's ``nn.RNN``, ``nn.GRU`` or ``nn.LSTM``.

        Our tensors are batch first, whatever ``theirs.batch_first`` says.

        Raises:
            ValueError: torch's network has no counterpart here (no biases, dropout between layers,
                ``nonlinearity="relu"``, an LSTM with ``proj_size``).

        >>> theirs = torch.nn.GRU(3, 4, num_layers=2, batch_first=True)
        >>> x = torch.randn(2, 5, 3)
        >>> torch.allclose(RecurrentNetwork.from_torch(theirs)(x)[0], theirs(x)[0], atol=1e-6)
        True
        """
        if theirs.mode not in TORCH_MODES or not theirs.bias or theirs.dropout or theirs.proj_size:
            raise ValueError(
                "expected nn.GRU, nn.LSTM or nn.RNN with tanh, with biases, without dropout and "
                "without proj_size, "
                f"got {theirs}"
            )
        ours = RecurrentNetwork(
            theirs.input_size,
            theirs.hidden_size,
            cell=TORCH_MODES[theirs.mode],
            num_layers=theirs.num_layers,
            bidirectional=theirs.bidirectional,
        )
        with torch.no_grad():
            for cell, their_weights in zip(ours.cells, theirs.all_weights, strict=True):
                assert isinstance(cell, RecurrentCell)
                for weight, their_weight in zip(_weights(cell), their_weights, strict=True):
                    weight.copy_(their_weight)
        sample = next(theirs.parameters())
        return ours.to(sample.device, sample.dtype).train(theirs.training)


def _weights(cell: RecurrentCell) -> list[Tensor]:
    """Weights and biases in the order of torch's kernels."""
    projections = (cell.input_projection, cell.state_projection)
    return [each.weight for each in projections] + [each.bias for each in projections]


def _fused_unroll(
    cell: RecurrentCell,
    x: Tensor,
    *,
    state: Tensor,
    mask: Tensor | None,
    reverse: bool,
) -> tuple[Tensor, Tensor]:
    """What :func:`unroll` computes, by torch's kernels.

    They know no mask. So the tokens of each row are moved to the front, in their order; what comes
    behind them is computed for nothing. Each place then takes the state after as many tokens as
    stand up to it.
    """
    _check_inputs(x, state, mask, cell)
    if reverse:
        x, mask = x.flip(1), None if mask is None else mask.flip(1)
    if mask is None:
        states, last = _run_kernel(cell, x, state)
        return states.flip(1) if reverse else states, last
    tokens_first = (~mask).byte().argsort(dim=1, stable=True)  # (batch, length)
    x = x.gather(1, tokens_first[..., None].expand_as(x))
    tokens_so_far = mask.cumsum(dim=1)
    run = _run_packed if isinstance(cell, LSTMCell) else _run_kernel
    states, last = run(cell, x, state, tokens_so_far[:, -1])
    states = torch.cat([state[:, None, : cell.d_model], states], dim=1)  # after 0, 1, 2 … tokens
    states = states.gather(1, tokens_so_far[..., None].expand(-1, -1, cell.d_model))
    if not isinstance(cell, LSTMCell):
        last = states[:, -1]
    return states.flip(1) if reverse else states, last


def _run_kernel(cell: RecurrentCell, x: Tensor, state: Tensor, *_: Tensor) -> tuple[Tensor, Tensor]:
    """One cell over all places: hidden states ``(batch, length, d_model)`` and the last state."""
    arguments = (_weights(cell), True, 1, 0.0, cell.training, False, True)  # batch first at the end
    if isinstance(cell, LSTMCell):
        hidden, memory = (part.contiguous() for part in state[None].chunk(2, dim=-1))
        states, hidden, memory = torch.lstm(x, (hidden, memory), *arguments)
        return states, torch.cat([hidden, memory], dim=-1)[0]
    kernel = torch.gru if isinstance(cell, GRUCell) else torch.rnn_tanh
    states, last = kernel(x, state[None].contiguous(), *arguments)
    return states, last[0]


def _run_packed(
    cell: RecurrentCell, x: Tensor, state: Tensor, lengths: Tensor
) -> tuple[Tensor, Tensor]:
    """An LSTM over as many places as each row has tokens: no hidden state tells its memory."""
    packed = pack_padded_sequence(
        x, lengths.clamp(min=1).cpu(), batch_first=True, enforce_sorted=False
    )
    order, back = packed.sorted_indices, packed.unsorted_indices
    hidden, memory = (part.contiguous() for part in state[order][None].chunk(2, dim=-1))
    states, hidden, memory = torch.lstm(
        packed.data,
        packed.batch_sizes,
        (hidden, memory),
        _weights(cell),
        True,
        1,
        0.0,
        cell.training,
        False,
    )
    padded, _ = pad_packed_sequence(
        packed._replace(data=states), batch_first=True, total_length=x.size(1)
    )
    last = torch.cat([hidden, memory], dim=-1)[0][back]
    return padded, torch.where(lengths[:, None] > 0, last, state)


def _check_inputs(
    x: Tensor, state: Tensor | None, mask: Tensor | None, cell: RecurrentCell
) -> None:
    """Raise a ``ValueError`` that says what was expected and what was given."""
    if x.ndim != 3 or x.size(-1) != cell.d_input:
        raise ValueError(f"expected x (batch, length, {cell.d_input}), got {tuple(x.shape)}")
    if state is not None and state.shape != (x.size(0), cell.d_state):
        raise ValueError(f"expected state ({x.size(0)}, {cell.d_state}), got {tuple(state.shape)}")
    if mask is None:
        return
    check_boolean(mask, "a token")
    if mask.shape != x.shape[:2]:
        raise ValueError(
            f"expected a mask (batch, length) = {tuple(x.shape[:2])}, got {tuple(mask.shape)}"
        )
