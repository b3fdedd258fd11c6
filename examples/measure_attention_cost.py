"""What does attention cost at which length? Writes ``docs/records/attention_cost.json``.

    python examples/measure_attention_cost.py

Measured are the time and the most memory that is held at once, for reading a whole text (the
readable function, the fused kernel, BigBird's blocks) and for writing one more token after it (with
a cache of keys and values, and without). Time is the processor's, so that other programs beside
this one count little; on a GPU it is the clock's. The readable function stops where its weights
would take more than ``--most-gigabytes``. Takes about two minutes on one CPU core.
"""

import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import torch
from arguments import RECORDS, parser_of
from torch import Tensor
from torch.autograd.profiler import profile
from tqdm import tqdm

from jumok.attention import (
    KeyValueCache,
    MultiHeadAttention,
    fused_attention,
    scaled_dot_product_attention,
)
from jumok.device import default_device
from jumok.records import write_record
from jumok.sparse_attention import big_bird_blocks, block_sparse_attention

RECORD = RECORDS / "attention_cost.json"
LENGTHS = (256, 512, 1024, 2048, 4096, 8192)
HEADS, D_HEAD, BLOCK_SIZE = 8, 32, 64


def seconds(call: Callable[[], Tensor], repetitions: int = 3) -> float:
    """The shortest of several times."""
    on_gpu = default_device().type == "cuda"
    clock = time.perf_counter if on_gpu else time.process_time
    best = float("inf")
    for _ in range(repetitions):
        started = clock()
        call()
        if on_gpu:
            torch.cuda.synchronize()
        best = min(best, clock() - started)
    return best


def megabytes(call: Callable[[], Tensor]) -> float:
    """The most memory that ``call`` holds at once, beyond what was held before, in 10⁶ bytes."""
    if default_device().type == "cuda":
        torch.cuda.reset_peak_memory_stats()
        before = torch.cuda.memory_allocated()
        call()
        return (torch.cuda.max_memory_allocated() - before) / 1e6
    with profile(profile_memory=True) as profiler:
        call()
    events = [each for each in profiler.kineto_results.events() if each.name() == "[memory]"]
    held = most = 0
    for event in sorted(events, key=lambda event: event.start_ns()):
        held += event.nbytes()  # below 0 where memory is given back
        most = max(most, held)
    return most / 1e6


def calls(length: int) -> dict[str, Callable[[], Tensor]]:
    """What is measured at this length."""
    x = torch.randn(1, HEADS, length, D_HEAD)
    blocks = big_bird_blocks(max(1, length // BLOCK_SIZE)).to(x.device)
    attention = MultiHeadAttention(HEADS * D_HEAD, HEADS).to(x.device)
    text = torch.randn(1, length, HEADS * D_HEAD)
    earlier = KeyValueCache()
    attention(query=text[:, :-1], cache=earlier)

    def with_cache() -> Tensor:
        cache = KeyValueCache()
        cache.key, cache.value = earlier.key, earlier.value
        output: Tensor = attention(query=text[:, -1:], cache=cache)
        return output

    def without_cache() -> Tensor:
        output: Tensor = attention(query=text, is_causal=True)
        return output[:, -1:]

    return {
        "readable": lambda: scaled_dot_product_attention(x, x, x)[0],
        "fused": lambda: fused_attention(x, x, x),
        "sparse": lambda: block_sparse_attention(x, x, x, blocks),
        "without a cache": without_cache,
        "with a cache": with_cache,
    }


@torch.no_grad()
def main(arguments: Sequence[str] | None = None) -> int:
    parser = parser_of(__doc__)
    parser.add_argument("--lengths", nargs="+", type=int, default=LENGTHS, help="in tokens")
    parser.add_argument("--most-gigabytes", type=float, default=2.0, help="of weights")
    parser.add_argument("--record", type=Path, default=RECORD, help="the file to write")
    options = parser.parse_args(arguments)
    torch.set_default_device(default_device())
    times: dict[str, list[float]] = {}
    memories: dict[str, list[float]] = {}
    for length in tqdm(options.lengths, unit="length"):
        torch.manual_seed(0)
        for name, call in calls(length).items():
            weights = 2 * HEADS * length**2 * 4 / 1e9  # and the scores they are made of
            if name == "readable" and weights > options.most_gigabytes:
                continue
            call()  # the first call also loads what the others find loaded
            times.setdefault(name, []).append(round(seconds(call), 6))
            memories.setdefault(name, []).append(round(megabytes(call), 3))
    results = {
        "heads": HEADS,
        "d_head": D_HEAD,
        "block_size": BLOCK_SIZE,
        "lengths": list(options.lengths),
        "seconds": times,  # by length; a list that is shorter stopped before the longest
        "megabytes": memories,
    }
    write_record(options.record, results, seeds=(0,))
    print(f"wrote {options.record.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
