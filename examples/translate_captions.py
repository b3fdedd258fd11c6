"""Translate captions of photographs from English into German with the book's Transformer.

    python examples/translate_captions.py --data FOLDER

trains it on Multi30k, translates the 1,000 captions of ``test_2016_flickr`` greedily and with a
beam (or several: ``--beam 5 2 10``), and writes the BLEU scores to ``docs/records/captions.json``.
Without ``--data`` (or the environment variable ``JUMOK_DATA``) the data set is downloaded. A
training that was interrupted goes on where it stopped, and one that is done is taken up.

    python examples/translate_captions.py --translate "A dog runs through the snow."

prints translations instead of scores. On several GPUs, processes or machines, start the same
program with ``accelerate launch`` or ``torchrun``. It needs ``pip install "jumok[examples]"``.
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from arguments import RECORDS, add_checkpoints, add_data, parser_of

from jumok.data.multi30k import CaptionPair, captions
from jumok.data.subwords import SubwordTokenizer
from jumok.device import default_device
from jumok.records import write_record
from jumok.training import TrainingConfig, new_accelerator
from jumok.transformer import count_parameters
from jumok.translation import Translator

try:
    from sacrebleu.metrics import BLEU
except ImportError:  # not needed to translate
    BLEU = None

RECORD = RECORDS / "captions.json"
WRONG_INPUT = 2
"""The exit status for data that can't be read; argparse uses the same for wrong usage."""

SIZES: dict[str, dict[str, Any]] = {
    "small": {
        "d_model": 128,
        "num_heads": 4,
        "num_encoder_layers": 3,
        "num_decoder_layers": 3,
        "d_ff": 512,
        "dropout": 0.1,
    },
    "medium": {
        "d_model": 256,
        "num_heads": 8,
        "num_encoder_layers": 4,
        "num_decoder_layers": 4,
        "d_ff": 1024,
        "dropout": 0.3,
    },
}
EPOCHS = {"small": 20, "medium": 40}
LEARNING_RATES = {"small": 0.003, "medium": 0.001}
MAX_LENGTH = 128
"""Subwords of a caption; the longest of the data set has less than half as many."""

LENGTH_PENALTY = 0.6
"""The paper's (§6.1)."""


def parse_arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    size = "medium" if default_device().type == "cuda" else "small"
    parser = parser_of(__doc__)
    add_data(parser, "train.en, train.de and the other splits", folder="multi30k")
    parser.add_argument(
        "--size",
        choices=SIZES,
        default=size,
        help="of the model (default: medium on a GPU, small on the CPU; here %(default)s)",
    )
    parser.add_argument("--epochs", type=int, help=f"(default: {EPOCHS})")
    parser.add_argument("--batch-size", type=int, default=64, help="(default: %(default)s)")
    parser.add_argument("--learning-rate", type=float, help=f"(default: {LEARNING_RATES})")
    parser.add_argument(
        "--vocab-size", type=int, default=8000, help="subwords of both languages (%(default)s)"
    )
    parser.add_argument(
        "--beam",
        type=int,
        nargs="+",
        default=[5],
        metavar="WIDTH",
        help="hypotheses; several widths are scored one after the other, and --translate takes the "
        "first (default: 5)",
    )
    parser.add_argument("--seed", type=int, default=0, help="(default: %(default)s)")
    parser.add_argument(
        "--translate", nargs="+", metavar="TEXT", help="print translations, write no record"
    )
    add_checkpoints(parser, "captions")
    parser.add_argument("--output", type=Path, default=RECORD, help="the record's file")
    options = parser.parse_args(arguments)
    options.epochs = EPOCHS[options.size] if options.epochs is None else options.epochs
    options.learning_rate = options.learning_rate or LEARNING_RATES[options.size]
    least = {"epochs": options.epochs, "batch-size": options.batch_size, "beam": min(options.beam)}
    for name, number in least.items():
        if number < 1:
            parser.error(f"--{name} must be at least 1")
    return options


def new_translator(pairs: Sequence[CaptionPair], options: argparse.Namespace) -> Translator:
    """An untrained model; both languages share one vocabulary and its matrix."""
    texts = [text for pair in pairs for text in (pair.source, pair.target)]
    tokenizer = SubwordTokenizer.train(texts, options.vocab_size)
    return Translator.create(
        tokenizer,
        tokenizer,
        seed=options.seed,
        **SIZES[options.size],
        norm="pre",
        tie_embeddings=True,
        max_length=MAX_LENGTH,
    )


