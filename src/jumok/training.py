"""Training: batches by length, the smoothed loss, the warm-up schedule, and a loop that resumes.

Source: Vaswani et al. (2017), §5.
"""

import math
import os
import random
import time
import zlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, is_dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Literal

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.optim.lr_scheduler import LambdaLR
from tqdm import tqdm

from jumok.checkpoints import Checkpoint, Stateful
from jumok.checks import check_choice
from jumok.data.tokenizer import END_ID, PAD_ID, START_ID
from jumok.device import autocast_dtype, default_device

__all__ = [
    "Batch",
    "TextBatch",
    "collate",
    "collate_texts",
    "length_batches",
    "label_smoothed_cross_entropy",
    "noam_learning_rate",
    "Objective",
    "NextToken",
    "TrainingConfig",
    "TrainingHistory",
    "train",
    "new_accelerator",
]

IdPair = tuple[Sequence[int], Sequence[int]]
"""The ids of a source and of its target, without special tokens."""

Ids = Sequence[int]
"""The ids of one text, without special tokens."""

Accelerator = Any
"""Hugging Face Accelerate's `Accelerator`; the package itself works without that library."""

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
    pairs: Sequence[Any],
    batch_size: int,
    *,
    pool: int | None = None,
    seed: int = 0,
    lengths: Callable[[Any], tuple[int, ...]] | None = None,
) -> Iterator[list[Any]]:
    """Batches of pairs, or of texts, of similar length, epoch after epoch, without end.

    ``lengths`` says by what an example of another kind is sorted (`Objective.lengths`).

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

    key = lengths or pair_lengths

    def batches(draw: random.Random) -> Iterator[list[Any]]:
        pool_size = len(pairs) if pool is None else pool * batch_size
        while True:
            shuffled = draw.sample(pairs, len(pairs))
            for first in range(0, len(pairs), pool_size):
                pooled = sorted(shuffled[first : first + pool_size], key=key)
                starts = range(0, len(pooled), batch_size)
                for start in draw.sample(starts, len(starts)):
                    yield pooled[start : start + batch_size]

    return batches(random.Random(seed))


def is_text(example: Any) -> bool:
    """Whether an example is the ids of one text, not a pair of them."""
    return not example or isinstance(example[0], int)


def pair_lengths(example: Any) -> tuple[int, ...]:
    """The lengths of a pair's two sides, or of one text."""
    return (len(example),) if is_text(example) else tuple(map(len, example))


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


# --- What is learned -------------------------------------------------------------------------


class Objective(ABC):
    """What a training makes small: how examples become a batch, and what its loss is.

    One loop (`train`) serves every model of the book; what differs from task to task stands in an
    objective. Batches may be anything that has ``to(device)``.
    """

    def lengths(self, example: Any) -> tuple[int, ...]:
        """By what examples are sorted, so that a batch holds those of similar length.

        This is the length of a text, or of both sides of a pair; others have to say it.
        """
        return pair_lengths(example)

    @abstractmethod
    def collate(self, examples: Sequence[Any]) -> Any:
        """A batch of examples.

        It may draw from torch's global random stream, which `train` seeds and checkpoints.
        """

    @abstractmethod
    def count(self, batch: Any) -> int:
        """Over how many tokens, or examples, the batch's loss is a mean."""

    @abstractmethod
    def loss(self, model: nn.Module, batch: Any) -> Float[Tensor, ""]:
        """The mean loss of a batch; of the model it only calls ``model(…)``."""


@dataclass(frozen=True)
class NextToken(Objective):
    """Predict each token from those before it, and from the source if there is one.

    Examples are pairs of ids for an encoder–decoder, the ids of texts for a language model.
    """

    pad_id: int = PAD_ID
    start_id: int = START_ID
    end_id: int = END_ID
    smoothing: float = 0.0

    def collate(self, examples: Sequence[Any]) -> Batch | TextBatch:
        """Pairs or texts, padded, with start and end tokens."""
        put_together = collate_texts if is_text(examples[0]) else collate
        return put_together(
            examples, pad_id=self.pad_id, start_id=self.start_id, end_id=self.end_id
        )

    def count(self, batch: Batch | TextBatch) -> int:
        """The target tokens, without padding."""
        return int((batch.target_output != self.pad_id).sum())

    def loss(self, model: nn.Module, batch: Batch | TextBatch) -> Float[Tensor, ""]:
        """Cross-entropy with a smoothed target."""
        return label_smoothed_cross_entropy(
            model(*batch.inputs), batch.target_output, smoothing=self.smoothing, pad_id=self.pad_id
        )


