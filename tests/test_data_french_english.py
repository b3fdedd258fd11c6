"""The French–English grammar: agreement, order, alignment, splits and tokens."""

import pytest
import torch

from jumok.data import UNKNOWN_ID
from jumok.data.french_english import (
    AFTER_THE_NOUN,
    ANIMALS,
    BEFORE_THE_NOUN,
    CAT_ON_THE_MAT,
    NOUNS,
    WordTokenizer,
    alignment_accuracy,
    noun_phrase,
    sentence_pairs,
    split_of,
)

FRENCH, ENGLISH = WordTokenizer("fr"), WordTokenizer("en")


def test_the_cat_is_held_out():
    assert CAT_ON_THE_MAT.source == "le chat est sur le tapis"
    assert CAT_ON_THE_MAT.target == "the cat is on the mat"
    assert CAT_ON_THE_MAT.alignment == (0, 1, 2, 3, 4, 5)
    assert split_of(CAT_ON_THE_MAT) == "held-out"
    assert CAT_ON_THE_MAT not in sentence_pairs("train", 6000)


def test_splits_share_no_sentence_but_all_words():
    train, held_out = sentence_pairs("train", 4000), sentence_pairs("held-out", 500)
    sources = {pair.source for pair in train}
    assert len(sources) == 4000
    assert not sources & {pair.source for pair in held_out}
    words = {word for pair in train for word in FRENCH.tokens(pair.source)}
    assert words == set(FRENCH.vocabulary[4:])


def test_alignment_joins_words_that_mean_the_same():
    english_of = {noun.french: noun.english for noun in NOUNS}
    for adjective in (*BEFORE_THE_NOUN, *AFTER_THE_NOUN):
        english_of[adjective.masculine] = english_of[adjective.feminine] = adjective.english
    pairs = sentence_pairs("train", 1000)
    crossing = 0
    for pair in pairs:
        source, target = FRENCH.tokens(pair.source), ENGLISH.tokens(pair.target)
        assert len(pair.alignment) == len(target)
        assert sorted(pair.alignment) == list(range(len(source)))  # word for word, reordered
        for word, position in zip(target, pair.alignment, strict=True):
            assert english_of.get(source[position], word) == word
        crossing += list(pair.alignment) != sorted(pair.alignment)
    assert crossing > 500  # most sentences are not just the diagonal


@pytest.mark.parametrize(
    ("noun", "definite", "before", "after", "french"),
    [
        (0, True, None, 0, ["le", "chat", "noir"]),
        (6, True, None, 0, ["la", "poule", "noire"]),
        (3, True, None, 1, ["l'", "oiseau", "blanc"]),
        (7, True, None, None, ["l'", "abeille"]),
        (7, False, None, 1, ["une", "abeille", "blanche"]),
        (3, True, 0, None, ["le", "petit", "oiseau"]),
        (7, True, 1, 3, ["la", "grande", "abeille", "rouge"]),
    ],
)
def test_french_agrees(noun, definite, before, after, french):
    phrase = noun_phrase(
        ANIMALS[noun],
        definite=definite,
        before=None if before is None else BEFORE_THE_NOUN[before],
        after=None if after is None else AFTER_THE_NOUN[after],
    )
    assert phrase.french == french


def test_tokenizers():
    for pair in sentence_pairs("held-out", 300):
        assert FRENCH.decode(FRENCH.encode(pair.source)) == pair.source
        assert ENGLISH.decode(ENGLISH.encode(pair.target)) == pair.target
    assert FRENCH.encode("Le chat est sur le tapis") == FRENCH.encode(CAT_ON_THE_MAT.source)
    assert FRENCH.tokens("l’oiseau") == ["l'", "oiseau"]
    assert FRENCH.encode("le zèbre", errors="replace")[1] == UNKNOWN_ID
    with pytest.raises(ValueError, match="zèbre"):
        FRENCH.encode("le zèbre")


def test_alignment_accuracy():
    weights = torch.eye(4)[[0, 1, 3, 2, 0]]  # the last row is the end token's
    assert alignment_accuracy(weights, (0, 1, 3, 2)) == 1.0
    assert alignment_accuracy(weights, (0, 1, 2, 3)) == 0.5
