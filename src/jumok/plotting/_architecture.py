"""The encoder–decoder as a drawing, walked from a model's own modules."""

from collections.abc import Iterator
from dataclasses import dataclass

from torch import nn

from jumok.attention import MultiHeadAttention
from jumok.plotting._canvas import Canvas, Colour
from jumok.plotting._colours import INK, SERIES, Number
from jumok.plotting._figure import Figure, check_alt, style
from jumok.plotting._table import PART, SIZE, numbers_table, show_numbers
from jumok.transformer import FeedForward, SublayerConnection, Transformer

WIDTH, GAP = 158, 52  # of a stack's boxes, and between the two stacks
STEP = 12  # between two boxes
FRAME_GAP = 10  # and more around a repeated layer
FADED = (INK, 0.7)
# The three places of attention; everything else is drawn in ink.
COLOURS = {
    "encoder self-attention": SERIES[0],
    "decoder self-attention": SERIES[1],
    "decoder cross-attention": SERIES[3],
}


@dataclass(frozen=True)
class Block:
    """One box: what it is, its sizes, and its colour."""

    label: str
    detail: str = ""
    colour: str = INK
    starts_residual: bool = False
    ends_residual: bool = False
    takes_memory: bool = False

    @property
    def height(self) -> int:
        return 40 if self.detail else 24


def architecture(model: Transformer, *, alt: str) -> Figure:
    """Draw a model from its modules: what runs, how often, and where attention happens.

    Data flows upwards. The three places of attention are coloured; thin lines beside the
    boxes are the residual connections.

    Args:
        model: the model to draw; its weights are not looked at.
        alt: a sentence that says what the figure shows.

    Raises:
        ValueError: not a ``Transformer``, or an empty ``alt``.
    """
    check_alt(alt)
    if not isinstance(model, Transformer):
        raise ValueError(f"model must be a jumok.transformer.Transformer, got {type(model)!r}")
    parts = dict(model.named_children())
    right = WIDTH + GAP
    with style():
        canvas = Canvas()
        encoder_top, _ = _draw_stack(canvas, 0, "encoder", parts["encoder"], parts)
        decoder_top, memory_at = _draw_stack(canvas, right, "decoder", parts["decoder"], parts)
        # The encoder's output goes to the cross-attention of every decoder layer.
        middle = WIDTH + GAP * 0.42
        corners = [(WIDTH / 2, encoder_top), (WIDTH / 2, encoder_top - 16)]
        corners += [(middle, encoder_top - 16), (middle, memory_at), (right, memory_at)]
        canvas.line(corners, colour=COLOURS["decoder cross-attention"], thickness=1.6, arrow=True)
        canvas.text(WIDTH / 2 + 8, encoder_top - 22, "memory", size=11, align="left")
        _draw_output(canvas, right, decoder_top, parts["output_projection"])
        return canvas.finish(alt, numbers=show_numbers(_table(parts, alt)))


def _table(parts: dict[str, nn.Module], alt: str) -> str:
    """The parts with their sizes from the source to the output, and how often each is there."""
    lines = []
    for stack, side in (("encoder", "source"), ("decoder", "target")):
        layers = dict(parts[stack].named_children())["layers"]
        assert isinstance(layers, nn.ModuleList)
        embedding = _sizes(parts[f"{side}_embedding"])
        lines += [(f"{side} ids", "", 1), ("embedding + positions", embedding, 1)]
        lines += [
            (block.label, block.detail, len(layers))
            for block in _blocks(stack, layers[0])
            if block.detail
        ]
    lines.append(("output projection", _projection(parts["output_projection"]), 1))
    return numbers_table(
        [(sizes, str(times)) for _, sizes, times in lines],
        rows=[label for label, _, _ in lines],
        columns=[SIZE, "×"],
        caption=alt,
        row_label=PART,
    )


