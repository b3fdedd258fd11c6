"""Naive Bayes, against Bayes' rule written out."""

from math import exp, log

import pytest

from jumok.data.letters import letters
from jumok.naive_bayes import NaiveBayes

TEXTS = [["no", "good", "no"], ["good", "chair"], ["good", "good", "sound"]]
LABELS = [0, 1, 1]


def test_bayes_rule_by_hand() -> None:
    """Class 0 has *no* and *good* once, class 1 *good* twice, *chair* and *sound* once."""
    model = NaiveBayes(TEXTS, LABELS)
    words = ("no", "good", "chair", "sound")
    probabilities = {
        0: dict(zip(words, (2 / 6, 2 / 6, 1 / 6, 1 / 6), strict=True)),
        1: dict(zip(words, (1 / 8, 3 / 8, 2 / 8, 2 / 8), strict=True)),
    }
    assert model.weights == pytest.approx(
        {word: log(probabilities[1][word] / probabilities[0][word]) for word in words}
    )
    joint = {
        label: share * probabilities[label]["good"] * probabilities[label]["chair"]
        for label, share in ((0, 2 / 5), (1, 3 / 5))
    }
    found = 1 / (1 + exp(-model.log_odds(["good", "chair"])))
    assert found == pytest.approx(joint[1] / sum(joint.values()))


def test_each_class_has_a_distribution() -> None:
    model = NaiveBayes(TEXTS, LABELS)
    other = NaiveBayes(TEXTS, [1 - label for label in LABELS])
    assert other.bias == pytest.approx(-model.bias)
    assert other.weights == pytest.approx({t: -w for t, w in model.weights.items()})


def test_repetitions_and_unknown_tokens_say_nothing() -> None:
    model = NaiveBayes(TEXTS, LABELS)
    assert model.log_odds(["no", "no"]) == model.log_odds(["no"])
    assert model.log_odds(["never", "seen"]) == model.bias


def test_sentiment_of_letters_is_learned_from_few() -> None:
    learned, tested = list(letters("train", 80)), list(letters("new patterns", 50))
    model = NaiveBayes(
        [each.text("en").split() for each in learned],
        [each.sentiment == "POSITIVE" for each in learned],
    )
    right = [
        (model.log_odds(each.text("en").split()) > 0) == (each.sentiment == "POSITIVE")
        for each in tested
    ]
    assert sum(right) >= 45
