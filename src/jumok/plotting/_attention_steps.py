"""From Q·K to the output in linked tables, for numbers that the reader edits."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from jumok.attention import scaled_dot_product_attention
from jumok.plotting._assets import asset_elements
from jumok.plotting._colours import cell_colour, rgb, text_colour
from jumok.plotting._figure import check_alt, check_labels, to_array
from jumok.plotting._numbers import format_number

LARGEST = 6  # rows and columns: each is a field that somebody fills in
LIMIT = 1000  # of a number in a field


@dataclass(frozen=True, repr=False)
class AttentionSteps:
    """The steps of attention for a small input, made by :func:`attention_steps`.

    Without JavaScript it shows the numbers that it was made with; with it they can be edited.

    Attributes:
        html: the tables.
        alt: what they show.
        output: the output for the given numbers, ``(query, d_v)``.
    """

    html: str
    alt: str
    output: NDArray[np.float64]

    def _repr_html_(self) -> str:
        return (
            f'<figure class="jumok-figure attention-steps" role="group" '
            f'aria-label="{escape(self.alt)}">'
            f"{self.html}{asset_elements('attention-steps')}</figure>"
        )

    def __repr__(self) -> str:
        queries, width = self.output.shape
        return f"<jumok attention steps, output {queries} × {width}: {self.alt}>"


def attention_steps(
    query: Any,
    key: Any,
    value: Any,
    *,
    mask: Any = None,
    queries: Sequence[str] | None = None,
    keys: Sequence[str] | None = None,
    alt: str,
) -> AttentionSteps:
    r"""Show scores, scaled scores, masked scores, weights and output of attention, linked.

    .. math:: \operatorname{softmax}\left(\frac{QK^\top}{\sqrt{d_k}}\right) V

    On a page and in a notebook the entries of the three matrices and of the mask are fields. The
    reader's browser computes what follows from them, a cell's colour follows its number, and
    pointing to a cell marks what it is made of. The first numbers are computed here, by
    :func:`jumok.attention.scaled_dot_product_attention`, from inputs rounded to three decimals, as
    the fields show them.

    Args:
        query: ``(query, d_k)``.
        key: ``(key, d_k)``.
        value: ``(key, d_v)``.
        mask: broadcastable to ``(query, key)``; ``True`` = may attend. All may, if not given.
        queries: a name for each query; "q1", "q2" … without.
        keys: a name for each key; "k1", "k2" … without.
        alt: a sentence that says what is shown.

    Raises:
        ValueError: shapes that do not fit, more than 6 rows or columns, numbers beyond 1,000, a
            mask that isn't boolean or does not broadcast, an empty ``alt``.

    >>> steps = attention_steps([[0.0, 2.0]], [[1.0, 0.0], [0.0, 1.0]], [[10.0], [20.0]],
    ...                         mask=[[True, False]], alt="One query sees the first key only.")
    >>> steps
    <jumok attention steps, output 1 × 1: One query sees the first key only.>
    >>> steps.output.tolist()
    [[10.0]]
    """
    check_alt(alt)
    given = {
        name: np.round(_matrix(values, name), 3) + 0.0  # + 0.0: no field shows −0
        for name, values in (("query", query), ("key", key), ("value", value))
    }
    rows, columns = len(given["query"]), len(given["key"])
    shapes = {name: matrix.shape for name, matrix in given.items()}
    fits = shapes["query"][1] == shapes["key"][1] and shapes["value"][0] == columns
    if not fits:
        raise ValueError(
            "expected query (query, d_k), key (key, d_k) and value (key, d_v), got "
            + ", ".join(f"{name} {shape}" for name, shape in shapes.items())
        )
    allowed = _mask(mask, (rows, columns))
    tensors = {name: torch.from_numpy(matrix) for name, matrix in given.items()}
    output, weights = scaled_dot_product_attention(
        tensors["query"], tensors["key"], tensors["value"], mask=torch.from_numpy(allowed)
    )
    scores = given["query"] @ given["key"].T
    scaled = scores / np.sqrt(shapes["query"][1])
    row_names = check_labels(queries, "queries", rows) or [f"q{i + 1}" for i in range(rows)]
    names = check_labels(keys, "keys", columns) or [f"k{i + 1}" for i in range(columns)]
    features = [str(i + 1) for i in range(shapes["query"][1])]
    of_value = [str(i + 1) for i in range(shapes["value"][1])]
    masked = np.where(allowed, scaled, -np.inf)
    tables = [
        _table("query", "Queries Q", given["query"], row_names, features, given=True),
        _table("key", "Keys K", given["key"], names, features, given=True),
        _table("value", "Values V", given["value"], names, of_value, given=True),
        _table("mask", "May attend", allowed.astype(float), row_names, names, given=True),
        _table("scores", "1. Scores: Q times K", scores, row_names, names),
        _table("scaled", "2. Divided by the root of d_k", scaled, row_names, names),
        _table("masked", "3. Masked", masked, row_names, names),
        _table("weights", "4. Softmax: the weights", weights.numpy(), row_names, names),
        _table("output", "5. Output: weights times V", output.numpy(), row_names, of_value),
    ]
    html = f'<div class="attention-steps__grid">{"".join(tables)}</div>'
    return AttentionSteps(html, alt, output.numpy())


def _matrix(values: Any, name: str) -> NDArray[np.float64]:
    matrix = to_array(values, name, 2)
    if max(matrix.shape) > LARGEST:
        raise ValueError(
            f"{name} must have {LARGEST} rows and columns at most, for they are edited by hand, "
            f"got shape {matrix.shape}"
        )
    if np.abs(matrix).max() > LIMIT:
        extreme = matrix.flat[np.abs(matrix).argmax()]
        raise ValueError(f"{name} must hold numbers from −{LIMIT} to {LIMIT}, got {extreme:g}")
    return matrix


def _mask(mask: Any, shape: tuple[int, int]) -> NDArray[np.bool_]:
    if isinstance(mask, torch.Tensor):
        mask = mask.detach().cpu().numpy()
    allowed = np.asarray(True if mask is None else mask)
    if allowed.dtype != np.bool_:
        raise ValueError(f"mask must be boolean, True = may attend, got {allowed.dtype}")
    try:
        return np.broadcast_to(allowed, shape).copy()
    except ValueError:
        raise ValueError(
            f"mask must broadcast to (query, key) = {shape}, got shape {allowed.shape}"
        ) from None


def _table(
    step: str,
    title: str,
    values: NDArray[np.float64],
    rows: Sequence[str],
    columns: Sequence[str],
    *,
    given: bool = False,
) -> str:
    finite = np.abs(values[np.isfinite(values)])
    largest = 1.0 if step == "weights" else max(float(finite.max(initial=0.0)), 1e-9)
    heads = "".join(f'<th scope="col">{escape(name)}</th>' for name in columns)
    body = ""
    for name, line in zip(rows, values, strict=True):
        cells = "".join(_cell(float(value), largest, step, given=given) for value in line)
        body += f'<tr><th scope="row">{escape(name)}</th>{cells}</tr>'
    message = escape(title)
    return (
        f'<table data-step="{step}" translate="no"><caption><span data-message="{message}">'
        f"{message}</span></caption><thead><tr><td></td>{heads}</tr></thead>"
        f"<tbody>{body}</tbody></table>"
    )


def _cell(value: float, largest: float, step: str, *, given: bool) -> str:
    if step == "mask":
        return f'<td data-value="{int(value)}">{"✓" if value else "–"}</td>'
    if given:
        return f'<td data-value="{value:g}">{format_number("{:g}", value)}</td>'
    if not np.isfinite(value):
        return "<td>−∞</td>"
    text = format_number("{:.2f}", value) if value else "0"
    hue, opacity = cell_colour(value / largest)
    red, green, blue = (round(255 * part) for part in rgb(hue))
    ink = ";color:#fff" if text_colour(value / largest) != "#000000" else ""
    return f'<td style="background:rgb({red} {green} {blue} / {opacity}){ink}">{text}</td>'
