"""What the letters say of wrong arguments."""

import pytest

from jumok.data.letters import letter, letters
from jumok.data.letters.vocabulary import plain


def test_an_unknown_split_names_the_splits():
    with pytest.raises(ValueError, match="split must be one of train, new names, new patterns"):
        letter("test", 0)


def test_numbers_begin_at_0():
    with pytest.raises(ValueError, match="index must be at least 0, got -1"):
        letter("train", -1)
    with pytest.raises(ValueError, match="count must be at least 0, got -1"):
        letters("train", -1)
    with pytest.raises(ValueError, match="start must be at least 0, got -1"):
        letters("train", 1, start=-1)


def test_only_polite_sentences_have_a_plain_style():
    with pytest.raises(ValueError, match="expected a sentence in -습니다"):
        plain("화면이 꺼졌다")
