"""Train the translator of dates that comes with the package and runs in the reader's browser.

    python examples/train_date_translator.py

trains one small Transformer on both directions, Korean to English and back, rounds its weights to
16 bits, and writes them to ``src/jumok/models/date-translator`` with a model card. What it then
does on dates that training never saw goes to ``docs/records/date_translator.json``. Two minutes on
one CPU core.
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

from arguments import RECORDS, parser_of

from jumok.browser import DATE_MODEL, export_translator
from jumok.data.dates import DatePair, Direction, Split, date_pairs, dates_of
from jumok.records import write_record
from jumok.training import TrainingConfig
from jumok.transformer import count_parameters
from jumok.translation import DATE_TRAINING, Translator, two_way_date_translator

TRAINING = replace(DATE_TRAINING, steps=3000)
"""Twice as many texts as one direction has, and some more: the model has two things to learn."""

DIRECTIONS: tuple[Direction, ...] = get_args(Direction)

CARD = """\
---
language:
- ko
- en
license: apache-2.0
pipeline_tag: translation
---

# jumok-date-translator

A Transformer of two layers on either side that translates dates between Korean and English, both
ways, in six formats of Unicode's CLDR and for the years 1900 to 2099. It comes with the book
*Jumok*, where it runs in the reader's browser.

## Training

From nothing, by `{command}`: {steps:,} steps with {batch_size} pairs each, drawn from {pairs:,}
(every day of the training split, in one format for each direction), with seed {seed}.
{parameters:,} parameters, kept in float16: {bytes:,} bytes.

## Scores

Exact match on {held_out:,} days that training never saw, in one format each, with these weights:

| direction | exact match |
| --- | --- |
{rows}

## Limits

It translates texts, not days: it turns February 30 into *2월 30일* without a word of doubt. Formats
that the corpus doesn't have, such as months and days with a zero in front, it gets wrong; years
outside its range it can't read at all.
"""


def parse_arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = parser_of(__doc__)
    parser.add_argument("--seed", type=int, default=0, help="of the first weights (default: 0)")
    parser.add_argument(
        "--steps", type=int, default=TRAINING.steps, help="of training (default: %(default)s)"
    )
    parser.add_argument(
        "--model", type=Path, default=DATE_MODEL, help="where the model goes, with its card"
    )
    parser.add_argument(
        "--record", type=Path, default=RECORDS / "date_translator.json", help="where numbers go"
    )
    return parser.parse_args(arguments)


def pairs_of(split: Split, count: int) -> dict[Direction, list[DatePair]]:
    """For each direction so many days of a split, each in one format."""
    return {
        direction: date_pairs(split, direction, count=count, seed=seed)
        for seed, direction in enumerate(DIRECTIONS)
    }


def examined(translator: Translator, count: int) -> dict[str, Any]:
    """For each direction the exact match on days that training never saw, and the mistakes."""
    found: dict[str, Any] = {}
    for direction, pairs in pairs_of("held-out", count).items():
        mistakes = translator.mistakes(pairs)
        found[direction] = {
            "exact_match": 1 - len(mistakes) / len(pairs),
            "mistakes": [[pair.source, pair.target, written] for pair, written in mistakes],
        }
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program and return its exit status."""
    options = parse_arguments(arguments)
    config: TrainingConfig = replace(TRAINING, steps=options.steps)
    pairs = [pair for each in pairs_of("train", len(dates_of("train"))).values() for pair in each]
    translator = two_way_date_translator(seed=options.seed)
    history = translator.train(pairs, config)
    size = export_translator(translator, options.model)
    shipped = two_way_date_translator()
    shipped.load(options.model)  # what is examined is what is shipped
    held_out = len(dates_of("held-out"))
    results = {
        "parameters": count_parameters(shipped.model),
        "bytes": size,
        "steps": config.steps,
        "batch_size": config.batch_size,
        "pairs": len(pairs),
        "seconds": round(history.seconds),
        "held_out": held_out,
        "directions": examined(shipped, held_out),
    }
    record = write_record(options.record, results, seeds=[options.seed])
    rows = "\n".join(
        f"| {direction} | {found['exact_match']:.4f} |"
        for direction, found in results["directions"].items()
    )
    card = CARD.format(**results, rows=rows, seed=options.seed, command=record["command"])
    (options.model.parent / "README.md").write_text(card, encoding="utf-8")
    print(card)
    return 0


if __name__ == "__main__":
    sys.exit(main())
