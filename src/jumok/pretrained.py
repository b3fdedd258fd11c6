"""Pretrained weights of others, read from a folder or from the Hugging Face Hub into our modules.

A checkpoint is a folder with ``config.json`` and the weights, as transformers writes it. Its parts
have other names there: ``attention.self.query`` is our ``self_attention.query_projection``.
"""

import fnmatch
import hashlib
import json
import re
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from jumok.bert import Bert, BertConfig, BertForPretraining
from jumok.causal_language_model import CausalLanguageModel, CausalLanguageModelConfig
from jumok.data.download import DownloadError, check_file

__all__ = [
    "PretrainedCheckpoint",
    "checkpoint_folder",
    "check_weights",
    "read_checkpoint",
    "bert_config",
    "bert_body",
    "bert_for_pretraining",
    "to_transformers",
    "gpt2_config",
    "gpt2",
]

Module = TypeVar("Module", bound=nn.Module)

# --- Reading ---------------------------------------------------------------------------------

WEIGHT_FILES = ("model.safetensors", "model.safetensors.index.json", "pytorch_model.bin")
"""What the weights may be in; the first that is there is read."""

OTHER_FILES = ("*.json", "vocab.txt", "merges.txt", "*.model", "*.spm")
"""Configuration and tokenizer, in all their forms."""

DOWNLOADS = (("model.safetensors", "model-*.safetensors"), ("pytorch_model.bin",))
"""The weights to fetch: the first kind that the Hub's repository has."""


@dataclass(frozen=True)
class PretrainedCheckpoint:
    """What a folder holds: the configuration, and every tensor by its name there.

    >>> checkpoint = PretrainedCheckpoint(Path("folder"), {"model_type": "bert"}, {})
    >>> checkpoint.config["model_type"]
    'bert'
    """

    folder: Path
    config: dict[str, Any]
    weights: dict[str, Tensor]


def checkpoint_folder(
    source: str | Path, *, revision: str | None = None, timeout: float = 5.0
) -> Path:
    """The folder ``source``, or that of the model with this id on the Hub, downloaded once.

    What was downloaded is used again without a network. Files from the Hub are compared with the
    checksums under which its cache keeps them; one that differs is deleted and refused.

    Args:
        source: a folder, or an id such as ``openai-community/gpt2``.
        revision: a branch, a tag or a commit of the Hub's repository.
        timeout: seconds to wait until the Hub counts as out of reach.

    Raises:
        FileNotFoundError: there is no such folder, and the Hub can't be asked or doesn't know it.
        DownloadError: a file from the Hub is damaged.

    >>> from jumok.pipelines.defaults import SHIPPED_MODELS
    >>> checkpoint_folder(SHIPPED_MODELS["ner"]).name
    'ner'
    >>> checkpoint_folder("no folder and no id")
    Traceback (most recent call last):
    ...
    FileNotFoundError: expected a folder or an id such as user/model, got 'no folder and no id'
    """
    folder = Path(source)
    if folder.is_dir():
        return folder
    if re.fullmatch(r"[\w.-]+(/[\w.-]+)?", str(source)) is None:
        raise FileNotFoundError(f"expected a folder or an id such as user/model, got {source!r}")
    try:
        import huggingface_hub
    except ImportError as error:
        raise FileNotFoundError(
            f"there is no folder {source!r}; to take it for an id of the Hub, install "
            "huggingface-hub"
        ) from error
    name, unreachable = str(source), None
    try:
        info = huggingface_hub.HfApi().model_info(name, revision=revision, timeout=timeout)
        files = [each.rfilename for each in info.siblings or []]
        kinds = [kind for kind in DOWNLOADS if any(fnmatch.filter(files, each) for each in kind)]
        folder = Path(
            huggingface_hub.snapshot_download(
                name,
                revision=revision,
                allow_patterns=[*OTHER_FILES, *(kinds or DOWNLOADS)[0]],
                ignore_patterns=["*/*"],
                etag_timeout=timeout,
            )
        )
    except huggingface_hub.errors.RepositoryNotFoundError as error:
        raise FileNotFoundError(
            f"there is no folder {source!r}, and the Hub has no model of that name, or it is not "
            "public"
        ) from error
    except huggingface_hub.errors.RevisionNotFoundError as error:
        raise FileNotFoundError(f"{source} has no revision {revision!r} on the Hub") from error
    except Exception as error:  # no network, by whichever library: perhaps it was fetched before
        unreachable = error
        folder = cached_folder(name, revision) or folder
    if unreachable is not None and not folder.is_dir():
        option = f" --revision {revision}" if revision else ""
        raise FileNotFoundError(
            f"there is no folder {source!r}, and the Hub can't be reached ({unreachable}). Without "
            f"a network, run `hf download {source}{option} --local-dir FOLDER` on a machine that "
            "has one, bring the folder here, and pass it in place of the id"
        ) from unreachable
    _check_cached(folder)
    return folder


