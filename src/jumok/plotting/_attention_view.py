"""Attention to touch: every layer and head of a model in one figure that answers."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from operator import index
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray

from jumok.plotting._assets import asset_elements
from jumok.plotting._figure import Figure, check_alt, check_labels
from jumok.plotting._packing import pack
from jumok.plotting._table import grid_table
from jumok.plotting._tokens import readable_tokens
from jumok.plotting._view_picture import view_picture

Kind = Literal["self", "cross", "alignment"]

LABELS = {
    "self": ("query", "key"),
    "cross": ("written", "read"),
    "alignment": ("written", "read"),
}
LONGEST = 128  # tokens on a side: more can be neither read nor told apart


@dataclass(frozen=True, repr=False)
class AttentionView(Figure):
    """A figure of attention weights that a reader can touch; made by :func:`attention_view`.

    Without JavaScript it is its ``svg``, a map of the weights that it shows first, and a table.

    Attributes:
        svg: that map.
        alt: what the view shows.
        numbers: the numbers of that map as a table, folded away.
        shape: ``(layers, heads, query, key)`` of the weights.
        error: no shown weight is further than this from the one that was given.
        data: the HTML of all weights and names, for the script.
    """

    shape: tuple[int, ...] = (0, 0, 0, 0)
    error: float = 0.0
    data: str = ""

    def __repr__(self) -> str:
        sizes = " × ".join(map(str, self.shape))
        return f"<jumok attention view {sizes}: {self.alt}>"

    def _repr_html_(self) -> str:
        # Colab shows each output in a frame of its own, and an output may be shown without those
        # before it: each brings the script, which runs once for each document.
        return (
            '<figure class="jumok-figure attention-view" style="overflow-x:auto">'
            f'<div class="attention-view__static">{self.svg}{self.numbers}</div>'
            f"{self.data}{asset_elements('attention-view')}</figure>"
        )


def attention_view(
    weights: Any,
    queries: Sequence[str],
    keys: Sequence[str] | None = None,
    *,
    alt: str,
    kind: Kind = "self",
    mask: Any = None,
    layer: int | None = None,
    head: int | Literal["mean", "sum"] | None = None,
    view: Literal["matrix", "lines"] = "matrix",
    choose: int | None = None,
    numbers: bool = False,
    query_label: str = "",
    key_label: str = "",
    layer_names: Sequence[str] | None = None,
    head_names: Sequence[str] | None = None,
) -> AttentionView:
    """Show attention weights so that a reader can choose layer, head and token.

    By mouse, finger or arrow keys the reader goes through the tokens and sees where each looks: as
    a matrix, or as lines from queries to keys, for one head, or for the mean or sum of all of them.

    Args:
        weights: ``(layers, heads, query, key)``, ``(heads, query, key)`` or ``(query, key)``; a
            tensor of any device and precision, an array, or a list with one of them for each layer.
        queries: the token of each query. Decomposed Hangul and byte-level BPE become readable.
        keys: the token of each key; ``queries`` if not given, for self-attention.
        alt: a sentence that says what the view shows.
        kind: ``"self"``; ``"cross"``, from a decoder to an encoder; or ``"alignment"``, that of a
            recurrent decoder. The words of the view follow it.
        mask: what was applied, broadcastable to the weights; ``True`` = may attend. The others are
            shown as hidden, not as weights of 0.
        layer: the layer to show first, counted from 0; the last if not given.
        head: the head to show first, counted from 0, ``"mean"`` or ``"sum"``; the mean of all
            heads if not given.
        view: how to begin.
        choose: the query to begin with, counted from 0; none if not given.
        numbers: begin with numbers in the cells.
        query_label: what the queries are; "query", or "written" where a decoder looks at a source.
        key_label: what the keys are; "key" or "read".
        layer_names: a name for each layer; "Layer 1" … without.
        head_names: a name for each head; "Head 1" … without.

    Raises:
        ValueError: shapes that do not fit each other, weights that are negative or no numbers,
            more than 128 tokens on a side, a mask that hides weights which are not 0, a layer, head
            or query that isn't there, an empty ``alt``.

    >>> weights = torch.tensor([[0.9, 0.1], [0.3, 0.7]])
    >>> view = attention_view(weights, ["나는", "간다"], alt="Each token looks mostly at itself.")
    >>> view
    <jumok attention view 1 × 1 × 2 × 2: Each token looks mostly at itself.>
    >>> print(f"{view.error:.6f}")
    0.000008
    """
    check_alt(alt)
    if kind not in LABELS:
        raise ValueError(f"kind must be one of {', '.join(map(repr, LABELS))}, got {kind!r}")
    if view not in ("matrix", "lines"):
        raise ValueError(f'view must be "matrix" or "lines", got {view!r}')
    values = _to_weights(weights)
    layers, heads, rows, columns = values.shape
    if keys is None and kind != "self":
        raise ValueError(f"keys must be given for {kind} attention: the tokens that are looked at")
    query_names = _tokens(queries, "queries", rows)
    key_names = _tokens(queries if keys is None else keys, "keys", columns)
    allowed = None if mask is None else _to_mask(mask, values)
    labels = [query_label or LABELS[kind][0], key_label or LABELS[kind][1]]
    names: dict[str, list[str] | None] = {
        "labels": labels,
        "layers": check_labels(layer_names, "layer_names", layers),
        "heads": check_labels(head_names, "head_names", heads),
    }
    first_layer = layers - 1 if layer is None else _index(layer, "layer", layers)
    first_head = _head(head, heads)
    packed = pack(values, allowed)
    data: dict[str, Any] = {
        "kind": kind,
        "shape": list(values.shape),
        "queries": query_names,
        "keys": None if key_names == query_names else key_names,
        "levels": packed.levels,
        "scale": packed.scale,
        "packed": packed.text,
        "mask": None if allowed is None else list(allowed.shape[:2]),
        "layer": first_layer,
        "head": first_head,
        "view": view,
        "choose": None if choose is None else _index(choose, "choose", rows),
        "numbers": numbers,
    }
    grid = _one_map(values[first_layer], first_head)
    hidden = None
    if allowed is not None:
        of_layer = allowed[min(first_layer, len(allowed) - 1)]
        is_head = isinstance(first_head, int) and len(of_layer) > 1
        hidden = ~(of_layer[first_head] if is_head else of_layer.any(axis=0))
    svg = view_picture(grid / max(1.0, grid.max()), hidden, query_names, key_names, alt)
    numbers_table = grid_table(
        grid[None],
        caption=alt,
        rows=query_names,
        columns=key_names,
        row_label=labels[0],
        column_label=labels[1],
        verbatim=True,
    )
    return AttentionView(
        svg=svg,
        alt=alt,
        numbers=_shown(first_layer, first_head, values.shape) + numbers_table,
        shape=values.shape,
        error=packed.error,
        data=_names(names) + f'<script type="application/json">{_json(data)}</script>',
    )


def _to_weights(weights: Any) -> NDArray[np.float64]:
    """Weights as ``(layers, heads, query, key)``."""
    if isinstance(weights, Sequence) and all(isinstance(each, torch.Tensor) for each in weights):
        shapes = {tuple(each.shape) for each in weights}
        if len(shapes) != 1:
            raise ValueError(f"weights must have one shape in every layer, got {sorted(shapes)}")
        weights = torch.stack(list(weights))
    if isinstance(weights, torch.Tensor):
        weights = weights.detach().to(device="cpu", dtype=torch.float64).numpy()
    try:
        values = np.asarray(weights, dtype=np.float64)
    except (TypeError, ValueError):
        raise ValueError("weights must be numbers in rows of equal length") from None
    wanted = "(layers, heads, query, key), (heads, query, key) or (query, key)"
    if not 2 <= values.ndim <= 4:
        hint = "; choose one text of the batch" if values.ndim == 5 else ""
        raise ValueError(f"weights must be {wanted}, got shape {values.shape}{hint}")
    if values.size == 0 or max(values.shape[-2:]) > LONGEST:
        raise ValueError(
            f"weights must be {wanted} with 1 to {LONGEST} queries and keys, "
            f"got shape {values.shape}"
        )
    if not np.isfinite(values).all():
        nan, infinite = np.isnan(values).sum(), np.isinf(values).sum()
        raise ValueError(f"weights must be finite, got {nan} NaN and {infinite} infinite values")
    if values.min() < 0:
        raise ValueError(
            f"weights must not be negative, got {values.min():g}: are these scores, "
            "before the softmax?"
        )
    return values.reshape((1,) * (4 - values.ndim) + values.shape)


def _tokens(tokens: Sequence[str], name: str, expected: int) -> list[str]:
    if isinstance(tokens, str):
        raise ValueError(f"{name} must be a list of tokens, got the string {tokens!r}")
    if len(tokens) != expected:
        raise ValueError(
            f"{name} must be {expected} tokens, as many as the weights have, "
            f"got {len(tokens)}: {list(tokens)}"
        )
    return readable_tokens([str(token) for token in tokens])


def _to_mask(mask: Any, values: NDArray[np.float64]) -> NDArray[np.bool_]:
    """A mask as ``(layers or 1, heads or 1, query, key)``."""
    if isinstance(mask, torch.Tensor):
        mask = mask.detach().cpu().numpy()
    allowed = np.asarray(mask)
    if allowed.dtype != np.bool_:
        raise ValueError(f"mask must be boolean, True = may attend, got {allowed.dtype}")
    shape = (1,) * (4 - allowed.ndim) + allowed.shape
    if allowed.ndim > 4 or any(
        size not in (1, full) for size, full in zip(shape, values.shape, strict=True)
    ):
        raise ValueError(
            f"mask must broadcast to (layers, heads, query, key) = {values.shape}, "
            f"got shape {allowed.shape}"
        )
    allowed = np.broadcast_to(allowed.reshape(shape), (*shape[:2], *values.shape[2:]))
    wrong = int(((values > 0) & ~allowed).sum())
    if wrong:
        raise ValueError(
            f"mask hides {wrong} weights that are not 0: was another mask applied, or does its "
            "True mean hidden? Here True means may attend"
        )
    return allowed


def _index(value: Any, name: str, size: int) -> int:
    try:
        number = index(value)
    except TypeError:
        number = -1
    if not 0 <= number < size:
        raise ValueError(f"{name} must be a number from 0 to {size - 1}, got {value!r}")
    return number


def _head(head: Any, heads: int) -> int | str:
    if head is None:
        return "mean" if heads > 1 else 0
    if isinstance(head, str):
        if head not in ("mean", "sum"):
            raise ValueError(f'head must be a number, "mean" or "sum", got {head!r}')
        return head if heads > 1 else 0
    return _index(head, "head", heads)


def _one_map(heads: NDArray[np.float64], head: int | str) -> NDArray[np.float64]:
    """What is shown of ``(heads, query, key)``: one of them, their mean or their sum."""
    shown: NDArray[np.float64] = heads[head] if isinstance(head, int) else heads.sum(axis=0)
    return shown / len(heads) if head == "mean" else shown


def _message(text: str, **values: int) -> str:
    """A word of every view: a site that translates puts its own in place of it."""
    given = escape(json.dumps(values)) if values else ""
    attribute = f' data-values="{given}"' if given else ""
    shown = escape(text.format(**values))
    return f'<span translate="no" data-message="{escape(text)}"{attribute}>{shown}</span>'


def _shown(layer: int, head: int | str, shape: tuple[int, ...]) -> str:
    """Which of the maps the picture and the table are."""
    parts = []
    if shape[0] > 1:
        parts.append(_message("Layer {number}", number=layer + 1))
    if shape[1] > 1:
        if isinstance(head, int):
            parts.append(_message("Head {number}", number=head + 1))
        else:
            parts.append(_message(f"{head.capitalize()} of {{number}} heads", number=shape[1]))
    return f"<p>{' · '.join(parts)}</p>" if parts else ""


def _names(names: dict[str, list[str] | None]) -> str:
    """Names of axes, layers and heads: where a site's translation looks for words of figures."""
    return "".join(
        f'<table hidden="hidden" class="attention-view__{kind}"><tr>'
        f"{''.join(f'<th>{escape(name)}</th>' for name in given)}</tr></table>"
        for kind, given in names.items()
        if given
    )


def _json(data: dict[str, Any]) -> str:
    """JSON that can stand in a ``<script>``, of HTML and of XHTML."""
    given = {key: value for key, value in data.items() if value is not None}
    text = json.dumps(given, ensure_ascii=False, separators=(",", ":"))
    for letter in "<>&":
        text = text.replace(letter, f"\\u{ord(letter):04x}")
    return text
