"""Pretrain a small Korean encoder on film reviews; writes ``docs/records/nsmc_pretraining.json``.

    python examples/pretrain_reviews.py --data FOLDER

trains a tokenizer on the reviews of NSMC and then a BERT, which learns to fill in masked tokens.
Nobody tells it whether a review is good or bad: the labels are not looked at. What it learned is
measured on held-out reviews and kept in ``checkpoints/nsmc``, where ``classify_reviews.py`` finds
it. Without ``--data`` (or the environment variable ``JUMOK_DATA``) the 150,000 reviews of the
original are downloaded. A run that was interrupted goes on where it stopped.

On several GPUs, processes or machines, start the same program with ``accelerate launch``. The
defaults are of a size for one CPU core (25 minutes); on a GPU, make the model larger and read the
reviews more often: ``--width 256 --layers 6 --heads 4 --epochs 20 --batch-size 256``.
"""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from accelerate import Accelerator
from arguments import RECORDS, add_checkpoints, add_data, parser_of
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_model, save_model

from jumok.bert import BertConfig, BertForPretraining
from jumok.data.nsmc import Review, ReviewFiles, read_reviews, review_files
from jumok.data.subwords import BERT_TOKENS, SubwordTokenizer
from jumok.masked_language_model import (
    BertExample,
    MaskedLanguageObjective,
    MaskingRule,
    bert_example,
    evaluate_masked,
)
from jumok.records import write_record
from jumok.training import TrainingConfig, new_accelerator, train
from jumok.transformer import count_parameters

RECORD = RECORDS / "nsmc_pretraining.json"
WRONG_INPUT = 2
"""The exit status for data that can't be read; argparse uses the same for wrong usage."""

RARE = 10
"""A character that the reviews have less often is unknown to the tokenizer."""

LEARNING_RATE = 1.5e-3
"""At width 128; for wider ones see `at_width`."""

CURVE_STEP = 100
"""The record holds the mean loss of every so many steps."""


def add_common_arguments(parser: argparse.ArgumentParser) -> None:
    """What this program and ``classify_reviews.py`` are both told."""
    add_data(parser, "train.tsv and dev.tsv or test.tsv", folder="nsmc")
    add_checkpoints(parser, "nsmc")
    parser.add_argument("--checkpoint-every", type=int, default=200, metavar="STEPS")


def parse_arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = parser_of(__doc__)
    add_common_arguments(parser)
    for name, value in (
        ("width", 128),
        ("layers", 3),
        ("heads", 2),
        ("vocab-size", 8000),
        ("max-length", 48),
        ("epochs", 4),
        ("batch-size", 128),
    ):
        parser.add_argument(f"--{name}", type=int, default=value, help="default: %(default)s")
    parser.add_argument(
        "--learning-rate", type=float, help="default: 1.5e-3 at width 128, less for a wider encoder"
    )
    parser.add_argument("--seed", type=int, default=0, help="default: %(default)s")
    parser.add_argument("--output", type=Path, default=RECORD, help="the record's file")
    options = parser.parse_args(arguments)
    for name in ("width", "epochs", "batch_size", "checkpoint_every"):
        if getattr(options, name) < 1:
            parser.error(f"--{name.replace('_', '-')} must be at least 1")
    options.learning_rate = options.learning_rate or at_width(LEARNING_RATE, options.width)
    return options


# --- What the two programs share -------------------------------------------------------------


def at_width(learning_rate: float, width: int) -> float:
    """A learning rate that suits width 128, for an encoder of another width.

    For Adam it falls as the width grows, if it is to suit both (Yang et al. 2022, Table 3).
    """
    return learning_rate * 128 / width


def load_data(options: argparse.Namespace, accelerator: Accelerator) -> ReviewFiles:
    """The two files; one process downloads."""
    with accelerator.main_process_first():
        return review_files(options.data)


def encode(
    reviews: Sequence[Review], tokenizer: SubwordTokenizer, max_length: int
) -> list[BertExample]:
    """The reviews as ids between ``[CLS]`` and ``[SEP]``."""
    return [bert_example(tokenizer, each.text, max_length=max_length) for each in reviews]


