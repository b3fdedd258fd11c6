"""Say what is wrong in the catalogs of translations, with file and line.

Usage: python tools/check_translations.py [FILE.po …] [--language ko] [--rules code,maths]

Without a file it reads every catalog of every language, and the definitions of the glossary. What
the rules are and how to make an exception is told in tools/translation_checks/__init__.py; --list
prints the rules' names.
"""

import argparse
import os
import sys
from pathlib import Path

from settings import ROOT

sys.path.insert(0, str(ROOT / "extensions"))

from translation_checks import Settings, check_files, rule_names


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", nargs="*", type=Path, help="catalogs (default: all)")
    parser.add_argument("--language", action="append", help="only this language (repeatable)")
    parser.add_argument("--rules", default="", help="only these, with commas between")
    parser.add_argument("--list", action="store_true", help="print the rules' names and stop")
    parser.add_argument("--root", type=Path, default=ROOT, help="another project")
    arguments = parser.parse_args()
    settings = Settings.read(arguments.root.resolve())
    chosen = {path.resolve(): settings.language_of(path) for path in arguments.files}
    if stray := [str(path) for path, language in chosen.items() if language is None]:
        parser.error(f"no catalog of this project: {', '.join(stray)}")
    rules = [name for name in arguments.rules.split(",") if name]
    count = read = 0
    for language in arguments.language or settings.languages():
        if arguments.list:
            print(f"{language}: {', '.join(rule_names(settings, language))}")
            continue
        files = [path for path, code in chosen.items() if code == language]
        files = files if chosen else settings.files(language)
        findings = check_files(files, settings, language, rules, glossary=not chosen)
        for finding in findings:
            print(finding.text(settings.root))
            if os.environ.get("GITHUB_ACTIONS"):
                print(finding.annotation(settings.root))
        count, read = count + len(findings), read + len(files)
    if not arguments.list:
        print(f"{read} catalogs, {count} findings")
    sys.exit(bool(count))


if __name__ == "__main__":
    main()
