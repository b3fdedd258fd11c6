"""Masked language models: hide some tokens of a text and learn to say which they were.

Here is what BERT learns from: the masking rule, pairs of sentences of which the second follows the
first or doesn't, both losses, and what is asked of the model afterwards. The model itself is
`jumok.bert.BertForPretraining`.

Source: Devlin et al. (2019), §3.1 and appendix A.
"""

import math
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple, Protocol, runtime_checkable

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from jumok.bert import BertForPretraining
from jumok.data.word_piece import shorten
from jumok.training import Objective

__all__ = [
    "NOT_PREDICTED",
    "BertTokenizer",
    "BertExample",
    "bert_example",
    "next_sentence_pairs",
    "MaskingRule",
    "mask_tokens",
    "MaskedBatch",
    "MaskedLanguageObjective",
    "Guess",
    "fill_mask",
    "draw_masked",
    "MaskedScores",
    "evaluate_masked",
    "pseudo_perplexity",
]

NOT_PREDICTED = -100
"""The label of a token that nothing is learned from, by torch's and transformers' convention."""


# --- What the model reads --------------------------------------------------------------------


@runtime_checkable
class BertTokenizer(Protocol):
    """What is asked of a tokenizer here.

    `~jumok.data.word_piece.WordPiece` has it, and with BERT's special tokens
    `~jumok.data.subwords.SubwordTokenizer`.
    """

    @property
    def special_ids(self) -> tuple[int, ...]:
        """The ids of the special tokens, padding first."""

    @property
    def vocabulary(self) -> tuple[str, ...]:
        """The tokens in the order of their ids."""

    def tokens(self, text: str) -> list[str]:
        """The tokens of a text; ``[MASK]`` written in it is one."""

    def ids(self, tokens: Iterable[str]) -> list[int]:
        """The id of each token."""


class BertExample(NamedTuple):
    """One text or two as ids, ready for BERT.

    ``token_ids`` are ``[CLS] text [SEP]`` or ``[CLS] first [SEP] second [SEP]``, ``segment_ids``
    say which of the two each token belongs to, and ``is_next`` says whether the second follows the
    first; ``None`` if nobody asks.
    """

    token_ids: tuple[int, ...]
    segment_ids: tuple[int, ...]
    is_next: bool | None = None


def bert_example(
    tokenizer: BertTokenizer,
    first: str,
    second: str | None = None,
    *,
    is_next: bool | None = None,
    max_length: int | None = None,
) -> BertExample:
    """A text, or a pair of texts, between BERT's special tokens.

    Beyond ``max_length``, tokens are taken from the end of the longer text, one at a time.

    Raises:
        ValueError: the vocabulary lacks a special token, or ``max_length`` leaves no room for them.

    >>> from jumok.data.word_piece import SPECIAL_TOKENS, WordPiece
    >>> tokenizer = WordPiece([*SPECIAL_TOKENS, "hello", "you"])
    >>> bert_example(tokenizer, "hello", "hello you", is_next=True)
    BertExample(token_ids=(2, 5, 3, 5, 6, 3), segment_ids=(0, 0, 0, 1, 1, 1), is_next=True)
    """
    cls_id, sep_id = (_special_id(tokenizer, token) for token in ("[CLS]", "[SEP]"))
    first_ids = tokenizer.ids(tokenizer.tokens(first))
    second_ids = None if second is None else tokenizer.ids(tokenizer.tokens(second))
    if max_length is not None:
        room = max_length - (2 if second is None else 3)
        if room < 0:
            raise ValueError(f"max_length must leave room for [CLS] and [SEP], got {max_length}")
        shorten(first_ids, second_ids, room)
    token_ids = [cls_id, *first_ids, sep_id]
    segment_ids = [0] * len(token_ids)
    if second_ids is not None:
        token_ids += [*second_ids, sep_id]
        segment_ids += [1] * (len(second_ids) + 1)
    return BertExample(tuple(token_ids), tuple(segment_ids), is_next)


