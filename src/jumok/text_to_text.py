"""Text to text: every task is a pair of texts, and so is pretraining, which fills in missing spans.

Source: Raffel et al., *Exploring the Limits of Transfer Learning with a Unified Text-to-Text
Transformer* (2020): T5. The model here is the Transformer of 2017; only what it reads and writes
is T5's.
"""

import math
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from typing import Any, Literal, get_args

import torch
from jaxtyping import Bool
from torch import Tensor

from jumok.checks import check_choice
from jumok.data.sentences import Sentence
from jumok.data.subwords import SubwordTokenizer, sentence_tokenizer
from jumok.data.tokenizer import PAD_ID
from jumok.decoding import evaluating
from jumok.training import IdPair, NextToken, length_batches
from jumok.translation import Translator

__all__ = [
    "SENTINELS",
    "sample_spans",
    "corrupt_spans",
    "restore_spans",
    "span_pairs",
    "Task",
    "PREFIXES",
    "TaskPair",
    "task_pairs",
    "text_to_text_tokenizer",
    "text_to_text_model",
    "target_perplexity",
]

SENTINELS = tuple(f"<extra_id_{number}>" for number in range(100))
"""Stand for the missing spans of a text, the first for the first; T5 has 100 as well."""


# --- Pretraining: spans are missing ----------------------------------------------------------


def sample_spans(
    length: int, draw: random.Random, *, density: float = 0.15, mean_length: float = 3.0
) -> Bool[Tensor, " length"]:
    """Which tokens of a text go missing: ``True`` in spans, about 15 % of all.

    As many tokens as ``density`` says, but at least one and never all, are divided among as many
    spans as ``mean_length`` says, in random lengths and at random places. Between two spans at
    least one token stays.

    Source: Raffel et al. (2020), §3.1.4 and §3.3.4.

    Raises:
        ValueError: the text has fewer than two tokens, ``density`` is not between 0 and 1, or
            ``mean_length`` is below 1.

    >>> sample_spans(20, random.Random(0)).nonzero().flatten().tolist()
    [12, 13, 14]
    """
    if length < 2 or not 0 < density < 1 or mean_length < 1:
        raise ValueError(
            "expected a length of at least 2, a density between 0 and 1 and a mean_length of at "
            f"least 1, got {length}, {density} and {mean_length}"
        )
    missing = min(max(round(length * density), 1), length - 1)
    kept = length - missing
    spans = min(max(round(missing / mean_length), 1), missing, kept + 1)
    # One more stretch of kept tokens than spans; the outer two may be empty.
    kept_lengths = random_parts(kept + 2, spans + 1, draw)
    kept_lengths[0] -= 1
    kept_lengths[-1] -= 1
    is_missing: list[bool] = []
    for kept_length, span_length in zip(
        kept_lengths, [*random_parts(missing, spans, draw), 0], strict=True
    ):
        is_missing += [False] * kept_length + [True] * span_length
    return torch.tensor(is_missing)


def random_parts(total: int, parts: int, draw: random.Random) -> list[int]:
    """``total`` as a sum of so many positive numbers, every such sum as likely as any other.

    >>> random_parts(10, 3, random.Random(1))
    [2, 1, 7]
    """
    cuts = [0, *sorted(draw.sample(range(1, total), parts - 1)), total]
    return [end - start for start, end in pairwise(cuts)]


def corrupt_spans(
    token_ids: Sequence[int], is_missing: Bool[Tensor, " length"], sentinel_ids: Sequence[int]
) -> IdPair:
    """What the model reads and writes when spans are missing.

    In the source one sentinel stands for each missing span. The target has each span after its
    sentinel, and one sentinel more to close the last. The end token is added by
    `jumok.training.collate`.

    Source: Raffel et al. (2020), figure 2.

    Raises:
        ValueError: the lengths differ, or there are too few sentinels.

    >>> is_missing = torch.tensor([False, True, True, False, True])
    >>> corrupt_spans([11, 12, 13, 14, 15], is_missing, [90, 91, 92])
    ([11, 90, 14, 91], [90, 12, 13, 91, 15, 92])
    """
    if len(token_ids) != len(is_missing):
        raise ValueError(
            f"expected a mask of {len(token_ids)}, one for each token, got {len(is_missing)}"
        )
    left = iter(sentinel_ids)
    source: list[int] = []
    target: list[int] = []
    in_span = False
    try:
        for token_id, missing in zip(token_ids, is_missing.tolist(), strict=True):
            if missing and not in_span:
                sentinel = next(left)
                source.append(sentinel)
                target.append(sentinel)
            (target if missing else source).append(token_id)
            in_span = missing
        target.append(next(left))
    except StopIteration:
        raise ValueError(
            f"expected a sentinel for each span and one to close the last, got {len(sentinel_ids)}"
        ) from None
    return source, target


def restore_spans(
    source_ids: Sequence[int], target_ids: Sequence[int], sentinel_ids: Sequence[int]
) -> list[int]:
    """The text again: each sentinel of the source gives way to its span of the target.

    What a model writes may lack a span or have one too many. A span that is not there counts as
    empty, one that nobody asked for is left out. For right targets it is the inverse of
    `corrupt_spans`.

    >>> restore_spans([11, 90, 14, 91], [90, 12, 13, 91, 15, 92], [90, 91, 92])
    [11, 12, 13, 14, 15]
    """
    sentinels = set(sentinel_ids)
    spans: dict[int, list[int]] = {}
    span: list[int] = []  # what stands before the first sentinel belongs nowhere
    for token_id in target_ids:
        if token_id in sentinels:
            span = spans.setdefault(token_id, [])
        else:
            span.append(token_id)
    restored: list[int] = []
    for token_id in source_ids:
        restored += spans.get(token_id, []) if token_id in sentinels else [token_id]
    return restored


