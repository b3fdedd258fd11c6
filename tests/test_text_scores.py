"""Scores of texts against published examples and against counting everything."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jumok.text_scores import (
    exact_match,
    longest_common_subsequence,
    plain_words,
    rouge_l,
    word_f1,
)

FEW_WORDS = st.lists(st.sampled_from(["비가", "온다", "the", "rain"]), max_size=7)


def test_rouge_l_of_lins_example():
    # Lin (2004), §3.2: S2 has the sequence "police the gunman" of S1, S3 only "the gunman"
    first = "police killed the gunman"
    assert rouge_l("police kill the gunman", first) == 0.75
    assert rouge_l("the gunman kill police", first) == 0.5
    assert rouge_l("", first) == rouge_l(first, "") == 0
    assert rouge_l("", " \n") == 1


@given(FEW_WORDS, FEW_WORDS)
def test_the_longest_subsequence_is_that_of_all(first, second):
    def subsequences(words):
        for size in range(len(words) + 1):
            yield from itertools.combinations(words, size)

    common = set(subsequences(first)) & set(subsequences(second))
    assert longest_common_subsequence(first, second) == max(map(len, common))


@pytest.mark.parametrize(
    ("answer", "reference", "words", "f1"),
    [
        # worked out by hand with the rules of SQuAD's program: lower case, no ASCII punctuation,
        # no articles
        ("The Denver Broncos!", "Denver Broncos", ["denver", "broncos"], 1),
        ("an exchange of Megatron", "exchange", ["exchange", "of", "megatron"], 1 / 2),
        ("U.S. $5", "us 5", ["us", "5"], 1),
        ("theatre", "the atre", ["theatre"], 0),
        ("서울, 서울", "서울", ["서울", "서울"], 2 / 3),
        ("서울에서", "서울", ["서울에서"], 0),
    ],
)
def test_answers_by_squads_rules(answer, reference, words, f1):
    assert plain_words(answer) == words
    assert word_f1(answer, reference) == pytest.approx(f1)
    assert exact_match(answer, reference) == (words == plain_words(reference))


def test_no_answer_is_an_answer():
    assert word_f1("", "") == 1
    assert word_f1("the", "") == 1  # an article alone is no word
    assert word_f1("Busan", "") == word_f1("", "Busan") == 0
    assert exact_match("", "")
    assert not exact_match("", "Busan")


@given(FEW_WORDS, FEW_WORDS)
def test_scores_are_symmetric_and_between_0_and_1(first, second):
    for score in (rouge_l, word_f1):
        there, back = (
            score(" ".join(first), " ".join(second)),
            score(" ".join(second), " ".join(first)),
        )
        assert there == back
        assert 0 <= there <= 1
        assert (there == 1) or first != second
