"""The words of the letters, in Korean and English, read from ``vocabulary.toml``.

Names are put together from parts, so that there are thousands of them. Some never occur in
training: whole lists of places and people, and one in so many of the names made from parts.
"""

import datetime
import tomllib
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple, overload

from babel import Locale

from jumok.data.dates import Language, Split, format_date, split_of
from jumok.data.korean import FINALS, final_consonant

__all__ = ["Word", "Setting", "Vocabulary", "load_vocabulary"]

HELD_OUT = {"person": 6, "product": 8, "company": 5}
"""One in so many of these names, which are made from parts, never occurs in training."""

ENTITIES = {
    **dict.fromkeys(["sender", "staff", "friend"], "PER"),
    **dict.fromkeys(["company", "courier"], "ORG"),
    **dict.fromkeys(["home", "shop"], "LOC"),
    "product": "MISC",
}
"""The slots that hold names, with the kind of entity."""

LISTS = {
    **dict.fromkeys(["sender", "staff", "friend"], "person"),
    **dict.fromkeys(["home", "shop"], "place"),
}
"""Slots that are filled from the same list, and never with the same word in one letter."""


@dataclass(frozen=True)
class Word:
    """A word, or several that go together, in both languages.

    Some have columns: a problem is a sentence (``say``), the same in plain style (``plain``, before
    는 것) and a noun (``noun``). Other words have one column without a name.

    >>> chair = Word({"": ("의자", "chair")})
    >>> chair.text("ko"), chair.text("en")
    ('의자', 'chair')
    """

    columns: Mapping[str, tuple[str, str]]

    def text(self, language: Language, column: str = "") -> str:
        """The word in one language.

        >>> Word({"noun": ("맑은 소리", "clear sound")}).text("en", "noun")
        'clear sound'
        """
        return self.columns[column][language == "en"]


class Setting(NamedTuple):
    """What a letter is about and how it speaks; it decides which words and patterns may stand.

    >>> Setting("NEGATIVE", "polite", "defect", "audio").tone
    'polite'
    """

    sentiment: str
    tone: str
    story: str
    sector: str


class Computed(Sequence[Word]):
    """A long list of words, each made when it is asked for."""

    def __init__(self, length: int, word: Callable[[int], Word]) -> None:
        self._length, self._word = length, cache(word)

    def __len__(self) -> int:
        return self._length

    @overload
    def __getitem__(self, index: int) -> Word: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Word]: ...
    def __getitem__(self, index: int | slice) -> Word | Sequence[Word]:
        places = range(self._length)[index]
        return [self._word(i) for i in places] if isinstance(places, range) else self._word(places)


@dataclass(frozen=True)
class Vocabulary:
    """Lists of words by name, and which list fills a slot.

    >>> vocabulary = load_vocabulary()
    >>> vocabulary.lists["deadline"][0].text("en")
    'Friday of this week'
    """

    lists: Mapping[str, Sequence[Word]]

    def words(self, slot: str, setting: Setting, held_out: bool) -> Sequence[Word]:
        """What may stand in a slot: in training, or of what is held out from it.

        >>> setting = Setting("NEGATIVE", "polite", "defect", "audio")
        >>> words = load_vocabulary().words
        >>> [word.text("en") for word in words("kind", setting, False)][:3]
        ['speaker', 'radio', 'turntable']
        >>> len(words("sender", setting, False)), len(words("sender", setting, True))
        (8598, 990)
        """
        name = LISTS.get(slot, slot)
        if name == "wish":
            name += " " + ("positive" if setting.sentiment == "POSITIVE" else setting.story)
        elif f"{name} {setting.story}" in self.lists:
            name += " " + setting.story
        elif f"{name} {setting.sector}" in self.lists:
            name += " " + setting.sector
        apart = f"{name} held out"
        return self.lists[apart if held_out and apart in self.lists else name]

    def sectors(self) -> list[str]:
        """What kinds of companies there are.

        >>> load_vocabulary().sectors()[:3]
        ['screens', 'kitchen', 'furniture']
        """
        return [name.removeprefix("kind ") for name in self.lists if name.startswith("kind ")]


def plain(polite: str) -> str:
    """A polite sentence of the past or with an adjective in plain style, as before 는 것.

    >>> plain("화면이 꺼졌습니다"), plain("소리가 맑습니다"), plain("조작이 편합니다")
    ('화면이 꺼졌다', '소리가 맑다', '조작이 편하다')
    """
    if polite.endswith("습니다"):
        return polite.removesuffix("습니다") + "다"
    stem = polite.removesuffix("니다")
    if stem == polite or final_consonant(stem) != "ㅂ":
        raise ValueError(f"expected a sentence in -습니다 or -ㅂ니다, got {polite!r}")
    return stem[:-1] + chr(ord(stem[-1]) - FINALS.index("ㅂ")) + "다"


# --- Lists of the file -----------------------------------------------------------------------


def _pairs(text: str) -> list[tuple[str, str]]:
    """``korean=english, …``; ``_`` is a space at the start of a suffix."""
    entries = text.replace("\n", " ").strip(" ,").split(",")
    pairs = (entry.strip().replace("_", " ").split("=") for entry in entries)
    return [(korean, english) for korean, english in pairs]


def _words(text: str) -> list[Word]:
    return [_word(*pair) for pair in _pairs(text)]


def _word(korean: str, english: str) -> Word:
    return Word({"": (korean, english)})


def _event(row: Sequence[str]) -> Word:
    """A problem or a praise; the plain style stands behind ``=`` where it isn't regular."""
    say, noun, english, english_noun = row
    say, _, irregular = say.partition("=")
    return Word(
        {
            "say": (say, english),
            "plain": (irregular or plain(say), english),
            "noun": (noun, english_noun),
        }
    )


