"""The words of the menu in the reader's language."""

from __future__ import annotations

import io
from gettext import GNUTranslations
from typing import TYPE_CHECKING

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from sphinx.locale import translators

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

DOMAIN = "page_notebooks"


def compiled(path: Path) -> GNUTranslations:
    """A catalog compiled in memory: no file is written that could go stale."""
    with path.open("rb") as file:
        messages = read_po(file, domain=DOMAIN)
    binary = io.BytesIO()
    write_mo(binary, messages)
    binary.seek(0)
    return GNUTranslations(binary)  # type: ignore[arg-type]


def load_catalog(own: Path, language: str | None, others: Iterable[Path] = ()) -> None:
    """Let Sphinx translate with the project's catalogs, then ours, for ``pt_BR`` also ``pt``."""
    from gettext import NullTranslations

    translation: NullTranslations = NullTranslations()
    names = [language, language.split("_")[0]] if language else []
    for name in dict.fromkeys(reversed(names)):
        for folder in (own, *others):
            path = folder / name / "LC_MESSAGES" / f"{DOMAIN}.po"
            if path.exists():
                catalog = compiled(path)
                catalog.add_fallback(translation)
                translation = catalog
    translators["general", DOMAIN] = translation
