"""The letters: positions, aligned sentences, splits apart, an exact count, right particles."""

import dataclasses
import random
import re
import unicodedata
from collections import Counter
from functools import cache
from itertools import chain, pairwise, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kiwipiepy import Kiwi

from jumok.data.dates import parse_date
from jumok.data.letters import LETTER_TO_AMAZON, count_frames, count_letters, letter, letters
from jumok.data.letters.grammar import Draft, Grammar, load_grammar
from jumok.data.letters.vocabulary import ENTITIES, LISTS, Setting, Vocabulary

SPLITS = ("train", "new names", "new patterns")
LANGUAGES = ("ko", "en")
GRAMMAR = load_grammar()
MANY = {split: list(letters(split, 1000)) for split in SPLITS}
ALL = [one for split in SPLITS for one in MANY[split]]

SEED_LETTER = " ".join(LETTER_TO_AMAZON.split())
"""In one line."""


# Which form follows a consonant and which a vowel, written down apart from the package.
AFTER_CONSONANT = {"은", "이", "을", "과", "으로", "이라고"}
AFTER_VOWEL = {"는", "가", "를", "와", "로", "라고"}

# --- Positions and labels --------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_positions_are_those_of_the_names_and_answers(language):
    for one in ALL:
        text = one.text(language)
        for entity in one.entities(language):
            assert text[entity.start : entity.end] == entity.text
            # a name is whole: nothing of it is left outside
            assert not text[entity.start - 1 : entity.start].isalnum()
            if language == "en":
                assert not text[entity.end : entity.end + 1].isalnum()
        for question in one.questions(language):
            if question.answer is not None:
                assert text[question.start : question.end] == question.answer
                assert question.answer == question.answer.strip()


def test_entities_are_all_the_names_there_are():
    """Every name that was drawn is marked wherever it stands, and nothing else is."""
    for one in ALL:
        for index, language in enumerate(LANGUAGES):
            names = {
                (ENTITIES[slot], word.columns[""][index])
                for slot, word in one.draft.words.items()
                if slot in ENTITIES
            }
            found = one.entities(language)
            assert {(entity.label, entity.text) for entity in found} == names
            assert all(a.end <= b.start for a, b in pairwise(found))
            text = one.text(language)
            for _, name in names:
                assert text.count(name) == sum(name in entity.text for entity in found)


def test_every_letter_has_the_four_kinds_or_says_so():
    kinds = Counter(entity.label for one in MANY["train"] for entity in one.entities("ko"))
    assert set(kinds) == {"PER", "ORG", "LOC", "MISC"}
    assert min(kinds.values()) > 300
    for one in ALL:
        assert {"PER", "ORG", "MISC"} <= {entity.label for entity in one.entities("en")}


def test_sentences_say_the_same_in_both_languages():
    """The same facts and kinds of names stand in the two sentences of an index."""
    for one in ALL:
        korean, english = one.sentences("ko"), one.sentences("en")
        assert len(korean) == len(english) == len(one.draft.patterns)
        for pattern in one.draft.patterns:
            written = [pattern.templates[language].write(one.draft.words) for language in LANGUAGES]
            labels = [Counter(mark.label for mark in marks) for _, marks in written]
            assert labels[0] == labels[1]


@pytest.mark.parametrize("source", LANGUAGES)
def test_translation_is_a_function(source):
    """The same sentence never has two translations, so that there is one right answer."""
    seen: dict[str, str] = {}
    for one in ALL:
        pairs = zip(one.sentences("ko"), one.sentences("en"), strict=True)
        for korean, english in pairs:
            text, other = (korean, english) if source == "ko" else (english, korean)
            assert seen.setdefault(text, other) == other


def test_sentiment_goes_with_tone_and_words():
    tones = {"polite": "NEGATIVE", "firm": "NEGATIVE", "angry": "NEGATIVE"}
    tones |= {"warm": "POSITIVE", "delighted": "POSITIVE"}
    for one in ALL:
        assert one.sentiment == tones[one.tone]
        facts = {question.fact for question in one.questions("en") if question.answer}
        assert ("problem" in facts) == (one.sentiment == "NEGATIVE")
        assert ("praise" in facts) == (one.sentiment == "POSITIVE")
    share = sum(one.sentiment == "POSITIVE" for one in ALL) / len(ALL)
    assert abs(share - 0.5) < 0.03


