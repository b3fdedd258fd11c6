"""What all pipelines share: three steps, and batches between them.

`Pipeline.preprocess` makes windows of token ids of one text, `Pipeline.forward` runs the model on
a batch of windows, and `Pipeline.postprocess` makes an answer of what the model said of one text.
Windows of many texts are sorted by length, padded and run together.
"""

import inspect
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from jumok.device import default_device

__all__ = ["Window", "Pipeline", "as_texts", "longest_input"]


NO_OFFSETS = "the tokenizer gives no offsets: {} needs one of the library tokenizers"


@dataclass(frozen=True)
class Window:
    """A stretch of text that the model sees at once.

    Args:
        inputs: what the model gets: ``input_ids``, ``attention_mask``, perhaps ``token_type_ids``.
        encoding: the tokens with their offsets, as the library ``tokenizers`` gives them; ``None``
            where a tokenizer in Python has none.
        first: how many of the text's tokens come before the first one in this window.
        limits: lengths of generation, which depend on the window.

    >>> len(Window({"input_ids": [101, 7592, 102], "attention_mask": [1, 1, 1]}))
    3
    """

    inputs: dict[str, list[int]]
    encoding: Any = None
    first: int = 0
    limits: dict[str, int] = field(default_factory=dict)

    def __len__(self) -> int:
        """How many tokens the window has."""
        return len(self.inputs["input_ids"])


def as_texts(inputs: Any, *, may_be_blank: bool = False) -> tuple[list[str], bool]:
    """One text or several, as a list; and whether it was one.

    Raises:
        ValueError: something is no text, or a text is empty.

    >>> as_texts("Hello")
    (['Hello'], True)
    >>> as_texts(["Hello", "안녕하세요"])
    (['Hello', '안녕하세요'], False)
    """
    if isinstance(inputs, str):
        check_text("the text", inputs, may_be_blank=may_be_blank)
        return [inputs], True
    if isinstance(inputs, dict | bytes) or not isinstance(inputs, Iterable):
        raise ValueError(f"expected a text or a list of texts, got {type(inputs).__name__}")
    texts = list(inputs)
    for number, text in enumerate(texts, start=1):
        name = f"text {number} of {len(texts)}"
        check_text(name, text, may_be_blank=may_be_blank)
    return texts, False


def check_text(name: str, text: object, *, may_be_blank: bool = False) -> None:
    """Raise `ValueError` unless ``text`` is a string in which something stands.

    >>> check_text("the question", "Who wrote it?")
    >>> check_text("the question", " ")
    Traceback (most recent call last):
    ...
    ValueError: the question is empty: give at least one word
    """
    if not isinstance(text, str):
        raise ValueError(f"{name} must be a string, got {type(text).__name__}")
    if not (text if may_be_blank else text.strip()):
        raise ValueError(f"{name} is empty: give at least one word")


def longest_input(model: nn.Module, tokenizer: Any) -> int | None:
    """How many tokens the model takes at once; ``None`` if nothing says so.

    Two places say it: the tokenizer, and the configuration's number of positions. RoBERTa and its
    family count positions from the padding token's on, so two of them are lost.

    >>> from types import SimpleNamespace
    >>> model = nn.Module()
    >>> model.config = SimpleNamespace(max_position_embeddings=512)
    >>> longest_input(model, SimpleNamespace(model_max_length=384))
    384
    """
    limits = []
    if tokenizer.model_max_length < 10**9:  # without a limit, tokenizers say 10 ** 30
        limits.append(int(tokenizer.model_max_length))
    config: Any = model.config
    positions = getattr(config, "max_position_embeddings", None)
    if isinstance(positions, int) and positions > 0:
        for name, module in model.named_modules():
            if name.endswith("position_embeddings") and isinstance(module, nn.Embedding):
                offset = module.padding_idx
                positions -= 0 if offset is None else int(offset) + 1
                break
        limits.append(positions)
    return min(limits, default=None)


