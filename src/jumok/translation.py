"""A translator: an encoder–decoder with the tokenizers of its two languages.

Some are small enough to be trained while a page is built: `date_translator`,
`french_english_translator`, and the recurrent ones.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal, Protocol, get_args, runtime_checkable

import torch
from safetensors import safe_open
from safetensors.torch import load_model, save_model

from jumok.checks import check_choice
from jumok.data.dates import DateTokenizer, Direction, Language
from jumok.data.french_english import WordTokenizer
from jumok.data.number_sequences import LONGEST, NumberTokenizer
from jumok.data.tokenizer import END_ID, START_ID, Tokenizer
from jumok.decoding import beam_search, evaluating
from jumok.encoder_decoder import AttentionWeights, EncoderDecoder
from jumok.sequence_to_sequence import AttentionName, RecurrentEncoderDecoder
from jumok.training import IdPair, TrainingConfig, TrainingHistory, collate, train
from jumok.transformer import Transformer

__all__ = [
    "TextPair",
    "Translation",
    "Translator",
    "DATE_SHAPE",
    "date_translator",
    "two_way_date_translator",
    "DATE_TRAINING",
    "DATE_PAIRS",
    "recurrent_date_translator",
    "RECURRENT_DATE_TRAINING",
    "number_translator",
    "NUMBER_TRAINING",
    "number_transformer",
    "french_english_translator",
    "FRENCH_ENGLISH_TRAINING",
]


@runtime_checkable
class TextPair(Protocol):
    """A text and its translation, such as a `~jumok.data.dates.DatePair`."""

    @property
    def source(self) -> str: ...

    @property
    def target(self) -> str: ...


@dataclass(frozen=True)
class Translation:
    """What was written, token by token, and what was attended to.

    Row ``i`` of a ``weights.cross`` map holds what the decoder attended to while it wrote
    ``target_tokens[i]``. The last target token is the end token.
    """

    text: str
    source_tokens: list[str]
    target_tokens: list[str]
    weights: AttentionWeights


@dataclass(frozen=True)
class Translator:
    """A model and the tokenizers of its source and target.

    ``start_id`` is the decoder's first input, in training as in decoding.
    """

    model: EncoderDecoder
    source_tokenizer: Tokenizer
    target_tokenizer: Tokenizer
    start_id: int = START_ID

    @classmethod
    def create(
        cls,
        source_tokenizer: Tokenizer,
        target_tokenizer: Tokenizer,
        *,
        architecture: type[EncoderDecoder] = Transformer,
        start_id: int = START_ID,
        seed: int = 0,
        **fields: Any,
    ) -> "Translator":
        """An untrained translator; ``fields`` are those of the architecture's configuration."""
        config = architecture.config_class(
            source_vocab_size=len(source_tokenizer),
            target_vocab_size=len(target_tokenizer),
            **fields,
        )
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            return cls(architecture(config), source_tokenizer, target_tokenizer, start_id)

    def train(
        self, pairs: Sequence[TextPair], config: TrainingConfig, **options: Any
    ) -> TrainingHistory:
        """Train the model on pairs of texts; ``options`` are those of `jumok.training.train`."""
        config = replace(config, start_id=self.start_id)
        return train(self.model, self.id_pairs(pairs), config, **options)

    def id_pairs(self, pairs: Sequence[TextPair]) -> list[IdPair]:
        """The pairs as the model reads and writes them."""
        return [
            (self.source_tokenizer.encode(pair.source), self.target_tokenizer.encode(pair.target))
            for pair in pairs
        ]

    def translate(
        self,
        texts: Sequence[str],
        *,
        beam_size: int = 1,
        length_penalty: float = 0.0,
        errors: Literal["strict", "replace"] = "strict",
        batch_size: int = 500,
    ) -> list[str]:
        """Translations of ``texts``, in their order; a beam of 1 decodes greedily.

        Texts of similar length are translated together, ``batch_size`` at a time.

        Raises:
            ValueError: a text holds what the source vocabulary does not; with
                ``errors="replace"`` the model reads ``<unknown>`` there.
        """
        sources = [self.source_tokenizer.encode(text, errors=errors) for text in texts]
        order = sorted(range(len(sources)), key=lambda row: len(sources[row]))
        found = [""] * len(sources)
        for start in range(0, len(order), batch_size):
            rows = order[start : start + batch_size]
            ids = beam_search(
                self.model,
                collate([(sources[row], []) for row in rows]).source,
                beam_size=beam_size,
                start_id=self.start_id,
                end_id=END_ID,
                max_length=self.model.config.max_length,
                length_penalty=length_penalty,
            )
            for row, target in zip(rows, ids.tolist(), strict=True):
                found[row] = self.target_tokenizer.decode(target)
        return found

    def exact_match(self, pairs: Sequence[TextPair]) -> float:
        """The share of pairs whose source is translated to the letter."""
        return 1 - len(self.mistakes(pairs)) / len(pairs)

    def mistakes(self, pairs: Sequence[TextPair]) -> list[tuple[TextPair, str]]:
        """The pairs that are translated wrongly, each with what the model wrote."""
        written = self.translate([pair.source for pair in pairs])
        return [
            (pair, text) for pair, text in zip(pairs, written, strict=True) if text != pair.target
        ]

    def explain(self, text: str, translation: str | None = None) -> Translation:
        """Translate ``text``, or read a given translation of it, and show the attention weights."""
        if translation is None:
            translation = self.translate([text])[0]
        source_ids = self.source_tokenizer.encode(text)
        target_ids = self.target_tokenizer.encode(translation)
        batch = collate([(source_ids, target_ids)], start_id=self.start_id)
        batch = batch.to(next(self.model.parameters()).device)
        with evaluating(self.model):
            weights = self.model.attention_weights(batch.source, batch.target_input)
        vocabulary = self.target_tokenizer.vocabulary
        target_tokens = [vocabulary[token_id] for token_id in (*target_ids, END_ID)]
        return Translation(translation, self.source_tokenizer.tokens(text), target_tokens, weights)

    def save(self, path: str | Path) -> None:
        """Write weights, configuration and vocabularies into one safetensors file."""
        path = Path(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_name(path.name + ".unfinished")
        save_model(self.model, str(unfinished), metadata=self.description())
        unfinished.replace(path)

    def description(self) -> dict[str, str]:
        """What a saved file says of the model; safetensors keeps strings."""
        return {
            "config": json.dumps(asdict(self.model.config)),
            "source_vocabulary": json.dumps(self.source_tokenizer.vocabulary),
            "target_vocabulary": json.dumps(self.target_tokenizer.vocabulary),
        }

    def load(self, path: str | Path) -> None:
        """Take over the weights of a file that `save` wrote.

        Raises:
            FileNotFoundError: there is no such file.
            ValueError: it holds another configuration or other vocabularies, or is no such file.
        """
        if not Path(path).exists():
            raise FileNotFoundError(f"no model at {path}")
        try:
            with safe_open(str(path), framework="pt") as file:
                found = file.metadata() or {}
        except Exception as error:  # safetensors raises its own kinds for a damaged file
            raise ValueError(f"{path} is not a saved model: {error}") from error
        for name, expected in self.description().items():
            if found.get(name) != expected:
                raise ValueError(
                    f"{path} holds another model: its {name.replace('_', ' ')} differs"
                )
        load_model(self.model, str(path))
        self.model.eval()


# --- The two small ones ----------------------------------------------------------------------


DATE_TRAINING = TrainingConfig(
    steps=700, batch_size=64, pool=1, warmup_steps=100, learning_rate=0.003
)
"""Half a minute on two CPU cores.

With ``pool=1``, because dates of one length are dates of one format: see
`~jumok.training.length_batches`.
"""

DATE_PAIRS = 45_000
"""How many days of the training split to draw for `DATE_TRAINING`, which sees each once."""


DATE_SHAPE: dict[str, Any] = {
    "d_model": 64,
    "num_heads": 4,
    "num_encoder_layers": 2,
    "num_decoder_layers": 2,
    "d_ff": 256,
    "dropout": 0.0,
    "norm": "pre",
    "max_length": 16,
}
"""The sizes of the translators of dates, as fields of `~jumok.transformer.TransformerConfig`."""


def date_translator(direction: Direction = "ko-en", *, seed: int = 0, **fields: Any) -> Translator:
    """An untrained translator of dates, with two layers on either side; ``fields`` change it.

    Without dropout: it reads no date twice, so there is nothing to learn by heart.

    >>> translator = date_translator("ko-en")
    >>> translator.model.config.d_model, len(translator.source_tokenizer)
    (64, 335)
    """
    check_choice("direction", direction, get_args(Direction))
    korean, english = DateTokenizer("ko"), DateTokenizer("en")
    source, target = (korean, english) if direction == "ko-en" else (english, korean)
    return Translator.create(source, target, seed=seed, **{**DATE_SHAPE, **fields})


def two_way_date_translator(*, seed: int = 0, **fields: Any) -> Translator:
    """An untrained translator of dates from either language into the other.

    It has one vocabulary, whose vectors serve as the embeddings of both sides and as the output
    layer. Nobody tells it the direction: no date of one language is a date of the other.

    >>> translator = two_way_date_translator()
    >>> translator.source_tokenizer is translator.target_tokenizer
    True
    """
    tokenizer = DateTokenizer("ko", "en")
    shape = {**DATE_SHAPE, "tie_embeddings": True}
    return Translator.create(tokenizer, tokenizer, seed=seed, **{**shape, **fields})


RECURRENT_DATE_TRAINING = replace(DATE_TRAINING, steps=500, warmup_steps=50, learning_rate=0.01)
"""A quarter of a minute on one CPU core with attention, with 32,000 dates, each read once."""


def recurrent_date_translator(
    attention: AttentionName = "additive", *, seed: int = 0, **fields: Any
) -> Translator:
    """An untrained translator of Korean dates into English, with two recurrent networks.

    >>> recurrent_date_translator("none").model.encode(torch.tensor([[5, 6, 7]])).shape
    torch.Size([1, 1, 64])
    """
    fields = {"max_length": 16, **fields}
    return _recurrent_translator(DateTokenizer, attention=attention, seed=seed, **fields)


NUMBER_TRAINING = TrainingConfig(
    steps=1000, batch_size=64, pool=20, warmup_steps=100, learning_rate=0.01, smoothing=0.0
)
"""A minute of one CPU core with attention and sequences of 4 to 44 digits."""


def number_translator(
    attention: AttentionName = "additive", *, seed: int = 0, **fields: Any
) -> Translator:
    """An untrained recurrent translator of digits read aloud, from Korean into English."""
    fields = {"max_length": LONGEST + 4, **fields}
    return _recurrent_translator(NumberTokenizer, attention=attention, seed=seed, **fields)


def number_transformer(*, seed: int = 0, **fields: Any) -> Translator:
    """An untrained Transformer for the same task, of as many parameters as the recurrent model.

    One layer on either side, four heads. Train it with a lower learning rate: 0.003.

    >>> from jumok.transformer import count_parameters
    >>> for translator in (number_translator("additive"), number_transformer()):
    ...     print(f"{count_parameters(translator.model):,}")
    85,518
    86,656
    """
    shape: dict[str, Any] = {
        "d_model": 64,
        "num_heads": 4,
        "num_encoder_layers": 1,
        "num_decoder_layers": 1,
        "d_ff": 128,
        "dropout": 0.0,
        "norm": "pre",
        "max_length": LONGEST + 4,
    }
    korean, english = NumberTokenizer("ko"), NumberTokenizer("en")
    return Translator.create(korean, english, seed=seed, **{**shape, **fields})


def _recurrent_translator(
    tokenizer: Callable[[Language], Tokenizer], *, seed: int, **fields: Any
) -> Translator:
    """From Korean into English, 64 numbers wide unless ``fields`` say otherwise."""
    return Translator.create(
        tokenizer("ko"),
        tokenizer("en"),
        architecture=RecurrentEncoderDecoder,
        seed=seed,
        **{"d_model": 64, **fields},
    )


FRENCH_ENGLISH_TRAINING = TrainingConfig(
    steps=300, batch_size=64, warmup_steps=50, learning_rate=0.003
)
"""Ten seconds on two CPU cores, with 5,000 sentences."""


def french_english_translator(*, seed: int = 0) -> Translator:
    """An untrained translator of small French sentences, with one layer on either side.

    With one decoder layer, cross-attention reads words; what a deeper one attends from is already
    a mixture of them.
    """
    return Translator.create(
        WordTokenizer("fr"),
        WordTokenizer("en"),
        seed=seed,
        d_model=64,
        num_heads=2,
        num_encoder_layers=1,
        num_decoder_layers=1,
        d_ff=128,
        dropout=0.2,
        norm="pre",
        max_length=16,
    )
