"""Web fonts with the characters of the site and no others, as WOFF2."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

from .stylesheets import Block
from .usage import Usage

ESCAPE = re.compile(r"\\([0-9a-fA-F]{1,6}) ?|\\(.)")


def characters_of_strings(blocks: Iterable[Block]) -> set[str]:
    """The characters that stylesheets themselves put on a page: icons, marks of lists."""
    found: set[str] = set()
    for block in blocks:
        for declaration in block.declarations():
            if declaration.name == "content" or declaration.name.startswith("--"):
                for string in re.findall(r"""["'](.*?)["']""", declaration.value):
                    found.update(ESCAPE.sub(lambda m: chr(int(m[1], 16)) if m[1] else m[2], string))
    return found


def is_of_maths(path: Path) -> bool:
    return path.name.startswith("KaTeX_")


def subset_font(path: Path, characters: Iterable[str]) -> bytes:
    """A font reduced to some characters; their layout (ligatures, kerning) stays."""
    options = subset.Options(
        flavor="woff2",
        layout_features=["*"],
        name_IDs=[0, 1, 2, 13, 14],  # its makers and its licence stay in it
        notdef_outline=True,
        drop_tables=["FFTM"],
        hinting=False,
        desubroutinize=True,
    )
    font = TTFont(path, lazy=True)
    job = subset.Subsetter(options)
    job.populate(unicodes={ord(character) for character in characters})
    job.subset(font)
    font.flavor = "woff2"
    written = io.BytesIO()
    font.save(written)
    return written.getvalue()


def wanted_characters(path: Path, usage: Usage, strings: set[str]) -> set[str]:
    """What a font has to draw: maths, or what stylesheets write."""
    return (usage.maths if is_of_maths(path) else set()) | (strings - set(map(chr, range(128))))
