"""Tell liked films from disliked ones by their Korean reviews, with many labels and with few.

    python examples/classify_reviews.py --data FOLDER

fine-tunes the encoder that ``pretrain_reviews.py`` left in ``checkpoints/nsmc`` with 100, 1,000,
10,000 and all labels of NSMC, trains an encoder of the same size from scratch with the same ones,
and writes ``docs/records/nsmc.json``. A run that was interrupted goes on where it stopped.

    python examples/classify_reviews.py --data FOLDER --evaluate FILE

fine-tunes with all labels (or with ``--labels N``), or takes up the model that is there, and prints
its accuracy on another file of the same format as the last line.

    python examples/classify_reviews.py --data FOLDER --model beomi/kcbert-base --evaluate FILE

does it with a model of the Hub, or of a local folder, and its own tokenizer, through transformers.

Without ``--data`` (or the environment variable ``JUMOK_DATA``) the 150,000 reviews of the original
are downloaded. On several GPUs, processes or machines, start the same program with ``accelerate
launch``. On one CPU core ``--labels 100 1000 10000`` takes half an hour, and all labels take hours;
a model such as KcBERT wants a GPU.
"""

import argparse
import random
import sys
import zlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import torch
from accelerate import Accelerator
from arguments import RECORDS, parser_of
from pretrain_reviews import (
    WRONG_INPUT,
    add_common_arguments,
    at_width,
    encode,
    load_data,
    load_pretrained,
    reviews_tokenizer,
)
from torch import Tensor
from torch.utils.data import DataLoader
from tqdm import tqdm
from transformers import (
    AutoModelForSequenceClassification,
    AutoTokenizer,
    get_linear_schedule_with_warmup,
)

from jumok.bert import Bert, BertConfig
from jumok.classification import (
    ClassificationObjective,
    SentenceClassifier,
    accuracy,
    class_logits,
)
from jumok.data.nsmc import CLASSES, Review, read_reviews
from jumok.data.subwords import SubwordTokenizer
from jumok.records import write_record
from jumok.training import TrainingConfig, TrainingHistory, new_accelerator, train
from jumok.transformer import count_parameters

RECORD = RECORDS / "nsmc.json"
PRETRAINED, SCRATCH = "pretrained", "from scratch"
LEARNING_RATES = {PRETRAINED: 5e-4, SCRATCH: 1e-3}
"""At width 128. What an encoder has learned already is lost to larger steps."""

LABEL_COUNTS = (100, 1000, 10_000, 0)
"""How many labels are compared; 0 stands for all there are."""


@dataclass(frozen=True)
class Budget:
    """How long is trained with so many labels, and with how many seeds."""

    epochs: int
    batch_size: int
    seeds: int

    @staticmethod
    def of(labels: int) -> "Budget":
        """The fewer the labels, the more often each is seen, and the more chance decides."""
        if labels <= 100:
            return Budget(epochs=30, batch_size=16, seeds=3)
        if labels <= 1000:
            return Budget(epochs=15, batch_size=32, seeds=3)
        if labels <= 10_000:
            return Budget(epochs=6, batch_size=64, seeds=3)
        return Budget(epochs=3, batch_size=128, seeds=3)


def parse_arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = parser_of(__doc__)
    add_common_arguments(parser)
    parser.add_argument(
        "--labels",
        type=int,
        nargs="+",
        metavar="N",
        help="learn from so many labelled reviews; 0 for all "
        "(default: 100, 1000, 10000 and all; to evaluate, all)",
    )
    parser.add_argument("--epochs", type=int, help="default: 30 with 100 labels, 3 with all")
    parser.add_argument("--batch-size", type=int, help="default: 16 with 100 labels, 128 with all")
    parser.add_argument(
        "--learning-rate", type=float, help="default: 5e-4 at width 128; from scratch, 1e-3"
    )
    parser.add_argument("--dropout", type=float, default=0.1, help="default: %(default)s")
    parser.add_argument(
        "--seed", type=int, help="train with this seed only (default: 0, 1 and 2 with few labels)"
    )
    parser.add_argument(
        "--from-scratch", action="store_true", help="don't look at a pretrained encoder"
    )
    parser.add_argument(
        "--from-scratch-up-to",
        type=int,
        metavar="N",
        help="with more labels than N, don't train from scratch for comparison",
    )
    parser.add_argument(
        "--evaluate", type=Path, metavar="FILE", help="print the accuracy on this file, no record"
    )
    parser.add_argument("--output", type=Path, default=RECORD, help="the record's file")
    theirs = parser.add_argument_group("a model of transformers")
    theirs.add_argument("--model", metavar="ID", help="of the Hub, or a local folder")
    theirs.add_argument(
        "--max-length", type=int, default=128, help="tokens of a review (default: %(default)s)"
    )
    options = parser.parse_args(arguments)
    for name in ("epochs", "batch_size", "checkpoint_every", "max_length"):
        value = getattr(options, name)
        if value is not None and value < 1:
            parser.error(f"--{name.replace('_', '-')} must be at least 1")
    if any(count < 0 for count in options.labels or ()):
        parser.error("--labels must not be negative")
    if (options.evaluate or options.model) and len(options.labels or [0]) > 1:
        parser.error("--evaluate and --model take one number of --labels")
    return options


