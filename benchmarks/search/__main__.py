"""Measure our search beside Sphinx's default and pagefind, in one run, on the golden set.

Usage: python -m benchmarks.search [--quick]

Builds the site's pages in every language with our search and without it (executed cells come from
the cache), lets pagefind index the pages without it, asks all three every query in Chromium, and
writes docs/records/search.json. With --quick it asks only ours, on the pages in _build/site.
"""

import argparse
import statistics
import subprocess
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.search.build import Cost, build, index_with_pagefind
from benchmarks.search.engines import ENGINES, Answer, Engine, ask, loaded, size
from benchmarks.search.golden import GOLDEN, HELD_OUT, ROOT, Query, judge, load
from benchmarks.search.score import Score, by_kind, score
from benchmarks.search.texts import Page, read_site

sys.path[:0] = [str(ROOT / folder) for folder in ("tools", "tests/extensions")]

from chromium import chromium  # noqa: E402

from settings import LANGUAGES  # noqa: E402

if TYPE_CHECKING:
    from playwright.sync_api import Browser

SITE = ROOT / "_build" / "site"
WORK = ROOT / "_build" / "search"
RECORD = ROOT / "docs" / "records" / "search.json"
CODES = [language["code"] for language in LANGUAGES]
ROW = "{:10}{:4}{:>9}{:>11}{:>12}{:>10}{:>11}{:>9}"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.search", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="ask only ours, in _build/site")
    parser.add_argument("--repeat", type=int, default=5, help="time each query so many times")
    arguments = parser.parse_args()
    if not (SITE / "index.html").exists():
        sys.exit("the site isn't built: run `nox -s docs` first, so that its cells are executed")
    print(
        ROW.format("", "", "recall", "precision", "best first", "sections", "median ms", "p95 ms")
    )
    if arguments.quick:
        with chromium() as browser:
            quality(browser, ENGINES[0], SITE, arguments.repeat)
        return
    results = {}
    for engine in ENGINES:
        site, costs = prepare(engine)
        with chromium() as browser:  # minutes may have passed: each engine gets a fresh one
            results[engine.name] = quality(browser, engine, site, arguments.repeat)
        results[engine.name]["build"] = {code: costs[code].record() for code in CODES}
    from jumok.records import write_record

    write_record(RECORD, {**circumstances(), "engines": results})
    print(f"record: {RECORD.relative_to(ROOT)}")


def prepare(engine: Engine) -> tuple[Path, dict[str, Cost]]:
    """Build the pages with our search or without it, or index those; where, and what it costs."""
    if engine.name == "ours":
        return WORK / "ours", {code: build(WORK / "ours", code) for code in CODES}
    plain = WORK / "plain"
    if engine.name == "pagefind":
        return plain, {code: index_with_pagefind(plain / code) for code in CODES}
    return plain, {code: build(plain, code, without=["sphinx_korean_search"]) for code in CODES}


def quality(browser: "Browser", engine: Engine, site: Path, repeat: int) -> dict[str, Any]:
    """How an engine fares on the golden set and on the queries held out, with time and size."""
    record: dict[str, Any] = {"golden": {}, "held_out": {}, "milliseconds": {}, "size": {}}
    failures: list[str] = []
    for code in CODES:
        pages = read_site(site / code)
        for name, path in (("golden", GOLDEN), ("held_out", HELD_OUT)):
            queries = [query for query in load(path) if query.language == code]
            texts = [query.text for query in queries]
            answers = ask(browser.new_page(), site, code, engine, texts, repeat=repeat)
            scores = judged(queries, answers, pages)
            record[name] |= by_kind(scores)
            if name == "golden":
                failures += [line for one in scores for line in one.complaints()]
                record["milliseconds"][code] = times(answers)
                record["size"][code] = sizes(browser, engine, site, code, texts[0])
                print_row(engine.name, code, record)
    if engine.name == "ours":
        print(*failures, sep="\n", file=sys.stderr)
    return record | {"failures": len(failures)}


def sizes(
    browser: "Browser", engine: Engine, site: Path, code: str, query: str
) -> dict[str, dict[str, float | int]]:
    """What an engine put beside the pages of a language, and what one query made it load."""
    own = {path for language in CODES for path in engine.index(site / language)}
    needed = own & loaded(browser.new_page(), site, code, engine, query)
    return {"all": size(engine.index(site / code)), "one_query": size(needed)}


def judged(
    queries: Sequence[Query], answers: Sequence[Answer], pages: dict[str, Page]
) -> list[Score]:
    pairs = zip(queries, answers, strict=True)
    return [score(query, judge(query, pages), answer, pages) for query, answer in pairs]


def times(answers: Sequence[Answer]) -> dict[str, float]:
    """Milliseconds of a query: the median, and what one query in twenty exceeds."""
    milliseconds = [answer.milliseconds for answer in answers]
    return {
        "median": round(statistics.median(milliseconds), 2),
        "p95": round(statistics.quantiles(milliseconds, n=20)[-1], 2),
    }


def print_row(name: str, code: str, record: dict[str, Any]) -> None:
    every, spent = record["golden"][code]["all"], record["milliseconds"][code]
    kinds = ("recall", "precision", "best_first", "leads_to_section")
    shares = [f"{100 * every[kind]:.1f} %" for kind in kinds]
    print(ROW.format(name, code, *shares, spent["median"], spent["p95"]), flush=True)


def circumstances() -> dict[str, Any]:
    """What was asked, of how many pages, and with which programs."""
    command = [sys.executable, "-m", "pagefind", "--version"]
    pagefind = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()[
        -1
    ]
    return {
        "programs": {"sphinx": version("sphinx"), "pagefind": pagefind},
        "pages": {code: len(read_site(WORK / "plain" / code)) for code in CODES},
        "queries": {
            name: {code: sum(query.language == code for query in load(path)) for code in CODES}
            for name, path in (("golden", GOLDEN), ("held_out", HELD_OUT))
        },
    }


if __name__ == "__main__":
    main()
