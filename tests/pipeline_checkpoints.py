"""Small random checkpoints for the tests of pipelines, in the folders that transformers writes."""

import random
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import torch
import transformers
from safetensors.torch import load_file
from tokenizers import (
    Tokenizer,
    decoders,
    models,
    normalizers,
    pre_tokenizers,
    processors,
    trainers,
)

from jumok.data.letters import LETTER_TO_AMAZON

LETTER = LETTER_TO_AMAZON
KOREAN = (
    "안녕하세요, 지난주에 서울 매장에서 옵티머스 프라임 피규어를 주문했습니다. "
    "그런데 상자를 열어 보니 메가트론이 들어 있었습니다. "
    "두 피규어를 바꾸어 주시기 바랍니다. 범블비 드림."
)
CORPUS = [LETTER, KOREAN, "Thank you! 고맙습니다 😀 👩‍👩‍👧 🇰🇷 café naïve 2026-11-26 ..."]
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
SIZES = {
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "intermediate_size": 64,
    "initializer_range": 0.4,  # so that labels differ from token to token
}
TWO_STACKS = {
    "d_model": 32,
    "encoder_layers": 2,
    "decoder_layers": 2,
    "encoder_attention_heads": 4,
    "decoder_attention_heads": 4,
    "encoder_ffn_dim": 64,
    "decoder_ffn_dim": 64,
    "init_std": 0.4,
}


@cache
def word_piece(lowercase: bool = False) -> Tokenizer:
    """A WordPiece tokenizer, trained on the letters."""
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=lowercase)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    # Named in advance, because the trainer would number them in a new order every time.
    parts = sorted({"##" + letter for text in CORPUS for letter in text if not letter.isspace()})
    trainer = trainers.WordPieceTrainer(
        vocab_size=550, special_tokens=[*SPECIAL, *parts], show_progress=False
    )
    tokenizer.train_from_iterator(CORPUS, trainer)
    return tokenizer


def bert_tokenizer(*, lowercase: bool = False, max_length: int = 64, **options: Any) -> Any:
    """BERT's tokenizer with these pieces."""
    return transformers.BertTokenizer(
        vocab=word_piece(lowercase).get_vocab(),
        do_lower_case=lowercase,
        model_max_length=max_length,
        **options,
    )


@cache
def byte_pairs(size: int = 400) -> Tokenizer:
    """GPT-2's kind of tokenizer: pairs of bytes."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=size,
        special_tokens=["<s>", "<pad>", "</s>", "<unk>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(CORPUS, trainer)
    return tokenizer


def byte_pair_tokenizer(*, ends: bool, max_length: int, trim: bool = False, **options: Any) -> Any:
    """It in transformers' class; with ``ends``, it puts marks around a text as BART's does."""
    tokenizer = Tokenizer.from_str(byte_pairs().to_str())
    if ends:
        tokenizer.post_processor = processors.RobertaProcessing(
            ("</s>", 2), ("<s>", 0), trim_offsets=trim, add_prefix_space=False
        )
    else:
        tokenizer.post_processor = processors.ByteLevel(trim_offsets=trim)
    return transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token="<s>",
        eos_token="</s>",
        unk_token="<unk>",
        model_max_length=max_length,
        **options,
    )


def save(folder: Path, model: Any, tokenizer: Any) -> Path:
    """Both in one folder."""
    model.eval().save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


LABELS = ["O", "B-PER", "I-PER", "B-LOC", "I-LOC", "I-MISC"]


def bert(
    folder: Path,
    head: str,
    *,
    lowercase: bool = False,
    labels: Any = None,
    positions: int = 64,
) -> Path:
    """A BERT of two layers with the head ``BertFor…``."""
    tokenizer = bert_tokenizer(lowercase=lowercase, max_length=positions)
    torch.manual_seed(1)
    config = transformers.BertConfig(
        vocab_size=len(tokenizer),
        max_position_embeddings=positions,
        id2label=dict(enumerate(labels or ["NEGATIVE", "POSITIVE"])),
        **SIZES,
    )
    return save(folder, getattr(transformers, f"BertFor{head}")(config), tokenizer)


def random_texts(count: int, seed: int = 0, longest: int = 30) -> list[str]:
    """Words of the letters in any order, with what the tokenizer doesn't know in between."""
    generator = random.Random(seed)
    words = [
        *LETTER.split(),
        *KOREAN.split(),
        "😀",
        "zzz",
        "漢字",
        "New-York",
        "(café)",
        "e\u0301t",
    ]
    return [
        " ".join(generator.choices(words, k=generator.randint(1, longest))) for _ in range(count)
    ]


