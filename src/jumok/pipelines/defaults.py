"""Which model a task has when none is named: the one place to register it."""

import os
from dataclasses import dataclass
from pathlib import Path

from jumok.pipelines.text_to_text import languages_of

__all__ = [
    "HubModel",
    "HUB_MODELS",
    "KOREAN_HUB_MODELS",
    "SHIPPED_MODELS",
    "hub_wanted",
    "hub_model",
    "default_model",
]


@dataclass(frozen=True)
class HubModel:
    """A checkpoint on the Hub, and the revision that the book's numbers come from.

    >>> HubModel("openai-community/gpt2", "607a30d")
    HubModel(name='openai-community/gpt2', revision='607a30d')
    """

    name: str
    revision: str | None = None

    def __str__(self) -> str:
        """As a page names it.

        >>> print(HubModel("openai-community/gpt2", "607a30d"))
        openai-community/gpt2 at 607a30d
        """
        return f"{self.name} at {self.revision or 'main'}"


HUB_MODELS: dict[str, HubModel] = {
    "text-classification": HubModel(
        "distilbert/distilbert-base-uncased-finetuned-sst-2-english", "714eb0f"
    ),
    "ner": HubModel("dbmdz/bert-large-cased-finetuned-conll03-english", "4c53496"),
    "question-answering": HubModel("distilbert/distilbert-base-cased-distilled-squad", "564e9b5"),
    "summarization": HubModel("sshleifer/distilbart-cnn-12-6", "a4f8f3e"),
    "translation": HubModel("Helsinki-NLP/opus-mt-en-de"),
    "text-generation": HubModel("openai-community/gpt2", "607a30d"),
}
"""For each task the checkpoint of *Natural Language Processing with Transformers*, chapter 1."""

KOREAN_HUB_MODELS: dict[str, HubModel] = {
    "fill-mask": HubModel("beomi/kcbert-base"),
    "text-generation": HubModel("skt/kogpt2-base-v2"),
    "text-to-text": HubModel("KETI-AIR/ke-t5-base"),
}
"""A Korean encoder, a decoder and an encoder–decoder, by what they do; none is fine-tuned."""

MODELS = Path(__file__).resolve().parent / "models"

SHIPPED_MODELS: dict[str, Path] = {
    "text-classification": MODELS / "text-classification",
    "ner": MODELS / "ner",
    "question-answering": MODELS / "question-answering",
    "summarization": MODELS / "text-to-text",
    "translation_ko_to_en": MODELS / "text-to-text",
    "translation_en_to_ko": MODELS / "text-to-text",
    "text-generation": MODELS / "text-generation",
}
"""Folders of models that come with the package, by task (``translation_en_to_ko`` is one).

Each has a model card, ``README.md``: what it learned from, how well it does on letters unlike
those it learned from, and what it can't do. ``examples/train_letters.py`` makes them.
"""


def hub_wanted() -> bool:
    """Whether ``JUMOK_HUB`` asks for the Hub's checkpoints in place of those of the package.

    Any value but ``0`` does; ``nox -s docs -- --hub`` sets it.

    >>> from unittest.mock import patch
    >>> with patch.dict("os.environ", JUMOK_HUB="0"):
    ...     hub_wanted()
    False
    """
    return os.environ.get("JUMOK_HUB", "").strip() not in ("", "0")


def hub_model(task: str) -> HubModel:
    """The Hub's checkpoint for a task; for a pair of languages, the name it has by custom.

    >>> hub_model("ner").name
    'dbmdz/bert-large-cased-finetuned-conll03-english'
    >>> hub_model("translation_ko_to_en").name
    'Helsinki-NLP/opus-mt-ko-en'
    """
    pair = languages_of(task) if task.startswith("translation_") else None
    return HUB_MODELS[task] if pair is None else HubModel(f"Helsinki-NLP/opus-mt-{'-'.join(pair)}")


def default_model(task: str) -> Path:
    """The folder of the model that comes with the package.

    Raises:
        FileNotFoundError: none does for this task; the message names one and says how to get it.

    >>> default_model("translation_en_to_de")
    Traceback (most recent call last):
    ...
    FileNotFoundError: no model for translation_en_to_de comes with jumok. ...
    """
    if task in SHIPPED_MODELS:
        return SHIPPED_MODELS[task]
    model = hub_model(task)
    revision = f', revision="{model.revision}"' if model.revision else ""
    option = f" --revision {model.revision}" if model.revision else ""
    shipped = f" Those that do: {', '.join(SHIPPED_MODELS)}." if SHIPPED_MODELS else ""
    raise FileNotFoundError(
        f"no model for {task} comes with jumok.{shipped} With a network, name one of the Hub, "
        f'which is downloaded once: pipeline("{task}", "{model.name}"{revision}). Without, fetch '
        f"it on another machine with `hf download {model.name}{option} --local-dir FOLDER`, bring "
        f'the folder here and pass it: pipeline("{task}", "FOLDER").'
    )
