"""WordPiece: BERT's way from text to tokens, words first and then the longest pieces.

Source: Wu et al., *Google's Neural Machine Translation System* (2016), §4.1, for the pieces; the
rules for words are those of BERT's published code.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from jaxtyping import Int
from torch import Tensor

__all__ = ["SPECIAL_TOKENS", "Encoding", "WordPiece"]

SPECIAL_TOKENS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
"""What every vocabulary of BERT holds beside its pieces, wherever it puts them."""

LONGEST_WORD = 100
"""A longer word becomes one unknown token."""


@dataclass(frozen=True)
class Encoding:
    """A batch of texts as BERT reads it: padded ids, and to which sentence each token belongs."""

    token_ids: Int[Tensor, "batch length"]
    segment_ids: Int[Tensor, "batch length"]

    def to(self, device: torch.device) -> "Encoding":
        """The same on another device."""
        return Encoding(self.token_ids.to(device), self.segment_ids.to(device))


class WordPiece:
    """Cuts a text into words, and a word into the longest pieces that the vocabulary holds.

    A piece that doesn't begin its word is written with ``##`` in front. A word of which some part
    is in no piece becomes ``[UNK]`` as a whole.

    Args:
        vocabulary: the tokens in the order of their ids, with BERT's five special tokens.
        uncased: write everything in small letters and drop accents. This decomposes Hangul
            syllables into their letters, as BERT's uncased models do.

    Raises:
        ValueError: a special token is missing, or a token stands there twice.

    >>> tokenizer = WordPiece([*SPECIAL_TOKENS, "the", "transform", "##er", "##s", "!"])
    >>> tokenizer.tokens("The transformers!")
    ['the', 'transform', '##er', '##s', '!']
    >>> tokenizer.encode("The transformers!")
    [2, 5, 6, 7, 8, 9, 3]
    """

    def __init__(self, vocabulary: Iterable[str], *, uncased: bool = True) -> None:
        self.vocabulary = tuple(vocabulary)
        self.uncased = uncased
        self._ids = {token: token_id for token_id, token in enumerate(self.vocabulary)}
        if missing := [token for token in SPECIAL_TOKENS if token not in self._ids]:
            raise ValueError(f"a vocabulary of BERT holds {', '.join(missing)}, this one doesn't")
        if len(self._ids) < len(self.vocabulary):
            twice = sorted({t for t in self.vocabulary if self.vocabulary.count(t) > 1})
            raise ValueError(f"expected each token once, got {', '.join(twice[:5])} again")
        self.pad_id, self.unknown_id, self.cls_id, self.sep_id, self.mask_id = (
            self._ids[token] for token in SPECIAL_TOKENS
        )
        special = "|".join(re.escape(token) for token in SPECIAL_TOKENS)
        self._special = re.compile(f"({special})")

    @staticmethod
    def from_file(path: str | Path, *, uncased: bool = True) -> "WordPiece":
        """Read a ``vocab.txt``: one token a line, in the order of their ids."""
        return WordPiece(Path(path).read_text("utf-8").splitlines(), uncased=uncased)

    def __len__(self) -> int:
        """The size of the vocabulary."""
        return len(self.vocabulary)

    @property
    def special_ids(self) -> tuple[int, ...]:
        """The ids of the special tokens, padding first; no masking may touch them."""
        return self.pad_id, self.unknown_id, self.cls_id, self.sep_id, self.mask_id

    def words(self, text: str) -> list[str]:
        """Words and punctuation marks, as they are looked up."""
        text = "".join(_clean(character) for character in text)
        if self.uncased:
            letters = unicodedata.normalize("NFD", text)
            kept = (each for each in letters if unicodedata.category(each) != "Mn")
            text = "".join(each.lower() for each in kept)
        spaced = (f" {each} " if _is_punctuation(each) else each for each in text)
        return "".join(spaced).split()

    def pieces(self, word: str) -> list[str]:
        """The longest piece that begins the word, then the longest that goes on, to its end.

        >>> WordPiece([*SPECIAL_TOKENS, "un", "##aff", "##able"]).pieces("unaffable")
        ['un', '##aff', '##able']
        """
        found: list[str] = []
        start = 0
        while start < len(word) <= LONGEST_WORD:
            prefix = "##" if start else ""
            for end in range(len(word), start, -1):
                piece = prefix + word[start:end]
                if piece in self._ids:
                    found.append(piece)
                    start = end
                    break
            else:
                break  # nothing fits
        return found if start == len(word) else ["[UNK]"]

    def tokens(self, text: str) -> list[str]:
        """The tokens of a text; a special token written in it stays what it is."""
        found: list[str] = []
        for part in self._special.split(text):
            if part in SPECIAL_TOKENS:
                found.append(part)
            else:
                found += [piece for word in self.words(part) for piece in self.pieces(word)]
        return found

    def ids(self, tokens: Iterable[str]) -> list[int]:
        """The id of each token; ``[UNK]``'s for one that isn't in the vocabulary."""
        return [self._ids.get(token, self.unknown_id) for token in tokens]

    def encode(
        self, text: str, second: str | None = None, *, max_length: int | None = None
    ) -> list[int]:
        """``[CLS] text [SEP]``, or ``[CLS] text [SEP] second [SEP]``, as ids.

        Beyond ``max_length``, tokens are taken from the end of the longer of the two texts, one
        at a time (of the second if they are equally long), as in BERT's published code.

        Raises:
            ValueError: ``max_length`` leaves no room for the special tokens.
        """
        return self._encode(text, second, max_length)[0]

    def batch(
        self,
        texts: Sequence[str],
        seconds: Sequence[str] | None = None,
        *,
        max_length: int | None = None,
    ) -> Encoding:
        """Texts, or pairs of texts, padded to the longest.

        Raises:
            ValueError: there is no text, or not one second text for each.

        >>> tokenizer = WordPiece([*SPECIAL_TOKENS, "hello", "you"])
        >>> encoding = tokenizer.batch(["hello", "hello"], ["you", "hello you"])
        >>> encoding.token_ids.tolist()
        [[2, 5, 3, 6, 3, 0], [2, 5, 3, 5, 6, 3]]
        >>> encoding.segment_ids.tolist()
        [[0, 0, 0, 1, 1, 0], [0, 0, 0, 1, 1, 1]]
        """
        if isinstance(texts, str) or not texts:
            raise ValueError(f"expected a list with at least one text, got {texts!r}")
        if seconds is not None and len(seconds) != len(texts):
            raise ValueError(f"expected a second text for each of {len(texts)}, got {len(seconds)}")
        rows = [
            self._encode(text, None if seconds is None else seconds[i], max_length)
            for i, text in enumerate(texts)
        ]
        longest = max(len(ids) for ids, _ in rows)
        token_ids = [ids + [self.pad_id] * (longest - len(ids)) for ids, _ in rows]
        segment_ids = [segments + [0] * (longest - len(segments)) for _, segments in rows]
        return Encoding(torch.tensor(token_ids), torch.tensor(segment_ids))

    def decode(self, token_ids: Iterable[int]) -> str:
        """The text of ids, without special tokens except ``[MASK]`` and ``[UNK]``.

        >>> tokenizer = WordPiece([*SPECIAL_TOKENS, "transform", "##er", "the"])
        >>> tokenizer.decode(tokenizer.encode("the transformer"))
        'the transformer'
        """
        silent = (self.pad_id, self.cls_id, self.sep_id)
        tokens = [self.vocabulary[each] for each in map(int, token_ids) if each not in silent]
        text = " ".join(tokens).replace(" ##", "")
        return unicodedata.normalize("NFC", text)

    def _encode(
        self, text: str, second: str | None, max_length: int | None
    ) -> tuple[list[int], list[int]]:
        first_ids = self.ids(self.tokens(text))
        second_ids = None if second is None else self.ids(self.tokens(second))
        if max_length is not None:
            room = max_length - (2 if second_ids is None else 3)
            if room < 0:
                raise ValueError(
                    f"max_length must leave room for [CLS] and [SEP], got {max_length}"
                )
            shorten(first_ids, second_ids, room)
        token_ids = [self.cls_id, *first_ids, self.sep_id]
        segment_ids = [0] * len(token_ids)
        if second_ids is not None:
            token_ids += [*second_ids, self.sep_id]
            segment_ids += [1] * (len(second_ids) + 1)
        return token_ids, segment_ids


def shorten(first: list[int], second: list[int] | None, room: int) -> None:
    """Take ids from the end of the longer of the two, in place, until both fit into ``room``."""
    while len(first) + len(second or ()) > room:
        longer = second if second and len(second) >= len(first) else first
        longer.pop()


def _clean(character: str) -> str:
    """Drop control characters, make every space a plain one, set Chinese characters apart."""
    category = unicodedata.category(character)
    if character in "\t\n\r" or (character.isspace() and category != "Cc"):
        return " "
    if character == "\N{REPLACEMENT CHARACTER}" or category in ("Cc", "Cf", "Co", "Cs"):
        return ""
    return f" {character} " if _is_chinese(ord(character)) else character


def _is_chinese(code: int) -> bool:
    """The blocks of Chinese characters; kana and Hangul are not among them."""
    blocks = (
        *((0x4E00, 0x9FFF), (0x3400, 0x4DBF), (0x20000, 0x2A6DF), (0x2A700, 0x2B73F)),
        *((0x2B740, 0x2B81F), (0x2B820, 0x2CEAF), (0xF900, 0xFAFF), (0x2F800, 0x2FA1F)),
    )
    return any(first <= code <= last for first, last in blocks)


def _is_punctuation(character: str) -> bool:
    """Unicode's punctuation, and the other signs of ASCII, such as ``$`` and ``^``."""
    is_sign = character.isascii() and character.isprintable() and not character.isalnum()
    return (is_sign and character != " ") or unicodedata.category(character)[0] == "P"
