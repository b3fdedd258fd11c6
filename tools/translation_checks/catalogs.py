"""Catalogs as pairs of a message and its translation."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Literal

import polib

from .findings import Finding
from .markup import Markup, Text, is_display_maths

Syntax = Literal["myst", "docstring", "plain"]

# "# check: ignore rule-name why this one is right"
_IGNORE = re.compile(r"^\s*check:\s*ignore\b[ \t]*([\w-]*)[ \t]*(.*)$", re.M)


@dataclass(frozen=True)
class Pair:
    """A message, its translation, where the translation stands, and how both are written."""

    path: Path
    line: int
    language: str
    source: str
    translation: str
    markup: Markup = field(repr=False, compare=False)
    syntax: Syntax = "myst"
    flags: tuple[str, ...] = ()
    ignored: tuple[tuple[str, str], ...] = ()

    @cached_property
    def is_maths(self) -> bool:
        """Whether this is a displayed formula rather than text."""
        return self.syntax != "plain" and is_display_maths(self.source)

    @cached_property
    def original(self) -> Text:
        if self.syntax == "docstring":
            return self.markup.docstring(self.source, self.translated)
        return self._read(self.source)

    @cached_property
    def translated(self) -> Text:
        return self._read(self.translation)  # always MyST on a page: the page is MyST

    def _read(self, text: str) -> Text:
        return self.markup.plain(text) if self.syntax == "plain" else self.markup.myst(text)

    def finding(self, rule: str, message: str) -> Finding:
        return Finding(self.path, self.line, rule, message, self.source, self.translation)


def _translation_lines(path: Path) -> dict[int, list[int]]:
    """For each line of an entry, down to its first ``msgstr``, the lines of its translations."""
    found: dict[int, list[int]] = {}
    waiting: list[int] = []
    translations: list[int] = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if line.startswith("msgstr"):
            if waiting:
                translations = []
                found |= dict.fromkeys([*waiting, number], translations)
                waiting = []
            translations.append(number)
        elif not line.startswith('"') or waiting:
            waiting.append(number)
    return found


#: Stricter than polib, which reads over a line without its opening quotation mark.
_LINE = re.compile(r'\s*|#.*|((msgctxt|msgid|msgid_plural|msgstr(\[\d+\])?)\s+)?"([^"\\]|\\.)*"\s*')


def refuse_broken_lines(text: str) -> None:
    """Raise a ValueError at the first line that is none of a catalog."""
    for number, line in enumerate(text.splitlines(), 1):
        if not _LINE.fullmatch(line.removeprefix("\ufeff")):
            raise ValueError(f"line {number} is not a line of a catalog: {line[:60]!r}")


def refuse_duplicates(catalog: polib.POFile) -> None:
    """Raise a ValueError at the second entry of one text, which gettext refuses as well."""
    first: dict[tuple[str | None, str], int] = {}
    for entry in catalog:
        key = entry.msgctxt, entry.msgid
        if not entry.obsolete and first.setdefault(key, entry.linenum) != entry.linenum:
            place = f"line {entry.linenum}: the entry of line {first[key]} stands here again"
            raise ValueError(f"{place}: {entry.msgid[:60]!r}")


def read_catalog(
    path: Path, language: str, markup: Markup, *, syntax: Syntax = "myst"
) -> Iterator[Pair | Finding]:
    """Every translated entry of a catalog; a finding where the file itself is wrong."""
    try:
        refuse_broken_lines(path.read_text(encoding="utf-8"))
        catalog = polib.pofile(str(path))
        refuse_duplicates(catalog)
    except (OSError, ValueError, UnicodeDecodeError) as error:
        found = re.search(r"line (\d+)", str(error))
        message = f"the catalog can't be read: {str(error).strip()}"
        yield Finding(path, int(found[1]) if found else 1, "catalog", message)
        return
    yield from _file_findings(path, language, catalog)
    lines = _translation_lines(path)
    for entry in catalog:
        if entry.obsolete or entry.fuzzy:
            continue
        ignored = tuple((found[1], found[2].strip()) for found in _IGNORE.finditer(entry.tcomment))
        places = lines.get(entry.linenum) or [entry.linenum]
        if entry.msgid_plural:
            texts = [
                (entry.msgid if index == 0 and len(entry.msgstr_plural) > 1 else entry.msgid_plural)
                for index in sorted(entry.msgstr_plural)
            ]
            strings = [entry.msgstr_plural[index] for index in sorted(entry.msgstr_plural)]
        else:
            texts, strings = [entry.msgid], [entry.msgstr]
        for index, (source, translation) in enumerate(zip(texts, strings, strict=True)):
            if translation:
                line = places[min(index, len(places) - 1)]
                yield Pair(
                    *(path, line, language, source, translation, markup),
                    syntax=syntax,
                    flags=tuple(entry.flags),
                    ignored=ignored,
                )


def _file_findings(path: Path, language: str, catalog: polib.POFile) -> Iterator[Finding]:
    declared = catalog.metadata.get("Language", "")
    if declared.replace("-", "_") != language.replace("-", "_"):
        message = f'the header says "Language: {declared}", the folder {language!r}'
        yield Finding(path, 1, "catalog", message)
    if "charset=utf-8" not in catalog.metadata.get("Content-Type", "").lower():
        yield Finding(path, 1, "catalog", "the header's Content-Type lacks charset=UTF-8")
    for entry in catalog:
        if entry.occurrences:
            message = "a place in a source (#:) changes with every edit; leave it out"
            yield Finding(path, entry.linenum, "catalog", message, entry.msgid)
