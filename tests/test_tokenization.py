"""How vocabularies are learned: against Hugging Face's tokenizers, and against enumeration."""

import json
import unicodedata
from collections import Counter
from itertools import pairwise
from math import log, prod

import pytest
import tokenizers
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import models, pre_tokenizers, trainers

from jumok.data.letters import letters
from jumok.data.sentences import BOUNDARY, sentences
from jumok.data.word_piece import SPECIAL_TOKENS, WordPiece
from jumok.tokenization import (
    PairStatistics,
    apply_merges,
    best_segmentation,
    count_words,
    expected_counts,
    fertility,
    learn_merges,
    learn_unigram,
    likelihood_gain,
    merge_pair,
    pair_frequency,
    pair_ratio,
    particle_cuts,
    segmentations,
    token_cutter,
    train_tokenizer,
    word_cuts,
    word_probability,
)

ALGORITHMS = ("BPE", "WordPiece", "Unigram", "byte-level BPE")
LETTERS = list(letters("train", 24))
TEXTS = [each.text(language) for language in ("ko", "en") for each in LETTERS]
SENNRICH = {"low": 5, "lower": 2, "newest": 6, "widest": 3}

words = st.text("abc", min_size=1, max_size=6)
counted_words = st.dictionaries(words, st.integers(1, 9), min_size=1, max_size=5)
pieces = st.dictionaries(st.text("abc", min_size=2, max_size=3), st.floats(0.01, 1.0), max_size=9)
probabilities = pieces.map(lambda found: {"a": 0.2, "b": 0.3, "c": 0.1, **found})


# -- merging ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def their_bpe() -> tokenizers.Tokenizer:
    engine = tokenizers.Tokenizer(models.BPE())
    engine.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    engine.train_from_iterator(TEXTS, trainers.BpeTrainer(vocab_size=700, show_progress=False))
    return engine


def test_merges_are_those_of_tokenizers(their_bpe: tokenizers.Tokenizer) -> None:
    expected = [tuple(pair) for pair in json.loads(their_bpe.to_str())["model"]["merges"]]
    counts = count_words(their_bpe, TEXTS)
    assert len(expected) > 200
    assert learn_merges(counts, len(expected)) == expected


def test_merges_cut_words_as_tokenizers_does(their_bpe: tokenizers.Tokenizer) -> None:
    merges = [tuple(pair) for pair in json.loads(their_bpe.to_str())["model"]["merges"]]
    for word in count_words(their_bpe, TEXTS):
        assert list(apply_merges(word, merges)) == their_bpe.encode(word).tokens


def test_published_first_merges() -> None:
    """Sennrich et al. (2016), algorithm 1, without its mark for the end of a word."""
    merges = learn_merges(SENNRICH, 4)
    assert [left + right for left, right in merges] == ["es", "est", "lo", "low"]


def log_likelihood(words: dict[tuple[str, ...], int]) -> float:
    counts = Counter[str]()
    for each, count in words.items():
        for piece in each:
            counts[piece] += count
    return sum(count * log(count / counts.total()) for count in counts.values())


@given(counted_words)
def test_the_gain_is_that_of_the_texts_likelihood(counts: dict[str, int]) -> None:
    """Without pairs of a piece with itself: in *aaa* there are two, and one merge."""
    before = {tuple(word): count for word, count in counts.items()}
    single = Counter[str]()
    pairs = Counter[tuple[str, str]]()
    for each, count in before.items():
        for piece in each:
            single[piece] += count
        for pair in pairwise(each):
            pairs[pair] += count
    for (left, right), count in pairs.items():
        if left != right:
            after = Counter[tuple[str, ...]]()
            for each, times in before.items():
                after[merge_pair(each, (left, right))] += times
            gain = likelihood_gain(
                PairStatistics(count, single[left], single[right], single.total())
            )
            assert gain == pytest.approx(log_likelihood(after) - log_likelihood(before), abs=1e-9)