def next_sentence_pairs(
    documents: Sequence[Sequence[Any]], *, seed: int = 0
) -> list[tuple[Any, Any, bool]]:
    """Each sentence with the one that follows, or, half of the time, with one from elsewhere.

    Elsewhere is another document, drawn anew for each pair, and any sentence of it. The third
    value says whether the second sentence follows the first.

    Source: Devlin et al. (2019), §3.1, task 2.

    Raises:
        ValueError: there are fewer than two documents, or one is empty.

    >>> documents = [["a1", "a2", "a3"], ["b1", "b2"]]
    >>> for pair in next_sentence_pairs(documents, seed=1):
    ...     print(pair)
    ('a1', 'a2', True)
    ('a2', 'b2', False)
    ('b1', 'b2', True)
    """
    if len(documents) < 2 or not all(documents):
        raise ValueError(
            "expected at least two documents of at least one sentence, got lengths "
            f"{[len(document) for document in documents[:5]]}"
        )
    draw = random.Random(seed)
    pairs = []
    for index, document in enumerate(documents):
        for first, following in pairwise(document):
            if is_next := draw.random() < 0.5:
                second = following
            else:
                other = draw.randrange(len(documents) - 1)
                second = draw.choice(documents[other + (other >= index)])
            pairs.append((first, second, is_next))
    return pairs


# --- Masking ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class MaskingRule:
    """Which tokens the model has to say, and what it sees in their places.

    Each token that isn't special is chosen with ``probability``. Of those chosen, the share
    ``masked`` becomes ``[MASK]``, the share ``replaced`` another token, drawn at random from all
    that aren't special, and the rest stays as it is. BERT's numbers are the defaults.

    Raises:
        ValueError: a share is no share, or the two are more than 1 together, or ids don't fit.

    Source: Devlin et al. (2019), §3.1, task 1. There 15 % of each text are chosen, exactly; a coin
    for each token, as in transformers, gives 15 % on average.
    """

    vocab_size: int
    mask_id: int
    special_ids: tuple[int, ...]
    probability: float = 0.15
    masked: float = 0.8
    replaced: float = 0.1

    def __post_init__(self) -> None:
        for name in ("probability", "masked", "replaced"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name} must be in [0, 1], got {getattr(self, name)}")
        if self.masked + self.replaced > 1 + 1e-9:
            raise ValueError(
                f"masked and replaced must be at most 1 together, got {self.masked} "
                f"and {self.replaced}"
            )
        if self.mask_id not in self.special_ids:
            raise ValueError(f"expected mask_id {self.mask_id} among special_ids")
        if not all(0 <= each < self.vocab_size for each in self.special_ids):
            raise ValueError(
                f"special_ids must be in 0 … {self.vocab_size - 1}, got {self.special_ids}"
            )
        if len(set(self.special_ids)) == self.vocab_size:
            raise ValueError("expected tokens that aren't special, got special_ids of them all")

    @staticmethod
    def of(tokenizer: BertTokenizer, *, probability: float = 0.15) -> "MaskingRule":
        """BERT's rule for the vocabulary of a tokenizer.

        Raises:
            ValueError: the vocabulary has no ``[MASK]``.
        """
        return MaskingRule(
            len(tokenizer.vocabulary),
            _special_id(tokenizer, "[MASK]"),
            tuple(tokenizer.special_ids),
            probability=probability,
        )

    @property
    def ordinary_ids(self) -> Int[Tensor, "ordinary"]:
        """The ids of all tokens that aren't special."""
        is_ordinary = torch.ones(self.vocab_size, dtype=torch.bool)
        is_ordinary[list(self.special_ids)] = False
        return is_ordinary.nonzero().squeeze(1)


