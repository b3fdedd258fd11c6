"""Where a model that writes text looks in the text it reads: its cross-attention, word by word."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from jumok.pipelines.text_to_text import TextToText

__all__ = ["CrossAttention", "cross_attention"]

WORD_BEGINS = ("▁", "Ġ")
"""How tokenizers mark a token before which a space stands."""


@dataclass(frozen=True)
class CrossAttention:
    """What was written, and where each of its words looked.

    >>> found = CrossAttention(["thanks"], ["Thank you.", "Bye."], torch.tensor([[0.75, 0.125]]))
    >>> found.pieces[found.weights[0].argmax()], found.weights.sum(dim=1).tolist()
    ('Thank you.', [0.875])
    """

    words: list[str]
    """The words that the model wrote, as far as white space separates them."""
    pieces: list[str]
    """The pieces of the text that it read."""
    weights: Float[Tensor, "words pieces"]
    """A row for each word. Its sum is at most 1; the rest falls on the prefix and the end token."""


@torch.inference_mode()
def cross_attention(
    run: TextToText, text: str, pieces: Sequence[str] | None = None, *, layer: int = -1
) -> CrossAttention:
    """Let a pipeline write greedily, and say how much each new word looked at each piece.

    Weights are those of one decoder layer, averaged over its heads. Those of a piece's tokens are
    added, for together they are what is looked at; of a word's tokens the mean is taken, since each
    of them has weights of its own.

    Args:
        run: a pipeline for summarization or translation.
        text: what it reads.
        pieces: the parts of the text, such as its sentences, which are the text when joined by
            spaces; without them, its words.
        layer: which decoder layer, counted from the first, or from the last with −1.

    Raises:
        ValueError: the pieces are not the text.

    >>> from jumok.data.letters import letter
    >>> from jumok.pipelines import pipeline
    >>> one = letter("train", 3)
    >>> found = cross_attention(pipeline("summarization"), one.text("en"), one.sentences("en"))
    >>> found.weights.shape == (len(found.words), len(one.sentences("en")))
    True
    """
    parts = text.split() if pieces is None else list(pieces)
    if " ".join(parts) != text:
        raise ValueError(
            f"expected pieces that are the text when joined by spaces, got {' '.join(parts)!r} "
            f"for {text!r}"
        )
    whole = {name: value for name, value in run.options.items() if name != "by_sentence"}
    _, options, _, _ = run.split_options(whole)
    (window,) = run.preprocess(text, **options)
    batch = run.pad([window])
    read = {name: batch[name] for name in ("input_ids", "attention_mask")}
    target = run.model.generate(**read, num_beams=1, do_sample=False, **window.limits)
    with _weights_of(run.model):
        output = run.model(**read, decoder_input_ids=target[:, :-1], output_attentions=True)
    weights = output.cross_attentions[layer][0].mean(dim=0).float()

    of_piece = _piece_of_token(window.encoding, parts, text)
    columns = [weights[:, of_piece == place].sum(dim=1) for place in range(len(parts))]
    special = set(run.tokenizer.all_special_ids)
    words: list[list[int]] = []
    rows: list[list[Tensor]] = []
    for token, row in zip(target[0, 1:].tolist(), torch.stack(columns, dim=1), strict=True):
        if token in special:
            continue
        if not words or run.tokenizer.convert_ids_to_tokens(token).startswith(WORD_BEGINS):
            words.append([])
            rows.append([])
        words[-1].append(token)
        rows[-1].append(row)
    return CrossAttention(
        [run.tokenizer.decode(ids).strip() for ids in words],
        parts,
        torch.stack([torch.stack(each).mean(dim=0) for each in rows]).cpu(),
    )


def _piece_of_token(encoding: Any, pieces: Sequence[str], text: str) -> Tensor:
    """For each token the number of its piece; −1 for the prefix and for special tokens."""
    first = max(end for _, end in encoding.offsets) - len(text)  # after the prefix
    ends = []
    end = first
    for piece in pieces:
        end += len(piece)
        ends.append(end)
        end += 1
    return torch.tensor(
        [
            -1 if is_special or stop <= first else sum(stop > end for end in ends)
            for (_, stop), is_special in zip(
                encoding.offsets, encoding.special_tokens_mask, strict=True
            )
        ]
    )


@contextmanager
def _weights_of(model: Any) -> Iterator[None]:
    """The implementation of attention that returns its weights; the fused one doesn't."""
    usual = model.config._attn_implementation
    model.set_attn_implementation("eager")
    try:
        yield
    finally:
        model.set_attn_implementation(usual)