def test_the_gain_of_a_piece_with_itself() -> None:
    gain = likelihood_gain(PairStatistics(3, 8, 8, 10, is_double=True))
    before = {("a",) * 2: 3, ("a",): 2, ("b",): 2}
    after = {("aa",): 3, ("a",): 2, ("b",): 2}
    assert gain == pytest.approx(log_likelihood(after) - log_likelihood(before))


def test_scores_choose_differently() -> None:
    """A frequent pair; rare pieces that always stand together; something between the two."""
    first = {
        score.__name__: learn_merges(SENNRICH, 1, score=score)[0]
        for score in (pair_frequency, pair_ratio, likelihood_gain)
    }
    assert first["pair_frequency"] == ("e", "s")
    assert first["pair_ratio"] == ("i", "d")
    assert first["likelihood_gain"] == ("s", "t")


def test_merging_ends_when_every_word_is_one_piece() -> None:
    merges = learn_merges({"abc": 1}, 10)
    assert merges == [("a", "b"), ("ab", "c")]


# -- Unigram ---------------------------------------------------------------------------------------


@given(word=words, probabilities=probabilities)
def test_probability_and_best_segmentation_by_enumeration(
    word: str, probabilities: dict[str, float]
) -> None:
    ways = {
        way: prod(probabilities[piece] for piece in way)
        for way in segmentations(word, probabilities)
    }
    assert word_probability(word, probabilities) == pytest.approx(sum(ways.values()))
    best = best_segmentation(word, probabilities)
    assert ways[best] == pytest.approx(max(ways.values()))


@given(counts=counted_words, probabilities=probabilities)
def test_expected_counts_by_enumeration(
    counts: dict[str, int], probabilities: dict[str, float]
) -> None:
    expected = dict.fromkeys(probabilities, 0.0)
    for word, count in counts.items():
        ways = segmentations(word, probabilities)
        weights = [prod(probabilities[piece] for piece in way) for way in ways]
        for way, weight in zip(ways, weights, strict=True):
            for piece in way:
                expected[piece] += count * weight / sum(weights)
    assert expected_counts(counts, probabilities) == pytest.approx(expected)


@given(counts=counted_words, probabilities=probabilities)
def test_a_round_of_estimation_never_lowers_the_likelihood(
    counts: dict[str, int], probabilities: dict[str, float]
) -> None:
    def likelihood(shares: dict[str, float]) -> float:
        total = sum(shares.values())
        normal = {piece: share / total for piece, share in shares.items()}
        return sum(c * log(word_probability(word, normal)) for word, c in counts.items())

    assert likelihood(expected_counts(counts, probabilities)) >= likelihood(probabilities) - 1e-9


def test_best_segmentation_is_that_of_tokenizers() -> None:
    engine = train_tokenizer("Unigram", TEXTS, 900)
    vocabulary = json.loads(engine.to_str())["model"]["vocab"][len(SPECIAL_TOKENS) :]
    shares = {piece: 2.718281828459045**score for piece, score in vocabulary}
    for word in count_words(engine, TEXTS):
        theirs = engine.encode(word).tokens
        ours = best_segmentation(word, shares)
        assert prod(shares[p] for p in ours) == pytest.approx(prod(shares[p] for p in theirs))


def test_unigram_keeps_characters_and_the_size_asked_for() -> None:
    counts = count_words(train_tokenizer("BPE", TEXTS, 900), TEXTS)
    found = learn_unigram(counts, 800)
    assert len(found) == 800
    assert {character for word in counts for character in word} <= found.keys()
    assert sum(found.values()) == pytest.approx(1)


def test_a_frequent_word_without_relatives_is_one_piece() -> None:
    """The library's own trainer can't: its candidates come from a list of different words."""
    texts = ["Sincerely yours", "yours truly"] * 20
    assert train_tokenizer("Unigram", texts, 25).encode("Sincerely").tokens == ["Sincerely"]
    theirs = tokenizers.Tokenizer(models.Unigram())
    theirs.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    trainer = trainers.UnigramTrainer(vocab_size=25, show_progress=False)
    theirs.train_from_iterator(texts, trainer)
    assert len(theirs.encode("Sincerely").tokens) > 1


