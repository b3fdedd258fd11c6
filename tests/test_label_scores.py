"""Scores of labels, beside published examples and counts made in another way."""

from fractions import Fraction

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from jumok.classification import confusion_matrix
from jumok.label_scores import (
    LabelScores,
    calibration_error,
    class_scores,
    coverage_curve,
    span_scores,
)

labels = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=40)
answers = st.lists(st.tuples(st.floats(0, 1, width=32), st.booleans()), min_size=1, max_size=40)


def test_the_example_of_scikit_learn():
    """``f1_score`` in scikit-learn's documentation: 0.8, 0, 0; macro 0.26…."""
    expected, found = torch.tensor([0, 1, 2, 0, 1, 2]), torch.tensor([0, 2, 1, 0, 0, 1])
    scores = [each.f1 for each in class_scores(confusion_matrix(found, expected, 3))]
    assert scores == pytest.approx([0.8, 0.0, 0.0])


def test_the_example_of_seqeval():
    """The README of seqeval: one of two names is right, F1 0.50."""
    expected = [[(3, 6, "MISC")], [(0, 2, "PER")]]
    found = [[(2, 6, "MISC")], [(0, 2, "PER")]]
    assert span_scores(expected, found) == LabelScores(0.5, 0.5, 0.5)


@given(labels)
def test_classes_are_counted_as_one_would_by_hand(pairs):
    truth, guess = (torch.tensor(each) for each in zip(*pairs, strict=True))
    for label, scores in enumerate(class_scores(confusion_matrix(guess, truth, 4))):
        hits = sum(a == b == label for a, b in pairs)
        guessed, there = sum(b == label for _, b in pairs), sum(a == label for a, _ in pairs)
        precision = Fraction(hits, guessed or 1)
        recall = Fraction(hits, there or 1)
        both = precision + recall
        assert scores.precision == pytest.approx(float(precision))
        assert scores.recall == pytest.approx(float(recall))
        assert scores.f1 == pytest.approx(float(2 * precision * recall / both) if both else 0.0)


def test_nothing_found_and_nothing_there():
    assert span_scores([[]], [[]]) == LabelScores(0.0, 0.0, 0.0)
    assert span_scores([[(0, 1, "a")]], [[]]) == LabelScores(0.0, 0.0, 0.0)


@given(answers)
def test_coverage_ends_with_everything(pairs):
    scores, right = (torch.tensor(each) for each in zip(*pairs, strict=True))
    coverage, accuracy = coverage_curve(scores.float(), right)
    assert coverage[-1] == 1
    assert accuracy[-1].item() == pytest.approx(right.float().mean().item())
    ranked = sorted(pairs, key=lambda pair: -pair[0])
    for count in range(1, len(pairs) + 1):
        by_hand = sum(was_right for _, was_right in ranked[:count]) / count
        assert accuracy[count - 1].item() == pytest.approx(by_hand, abs=1e-6)


@given(answers, st.integers(1, 12))
def test_calibration_error_by_hand(pairs, bins):
    groups = {}
    for score, was_right in pairs:
        groups.setdefault(min(int(score * bins), bins - 1), []).append((score, was_right))
    by_hand = 0.0
    for group in groups.values():
        share = sum(was_right for _, was_right in group) / len(group)
        mean = sum(score for score, _ in group) / len(group)
        by_hand += len(group) / len(pairs) * abs(share - mean)
    scores, right = (torch.tensor(each) for each in zip(*pairs, strict=True))
    assert calibration_error(scores.float(), right, bins=bins) == pytest.approx(by_hand, abs=1e-6)
