"""A translator for the browser: the file that the JavaScript of the book's pages reads.

It is an ordinary safetensors file, in 16 bits for each number, and says all that the program in
the page has to know: the configuration, the vocabularies, how text is cut, the special ids. Python
loads the same file with :meth:`jumok.translation.Translator.load`, so that both compute with the
same numbers.
"""

import copy
import json
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import NamedTuple

import torch
from safetensors.torch import save_model

from jumok.data.tokenizer import END_ID, PAD_ID, UNKNOWN_ID, Tokenizer
from jumok.decoding import beam_search
from jumok.transformer import Transformer
from jumok.translation import Translator, two_way_date_translator

__all__ = [
    "DATE_MODEL",
    "export_translator",
    "shipped_date_translator",
    "Hypothesis",
    "RecordedTranslation",
    "recorded_translation",
]

DATE_MODEL = Path(__file__).parent / "models" / "date-translator" / "model.safetensors"
"""The translator of dates that comes with the package, the one that runs in the page."""

CONFIGURATION = {"activation": ("relu",), "positions": ("sinusoidal",), "norm": ("pre", "post")}
"""What the program in the page can compute."""


def export_translator(translator: Translator, path: str | Path) -> int:
    """Write a translator for the browser, rounded to 16 bits, and return the file's size in bytes.

    Raises:
        ValueError: the program in the page can't compute this model or cut its texts, or a weight
            is too large for 16 bits.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     size = export_translator(two_way_date_translator(), f"{folder}/dates.safetensors")
    >>> 2 * 257_664 < size < 2 * 257_664 + 20_000
    True
    """
    model = translator.model
    if not isinstance(model, Transformer):
        raise ValueError(f"expected a Transformer, got {type(model).__name__}")
    for field, possible in CONFIGURATION.items():
        if (given := getattr(model.config, field)) not in possible:
            raise ValueError(f"{field} must be {' or '.join(possible)}, got {given}")
    rounded = copy.deepcopy(model).half()
    for name, weight in rounded.named_parameters():
        if not weight.isfinite().all():
            raise ValueError(f"{name} has numbers that 16 bits can't hold")
    tokenizers = {
        "source_tokenizer": _tokenizer(translator.source_tokenizer, translator.start_id),
        "target_tokenizer": _tokenizer(translator.target_tokenizer, translator.start_id),
    }
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    save_model(rounded.cpu(), str(path), metadata={**translator.description(), **tokenizers})
    return path.stat().st_size


def _tokenizer(tokenizer: Tokenizer, start_id: int) -> str:
    """How the program in the page cuts texts, and which ids are special."""
    pieces = getattr(tokenizer, "PIECE", None)
    if pieces is None or tokenizer.join(["a", "b "]) != "ab ":
        raise ValueError(
            "expected a tokenizer with a pattern PIECE whose tokens in a row are the text, "
            f"got {type(tokenizer).__name__}"
        )
    special = {"pad": PAD_ID, "start": start_id, "end": END_ID, "unknown": UNKNOWN_ID}
    return json.dumps({"pieces": pieces.pattern, "special": special})


def shipped_date_translator() -> Translator:
    """The translator of dates that comes with the package, with the weights of the page.

    >>> translator = shipped_date_translator()
    >>> translator.translate(["2031년 7월 9일 수요일", "Feb 15, 2019"])
    ['Wednesday, July 9, 2031', '2019. 2. 15.']
    """
    translator = two_way_date_translator()
    translator.load(DATE_MODEL)
    return translator


class Hypothesis(NamedTuple):
    """One translation that a beam search found."""

    tokens: tuple[str, ...]
    log_probability: float
    """The sum over its tokens, the end token included."""


@dataclass(frozen=True, repr=False)
class RecordedTranslation:
    """What the program in the page shows of a text, computed beforehand: for readers without it.

    Attributes:
        source_tokens: what was read.
        beam: what was written, best first.
        alt: what this shows, in a sentence.
    """

    source_tokens: tuple[str, ...]
    beam: tuple[Hypothesis, ...]
    alt: str

    def _repr_html_(self) -> str:
        written = "".join(
            f'<tr><th scope="row">{place}</th><td>{_chips(hypothesis.tokens)}</td>'
            f"<td>{hypothesis.log_probability:.4f}</td></tr>"
            for place, hypothesis in enumerate(self.beam, start=1)
        ).replace("-", "\N{MINUS SIGN}")
        return (
            f'<figure class="jumok-figure recorded-translation" aria-label="{escape(self.alt)}">'
            "<table><thead><tr><th>tokens read</th></tr></thead>"
            f"<tbody><tr><td>{_chips(self.source_tokens)}</td></tr></tbody></table>"
            '<table><thead><tr><th scope="col">place</th><th scope="col">tokens written</th>'
            f'<th scope="col">log-probability</th></tr></thead><tbody>{written}</tbody></table>'
            "</figure>"
        )

    def __repr__(self) -> str:
        return f"<recorded translation, {len(self.beam)} hypotheses: {self.alt}>"


def _chips(tokens: Iterable[str]) -> str:
    """Tokens in a row, each in its box; a space in a token is shown as ``␣``."""
    visible = (escape(token.replace(" ", "\N{OPEN BOX}")) for token in tokens)
    boxes = (f'<span class="token">{token}</span>' for token in visible)
    return f'<span class="notranslate" translate="no">{" ".join(boxes)}</span>'


def recorded_translation(
    translator: Translator, text: str, *, alt: str, beam_size: int = 4
) -> RecordedTranslation:
    """Translate ``text`` with a beam, as the program in the page does, and keep what it shows.

    Raises:
        ValueError: as `jumok.decoding.beam_search`; a piece of ``text`` is not in the vocabulary.

    >>> dates = shipped_date_translator()
    >>> recorded = recorded_translation(dates, "Feb 15, 2019", alt="A date.")
    >>> recorded
    <recorded translation, 4 hypotheses: A date.>
    >>> recorded.source_tokens
    ('Feb ', '15', ', ', '2019')
    >>> recorded.beam[0].tokens
    ('2019', '. ', '2', '. ', '15', '.', '<END>')
    """
    source, target = translator.source_tokenizer, translator.target_tokenizer
    beams, scores = beam_search(
        translator.model,
        torch.tensor([source.encode(text)]),
        beam_size=beam_size,
        start_id=translator.start_id,
        end_id=END_ID,
        max_length=translator.model.config.max_length,
        return_beams=True,
    )
    found = []
    for ids, score in zip(beams[0].tolist(), scores[0].tolist(), strict=True):
        written = ids[: ids.index(END_ID) + 1] if END_ID in ids else ids
        found.append(Hypothesis(tuple(target.vocabulary[each] for each in written), score))
    return RecordedTranslation(tuple(source.tokens(text)), tuple(found), alt)
