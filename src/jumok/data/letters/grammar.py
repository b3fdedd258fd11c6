"""Which sentences make a letter, in which order, and with which words."""

import random
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any, Literal

from jumok.data.letters.templates import Pattern, Template
from jumok.data.letters.vocabulary import LISTS, Setting, Vocabulary, Word, load_vocabulary

__all__ = ["Split", "Draft", "Grammar", "load_grammar"]

Split = Literal["train", "new names", "new patterns"]

SKIPPED, HELD_OUT = 0.5, 0.5
"""How often a role is left out that may be, and filled by a held-out pattern where there is one."""


@dataclass(frozen=True)
class Draft:
    """What is decided of a letter: its setting, its patterns and the words in their slots.

    >>> draft = load_grammar().draw(random.Random(0), "train")
    >>> len(draft.patterns) > 3, draft.words.keys() >= draft.patterns[0].slots
    (True, True)
    """

    setting: Setting
    patterns: tuple[Pattern, ...]
    words: Mapping[str, Word]

    @property
    def facts(self) -> frozenset[str]:
        """What the letter tells.

        >>> sorted(load_grammar().draw(random.Random(0), "train").facts)
        ['company', 'order', 'praise', 'sender', 'staff', 'wanted', 'what', 'when']
        """
        return frozenset[str]().union(*(pattern.facts for pattern in self.patterns))


@dataclass(frozen=True, eq=False)
class Grammar:
    """Everything that can be written.

    Attributes:
        vocabulary: the words.
        patterns: the sentences of letters, also those that are held out.
        order: the roles, from the first sentence to the last; one with ``?`` may be left out.
        details: roles of which a letter has ``most_details`` at most.
        most_details: see ``details``.
        tones: the tones of each sentiment.
        stories: what letters of each sentiment are about.
        optional: further roles that letters of a sentiment may leave out.
        never: roles that letters of a sentiment don't have.
        questions: how each fact is asked for, in Korean and English.
        summaries: what a letter says in one sentence; the first that suits is taken.
        replies: the sentences of the answer; all that suit are taken.

    >>> grammar = load_grammar()
    >>> grammar.order[:3], list(grammar.tones)
    (('greeting', 'intro?', 'purchase'), ['NEGATIVE', 'POSITIVE'])
    """

    vocabulary: Vocabulary
    patterns: tuple[Pattern, ...]
    order: tuple[str, ...]
    details: tuple[str, ...]
    most_details: int
    tones: Mapping[str, Sequence[str]]
    stories: Mapping[str, Sequence[str]]
    optional: Mapping[str, Sequence[str]]
    never: Mapping[str, Sequence[str]]
    questions: Mapping[str, Sequence[Sequence[str]]]
    summaries: tuple[Pattern, ...]
    replies: tuple[Pattern, ...]
    _known: dict[Any, Any] = field(default_factory=dict, init=False, repr=False)

    def settings(self) -> list[Setting]:
        """Every setting that a letter can have.

        >>> len(load_grammar().settings()), load_grammar().settings()[0]
        (168, Setting(sentiment='NEGATIVE', tone='polite', story='defect', sector='screens'))
        """
        sectors = self.vocabulary.sectors()
        return [
            Setting(sentiment, *rest)
            for sentiment in self.tones
            for rest in product(self.tones[sentiment], self.stories[sentiment], sectors)
        ]

    def roles(self, setting: Setting) -> list[tuple[str, bool]]:
        """The roles of a letter, in order, each with whether it may be left out.

        >>> load_grammar().roles(Setting("NEGATIVE", "angry", "defect", "audio"))[:3]
        [('greeting', False), ('intro', True), ('purchase', False)]
        """
        key = setting[:3]
        if key not in self._known:
            names = [(role.rstrip("?"), role.endswith("?")) for role in self.order]
            self._known[key] = [
                (name, may_miss or name in self.optional[setting.sentiment])
                for name, may_miss in names
                if name not in self.never[setting.sentiment] and any(self.fitting(name, setting))
            ]
        found: list[tuple[str, bool]] = self._known[key]
        return found

    def fitting(self, role: str, setting: Setting) -> tuple[list[Pattern], list[Pattern]]:
        """The patterns for a role: those of training, and those that are held out.

        >>> setting = Setting("NEGATIVE", "angry", "defect", "audio")
        >>> in_training, held_out = load_grammar().fitting("greeting", setting)
        >>> len(in_training), len(held_out)
        (4, 2)
        """
        key = (role, *setting[:3])
        if key not in self._known:
            every = [each for each in self.patterns if each.role == role and each.fits(setting)]
            self._known[key] = (
                [each for each in every if not each.held_out],
                [each for each in every if each.held_out],
            )
        found: tuple[list[Pattern], list[Pattern]] = self._known[key]
        return found

    def draw(self, draw: random.Random, split: Split) -> Draft:
        """A letter drawn at random; both sentiments are as likely.

        >>> draft = load_grammar().draw(random.Random(0), "train")
        >>> draft.setting
        Setting(sentiment='POSITIVE', tone='delighted', story='quality', sector='toys')
        """
        sentiment = draw.choice(list(self.tones))
        setting = Setting(
            sentiment,
            draw.choice(self.tones[sentiment]),
            draw.choice(self.stories[sentiment]),
            draw.choice(self.vocabulary.sectors()),
        )
        patterns = self._draw_patterns(draw, setting, split)
        words: dict[str, Word] = {}
        for slot in sorted(frozenset[str]().union(*(each.slots for each in patterns))):
            possible = self.vocabulary.words(slot, setting, split != "train")
            word = draw.choice(possible)
            while slot in LISTS and any(word is other for other in words.values()):
                word = draw.choice(possible)
            words[slot] = word
        return Draft(setting, patterns, words)

    def _draw_patterns(
        self, draw: random.Random, setting: Setting, split: Split
    ) -> tuple[Pattern, ...]:
        """A pattern for each role of a letter; one is held out at least if any may be."""
        chosen: dict[str, Pattern] = {}
        for role in self._draw_roles(draw, setting):
            in_training, held_out = self.fitting(role, setting)
            is_new = split == "new patterns" and held_out and draw.random() < HELD_OUT
            chosen[role] = draw.choice(held_out if is_new else in_training)
        if split == "new patterns" and not any(each.held_out for each in chosen.values()):
            role = draw.choice([role for role in chosen if self.fitting(role, setting)[1]])
            chosen[role] = draw.choice(self.fitting(role, setting)[1])
        return tuple(chosen.values())

    def _draw_roles(self, draw: random.Random, setting: Setting) -> list[str]:
        roles = self.roles(setting)
        details = [role for role, _ in roles if role in self.details]
        kept = draw.sample(details, draw.randint(0, min(self.most_details, len(details))))
        return [
            role
            for role, may_miss in roles
            if role in kept or (role not in details and (not may_miss or draw.random() >= SKIPPED))
        ]


