"""Train the models that come with the package, from nothing, on generated letters.

    python examples/train_letters.py

writes letters (``jumok.data.letters``), trains a tokenizer on them, and pretrains a small encoder
for both languages: it fills in masked tokens of a letter beside its translation. Fine-tuned, it
tells complaints from praise, finds names, and answers questions. An encoder–decoder translates both
ways and summarises; a decoder replies. Each model is measured on letters with names *and* patterns
of sentences that training never shows, and written into ``src/jumok/pipelines/models`` in the Hub's
folder format, with a model card. What the package carries of it,
`jumok.pipelines.defaults.SHIPPED_MODELS` says.

    python examples/train_letters.py encoder ner

runs these steps only; those after ``encoder`` take up the encoder that is there. A run that was
interrupted goes on where it stopped. All of it takes minutes on a GPU and a night on two CPU cores;
with less time, let it learn less: ``--effort 0.1``. On several GPUs, start the same program with
``accelerate launch``.
"""

import argparse
import random
import re
import shutil
import sys
from bisect import bisect
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Any, Literal, NamedTuple, get_args

import torch
from accelerate import Accelerator
from finetune_t5 import Seq2Seq, encode
from huggingface_hub import EvalResult, ModelCardData
from jaxtyping import Bool, Float, Int
from sacrebleu.metrics import BLEU
from tokenizers import Regex, decoders, normalizers, processors
from torch import Tensor, nn
from torch.nn.utils.rnn import pad_sequence
from transformers import (
    BertConfig,
    BertForPreTraining,
    BertForQuestionAnswering,
    BertForSequenceClassification,
    BertForTokenClassification,
    GPT2Config,
    GPT2LMHeadModel,
    PreTrainedTokenizerFast,
    T5Config,
    T5ForConditionalGeneration,
)
from transformers.utils import logging

from jumok.data.dates import Language
from jumok.data.letters import Letter, letters
from jumok.data.sentences import BOUNDARY
from jumok.data.subwords import BERT_TOKENS, SubwordTokenizer
from jumok.data.tokenizer import END_ID, PAD_ID, SPECIAL_TOKENS
from jumok.masked_language_model import (
    NOT_PREDICTED,
    MaskedLanguageObjective,
    MaskingRule,
    bert_example,
    evaluate_masked,
    mask_tokens,
)
from jumok.pipelines import pipeline
from jumok.pretrained import bert_for_pretraining
from jumok.text_scores import rouge_l
from jumok.training import Objective, TrainingConfig, new_accelerator, train
from jumok.transformer import count_parameters, sinusoidal_positions

ROOT = Path(__file__).resolve().parents[1]
MODELS = ROOT / "src" / "jumok" / "pipelines" / "models"
FOLDER = ROOT / "checkpoints" / "letters"
WRONG_INPUT = 2
"""The exit status for what can't be read; argparse uses the same for wrong usage."""

LANGUAGES: tuple[Language, ...] = get_args(Language)
LABELS = ("NEGATIVE", "POSITIVE")
KINDS = ("PER", "ORG", "LOC", "MISC")
TAGS = ("O", *(f"{sign}-{kind}" for kind in KINDS for sign in "BI"))

SYLLABLES = [s for s in map(chr, range(ord("가"), ord("힣") + 1)) if len(s.encode("euc_kr")) == 2]
ONSETS = (*"bcdfghjklmnprstvwyz", "ch", "sh", "st", "tr", "kl", "gr")
ALPHABET = [*map(chr, range(0x21, 0x7F)), *SYLLABLES]
"""ASCII and the 2,350 syllables of KS X 1001: a name may have one that no training letter has."""

MAX_LENGTH = 384
CONTEXT = 512
"""Of the decoder, which reads a letter and writes its reply."""

MASKED = 0.3
"""The share of tokens that pretraining asks for: BERT's 15 % teach less in few steps (Wettig et al.
2023)."""

NOISE = 0.1
"""The share of tokens that fine-tuning hides or replaces: what a name is, its neighbours tell."""

RENAMED = 0.7
"""In so many texts people and places get invented names."""

SCATTERED = 0.7
"""In so many texts some ordinary words are cut at random, and some make way for others."""

CUT, REPLACED = 0.1, 0.1
"""So many words of such a text are: a word in pieces is then no sign of a name, and a name is one
whatever stands beside it."""


class Stage(NamedTuple):
    """How long and how fast a model learns; so many letters are written for it."""

    letters: int
    steps: int
    batch_size: int
    learning_rate: float


STAGES = {
    "encoder": Stage(60_000, 6_000, 64, 1.5e-3),
    "text-classification": Stage(4_000, 400, 32, 1e-3),
    "ner": Stage(25_000, 5_000, 32, 1e-3),
    "question-answering": Stage(20_000, 6_000, 32, 1e-3),
    "text-to-text": Stage(50_000, 8_000, 64, 2e-3),
    "text-generation": Stage(30_000, 5_000, 32, 2e-3),
}
SIZES = {"hidden_size": 128, "num_hidden_layers": 3, "num_attention_heads": 4}

PREFIXES = {
    "ko-en": "translate to English:",
    "en-ko": "translate to Korean:",
    "summary": "summarize:",
}
SUMMARIES = 0.3
"""From so many letters a summary is learned, too, for each language."""

WRITTEN = 100
"""With so many letters writing is measured, which takes longer than reading."""


