"""Build the pages to search in, and say what it costs."""

import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from benchmarks.search.golden import ROOT

#: The page that shows the record: it can't be built before there is one.
SHOWS_THE_RECORD = "contributing/korean-search.md"


@dataclass(frozen=True)
class Cost:
    """Seconds on the clock, and seconds of work: those of all cores, whatever else they did."""

    clock: float
    work: float

    def record(self) -> dict[str, float]:
        return {"clock_seconds": round(self.clock, 1), "cpu_seconds": round(self.work, 1)}


def run(command: Sequence[str | Path]) -> Cost:
    """Run a program, and say what it cost; end with its messages when it fails."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), perf_counter()
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    clock, after = perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        sys.exit(f"{done.stdout}{done.stderr}\n{command[0]} failed: {done.returncode}")
    work = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(clock, work)


def build(site: Path, language: str, *, without: Sequence[str] = ()) -> Cost:
    """Build one language afresh into ``site``, with the site's extensions but for some."""
    from sphinx.config import Config
    from sphinx.util.tags import Tags

    doctrees = site.parent / "doctrees" / site.name / language
    for folder in (doctrees, site / language):
        shutil.rmtree(folder, ignore_errors=True)
    config = Config.read(ROOT, overrides={}, tags=Tags())
    kept = [name for name in config.extensions if name not in without]
    command = [sys.executable, "-m", "sphinx", "-q", "-b", "html", "-c", ROOT, "-d", doctrees]
    for setting in (
        f"language={language}",
        f"extensions={','.join(kept)}",
        f"exclude_patterns={','.join([*config.exclude_patterns, SHOWS_THE_RECORD])}",
        f"execution_report_path={doctrees / 'report.json'}",
    ):
        command += ["-D", setting]
    os.makedirs(doctrees, exist_ok=True)
    return run([*command, ROOT / "docs", site / language])


def index_with_pagefind(folder: Path) -> Cost:
    """Let pagefind index the articles of one language, code names in one piece."""
    shutil.rmtree(folder / "pagefind", ignore_errors=True)
    command = [sys.executable, "-m", "pagefind", "--site", folder, "--silent"]
    return run([*command, "--root-selector", "article.bd-article", "--include-characters", "_"])
