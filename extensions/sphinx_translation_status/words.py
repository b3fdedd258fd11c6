"""The extension's own words, in the language of the build."""

from __future__ import annotations

import io
from gettext import GNUTranslations
from pathlib import Path
from typing import TYPE_CHECKING

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from sphinx.locale import get_translation, get_translator, translators

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.config import Config

DOMAIN = "sphinx_translation_status"
LOCALES = Path(__file__).parent / "locale"

_ = get_translation(DOMAIN)


def load_words(app: Sphinx, config: Config) -> None:
    """Load our catalog of the build's language, or of its base language, if there is one."""
    for code in dict.fromkeys([config.language, config.language.split("_")[0]]):
        path = LOCALES / code / "LC_MESSAGES" / f"{DOMAIN}.po"
        if path.exists():
            with path.open("rb") as file:
                messages = read_po(file, locale=code, domain=DOMAIN)
            compiled = io.BytesIO()
            write_mo(compiled, messages)
            compiled.seek(0)
            ours = GNUTranslations(compiled)  # type: ignore[arg-type]
            ours.add_fallback(get_translator(DOMAIN))
            translators["general", DOMAIN] = ours
            return


def plural(one: str, many: str, number: int) -> str:
    """The form of a sentence for a number, translated."""
    return get_translator(DOMAIN).ngettext(one, many, number)


def is_translated(text: str) -> bool:
    """Whether our catalog has ``text``, so that it is in the language of the page."""
    return str(_(text)) != text


def html_language(code: str) -> str:
    """A language as HTML writes it.

    >>> html_language("pt_BR")
    'pt-BR'
    """
    return code.replace("_", "-")
