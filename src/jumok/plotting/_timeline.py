"""What happened when, in lanes; and named points over time."""

from collections.abc import Sequence
from math import ceil, floor
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator, MaxNLocator
from numpy.typing import NDArray

from jumok.plotting._canvas import Canvas
from jumok.plotting._colours import DASHES, INK, SERIES, Number
from jumok.plotting._curves import FADED, _axes, _head, _label
from jumok.plotting._figure import Figure, check_alt, check_labels, finish, style, to_array
from jumok.plotting._numbers import readable
from jumok.plotting._svg import VERBATIM
from jumok.plotting._table import KIND, NAME, YEAR, numbers_table, show_numbers

YEAR_WIDTH = 42  # pixels of a year
ROW_HEIGHT = 18
LANE_GAP = 8
DOT = 4  # radius
LABEL_SIZE = 11
POINTS_WIDTH, POINTS_HEIGHT = 470, 300


class Box(NamedTuple):
    """A rectangle that is taken, in pixels."""

    left: Number
    bottom: Number
    right: Number
    top: Number

    def meets(self, other: "Box") -> bool:
        return (
            self.left < other.right
            and other.left < self.right
            and self.bottom < other.top
            and other.bottom < self.top
        )


def timeline(
    years: Sequence[Number], names: Sequence[str], lanes: Sequence[str], *, alt: str
) -> Figure:
    """Draw what appeared when: a dot for each name, in the lane of its kind.

    Time runs to the right. Lanes come in the order in which they first occur in ``lanes``; names
    that would overlap go to further rows of their lane.

    Args:
        years: when, as numbers of years: 2017.5 is the middle of 2017.
        names: what; data, which a translation of the figure leaves as it is.
        lanes: the kind of each.
        alt: a sentence that says what the figure shows.

    Raises:
        ValueError: names or lanes that do not match the years, NaN or infinity, no years, an empty
            ``alt``.
    """
    check_alt(alt)
    places = to_array(years, "years", 1)
    texts = check_labels(names, "names", len(places)) or []
    kinds = check_labels(lanes, "lanes", len(places)) or []
    first, last = floor(places.min()), ceil(places.max())
    with style():
        canvas = Canvas()
        margin = 14 + max(canvas.width(kind, LABEL_SIZE, "bold") for kind in kinds)
        widths = {text: canvas.width(text, LABEL_SIZE) for text in texts}
        x = margin + (places - first) * YEAR_WIDTH
        right = max(
            margin + (last - first) * YEAR_WIDTH,
            *(float(at) + DOT + 12 + widths[text] for at, text in zip(x, texts, strict=True)),
        )
        y: Number = 0
        for number, kind in enumerate(dict.fromkeys(kinds)):
            members = [index for index, own in enumerate(kinds) if own == kind]
            spans = [
                (float(x[i]) - DOT, float(x[i]) + DOT + 10 + widths[texts[i]]) for i in members
            ]
            rows = _rows(spans)
            height = (max(rows) + 1) * ROW_HEIGHT + 6
            colour = SERIES[number % len(SERIES)]
            canvas.rectangles([(0, y, right, height)], fill=(colour, 0.09))
            canvas.middle(6, y + height / 2, kind, size=LABEL_SIZE, align="left", weight="bold")
            for index, row in zip(members, rows, strict=True):
                at, centre = float(x[index]), y + 3 + ROW_HEIGHT * (row + 0.5)
                canvas.box(
                    at - DOT, centre - DOT, 2 * DOT, 2 * DOT, fill=colour, line=None, radius=DOT
                )
                canvas.middle(
                    at + DOT + 4, centre, texts[index], size=LABEL_SIZE, align="left", verbatim=True
                )
            y += height + LANE_GAP
        for year in range(first, last + 1):
            at = margin + (year - first) * YEAR_WIDTH
            canvas.line([(at, 0), (at, y)], colour=(INK, 0.14), thickness=1)
            canvas.text(at, y + 14, str(year), size=LABEL_SIZE, colour=FADED)
        table = numbers_table(
            [(kind, str(floor(at))) for kind, at in zip(kinds, places, strict=True)],
            rows=texts, columns=[KIND, YEAR], caption=alt, row_label=NAME, verbatim_rows=True,
        )  # fmt: skip
        return canvas.finish(alt, numbers=show_numbers(table))


def _rows(spans: Sequence[tuple[float, float]]) -> list[int]:
    """For each span from left to right, the first row in which nothing is in its way.

    >>> _rows([(0, 5), (3, 8), (6, 9)])
    [0, 1, 0]
    """
    ends: list[float] = []
    rows = []
    for left, right in spans:
        row = next((row for row, end in enumerate(ends) if end <= left), len(ends))
        ends[row : row + 1] = [right]
        rows.append(row)
    return rows


