"""What the data modules say to wrong arguments."""

import datetime

import pytest
import tokenizers

from jumok.data.dates import DateTokenizer, date_pairs, dates_of, format_date
from jumok.data.french_english import WordTokenizer, sentence_pairs
from jumok.data.korean import Predicate, add_final, with_particle
from jumok.data.number_sequences import NumberTokenizer, number_pairs
from jumok.data.sentences import passages, recognize, sentences
from jumok.data.subwords import SubwordTokenizer, sentence_tokenizer
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
        (lambda: number_pairs("test", count=1), "split must be one of train, held-out"),
        (lambda: number_pairs("train", "ko-de", count=1), "direction must be one of ko-en, en-ko"),
        (lambda: number_pairs("train", count=-1), "1 ≤ shortest ≤ longest, got"),
        (lambda: number_pairs("train", count=1, shortest=0), "1 ≤ shortest ≤ longest, got"),
        (
            lambda: number_pairs("train", count=1, shortest=9, longest=8),
            "1 ≤ shortest ≤ longest, got",
        ),
        (lambda: NumberTokenizer("de"), "language must be one of ko, en"),
        (lambda: sentences("test", 1), "split must be one of train, new combinations, new pat"),
        (lambda: sentences("train", -1), "count must be at least 0, got -1"),
        (lambda: sentences("train", 1, genres=["poem"]), "genre must be one of everyday, textb"),
        (lambda: sentences("new patterns", 10**5, genres=["review"]), "expected at most about"),
        (lambda: passages("train", 1, length=0), "length must be at least 1 and count 0"),
        (lambda: recognize("text", "en"), "language must be one of korean, english, got 'en'"),
        (lambda: with_particle("책", "를"), "particle must be one of 은, 이, 을, 과, 으로"),
        (lambda: with_particle("GPT", "은"), "ends in a Hangul syllable, got 'GPT'"),
        (lambda: add_final("책", "ㅆ"), "'책' ends in ㄱ already, no room for ㅆ"),
        (lambda: Predicate("읽", "읽어").form("passive"), "form must be one of present, past"),
        (lambda: SubwordTokenizer.train(["abcdefgh"], 8), "expected a vocab_size of at least 13"),
        (lambda: sentence_tokenizer().encode("훼방"), "not in the vocabulary: \\['훼'\\] of"),
        (lambda: sentence_pairs("train", -1), "count must be"),
        (lambda: WordTokenizer("ko"), "language must be 'fr' or 'en', got 'ko'"),
        (lambda: date_translator("ko"), "direction must be one of ko-en, en-ko, got 'ko'"),
    ],
)
def test_says_what_was_expected(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_a_tokenizer_that_is_none(tmp_path):
    with pytest.raises(FileNotFoundError, match="no tokenizer at"):
        SubwordTokenizer.load(tmp_path / "missing.json")
    (tmp_path / "broken.json").write_text("{}")
    with pytest.raises(ValueError, match="is not a saved tokenizer"):
        SubwordTokenizer.load(tmp_path / "broken.json")
    foreign = tokenizers.Tokenizer(tokenizers.models.BPE())
    with pytest.raises(ValueError, match="expected a vocabulary that begins with <pad>, <START>"):
        SubwordTokenizer(foreign)