def next_token_objective(model: nn.Module, config: "TrainingConfig") -> NextToken:
    """What `train` makes small if nothing else is asked for."""
    pad_id: int | None = getattr(getattr(model, "config", None), "pad_id", None)
    if pad_id is None:
        raise ValueError(
            "training pads the texts of a batch: the model's config.pad_id must not be None"
        )
    return NextToken(pad_id, config.start_id, config.end_id, config.smoothing)


# --- The loop --------------------------------------------------------------------------------


@dataclass(frozen=True)
class TrainingConfig:
    """How to train. An optimiser step reads ``accumulate`` batches of ``batch_size`` pairs, which
    are sorted by length in pools of ``pool`` batches (`length_batches`).

    The learning rate warms up over ``warmup_steps`` and falls, by the ``schedule``, with the
    inverse square root of the step or in a straight line to 0 after the last step.
    ``learning_rate`` is its highest value; without it, that is the paper's,
    ``(d_model · warmup_steps) ** -0.5``. Without warm-up (0) the learning rate begins at its
    highest value; with the first schedule it stays there.

    Adam has the paper's constants ``betas`` and ``epsilon``. With ``weight_decay`` it becomes AdamW
    (Loshchilov and Hutter, 2019); `adamw` has the other values that usually go with it.
    """

    steps: int
    batch_size: int = 64
    accumulate: int = 1
    pool: int | None = None
    warmup_steps: int = 4000
    learning_rate: float | None = None
    schedule: Literal["inverse_square_root", "linear"] = "inverse_square_root"
    betas: tuple[float, float] = (0.9, 0.98)
    epsilon: float = 1e-9
    weight_decay: float = 0.0
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
        check_choice("precision", self.precision, ("auto", "float32", "bfloat16"))
        check_choice("schedule", self.schedule, ("inverse_square_root", "linear"))
        if self.schedule == "linear" and self.learning_rate is None:
            raise ValueError("schedule='linear' needs a learning_rate: the paper's is of the other")
        if self.weight_decay < 0:
            raise ValueError(f"weight_decay must be at least 0, got {self.weight_decay}")

    @classmethod
    def adamw(cls, steps: int, learning_rate: float, **changes: Any) -> "TrainingConfig":
        """The recipe of BERT: AdamW, a warm-up over the first tenth of the steps, then down to 0
        in a straight line, and labels as they are. ``changes`` are the fields that differ.

        Source: Devlin et al. (2019), §A.2 and §A.3; Loshchilov and Hutter (2019).

        >>> config = TrainingConfig.adamw(200, 1e-4, batch_size=32)
        >>> config.warmup_steps, config.weight_decay, config.batch_size
        (20, 0.01, 32)
        """
        recipe = {
            "warmup_steps": max(1, steps // 10),
            "schedule": "linear",
            "betas": (0.9, 0.999),
            "epsilon": 1e-8,
            "weight_decay": 0.01,
            "smoothing": 0.0,
        }
        return cls(steps=steps, learning_rate=learning_rate, **{**recipe, **changes})

    def dtype_on(self, device: torch.device) -> torch.dtype:
        """The precision of matrix products; weights and loss are float32 always."""
        if self.precision == "auto":
            return autocast_dtype(device)
        return torch.bfloat16 if self.precision == "bfloat16" else torch.float32

    def learning_rate_at(self, step: int, d_model: int | None = None) -> float:
        """The learning rate of a step, counted from 1; the paper's needs the model's width."""
        if self.learning_rate is None:
            if d_model is None:
                raise ValueError("expected a learning_rate: the model's config has no d_model")
            return noam_learning_rate(step, d_model, self.warmup_steps)
        if self.schedule == "linear":
            highest = max(1, self.warmup_steps)  # the step with the highest rate
            rising = step / highest
            falling = (self.steps + 1 - step) / max(1, self.steps + 1 - highest)
            return self.learning_rate * max(0.0, min(rising, falling, 1.0))
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
    model: nn.Module,
    examples: Sequence[Any],
    config: TrainingConfig,
    *,
    objective: Objective | None = None,
    parameter_groups: Sequence[Mapping[str, Any]] | None = None,
    accelerator: Accelerator | None = None,
    checkpoint: str | Path | None = None,
    checkpoint_every: int = 100,
    progress: bool = True,
) -> TrainingHistory:
    """Train ``model`` on examples, on the machine's device; it ends in evaluation mode.

    Without an ``objective`` it learns the next token: of pairs of ids if it is an
    encoder–decoder, of the ids of texts if it is a language model. Only parameters with
    ``requires_grad`` are trained. ``parameter_groups`` are torch's, but ``lr`` is a factor: it
    multiplies the learning rate of the configuration.

    With an ``accelerator`` (of Hugging Face Accelerate) every process takes its share of each
    batch, and the gradients are those of the whole batch.

    The file ``checkpoint`` receives the state after every
    ``checkpoint_every`` steps and after the last. If it exists, training goes on from it and
    arrives at the very weights of a training that nothing interrupted (on a GPU, as far as its
    kernels add in a fixed order; in one process). The caller's random numbers stay untouched.

    Raises:
        ValueError: the checkpoint is of another model, configuration or data, there are no
            examples, or nothing to train.
    """
    device = accelerator.device if accelerator else default_device()
    objective = objective or next_token_objective(model, config)
    model.to(device).train()
    optimizer = make_optimizer(model, config, parameter_groups)
    d_model = getattr(getattr(model, "config", None), "d_model", None)
    scheduler = LambdaLR(  # counts steps from 0, the paper from 1
        optimizer, lambda done: config.learning_rate_at(done + 1, d_model)
    )
    history = TrainingHistory()
    parts: dict[str, Stateful] = {
        "model": model,
        "optimizer": optimizer,
        "scheduler": scheduler,
        "history": history,
    }
    saved = checkpoint and Checkpoint(
        Path(checkpoint), device, training_identity(model, examples, config, objective), parts
    )
    process = accelerator.process_index if accelerator else 0
    with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
        torch.manual_seed(config.seed)
        if saved:
            saved.load()
        done = len(history.losses)
        if process:  # dropout and masks of its own
            torch.manual_seed(config.seed + 1_000_003 * process + done)
        stepping, step_optimizer = model, optimizer
        if accelerator:
            stepping, step_optimizer = accelerator.prepare(model, optimizer)
        batches = length_batches(
            examples,
            config.batch_size,
            pool=config.pool,
            seed=config.seed,
            lengths=objective.lengths,
        )
        batches = islice(batches, done * config.accumulate, None)
        shown = progress and process == 0
        with tqdm(total=config.steps, initial=done, unit="step", disable=not shown) as bar:
            for step in range(done + 1, config.steps + 1):
                started = time.perf_counter()
                factor = scheduler.base_lrs[0]
                history.learning_rates.append(float(scheduler.get_last_lr()[0] / factor))
                loss = optimizer_step(
                    stepping,
                    step_optimizer,
                    islice(batches, config.accumulate),
                    config,
                    objective=objective,
                    accelerator=accelerator,
                )
                scheduler.step()
                history.losses.append(loss)
                history.seconds += time.perf_counter() - started
                bar.set_postfix(loss=f"{loss:.3f}", refresh=False)
                bar.update()
                due = step % checkpoint_every == 0 or step == config.steps
                if saved and due and process == 0:
                    saved.save()
        if accelerator:
            accelerator.wait_for_everyone()
    model.eval()
    return history


