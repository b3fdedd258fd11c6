"""What is measured: pairs of functions that compute the same thing."""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from jumok.attention import (
    causal_mask,
    fused_attention,
    padding_mask,
    scaled_dot_product_attention,
)
from jumok.decoding import greedy_decode
from jumok.training import label_smoothed_cross_entropy
from jumok.transformer import InputEmbedding, Transformer, TransformerConfig, count_parameters

Pair = tuple[Callable[[], object], Callable[[], object]]


@dataclass(frozen=True)
class Setting:
    """Where and how large to measure."""

    device: torch.device
    dtype: torch.dtype
    quick: bool

    @property
    def large(self) -> bool:
        return self.device.type == "cuda" and not self.quick


@dataclass(frozen=True)
class Case:
    """Two functions to compare; the ratio is theirs / ours, so more than 1 is faster."""

    name: str
    ours: str
    theirs: str
    build: Callable[..., Pair]
    arguments: tuple[object, ...] = ()
    target: float | None = None
    weigh: bool = True


def attention(setting: Setting, kind: str, backward: bool) -> Pair:
    """``fused_attention`` and the kernel that it calls."""
    query, key, value, mask = _attention_inputs(setting, kind, backward)
    is_causal = kind == "causal"

    def run(function: Callable[..., Tensor], **masked: object) -> Callable[[], object]:
        def step() -> None:
            output = function(query, key, value, is_causal=is_causal, **masked)
            if backward:
                torch.autograd.grad(output.sum(), (query, key, value))

        return step

    return run(fused_attention, mask=mask), run(F.scaled_dot_product_attention, attn_mask=mask)


def readable(setting: Setting, backward: bool) -> Pair:
    """``fused_attention`` and the one that a reader can follow."""
    query, key, value, _ = _attention_inputs(setting, "causal", backward)
    mask = causal_mask(query.size(-2), device=query.device)

    def fused() -> None:
        output = fused_attention(query, key, value, is_causal=True)
        if backward:
            torch.autograd.grad(output.sum(), (query, key, value))

    def in_steps() -> None:
        output, _ = scaled_dot_product_attention(query, key, value, mask=mask)
        if backward:
            torch.autograd.grad(output.sum(), (query, key, value))

    return fused, in_steps


