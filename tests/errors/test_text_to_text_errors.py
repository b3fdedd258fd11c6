"""What text to text says to wrong arguments."""

import random

import pytest
import torch

from jumok.text_to_text import (
    corrupt_spans,
    sample_spans,
    target_perplexity,
    task_pairs,
    text_to_text_model,
)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: sample_spans(1, random.Random(0)), "length of at least 2.*got 1, 0.15 and 3.0"),
        (lambda: sample_spans(9, random.Random(0), density=1.0), "between 0 and 1.*got 9, 1.0"),
        (lambda: sample_spans(9, random.Random(0), mean_length=0.5), "at least 1, got .* 0.5"),
        (
            lambda: corrupt_spans([1, 2, 3], torch.tensor([True, False]), [9]),
            "a mask of 3, one for each token, got 2",
        ),
        (
            lambda: corrupt_spans([1, 2, 3], torch.tensor([True, False, True]), [8, 9]),
            "one to close the last, got 2",
        ),
        (lambda: task_pairs([], "summarize"), "task must be one of korean to english"),
        (
            lambda: target_perplexity(text_to_text_model(d_model=8, num_heads=2, d_ff=8), []),
            "at least one pair of ids, got none",
        ),
    ],
)
def test_a_wrong_argument(call, message):
    with pytest.raises(ValueError, match=message):
        call()
