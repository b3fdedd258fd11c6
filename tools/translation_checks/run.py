"""Run the rules over catalogs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from importlib import import_module
from pathlib import Path

from . import wording as wording  # registers its rules
from .catalogs import Pair, Syntax, read_catalog
from .findings import Finding
from .markup import Markup
from .rules import RULES, Rule
from .settings import Settings
from .terms import all_forms, definitions, term_rules

#: Languages with rules of their own, and the module whose ``rules(settings)`` gives them.
LANGUAGE_RULES = {"ko": "translation_checks.korean"}

#: Rules about a file or an exception rather than a pair.
FILE_RULES = ("catalog", "unused-exception")

Batch = Callable[[list[Pair]], Iterable[Finding]]


@lru_cache
def _rules_of(language: str, settings: Settings) -> tuple[dict[str, Rule], list[Batch]]:
    rules = dict(RULES)
    batches: list[Batch] = []
    if language in LANGUAGE_RULES:
        module = import_module(LANGUAGE_RULES[language])
        module.add_words(all_forms(settings, language))
        rules |= module.rules()
        batches.append(module.check_all)
    return rules | term_rules(settings, language), batches


def rule_names(settings: Settings, language: str) -> list[str]:
    """Every rule that a language is held to."""
    rules, batches = _rules_of(language, settings)
    names = [*rules, *FILE_RULES]
    for batch in batches:
        names += getattr(batch, "rule_names", ())
    return sorted(set(names))


def check_pairs(
    pairs: Iterable[Pair], settings: Settings, language: str, only: Iterable[str] = ()
) -> Iterator[Finding]:
    """What is wrong in pairs of one language."""
    wanted = frozenset(only)
    pairs = list(pairs)
    rules, batches = _rules_of(language, settings)
    found: list[tuple[Pair, Finding]] = []
    for pair in pairs:
        for name, rule in rules.items():
            if not wanted or name in wanted:
                found += [(pair, pair.finding(name, message)) for message in rule(pair)]
    by_place = {(pair.path, pair.line): pair for pair in pairs}
    for batch in batches:
        if wanted and not wanted & set(getattr(batch, "rule_names", ())):
            continue
        for finding in batch(pairs):
            if not wanted or finding.rule in wanted:
                found.append((by_place[finding.path, finding.line], finding))
    used: set[tuple[Path, int, str]] = set()
    for pair, finding in found:
        if finding.rule in dict(pair.ignored) and dict(pair.ignored)[finding.rule]:
            used.add((pair.path, pair.line, finding.rule))
        else:
            yield finding
    if not wanted or "unused-exception" in wanted:
        yield from _unused(pairs, used, wanted)


def _unused(
    pairs: list[Pair], used: set[tuple[Path, int, str]], wanted: frozenset[str]
) -> Iterator[Finding]:
    for pair in pairs:
        for name, reason in pair.ignored:
            if wanted and name not in wanted:
                continue
            if not name or not reason:
                message = 'an exception is written "# check: ignore RULE REASON"'
                yield pair.finding("unused-exception", message)
            elif (pair.path, pair.line, name) not in used:
                message = f'"check: ignore {name}" hides nothing (any more): take it out'
                yield pair.finding("unused-exception", message)


def check_files(
    files: Iterable[Path],
    settings: Settings,
    language: str,
    only: Iterable[str] = (),
    *,
    glossary: bool = False,
) -> list[Finding]:
    """What is wrong in catalogs of one language, and in the glossary's definitions if wanted."""
    wanted = frozenset(only)
    markup = Markup(settings.myst)
    found: list[Finding] = []
    pairs = list(definitions(settings, language, markup)) if glossary else []
    for path in files:
        for item in read_catalog(path, language, markup, syntax=_syntax(path, language, settings)):
            if isinstance(item, Pair):
                pairs.append(item)
            elif not wanted or item.rule in wanted:
                found.append(item)
    return sorted([*found, *check_pairs(pairs, settings, language, wanted)])


def _syntax(path: Path, language: str, settings: Settings) -> Syntax:
    page = settings.page_of(path, language)
    if page is None:
        return "plain"
    return "docstring" if settings.has_docstrings(page) else "myst"
