"""What pipelines that write text share: which options hold, and what is cut off."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from torch import Tensor

__all__ = ["checkpoint_options", "generation_options", "until_end", "new_tokens"]


def checkpoint_options(model: Any) -> dict[str, Any]:
    """What the checkpoint's own ``generation_config`` sets, apart from the library's defaults.

    The same as its ``to_diff_dict()``, without copies: this is asked for every text.

    >>> from transformers import GenerationConfig
    >>> from types import SimpleNamespace
    >>> checkpoint_options(SimpleNamespace(generation_config=GenerationConfig(num_beams=3)))
    {'num_beams': 3}
    """
    config = model.generation_config
    kind: Callable[[], Any] = type(config)
    default = _library_options(kind)
    return {
        name: value
        for name, value in vars(config).items()
        if not name.startswith("_") and (name not in default or value != default[name])
    }


@cache
def _library_options(kind: Callable[[], Any]) -> dict[str, Any]:
    return dict(vars(kind()))


def generation_options(
    model: Any, defaults: Mapping[str, Any], given: Mapping[str, Any]
) -> dict[str, Any]:
    """What ``model.generate`` gets: what was given, and defaults where the checkpoint says nothing.

    A default number of new tokens doesn't stand beside a ``max_length``, nor a temperature where
    nothing is sampled. These are the rules of transformers' pipelines.

    >>> from types import SimpleNamespace
    >>> checkpoint = SimpleNamespace(generation_config=SimpleNamespace())
    >>> defaults = {"max_new_tokens": 256, "do_sample": True, "temperature": 0.7}
    >>> generation_options(checkpoint, defaults, {"max_length": 45, "do_sample": False})
    {'max_length': 45, 'do_sample': False}
    """
    known = {**checkpoint_options(model), **given}
    added = {name: value for name, value in defaults.items() if name not in known}
    if "max_length" in known:
        added.pop("max_new_tokens", None)
    if not {**known, **added}.get("do_sample"):
        added.pop("temperature", None)
    if "max_length" in given and "max_new_tokens" not in given and "max_new_tokens" in known:
        added["max_new_tokens"] = None  # what was given counts, not the checkpoint's
    return {**given, **added}


def until_end(ids: list[int], end: int | list[int] | None) -> list[int]:
    """The tokens up to the first that ends the text; a batch fills up the rest with padding.

    >>> until_end([7, 8, 2, 0, 0], end=2)
    [7, 8, 2]
    """
    ends = end if isinstance(end, list) else [end]
    for place, token in enumerate(ids):
        if token in ends:
            return ids[: place + 1]
    return ids


def new_tokens(output: Tensor, prompt: int, batch: int, end: Any) -> list[list[list[int]]]:
    """For each row of a batch its sequences, after the prompt of ``prompt`` tokens.

    >>> import torch
    >>> output = torch.tensor([[7, 8, 2, 0], [7, 9, 9, 2]])  # one sequence for each of two rows
    >>> new_tokens(output, prompt=1, batch=2, end=2)
    [[[8, 2]], [[9, 9, 2]]]
    """
    rows = [until_end(row, end) for row in output[:, prompt:].tolist()]
    each = len(rows) // batch
    return [rows[i * each : (i + 1) * each] for i in range(batch)]
