"""The numbers of a figure as tables, folded away below it: one key shows them.

A figure is finished with what :func:`show_numbers` makes of one table or more; a new kind of figure
takes :func:`grid_table` for a matrix, :func:`numbers_table` for anything else. What makes a table
long is left out, and a sentence says so: a page must not weigh more for its tables than for its
figures.
"""

from collections.abc import Sequence
from html import escape
from math import floor

import numpy as np
from numpy.typing import NDArray

from jumok.plotting._numbers import cell_texts, decimals, format_number

LARGEST = 360  # cells of all tables of one figure
SPACE = "\N{OPEN BOX}"  # stands for a name that would be nothing to see or to read
# Every figure says these, in whatever book: what shows the figures has their translations.
SHOW = "Show the numbers"
SAMPLED = "Too many numbers to show all: here are some, at even steps."
STRONGEST = "Too many numbers to show all: of each row, the largest and where it is."
NAME, KIND, YEAR, PART, SIZE = "name", "kind", "year", "part", "size"
ROW, LARGEST_VALUE = "row", "largest value"
WORDS = (SHOW, SAMPLED, STRONGEST, NAME, KIND, YEAR, PART, SIZE, ROW, LARGEST_VALUE)


def show_numbers(*tables: str, note: str = "") -> str:
    """The tables of a figure, folded away: an element that opens with Enter, without a script.

    Args:
        tables: what :func:`numbers_table` made.
        note: one of ``SAMPLED`` and ``STRONGEST``, where not all numbers are there.
    """
    said = f'<p class="common-word">{note}</p>' if note else ""
    body = "".join(f"<div>{table}</div>" for table in tables)
    summary = f'<summary class="common-word">{SHOW}</summary>'
    return f'<details class="figure-numbers">{summary}{said}{body}</details>'


def numbers_table(
    cells: Sequence[Sequence[str]],
    *,
    rows: Sequence[str],
    columns: Sequence[str],
    caption: str,
    row_label: str = "",
    column_label: str = "",
    verbatim_rows: bool = False,
    verbatim_columns: bool = False,
) -> str:
    """A ``<table>`` whose heads say what they are heads of.

    >>> table = numbers_table([["1"]], rows=["the"], columns=["Q"], caption="Weights.",
    ...                       row_label="query", verbatim_rows=True)
    >>> print(table.replace("<t", "\\n<t").strip())
    <table><caption>Weights.</caption>
    <thead>
    <tr>
    <th scope="col">query</th>
    <th scope="col">Q</th></tr></thead>
    <tbody>
    <tr>
    <th scope="row" translate="no">the</th>
    <td>1</td></tr></tbody></table>

    Args:
        cells: what stands in the rows, ``(rows, columns)``, as people write numbers.
        rows: a name for each row.
        columns: a name for each column.
        caption: what the table holds.
        row_label: what the rows are.
        column_label: what the columns are.
        verbatim_rows: the rows' names are data, such as tokens: no translation touches them.
        verbatim_columns: the same of the columns' names.
    """
    corner = _head(row_label, "col") if row_label.strip() else "<td></td>"
    own = ' translate="no"' if verbatim_columns else ""
    heads = "".join(_head(name, "col", own) for name in columns)
    above = ""
    if column_label and any(columns):
        group = f'<th scope="colgroup" colspan="{len(columns)}">{escape(column_label)}</th>'
        above = f"<tr><td></td>{group}</tr>"
    elif column_label:
        heads = _head(column_label, "col")
    own = ' translate="no"' if verbatim_rows else ""
    body = ""
    for name, line in zip(rows, cells, strict=True):
        told = "".join(f"<td>{escape(cell)}</td>" for cell in line)
        body += f"<tr>{_head(name, 'row', own)}{told}</tr>"
    return (
        f"<table><caption>{escape(caption)}</caption><thead>{above}<tr>{corner}{heads}</tr></thead>"
        f"<tbody>{body}</tbody></table>"
    )


