"""Arguments that several programs share, so that they are called and explained alike."""

import argparse
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
RECORDS = ROOT / "docs" / "records"


def parser_of(explanation: str | None) -> argparse.ArgumentParser:
    """A parser whose help begins with the program's docstring, line by line as it is written."""
    return argparse.ArgumentParser(
        description=explanation, formatter_class=argparse.RawDescriptionHelpFormatter
    )


def add_data(parser: argparse.ArgumentParser, files: str, *, folder: str) -> None:
    """Where data come from: ``--data``, and ``--data-note`` for the record.

    Args:
        parser: gets the arguments.
        files: which files are expected, as the help says it.
        folder: the folder's name in which they may lie.
    """
    parser.add_argument(
        "--data",
        type=Path,
        help=f"a folder with {files}, also as .gz or in {folder}/ "
        "(default: JUMOK_DATA, else the original is downloaded)",
    )
    parser.add_argument(
        "--data-note", default="", metavar="TEXT", help="what the record says about the data"
    )


def add_checkpoints(parser: argparse.ArgumentParser, name: str) -> None:
    """Where trainings are kept: ``--folder``, by default ``checkpoints/NAME`` of the checkout."""
    parser.add_argument(
        "--folder",
        type=Path,
        default=ROOT / "checkpoints" / name,
        help=f"where interrupted and finished trainings are kept (default: checkpoints/{name})",
    )
