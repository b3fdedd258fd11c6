"""The own words of an extension, in the language of the build.

Sphinx's ``add_message_catalog`` wants compiled catalogs on disk, which go stale and don't belong in
a repository. Here the ``.po`` files beside the extension are compiled in memory, once:

    WORDS = Words(Path(__file__).parent / "locale", "sphinx_book_map")
    WORDS.translate("Edit this page", "ko")

A language without a catalog falls back to its base language (``pt_BR`` to ``pt``), then to English.
"""

from __future__ import annotations

import io
from functools import cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

__version__ = "1.0"


@cache
def catalog(path: Path) -> GNUTranslations:
    """A ``.po`` file as gettext's translations."""
    with path.open("rb") as file:
        messages = read_po(file, domain=path.stem)
    compiled = io.BytesIO()
    write_mo(compiled, messages)
    compiled.seek(0)
    return GNUTranslations(compiled)  # type: ignore[arg-type]


class Words:
    """The words of one extension: the folder of its catalogs, and the catalogs' name."""

    def __init__(self, locales: Path, domain: str) -> None:
        self.locales, self.domain = locales, domain

    def translations(self, language: str | None) -> NullTranslations:
        """What the extension says in a language."""
        code = (language or "en").replace("-", "_")
        for name in (code, code.split("_")[0]):
            path = self.locales / name / "LC_MESSAGES" / f"{self.domain}.po"
            if path.exists():
                return catalog(path)
        return NullTranslations()

    def translate(self, message: str, language: str | None) -> str:
        """One of the words; the message itself where there is no translation."""
        return self.translations(language).gettext(message)

    def plural(self, one: str, many: str, number: int, language: str | None) -> str:
        """The form of a sentence for a number."""
        return self.translations(language).ngettext(one, many, number)
