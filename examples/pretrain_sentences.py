"""Pretrain small BERTs and score them; writes ``docs/records/masked_language_models.json``.

    python examples/pretrain_sentences.py

Each model (two layers of width 128) learns from pairs of sentences in Korean and in English, which
``jumok.data.sentences`` writes, to fill in masked tokens and to say whether the second sentence
follows the first. It is then asked about pairs that training never shows: new combinations of
words, and patterns that are new altogether. And it fills gaps in sentences that training had, one
after the other or all at once: how many of the results are new, and how many are well-formed? Takes
about three minutes a seed on one CPU core. With ``--folder``, an interrupted training goes on where
it stopped.
"""

import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, replace
from math import exp, log
from pathlib import Path
from typing import Any, get_args

import torch
from arguments import RECORDS, parser_of

from jumok.bert import BertConfig, BertForPretraining
from jumok.data.sentences import Language, Split, passages, patterns, recognize
from jumok.data.subwords import SubwordTokenizer, sentence_tokenizer
from jumok.device import default_device
from jumok.masked_language_model import (
    BertExample,
    MaskedLanguageObjective,
    MaskingRule,
    bert_example,
    draw_masked,
    evaluate_masked,
    fill_mask,
    mask_tokens,
    next_sentence_pairs,
    pseudo_perplexity,
)
from jumok.records import write_record
from jumok.sampling import Novelty, novelty
from jumok.training import TrainingConfig, train
from jumok.transformer import count_parameters

RECORD = RECORDS / "masked_language_models.json"
PASSAGES, HELD_OUT_PASSAGES = 20_000, 1_000
FILLED, GAPS = 1_000, 0.3
"""So many sentences are filled in, and this share of their tokens are gaps."""
HELD_OUT: tuple[Split, ...] = ("new combinations", "new patterns")
QUESTIONS = (
    "가을에는 [MASK]이 나무에서 떨어져요.",
    "딥러닝 공부는 [MASK] 어렵지만 [MASK] 재미있다.",
    "트랜스포머는 [MASK] 처리 모델이다.",
    "The [MASK] sat on the [MASK].",
)
"""All of them are sentences that training never holds (`jumok.data.sentences.FAMOUS`)."""


def examples_of(
    split: Split, language: Language, count: int, tokenizer: SubwordTokenizer
) -> list[BertExample]:
    """Pairs of sentences of one language, half of which belong together."""
    documents = [
        [sentence.text(language) for sentence in passage]
        for passage in passages(split, count, seed=1)
    ]
    return [
        bert_example(tokenizer, first, second, is_next=is_next)
        for first, second, is_next in next_sentence_pairs(documents)
    ]


def guess_from_frequencies(
    learned_from: Sequence[BertExample], asked: Sequence[BertExample], rule: MaskingRule
) -> dict[str, float]:
    """What can be reached without reading: always say the most frequent token, or its share."""
    special = set(rule.special_ids)
    seen, new = (
        Counter(
            token_id
            for example in examples
            for token_id in example.token_ids
            if token_id not in special
        )
        for examples in (learned_from, asked)
    )
    total = seen.total() + rule.vocab_size  # one more of each: none is impossible
    loss = -sum(count * log((seen[token_id] + 1) / total) for token_id, count in new.items())
    (most_frequent, _), *_ = seen.most_common(1)
    return {
        "perplexity": exp(loss / new.total()),
        "accuracy": new[most_frequent] / new.total(),
    }


def one_model(
    seed: int, steps: int, folder: Path | None, learned_from: Sequence[BertExample]
) -> tuple[BertForPretraining, list[float]]:
    """A trained model, and the mean loss of every 50 steps."""
    tokenizer = sentence_tokenizer()
    torch.manual_seed(seed)
    config = BertConfig(
        len(tokenizer), d_model=128, num_heads=4, num_layers=2, d_ff=512, max_length=64
    )
    model = BertForPretraining(config).to(default_device())
    training = TrainingConfig.adamw(steps, 2e-3, batch_size=64, pool=8, seed=seed)
    objective = MaskedLanguageObjective(MaskingRule.of(tokenizer))
    checkpoint = None if folder is None else folder / f"sentences-{seed}.pt"
    history = train(model, learned_from, training, objective=objective, checkpoint=checkpoint)
    parts = [history.losses[start : start + 50] for start in range(0, steps, 50)]
    return model, [round(sum(part) / len(part), 4) for part in parts]


