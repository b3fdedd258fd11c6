"""Time two functions against each other, and weigh the memory that a function takes."""

import ctypes
import multiprocessing
import statistics
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from pathlib import Path
from time import perf_counter
from typing import Any

import torch

Run = Callable[[], object]
STATUS = Path("/proc/self/status")


def seconds(run: Run, device: torch.device) -> float:
    """How long one call takes, the GPU's work included."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    start = perf_counter()
    run()
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    return perf_counter() - start


def interleaved(
    ours: Run, theirs: Run, device: torch.device, *, budget: float, least: int
) -> list[tuple[float, float]]:
    """Seconds of (ours, theirs), measured in turns so that a slow moment hits both.

    Who goes first alternates. Measures at least ``least`` pairs and goes on for ``budget`` seconds.
    A measurement is as many calls as take about 10 ms, so that the clock does not matter.
    """
    seconds(theirs, device), seconds(ours, device)  # warm up
    once = seconds(ours, device)
    calls = max(1, round(0.01 / max(once, 1e-7)))

    def repeated(run: Run) -> Run:
        return lambda: [run() for _ in range(calls)]

    pairs: list[tuple[float, float]] = []
    start = perf_counter()
    while len(pairs) < least or perf_counter() - start < budget:
        order = (ours, theirs) if len(pairs) % 2 == 0 else (theirs, ours)
        took = {run: seconds(repeated(run), device) / calls for run in order}
        pairs.append((took[ours], took[theirs]))
    return pairs


def summary(pairs: list[tuple[float, float]]) -> dict[str, float | int]:
    """Median times, and the median and quartiles of theirs / ours over the pairs."""
    ratios = [theirs / ours for ours, theirs in pairs]
    low, _, high = statistics.quantiles(ratios, n=4)
    return {
        "ratio": round(statistics.median(ratios), 3),
        "ratio_quartile_low": round(low, 3),
        "ratio_quartile_high": round(high, 3),
        "ours_milliseconds": round(1000 * statistics.median(pair[0] for pair in pairs), 4),
        "theirs_milliseconds": round(1000 * statistics.median(pair[1] for pair in pairs), 4),
        "repetitions": len(pairs),
    }


def peak_megabytes(
    build: Callable[..., Any], side: int, arguments: tuple[Any, ...], device: torch.device
) -> float | None:
    """Memory that one call takes at its peak, on top of what was built for it.

    On the CPU it runs in a process of its own, whose peak Linux keeps; None on other systems.
    """
    if device.type == "cuda":
        run = build(*arguments)[side]
        run()
        torch.cuda.synchronize(device)
        before = torch.cuda.memory_allocated(device)
        torch.cuda.reset_peak_memory_stats(device)
        run()
        torch.cuda.synchronize(device)
        return round((torch.cuda.max_memory_allocated(device) - before) / 2**20, 1)
    if not STATUS.exists():
        return None
    fresh = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(max_workers=1, mp_context=fresh) as executor:
        return executor.submit(_cpu_peak, build, side, arguments).result()


def _cpu_peak(build: Callable[..., Any], side: int, arguments: tuple[Any, ...]) -> float | None:
    run = build(*arguments)[side]
    run()
    with suppress(OSError, AttributeError):  # give back what the first call left, where glibc is
        ctypes.CDLL("libc.so.6").malloc_trim(0)
    try:
        Path("/proc/self/clear_refs").write_text("5")  # the peak starts again from here
    except OSError:
        return None
    before = _kilobytes("VmRSS")
    run()
    return round((_kilobytes("VmHWM") - before) / 1024, 1)


def _kilobytes(name: str) -> int:
    """A line of what Linux tells about this process."""
    lines = dict(line.split(":", 1) for line in STATUS.read_text().splitlines())
    return int(lines[name].split()[0])
