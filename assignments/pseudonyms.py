"""Assignment 4, Pipelines: names that don't leave the house.

Fill in what raises `NotImplementedError`, then run `pytest assignments/test_pseudonyms.py`. The
task, the experiment and the rubric are on the page "Assignments" of the book.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

Entity = Mapping[str, Any]
"""One of the entities that ``pipeline("ner", aggregation_strategy="simple")`` finds."""


def choose_entities(entities: Sequence[Entity], *, threshold: float) -> list[Entity]:
    """The entities to hide: those with at least that score, in the order of the text.

    Where two overlap, the one with the higher score stays; of two with the same score, the longer.
    """
    raise NotImplementedError


def hide_names(text: str, entities: Sequence[Entity]) -> tuple[str, dict[str, str]]:
    """Put a placeholder in the place of each entity: ``[PER1]``, ``[PER2]``, ``[LOC1]``…

    Numbers count up for each kind, in the order of the text. The same name of the same kind gets
    the same placeholder again. Everything else stays as it is, particles behind a name too:
    ``메가트론은`` becomes ``[PER1]은``. A text that holds something like a placeholder already is
    refused with a `ValueError` that names it, because it couldn't be told apart later.

    Returns:
        The text, and for each placeholder the name that it stands for.
    """
    raise NotImplementedError


def restore_names(text: str, names: Mapping[str, str]) -> str:
    """Put the names back, for instance into a reply; ``[PER1]`` isn't the beginning of ``[PER12]``.

    A placeholder that ``names`` doesn't hold stays.
    """
    raise NotImplementedError


class Pseudonymizer:
    """A pipeline around a pipeline: hide the names, let something work on the text, put them back.

    Args:
        recognize: finds entities, as ``pipeline("ner", aggregation_strategy="simple")`` does.
        threshold: the score from which on an entity is hidden.
    """

    def __init__(
        self, recognize: Callable[[list[str]], list[list[Entity]]], *, threshold: float = 0.5
    ) -> None:
        self.recognize, self.threshold = recognize, threshold

    def __call__(self, texts: Sequence[str], work: Callable[[list[str]], list[str]]) -> list[str]:
        """The texts after ``work``, which never sees a hidden name. All texts in one batch."""
        raise NotImplementedError
