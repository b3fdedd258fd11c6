"""The site's languages as data: reading docs/languages.yml, and saying plainly what is wrong in it.

Also the texts that belong to no page: those of site/ (landing page, 404) and the authors' name.
Their translations lie in site/locales/CODE.po.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polib
import yaml

CODE = re.compile(r"[a-z]{2,3}(_[A-Z][a-z]{3})?(_([A-Z]{2}|[0-9]{3}))?")
FIELDS = {"code": str, "name": str, "hint": str, "complete": bool}


class LanguagesError(ValueError):
    """docs/languages.yml can't be used; the message says where and why."""


@dataclass(frozen=True)
class SiteLanguage:
    """A language of the site."""

    code: str
    name: str
    hint: str = ""
    complete: bool = False

    @property
    def switch_entry(self) -> dict[str, str]:
        """What ``sphinx_language_switch`` wants to know."""
        return {"code": self.code, "name": self.name, "hint": self.hint}


def read_languages(path: Path) -> list[SiteLanguage]:
    """The languages of a file, the source first.

    Raises:
        LanguagesError: the file is missing, isn't YAML, or an entry can't be right.
    """
    try:
        entries = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise LanguagesError(f"{path.name}: {error}") from error
    if not isinstance(entries, list) or not entries:
        raise LanguagesError(f"{path.name}: must be a list of languages, the source first")
    languages = [
        check_entry(entry, number, path.name) for number, entry in enumerate(entries, start=1)
    ]
    for field in ("code", "name"):
        values = [getattr(language, field) for language in languages]
        for value in values:
            if values.count(value) > 1:
                raise LanguagesError(f"{path.name}: {field} {value!r} is used twice")
    if languages[0].complete:
        raise LanguagesError(
            f"{path.name}: entry 1 ({languages[0].code}) is the source language, "
            "which is never translated: remove `complete`"
        )
    return languages


def check_entry(entry: Any, number: int, file: str) -> SiteLanguage:
    """One entry of the file as a `SiteLanguage`."""
    if not isinstance(entry, Mapping):
        raise LanguagesError(f"{file}: entry {number} must have `code:` and `name:`, not {entry!r}")
    place = f"{file}: entry {number} ({entry.get('code')!r})"
    for field in ("code", "name"):
        if not entry.get(field) and entry.get(field) is not False:
            raise LanguagesError(f"{place} needs a `{field}`")
    for field, value in entry.items():
        if field not in FIELDS:
            raise LanguagesError(f"{place}: unknown `{field}`; known are {', '.join(FIELDS)}")
        if not isinstance(value, FIELDS[field]):
            # YAML reads the bare code of Norwegian, `no`, as false.
            wanted = "true or false" if FIELDS[field] is bool else "a text (perhaps in quotes)"
            raise LanguagesError(f"{place}: `{field}` must be {wanted}, not {value!r}")
    if not CODE.fullmatch(entry["code"]):
        raise LanguagesError(f"{place}: `code` must look like ko, pt_BR or zh_Hant")
    return SiteLanguage(**entry)


def catalog_texts(path: Path) -> dict[str, str]:
    """The finished translations of a catalog; none if there is no such file."""
    if not path.exists():
        return {}
    entries = polib.pofile(str(path), encoding="utf-8").translated_entries()
    return {entry.msgid: entry.msgstr for entry in entries}
