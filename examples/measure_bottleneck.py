"""Measure how far one vector carries a sequence, and what attention changes; write the record.

    python examples/measure_bottleneck.py

trains four models to read digits aloud in English that they read in Korean: a recurrent
encoder–decoder without attention, with additive and with dot-product attention, and a small
Transformer of about as many parameters. All see the same pairs of 4 to 24 digits, in as many steps,
over three seeds: first with a learning rate that falls slowly, while exams on the way tell how fast
they learn, and then to its end in a straight line to 0, so that chance in the last steps doesn't
decide. It writes docs/records/bottleneck.json: the exact match on the way, and after all of it the
exact match against the length. It takes half an hour on one CPU core. What is finished is kept in
--folder, so a run that was stopped goes on where it was, and several processes may share the work
with --only.
"""

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import torch
from arguments import RECORDS
from tqdm import tqdm

from jumok.data.number_sequences import number_pairs
from jumok.records import write_record
from jumok.training import TrainingConfig, train
from jumok.transformer import count_parameters
from jumok.translation import NUMBER_TRAINING, Translator, number_transformer, number_translator

RECORD = RECORDS / "bottleneck.json"

MODELS: dict[str, Callable[..., Translator]] = {
    "none": partial(number_translator, "none"),
    "additive": partial(number_translator, "additive"),
    "dot": partial(number_translator, "dot"),
    "transformer": number_transformer,
}
LEARNING_RATES = {"transformer": 0.003}
"""Highest learning rates that differ from that of ``NUMBER_TRAINING``."""

SHORTEST, LONGEST, EVERY = 4, 24, 4
"""The lengths, in training and in the exam; the exam takes every fourth."""


@dataclass(frozen=True)
class Budget:
    """How much each model reads, and how it is examined."""

    steps: int = 3000
    cool_down: int = 1000
    examine_every: int = 100
    pairs: int = 64_000
    exam_pairs: int = 500
    batch_size: int = NUMBER_TRAINING.batch_size


def training_of(model: str, budget: Budget, seed: int) -> TrainingConfig:
    """The same for all, but for the learning rate."""
    return replace(
        NUMBER_TRAINING,
        steps=budget.steps,
        batch_size=budget.batch_size,
        learning_rate=LEARNING_RATES.get(model, NUMBER_TRAINING.learning_rate),
        seed=seed,
    )


def cool_down_of(training: TrainingConfig, steps: int) -> TrainingConfig:
    """What follows: from where the learning rate has come, in a straight line to 0."""
    return replace(
        training,
        steps=steps,
        warmup_steps=0,
        schedule="linear",
        learning_rate=training.learning_rate_at(max(1, training.steps)),
    )


class Run:
    """One model with one seed. What it has measured is in a file, from which it goes on."""

    def __init__(self, model: str, seed: int, budget: Budget, folder: Path) -> None:
        self.model, self.seed, self.budget = model, seed, budget
        self.path = folder / f"{model}-{seed}.json"
        self.checkpoint = folder / f"{model}-{seed}.pt"
        self.cooled = folder / f"{model}-{seed}-cooled.pt"
        settings = {
            "budget": asdict(budget),
            "training": asdict(training_of(model, budget, seed)),
        }
        self.result: dict[str, Any] = {
            **json.loads(json.dumps(settings)),  # as a file has them: lists for tuples
            "steps": [],
            "seconds": [],
            "exact_match": [],
        }
        if self.path.exists():
            found = json.loads(self.path.read_text(encoding="utf-8"))
            if all(found.get(name) == self.result[name] for name in ("budget", "training")):
                self.result = found
        if not self.result["steps"]:
            self.remove_checkpoints()

    def remove_checkpoints(self) -> None:
        """They are of no use any more."""
        self.checkpoint.unlink(missing_ok=True)
        self.cooled.unlink(missing_ok=True)

    @property
    def finished(self) -> bool:
        """Whether the exam by length is behind it."""
        return "by_length" in self.result

    def go_on(self, bar: "tqdm[Any]") -> None:
        """Train and examine to the end."""
        translator = MODELS[self.model](seed=self.seed)
        pairs = number_pairs(
            "train",
            count=self.budget.pairs,
            shortest=SHORTEST,
            longest=LONGEST,
            seed=self.seed,
        )
        examples = translator.id_pairs(pairs)
        mixed = number_pairs(
            "held-out", count=self.budget.exam_pairs, shortest=SHORTEST, longest=LONGEST
        )
        training = training_of(self.model, self.budget, self.seed)
        done = len(self.result["steps"]) * self.budget.examine_every
        for stop in range(
            done + self.budget.examine_every, self.budget.steps + 1, self.budget.examine_every
        ):
            history = train(
                translator.model,
                examples,
                replace(training, steps=stop),
                checkpoint=self.checkpoint,
                checkpoint_every=self.budget.steps,
                progress=False,
            )
            self.result["steps"].append(stop)
            self.result["seconds"].append(round(history.seconds, 2))
            self.result["exact_match"].append(round(translator.exact_match(mixed), 4))
            self.save()
            bar.set_postfix(model=self.model, exact=f"{self.result['exact_match'][-1]:.2f}")
            bar.update(self.budget.examine_every)
        if done == self.budget.steps:  # stopped while cooling down
            train(translator.model, examples, training, checkpoint=self.checkpoint, progress=False)
        train(
            translator.model,
            examples,
            cool_down_of(training, self.budget.cool_down),
            checkpoint=self.cooled,
            checkpoint_every=self.budget.examine_every,
            progress=False,
        )
        bar.update(self.budget.cool_down)
        self.result["final_exact_match"] = round(translator.exact_match(mixed), 4)
        self.result["by_length"] = {
            str(length): round(
                translator.exact_match(
                    number_pairs(
                        "held-out",
                        count=self.budget.exam_pairs,
                        shortest=length,
                        longest=length,
                    )
                ),
                4,
            )
            for length in range(SHORTEST, LONGEST + 1, EVERY)
        }
        self.result["parameters"] = count_parameters(translator.model)
        self.result["load"] = round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None
        self.save()
        self.remove_checkpoints()

    def save(self) -> None:
        """Write the file whole or not at all."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = self.path.with_suffix(".unfinished")
        unfinished.write_text(json.dumps(self.result), encoding="utf-8")
        unfinished.replace(self.path)


def summary(runs: Sequence[Run]) -> dict[str, Any]:
    """One model's numbers, each a list with one entry a seed."""
    first = runs[0].result
    return {
        "parameters": first["parameters"],
        "learning_rate": first["training"]["learning_rate"],
        "exact_match_by_length": {
            length: [run.result["by_length"][length] for run in runs]
            for length in first["by_length"]
        },
        "steps": first["steps"],
        "seconds": [run.result["seconds"] for run in runs],
        "exact_match": [run.result["exact_match"] for run in runs],
        "final_exact_match": [run.result["final_exact_match"] for run in runs],
        "load": [run.result["load"] for run in runs],
    }


