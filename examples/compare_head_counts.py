"""How many heads, and how wide? Measures it and writes ``docs/records/head_counts.json``.

    python examples/compare_head_counts.py

Every model has vectors of 48 numbers, so more heads are narrower heads, and all models have the
same number of parameters. They learn to name the tokens at two, or at four, places around each
position (see ``jumok.lookup``). Takes about four minutes on one CPU core.
"""

import torch
from arguments import RECORDS
from tqdm import tqdm

from jumok.device import default_device
from jumok.lookup import LookupModel, lookup_accuracy, train_lookup
from jumok.records import write_record

RECORD = RECORDS / "head_counts.json"
VOCAB_SIZE, D_MODEL = 8, 48
HEAD_COUNTS = (1, 2, 4, 8, 16, 24, 48)
SEEDS = (0, 1, 2)
QUESTIONS = {"two questions": (-1, 1), "four questions": (-2, -1, 1, 2)}


def accuracy(offsets: tuple[int, ...], num_heads: int, seed: int) -> float:
    """The share of all questions that one trained model answers right."""
    torch.manual_seed(seed)
    model = LookupModel(VOCAB_SIZE, offsets, num_heads=num_heads, d_model=D_MODEL)
    model = train_lookup(model.to(default_device()), seed=seed)
    per_question = lookup_accuracy(model)
    return sum(per_question) / len(per_question)


def main() -> None:
    runs = [(name, heads, seed) for name in QUESTIONS for heads in HEAD_COUNTS for seed in SEEDS]
    accuracies: dict[str, list[list[float]]] = {name: [] for name in QUESTIONS}
    for name, heads, seed in tqdm(runs, unit="model"):
        if seed == SEEDS[0]:
            accuracies[name].append([])
        accuracies[name][-1].append(round(accuracy(QUESTIONS[name], heads, seed), 4))
    results = {
        "d_model": D_MODEL,
        "vocab_size": VOCAB_SIZE,
        "head_counts": HEAD_COUNTS,
        "offsets": QUESTIONS,
        "accuracies": accuracies,  # for each head count, one number a seed
    }
    write_record(RECORD, results, seeds=SEEDS)
    print(f"wrote {RECORD.name}")


if __name__ == "__main__":
    main()