def cached_folder(name: str, revision: str | None) -> Path | None:
    """The folder of what was downloaded before, if it is whole."""
    from huggingface_hub import snapshot_download

    for kind in DOWNLOADS:
        try:
            folder = snapshot_download(
                name,
                revision=revision,
                allow_patterns=[*OTHER_FILES, *kind],
                ignore_patterns=["*/*"],
                local_files_only=True,
            )
        except Exception:
            continue
        if any((Path(folder) / each).is_file() for each in WEIGHT_FILES):
            return Path(folder)
    return None


def _check_cached(folder: Path) -> None:
    """Refuse a file that isn't what its name in the Hub's cache says.

    The cache keeps files under the SHA-256 of their bytes, small ones under git's SHA-1.
    """
    for path in sorted(folder.iterdir()):
        blob = path.resolve()
        if blob == path or not re.fullmatch(r"[0-9a-f]{40}|[0-9a-f]{64}", blob.name):
            continue
        try:
            if len(blob.name) == 64:
                check_file(blob, f"sha256:{blob.name}")
            else:
                content = blob.read_bytes()
                given = hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()
                if given != blob.name:
                    raise DownloadError(f"git's SHA-1 is {given}, not {blob.name}")
        except DownloadError as error:
            path.unlink()
            blob.unlink()
            raise DownloadError(
                f"{path.name} from the Hub is damaged or cut off, and was deleted; run this again "
                f"to fetch it ({error})"
            ) from error


def check_weights(folder: Path, sha256: str) -> None:
    """Refuse the weights in a folder if their SHA-256 is another, in hexadecimal digits.

    Raises:
        FileNotFoundError: there are none.
        ValueError: the digest is another: the weights aren't those that were expected.

    >>> from jumok.pipelines.defaults import SHIPPED_MODELS
    >>> folder = SHIPPED_MODELS["ner"]
    >>> weights = (folder / "model.safetensors").read_bytes()
    >>> check_weights(folder, hashlib.sha256(weights).hexdigest())
    """
    path = _weights_file(folder)
    with path.open("rb") as file:
        given = hashlib.file_digest(file, "sha256").hexdigest()
    if given != sha256:
        raise ValueError(f"expected {path.name} with SHA-256 {sha256}, got {given}")


def _weights_file(folder: Path) -> Path:
    """The file of a folder that holds the weights, beside a configuration."""
    path = next((folder / name for name in WEIGHT_FILES if (folder / name).is_file()), None)
    if path is None or not (folder / "config.json").is_file():
        there = ", ".join(sorted(each.name for each in folder.iterdir())) or "nothing"
        raise FileNotFoundError(
            f"expected config.json and one of {', '.join(WEIGHT_FILES)} in {folder}, got {there}"
        )
    return path


def read_checkpoint(
    source: str | Path, *, revision: str | None = None, sha256: str | None = None
) -> PretrainedCheckpoint:
    """Configuration and weights of a folder or an id of the Hub, see `checkpoint_folder`.

    Args:
        source: the folder or the id.
        revision: a branch, tag or commit, for an id.
        sha256: the digest that the file of the weights must have, in hexadecimal digits.

    Raises:
        FileNotFoundError: there is no such folder or model, or a file is missing in it.
        ValueError: the digest is another: the weights aren't those that were expected.

    >>> from jumok.pipelines.defaults import SHIPPED_MODELS
    >>> checkpoint = read_checkpoint(SHIPPED_MODELS["ner"])
    >>> checkpoint.config["model_type"], checkpoint.weights["classifier.weight"].ndim
    ('bert', 2)
    """
    folder = checkpoint_folder(source, revision=revision)
    path = _weights_file(folder)
    if sha256 is not None:
        check_weights(folder, sha256)
    config = json.loads((folder / "config.json").read_text("utf-8"))
    return PretrainedCheckpoint(folder, config, _read_weights(path))


def _read_weights(path: Path) -> dict[str, Tensor]:
    if path.suffix == ".safetensors":
        return dict(load_file(path))
    if path.suffix == ".bin":
        return dict(torch.load(path, map_location="cpu", weights_only=True))
    shards = json.loads(path.read_text("utf-8"))["weight_map"].values()
    weights: dict[str, Tensor] = {}
    for name in dict.fromkeys(shards):
        weights |= load_file(path.with_name(name))
    return weights