def parse_arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "steps", nargs="*", metavar="STEP", help=f"{', '.join(STAGES)} (default: all)"
    )
    parser.add_argument(
        "--folder",
        type=Path,
        default=FOLDER,
        help="where interrupted trainings are kept (default: checkpoints/letters)",
    )
    parser.add_argument(
        "--output",
        type=Path,
        default=MODELS,
        help="where finished models go (default: %(default)s)",
    )
    parser.add_argument("--vocab-size", type=int, default=5000, help="default: %(default)s")
    parser.add_argument(
        "--effort", type=float, default=1.0, help="so many times as many letters and steps"
    )
    parser.add_argument(
        "--held-out", type=int, default=300, help="letters to measure with (default: %(default)s)"
    )
    parser.add_argument("--checkpoint-every", type=int, default=100, metavar="STEPS")
    parser.add_argument("--seed", type=int, default=0, help="default: %(default)s")
    options = parser.parse_args(arguments)
    if unknown := [step for step in options.steps if step not in STAGES]:
        parser.error(f"expected steps among {', '.join(STAGES)}, got {', '.join(unknown)}")
    for name in ("held_out", "checkpoint_every"):
        if getattr(options, name) < 1:
            parser.error(f"--{name.replace('_', '-')} must be at least 1")
    if options.effort <= 0:
        parser.error("--effort must be positive")
    return options


# --- Tokenizer -------------------------------------------------------------------------------


def cut_at_marks(each: Letter, language: Language) -> str:
    """The letter with a `BOUNDARY` wherever a name or an answer begins or ends within a word.

    A tokenizer that learns from it has no token that holds the end of a name and its particle.
    """
    text = each.text(language)
    places = {place for _, *span in each.marks(language) for place in span}
    within = [p for p in sorted(places) if 0 < p < len(text) and text[p - 1 : p + 1].isalnum()]
    parts = [text[a:b] for a, b in zip([0, *within], [*within, len(text)], strict=True)]
    return BOUNDARY.join(parts)


def letters_tokenizer(options: argparse.Namespace, accelerator: Accelerator) -> SubwordTokenizer:
    """The tokenizer in the folder, learned from training's letters if it isn't there yet."""
    path = options.folder / "tokenizer.json"
    with accelerator.main_process_first():
        if not path.exists():
            count = max(1, round(4000 * min(1.0, options.effort)))
            texts = [
                cut_at_marks(each, language)
                for each in letters("train", count, seed=options.seed)
                for language in LANGUAGES
            ]
            SubwordTokenizer.train(
                texts, options.vocab_size, special_tokens=BERT_TOKENS, alphabet=ALPHABET
            ).save(path)
        return SubwordTokenizer.load(path)


Kind = Literal["encoder", "encoder-decoder", "decoder"]
"""Of a model: it decides which special tokens a text gets."""

AROUND: dict[Kind, tuple[str, str | None]] = {
    "encoder": ("[CLS] $A [SEP]", "[CLS] $A [SEP] $B:1 [SEP]:1"),
    "encoder-decoder": (f"$A {SPECIAL_TOKENS[END_ID]}", None),
    "decoder": ("$A", None),
}


def for_transformers(tokenizer: SubwordTokenizer, kind: Kind) -> PreTrainedTokenizerFast:
    """The same tokenizer as transformers loads it, with its special tokens around a text.

    An encoder's are those of BERT. For an encoder–decoder a text ends with ``<END>``, as in T5; a
    decoder goes on with it, and it has none. A line break is a space: the letters have no lines.
    """
    engine = type(tokenizer.engine).from_str(tokenizer.engine.to_str())
    engine.normalizer = normalizers.Sequence(
        [normalizers.NFC(), normalizers.Replace(Regex(r"\s+"), " ")]
    )
    engine.decoder = decoders.Metaspace(replacement="▁", prepend_scheme="first")
    pad, _, end, unknown = SPECIAL_TOKENS
    ids = {name: tokenizer.ids([name])[0] for name in ("[CLS]", "[SEP]", end)}
    single, pair = AROUND[kind]
    engine.post_processor = processors.TemplateProcessing(
        single=single, pair=pair, special_tokens=list(ids.items())
    )
    is_encoder = kind == "encoder"
    names = {"cls_token": "[CLS]", "sep_token": "[SEP]", "mask_token": "[MASK]"}
    return PreTrainedTokenizerFast(
        tokenizer_object=engine,
        pad_token=pad,
        unk_token=unknown,
        model_max_length=CONTEXT if kind == "decoder" else MAX_LENGTH,
        clean_up_tokenization_spaces=False,
        model_input_names=[
            "input_ids",
            *(["token_type_ids"] if is_encoder else []),
            "attention_mask",
        ],
        **(names if is_encoder else {"eos_token": end}),
    )


# --- Objectives ------------------------------------------------------------------------------


class Labelled(NamedTuple):
    """A text or two as ids, and what is to be found: a class, tags, or begin and end."""

    token_ids: tuple[int, ...]
    segment_ids: tuple[int, ...]
    target: tuple[int, ...]


@dataclass(frozen=True)
class LabelledBatch:
    """Padded texts with their targets, named as transformers' models name their inputs."""

    inputs: dict[str, Tensor]

    def to(self, device: torch.device) -> "LabelledBatch":
        """The same batch on another device."""
        return LabelledBatch({name: part.to(device) for name, part in self.inputs.items()})