def mask_tokens(
    token_ids: Int[Tensor, "*batch length"],
    rule: MaskingRule,
    *,
    generator: torch.Generator | None = None,
) -> tuple[Int[Tensor, "*batch length"], Int[Tensor, "*batch length"]]:
    """What the model sees, and what it has to say: ids, or `NOT_PREDICTED`.

    The labels hold the tokens as they were wherever one was chosen, hidden or not. Without a
    ``generator``, torch's global random stream is drawn from: masks that are drawn anew for each
    batch seldom show a text twice in the same way.

    Below, 11 is hidden, 12 replaced by 57, and 21 kept; all three are to be said.

    >>> rule = MaskingRule(vocab_size=100, mask_id=4, special_ids=(0, 1, 2, 3, 4))
    >>> text = torch.tensor([2, *range(10, 22), 3])
    >>> seen, labels = mask_tokens(text, rule, generator=torch.Generator().manual_seed(0))
    >>> seen.tolist()
    [2, 10, 4, 57, 13, 14, 15, 16, 17, 18, 19, 20, 21, 3]
    >>> labels.tolist()
    [-100, -100, 11, 12, -100, -100, -100, -100, -100, -100, -100, -100, 21, -100]
    """
    special = torch.tensor(rule.special_ids, device=token_ids.device)
    coin, fate = (
        torch.rand(token_ids.shape, generator=generator).to(token_ids.device) for _ in range(2)
    )
    ordinary = rule.ordinary_ids
    drawn = torch.randint(len(ordinary), token_ids.shape, generator=generator)
    others = ordinary[drawn].to(token_ids)
    chosen = (coin < rule.probability) & ~torch.isin(token_ids, special)
    labels = token_ids.masked_fill(~chosen, NOT_PREDICTED)
    seen = token_ids.masked_fill(chosen & (fate < rule.masked), rule.mask_id)
    is_replaced = chosen & (fate >= rule.masked) & (fate < rule.masked + rule.replaced)
    return torch.where(is_replaced, others, seen), labels


# --- What is learned -------------------------------------------------------------------------


@dataclass(frozen=True)
class MaskedBatch:
    """What the model sees, which tokens it has to say, and whether the sentences belong together.

    ``follows`` numbers the classes as BERT's code does: 0 if the second sentence follows the first,
    1 if it doesn't, `NOT_PREDICTED` if the example doesn't say.
    """

    token_ids: Int[Tensor, "batch length"]
    segment_ids: Int[Tensor, "batch length"]
    labels: Int[Tensor, "batch length"]
    follows: Int[Tensor, "batch"]

    @property
    def predicted(self) -> Bool[Tensor, "batch length"]:
        """Where the model has to say a token."""
        return self.labels != NOT_PREDICTED

    def to(self, device: torch.device) -> "MaskedBatch":
        """The same batch on another device."""
        parts = (self.token_ids, self.segment_ids, self.labels, self.follows)
        return MaskedBatch(*(part.to(device) for part in parts))


@dataclass(frozen=True)
class MaskedLanguageObjective(Objective):
    """Say the tokens that were chosen; and, of pairs, whether the second follows the first.

    Examples are `BertExample`. Their masks are drawn when a batch is put together, anew each time,
    as Liu et al. (2019, §4.1) do; the first BERT drew ten for each text in advance. The loss is the
    sum of the two tasks' mean losses, as in BERT. Where a step reads several batches, they count by
    the number of tokens to say.
    """

    rule: MaskingRule

    def lengths(self, example: BertExample) -> tuple[int, ...]:
        """By how many tokens examples are sorted."""
        return (len(example.token_ids),)

    def collate(self, examples: Sequence[BertExample]) -> MaskedBatch:
        """Examples, padded and masked; draws from torch's global random stream.

        Raises:
            ValueError: there is no example.
        """
        if not examples:
            raise ValueError("expected at least one example, got none")
        longest = max(len(example.token_ids) for example in examples)
        pad_id = self.rule.special_ids[0]
        token_ids = torch.full((len(examples), longest), pad_id)
        segment_ids = torch.zeros_like(token_ids)
        for row, example in enumerate(examples):
            token_ids[row, : len(example.token_ids)] = torch.tensor(example.token_ids)
            segment_ids[row, : len(example.segment_ids)] = torch.tensor(example.segment_ids)
        follows = [
            NOT_PREDICTED if example.is_next is None else int(not example.is_next)
            for example in examples
        ]
        seen, labels = mask_tokens(token_ids, self.rule)
        return MaskedBatch(seen, segment_ids, labels, torch.tensor(follows))

    def count(self, batch: MaskedBatch) -> int:
        """The tokens to say; at least 1, so that a batch that has none by chance counts for 0."""
        return max(1, int(batch.predicted.sum()))

    def loss(self, model: nn.Module, batch: MaskedBatch) -> Float[Tensor, ""]:
        """Cross-entropy of the tokens, plus that of the pairs if the batch has any."""
        token_logits, next_logits = model(
            batch.token_ids, batch.segment_ids, predict=batch.predicted
        )
        labels = batch.labels[batch.predicted]
        loss = F.cross_entropy(token_logits.float(), labels, reduction="sum") / max(1, len(labels))
        has_pair = batch.follows != NOT_PREDICTED
        # Without pairs the head has nothing to learn, but the several processes of a training wait
        # for the gradient of every parameter: theirs is 0.
        pairs = F.cross_entropy(
            next_logits.float(), batch.follows, ignore_index=NOT_PREDICTED, reduction="sum"
        ) / has_pair.sum().clamp(min=1)
        return loss + pairs


