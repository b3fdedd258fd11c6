"""The extension's own words."""

from __future__ import annotations

from pathlib import Path

from extension_catalogs import Words

WORDS = Words(Path(__file__).parent / "locale", "sphinx_book_map")
translate = WORDS.translate
