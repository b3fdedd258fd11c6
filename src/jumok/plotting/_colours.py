"""The colours of every figure, chosen to be read on a light and on a dark page.

A weight is drawn as one hue whose opacity is the weight: 0 lets the page through and 1 is the
full hue, whatever the page's own colour. The hue has a luminance of about 0.15, which stands
out by 3:1 or more from white and from the dark page alike.
"""

from collections.abc import Iterable

Number = int | float  # the run-time checks of the tests keep the two apart

# Ink: drawn as black here, turned into `currentColor` in the SVG.
INK = "#000000"
PAPER = "#ffffff"
POSITIVE = "#2563eb"
NEGATIVE = "#c2410c"
# Series of lines and bars, told apart also by their dashes.
SERIES = ("#2f74e0", "#d9580d", "#128a63", "#b04fc4", "#a17a00", "#5f7285")
DASHES = ("-", (0, (6, 2)), (0, (2, 1.5)), (0, (7, 2, 2, 2)), (0, (10, 3)), (0, (1, 1)))
# What a reader with the page's theme sees, to judge contrasts by.
LIGHT_PAGE, LIGHT_TEXT = "#ffffff", "#222832"


def rgb(colour: str) -> tuple[float, float, float]:
    """``#rrggbb`` as three numbers from 0 to 1."""
    return tuple(int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))  # type: ignore[return-value]


def luminance(components: Iterable[float]) -> float:
    """Relative luminance of an sRGB colour (WCAG 2.2), from 0 for black to 1 for white."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in components]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def blend(colour: str, opacity: Number, page: str) -> tuple[float, float, float]:
    """The colour seen where ``colour`` with this opacity lies on a page."""
    pairs = zip(rgb(colour), rgb(page), strict=True)
    return tuple(opacity * c + (1 - opacity) * p for c, p in pairs)  # type: ignore[return-value]


def contrast(first: Iterable[float], second: Iterable[float]) -> float:
    """Contrast ratio of two colours (WCAG 2.2), from 1 to 21."""
    low, high = sorted((luminance(first), luminance(second)))
    return (high + 0.05) / (low + 0.05)


def cell_colour(value: Number) -> tuple[str, float]:
    """Hue and opacity of a value in −1 … 1."""
    return (POSITIVE if value >= 0 else NEGATIVE), round(min(abs(float(value)), 1.0), 2)


def text_colour(value: Number) -> str:
    """Ink or white, whichever is easier to read on the cell of this value.

    On a dark page every cell is darker than on a light one, so the light page decides.
    """
    cell = blend(*cell_colour(value), LIGHT_PAGE)
    return PAPER if contrast(rgb(PAPER), cell) > contrast(rgb(LIGHT_TEXT), cell) else INK