@dataclass(frozen=True)
class FineTuning(Objective):
    """What one of transformers' heads learns; its model computes the loss itself.

    ``targets`` names the head's inputs: ``("labels",)``, or begin and end. Some tokens are hidden
    or replaced as in pretraining, by ``rule``: who reads *[MASK] lives in Munich* learns that
    names stand there, not only which names there are.
    """

    rule: MaskingRule
    targets: tuple[str, ...] = ("labels",)

    def lengths(self, example: Labelled) -> tuple[int, ...]:
        """By how many tokens examples are sorted."""
        return (len(example.token_ids),)

    def collate(self, examples: Sequence[Labelled]) -> LabelledBatch:
        """Examples, padded, some tokens hidden; draws from torch's global random stream."""

        def pad(rows: Sequence[Sequence[int]], value: int) -> Tensor:
            return pad_sequence([torch.tensor(r) for r in rows], True, float(value))

        ids = pad([each.token_ids for each in examples], PAD_ID)
        targets = [each.target for each in examples]
        inputs = {
            "input_ids": mask_tokens(ids, self.rule)[0],
            "token_type_ids": pad([each.segment_ids for each in examples], 0),
            "attention_mask": (ids != PAD_ID).long(),
        }
        if len(self.targets) > 1:
            columns = torch.tensor(targets).unbind(dim=1)
            inputs |= dict(zip(self.targets, columns, strict=True))
        else:
            labels = pad(targets, NOT_PREDICTED)
            is_class = all(len(target) == 1 for target in targets)
            inputs[self.targets[0]] = labels.squeeze(1) if is_class else labels
        return LabelledBatch(inputs)

    def count(self, batch: LabelledBatch) -> int:
        """The labels, or the questions."""
        return max(1, int((batch.inputs[self.targets[0]] != NOT_PREDICTED).sum()))

    def loss(self, model: nn.Module, batch: LabelledBatch) -> Float[Tensor, ""]:
        """The model's own mean cross-entropy."""
        loss: Tensor = model(**batch.inputs).loss
        return loss


class Continuation(Objective):
    """How a text goes on, token by token; the model of transformers computes the loss itself."""

    def lengths(self, example: Sequence[int]) -> tuple[int, ...]:
        """By how many tokens examples are sorted."""
        return (len(example),)

    def collate(self, examples: Sequence[Sequence[int]]) -> LabelledBatch:
        """Examples, padded; the labels are the same ids, which the model shifts."""
        ids = pad_sequence([torch.tensor(each) for each in examples], True, float(PAD_ID))
        is_text = ids != PAD_ID
        labels = ids.masked_fill(~is_text, NOT_PREDICTED)
        return LabelledBatch({"input_ids": ids, "attention_mask": is_text.long(), "labels": labels})

    def count(self, batch: LabelledBatch) -> int:
        """The tokens, of which the first of each text isn't predicted."""
        return max(1, int((batch.inputs["labels"][:, 1:] != NOT_PREDICTED).sum()))

    def loss(self, model: nn.Module, batch: LabelledBatch) -> Float[Tensor, ""]:
        """The model's own mean cross-entropy."""
        loss: Tensor = model(**batch.inputs).loss
        return loss


class PretrainingModel(nn.Module):
    """transformers' BERT with the inputs and outputs of `jumok.bert.BertForPretraining`.

    So it learns by the same objective; logits are computed only where a token is to be said.
    """

    def __init__(self, model: BertForPreTraining) -> None:
        super().__init__()
        self.model = model

    def forward(
        self,
        token_ids: Int[Tensor, "batch length"],
        segment_ids: Int[Tensor, "batch length"],
        *,
        predict: Bool[Tensor, "batch length"],
    ) -> tuple[Float[Tensor, "predicted vocab"], Float[Tensor, "batch 2"]]:
        """Logits for the chosen tokens, and for the pair of texts."""
        body = self.model.bert(
            token_ids, attention_mask=(token_ids != PAD_ID).long(), token_type_ids=segment_ids
        )
        logits = self.model.cls.predictions(body.last_hidden_state[predict])
        return logits, self.model.cls.seq_relationship(body.pooler_output)


# --- Examples --------------------------------------------------------------------------------


