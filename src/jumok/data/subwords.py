"""A subword tokenizer: byte-pair encoding, trained on any texts by Hugging Face's ``tokenizers``.

Sources: Sennrich et al. (2016) for byte-pair encoding of text; Kudo and Richardson (2018) for the
sign ``▁`` that keeps spaces inside tokens, so that decoding gives the text back exactly.
"""

from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

import tokenizers
from tokenizers import AddedToken, models, pre_tokenizers, trainers

from jumok.data.sentences import BOUNDARY, characters, sentences
from jumok.data.tokenizer import SPECIAL_TOKENS, UNKNOWN_ID, Tokenizer

__all__ = ["SubwordTokenizer", "BERT_TOKENS", "sentence_tokenizer"]

SPACE = "▁"
"""Begins a token that has a space before it."""

BERT_TOKENS = ("[CLS]", "[SEP]", "[MASK]")
"""Further special tokens, which masked language models need."""

UNKNOWN = SPECIAL_TOKENS[UNKNOWN_ID]


class SubwordTokenizer(Tokenizer):
    """Cuts text into pieces that are frequent together; a rare word becomes several pieces.

    Special tokens written out in a text, such as ``[MASK]``, are one token each.

    >>> tokenizer = SubwordTokenizer.train(
    ...     2 * ["the cat sat on the mat"], 64, special_tokens=BERT_TOKENS
    ... )
    >>> tokenizer.tokens("the cat on the [MASK]")
    ['▁the', '▁cat', '▁on', '▁the', '[MASK]']
    >>> tokenizer.decode(tokenizer.encode("the mats"))
    'the mats'
    """

    def __init__(self, engine: tokenizers.Tokenizer) -> None:
        self.engine = engine
        ids = engine.get_vocab()
        pieces = sorted(ids, key=ids.__getitem__)
        if tuple(pieces[: len(SPECIAL_TOKENS)]) != SPECIAL_TOKENS:
            raise ValueError(
                f"expected a vocabulary that begins with {', '.join(SPECIAL_TOKENS)}, "
                f"got {', '.join(pieces[: len(SPECIAL_TOKENS)])}"
            )
        added = engine.get_added_tokens_decoder().values()
        self.special_tokens = tuple(token.content for token in added)
        super().__init__(pieces[len(SPECIAL_TOKENS) :])

    @classmethod
    def train(
        cls,
        texts: Iterable[str],
        vocab_size: int,
        *,
        special_tokens: Sequence[str] = (),
        alphabet: Iterable[str] = (),
        max_characters: int | None = None,
    ) -> "SubwordTokenizer":
        """Learn at most ``vocab_size`` tokens, special ones included, from ``texts``.

        Pairs of pieces that occur together twice or more are merged, the most frequent first. No
        piece reaches over a space or over a `~jumok.data.sentences.BOUNDARY`. The same texts give
        the same tokenizer. The characters of ``alphabet`` are tokens even if no text has them. With
        ``max_characters``, only so many of the texts' characters become tokens, the most frequent;
        the others stay unknown and leave room for longer pieces.

        Raises:
            ValueError: the vocabulary has no room for the texts' characters.
        """
        engine = tokenizers.Tokenizer(models.BPE(unk_token=UNKNOWN))
        spaces = pre_tokenizers.Metaspace(replacement=SPACE, prepend_scheme="first")
        signs = pre_tokenizers.Split(tokenizers.Regex(rf"(?!{SPACE})[\p{{P}}\p{{S}}]"), "isolated")
        digits = pre_tokenizers.Digits(individual_digits=False)
        boundaries = pre_tokenizers.Split(BOUNDARY, "removed")
        engine.pre_tokenizer = pre_tokenizers.Sequence([spaces, boundaries, signs, digits])
        special = [*SPECIAL_TOKENS, *special_tokens]
        trainer = trainers.BpeTrainer(
            vocab_size=vocab_size,
            min_frequency=2,
            initial_alphabet=sorted(set(alphabet)),
            special_tokens=[AddedToken(token, lstrip=True, special=True) for token in special],
            show_progress=False,
        )
        if max_characters is not None:
            trainer.limit_alphabet = max_characters
        engine.train_from_iterator(texts, trainer)
        if engine.get_vocab_size() > vocab_size:
            raise ValueError(
                f"expected a vocab_size of at least {engine.get_vocab_size()}, one for each "
                f"character and special token, got {vocab_size}"
            )
        return cls(engine)

    @property
    def special_ids(self) -> tuple[int, ...]:
        """The ids of the special tokens, padding first; no masking may touch them."""
        return tuple(sorted(self.ids(self.special_tokens)))

    def cut(self, text: str) -> list[str]:
        """The pieces; one for each character that the training texts didn't have."""
        encoding = self.engine.encode(text, add_special_tokens=False)
        return [
            text[start:end] if token_id == UNKNOWN_ID else self.vocabulary[token_id]
            for token_id, (start, end) in zip(encoding.ids, encoding.offsets, strict=True)
        ]

    def join(self, tokens: Sequence[str]) -> str:
        """The pieces in a row, their signs for spaces turned back into spaces."""
        spaced = [SPACE + token if token in self.special_tokens else token for token in tokens]
        return "".join(spaced).replace(SPACE, " ").removeprefix(" ")

    def save(self, path: str | Path) -> None:
        """Write the tokenizer into a JSON file, which ``transformers`` reads too."""
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        self.engine.save(str(path))

    @classmethod
    def load(cls, path: str | Path) -> "SubwordTokenizer":
        """The tokenizer that `save` wrote.

        Raises:
            FileNotFoundError: there is no such file.
            ValueError: it holds no tokenizer.
        """
        if not Path(path).exists():
            raise FileNotFoundError(f"no tokenizer at {path}")
        try:
            engine = tokenizers.Tokenizer.from_file(str(path))
        except Exception as error:  # the library raises plain Exception
            raise ValueError(f"{path} is not a saved tokenizer: {error}") from error
        return cls(engine)


@cache
def sentence_tokenizer(
    vocab_size: int = 4096,
    *,
    special_tokens: tuple[str, ...] = BERT_TOKENS,
    also: tuple[str, ...] = (),
) -> SubwordTokenizer:
    """The tokenizer of `jumok.data.sentences`, for both languages, with `BERT_TOKENS` or others.

    It learns from training sentences, and from the texts ``also`` if there are any. The Korean has
    words and particles apart, as a morphological analyser would cut them, so that 낙엽 is a token
    whatever follows it: what KLUE does for its models (Park et al. 2021, §4.1).

    >>> sentence_tokenizer().tokens("가을에는 낙엽이 나무에서 떨어져요.")
    ['▁가을', '에는', '▁낙엽', '이', '▁나무', '에서', '▁떨어져요', '.']
    """
    learned_from = sentences("train", 12_000, seed=4096)
    texts = [text for each in learned_from for text in (each.segmented, each.english)]
    return SubwordTokenizer.train(
        [*texts, *also], vocab_size, special_tokens=special_tokens, alphabet=characters()
    )
