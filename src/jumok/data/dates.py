"""Calendar dates in Korean and English, written as Unicode's CLDR writes them.

``2019년 2월 15일 금요일`` and ``Friday, February 15, 2019`` name the same day. Their parts are the
same, their order is nearly reversed: a small, real translation task whose every answer can be
checked.
"""

import datetime
import random
import re
import unicodedata
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal, NamedTuple, get_args

from babel import Locale
from babel.dates import DateTimePattern, get_day_names, get_month_names

from jumok.checks import check_choice
from jumok.data.tokenizer import Tokenizer

Language = Literal["ko", "en"]
Direction = Literal["ko-en", "en-ko"]
Split = Literal["train", "held-out"]

FIRST_YEAR, LAST_YEAR = 1900, 2099

FORMATS = ("full", "long", "medium", "short", "yMMMEd", "yMEd")
"""CLDR's four date formats and two of its skeletons, those that differ in both languages."""


@cache
def cldr_pattern(language: str, style: str) -> DateTimePattern:
    """CLDR's pattern of a format: ``y년 MMMM d일 EEEE`` for Korean's ``full``."""
    check_choice("language", language, get_args(Language))
    check_choice("style", style, FORMATS)
    locale = Locale.parse(language)
    if style in locale.date_formats:
        pattern: DateTimePattern = locale.date_formats[style]
    else:
        pattern = locale.datetime_skeletons[style]
    return pattern


def format_date(date: datetime.date, language: Language, style: str = "full") -> str:
    """Write ``date`` in one of `FORMATS`.

    >>> day = datetime.date(2019, 2, 15)
    >>> for style in FORMATS:
    ...     print(format_date(day, "ko", style), "|", format_date(day, "en", style))
    2019년 2월 15일 금요일 | Friday, February 15, 2019
    2019년 2월 15일 | February 15, 2019
    2019. 2. 15. | Feb 15, 2019
    19. 2. 15. | 2/15/19
    2019년 2월 15일 (금) | Fri, Feb 15, 2019
    2019. 2. 15. (금) | Fri, 2/15/2019
    """
    return str(cldr_pattern(language, style).apply(date, Locale.parse(language)))


# --- Pairs -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class DatePair:
    """One day in one format: what the model reads (``source``) and should write (``target``)."""

    date: datetime.date
    style: str
    source: str
    target: str


def split_of(date: datetime.date) -> Split:
    """``"held-out"`` for one day in twenty, ``"train"`` for the others.

    A checksum of the day decides, so every machine agrees. The checksum leaves out the century:
    1919 and 2019 share the text ``2/15/19``, which must not stand on both sides.
    """
    return "held-out" if zlib.crc32(f"{date:%y-%m-%d}".encode()) % 20 == 0 else "train"


@cache
def dates_of(split: Split) -> tuple[datetime.date, ...]:
    """Every day of a split from ``FIRST_YEAR`` to ``LAST_YEAR``, in order.

    >>> len(dates_of("train")), len(dates_of("held-out"))
    (69369, 3680)
    """
    check_choice("split", split, get_args(Split))
    first = datetime.date(FIRST_YEAR, 1, 1).toordinal()
    last = datetime.date(LAST_YEAR, 12, 31).toordinal()
    days = map(datetime.date.fromordinal, range(first, last + 1))
    return tuple(day for day in days if split_of(day) == split)


def formats_of(date: datetime.date, direction: Direction) -> tuple[str, ...]:
    """The formats of `FORMATS` in which a day's text has one translation.

    CLDR shortens *May* to *May*: ``May 15, 2019`` is both English's long and its medium format.
    From English we read it as long, so that the translation is a function.
    """
    if direction == "en-ko" and date.month == 5:
        return tuple(style for style in FORMATS if style != "medium")
    return FORMATS


def date_pairs(
    split: Split, direction: Direction = "ko-en", *, count: int | None = None, seed: int = 0
) -> list[DatePair]:
    """Dates of a split in both languages.

    With ``count``, that many different days drawn with ``seed``, each in one format drawn too;
    without, every day in every format.

    >>> pair = date_pairs("held-out", "ko-en", count=1)[0]
    >>> print(pair.source, "→", pair.target)
    1931년 3월 9일 → March 9, 1931
    """
    check_choice("direction", direction, get_args(Direction))
    dates = dates_of(split)
    if count is None:
        chosen = [(date, style) for date in dates for style in formats_of(date, direction)]
    elif 0 <= count <= len(dates):
        draw = random.Random(f"{split} {seed}")
        chosen = [
            (date, draw.choice(formats_of(date, direction))) for date in draw.sample(dates, count)
        ]
    else:
        raise ValueError(f"count must be in 0 … {len(dates)}, the days of {split!r}, got {count}")
    source: Language
    target: Language
    source, target = ("ko", "en") if direction == "ko-en" else ("en", "ko")
    return [
        DatePair(date, style, format_date(date, source, style), format_date(date, target, style))
        for date, style in chosen
    ]


# --- Reading a date --------------------------------------------------------------------------


class ParsedDate(NamedTuple):
    """What `parse_date` found: the day, its format and its language."""

    date: datetime.date
    style: str
    language: Language


def normalize(text: str) -> str:
    """Compose Hangul (Unicode NFC) and write every run of white space as one space.

    >>> normalize(unicodedata.normalize("NFD", " 2019년\\t2월 15일 ")) == "2019년 2월 15일"
    True
    """
    return " ".join(unicodedata.normalize("NFC", text).split())


Width = Literal["wide", "abbreviated"]


