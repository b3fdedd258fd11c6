"""Curves and bars."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as MatplotlibFigure
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter
from numpy.typing import NDArray

from jumok.plotting._canvas import Canvas
from jumok.plotting._colours import DASHES, INK, SERIES, Number
from jumok.plotting._figure import (
    FONT_SIZE,
    PIXELS_PER_INCH,
    Figure,
    check_alt,
    check_labels,
    finish,
    style,
    to_array,
)
from jumok.plotting._numbers import readable
from jumok.plotting._svg import VERBATIM
from jumok.plotting._table import SAMPLED, numbers_table, show_numbers, steps

Curve = tuple[NDArray[np.float64], NDArray[np.float64] | None]

WIDTH, HEIGHT = 340, 210  # of the area between the axes
FADED = (INK, 0.75)
FEW_POINTS = 12  # curves of at most so many points show each of them
TABLE_ROWS = 21  # of a curve's numbers


def lines(
    x: Any,
    series: Mapping[str, Any],
    *,
    x_label: str,
    y_label: str,
    log_x: bool = False,
    log_y: bool = False,
    title: str = "",
    verbatim: bool = False,
    alt: str,
) -> Figure:
    """Draw curves over common x values.

    Args:
        x: the x values, ``(points,)``.
        series: ``{name: y}`` or ``{name: (mean, spread)}``, each ``(points,)``; the spread is
            drawn as a band from mean − spread to mean + spread. Without a name: no legend.
        x_label: what x is.
        y_label: what y is.
        log_x: a logarithmic x axis.
        log_y: a logarithmic y axis.
        title: a few words above.
        verbatim: the names of the series are data, such as a sentence of an example: a
            translation of the figure leaves them as they are.
        alt: a sentence that says what the figure shows.

    Raises:
        ValueError: lengths that differ, NaN or infinity, values ≤ 0 on a logarithmic axis, no
            series, an empty ``alt``.
    """
    check_alt(alt)
    places = to_array(x, "x", 1)
    curves = {name: _curve(name, values, len(places)) for name, values in series.items()}
    _check_curves(places, curves, log_x=log_x, log_y=log_y)
    with style():
        drawing, axes = _axes(WIDTH, HEIGHT)
        for number, (name, (mean, spread)) in enumerate(curves.items()):
            colour = SERIES[number % len(SERIES)]
            if spread is not None:
                band = (mean - spread, mean + spread)
                axes.fill_between(places, *band, color=colour, alpha=0.2, linewidth=0)
            axes.plot(
                places, mean, color=colour, label=name, linewidth=1.8,
                linestyle=DASHES[number % len(DASHES)],
                marker="o" if len(places) <= FEW_POINTS else "", markersize=4.5,
            )  # fmt: skip
        if log_y:
            axes.set_yscale("log")
            low, high = axes.get_ylim()
            few = high / low < 500
            axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5) if few else (1,)))
        if log_x:
            axes.set_xscale("log")
            if len(places) <= FEW_POINTS:
                axes.set_xticks(_apart(places), minor=False)
        elif (places == np.rint(places)).all():
            axes.xaxis.set_major_locator(MaxNLocator(nbins=7, integer=True))
        _label(axes, x_label, y_label)
        _head(drawing, axes, title, list(curves), verbatim=verbatim)
        numbers = _curves_table(
            places, curves, caption=title or alt, labels=(x_label, y_label), verbatim=verbatim
        )
        return finish(drawing, alt, numbers=numbers)


def bars(
    labels: Sequence[str],
    values: Any,
    *,
    y_label: str = "",
    horizontal: bool = False,
    annotate: bool = False,
    title: str = "",
    verbatim: bool = False,
    alt: str,
) -> Figure:
    """Draw a bar for each label, or a group of bars where there are several series.

    Args:
        labels: a name for each bar or group.
        values: ``(labels,)``, or ``{series name: (labels,)}``.
        y_label: what the values are.
        horizontal: bars to the right, for long or many labels.
        annotate: write each value at the end of its bar.
        title: a few words above.
        verbatim: the labels are data, such as tokens: a translation of the figure leaves them as
            they are.
        alt: a sentence that says what the figure shows.

    Raises:
        ValueError: values that do not match the labels, NaN or infinity, no values, an empty
            ``alt``.
    """
    check_alt(alt)
    groups = values if isinstance(values, Mapping) else {"": values}
    series = {name: to_array(group, name or "values", 1) for name, group in groups.items()}
    if not series:
        raise ValueError("values must hold at least one series")
    for group in series.values():
        check_labels(labels, "labels", len(group))
    names = [str(label) for label in labels]
    with style():
        ink = Canvas()
        texts = {name: [readable(value) for value in group] for name, group in series.items()}
        thickness = 24.0 if len(series) == 1 else 15.0
        if annotate and not horizontal:  # a number must fit above its bar
            widest = max(ink.width(text, 11) for group in texts.values() for text in group)
            thickness = max(thickness, widest + 3)
        group_extent = thickness * len(series) / 0.72
        if horizontal:
            drawing, axes = _axes(260, len(names) * group_extent)
        else:
            group_extent = max(group_extent, max(ink.width(name, 11) for name in names) + 10)
            drawing, axes = _axes(max(200, len(names) * group_extent), 180)
        share = thickness / group_extent
        for number, (name, heights) in enumerate(series.items()):
            places = np.arange(len(names)) + (number - (len(series) - 1) / 2) * share
            draw = axes.barh if horizontal else axes.bar
            shapes = draw(
                places, heights, share * 0.94, color=SERIES[number % len(SERIES)], label=name
            )
            if annotate:
                axes.bar_label(shapes, texts[name], padding=3, fontsize=11)
        if annotate:
            axes.margins(x=0.15 if horizontal else None, y=None if horizontal else 0.15)
        if horizontal:
            axes.set_yticks(range(len(names)), names)
            axes.invert_yaxis()
            axes.grid(visible=False, axis="y")
            axes.xaxis.set_major_locator(MaxNLocator(nbins=3))
            _label(axes, y_label, "", y_numbers=False)
        else:
            axes.set_xticks(range(len(names)), names)
            axes.grid(visible=False, axis="x")
            _label(axes, "", y_label, x_numbers=False)
        if verbatim:
            for label in (axes.get_yticklabels if horizontal else axes.get_xticklabels)():
                label.set_gid(VERBATIM)
        _head(drawing, axes, title, list(series))
        table = numbers_table(
            [list(row) for row in zip(*texts.values(), strict=True)],
            rows=names,
            columns=list(series),
            caption=title or alt,
            column_label=y_label,
            verbatim_rows=verbatim,
        )
        return finish(drawing, alt, numbers=show_numbers(table))


def _curves_table(
    places: NDArray[np.float64],
    curves: Mapping[str, Curve],
    *,
    caption: str,
    labels: tuple[str, str],
    verbatim: bool,
) -> str:
    """The numbers of curves: x downwards, mean ± spread of each."""
    shown = steps(len(places), TABLE_ROWS)
    columns = [
        [
            readable(mean[row]) + (f" ± {readable(spread[row])}" if spread is not None else "")
            for row in shown
        ]
        for mean, spread in curves.values()
    ]
    table = numbers_table(
        list(zip(*columns, strict=True)),
        rows=[readable(places[row]) for row in shown],
        columns=list(curves),
        caption=caption,
        row_label=labels[0],
        column_label=labels[1],
        verbatim_columns=verbatim,
    )
    return show_numbers(table, note=SAMPLED if len(shown) < len(places) else "")


def _curve(name: str, values: Any, points: int) -> Curve:
    """Mean and spread of a series, as long as x."""
    parts = (
        values
        if isinstance(values, tuple) and len(values) == 2 and np.ndim(values[0])
        else (values,)
    )
    mean, *rest = (to_array(part, f"series {name!r}", 1) for part in parts)
    for part in (mean, *rest):
        if len(part) != points:
            raise ValueError(
                f"series {name!r} must have {points} values, as x has, got {len(part)}"
            )
    return mean, rest[0] if rest else None


def _check_curves(
    places: NDArray[np.float64], curves: Mapping[str, Curve], *, log_x: bool, log_y: bool
) -> None:
    if not curves:
        raise ValueError("series must hold at least one curve")
    if log_x and places.min() <= 0:
        raise ValueError(f"x must be above 0 on a logarithmic axis, got {places.min():g}")
    for name, (mean, _) in curves.items():
        if log_y and mean.min() <= 0:
            raise ValueError(
                f"series {name!r} must be above 0 on a logarithmic axis, got {mean.min():g}"
            )


def _axes(width: Number, height: Number) -> tuple[MatplotlibFigure, Axes]:
    """Axes of this many pixels, open to the top and right, with a light grid."""
    drawing = MatplotlibFigure(figsize=(width / PIXELS_PER_INCH, height / PIXELS_PER_INCH))
    axes = drawing.add_axes((0, 0, 1, 1))
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set(color=(INK, 0.5), linewidth=1)
    axes.grid(color=(INK, 0.12), linewidth=1)
    axes.set_axisbelow(True)
    axes.tick_params(which="both", length=0, pad=6, labelsize=11)
    return drawing, axes


def _label(
    axes: Axes, x_label: str, y_label: str, *, x_numbers: bool = True, y_numbers: bool = True
) -> None:
    axes.set_xlabel(x_label, color=FADED, labelpad=6)
    axes.set_ylabel(y_label, color=FADED, labelpad=6)
    for axis, numbers in ((axes.xaxis, x_numbers), (axes.yaxis, y_numbers)):
        if numbers:
            axis.set_major_formatter(FuncFormatter(readable))
            axis.set_minor_formatter(NullFormatter())


def _head(
    drawing: MatplotlibFigure,
    axes: Axes,
    title: str,
    names: list[str],
    *,
    verbatim: bool = False,
    width: Number = WIDTH,
) -> None:
    """Above the axes: the title, and a legend where the series have names."""
    above = 8.0
    if any(names):
        columns = _legend_columns(names, width)
        legend = axes.legend(
            loc="lower left", bbox_to_anchor=(0, 1), borderaxespad=0.2, borderpad=0.2,
            ncols=columns, columnspacing=1.2, handlelength=2.2, handletextpad=0.5,
            frameon=False, fontsize=11,
        )  # fmt: skip
        for text in legend.get_texts():
            text.set_gid(VERBATIM if verbatim else None)
        above += 18 * -(-len(names) // columns)
    if title:
        axes.annotate(
            title, (0.5, 1), (0, above), xycoords="axes fraction", textcoords="offset points",
            ha="center", weight="bold", fontsize=FONT_SIZE,
        )  # fmt: skip


def _legend_columns(names: list[str], width: Number) -> int:
    """As many legend entries in a row as fit the width."""
    widest = max(Canvas().width(name, 11) for name in names) + 45
    return int(np.clip(width // widest, 1, len(names)))


def _apart(places: NDArray[np.float64]) -> list[Number]:
    """The places whose labels do not touch on a logarithmic axis."""
    span = np.log(places.max() / places.min()) or 1.0
    kept: list[Number] = []
    for place in np.unique(places):
        if not kept or np.log(place / kept[-1]) / span * WIDTH > 34:
            kept.append(float(place))
    return kept
