"""What the pages on classification and names say of the models that ship: models change."""

import pytest
import torch

from jumok.classification import confusion_matrix
from jumok.data.letters import letters
from jumok.label_scores import calibration_error, class_scores, span_scores
from jumok.pipelines import pipeline

LETTERS = list(letters("new patterns", 40))


@pytest.fixture(scope="module")
def finder():
    return pipeline("ner", aggregation_strategy="simple", device="cpu")


def f1(finder, texts, expected, **options):
    found = [
        {(e["start"], e["end"], e["entity_group"]) for e in own} for own in finder(texts, **options)
    ]
    return span_scores(expected, found).f1


@pytest.mark.parametrize("language", ["ko", "en"])
def test_words_that_blanks_make_are_no_help(finder, language):
    texts = [each.text(language) for each in LETTERS]
    names = [{(e.start, e.end, e.label) for e in each.entities(language)} for each in LETTERS]
    simple = f1(finder, texts, names)
    assert simple > 0.85
    for strategy in ("first", "average", "max"):
        assert f1(finder, texts, names, aggregation_strategy=strategy) < simple - 0.1


@pytest.mark.parametrize("language", ["ko", "en"])
def test_windows_as_long_as_letters_find_more(finder, language, monkeypatch):
    texts, expected = [], []
    for first in range(0, 20, 5):
        names, length = set(), 0
        for each in LETTERS[first : first + 5]:
            own = each.entities(language)
            names |= {(e.start + length, e.end + length, e.label) for e in own}
            length += len(each.text(language)) + 1
        texts.append(" ".join(each.text(language) for each in LETTERS[first : first + 5]))
        expected.append(names)
    long = f1(finder, texts, expected)
    monkeypatch.setattr(finder, "max_length", 64)
    assert f1(finder, texts, expected) > long + 0.05


def test_capitals_matter_for_names(finder):
    names = [{(e.start, e.end, e.label) for e in each.entities("en")} for each in LETTERS]
    assert f1(finder, [each.text("en").lower() for each in LETTERS], names) < 0.6


@pytest.mark.parametrize("language", ["ko", "en"])
def test_beginnings_of_complaints_are_taken_for_praise_and_surely(language):
    classifier = pipeline("text-classification", device="cpu")
    labels = list(classifier.model.config.label2id)
    some = list(letters("new patterns", 120))
    truth = torch.tensor([labels.index(each.sentiment) for each in some])
    found = classifier([" ".join(each.sentences(language)[:5]) for each in some])
    guess = torch.tensor([labels.index(each["label"]) for each in found])
    scores = torch.tensor([each["score"] for each in found])
    matrix = confusion_matrix(guess, truth, 2)
    complaint, praise = labels.index("NEGATIVE"), labels.index("POSITIVE")
    assert matrix[complaint, praise] > matrix[praise, complaint]
    assert class_scores(matrix)[complaint].recall < 0.9
    right = guess == truth
    assert scores[~right].mean() > 0.75
    assert calibration_error(scores, right) > 0.05
