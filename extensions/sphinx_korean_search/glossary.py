"""The glossary: names that mean the same, in any language of the site.

The file is a YAML list with an entry for each term: ``term`` is its name in the source language,
a language code its name in that language, ``synonyms`` and ``avoid`` what else readers say (a
list, or a list for each language), ``ambiguous`` which of these are everyday words too.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from sphinx.errors import ExtensionError

#: Fields that hold no name of the term.
OTHER = {"definition", "source", "note"}
OTHER_NAMES = {"synonyms", "avoid"}
KOREAN = re.compile("[가-힣]+")
LANGUAGE = re.compile(r"[a-z]{2,3}([_-]\w+)?")


@dataclass(frozen=True)
class Name:
    """One name of a term."""

    concept: int
    text: str
    #: Not what the site calls it, but what a reader may.
    synonym: bool
    #: A synonym that is an everyday word too: in a text it means that, in a query the term.
    ambiguous: bool = False


def load(path: Path) -> list[Name]:
    """All names of all terms."""
    try:
        entries = yaml.safe_load(path.read_text(encoding="utf-8")) or []
    except (OSError, yaml.YAMLError) as error:
        raise ExtensionError(f"korean_search_glossary, {path.name}: {error}") from error
    found = []
    for number, entry in enumerate(entries):
        everyday = set(texts(entry.get("ambiguous")))
        for key, value in entry.items():
            if key in OTHER_NAMES:
                found += [Name(number, text, True, text in everyday) for text in texts(value)]
            elif key == "term" or (key not in OTHER and LANGUAGE.fullmatch(key)):
                found += [Name(number, text, False) for text in texts(value)]
    return list(dict.fromkeys(found))


def texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield unicodedata.normalize("NFC", value.strip())
    elif isinstance(value, dict):
        for each in value.values():
            yield from texts(each)
    elif isinstance(value, list):
        for each in value:
            # An entry of `avoid` may say why: {form: …, why: …}
            yield from texts(each.get("form", "") if isinstance(each, dict) else each)


def phrases(names: list[Name]) -> set[tuple[str, ...]]:
    """The Korean names of several words, word by word."""
    found = {tuple(re.split("[ -]", name.text)) for name in names}
    return {words for words in found if len(words) > 1 and all(map(KOREAN.fullmatch, words))}


def dictionary(names: list[Name]) -> set[str]:
    """The Korean words of the names, for the user dictionary: two syllables or more."""
    return {
        word for name in names for word in re.findall("[가-힣]{2,}", name.text) if len(word) < 9
    }
