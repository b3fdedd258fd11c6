"""Bring the catalogs of a language up to date with the English pages, and say what is missing.

Usage: python tools/translate.py ko [transformer/masks …]

Extracts the messages of all pages (or of those named), merges them into
docs/locales/<language>/LC_MESSAGES/**.po and prints, for each page, how many are translated.
"""

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

import polib

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
LOCALES = DOCS / "locales"
WORK = Path(os.environ.get("JUMOK_BUILD", ROOT / "_build"))


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
    command = ["update", "-p", templates, "-d", LOCALES, "-l", language, "--no-obsolete"]
    program = [sys.executable, "-m", "sphinx_intl", *map(str, command)]
    subprocess.run(program, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)


def report(language: str, templates: Path) -> bool:
    """Print what each page still lacks; return whether nothing does."""
    complete = True
    for template in sorted(templates.rglob("*.pot")):
        name = template.relative_to(templates).with_suffix(".po")
        path = LOCALES / language / "LC_MESSAGES" / name
        catalog = polib.pofile(str(path))
        missing, fuzzy = catalog.untranslated_entries(), catalog.fuzzy_entries()
        done = len(catalog.translated_entries())
        print(f"{name.with_suffix('')}: {done} translated, {len(fuzzy)} to review, "
              f"{len(missing)} missing")
        for entry in [*fuzzy, *missing]:
            complete = False
            print(f"  {path.relative_to(ROOT)}:{entry.linenum}: {entry.msgid[:90]!r}")
    return complete


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("language", help="for instance ko")
    parser.add_argument("pages", nargs="*", help="pages such as transformer/masks; all without")
    arguments = parser.parse_args()
    templates = extract([page.removesuffix(".md") for page in arguments.pages])
    merge(arguments.language, templates)
    sys.exit(0 if report(arguments.language, templates) else 1)


if __name__ == "__main__":
    main()
