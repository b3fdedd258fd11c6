"""Short texts to learn from, in Korean and English: everyday life, headlines, textbooks, reviews.

A grammar writes them (``sentences.toml`` beside this file). It has far more than a million
sentences, each in both languages, with the topic and, for reviews, the sentiment it was written
to have. Two kinds of sentence are kept out of training: those that combine words which training
never combines, and those of whole patterns that training never shows.

Companies, teams, singers and films are invented.
"""

import random
import re
import tomllib
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import combinations, product
from pathlib import Path
from typing import Any, Literal, get_args

from jumok.data.korean import Predicate, with_particle

__all__ = [
    "Language",
    "Split",
    "Genre",
    "Sentence",
    "Pattern",
    "FAMOUS",
    "patterns",
    "sentences",
    "passages",
    "recognize",
]

Language = Literal["korean", "english"]
Split = Literal["train", "new combinations", "new patterns"]
Genre = Literal["everyday", "textbook", "headline", "review"]

FAMOUS = {
    "가을에는 낙엽이 나무에서 떨어져요.",
    "고양이가 매트 위에 앉았다.",
    "딥러닝 공부는 조금 어렵지만 정말 재미있다.",
    "트랜스포머는 자연어 처리 모델이다.",
}
"""Sentences that the book asks models about, so training never holds them."""

ONE_IN = 10
"""One combination of key words in so many is held out."""


BOUNDARY = "\N{WORD JOINER}"
"""Stands between a Korean word and its particle in `Sentence.segmented`."""


@dataclass(frozen=True)
class Sentence:
    """One sentence in both languages, and what it was written to be.

    ``sentiment`` is ``"good"`` or ``"bad"`` for reviews, ``None`` for all others. ``segmented`` is
    the Korean with a `BOUNDARY` between words and particles, for tokenizers to learn from.
    """

    segmented: str
    english: str
    genre: Genre
    topic: str
    sentiment: str | None
    pattern: str
    split: Split

    @property
    def korean(self) -> str:
        """The Korean sentence."""
        return self.segmented.replace(BOUNDARY, "")

    def text(self, language: Language) -> str:
        """The sentence in one of the languages."""
        return self.korean if language == "korean" else self.english


# --- What stands in a slot -------------------------------------------------------------------


@dataclass(frozen=True)
class Word:
    """A word, or several that go together, in both languages."""

    korean: str
    english: str

    def write(self, language: Language, form: str | None) -> str:
        """The word; in Korean ``form`` is the particle that follows it."""
        if language == "english":
            return self.english
        return self.korean if form is None else with_particle(self.korean, form, BOUNDARY)


@dataclass(frozen=True)
class Row:
    """Words that belong together, by column."""

    columns: tuple[tuple[str, Word], ...]

    @property
    def korean(self) -> str:
        """All columns, to tell rows apart."""
        return " ".join(word.korean for _, word in self.columns)


ENGLISH_FORMS = {
    "base": "{0}",
    "present": "{1}",
    "past": "{2}",
    "progressive": "is {3}",
    "future": "will {0}",
    "ing": "{3}",
}


@dataclass(frozen=True)
class Action:
    """A verb and its object."""

    verb: Predicate
    english_verb: tuple[str, ...]  # base, third person, past, -ing
    object: Word

    @property
    def korean(self) -> str:
        """Verb and object, to tell actions apart."""
        return f"{self.object.korean} {self.verb.stem}"

    def write(self, language: Language, form: str | None) -> str:
        """The verb in a form, with its object."""
        if language == "korean":
            thing = with_particle(self.object.korean, "을", BOUNDARY)
            return f"{thing} {self.verb.form(form or 'plain')}"
        verb = ENGLISH_FORMS[form or "base"].format(*self.english_verb)
        return f"{verb} {self.object.english}"