def gpt2(folder: Path, *, positions: int = 256, **generation: Any) -> Path:
    """A GPT-2 of two layers, without a padding token, as the real one."""
    tokenizer = byte_pair_tokenizer(ends=False, max_length=positions)
    torch.manual_seed(4)
    config = transformers.GPT2Config(
        vocab_size=len(tokenizer),
        n_positions=positions,
        n_embd=32,
        n_layer=2,
        n_head=4,
        bos_token_id=2,
        eos_token_id=2,
        initializer_range=0.4,
    )
    model = transformers.GPT2LMHeadModel(config)
    for name, value in generation.items():
        setattr(model.generation_config, name, value)
    return save(folder, model, tokenizer)


def bart(folder: Path, **generation: Any) -> Path:
    """A BART of two layers on each side."""
    tokenizer = byte_pair_tokenizer(ends=True, max_length=1024, pad_token="<pad>")
    torch.manual_seed(5)
    config = transformers.BartConfig(
        vocab_size=len(tokenizer),
        max_position_embeddings=1024,
        **TWO_STACKS,
        forced_eos_token_id=2,
    )
    model = transformers.BartForConditionalGeneration(config)
    for name, value in generation.items():
        setattr(model.generation_config, name, value)
    return save(folder, model, tokenizer)


def unigram_tokenizer(*, max_length: int) -> Any:
    """Unigram pieces with an end, as SentencePiece makes them for Marian and T5."""
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    trainer = trainers.UnigramTrainer(
        vocab_size=300,
        special_tokens=["<pad>", "</s>", "<unk>"],
        unk_token="<unk>",
        show_progress=False,
    )
    tokenizer.train_from_iterator(CORPUS, trainer)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="$A </s>", pair="$A </s> $B </s>", special_tokens=[("</s>", 1)]
    )
    return transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token="<pad>",
        eos_token="</s>",
        unk_token="<unk>",
        model_max_length=max_length,
    )


def marian(folder: Path, **config: Any) -> Path:
    """A Marian model of two layers on each side."""
    tokenizer = unigram_tokenizer(max_length=512)
    torch.manual_seed(6)
    settings = transformers.MarianConfig(
        vocab_size=len(tokenizer),
        max_position_embeddings=512,
        **TWO_STACKS,
        pad_token_id=0,
        eos_token_id=1,
        forced_eos_token_id=1,
        decoder_start_token_id=0,
        **config,
    )
    return save(folder, transformers.MarianMTModel(settings), tokenizer)


def t5(folder: Path, tasks: dict[str, Any]) -> Path:
    """A T5 of two layers that knows several tasks by their prefix."""
    tokenizer = unigram_tokenizer(max_length=512)
    torch.manual_seed(7)
    config = transformers.T5Config(
        vocab_size=len(tokenizer),
        d_model=32,
        d_kv=8,
        d_ff=64,
        num_layers=2,
        num_heads=4,
        initializer_factor=2.0,
        pad_token_id=0,
        eos_token_id=1,
        decoder_start_token_id=0,
        task_specific_params=tasks,
    )
    return save(folder, transformers.T5ForConditionalGeneration(config), tokenizer)


