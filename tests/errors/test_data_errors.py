"""What the data modules say to wrong arguments."""

import datetime

import pytest

from jumok.data.dates import DateTokenizer, date_pairs, dates_of, format_date
from jumok.data.french_english import WordTokenizer, sentence_pairs
from jumok.translation import date_translator


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: dates_of("test"), "split must be one of train, held-out, got 'test'"),
        (
            lambda: date_pairs("train", "ko-fr"),
            "direction must be one of ko-en, en-ko, got 'ko-fr'",
        ),
        (lambda: date_pairs("held-out", count=10**6), "count must be in 0 … 3680"),
        (lambda: date_pairs("held-out", count=-1), "count must be in 0 … 3680"),
        (lambda: format_date(datetime.date(2019, 2, 15), "fr"), "language must be one of ko, en"),
        (
            lambda: format_date(datetime.date(2019, 2, 15), "ko", "tiny"),
            "style must be one of full",
        ),
        (lambda: DateTokenizer("fr"), "language must be one of ko, en"),
        (lambda: DateTokenizer("ko").decode([10**6]), "token ids must be in 0 … 334, got 1000000"),
        (lambda: DateTokenizer("ko").decode([-1]), "token ids must be in 0 …"),
        (lambda: DateTokenizer("ko").encode("1", errors="ignore"), "errors must be 'strict' or"),
        (lambda: sentence_pairs("test", 1), "split must be"),
        (lambda: sentence_pairs("train", -1), "count must be"),
        (lambda: WordTokenizer("ko"), "language must be 'fr' or 'en', got 'ko'"),
        (lambda: date_translator("ko"), "direction must be one of ko-en, en-ko, got 'ko'"),
    ],
)
def test_says_what_was_expected(call, message):
    with pytest.raises(ValueError, match=message):
        call()
