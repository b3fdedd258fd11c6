"""NSMC: Korean film reviews, liked or not, read from files or from the public original.

Rows are ``id``, ``document`` and ``label``, separated by tabs, below a header; label 0 is a
rating of 1 to 4 stars, label 1 one of 9 or 10. Source: Lucy Park, *Naver sentiment movie corpus
v1.0* (2016), https://github.com/e9t/nsmc.
"""

import gzip
import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jumok.data.download import data_files

__all__ = ["CLASSES", "Review", "ReviewFiles", "clean_review", "read_reviews", "review_files"]

CLASSES = ("negative", "positive")
"""The names of the labels 0 and 1."""

ADDRESS = "https://raw.githubusercontent.com/e9t/nsmc/master/"
CHECKSUMS = {  # as the Hugging Face data set nsmc publishes them
    "ratings_train.txt": "sha256:e03b7d14e9e41be8d464a28057cd25d7396c53e67aa7fd5f7e552c59b0ee2940",
    "ratings_test.txt": "sha256:8ac9f64052f11dbf6ae0acb5e038f03d90a76f0eda7820cfb3a92d02edfcebda",
}

HEADER = ["id", "document", "label"]
LONGEST_REPEAT = re.compile(r"(.+?)\1{2,}")


@dataclass(frozen=True)
class Review:
    """One review; ``label`` is the index of its class in `CLASSES`."""

    label: int
    text: str


@dataclass(frozen=True)
class ReviewFiles:
    """The file to learn from and the file to be examined on."""

    train: Path
    held_out: Path


def clean_review(text: str) -> str:
    """Compose Hangul, fold white space, and let nothing stand more than twice in a row.

    However long somebody laughs, ``ㅋㅋ`` says it. More cleaning isn't needed, and emoticons say
    more about an opinion than many words do.

    >>> clean_review("최고다!!!!!!  ㅋㅋㅋㅋㅋㅋ 하하하하하")
    '최고다!! ㅋㅋ 하하'
    """
    text = " ".join(unicodedata.normalize("NFC", text).split())
    return LONGEST_REPEAT.sub(r"\1\1", text)


def read_reviews(path: str | Path, *, clean: bool = True) -> list[Review]:
    """The reviews of a file of three columns, plain or ``.gz``. Rows without text are left out.

    Args:
        path: the file.
        clean: whether texts go through `clean_review`.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: a row isn't ``id``, ``document`` and ``label``, its label isn't 0 or 1, or
            there is no row. The message names file and line.
    """
    path = Path(path)
    reviews = []
    opener: Any = gzip.open if path.suffix == ".gz" else open
    try:
        with opener(path, "rt", encoding="utf-8", newline="\n") as file:
            for number, line in enumerate(file, start=1):
                row = line.rstrip("\r\n").split("\t")
                if (number == 1 and row == HEADER) or row == [""]:
                    continue
                if len(row) != 3 or row[2] not in ("0", "1"):
                    raise ValueError(
                        f"{path}, line {number}: expected id, document and a label of 0 or 1, "
                        f"separated by tabs, got {row[:3]} ({len(row)} fields)"
                    )
                text = clean_review(row[1]) if clean else row[1]
                if text.strip():
                    reviews.append(Review(int(row[2]), text))
    except (UnicodeDecodeError, EOFError, gzip.BadGzipFile) as error:
        raise ValueError(f"{path} is not a text file in UTF-8: {error}") from error
    if not reviews:
        raise ValueError(f"{path} holds no reviews")
    return reviews


def review_files(data: str | Path | None = None) -> ReviewFiles:
    """Find the two files in the folder ``data`` or ``JUMOK_DATA``, else download the originals.

    The folder, or its subfolder ``nsmc``, holds ``train.tsv`` and either ``dev.tsv`` or
    ``test.tsv``, or the original's ``ratings_train.txt`` and ``ratings_test.txt``; each of them
    also as ``.gz``. Without a folder, the 150,000 reviews for training and the 50,000 for the test
    are fetched once, with their checksums.

    Raises:
        FileNotFoundError: the folder, or one of the two files in it, is missing.
        jumok.data.download.DownloadError: the originals could not be fetched.
    """
    originals = {name: (ADDRESS + name, checksum) for name, checksum in CHECKSUMS.items()}
    train, held_out = data_files(
        data,
        "nsmc",
        ["train.tsv", "ratings_train.txt"],
        ["dev.tsv", "test.tsv", "ratings_test.txt"],
        originals=originals,
    )
    return ReviewFiles(train, held_out)