def test_a_word_list_does_not_tell_the_sentiment():
    """Both kinds thank, and both say that something pleased or displeased them."""
    for phrase in ("Thank you", "really happy", "disappointed", "grateful"):
        found = {one.sentiment for one in ALL if phrase in one.text("en")}
        assert found == {"NEGATIVE", "POSITIVE"}, phrase


def test_questions_are_the_same_in_both_languages_and_some_have_no_answer():
    for one in ALL:
        korean, english = one.questions("ko"), one.questions("en")
        assert [q.fact for q in korean] == [q.fact for q in english]
        assert [q.answer is None for q in korean] == [q.answer is None for q in english]
        assert 1 <= sum(q.answer is None for q in english) <= 2
        assert sum(q.answer is not None for q in english) >= 5
        asked = {question.fact for question in english if question.answer is None}
        assert not asked & one.draft.facts


def test_summary_and_reply_name_what_matters():
    for one in ALL:
        for index, language in enumerate(LANGUAGES):
            words = {slot: word.columns for slot, word in one.draft.words.items()}
            summary, reply = one.summary(language), one.reply(language)
            for slot in ("sender", "company", "product", "kind"):
                assert words[slot][""][index] in summary
                assert words[slot][""][index] in reply
            event = "problem" if one.sentiment == "NEGATIVE" else "praise"
            assert words[event]["noun"][index] in summary
            if "wish" in words:
                assert words["wish"]["noun"][index] in summary
                assert words["wish"]["promise"][index] in reply
            assert summary.endswith(".")
            assert not re.search(r"[{}<>]", summary + reply + one.text(language))


def test_dates_are_cldr_dates():
    for one in MANY["train"][:500]:
        for language in LANGUAGES:
            when = next(q for q in one.questions(language) if q.fact == "when")
            if re.search(r"\d{4}", when.answer):
                parse_date(when.answer, language)


# --- Splits ----------------------------------------------------------------------------------


def names_of(split: str, language: str) -> set[str]:
    return {entity.text for one in MANY[split] for entity in one.entities(language)}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("split", ["new names", "new patterns"])
def test_no_name_of_the_other_splits_is_in_training(split, language):
    assert not names_of("train", language) & names_of(split, language)


def test_no_held_out_word_is_in_training_at_all():
    """Not in other names either, nor in any sentence: all lists are compared, then all letters."""
    lists = GRAMMAR.vocabulary.lists
    texts = {
        language: " ".join(one.text(language) for one in MANY["train"]) for language in LANGUAGES
    }
    words = set(re.findall(r"[\w-]+", texts["en"]))
    for name, held_out in lists.items():
        if not name.endswith(" held out"):
            continue
        in_training = lists[name.removesuffix(" held out")]
        for index in (0, 1):
            known = {word.columns[""][index] for word in in_training}
            assert not known & {word.columns[""][index] for word in held_out}
        if name.startswith(("place", "product", "person", "courier")):
            for word in held_out:
                korean, english = word.columns[""]
                assert korean not in texts["ko"]
                assert not (set(english.split()) - {"Mini", "Pro", "Plus"}) <= words


def test_no_held_out_pattern_is_in_training():
    in_training = {pattern for one in MANY["train"] for pattern in one.draft.patterns}
    assert not any(pattern.held_out for pattern in in_training)
    for one in MANY["new names"]:
        assert not any(pattern.held_out for pattern in one.draft.patterns)
    for one in MANY["new patterns"]:
        assert any(pattern.held_out for pattern in one.draft.patterns)
    used = {pattern for one in MANY["new patterns"] for pattern in one.draft.patterns}
    assert {pattern for pattern in GRAMMAR.patterns if pattern.held_out} <= used


