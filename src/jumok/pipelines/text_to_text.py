"""Summarization and translation: an encoder reads the text, a decoder writes another."""

import re
import warnings
from functools import partial
from operator import add
from typing import Any, ClassVar

from torch import Tensor

from jumok.pipelines.base import Pipeline, Window, as_texts
from jumok.pipelines.generation import checkpoint_options, generation_options, new_tokens

__all__ = ["TextToText", "Summarization", "Translation", "languages_of", "split_sentences"]


class TextToText(Pipeline):
    """What both tasks share. Options that no step names go to the model's ``generate``.

    >>> from jumok.pipelines import pipeline
    >>> summarizer = pipeline("summarization")
    >>> (window,) = summarizer.preprocess("The chair broke.", prefix="")
    >>> rows = summarizer.forward(summarizer.pad([window]), max_new_tokens=2, num_beams=1)
    >>> len(rows[0][0])
    2
    >>> list(summarizer.postprocess("The chair broke.", [window], rows)[0])
    ['summary_text']
    """

    auto_model = "AutoModelForSeq2SeqLM"
    field: ClassVar[str]
    generation_defaults: ClassVar[dict[str, Any]] = {"max_new_tokens": 256, "num_beams": 4}

    def __call__(self, inputs: Any, **options: Any) -> Any:
        """A list of one dictionary for each text; of lists, if several sequences are asked for."""
        texts, is_single = as_texts(inputs)
        results = self.run(texts, **options)
        if all(len(result) == 1 for result in results):
            return [result[0] for result in results]
        return results[0] if is_single else results

    def preprocess(
        self, example: str, *, truncation: bool = False, prefix: str | None = None
    ) -> list[Window]:
        """One window with the whole text, after the checkpoint's prefix for the task, if any."""
        if prefix is None:
            prefix = getattr(self.model.config, "prefix", None) or ""
        return self.encode_whole(prefix + example, truncation=truncation)

    def forward(self, batch: dict[str, Tensor], **generation: Any) -> list[list[list[int]]]:
        """For each text the ids of its sequences."""
        options = generation_options(self.model, self.generation_defaults, generation)
        known = {**checkpoint_options(self.model), **options}
        least, most = known.get("min_length") or 0, known.get("max_length")
        if most is not None and least > most:
            warnings.warn(
                f"min_length is {least} and max_length {most}: the text is cut at {most} tokens; "
                f"pass min_length below {most} to let it end by itself",
                stacklevel=2,
            )
            options["min_length"] = most  # the same, without generate's own warning
        ids = {name: batch[name] for name in ("input_ids", "attention_mask")}
        output = self.model.generate(**ids, **options)
        end = self.model.generation_config.eos_token_id
        return new_tokens(output, 1, len(ids["input_ids"]), end)

    def postprocess(
        self,
        example: str,
        windows: list[Window],
        rows: list[list[list[int]]],
        *,
        clean_up_tokenization_spaces: bool | None = None,
    ) -> list[dict[str, str]]:
        """The sequences as text, those of sentences put together as the sentences were."""
        gaps = [gap for _, gap in split_sentences(example)] if len(windows) > 1 else [""]
        decode = partial(
            self.tokenizer.decode,
            skip_special_tokens=True,
            clean_up_tokenization_spaces=clean_up_tokenization_spaces,
        )
        return [
            {self.field: "".join(map(add, map(decode, ids), gaps))}
            for ids in zip(*rows, strict=True)
        ]


class Summarization(TextToText):
    """A shorter text that says the same.

    Called with a text or a list of texts, it returns a list of dictionaries with ``summary_text``.
    Options such as ``max_length``, ``min_length`` and ``num_beams`` go to the model's ``generate``;
    lengths count tokens of the summary. Without them the checkpoint's own settings hold, and where
    it has none, beam search with four beams and 256 tokens at most.

    >>> from transformers import BartConfig, BartForConditionalGeneration, PreTrainedTokenizerFast
    >>> from tokenizers import Tokenizer, models, pre_tokenizers
    >>> vocabulary = {"<s>": 0, "<pad>": 1, "</s>": 2, "<unk>": 3, "sorry": 4, "soon": 5}
    >>> words = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    >>> words.pre_tokenizer = pre_tokenizers.Whitespace()
    >>> tokenizer = PreTrainedTokenizerFast(
    ...     tokenizer_object=words, pad_token="<pad>", eos_token="</s>", unk_token="<unk>"
    ... )
    >>> config = BartConfig(
    ...     vocab_size=6, d_model=8, encoder_layers=1, decoder_layers=1, encoder_ffn_dim=8,
    ...     decoder_ffn_dim=8, encoder_attention_heads=2, decoder_attention_heads=2,
    ...     forced_eos_token_id=2,
    ... )
    >>> model = BartForConditionalGeneration(config)
    >>> model.final_logits_bias[0, 4] = 99.0  # a model of one word
    >>> Summarization(model, tokenizer)("We are sorry", max_length=4, num_beams=1)
    [{'summary_text': 'sorry sorry'}]

    Raises:
        ValueError: a text is empty, or longer than the model takes.
    """

    task = "summarization"
    field = "summary_text"


