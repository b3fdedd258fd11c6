"""What training says to wrong arguments, and to a checkpoint of another training."""

import pytest
import torch

from jumok.training import (
    NextToken,
    TrainingConfig,
    collate,
    label_smoothed_cross_entropy,
    length_batches,
    noam_learning_rate,
    train,
)
from jumok.transformer import Transformer, TransformerConfig

PAIRS = [([4, 5, 6], [6, 5, 4]), ([4], [5])]


def small_model(**fields) -> Transformer:
    shape = {"d_model": 8, "num_heads": 2, "num_encoder_layers": 1, "num_decoder_layers": 1}
    config = {"source_vocab_size": 8, "target_vocab_size": 8, "d_ff": 8, **shape, **fields}
    return Transformer(TransformerConfig(**config))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: collate([]), "at least one pair"),
        (lambda: length_batches([], 4), "got 0 pairs, 4 and None"),
        (lambda: length_batches(PAIRS, 0), "got 2 pairs, 0 and None"),
        (lambda: length_batches(PAIRS, 1, pool=0), "got 2 pairs, 1 and 0"),
        (lambda: TrainingConfig(steps=1, pool=0), "pool must be positive or None, got 0"),
        (lambda: noam_learning_rate(0, 512, 4000), "at least 1, got 0, 512 and 4000"),
        (lambda: noam_learning_rate(1, 512, 0), "at least 1, got 1, 512 and 0"),
        (lambda: TrainingConfig(steps=-1), "steps must be at least 0, got -1"),
        (lambda: TrainingConfig(steps=1, batch_size=0), "batch_size must be at least 1, got 0"),
        (lambda: TrainingConfig(steps=1, accumulate=0), "accumulate must be at least 1, got 0"),
        (lambda: TrainingConfig(steps=1, warmup_steps=0), "warmup_steps=0 needs a learning_rate"),
        (lambda: TrainingConfig(steps=1, learning_rate=0.0), "learning_rate must be positive"),
        (lambda: TrainingConfig(steps=1, clip_norm=-1.0), "clip_norm must be positive or None"),
        (lambda: TrainingConfig(steps=1, smoothing=1.5), r"smoothing must be in \[0, 1\], got 1.5"),
        (
            lambda: TrainingConfig(steps=1, precision="float16"),
            "precision must be .* got 'float16'",
        ),
        (lambda: TrainingConfig(steps=1, schedule="cosine"), "schedule must be .* got 'cosine'"),
        (lambda: TrainingConfig(steps=1, schedule="linear"), "'linear' needs a learning_rate"),
        (lambda: TrainingConfig(steps=1, weight_decay=-1), "weight_decay must be at least 0"),
        (lambda: TrainingConfig(steps=1).learning_rate_at(1), "the model's config has no d_model"),
        (
            lambda: train(torch.nn.Linear(1, 1), PAIRS, TrainingConfig(steps=1)),
            "config.pad_id must not be None",
        ),
        (
            lambda: train(
                small_model().requires_grad_(False), PAIRS, TrainingConfig(steps=1), progress=False
            ),
            "all are frozen",
        ),
        (
            lambda: label_smoothed_cross_entropy(torch.zeros(2, 3, 5), torch.zeros(2, 4).long()),
            r"got \(2, 3, 5\) and \(2, 4\)",
        ),
        (
            lambda: label_smoothed_cross_entropy(
                torch.zeros(2, 5), torch.zeros(2).long(), smoothing=-0.1
            ),
            r"smoothing must be in \[0, 1\], got -0.1",
        ),
    ],
)
def test_says_what_was_expected(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.fixture
def checkpoint(tmp_path):
    path = tmp_path / "training.pt"
    config = TrainingConfig(steps=1, batch_size=2, warmup_steps=1)
    train(small_model(), PAIRS, config, checkpoint=path, progress=False)
    return path


@pytest.mark.parametrize(
    ("model", "pairs", "config", "message"),
    [
        ({"d_ff": 16}, PAIRS, {}, "d_ff is 8 there and 16 here"),
        ({}, PAIRS, {"batch_size": 1}, "batch_size is 2 there and 1 here"),
        ({}, PAIRS, {"seed": 7}, "seed is 0 there and 7 here"),
        ({}, PAIRS[::-1], {}, "data is '2 examples, .*' there and '2 examples, .*' here"),
    ],
)
def test_checkpoint_of_another_training(checkpoint, model, pairs, config, message):
    wanted = TrainingConfig(**{"steps": 2, "batch_size": 2, "warmup_steps": 1, **config})
    with pytest.raises(ValueError, match=f"belongs to another training: .*{message}"):
        train(small_model(**model), pairs, wanted, checkpoint=checkpoint, progress=False)


def test_file_that_is_no_checkpoint(tmp_path):
    path = tmp_path / "training.pt"
    path.write_text("something else")
    config = TrainingConfig(steps=1, warmup_steps=1)
    with pytest.raises(ValueError, match="is not a checkpoint"):
        train(small_model(), PAIRS, config, checkpoint=path, progress=False)


def test_checkpoint_of_another_objective(checkpoint):
    class Other(NextToken):
        """The same, by another name."""

    config = TrainingConfig(steps=2, batch_size=2, warmup_steps=1)
    with pytest.raises(ValueError, match=r"objective is 'NextToken' there and '.*Other' here"):
        train(
            small_model(),
            PAIRS,
            config,
            objective=Other(),
            checkpoint=checkpoint,
            progress=False,
        )