def filled_sentences(
    model: BertForPretraining, texts: Sequence[str], *, together: bool, seed: int
) -> list[str]:
    """The texts with gaps that the model filled in; those that got no gap by chance are left out.

    The gaps are those of ``seed``, whichever way they are filled in.
    """
    tokenizer = sentence_tokenizer()
    rule = replace(MaskingRule.of(tokenizer, probability=GAPS), masked=1.0, replaced=0.0)
    draw = torch.Generator().manual_seed(seed)
    written = []
    for text in texts:
        token_ids = torch.tensor([bert_example(tokenizer, text).token_ids])
        seen, _ = mask_tokens(token_ids, rule, generator=draw)
        gaps = int((seen == rule.mask_id).sum())
        if gaps:
            fresh = torch.Generator().manual_seed(seed + len(written))
            row = draw_masked(model, seen, rule, together=together, generator=fresh)[0].tolist()
            ordinary = [token_id for token_id in row if token_id not in rule.special_ids]
            written.append(tokenizer.decode(ordinary))
    return written


def measure_novelty(
    model: BertForPretraining, language: Language, known: Sequence[str], *, seed: int
) -> dict[str, Novelty]:
    """What becomes of sentences that training had when the model fills gaps in them."""
    return {
        way: novelty(
            filled_sentences(model, known[:FILLED], together=together, seed=seed),
            known,
            lambda text: recognize(text, language) is not None,
        )
        for way, together in (("one after the other", False), ("all at once", True))
    }


def main(arguments: Sequence[str] | None = None) -> int:
    parser = parser_of(__doc__)
    parser.add_argument("--steps", type=int, default=1000, help="of each training")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--passages", type=int, default=PASSAGES, help="pairs of each language")
    parser.add_argument("--folder", type=Path, help="keep checkpoints there")
    parser.add_argument("--record", type=Path, default=RECORD, help="where the numbers go")
    options = parser.parse_args(arguments)

    tokenizer = sentence_tokenizer()
    rule = MaskingRule.of(tokenizer)
    languages: tuple[Language, ...] = get_args(Language)
    by_language = {
        language: examples_of("train", language, options.passages, tokenizer)
        for language in languages
    }
    learned_from = [example for examples in by_language.values() for example in examples]
    held_out = {
        (split, language): examples_of(split, language, HELD_OUT_PASSAGES, tokenizer)
        for split in HELD_OUT
        for language in languages
    }
    texts = {
        (split, language): [run[0].text(language) for run in passages(split, 100, seed=1)]
        for split in HELD_OUT
        for language in languages
    }
    known = {
        language: [
            sentence.text(language)
            for passage in passages("train", options.passages, seed=1)
            for sentence in passage
        ]
        for language in languages
    }
    scores: list[dict[str, Any]] = []
    filled: list[dict[str, Any]] = []
    guesses: list[dict[str, Any]] = []
    losses: list[list[float]] = []
    parameters = 0
    for seed in options.seeds:
        print(f"seed {seed}: {len(learned_from):,} pairs", file=sys.stderr)
        model, curve = one_model(seed, options.steps, options.folder, learned_from)
        parameters = count_parameters(model)
        losses.append(curve)
        for (split, language), examples in held_out.items():
            found = asdict(evaluate_masked(model, examples, rule))
            found["pseudo_perplexity"] = pseudo_perplexity(model, tokenizer, texts[split, language])
            found = {name: round(value, 4) for name, value in found.items()}
            scores.append({"seed": seed, "split": split, "language": language, **found})
            print(scores[-1], file=sys.stderr)
        for language in languages:
            ways = measure_novelty(model, language, known[language], seed=seed)
            for way, shares in ways.items():
                found = {name: round(value, 4) for name, value in asdict(shares).items()}
                filled.append({"seed": seed, "language": language, "way": way, **found})
                print(filled[-1], file=sys.stderr)
        for question in QUESTIONS:
            answers = [
                [[guess.token, round(guess.probability, 4)] for guess in each]
                for each in fill_mask(model, tokenizer, question)
            ]
            guesses.append({"seed": seed, "question": question, "guesses": answers})
            print(question, answers, file=sys.stderr)
    baseline = [
        {"split": split, "language": language}
        | guess_from_frequencies(by_language[language], examples, rule)
        for (split, language), examples in held_out.items()
    ]
    results = {
        "parameters": parameters,
        "vocab_size": len(tokenizer),
        "grammar_sentences": sum(map(len, patterns())),
        "steps": options.steps,
        "batch_size": 64,
        "pairs": {language: len(examples) for language, examples in by_language.items()},
        "held_out_pairs": HELD_OUT_PASSAGES,
        "losses": losses,  # for each seed, the mean of every 50 steps
        "scores": scores,
        "without_reading": baseline,
        "gaps": GAPS,
        "filled": filled,
        "guesses": guesses,
    }
    write_record(options.record, results, seeds=options.seeds)
    print(f"wrote {options.record.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