# --- BERT ------------------------------------------------------------------------------------

ACTIVATION_NAMES = {"gelu": "gelu", "relu": "relu", "gelu_new": "gelu_tanh"}

BERT_NAMES = (
    (r"^bert\.", ""),
    (r"LayerNorm\.gamma$", "LayerNorm.weight"),  # before 2019
    (r"LayerNorm\.beta$", "LayerNorm.bias"),
    (r"^embeddings\.word_embeddings\.", "embedding.tokens."),
    (r"^embeddings\.position_embeddings\.weight", "embedding.positions"),
    (r"^embeddings\.token_type_embeddings\.", "embedding.segments."),
    (r"^embeddings\.LayerNorm\.", "embedding.norm."),
    (r"^encoder\.layer\.", "encoder.layers."),
    (r"\.attention\.self\.(query|key|value)\.", r".self_attention.\1_projection."),
    (r"\.attention\.output\.dense\.", ".self_attention.output_projection."),
    (r"\.attention\.output\.LayerNorm\.", ".self_attention_connection.norm."),
    (r"\.intermediate\.dense\.", ".feed_forward.expand."),
    (r"\.output\.dense\.", ".feed_forward.contract."),
    (r"\.output\.LayerNorm\.", ".feed_forward_connection.norm."),
    (r"^cls\.predictions\.transform\.dense\.", "masked_tokens.dense."),
    (r"^cls\.predictions\.transform\.LayerNorm\.", "masked_tokens.norm."),
    (r"^cls\.predictions\.(decoder\.)?bias$", "masked_tokens.output_projection.bias"),
    (r"^cls\.predictions\.decoder\.weight$", "embedding.tokens.weight"),  # one matrix
    (r"^cls\.seq_relationship\.", "next_sentence."),
)
"""From transformers' names to those of our `Bert` and of the heads, applied one after the other."""


def bert_config(config: Mapping[str, Any]) -> BertConfig:
    """Our configuration from that of transformers' ``BertModel``.

    Raises:
        ValueError: the model is no BERT, or has something that ours has not.

    >>> from jumok.pipelines.defaults import SHIPPED_MODELS
    >>> theirs = read_checkpoint(SHIPPED_MODELS["ner"]).config
    >>> bert_config(theirs).d_model == theirs["hidden_size"]
    True
    """
    for name, expected in (
        ("model_type", "bert"),
        ("position_embedding_type", "absolute"),
        ("is_decoder", False),
    ):
        if config.get(name, expected) != expected:
            raise ValueError(f"expected a BERT with {name} {expected!r}, got {config[name]!r}")
    if config["hidden_act"] not in ACTIVATION_NAMES:
        names = ", ".join(ACTIVATION_NAMES)
        raise ValueError(f"expected hidden_act to be one of {names}, got {config['hidden_act']!r}")
    return BertConfig(
        vocab_size=config["vocab_size"],
        d_model=config["hidden_size"],
        num_heads=config["num_attention_heads"],
        num_layers=config["num_hidden_layers"],
        d_ff=config["intermediate_size"],
        max_length=config["max_position_embeddings"],
        num_segments=config["type_vocab_size"],
        dropout=config["hidden_dropout_prob"],
        activation=ACTIVATION_NAMES[config["hidden_act"]],  # type: ignore[arg-type]
        layer_norm_eps=config["layer_norm_eps"],
        pad_id=config.get("pad_token_id") or 0,
    )


def bert_body(config: Mapping[str, Any], weights: Mapping[str, Tensor]) -> Bert:
    """Our body with the weights of any of transformers' BERTs; heads are left aside.

    It comes in evaluation mode. A pooler that isn't there starts anew, with a warning.

    Raises:
        ValueError: the configuration has no counterpart, or tensors are missing, left over or of
            another shape.

    >>> import transformers
    >>> sizes = {"hidden_size": 8, "intermediate_size": 8, "num_attention_heads": 2}
    >>> config = transformers.BertConfig(vocab_size=9, num_hidden_layers=1, **sizes)
    >>> theirs = transformers.BertModel(config)
    >>> ours = bert_body(config.to_dict(), theirs.state_dict())
    >>> torch.equal(ours.embedding.tokens.weight, theirs.embeddings.word_embeddings.weight)
    True
    """
    ours = {
        name: tensor
        for name, tensor in _our_names(weights).items()
        if not name.startswith(("masked_tokens.", "next_sentence.", "classifier."))
    }
    return _load(Bert(bert_config(config)), ours, optional=("pooler.",))


