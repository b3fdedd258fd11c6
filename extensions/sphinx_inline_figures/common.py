"""What every figure says, in the language of the build."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from babel.messages.pofile import read_po

LOCALES = Path(__file__).parent / "locale"
DOMAIN = "sphinx_inline_figures"


@cache
def common_words(language: str) -> dict[str, str]:
    """The translations of common words; none in the language that they are written in."""
    for code in (language, language.split("_")[0].split("-")[0]):
        path = LOCALES / code / "LC_MESSAGES" / f"{DOMAIN}.po"
        if path.exists():
            with path.open("rb") as file:
                messages = read_po(file, locale=code, domain=DOMAIN)
            return {str(each.id): str(each.string) for each in messages if each.id and each.string}
    return {}