@cache
def texts_of(slot: str, column: str, index: int, setting: Setting, new: bool) -> frozenset[str]:
    words = GRAMMAR.vocabulary.words(slot, setting, new)
    return frozenset(word.columns[column][index] for word in words)


def readings(pieces: list[str], text: str, index: int, setting: Setting, new: bool) -> int:
    """In how many ways the pieces of a template can have made the text."""
    if not pieces or not text:
        return not pieces and not text
    inside = pieces[0][1:-1]
    slot, _, column = inside.partition(".")
    if not pieces[0].startswith("{"):
        possible = [len(pieces[0])] if text.startswith(pieces[0]) else []
    elif inside == "a":
        possible = [len(article) for article in ("a", "an") if text.startswith(f"{article} ")]
    elif re.match("[가-힣]", inside):
        forms = AFTER_CONSONANT | AFTER_VOWEL | {"이라", "라"}
        possible = [len(form) for form in forms if text.startswith(form)]
    elif slot == "order":  # two million texts
        possible = [7]
    else:
        texts = texts_of(slot, column, index, setting, new)
        possible = [end for end in range(1, len(text) + 1) if text[:end] in texts]
    return sum(readings(pieces[1:], text[end:], index, setting, new) for end in possible)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sentence_can_be_read_in_one_way(language):
    """One pattern alone, of those for its place, can have written it, and with one choice of words.

    That the letters are different is what the count rests on.
    """
    for one in (each for split in SPLITS for each in MANY[split][:80]):
        setting = one.draft.setting
        for sentence, pattern in zip(one.sentences(language), one.draft.patterns, strict=True):
            found = 0
            for other in chain(*GRAMMAR.fitting(pattern.role, setting)):
                template = re.sub(r"</?\w+>", "", other.templates[language].text)
                pieces = [piece for piece in re.split(r"(\{[^}]+\})", template) if piece]
                index = LANGUAGES.index(language)
                found += readings(pieces, sentence, index, setting, one.split != "train")
            assert found == 1, sentence


def test_new_patterns_are_new_by_their_order_not_by_their_words():
    """A model can know every English word of a held-out pattern from training's patterns."""

    def words(held_out: bool) -> set[str]:
        text = " ".join(p.templates["en"].text for p in GRAMMAR.patterns if p.held_out == held_out)
        return set(re.findall(r"[\w']+", re.sub(r"</?\w+>|\{[\w.]+\}", " ", text).lower()))

    assert words(True) <= words(False)


def test_letters_do_not_depend_on_order():
    one = letter("train", 7).text("ko")
    list(letters("new patterns", 5))
    assert letter("train", 7).text("ko") == one
    assert [each.text("en") for each in letters("train", 2, start=6)][1] == MANY["train"][7].text(
        "en"
    )
    assert letter("train", 7, seed=1).text("ko") != one


# --- The count -------------------------------------------------------------------------------


def cut_down(draw: random.Random, patterns_each: int) -> Grammar:
    """A grammar of few words and patterns, whose letters can be listed."""
    keep = {"screens", "defect"} | {draw.choice(["quality", "kindness"])}
    kept = {"person": 3, "place": 2, "problem": 2, "praise": 1}
    lists = {
        name: draw.sample(range(len(of)), kept.get(name.split()[0], 1))
        for name, of in GRAMMAR.vocabulary.lists.items()
    }
    vocabulary = Vocabulary(
        {
            name: [GRAMMAR.vocabulary.lists[name][index] for index in kept]
            for name, kept in lists.items()
            if not name.startswith("kind ") or name == "kind screens"
        }
    )
    tones = {"NEGATIVE": ["firm"], "POSITIVE": ["warm"]}
    stories = {s: [each for each in of if each in keep] for s, of in GRAMMAR.stories.items()}
    roles = {"greeting", "purchase", "event", "wish", "signature"}
    roles |= set(draw.sample(["intro", "reason", "price", "gift", "staff", "history"], 2))
    small = dataclasses.replace(
        GRAMMAR,
        vocabulary=vocabulary,
        tones=tones,
        stories=stories,
        order=tuple(role for role in GRAMMAR.order if role.rstrip("?") in roles),
        most_details=1,
    )
    patterns = []
    for role, held_out in product(sorted(roles), (False, True)):
        for sentiment in tones:
            of = [
                p
                for p in GRAMMAR.patterns
                if (p.role, p.held_out) == (role, held_out)
                and any(p.fits(s) for s in small.settings() if s.sentiment == sentiment)
            ]
            patterns += draw.sample(of, min(len(of), 1 if held_out else patterns_each))
    return dataclasses.replace(small, patterns=tuple(dict.fromkeys(patterns)))


