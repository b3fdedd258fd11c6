"""Figures of this book: SVG whose text stays text and which follow the page's colours.

Every function returns a :class:`Figure`, an object that shows itself in a notebook and on a
page, and wants ``alt``: one plain sentence that says what the figure shows.
:func:`highlight_spans` marks stretches of a text and returns a :class:`MarkedText`, and so does
:func:`compare_rows` for what differs between runs.

>>> from jumok.plotting import heatmap
>>> heatmap([[1.0, 0.0], [0.4, 0.6]], rows=["나는", "간다"], columns=["I", "go"],
...         alt="The second query attends to both keys.")
<jumok figure 142 × 98: The second query attends to both keys.>
"""

from jumok.plotting._architecture import architecture
from jumok.plotting._attention_steps import AttentionSteps, attention_steps
from jumok.plotting._attention_view import AttentionView, attention_view
from jumok.plotting._comparison import compare_rows, differing_words
from jumok.plotting._curves import bars, lines
from jumok.plotting._figure import Figure
from jumok.plotting._heatmaps import attention_heads, heatmap, position_encodings
from jumok.plotting._matrices import matrices
from jumok.plotting._spans import MarkedText, highlight_spans
from jumok.plotting._timeline import points, timeline

__all__ = [
    "Figure",
    "heatmap",
    "attention_heads",
    "AttentionView",
    "attention_view",
    "AttentionSteps",
    "attention_steps",
    "position_encodings",
    "matrices",
    "lines",
    "bars",
    "points",
    "timeline",
    "architecture",
    "MarkedText",
    "highlight_spans",
    "compare_rows",
    "differing_words",
]
