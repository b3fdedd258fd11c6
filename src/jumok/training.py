"""Training: batches by length, the smoothed loss, the warm-up schedule, and a loop that resumes.

Source: Vaswani et al. (2017), §5.
"""

import math
import random
import time
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, Literal, TypeVar

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.optim.lr_scheduler import LambdaLR
from tqdm import tqdm

from jumok.causal_language_model import CausalLanguageModel
from jumok.checkpoints import Checkpoint, Stateful
from jumok.data.tokenizer import END_ID, PAD_ID, START_ID
from jumok.device import autocast_dtype, default_device
from jumok.encoder_decoder import EncoderDecoder

__all__ = [
    "Batch",
    "TextBatch",
    "collate",
    "collate_texts",
    "length_batches",
    "label_smoothed_cross_entropy",
    "noam_learning_rate",
    "TrainingConfig",
    "TrainingHistory",
    "train",
]

IdPair = tuple[Sequence[int], Sequence[int]]
"""The ids of a source and of its target, without special tokens."""

Ids = Sequence[int]
"""The ids of one text, without special tokens."""

Example = TypeVar("Example", IdPair, Ids)

LARGEST_LOGIT = 1e20
"""Beyond it the loss takes a logit for this one: sums over vocabulary and batch stay finite."""


# --- Batches ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Batch:
    """Padded sentences: what the encoder reads, what the decoder reads, what it should write."""

    source: Int[Tensor, "batch source"]
    target_input: Int[Tensor, "batch target"]
    target_output: Int[Tensor, "batch target"]

    @property
    def inputs(self) -> tuple[Tensor, ...]:
        """What the model is called with."""
        return self.source, self.target_input

    def to(self, device: torch.device) -> "Batch":
        """The same batch on another device."""
        return Batch(
            self.source.to(device), self.target_input.to(device), self.target_output.to(device)
        )


@dataclass(frozen=True)
class TextBatch:
    """Padded texts for a language model: what it reads, and the token after each."""

    text: Int[Tensor, "batch length"]
    target_output: Int[Tensor, "batch length"]

    @property
    def inputs(self) -> tuple[Tensor, ...]:
        """What the model is called with."""
        return (self.text,)

    def to(self, device: torch.device) -> "TextBatch":
        """The same batch on another device."""
        return TextBatch(self.text.to(device), self.target_output.to(device))


def collate_texts(
    texts: Sequence[Ids], *, pad_id: int = PAD_ID, start_id: int = START_ID, end_id: int = END_ID
) -> TextBatch:
    """Pad texts into a batch for a language model, which reads ``<START> a b``.

    Raises:
        ValueError: there is no text.

    >>> batch = collate_texts([[5, 6], [7]])
    >>> batch.text.tolist(), batch.target_output.tolist()
    ([[1, 5, 6], [1, 7, 0]], [[5, 6, 2], [7, 2, 0]])
    """
    if not texts:
        raise ValueError("expected at least one text, got none")
    batch = collate([([], text) for text in texts], pad_id=pad_id, start_id=start_id, end_id=end_id)
    return TextBatch(batch.target_input, batch.target_output)


def collate(
    pairs: Sequence[IdPair], *, pad_id: int = PAD_ID, start_id: int = START_ID, end_id: int = END_ID
) -> Batch:
    """Pad pairs of ids into a batch, ready for teacher forcing.

    The decoder reads the right target shifted by one place: ``<START> a b`` while it should write
    ``a b <END>``.

    Raises:
        ValueError: there is no pair.

    >>> batch = collate([([7, 9, 3], [5, 6]), ([8], [4])])
    >>> batch.source.tolist()
    [[7, 9, 3], [8, 0, 0]]
    >>> batch.target_input.tolist(), batch.target_output.tolist()
    ([[1, 5, 6], [1, 4, 0]], [[5, 6, 2], [4, 2, 0]])
    """
    if not pairs:
        raise ValueError("expected at least one pair of ids, got none")

    def pad(sequences: list[list[int]]) -> Tensor:
        longest = max(map(len, sequences))
        return torch.tensor(
            [ids + [pad_id] * (longest - len(ids)) for ids in sequences], dtype=torch.long
        )

    return Batch(
        source=pad([[*source] for source, _ in pairs]),
        target_input=pad([[start_id, *target] for _, target in pairs]),
        target_output=pad([[*target, end_id] for _, target in pairs]),
    )


