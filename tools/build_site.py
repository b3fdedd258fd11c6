"""Build the site: execute every page once, render it in every language, check the result.

Usage: python tools/build_site.py [--gpu] [--hub] [--doctest]

The first language executes what isn't cached; the others only render. `_build/site` holds what is
hosted and nothing else, made from `_build/html`, which is what Sphinx wrote; `_build/report.json`
lists page, language, seconds and executed.
"""

import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

from check_site import check, missing_pages
from execution import asked_for, cache_folder, cells_digest, source_digest
from settings import LANGUAGES, ROOT, SITE_URL, TRANSLATIONS, site_texts
from web_assets import PublishError, publish
from web_assets.weights import over_budget

BUILD = ROOT / "_build"
HTML = BUILD / "html"
SITE = BUILD / "site"


def demand_gpu() -> None:
    """End at once, with one line, where torch sees no CUDA device."""
    import torch

    if not torch.cuda.is_available():
        sys.exit(
            "docs --gpu: torch sees no CUDA device here "
            f"(torch {torch.__version__}). Build without --gpu to use the CPU."
        )
    os.environ["JUMOK_DEVICE"] = "cuda"


def demand_hub() -> None:
    """Fetch the Hub's checkpoints that pages run; end at once, with one line, where one is missing.

    ``JUMOK_HUB`` becomes a digest of their commits, so that pages are executed again when the Hub
    has another one.
    """
    from jumok.pipelines.hub import fetch_hub_models

    digest = hashlib.sha256()
    try:
        for model, commit in fetch_hub_models():
            print(f"hub  {model.name:<60}{commit}", flush=True)
            digest.update(f"{model.name} {commit}\n".encode())
    except OSError as error:  # no network, no such checkpoint, a damaged file
        sys.exit(f"docs --hub: {error}. Build without --hub to use the models of the package.")
    os.environ["JUMOK_HUB"] = digest.hexdigest()[:12]


def report_path(language: str, builder: str) -> Path:
    return BUILD / "reports" / f"{builder}-{language}.json"


def sphinx(language: str, *, builder: str = "html", jobs: int) -> None:
    """Run one Sphinx build; end the program when it fails."""
    output = BUILD / builder / language
    report = report_path(language, builder)
    report.parent.mkdir(parents=True, exist_ok=True)
    command = [
        *(sys.executable, "-m", "sphinx", "-b", builder, "-W", "--keep-going", "--no-color"),
        *("-j", str(jobs), "-c", str(ROOT), "-d", str(BUILD / "doctrees" / language)),
        *("-D", f"language={language}", "-D", f"execution_report_path={report}"),
        *(str(ROOT / "docs"), str(output)),
    ]
    start = time.perf_counter()
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        log = show_progress(process.stdout, language)
    if process.returncode:
        # Sphinx keeps what it read, and would not repeat its warnings about it.
        shutil.rmtree(BUILD / "doctrees" / language, ignore_errors=True)
        if builder == "doctest":
            print("".join(log))
        sys.exit(f"The {builder} build of language {language!r} failed (messages above).")
    if builder == "html" and jobs > 1 and (missing := missing_pages(ROOT / "docs", output)):
        print(f"{language}  left out by Sphinx: {', '.join(missing)}; now one by one", flush=True)
        sphinx(language, jobs=1)
        return
    print(f"{language}  {builder} built in {time.perf_counter() - start:.1f} s", flush=True)


def show_progress(output: Iterable[str], language: str) -> list[str]:
    """Print one line for each page with cells, as Sphinx reads it; return the whole log."""
    log = []
    for line in output:
        log.append(line)
        if found := re.fullmatch(r"(\S+) … ([\d.]+) s (executed|from cache)\s*", line):
            page, seconds, how = found.groups()
            print(f"{language}  {page:<44}{seconds:>7} s  {how}", flush=True)
    return log


def forget_old_executions() -> None:
    """Keep the execution cache in use and one before it."""
    current = cache_folder(ROOT)
    current.mkdir(parents=True, exist_ok=True)
    others = [folder for folder in current.parent.iterdir() if folder != current]
    for folder in sorted(others, key=lambda path: path.stat().st_mtime)[:-1]:
        shutil.rmtree(folder)


def reread_if_sources_changed() -> None:
    """Start the doctrees anew when the package changed: they hold outputs of the old one."""
    stamp = BUILD / "doctrees" / "sources"
    digest = source_digest(ROOT) + asked_for()
    if not stamp.exists() or stamp.read_text() != digest:
        shutil.rmtree(stamp.parent, ignore_errors=True)
        stamp.parent.mkdir(parents=True)
        stamp.write_text(digest)


def write_report(names: list[str]) -> None:
    pages = [page for name in names for page in json.loads(report_path(name, "html").read_text())]
    (BUILD / "report.json").write_text(json.dumps(pages, indent=1, ensure_ascii=False) + "\n")


def build() -> None:
    from sphinx_language_switch import write_root

    names = [language["code"] for language in LANGUAGES]
    forget_old_executions()
    reread_if_sources_changed()
    executed = BUILD / "executed"
    cells = cells_digest(ROOT)
    if executed.exists() and executed.read_text() == cells and cache_folder(ROOT).exists():
        # Every page is in the cache: the languages needn't wait for each other.
        with ThreadPoolExecutor(len(names)) as pool:
            list(pool.map(lambda name: sphinx(name, jobs=1), names))
    else:
        for name in names:
            sphinx(name, jobs=2)
        executed.write_text(cells)
    write_report(names)
    texts = {code: site_texts(code) for code in TRANSLATIONS}
    write_root(HTML, LANGUAGES, SITE_URL, templates=ROOT / "site", translations=texts)
    try:
        publish(HTML, SITE, base_path=urlsplit(SITE_URL).path)
    except PublishError as error:
        sys.exit(f"The site can't be published: {error}")
    if problems := [*check(SITE, seen=BUILD / "checked.json"), *over_budget(SITE)]:
        sys.exit("\n".join([*problems, f"{len(problems)} problems in the built site."]))
    index = SITE / "index.html"
    print(f"\nThe site is in {SITE}\nOpen {index} in a browser, or serve it with")
    print(f"  python -m http.server --directory {SITE}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--gpu", action="store_true", help="refuse to build without a GPU")
    parser.add_argument("--hub", action="store_true", help="run the checkpoints of the Hub")
    parser.add_argument("--doctest", action="store_true", help="run the pages' doctests instead")
    arguments = parser.parse_args()
    if arguments.gpu:
        demand_gpu()
    if arguments.hub:
        demand_hub()
    if arguments.doctest:
        for name in (language["code"] for language in LANGUAGES):
            sphinx(name, builder="doctest", jobs=1)
            print(f"{name}: doctests of the pages passed", flush=True)
    else:
        build()


if __name__ == "__main__":
    main()
