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

DOMAIN = "sphinx_quizzes"
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


def script_words() -> dict[str, str]:
    """What the script says; numbers and names stand in braces."""
    return {
        "check": str(_("Check")),
        "again": str(_("Try again")),
        "right": str(_("Right.")),
        "wrong": str(_("Not yet.")),
        "unknown": str(_("This isn't the answer, and no common mistake either.")),
        "several": str(_("Not all of them, or one too many.")),
        "nothing": str(_("Choose or type an answer first.")),
        "number": str(_("Your answer, a number")),
        "shape": str(_("Your answer, a shape such as 2, 5, 8")),
        "badNumber": str(_("Type a number, such as 12 or 0.5.")),
        "badShape": str(_("Type whole numbers with commas between them, such as 2, 5, 8.")),
        "up": str(_("Move up: {item}")),
        "down": str(_("Move down: {item}")),
        "moved": str(_("{item}: now at place {place} of {count}")),
        "line": str(_("Line {line}")),
        "count": str(_("{right} of {count} right")),
        "done": str(_("All {count} right.")),
        "before": str(_("You have answered this one right before.")),
        "erase": str(_("Erase my answers")),
        "sure": str(_("Erase your answers to all questions of this book?")),
        "yes": str(_("Erase")),
        "no": str(_("Keep them")),
        "erased": str(_("Your answers are erased.")),
        "denied": str(_("Your browser doesn't keep them: they last as long as this page.")),
    }
