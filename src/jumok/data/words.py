"""Whole words as tokens: the most frequent ones of a training text, everything else unknown."""

import string
from collections import Counter
from collections.abc import Iterable, Sequence

from jumok.data.tokenizer import SPECIAL_TOKENS, Tokenizer

__all__ = ["FrequentWordTokenizer"]


class FrequentWordTokenizer(Tokenizer):
    """One token a word: small letters, punctuation deleted, cut at white space.

    It does what Keras's layer ``TextVectorization`` does by default. There the vocabulary begins
    with two special tokens, here with the four of `jumok.data.tokenizer`.

    >>> tokenizer = FrequentWordTokenizer.from_texts(["Hello, there", "hello!"], max_size=5)
    >>> tokenizer.vocabulary
    ('<pad>', '<START>', '<END>', '<unknown>', 'hello')
    >>> tokenizer.tokens("Hello, there")
    ['hello', '<unknown>']
    """

    DELETED = str.maketrans("", "", string.punctuation)

    @classmethod
    def from_texts(cls, texts: Iterable[str], *, max_size: int = 20_000) -> "FrequentWordTokenizer":
        """The vocabulary of a text: its most frequent words; equally frequent ones by the alphabet.

        Args:
            texts: those to be trained on; never those of the examination.
            max_size: how many tokens at most, special tokens included.

        Raises:
            ValueError: ``max_size`` leaves no room for a word.
        """
        if max_size <= len(SPECIAL_TOKENS):
            raise ValueError(
                f"max_size must be above the {len(SPECIAL_TOKENS)} special tokens, got {max_size}"
            )
        cutter = cls([])
        counts = Counter(word for text in texts for word in cutter.cut(text))
        ranked = sorted(counts, key=lambda word: (-counts[word], word))
        return cls(ranked[: max_size - len(SPECIAL_TOKENS)])

    def cut(self, text: str) -> list[str]:
        """The words of a text, as they are looked up."""
        return text.lower().translate(self.DELETED).split()

    def join(self, tokens: Sequence[str]) -> str:
        """The words with spaces between them."""
        return " ".join(tokens)
