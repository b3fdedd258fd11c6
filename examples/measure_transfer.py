"""What is a pretrained body worth where labels are few? Writes ``docs/records/transfer.json``.

    python examples/measure_transfer.py

A small BERT learns to fill gaps in headlines that nobody has labelled. Then it has to name their
topic, economy, sports, weather, science or culture, with few labels of each. Four classifiers of
one size learn from the same labels: one from scratch, one with the pretrained vectors of the
tokens alone, one with the whole pretrained body, and one with that body frozen. They are tested on
new combinations of words and on patterns that neither the labels nor the unlabelled headlines had.
With both languages and five seeds it takes about eight minutes on one CPU core. A run that was
stopped goes on after the last seed that is in ``--partial``.
"""

import argparse
import copy
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from arguments import RECORDS, parser_of
from tqdm import tqdm

from jumok.bert import Bert, BertConfig, BertForPretraining
from jumok.classification import (
    ClassificationObjective,
    LabelledIds,
    SentenceClassifier,
    accuracy,
    class_logits,
    few_of_each,
)
from jumok.data.sentences import Language, Split, patterns, sentences
from jumok.data.subwords import sentence_tokenizer
from jumok.device import default_device
from jumok.masked_language_model import (
    MaskedLanguageObjective,
    MaskingRule,
    bert_example,
    evaluate_masked,
)
from jumok.records import write_record
from jumok.training import TrainingConfig, train
from jumok.transformer import count_parameters

RECORD = RECORDS / "transfer.json"
CONFIG = BertConfig(2048, d_model=64, num_heads=4, num_layers=2, d_ff=256, max_length=64)
PROBABILITY = 0.3
"""The share of tokens that are gaps: a small model that reads little needs many of them."""
BATCH_SIZE = 16
RATES = {
    "from scratch": 2e-3,
    "pretrained vectors": 1e-3,
    "pretrained body": 1e-3,
    "frozen body": 1e-2,
}
"""What a classifier begins with, and the learning rate that suits it: each has its own."""
WAYS = tuple(RATES)
TOPICS = tuple(dict.fromkeys(pattern.topic for pattern in patterns("headline")))
SPLITS: tuple[Split, ...] = ("new combinations", "new patterns")


def headlines(language: Language, split: Split, count: int, seed: int) -> list[LabelledIds]:
    """Headlines between BERT's special tokens, and the numbers of their topics."""
    tokenizer = sentence_tokenizer(CONFIG.vocab_size)
    return [
        (bert_example(tokenizer, each.text(language)).token_ids, TOPICS.index(each.topic))
        for each in sentences(split, count, genres=["headline"], seed=seed)
    ]


def pretrained(language: Language, seed: int, args: argparse.Namespace) -> tuple[Bert, Bert, float]:
    """An untrained body, the same one after pretraining, and its perplexity on new sentences."""
    tokenizer = sentence_tokenizer(CONFIG.vocab_size)
    drawn: tuple[tuple[Split, int], ...] = (
        ("train", args.texts),
        ("new combinations", args.held_out),
    )
    learned_from, held_out = (
        [
            bert_example(tokenizer, each.text(language))
            for each in sentences(split, count, genres=["headline"], seed=seed)
        ]
        for split, count in drawn
    )
    torch.manual_seed(seed)
    model = BertForPretraining(CONFIG).to(default_device())
    untrained = copy.deepcopy(model.body)
    train(
        model,
        learned_from,
        TrainingConfig.adamw(args.steps, args.rate, batch_size=32, pool=8, seed=seed),
        objective=MaskedLanguageObjective(MaskingRule.of(tokenizer, probability=PROBABILITY)),
        progress=False,
    )
    scores = evaluate_masked(model.eval(), held_out, MaskingRule.of(tokenizer))
    return untrained, model.body, scores.perplexity


