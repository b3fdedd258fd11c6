"""The script of a site: settings and words in the language of the build, then the code."""

from __future__ import annotations

import functools
import io
import json
from gettext import GNUTranslations, NullTranslations
from pathlib import Path
from typing import TYPE_CHECKING, Any

from babel import Locale, UnknownLocaleError
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from .fragments import FOLDER

if TYPE_CHECKING:
    from sphinx.application import Sphinx

HERE = Path(__file__).parent
DOMAIN = "sphinx_parallel_text"
# In this order; together they are one function, so that a page loads one file.
PARTS = ("state.js", "pairs.js", "reveal.js", "menu.js", "start.js")

# Words with {language} take the name of the other language, in the language of the page.
WORDS = {
    "menu": "Read in two languages",
    "mode": "The other language",
    "off": "Hidden",
    "reveal": "One paragraph at a time",
    "columns": "Beside the whole page",
    "which": "Which language",
    "show": "{language}",
    "missing": "Not translated into {language} yet",
    "own": "This passage isn't translated yet",
    "same": "The same in {language}",
    "absent": "This page isn't available in {language} here",
    "help": "{key} opens and closes the paragraph you are at. ↑ ↓ lead from there to the next.",
}


@functools.cache
def catalog(language: str) -> NullTranslations:
    """Our catalog of a language, compiled in memory: no file is written that could go stale."""
    for name in (language, language.split("_")[0]):
        path = HERE / "locale" / name / "LC_MESSAGES" / f"{DOMAIN}.po"
        if path.exists():
            with path.open("rb") as file:
                messages = read_po(file, locale=name, domain=DOMAIN)
            compiled = io.BytesIO()
            write_mo(compiled, messages)
            compiled.seek(0)
            return GNUTranslations(compiled)  # type: ignore[arg-type]
    return NullTranslations()


def language_name(code: str, own_name: str, language: str) -> str:
    """The name of a language in another: English is 영어 in Korean.

    >>> language_name("ko", "한국어", "en")
    'Korean'
    """
    try:
        return Locale.parse(code).get_display_name(language) or own_name
    except (UnknownLocaleError, ValueError):
        return own_name


def direction(code: str) -> str:
    try:
        return Locale.parse(code).text_direction
    except (UnknownLocaleError, ValueError):
        return "ltr"


def settings(app: Sphinx, languages: list[dict[str, str]]) -> dict[str, Any]:
    """What the code needs to know of the site."""
    config = app.config
    own, outdir = config.language, Path(app.outdir)
    others = [language for language in languages if language["code"] != own]
    if config.parallel_text_only_built:
        others = [each for each in others if (outdir.parent / each["code"] / FOLDER).is_dir()]
    gettext = catalog(own).gettext
    return {
        "language": own,
        "folder": FOLDER,
        "default": config.parallel_text_default,
        "key": config.parallel_text_key.lower(),
        "source": languages[0]["code"],
        "languages": [
            {
                **language,
                "lang": language["code"].replace("_", "-"),
                "dir": direction(language["code"]),
                "called": language_name(language["code"], language["name"], own),
            }
            for language in others
        ],
        "words": {name: gettext(text) for name, text in WORDS.items()},
    }


def write_script(app: Sphinx, languages: list[dict[str, str]]) -> None:
    """Write the script before the pages, which name its checksum, are written."""
    values = json.dumps(settings(app, languages), ensure_ascii=False, sort_keys=True)
    code = [(HERE / "static" / part).read_text(encoding="utf-8") for part in PARTS]
    folder = Path(app.outdir) / "_static"
    folder.mkdir(parents=True, exist_ok=True)
    first = (HERE / "static" / "first.js").read_text(encoding="utf-8")
    first = first.replace("DEFAULT", json.dumps(app.config.parallel_text_default))
    (folder / "parallel-text-first.js").write_text(first, encoding="utf-8")
    head = f'"use strict";\n(() => {{\nconst SETTINGS = {values};\n'
    text = "\n".join([head, *code, "})();\n"])
    (folder / "parallel-text.js").write_text(text, encoding="utf-8")