def _head(name: str, scope: str, more: str = "") -> str:
    common = ' class="common-word"' if name in WORDS and not more else ""
    return f'<th scope="{scope}"{common}{more}>{escape(name.strip() or SPACE)}</th>'


def grid_table(
    values: NDArray[np.float64],
    *,
    caption: str,
    titles: Sequence[str] = (),
    rows: Sequence[str] | None = None,
    columns: Sequence[str] | None = None,
    row_label: str = "",
    column_label: str = "",
    verbatim: bool = False,
) -> str:
    """The numbers of one matrix or several over the same rows and columns, folded away.

    Where they are too many, weights between named rows and columns are told by the largest of each
    row, and other values at even steps of rows and columns.

    Args:
        values: ``(matrices, rows, columns)``.
        caption: what the values are.
        titles: a name for each matrix, where there are several.
        rows: a name for each row; its number, from 0, without.
        columns: a name for each column; its number, from 0, without.
        row_label: what the rows are.
        column_label: what the columns are.
        verbatim: the names of rows and columns are data, such as tokens.
    """
    count, height, width = values.shape
    row_names = list(rows) if rows else [str(row) for row in range(height)]
    column_names = list(columns) if columns else [str(column) for column in range(width)]
    if values.size > LARGEST and columns and values.min() >= 0:
        names = (row_names, column_names)
        return _strongest(values, caption, titles, names, row_label, verbatim=verbatim)
    note = ""
    if values.size > LARGEST:
        note = SAMPLED
        fewer = max(3, floor((LARGEST / count) ** 0.5))
        down, across = steps(height, fewer), steps(width, fewer)
        if width < fewer or height < fewer:  # a long strip
            down = steps(height, max(3, LARGEST // count // len(across)))
            across = steps(width, max(3, LARGEST // count // len(down)))
        values = values[:, down][:, :, across]
        row_names = [row_names[row] for row in down]
        column_names = [column_names[column] for column in across]
    texts = [cell_texts(matrix, decimals(values)) for matrix in values]
    tables = (
        numbers_table(
            own, rows=row_names, columns=column_names, caption=title, row_label=row_label,
            column_label=column_label, verbatim_rows=verbatim, verbatim_columns=verbatim,
        )
        for own, title in zip(texts, titles or [caption], strict=True)
    )  # fmt: skip
    return show_numbers(*tables, note=note)


def _strongest(
    values: NDArray[np.float64],
    caption: str,
    titles: Sequence[str],
    names: tuple[list[str], list[str]],
    row_label: str,
    *,
    verbatim: bool,
) -> str:
    """For each row of each matrix its largest value: a column for each matrix."""
    rows, columns = names
    repeated = {name for name in columns if columns.count(name) > 1}
    places = [
        f"{name.strip() or SPACE} ({place})" if name in repeated else name.strip() or SPACE
        for place, name in enumerate(columns, start=1)
    ]
    pattern = f"{{:.{decimals(values)}f}}"
    own = ' translate="no"' if verbatim else ""
    body = ""
    for row in steps(len(rows), LARGEST // len(values)):
        told = ""
        for weights in values[:, row]:
            place, value = int(weights.argmax()), format_number(pattern, float(weights.max()))
            told += f"<td{own}><b>{escape(places[place])}</b> {value}</td>"
        body += f"<tr>{_head(rows[row], 'row', own)}{told}</tr>"
    heads = "".join(_head(title, "col") for title in titles or [LARGEST_VALUE])
    head = f"<thead><tr>{_head(row_label or ROW, 'col')}{heads}</tr></thead>"
    table = f"<table><caption>{escape(caption)}</caption>{head}<tbody>{body}</tbody></table>"
    return show_numbers(table, note=STRONGEST)


def steps(count: int, at_most: int) -> list[int]:
    """As many places of a row as allowed, evenly spread, the first and the last among them.

    >>> steps(5, 9), steps(100, 4)
    ([0, 1, 2, 3, 4], [0, 33, 66, 99])
    """
    if count <= at_most:
        return list(range(count))
    return sorted({int(place) for place in np.linspace(0, count - 1, at_most)})
