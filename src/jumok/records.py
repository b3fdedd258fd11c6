"""Records: results that took too long for a page, with what is needed to run them again.

A program in ``examples/`` or ``benchmarks/`` computes the numbers and calls `write_record`; a page
calls `read_record` and shows them. Nobody types a number.
"""

import json
import platform
import shlex
import subprocess
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from jumok import __version__
from jumok.device import describe_device
from jumok.shipped import shipped_file

RECORDED_PACKAGES = ("torch", "numpy", "babel")


def run_command() -> str:
    """The command line that started this program, without the machine's own paths."""
    program = Path(sys.argv[0])
    for folder in (Path.cwd(), *program.resolve().parents):
        if (folder / "pyproject.toml").exists() and program.resolve().is_relative_to(folder):
            program = program.resolve().relative_to(folder)
            break
    else:
        program = Path(program.name)
    arguments = [
        Path(argument).name if Path(argument).is_absolute() else argument
        for argument in sys.argv[1:]
    ]
    return shlex.join(["python", program.as_posix(), *arguments])


def git_commit() -> str:
    """The commit of the working tree, with ``-dirty`` when a tracked file differs from it."""
    command = ["git", "describe", "--always", "--abbrev=40", "--dirty", "--exclude=*"]
    folder = Path(__file__).parent
    try:
        found = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return "unknown"  # installed from a wheel, or a machine without git
    return found.stdout.strip()


def package_versions(packages: Sequence[str] = RECORDED_PACKAGES) -> dict[str, str]:
    """Versions of Python and of the named packages, as installed here."""
    versions = {"python": platform.python_version(), "jumok": __version__}
    for package in packages:
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            versions[package] = "not installed"
    return versions


def write_record(
    path: str | Path, results: Mapping[str, Any], *, seeds: Sequence[int] = ()
) -> dict[str, Any]:
    """Write ``results`` to ``path`` as JSON, beside what produced them, and return the record.

    The record holds ``command``, ``commit``, ``date`` (UTC), ``device``, ``versions``, ``seeds``
    and ``results``. The commit is that of the code that ran; it ends in ``-dirty`` if a tracked
    file had been changed since.
    """
    record = {
        "command": run_command(),
        "commit": git_commit(),
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "device": describe_device(),
        "versions": package_versions(),
        "seeds": list(seeds),
        "results": dict(results),
    }
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(record, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return record


def read_record(path: str | Path) -> dict[str, Any]:
    """A record, as `write_record` returned it: the file at ``path``, or one that the book ships.

    A bare name, without folder and ending, is that of one of the book's own records:
    ``read_record("head_counts")`` finds it in a checkout and in an installed package.

    A path or name that does not exist raises `FileNotFoundError`; a file that is not a record
    raises `ValueError` naming the keys it lacks.

    >>> read_record("head_counts")["command"]
    'python examples/compare_head_counts.py'
    """
    path = Path(path)
    if path.name == str(path) and not path.suffix:
        path = shipped_file("records", f"{path}.json")
    record = json.loads(path.read_text(encoding="utf-8"))
    expected = {"command", "commit", "date", "device", "versions", "seeds", "results"}
    if not isinstance(record, dict) or not expected <= record.keys():
        missing = sorted(expected - set(record))
        raise ValueError(f"{path} is not a record: it lacks {', '.join(missing)}")
    return record