def bert_for_pretraining(
    config: Mapping[str, Any], weights: Mapping[str, Tensor]
) -> BertForPretraining:
    """Our body and heads with the weights of ``BertForPreTraining`` or ``BertForMaskedLM``.

    The latter has neither pooler nor the head for the next sentence; these start anew, with a
    warning.

    Raises:
        ValueError: as for `bert_body`.

    >>> import transformers
    >>> sizes = {"hidden_size": 8, "intermediate_size": 8, "num_attention_heads": 2}
    >>> config = transformers.BertConfig(vocab_size=9, num_hidden_layers=1, **sizes)
    >>> theirs = transformers.BertForPreTraining(config)
    >>> ours = bert_for_pretraining(config.to_dict(), theirs.state_dict())
    >>> torch.equal(ours.next_sentence.weight, theirs.cls.seq_relationship.weight)
    True
    """
    ours = {
        name if name.startswith(("masked_tokens.", "next_sentence.")) else f"body.{name}": tensor
        for name, tensor in _our_names(weights).items()
    }
    model = BertForPretraining(bert_config(config))
    matrix = "masked_tokens.output_projection.weight"  # the module lists the shared one twice
    ours[matrix] = ours.get("body.embedding.tokens.weight", torch.empty(0))
    return _load(model, ours, optional=("body.pooler.", "next_sentence."))


def to_transformers(model: BertForPretraining) -> Any:
    """The other way round: transformers' ``BertForMaskedLM`` with the weights of our model.

    It comes in evaluation mode and on the CPU. Its pipelines can use it, and ``save_pretrained``
    writes it as the Hub expects it; the pooler and the head for the next sentence stay behind.

    >>> sizes = {"d_model": 8, "num_heads": 2, "num_layers": 1, "d_ff": 8, "max_length": 4}
    >>> theirs = to_transformers(BertForPretraining(BertConfig(vocab_size=9, **sizes)))
    >>> theirs(torch.tensor([[1, 2, 3]])).logits.shape
    torch.Size([1, 3, 9])
    """
    import transformers

    config = model.config
    theirs: Any = transformers.BertForMaskedLM(
        transformers.BertConfig(
            vocab_size=config.vocab_size,
            hidden_size=config.d_model,
            num_attention_heads=config.num_heads,
            num_hidden_layers=config.num_layers,
            intermediate_size=config.d_ff,
            max_position_embeddings=config.max_length,
            type_vocab_size=config.num_segments,
            hidden_dropout_prob=config.dropout,
            attention_probs_dropout_prob=config.dropout,
            hidden_act={ours: name for name, ours in ACTIVATION_NAMES.items()}[config.activation],
            layer_norm_eps=config.layer_norm_eps,
            pad_token_id=config.pad_id,
        )
    )
    ours = model.state_dict()
    with torch.no_grad():
        for name, tensor in _our_names(theirs.state_dict()).items():
            is_head = name.startswith("masked_tokens.")
            tensor.copy_(ours[name if is_head else f"body.{name}"])
    return theirs.eval()


# --- GPT-2 -----------------------------------------------------------------------------------

GPT2_NAMES = (
    (r"^transformer\.", ""),
    (r"^wte\.", "embedding.tokens."),
    (r"^wpe\.weight", "embedding.positions"),
    (r"^h\.", "decoder.layers."),
    (r"\.ln_1\.", ".self_attention_connection.norm."),
    (r"\.attn\.c_proj\.", ".self_attention.output_projection."),
    (r"\.ln_2\.", ".feed_forward_connection.norm."),
    (r"\.mlp\.c_fc\.", ".feed_forward.expand."),
    (r"\.mlp\.c_proj\.", ".feed_forward.contract."),
    (r"^ln_f\.", "decoder.final_norm."),
)
"""From transformers' names to those of our `CausalLanguageModel`."""