def length_batches(
    pairs: Sequence[Example], batch_size: int, *, pool: int | None = None, seed: int = 0
) -> Iterator[list[Example]]:
    """Batches of pairs, or of texts, of similar length, epoch after epoch, without end.

    Every epoch shuffles all pairs, takes them in pools of ``pool`` batches, sorts each pool by
    length, cuts it into batches and shuffles these. Without ``pool``, one pool holds everything:
    that pads least. But pairs of one length may be of one kind, and batches of one kind each pull
    the weights elsewhere; with ``pool=1`` a batch is a fair sample.

    Nothing but the arguments decides the order, so that a resumed training finds its place.

    Raises:
        ValueError: there are no pairs, or ``batch_size`` or ``pool`` is not positive.

    >>> pairs = [([5], [5]), ([6, 6, 6], [6]), ([7], [7]), ([8, 8, 8], [8])]
    >>> for batch in islice(length_batches(pairs, 2, seed=1), 2):
    ...     print([source for source, _ in batch])
    [[7], [5]]
    [[6, 6, 6], [8, 8, 8]]
    """
    if not pairs or batch_size < 1 or (pool is not None and pool < 1):
        raise ValueError(
            "expected pairs, a positive batch_size and a positive pool or None, "
            f"got {len(pairs)} pairs, {batch_size} and {pool}"
        )

    def lengths(example: Example) -> tuple[int, ...]:
        parts: Sequence[Any] = [example] if is_text(example) else example
        return tuple(map(len, parts))

    def batches(draw: random.Random) -> Iterator[list[Example]]:
        pool_size = len(pairs) if pool is None else pool * batch_size
        while True:
            shuffled = draw.sample(pairs, len(pairs))
            for first in range(0, len(pairs), pool_size):
                pooled = sorted(shuffled[first : first + pool_size], key=lengths)
                starts = range(0, len(pooled), batch_size)
                for start in draw.sample(starts, len(starts)):
                    yield pooled[start : start + batch_size]

    return batches(random.Random(seed))


def is_text(example: Any) -> bool:
    """Whether an example is the ids of one text, not a pair of them."""
    return not example or isinstance(example[0], int)


# --- Loss and learning rate ------------------------------------------------------------------


def label_smoothed_cross_entropy(
    logits: Float[Tensor, "*batch vocab"],
    targets: Int[Tensor, "*batch"],
    *,
    smoothing: float = 0.1,
    pad_id: int = PAD_ID,
) -> Float[Tensor, ""]:
    r"""Mean over the tokens of the cross-entropy with a smoothed target.

    With smoothing :math:`\varepsilon` the target gives :math:`1 - \varepsilon` to the right token
    :math:`y` and spreads :math:`\varepsilon` evenly over the vocabulary:

    .. math:: -(1 - \varepsilon) \log p_y - \frac{\varepsilon}{V} \sum_{v=1}^{V} \log p_v

    It is `torch.nn.functional.cross_entropy` with ``label_smoothing`` and ``ignore_index``, but
    finite for every input without NaN: a batch of padding alone costs 0, and an infinite logit
    counts as a very large one. It is computed in float32 or better.

    Source: Szegedy et al. (2016), §7; Vaswani et al. (2017), §5.4.

    Raises:
        ValueError: ``smoothing`` is outside [0, 1], or shapes do not belong together.

    >>> logits = torch.tensor([[2.0, 0.0, 0.0], [0.0, 0.0, 0.0]])
    >>> targets = torch.tensor([1, 0])  # the second is padding
    >>> loss = label_smoothed_cross_entropy(logits, targets, smoothing=0.0)
    >>> print(f"{loss:.4f}")
    2.2395
    """
    if not 0 <= smoothing <= 1:
        raise ValueError(f"smoothing must be in [0, 1], got {smoothing}")
    if logits.shape[:-1] != targets.shape:
        raise ValueError(
            "expected logits (*batch, vocab) and targets (*batch), "
            f"got {tuple(logits.shape)} and {tuple(targets.shape)}"
        )
    logits = logits.to(torch.promote_types(logits.dtype, torch.float32))
    log_probabilities = logits.clamp(-LARGEST_LOGIT, LARGEST_LOGIT).log_softmax(dim=-1)

    is_token = targets != pad_id
    right_token = targets.masked_fill(~is_token, 0).unsqueeze(-1)
    of_right_token = log_probabilities.gather(-1, right_token).squeeze(-1)
    of_all_tokens = log_probabilities.mean(dim=-1)
    losses = -(1 - smoothing) * of_right_token - smoothing * of_all_tokens
    return losses.masked_fill(~is_token, 0.0).sum() / is_token.sum().clamp(min=1)


