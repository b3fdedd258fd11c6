"""What the classifier, its data and downloads say to wrong arguments."""

import pytest
import torch

from jumok.classification import (
    ClassificationObjective,
    ClassifierConfig,
    TextClassifier,
    accuracy,
    class_logits,
    confusion_matrix,
    few_of_each,
    pad_token_ids,
)
from jumok.data.ag_news import news_files
from jumok.data.download import check_file, download
from jumok.data.short_news import short_news
from jumok.data.words import FrequentWordTokenizer

MODEL = TextClassifier(ClassifierConfig(vocab_size=20, max_length=8))
NONE = torch.zeros(0, dtype=torch.long)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: ClassifierConfig(num_classes=1), "num_classes must be an integer of at least 2"),
        (lambda: ClassifierConfig(hidden=-1), "hidden must be an integer of at least 0, got -1"),
        (lambda: ClassifierConfig(head_dim=0), "head_dim must be an integer of at least 1, or"),
        (lambda: ClassifierConfig(ignore_padding=1), "ignore_padding must be True or False, got 1"),
        (
            lambda: ClassifierConfig(num_heads=3, head_dim=None),
            "d_model must be divisible by num_heads 3, got 32",
        ),
        (lambda: MODEL(torch.full((1, 9), 3)), "token_ids has 9 positions, max_length is 8"),
        (lambda: MODEL(torch.tensor([[20]])), "token_ids must be in 0 … 19"),
        (lambda: few_of_each([([3], 0)], 0), "count must be at least 1, got 0"),
        (
            lambda: few_of_each([([3], 1), ([4], 0), ([5], 0)], 2),
            r"expected at least 2 examples of each class, got \{1: 1\}",
        ),
        (lambda: pad_token_ids([]), "expected at least one text, got none"),
        (lambda: pad_token_ids([[1]], length=0), "length must be at least 1 or None, got 0"),
        (lambda: ClassificationObjective(smoothing=2), r"smoothing must be in \[0, 1\], got 2"),
        (lambda: ClassificationObjective(length=0), "length must be an integer of at least 1"),
        (lambda: class_logits(MODEL, []), "expected at least one text and a positive batch_size"),
        (lambda: class_logits(MODEL, [[3]], batch_size=0), "got 1 texts and 0"),
        (lambda: accuracy(NONE, NONE), "expected at least one text, got none"),
        (
            lambda: confusion_matrix(torch.tensor([4]), torch.tensor([0]), 4),
            "predictions must be in 0 … 3, got 4 to 4",
        ),
        (lambda: short_news("test", 1), "split must be 'train' or 'held-out', got 'test'"),
        (lambda: short_news("train", -1), "count must be between 0 and 50000, got -1"),
        (
            lambda: FrequentWordTokenizer.from_texts(["a"], max_size=4),
            "max_size must be above the 4 special tokens, got 4",
        ),
        (lambda: download("http://x", "y", checksum="sha1:00"), "checksum must be sha256: or md5:"),
        (lambda: check_file("y", "md5:00"), "checksum must be sha256: or md5: and its digits"),
    ],
)
def test_names_what_was_expected_and_given(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_names_the_folder_that_is_missing(monkeypatch):
    with pytest.raises(FileNotFoundError, match="the given path must be a folder with data, got"):
        news_files("/nowhere")
    monkeypatch.setenv("JUMOK_DATA", "/nowhere")
    with pytest.raises(FileNotFoundError, match="JUMOK_DATA must be a folder with data, got"):
        news_files()
