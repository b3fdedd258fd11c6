"""Set up one more language: its entry in docs/languages.yml, and empty catalogs."""

from __future__ import annotations

import difflib
from pathlib import Path

import yaml
from babel import Locale, UnknownLocaleError
from babel.core import get_global

from languages import CODE, LanguagesError, read_languages


def known_code(word: str) -> str:
    """The code of a language as Sphinx writes it: ``pt_BR`` for ``pt-br``.

    Raises:
        LanguagesError: it is no code of a language; with the one that may be meant.
    """
    try:
        code = str(Locale.parse(word.replace("-", "_")))
    except (UnknownLocaleError, ValueError, TypeError):
        code = ""
    if not code or not CODE.fullmatch(code):
        raise LanguagesError(f"{word!r} is no language code that CLDR knows{suggestion(word)}")
    return code


def suggestion(word: str) -> str:
    """What may be meant by a word that is no code: a country's code, or a language's name."""
    names = {name.casefold(): code for code, name in Locale("en").languages.items()}
    likely = get_global("likely_subtags").get(f"und_{word.upper()}", "")
    code = names.get(word.casefold()) or likely.partition("_")[0]
    if not code and len(word) > 3:
        near = difflib.get_close_matches(word.casefold(), names, 1, 0.8)
        code = names[near[0]] if near else ""
    if not code:
        return " (examples: ja, pt_BR, zh_Hant)"
    return f"; do you mean {code} ({Locale('en').languages.get(code, code)})?"


def own_name(code: str) -> str:
    """A language's name in itself, as CLDR has it, with a capital where its script has them."""
    locale = Locale.parse(code)
    name = locale.languages.get(code) or locale.get_display_name() or code
    return name[:1].upper() + name[1:]


def add_entry(path: Path, code: str) -> bool:
    """Add a language to the file; whether it wasn't there."""
    languages = read_languages(path)
    if code == languages[0].code:
        raise LanguagesError(f"{code} is the source language: its pages are docs/**/*.md")
    if code in [language.code for language in languages]:
        return False
    entry = {"code": code, "name": own_name(code), "complete": False}
    block = yaml.safe_dump([entry], allow_unicode=True, sort_keys=False)
    text = path.read_text(encoding="utf-8").rstrip("\n")
    path.write_text(f"{text}\n\n{block}", encoding="utf-8")
    try:
        read_languages(path)
    except LanguagesError:
        path.write_text(text + "\n", encoding="utf-8")
        raise
    return True