def reviews_tokenizer(
    path: Path, texts: Sequence[str], vocab_size: int, accelerator: Accelerator
) -> SubwordTokenizer:
    """The tokenizer that is kept at ``path``, learned from ``texts`` if it isn't there yet."""
    with accelerator.main_process_first():
        if not path.exists():
            counts = Counter(character for text in texts for character in text)
            SubwordTokenizer.train(
                texts,
                vocab_size,
                special_tokens=BERT_TOKENS,
                max_characters=sum(count >= RARE for count in counts.values()),
            ).save(path)
        return SubwordTokenizer.load(path)


def save_pretrained(model: BertForPretraining, path: Path) -> None:
    """Write weights and configuration into one safetensors file."""
    save_model(model, str(path), metadata={"config": json.dumps(asdict(model.config))})


def load_pretrained(path: Path) -> BertForPretraining:
    """The model that `save_pretrained` wrote.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it holds no such model.
    """
    if not path.exists():
        raise FileNotFoundError(f"no pretrained model at {path}: run pretrain_reviews.py first")
    try:
        with safe_open(path, framework="pt") as file:
            model = BertForPretraining(BertConfig(**json.loads(file.metadata()["config"])))
        load_model(model, path)
    except (SafetensorError, KeyError, TypeError, RuntimeError) as error:
        raise ValueError(f"{path} is not a model of pretrain_reviews.py: {error}") from error
    return model.eval()


# --- The program -----------------------------------------------------------------------------


def pretrain(
    reviews: Sequence[Review],
    held_out: Sequence[Review],
    accelerator: Accelerator,
    options: argparse.Namespace,
) -> dict[str, Any]:
    """Train, keep the model, and return what the record tells."""
    texts = [review.text for review in reviews]
    path = options.folder / "tokenizer.json"
    tokenizer = reviews_tokenizer(path, texts, options.vocab_size, accelerator)
    rule = MaskingRule.of(tokenizer)
    torch.manual_seed(options.seed)
    model = BertForPretraining(
        BertConfig(
            len(tokenizer),
            d_model=options.width,
            num_heads=options.heads,
            num_layers=options.layers,
            d_ff=4 * options.width,
            max_length=options.max_length,
        )
    )
    examples = encode(reviews, tokenizer, options.max_length)
    steps = options.epochs * -(-len(examples) // options.batch_size)
    config = TrainingConfig.adamw(
        steps,
        options.learning_rate,
        batch_size=options.batch_size,
        pool=50,
        warmup_steps=max(1, steps // 20),
        seed=options.seed,
    )
    history = train(
        model,
        examples,
        config,
        objective=MaskedLanguageObjective(rule),
        accelerator=accelerator,
        checkpoint=options.folder / "pretraining.pt",
        checkpoint_every=options.checkpoint_every,
    )
    if accelerator.is_main_process:
        save_pretrained(model, options.folder / "pretrained.safetensors")
    scores = evaluate_masked(model, encode(held_out, tokenizer, options.max_length), rule)
    starts = range(0, steps, CURVE_STEP)
    curve = [history.losses[start : start + CURVE_STEP] for start in starts]
    return {
        "data": {"train": len(reviews), "held_out": len(held_out), "note": options.data_note},
        "parameters": count_parameters(model),
        "config": asdict(model.config),
        "epochs": options.epochs,
        "steps": steps,
        "batch_size": options.batch_size,
        "learning_rate": options.learning_rate,
        "processes": accelerator.num_processes,
        "tokens_per_review": round(sum(len(e.token_ids) for e in examples) / len(examples), 1),
        "curve_step": CURVE_STEP,
        "losses": [round(sum(part) / len(part), 4) for part in curve],
        "held_out_perplexity": round(scores.perplexity, 2),
        "held_out_accuracy": round(scores.accuracy, 4),
        "seconds": round(history.seconds, 1),
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program and return its exit status."""
    options = parse_arguments(arguments)
    accelerator = new_accelerator()
    try:
        files = load_data(options, accelerator)
        results = pretrain(
            read_reviews(files.train), read_reviews(files.held_out), accelerator, options
        )
    except (OSError, ValueError) as error:  # also a checkpoint of another training
        print(error, file=sys.stderr)
        return WRONG_INPUT
    if accelerator.is_main_process:
        write_record(options.output, results, seeds=[options.seed])
        print(f"held-out perplexity {results['held_out_perplexity']}")
    accelerator.end_training()
    return 0


if __name__ == "__main__":
    sys.exit(main())