# --- Asking the model ------------------------------------------------------------------------


class Guess(NamedTuple):
    """A token that may stand at a mask, and how probable the model finds it."""

    token: str
    probability: float


@torch.no_grad()
def fill_mask(
    model: BertForPretraining,
    tokenizer: BertTokenizer,
    text: str,
    second: str | None = None,
    *,
    top_k: int = 5,
) -> list[list[Guess]]:
    """What the model puts in the place of each ``[MASK]``: the ``top_k`` best guesses, best first.

    Each mask is filled as if the others stayed: the model says nothing of their combination.

    Raises:
        ValueError: there is no ``[MASK]`` in the text, or ``top_k`` isn't positive.
    """
    if top_k < 1:
        raise ValueError(f"top_k must be at least 1, got {top_k}")
    example = bert_example(tokenizer, text, second)
    mask_id = _special_id(tokenizer, "[MASK]")
    if mask_id not in example.token_ids:
        raise ValueError(f"expected a text with [MASK], got {text!r}")
    device = model.next_sentence.weight.device
    token_ids = torch.tensor([example.token_ids], device=device)
    segment_ids = torch.tensor([example.segment_ids], device=device)
    logits, _ = model(token_ids, segment_ids, predict=token_ids == mask_id)
    best = logits.float().softmax(dim=-1).topk(min(top_k, logits.size(-1)))
    return [
        [
            Guess(tokenizer.vocabulary[token_id], probability)
            for token_id, probability in zip(ids, probabilities, strict=True)
        ]
        for ids, probabilities in zip(best.indices.tolist(), best.values.tolist(), strict=True)
    ]


@torch.no_grad()
def draw_masked(
    model: BertForPretraining,
    token_ids: Int[Tensor, "batch length"],
    rule: MaskingRule,
    *,
    together: bool = False,
    generator: torch.Generator | None = None,
) -> Int[Tensor, "batch length"]:
    """The texts with a token in the place of every ``[MASK]``, drawn by the model's probabilities.

    One gap is filled after the other, from left to right, so that each answer is known when the
    next is drawn. With ``together``, all are drawn from one reading, each as if the others stayed
    gaps. Special tokens are never drawn. Expects a model in evaluation mode.

    Raises:
        ValueError: a row that the model refuses, see `jumok.bert.Bert`.
    """
    device = model.next_sentence.weight.device
    filled = token_ids.to(device)
    special = torch.tensor(rule.special_ids, device=device)
    while (gaps := filled == rule.mask_id).any():
        if not together:
            gaps &= gaps.cumsum(dim=-1) == 1  # the leftmost of each row
        logits, _ = model(filled, predict=gaps)
        logits = logits.float().index_fill(-1, special, -math.inf)
        drawn = logits.softmax(dim=-1).cpu().multinomial(1, generator=generator)
        filled = filled.masked_scatter(gaps, drawn.squeeze(-1).to(device))
    return filled.to(token_ids.device)


@dataclass(frozen=True)
class MaskedScores:
    """How well a model fills in what a masking rule hides, and judges pairs.

    ``perplexity`` and ``accuracy`` are over the ``tokens`` that were chosen; ``next_accuracy`` is
    over the pairs, ``None`` if there are none.
    """

    perplexity: float
    accuracy: float
    tokens: int
    next_accuracy: float | None


