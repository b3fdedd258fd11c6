"""What the learning of vocabularies says of wrong arguments."""

import pytest

from jumok.tokenization import (
    best_segmentation,
    expected_counts,
    fertility,
    learn_merges,
    learn_unigram,
    train_tokenizer,
)


def test_merges_are_not_negative():
    with pytest.raises(ValueError, match="num_merges must be at least 0, got -1"):
        learn_merges({"a": 1}, -1)


def test_pieces_must_write_the_word():
    with pytest.raises(ValueError, match="pieces can write, got 'ab'"):
        best_segmentation("ab", {"a": 1.0})
    with pytest.raises(ValueError, match="pieces can write, got 'ab'"):
        expected_counts({"ab": 1}, {"a": 1.0})


def test_unigram_wants_words_and_room_for_their_characters():
    with pytest.raises(ValueError, match="at least one word"):
        learn_unigram({}, 10)
    with pytest.raises(ValueError, match="vocab_size must be at least 3, one for each character"):
        learn_unigram({"abc": 1}, 2)
    with pytest.raises(ValueError, match="kept must be between 0 and 1, got 1"):
        learn_unigram({"abc": 1}, 3, kept=1.0)


def test_an_unknown_algorithm_names_the_others():
    with pytest.raises(ValueError, match="algorithm must be one of BPE, WordPiece, Unigram"):
        train_tokenizer("SentencePiece", ["a"], 10)


@pytest.mark.parametrize("algorithm", ["BPE", "WordPiece", "Unigram", "byte-level BPE"])
def test_a_vocabulary_without_room(algorithm):
    with pytest.raises(ValueError, match="vocab_size must be at least"):
        train_tokenizer(algorithm, ["one two three"], 7)


def test_nothing_to_measure():
    with pytest.raises(ValueError, match="at least one token"):
        fertility(str.split, [])
