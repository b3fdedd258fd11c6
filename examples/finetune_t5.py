"""Fine-tune a T5 from the Hub to translate between English and Korean.

    python examples/finetune_t5.py --data pairs.tsv --save my-translator

reads one pair a line (English, tab, Korean), holds some of them out, trains, prints examples and
scores, and saves the model with its tokenizer. Without ``--data`` the pairs are the sentences that
the package writes itself. ``accelerate launch examples/finetune_t5.py …`` does the same with
several processes or machines. If it is interrupted, the same command goes on.
"""

import argparse
import csv
import math
import random
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from sacrebleu.metrics import CHRF
from torch import Tensor, nn
from transformers import AutoModelForSeq2SeqLM, AutoTokenizer

from jumok.data.sentences import sentences
from jumok.decoding import evaluating
from jumok.text_to_text import PREFIXES, Task
from jumok.training import Objective, TrainingConfig, new_accelerator, train

MODEL = "KETI-AIR/ke-t5-base"
"""KE-T5, pretrained on Korean and English."""

IGNORED = -100
"""The label of padding: transformers' models leave it out of the loss."""

WRONG_USAGE = 2
"""The exit status when an argument or a file is wrong; argparse uses the same."""

Pair = tuple[str, str]


def parse_arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description="Fine-tune a T5 from the Hub to translate between English and Korean.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    parser.add_argument("--model", default=MODEL, help="a Hub id, or a folder with a saved model")
    parser.add_argument("--data", type=Path, help="a file of lines: English, tab, Korean")
    parser.add_argument("--direction", choices=["en-ko", "ko-en"], default="en-ko")
    parser.add_argument("--prefix", help="what each source begins with (default: as in the book)")
    parser.add_argument("--pairs", type=int, default=20_000, help="at most so many to learn from")
    parser.add_argument("--held-out", type=int, default=500, help="so many are kept for the score")
    parser.add_argument("--epochs", type=float, default=1.0)
    parser.add_argument("--batch-size", type=int, default=32, help="of all processes together")
    parser.add_argument("--learning-rate", type=float, default=3e-4)
    parser.add_argument("--max-length", type=int, default=128, help="tokens of a text, at most")
    parser.add_argument("--beams", type=int, default=4)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--save", type=Path, help="a folder for the model and its tokenizer")
    parser.add_argument("--translate", nargs="*", default=[], metavar="TEXT", help="at the end")
    return parser.parse_args(arguments)


# --- Data ------------------------------------------------------------------------------------


def read_pairs(path: Path) -> list[Pair]:
    """The English and Korean texts of a file; raises `ValueError` naming a line that has not two.

    Lines may be quoted as a spreadsheet does it. Empty lines are passed over.
    """
    pairs = []
    with path.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.reader(file, delimiter="\t"):
            if not any(row):
                continue
            if len(row) != 2 or not all(text.strip() for text in row):
                raise ValueError(f"expected two texts with a tab between in {path}, got {row}")
            pairs.append((row[0].strip(), row[1].strip()))
    return pairs


def load_pairs(options: argparse.Namespace) -> tuple[list[Pair], list[Pair]]:
    """Pairs to learn from and pairs to be examined with, source first; no text is in both."""
    if options.data:
        pairs = list(dict.fromkeys(read_pairs(options.data)))
        random.Random(options.seed).shuffle(pairs)
        held_out, learned = pairs[: options.held_out], pairs[options.held_out :]
        known = {text for pair in held_out for text in pair}
        learned = [pair for pair in learned if known.isdisjoint(pair)][: options.pairs]
    else:
        drawn = {
            split: sentences(split, count, seed=options.seed)
            for split, count in (
                ("train", options.pairs),
                ("new combinations", options.held_out),
            )
        }
        learned, held_out = ([(each.english, each.korean) for each in of] for of in drawn.values())
    if not learned or not held_out:
        raise ValueError(
            f"expected pairs to learn from and {options.held_out} to hold out, "
            f"got {len(learned)} and {len(held_out)}"
        )
    if options.direction == "ko-en":
        return [(b, a) for a, b in learned], [(b, a) for a, b in held_out]
    return learned, held_out


# --- Training --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Seq2Seq(Objective):
    """The next token of the target, as transformers' encoder–decoder models compute it.

    Given ``labels``, such a model shifts them itself: its decoder reads ``<pad>`` first.
    """

    tokenizer: Any

    def collate(self, examples: Sequence[Any]) -> Any:
        """Padded ids of sources and labels."""
        sources, labels = zip(*examples, strict=True)
        batch = self.tokenizer.pad({"input_ids": list(sources)}, return_tensors="pt")
        padded = nn.utils.rnn.pad_sequence(
            [torch.tensor(each) for each in labels], batch_first=True, padding_value=IGNORED
        )
        batch["labels"] = padded
        return batch

    def count(self, batch: Any) -> int:
        """The tokens of the labels."""
        return int((batch["labels"] != IGNORED).sum())

    def loss(self, model: nn.Module, batch: Any) -> Tensor:
        """The model's own loss: their mean cross-entropy."""
        loss: Tensor = model(**batch).loss
        return loss