class Workshop:
    """The command line, the tokenizer, and what all steps do with them."""

    def __init__(self, options: argparse.Namespace, accelerator: Accelerator) -> None:
        self.options, self.accelerator = options, accelerator
        self.tokenizer = letters_tokenizer(options, accelerator)
        self.fast = for_transformers(self.tokenizer, "encoder")

    def stage(self, step: str) -> Stage:
        """How a step learns, with the effort that was asked for."""
        stage, effort = STAGES[step], self.options.effort
        steps = max(2, round(stage.steps * effort))
        return stage._replace(letters=max(1, round(stage.letters * effort)), steps=steps)

    def letters(self, step: str) -> Iterator[Letter]:
        """The letters that a step learns from, other ones for each."""
        start = 1_000_000 * list(STAGES).index(step)
        return letters("train", self.stage(step).letters, start=start, seed=self.options.seed)

    def held_out(self) -> list[Letter]:
        """Letters with names and patterns that training never shows."""
        return list(letters("new patterns", self.options.held_out, seed=self.options.seed))

    def learn(self, step: str, model: nn.Module, examples: Sequence[Any], task: Objective) -> None:
        """Train a model for a step, or take up what there is of it."""
        stage = self.stage(step)
        if self.accelerator.is_main_process:
            size = f"{count_parameters(model):,} parameters, {len(examples):,} examples"
            print(f"{step}: {size}", file=sys.stderr)
        train(
            model,
            examples,
            TrainingConfig.adamw(
                stage.steps,
                stage.learning_rate,
                batch_size=stage.batch_size,
                pool=50,
                seed=self.options.seed,
            ),
            objective=task,
            accelerator=self.accelerator,
            checkpoint=self.options.folder / f"{step}.pt",
            checkpoint_every=self.options.checkpoint_every,
        )

    def body(self, kind: Any, step: str = "encoder", **settings: Any) -> Any:
        """A model of transformers with a new head on the body that a step left."""
        path = (self.options.folder if step == "encoder" else self.options.output) / step
        if not path.is_dir():
            raise FileNotFoundError(f"no encoder in {path}: run the step {step} first")
        torch.manual_seed(self.options.seed)
        return kind.from_pretrained(path, **settings)

    def noise(self) -> MaskingRule:
        """How many tokens fine-tuning hides."""
        return MaskingRule.of(self.tokenizer, probability=NOISE)

    def encoder(self) -> None:
        """Pretrain: fill in masked tokens of letters and of parts of them, in both languages.

        Position embeddings begin as waves, in which neighbours are alike: what attention learns in
        one place then holds in others. Some words are in pieces, see `scattered`. Reading the
        translation beside a text is translation language modelling (Conneau and Lample 2019, §3.3).
        """
        config = BertConfig(
            vocab_size=len(self.tokenizer),
            intermediate_size=4 * SIZES["hidden_size"],
            max_position_embeddings=MAX_LENGTH,
            initializer_range=SIZES["hidden_size"] ** -0.5,
            hidden_dropout_prob=0.0,
            attention_probs_dropout_prob=0.0,
            pad_token_id=PAD_ID,
            **SIZES,
        )
        torch.manual_seed(self.options.seed)
        model = PretrainingModel(BertForPreTraining(config))
        positions = model.model.bert.embeddings.position_embeddings.weight
        begin_as_waves(positions, config.initializer_range)

        def pairs(drawn: Iterator[Letter] | Sequence[Letter]) -> list[Any]:
            draw = random.Random(self.options.seed)
            found = []
            for number, each in enumerate(drawn):
                order = LANGUAGES if number % 2 else LANGUAGES[::-1]
                texts = [scattered(t, (), draw)[0] for t in stretch(each, draw, order)]
                found.append(bert_example(self.tokenizer, *texts, max_length=MAX_LENGTH))
            return found

        rule = MaskingRule.of(self.tokenizer, probability=MASKED)
        self.learn("encoder", model, pairs(self.letters("encoder")), MaskedLanguageObjective(rule))
        if self.accelerator.is_main_process:
            model.model.bert.save_pretrained(self.options.folder / "encoder")
            ours = bert_for_pretraining(config.to_dict(), model.model.cpu().state_dict())
            scores = evaluate_masked(ours, pairs(self.held_out()), rule)
            print(f"held-out accuracy of masked tokens {scores.accuracy:.4f}")

    def text_classification(self) -> None:
        """Fine-tune the encoder to tell complaints from praise, in letters and in parts of them."""
        draw = random.Random(self.options.seed)
        examples = []
        for each in self.letters("text-classification"):
            for language in LANGUAGES:
                text = excerpt(each, language, draw, with_facts={"problem", "praise"})[0]
                encoded = self.fast(text, truncation=True)
                examples.append(labelled(encoded, [LABELS.index(each.sentiment)]))
        model = self.body(BertForSequenceClassification, **names_of(LABELS))
        self.learn("text-classification", model, examples, FineTuning(self.noise()))
        self.ship("text-classification", model)

    def ner(self) -> None:
        """Fine-tune the encoder to find people, organisations, places and products.

        Many of the people and places are invented, see `renamed`, and so are some of the other
        words, see `scattered`.
        """
        draw = random.Random(self.options.seed)
        examples = []
        for each in self.letters("ner"):
            for language in LANGUAGES:
                text, first = excerpt(each, language, draw)
                names = [
                    (entity.start - first, entity.end - first, entity.label)
                    for entity in each.entities(language)
                    if first <= entity.start < first + len(text)
                ]
                for change in (renamed, scattered):
                    text, now = change(text, names, draw)
                    names = [(now(start), now(end), kind) for start, end, kind in names]
                encoded = self.fast(text, return_offsets_mapping=True, truncation=True)
                examples.append(labelled(encoded, tags(encoded["offset_mapping"], names)))
        model = self.body(BertForTokenClassification, **names_of(TAGS))
        self.learn("ner", model, examples, FineTuning(self.noise()))
        self.ship("ner", model)

    def question_answering(self) -> None:
        """Fine-tune to find where an answer begins and ends, or that there is none.

        It begins with the body that finds names: many answers are some. A task in between helps
        one with little data (Phang et al. 2018), and here one with little time.
        """
        draw = random.Random(self.options.seed)
        examples = []
        for each in self.letters("question-answering"):
            for language in LANGUAGES:
                for question in draw.sample(each.questions(language), 2):
                    text, span = each.text(language), (question.start, question.end)
                    names = [(e.start, e.end, e.label) for e in each.entities(language)]
                    for change in (renamed, scattered):
                        text, now = change(text, names, draw)
                        names = [(now(start), now(end), kind) for start, end, kind in names]
                        span = tuple(None if place is None else now(place) for place in span)
                    encoded = self.fast(question.text, text, truncation="only_second")
                    examples.append(labelled(encoded, answer_tokens(encoded.encodings[0], *span)))
        model = self.body(BertForQuestionAnswering, "ner", num_labels=2)
        model.config.task_specific_params = {
            "question-answering": {"align_to_words": False, "max_answer_len": 30}
        }
        targets = ("start_positions", "end_positions")
        self.learn("question-answering", model, examples, FineTuning(self.noise(), targets))
        self.ship("question-answering", model)

    def text_to_text(self) -> None:
        """Train an encoder–decoder to translate stretches of letters both ways, and to summarise.

        It is a T5 (Raffel et al. 2020): a prefix says what to do, and attention knows distances
        only, so that what it learns of three sentences holds for ten.
        """
        tokenizer = for_transformers(self.tokenizer, "encoder-decoder")
        draw = random.Random(self.options.seed)
        pairs: dict[str, list[tuple[str, str]]] = {prefix: [] for prefix in PREFIXES}
        for each in self.letters("text-to-text"):
            for source, target in (LANGUAGES, LANGUAGES[::-1]):
                pairs[f"{source}-{target}"].append(stretch(each, draw, (source, target)))
                if draw.random() < SUMMARIES:
                    pairs["summary"].append((each.text(source), each.summary(source)))
        examples = [
            example
            for name, texts in pairs.items()
            for example in encode(tokenizer, texts, PREFIXES[name], MAX_LENGTH)
        ]
        torch.manual_seed(self.options.seed)
        model = T5ForConditionalGeneration(
            T5Config(
                vocab_size=len(self.tokenizer),
                d_model=128,
                d_kv=32,
                d_ff=512,
                num_layers=3,
                num_heads=4,
                dropout_rate=0.0,
                pad_token_id=PAD_ID,
                eos_token_id=END_ID,
                decoder_start_token_id=PAD_ID,
                task_specific_params={
                    task: {"prefix": f"{PREFIXES[name]} ", **more}
                    for task, name, more in (
                        ("summarization", "summary", {}),
                        ("translation_ko_to_en", "ko-en", {"by_sentence": True}),
                        ("translation_en_to_ko", "en-ko", {"by_sentence": True}),
                    )
                },
            )
        )
        model.generation_config.update(max_length=None, max_new_tokens=320, num_beams=1)
        self.learn("text-to-text", model, examples, Seq2Seq(tokenizer))
        self.ship("text-to-text", model, tokenizer)

    def text_generation(self) -> None:
        """Train a decoder to go on with a letter and a cue: with the company's reply."""
        tokenizer = for_transformers(self.tokenizer, "decoder")
        examples = []
        for each in self.letters("text-generation"):
            for language in LANGUAGES:
                ids = tokenizer(f"{each.prompt(language)} {each.reply(language)}")["input_ids"]
                examples.append((*ids[: CONTEXT - 1], END_ID))
        torch.manual_seed(self.options.seed)
        model = GPT2LMHeadModel(
            GPT2Config(
                vocab_size=len(self.tokenizer),
                n_positions=CONTEXT,
                n_embd=SIZES["hidden_size"],
                n_layer=SIZES["num_hidden_layers"],
                n_head=SIZES["num_attention_heads"],
                resid_pdrop=0.0,
                embd_pdrop=0.0,
                attn_pdrop=0.0,
                bos_token_id=END_ID,
                eos_token_id=END_ID,
                pad_token_id=PAD_ID,
            )
        )
        begin_as_waves(model.transformer.wpe.weight, model.config.initializer_range)
        model.generation_config.update(max_length=None, max_new_tokens=200, do_sample=False)
        self.learn("text-generation", model, examples, Continuation())
        self.ship("text-generation", model, tokenizer)

    def ship(self, step: str, model: Any, tokenizer: Any = None) -> None:
        """Write a model in the Hub's format, measure what was written, and write its card."""
        if not self.accelerator.is_main_process:
            return
        folder: Path = self.options.output / step
        shutil.rmtree(folder, ignore_errors=True)
        weights = model.state_dict()
        once = {
            part.data_ptr(): part.half() for part in weights.values()
        }  # what is shared stays so
        halves = {name: once[part.data_ptr()] for name, part in weights.items()}
        model.save_pretrained(folder, state_dict=halves)
        (tokenizer or self.fast).save_pretrained(folder)
        results = MEASURES[step](folder, self.held_out())
        write_card(folder, self.stage(step), results, self.options.held_out, model)
        for language, scores in results.items():
            print(step, language, *(f"{name} {score:.4f}" for name, score in scores.items()))