# --- The file --------------------------------------------------------------------------------


def _pattern(role: str, entry: Mapping[str, Any], held_out: bool = False) -> Pattern:
    templates = {
        "ko": Template(entry["ko"], "ko"),
        "en": Template(entry["en"], "en"),
    }
    return Pattern(
        role,
        templates,
        held_out,
        entry.get("sentiment"),
        tuple(entry.get("tones", ())),
        tuple(entry.get("stories", ())),
        tuple(entry.get("facts", ())),
    )


def _patterns(roles: Mapping[str, Any], held_out: bool) -> Iterator[Pattern]:
    for role, entries in roles.items():
        for entry in entries:
            yield _pattern(role, entry, held_out)


@cache
def load_grammar() -> Grammar:
    """The grammar of ``patterns.toml`` with the words of ``vocabulary.toml``, made once.

    >>> grammar = load_grammar()
    >>> len(grammar.patterns), sum(pattern.held_out for pattern in grammar.patterns)
    (159, 42)
    """
    path = Path(__file__).with_name("patterns.toml")
    file = tomllib.loads(path.read_text(encoding="utf-8"))
    return Grammar(
        load_vocabulary(),
        (*_patterns(file["train"], False), *_patterns(file["held_out"], True)),
        tuple(file["order"]),
        tuple(file["details"]),
        file["most_details"],
        file["tones"],
        file["stories"],
        file["optional"],
        file["never"],
        file["questions"],
        tuple(_pattern("summary", entry) for entry in file["summaries"]),
        tuple(_pattern("reply", entry) for entry in file["replies"]),
    )
