"""Translate dates between Korean and English with a Transformer.

    python examples/translate_dates.py "2031년 7월 9일 수요일"

prints ``Wednesday, July 9, 2031``. The first call trains a model for its direction, which takes
about half a minute on two CPU cores, and keeps it for the next calls.
"""

import argparse
import datetime
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from jumok.data.dates import (
    FIRST_YEAR,
    FORMATS,
    LAST_YEAR,
    Direction,
    Language,
    ParsedDate,
    date_pairs,
    format_date,
    parse_date,
)
from jumok.translation import DATE_PAIRS, DATE_TRAINING, Translator, date_translator

NOT_A_DATE = 2
"""The exit status when an argument is not a date; argparse uses the same for wrong usage."""


def default_folder() -> Path:
    """Where trained models are kept: the user's cache."""
    if cache := os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA"):
        return Path(cache) / "jumok"
    return Path.home() / ".cache" / "jumok"


def parse_arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line; ``--help`` lists every format that the model knows."""
    day = datetime.date(2019, 2, 15)
    formats = "\n".join(
        f"  {format_date(day, 'ko', style)}  |  {format_date(day, 'en', style)}"
        for style in FORMATS
    )
    parser = argparse.ArgumentParser(
        description="Translate dates between Korean and English with a Transformer.",
        epilog=f"formats, for the years {FIRST_YEAR} to {LAST_YEAR}:\n{formats}\n\n"
        "The translation goes to standard output, one line a date; progress and errors go to "
        f"standard error.\nThe exit status is {NOT_A_DATE} if an argument is not a date.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("dates", nargs="+", metavar="DATE", help="a date, in quotation marks")
    parser.add_argument(
        "--direction",
        choices=["auto", "ko-en", "en-ko"],
        default="auto",
        help="from which language to which (default: whichever language each date is in)",
    )
    parser.add_argument(
        "--folder",
        type=Path,
        default=default_folder(),
        help="where trained models are kept (default: the user's cache, %(default)s)",
    )
    parser.add_argument("--retrain", action="store_true", help="train even if a model is there")
    return parser.parse_args(arguments)


def read_dates(texts: Sequence[str], direction: str) -> list[ParsedDate]:
    """The dates that ``texts`` name; raises `ValueError` with a line for every one that is none."""
    languages: dict[str, Language | None] = {"auto": None, "ko-en": "ko", "en-ko": "en"}
    found, errors = [], []
    for text in texts:
        try:
            found.append(parse_date(text, languages[direction]))
        except ValueError as error:
            errors.append(str(error))
    if errors:
        raise ValueError("\n".join(errors))
    return found


def load_or_train(direction: Direction, folder: Path, *, retrain: bool) -> Translator:
    """The translator of a direction: from its file, or trained now and then saved there."""
    path = folder / f"dates-{direction}.safetensors"
    translator = date_translator(direction)
    if not retrain:
        try:
            translator.load(path)
            return translator
        except FileNotFoundError:
            pass
        except ValueError as error:  # damaged, or written by another version of the package
            print(f"Training anew: {error}", file=sys.stderr)
    print(f"Training {direction}, to be kept in {path}", file=sys.stderr)
    translator.train(date_pairs("train", direction, count=DATE_PAIRS), DATE_TRAINING)
    translator.save(path)
    return translator


def translate(dates: Sequence[ParsedDate], folder: Path, *, retrain: bool) -> list[str]:
    """Translate every date into the other language, with a model for each direction in use."""
    directions: dict[Language, Direction] = {"ko": "ko-en", "en": "en-ko"}
    translations: dict[ParsedDate, str] = {}
    for language, direction in directions.items():
        ours = [date for date in dates if date.language == language]
        if not ours:
            continue
        translator = load_or_train(direction, folder, retrain=retrain)
        texts = [format_date(date.date, language, date.style) for date in ours]
        translations.update(zip(ours, translator.translate(texts), strict=True))
    return [translations[date] for date in dates]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program and return its exit status."""
    options = parse_arguments(arguments)
    try:
        dates = read_dates(options.dates, options.direction)
    except ValueError as error:
        print(error, file=sys.stderr)
        return NOT_A_DATE
    for translation in translate(dates, options.folder, retrain=options.retrain):
        print(translation)
    return 0


if __name__ == "__main__":
    sys.exit(main())