def classifier_with(way: str, untrained: Bert, body: Bert) -> SentenceClassifier:
    """A new head on a copy of the body that a way of `WAYS` begins with."""
    begins_with = copy.deepcopy(untrained if way in WAYS[:2] else body)
    if way == "pretrained vectors":
        begins_with.embedding.load_state_dict(body.embedding.state_dict())
    begins_with.requires_grad_(way != "frozen body")
    return SentenceClassifier(begins_with, len(TOPICS)).to(default_device())


def shares_right(
    classifier: SentenceClassifier, tests: dict[Split, list[LabelledIds]]
) -> dict[str, float]:
    """The accuracy on each split."""
    found: dict[str, float] = {}
    for split, examples in tests.items():
        answers = class_logits(classifier, [token_ids for token_ids, _ in examples]).argmax(dim=-1)
        labels = torch.tensor([label for _, label in examples])
        found[split] = round(accuracy(answers, labels), 4)
    return found


def run(language: Language, seed: int, args: argparse.Namespace) -> dict[str, Any]:
    """All ways with all numbers of labels, for one language and seed."""
    untrained, body, perplexity = pretrained(language, seed, args)
    tests = {split: headlines(language, split, args.held_out, 1000) for split in SPLITS}
    pool = headlines(language, "train", 40 + 8 * max(args.labels), 100 + seed)
    found: dict[str, dict[str, list[float]]] = {}
    for way in WAYS:
        found[way] = {split: [] for split in SPLITS}
        for count in args.labels:
            torch.manual_seed(seed)
            classifier = classifier_with(way, untrained, body)
            train(
                classifier,
                few_of_each(pool, count),
                TrainingConfig.adamw(
                    args.tuning_steps, RATES[way], batch_size=BATCH_SIZE, seed=seed
                ),
                objective=ClassificationObjective(),
                progress=False,
            )
            for split, share in shares_right(classifier, tests).items():
                found[way][split].append(share)
    return {"perplexity": round(perplexity, 3), "accuracy": found}


def main(arguments: Sequence[str] | None = None) -> int:
    parser = parser_of(__doc__)
    parser.add_argument("--languages", nargs="+", default=["korean", "english"])
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2, 3, 4])
    parser.add_argument(
        "--labels", nargs="+", type=int, default=[1, 2, 4, 8, 16, 32], help="of each topic"
    )
    parser.add_argument("--texts", type=int, default=20_000, help="without labels")
    parser.add_argument("--held-out", type=int, default=500, help="headlines of each split")
    parser.add_argument("--steps", type=int, default=600, help="of pretraining")
    parser.add_argument("--rate", type=float, default=4e-3, help="of pretraining")
    parser.add_argument("--tuning-steps", type=int, default=80, help="with labels")
    parser.add_argument("--record", type=Path, default=RECORD)
    parser.add_argument("--partial", type=Path, default=Path("transfer-partial.json"))
    args = parser.parse_args(arguments)
    done: dict[str, Any] = {}
    if args.partial.exists():
        done = json.loads(args.partial.read_text())
    runs = [(language, seed) for seed in args.seeds for language in args.languages]
    for language, seed in tqdm(runs, unit="run"):
        if f"{language} {seed}" not in done:
            done[f"{language} {seed}"] = run(language, seed, args)
            args.partial.write_text(json.dumps(done))
    results = {
        "vocab_size": CONFIG.vocab_size,
        "d_model": CONFIG.d_model,
        "num_layers": CONFIG.num_layers,
        "parameters": count_parameters(Bert(CONFIG)),
        "topics": TOPICS,
        "labels": args.labels,
        "texts": args.texts,
        "held_out": args.held_out,
        "steps": args.steps,
        "tuning_steps": args.tuning_steps,
        "rates": RATES,
        "runs": {
            language: [done[f"{language} {seed}"] for seed in args.seeds]
            for language in args.languages
        },
    }
    write_record(args.record, results, seeds=args.seeds)
    args.partial.unlink(missing_ok=True)
    print(f"wrote {args.record.name}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
