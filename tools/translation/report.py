"""How far a language is: for each page what is translated, to review, missing, and how much."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sphinx_data_glossary.data import load
from sphinx_translation_status.messages import count_words, state_of

from .catalogs import Message


@dataclass(frozen=True)
class Open:
    """A text without a valid translation."""

    kind: str  # "missing" or "to review"
    path: Path
    line: int
    msgid: str
    words: int

    def describe(self, root: Path) -> str:
        path = self.path.relative_to(root) if self.path.is_relative_to(root) else self.path
        text = self.msgid if len(self.msgid) <= 90 else self.msgid[:89] + "…"
        return f"  {path}:{self.line}: {self.kind}: {text!r}"


@dataclass(frozen=True)
class PageState:
    """How far one page is."""

    page: str
    total: int
    open: tuple[Open, ...]

    @property
    def missing(self) -> int:
        return sum(one.kind == "missing" for one in self.open)

    @property
    def to_review(self) -> int:
        return sum(one.kind == "to review" for one in self.open)

    @property
    def translated(self) -> int:
        return self.total - len(self.open)

    @property
    def words_left(self) -> int:
        return sum(one.words for one in self.open)

    def describe(self) -> str:
        left = f", {self.words_left} words left" if self.open else ""
        return (
            f"{self.page}: {self.translated} translated, {self.to_review} to review, "
            f"{self.missing} missing{left}"
        )


def page_state(page: str, path: Path, words: dict[str, int], messages: list[Message]) -> PageState:
    """Compare the texts of a page, each with its number of words, with its catalog.

    It counts as the status page of the site does: `state_of` is the extension's.
    """
    return PageState(page, len(words), tuple(find_open(path, words, messages)))


def find_open(path: Path, words: dict[str, int], messages: list[Message]) -> Iterator[Open]:
    entries = {message.msgid: message for message in messages if not message.obsolete}
    translated = {msgid for msgid, entry in entries.items() if entry.translated}
    to_review = {msgid for msgid, entry in entries.items() if entry.msgstr and entry.fuzzy}
    for msgid, number in words.items():
        state = state_of(msgid, number, translated, to_review)
        if state != "translated":
            line = entries[msgid].line if msgid in entries else 1
            yield Open(state, path, line, msgid, number)


def missing(path: Path, line: int, text: str) -> Open:
    return Open("missing", path, line, text, count_words(text))


def glossary_state(language: str, path: Path) -> PageState:
    """How far the glossary is: each term has a name and a definition in a language, or not."""
    entries = load(path)
    found = []
    for entry in entries:
        if not entry.own_name(language):
            found.append(missing(path, entry.line, entry.term))
        if language not in entry.definition:
            text = entry.definition[entry.source_language]
            found.append(missing(path, entry.line, text))
    return PageState(path.name, 2 * len(entries), tuple(found))


def summary(language: str, states: list[PageState]) -> str:
    """One line for the whole language."""
    total = sum(state.total for state in states)
    done = sum(state.translated for state in states)
    percent = 100 * done // total if total else 100
    review = sum(state.to_review for state in states)
    missing = sum(state.missing for state in states)
    words = sum(state.words_left for state in states)
    return (
        f"{language}: {done} of {total} texts translated ({percent} %), {review} to review, "
        f"{missing} missing, {words} words left"
    )