# --- From letters to examples ----------------------------------------------------------------


def names_of(labels: Sequence[str]) -> dict[str, Any]:
    """The labels as a configuration of transformers keeps them."""
    return {
        "num_labels": len(labels),
        "id2label": dict(enumerate(labels)),
        "label2id": {label: number for number, label in enumerate(labels)},
    }


def begin_as_waves(positions: Tensor, scale: float) -> None:
    """Write sines and cosines of that standard deviation into embeddings of positions."""
    waves = sinusoidal_positions(*positions.shape)
    positions.data.copy_(waves * scale / waves.std())


def excerpt(
    each: Letter, language: Language, draw: random.Random, with_facts: Collection[str] = ()
) -> tuple[str, int]:
    """The letter, or, every second time, some of its sentences; and where they begin in it.

    Those sentences are among them that tell one of the facts ``with_facts``.
    """
    sentences = each.sentences(language)
    starts = [0, *accumulate(len(sentence) + 1 for sentence in sentences)]
    if draw.random() < 0.5:
        return each.text(language), 0
    told = [mark.start for mark in each.marks(language) if mark.label in with_facts]
    place = bisect(starts, draw.choice(told)) - 1 if told else draw.randrange(len(sentences))
    first, last = draw.randint(0, place), draw.randint(place, len(sentences) - 1)
    if draw.random() < 0.5:
        first = last = place
    return each.text(language)[starts[first] : starts[last + 1] - 1], starts[first]