@dataclass(frozen=True)
class Quality:
    """An adjective."""

    adjective: Predicate
    english: str

    @property
    def korean(self) -> str:
        """The stem, to tell adjectives apart."""
        return self.adjective.stem

    def write(self, language: Language, form: str | None) -> str:
        """The adjective in a form; English has one."""
        return self.english if language == "english" else self.adjective.form(form or "plain")


Filling = Word | Row | Action | Quality

NAME = r"(?P<name>[a-z_]+[0-9]?)(?P<optional>\?)?"
SLOT = re.compile(rf"\{{{NAME}(?:\.(?P<column>\w+))?(?::(?P<form>\w+))?\}}")


@dataclass(frozen=True)
class Pattern:
    """Two templates that say the same, and how to fill their slots.

    ``slots`` maps each slot to what may stand in it; ``None`` among it means that the slot may be
    left out. Slots of the same list (``person``, ``person2``) never hold the same word.
    """

    name: str
    genre: Genre
    topic: str
    sentiment: str | None
    held_out: bool
    templates: Mapping[Language, str]
    slots: Mapping[str, tuple[Filling | None, ...]]
    key: tuple[str, ...]

    def __len__(self) -> int:
        """In how many ways the slots can be filled."""
        ways, seen = 1, dict[str, int]()
        for slot, fillings in self.slots.items():
            list_name = slot.rstrip("0123456789")
            ways *= len(fillings) - seen.get(list_name, 0)
            seen[list_name] = seen.get(list_name, 0) + 1
        return ways

    def draw(self, draw: random.Random) -> Sentence:
        """A sentence with fillings drawn at random."""
        fillings: dict[str, Filling | None] = {}
        for slot, possible in self.slots.items():
            taken = [fillings[a] for a, b in self._pairs if b == slot]
            filling = draw.choice(possible)
            while any(filling is other for other in taken):
                filling = draw.choice(possible)
            fillings[slot] = filling
        return self.write(fillings)

    def all(self) -> Iterator[Sentence]:
        """Every sentence of the pattern."""
        for chosen in product(*self.slots.values()):
            fillings = dict(zip(self.slots, chosen, strict=True))
            if self._are_different(fillings):
                yield self.write(fillings)

    def write(self, fillings: Mapping[str, Filling | None]) -> Sentence:
        """The sentence with these fillings."""
        segmented, english = (self._text(language, fillings) for language in get_args(Language))
        return Sentence(
            segmented,
            english,
            self.genre,
            self.topic,
            self.sentiment,
            self.name,
            self._split(segmented.replace(BOUNDARY, ""), fillings),
        )

    def _text(self, language: Language, fillings: Mapping[str, Filling | None]) -> str:
        parts = [
            part if isinstance(part, str) else part[1][id(fillings[part[0]])]
            for part in self._parts[language]
        ]
        text = " ".join("".join(parts).split())
        text = re.sub(" (?=[.;…])", "", text)
        if language == "english":
            text = with_articles(text)
        return text[0].upper() + text[1:]

    @cached_property
    def _parts(self) -> dict[Language, list[str | tuple[str, dict[int, str]]]]:
        """The templates in pieces: fixed text, or a slot and how each of its fillings is written.

        A sentence is drawn a hundred thousand times, and its words are inflected here once.
        """
        found: dict[Language, list[str | tuple[str, dict[int, str]]]] = {}
        for language in get_args(Language):
            template, end = self.templates[language], 0
            parts: list[str | tuple[str, dict[int, str]]] = []
            for slot in SLOT.finditer(template):
                is_joined = slot["form"] is None and template[slot.end() :][:1].isalpha()
                boundary = BOUNDARY if is_joined and language == "korean" else ""
                texts = {}
                for filling in self.slots[slot["name"]]:
                    text = written(filling, language, slot["column"], slot["form"])
                    texts[id(filling)] = text + boundary if text else text
                parts += [template[end : slot.start()], (slot["name"], texts)]
                end = slot.end()
            found[language] = [*parts, template[end:]]
        return found

    def _split(self, korean: str, fillings: Mapping[str, Filling | None]) -> Split:
        """A checksum of the key words decides, the same in every pattern with these words."""
        if self.held_out:
            return "new patterns"
        words = [
            filling.korean.replace(BOUNDARY, "") for name in self.key if (filling := fillings[name])
        ]
        held_out = zlib.crc32("|".join(words).encode()) % ONE_IN == 0
        return "new combinations" if held_out or korean in FAMOUS else "train"

    @cached_property
    def _expressions(self) -> dict[Language, re.Pattern[str]]:
        return {language: self._expression(language) for language in get_args(Language)}

    def _expression(self, language: Language) -> re.Pattern[str]:
        """A regular expression for the sentences, with one group for each slot in the text.

        It is generous about spaces around what may be left out and about capitals.
        """
        parts, end = [], 0
        template = without_articles(self.templates[language])
        for slot in SLOT.finditer(template):
            before = re.escape(_plain(template[end : slot.start()]))
            parts.append(before.replace("\\ ", " *"))
            possible = {
                _plain(written(filling, language, slot["column"], slot["form"]))
                for filling in self.slots[slot["name"]]
            }
            choice = "|".join(map(re.escape, sorted(possible, key=len, reverse=True)))
            parts.append(f"({choice})")
            end = slot.end()
        parts.append(re.escape(_plain(template[end:])))
        return re.compile("".join(parts), re.IGNORECASE)

    def readings(self, text: str, language: Language) -> dict[str, list[Filling | None]]:
        """What each slot can hold if the pattern wrote ``text``; empty if it can't have."""
        match = self._expressions[language].fullmatch(without_articles(text))
        if match is None:
            return {}
        possible = {slot: list(fillings) for slot, fillings in self.slots.items()}
        slots = SLOT.finditer(self.templates[language])
        for slot, found in zip(slots, match.groups(), strict=True):
            name, column, form = slot["name"], slot["column"], slot["form"]
            possible[name] = [
                filling
                for filling in possible[name]
                if _plain(written(filling, language, column, form)).lower() == found.lower()
            ]
        if not all(possible.values()):
            return {}
        first = {slot: fitting[0] for slot, fitting in possible.items()}
        is_right = self._text(language, first).replace(BOUNDARY, "") == text
        return possible if is_right and self._are_different(first) else {}

    def _are_different(self, fillings: Mapping[str, Filling | None]) -> bool:
        """Whether slots of the same list hold different words."""
        return all(fillings[a] is not fillings[b] for a, b in self._pairs)

    @cached_property
    def _pairs(self) -> list[tuple[str, str]]:
        """The slots that are filled from the same list."""
        return [(a, b) for a, b in combinations(self.slots, 2) if _same_list(a, b)]


