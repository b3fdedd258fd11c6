"""A figure: an SVG that takes its text and its colours from the page around it."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from io import StringIO
from math import ceil, floor
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
import torch
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
from matplotlib.figure import Figure as MatplotlibFigure
from matplotlib.transforms import Bbox
from numpy.typing import NDArray

from jumok.plotting._fonts import font_families
from jumok.plotting._svg import clean

PIXELS_PER_INCH = 72  # Matplotlib's SVG counts in points: one point is one pixel of ours
FONT_SIZE = 12.0
MARGIN = 3
FONT_STACK = (
    "system-ui, 'Apple SD Gothic Neo', 'Malgun Gothic', 'Noto Sans KR', 'Noto Sans CJK KR', "
    "sans-serif"
)


@dataclass(frozen=True, repr=False)
class Figure:
    """A drawn figure.

    In a notebook and on a page it shows itself. Its text is text: it can be searched and
    selected, and takes the page's font and colour.

    Attributes:
        svg: the ``<svg>`` element, ready to stand in a page.
        alt: what the figure shows, in a sentence.
        numbers: its numbers as tables, folded away, as HTML.
    """

    svg: str
    alt: str
    numbers: str = ""

    def _repr_html_(self) -> str:
        inside = f"{self.svg}{self.numbers}"
        return f'<figure class="jumok-figure" style="overflow-x:auto">{inside}</figure>'

    def save(self, path: str | Path) -> None:
        """Write an SVG file that stands on its own: dark ink on white paper."""
        root = f'<svg xmlns="http://www.w3.org/2000/svg" font-family="{FONT_STACK}"'
        paper = '</title><rect width="100%" height="100%" fill="#ffffff"/>'
        svg = self.svg.replace("<svg", root, 1).replace("</title>", paper, 1)
        Path(path).write_text(svg.replace("currentColor", "#222832") + "\n", encoding="utf-8")

    def __repr__(self) -> str:
        size = re.search(r'viewBox="0 0 (\d+) (\d+)"', self.svg)
        assert size is not None
        return f"<jumok figure {size[1]} × {size[2]}: {self.alt}>"


@contextmanager
def style() -> Iterator[None]:
    """Matplotlib's defaults and ours, inside the block only: the caller's settings stay."""
    # These choose a window system and have nothing to do with how a figure looks.
    keep = {"backend", "backend_fallback", "toolbar", "interactive"}
    defaults = dict.items(matplotlib.rcParamsDefault)
    settings: Any = {name: value for name, value in defaults if name not in keep}
    settings |= {
        "font.family": font_families(),
        "font.size": FONT_SIZE,
        "svg.fonttype": "none",  # text stays text
        "svg.hashsalt": "jumok",  # names do not change from run to run
        "text.parse_math": False,  # a token "$" is a dollar sign
        "figure.dpi": PIXELS_PER_INCH,
        "savefig.dpi": PIXELS_PER_INCH,
    }
    with matplotlib.rc_context(settings):
        yield


def finish(
    drawing: MatplotlibFigure,
    alt: str,
    images: Mapping[str, tuple[str, bool]] | None = None,
    numbers: str = "",
) -> Figure:
    """Turn a Matplotlib figure, drawn inside ``style()``, into one of ours.

    Args:
        drawing: the figure; black in it becomes the page's text colour.
        alt: what it shows.
        images: ``{gid: (data URI, smooth)}``; the rectangle with that gid becomes the image.
        numbers: the figure's tables.
    """
    box = drawing.get_tightbbox(measuring_renderer(drawing))
    # Whole pixels, so that what was drawn on whole pixels stays there.
    low = [floor(round(edge * PIXELS_PER_INCH, 3)) - MARGIN for edge in (box.x0, box.y0)]
    high = [ceil(round(edge * PIXELS_PER_INCH, 3)) + MARGIN for edge in (box.x1, box.y1)]
    crop = Bbox.from_extents(*(edge / PIXELS_PER_INCH for edge in (*low, *high)))
    buffer = StringIO()
    drawing.savefig(buffer, format="svg", bbox_inches=crop, pad_inches=0, transparent=True)
    return Figure(svg=clean(buffer.getvalue(), alt, images or {}), alt=alt, numbers=numbers)


def measuring_renderer(drawing: MatplotlibFigure) -> RendererAgg:
    """What tells the sizes of texts and shapes."""
    canvas: Any = FigureCanvasAgg(drawing)
    renderer: RendererAgg = canvas.get_renderer()
    return renderer


def check_alt(alt: str) -> None:
    """Refuse a figure that nobody described."""
    if not isinstance(alt, str) or not alt.strip():
        raise ValueError(f"alt must be a sentence that says what the figure shows, got {alt!r}")


def to_array(values: Any, name: str, dimensions: int) -> NDArray[np.float64]:
    """Numbers from a tensor of any device and precision, an array or nested lists."""
    if isinstance(values, torch.Tensor):
        values = values.detach().to(device="cpu", dtype=torch.float64).numpy()
    try:
        array = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise ValueError(f"{name} must be numbers in rows of equal length") from None
    if array.ndim != dimensions or array.size == 0:
        raise ValueError(
            f"{name} must have {dimensions} axes, none of them empty, got shape {array.shape}"
        )
    if not np.isfinite(array).all():
        nan, infinite = np.isnan(array).sum(), np.isinf(array).sum()
        raise ValueError(f"{name} must be finite, got {nan} NaN and {infinite} infinite values")
    return array


def check_labels(labels: Any, name: str, expected: int) -> list[str] | None:
    """As many labels as there are rows, columns or heads."""
    if labels is None:
        return None
    if len(labels) != expected:
        raise ValueError(f"{name} must be {expected} labels, got {len(labels)}: {list(labels)}")
    return [str(label) for label in labels]