def languages_of(task: str) -> tuple[str, str] | None:
    """The two languages in the name of a translation task, or ``None`` if it names none.

    Raises:
        ValueError: the name is no translation task.

    >>> languages_of("translation_en_to_de"), languages_of("translation")
    (('en', 'de'), None)
    """
    if task == "translation":
        return None
    found = re.fullmatch(
        r"translation_([A-Za-z-]+(?:_[A-Z]{2})?)_to_([A-Za-z-]+(?:_[A-Z]{2})?)", task
    )
    if found is None:
        raise ValueError(f"expected a task such as translation_en_to_de, got {task!r}")
    return found[1], found[2]


ABBREVIATIONS = ("mr", "mrs", "ms", "dr", "prof", "st", "no", "vs", "e.g", "i.e", "u.s")
"""Words with a full stop that ends no sentence, without their last full stop."""

SENTENCE_END = re.compile(r"""(?<=[.!?…。？！])["'”’»)\]]*\s+|\s*\n\s*""")


def split_sentences(text: str) -> list[tuple[str, str]]:
    """The sentences of a Korean or English text, each with the white space behind it.

    A sentence ends with ``.``, ``!``, ``?`` or ``…`` (and what closes a quotation or a bracket)
    before white space, and with a line break; not behind an initial or an abbreviation such as
    *Mr.* Joined together the parts are the text.

    >>> split_sentences("안녕하세요, Dr. Kim. 잘 지내셨습니까?\\n김민수 드림")
    [('안녕하세요, Dr. Kim.', ' '), ('잘 지내셨습니까?', '\\n'), ('김민수 드림', '')]
    """
    parts: list[tuple[str, str]] = []
    begin = 0
    for found in SENTENCE_END.finditer(text):
        end = found.start() + len(found.group().rstrip())
        words = text[begin:end].split()
        if not words:
            continue
        last = words[-1].removesuffix(".").lstrip("(\"'“‘")
        is_short = last.lower() in ABBREVIATIONS or (len(last) == 1 and last.isupper())
        if words[-1].endswith(".") and is_short and "\n" not in found.group():
            continue
        parts.append((text[begin:end], text[end : found.end()]))
        begin = found.end()
    if begin < len(text):
        parts.append((text[begin:], ""))
    return parts