def written(
    filling: Filling | None, language: Language, column: str | None, form: str | None
) -> str:
    """What a slot's filling looks like in a text."""
    if filling is None:
        return ""
    if isinstance(filling, Row):
        return dict(filling.columns)[str(column)].write(language, form)
    return filling.write(language, form)


def with_articles(text: str) -> str:
    """An English text with *an* before a vowel: ``a autumn`` becomes ``an autumn``."""
    return re.sub(r"\b([Aa])n? (?=[aeiou])", r"\1n ", text)


def without_articles(text: str) -> str:
    """The text with *a* in place of every *an*, as templates have it."""
    return re.sub(r"\b([Aa])n (?=[aeiou])", r"\1 ", text)


def _plain(text: str) -> str:
    """What a slot holds, as `Pattern.readings` compares it."""
    return without_articles(text).replace(BOUNDARY, "")


def _same_list(slot: str, other: str) -> bool:
    return slot.rstrip("0123456789") == other.rstrip("0123456789")


# --- The grammar's file ----------------------------------------------------------------------


def _word(text: str) -> Word:
    korean, english = text.strip().split("=")
    return Word(korean.replace("|", BOUNDARY), english)


def _words(text: str) -> tuple[Word, ...]:
    return tuple(map(_word, text.replace("\n", " ").split(",")))


