"""Train small causal language models on the book's sentences, and measure what they write.

    python examples/write_sentences.py

Korean and English, three seeds each: the perplexity on sentences that training held back, and how
many of a thousand sentences that the models write are new and well-formed, by temperature, top-k
and top-p. Writes ``docs/records/written_sentences.json``; takes about eight minutes on one CPU
core. With ``--folder`` the models are saved there as they train, and an interrupted run goes on.
"""

import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, get_args

import torch
from arguments import RECORDS, parser_of
from tqdm import tqdm

from jumok.causal_language_model import CausalLanguageModel, CausalLanguageModelConfig
from jumok.data.sentences import Language, Split, recognize, sentences
from jumok.data.subwords import sentence_tokenizer
from jumok.data.tokenizer import END_ID, PAD_ID, START_ID
from jumok.records import write_record
from jumok.sampling import generate, novelty, perplexity
from jumok.training import TrainingConfig, train
from jumok.transformer import count_parameters

RECORD = RECORDS / "written_sentences.json"
SEEDS = (0, 1, 2)
VOCAB_SIZE, HELD_OUT = 2048, 1000
SAMPLING: dict[str, dict[str, Any]] = {
    "greedy": {"temperature": 0},
    "temperature 0.5": {"temperature": 0.5},
    "temperature 1": {},
    "temperature 1.5": {"temperature": 1.5},
    "top-k 5": {"top_k": 5},
    "top-p 0.9": {"top_p": 0.9},
}


def measure(
    language: Language, seed: int, *, steps: int, count: int, written: int, folder: Path | None
) -> dict[str, Any]:
    """Perplexities and novelty of one trained model."""
    tokenizer = sentence_tokenizer(VOCAB_SIZE)
    known = [each.text(language) for each in sentences("train", count, seed=1)]
    torch.manual_seed(seed)
    model = CausalLanguageModel(
        CausalLanguageModelConfig(
            vocab_size=VOCAB_SIZE,
            d_model=96,
            num_heads=4,
            num_layers=2,
            d_ff=384,
            max_length=64,
            dropout=0.0,
            pad_id=PAD_ID,
        )
    )
    config = TrainingConfig(
        steps=steps,
        pool=20,
        warmup_steps=100,
        learning_rate=0.003,
        smoothing=0.0,
        seed=seed,
    )
    checkpoint = folder and folder / f"{language}-{seed}.pt"
    train(model, list(map(tokenizer.encode, known)), config, checkpoint=checkpoint, progress=False)
    of_splits = {
        split: perplexity(
            model,
            [tokenizer.encode(each.text(language)) for each in sentences(split, HELD_OUT, seed=2)],
        )
        for split in get_args(Split)
    }
    starts = torch.full((written, 1), START_ID)
    shares = {}
    for name, options in SAMPLING.items():
        prompts = starts[:1] if name == "greedy" else starts  # greedy writes one text only
        rows = generate(model, prompts, max_new_tokens=48, end_id=END_ID, seed=seed, **options)
        texts = [tokenizer.decode(row) for row in rows.tolist()]
        shares[name] = asdict(novelty(texts, known, lambda text: bool(recognize(text, language))))
    return {
        "parameters": count_parameters(model),
        "perplexity": {split: round(value, 3) for split, value in of_splits.items()},
        "novelty": shares,
    }


def main(arguments: Sequence[str] | None = None) -> int:
    parser = parser_of(__doc__)
    parser.add_argument("--steps", type=int, default=900, help="training steps (default: 900)")
    parser.add_argument("--sentences", type=int, default=20_000, help="to learn from, each model")
    parser.add_argument("--folder", type=Path, help="where models are saved as they train")
    parser.add_argument("--written", type=int, default=1000, help="sentences each writes")
    parser.add_argument("--record", type=Path, default=RECORD, help="the file to write")
    options = parser.parse_args(arguments)
    runs = [(language, seed) for language in get_args(Language) for seed in SEEDS]
    models: dict[str, list[dict[str, Any]]] = {language: [] for language in get_args(Language)}
    for language, seed in tqdm(runs, unit="model"):
        found = measure(
            language,
            seed,
            steps=options.steps,
            count=options.sentences,
            written=options.written,
            folder=options.folder,
        )
        models[language].append(found)
    results = {
        "steps": options.steps,
        "sentences": options.sentences,
        "vocab_size": VOCAB_SIZE,
        "held_out": HELD_OUT,
        "written": options.written,
        "models": models,
    }
    write_record(options.record, results, seeds=SEEDS)
    print(f"wrote {options.record.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