def gpt2_config(config: Mapping[str, Any]) -> CausalLanguageModelConfig:
    """Our configuration from that of transformers' ``GPT2LMHeadModel``.

    GPT-2 has no padding token, so ``pad_id`` is ``None``.

    Raises:
        ValueError: the model is no GPT-2, or has something that ours has not.

    >>> sizes = {"n_embd": 768, "n_head": 12, "n_layer": 12, "n_positions": 1024}
    >>> config = {"vocab_size": 50257, **sizes}
    >>> gpt2_config(config).d_ff
    3072
    """
    for name, expected in (
        ("model_type", "gpt2"),
        ("scale_attn_weights", True),
        ("scale_attn_by_inverse_layer_idx", False),
        ("add_cross_attention", False),
        ("tie_word_embeddings", True),
    ):
        if config.get(name, expected) != expected:
            raise ValueError(f"expected a GPT-2 with {name} {expected!r}, got {config[name]!r}")
    activation = config.get("activation_function", "gelu_new")
    if activation not in ACTIVATION_NAMES:
        names = ", ".join(ACTIVATION_NAMES)
        raise ValueError(f"expected activation_function to be one of {names}, got {activation!r}")
    return CausalLanguageModelConfig(
        vocab_size=config["vocab_size"],
        d_model=config["n_embd"],
        num_heads=config["n_head"],
        num_layers=config["n_layer"],
        d_ff=config.get("n_inner") or 4 * config["n_embd"],
        max_length=config["n_positions"],
        dropout=config.get("resid_pdrop", 0.1),
        activation=ACTIVATION_NAMES[activation],  # type: ignore[arg-type]
        layer_norm_eps=config.get("layer_norm_epsilon", 1e-5),
        pad_id=None,
    )


def gpt2(config: Mapping[str, Any], weights: Mapping[str, Tensor]) -> CausalLanguageModel:
    """Our model with the weights of transformers' ``GPT2LMHeadModel``, in evaluation mode.

    Its layers keep their matrices the other way round, and the three projections of attention
    side by side in one.

    Raises:
        ValueError: the configuration has no counterpart, or tensors are missing, left over or of
            another shape, or the output projection isn't the token embedding.

    >>> from transformers import GPT2Config, GPT2LMHeadModel
    >>> sizes = {"vocab_size": 9, "n_embd": 8, "n_layer": 1, "n_head": 2, "n_positions": 4}
    >>> config = GPT2Config(bos_token_id=0, eos_token_id=0, **sizes)
    >>> theirs = GPT2LMHeadModel(config)
    >>> ours = gpt2(theirs.config.to_dict(), theirs.state_dict())
    >>> ids = torch.tensor([[1, 2, 3]])
    >>> torch.allclose(ours(ids), theirs.eval()(ids).logits, atol=1e-5)
    True
    """
    ours: dict[str, Tensor] = {}
    for their_name, tensor in weights.items():
        name = their_name
        for pattern, replacement in GPT2_NAMES:
            name = re.sub(pattern, replacement, name)
        if name.endswith((".attn.bias", ".attn.masked_bias")):  # the causal mask, once saved too
            continue
        if re.search(r"(_projection|expand|contract|c_attn)\.weight$", name) and tensor.ndim == 2:
            tensor = tensor.T.contiguous()
        if ".attn.c_attn." in name:
            parts = ("query_projection", "key_projection", "value_projection")
            for part, piece in zip(parts, tensor.chunk(3), strict=False):
                ours[name.replace("attn.c_attn", f"self_attention.{part}")] = piece.clone()
        else:
            ours[name] = tensor
    head = ours.pop("lm_head.weight", None)
    if head is not None and not torch.equal(head, ours.get("embedding.tokens.weight", head)):
        raise ValueError("lm_head.weight should be wte.weight, but it has other numbers")
    return _load(CausalLanguageModel(gpt2_config(config)), ours, optional=())


# --- Names and shapes ------------------------------------------------------------------------


def _our_names(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    ours: dict[str, Tensor] = {}
    for their_name, tensor in weights.items():
        name = their_name
        for pattern, replacement in BERT_NAMES:
            name = re.sub(pattern, replacement, name)
        if name == "embeddings.position_ids":  # the numbers 0, 1, 2, …, once saved with the rest
            continue
        if name in ours and not torch.equal(ours[name], tensor):
            raise ValueError(f"{their_name} should be shared, but its copy has other numbers")
        ours[name] = tensor
    return ours


def _load(model: Module, weights: dict[str, Tensor], *, optional: tuple[str, ...]) -> Module:
    expected = model.state_dict()
    missing = [name for name in expected if name not in weights]
    if new := [name for name in missing if optional and name.startswith(optional)]:
        warnings.warn(f"not in the checkpoint, so not trained: {', '.join(new)}", stacklevel=3)
    if missing := [name for name in missing if name not in new]:
        raise ValueError(f"the checkpoint lacks {_list(missing)}")
    if left_over := [name for name in weights if name not in expected]:
        raise ValueError(f"the checkpoint has weights without a place: {_list(left_over)}")
    for name, tensor in weights.items():
        if tensor.shape != expected[name].shape:
            raise ValueError(
                f"expected {name} {tuple(expected[name].shape)}, got {tuple(tensor.shape)}"
            )
    model.load_state_dict(weights, strict=False)
    return model.eval()


def _list(names: list[str]) -> str:
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    return ", ".join(names[:5]) + more