@cache
def month_numbers(language: Language, width: Width) -> dict[str, int]:
    """The names of the months, ``wide`` or ``abbreviated``, with their numbers."""
    names = get_month_names(width, locale=language)
    return {name: number for number, name in names.items()}


@cache
def date_regex(language: Language, style: str) -> re.Pattern[str]:
    """A regular expression made from the CLDR pattern, with its fields as named groups."""

    def weekdays(width: Width) -> str:
        return "|".join(get_day_names(width, locale=language).values())

    expressions = {
        "y": "(?P<year>[0-9]{4})",
        "yy": "(?P<year>[0-9]{2})",
        "M": "(?P<month>[1-9][0-9]?)",
        "MMM": f"(?P<month>{'|'.join(month_numbers(language, 'abbreviated'))})",
        "MMMM": f"(?P<month>{'|'.join(month_numbers(language, 'wide'))})",
        "d": "(?P<day>[1-9][0-9]?)",
        "E": f"(?P<weekday>{weekdays('abbreviated')})",
        "EEEE": f"(?P<weekday>{weekdays('wide')})",
    }
    # Babel writes a pattern as "%(y)s년 %(MMMM)s …": every second piece of the split is a field.
    pieces = re.split(r"%\((\w+)\)s", str(cldr_pattern(language, style).format))
    return re.compile(
        "".join(
            expressions[piece] if index % 2 else re.escape(piece)
            for index, piece in enumerate(pieces)
        )
    )


def parse_date(text: str, language: Language | None = None) -> ParsedDate:
    """Read a date in one of `FORMATS`; without ``language``, in either language.

    A year of two digits is taken as 20··. Raises `ValueError` saying why a text is not a date: no
    such format, no such day, another weekday, or a year out of range.

    >>> parse_date("2031년 7월 9일 수요일")
    ParsedDate(date=datetime.date(2031, 7, 9), style='full', language='ko')
    >>> parse_date("February 30, 2019")
    Traceback (most recent call last):
    ValueError: 'February 30, 2019': there is no day 30 in month 2 of 2019
    """
    text = normalize(text)
    languages: tuple[Language, ...] = ("ko", "en") if language is None else (language,)
    for each in languages:
        for style in FORMATS:
            if match := date_regex(each, style).fullmatch(text):
                date = matched_date(match, each)
                if (right := format_date(date, each, style)) != text:
                    raise ValueError(f"{text!r}: the weekday is wrong; that day is {right!r}")
                return ParsedDate(date, style, each)
    example = datetime.date(2019, 2, 15)
    known = "; ".join(format_date(example, each, style) for each in languages for style in FORMATS)
    raise ValueError(f"{text!r} is not a date in any of these formats: {known}")


def matched_date(match: re.Match[str], language: Language) -> datetime.date:
    """The day whose year, month and day `date_regex` found, if there is such a day."""
    field = match.groupdict()
    year = int(field["year"]) + (2000 if len(field["year"]) == 2 else 0)
    names = month_numbers(language, "wide") | month_numbers(language, "abbreviated")
    month = names.get(field["month"]) or int(field["month"])
    day = int(field["day"])
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise ValueError(f"{match[0]!r}: the year must be from {FIRST_YEAR} to {LAST_YEAR}")
    if month > 12:
        raise ValueError(f"{match[0]!r}: there is no month {month}")
    try:
        return datetime.date(year, month, day)
    except ValueError:
        raise ValueError(
            f"{match[0]!r}: there is no day {day} in month {month} of {year}"
        ) from None


# --- Tokens ----------------------------------------------------------------------------------


class DateTokenizer(Tokenizer):
    """Cuts dates of one language, or of several, into numbers, words and punctuation.

    A token includes the space that follows it: nothing is lost, and no token is blank. A year of
    four digits is one token. Two halves would be harder to translate: in ``2019`` and ``2020`` the
    year looks like a century, and a model that copies token after token loses its place.

    >>> tokenizer = DateTokenizer("ko")
    >>> tokenizer.tokens("2031년 7월 9일 수요일")
    ['2031', '년 ', '7', '월 ', '9', '일 ', '수요일']
    >>> tokenizer.decode(tokenizer.encode("2031년 7월 9일 수요일"))
    '2031년 7월 9일 수요일'
    >>> DateTokenizer("en").unknown("Wed, Juli 9, 2031")
    ['Juli ']
    >>> len(DateTokenizer("ko")), len(DateTokenizer("en")), len(DateTokenizer("ko", "en"))
    (335, 353, 374)
    """

    #: Read alike by Python and by JavaScript, to which ``jumok.browser`` hands it.
    PIECE = re.compile(r"[0-9]{4}|[0-9]{1,2}|[A-Za-z가-힣]+ ?|\S ?|\s")

    def __init__(self, language: Language, *others: Language) -> None:
        numbers = [str(number) for number in range(10)]
        numbers += [f"{number:02}" for number in range(100)]
        numbers += [str(year) for year in range(FIRST_YEAR, LAST_YEAR + 1)]
        # Words and signs are those that the formats bring up in the course of a year.
        days = [datetime.date(2000, 1, 1) + datetime.timedelta(day) for day in range(366)]
        texts = [
            format_date(day, each, style)
            for each in (language, *others)
            for day in days
            for style in FORMATS
        ]
        super().__init__([*numbers, *(piece for text in texts for piece in self.cut(text))])

    def cut(self, text: str) -> list[str]:
        """Numbers, words and signs, each with the space after it."""
        return self.PIECE.findall(text)

    def join(self, tokens: Sequence[str]) -> str:
        """The tokens in a row: their spaces are their own."""
        return "".join(tokens)