def _wish(row: Sequence[str]) -> Word:
    noun, english_noun, promise, english_promise = row
    return Word({"noun": (noun, english_noun), "promise": (promise, english_promise)})


def _joined(entry: Mapping[str, str], english_between: str = "") -> Iterator[tuple[str, str]]:
    """Names of a first and a second part, without those that repeat a part or mean something."""
    without = {name.strip() for name in entry["without"].replace("\n", " ").split(",")}
    for first, second in product(_pairs(entry["first"]), _pairs(entry["second"])):
        name = first[0] + second[0]
        if name not in without and first[0] != second[0]:
            yield name, first[1] + english_between + second[1]


def _is_held_out(kind: str, name: str) -> bool:
    """A checksum of the Korean name decides, so every machine agrees."""
    return zlib.crc32(name.encode()) % HELD_OUT[kind] == 0


def _people(entry: Mapping[str, str], held_out: bool) -> list[Word]:
    families = _pairs(entry["family"])
    given = [name for name in _joined(entry, "-") if _is_held_out("person", name[0]) == held_out]
    koreans = [
        _word(family[0] + name[0], f"{name[1]} {family[1]}")
        for family, name in product(families, given)
    ]
    end = "_held_out" if held_out else ""
    others = product(_pairs(entry["given_names" + end]), _pairs(entry["surnames" + end]))
    return koreans + [
        _word(f"{name[0]} {surname[0]}", f"{name[1]} {surname[1]}") for name, surname in others
    ]


def _names_and_suffixes(
    kind: str, entry: Mapping[str, str], suffixes: Sequence[tuple[str, str]], held_out: bool
) -> list[Word]:
    return [
        _word(name + suffix, english + english_suffix)
        for name, english in _joined(entry)
        if _is_held_out(kind, name) == held_out
        for suffix, english_suffix in suffixes
    ]


# --- Dates and numbers -----------------------------------------------------------------------


def _month_and_day(date: datetime.date) -> Word:
    """CLDR's form of a day without its year: ``3월 9일``, ``March 9``."""
    texts = []
    for language in ("ko", "en"):
        locale = Locale.parse(language)
        texts.append(str(locale.datetime_skeletons["MMMMd"].apply(date, locale)))
    return _word(*texts)


def _days(years: Sequence[int], style: str, split: Split) -> Computed:
    """The days of a split of `jumok.data.dates`, written in one of its formats."""
    first = datetime.date(years[0], 1, 1).toordinal()
    last = datetime.date(years[1], 12, 31).toordinal()
    every = map(datetime.date.fromordinal, range(first, last + 1))
    days = [day for day in every if split_of(day) == split]
    return Computed(
        len(days),
        lambda i: _word(format_date(days[i], "ko", style), format_date(days[i], "en", style)),
    )


def _numbers(entry: Mapping[str, Any]) -> dict[str, Sequence[Word]]:
    letters, (first, last) = entry["order_letters"], entry["order"]
    low, high = entry["price_in_thousands"]

    def order(index: int) -> Word:
        letter, number = divmod(index, last - first + 1)
        return _word(*2 * [f"{letters[letter]}-{first + number}"])

    def price(index: int) -> Word:
        return _word(f"{low + index},000원", f"{low + index},000 won")

    return {
        "order": Computed(len(letters) * (last - first + 1), order),
        "price": Computed(high - low + 1, price),
    }


# --- Everything ------------------------------------------------------------------------------


@cache
def load_vocabulary() -> Vocabulary:
    """All lists, made once.

    >>> lists = load_vocabulary().lists
    >>> len(lists["product"]), lists["product"][8].text("ko"), lists["product"][8].text("en")
    (3328, '루미론', 'Lumiron')
    """
    path = Path(__file__).with_suffix(".toml")
    file = tomllib.loads(path.read_text(encoding="utf-8"))
    times, products = file["times"], file["products"]
    year = [datetime.date(2023, 1, 1) + datetime.timedelta(day) for day in range(365)]
    lists: dict[str, Sequence[Word]] = {
        **{name: _words(times[name]) for name in ("when", "span", "deadline")},
        **_numbers(file["numbers"]),
        "day": [_month_and_day(day) for day in year],
        "wish positive": [_wish(row) for row in file["positive"]["wish"]],
    }
    models = [("", ""), *_pairs(products["model"])]
    splits: dict[str, Split] = {"": "train", " held out": "held-out"}
    for end, split in splits.items():
        held_out, names = bool(end), "names" + end.replace(" ", "_")
        lists |= {
            f"person{end}": _people(file["people"], held_out),
            f"product{end}": _names_and_suffixes("product", products, models, held_out),
            f"courier{end}": _words(file["parcel_services"][names]),
            f"place{end}": _words(file["places"][names]),
            f"full_day{end}": _days(times["years"], "long", split),
            f"weekday{end}": _days(times["years"], "full", split),
        }
    for sector, entry in file["sectors"].items():
        for end in ("", " held out"):
            lists[f"company {sector}{end}"] = _names_and_suffixes(
                "company", file["companies"], _pairs(entry["company"]), bool(end)
            )
        lists[f"kind {sector}"] = _words(entry["kind"])
        lists[f"problem {sector}"] = [_event(row) for row in entry["problem"]]
        lists[f"praise {sector}"] = [_event(row) for row in entry["praise"]]
    for story, entry in file["stories"].items():
        for name, read in (("problem", _event), ("praise", _event), ("wish", _wish)):
            if name in entry:
                lists[f"{name} {story}"] = [read(row) for row in entry[name]]
    return Vocabulary(lists)
