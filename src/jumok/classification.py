"""Text classification: an encoder, a mean over its tokens, and a small network on top.

The defaults of `ClassifierConfig` are the AG News model of the course *AI for Beginners*, which
follows the Keras example *Text classification with Transformer*. What is learned,
`ClassificationObjective`, serves every model that returns a logit for each class.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, Protocol, runtime_checkable

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn.utils.rnn import pad_sequence

from jumok.attention import padding_mask
from jumok.bert import Bert
from jumok.checks import check_ids, is_number, require, require_sizes
from jumok.data.tokenizer import PAD_ID, Tokenizer
from jumok.data.word_piece import WordPiece
from jumok.decoding import evaluating
from jumok.sentence_embeddings import mean_pool
from jumok.training import Objective, TrainingConfig, TrainingHistory, train
from jumok.transformer import (
    Encoder,
    InputEmbedding,
    TransformerConfig,
    initialize,
    initialize_linear_maps,
    stack_config,
)

__all__ = [
    "ClassifierConfig",
    "ClassificationHead",
    "TextClassifier",
    "SentenceClassifier",
    "LabelledIds",
    "LabelledBatch",
    "pad_token_ids",
    "few_of_each",
    "ClassificationObjective",
    "VectorObjective",
    "class_logits",
    "accuracy",
    "confusion_matrix",
    "LabelledText",
    "Classifier",
]

# --- Models ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class ClassifierConfig:
    """The sizes of a text classifier.

    ``hidden`` is the width of a layer with ReLU between pooling and classes; 0 for none.
    ``ignore_padding=False`` treats padding as if it were words, in attention and in the mean: what
    happens where a mask is forgotten.

    Raises:
        ValueError: a value is impossible; the message starts with the field's name.

    >>> ClassifierConfig(num_classes=1)
    Traceback (most recent call last):
    ValueError: num_classes must be an integer of at least 2, got 1
    """

    vocab_size: int = 20_000
    num_classes: int = 4
    max_length: int = 256
    d_model: int = 32
    num_heads: int = 2
    head_dim: int | None = 32
    d_ff: int = 32
    num_layers: int = 1
    hidden: int = 20
    dropout: float = 0.1
    norm: Literal["post", "pre"] = "post"
    layer_norm_eps: float = 1e-6
    ignore_padding: bool = True
    pad_id: int = PAD_ID

    def __post_init__(self) -> None:
        require_sizes(self, "vocab_size", "num_layers")
        for name, least in (("num_classes", 2), ("hidden", 0)):
            size = getattr(self, name)
            possible = type(size) is int and size >= least
            require(self, name, possible, f"an integer of at least {least}")
        is_choice = type(self.ignore_padding) is bool
        require(self, "ignore_padding", is_choice, "True or False")
        self.encoder  # noqa: B018  the other fields are checked there

    @property
    def encoder(self) -> TransformerConfig:
        """The same sizes as `jumok.transformer` names them; no decoder is made from it."""
        return stack_config(self, positions="learned")


class ClassificationHead(nn.Module):
    """From one vector per text to one number per class, its logit.

    >>> head = ClassificationHead(d_model=768, num_classes=4)
    >>> sum(parameter.numel() for parameter in head.parameters())
    3076
    """

    def __init__(
        self, d_model: int, num_classes: int, *, hidden: int = 0, dropout: float = 0.0
    ) -> None:
        super().__init__()
        self.hidden = nn.Linear(d_model, hidden) if hidden else None
        self.output = nn.Linear(hidden or d_model, num_classes)
        self.dropout = nn.Dropout(dropout)

    def forward(self, pooled: Float[Tensor, "batch d_model"]) -> Float[Tensor, "batch classes"]:
        x = self.dropout(pooled)
        if self.hidden is not None:
            x = self.dropout(self.hidden(x).relu())
        logits: Tensor = self.output(x)
        return logits


class TextClassifier(nn.Module):
    """Embedding, encoder, mean over the tokens, head: ids of a text in, a logit per class out.

    >>> from jumok.transformer import count_parameters
    >>> model = TextClassifier(ClassifierConfig())
    >>> for part in (model.embedding, model.encoder, model.head.hidden, model.head.output):
    ...     print(f"{count_parameters(part):,}")
    648,192
    10,656
    660
    84
    >>> model(torch.tensor([[7, 9, 3, 0]])).shape
    torch.Size([1, 4])
    """

    def __init__(self, config: ClassifierConfig) -> None:
        super().__init__()
        self.config = config
        self.embedding = InputEmbedding(config.vocab_size, config.encoder)
        self.encoder = Encoder(config.encoder)
        self.head = ClassificationHead(
            config.d_model, config.num_classes, hidden=config.hidden, dropout=config.dropout
        )
        initialize_linear_maps(self)

    def forward(self, token_ids: Int[Tensor, "batch length"]) -> Float[Tensor, "batch classes"]:
        """Logits, not probabilities: the loss takes the logarithm of their softmax itself.

        Raises:
            ValueError: ids that are no integers, not ``(batch, length)``, longer than
                ``max_length`` or outside the vocabulary.
        """
        return self.head(self.pooled(token_ids))  # type: ignore[no-any-return]

    def pooled(self, token_ids: Int[Tensor, "batch length"]) -> Float[Tensor, "batch d_model"]:
        """One vector per text, what the head is given."""
        config = self.config
        check_ids("token_ids", token_ids, config.vocab_size, max_length=config.max_length)
        x = self.embedding(token_ids)  # (batch, length, d_model)
        if not config.ignore_padding:
            averaged: Tensor = self.encoder(x).mean(dim=1)
            return averaged
        x = self.encoder(x, padding_mask(token_ids, pad_id=config.pad_id))
        return mean_pool(x, token_ids != config.pad_id)


class SentenceClassifier(nn.Module):
    """A BERT, the mean over its tokens, and a linear head: for bodies that were trained that way.

    all-MiniLM-L6-v2 is one: the mean of its states is what it learned to make meaningful.
    `jumok.bert.BertForClassification` reads the state of ``[CLS]`` instead.

    Args:
        body: the BERT; whether it is trained along is up to its ``requires_grad``.
        num_classes: how many classes there are.
        dropout: on the mean; the body's own if not given.

    >>> from jumok.bert import BertConfig
    >>> config = BertConfig(vocab_size=50, d_model=16, num_heads=2, num_layers=2, d_ff=32)
    >>> SentenceClassifier(Bert(config), num_classes=4)(torch.tensor([[2, 7, 9, 3]])).shape
    torch.Size([1, 4])
    """

    def __init__(self, body: Bert, num_classes: int, *, dropout: float | None = None) -> None:
        super().__init__()
        self.config = body.config
        self.body = body
        self.head = ClassificationHead(
            body.config.d_model,
            num_classes,
            dropout=body.config.dropout if dropout is None else dropout,
        )
        initialize(self.head)
        self.body.pooler.requires_grad_(False)  # its output is not read

    def forward(self, token_ids: Int[Tensor, "batch length"]) -> Float[Tensor, "batch classes"]:
        """Logits of the classes."""
        return self.head(self.pooled(token_ids))  # type: ignore[no-any-return]

    def pooled(self, token_ids: Int[Tensor, "batch length"]) -> Float[Tensor, "batch d_model"]:
        """One vector per text: the mean of the states of its tokens."""
        is_token = token_ids != self.config.pad_id
        return mean_pool(self.body(token_ids).sequence, is_token)


# --- What is learned -------------------------------------------------------------------------

LabelledIds = tuple[Sequence[int], int]
"""The ids of a text, and the number of its class."""


@dataclass(frozen=True)
class LabelledBatch:
    """Padded texts (or one vector for each), and the numbers of their classes."""

    inputs: Tensor
    labels: Int[Tensor, " batch"]

    def to(self, device: torch.device) -> "LabelledBatch":
        """The same batch on another device."""
        return LabelledBatch(self.inputs.to(device), self.labels.to(device))


def pad_token_ids(
    texts: Sequence[Sequence[int]], *, length: int | None = None, pad_id: int = PAD_ID
) -> Int[Tensor, "batch length"]:
    """Texts as rows, filled up to the longest of them, or cut and filled up to ``length``.

    A row has one place at least: an empty text is padding alone.

    Raises:
        ValueError: there is no text, or ``length`` is not positive.

    >>> pad_token_ids([[7, 9, 3], [5]]).tolist()
    [[7, 9, 3], [5, 0, 0]]
    """
    if not texts:
        raise ValueError("expected at least one text, got none")
    if length is not None and length < 1:
        raise ValueError(f"length must be at least 1 or None, got {length}")
    rows = [torch.tensor(ids[:length], dtype=torch.long) for ids in texts]
    padded = pad_sequence(rows, batch_first=True, padding_value=pad_id)
    missing = (length or 1) - padded.size(1)
    return F.pad(padded, (0, missing), value=pad_id) if missing > 0 else padded


def few_of_each(examples: Sequence[LabelledIds], count: int) -> list[LabelledIds]:
    """The first ``count`` examples of every class: few labels, as many of one class as of another.

    The order stays as it was, so that the examples of a small ``count`` are among those of a larger
    one.

    Raises:
        ValueError: ``count`` is not positive, or a class has fewer examples.

    >>> few_of_each([([7], 0), ([9], 0), ([3], 1), ([5], 0)], 1)
    [([7], 0), ([3], 1)]
    """
    if count < 1:
        raise ValueError(f"count must be at least 1, got {count}")
    taken: Counter[int] = Counter()
    found = []
    for token_ids, label in examples:
        if taken[label] < count:
            found.append((token_ids, label))
        taken[label] += 1
    if too_few := {label: have for label, have in sorted(taken.items()) if have < count}:
        raise ValueError(f"expected at least {count} examples of each class, got {too_few}")
    return found


@dataclass(frozen=True)
class ClassificationObjective(Objective):
    """Name the class: cross-entropy of the logits, for any model that maps ids to them.

    Examples are `LabelledIds`. Texts are padded to the longest of their batch, or all to
    ``length``.

    >>> objective = ClassificationObjective()
    >>> batch = objective.collate([([7, 9, 3], 1), ([5], 0)])
    >>> batch.inputs.tolist(), batch.labels.tolist(), objective.count(batch)
    ([[7, 9, 3], [5, 0, 0]], [1, 0], 2)
    >>> logits = torch.tensor([[0.0, 0.0], [0.0, 0.0]])
    >>> print(f"{objective.loss(lambda token_ids: logits, batch):.4f}")  # ln 2
    0.6931
    """

    pad_id: int = PAD_ID
    length: int | None = None
    smoothing: float = 0.0

    def __post_init__(self) -> None:
        possible = is_number(self.smoothing) and 0 <= self.smoothing <= 1
        require(self, "smoothing", possible, "in [0, 1]")
        possible = self.length is None or (type(self.length) is int and self.length >= 1)
        require(self, "length", possible, "an integer of at least 1, or None")

    def lengths(self, example: LabelledIds) -> tuple[int, ...]:
        """The length of the text."""
        return (len(example[0]),)

    def collate(self, examples: Sequence[LabelledIds]) -> LabelledBatch:
        """Padded texts and the numbers of their classes."""
        token_ids = pad_token_ids(
            [ids for ids, _ in examples], length=self.length, pad_id=self.pad_id
        )
        return LabelledBatch(token_ids, torch.tensor([label for _, label in examples]))

    def count(self, batch: LabelledBatch) -> int:
        """How many texts there are."""
        return len(batch.labels)

    def loss(self, model: Any, batch: LabelledBatch) -> Float[Tensor, ""]:
        """The mean over the texts, computed in float32."""
        logits = model(batch.inputs).float()
        return F.cross_entropy(logits, batch.labels, label_smoothing=self.smoothing)


@dataclass(frozen=True)
class VectorObjective(ClassificationObjective):
    """The same for a head alone: an example is a vector, as a frozen body made it, and a class.

    >>> batch = VectorObjective().collate([([0.5, 1.0], 1), ([2.0, 0.0], 0)])
    >>> batch.inputs.tolist()
    [[0.5, 1.0], [2.0, 0.0]]
    """

    def collate(self, examples: Sequence[tuple[Sequence[float], int]]) -> LabelledBatch:
        """The vectors as rows, and the numbers of their classes."""
        vectors = torch.tensor([list(vector) for vector, _ in examples])
        return LabelledBatch(vectors, torch.tensor([label for _, label in examples]))


# --- How well it works -----------------------------------------------------------------------


def class_logits(
    model: nn.Module,
    texts: Sequence[Sequence[int]],
    *,
    pad_id: int = PAD_ID,
    length: int | None = None,
    batch_size: int = 256,
) -> Float[Tensor, "texts classes"]:
    """What a model says of texts of any length, without dropout and gradients, on the CPU.

    Texts of similar length share a batch; the rows come in the order of ``texts``.

    Raises:
        ValueError: there is no text, or ``batch_size`` is not positive.
    """
    if not texts or batch_size < 1:
        raise ValueError(
            "expected at least one text and a positive batch_size, "
            f"got {len(texts)} texts and {batch_size}"
        )
    device = next(model.parameters()).device
    order = sorted(range(len(texts)), key=lambda row: len(texts[row]))
    found = []
    with evaluating(model):
        for start in range(0, len(order), batch_size):
            rows = [texts[row] for row in order[start : start + batch_size]]
            token_ids = pad_token_ids(rows, length=length, pad_id=pad_id)
            found.append(model(token_ids.to(device)).float().cpu())
    logits = torch.cat(found)
    return logits[torch.tensor(order).argsort()]


def accuracy(predictions: Int[Tensor, " texts"], labels: Int[Tensor, " texts"]) -> float:
    """The share of texts whose class was found.

    Raises:
        ValueError: there is no text.

    >>> accuracy(torch.tensor([0, 1, 1, 3]), torch.tensor([0, 1, 2, 3]))
    0.75
    """
    if not labels.numel():
        raise ValueError("expected at least one text, got none")
    return (predictions == labels).double().mean().item()


def confusion_matrix(
    predictions: Int[Tensor, " texts"], labels: Int[Tensor, " texts"], num_classes: int
) -> Int[Tensor, "classes classes"]:
    """How often a text of class *row* was taken for class *column*.

    Raises:
        ValueError: a class is outside 0 … ``num_classes`` - 1.

    >>> confusion_matrix(torch.tensor([0, 1, 1]), torch.tensor([0, 0, 1]), 2).tolist()
    [[1, 1], [0, 1]]
    """
    for name, values in (("labels", labels), ("predictions", predictions)):
        if values.numel() and not 0 <= int(values.min()) <= int(values.max()) < num_classes:
            low, high = values.aminmax()
            raise ValueError(f"{name} must be in 0 … {num_classes - 1}, got {low} to {high}")
    cells = labels * num_classes + predictions
    return cells.bincount(minlength=num_classes**2).reshape(num_classes, num_classes)


# --- A classifier: model and tokenizer -------------------------------------------------------


@runtime_checkable
class LabelledText(Protocol):
    """A text and the number of its class, such as a `~jumok.data.ag_news.NewsArticle`."""

    @property
    def text(self) -> str: ...

    @property
    def label(self) -> int: ...


@dataclass(frozen=True)
class Classifier:
    """A model that maps ids to logits, its tokenizer, and the names of its classes.

    Texts are cut after ``max_length`` tokens; without it, after as many as the model can read.
    """

    model: nn.Module
    tokenizer: Tokenizer | WordPiece
    classes: tuple[str, ...]
    max_length: int | None = None

    @classmethod
    def create(
        cls, tokenizer: Tokenizer, classes: Sequence[str], *, seed: int = 0, **fields: Any
    ) -> "Classifier":
        """An untrained `TextClassifier`; ``fields`` are those of `ClassifierConfig`."""
        config = ClassifierConfig(
            **{"vocab_size": len(tokenizer), "num_classes": len(classes), **fields}
        )
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            return cls(TextClassifier(config), tokenizer, tuple(classes))

    @property
    def objective(self) -> ClassificationObjective:
        """What the model learns; padding has its id, and full length where it is not ignored."""
        config: Any = self.model.config
        careless = not getattr(config, "ignore_padding", True)
        return ClassificationObjective(
            pad_id=config.pad_id, length=self._max_length if careless else None
        )

    @property
    def _max_length(self) -> int:
        config: Any = self.model.config
        return self.max_length or int(config.max_length)

    def encode(self, text: str) -> list[int]:
        """The ids of a text, unknown words included, cut after the greatest length."""
        if isinstance(self.tokenizer, WordPiece):
            return self.tokenizer.encode(text, max_length=self._max_length)
        return self.tokenizer.encode(text, errors="replace")[: self._max_length]

    def examples(self, texts: Sequence[LabelledText]) -> list[LabelledIds]:
        """The ids and the class of each text."""
        return [(self.encode(text.text), text.label) for text in texts]

    def logits(
        self, texts: Sequence[str], *, batch_size: int = 256
    ) -> Float[Tensor, "texts classes"]:
        """A logit per text and class, on the CPU."""
        objective = self.objective
        return class_logits(
            self.model,
            [self.encode(text) for text in texts],
            pad_id=objective.pad_id,
            length=objective.length,
            batch_size=batch_size,
        )

    def classify(self, texts: Sequence[str]) -> list[str]:
        """The name of the likeliest class of each text."""
        return [self.classes[number] for number in self.logits(texts).argmax(dim=-1).tolist()]

    def accuracy(self, texts: Sequence[LabelledText]) -> float:
        """The share of texts whose class is found."""
        predictions = self.logits([each.text for each in texts]).argmax(dim=-1)
        return accuracy(predictions, torch.tensor([each.label for each in texts]))

    def train(
        self, texts: Sequence[LabelledText], config: TrainingConfig, **options: Any
    ) -> TrainingHistory:
        """Train the model on labelled texts with `jumok.training.train`, which has the options."""
        objective = replace(self.objective, smoothing=config.smoothing)
        return train(self.model, self.examples(texts), config, objective=objective, **options)