# -- training --------------------------------------------------------------------------------------


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_the_same_texts_give_the_same_tokenizer(algorithm) -> None:
    first, second = (train_tokenizer(algorithm, iter(TEXTS), 900) for _ in range(2))
    assert first.get_vocab() == second.get_vocab()
    assert first.get_vocab_size() <= 900
    assert [first.token_to_id(token) for token in SPECIAL_TOKENS] == [0, 1, 2, 3, 4]
    assert [first.encode(text).ids for text in TEXTS] == [second.encode(text).ids for text in TEXTS]


def test_the_librarys_word_piece_merges_what_is_frequent() -> None:
    """Neither the gain nor the ratio would begin with this pair."""
    corpus = {"qa": 10, "qb": 9, "qc": 9, "da": 9, "ea": 9, "xy": 9, "vw": 2}
    first = [learn_merges(corpus, 1, score=score)[0] for score in (likelihood_gain, pair_ratio)]
    engine = tokenizers.Tokenizer(models.WordPiece(unk_token="[UNK]"))
    letters = {character for word in corpus for character in word}
    size = len(letters) + len({word[1] for word in corpus}) + 1
    trainer = trainers.WordPieceTrainer(vocab_size=size, show_progress=False)
    words = [word for word, count in corpus.items() for _ in range(count)]
    engine.train_from_iterator(words, trainer)
    assert "qa" in engine.get_vocab()
    assert learn_merges(corpus, 1) == [("q", "a")]
    assert ("q", "a") not in first


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_what_was_read_is_never_unknown(algorithm) -> None:
    engine = train_tokenizer(algorithm, TEXTS, 900)
    assert fertility(token_cutter(engine), TEXTS).unknown == 0


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_decomposed_hangul(algorithm) -> None:
    """It is composed first, if nobody says otherwise."""
    engine = train_tokenizer(algorithm, TEXTS, 900)
    bare = train_tokenizer(algorithm, TEXTS, 900, normalize=False)
    text = LETTERS[0].text("ko")
    decomposed = unicodedata.normalize("NFD", text)
    assert engine.encode(decomposed).ids == engine.encode(text).ids
    assert bare.encode(decomposed).ids != bare.encode(text).ids


def test_our_word_piece_reads_the_librarys_vocabulary() -> None:
    engine = train_tokenizer("WordPiece", TEXTS, 900)
    ids = engine.get_vocab()
    ours = WordPiece(sorted(ids, key=ids.__getitem__), uncased=False)
    for text in TEXTS:
        assert ours.tokens(text) == engine.encode(text).tokens


@settings(deadline=None, max_examples=50)
@given(st.text(max_size=20))
def test_bytes_say_everything(text: str) -> None:
    engine = train_tokenizer("byte-level BPE", TEXTS[:1], 300, normalize=False)
    assert engine.decode(engine.encode(text).ids) == text


# -- measures --------------------------------------------------------------------------------------


def test_cuts_at_particles() -> None:
    """An analyser that knows the boundaries cuts exactly there."""
    for sentence in sentences("train", 50, seed=3):
        parts = sentence.segmented.split(BOUNDARY)
        ends = [sum(map(len, parts[: i + 1])) for i in range(len(parts))]
        offsets = list(zip([0, *ends], ends, strict=False))
        cuts = word_cuts(sentence.korean, offsets)
        assert cuts == particle_cuts(sentence.segmented)


def test_cuts_beside_spaces_and_signs_are_none() -> None:
    assert word_cuts("a b, c", [(0, 1), (2, 3), (3, 4), (5, 6)]) == set()
    assert word_cuts("abc", [(0, 0), (0, 1), (1, 1), (1, 3)]) == {1}
