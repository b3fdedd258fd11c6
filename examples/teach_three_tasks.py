"""Pretrain small T5s and teach them three tasks; writes ``docs/records/three_tasks.json``.

    python examples/teach_three_tasks.py

Each model (one layer of width 128 on either side) first reads sentences with missing spans, in
Korean and in English, which ``jumok.data.sentences`` writes. Then one set of weights learns to
translate in both directions and to name the topic. A model with fresh weights learns the tasks
alone, beside it. Both are asked about sentences that training never shows: new combinations of
words, and patterns that are new altogether. Takes about four minutes a seed on one CPU core. With
``--folder``, an interrupted training goes on where it stopped.
"""

import sys
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import asdict
from itertools import takewhile
from pathlib import Path
from typing import Any, get_args

from arguments import RECORDS, parser_of
from sacrebleu.metrics import BLEU

from jumok.data.sentences import Language, Sentence, Split, patterns, recognize, sentences
from jumok.data.tokenizer import END_ID
from jumok.decoding import beam_search
from jumok.records import write_record
from jumok.sampling import novelty
from jumok.text_to_text import (
    SENTINELS,
    Task,
    restore_spans,
    span_pairs,
    target_perplexity,
    task_pairs,
    text_to_text_model,
)
from jumok.training import TrainingConfig, collate, train
from jumok.transformer import count_parameters
from jumok.translation import Translator

RECORD = RECORDS / "three_tasks.json"
HELD_OUT: tuple[Split, ...] = ("new combinations", "new patterns")
TASKS: tuple[Task, ...] = get_args(Task)
WAYS = ("pretrained", "fresh weights")
BATCH_SIZE = 32
SHAPE = {"num_encoder_layers": 1, "num_decoder_layers": 1}


def settings(model: Translator, steps: int, seed: int) -> TrainingConfig:
    """BERT's recipe, whose learning rate falls to 0."""
    return TrainingConfig.adamw(
        steps, 3e-3, batch_size=BATCH_SIZE, pool=8, seed=seed, start_id=model.start_id
    )


def filled_texts(model: Translator, texts: Sequence[str], *, seed: int) -> list[str]:
    """The texts, with what the model most probably writes for spans that were taken out."""
    tokenizer = model.source_tokenizer
    sentinel_ids = [tokenizer.vocabulary.index(sentinel) for sentinel in SENTINELS]
    sources = [source for source, _ in span_pairs(texts, tokenizer, seed=seed)]
    written = beam_search(
        model.model,
        collate([(source, []) for source in sources]).source,
        beam_size=1,
        start_id=model.start_id,
        end_id=END_ID,
        max_length=model.model.config.max_length,
    )
    spans = [list(takewhile(END_ID.__ne__, row)) for row in written.tolist()]
    return [
        tokenizer.decode(restore_spans(source, span, sentinel_ids))
        for source, span in zip(sources, spans, strict=True)
    ]


def score_pretraining(
    model: Translator, known: Sequence[Sentence], count: int, seed: int
) -> list[dict[str, Any]]:
    """The perplexity of missing spans, and what becomes of known sentences with new gaps."""
    tokenizer = model.source_tokenizer
    found = []
    for language in get_args(Language):
        texts = [each.text(language) for each in known]
        written = filled_texts(model, texts[:count], seed=seed + 1)
        shares = novelty(written, texts, lambda text, known=language: bool(recognize(text, known)))
        perplexities = {
            split: target_perplexity(
                model,
                span_pairs(
                    [each.text(language) for each in sentences(split, count, seed=2)],
                    tokenizer,
                    seed=2,
                ),
            )
            for split in HELD_OUT
        }
        found.append(
            {
                "seed": seed,
                "language": language,
                "perplexity": {split: round(value, 4) for split, value in perplexities.items()},
                "filled": {name: round(value, 4) for name, value in asdict(shares).items()},
            }
        )
    return found


def score_tasks(model: Translator, count: int) -> list[dict[str, Any]]:
    """Each task on held-out sentences: exact match, perplexity of the answers, BLEU."""
    found = []
    for split in HELD_OUT:
        asked_about = sentences(split, count, seed=2)
        for task in TASKS:
            pairs = task_pairs(asked_about, task)
            written = model.translate([pair.source for pair in pairs])
            targets = [pair.target for pair in pairs]
            right = sum(text == target for text, target in zip(written, targets, strict=True))
            scores = {
                "exact_match": right / count,
                "perplexity": target_perplexity(model, model.id_pairs(pairs)),
            }
            if task != "classify":
                scores["bleu"] = BLEU().corpus_score(written, [targets]).score
            rounded = {name: round(value, 4) for name, value in scores.items()}
            found.append({"split": split, "task": task, **rounded})
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    parser = parser_of(__doc__)
    parser.add_argument("--pretraining-steps", type=int, default=1200)
    parser.add_argument("--steps", type=int, default=1200, help="of the three tasks together")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--sentences", type=int, default=40_000, help="to read with gaps")
    parser.add_argument("--lessons", type=int, default=5_000, help="of them, with the tasks")
    parser.add_argument("--held-out", type=int, default=300, help="sentences asked about")
    parser.add_argument("--folder", type=Path, help="keep checkpoints there")
    parser.add_argument("--record", type=Path, default=RECORD, help="where the numbers go")
    options = parser.parse_args(arguments)

    known = sentences("train", options.sentences, seed=1)
    texts = [each.korean if number % 2 == 0 else each.english for number, each in enumerate(known)]
    lessons = [pair for task in TASKS for pair in task_pairs(known[: options.lessons], task)]
    pretraining: list[dict[str, Any]] = []
    scores: list[dict[str, Any]] = []
    parameters = 0
    for seed in options.seeds:
        fresh = text_to_text_model(seed=seed, **SHAPE)
        parameters = count_parameters(fresh.model)
        print(f"seed {seed}: {len(texts):,} texts, {len(lessons):,} lessons", file=sys.stderr)

        def checkpoint(name: str, seed: int = seed) -> Path | None:
            return options.folder and options.folder / f"{name}-{seed}.pt"

        pretrained = deepcopy(fresh)
        train(
            pretrained.model,
            span_pairs(texts, pretrained.source_tokenizer, seed=seed),
            settings(pretrained, options.pretraining_steps, seed),
            checkpoint=checkpoint("gaps"),
        )
        pretraining += score_pretraining(pretrained, known, options.held_out, seed)
        print(pretraining[-2:], file=sys.stderr)
        for way, model in zip(WAYS, (pretrained, fresh), strict=True):
            model.train(
                lessons,
                settings(model, options.steps, seed),
                checkpoint=checkpoint(f"tasks-{way.split()[0]}"),
            )
            found = [
                {"seed": seed, "way": way, **each} for each in score_tasks(model, options.held_out)
            ]
            print(*found, sep="\n", file=sys.stderr)
            scores += found
    results = {
        "parameters": parameters,
        "grammar_sentences": sum(map(len, patterns())),
        "sentences": options.sentences,
        "lessons": options.lessons,
        "held_out": options.held_out,
        "pretraining_steps": options.pretraining_steps,
        "steps": options.steps,
        "batch_size": BATCH_SIZE,
        "pretraining": pretraining,
        "scores": scores,
    }
    write_record(options.record, results, seeds=options.seeds)
    print(f"wrote {options.record.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
