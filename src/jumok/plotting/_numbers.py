"""How numbers are written: in cells, on axes, in tables."""

from math import floor, log10

import numpy as np
from numpy.typing import NDArray

from jumok.plotting._colours import Number


def decimals(values: NDArray[np.float64]) -> int:
    """How many decimals show the largest of the values with two digits; two at least.

    >>> [decimals(np.array(values)) for values in ([1.0, 2.0], [0.5, 1.0], [0.004], [31.5])]
    [0, 2, 4, 2]
    """
    largest = float(np.abs(values).max())
    if (values == np.rint(values)).all() or largest == 0:
        return 0
    return min(max(2, 1 - floor(log10(largest))), 9)


def cell_texts(values: NDArray[np.float64], places: int) -> list[list[str]]:
    """What is written into the cells of a matrix; an exact 0, as a masked weight, is ``0``."""
    pattern = f"{{:.{places}f}}"
    return [[format_number(pattern, value) if value else "0" for value in row] for row in values]


def format_number(pattern: str, value: Number) -> str:
    """A number with a proper minus sign, and without one where it rounds to zero."""
    text = pattern.format(value)
    return text.removeprefix("-") if float(text) == 0 else text.replace("-", "\N{MINUS SIGN}")


def readable(value: Number, _: object = None) -> str:
    """A number as a person writes it: ``0.0005``, ``1,500``, ``−2.5``, ``3×10⁻⁷``.

    >>> [readable(value) for value in (0.0005, 1500, -2.5, 3e-7, 10**9)]
    ['0.0005', '1,500', '−2.5', '3×10⁻⁷', '10⁹']
    """
    if value == 0:
        return "0"
    exponent = floor(log10(abs(value)) + 1e-9)
    if -5 < exponent < 9:
        text = f"{value:,.{max(0, 3 - exponent)}f}"
        text = text.rstrip("0").rstrip(".") if "." in text else text
    else:
        factor = f"{value / 10.0**exponent:.3g}"
        power = "10" + str(exponent).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
        text = power if factor == "1" else f"{factor}×{power}"
    return text.replace("-", "\N{MINUS SIGN}")