def points(
    x: Any,
    y: Any,
    *,
    labels: Sequence[str],
    groups: Sequence[str] | None = None,
    curve: tuple[Any, Any] | None = None,
    curve_name: str = "",
    x_label: str,
    y_label: str,
    log_y: bool = False,
    alt: str,
) -> Figure:
    """Draw named points, each with its label beside it, and a curve to compare them with.

    Args:
        x: the x values, ``(points,)``.
        y: the y values, ``(points,)``.
        labels: a name for each; data, which a translation of the figure leaves as it is.
        groups: the group of each, told apart by colour and shape and named in a legend.
        curve: x and y values of a line.
        curve_name: what the line is, for the legend.
        x_label: what x is.
        y_label: what y is.
        log_y: a logarithmic y axis.
        alt: a sentence that says what the figure shows.

    Raises:
        ValueError: lengths that differ, NaN or infinity, values ≤ 0 on a logarithmic axis, an
            empty ``alt``.
    """
    check_alt(alt)
    places, values = to_array(x, "x", 1), to_array(y, "y", 1)
    if len(values) != len(places):
        raise ValueError(f"y must have {len(places)} values, as x has, got {len(values)}")
    texts = check_labels(labels, "labels", len(places)) or []
    kinds = check_labels(groups, "groups", len(places)) or [""] * len(places)
    line = None if curve is None else tuple(to_array(part, "curve", 1) for part in curve)
    if line is not None and len(line[0]) != len(line[1]):
        raise ValueError(f"curve must be as many x as y, got {len(line[0])} and {len(line[1])}")
    for name, own in (("y", values), ("curve", line[1] if line else values)):
        if log_y and own.min() <= 0:
            raise ValueError(f"{name} must be above 0 on a logarithmic axis, got {own.min():g}")
    with style():
        drawing, axes = _axes(POINTS_WIDTH, POINTS_HEIGHT)
        names = list(dict.fromkeys(kinds))
        for number, name in enumerate(names):
            own = np.array([kind == name for kind in kinds])
            axes.plot(
                places[own], values[own], linestyle="", markersize=7, label=name,
                marker="osD^vP"[number % 6], color=SERIES[number % len(SERIES)],
            )  # fmt: skip
        if line is not None:
            axes.plot(*line, color=(INK, 0.6), linewidth=1.4, linestyle=DASHES[1], label=curve_name)
            names += [curve_name] if curve_name else []
        if log_y:
            axes.set_yscale("log")
            axes.yaxis.set_major_locator(LogLocator(subs=(1,), numticks=20))
        axes.margins(x=0.06, y=0.1)
        if (np.rint(places).max() - np.rint(places).min()) >= 2:
            axes.xaxis.set_major_locator(MaxNLocator(nbins=8, integer=True))
        _label(axes, x_label, y_label)
        if (places > 1000).all():  # years have no commas
            axes.xaxis.set_major_formatter(lambda value, _: f"{value:.0f}")
        _write_labels(axes, places, values, texts)
        _head(drawing, axes, "", names, width=POINTS_WIDTH)
        years = bool((places > 1000).all())
        cells = [
            [f"{at:.1f}" if years else readable(at), readable(value)]
            for at, value in zip(places, values, strict=True)
        ]
        columns = [x_label, y_label]
        if any(kinds):
            columns = [KIND, *columns]
            cells = [[kind, *line] for kind, line in zip(kinds, cells, strict=True)]
        table = numbers_table(
            cells, rows=texts, columns=columns, caption=alt, row_label=NAME, verbatim_rows=True
        )
        return finish(drawing, alt, numbers=show_numbers(table))


def _write_labels(
    axes: Axes, x: NDArray[np.float64], y: NDArray[np.float64], texts: Sequence[str]
) -> None:
    """Put each label beside its point, where neither a point nor another label is in its way."""
    drawing = axes.figure
    drawing.canvas.draw()  # fixes the limits
    pixels = axes.transData.transform(np.column_stack([x, y]))
    ink = Canvas()
    taken = [Box(px - DOT, py - DOT, px + DOT, py + DOT) for px, py in pixels.tolist()]
    named = zip(zip(x, y, strict=True), pixels.tolist(), texts, strict=True)
    for at, (px, py), text in named:
        width = ink.width(text, LABEL_SIZE)
        sides = {
            "right": (px + 7, py - 4),
            "left": (px - 7 - width, py - 4),
            "above": (px - width / 2, py + 8),
            "below": (px - width / 2, py - 17),
        }
        boxes = {
            side: Box(left, low - 2, left + width, low + 9) for side, (left, low) in sides.items()
        }
        free = [s for s, box in boxes.items() if not any(box.meets(other) for other in taken)]
        side = (free or list(boxes))[0]
        taken.append(boxes[side])
        left, low = sides[side]
        axes.annotate(
            text, at, (left - px, low - py), textcoords="offset points", fontsize=LABEL_SIZE,
            ha="left", va="baseline", gid=VERBATIM,
        )  # fmt: skip
