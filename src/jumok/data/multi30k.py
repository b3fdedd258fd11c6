"""Multi30k: captions of photographs in English and German, a sentence a line.

Source: Elliott et al., *Multi30K: Multilingual English-German Image Descriptions* (2016), §2.1.
"""

import gzip
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from jumok.checks import check_choice
from jumok.data.download import data_files

__all__ = ["CaptionPair", "CaptionSplit", "captions"]

CaptionSplit = Literal["train", "val", "test_2016_flickr"]

ADDRESS = "https://raw.githubusercontent.com/multi30k/dataset/master/data/task1/raw/"
CHECKSUMS = {
    "train.en": "d79cfa999dd4c51d2cb42499b6796d5a882c3a8a961923c25a898c90f8bbd56f",
    "train.de": "726e39b2fa9eb9ffb6dc763fb35a179f80fae06ffc5d28b6ace5faa883de28a6",
    "val.en": "14f7d25ddd868909a9213e361768460edcacdd6ab9d1e77b92560dc10c10dc28",
    "val.de": "f0cba2f995189cf5770f29a8a9a537a3ad3f51657ad873405082ff6863a5e75a",
    "test_2016_flickr.en": "611d361c6334bc7246101d48097c13cf5c4413c5befc793cc629934359d532d9",
    "test_2016_flickr.de": "9204244e408ccb38d2a55cfcd344df15005fc42a07a6e55ca6c52b6ababb8cc8",
}


@dataclass(frozen=True)
class CaptionPair:
    """An English caption and its German translation, by a professional translator."""

    source: str
    target: str


def captions(split: CaptionSplit, data: str | Path | None = None) -> list[CaptionPair]:
    """The captions of a split: 29,000 to train with, 1,014 to choose by, 1,000 for the test.

    They are read from the folder ``data`` or ``JUMOK_DATA``, or its subfolder ``multi30k``, which
    holds ``train.en`` and ``train.de``, each also as ``.gz``. Without a folder the originals are
    downloaded once, with their checksums.

    Raises:
        ValueError: there is no such split, a file isn't text in UTF-8, or the two files have
            different numbers of lines.
        FileNotFoundError: the folder, or one of the two files in it, is missing.
        jumok.data.download.DownloadError: the originals could not be fetched.
    """
    check_choice("split", split, get_args(CaptionSplit))
    names = [f"{split}.en", f"{split}.de"]
    originals = {
        f"{name}.gz": (f"{ADDRESS}{name}.gz", f"sha256:{CHECKSUMS[name]}") for name in names
    }
    paths = data_files(data, "multi30k", *([name] for name in names), originals=originals)
    sources, targets = map(_lines, paths)
    if len(sources) != len(targets):
        raise ValueError(
            f"expected as many lines in both languages, got {len(sources)} in {paths[0]} and "
            f"{len(targets)} in {paths[1]}"
        )
    return [CaptionPair(*texts) for texts in zip(sources, targets, strict=True)]


def _lines(path: Path) -> list[str]:
    """The sentences; a line ends with a line feed and with no other sign that Unicode knows."""
    opener: Any = gzip.open if path.suffix == ".gz" else open
    try:
        with opener(path, "rt", encoding="utf-8", newline="\n") as file:
            lines = [" ".join(line.split()) for line in file]
    except (UnicodeDecodeError, EOFError, gzip.BadGzipFile) as error:
        raise ValueError(f"{path} is not text in UTF-8: {error}") from error
    if not all(lines):
        raise ValueError(f"{path}, line {lines.index('') + 1}: expected a sentence, got none")
    return lines