def drafts(grammar: Grammar, split: str):
    """Every letter of a grammar, one after another."""
    for setting in grammar.settings():
        choices = []
        for role, may_miss in grammar.roles(setting):
            of = [p for p in grammar.patterns if p.role == role and p.fits(setting)]
            of = [p for p in of if split == "new patterns" or not p.held_out]
            choices.append([None, *of] if may_miss else of)
        for chosen in product(*choices):
            patterns = tuple(pattern for pattern in chosen if pattern is not None)
            if sum(p.role in grammar.details for p in patterns) > grammar.most_details:
                continue
            if split == "new patterns" and not any(p.held_out for p in patterns):
                continue
            slots = sorted(frozenset().union(*(p.slots for p in patterns)))
            of_slots = [grammar.vocabulary.words(s, setting, split != "train") for s in slots]
            for words in product(*of_slots):
                names = [id(w) for s, w in zip(slots, words, strict=True) if s in LISTS]
                if len(set(names)) == len(names):
                    yield Draft(setting, patterns, dict(zip(slots, words, strict=True)))


def written(draft: Draft, language: str) -> str:
    return " ".join(p.templates[language].write(draft.words)[0] for p in draft.patterns)


@pytest.mark.parametrize("split", SPLITS)
@pytest.mark.parametrize("seed", [0, 2])
def test_the_count_is_that_of_the_letters_listed(split, seed):
    """All letters of a small grammar are written out: the count is right, and none comes twice."""
    grammar = cut_down(random.Random(seed), 1 if split == "new patterns" else 2)
    expected = count_letters(split, grammar)
    assert 1000 < expected < 100_000
    korean, english = set(), set()
    listed = 0
    for draft in drafts(grammar, split):
        listed += 1
        korean.add(hash(written(draft, "ko")))
        english.add(hash(written(draft, "en")))
    assert listed == len(korean) == len(english) == expected


def test_words_of_a_list_are_different_in_both_languages():
    """So different words make different letters."""
    for name, words in GRAMMAR.vocabulary.lists.items():
        if name == "order":  # a letter and a number
            continue
        columns = words[0].columns
        for index, column in product((0, 1), columns):
            if column == "plain" and index:
                continue
            texts = [word.columns[column][index] for word in words]
            assert len(set(texts)) == len(texts), (name, column)


def test_what_a_letter_is_about_shows():
    """No two settings can write the same letter: kinds, problems and feelings are theirs alone."""
    lists = GRAMMAR.vocabulary.lists
    for start in ("kind ", "problem ", "praise "):
        column = "" if start == "kind " else "say"
        for index in (0, 1):
            texts = [
                word.columns[column][index]
                for name, words in lists.items()
                if name.startswith(start)
                for word in words
            ]
            assert len(set(texts)) == len(texts)
    for pattern in GRAMMAR.patterns:
        if pattern.role == "feeling":
            assert len(pattern.tones) == 1


def test_there_are_tens_of_millions_whatever_the_numbers_and_dates():
    assert count_frames() > 10**10
    for split in SPLITS:
        assert count_letters(split) > 10**30
    texts = {one.text("ko") for one in ALL}
    assert len(texts) == len(ALL)


# --- Korean ----------------------------------------------------------------------------------

DIGITS = {"0": "ㅇ", "1": "ㄹ", "2": "", "3": "ㅁ", "4": "", "5": "", "6": "ㄱ", "7": "ㄹ"}
DIGITS |= {"8": "ㄹ", "9": ""}


