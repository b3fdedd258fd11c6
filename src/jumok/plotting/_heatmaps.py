"""Matrices as colours: attention weights, alignments, masks, position encodings."""

import base64
from collections import defaultdict
from collections.abc import Sequence
from io import BytesIO
from math import ceil
from typing import Any, Literal

import numpy as np
from jaxtyping import Shaped
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from jumok.plotting._canvas import Canvas
from jumok.plotting._colours import INK, NEGATIVE, POSITIVE, Number, cell_colour, rgb, text_colour
from jumok.plotting._figure import FONT_SIZE, Figure, check_alt, check_labels, style, to_array
from jumok.plotting._numbers import cell_texts, format_number
from jumok.plotting._table import grid_table

Matrix = Shaped[Tensor, "rows columns"] | Shaped[np.ndarray, "rows columns"] | Sequence[Any]
Heads = Shaped[Tensor, "heads query key"] | Shaped[np.ndarray, "heads query key"] | Sequence[Any]

FADED = (INK, 0.7)
FRAME = (INK, 0.35)
WIDTH = 410  # of a whole figure; at 0.8 of its size it fits a phone
LARGEST_DRAWN_CELLS = 5000  # more cells than this become a picture


def heatmap(
    weights: Matrix,
    *,
    rows: Sequence[str] | None = None,
    columns: Sequence[str] | None = None,
    row_label: str = "",
    column_label: str = "",
    title: str = "",
    annotate: bool = False,
    colour: Literal["weights", "diverging"] = "weights",
    verbatim: bool = True,
    alt: str,
) -> Figure:
    """Draw a matrix as coloured cells, row 0 at the top.

    The colour of 0 is the page itself. ``"weights"`` runs from 0 to 1 (to the largest value where
    that is more than 1); ``"diverging"`` from minus to plus the largest absolute value, negative
    values in the second hue. Boolean masks are drawn as 0 and 1.

    Args:
        weights: ``(rows, columns)``, from any device and in any precision.
        rows: a label for each row, as a rule the queries.
        columns: a label for each column, as a rule the keys.
        row_label: what the rows are.
        column_label: what the columns are.
        title: a few words above.
        annotate: write each value into its cell.
        colour: which colour map.
        verbatim: the labels of rows and columns are data, such as tokens: a translation of the
            figure leaves them as they are.
        alt: a sentence that says what the figure shows.

    Raises:
        ValueError: not a matrix, NaN or infinity, a negative weight, labels that do not
            match their axis, an empty ``alt``.
    """
    check_alt(alt)
    values = to_array(weights, "weights", 2)
    row_names = check_labels(rows, "rows", values.shape[0])
    column_names = check_labels(columns, "columns", values.shape[1])
    scaled, largest = _scale(values, colour)
    with style():
        canvas = Canvas()
        texts = _annotations(values) if annotate else None
        size = _cell_size(canvas, values.shape, row_names, texts)
        _draw_grid(canvas, (0, 0), scaled, size, texts)
        top: Number = 0
        width, height = values.shape[1] * size[0], values.shape[0] * size[1]
        left = _draw_row_names(canvas, row_names, size, verbatim=verbatim)
        if column_names:
            top = _draw_column_names(canvas, 0, column_names, size, verbatim=verbatim)
        if row_label:
            canvas.text(left - 6, height / 2, row_label, turn=90, colour=FADED)
        if column_label:
            canvas.text(width / 2, top - 4, column_label, colour=FADED)
            top -= FONT_SIZE + 6
        if title:
            canvas.text(width / 2, top - 6, title, weight="bold")
        if not annotate and not _is_binary(values):
            _draw_scale(canvas, width + 12, height, largest, signed=colour == "diverging")
        numbers = grid_table(
            values[None], caption=title or alt, rows=row_names, columns=column_names,
            row_label=row_label, column_label=column_label, verbatim=verbatim,
        )  # fmt: skip
        return canvas.finish(alt, numbers=numbers)