def new_accelerator() -> Accelerator | None:
    """An accelerator for `train` on the machine's device; ``None`` without that library.

    A program needs nothing else to run in one process or in several, which ``accelerate launch``
    or ``torchrun`` start.

    Raises:
        ImportError: this is one of several processes, but Hugging Face Accelerate isn't installed.
    """
    try:
        from accelerate import Accelerator
        from accelerate.utils import DataLoaderConfiguration, DistributedDataParallelKwargs
    except ImportError as error:
        if int(os.environ.get("WORLD_SIZE", "1")) > 1:
            raise ImportError(
                "training in several processes needs Hugging Face Accelerate: "
                'pip install "jumok[examples]"'
            ) from error
        return None
    # A batch is shared out, not multiplied; weights that a task leaves alone have no gradients.
    return Accelerator(
        cpu=default_device().type == "cpu",
        mixed_precision="no",  # `TrainingConfig.precision` says it
        dataloader_config=DataLoaderConfiguration(split_batches=True, use_seedable_sampler=True),
        kwargs_handlers=[DistributedDataParallelKwargs(find_unused_parameters=True)],
    )


def make_optimizer(
    model: nn.Module,
    config: TrainingConfig,
    parameter_groups: Sequence[Mapping[str, Any]] | None = None,
) -> torch.optim.Optimizer:
    """Adam, or AdamW, on what there is to train; its learning rates are factors of 1."""
    groups = [dict(group) for group in parameter_groups or [{"params": model.parameters()}]]
    for group in groups:
        group["params"] = [each for each in group["params"] if each.requires_grad]
    if not any(group["params"] for group in groups):
        raise ValueError("expected parameters to train, but all are frozen (requires_grad=False)")
    return torch.optim.AdamW(
        groups, lr=1.0, betas=config.betas, eps=config.epsilon, weight_decay=config.weight_decay
    )


