"""What scores of labels refuse, and what they say."""

import pytest
import torch

from jumok.label_scores import (
    LabelScores,
    calibration_error,
    class_scores,
    coverage_curve,
    span_scores,
)


def test_counts_that_cannot_be():
    with pytest.raises(ValueError, match="got correct 3, found 2, expected 5"):
        LabelScores.from_counts(correct=3, found=2, expected=5)
    with pytest.raises(ValueError, match="got correct -1"):
        LabelScores.from_counts(correct=-1, found=2, expected=5)


def test_the_matrix_is_square():
    with pytest.raises(ValueError, match=r"expected a square matrix, got shape \(2, 3\)"):
        class_scores(torch.ones(2, 3, dtype=torch.long))


def test_as_many_texts_as_expected():
    with pytest.raises(ValueError, match="found must be for 2 texts, as expected is, got 1"):
        span_scores([[], []], [[]])


def test_scores_are_probabilities_and_there_are_some():
    nothing = torch.zeros(0), torch.zeros(0, dtype=torch.bool)
    for function in (coverage_curve, calibration_error):
        with pytest.raises(ValueError, match="expected at least one text, got none"):
            function(*nothing)
    one = torch.tensor([True])
    with pytest.raises(ValueError, match=r"scores must be in 0 … 1, got 2\.000 to 2\.000"):
        calibration_error(torch.tensor([2.0]), one)
    with pytest.raises(ValueError, match="bins must be at least 1, got 0"):
        calibration_error(torch.tensor([0.5]), one, bins=0)
