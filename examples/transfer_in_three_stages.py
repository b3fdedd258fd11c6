"""Which of ULMFiT's three stages helps, and how much? Writes ``docs/records/ulmfit.json``.

    python examples/transfer_in_three_stages.py

A language model of LSTM layers learns from sentences about everyday life, textbooks and news (stage
1), then from reviews without labels (stage 2). Its body becomes a classifier of reviews, good or
bad, trained on few labels (stage 3). Beside it stand bodies that skipped a stage or two. Three
seeds, in Korean or with ``--languages english``; about five minutes on one CPU core. A run that was
stopped goes on after the last seed that is in ``--partial``.
"""

import argparse
import copy
import json
from pathlib import Path
from typing import Any

import torch
from arguments import RECORDS, parser_of
from tqdm import tqdm

from jumok.classification import accuracy, class_logits
from jumok.data.sentences import Genre, Language, Split, sentences
from jumok.data.subwords import sentence_tokenizer
from jumok.data.tokenizer import START_ID
from jumok.device import default_device
from jumok.records import write_record
from jumok.recurrent_language_model import (
    RecurrentBody,
    RecurrentLanguageModel,
    RecurrentLanguageModelConfig,
)
from jumok.sampling import perplexity
from jumok.training import TrainingConfig, train
from jumok.ulmfit import RecurrentClassifier, fine_tune

RECORD = RECORDS / "ulmfit.json"
VOCAB_SIZE, D_MODEL, NUM_LAYERS, DROPOUT = 2048, 64, 2, 0.1
GENERAL: tuple[Genre, ...] = ("everyday", "textbook", "headline")
REVIEW: tuple[Genre, ...] = ("review",)
BODIES = ("untrained", "general", "reviews", "general, then reviews")
SPLITS: tuple[Split, ...] = ("new combinations", "new patterns")


def settings(steps: int, rate: float, seed: int, batch_size: int = 32) -> TrainingConfig:
    """A tenth of the steps with a rising learning rate, the others with a falling one."""
    return TrainingConfig(
        steps=steps,
        batch_size=batch_size,
        warmup_steps=max(1, steps // 10),
        learning_rate=rate,
        schedule="linear",
        betas=(0.9, 0.99),
        smoothing=0.0,
        seed=seed,
    )


def labelled(
    language: Language, split: Split, count: int, seed: int
) -> tuple[list[list[int]], list[int]]:
    """Ids of reviews, after the start token that a language model reads first; 1 for a good one."""
    reviews = sentences(split, count, genres=REVIEW, seed=seed)
    tokenizer = sentence_tokenizer(VOCAB_SIZE)
    ids = [[START_ID, *tokenizer.encode(review.text(language))] for review in reviews]
    return ids, [int(review.sentiment == "good") for review in reviews]


def run(language: Language, seed: int, args: argparse.Namespace) -> dict[str, Any]:
    """All bodies with all numbers of labels, for one language and seed."""
    tokenizer = sentence_tokenizer(VOCAB_SIZE)

    def encode(split: Split, count: int, genres: tuple[Genre, ...], seed: int) -> list[list[int]]:
        drawn = sentences(split, count, genres=genres, seed=seed)
        return [tokenizer.encode(each.text(language)) for each in drawn]

    general = encode("train", args.texts, GENERAL, 1)
    reviews = encode("train", args.texts // 2, REVIEW, 1)
    held_out = {
        "general": encode("new combinations", args.held_out, GENERAL, 2),
        "reviews": encode("new combinations", args.held_out, REVIEW, 2),
    }
    tests = {split: labelled(language, split, args.held_out, 3) for split in SPLITS}
    config = RecurrentLanguageModelConfig(
        len(tokenizer), d_model=D_MODEL, num_layers=NUM_LAYERS, dropout=DROPOUT
    )
    bodies: dict[str, RecurrentBody] = {}
    perplexities: dict[str, dict[str, float]] = {}

    def keep(name: str, model: RecurrentLanguageModel) -> None:
        bodies[name] = copy.deepcopy(model.body)
        perplexities[name] = {
            kind: round(perplexity(model, texts), 3) for kind, texts in held_out.items()
        }

    for first in ("general", "reviews"):
        torch.manual_seed(seed)
        model = RecurrentLanguageModel(config).to(default_device())
        if first == "general":
            keep("untrained", model)
            train(model, general, settings(args.steps, 2e-2, seed), progress=False)
            keep("general", model)
        train(model, reviews, settings(args.steps // 3, 1e-2, seed), progress=False)
        keep("general, then reviews" if first == "general" else "reviews", model)

    found: dict[str, dict[str, Any]] = {}
    for body in BODIES:
        found[body] = {}
        for count in args.labels:
            ids, classes = labelled(language, "train", count, 100 + seed)
            for way in ("careful", "all at once"):
                torch.manual_seed(seed)
                classifier = RecurrentClassifier(copy.deepcopy(bodies[body]), 2)
                steps = args.tuning_steps * (1 if way == "careful" else NUM_LAYERS + 2)
                fine_tune(
                    classifier,
                    list(zip(ids, classes, strict=True)),
                    settings(steps, 1e-2, seed, 16),
                    careful=way == "careful",
                    progress=False,
                )
                scores = found[body].setdefault(way, {split: [] for split in SPLITS})
                for split, (texts, answers) in tests.items():
                    answer = class_logits(classifier, texts).argmax(dim=-1)
                    scores[split].append(round(accuracy(answer, torch.tensor(answers)), 4))
    return {"perplexity": perplexities, "accuracy": found}


def main() -> None:
    parser = parser_of(__doc__)
    parser.add_argument("--languages", nargs="+", default=["korean"])
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2])
    parser.add_argument("--labels", nargs="+", type=int, default=[10, 40, 160])
    parser.add_argument("--texts", type=int, default=16_000, help="to learn a language from")
    parser.add_argument("--held-out", type=int, default=300, help="texts of each kind")
    parser.add_argument("--steps", type=int, default=600, help="of the first stage")
    parser.add_argument("--tuning-steps", type=int, default=25, help="of each round of stage 3")
    parser.add_argument("--record", type=Path, default=RECORD)
    parser.add_argument("--partial", type=Path, default=Path("ulmfit-partial.json"))
    args = parser.parse_args()
    done: dict[str, Any] = {}
    if args.partial.exists():
        done = json.loads(args.partial.read_text())
    runs = [(language, seed) for language in args.languages for seed in args.seeds]
    for language, seed in tqdm(runs, unit="run"):
        if f"{language} {seed}" not in done:
            done[f"{language} {seed}"] = run(language, seed, args)
            args.partial.write_text(json.dumps(done))
    results = {
        "vocab_size": VOCAB_SIZE,
        "d_model": D_MODEL,
        "num_layers": NUM_LAYERS,
        "labels": args.labels,
        "texts": args.texts,
        "held_out": args.held_out,
        "steps": args.steps,
        "tuning_steps": args.tuning_steps,
        "languages": args.languages,
        "runs": {
            language: [done[f"{language} {seed}"] for seed in args.seeds]
            for language in args.languages
        },
    }
    write_record(args.record, results, seeds=args.seeds)
    args.partial.unlink()
    print(f"wrote {args.record.name}")


if __name__ == "__main__":
    main()
