"""Lay out text of any script without any installed font for it.

Matplotlib only has to know how much room a label takes: the browser draws the text with the
reader's own fonts. Matplotlib ships DejaVu Sans, which has no Hangul; for every character that
DejaVu lacks, a font made here answers "one em wide" (what a Hangul syllable or a Chinese
character takes) and draws nothing. A figure is therefore the same on every machine, whatever
fonts are installed there, and no glyph is ever missing.
"""

import atexit
import shutil
import struct
import tempfile
from functools import cache
from pathlib import Path

from fontTools.fontBuilder import FontBuilder  # type: ignore[import-untyped]
from fontTools.ttLib.tables._g_l_y_f import Glyph  # type: ignore[import-untyped]
from fontTools.ttLib.tables.DefaultTable import DefaultTable  # type: ignore[import-untyped]
from matplotlib import font_manager

METRICS_FAMILY = "Jumok Metrics"


def build_metrics_font(path: Path, style: str, weight: int) -> None:
    """Write a font of one empty, one-em wide glyph that stands for every character."""
    em = 1000
    builder = FontBuilder(em, isTTF=True)
    builder.setupGlyphOrder([".notdef", "em"])
    builder.setupCharacterMap({})
    builder.setupGlyf({".notdef": Glyph(), "em": Glyph()})
    builder.setupHorizontalMetrics({".notdef": (em, 0), "em": (em, 0)})
    builder.setupHorizontalHeader(ascent=880, descent=-120)
    builder.setupNameTable({"familyName": METRICS_FAMILY, "styleName": style})
    builder.setupOS2(
        usWeightClass=weight, sTypoAscender=880, sTypoDescender=-120, usWinAscent=880,
        usWinDescent=120, fsSelection=0x20 if weight > 400 else 0x40,
    )  # fmt: skip
    builder.font["head"].macStyle = int(weight > 400)
    builder.setupPost()
    # Format 13 maps a whole range of characters to one glyph, here glyph 1: all of Unicode but
    # the surrogates, which are no characters. The font has 600 bytes.
    groups = ((0x21, 0xD7FF, 1), (0xE000, 0x10FFFF, 1))
    header = struct.pack(">HHHHL", 0, 1, 3, 10, 12)
    subtable = struct.pack(">HHLLL", 13, 0, 16 + 12 * len(groups), 0, len(groups))
    table = DefaultTable("cmap")
    table.data = header + subtable + b"".join(struct.pack(">LLL", *group) for group in groups)
    builder.font["cmap"] = table
    builder.save(path)


@cache
def font_families() -> list[str]:
    """The families every figure is laid out with; the first call registers the fallback."""
    # Matplotlib opens the files whenever it needs them: they go when the program ends.
    folder = Path(tempfile.mkdtemp(prefix="jumok-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    for style, weight in (("Regular", 400), ("Bold", 700)):
        path = folder / f"{style}.ttf"
        build_metrics_font(path, style, weight)
        font_manager.fontManager.addfont(path)
    return ["DejaVu Sans", METRICS_FAMILY]
