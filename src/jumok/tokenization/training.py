"""Tokenizers of Hugging Face's ``tokenizers``, trained alike for each algorithm."""

from collections import Counter
from collections.abc import Callable, Iterable
from math import log
from typing import Any, Literal, get_args

import tokenizers
from tokenizers import decoders, models, normalizers, pre_tokenizers, trainers

from jumok.checks import check_choice
from jumok.data.word_piece import SPECIAL_TOKENS
from jumok.tokenization.unigram import learn_unigram

__all__ = [
    "Algorithm",
    "train_tokenizer",
    "count_words",
    "token_cutter",
]

UNKNOWN = SPECIAL_TOKENS[1]
Algorithm = Literal["BPE", "WordPiece", "Unigram", "byte-level BPE"]


def train_tokenizer(
    algorithm: Algorithm,
    texts: Iterable[str],
    vocab_size: int,
    *,
    normalize: bool = True,
) -> tokenizers.Tokenizer:
    """Learn a tokenizer from texts, the same for each algorithm in everything but the algorithm.

    Words end at white space and at punctuation marks; byte-level BPE keeps the space as part of
    the word after it. The vocabulary begins with BERT's special tokens; encoding adds none. The
    same texts give the same tokenizer.

    Unigram's pieces are those of `~jumok.tokenization.unigram.learn_unigram`. The library's own
    trainer takes its candidates from a list that holds each word once, so that a frequent word
    without relatives is none.

    Args:
        algorithm: which rule chooses the pieces.
        texts: what to learn from.
        vocab_size: how many tokens at most, special ones included.
        normalize: compose characters (NFC) first, so that Hangul typed as letters is recognised.

    Raises:
        ValueError: no such algorithm, or a vocabulary without room for the texts' characters.

    >>> engine = train_tokenizer("BPE", ["the cat sat on the mat"], 30)
    >>> engine.encode("the cats").tokens
    ['the', 'cat', 's']
    """
    check_choice("algorithm", algorithm, get_args(Algorithm))
    untrained = _engine(algorithm, normalize=normalize)
    engine = _engine(
        algorithm, _learn(algorithm, untrained, list(texts), vocab_size), normalize=normalize
    )
    engine.add_special_tokens(list(SPECIAL_TOKENS))
    return engine


def _engine(
    algorithm: Algorithm, model: models.Model | None = None, *, normalize: bool
) -> tokenizers.Tokenizer:
    """What stands around a model, and the model, one that knows nothing if none is given."""
    if model is None:
        model = {
            "BPE": models.BPE(unk_token=UNKNOWN),
            "WordPiece": models.WordPiece(unk_token=UNKNOWN),
            "Unigram": models.Unigram(),
            "byte-level BPE": models.BPE(),
        }[algorithm]
    engine = tokenizers.Tokenizer(model)
    if normalize:
        engine.normalizer = normalizers.NFC()
    if algorithm == "byte-level BPE":
        engine.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        engine.decoder = decoders.ByteLevel()
    else:
        engine.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
        engine.decoder = decoders.WordPiece() if algorithm == "WordPiece" else decoders.Fuse()
    return engine


def _learn(
    algorithm: Algorithm, engine: tokenizers.Tokenizer, texts: list[str], vocab_size: int
) -> models.Model:
    special = list(SPECIAL_TOKENS)
    options: dict[str, Any] = {"vocab_size": vocab_size, "show_progress": False}
    if algorithm == "Unigram":
        pieces = learn_unigram(count_words(engine, texts), vocab_size - len(special))
        scores = {piece: log(probability) for piece, probability in pieces.items()}
        known = [*dict.fromkeys(special, 0.0).items(), *scores.items()]
        return models.Unigram(known, special.index(UNKNOWN))
    if algorithm == "WordPiece":
        # The library numbers them as it meets them, which varies by run. Here they come first.
        inner = {f"##{character}" for word in count_words(engine, texts) for character in word[1:]}
        options["special_tokens"] = [*special, *sorted(inner)]
        engine.train_from_iterator(texts, trainers.WordPieceTrainer(**options))
    else:
        is_bytes = algorithm == "byte-level BPE"
        options["initial_alphabet"] = pre_tokenizers.ByteLevel.alphabet() if is_bytes else []
        options["special_tokens"] = special
        engine.train_from_iterator(texts, trainers.BpeTrainer(**options))
    if engine.get_vocab_size() > vocab_size:
        raise ValueError(
            f"vocab_size must be at least {engine.get_vocab_size()}, one for each character and "
            f"special token, got {vocab_size}"
        )
    if algorithm == "WordPiece":
        return models.WordPiece(engine.get_vocab(), unk_token=UNKNOWN)
    model: models.Model = engine.model
    return model


def count_words(engine: tokenizers.Tokenizer, texts: Iterable[str]) -> Counter[str]:
    """The words of texts, as an engine sees them before it cuts them into pieces.

    >>> engine = train_tokenizer("WordPiece", ["a cat"], 20)
    >>> count_words(engine, ["a cat, a cat"])
    Counter({'a': 2, 'cat': 2, ',': 1})
    """
    found = Counter[str]()
    for text in texts:
        text = engine.normalizer.normalize_str(text) if engine.normalizer else text
        if engine.pre_tokenizer:
            found.update(word for word, _ in engine.pre_tokenizer.pre_tokenize_str(text))
        else:
            found[text] += 1
    return found


def token_cutter(engine: tokenizers.Tokenizer) -> Callable[[str], list[str]]:
    """A function that gives a text's tokens as they stand in the vocabulary, unknown ones too.

    >>> cut = token_cutter(train_tokenizer("Unigram", ["ab ba"], 9))
    >>> cut("abc")
    ['a', 'b', '[UNK]']
    """

    def cut(text: str) -> list[str]:
        ids = engine.encode(text, add_special_tokens=False).ids
        return [str(engine.id_to_token(token_id)) for token_id in ids]

    return cut