def last_sound(word: str) -> str:
    """The final consonant by Unicode's decomposition: a syllable of three letters has one."""
    if word[-1] in DIGITS:
        return DIGITS[word[-1]]
    letters_ = unicodedata.normalize("NFD", word[-1])
    final = {"\u11af": "ㄹ"}.get(letters_[-1], letters_[-1])
    return final if len(letters_) == 3 else ""


def particle_fits(word: str, particle: str) -> bool:
    final = last_sound(word)
    if particle in ("으로", "로"):
        return (particle == "로") == (final in ("", "ㄹ"))
    return (particle in AFTER_VOWEL) == (final == "")


def test_particles_are_right_after_every_name_and_answer():
    seen = Counter()
    forms = "|".join(sorted(AFTER_CONSONANT | AFTER_VOWEL, key=len, reverse=True))
    for one in ALL:
        texts = [(one.text("ko"), [mark[1:] for mark in one.marks("ko")])]
        for text in (one.summary("ko"), one.reply("ko")):
            places = []
            for slot, word in one.draft.words.items():
                for column in ("", "noun"):
                    if column in word.columns and slot != "span":
                        name = word.columns[column][0]
                        places += [match.span() for match in re.finditer(re.escape(name), text)]
            texts.append((text, places))
        for text, places in texts:
            for start, end in places:
                following = re.match(rf"({forms})(?=[ .,])", text[end:])
                if following:
                    assert particle_fits(text[start:end], following[1]), text[start : end + 5]
                    seen[following[1]] += 1
    assert set(seen) == AFTER_CONSONANT | AFTER_VOWEL
    assert min(seen.values()) > 30


def test_a_morphological_analyser_reads_the_particles_as_particles():
    """Kiwi, which knows nothing of the grammar, splits 을/를 and 은/는 from 100 letters' words."""
    kiwi = Kiwi(num_workers=1)
    wrong = 0
    total = 0
    for one in MANY["new patterns"][:100]:
        tokens = kiwi.tokenize(one.text("ko"))
        for before, token in pairwise(tokens):
            if token.tag in ("JKO", "JX") and token.form in ("을", "를", "은", "는"):
                total += 1
                wrong += not particle_fits(before.form, token.form)
    assert total > 200
    assert wrong == 0


def test_korean_is_formal_throughout():
    """격식체: every sentence of a letter's body ends as formal letters do."""
    ends = r"(니다|십시오|니까|까요|세요|드림|올림|여러분|귀중|께)[.!?,]?"
    for one in ALL:
        for sentence in one.sentences("ko"):
            assert re.search(ends + "$", sentence), sentence


# --- A letter that readers know --------------------------------------------------------------


def n_grams(text: str, n: int) -> set[tuple[str, ...]]:
    words = re.findall(r"\w+", text.lower())
    return {tuple(words[i : i + n]) for i in range(len(words) - n + 1)}


def test_no_letter_resembles_the_one_of_the_book():
    """Few of its 4-grams occur in any letter, and none of its names."""
    known = n_grams(SEED_LETTER, 4)
    most = max(len(known & n_grams(one.text("en"), 4)) / len(known) for one in ALL)
    assert most < 0.05
    for name in ("Amazon", "Optimus", "Prime", "Germany", "Megatron", "Decepticon", "Bumblebee"):
        assert not any(name in one.text("en") for one in ALL)


# --- Any letter at all -----------------------------------------------------------------------


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(SPLITS), st.integers(0, 10**12), st.integers(0, 10**6))
def test_any_letter_holds_together(split, index, seed):
    one = letter(split, index, seed=seed)
    again = letter(split, index, seed=seed)
    for language in LANGUAGES:
        text = one.text(language)
        assert text == again.text(language)
        assert one.questions(language) == again.questions(language)
        assert unicodedata.is_normalized("NFC", text)
        assert "  " not in text
        assert all(text[e.start : e.end] == e.text for e in one.entities(language))
