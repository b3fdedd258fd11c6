"""Measure what the choices of training change, and write the record that the page shows.

    python examples/measure_training.py

trains the translator of Korean dates for a few hundred steps with each choice, over three seeds,
and writes docs/records/training_choices.json. It takes a few minutes on two CPU cores.
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from statistics import mean, stdev
from typing import Any

from arguments import RECORDS
from tqdm import tqdm

from jumok.data.dates import DatePair, date_pairs
from jumok.decoding import evaluating
from jumok.records import write_record
from jumok.training import TrainingConfig, collate, label_smoothed_cross_entropy
from jumok.translation import Translator, date_translator

RECORD = RECORDS / "training_choices.json"

BASE = TrainingConfig(steps=300, batch_size=64, warmup_steps=100, learning_rate=0.005)
"""What is the same for all, except for the one thing that a choice changes."""

CHOICES: dict[str, dict[str, dict[str, Any]]] = {
    "smoothing": {"0": {"smoothing": 0.0}, "0.1": {"smoothing": 0.1}},
    "warm-up": {
        "none": {"warmup_steps": 0},
        "10 steps": {"warmup_steps": 10},
        "100 steps": {"warmup_steps": 100},
        "400 steps": {"warmup_steps": 400},
    },
    "norm": {"pre": {"norm": "pre"}, "post": {"norm": "post"}},
    "batches": {"by length": {"pool": None}, "mixed": {"pool": 1}},
    "accumulation": {
        "1 × 64": {"accumulate": 1, "batch_size": 64},
        "4 × 16": {"accumulate": 4, "batch_size": 16},
    },
}
"""What is varied, one thing at a time."""


def held_out_loss(translator: Translator, pairs: Sequence[DatePair]) -> float:
    """Cross-entropy per token in nats, without smoothing: comparable between all choices."""
    batch = collate(translator.id_pairs(pairs)).to(next(translator.model.parameters()).device)
    with evaluating(translator.model):
        logits = translator.model(batch.source, batch.target_input)
        return label_smoothed_cross_entropy(logits, batch.target_output, smoothing=0.0).item()


def run(norm: str, config: TrainingConfig) -> dict[str, Any]:
    """Train once, and measure on 1,000 held-out dates."""
    translator = date_translator("ko-en", seed=config.seed, norm=norm)
    held_out = date_pairs("held-out", "ko-en", count=1000)
    pairs = date_pairs("train", "ko-en", count=20_000, seed=config.seed)
    history = translator.train(pairs, config, progress=False)
    return {
        "held_out_loss": held_out_loss(translator, held_out),
        "exact_match": translator.exact_match(held_out),
        "seconds": history.seconds,
        "training_losses": history.losses,
    }


def summary(runs: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Mean and standard deviation over the seeds, every value, and the curves in steps of ten."""
    result: dict[str, Any] = {}
    for name in ("held_out_loss", "exact_match", "seconds"):
        values = [run[name] for run in runs]
        result[name] = {
            "mean": round(mean(values), 4),
            "spread": round(stdev(values), 4) if len(values) > 1 else 0.0,
            "values": [round(value, 4) for value in values],
        }
    curves = [[round(loss, 4) for loss in run["training_losses"][9::10]] for run in runs]
    result["training_loss_every_10_steps"] = curves
    return result


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program and return its exit status."""
    parser = argparse.ArgumentParser(description="Measure what the choices of training change.")
    parser.add_argument(
        "--steps", type=int, default=BASE.steps, help="steps a run (default: %(default)s)"
    )
    parser.add_argument(
        "--seeds", type=int, nargs="+", default=[0, 1, 2], help="seeds (default: 0 1 2)"
    )
    parser.add_argument(
        "--only", nargs="+", choices=list(CHOICES), default=list(CHOICES), help="what to vary"
    )
    parser.add_argument(
        "--output", type=Path, default=RECORD, help="the record (default: docs/records/…)"
    )
    options = parser.parse_args(arguments)

    base = replace(BASE, steps=options.steps)
    plans = {}  # the base is one choice of everything that is varied: train it once
    for name in options.only:
        for label, choice in CHOICES[name].items():
            training = {field: value for field, value in choice.items() if field != "norm"}
            plans[name, label] = (choice.get("norm", "pre"), replace(base, **training))
    measured: dict[tuple[str, TrainingConfig], dict[str, Any]] = {}
    different = list(dict.fromkeys(plans.values()))
    with tqdm(total=len(different) * len(options.seeds), unit="run", file=sys.stderr) as bar:
        for norm, config in different:
            runs = []
            for seed in options.seeds:
                runs.append(run(norm, replace(config, seed=seed)))
                bar.update()
            measured[norm, config] = summary(runs)
    results: dict[str, Any] = {name: {} for name in options.only}
    for (name, label), plan in plans.items():
        results[name][label] = measured[plan]

    for name, labels in results.items():
        for label, numbers in labels.items():
            exact, loss = numbers["exact_match"], numbers["held_out_loss"]
            print(
                f"{name:>12} {label:>10}   exact match {exact['mean']:.3f} ± {exact['spread']:.3f}"
                f"   loss {loss['mean']:.3f} ± {loss['spread']:.3f}"
            )
    write_record(
        options.output,
        {"held_out_dates": 1000, "base": asdict(base), "choices": results},
        seeds=options.seeds,
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