def stretch(
    each: Letter, draw: random.Random, languages: tuple[Language, Language]
) -> tuple[str, str]:
    """Up to four sentences of a letter, or, every fifth time, all of them; in two languages."""
    source, target = (each.sentences(language) for language in languages)
    length = draw.randint(1, 4) if draw.random() < 0.8 else len(source)
    first = draw.randint(0, max(0, len(source) - length))
    return " ".join(source[first : first + length]), " ".join(target[first : first + length])


def edited(text: str, edits: Sequence[tuple[int, int, str]]) -> tuple[str, Callable[[int], int]]:
    """The text with some stretches replaced, and where each place in it is now."""
    parts, shifts, end = [], [(0, 0)], 0
    for first, last, new in edits:
        parts += [text[end:first], new]
        end = last
        shifts.append((last, shifts[-1][1] + len(new) - (last - first)))
    ends = [place for place, _ in shifts]
    return "".join([*parts, text[end:]]), lambda place: place + shifts[bisect(ends, place) - 1][1]


def renamed(
    text: str, names: Sequence[tuple[int, int, str]], draw: random.Random
) -> tuple[str, Callable[[int], int]]:
    """The text, most often with invented people and places, and where each place in it is now.

    There are few cities, and a model that knows them all by heart looks at nothing around them.
    Companies and products are made of parts, and have no need of it. A name that stands in the text
    twice becomes the same one.
    """
    if draw.random() >= RENAMED:
        return edited(text, ())
    invented: dict[str, str] = {}
    edits = []
    for first, last, kind in names:
        name = text[first:last]
        if kind in ("LOC", "PER") and name not in invented:
            invented[name] = "".join(invent(word, draw) for word in re.split(r"(\W)", name))
        edits.append((first, last, invented.get(name, name)))
    return edited(text, edits)


def scattered(
    text: str, names: Sequence[tuple[int, int, str]], draw: random.Random
) -> tuple[str, Callable[[int], int]]:
    """The text, most often with some ordinary words in pieces or replaced; and the places.

    Training's ordinary words are whole tokens, and its rare names are not. A model that learned
    only that takes any new word for a name. Cutting known words at random is the subword
    regularisation of Provilkov et al. (2020, BPE-dropout), from a stream of random numbers of ours.
    """
    if draw.random() >= SCATTERED:
        return edited(text, ())
    words = [
        found
        for found in re.finditer(r"[^\W\d_]{2,}", text)
        if not any(found.start() < end and found.end() > start for start, end, _ in names)
    ]
    edits = []
    for found in words:
        first, last = found.span()
        chance = draw.random()
        if chance >= CUT + REPLACED:
            continue
        word = found.group()
        if chance < REPLACED:
            word = invent(word, draw) if chance < REPLACED / 2 else draw.choice(words).group()
        else:
            gaps = (BOUNDARY if draw.random() < 0.5 else "" for _ in word[1:])
            rest = (gap + letter for gap, letter in zip(gaps, word[1:], strict=True))
            word = word[0] + "".join(rest)
        edits.append((first, last, word))
    return edited(text, edits)