def noam_learning_rate(step: int, d_model: int, warmup_steps: int) -> float:
    r"""The paper's learning rate: linear warm-up, then the inverse square root of the step.

    .. math:: d_\text{model}^{-0.5} \cdot
        \min(\text{step}^{-0.5},\ \text{step} \cdot \text{warmup}^{-1.5})

    Steps are counted from 1. Named after Noam Shazeer, one of the authors.

    Source: Vaswani et al. (2017), §5.3, equation 3.

    Raises:
        ValueError: an argument is smaller than 1.

    >>> round(noam_learning_rate(step=4000, d_model=512, warmup_steps=4000), 6)
    0.000699
    """
    if step < 1 or d_model < 1 or warmup_steps < 1:
        raise ValueError(
            "step, d_model and warmup_steps must be at least 1, "
            f"got {step}, {d_model} and {warmup_steps}"
        )
    return float(d_model**-0.5 * min(step**-0.5, step * warmup_steps**-1.5))


# --- The loop --------------------------------------------------------------------------------


@dataclass(frozen=True)
class TrainingConfig:
    """How to train. An optimiser step reads ``accumulate`` batches of ``batch_size`` pairs, which
    are sorted by length in pools of ``pool`` batches (`length_batches`).

    The learning rate warms up over ``warmup_steps`` and falls with the inverse square root of the
    step. ``learning_rate`` is its highest value; without it, that is the paper's,
    ``(d_model · warmup_steps) ** -0.5``. Without warm-up (0) the learning rate stays where it is.
    """

    steps: int
    batch_size: int = 64
    accumulate: int = 1
    pool: int | None = None
    warmup_steps: int = 4000
    learning_rate: float | None = None
    smoothing: float = 0.1
    clip_norm: float | None = 1.0
    seed: int = 0
    precision: Literal["auto", "float32", "bfloat16"] = "auto"
    start_id: int = START_ID
    end_id: int = END_ID

    def __post_init__(self) -> None:
        for name, least in (
            ("steps", 0),
            ("batch_size", 1),
            ("accumulate", 1),
            ("warmup_steps", 0),
        ):
            if getattr(self, name) < least:
                raise ValueError(f"{name} must be at least {least}, got {getattr(self, name)}")
        if self.learning_rate is None and self.warmup_steps == 0:
            raise ValueError("warmup_steps=0 needs a learning_rate: the paper's is that of warm-up")
        for name in ("learning_rate", "clip_norm", "pool"):
            value = getattr(self, name)
            if value is not None and value <= 0:
                raise ValueError(f"{name} must be positive or None, got {value}")
        if not 0 <= self.smoothing <= 1:
            raise ValueError(f"smoothing must be in [0, 1], got {self.smoothing}")
        if self.precision not in ("auto", "float32", "bfloat16"):
            raise ValueError(
                f"precision must be 'auto', 'float32' or 'bfloat16', got {self.precision!r}"
            )

    def dtype_on(self, device: torch.device) -> torch.dtype:
        """The precision of matrix products; weights and loss are float32 always."""
        if self.precision == "auto":
            return autocast_dtype(device)
        return torch.bfloat16 if self.precision == "bfloat16" else torch.float32

    def learning_rate_at(self, step: int, d_model: int) -> float:
        """The learning rate of a step, counted from 1."""
        if self.learning_rate is None:
            return noam_learning_rate(step, d_model, self.warmup_steps)
        if self.warmup_steps == 0:
            return self.learning_rate
        return self.learning_rate * min(
            step / self.warmup_steps, math.sqrt(self.warmup_steps / step)
        )


@dataclass
class TrainingHistory:
    """The loss and the learning rate of every optimiser step, and the seconds they took."""

    losses: list[float] = field(default_factory=list)
    learning_rates: list[float] = field(default_factory=list)
    seconds: float = 0.0

    def state_dict(self) -> dict[str, Any]:
        """For a checkpoint."""
        return asdict(self)

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """From a checkpoint."""
        vars(self).update(state_dict)


