"""The small picture of an attention view: what stands there before a script runs, and on paper."""

import unicodedata
from collections import defaultdict
from collections.abc import Sequence
from html import escape

import numpy as np
from numpy.typing import NDArray

from jumok.plotting._colours import POSITIVE, Number
from jumok.plotting._heatmaps import picture
from jumok.plotting._svg import number

FONT = 12
WIDTH = 410  # at most, as long as cells keep their smallest size
SMALLEST, LARGEST = 10, 36
DRAWN_CELLS = 400  # more than these become a picture of one pixel each


def text_width(text: str, size: int = FONT) -> Number:
    """About how wide a text is: Hangul and Chinese one em, other letters two thirds of it."""
    wide = sum(unicodedata.east_asian_width(letter) in "WF" for letter in text)
    return size * (wide + 0.66 * (len(text) - wide))


def view_picture(
    grid: NDArray[np.float64],
    hidden: NDArray[np.bool_] | None,
    queries: Sequence[str],
    keys: Sequence[str],
    alt: str,
) -> str:
    """An ``<svg>`` of one map: rows are queries, hidden pairs are struck out.

    Args:
        grid: ``(query, key)``, from 0 to 1.
        hidden: ``(query, key)``, ``True`` where a mask hides the key.
        queries: what stands on the left.
        keys: what stands above.
        alt: what the picture shows.
    """
    rows, columns = grid.shape
    left = max(map(text_width, queries)) + 8
    side = int(np.clip((WIDTH - left) // columns, SMALLEST, LARGEST))
    tallest = max(map(text_width, keys))
    slanted = tallest > side - 4
    top = 0.77 * tallest + 16 if slanted else 20
    right = 0.65 * tallest if slanted else 4
    width, height = round(left + columns * side + right), round(top + rows * side + 2)
    shapes = [_labels(queries, keys, left, top, side, slanted=slanted)]
    if grid.size > DRAWN_CELLS:
        uri = picture(grid)
        shapes.append(
            f'<image x="{number(left)}" y="{number(top)}" width="{columns * side}" '
            f'height="{rows * side}" preserveAspectRatio="none" style="image-rendering:pixelated" '
            f'href="{uri}"/>'
        )
    else:
        shapes.append(_cells(grid, left, top, side))
    if hidden is not None and hidden.any():
        strokes = "".join(
            f"M{number(left + column * side + 2)} {number(top + (row + 1) * side - 2)}"
            f"l{side - 4} {4 - side}"
            for row, column in np.argwhere(hidden).tolist()
        )
        if hidden.sum() <= DRAWN_CELLS:
            shapes.append(f'<path d="{strokes}" stroke="currentColor" stroke-opacity=".3"/>')
    shapes.append(
        f'<rect x="{number(left)}" y="{number(top)}" width="{columns * side}" '
        f'height="{rows * side}" fill="none" stroke="currentColor" stroke-opacity=".35"/>'
    )
    looks = f"max-width:100%;min-width:{round(width * 0.78)}px;height:auto"
    return (
        f'<svg viewBox="0 0 {width} {height}" width="{width}" style="{looks}" role="img" '
        f'aria-label="{escape(alt)}" font-size="{FONT}" fill="currentColor">'
        f"<title>{escape(alt)}</title>{''.join(shapes)}</svg>"
    )


def _labels(
    queries: Sequence[str],
    keys: Sequence[str],
    left: Number,
    top: Number,
    side: int,
    *,
    slanted: bool,
) -> str:
    small = min(FONT, max(9, side))
    x = number(left - 5)
    names = "".join(
        f'<text x="{x}" y="{number(top + (row + 0.5) * side + 4)}">{escape(name)}</text>'
        for row, name in enumerate(queries)
    )
    begins = [number(left + (column + 0.5) * side) for column in range(len(keys))]
    y = number(top - 6)
    if slanted:
        above = "".join(
            f'<text transform="translate({x} {y})rotate(-50)">{escape(name)}</text>'
            for x, name in zip(begins, keys, strict=True)
        )
    else:
        above = "".join(
            f'<text x="{x}" y="{y}">{escape(name)}</text>'
            for x, name in zip(begins, keys, strict=True)
        )
    anchor = "start" if slanted else "middle"
    return (
        f'<g class="notranslate" font-size="{small}"><g text-anchor="end">{names}</g>'
        f'<g text-anchor="{anchor}">{above}</g></g>'
    )


def _cells(grid: NDArray[np.float64], left: Number, top: Number, side: int) -> str:
    """Cells of one colour as one path."""
    paths = defaultdict(list)
    for (row, column), weight in np.ndenumerate(grid):
        if opacity := round(min(float(weight), 1.0), 2):
            corner = f"M{number(left + column * side)} {number(top + row * side)}"
            paths[opacity].append(f"{corner}h{side}v{side}h-{side}z")
    drawn = "".join(
        f'<path fill-opacity="{number(opacity)}" d="{"".join(paths[opacity])}"/>'
        for opacity in sorted(paths)
    )
    return f'<g fill="{POSITIVE}">{drawn}</g>'
