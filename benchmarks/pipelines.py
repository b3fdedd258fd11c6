"""Time our pipelines beside transformers' on the same weights, and how long they take to start.

Batches of both go through the same model on the same letters; single calls are our own. The two
understanding tasks use the models that come with the package, generation a GPT-2 of four layers
with random weights, since its speed doesn't depend on what they say.
"""

import argparse
import subprocess
import sys
import warnings
from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from benchmarks.__main__ import RECORDS
from benchmarks.measure import interleaved, summary
from jumok.data.letters import letters
from jumok.device import default_device
from jumok.pipelines import Pipeline, pipeline
from jumok.records import write_record

START = """
import time, torch
start = time.perf_counter()
import jumok.pipelines
imported = time.perf_counter()
jumok.pipelines.pipeline("ner")("The parcel went to Berlin.")
print(imported - start, time.perf_counter() - imported)
"""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.pipelines", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few texts: does it run at all?")
    parser.add_argument("--seconds", type=float, default=10.0, help="measure each pair for so long")
    arguments = parser.parse_args()
    count, batch_size = (4, 2) if arguments.quick else (64, 16)
    results = []
    for task in ("text-classification", "ner", "text-generation"):
        ours, theirs, options = pipelines_of(task, arguments.quick)
        texts = texts_of(task, count)
        batches = bind(ours, texts, batch_size=batch_size, **options)
        others: dict[str, Callable[[], Any]] = {
            "transformers": bind(theirs, texts, batch_size=batch_size, **options),
            "single calls": lambda ours=ours, texts=texts, options=options: [  # type: ignore[misc]
                ours(text, **options) for text in texts
            ],
        }
        for name, other in others.items():
            budget, least = (0.1, 3) if arguments.quick else (arguments.seconds, 5)
            pairs = interleaved(batches, other, default_device(), budget=budget, least=least)
            result = {"task": task, "ours": "batches", "theirs": name, "target": 1.0}
            results.append(result | summary(pairs))
            print(f"{task:20} {name:14} {results[-1]['ratio']:.2f}", flush=True)
    starts = [start_seconds() for _ in range(1 if arguments.quick else 3)]
    imported, first = (min(times) for times in zip(*starts, strict=True))
    print(f"import {imported:.3f} s above torch, first ner call {first:.2f} s")
    if arguments.quick:
        print("no record: not everything was measured")
        return
    settings = {"texts": count, "batch_size": batch_size, "threads": torch.get_num_threads()}
    start = {"import_seconds": round(imported, 3), "first_ner_seconds": round(first, 2)}
    write_record(
        RECORDS / "pipelines.json", {**settings, **start, "comparisons": results}, seeds=[0]
    )


def bind(run: Callable[..., Any], texts: list[str], **options: Any) -> Callable[[], Any]:
    """A call with these texts."""
    return lambda: run(texts, **options)


def texts_of(task: str, count: int) -> list[str]:
    """Letters in Korean and English in turn; for generation their first words, of any number."""
    texts = []
    for number, each in enumerate(letters("train", count)):
        text = " ".join(each.sentences("ko" if number % 2 else "en"))
        texts.append(text[: 20 + 3 * number % 61] if task == "text-generation" else text)
    return texts


def pipelines_of(task: str, quick: bool) -> tuple[Pipeline, Any, dict[str, Any]]:
    """Ours and theirs around one model, and the options of each call."""
    import transformers

    warnings.filterwarnings("ignore", module="transformers")
    transformers.logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    options: dict[str, Any] = {}
    if task == "text-generation":
        model, tokenizer = decoder()
        options = {"max_new_tokens": 4 if quick else 32, "do_sample": False}
        ours = pipeline(task, model, tokenizer=tokenizer)
    else:
        ours = pipeline(task)
        model, tokenizer = ours.model, ours.tokenizer
    if task == "ner":
        options = {"aggregation_strategy": "simple"}
    theirs = transformers.pipeline(task, model=model, tokenizer=tokenizer, device=ours.device)
    return ours, theirs, options


def decoder() -> tuple[nn.Module, Any]:
    """A GPT-2 with random weights that reads bytes."""
    import transformers
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers

    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    letters_of = {letter: number for number, letter in enumerate(["<end>", *alphabet])}
    by_bytes = Tokenizer(models.BPE(vocab=letters_of, merges=[]))
    by_bytes.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    by_bytes.decoder = decoders.ByteLevel()
    tokenizer = transformers.PreTrainedTokenizerFast(
        tokenizer_object=by_bytes, eos_token="<end>", pad_token="<end>", padding_side="left"
    )
    torch.manual_seed(0)
    config = transformers.GPT2Config(
        vocab_size=len(tokenizer),
        n_positions=512,
        n_embd=256,
        n_layer=4,
        n_head=4,
        bos_token_id=0,
        eos_token_id=0,
    )
    return transformers.GPT2LMHeadModel(config).eval(), tokenizer


def start_seconds() -> tuple[float, float]:
    """Seconds of importing the pipelines after torch, and of a first ``ner`` call after that."""
    output = subprocess.run(
        [sys.executable, "-c", START], check=True, capture_output=True, text=True
    ).stdout
    imported, first = map(float, output.split()[-2:])
    return imported, first


if __name__ == "__main__":
    main()