def encode(tokenizer: Any, pairs: Sequence[Pair], prefix: str, max_length: int) -> list[Any]:
    """Ids of sources and labels, each with the end token at its end."""
    if not pairs:
        return []
    sources = tokenizer(
        [f"{prefix} {source}".strip() for source, _ in pairs],
        max_length=max_length,
        truncation=True,
    )["input_ids"]
    labels = tokenizer(
        text_target=[target for _, target in pairs], max_length=max_length, truncation=True
    )["input_ids"]
    end = tokenizer.eos_token_id
    if end is None or tokenizer.pad_token_id is None:
        raise ValueError("expected a tokenizer with an end token and a padding token")

    def ended(ids: list[int]) -> list[int]:  # some tokenizers add it, some don't
        return ids if ids[-1:] == [end] else [*ids[: max_length - 1], end]

    return [(ended(a), ended(b)) for a, b in zip(sources, labels, strict=True)]


# --- Examination -----------------------------------------------------------------------------


def translate(
    model: Any, tokenizer: Any, encoded: Sequence[Any], *, beams: int, max_length: int
) -> list[str]:
    """What the model writes for encoded sources, in their order."""
    device = next(model.parameters()).device
    written: list[str] = []
    for first in range(0, len(encoded), 32):
        sources = [source for source, _ in encoded[first : first + 32]]
        batch = tokenizer.pad({"input_ids": sources}, return_tensors="pt").to(device)
        with evaluating(model):
            ids = model.generate(**batch, num_beams=beams, max_new_tokens=max_length)
        written += tokenizer.batch_decode(ids, skip_special_tokens=True)
    return [text.strip() for text in written]


def perplexity(model: Any, objective: Seq2Seq, encoded: Sequence[Any]) -> float:
    """The exponential of the mean cross-entropy of the right targets' tokens."""
    device = next(model.parameters()).device
    total, tokens = 0.0, 0
    with evaluating(model):
        for first in range(0, len(encoded), 32):
            batch = objective.collate(encoded[first : first + 32]).to(device)
            count = objective.count(batch)
            total += objective.loss(model, batch).item() * count
            tokens += count
    return math.exp(total / tokens)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program and return its exit status."""
    options = parse_arguments(arguments)
    try:
        learned, held_out = load_pairs(options)
        tokenizer = AutoTokenizer.from_pretrained(options.model)
        model = AutoModelForSeq2SeqLM.from_pretrained(options.model)
        task: Task = "english to korean" if options.direction == "en-ko" else "korean to english"
        prefix = PREFIXES[task] if options.prefix is None else options.prefix
        examples = encode(tokenizer, learned, prefix, options.max_length)
        examined = encode(tokenizer, held_out, prefix, options.max_length)
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return WRONG_USAGE
    steps = math.ceil(options.epochs * len(examples) / options.batch_size)
    config = TrainingConfig.adamw(
        steps, options.learning_rate, batch_size=options.batch_size, pool=20, seed=options.seed
    )
    accelerator = new_accelerator()
    objective = Seq2Seq(tokenizer)
    try:
        train(
            model,
            examples,
            config,
            objective=objective,
            accelerator=accelerator,
            checkpoint=options.save and options.save / "training.pt",
        )
    except ValueError as error:
        print(error, file=sys.stderr)
        return WRONG_USAGE
    if accelerator is None or accelerator.is_main_process:
        report(options, model, tokenizer, objective, held_out, examined, prefix)
    if accelerator:
        accelerator.wait_for_everyone()
    return 0


def report(
    options: argparse.Namespace,
    model: Any,
    tokenizer: Any,
    objective: Seq2Seq,
    held_out: Sequence[Pair],
    examined: Sequence[Any],
    prefix: str,
) -> None:
    """Save the model; print examples and scores."""
    if options.save:
        model.save_pretrained(options.save)
        tokenizer.save_pretrained(options.save)
    how = {"beams": options.beams, "max_length": options.max_length}
    written = translate(model, tokenizer, examined, **how)
    for (source, target), text in list(zip(held_out, written, strict=True))[:5]:
        print(f"{source}\n  → {text}\n  = {target}")
    asked = encode(tokenizer, [(text, "") for text in options.translate], prefix, how["max_length"])
    for text, answer in zip(
        options.translate, translate(model, tokenizer, asked, **how), strict=True
    ):
        print(f"{text}\n  → {answer}")
    targets = [target for _, target in held_out]
    right = sum(text == target for text, target in zip(written, targets, strict=True))
    print(f"held-out pairs: {len(held_out)}")
    print(f"perplexity: {perplexity(model, objective, examined):.2f}")
    print(f"exact match: {right / len(targets):.3f}")
    print(f"chrF: {CHRF().corpus_score(written, [targets]).score:.1f}")


if __name__ == "__main__":
    sys.exit(main())
