"""The golden set: its queries, and which pages are relevant to each, read off the pages' texts."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from benchmarks.search.texts import Page, Section

ROOT = Path(__file__).resolve().parents[2]
GOLDEN = ROOT / "tests" / "search" / "golden.yml"
#: Queries that nobody looked at while the search was made; they use the golden set's concepts.
HELD_OUT = ROOT / "tests" / "search" / "held-out.yml"
#: The beginning of a word, written `<` in the golden set: no syllable stands before it.
WORD_START = "(?<![가-힣])"


class GoldenError(ValueError):
    """The golden set says something that has no meaning; the message says where."""


@dataclass(frozen=True)
class Concept:
    """What a query asks for: how the pages of each language say it, and what comes near it."""

    forms: dict[str, re.Pattern[str]]
    near: tuple[re.Pattern[str], ...] = ()

    def said(self, text: str, language: str) -> bool:
        return bool(self.forms[language].search(text))

    def said_in_any(self, text: str) -> bool:
        return any(form.search(text) for form in (*self.forms.values(), *self.near))


@dataclass(frozen=True)
class Query:
    """One query of a reader of the site in ``language``."""

    text: str
    language: str
    kind: str
    concepts: tuple[Concept, ...]
    best: tuple[str, ...] = ()
    strict: bool = False

    def __str__(self) -> str:
        return f"{self.language} {self.kind} {unicodedata.normalize('NFC', self.text)!r}"


@dataclass(frozen=True)
class Verdict:
    """The pages that a query must find, and those of which nothing is demanded."""

    must: frozenset[str]
    may: frozenset[str]


def load(path: Path = GOLDEN) -> list[Query]:
    """All queries of a golden set."""
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    forms = data.pop("concepts")
    if path == HELD_OUT:
        forms |= yaml.safe_load(GOLDEN.read_text(encoding="utf-8"))["concepts"]
    vocabulary = {name: concept(by_language) for name, by_language in forms.items()}
    queries = [
        read_query(entry, language, kind, vocabulary)
        for language, kinds in data.items()
        for kind, entries in kinds.items()
        for entry in entries
    ]
    seen: set[tuple[str, str]] = set()
    for query in queries:
        if (query.language, query.text) in seen:
            raise GoldenError(f"{query}: the query stands twice in the golden set")
        seen.add((query.language, query.text))
    return queries


def concept(forms: dict[str, str]) -> Concept:
    patterns = {
        key: re.compile(re.sub(r"(?<!\?)<(?![!=])", WORD_START, form), re.IGNORECASE | re.ASCII)
        for key, form in forms.items()
    }
    near = patterns.pop("may", None)
    return Concept(patterns, (near,) if near else ())


def read_query(
    entry: dict[str, Any], language: str, kind: str, vocabulary: dict[str, Concept]
) -> Query:
    """A query of the file, its concepts looked up; `/…/` is a regular expression of its own."""
    text = str(entry["q"])
    says = entry["says"] if isinstance(entry["says"], list) else [entry["says"]]
    concepts = []
    for name in says:
        own = re.fullmatch("/(.+)/", name)
        if own:
            concepts.append(concept({language: own[1]}))
        elif name in vocabulary:
            concepts.append(vocabulary[name])
        else:
            raise GoldenError(f"{language} {kind} {text!r}: no concept is called {name!r}")
    if entry.get("nfd"):
        text = unicodedata.normalize("NFD", text)
    best = tuple(entry.get("best", ()))
    return Query(text, language, kind, tuple(concepts), best, entry.get("strict", False))


def judge(query: Query, pages: dict[str, Page]) -> Verdict:
    """Which pages the query must find and may find, by the rule at the head of the golden set."""
    must = {name for name, page in pages.items() if in_one_section(query, page)}
    may = {name for name, page in pages.items() if name not in must and anywhere(query, page)}
    return Verdict(frozenset(must), frozenset(may))


def in_one_section(query: Query, page: Page) -> bool:
    title = page.sections[0].title if page.sections else ""
    title = title or next((section.title for section in page.sections if section.title), "")
    return any(
        all(concept.said(f"{title}\n{section.words}", query.language) for concept in query.concepts)
        for section in page.sections
    )


def anywhere(query: Query, page: Page) -> bool:
    text = f"{page.words}\n{page.code}"
    return all(concept.said_in_any(text) for concept in query.concepts)


def shows(query: Query, page: Page, section: Section) -> bool:
    """Whether a section that a result leads to speaks of some concept of the query.

    A query of several words may be answered by a page: its sections share the words.
    """
    text = f"{section.title}\n{section.words}\n{section.code}"
    return any(concept.said_in_any(text) for concept in query.concepts)


def unreachable(queries: list[Query], pages: dict[str, Page], least: int = 3) -> Iterator[str]:
    """Pages that fewer than ``least`` queries must find: the golden set has forgotten them."""
    found = dict.fromkeys(pages, 0)
    for query in queries:
        for name in judge(query, pages).must:
            found[name] += 1
    return (name for name, count in found.items() if count < least)
