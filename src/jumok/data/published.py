"""What two documents print for the letter to Amazon: the same chapter, run in 2022 and in 2025.

The outputs are in ``published.toml`` beside this module, which says where each comes from. They
belong to the checkpoints of `jumok.pipelines.defaults.HUB_MODELS`.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from jumok.data.letters import LETTER_TO_AMAZON

__all__ = ["QUESTION", "PublishedRun", "published_runs"]

PUBLISHED_FILE = Path(__file__).with_name("published.toml")

QUESTION = "What does the customer want?"
"""What both documents ask the letter."""

Row = dict[str, Any]


@dataclass(frozen=True)
class PublishedRun:
    """What one document prints.

    Attributes:
        name: ``book`` or ``notebook``.
        source: the key of the chapter in the book's references.
        year: when it was run.
        letter_has_line_breaks: whether the letter was broken into lines there.
        cue: the line between letter and reply.
        begun: how the reply begins; it is a part of the prompt.
        outputs: for each task the rows that a pipeline returned. For ``text-generation`` it is what
            came after the prompt.
    """

    name: str
    source: str
    year: int
    letter_has_line_breaks: bool
    cue: str
    begun: str
    outputs: Mapping[str, list[Row]]

    @cached_property
    def letter(self) -> str:
        """The letter as it stands in that document, so that the offsets fit.

        >>> book = published_runs()["book"]
        >>> [book.letter[row["start"] : row["end"]] for row in book.outputs["question-answering"]]
        ['an exchange of Megatron']
        """
        return (
            LETTER_TO_AMAZON if self.letter_has_line_breaks else LETTER_TO_AMAZON.replace("\n", "")
        )

    @property
    def prompt(self) -> str:
        """Letter, cue, and the beginning of the reply, as the generator got them."""
        return f"{self.letter}\n\n{self.cue}\n{self.begun}"


def published_runs() -> dict[str, PublishedRun]:
    """Both documents, by their names.

    >>> for name, run in published_runs().items():
    ...     print(name, run.year, run.outputs["text-classification"])
    book 2022 [{'label': 'NEGATIVE', 'score': 0.901546}]
    notebook 2025 [{'label': 'NEGATIVE', 'score': 0.901546}]
    """
    with PUBLISHED_FILE.open("rb") as file:
        return {name: PublishedRun(name, **each) for name, each in tomllib.load(file).items()}
