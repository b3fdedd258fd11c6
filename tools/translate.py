"""Bring the catalogs of a language up to date with the English pages, and say what is missing.

Usage: python tools/translate.py ko [transformer/masks …] [--check]

Extracts the messages of all pages (or of those named), merges them into
docs/locales/<language>/LC_MESSAGES/**.po and prints, for each page, how many are translated.
With --check it changes nothing, and only says what is missing or out of date.
"""

import argparse
import shutil
import subprocess
import sys
from pathlib import Path

import polib

from settings import ROOT

DOCS = ROOT / "docs"
LOCALES = DOCS / "locales"
WORK = ROOT / "_build"


def extract(pages: list[str]) -> Path:
    """Run Sphinx's gettext builder; return the folder of templates."""
    templates = WORK / "gettext"
    shutil.rmtree(templates, ignore_errors=True)
    command = [
        *(sys.executable, "-m", "sphinx", "-b", "gettext", "-q", "-c", str(ROOT)),
        *("-d", str(WORK / "doctrees" / "gettext")),
    ]
    if pages:
        patterns = ",".join(["index.md", *(f"{page}.md" for page in pages)])
        command += ["-D", f"include_patterns={patterns}"]
    subprocess.run([*command, str(DOCS), str(templates)], cwd=ROOT, check=True)
    wanted = {f"{page}.pot" for page in pages}
    for template in templates.rglob("*.pot"):
        name = template.relative_to(templates).as_posix()
        if (wanted and name not in wanted) or name == "sphinx.pot":
            template.unlink()
    return templates


def merge(language: str, templates: Path) -> None:
    """Merge templates into catalogs: what changed becomes fuzzy, what is gone goes."""
    paths = {catalog_path(language, name): None for name in names(templates)}
    before = {path: path.read_bytes() for path in paths if path.exists()}
    command = ["update", "-p", templates, "-d", LOCALES, "-l", language, "--no-obsolete"]
    program = [sys.executable, "-m", "sphinx_intl", *map(str, command)]
    subprocess.run(program, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    for path in paths:
        tidy(path, before.get(path), language)


def tidy(path: Path, before: bytes | None, language: str) -> None:
    """Give a catalog an honest header; leave its bytes alone if nothing but a date changed."""
    catalog = polib.pofile(str(path), wrapwidth=78)
    if before is not None:
        old = polib.pofile(before.decode("utf-8"), wrapwidth=78)
        if [entry_key(entry) for entry in old] == [entry_key(entry) for entry in catalog]:
            path.write_bytes(before)
            return
    catalog.header = "Jumok. Text and translations: CC BY 4.0."
    catalog.metadata_is_fuzzy = False
    catalog.metadata = {
        "Project-Id-Version": "Jumok",
        "POT-Creation-Date": catalog.metadata["POT-Creation-Date"],
        "PO-Revision-Date": catalog.metadata["POT-Creation-Date"],
        "Last-Translator": "The Jumok authors",
        "Language-Team": "The Jumok authors",
        "Language": language,
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
        "Plural-Forms": "nplurals=1; plural=0;",
    }
    catalog.save()


def entry_key(entry: polib.POEntry) -> tuple[object, ...]:
    return entry.msgid, entry.msgstr, entry.flags


def names(templates: Path) -> list[str]:
    """The pages that have messages."""
    found = templates.rglob("*.pot")
    return sorted(path.relative_to(templates).with_suffix("").as_posix() for path in found)


def catalog_path(language: str, name: str) -> Path:
    return LOCALES / language / "LC_MESSAGES" / f"{name}.po"


def report(language: str, templates: Path) -> bool:
    """Print what each page still lacks; return whether nothing does."""
    complete = True
    for name in names(templates):
        path = catalog_path(language, name)
        catalog = polib.pofile(str(path)) if path.exists() else polib.POFile()
        entries = {entry.msgid: entry for entry in catalog if not entry.obsolete}
        wanted = [entry.msgid for entry in polib.pofile(str(templates / f"{name}.pot"))]
        missing = [msgid for msgid in wanted if msgid not in entries or not entries[msgid].msgstr]
        fuzzy = [msgid for msgid in wanted if msgid in entries and entries[msgid].fuzzy]
        complete = complete and not missing and not fuzzy
        done = len(wanted) - len(missing) - len(fuzzy)
        print(f"{name}: {done} translated, {len(fuzzy)} to review, {len(missing)} missing")
        for kind, messages in (("to review", fuzzy), ("missing", missing)):
            for msgid in messages:
                line = entries[msgid].linenum if msgid in entries else 1
                print(f"  {path.relative_to(ROOT)}:{line}: {kind}: {msgid[:90]!r}")
    return complete


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("language", help="for instance ko")
    parser.add_argument("pages", nargs="*", help="pages such as transformer/masks; all without")
    parser.add_argument("--check", action="store_true", help="change nothing, only report")
    arguments = parser.parse_args()
    templates = extract([page.removesuffix(".md") for page in arguments.pages])
    if not arguments.check:
        merge(arguments.language, templates)
    complete = report(arguments.language, templates)
    sys.exit(0 if complete or not arguments.check else 1)


if __name__ == "__main__":
    main()
