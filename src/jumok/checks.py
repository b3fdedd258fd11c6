"""What functions and configurations say of wrong arguments: what was expected, and what was given.

Each check raises a ``ValueError`` that begins with the argument's name or with *expected*. Shapes
and types are looked at, values only where that costs nothing.
"""

from typing import Any

import torch
from torch import Tensor


def check_choice(name: str, value: str, choices: tuple[str, ...]) -> None:
    """Raise unless ``value`` is one of the choices; the message names them all."""
    if value not in choices:
        raise ValueError(f"{name} must be one of {', '.join(choices)}, got {value!r}")


def check_boolean(mask: Tensor, meaning: str = "may attend") -> None:
    """Raise unless a mask is boolean; ``meaning`` says what ``True`` means in it."""
    if mask.dtype is not torch.bool:
        raise ValueError(
            f"expected a boolean mask (torch.bool, True = {meaning}), got dtype {mask.dtype}"
        )


def check_ids(name: str, ids: Tensor, size: int, *, max_length: int, start: int = 0) -> None:
    """Raise unless ``ids`` are ``(batch, length)`` of integers below ``size``.

    ``start`` positions are cached already; with them there may be ``max_length`` at most.
    """
    if ids.ndim != 2 or ids.dtype not in (torch.int64, torch.int32):
        raise ValueError(
            f"expected {name} (batch, length) of integers (int64), "
            f"got shape {tuple(ids.shape)} of {ids.dtype}"
        )
    if start + ids.size(1) > max_length:
        raise ValueError(f"{name} has {start + ids.size(1)} positions, max_length is {max_length}")
    if ids.device.type == "cpu" and ids.numel():  # on a GPU, looking would mean waiting
        low, high = ids.aminmax()
        if low < 0 or high >= size:
            raise ValueError(f"{name} must be in 0 … {size - 1}, got ids from {low} to {high}")


# --- Fields of configurations ----------------------------------------------------------------


def require(config: Any, name: str, possible: bool, expectation: str) -> None:
    """Raise unless the field ``name`` has a possible value."""
    if not possible:
        raise ValueError(f"{name} must be {expectation}, got {getattr(config, name)!r}")


def require_sizes(config: Any, *names: str) -> None:
    """Raise unless these fields are integers of at least 1."""
    for name in names:
        size = getattr(config, name)
        require(config, name, type(size) is int and size >= 1, "an integer of at least 1")


def require_dropout(config: Any) -> None:
    """Raise unless ``dropout`` is a probability below 1."""
    require(config, "dropout", is_number(config.dropout) and 0 <= config.dropout < 1, "in [0, 1)")


def require_pad_id(config: Any) -> None:
    """Raise unless ``pad_id`` is an id of the source's and of the target's vocabulary."""
    vocab_size = min(config.source_vocab_size, config.target_vocab_size)
    in_both = type(config.pad_id) is int and 0 <= config.pad_id < vocab_size
    require(config, "pad_id", in_both, f"an id of both vocabularies (0 to {vocab_size - 1})")


def is_number(x: object) -> bool:
    """Whether ``x`` is an integer or a float, and no bool."""
    return isinstance(x, int | float) and not isinstance(x, bool)
