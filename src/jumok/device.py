"""The machine's device: where pages, tests and examples compute."""

import os
import platform

import torch

__all__ = ["default_device", "autocast_dtype", "describe_device"]


def default_device() -> torch.device:
    """The device to compute on: ``JUMOK_DEVICE`` if it is set, else the GPU, else the CPU.

    Raises:
        ValueError: ``JUMOK_DEVICE`` names no device, or a CUDA device that torch does not see.

    >>> default_device().type in {"cuda", "cpu"}
    True
    """
    name = os.environ.get("JUMOK_DEVICE", "").strip()
    if not name:
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
    except RuntimeError as error:
        raise ValueError(
            f"JUMOK_DEVICE must name a device (cpu, cuda, cuda:1), got {name!r}"
        ) from (error)
    if device.type == "cuda" and (device.index or 0) >= torch.cuda.device_count():
        raise ValueError(f"JUMOK_DEVICE is {name!r}, torch sees {torch.cuda.device_count()} GPUs")
    return device


def autocast_dtype(device: torch.device | None = None) -> torch.dtype:
    """The precision to train in: bfloat16 where the GPU computes in it, else float32.

    bfloat16 has float32's range, so gradients need no loss scaling; float16 would.

    >>> autocast_dtype(torch.device("cpu"))
    torch.float32
    """
    device = device or default_device()
    if device.type == "cuda" and torch.cuda.is_bf16_supported(including_emulation=False):
        return torch.bfloat16
    return torch.float32


def describe_device(device: torch.device | None = None) -> str:
    """The device in words, as the colophon prints it.

    >>> describe_device(torch.device("cpu")).startswith("CPU")
    True
    """
    device = device or default_device()
    if device.type == "cuda":
        properties = torch.cuda.get_device_properties(device)
        return f"{properties.name}, {properties.total_memory / 2**30:.0f} GiB"
    if device.type == "cpu":
        threads = torch.get_num_threads()
        return f"CPU ({platform.machine()}), {threads} thread{'s' if threads > 1 else ''}"
    return str(device)