def step_seconds(budget: Budget, rounds: int) -> dict[str, float]:
    """Seconds of one training step of each model, all measured in turns.

    The exams on the way tell how many steps a model needs, which doesn't depend on what else the
    machine does; its clock does. So a few steps of each model are timed one after the other, again
    and again, and the fastest round counts.
    """
    pairs = number_pairs(
        "train", count=min(budget.pairs, 20 * budget.batch_size), shortest=SHORTEST, longest=LONGEST
    )
    translators = {model: create(seed=0) for model, create in MODELS.items()}
    found: dict[str, list[float]] = {model: [] for model in MODELS}
    for _ in range(rounds + 1):  # the first warms up
        for model, translator in translators.items():
            training = replace(training_of(model, budget, 0), steps=20)
            history = translator.train(pairs, training, progress=False)
            found[model].append(history.seconds / training.steps)
    return {model: round(min(times[1:]), 5) for model, times in found.items()}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program and return its exit status."""
    default = Budget()
    parser = argparse.ArgumentParser(
        description="Measure how far one vector carries a sequence, and what attention changes."
    )
    parser.add_argument(
        "--steps", type=int, default=default.steps, help="steps a run (default: %(default)s)"
    )
    parser.add_argument(
        "--cool-down",
        type=int,
        default=default.cool_down,
        help="steps after them, in which the learning rate falls to 0 (default: %(default)s)",
    )
    parser.add_argument(
        "--pairs", type=int, default=default.pairs, help="pairs to learn (default: %(default)s)"
    )
    parser.add_argument("--exam-pairs", type=int, default=default.exam_pairs, help="pairs an exam")
    parser.add_argument("--batch-size", type=int, default=default.batch_size, help="pairs a step")
    parser.add_argument(
        "--examine-every", type=int, default=default.examine_every, help="steps between exams"
    )
    parser.add_argument(
        "--seeds", type=int, nargs="+", default=[0, 1, 2], help="seeds (default: 0 1 2)"
    )
    parser.add_argument(
        "--only", nargs="+", choices=list(MODELS), help="train these and write no record yet"
    )
    parser.add_argument(
        "--folder",
        type=Path,
        default=Path("checkpoints") / "bottleneck",
        help="what is finished is kept here (default: %(default)s)",
    )
    parser.add_argument(
        "--output", type=Path, default=RECORD, help="the record (default: docs/records/…)"
    )
    parser.add_argument(
        "--timing-rounds", type=int, default=10, help="rounds to time a step (default: 10)"
    )
    options = parser.parse_args(arguments)
    if options.steps % options.examine_every:
        parser.error("--steps must be a multiple of --examine-every")

    budget = Budget(
        steps=options.steps,
        cool_down=options.cool_down,
        examine_every=options.examine_every,
        pairs=options.pairs,
        exam_pairs=options.exam_pairs,
        batch_size=options.batch_size,
    )
    runs = {
        model: [Run(model, seed, budget, options.folder) for seed in options.seeds]
        for model in options.only or MODELS
    }
    every = [run for group in runs.values() for run in group]
    done = sum(len(run.result["steps"]) for run in every) * budget.examine_every
    done += sum(run.finished for run in every) * budget.cool_down
    total = len(every) * (budget.steps + budget.cool_down)
    with tqdm(total=total, initial=done, unit="step", file=sys.stderr) as bar:
        for run in every:
            if not run.finished:
                run.go_on(bar)

    for model, group in runs.items():
        for length in group[0].result["by_length"]:
            values = [run.result["by_length"][length] for run in group]
            print(f"{model:>12} {length:>3} digits   exact match", *values)
    if options.only:
        return 0
    write_record(
        options.output,
        {
            "budget": asdict(budget),
            "shortest": SHORTEST,
            "longest": LONGEST,
            "threads": torch.get_num_threads(),
            "seconds_per_step": step_seconds(budget, options.timing_rounds),
            "models": {model: summary(group) for model, group in runs.items()},
        },
        seeds=options.seeds,
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