def span_pairs(
    texts: Iterable[str], tokenizer: SubwordTokenizer, *, seed: int = 0, **spans: float
) -> list[IdPair]:
    """A pair to learn from for each text, with spans drawn by ``seed``.

    ``spans`` are the ``density`` and the ``mean_length`` of `sample_spans`. Each text gets one
    corruption: with a generator of texts there is always a new one, so none comes twice.

    >>> tokenizer = text_to_text_tokenizer()
    >>> source, target = span_pairs(["The cat sat on the mat."], tokenizer, seed=2)[0]
    >>> tokenizer.decode(source), tokenizer.decode(target)
    ('The <extra_id_0> sat on the mat.', '<extra_id_0> cat <extra_id_1>')
    """
    draw = random.Random(f"spans {seed}")
    sentinel_ids = [tokenizer.vocabulary.index(sentinel) for sentinel in SENTINELS]
    pairs = []
    for text in texts:
        token_ids = tokenizer.encode(text)
        is_missing = sample_spans(len(token_ids), draw, **spans)
        pairs.append(corrupt_spans(token_ids, is_missing, sentinel_ids))
    return pairs


# --- Tasks: a prefix says which --------------------------------------------------------------

Task = Literal["korean to english", "english to korean", "classify"]

PREFIXES: dict[Task, str] = {
    "korean to english": "translate Korean to English:",
    "english to korean": "translate English to Korean:",
    "classify": "classify:",
}
"""What the source of each task begins with. Nothing else tells a model what it is to do."""


@dataclass(frozen=True)
class TaskPair:
    """A question and its answer, both text."""

    task: Task
    source: str
    target: str


def task_pairs(sentences: Iterable[Sentence], task: Task) -> list[TaskPair]:
    """The sentences as examples of a task. To classify is to write the topic, in English.

    Every other sentence to classify is in Korean, the first one too.

    >>> from jumok.data.sentences import sentences
    >>> for pair in task_pairs(sentences("train", 2, seed=3), "classify"):
    ...     print(pair.source[:35], "→", pair.target)
    classify: 인천 고래 한소라, 2주 만에 복귀… 대구 곰 → sports
    classify: Lee Hana at top of charts → culture
    """
    check_choice("task", task, get_args(Task))
    pairs = []
    for number, sentence in enumerate(sentences):
        if task == "classify":
            text = sentence.korean if number % 2 == 0 else sentence.english
            answer = sentence.topic
        elif task == "korean to english":
            text, answer = sentence.korean, sentence.english
        else:
            text, answer = sentence.english, sentence.korean
        pairs.append(TaskPair(task, f"{PREFIXES[task]} {text}", answer))
    return pairs


# --- The model -------------------------------------------------------------------------------


def text_to_text_tokenizer(vocab_size: int = 4096) -> SubwordTokenizer:
    """One tokenizer for source and target, both languages, the prefixes and the sentinels.

    >>> tokenizer = text_to_text_tokenizer()
    >>> tokenizer.tokens("classify: 고양이가 <extra_id_0>")
    ['▁classify', ':', '▁고양이', '가', '<extra_id_0>']
    """
    also = (*PREFIXES.values(), *PREFIXES.values())  # merged from the second occurrence on
    return sentence_tokenizer(vocab_size, special_tokens=SENTINELS, also=also)


def text_to_text_model(*, seed: int = 0, **fields: Any) -> Translator:
    """An untrained model for all tasks, with two layers on either side; ``fields`` change it.

    It is a translator from the vocabulary into itself, with one embedding matrix for reading and
    writing. The decoder begins with ``<pad>``, as T5's does: padding is never written, so the token
    is free to mean *begin*.

    >>> model = text_to_text_model()
    >>> model.start_id, model.model.config.d_model, len(model.source_tokenizer)
    (0, 128, 3731)
    """
    tokenizer = text_to_text_tokenizer()
    shape: dict[str, Any] = {
        "d_model": 128,
        "num_heads": 4,
        "num_encoder_layers": 2,
        "num_decoder_layers": 2,
        "d_ff": 512,
        "dropout": 0.0,
        "norm": "pre",
        "max_length": 64,
        "tie_embeddings": True,
    }
    return Translator.create(
        tokenizer, tokenizer, start_id=PAD_ID, seed=seed, **{**shape, **fields}
    )


def target_perplexity(
    translator: Translator, pairs: Sequence[IdPair], *, batch_size: int = 100
) -> float:
    """How many tokens the model hesitates between, on average over the target tokens.

    The exponential of the mean cross-entropy under teacher forcing, the end token included. A
    model that knows nothing has the size of the vocabulary, one that knows all has 1.

    Raises:
        ValueError: there are no pairs.
    """
    if not pairs:
        raise ValueError("expected at least one pair of ids, got none")
    model = translator.model
    device = next(model.parameters()).device
    objective = NextToken(start_id=translator.start_id)
    batches = islice(length_batches(pairs, batch_size), math.ceil(len(pairs) / batch_size))
    loss_sum, tokens = 0.0, 0
    with evaluating(model):
        for examples in batches:
            batch = objective.collate(examples).to(device)
            count = objective.count(batch)
            loss_sum += objective.loss(model, batch).item() * count
            tokens += count
    return math.exp(loss_sum / tokens)
