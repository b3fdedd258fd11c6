"""Does sparse attention find what stands far away? Writes ``docs/records/sparse_attention.json``.

    python examples/compare_sparse_attention.py

One token of a long sequence is marked, and every position has to say which it is. Encoders with two
layers learn it with all keys and with four patterns of blocks: BigBird's, and what is left of it
without the global block, without the random ones and without both. Measured are the accuracy on new
sequences by distance from the marked token, and the processor's seconds for the training. Takes
about four minutes on one CPU core.
"""

import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from arguments import RECORDS, parser_of
from torch import Tensor, nn
from tqdm import tqdm

from jumok.device import default_device
from jumok.records import write_record
from jumok.sparse_attention import BlockSparseSelfAttention, big_bird_blocks
from jumok.training import Objective, TrainingConfig, train
from jumok.transformer import Encoder, InputEmbedding, TransformerConfig

RECORD = RECORDS / "sparse_attention.json"
SEEDS = (0, 1, 2)
VALUES, LENGTH, BLOCK_SIZE, TESTED = 8, 128, 8, 256
NUM_BLOCKS = LENGTH // BLOCK_SIZE
PATTERNS: dict[str, Tensor | None] = {
    "all": None,
    "BigBird": big_bird_blocks(NUM_BLOCKS),
    "no random": big_bird_blocks(NUM_BLOCKS, num_random=0),
    "no global": big_bird_blocks(NUM_BLOCKS, num_global=0),
    "window": big_bird_blocks(NUM_BLOCKS, num_global=0, num_random=0),
}


class Marked(NamedTuple):
    """Sequences of ids; ids from ``VALUES`` on are marked, one in each row."""

    ids: Tensor  # (batch, length)

    def to(self, device: torch.device | str) -> "Marked":
        return Marked(self.ids.to(device))

    @property
    def answer(self) -> Tensor:
        """The marked value, ``(batch,)``."""
        return self.ids.max(dim=-1).values - VALUES


def sequences(count: int, seed: int) -> Tensor:
    """Random values, one of them marked, ``(count, length)``."""
    draw = torch.Generator().manual_seed(seed)
    ids = torch.randint(VALUES, (count, LENGTH), generator=draw, device="cpu")
    place = torch.randint(LENGTH, (count, 1), generator=draw, device="cpu")
    return ids.scatter(1, place, ids.gather(1, place) + VALUES)


class MarkedModel(nn.Module):
    """Names the marked value at every position; without ``blocks`` it attends to all."""

    def __init__(self, blocks: Tensor | None) -> None:
        super().__init__()
        config = TransformerConfig(
            2 * VALUES,
            2 * VALUES,
            d_model=32,
            num_heads=2,
            num_encoder_layers=2,
            d_ff=64,
            dropout=0.0,
            norm="pre",
            max_length=LENGTH,
        )
        self.embedding = InputEmbedding(2 * VALUES, config)
        self.encoder = Encoder(config)
        self.head = nn.Linear(32, VALUES)
        if blocks is not None:
            for layer in self.encoder.layers:
                layer.self_attention = BlockSparseSelfAttention(layer.self_attention, blocks)

    def forward(self, ids: Tensor) -> Tensor:
        logits: Tensor = self.head(self.encoder(self.embedding(ids)))
        return logits


class NameMarked(Objective):
    """Cross-entropy at every position."""

    def lengths(self, example: Any) -> tuple[int, ...]:
        return (len(example),)

    def collate(self, examples: Sequence[Any]) -> Marked:
        return Marked(torch.tensor(list(examples)))

    def count(self, batch: Marked) -> int:
        return batch.ids.numel()

    def loss(self, model: nn.Module, batch: Marked) -> Tensor:
        answer = batch.answer[:, None].expand(-1, LENGTH)
        return F.cross_entropy(model(batch.ids).flatten(0, 1), answer.flatten())


@torch.no_grad()
def accuracy_by_distance(model: nn.Module) -> list[float]:
    """The share of right answers, by how many blocks lie between answer and marked token."""
    batch = Marked(sequences(TESTED, seed=999)).to(default_device())
    right = torch.cat([model(ids) for ids in batch.ids.split(64)]).argmax(-1)
    right = right == batch.answer[:, None]
    block = torch.arange(LENGTH, device=right.device) // BLOCK_SIZE
    distance = (block - block[batch.ids.argmax(-1)][:, None]).abs()
    return [round(right[distance == far].float().mean().item(), 4) for far in range(NUM_BLOCKS)]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = parser_of(__doc__)
    parser.add_argument("--steps", type=int, default=400, help="training steps (default: 400)")
    parser.add_argument("--folder", type=Path, help="where models are saved as they train")
    parser.add_argument("--record", type=Path, default=RECORD, help="the file to write")
    options = parser.parse_args(arguments)
    accuracies: dict[str, list[list[float]]] = {name: [] for name in PATTERNS}
    seconds: dict[str, list[float]] = {name: [] for name in PATTERNS}
    for name, seed in tqdm([(name, seed) for name in PATTERNS for seed in SEEDS], unit="model"):
        torch.manual_seed(seed)
        model = MarkedModel(PATTERNS[name]).to(default_device())
        config = TrainingConfig(
            steps=options.steps,
            batch_size=16,
            warmup_steps=50,
            learning_rate=0.005,
            schedule="linear",
            smoothing=0.0,
            seed=seed,
        )
        checkpoint = options.folder and options.folder / f"{name}-{seed}.pt"
        examples = sequences(16 * options.steps, seed).tolist()
        started = time.process_time()
        train(
            model,
            examples,
            config,
            objective=NameMarked(),
            checkpoint=checkpoint,
            progress=False,
        )
        seconds[name].append(round(time.process_time() - started, 1))
        accuracies[name].append(accuracy_by_distance(model))
    results = {
        "steps": options.steps,
        "length": LENGTH,
        "block_size": BLOCK_SIZE,
        "values": VALUES,
        "tested": TESTED,
        "allowed": {
            name: 1.0 if blocks is None else round(blocks.float().mean().item(), 4)
            for name, blocks in PATTERNS.items()
        },
        "seconds": seconds,  # of the processor, for each seed
        "accuracies": accuracies,  # for each seed, by distance in blocks
    }
    write_record(options.record, results, seeds=SEEDS)
    print(f"wrote {options.record.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
