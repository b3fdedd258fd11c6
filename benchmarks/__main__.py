"""Measure our parts beside torch's in one run, print a table and write it as a record."""

import argparse
import re
from pathlib import Path
from typing import Any

import torch

from benchmarks.cases import Case, Setting, cases
from benchmarks.measure import interleaved, peak_megabytes, summary
from jumok.device import autocast_dtype, default_device, describe_device
from jumok.records import write_record

RECORDS = Path(__file__).resolve().parent.parent / "docs" / "records"
COLUMNS = "{:40} {:>6} {:>6}  {:>9} {:>9}  {:>8} {:>8}"


def main() -> None:
    arguments = parse_arguments()
    device = default_device()
    setting = Setting(device, autocast_dtype(device), arguments.quick)
    print(f"{describe_device(device)}, {str(setting.dtype).removeprefix('torch.')}", flush=True)
    print("ratio = theirs / ours: above 1, ours is faster; ms and peak MB of ours and theirs\n")
    print(COLUMNS.format("", "ratio", "want", "ours ms", "theirs", "ours MB", "theirs"), flush=True)
    results = []
    for case in cases(setting):
        if re.search(arguments.only, case.name):
            results.append(measure(case, setting, arguments))
            print(row(results[-1]), flush=True)
    missed = [result["name"] for result in results if not result["target_met"]]
    print(f"below what is wanted: {', '.join(missed)}" if missed else "all as wanted")
    if arguments.quick or arguments.only or arguments.no_memory:
        print("no record: not everything was measured")
        return
    path = RECORDS / f"benchmark-{device_name(device)}.json"
    settings = {"dtype": str(setting.dtype), "threads": torch.get_num_threads()}
    write_record(path, {**settings, "comparisons": results}, seeds=[0])
    print(f"record: {path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path}")


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="tiny sizes: does it run at all?")
    parser.add_argument("--only", default="", metavar="REGEX", help="comparisons to make")
    parser.add_argument(
        "--seconds", type=float, default=10.0, help="measure each comparison for so long"
    )
    parser.add_argument("--no-memory", action="store_true", help="leave out the memory")
    return parser.parse_args()


def measure(case: Case, setting: Setting, arguments: argparse.Namespace) -> dict[str, Any]:
    """One comparison: times, their ratio, and the memory that each takes at its peak."""
    torch.manual_seed(0)
    ours, theirs = case.build(setting, *case.arguments)
    budget, least = (0.1, 3) if setting.quick else (arguments.seconds, 5)
    pairs = interleaved(ours, theirs, setting.device, budget=budget, least=least)
    result: dict[str, Any] = {"name": case.name, "ours": case.ours, "theirs": case.theirs}
    result |= summary(pairs)
    result["target"] = case.target
    result["target_met"] = case.target is None or summary(pairs)["ratio"] >= case.target
    del ours, theirs
    if case.weigh and not arguments.no_memory:
        where = (setting, *case.arguments)
        peaks = [peak_megabytes(case.build, side, where, setting.device) for side in (0, 1)]
        result["ours_peak_megabytes"], result["theirs_peak_megabytes"] = peaks
    return result


def row(result: dict[str, Any]) -> str:
    """A line of the table, and below it what was compared."""
    numbers = [
        "" if value is None else f"{value:.{digits}f}"
        for value, digits in (
            (result["ratio"], 2),
            (result["target"], 2),
            (result["ours_milliseconds"], 2),
            (result["theirs_milliseconds"], 2),
            (result.get("ours_peak_megabytes"), 1),
            (result.get("theirs_peak_megabytes"), 1),
        )
    ]
    line = COLUMNS.format(result["name"], *numbers)
    return f"{line}\n  {result['ours']} / {result['theirs']}"


def device_name(device: torch.device) -> str:
    """``cpu``, or the name of the GPU, as it stands in the record's file name."""
    if device.type != "cuda":
        return device.type
    name = torch.cuda.get_device_name(device).lower().removeprefix("nvidia ")
    return re.sub(r"[^a-z0-9]+", "-", name).strip("-")


if __name__ == "__main__":
    main()
