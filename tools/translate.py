"""From a changed sentence to its translation, and to the page in a browser.

nox -s translate -- ko                     merge all pages into the Korean catalogs, report
nox -s translate -- ko transformer/masks   the same for one page (or several)
nox -s translate -- ko masks --live        … then serve it, and reload when a file is saved
nox -s translate -- ko --fast --live       … without torch, and without executing a cell
nox -s translate -- --check                fail if a language declared complete isn't
nox -s translate -- --new ja               set up one more language
"""

import argparse
import subprocess
import sys

from languages import LanguagesError
from settings import COMPLETE, LANGUAGES_FILE, ROOT, SOURCE, TRANSLATIONS

sys.path.insert(0, str(ROOT / "extensions"))

from translation import new_language
from translation.catalogs import CatalogError
from translation.extraction import PageError, Texts, extract, page_names
from translation.report import PageState, glossary_state, summary
from translation.update import states, update

GLOSSARY = ROOT / "docs" / "glossary.yml"


def arguments_of(words: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="nox -s translate --",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("language", nargs="?", help=f"one of {', '.join(TRANSLATIONS)}")
    add("pages", nargs="*", metavar="page", help="for instance transformer/masks, or masks")
    add("--check", action="store_true", help="change nothing; fail if something is incomplete")
    add("--new", metavar="CODE", help="set up a language: ja, pt_BR, …")
    add("--fast", action="store_true", help="need no torch and execute nothing")
    add("--live", action="store_true", help="serve the pages, reload when a file is saved")
    add("--port", type=int, default=8000, help="of the live preview (default 8000)")
    add("--no-browser", action="store_true", help="don't open a browser")
    arguments = parser.parse_args(words)
    if arguments.new:
        if arguments.language or arguments.check:
            parser.error("--new takes a code and neither a language, pages nor --check")
        return arguments
    if arguments.language is None and not arguments.check:
        parser.error(f"name a language: {', '.join(TRANSLATIONS)} (or --check, or --new CODE)")
    if arguments.check and arguments.live:
        parser.error("--check and --live exclude each other")
    if arguments.language == SOURCE:
        parser.error(f"{SOURCE} is the source language: edit docs/**/*.md (nox -s live shows it)")
    if arguments.language and arguments.language not in TRANSLATIONS:
        known = ", ".join(TRANSLATIONS)
        parser.error(
            f"{arguments.language!r} is no language of this site ({known}). "
            f"The language comes first: -- {TRANSLATIONS[0]} {arguments.language}; "
            f"a new one begins with -- --new {arguments.language}"
        )
    try:
        arguments.pages = page_names(arguments.pages)
    except PageError as error:
        parser.error(str(error))
    return arguments


def print_states(language: str, found: list[PageState]) -> None:
    for state in found:
        print(state.describe())
        for one in state.open:
            print(one.describe(ROOT))
    print(summary(language, found))


def say_what_is_left_out(texts: Texts) -> None:
    if texts.left_out:
        print(f"left out (their text is in docstrings): {', '.join(texts.left_out)}")
    if texts.not_executed:
        print(
            f"not executed, so texts in outputs stay as they were: {len(texts.not_executed)} pages"
        )


def check(arguments: argparse.Namespace) -> int:
    """Whether languages are complete: those declared so, or the one that was named."""
    languages = [arguments.language] if arguments.language else COMPLETE
    if not languages:
        print("no language is declared complete in docs/languages.yml")
        return 0
    texts = extract(arguments.pages, fast=arguments.fast)
    say_what_is_left_out(texts)
    complete = True
    for language in languages:
        found = states(language, texts)
        found += [] if arguments.pages else [glossary_state(language, GLOSSARY)]
        for state in found:
            for one in state.open:
                print(one.describe(ROOT).strip())
        print(summary(language, found))
        complete = complete and not any(state.open for state in found)
    if not complete:
        print("incomplete: translate these, or set `complete: false` in docs/languages.yml")
    return 0 if complete else 1


def translate(arguments: argparse.Namespace) -> None:
    """Merge, and report."""
    texts = extract(arguments.pages, fast=arguments.fast)
    done = update(arguments.language, texts, everything=not arguments.pages)
    for path in done.removed:
        print(f"removed {path.relative_to(ROOT)}: it belongs to no page")
    glossary = [] if arguments.pages else [glossary_state(arguments.language, GLOSSARY)]
    print_states(arguments.language, done.states + glossary)
    say_what_is_left_out(texts)
    count = len(done.changed)
    print(f"{count} catalogs changed" if count != 1 else "1 catalog changed")


def new(arguments: argparse.Namespace) -> None:
    """Set up a language; a second time only what is missing."""
    code = new_language.known_code(arguments.new)
    if code == SOURCE:
        raise LanguagesError(f"{code} is the source language: its pages are docs/**/*.md")
    texts = extract([], fast=arguments.fast)
    added = new_language.add_entry(LANGUAGES_FILE, code)
    done = update(code, texts, everything=not arguments.fast)
    say_what_is_left_out(texts)
    entry = LANGUAGES_FILE.relative_to(ROOT)
    print(f"{entry}: {'added ' + code if added else code + ' was there already'}")
    print(f"{len(done.changed)} catalogs written below docs/locales/{code} and site/locales")
    print(summary(code, [*done.states, glossary_state(code, GLOSSARY)]))
    print(f"""
What comes next:
  1. Look at its entry in {entry}: is the name right? Add a `hint` in the language:
     the tooltip of the link that leads to it.
  2. Begin with site/locales/{code}.po and docs/locales/{code}/LC_MESSAGES/index.po, in any
     editor, Poedit or Weblate, and look at it: nox -s translate -- {code} index --fast --live
     What isn't translated yet shows the source language.
  3. Give the terms of docs/glossary.yml their names in {code}.
  4. nox -s docs builds the site with it: switch, landing page and status follow from {entry.name}.
  5. Once nothing is missing, set `complete: true`: from then on it has to stay so.""")


def serve(arguments: argparse.Namespace) -> int:
    command = [sys.executable, str(ROOT / "tools" / "live.py"), arguments.language]
    command += ["--port", str(arguments.port)]
    command += ["--fast"] if arguments.fast else []
    command += ["--no-browser"] if arguments.no_browser else []
    command += ["--page", arguments.pages[0]] if arguments.pages else []
    try:
        return subprocess.run(command, cwd=ROOT, check=False).returncode
    except KeyboardInterrupt:
        return 0


def main(words: list[str] | None = None) -> int:
    arguments = arguments_of(words)
    try:
        if arguments.new:
            new(arguments)
            return 0
        if arguments.check:
            return check(arguments)
        translate(arguments)
    except (CatalogError, LanguagesError) as error:
        print(f"translate: {error}", file=sys.stderr)
        return 1
    return serve(arguments) if arguments.live else 0


if __name__ == "__main__":
    sys.exit(main())