def labelled(reviews: Sequence[Review], count: int, seed: int) -> list[Review]:
    """So many reviews, drawn at random; all of them for 0.

    Raises:
        ValueError: there are not so many.
    """
    if count > len(reviews):
        raise ValueError(f"--labels must be at most {len(reviews)}, the reviews there are")
    return random.Random(seed).sample(reviews, count) if count else list(reviews)


# --- Our encoder -----------------------------------------------------------------------------


class Laboratory:
    """The data, the tokenizer and the encoder that was pretrained, if there is one."""

    def __init__(
        self, reviews: Sequence[Review], accelerator: Accelerator, options: argparse.Namespace
    ) -> None:
        self.reviews, self.accelerator, self.options = reviews, accelerator, options
        folder: Path = options.folder
        self.pretrained = folder / "pretrained.safetensors"
        texts = [review.text for review in reviews]
        self.tokenizer: SubwordTokenizer = reviews_tokenizer(
            folder / "tokenizer.json", texts, 8000, accelerator
        )
        if options.from_scratch or not self.pretrained.exists():
            if not options.from_scratch and accelerator.is_main_process:
                print(f"no {self.pretrained}: training from scratch", file=sys.stderr)
            self.kinds: tuple[str, ...] = (SCRATCH,)
            self.config = BertConfig(
                len(self.tokenizer), d_model=128, num_heads=2, num_layers=3, d_ff=512, max_length=48
            )
            self.fingerprint = ""
        else:
            self.kinds = (PRETRAINED, SCRATCH)
            self.config = load_pretrained(self.pretrained).config
            self.fingerprint = f"-{zlib.crc32(self.pretrained.read_bytes()):08x}"

    def budget(self, labels: int) -> Budget:
        """What the command line says, or what the number of labels suggests."""
        usual, options = Budget.of(labels or len(self.reviews)), self.options
        return Budget(
            options.epochs or usual.epochs, options.batch_size or usual.batch_size, usual.seeds
        )

    def learning_rate(self, kind: str) -> float:
        """What the command line says, or what suits the encoder's width."""
        usual = at_width(LEARNING_RATES[kind], self.config.d_model)
        return float(self.options.learning_rate or usual)

    def new_model(self, kind: str, seed: int) -> SentenceClassifier:
        """An encoder that knows Korean or knows nothing, with a head that knows nothing."""
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            body = Bert(replace(self.config, dropout=self.options.dropout))
            if kind == PRETRAINED:
                body.load_state_dict(load_pretrained(self.pretrained).body.state_dict())
            return SentenceClassifier(body, len(CLASSES))

    def train(
        self, kind: str, labels: int, seed: int
    ) -> tuple[SentenceClassifier, TrainingHistory]:
        """Train one model, or take up what there is of it."""
        reviews = labelled(self.reviews, labels, seed)
        budget = self.budget(labels)
        steps = budget.epochs * -(-len(reviews) // budget.batch_size)
        config = TrainingConfig.adamw(
            steps,
            self.learning_rate(kind),
            batch_size=budget.batch_size,
            pool=50,
            seed=seed,
        )
        model = self.new_model(kind, seed)
        if self.accelerator.is_main_process:
            print(f"{kind}, {len(reviews):,} labels, seed {seed}", file=sys.stderr)
        trained_from = self.fingerprint if kind == PRETRAINED else ""
        name = f"{kind.replace(' ', '-')}{trained_from}-{len(reviews)}-{seed}.pt"
        history = train(
            model,
            [
                (ids, review.label)
                for (ids, *_), review in zip(self.encode(reviews), reviews, strict=True)
            ],
            config,
            objective=self.objective,
            accelerator=self.accelerator,
            checkpoint=self.options.folder / name,
            checkpoint_every=self.options.checkpoint_every,
        )
        return model, history

    @property
    def objective(self) -> ClassificationObjective:
        """Cross-entropy of the two classes."""
        return ClassificationObjective(pad_id=self.config.pad_id)

    def encode(self, reviews: Sequence[Review]) -> list[Any]:
        """The reviews as the pretraining read them."""
        return encode(reviews, self.tokenizer, self.config.max_length)

    def accuracy(self, model: SentenceClassifier, reviews: Sequence[Review]) -> float:
        """The share of reviews whose class is found."""
        ids = [example.token_ids for example in self.encode(reviews)]
        logits = class_logits(model, ids, pad_id=self.config.pad_id)
        return accuracy(logits.argmax(dim=-1), labels_of(reviews))


def labels_of(reviews: Sequence[Review]) -> Tensor:
    """The number of each review's class."""
    return torch.tensor([review.label for review in reviews])


def measure(laboratory: Laboratory, held_out: Sequence[Review]) -> dict[str, Any]:
    """Each kind of encoder with each number of labels and each seed."""
    options = laboratory.options
    comparison = []
    for count in options.labels or LABEL_COUNTS:
        budget = laboratory.budget(count)
        seeds = range(budget.seeds) if options.seed is None else (options.seed,)
        entry: dict[str, Any] = {
            "labels": count or len(laboratory.reviews),
            **asdict(budget),
            "seeds": list(seeds),
            "accuracy": {},
            "loss": {},
            "seconds": {},
        }
        most = options.from_scratch_up_to
        for kind in laboratory.kinds:
            if kind == SCRATCH and most is not None and entry["labels"] > most:
                continue
            runs = [laboratory.train(kind, count, seed) for seed in seeds]
            last = [history.losses[-20:] for _, history in runs]
            found = [round(laboratory.accuracy(model, held_out), 4) for model, _ in runs]
            entry["accuracy"][kind] = found
            entry["loss"][kind] = [round(sum(losses) / len(losses), 4) for losses in last]
            entry["seconds"][kind] = [round(history.seconds, 1) for _, history in runs]
            if laboratory.accelerator.is_main_process:
                print(f"{kind}, {entry['labels']:,} labels: {found}", file=sys.stderr)
        comparison.append(entry)
    model = laboratory.new_model(SCRATCH, 0)
    return {
        "data": {
            "train": len(laboratory.reviews),
            "held_out": len(held_out),
            "note": options.data_note,
        },
        "classes": CLASSES,
        "config": asdict(laboratory.config),
        "parameters": count_parameters(model),
        "learning_rate": {kind: laboratory.learning_rate(kind) for kind in laboratory.kinds},
        "processes": laboratory.accelerator.num_processes,
        "comparison": comparison,
    }


# --- Any encoder of transformers -------------------------------------------------------------


class Progress:
    """How many steps are done: Accelerate keeps it with the rest of the state."""

    def __init__(self) -> None:
        self.steps = 0

    def state_dict(self) -> dict[str, int]:
        return {"steps": self.steps}

    def load_state_dict(self, state: dict[str, int]) -> None:
        self.steps = state["steps"]


@dataclass(frozen=True)
class Collator:
    """From reviews to what the model is called with: a custom collate function.

    The tokenizer splits all texts of a batch and fills them up to the longest among them.
    """

    tokenizer: Any
    max_length: int

    def __call__(self, batch: Sequence[Review]) -> dict[str, Tensor]:
        inputs = self.tokenizer(
            [review.text for review in batch],
            padding=True,
            truncation=True,
            max_length=self.max_length,
            return_tensors="pt",
        )
        return {**inputs, "labels": labels_of(batch)}


def fine_tune(
    reviews: Sequence[Review],
    examined: Sequence[Review],
    accelerator: Accelerator,
    options: argparse.Namespace,
) -> float:
    """Fine-tune a model of transformers with its own tokenizer; returns the accuracy."""
    seed = options.seed or 0
    torch.manual_seed(seed)
    reviews = labelled(reviews, (options.labels or [0])[0], seed)
    with accelerator.main_process_first():  # one process downloads
        tokenizer = AutoTokenizer.from_pretrained(options.model)
        model = AutoModelForSequenceClassification.from_pretrained(
            options.model, num_labels=len(CLASSES)
        )
    longest = getattr(model.config, "max_position_embeddings", options.max_length)
    collate = Collator(tokenizer, min(options.max_length, longest))

    batch_size = options.batch_size or 32
    loader: Any = DataLoader(list(reviews), batch_size, shuffle=True, collate_fn=collate)
    examination: Any = DataLoader(list(examined), 2 * batch_size, collate_fn=collate)
    optimizer = torch.optim.AdamW(
        model.parameters(), lr=options.learning_rate or 5e-5, weight_decay=0.01
    )
    steps = (options.epochs or 2) * len(loader)
    schedule = get_linear_schedule_with_warmup(optimizer, max(1, steps // 10), steps)
    # Every process takes its part of a batch: the schedule counts batches, not parts of them.
    model, optimizer, loader, examination = accelerator.prepare(
        model, optimizer, loader, examination
    )
    progress = Progress()
    accelerator.register_for_checkpointing(progress, schedule)
    name = f"{Path(options.model).name}-{len(reviews)}-{steps}-{batch_size}-{seed}"
    folder = options.folder / name
    if folder.exists():
        accelerator.load_state(str(folder))

    model.train()
    with tqdm(
        total=steps,
        initial=progress.steps,
        unit="step",
        disable=not accelerator.is_local_main_process,
    ) as bar:
        while progress.steps < steps:
            epoch, done = divmod(progress.steps, len(loader))
            loader.set_epoch(epoch)
            for batch in accelerator.skip_first_batches(loader, done):
                loss = model(**batch).loss
                accelerator.backward(loss)
                accelerator.clip_grad_norm_(model.parameters(), 1.0)
                optimizer.step()
                schedule.step()
                optimizer.zero_grad()
                progress.steps += 1
                bar.set_postfix(loss=f"{loss.item():.3f}", refresh=False)
                bar.update()
                if progress.steps % options.checkpoint_every == 0 or progress.steps == steps:
                    accelerator.save_state(str(folder))

    model.eval()
    right = []
    for batch in tqdm(examination, desc="examining", disable=not accelerator.is_local_main_process):
        with torch.no_grad():
            found = model(**batch).logits.argmax(dim=-1)
        right.append(accelerator.gather_for_metrics(found == batch["labels"]))
    return torch.cat(right).double().mean().item()


# --- The program -----------------------------------------------------------------------------


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program and return its exit status."""
    options = parse_arguments(arguments)
    accelerator = new_accelerator()
    score = results = None
    try:
        files = load_data(options, accelerator)
        reviews = read_reviews(files.train)
        examined = read_reviews(options.evaluate or files.held_out)
        if options.model:
            score = fine_tune(reviews, examined, accelerator, options)
        elif options.evaluate:
            laboratory = Laboratory(reviews, accelerator, options)
            labels = (options.labels or [0])[0]
            model, _ = laboratory.train(laboratory.kinds[0], labels, options.seed or 0)
            score = laboratory.accuracy(model, examined)
        else:
            results = measure(Laboratory(reviews, accelerator, options), examined)
    except (OSError, ValueError) as error:  # data, a checkpoint of another training, no such model
        print(error, file=sys.stderr)
        return WRONG_INPUT
    if accelerator.is_main_process:
        if results is not None:
            seeds = sorted({seed for entry in results["comparison"] for seed in entry["seeds"]})
            write_record(options.output, results, seeds=seeds)
            for entry in results["comparison"]:
                for kind, found in entry["accuracy"].items():
                    print(f"{entry['labels']:>7,} labels, {kind}: {sum(found) / len(found):.3f}")
        else:
            print(f"{score:.4f}")
    accelerator.end_training()
    return 0


if __name__ == "__main__":
    sys.exit(main())