def many_languages(folder: Path, kind: str) -> Path:
    """A model for many languages, with the tokenizer of ``MBart``, ``MBart50`` or ``Nllb``."""
    words = ["<s>", "<pad>", "</s>", "<unk>", "▁Thank", "▁you", "▁danke", "▁", *"abcdefghijklmn"]
    vocabulary: Any = [(word, -float(number)) for number, word in enumerate(words)]
    if kind == "Nllb":
        vocabulary = {word: number for number, word in enumerate(words)}
    tokenizer = getattr(transformers, f"{kind}Tokenizer")(vocab=vocabulary)
    torch.manual_seed(8)
    sizes = {
        "vocab_size": len(tokenizer),
        "max_position_embeddings": 64,
        **TWO_STACKS,
    }
    if kind == "Nllb":  # its checkpoints are M2M100 models
        model = transformers.M2M100ForConditionalGeneration(transformers.M2M100Config(**sizes))
    else:
        model = transformers.MBartForConditionalGeneration(transformers.MBartConfig(**sizes))
    return save(folder, model, tokenizer)


def distilbert(
    folder: Path,
    head: str,
    *,
    lowercase: bool,
    max_length: int = 512,
    labels: Sequence[str] = ("NEGATIVE", "POSITIVE"),
) -> Path:
    """A DistilBERT of two layers with the head ``DistilBertFor…``."""
    tokenizer = bert_tokenizer(lowercase=lowercase, max_length=max_length)
    torch.manual_seed(9)
    config = transformers.DistilBertConfig(
        vocab_size=len(tokenizer),
        max_position_embeddings=max_length,
        dim=32,
        hidden_dim=64,
        n_layers=2,
        n_heads=4,
        initializer_range=0.4,
        id2label=dict(enumerate(labels)),
    )
    return save(folder, getattr(transformers, f"DistilBertFor{head}")(config), tokenizer)


def kogpt2(folder: Path) -> Path:
    """A GPT-2 whose tokenizer cuts characters, in one file and without a class, as KoGPT-2's."""
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    trainer = trainers.BpeTrainer(
        vocab_size=300,
        special_tokens=["<s>", "</s>", "<usr>", "<pad>", "<sys>", "<unk>", "<mask>"],
        show_progress=False,
    )
    tokenizer.train_from_iterator(CORPUS, trainer)
    torch.manual_seed(10)
    config = transformers.GPT2Config(
        vocab_size=tokenizer.get_vocab_size(),
        n_embd=32,
        n_layer=2,
        n_head=4,
        bos_token_id=0,
        eos_token_id=1,
        initializer_range=0.4,
    )
    transformers.GPT2LMHeadModel(config).eval().save_pretrained(folder)
    tokenizer.save(str(folder / "tokenizer.json"))
    return folder


def as_on_the_hub(root: Path) -> dict[str, Path]:
    """For each checkpoint that the book names, a small one of the same architecture."""
    entities = ["O", "B-MISC", "I-MISC", "B-PER", "I-PER", "B-ORG", "I-ORG", "B-LOC", "I-LOC"]
    news = {"min_length": 56, "max_length": 142, "num_beams": 4, "length_penalty": 2.0}
    made = {
        "distilbert/distilbert-base-uncased-finetuned-sst-2-english": distilbert(
            root / "sst-2", "SequenceClassification", lowercase=True
        ),
        "dbmdz/bert-large-cased-finetuned-conll03-english": bert(
            root / "conll03", "TokenClassification", labels=entities, positions=512
        ),
        "distilbert/distilbert-base-cased-distilled-squad": distilbert(
            root / "squad", "QuestionAnswering", lowercase=False
        ),
        "sshleifer/distilbart-cnn-12-6": bart(root / "cnn", **news),
        "Helsinki-NLP/opus-mt-en-de": marian(root / "en-de"),
        "openai-community/gpt2": gpt2(root / "gpt2", positions=1024),
        "beomi/kcbert-base": bert(root / "kcbert", "MaskedLM", positions=300),
        "skt/kogpt2-base-v2": kogpt2(root / "kogpt2"),
        "KETI-AIR/ke-t5-base": t5(root / "ke-t5", {}),
    }
    weights = root / "kcbert" / "model.safetensors"  # the older kind, as it has
    torch.save(load_file(weights), weights.with_name("pytorch_model.bin"))
    weights.unlink()
    return made