def train(
    model: EncoderDecoder | CausalLanguageModel,
    pairs: Sequence[Example],
    config: TrainingConfig,
    *,
    checkpoint: str | Path | None = None,
    checkpoint_every: int = 100,
    progress: bool = True,
) -> TrainingHistory:
    """Train ``model`` on pairs of ids, on the machine's device; it ends in evaluation mode.

    A language model takes the ids of texts instead of pairs.

    Adam with the paper's constants. The file ``checkpoint`` receives the state after every
    ``checkpoint_every`` steps and after the last. If it exists, training goes on from it and
    arrives at the very weights of a training that nothing interrupted (on a GPU, as far as its
    kernels add in a fixed order). The caller's random numbers stay untouched.

    Raises:
        ValueError: the checkpoint is of another model, configuration or data, or there are no
            pairs.
    """
    device = default_device()
    model.to(device).train()
    optimizer = torch.optim.Adam(model.parameters(), lr=1.0, betas=(0.9, 0.98), eps=1e-9)
    scheduler = LambdaLR(  # counts steps from 0, the paper from 1
        optimizer, lambda done: config.learning_rate_at(done + 1, model.config.d_model)
    )
    history = TrainingHistory()
    parts: dict[str, Stateful] = {
        "model": model,
        "optimizer": optimizer,
        "scheduler": scheduler,
        "history": history,
    }
    saved = checkpoint and Checkpoint(
        Path(checkpoint), device, training_identity(model, pairs, config), parts
    )
    with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
        torch.manual_seed(config.seed)
        if saved:
            saved.load()
        done = len(history.losses)
        batches = length_batches(pairs, config.batch_size, pool=config.pool, seed=config.seed)
        batches = islice(batches, done * config.accumulate, None)
        with tqdm(total=config.steps, initial=done, unit="step", disable=not progress) as bar:
            for step in range(done + 1, config.steps + 1):
                started = time.perf_counter()
                history.learning_rates.append(float(scheduler.get_last_lr()[0]))
                loss = optimizer_step(model, optimizer, islice(batches, config.accumulate), config)
                scheduler.step()
                history.losses.append(loss)
                history.seconds += time.perf_counter() - started
                bar.set_postfix(loss=f"{loss:.3f}", refresh=False)
                bar.update()
                if saved and (step % checkpoint_every == 0 or step == config.steps):
                    saved.save()
    model.eval()
    return history


def optimizer_step(
    model: EncoderDecoder | CausalLanguageModel,
    optimizer: torch.optim.Optimizer,
    micro_batches: Iterable[Sequence[Any]],
    config: TrainingConfig,
) -> float:
    """One step on the gradients of several batches together; returns their loss.

    A mean of the batches' mean losses would give a word of a short batch more weight than one of a
    long batch. Each loss therefore counts by its batch's share of all target tokens, and the step
    is that of one large batch.
    """
    device = next(model.parameters()).device
    pad_id = model.config.pad_id
    if pad_id is None:
        raise ValueError("training pads the texts of a batch: the model's pad_id must not be None")
    batches: list[Batch | TextBatch] = [
        (collate_texts if is_text(examples[0]) else collate)(
            examples, pad_id=pad_id, start_id=config.start_id, end_id=config.end_id
        )
        for examples in micro_batches
    ]
    tokens = [int((batch.target_output != pad_id).sum()) for batch in batches]
    dtype = config.dtype_on(device)
    optimizer.zero_grad()
    total = 0.0
    for batch, batch_tokens in zip(batches, tokens, strict=True):
        batch = batch.to(device)
        with torch.autocast(device.type, dtype, enabled=dtype != torch.float32):
            logits = model(*batch.inputs)
        loss = label_smoothed_cross_entropy(
            logits, batch.target_output, smoothing=config.smoothing, pad_id=pad_id
        )
        share = loss * (batch_tokens / sum(tokens))
        share.backward()  # type: ignore[no-untyped-call]
        total += share.item()
    if config.clip_norm is not None:
        nn.utils.clip_grad_norm_(model.parameters(), config.clip_norm)
    optimizer.step()
    return total


def training_identity(
    model: EncoderDecoder | CausalLanguageModel, pairs: Sequence[Example], config: TrainingConfig
) -> dict[str, Any]:
    """What a checkpoint must agree in: both configurations, except how long to train, and data."""
    training = asdict(config)
    del training["steps"]
    examples: list[Any] = list(pairs)
    plain: list[list[Any]] = []
    for example in examples:
        plain.append(list(example) if is_text(example) else [list(part) for part in example])
    kind = "texts" if is_text(pairs[0]) else "pairs"
    data = f"{len(pairs)} {kind}, {zlib.crc32(repr(plain).encode()):08x}"
    return {**asdict(model.config), **training, "data": data}