def _lists(grammar: Mapping[str, Any]) -> dict[str, tuple[Filling, ...]]:
    """Everything that may stand in a slot, by the name of its list."""
    lists: dict[str, tuple[Filling, ...]] = {}
    for name, text in grammar["words"].items():
        lists[name] = _words(text)
    for name, rows in grammar["rows"].items():
        lists[name] = tuple(
            Row(tuple((column, _word(text)) for column, text in row.items())) for row in rows
        )
    for name, verbs in grammar["actions"].items():
        lists[name] = tuple(
            Action(
                Predicate(*korean.split()),
                tuple(form.replace("_", " ") for form in english.split()),
                word,
            )
            for korean, english, objects in verbs
            for word in _words(objects)
        )
    for name, adjectives in grammar["qualities"].items():
        qualities = []
        for korean, english in adjectives:
            stem, infinitive, *others = korean.split()
            before_vowel = others[0] if others else None
            predicate = Predicate(stem, infinitive, before_vowel, is_adjective=True)
            qualities.append(Quality(predicate, english))
        lists[name] = tuple(qualities)
    return lists


def _variants(entry: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """An entry of the file for every choice of the values in ``each``."""
    each = entry.get("each", {})
    for values in product(*each.values()):
        variant = dict(entry)
        for capitals, value in zip(each, values, strict=True):
            korean, _, english = value.partition("=")
            for field, content in variant.items():
                new = english if field == "english" and english else korean
                if isinstance(content, str):
                    variant[field] = re.sub(rf"(?<![A-Z]){capitals}(?![A-Z])", new, content)
                elif field == "key":
                    variant[field] = [name.replace(capitals, korean) for name in content]
        yield variant


def _pattern(entry: Mapping[str, Any], lists: Mapping[str, tuple[Filling, ...]]) -> Pattern:
    slots: dict[str, tuple[Filling | None, ...]] = {}
    for slot in SLOT.finditer(entry["korean"] + entry["english"]):
        fillings: tuple[Filling | None, ...] = lists[slot["name"].rstrip("0123456789")]
        slots[slot["name"]] = (None, *fillings) if slot["optional"] else fillings
    return Pattern(
        entry["name"],
        entry["genre"],
        entry["topic"],
        entry.get("sentiment"),
        entry.get("held_out", False),
        {"korean": entry["korean"].replace("|", BOUNDARY), "english": entry["english"]},
        slots,
        tuple(entry["key"]),
    )


@cache
def patterns(genre: Genre | None = None) -> tuple[Pattern, ...]:
    """All patterns, or those of a genre. Patterns that differ in tense alone share their name.

    >>> len(patterns()), len({pattern.name for pattern in patterns()})
    (78, 49)
    >>> f"{sum(map(len, patterns())):,} sentences"
    '1,944,643 sentences'
    """
    if genre is not None and genre not in get_args(Genre):
        raise ValueError(f"genre must be one of {', '.join(get_args(Genre))}, got {genre!r}")
    if genre is not None:
        return tuple(pattern for pattern in patterns() if pattern.genre == genre)
    text = Path(__file__).with_suffix(".toml").read_text(encoding="utf-8")
    grammar = tomllib.loads(text)
    lists = _lists(grammar)
    return tuple(
        _pattern(variant, lists) for entry in grammar["patterns"] for variant in _variants(entry)
    )


@cache
def characters() -> frozenset[str]:
    """Every character that a sentence can have, but for the space."""
    found: set[str] = set()
    for pattern in patterns():
        for language in get_args(Language):
            template = pattern.templates[language]
            found.update(SLOT.sub("", template).upper(), SLOT.sub("", template))
            for slot in SLOT.finditer(template):
                for filling in pattern.slots[slot["name"]]:
                    text = written(filling, language, slot["column"], slot["form"])
                    found.update(text, text.upper())
    return frozenset(found - {" ", BOUNDARY})


# --- Drawing ---------------------------------------------------------------------------------


def _drawable(split: Split, genres: Sequence[Genre]) -> dict[str, list[Pattern]]:
    """The patterns that have sentences of a split, by name: each name is as likely as any other."""
    if split not in get_args(Split):
        raise ValueError(f"split must be one of {', '.join(get_args(Split))}, got {split!r}")
    by_name: dict[str, list[Pattern]] = {}
    for genre in genres:
        for pattern in patterns(genre):
            if pattern.held_out == (split == "new patterns"):
                by_name.setdefault(pattern.name, []).append(pattern)
    return by_name


def sentences(
    split: Split,
    count: int,
    *,
    genres: Sequence[Genre] = get_args(Genre),
    seed: int = 0,
) -> list[Sentence]:
    """Different sentences of a split, drawn with ``seed``.

    ``"new combinations"`` are sentences of training's patterns whose key words training never
    combines; ``"new patterns"`` are those of patterns that training never shows.

    Raises:
        ValueError: there is no such split or genre, ``count`` is negative, or the genres haven't
            so many sentences of the split.

    >>> for sentence in sentences("train", 2, seed=1):
    ...     print(sentence.korean)
    제주 돌고래 이도윤, 7주 만에 복귀… 대전 독수리전 출전
    강아지와 오리가 벤치 위에서 잤다.
    """
    by_name = _drawable(split, genres)
    if count < 0:
        raise ValueError(f"count must be at least 0, got {count}")
    draw = random.Random(f"{split} {seed}")
    names = list(by_name)
    found: dict[str, Sentence] = {}
    failures = 0
    while len(found) < count:
        sentence = draw.choice(by_name[draw.choice(names)]).draw(draw)
        if sentence.split == split and sentence.korean not in found:
            found[sentence.korean] = sentence
            failures = 0
        elif (failures := failures + 1) > 10_000:
            raise ValueError(
                f"expected at most about {len(found)} sentences of split {split!r} and genres "
                f"{', '.join(genres)}, got count {count}"
            )
    return list(found.values())


def passages(
    split: Split,
    count: int,
    *,
    length: int = 2,
    genres: Sequence[Genre] = get_args(Genre),
    seed: int = 0,
) -> list[tuple[Sentence, ...]]:
    """Runs of ``length`` different sentences of one genre and topic, as they might follow.

    >>> for sentence in passages("train", 1, genres=["textbook"])[0]:
    ...     print(sentence.topic, "|", sentence.english)
    study | The word embedding processes words and is used for search.
    study | The recurrent network processes time series and is used for prediction.
    """
    if length < 1 or count < 0:
        raise ValueError(f"length must be at least 1 and count 0, got {length} and {count}")
    by_subject: dict[tuple[str, str], dict[str, list[Pattern]]] = {}
    for name, variants in _drawable(split, genres).items():
        for pattern in variants:
            subject = by_subject.setdefault((pattern.genre, pattern.topic), {})
            subject.setdefault(name, []).append(pattern)
    draw = random.Random(f"passages {split} {seed}")
    found: list[tuple[Sentence, ...]] = []
    while len(found) < count:
        by_name = by_subject[draw.choice(list(by_subject))]
        run: dict[str, Sentence] = {}
        for _ in range(1000 * length):
            sentence = draw.choice(by_name[draw.choice(list(by_name))]).draw(draw)
            if sentence.split == split:
                run[sentence.korean] = sentence
            if len(run) == length:
                break
        found.append(tuple(run.values()))
    return found


def recognize(text: str, language: Language) -> Pattern | None:
    """The first pattern that can write ``text``, or ``None``: is this a sentence of the grammar?

    >>> recognize("The cat sat on the mat.", "english").name
    'cat on the mat'
    >>> recognize("The cat sat the on mat.", "english") is None
    True
    """
    if language not in get_args(Language):
        languages = ", ".join(get_args(Language))
        raise ValueError(f"language must be one of {languages}, got {language!r}")
    return next((pattern for pattern in patterns() if pattern.readings(text, language)), None)
