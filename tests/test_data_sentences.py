"""The grammar of sentences: how many, which are held out, and whether the Korean is right."""

import subprocess
import sys
import unicodedata
from itertools import permutations

import pytest

from jumok.data import UNKNOWN_ID
from jumok.data.korean import FINALS, PARTICLES, Predicate, final_consonant, with_particle
from jumok.data.sentences import (
    FAMOUS,
    characters,
    passages,
    patterns,
    recognize,
    sentences,
)
from jumok.data.subwords import SubwordTokenizer, sentence_tokenizer

SPLITS = ("train", "new combinations", "new patterns")
LANGUAGES = ("korean", "english")


def test_there_are_more_than_a_million_texts():
    total = sum(map(len, patterns()))
    assert total > 10**6
    for pattern in patterns():  # the number of ways, counted by hand for two slots of one list
        ways = 1
        lists = [slot.rstrip("0123456789") for slot in pattern.slots]
        for name in set(lists):
            length = next(
                len(f) for s, f in pattern.slots.items() if s.rstrip("0123456789") == name
            )
            ways *= len(list(permutations(range(length), lists.count(name))))
        assert ways == len(pattern)


def test_different_fillings_give_different_texts():
    # A text that can be read in one way only comes from one filling: so the number of ways to fill
    # slots is a number of texts. Small patterns are written out, large ones are sampled.
    small = [pattern for pattern in patterns() if len(pattern) <= 300]
    written = [each for pattern in small for each in pattern.all()]
    for language in LANGUAGES:
        texts = [each.text(language) for each in written]
        assert len(set(texts)) == len(texts) == sum(map(len, small))
    for split in SPLITS:
        for sentence in sentences(split, 100, seed=5):
            for language in LANGUAGES:
                text = sentence.text(language)
                readings = [r for p in patterns() if (r := p.readings(text, language))]
                assert len(readings) == 1
                assert all(len(fillings) == 1 for fillings in readings[0].values())


def test_splits_share_no_sentence_and_no_key():
    found = {split: sentences(split, 1500, seed=1) for split in SPLITS}
    for split, other in permutations(SPLITS, 2):
        assert not {s.korean for s in found[split]} & {s.korean for s in found[other]}
        assert not {s.english for s in found[split]} & {s.english for s in found[other]}
    names = {split: {s.pattern for s in found[split]} for split in SPLITS}
    assert not names["train"] & names["new patterns"]
    assert names["new combinations"] <= names["train"]
    # 민수 + 책을 읽다 decides alike in every tense, with or without a place.
    by_key: dict[tuple[str, ...], set[str]] = {}
    pattern = next(p for p in patterns() if p.name == "cat on the mat")
    for sentence in pattern.all():
        if sentence.korean not in FAMOUS:
            words = sentence.korean.split()
            by_key.setdefault((words[0][:-1], words[1]), set()).add(sentence.split)
    assert {len(splits) for splits in by_key.values()} == {1}


def test_famous_sentences_are_held_out_and_known():
    for text in FAMOUS:
        assert recognize(text, "korean") is not None
    all_of = [s for p in patterns() if len(p) <= 7200 for s in p.all() if s.korean in FAMOUS]
    assert {s.korean for s in all_of} == FAMOUS
    assert {s.split for s in all_of} == {"new combinations"}
    assert "The cat sat on the mat." in {s.english for s in all_of}
    assert "In autumn, leaves fall from the trees." in {s.english for s in all_of}


def test_drawing_is_by_seed_and_genre():
    assert sentences("train", 50, seed=3) == sentences("train", 50, seed=3)
    assert sentences("train", 50, seed=3) != sentences("train", 50, seed=4)
    headlines = sentences("train", 400, genres=["headline"])
    assert {s.topic for s in headlines} == {"economy", "sports", "weather", "science", "culture"}
    assert {s.sentiment for s in headlines} == {None}
    reviews = sentences("train", 200, genres=["review"])
    assert {s.sentiment for s in reviews} == {"good", "bad"}
    assert {s.topic for s in reviews} == {"film", "food"}
    for run in passages("train", 50, length=3):
        assert len({s.korean for s in run}) == 3
        assert len({(s.genre, s.topic) for s in run}) == 1


@pytest.mark.parametrize("split", SPLITS)
def test_what_it_writes_it_recognizes(split):
    for sentence in sentences(split, 200, seed=2):
        for language in LANGUAGES:
            found = recognize(sentence.text(language), language)
            assert found is not None
            assert found.name == sentence.pattern


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("고양이이 매트 위에 앉았다.", "korean"),  # the wrong particle
        ("고양이가 매트 위에 앉았다", "korean"),  # no full stop
        ("고양이와 고양이가 매트 위에 앉았다.", "korean"),  # the same word twice
        ("여름에는 낙엽이 나무에서 떨어져요.", "korean"),  # words of different rows
        ("The Cat sat on the mat.", "english"),
        ("the cat sat on the mat.", "english"),
        ("Minsu draws a apple at home.", "english"),
    ],
)
def test_what_it_never_writes(text, language):
    assert recognize(text, language) is None