def _attention_inputs(
    setting: Setting, kind: str, backward: bool
) -> tuple[Tensor, Tensor, Tensor, Tensor | None]:
    torch.manual_seed(0)
    batch, heads, length, d_head = (32, 8, 1024, 64) if setting.large else (8, 8, 256, 64)
    if setting.quick:
        batch, length = 2, 32
    shape = (batch, heads, length, d_head)
    like: dict[str, Any] = {
        "device": setting.device,
        "dtype": setting.dtype,
        "requires_grad": backward,
    }
    query, key, value = (torch.randn(shape, **like) for _ in range(3))
    mask = None
    if kind == "padded":
        ids = torch.ones(batch, length, dtype=torch.long, device=setting.device)
        ids[::2, length // 2 :] = 0
        mask = padding_mask(ids)
    return query, key, value, mask


class TorchTransformer(nn.Module):
    """``nn.Transformer`` between our embeddings and projection, used as its documentation says."""

    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        self.config = config
        self.source_embedding = InputEmbedding(config.source_vocab_size, config)
        self.target_embedding = InputEmbedding(config.target_vocab_size, config)
        with warnings.catch_warnings():  # that its nested tensors do not work with pre-norm
            warnings.simplefilter("ignore", UserWarning)
            self.transformer = nn.Transformer(
                config.d_model,
                config.num_heads,
                config.num_encoder_layers,
                config.num_decoder_layers,
                config.d_ff,
                config.dropout,
                config.activation,
                batch_first=True,
                norm_first=config.norm == "pre",
            )
        self.output_projection = nn.Linear(config.d_model, config.target_vocab_size, bias=False)

    def forward(self, source_ids: Tensor, target_ids: Tensor) -> Tensor:
        source_padding = source_ids == self.config.pad_id  # torch's masks: True = hidden
        hidden = self.transformer(
            self.source_embedding(source_ids),
            self.target_embedding(target_ids),
            tgt_mask=~causal_mask(target_ids.size(1), device=target_ids.device),
            src_key_padding_mask=source_padding,
            tgt_key_padding_mask=target_ids == self.config.pad_id,
            memory_key_padding_mask=source_padding,
            tgt_is_causal=True,
        )
        logits: Tensor = self.output_projection(hidden)
        return logits


def training(setting: Setting, size: str, norm: str) -> Pair:
    """A training step of our ``Transformer`` and of torch's: forward, loss, backward, optimiser."""
    vocabulary = 8000 if size == "base" else 200
    choices: dict[str, Any] = {
        "source_vocab_size": vocabulary,
        "target_vocab_size": vocabulary,
        "norm": norm,
    }
    if size == "small":
        depths = {"num_encoder_layers": 2, "num_decoder_layers": 2}
        choices |= {"d_model": 64, "num_heads": 4, "d_ff": 256, **depths}
    # torch's stacks end in a norm in both orders; so does ours here.
    config = TransformerConfig(**choices, final_norm=True)
    batch, length = (64, 32) if size == "small" else (128, 128) if setting.large else (8, 32)
    if setting.quick:
        batch, length = 2, 8
    torch.manual_seed(0)
    source, target = (_sentences(batch, length, vocabulary, setting.device) for _ in range(2))
    models = [build(config).to(setting.device).train() for build in (Transformer, TorchTransformer)]
    assert count_parameters(models[0]) == count_parameters(models[1])

    def step_of(model: nn.Module) -> Callable[[], object]:
        optimizer = torch.optim.Adam(model.parameters(), lr=1e-4)
        halves = setting.dtype != torch.float32

        def step() -> None:
            optimizer.zero_grad()
            with torch.autocast(setting.device.type, setting.dtype, enabled=halves):
                logits = model(source, target[:, :-1])
            loss = label_smoothed_cross_entropy(logits, target[:, 1:])
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()

        return step

    return step_of(models[0]), step_of(models[1])


def _sentences(batch: int, length: int, vocabulary: int, device: torch.device) -> Tensor:
    """Random ids, padded behind: sentences from half to the full length."""
    ids = torch.randint(4, vocabulary, (batch, length + 1))
    lengths = torch.linspace(length // 2, length + 1, batch).long()
    return ids.masked_fill(torch.arange(length + 1) >= lengths[:, None], 0).to(device)


def decoding(setting: Setting, batch: int) -> Pair:
    """Greedy decoding of 64 tokens with the base model, with a cache and without."""
    layers = 1 if setting.quick else 6
    torch.manual_seed(0)
    config = TransformerConfig(
        source_vocab_size=8000,
        target_vocab_size=8000,
        num_encoder_layers=layers,
        num_decoder_layers=layers,
    )
    model = Transformer(config).to(setting.device, setting.dtype)
    end_id = 2
    with torch.no_grad():
        model.output_projection.weight[end_id] = 0  # never the largest logit: no early end
    source = torch.randint(4, 8000, (batch, 8 if setting.quick else 32), device=setting.device)

    def decode(use_cache: bool) -> Callable[[], object]:
        length = 8 if setting.quick else 64
        return lambda: greedy_decode(
            model, source, start_id=1, end_id=end_id, max_length=length, use_cache=use_cache
        )

    return decode(True), decode(False)


def cases(setting: Setting) -> list[Case]:
    """Everything that is measured in one run."""
    fused, kernel = "fused_attention", "F.scaled_dot_product_attention"
    both = [("forward", False), ("forward and backward", True)]
    kinds = ["plain", "causal", "padded"]
    ours, torchs = "jumok Transformer", "nn.Transformer"
    batch = 256 if setting.large else 8
    return [
        *(
            Case(f"attention, {kind}, {name}", fused, kernel, attention, (kind, back), 0.97)
            for kind in kinds
            for name, back in both
        ),
        *(
            Case(f"attention, {name}", fused, "scaled_dot_product_attention", readable, (back,))
            for name, back in both
        ),
        *(
            Case(f"training step, {size}, {norm}-norm", ours, torchs, training, (size, norm), 1.0)
            for size in ("small", "base")
            for norm in ("post", "pre")
            if not (setting.quick and size == "base")
        ),
        Case(f"64 tokens, base, batch {batch}", "with cache", "without", decoding, (batch,), 3.0),
        Case("64 tokens, base, batch 1", "with cache", "without", decoding, (1,), 3.0, False),
    ]
