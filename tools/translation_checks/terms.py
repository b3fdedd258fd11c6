"""Terms as the glossary says, whatever particle or ending follows them.

A language whose words change their form registers in ``WORD_FINDERS`` how a term is found in a
text; :mod:`translation_checks.korean.words` does it for Korean.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache
from itertools import chain
from pathlib import Path

from sphinx_data_glossary import Entry, load

from .catalogs import Pair
from .markup import Markup
from .rules import Rule
from .settings import Settings, WordChoice

#: For each language: ``finder(text, form)`` yields the places where a form is used as a word.
WORD_FINDERS: dict[str, Callable[[str, str], Iterator[re.Match[str]]]] = {}

#: The same for words that are everyday words as well: only where they can be the term.
EVERYDAY_FINDERS: dict[str, Callable[[str, str], Iterator[re.Match[str]]]] = {}

#: For each language: a pattern that matches a form with any spaces between or inside its words.
SPACING_PATTERNS: dict[str, Callable[[str], str]] = {}


def find_words(text: str, form: str) -> Iterator[re.Match[str]]:
    """Where a form stands as a word of its own; the default for languages with spaces."""
    words = r"\s+".join(re.escape(word) for word in form.split())
    yield from re.finditer(rf"(?<!\w){words}(?!\w)", text, re.IGNORECASE)


@cache
def _english_pattern(term: str) -> re.Pattern[str]:
    words = r"[\s-]+".join(re.escape(word) for word in re.split(r"[\s-]+", term))
    words = re.sub(r"y$", "(?:y|ies)", words)
    return re.compile(rf"(?<![\w-]){words}(?:e?s)?(?![\w-])", re.IGNORECASE | re.ASCII)


def english(text: str, term: str) -> list[re.Match[str]]:
    """Where a term of the source stands, in singular or plural, with space or hyphen."""
    if term[:4].casefold() not in text.casefold():
        return []  # most terms in most messages
    return list(_english_pattern(term).finditer(text))


class Terms:
    """The glossary, as one language is held to it."""

    def __init__(self, entries: list[Entry], language: str) -> None:
        self.language = language
        self.source = entries[0].source_language if entries else "en"
        self.entries = [entry for entry in entries if entry.own_name(language)]
        self.by_term = {entry.term: entry for entry in entries}
        self.names = {entry.name(language) for entry in self.entries}
        self.longest_first = sorted(self.names, key=len, reverse=True)
        self.by_length = sorted(self.entries, key=lambda entry: -len(entry.term))
        self.find = WORD_FINDERS.get(language, find_words)

    def wrong(self, pair: Pair) -> Iterator[str]:
        """What is wrong with the terms of a pair."""
        if pair.is_maths:
            return
        yield from self._titles(pair)
        text = pair.translated.visible
        yield from self._spaces(text)
        yield from self._brackets(pair)
        yield from self._other_forms(pair)
        yield from self._left_out(pair)
        yield from self._in_latin(pair)

    def _titles(self, pair: Pair) -> Iterator[str]:
        """The title of a role is the name, or a word of it, and may have the English behind it."""
        for title, target in pair.translated.terms:
            entry = self.by_term.get(target)
            name = entry and entry.own_name(self.language)
            if not entry or not name:
                continue
            words = re.sub(r"\s*\([^)]*\)", "", title)
            parts = {name, *name.split(), *re.split(r"[/–]", name)}
            if not any(part in words for part in parts if len(part) > 1 or part == words):
                yield f"{target} is {name} in the glossary, not {words}"

    def _spaces(self, text: str) -> Iterator[str]:
        """Names with other spaces than the glossary's: 셀프어텐션, 가 중치."""
        pattern_of = SPACING_PATTERNS.get(self.language)
        if pattern_of is None:
            return
        squeezed = re.sub(r"[\s-]", "", text)
        told: set[str] = set()
        for name in self.longest_first:
            if re.sub(r"[\s-]", "", name) not in squeezed:
                continue
            for match in re.finditer(pattern_of(name), text):
                written = match[0]
                if " ".join(written.split()) in self.names or written in told:
                    continue
                told.add(written)
                yield f"{written} is written {name} in the glossary"

    def _brackets(self, pair: Pair) -> Iterator[str]:
        """어텐션(mask): the English in the bracket belongs to another term."""
        source = pair.source.casefold()
        text = pair.translated.visible
        for match in re.finditer(r"(?<=\w)\(([A-Za-z][A-Za-z -]*)\)", text):
            before = text[: match.start()]
            entry = max(
                (entry for entry in self.entries if before.endswith(entry.name(self.language))),
                key=lambda entry: len(entry.name(self.language)),
                default=None,
            )
            if entry is None or match[1].casefold() in source:
                continue
            name = entry.name(self.language)
            if re.search(r"\w$", before.removesuffix(name)):
                continue  # a longer word
            bracket = match[1].casefold().rstrip("s")
            own = (entry.term, *entry.synonyms.get(self.source, ()))
            fits = any(bracket in form.casefold() for form in own)
            if not fits and entry.term.casefold().rstrip("s") not in bracket:
                yield f"{name}({match[1]}): {name} is {entry.term} in the glossary"

    def _other_forms(self, pair: Pair) -> Iterator[str]:
        """Synonyms and forms to avoid, where the English says the term."""
        language = self.language
        original = pair.original.visible
        roles = {target for _, target in pair.original.terms}
        text = pair.translated.visible
        squeezed = re.sub(r"\s", "", text)
        for name in self.longest_first:
            text = text.replace(name, "\x00" * len(name))
        for entry in self.entries:
            name = entry.name(language)
            never = entry.avoid.get(language, ())
            forms = [*never, *(form for form in entry.synonyms.get(language, ()))]
            said: bool | None = None
            for form in forms:
                if not _worth_asking(form, name, squeezed):
                    continue
                if form in self.names:
                    continue  # another term's own name
                everyday = form in entry.ambiguous or len(form) == 1
                if said is None:
                    said = entry.term in roles or self._says(original, entry)
                if not said and (everyday or form not in never):
                    continue
                if everyday and (len(form) == 1 or name in pair.translated.visible):
                    continue
                find = EVERYDAY_FINDERS.get(language, self.find) if everyday else self.find
                for match in find(text, form):
                    yield f"{entry.term} is {name} in the glossary, not {match[0]}"
                    break

    def _says(self, original: str, entry: Entry) -> bool:
        """Whether the source has the term, or the verb it comes from (to train: training)."""
        if any(english(original, form) for form in entry.forms(self.source)):
            return True
        if not entry.term.endswith("ing"):
            return False
        stem = re.escape(entry.term.removesuffix("ing"))
        verb = rf"(?<![\w-]){stem}(?:s|e|es|ed|{stem[-1]}ed)?(?![\w-])"
        return bool(re.search(verb, original, re.IGNORECASE))

    def _left_out(self, pair: Pair) -> Iterator[str]:
        """A term of several words has no other name, so a translation can't do without it."""
        if pair.syntax == "plain":
            return
        original = pair.original.visible
        written = re.sub(r"\s+", "", pair.translated.visible).casefold()
        longest: list[tuple[int, int]] = []
        for entry in self.by_length:
            found = [
                match.span()
                for match in english(original, entry.term)
                if not any(start <= match.start() and match.end() <= end for start, end in longest)
            ]
            longest += found
            if found and pair.source == pair.translation and found == [(0, len(original))]:
                yield f"{entry.term} is {entry.name(self.language)} in the glossary"
                continue
            several = re.search(r"[\s–-]", entry.term)
            often = len(found) > 1 and entry.term not in entry.ambiguous
            if not found or not (several or often):
                continue
            name = entry.name(self.language)
            last = re.split(r"[\s/–]", name)[-1]
            known = [name.replace(" ", ""), last, entry.term.replace(" ", ""), *entry.avoid]
            known += [form.replace(" ", "") for form in entry.forms(self.language)]
            if not any(form.casefold() in written for form in known):
                yield f"{entry.term} ({name} in the glossary) is missing"

    def _in_latin(self, pair: Pair) -> Iterator[str]:
        """A term left in the source language, outside brackets, quotation marks and italics."""
        if pair.syntax == "plain" or pair.source == pair.translation:
            return
        text = re.sub(r"\([^()]*\)|‘[^’]*’|“[^”]*”|\"[^\"]*\"", " ", pair.translated.own)
        if not _OTHER_SCRIPT.search(text):
            return
        for entry in self.entries:
            name = entry.name(self.language)
            if entry.term in name or name in entry.term:
                continue
            for match in english(text, entry.term):
                before, after = text[: match.start()].rstrip(" "), text[match.end() :].lstrip(" ")
                # part of a name (The Annotated Transformer), a library (transformers), [MASK]
                named = (
                    match[0].isupper()
                    or re.search(r"[A-Za-z.]", before[-1:] + after[:1])
                    or (entry.term[0].isupper() and match[0] != entry.term)
                )
                if not named:
                    yield f"{entry.term} is {name} in the glossary"
                    break


