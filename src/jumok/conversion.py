"""Torch's ``nn.Transformer`` turned into our modules, to check the one against the other.

The parts have other names there: ``linear1`` is our ``feed_forward.expand``, ``norm1`` the norm of
the first residual connection, ``multihead_attn`` the cross-attention.
"""

from typing import Any, TypeVar

import torch
import torch.nn.functional as F
from torch import nn

from jumok.attention import MultiHeadAttention
from jumok.transformer import (
    Decoder,
    DecoderLayer,
    Encoder,
    EncoderLayer,
    Transformer,
    TransformerConfig,
)

__all__ = ["encoder_from_torch", "decoder_from_torch", "transformer_from_torch"]

Module = TypeVar("Module", bound=nn.Module)


def encoder_from_torch(theirs: nn.TransformerEncoder) -> Encoder:
    """The same stack of encoder layers; it takes vectors and our masks (``True`` = may attend).

    >>> theirs = nn.TransformerEncoder(
    ...     nn.TransformerEncoderLayer(16, 2, 32, batch_first=True), num_layers=2
    ... )
    >>> x = torch.randn(2, 5, 16)
    >>> torch.allclose(encoder_from_torch(theirs.eval())(x), theirs(x), atol=1e-5)
    True
    """
    ours = Encoder(_config(theirs.layers[0], theirs.norm, num_encoder_layers=len(theirs.layers)))
    for layer, their_layer in zip(ours.layers, theirs.layers, strict=True):
        assert isinstance(layer, EncoderLayer)
        _copy_common_parts(layer, their_layer, last_norm=their_layer.norm2)
    _copy_final_norm(ours, theirs)
    return _finish(ours, theirs)


def decoder_from_torch(theirs: nn.TransformerDecoder) -> Decoder:
    """The same stack of decoder layers; it takes vectors and our masks (``True`` = may attend)."""
    ours = Decoder(_config(theirs.layers[0], theirs.norm, num_decoder_layers=len(theirs.layers)))
    for layer, their_layer in zip(ours.layers, theirs.layers, strict=True):
        assert isinstance(layer, DecoderLayer)
        _copy_common_parts(layer, their_layer, last_norm=their_layer.norm3)
        layer.cross_attention = MultiHeadAttention.from_torch(their_layer.multihead_attn)
        _copy(layer.cross_attention_connection.norm, their_layer.norm2)
    _copy_final_norm(ours, theirs)
    return _finish(ours, theirs)


def transformer_from_torch(
    theirs: nn.Transformer,
    *,
    source_embedding: nn.Embedding,
    target_embedding: nn.Embedding,
    output_projection: nn.Linear,
    **choices: Any,
) -> Transformer:
    """The whole model. ``choices`` are fields of the configuration that torch's leaves open.

    ``nn.Transformer`` holds the two stacks only, so the embeddings (multiplied by √d_model here,
    as in the paper) and the output projection are given beside it.

    Raises:
        ValueError: torch's model has no counterpart here (other activations, no biases).
    """
    shared = {id(source_embedding.weight), id(target_embedding.weight)}
    ours = Transformer(
        _config(
            theirs.encoder.layers[0],
            theirs.encoder.norm,
            num_encoder_layers=len(theirs.encoder.layers),
            num_decoder_layers=len(theirs.decoder.layers),
            source_vocab_size=source_embedding.num_embeddings,
            target_vocab_size=target_embedding.num_embeddings,
            tie_embeddings=shared == {id(output_projection.weight)},
            **choices,
        )
    )
    ours.encoder = encoder_from_torch(theirs.encoder)
    ours.decoder = decoder_from_torch(theirs.decoder)
    if output_projection.bias is not None:
        ours.output_projection.bias = nn.Parameter(torch.empty_like(output_projection.bias))
    _copy(ours.source_embedding.tokens, source_embedding)
    _copy(ours.target_embedding.tokens, target_embedding)
    _copy(ours.output_projection, output_projection)
    return _finish(ours, theirs)


def _config(layer: Any, final_norm: nn.Module | None, **choices: Any) -> TransformerConfig:
    """What one of torch's layers says about the model; a bare stack has no vocabulary."""
    fields = {
        "source_vocab_size": 1,
        "target_vocab_size": 1,
        "d_model": layer.linear1.in_features,
        "num_heads": layer.self_attn.num_heads,
        "d_ff": layer.linear1.out_features,
        "dropout": layer.dropout.p,
        "activation": _activation_name(layer.activation),
        "norm": "pre" if layer.norm_first else "post",
        "final_norm": final_norm is not None,
        "layer_norm_eps": layer.norm1.eps,
    }
    return TransformerConfig(**(fields | choices))


def _activation_name(activation: Any) -> str:
    if activation is F.relu or isinstance(activation, nn.ReLU):
        return "relu"
    if activation is F.gelu:
        return "gelu"
    if isinstance(activation, nn.GELU):
        return "gelu" if activation.approximate == "none" else "gelu_tanh"
    raise ValueError(f"expected torch's layers with activation relu or gelu, got {activation!r}")


def _copy_common_parts(
    layer: EncoderLayer | DecoderLayer, theirs: Any, *, last_norm: nn.Module
) -> None:
    """What encoder layers and decoder layers both have; the last norm is after the network."""
    layer.self_attention = MultiHeadAttention.from_torch(theirs.self_attn)
    _copy(layer.self_attention_connection.norm, theirs.norm1)
    _copy(layer.feed_forward.expand, theirs.linear1)
    _copy(layer.feed_forward.contract, theirs.linear2)
    _copy(layer.feed_forward_connection.norm, last_norm)


def _copy_final_norm(ours: Encoder | Decoder, theirs: Any) -> None:
    if theirs.norm is not None:
        _copy(ours.final_norm, theirs.norm)


def _copy(ours: nn.Module, theirs: nn.Module) -> None:
    """Copy the parameters of two modules that name them alike."""
    names = [name for name, _ in ours.named_parameters()]
    their_names = [name for name, _ in theirs.named_parameters()]
    if names != their_names:
        raise ValueError(f"expected {theirs} with parameters {names}, got {their_names}")
    with torch.no_grad():
        for parameter, their_parameter in zip(ours.parameters(), theirs.parameters(), strict=True):
            parameter.copy_(their_parameter)


def _finish(ours: Module, theirs: nn.Module) -> Module:
    """Take over precision, device and training mode."""
    sample = next(theirs.parameters())
    return ours.to(sample.device, sample.dtype).train(theirs.training)
