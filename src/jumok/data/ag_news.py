"""AG News: short English news of four kinds, read from files or from the public original.

Rows are ``class,title,description``, classes 1 to 4, without a header. Source: Zhang, Zhao and
LeCun, *Character-level Convolutional Networks for Text Classification* (2015), §4, from the corpus
of Antonio Gulli.
"""

import csv
import gzip
import html
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jumok.data.download import data_files

__all__ = ["CLASSES", "NewsArticle", "NewsFiles", "clean_text", "read_news", "news_files"]

CLASSES = ("World", "Sports", "Business", "Sci/Tech")
"""The names of the classes; class 1 of a file is number 0 here."""

ADDRESS = "https://raw.githubusercontent.com/mhjabreel/CharCnn_Keras/master/data/ag_news_csv/"
CHECKSUMS = {  # as torchtext's data set AG_NEWS publishes them
    "train.csv": "md5:b1a00f826fdfbd249f79597b59e1dc12",
    "test.csv": "md5:d52ea96a97a2d943681189a97654912d",
}

BROKEN_REFERENCE = re.compile(r"&?(#\d+|amp|quot|lt|gt|nbsp);")
TAG = re.compile(r"</?[a-zA-Z][^<>]*>")


@dataclass(frozen=True)
class NewsArticle:
    """One piece of news; ``label`` is the index of its class in `CLASSES`."""

    label: int
    title: str
    description: str

    @property
    def text(self) -> str:
        """Title and description, as a classifier reads them."""
        return f"{self.title} {self.description}"


@dataclass(frozen=True)
class NewsFiles:
    """The file to learn from and the file to be examined on."""

    train: Path
    held_out: Path


def clean_text(text: str) -> str:
    r"""Mend what is left of HTML in these files, and take backslashes for the spaces they were.

    >>> clean_text(r"Netopia Inc.  a maker of\networking gear")
    'Netopia Inc. a maker of networking gear'
    >>> clean_text(" quot;Stray Dogs, quot; Afghanistan #39;s pain")
    '"Stray Dogs, " Afghanistan \'s pain'
    """
    text = BROKEN_REFERENCE.sub(lambda found: html.unescape(f"&{found[1]};"), text)
    text = TAG.sub(" ", text.replace("\\$", "$").replace("\\", " "))
    return " ".join(text.split())


def read_news(path: str | Path, *, clean: bool = True) -> list[NewsArticle]:
    """The articles of a CSV file, ``.csv`` or ``.csv.gz``.

    Args:
        path: the file.
        clean: whether titles and descriptions go through `clean_text`.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: a row is no ``class,title,description`` or its class isn't 1 to 4, or there
            is no row. The message names file and line.
    """
    path = Path(path)
    articles = []
    opener: Any = gzip.open if path.suffix == ".gz" else open
    try:
        with opener(path, "rt", encoding="utf-8", newline="") as file:
            reader = csv.reader(file)
            for row in reader:
                if not row:
                    continue
                if len(row) != 3 or row[0].strip() not in {"1", "2", "3", "4"}:
                    raise ValueError(
                        f"{path}, line {reader.line_num}: expected class,title,description with a "
                        f"class of 1 to {len(CLASSES)}, got {row[:3]} ({len(row)} fields)"
                    )
                title, description = map(clean_text, row[1:]) if clean else row[1:]
                articles.append(NewsArticle(int(row[0]) - 1, title, description))
    except (UnicodeDecodeError, EOFError, gzip.BadGzipFile) as error:
        raise ValueError(f"{path} is not a CSV file in UTF-8: {error}") from error
    if not articles:
        raise ValueError(f"{path} holds no rows")
    return articles


def news_files(data: str | Path | None = None) -> NewsFiles:
    """Find the two files in the folder ``data`` or ``JUMOK_DATA``, else download the originals.

    The folder, or its subfolder ``ag_news``, holds ``train.csv`` and either ``dev.csv`` or
    ``test.csv``, each of them also as ``.gz``. Without a folder, the 120,000 articles for training
    and the 7,600 for the test are fetched once, with their checksums.

    Raises:
        FileNotFoundError: the folder, or one of the two files in it, is missing.
        jumok.data.download.DownloadError: the originals could not be fetched.
    """
    originals = {name: (ADDRESS + name, checksum) for name, checksum in CHECKSUMS.items()}
    train, held_out = data_files(
        data, "ag_news", ["train.csv"], ["dev.csv", "test.csv"], originals=originals
    )
    return NewsFiles(train, held_out)
