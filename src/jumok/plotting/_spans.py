"""A text in which stretches are marked: names, answers, anything with a beginning and an end."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import escape
from itertools import pairwise
from math import isfinite
from operator import index
from typing import Any, NamedTuple

from jumok.plotting._figure import check_alt

LABELS = ("entity_group", "entity", "label")
"""Where a span says what it is; the first that it has."""
QUOTES = ("answer", "text")
"""Where a span repeats what stands there, so that we can see whether it is this text's."""
LINE_END = re.compile(r"\r\n|\r|\n")


class Span(NamedTuple):
    """A stretch of a text, in characters, and what it is."""

    start: int
    end: int
    label: str
    score: float | None

    def __str__(self) -> str:
        return f"{self.label} {self.start} to {self.end}"


@dataclass(frozen=True, repr=False)
class MarkedText:
    """A text with marked stretches.

    In a notebook and on a page it shows itself. It needs no script and no style of its own: where
    nothing else is said, the browser's own ``<mark>`` is seen.

    Attributes:
        html: the ``<p>`` element, ready to stand in a page.
        alt: what the marks show, in a sentence.
        count: how many marks there are.
    """

    html: str
    alt: str
    count: int

    def _repr_html_(self) -> str:
        name = escape(" ".join(self.alt.split()))
        return f'<figure class="jumok-figure jumok-spans" aria-label="{name}">{self.html}</figure>'

    def __repr__(self) -> str:
        return f"<jumok text, {self.count} marked: {self.alt}>"


def highlight_spans(
    text: str, spans: Iterable[Any], *, alt: str, language: str | None = None
) -> MarkedText:
    """Mark stretches of a text, each with its label as a word beside it.

    A span is a tuple ``(start, end, label)`` or ``(start, end, label, score)``; a dictionary as
    pipelines give it, with ``start`` and ``end`` and one of ``entity_group``, ``entity``, ``label``
    or ``answer``; or an object with ``start``, ``end`` and ``label``, such as
    :class:`jumok.data.letters.Entity`. ``text[start:end]`` is marked; the order doesn't matter. An
    answer that is empty, because the text has none, marks nothing.

    >>> text = "루시는 베를린에서 샀습니다."
    >>> spans = [(0, 2, "PER"), {"entity_group": "LOC", "score": 0.98, "start": 4, "end": 7}]
    >>> marked = highlight_spans(text, spans, alt="Two names.", language="ko")
    >>> marked
    <jumok text, 2 marked: Two names.>
    >>> print(marked.html.replace("\\xa0", " ").replace("</mark>", "</mark>\\n"))
    <p class="notranslate" translate="no" lang="ko"><mark>루시<small> PER</small></mark>
    는 <mark>베를린<small> LOC 0.98</small></mark>
    에서 샀습니다.</p>

    Args:
        text: the text; it is shown as it is, with its line breaks.
        spans: what to mark. They must not overlap.
        alt: a sentence that says what the marks show.
        language: the code of the text's language (``"ko"``), where the page may be in another.

    Raises:
        ValueError: a span without a place or a label, outside of the text, empty or overlapping
            another; an answer that isn't what stands there; a score that is no number; an empty
            ``alt``.
    """
    check_alt(alt)
    if not isinstance(text, str):
        raise ValueError(f"text must be a string, got {type(text).__name__}")
    if isinstance(spans, Mapping):
        spans = [spans]
    read = [_read(number, span, text) for number, span in enumerate(spans, start=1)]
    found = sorted((span for span in read if span is not None), key=lambda span: span[:2])
    for before, after in pairwise(found):
        if after.start < before.end:
            raise ValueError(f"spans must not overlap, got {before} and {after}")
    pieces, position = [], 0
    for span in found:
        score = "" if span.score is None else f"\xa0{span.score:.2f}"
        label = f"<small>\xa0{escape(span.label)}{score}</small>"
        inside = _lines(text[span.start : span.end])
        pieces += [_lines(text[position : span.start]), f"<mark>{inside}{label}</mark>"]
        position = span.end
    own = "" if language is None else f' lang="{escape(language)}"'
    body = "".join([*pieces, _lines(text[position:])])
    html = f'<p class="notranslate" translate="no"{own}>{body}</p>'
    return MarkedText(html, alt, len(found))


def _lines(text: str) -> str:
    return LINE_END.sub("<br>", escape(text))


def _read(number: int, given: Any, text: str) -> Span | None:
    """A span in any of its forms; ``None`` for an answer that the text doesn't have."""
    name = f"span {number}"
    if isinstance(given, tuple) and not hasattr(given, "label"):
        if len(given) not in (3, 4):
            raise ValueError(
                f"{name} must be (start, end, label) or (start, end, label, score), got {given!r}"
            )
        fields = dict(zip(("start", "end", "label", "score"), given, strict=False))
    elif isinstance(given, Mapping):
        fields = dict(given)
    else:
        names = ("start", "end", *LABELS, *QUOTES, "score")
        fields = {key: getattr(given, key) for key in names if hasattr(given, key)}
    missing = [key for key in ("start", "end") if key not in fields]
    label = next((str(fields[key]) for key in LABELS if fields.get(key)), "")
    if not label and "answer" in fields:
        label = "answer"
    if missing or not label:
        wanted = " and ".join(missing) or f"one of {', '.join(LABELS)}, answer"
        raise ValueError(f"{name} must have {wanted}, got {given!r}")
    if fields.get("answer", ".") in ("", None):
        return None
    start, end = (_place(name, key, fields[key]) for key in ("start", "end"))
    if not 0 <= start < end <= len(text):
        raise ValueError(
            f"{name} must have 0 ≤ start < end ≤ {len(text)}, the length of the text, "
            f"got {label} {start} to {end}"
        )
    for key in QUOTES:
        if key in fields and text[start:end] != fields[key]:
            raise ValueError(
                f"{name} must be {fields[key]!r} as its {key} says, but from {start} to {end} "
                f"the text has {text[start:end]!r}: was it found in another text?"
            )
    return Span(start, end, label, _score(name, fields.get("score")))


def _place(name: str, key: str, value: Any) -> int:
    try:
        return index(value)
    except TypeError:
        raise ValueError(f"{name} must have an integer as its {key}, got {value!r}") from None


def _score(name: str, value: Any) -> float | None:
    if value is None:
        return None
    try:
        score = float(value)
    except (TypeError, ValueError):
        score = float("nan")
    if not isfinite(score):
        raise ValueError(f"{name} must have a number as its score, got {value!r}")
    return score