def optimizer_step(
    model: nn.Module,
    optimizer: torch.optim.Optimizer,
    micro_batches: Iterable[Sequence[Any]],
    config: TrainingConfig,
    *,
    objective: Objective | None = None,
    accelerator: Accelerator | None = None,
) -> float:
    """One step on the gradients of several batches together; returns their loss.

    A mean of the batches' mean losses would give a word of a short batch more weight than one of a
    long batch. Each loss therefore counts by its batch's share of all target tokens, and the step
    is that of one large batch.
    """
    objective = objective or next_token_objective(model, config)
    device = next(model.parameters()).device
    batches, counts = [], []
    for examples in micro_batches:
        mine = share_of(examples, accelerator)
        # The processes add their gradients up together: one without a share computes for nothing.
        batches.append(objective.collate(mine or examples[:1]))
        counts.append(objective.count(batches[-1]) if mine else 0)
    total_count = max(1.0, sum_over_processes(sum(counts), accelerator))
    processes = accelerator.num_processes if accelerator else 1  # gradients are their mean
    dtype = config.dtype_on(device)
    optimizer.zero_grad()
    total = 0.0
    for batch, count in zip(batches, counts, strict=True):
        with torch.autocast(device.type, dtype, enabled=dtype != torch.float32):
            loss = objective.loss(model, batch.to(device))
        share = loss * (count / total_count)
        backward = accelerator.backward if accelerator else torch.autograd.backward
        backward(share * processes)
        total += share.item()
    if config.clip_norm is not None:
        nn.utils.clip_grad_norm_(model.parameters(), config.clip_norm)
    optimizer.step()
    return sum_over_processes(total, accelerator)


def share_of(examples: Sequence[Any], accelerator: Accelerator | None) -> Sequence[Any]:
    """The part of a batch that this process computes; nothing if there are too few examples."""
    if accelerator is None:
        return examples
    with accelerator.split_between_processes(list(examples)) as mine:
        return mine  # type: ignore[no-any-return]


def sum_over_processes(number: int | float, accelerator: Accelerator | None) -> float:
    """The sum of a number over all processes; the number itself where there is one."""
    if accelerator is None:
        return float(number)
    alone = torch.tensor(number, dtype=torch.float32, device=accelerator.device)
    return float(accelerator.reduce(alone, reduction="sum"))


def training_identity(
    model: nn.Module, examples: Sequence[Any], config: TrainingConfig, objective: Objective
) -> dict[str, Any]:
    """What a checkpoint must agree in: both configurations, what is learned, and the data.

    How long to train may differ, unless the learning rate depends on it.
    """
    training = asdict(config)
    if config.schedule != "linear":
        del training["steps"]
    data = zlib.crc32(repr(_plain(examples)).encode())
    shapes = zlib.crc32(repr([(name, *p.shape) for name, p in model.named_parameters()]).encode())
    described = getattr(model, "config", None)
    return {
        **(asdict(described) if is_dataclass(described) else {}),  # type: ignore[arg-type]
        **training,
        "parameters": f"{shapes:08x}",
        "objective": type(objective).__qualname__,
        "data": f"{len(examples)} examples, {data:08x}",
    }


def _plain(example: Any) -> Any:
    """Lists for all sequences, so that a tuple and a list are the same data."""
    if isinstance(example, list | tuple):
        return [_plain(part) for part in example]
    return example
