"""The Hub's checkpoints in place of those of the package, where ``JUMOK_HUB`` asks for them.

A page that compares with published outputs calls `hub_or_shipped`. ``nox -s docs -- --hub`` first
calls `fetch_hub_models`, so that a page neither waits for a download nor fails half-way.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from jumok.pipelines import pipeline
from jumok.pipelines.defaults import (
    HUB_MODELS,
    KOREAN_HUB_MODELS,
    HubModel,
    default_model,
    hub_model,
    hub_wanted,
)

__all__ = ["Choice", "hub_or_shipped", "fetch_hub_models", "describe_checkpoints"]


@dataclass(frozen=True)
class Choice:
    """Which model runs a task: one of the Hub, or without one that of the package."""

    task: str
    model: HubModel | None = None

    def __str__(self) -> str:
        """As a page says it.

        >>> print(Choice("ner"))
        ner: the model of the package
        >>> print(Choice("ner", HubModel("user/model", "v1")))
        ner: user/model at v1, from the Hub
        """
        where = "the model of the package" if self.model is None else f"{self.model}, from the Hub"
        return f"{self.task}: {where}"

    def pipeline(self, **options: Any) -> Any:
        """The pipeline with this model; see `jumok.pipelines.pipeline` for options and errors."""
        if self.model is None:
            return pipeline(self.task, **options)
        return pipeline(self.task, self.model.name, revision=self.model.revision, **options)


def hub_or_shipped(task: str, *, otherwise: str | None = None) -> Choice:
    """The Hub's checkpoint for a task if ``JUMOK_HUB`` asks for it, else the package's model.

    Args:
        task: a task of `jumok.pipelines.pipeline`.
        otherwise: the task to take if the package's model is asked for and ``task`` has none.

    Raises:
        FileNotFoundError: the package's model is asked for, and there is none.

    >>> import os
    >>> asked = os.environ.pop("JUMOK_HUB", None)
    >>> print(hub_or_shipped("translation_en_to_de", otherwise="translation_en_to_ko"))
    translation_en_to_ko: the model of the package
    >>> os.environ["JUMOK_HUB"] = "1"
    >>> print(hub_or_shipped("text-generation"))
    text-generation: openai-community/gpt2 at 607a30d, from the Hub
    >>> del os.environ["JUMOK_HUB"]
    """
    if hub_wanted():
        return Choice(task, hub_model(task))
    task = otherwise or task
    default_model(task)
    return Choice(task)


def fetch_hub_models() -> Iterator[tuple[HubModel, str]]:
    """Download each checkpoint that the book names, and say which commit it is.

    What is in the Hub's cache already, whole and of the right revision, needs no network.

    Yields:
        each checkpoint with its commit, forty hexadecimal digits.

    Raises:
        FileNotFoundError: a checkpoint isn't in the cache, and it can't be fetched.
        DownloadError: a file is damaged.
    """
    from jumok.pretrained import checkpoint_folder

    for model in (*HUB_MODELS.values(), *KOREAN_HUB_MODELS.values()):
        yield model, checkpoint_folder(model.name, revision=model.revision).name


def describe_checkpoints() -> str:
    """Which checkpoints ran, one a line, as the colophon prints it; the Hub isn't asked.

    >>> import os
    >>> asked = os.environ.pop("JUMOK_HUB", None)
    >>> describe_checkpoints()
    'those of the package'
    """
    if not hub_wanted():
        return "those of the package"
    from jumok.pretrained import cached_folder

    lines = []
    for model in (*HUB_MODELS.values(), *KOREAN_HUB_MODELS.values()):
        folder = cached_folder(model.name, model.revision)
        lines.append(f"{model.name} {'not fetched' if folder is None else folder.name}")
    return "\n".join(lines)
