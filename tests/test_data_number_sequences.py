"""Digits read aloud: splits, lengths, tokens."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from jumok.data.number_sequences import (
    DIGITS,
    NumberTokenizer,
    number_pairs,
    read_aloud,
    split_of,
)

digits = st.lists(st.integers(0, 9), min_size=1, max_size=50)


@given(digits, st.sampled_from(["ko", "en"]))
def test_tokens_lose_nothing(sequence, language):
    text = read_aloud(sequence, language)
    tokenizer = NumberTokenizer(language)
    assert tokenizer.decode(tokenizer.encode(text)) == text
    assert [DIGITS[language].index(token) for token in tokenizer.tokens(text)] == sequence


def test_no_sequence_is_in_both_splits():
    train = {pair.digits for pair in number_pairs("train", count=3000, longest=5)}
    held_out = {pair.digits for pair in number_pairs("held-out", count=3000, longest=5)}
    assert not train & held_out
    assert {split_of(sequence) for sequence in train} == {"train"}
    every = [divmod(number, 100) for number in range(10_000)]
    share = sum(split_of((*divmod(a, 10), *divmod(b, 10))) == "held-out" for a, b in every)
    assert 400 < share < 600


def test_lengths_and_digits_are_drawn_evenly():
    pairs = number_pairs("train", count=4100)
    lengths = Counter(len(pair.digits) for pair in pairs)
    assert set(lengths) == set(range(4, 45))
    assert max(lengths.values()) < 2 * min(lengths.values())
    names = Counter(word for pair in pairs for word in pair.target.split())
    assert max(names.values()) < 1.1 * min(names.values())


def test_pairs_say_the_same_and_come_again():
    pairs = number_pairs("held-out", "en-ko", count=20, seed=3)
    assert pairs == number_pairs("held-out", "en-ko", count=20, seed=3)
    assert pairs != number_pairs("held-out", "en-ko", count=20, seed=4)
    for pair in pairs:
        assert pair.source == read_aloud(pair.digits, "en")
        assert pair.target == read_aloud(pair.digits, "ko")
