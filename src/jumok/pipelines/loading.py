"""A checkpoint of the Hub or of a folder, as a model with the right head and its tokenizer."""

import fnmatch
import json
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from torch import nn

__all__ = ["load_checkpoint", "load_tokenizer"]

HEADS = ("ForSequenceClassification", "ForTokenClassification", "ForQuestionAnswering")
"""Heads that have weights of the same names, so that one could be taken for another."""

TOKENIZER_FILES = ("tokenizer*.json", "vocab.*", "*.model", "*.spm")


def load_checkpoint(folder: Path, auto_model: str, *, task: str) -> nn.Module:
    """The model of a folder, by the class ``auto_model`` of transformers.

    Raises:
        FileNotFoundError: the folder has no ``config.json``.
        ValueError: the checkpoint has no head for the task, or its weights are damaged.

    >>> from jumok.pipelines.defaults import SHIPPED_MODELS
    >>> folder = SHIPPED_MODELS["ner"]
    >>> type(load_checkpoint(folder, "AutoModelForTokenClassification", task="ner")).__name__
    'BertForTokenClassification'
    """
    import transformers

    if not (folder / "config.json").is_file():
        there = ", ".join(sorted(each.name for each in folder.iterdir())) or "nothing"
        raise FileNotFoundError(f"expected config.json and weights in {folder}, got {there}")
    with _quiet():
        config = transformers.AutoConfig.from_pretrained(folder)
        made = (getattr(config, "architectures", None) or ["model without a head"])[0]
        no_head = f"the checkpoint {folder} has no head for {task}: it is a {made}"
        try:
            model, info = getattr(transformers, auto_model).from_pretrained(
                folder, config=config, output_loading_info=True
            )
        except ValueError as error:
            if "Unrecognized configuration class" in str(error):
                raise ValueError(f"{no_head}, of which {auto_model} knows none") from error
            raise
        except Exception as error:
            if type(error).__name__ != "SafetensorError":
                raise
            raise ValueError(
                f"the weights in {folder} are damaged or cut off ({error}): fetch them again"
            ) from error
    other = made != type(model).__name__ and made.endswith(HEADS)
    missing = sorted(info["missing_keys"])
    if other or missing:
        lacks = f" ({', '.join(missing[:3])} would be random numbers)" if missing else ""
        raise ValueError(f"{no_head}{lacks}. Fine-tune it for {task}, or name one that was")
    loaded: nn.Module = model
    return loaded


def load_tokenizer(folder: Path) -> Any:
    """The tokenizer of a folder.

    Where ``tokenizer.json`` cuts characters and transformers' class for the model cuts bytes, or
    the other way round, the file is right: KoGPT-2 is a GPT-2 with another kind of tokenizer.

    Raises:
        ImportError: it needs a library that isn't installed; the message names it.
        FileNotFoundError: the folder has no tokenizer.

    >>> from jumok.pipelines.defaults import SHIPPED_MODELS
    >>> tokenizer = load_tokenizer(SHIPPED_MODELS["ner"])
    >>> tokenizer("Thank you.").tokens()[0]
    '[CLS]'
    """
    import transformers

    there = sorted(each.name for each in folder.iterdir())
    missing = (
        f"expected the files of a tokenizer in {folder}, such as tokenizer.json, got "
        f"{', '.join(there) or 'nothing'}"
    )
    # Without any of them transformers would make an empty tokenizer, to which all is unknown.
    if not any(fnmatch.filter(there, pattern) for pattern in TOKENIZER_FILES):
        raise FileNotFoundError(missing)
    with _quiet(), warnings.catch_warnings():
        # Marian's tokenizer recommends a library for punctuation that it then never asks.
        warnings.filterwarnings("ignore", "Recommended: pip install sacremoses")
        try:
            tokenizer: Any = transformers.AutoTokenizer.from_pretrained(folder)
            if not _cuts_as_the_file(tokenizer, folder / "tokenizer.json"):
                tokenizer = transformers.PreTrainedTokenizerFast.from_pretrained(folder)
            return tokenizer
        except ImportError:
            raise
        except (OSError, ValueError, TypeError) as error:
            raise FileNotFoundError(f"{missing} ({error})") from error


def _cuts_as_the_file(tokenizer: Any, file: Path) -> bool:
    backend = getattr(tokenizer, "backend_tokenizer", None)
    if backend is None or not file.is_file():
        return True
    both = (json.loads(backend.to_str()), json.loads(file.read_text("utf-8")))
    ours, theirs = ("ByteLevel" in json.dumps(each.get("pre_tokenizer")) for each in both)
    return ours == theirs


@contextmanager
def _quiet() -> Iterator[None]:
    """Neither bars nor reports of transformers: what matters in them becomes an error here."""
    import logging as levels

    from transformers.utils import logging

    level, bar = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity(levels.ERROR)
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        yield
    finally:
        logging.set_verbosity(level)
        if bar:
            logging.enable_progress_bar()  # type: ignore[no-untyped-call]