class Translation(TextToText):
    """A text in another language.

    Called with a text or a list of texts, it returns a list of dictionaries with
    ``translation_text``. The task's name may say the languages: ``translation_en_to_de``. A model
    for many languages needs them, there or as ``src_lang`` and ``tgt_lang`` in its own spelling; a
    model for several tasks (T5) says in ``task_specific_params`` which pairs it knows. With
    ``by_sentence=True`` each of the `split_sentences` is translated for itself, and what is between
    them stays as it is: so no sentence can be skipped, and a text may be of any length. A
    checkpoint may ask for that in ``task_specific_params``, as ours does. All other options go to
    the model's ``generate``, as in `Summarization`.

    >>> from transformers import MarianConfig, MarianMTModel, PreTrainedTokenizerFast
    >>> from tokenizers import Tokenizer, models, pre_tokenizers
    >>> vocabulary = {"</s>": 0, "<pad>": 1, "<unk>": 2, "thanks": 3, "danke": 4}
    >>> words = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    >>> words.pre_tokenizer = pre_tokenizers.Whitespace()
    >>> tokenizer = PreTrainedTokenizerFast(
    ...     tokenizer_object=words, pad_token="<pad>", eos_token="</s>", unk_token="<unk>"
    ... )
    >>> config = MarianConfig(
    ...     vocab_size=5, d_model=8, encoder_layers=1, decoder_layers=1, encoder_ffn_dim=8,
    ...     decoder_ffn_dim=8, encoder_attention_heads=2, decoder_attention_heads=2,
    ...     eos_token_id=0, forced_eos_token_id=0, pad_token_id=1, decoder_start_token_id=1,
    ... )
    >>> model = MarianMTModel(config)
    >>> model.final_logits_bias[0, 4] = 99.0
    >>> translator = Translation(model, tokenizer, task="translation_en_to_de")
    >>> translator("thanks", max_length=3, num_beams=1)
    [{'translation_text': 'danke'}]
    >>> translator("Thanks!\\nThanks.", max_length=3, num_beams=1, by_sentence=True)
    [{'translation_text': 'danke\\ndanke'}]
    >>> (window,) = translator.preprocess("thanks")
    >>> rows = translator.forward(translator.pad([window]), max_length=3, num_beams=1)
    >>> translator.postprocess("thanks", [window], rows)
    [{'translation_text': 'danke'}]

    Raises:
        ValueError: a text is empty or longer than the model takes, or the languages are missing or
            not those of the checkpoint.
    """

    task = "translation"
    field = "translation_text"

    def defaults(self, task_specific: dict[str, Any]) -> dict[str, Any]:
        """The checkpoint's options for the pair of languages; if it lists pairs, this is one.

        >>> from jumok.pipelines import pipeline
        >>> pipeline("translation_ko_to_en").defaults({"num_beams": 2})
        {'num_beams': 2}
        """
        pairs = getattr(self.model.config, "task_specific_params", None) or {}
        known = [name for name in pairs if name.startswith("translation_")]
        if languages_of(self.task) and known and self.task not in known:
            raise ValueError(f"the checkpoint knows {', '.join(known)}, not {self.task}")
        return task_specific

    def preprocess(
        self,
        example: str,
        *,
        truncation: bool = False,
        prefix: str | None = None,
        src_lang: str | None = None,
        tgt_lang: str | None = None,
        by_sentence: bool = False,
    ) -> list[Window]:
        """One window with the whole text, or one a sentence; with its language's mark, if any."""
        if by_sentence:
            one = partial(
                self.preprocess,
                truncation=truncation,
                prefix=prefix,
                src_lang=src_lang,
                tgt_lang=tgt_lang,
            )
            return [window for sentence, _ in split_sentences(example) for window in one(sentence)]
        if not hasattr(self.tokenizer, "_build_translation_inputs"):
            return super().preprocess(example, truncation=truncation, prefix=prefix)
        pair = languages_of(self.task) or (None, None)
        source, target = src_lang or pair[0], tgt_lang or pair[1]
        if source is None or target is None:
            raise ValueError(
                "this model knows many languages: name the task translation_en_to_de, or pass "
                "src_lang and tgt_lang"
            )
        self.check_languages(source, target)
        self.tokenizer.src_lang, self.tokenizer.tgt_lang = source, target
        (window,) = self.encode_whole(example, truncation=truncation)
        mark = self.tokenizer.convert_tokens_to_ids(target)
        if hasattr(self.tokenizer, "get_lang_id"):  # M2M100 writes its marks otherwise
            mark = self.tokenizer.get_lang_id(target)
        return [Window(window.inputs, window.encoding, limits={"forced_bos_token_id": mark})]

    def check_languages(self, *languages: str) -> None:
        """Refuse a language that the tokenizer has no mark for, with a ``ValueError``.

        The tokenizer would take an unknown one for an unknown word, without a warning.

        >>> from jumok.pipelines import pipeline
        >>> translator = pipeline("translation_ko_to_en")
        >>> translator.check_languages("xx_XX")
        Traceback (most recent call last):
        ...
        ValueError: the checkpoint has no language 'xx_XX': pass src_lang and ...
        """
        tokenizer = self.tokenizer
        if hasattr(tokenizer, "lang_code_to_token"):  # M2M100: its marks are not its names
            known = set(tokenizer.lang_code_to_token)
        else:
            known = set(tokenizer.get_vocab())
        for language in languages:
            if language not in known:
                like = sorted(
                    name for name in known if re.fullmatch(rf"{re.escape(language)}\w?_\w+", name)
                )
                hint = f"; its own spelling is {' or '.join(like)}" if like else ""
                raise ValueError(
                    f"the checkpoint has no language {language!r}{hint}: pass src_lang and "
                    "tgt_lang as the checkpoint writes them"
                )