def training_config(pairs: Sequence[CaptionPair], options: argparse.Namespace) -> TrainingConfig:
    """Warm-up over a tenth of the steps, then down to 0."""
    steps = options.epochs * -(-len(pairs) // options.batch_size)
    return TrainingConfig(
        steps,
        batch_size=options.batch_size,
        pool=50,
        warmup_steps=max(1, steps // 10),
        learning_rate=options.learning_rate,
        schedule="linear",
        seed=options.seed,
    )


def scores(
    translator: Translator, test: Sequence[CaptionPair], beams: Sequence[int]
) -> dict[str, Any]:
    """BLEU of greedy decoding and of beams, and two captions with translations.

    ``bleu`` holds the score of greedy decoding and of the first beam; ``by_beam`` has every width
    with the parts that its score is made of.
    """
    sources, references = [pair.source for pair in test], [[pair.target for pair in test]]
    results: dict[str, Any] = {"length_penalty": LENGTH_PENALTY, "by_beam": {}}
    written = {}
    for size in sorted({1, *beams}):
        print(f"translating {len(test)} captions with a beam of {size}", file=sys.stderr)
        written[size] = translator.translate(
            sources,
            beam_size=size,
            length_penalty=0.0 if size == 1 else LENGTH_PENALTY,
            errors="replace",
            batch_size=100,
        )
        metric = BLEU()
        score = metric.corpus_score(written[size], references)
        results["signature"] = str(metric.get_signature())
        results["by_beam"][str(size)] = {
            "bleu": round(score.score, 2),
            "precisions": [round(share, 2) for share in score.precisions],  # in per cent
            "words": [score.sys_len, score.ref_len],  # ours, the references'
        }
    named = {"greedy": 1, "beam": beams[0]}
    results["bleu"] = {name: results["by_beam"][str(size)]["bleu"] for name, size in named.items()}
    results["beam_size"] = beams[0]
    results["examples"] = [
        {**asdict(pair), **{name: written[size][row] for name, size in named.items()}}
        for row, pair in enumerate(test[:2])
    ]
    return results


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program and return its exit status."""
    options = parse_arguments(arguments)
    if BLEU is None and not options.translate:
        print('BLEU needs sacrebleu: pip install "jumok[examples]"', file=sys.stderr)
        return WRONG_INPUT
    accelerator = new_accelerator()
    is_first = accelerator is None or accelerator.is_main_process
    try:
        if accelerator is not None and not is_first:
            accelerator.wait_for_everyone()  # the first process downloads
        train = captions("train", options.data)
        test = [] if options.translate else captions("test_2016_flickr", options.data)
        if accelerator is not None and is_first:
            accelerator.wait_for_everyone()
        translator = new_translator(train, options)
        config = training_config(train, options)
        options.folder.mkdir(parents=True, exist_ok=True)
        checkpoint = options.folder / f"{options.size}-{options.seed}.pt"
        history = translator.train(
            train, config, accelerator=accelerator, checkpoint=checkpoint, checkpoint_every=200
        )
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return WRONG_INPUT
    if is_first and options.translate:
        for text in translator.translate(
            options.translate, beam_size=options.beam[0], errors="replace"
        ):
            print(text)
    elif is_first:
        curve = torch.tensor(history.losses).split(200)
        results = {
            "data": {"train": len(train), "test": len(test), "note": options.data_note},
            "size": options.size,
            "parameters": count_parameters(translator.model),
            "config": asdict(translator.model.config),
            "training": asdict(config),
            "epochs": options.epochs,
            "processes": accelerator.num_processes if accelerator else 1,
            "seconds": round(history.seconds, 1),
            "losses_every_200_steps": [round(part.mean().item(), 4) for part in curve],
            **scores(translator, test, options.beam),
        }
        write_record(options.output, results, seeds=[options.seed])
        for name, bleu in results["bleu"].items():
            print(f"BLEU, {name}: {bleu:.1f}")
    if accelerator is not None:
        accelerator.end_training()
    return 0


if __name__ == "__main__":
    sys.exit(main())