def _draw_stack(
    canvas: Canvas, x: Number, name: str, stack: nn.Module, parts: dict[str, nn.Module]
) -> tuple[Number, Number]:
    """Draw one stack upwards from y = 0; returns its top and where memory enters."""
    side = "source" if name == "encoder" else "target"
    centre, edge = x + WIDTH / 2, (x if name == "encoder" else x + WIDTH)
    canvas.text(centre, 24, f"{side} ids")
    embedding = parts[f"{side}_embedding"]
    y = _draw_block(canvas, x, 0, Block("embedding + positions", _sizes(embedding)))
    canvas.line([(centre, y), (centre, y - FRAME_GAP)])
    bottom = y = y - FRAME_GAP
    layers = dict(stack.named_children())["layers"]
    assert isinstance(layers, nn.ModuleList)
    memory_at, residual = 0.0, y
    outwards = -1 if name == "encoder" else 1
    for block in _blocks(name, layers[0]):
        if block.starts_residual:
            residual = y - 4
        y = _draw_block(canvas, x, y - STEP, block)
        if block.takes_memory:
            memory_at = y + block.height / 2
        if block.ends_residual:
            into = y + block.height / 2
            way = [(centre, residual), (edge + outwards * 10, residual)]
            way += [(edge + outwards * 10, into), (edge, into)]
            canvas.line(way, colour=(INK, 0.5), thickness=1, arrow=True)
    top, y = y, y - STEP
    canvas.box(x - 16, y, WIDTH + 32, bottom - y, line=(INK, 0.5), dashed=True, radius=8)
    times = f"{len(layers)} ×"
    if name == "encoder":
        canvas.text(x - 12, y - 6, times, align="left", weight="bold")
    else:
        canvas.text(x + WIDTH + 12, y - 6, times, align="right", weight="bold")
    canvas.line([(centre, top), (centre, y - FRAME_GAP)])
    y -= FRAME_GAP
    for part, module in stack.named_children():
        if part == "final_norm" and not isinstance(module, nn.Identity):
            y = _draw_block(canvas, x, y - STEP, Block("norm"))
    return y, memory_at


def _blocks(stack: str, layer: nn.Module) -> Iterator[Block]:
    """The boxes of one layer, upwards: each sublayer with its residual connection."""
    children = list(layer.named_children())
    for (name, sublayer), (_, connection) in zip(children[::2], children[1::2], strict=True):
        assert isinstance(connection, SublayerConnection)
        label = name.replace("_", "-")
        block = Block(
            "masked self-attention" if (stack, name) == ("decoder", "self_attention") else label,
            _sizes(sublayer),
            COLOURS.get(f"{stack} {label}", INK),
            starts_residual=not connection.is_pre,
            takes_memory=name == "cross_attention",
        )
        if connection.is_pre:
            yield Block("norm", starts_residual=True)
        yield block
        yield Block("add" if connection.is_pre else "add & norm", ends_residual=True)


def _sizes(module: nn.Module) -> str:
    """The sizes of a part, read off its modules."""
    if isinstance(module, MultiHeadAttention):
        return f"{module.num_heads} heads of {module.head_dim}"
    if isinstance(module, FeedForward):
        expand, contract = module.expand, module.contract
        return f"{expand.in_features} → {expand.out_features} → {contract.out_features}"
    tables = [child for child in module.modules() if isinstance(child, nn.Embedding)]
    return f"{tables[0].num_embeddings:,} × {tables[0].embedding_dim}" if tables else ""


def _draw_block(canvas: Canvas, x: Number, bottom: Number, block: Block) -> Number:
    """Draw a box that stands on ``bottom``, with the arrow that leads into it; returns its top."""
    top = bottom - block.height
    centre = x + WIDTH / 2
    canvas.line([(centre, bottom + STEP), (centre, bottom + 1)], arrow=True)
    coloured = block.colour != INK
    line: Colour = block.colour if coloured else (INK, 0.5)
    fill = (block.colour, 0.18 if coloured else 0.05)
    canvas.box(x, top, WIDTH, block.height, fill=fill, line=line, thickness=1.6 if coloured else 1)
    if block.detail:
        canvas.middle(centre, top + 13, block.label, weight="bold" if coloured else "normal")
        canvas.middle(centre, top + 29, block.detail, size=11, colour=FADED)
    else:
        canvas.middle(centre, top + 12, block.label)
    return top


def _draw_output(canvas: Canvas, x: Number, top: Number, projection: nn.Module) -> None:
    """Draw what turns the decoder's vectors into a logit per word."""
    y = _draw_block(canvas, x, top - STEP, Block("output projection", _projection(projection)))
    canvas.line([(x + WIDTH / 2, y), (x + WIDTH / 2, y - STEP)], arrow=True)
    canvas.text(x + WIDTH / 2, y - STEP - 6, "logits")


def _projection(projection: nn.Module) -> str:
    assert isinstance(projection, nn.Linear)
    return f"{projection.in_features} → {projection.out_features:,}"