def attention_heads(
    weights: Heads,
    *,
    rows: Sequence[str] | None = None,
    columns: Sequence[str] | None = None,
    titles: Sequence[str] | None = None,
    row_label: str = "",
    column_label: str = "",
    verbatim: bool = True,
    alt: str,
) -> Figure:
    """Draw the attention weights of every head, side by side on one scale.

    Args:
        weights: ``(heads, query, key)``.
        rows: a label for each query.
        columns: a label for each key.
        titles: a title for each head; "head 1", "head 2" … without.
        row_label: what the rows are.
        column_label: what the columns are.
        verbatim: the labels of rows and columns are data, as for ``heatmap``.
        alt: a sentence that says what the figure shows.

    Raises:
        ValueError: as for ``heatmap``.
    """
    check_alt(alt)
    values = to_array(weights, "weights", 3)
    heads, queries, keys = values.shape
    row_names = check_labels(rows, "rows", queries)
    column_names = check_labels(columns, "columns", keys)
    names = check_labels(titles, "titles", heads) or [f"head {i + 1}" for i in range(heads)]
    scaled, largest = _scale(values, "weights")
    with style():
        canvas = Canvas()
        labels = max((canvas.width(name) for name in row_names or []), default=0) + 60
        across, side = _heads_across(heads, keys, WIDTH - labels)
        size = (side, side)
        step_x, step_y = keys * side + 16, queries * side + 34
        left = 0.0
        for head in range(heads):
            x, y = step_x * (head % across), step_y * (head // across)
            _draw_grid(canvas, (x, y), scaled[head], size, None)
            canvas.text(x + keys * side / 2, y + queries * side + 16, names[head], colour=FADED)
            if head % across == 0:
                left = min(left, _draw_row_names(canvas, row_names, size, y, verbatim=verbatim))
        top = 0.0
        for column in range(across):
            if column_names:
                across_names = (step_x * column, column_names, size)
                top = min(top, _draw_column_names(canvas, *across_names, verbatim=verbatim))
        bottom = step_y * ceil(heads / across) - 34
        if row_label:
            canvas.text(left - 6, bottom / 2, row_label, turn=90, colour=FADED)
        right = step_x * across - 16
        if column_label:
            canvas.text(right / 2, top - 4, column_label, colour=FADED)
        _draw_scale(canvas, right + 12, queries * side, largest, signed=False)
        numbers = grid_table(
            values, caption=alt, titles=names, rows=row_names, columns=column_names,
            row_label=row_label, column_label=column_label, verbatim=verbatim,
        )  # fmt: skip
        return canvas.finish(alt, numbers=numbers)


def _heads_across(heads: int, keys: int, width: Number) -> tuple[int, Number]:
    """How many heads stand side by side, and the size of their cells."""
    fits = [n for n in (4, 3, 2, 1) if n <= heads and (width - 16 * n) / (n * keys) >= 13]
    across = 2 if heads == 4 else max(fits, default=min(2, heads))
    return across, float(np.clip((width - 16 * across) // (across * keys), 5, 24))


def position_encodings(encoding: Matrix, *, alt: str) -> Figure:
    """Draw position encodings: positions downwards, the axes of the vectors to the right.

    Args:
        encoding: ``(length, d_model)``.
        alt: a sentence that says what the figure shows.

    Raises:
        ValueError: as for ``heatmap``.
    """
    check_alt(alt)
    values = to_array(encoding, "encoding", 2)
    length, d_model = values.shape
    scaled, largest = _scale(values, "diverging")
    with style():
        canvas = Canvas()
        # A picture of many positions may be squeezed; a few of them are drawn as square cells.
        cell = 1 if 300 <= d_model <= 560 else min((WIDTH - 70) / d_model, 24)
        width, height = round(d_model * cell), round(max(length * cell, min(200, length * 24)))
        images = {}
        if values.size > LARGEST_DRAWN_CELLS:
            images["picture"] = (picture(scaled), cell < 2)
            canvas.rectangles([(0, 0, width, height)], fill=INK, name="picture")
        else:
            _draw_grid(canvas, (0, 0), scaled, (width / d_model, height / length), None)
        canvas.rectangles([(0, 0, width, height)], line=FRAME)
        for position in _ticks(length):
            y = (position + 0.5) * height / length
            canvas.line([(-4, y), (0, y)], colour=FRAME)
            canvas.middle(-7, y, str(position), size=11, align="right")
        for axis in _ticks(d_model):
            x = (axis + 0.5) * width / d_model
            canvas.line([(x, height), (x, height + 4)], colour=FRAME)
            canvas.text(x, height + 16, str(axis), size=11)
        canvas.text(-38, height / 2, "position", turn=90, colour=FADED)
        canvas.text(width / 2, height + 34, "d_model", colour=FADED)
        _draw_scale(canvas, width + 12, height, largest, signed=True)
        numbers = grid_table(
            values[None], caption=alt, row_label="position", column_label="d_model"
        )
        return canvas.finish(alt, images, numbers=numbers)


def _scale(values: NDArray[np.float64], colour: str) -> tuple[NDArray[np.float64], Number]:
    """Values as −1 … 1 for the colour map, and the value that takes the full colour."""
    if colour not in ("weights", "diverging"):
        raise ValueError(f'colour must be "weights" or "diverging", got {colour!r}')
    if colour == "weights" and values.min() < 0:
        raise ValueError(
            f'weights must not be negative, got {values.min():g}; colour="diverging" shows signs'
        )
    largest = float(np.abs(values).max()) or 1.0
    if colour == "weights":
        largest = max(largest, 1.0) if largest > 1.001 else 1.0
    return np.clip(values / largest, -1, 1), largest


def _is_binary(values: NDArray[np.float64]) -> bool:
    return bool(np.isin(values, (0, 1)).all())


def _annotations(values: NDArray[np.float64]) -> list[list[str]]:
    """What is written into the cells: whole numbers, or two decimals."""
    return cell_texts(values, 0 if (values == np.rint(values)).all() else 2)


def _cell_size(
    canvas: Canvas,
    shape: tuple[int, ...],
    row_names: list[str] | None,
    texts: list[list[str]] | None,
) -> tuple[Number, Number]:
    """Width and height of a cell: square unless a number has to fit in."""
    labels = max((canvas.width(name) for name in row_names or []), default=0) + 60
    side = float(np.clip((WIDTH - labels) // shape[1], 6, 36))
    if texts is None:
        return side, side
    widest = max(canvas.width(text, 11) for row in texts for text in row)
    return max(side, ceil(widest) + 6), max(side, 24)


def _draw_grid(
    canvas: Canvas,
    corner: tuple[Number, Number],
    scaled: NDArray[np.float64],
    size: tuple[Number, Number],
    texts: list[list[str]] | None,
) -> None:
    """Draw cells, all of one colour as one shape, a frame, and what is written in them."""
    (left, top), (width, height) = corner, size
    shapes = defaultdict(list)
    for (row, column), value in np.ndenumerate(scaled):
        if (paint := cell_colour(float(value)))[1] > 0:
            shapes[paint].append((left + column * width, top + row * height, width, height))
    for paint in sorted(shapes):
        canvas.rectangles(shapes[paint], fill=paint)
    frame = (left, top, scaled.shape[1] * width, scaled.shape[0] * height)
    canvas.rectangles([frame], line=FRAME)
    for row, line in enumerate(texts or []):
        for column, text in enumerate(line):
            x, y = left + (column + 0.5) * width, top + (row + 0.5) * height
            ink = text_colour(float(scaled[row, column]))
            canvas.middle(x, y, text, size=11, colour=ink)


def _draw_row_names(
    canvas: Canvas,
    names: list[str] | None,
    size: tuple[Number, Number],
    top: Number = 0,
    *,
    verbatim: bool,
) -> Number:
    """Write the rows' labels on the left of a grid; returns how far they reach."""
    for row, name in enumerate(names or []):
        canvas.middle(
            -6, top + (row + 0.5) * size[1], name,
            size=_label_size(size[1]), align="right", verbatim=verbatim,
        )  # fmt: skip
    return -6 - max((canvas.width(name, _label_size(size[1])) for name in names or []), default=0)


def _draw_column_names(
    canvas: Canvas, left: Number, names: list[str], size: tuple[Number, Number], *, verbatim: bool
) -> Number:
    """Write the columns' labels above a grid, slanted where they are wider than a cell."""
    font = _label_size(size[0])
    widest = max(canvas.width(name, font) for name in names)
    slanted = widest > size[0] - (0 if all(len(name) == 1 for name in names) else 4)
    for column, name in enumerate(names):
        x = left + (column + 0.5) * size[0]
        if slanted:
            canvas.text(
                x + 0.3 * font, -5, name, size=font, align="left", turn=50, verbatim=verbatim
            )
        else:
            canvas.text(x, -6, name, size=font, verbatim=verbatim)
    return -10 - (0.77 * widest + 0.6 * font if slanted else font)


def _label_size(cell: Number) -> Number:
    return float(np.clip(cell - 1, 9, FONT_SIZE))


def _draw_scale(
    canvas: Canvas, left: Number, height: Number, largest: Number, *, signed: bool
) -> None:
    """Draw the colour map as a bar, its ends labelled."""
    steps = 25
    height = min(height, 160)
    for step in range(steps):
        value = 1 - (step + 0.5) / steps * (2 if signed else 1)
        area = (left, step * height / steps, 10, height / steps)
        canvas.rectangles([area], fill=cell_colour(value))
    canvas.rectangles([(left, 0, 10, height)], line=FRAME)
    low = -largest if signed else 0
    for y, value in ((0.4 * FONT_SIZE, largest), (height - 0.3 * FONT_SIZE, low)):
        canvas.middle(left + 15, y, format_number("{:.3g}", value), size=11, align="left")


def _ticks(count: int) -> list[int]:
    """A handful of round places on an axis."""
    step = next(s for s in (1, 2, 4, 5, 10, 20, 50, 100, 200, 500, 1000, 10**9) if count / s <= 7)
    return list(range(0, count, step))


def picture(scaled: NDArray[np.float64]) -> str:
    """The cells as a PNG of 64 colours with transparency, one pixel each, as a data URI."""
    levels = 64
    palette, opacities = [], []
    for level in range(levels):
        value = 2 * level / (levels - 1) - 1
        hue = POSITIVE if value >= 0 else NEGATIVE
        palette += [round(255 * component) for component in rgb(hue)]
        opacities.append(round(255 * abs(value)))
    pixels = np.rint((scaled + 1) / 2 * (levels - 1)).astype(np.uint8)
    image = Image.fromarray(pixels, mode="P")
    image.putpalette(palette)
    buffer = BytesIO()
    image.save(buffer, format="PNG", optimize=True, transparency=bytes(opacities))
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode("ascii")