class Pipeline(ABC):
    """A model with its tokenizer that answers to text, in three steps.

    Options given here hold for all calls, those of a call come before them. Each option is a
    keyword of the step that uses it.

    Args:
        model: a model of transformers with a head for the task.
        tokenizer: the tokenizer that the model was trained with.
        task: the task's name, where a class has more than one.
        device: where to compute: a device, its name, or the number of a GPU (−1 is the CPU);
            without it, `jumok.device.default_device`.
        batch_size: how many windows the model gets at once.
        **options: see the three steps.

    Raises:
        ValueError: an option that no step has, or a batch size below 1.

    >>> from jumok.pipelines import pipeline
    >>> class TokenCount(Pipeline):
    ...     task = "counting"
    ...     def preprocess(self, example):
    ...         return self.encode(example)
    ...     def forward(self, batch):
    ...         return batch["attention_mask"].sum(dim=1).tolist()
    ...     def postprocess(self, example, windows, rows):
    ...         return sum(rows) == len(windows[0].encoding.tokens)
    >>> classifier = pipeline("text-classification")
    >>> TokenCount(classifier.model, classifier.tokenizer).run(["Thank you.", "감사합니다."])
    [True, True]
    """

    task: str
    auto_model: ClassVar[str]
    """The class of transformers that loads such a model."""
    pad_left: ClassVar[bool] = False
    """On which side a batch is padded; positions count from the left, so only for generation."""

    def __init__(
        self,
        model: nn.Module,
        tokenizer: Any,
        *,
        task: str | None = None,
        device: Any = None,
        batch_size: int = 16,
        **options: Any,
    ) -> None:
        self.device = _as_device(device)
        self.model: Any = model.to(self.device).eval()
        self.tokenizer = tokenizer
        self.task = task or self.task
        self.batch_size = batch_size
        self.max_length = longest_input(model, tokenizer)
        self.input_names = frozenset(inspect.signature(self.model.forward).parameters)
        # A tokenizer that was saved without a class of its own may not know that the model tells
        # the first text from the second.
        self.needs_token_types = (
            type(tokenizer).__name__ in ("TokenizersBackend", "PreTrainedTokenizerFast")
            and "token_type_ids" in self.input_names
            and getattr(self.model.config, "type_vocab_size", 0) > 1
        )
        own = (getattr(self.model.config, "task_specific_params", None) or {}).get(self.task, {})
        self.options = {**self.defaults(own), **options}
        self.split_options(self.options)

    def defaults(self, task_specific: dict[str, Any]) -> dict[str, Any]:
        """Options that the checkpoint sets for this task, from ``task_specific_params``.

        >>> from jumok.pipelines import pipeline
        >>> classifier = pipeline("text-classification")
        >>> classifier.defaults({"top_k": 2})
        {'top_k': 2}
        """
        return task_specific

    # --- The three steps -------------------------------------------------------------------------

    @abstractmethod
    def preprocess(self, example: Any) -> list[Window]:
        """The windows of one text."""

    @abstractmethod
    def forward(self, batch: dict[str, Tensor]) -> Any:
        """What the model says of each window of a padded batch, without the padding."""

    @abstractmethod
    def postprocess(self, example: Any, windows: list[Window], rows: list[Any]) -> Any:
        """The answer for one text, from what the model said of its windows."""

    # --- Between them ----------------------------------------------------------------------------

    def run(self, examples: Sequence[Any], **options: Any) -> list[Any]:
        """One answer for each text: all three steps, with the windows of all texts in batches."""
        size, first, middle, last = self.split_options({**self.options, **options})
        windows = [self.preprocess(example, **first) for example in examples]
        rows = iter(self.run_model([each for own in windows for each in own], size, **middle))
        return [
            self.postprocess(example, own, [next(rows) for _ in own], **last)
            for example, own in zip(examples, windows, strict=True)
        ]

    @torch.inference_mode()
    def run_model(self, windows: list[Window], batch_size: int, **options: Any) -> list[Any]:
        """`forward` on batches of windows of about the same length; in the order given.

        >>> from jumok.pipelines import pipeline
        >>> classifier = pipeline("text-classification")
        >>> rows = classifier.run_model(classifier.preprocess("Thank you."), batch_size=1)
        >>> [tuple(logits.shape) for logits in rows]
        [(2,)]
        """
        rows: list[Any] = [None] * len(windows)
        for places in self.batches(windows, batch_size):
            own = [windows[place] for place in places]
            result = self.forward(self.pad(own), **{**options, **own[0].limits})
            for place, row in zip(places, result, strict=True):
                rows[place] = row
        return rows

    def batches(self, windows: list[Window], batch_size: int) -> list[list[int]]:
        """Places of windows that run together: the longest first, those with equal limits only.

        >>> from jumok.pipelines import pipeline
        >>> classifier = pipeline("text-classification")
        >>> windows = [Window({"input_ids": [0] * length}) for length in (3, 7, 5)]
        >>> classifier.batches(windows, batch_size=2)
        [[1, 2], [0]]
        """
        if getattr(self.tokenizer, "pad_token_id", None) is None and not self.pad_left:
            batch_size = 1  # nothing to pad with
        order = sorted(
            range(len(windows)),
            key=lambda place: (sorted(windows[place].limits.items()), -len(windows[place])),
        )
        batches: list[list[int]] = []
        for place in order:
            last = batches[-1] if batches else []
            fits = last and len(last) < batch_size
            if fits and windows[last[0]].limits == windows[place].limits:
                last.append(place)
            else:
                batches.append([place])
        return batches

    def pad(self, windows: Sequence[Window]) -> dict[str, Tensor]:
        """The inputs of windows, each ``(batch, length)``, filled up with padding.

        >>> from jumok.pipelines import pipeline
        >>> classifier = pipeline("text-classification")
        >>> windows = [Window({"attention_mask": [1] * n, "input_ids": [5] * n}) for n in (2, 1)]
        >>> classifier.pad(windows)["attention_mask"].tolist()
        [[1, 1], [1, 0]]
        """
        longest = max(map(len, windows))
        pad_id = getattr(self.tokenizer, "pad_token_id", None)
        fill = {
            "input_ids": self.tokenizer.eos_token_id or 0 if pad_id is None else pad_id,
            "token_type_ids": getattr(self.tokenizer, "pad_token_type_id", 0),
        }
        batch = {}
        for name in windows[0].inputs:
            rows = []
            for window in windows:
                padding = [fill.get(name, 0)] * (longest - len(window))
                ids = window.inputs[name]
                rows.append(padding + ids if self.pad_left else ids + padding)
            batch[name] = torch.tensor(rows, device=self.device)
        return batch

    def encode(self, *texts: str, **options: Any) -> list[Window]:
        """The tokenizer's windows of a text, or of a pair; one, unless it is told to overflow.

        >>> from jumok.pipelines import pipeline
        >>> classifier = pipeline("text-classification")
        >>> cut = {"truncation": True, "max_length": 8, "return_overflowing_tokens": True}
        >>> windows = classifier.encode("so " * 9, **cut)
        >>> len(windows) > 1, max(len(window) for window in windows)
        (True, 8)
        """
        encoded = self.tokenizer(
            *texts,
            padding=False,
            return_attention_mask=True,
            return_token_type_ids=True if self.needs_token_types else None,
            **{"truncation": False, **options},
        )
        names = [name for name in encoded if name in self.input_names]
        if not isinstance(encoded["input_ids"][0], list):  # one window, not a list of windows
            encoding = encoded.encodings[0] if encoded.encodings else None
            return [Window({name: encoded[name] for name in names}, encoding)]
        return [
            Window({name: encoded[name][i] for name in names}, encoding)
            for i, encoding in enumerate(encoded.encodings)
        ]

    def encode_whole(
        self, *texts: str, truncation: bool, max_length: int | None = None
    ) -> list[Window]:
        """One window with the whole text; or with its beginning, if ``truncation`` allows that.

        Raises:
            ValueError: the text is longer than the model takes.

        >>> from jumok.pipelines import pipeline
        >>> classifier = pipeline("text-classification")
        >>> (window,) = classifier.encode_whole("so " * 9999, truncation=True)
        >>> len(window) == classifier.max_length
        True
        """
        limits = [each for each in (max_length, self.max_length) if each is not None]
        limit = min(limits, default=None)
        if truncation and limit is not None:
            return self.encode(*texts, truncation=True, max_length=limit)
        windows = self.encode(*texts, verbose=False)
        if self.max_length is not None and len(windows[0]) > self.max_length:
            raise ValueError(
                f"the text has {len(windows[0])} tokens, the model takes {self.max_length}: "
                "shorten it, or pass truncation=True to use its beginning only"
            )
        return windows

    def split_options(
        self, options: dict[str, Any]
    ) -> tuple[int, dict[str, Any], dict[str, Any], dict[str, Any]]:
        """The batch size, and the options of each step.

        Raises:
            ValueError: no step has such an option, or the batch size is below 1.

        >>> from jumok.pipelines import pipeline
        >>> classifier = pipeline("text-classification")
        >>> classifier.split_options({"batch_size": 4, "truncation": True, "top_k": 2})
        (4, {'truncation': True}, {}, {'top_k': 2})
        """
        rest = dict(options)
        batch_size = rest.pop("batch_size", self.batch_size)
        if not isinstance(batch_size, int) or batch_size < 1:
            raise ValueError(f"batch_size must be an integer of at least 1, got {batch_size!r}")
        steps = [_keywords(step) for step in (self.preprocess, self.forward, self.postprocess)]
        known = {name for names, _ in steps for name in names}
        unknown = sorted(set(rest) - known)
        if unknown and not any(takes_all for _, takes_all in steps):
            raise ValueError(
                f"{self.task} has no option {', '.join(unknown)}; it has {', '.join(sorted(known))}"
            )
        first, middle, last = (
            {
                name: value
                for name, value in rest.items()
                if name in names or (takes_all and name in unknown)
            }
            for names, takes_all in steps
        )
        return batch_size, first, middle, last


def _keywords(step: Callable[..., Any]) -> tuple[set[str], bool]:
    """The keywords of a step, and whether it takes any others."""
    parameters = inspect.signature(step).parameters.values()
    names = {each.name for each in parameters if each.kind is each.KEYWORD_ONLY}
    return names, any(each.kind is each.VAR_KEYWORD for each in parameters)


def _as_device(device: Any) -> torch.device:
    if device is None:
        return default_device()
    if isinstance(device, int):
        return torch.device("cpu" if device < 0 else f"cuda:{device}")
    return torch.device(device)
