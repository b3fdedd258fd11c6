"""Outputs side by side: what differs is marked."""

import re
from collections.abc import Mapping
from difflib import SequenceMatcher
from html import escape
from typing import Any

from jumok.plotting._figure import check_alt
from jumok.plotting._spans import MarkedText

Row = Mapping[str, Any]


def differing_words(text: str, other: str) -> list[tuple[int, int, str]]:
    """Where ``text`` has other words than ``other``, as spans for :func:`highlight_spans`.

    Words that were only moved differ, too. White space never does. Where ``text`` has nothing in
    place of a word of ``other``, there is nothing to mark.

    >>> differing_words("when he opened it", "when I opened it")
    [(5, 7, '≠')]
    """
    words = list(re.finditer(r"\S+", text))
    matcher = SequenceMatcher(None, [word[0] for word in words], other.split(), autojunk=False)
    return [
        (words[first].start(), words[last - 1].end(), "≠")
        for kind, first, last, _, _ in matcher.get_opcodes()
        if kind in ("replace", "delete")
    ]


def compare_rows(outputs: Mapping[str, list[Any]], *, alt: str, align: str = "") -> MarkedText:
    """Rows of several runs side by side: what differs from the first run's is marked with ``≠``.

    >>> book, notebook = ([{"label": "NEGATIVE", "score": score}] for score in (0.9015, 0.8))
    >>> shown = compare_rows({"book": book, "notebook": notebook}, alt="Two scores.")
    >>> shown
    <jumok text, 1 marked: Two scores.>
    >>> "<mark>0.800000<small>" in shown.html
    True

    Args:
        outputs: for each run, named as it shall stand above its column, the rows of a pipeline.
        alt: a sentence that says what the table shows.
        align: a field whose value rows of two runs must have in common to stand side by side, such
            as ``start``; without it, the first stands beside the first. A place that is empty where
            another run has a row is shown as ``—``.

    Raises:
        ValueError: fewer than two runs, or an empty ``alt``.
    """
    check_alt(alt)
    if len(outputs) < 2:
        raise ValueError(f"expected two runs or more, got {len(outputs)}")
    names = list(outputs)
    keyed = {
        name: {row[align] if align else place: row for place, row in enumerate(rows)}
        for name, rows in outputs.items()
    }
    keys = sorted({key for rows in keyed.values() for key in rows})
    count, lines = 0, []
    for key in keys:
        first = keyed[names[0]].get(key)
        cells = []
        for name in names:
            row = keyed[name].get(key)
            values = [] if row is None else [(field, _shown(row[field])) for field in row]
            parts = ["—"] if row is None else []
            for field, value in values:
                if name != names[0] and (first is None or value != _shown(first.get(field))):
                    parts.append(f"<mark>{escape(value)}<small>\xa0≠</small></mark>")
                    count += 1
                else:
                    parts.append(escape(value))
            cells.append(f"<td>{' '.join(parts)}</td>")
        lines.append(f"<tr>{''.join(cells)}</tr>")
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in names)
    body = f"<thead><tr>{head}</tr></thead><tbody>{''.join(lines)}</tbody>"
    return MarkedText(f'<table class="notranslate" translate="no">{body}</table>', alt, count)


def _shown(value: Any) -> str:
    """A number with the six digits that the documents print."""
    return f"{value:.6f}" if isinstance(value, float) else str(value)
