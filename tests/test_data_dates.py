"""Dates: CLDR's formats, splits, reading and tokens."""

import datetime
import unicodedata
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jumok.data import END_ID, PAD_ID, SPECIAL_TOKENS, START_ID, UNKNOWN_ID
from jumok.data.dates import (
    FORMATS,
    DateTokenizer,
    date_pairs,
    dates_of,
    format_date,
    formats_of,
    normalize,
    parse_date,
    split_of,
)

days = st.dates(datetime.date(1900, 1, 1), datetime.date(2099, 12, 31))
styles = st.sampled_from(FORMATS)
languages = st.sampled_from(["ko", "en"])


def test_the_decks_own_date():
    day = datetime.date(2019, 2, 15)
    assert format_date(day, "ko") == "2019년 2월 15일 금요일"
    assert format_date(day, "en") == "Friday, February 15, 2019"


@given(days, styles, languages)
def test_what_is_written_can_be_read(day, style, language):
    text = format_date(day, language, style)
    found = parse_date(text)
    assert found.language == language
    assert format_date(found.date, language, found.style) == text
    if style != "short":  # which says no century
        assert found.date == day
    if (style, language, day.month) != ("medium", "en", 5):  # May is May's abbreviation
        assert found.style == style


def test_no_date_is_in_both_splits_and_every_date_is_in_one():
    train, held_out = set(dates_of("train")), set(dates_of("held-out"))
    assert not train & held_out
    assert len(train | held_out) == 73_049  # 200 years with 49 leap days: 1900 had none
    assert 0.045 < len(held_out) / 73_049 < 0.055
    years = Counter(day.year for day in held_out)
    assert len(years) == 200


@pytest.mark.parametrize("direction", ["ko-en", "en-ko"])
def test_no_text_is_in_both_splits_and_translation_is_a_function(direction):
    held_out = date_pairs("held-out", direction)
    translation = {}
    for pair in held_out:
        assert translation.setdefault(pair.source, pair.target) == pair.target
    some = date_pairs("train", direction, count=20_000)
    for pair in some:
        assert pair.source not in translation


def test_translation_is_a_function_on_every_text_of_a_month():
    may = [datetime.date(2019, 5, day) for day in range(1, 32)]
    for source, target in (("ko", "en"), ("en", "ko")):
        texts = {}
        for day in may:
            for style in formats_of(day, f"{source}-{target}"):
                text = format_date(day, source, style)
                assert texts.setdefault(text, format_date(day, target, style)) == format_date(
                    day, target, style
                )


def test_centuries_share_a_split():
    for day in (datetime.date(1919, 2, 15), datetime.date(1950, 12, 31)):
        assert split_of(day) == split_of(day.replace(year=day.year + 100))


def test_drawn_pairs_are_different_days_and_the_same_again():
    first = date_pairs("held-out", count=1000)
    assert len({pair.date for pair in first}) == 1000
    assert first == date_pairs("held-out", count=1000)
    assert first != date_pairs("held-out", count=1000, seed=1)
    assert {pair.style for pair in first} == set(FORMATS)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("2019년 2월 30일", "no day 30 in month 2"),
        ("2/29/1900", "not a date"),
        ("Feb 29, 1900", "no day 29 in month 2"),
        ("2019. 13. 1.", "no month 13"),
        ("2019년 2월 15일 목요일", "weekday is wrong"),
        ("Mon, 2/15/2019", "weekday is wrong"),
        ("January 1, 1899", "from 1900 to 2099"),
        ("2100년 1월 1일", "from 1900 to 2099"),
        ("", "not a date"),
        ("   ", "not a date"),
        ("안녕하세요", "not a date"),
        ("Friday, 2월 15일, 2019", "not a date"),
        ("2019년 02월 15일", "not a date"),
        ("２０１９년 2월 15일", "not a date"),
        ("2019년 2월 15일 그리고", "not a date"),
        ("2019년 2월 15일\n2019년 2월 16일", "not a date"),
        ("Sept 1, 2019", "not a date"),
        ("0/1/19", "not a date"),
    ],
)
def test_what_is_no_date_says_why(text, reason):
    with pytest.raises(ValueError, match=reason):
        parse_date(text)


def test_reading_takes_decomposed_hangul_and_loose_spaces():
    text = unicodedata.normalize("NFD", "  2031년  7월\u00a09일 수요일 ")
    assert parse_date(text).date == datetime.date(2031, 7, 9)
    assert normalize(text) == "2031년 7월 9일 수요일"


def test_language_can_be_prescribed():
    assert parse_date("2/15/19", "en").date == datetime.date(2019, 2, 15)
    with pytest.raises(ValueError, match="not a date in any of these formats: 2019년"):
        parse_date("2/15/19", "ko")


@given(days, styles, languages)
def test_tokens_lose_nothing(day, style, language):
    tokenizer = TOKENIZERS[language]
    text = format_date(day, language, style)
    assert "".join(tokenizer.tokens(text)) == text
    assert tokenizer.decode(tokenizer.encode(text)) == text
    assert min(tokenizer.encode(text)) > UNKNOWN_ID
    assert tokenizer.encode(unicodedata.normalize("NFD", text)) == tokenizer.encode(text)


TOKENIZERS = {"ko": DateTokenizer("ko"), "en": DateTokenizer("en")}


def test_special_tokens():
    assert (PAD_ID, START_ID, END_ID, UNKNOWN_ID) == (0, 1, 2, 3)
    for tokenizer in TOKENIZERS.values():
        assert tokenizer.vocabulary[:4] == SPECIAL_TOKENS
        assert len(set(tokenizer.vocabulary)) == len(tokenizer)
    english = TOKENIZERS["en"]
    ids = english.encode("July 9, 2031")
    assert english.decode([START_ID, *ids, END_ID, PAD_ID, *ids]) == "July 9, 2031"
    assert english.decode([UNKNOWN_ID]) == "\ufffd"


def test_unknown_is_reported():
    tokenizer = TOKENIZERS["ko"]
    assert tokenizer.unknown("2031년 팔월 9일") == ["팔월 "]
    assert tokenizer.encode("2031년 팔월 9일", errors="replace").count(UNKNOWN_ID) == 1
    assert "<unknown>" in tokenizer.tokens("2031년 팔월 9일")
    with pytest.raises(ValueError, match="팔월"):
        tokenizer.encode("2031년 팔월 9일")
    assert tokenizer.unknown("<pad>") != []  # a special token is no text


def test_a_date_is_its_visible_parts():
    tokens = TOKENIZERS["en"].tokens("Wednesday, July 9, 2031")
    assert tokens == ["Wednesday", ", ", "July ", "9", ", ", "2031"]
