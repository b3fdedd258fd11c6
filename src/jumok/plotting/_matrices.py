"""Small matrices side by side with their values: A @ B = C."""

from collections.abc import Collection, Mapping, Sequence
from math import ceil
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jumok.plotting._canvas import Canvas
from jumok.plotting._colours import INK, POSITIVE, Number
from jumok.plotting._figure import FONT_SIZE, Figure, check_alt, style, to_array
from jumok.plotting._heatmaps import FADED
from jumok.plotting._numbers import format_number
from jumok.plotting._table import numbers_table, show_numbers

GAP = 10
ROW_HEIGHT = 24


def matrices(
    items: Sequence[str | tuple[str, Any]],
    *,
    highlight: Mapping[str, Collection[tuple[int, int]]] | None = None,
    alt: str,
) -> Figure:
    """Draw matrices with their values, and operators between them.

    Args:
        items: in reading order: a pair (name, values) for a matrix, or a string for an
            operator: ``[("A", a), "@", ("B", b), "=", ("AB", a @ b)]``. A vector is drawn as
            one row.
        highlight: ``{name: cells}``, cells as (row, column), to be marked.
        alt: a sentence that says what the figure shows.

    Raises:
        ValueError: values that are no finite matrix, a name or a cell to highlight that does
            not exist, an empty ``alt``.
    """
    check_alt(alt)
    tables = [_table(item) for item in items if not isinstance(item, str)]
    marked = {name: set(cells) for name, cells in (highlight or {}).items()}
    _check_marked(tables, marked)
    tallest = max(values.shape[0] for _, values in tables) * ROW_HEIGHT
    with style():
        canvas = Canvas()
        x = 0.0
        remaining = iter(tables)
        for item in items:
            if isinstance(item, str):
                canvas.middle(x + canvas.width(item, 14) / 2, tallest / 2, item, size=14)
                x += canvas.width(item, 14) + GAP
            else:
                name, values = next(remaining)
                top = (tallest - values.shape[0] * ROW_HEIGHT) / 2
                x += _draw(canvas, (x, top), name, values, marked.get(name, set())) + GAP
        numbers = show_numbers(*(_numbers(name, values) for name, values in tables))
        return canvas.finish(alt, numbers=numbers)


def _numbers(name: str, values: NDArray[np.float64]) -> str:
    height, width = values.shape
    return numbers_table(
        _texts(values),
        rows=[str(row) for row in range(height)],
        columns=[str(column) for column in range(width)],
        caption=name,
    )


def _texts(values: NDArray[np.float64]) -> list[list[str]]:
    """What is written: whole numbers, or two decimals."""
    pattern = "{:.0f}" if (values == np.rint(values)).all() else "{:.2f}"
    return [[format_number(pattern, value) for value in row] for row in values]


def _table(item: tuple[str, Any]) -> tuple[str, NDArray[np.float64]]:
    name, values = item
    one_row = getattr(values, "ndim", None) == 1 or np.ndim(values) == 1
    return name, to_array(values, name, 1)[None] if one_row else to_array(values, name, 2)


def _check_marked(
    tables: list[tuple[str, NDArray[np.float64]]], marked: Mapping[str, set[tuple[int, int]]]
) -> None:
    shapes = {name: values.shape for name, values in tables}
    if not shapes:
        raise ValueError("items must hold at least one (name, values) pair")
    for name, cells in marked.items():
        if name not in shapes:
            raise ValueError(f"highlight names {name!r}, the matrices are {list(shapes)}")
        for row, column in cells:
            if not (0 <= row < shapes[name][0] and 0 <= column < shapes[name][1]):
                raise ValueError(f"highlight ({row}, {column}) is outside {name} {shapes[name]}")


def _draw(
    canvas: Canvas,
    corner: tuple[Number, Number],
    name: str,
    values: NDArray[np.float64],
    marked: set[tuple[int, int]],
) -> Number:
    """Draw one matrix in square brackets; returns its width."""
    texts = _texts(values)
    cell = max(24, ceil(max(canvas.width(text) for row in texts for text in row)) + 10)
    left, top = corner
    rows, columns = values.shape
    width, height = columns * cell + 8, rows * ROW_HEIGHT
    if marked:
        cells = [
            (left + 4 + column * cell, top + row * ROW_HEIGHT, cell, ROW_HEIGHT)
            for row, column in sorted(marked)
        ]
        canvas.rectangles(cells, fill=(POSITIVE, 0.25))
    for edge, inwards in ((left, 5), (left + width, -5)):
        ends = (
            (edge + inwards, top),
            (edge, top),
            (edge, top + height),
            (edge + inwards, top + height),
        )
        canvas.line(ends, colour=INK)
    for row, line in enumerate(texts):
        for column, text in enumerate(line):
            x = left + 4 + (column + 0.5) * cell
            canvas.middle(x, top + (row + 0.5) * ROW_HEIGHT, text)
    if name:
        canvas.text(left + width / 2, top - 8, name, size=FONT_SIZE, colour=FADED)
    return float(width)