def invent(word: str, draw: random.Random) -> str:
    """A word as long as another, of the same script, with a final consonant if that has one."""
    if not word.isalpha():
        return word
    if word.isascii():
        syllables = [draw.choice(ONSETS) + draw.choice("aeiou") for _ in range(len(word) // 3 + 1)]
        made = "".join(syllables) + draw.choice(("", *"nrlst"))
        return made.capitalize() if word[0].isupper() else made
    *first, last = (draw.choice(SYLLABLES) for _ in word)
    while has_final(last) != has_final(word[-1]):
        last = draw.choice(SYLLABLES)
    return "".join([*first, last])


def has_final(syllable: str) -> bool:
    """Whether a Hangul syllable ends in a consonant, after which a particle has another form."""
    return (ord(syllable) - ord("가")) % 28 > 0


def labelled(encoded: Any, target: Sequence[int]) -> Labelled:
    """What a tokenizer of transformers made of a text, with what is to be found in it."""
    return Labelled(tuple(encoded["input_ids"]), tuple(encoded["token_type_ids"]), tuple(target))


def tags(offsets: Sequence[tuple[int, int]], names: Sequence[tuple[int, int, str]]) -> list[int]:
    """For each token the number of its tag: ``B-`` where a name begins, ``I-`` within, else ``O``.

    A special token has no characters, and nothing to learn.
    """
    found = [TAGS.index("O") if start < end else NOT_PREDICTED for start, end in offsets]
    for first, last, kind in names:
        inside = [i for i, (start, end) in enumerate(offsets) if start < last and end > first]
        for number, token in enumerate(inside):
            found[token] = TAGS.index(f"{'I' if number else 'B'}-{kind}")
    return found


def answer_tokens(encoding: Any, start: int | None, end: int | None) -> tuple[int, int]:
    """The first and the last token of an answer; ``[CLS]``, the first of all, if there is none."""
    if start is None or end is None:
        return 0, 0
    inside = [
        token
        for token, (sequence, (first, last)) in enumerate(
            zip(encoding.sequence_ids, encoding.offsets, strict=True)
        )
        if sequence == 1 and first < end and last > start
    ]
    return (inside[0], inside[-1]) if inside else (0, 0)


# --- Examination -----------------------------------------------------------------------------


def measure_sentiment(folder: Path, held_out: Sequence[Letter]) -> dict[str, dict[str, float]]:
    """The share of letters whose sentiment is found."""
    classify = pipeline("text-classification", folder)
    results = {}
    for language in LANGUAGES:
        found = classify([each.text(language) for each in held_out])
        right = [each.sentiment == one["label"] for each, one in zip(held_out, found, strict=True)]
        results[language] = {"accuracy": sum(right) / len(right)}
    return results


def measure_names(folder: Path, held_out: Sequence[Letter]) -> dict[str, dict[str, float]]:
    """F1 of names: right are those with the same kind, begin and end."""
    find = pipeline("ner", folder, aggregation_strategy="simple")
    results = {}
    for language in LANGUAGES:
        expected, found = (
            {(number, *name) for number, names in enumerate(of_letters) for name in names}
            for of_letters in (
                [[(e.start, e.end, e.label) for e in each.entities(language)] for each in held_out],
                [
                    [(one["start"], one["end"], one["entity_group"]) for one in names]
                    for names in find([each.text(language) for each in held_out])
                ],
            )
        )
        results[language] = {"f1": 2 * len(expected & found) / (len(expected) + len(found))}
    return results


def measure_answers(folder: Path, held_out: Sequence[Letter]) -> dict[str, dict[str, float]]:
    """The share of questions whose answer is found, character for character.

    ``exact`` counts all, where *no answer* is one; ``exact_if_answered`` those that have one, and
    the model has to give it.
    """
    answer = pipeline("question-answering", folder)
    results = {}
    for language in LANGUAGES:
        asked = [(each, q) for each in held_out for q in each.questions(language)]
        given = {"question": [q.text for _, q in asked]}
        given["context"] = [each.text(language) for each, _ in asked]
        all_right, right = [], []
        for (_, question), best in zip(asked, answer(**given, top_k=1), strict=True):
            if question.answer is not None:
                right.append(best["answer"] == question.answer)
        for (_, question), best in zip(
            asked, answer(**given, handle_impossible_answer=True), strict=True
        ):
            all_right.append(best["answer"] == (question.answer or ""))
        results[language] = {
            "exact": sum(all_right) / len(all_right),
            "exact_if_answered": sum(right) / len(right),
        }
    return results


def measure_writing(folder: Path, held_out: Sequence[Letter]) -> dict[str, dict[str, float]]:
    """BLEU of letters translated into each language, and ROUGE-L of summaries.

    BLEU is sacreBLEU's, of words as it cuts English, and of characters: a Korean word holds its
    particles and endings, so one wrong syllable spoils it. Summaries are compared word by word.
    """
    held_out = held_out[:WRITTEN]
    results: dict[str, dict[str, float]] = {}
    for target, source in (LANGUAGES, LANGUAGES[::-1]):
        translate = pipeline(f"translation_{source}_to_{target}", folder)
        texts = [each.text(source) for each in held_out]
        written = [one["translation_text"] for one in translate(texts)]
        references = [each.text(target) for each in held_out]
        results[target] = {
            "bleu": BLEU().corpus_score(written, [references]).score,
            "bleu_characters": BLEU(tokenize="char").corpus_score(written, [references]).score,
        }
        summarise = pipeline("summarization", folder)
        summaries = [
            one["summary_text"] for one in summarise([each.text(target) for each in held_out])
        ]
        scores = [
            rouge_l(summary, each.summary(target))
            for summary, each in zip(summaries, held_out, strict=True)
        ]
        results[target]["rougeL"] = sum(scores) / len(scores)
    return results


def measure_replies(folder: Path, held_out: Sequence[Letter]) -> dict[str, dict[str, float]]:
    """ROUGE-L of replies, and the share of the names which a reply needs that it has."""
    reply = pipeline("text-generation", folder)
    results: dict[str, dict[str, float]] = {}
    for language in LANGUAGES:
        asked = held_out[:WRITTEN]
        prompts = [each.prompt(language) for each in asked]
        written = [
            one[0]["generated_text"]
            for one in reply(prompts, do_sample=False, return_full_text=False)
        ]
        expected = [each.reply(language) for each in asked]
        scores = [rouge_l(a, b) for a, b in zip(written, expected, strict=True)]
        named = [
            name in text
            for each, text, right in zip(asked, written, expected, strict=True)
            for name in {entity.text for entity in each.entities(language)}
            if name in right
        ]
        results[language] = {
            "rougeL": sum(scores) / len(scores),
            "names": sum(named) / len(named),
        }
    return results


MEASURES = {
    "text-classification": measure_sentiment,
    "ner": measure_names,
    "question-answering": measure_answers,
    "text-to-text": measure_writing,
    "text-generation": measure_replies,
}
"""What tests compare with the cards."""


# --- Cards -----------------------------------------------------------------------------------

METRICS = {
    "accuracy": "accuracy",
    "f1": "F1 of names (kind, begin and end)",
    "exact": "exact match, no answer being one",
    "exact_if_answered": "exact match of questions with an answer",
    "bleu": "BLEU of letters translated into this language",
    "bleu_characters": "the same of characters",
    "rougeL": "ROUGE-L",
    "names": "share of the names a reply needs that it has",
}

ABOUT = {
    "text-classification": "tells complaints (`NEGATIVE`) from praise (`POSITIVE`)",
    "ner": "finds people, organisations, places and products (`PER`, `ORG`, `LOC`, `MISC`)",
    "question-answering": "finds the answer to a question in a letter, or says that there is none",
    "text-to-text": "translates letters from Korean into English and back, and summarises them",
    "text-generation": "goes on with a letter and the cue *Customer service response:* or "
    "*고객센터 답장:*, with a reply",
}
BEFORE = {
    "text-classification": ("pretraining on masked tokens",),
    "ner": ("pretraining on masked tokens",),
    "question-answering": ("pretraining on masked tokens", "the training for names"),
}
"""What a model learned before its own step."""

WEAKNESSES = {
    "text-classification": "Short sentences of other kinds, such as *I love this film*, it often "
    "gets wrong.",
    "ner": "Cities and people that it never saw it may cut in pieces, or take one for the other. "
    "Words that\nno letter has, such as *lifelong*, it often takes for names. "
    "No letter it learned from has 256\ntokens: further behind in a text it finds few names.",
    "question-answering": "Where a letter doesn't say what is asked for, it may answer with "
    "something near. No letter it\nlearned from has 256 tokens: of longer texts it reads windows "
    "of `max_seq_len=128` better.",
    "text-to-text": "Names that it never saw are often spelt wrong, or replaced by others. A short "
    "sentence without\nits neighbours may become another one.",
    "text-generation": "What it promises, nobody has decided: it writes what replies of the "
    "grammar say. Without\na letter and the cue before it, it goes on with anything.",
}

PIPELINE_TAGS = {"ner": "token-classification", "text-to-text": "translation"}


def write_card(
    folder: Path,
    stage: Stage,
    results: dict[str, dict[str, float]],
    measured: int,
    model: nn.Module,
) -> None:
    """Write ``README.md``, with what was measured in its metadata, as the Hub reads it."""
    step = folder.name
    name, kind = f"jumok-letters-{step}", PIPELINE_TAGS.get(step, step)
    data = ModelCardData(
        language=list(LANGUAGES),
        license="apache-2.0",
        library_name="transformers",
        pipeline_tag=kind,
        model_name=name,
        eval_results=[
            EvalResult(
                task_type=kind,
                dataset_type="jumok.data.letters",
                dataset_name="Generated letters",
                dataset_config=language,
                dataset_split="new patterns",
                metric_type=metric,
                metric_name=METRICS[metric],
                metric_value=round(score, 4),
            )
            for language, scores in results.items()
            for metric, score in scores.items()
        ],
    )
    columns = list(next(iter(results.values())))
    table = [
        ["language", *(METRICS[each] for each in columns)],
        ["---"] * (1 + len(columns)),
        *(
            [language, *(f"{scores[c]:.4g}" for c in columns)]
            for language, scores in results.items()
        ),
    ]
    rows = "\n".join(f"| {' | '.join(row)} |" for row in table)
    count = min(measured, WRITTEN) if step in ("text-to-text", "text-generation") else measured
    before = BEFORE.get(step, ())
    pretraining = f"Before, it went through {' and '.join(before)}.\n" if before else ""
    text = f"""---
{data.to_yaml()}
---

# {name}

A small model of Korean and English that {ABOUT[step]}.
It comes with the book *Jumok*, so that `jumok.pipelines.pipeline` works without a network.

## Training

From nothing, by `python examples/train_letters.py`, on letters of customers that
`jumok.data.letters` writes: {stage.steps:,} steps with {stage.batch_size} examples
each, drawn from {stage.letters:,} letters.
{pretraining}{count_parameters(model):,} parameters, kept in float16.

## Scores

On {count} letters of the split *new patterns*: their people, companies, places and products are
none of training's, and at least one sentence of each has a pattern that training never shows.

{rows}

## Limits

It knows one kind of text, letters to a company's customer service, as a grammar writes them: a few
hundred patterns of sentences and a few thousand words. On other texts it guesses, with as much
confidence. The companies and products are invented; the names of people are those of the
generator's lists, and say nothing about others. Don't decide anything about a person with it.

{WEAKNESSES[step]}
"""
    (folder / "README.md").write_text(text, encoding="utf-8")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program and return its exit status."""
    options = parse_arguments(arguments)
    logging.set_verbosity_error()  # a new head is what we ask for
    accelerator = new_accelerator()
    try:
        workshop = Workshop(options, accelerator)
        for step in options.steps or STAGES:
            getattr(workshop, step.replace("-", "_"))()
    except (OSError, ValueError) as error:  # also a checkpoint of another training
        print(error, file=sys.stderr)
        return WRONG_INPUT
    accelerator.end_training()
    return 0


if __name__ == "__main__":
    sys.exit(main())