@torch.no_grad()
def evaluate_masked(
    model: BertForPretraining,
    examples: Sequence[BertExample],
    rule: MaskingRule,
    *,
    batch_size: int = 64,
    seed: int = 0,
) -> MaskedScores:
    """Scores on held-out examples, whose masks are drawn with ``seed``, the same for every model.

    The model is in evaluation mode meanwhile. The caller's random numbers stay untouched.

    Raises:
        ValueError: there are no examples, the rule chose no token of them, or ``batch_size`` isn't
            positive.
    """
    if not examples or batch_size < 1:
        raise ValueError(
            f"expected examples and a positive batch_size, got {len(examples)} and {batch_size}"
        )
    objective = MaskedLanguageObjective(rule)
    device = model.next_sentence.weight.device
    ordered = sorted(examples, key=objective.lengths)
    was_training = model.training
    model.eval()
    loss, right, tokens, next_right, pairs = 0.0, 0, 0, 0, 0
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        for start in range(0, len(ordered), batch_size):
            batch = objective.collate(ordered[start : start + batch_size]).to(device)
            logits, next_logits = model(batch.token_ids, batch.segment_ids, predict=batch.predicted)
            labels = batch.labels[batch.predicted]
            loss += float(F.cross_entropy(logits.float(), labels, reduction="sum"))
            right += int((logits.argmax(dim=-1) == labels).sum())
            tokens += len(labels)
            next_right += int((next_logits.argmax(dim=-1) == batch.follows).sum())
            pairs += int((batch.follows != NOT_PREDICTED).sum())
    model.train(was_training)
    if not tokens:
        raise ValueError(f"the rule chose no token of {len(examples)} examples: pass more")
    return MaskedScores(
        math.exp(loss / tokens), right / tokens, tokens, next_right / pairs if pairs else None
    )


@torch.no_grad()
def pseudo_perplexity(
    model: BertForPretraining,
    tokenizer: BertTokenizer,
    texts: Sequence[str],
    *,
    batch_size: int = 64,
) -> float:
    r"""How surprised the model is by whole texts: each token is hidden in turn, alone.

    .. math:: \exp\Bigl(-\frac{1}{N} \sum_{i=1}^{N} \ln p(w_i \mid w_{\setminus i})\Bigr)

    over all :math:`N` tokens of the texts that aren't special. It isn't the perplexity of a causal
    language model, which sees nothing of what follows, and can't be compared with it. Expects a
    model in evaluation mode.

    Source: Salazar et al., *Masked Language Model Scoring* (2020), §2.3.

    Raises:
        ValueError: there is no token that isn't special, or ``batch_size`` isn't positive.
    """
    if batch_size < 1:
        raise ValueError(f"batch_size must be at least 1, got {batch_size}")
    device = model.next_sentence.weight.device
    mask_id = _special_id(tokenizer, "[MASK]")
    special = torch.tensor(tokenizer.special_ids)
    loss, tokens = 0.0, 0
    for text in texts:
        token_ids = torch.tensor(bert_example(tokenizer, text).token_ids)
        places = (~torch.isin(token_ids, special)).nonzero().squeeze(1)
        for some in torch.split(places, batch_size):
            rows = torch.arange(len(some))
            hidden = token_ids.repeat(len(some), 1)
            hidden[rows, some] = mask_id
            predict = torch.zeros_like(hidden, dtype=torch.bool)
            predict[rows, some] = True
            logits, _ = model(hidden.to(device), predict=predict.to(device))
            labels = token_ids[some].to(device)
            loss += float(F.cross_entropy(logits.float(), labels, reduction="sum"))
            tokens += len(some)
    if not tokens:
        raise ValueError("expected texts with tokens that aren't special, got none")
    return math.exp(loss / tokens)


def _special_id(tokenizer: BertTokenizer, token: str) -> int:
    (token_id,) = tokenizer.ids([token])
    if tokenizer.vocabulary[token_id] != token:
        raise ValueError(f"expected a vocabulary with {token}, which this one lacks")
    return token_id
