"""Pipelines: a model with its tokenizer that answers to text, for six tasks.

The tasks, their inputs and the fields of their outputs are those of transformers' first pipelines,
three of which version 5 no longer has. Each is a class with three methods that can be read at
one sitting: ``preprocess``, ``forward`` and ``postprocess``.

Source: Tunstall, von Werra, Wolf, *Natural Language Processing with Transformers* (2022),
chapter 1, for the tour; the documentation of transformers 4 for the fields.
"""

from pathlib import Path
from typing import Any

from torch import nn

from jumok.pipelines.base import Pipeline, Window
from jumok.pipelines.defaults import default_model
from jumok.pipelines.question_answering import QuestionAnswering
from jumok.pipelines.text_classification import TextClassification
from jumok.pipelines.text_generation import TextGeneration
from jumok.pipelines.text_to_text import Summarization, Translation, languages_of
from jumok.pipelines.token_classification import TokenClassification

__all__ = [
    "TASKS",
    "pipeline",
    "pipeline_class",
    "Pipeline",
    "Window",
    "TextClassification",
    "TokenClassification",
    "QuestionAnswering",
    "Summarization",
    "Translation",
    "TextGeneration",
]

TASKS: dict[str, type[Pipeline]] = {
    "text-classification": TextClassification,
    "ner": TokenClassification,
    "question-answering": QuestionAnswering,
    "summarization": Summarization,
    "translation": Translation,
    "text-generation": TextGeneration,
}
"""The six tasks."""

OTHER_NAMES = {
    "sentiment-analysis": "text-classification",
    "token-classification": "ner",
}

REMOVED = ("text2text-generation", "conversational")  # beside the three that are here
IN_TRANSFORMERS = (
    "any-to-any",
    "feature-extraction",
    "fill-mask",
    "table-question-answering",
    "zero-shot-classification",
)


def pipeline_class(task: str) -> type[Pipeline]:
    """The class of a task; ``translation_en_to_de`` and the like are translations.

    Raises:
        ValueError: there is no such task; the message names those there are.

    >>> pipeline_class("translation_ko_to_en").__name__
    'Translation'
    >>> pipeline_class("fill-mask")
    Traceback (most recent call last):
    ...
    ValueError: unknown task 'fill-mask': expected one of text-classification, ner, ...
    """
    task = OTHER_NAMES.get(task, task)
    if task.startswith("translation_"):
        languages_of(task)
        return Translation
    if task in TASKS:
        return TASKS[task]
    theirs = (
        "transformers 5 removed its pipelines for question-answering, summarization and "
        "translation, which are here"
    )
    if task in REMOVED:
        theirs += f", and {task}, which is not"
    elif task in IN_TRANSFORMERS:
        theirs += f"; for {task} it still has one: transformers.pipeline({task!r})"
    raise ValueError(
        f"unknown task {task!r}: expected one of {', '.join(TASKS)} (or translation_en_to_de, for "
        f"any two languages). {theirs}."
    )


def pipeline(
    task: str,
    model: str | Path | nn.Module | None = None,
    *,
    tokenizer: Any = None,
    revision: str | None = None,
    sha256: str | None = None,
    device: Any = None,
    batch_size: int = 16,
    **options: Any,
) -> Any:
    """A pipeline for a task, ready to be called with text.

    Args:
        task: ``text-classification``, ``ner``, ``question-answering``, ``summarization``,
            ``translation`` (or ``translation_en_to_de``…) or ``text-generation``.
        model: an id of the Hub, a folder, or a loaded model together with its tokenizer; without
            it, the model that comes with the package.
        tokenizer: a loaded tokenizer, or its id or folder; without it, that of the model.
        revision: a branch, a tag or a commit of the Hub's repository.
        sha256: the digest that the file of the weights must have.
        device: where to compute, see `jumok.pipelines.base.Pipeline`.
        batch_size: how many texts, or windows of long ones, the model gets at once.
        **options: options for all calls, such as ``aggregation_strategy="simple"``.

    Raises:
        ValueError: an unknown task or option, a checkpoint without a head for the task, or weights
            that are damaged or not those expected.
        FileNotFoundError: no such folder, no such model on the Hub, or the Hub can't be reached.
        ImportError: transformers is not installed.

    >>> pipeline("sentiment")
    Traceback (most recent call last):
    ...
    ValueError: unknown task 'sentiment': expected one of text-classification, ner, ...
    """
    kind = pipeline_class(task)
    task = OTHER_NAMES.get(task, task)
    settings = {"task": task, "device": device, "batch_size": batch_size, **options}
    if isinstance(model, nn.Module):
        if tokenizer is None:
            raise ValueError("a loaded model needs tokenizer=…, a tokenizer or its folder")
        return kind(model, _tokenizer(tokenizer, None), **settings)
    try:
        import transformers  # noqa: F401
    except ImportError as error:
        raise ImportError(
            "pipelines load their models by transformers: python -m pip install 'jumok[compare]'"
        ) from error
    from jumok.pipelines.loading import load_checkpoint
    from jumok.pretrained import check_weights, checkpoint_folder

    folder = default_model(task) if model is None else checkpoint_folder(model, revision=revision)
    if sha256 is not None:
        check_weights(folder, sha256)
    loaded = load_checkpoint(folder, kind.auto_model, task=task)
    return kind(loaded, _tokenizer(tokenizer or folder, revision), **settings)


def _tokenizer(tokenizer: Any, revision: str | None) -> Any:
    if not isinstance(tokenizer, str | Path):
        return tokenizer
    from jumok.pipelines.loading import load_tokenizer
    from jumok.pretrained import checkpoint_folder

    return load_tokenizer(checkpoint_folder(tokenizer, revision=revision))
