"""The extension's own words in the language of the build."""

from __future__ import annotations

import io
from functools import cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

DOMAIN = "sphinx_execution_report"
LOCALES = Path(__file__).parent / "locale"


@cache
def catalog(language: str) -> NullTranslations:
    """The catalog of a language, compiled in memory: no file is written that could go stale."""
    for code in (language, language.split("_")[0].split("-")[0]):
        path = LOCALES / code / "LC_MESSAGES" / f"{DOMAIN}.po"
        if path.exists():
            with path.open("rb") as file:
                messages = read_po(file, domain=DOMAIN)
            compiled = io.BytesIO()
            write_mo(compiled, messages)
            compiled.seek(0)
            return GNUTranslations(compiled)  # type: ignore[arg-type]
    return NullTranslations()


def translate(message: str, language: str | None) -> str:
    """One of the extension's words, in English where there is no translation."""
    return catalog(language or "en").gettext(message)