_OTHER_SCRIPT = re.compile(r"[^\W\d_\u0000-\u024f]")


def _worth_asking(form: str, name: str, squeezed: str) -> bool:
    """Whether a form can be a wrong word in a text: it isn't just the name with more words."""
    written = form.replace(" ", "")
    return (
        written in squeezed
        and (name.isascii() or not written.isascii())  # RNN, seq2seq in Korean are free
        and name.replace(" ", "") not in written
    )


def _entries(settings: Settings) -> tuple[Entry, ...]:
    path = settings.glossary
    if path is None or not path.exists():
        return ()
    return _load(path, settings.source_language, path.stat().st_mtime_ns)


@cache
def _load(path: Path, language: str, changed: int) -> tuple[Entry, ...]:
    return tuple(load(path, language))


def definitions(settings: Settings, language: str, markup: Markup) -> Iterator[Pair]:
    """The glossary's own definitions, which are translations as well."""
    for entry in _entries(settings):
        if language in entry.definition and settings.glossary:
            texts = (entry.definition[settings.source_language], entry.definition[language])
            yield Pair(settings.glossary, entry.line, language, *texts, markup)


def wrong_words(choices: tuple[WordChoice, ...], language: str) -> Rule:
    """The project's word list: one word for one thing, also where it is no term."""

    def check(pair: Pair) -> Iterator[str]:
        if pair.is_maths:
            return
        find = WORD_FINDERS.get(language, find_words)
        for choice in choices:
            if choice.english and not english(pair.original.visible, choice.english):
                continue
            for form in choice.avoid:
                for match in find(pair.translated.visible, form):
                    yield f"{match[0]}: these pages say {choice.use}"
                    break

    return check


def term_rules(settings: Settings, language: str) -> dict[str, Rule]:
    """The rules about terms and words for one language of a project."""
    entries = list(_entries(settings))
    rules: dict[str, Rule] = {"terms": Terms(entries, language).wrong}
    rules["words"] = wrong_words(settings.words(language), language)
    return rules


def all_forms(settings: Settings, language: str) -> list[str]:
    """Every form that the glossary has in a language, for an analyser's dictionary."""
    entries = _entries(settings)
    found = chain.from_iterable(
        (*entry.forms(language), *entry.avoid.get(language, ())) for entry in entries
    )
    return sorted(set(found))