# --- Korean ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("낙엽", ["낙엽은", "낙엽이", "낙엽을", "낙엽과", "낙엽으로", "낙엽이었", "낙엽이라"]),
        ("나무", ["나무는", "나무가", "나무를", "나무와", "나무로", "나무였", "나무라"]),
        ("연필", ["연필은", "연필이", "연필을", "연필과", "연필로", "연필이었", "연필이라"]),
    ],
)
def test_particles(word, expected):
    assert [with_particle(word, particle) for particle in PARTICLES] == expected


def test_final_consonants_are_unicodes():
    for code in range(0xAC00, 0xD7A4, 7):
        decomposed = unicodedata.normalize("NFD", chr(code))
        compatible = {"": ""} | {
            chr(0x11A7 + number): letter for number, letter in enumerate(FINALS) if number
        }
        assert final_consonant(chr(code)) == compatible[decomposed[2:]]


@pytest.mark.parametrize(
    ("predicate", "form", "expected"),
    [
        (Predicate("가", "가"), "past", "갔어요"),
        (Predicate("만들", "만들어"), "future", "만들 거예요"),
        (Predicate("만들", "만들어"), "plain", "만든다"),
        (Predicate("만들", "만들어"), "adnominal", "만드는"),
        (Predicate("만들", "만들어"), "while", "만들면서"),
        (Predicate("듣", "들어", "들으"), "while", "들으면서"),
        (Predicate("듣", "들어", "들으"), "plain", "듣는다"),
        (Predicate("마시", "마셔"), "plain", "마신다"),
        (Predicate("아름답", "아름다워", "아름다우", True), "adnominal", "아름다운"),
        (Predicate("훌륭하", "훌륭해", None, True), "adnominal", "훌륭한"),
        (Predicate("좋", "좋아", None, True), "adnominal", "좋은"),
        (Predicate("맛없", "맛없어", None, True), "adnominal", "맛없는"),
        (Predicate("어렵", "어려워", "어려우", True), "plain_past", "어려웠다"),
    ],
)
def test_verb_forms(predicate, form, expected):
    assert predicate.form(form) == expected


# --- Subwords --------------------------------------------------------------------------------


def test_tokenizer_gives_every_sentence_back():
    tokenizer = sentence_tokenizer()
    for split in SPLITS:
        for sentence in sentences(split, 300, seed=6):
            for language in LANGUAGES:
                text = sentence.text(language)
                assert tokenizer.decode(tokenizer.encode(text)) == text
    assert characters() <= set(tokenizer.vocabulary) | {" "}


def test_tokens_are_words_and_particles():
    tokenizer = sentence_tokenizer()
    masked = tokenizer.tokens("딥러닝 공부는 [MASK] 어렵지만 [MASK] 재미있다.")
    assert masked == ["▁딥러닝", "▁공부", "는", "[MASK]", "▁어렵지만", "[MASK]", "▁재미있다", "."]
    assert tokenizer.tokens("The cat sat on the mat.") == (
        ["▁The", "▁cat", "▁sat", "▁on", "▁the", "▁mat", "."]
    )
    text = "[CLS] 고양이가 [MASK] 위에 앉았다. [SEP]"
    assert tokenizer.decode(tokenizer.encode(text)) == text


def test_unknown_characters():
    tokenizer = sentence_tokenizer()
    assert tokenizer.unknown("훼방꾼") == ["훼"]
    assert UNKNOWN_ID in tokenizer.encode("훼방꾼", errors="replace")
    assert tokenizer.decode(tokenizer.encode("훼방", errors="replace")) == "�방"


def test_tokenizer_is_the_same_in_another_process(tmp_path):
    code = "from jumok.data.subwords import *; print(repr(sentence_tokenizer(1500).vocabulary))"
    command = [sys.executable, "-c", code]
    run = subprocess.run(command, capture_output=True, text=True, check=True, encoding="utf-8")
    assert run.stdout.strip() == repr(sentence_tokenizer(1500).vocabulary)
    path = tmp_path / "tokenizer.json"
    sentence_tokenizer(1500).save(path)
    again = SubwordTokenizer.load(path)
    assert again.vocabulary == sentence_tokenizer(1500).vocabulary
    assert again.tokens("고양이가 [MASK]") == sentence_tokenizer(1500).tokens("고양이가 [MASK]")


def test_rare_characters_can_be_left_out():
    texts = ["가나다 가나다 가나다 희", "가나 가나 가나"]
    everything = SubwordTokenizer.train(texts, 40)
    most = SubwordTokenizer.train(texts, 40, max_characters=4)  # with the sign for a space
    assert "희" in everything.vocabulary
    assert "희" not in most.vocabulary
    assert most.cut("가나 희")[0] == everything.cut("가나 희")[0]
    with pytest.raises(ValueError, match="희"):
        most.encode("가나희")
    assert most.encode("희", errors="replace")[-1] == most.encode("힣", errors="replace")[-1]
