"""Rules for Korean: particles by sound, spacing, politeness, 번역투, and the rules of hanlint."""

from __future__ import annotations

import re
from collections.abc import Iterator

from translation_checks.catalogs import Pair
from translation_checks.findings import Finding
from translation_checks.rules import Rule
from translation_checks.terms import EVERYDAY_FINDERS, SPACING_PATTERNS, WORD_FINDERS
from translation_checks.wording import NUMBER_READERS

from . import kept, spacing, style, words
from .analysis import add_words
from .numbers import told_otherwise
from .particles import undecided_particles, wrong_particles, wrong_particles_after_nouns

__all__ = ["add_words", "check_all", "rules"]

NUMBER_READERS["ko"] = told_otherwise
WORD_FINDERS["ko"] = words.find_words
EVERYDAY_FINDERS["ko"] = words.find_everyday_word
SPACING_PATTERNS["ko"] = words.spacing_pattern


def _prose(rule: Rule) -> Rule:
    def check(pair: Pair) -> Iterator[str]:
        if not pair.is_maths:
            yield from rule(pair)

    return check


def _particles(pair: Pair) -> Iterator[str]:
    yield from wrong_particles(pair)
    yield from wrong_particles_after_nouns(pair)
    yield from undecided_particles(pair)


def _no_hangul(pair: Pair) -> Iterator[str]:
    """A sentence without a Hangul syllable is not Korean."""
    if pair.source == pair.translation or re.search(r"[가-힣]", pair.translation):
        return
    found = re.findall(r"(?<![\w.])[a-z]{2,}(?![\w(])", pair.translated.own)
    if len(found) >= 3:
        yield "the translation has no Korean in it"


def rules() -> dict[str, Rule]:
    """The rules that look at one pair."""
    found: dict[str, Rule] = {
        "particles": _particles,
        "spacing": spacing.wrong_spaces,
        "register": style.wrong_register,
        "punctuation": style.wrong_punctuation,
        "translationese": style.translationese,
        "not-korean": _no_hangul,
    }
    return {name: _prose(rule) for name, rule in found.items()}


def check_all(pairs: list[Pair]) -> Iterator[Finding]:
    """The rules that look at all pairs at once."""
    yield from kept.lint(pairs)


check_all.rule_names = tuple(kept.rule_names())  # type: ignore[attr-defined]
