"""From text to ids and back, with the same special tokens for every vocabulary."""

import unicodedata
from collections.abc import Iterable, Sequence
from typing import Literal

PAD_ID = 0
"""Fills a short sentence up to the longest of its batch."""

START_ID = 1
"""The decoder's first input."""

END_ID = 2
"""The decoder's last output."""

UNKNOWN_ID = 3
"""Stands for what the vocabulary does not hold."""

SPECIAL_TOKENS = ("<pad>", "<START>", "<END>", "<unknown>")
"""The special tokens, in the order of their ids."""


class Tokenizer:
    """Cuts a text into the tokens of a vocabulary; a subclass says where, and how to join them.

    Text is composed (Unicode NFC) first, so that Hangul typed as single letters is recognised.
    """

    def __init__(self, tokens: Iterable[str]) -> None:
        self.vocabulary = (*SPECIAL_TOKENS, *dict.fromkeys(tokens))
        self._ids = {token: token_id for token_id, token in enumerate(self.vocabulary)}

    def cut(self, text: str) -> list[str]:
        """The pieces of a text in NFC, in the vocabulary or not."""
        raise NotImplementedError

    def join(self, tokens: Sequence[str]) -> str:
        """The text whose pieces are ``tokens``."""
        raise NotImplementedError

    def __len__(self) -> int:
        """The size of the vocabulary, special tokens included."""
        return len(self.vocabulary)

    def tokens(self, text: str) -> list[str]:
        """The pieces of ``text``, with ``<unknown>`` for those not in the vocabulary."""
        return [self.vocabulary[token_id] for token_id in self.encode(text, errors="replace")]

    def ids(self, tokens: Iterable[str]) -> list[int]:
        """The id of each token; `UNKNOWN_ID` for one that isn't in the vocabulary."""
        return [self._ids.get(token, UNKNOWN_ID) for token in tokens]

    def unknown(self, text: str) -> list[str]:
        """The pieces of ``text`` that are not in the vocabulary."""
        pieces = self.cut(unicodedata.normalize("NFC", text))
        return [piece for piece in pieces if piece not in self._ids]

    def encode(self, text: str, *, errors: Literal["strict", "replace"] = "strict") -> list[int]:
        """The ids of the pieces of ``text``, without start and end.

        Raises:
            ValueError: pieces are not in the vocabulary. With ``errors="replace"`` they become
                `UNKNOWN_ID` instead.
        """
        if errors not in ("strict", "replace"):
            raise ValueError(f"errors must be 'strict' or 'replace', got {errors!r}")
        pieces = self.cut(unicodedata.normalize("NFC", text))
        token_ids = [self._ids.get(piece, UNKNOWN_ID) for piece in pieces]
        if UNKNOWN_ID in token_ids and errors == "strict":
            raise ValueError(f"not in the vocabulary: {self.unknown(text)} of {text!r}")
        return token_ids

    def decode(self, token_ids: Iterable[int]) -> str:
        """The text of ``token_ids`` up to the first end token; padding and start are skipped.

        An unknown token is written as U+FFFD, Unicode's replacement character.

        Raises:
            ValueError: an id is outside the vocabulary.
        """
        tokens = []
        for token_id in map(int, token_ids):
            if token_id == END_ID:
                break
            if not 0 <= token_id < len(self):
                raise ValueError(f"token ids must be in 0 … {len(self) - 1}, got {token_id}")
            if token_id == UNKNOWN_ID:
                tokens.append("\N{REPLACEMENT CHARACTER}")
            elif token_id not in (PAD_ID, START_ID):
                tokens.append(self.vocabulary[token_id])
        return self.join(tokens)
