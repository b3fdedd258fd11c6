"""What conf.py and the build share: where things are, the site's address, its languages."""

import os
import sys
import tomllib
from pathlib import Path

from languages import LanguagesError, catalog_texts, read_languages

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

#: The one setting for the site's address; canonical links, hreflang, Open Graph and the sitemap
#: are made from it. JUMOK_SITE_URL overrides it, for a copy hosted elsewhere.
SITE_URL = os.environ.get("JUMOK_SITE_URL", PROJECT["urls"]["Homepage"]).rstrip("/") + "/"
REPOSITORY_URL = PROJECT["urls"]["Repository"]

LANGUAGES_FILE = ROOT / "docs" / "languages.yml"
SITE_LOCALES = ROOT / "site" / "locales"

try:
    SITE_LANGUAGES = read_languages(LANGUAGES_FILE)
except LanguagesError as error:
    sys.exit(str(error))

#: As the language switch and the landing page want them: code, name, hint. The source is first.
LANGUAGES = [language.switch_entry for language in SITE_LANGUAGES]
SOURCE = SITE_LANGUAGES[0].code
#: Codes of the languages with catalogs, and of those declared complete.
TRANSLATIONS = [language.code for language in SITE_LANGUAGES[1:]]
COMPLETE = [language.code for language in SITE_LANGUAGES if language.complete]

#: Texts of the site that belong to no page, in the source language.
AUTHOR = "The Jumok authors"
DESCRIPTION = "Attention and the Transformer, taken apart and run."
COPYRIGHT = "2026, The Jumok authors. Code: Apache-2.0. Text and figures: CC BY 4.0"


def site_texts(code: str) -> dict[str, str]:
    """Translations of `AUTHOR`, `COPYRIGHT` and the texts of the pages in site/."""
    return catalog_texts(SITE_LOCALES / f"{code}.po")
