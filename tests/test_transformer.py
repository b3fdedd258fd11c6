"""The model: equal to torch's, causal, blind to padding, the same with a cache and without."""

import dataclasses
import math
from collections.abc import Callable

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from jumok.attention import causal_mask, padding_mask
from jumok.conversion import decoder_from_torch, encoder_from_torch
from jumok.transformer import (
    ACTIVATIONS,
    Decoder,
    DecoderLayer,
    Encoder,
    EncoderLayer,
    FeedForward,
    InputEmbedding,
    SublayerConnection,
    TokenEmbedding,
    Transformer,
    TransformerConfig,
    count_parameters,
    parameter_table,
    recorded_weights,
    sinusoidal_positions,
)

SMALL = TransformerConfig(
    source_vocab_size=20,
    target_vocab_size=22,
    d_model=24,
    num_heads=4,
    num_encoder_layers=2,
    num_decoder_layers=3,
    d_ff=40,
    dropout=0.0,
    max_length=16,
)
NORMS = pytest.mark.parametrize("norm", ["post", "pre"])


def small(**changes: object) -> Transformer:
    return Transformer(dataclasses.replace(SMALL, **changes))


def sentences(*lengths: int, vocab_size: int = 20, seed: int = 0) -> Tensor:
    """One random sentence of each length, without padding inside and padded at the end."""
    generator = torch.Generator().manual_seed(seed)
    ids = torch.randint(1, vocab_size, (len(lengths), max(lengths)), generator=generator)
    return ids * (torch.arange(max(lengths)) < torch.tensor(lengths)[:, None])


def torch_transformer(norm_first: bool, activation: str, batch_first: bool) -> nn.Transformer:
    """Torch's model with parameters that are all different from those of an untrained one."""
    model = nn.Transformer(
        24, 4, 2, 3, 40, 0.1, activation, batch_first=batch_first, norm_first=norm_first
    )
    for parameter in model.parameters():
        if parameter.ndim == 1:
            nn.init.normal_(parameter, mean=0.5)
    return model


@pytest.mark.filterwarnings("ignore:enable_nested_tensor", "ignore:The PyTorch API of nested")
@pytest.mark.parametrize("batch_first", [True, False])
@pytest.mark.parametrize("activation", ["relu", "gelu"])
@NORMS
def test_equal_to_torch_with_padding_and_causal_masks(
    norm: str, activation: str, batch_first: bool, device: torch.device
) -> None:
    theirs = torch_transformer(norm == "pre", activation, batch_first).eval()
    source_embedding, target_embedding = nn.Embedding(20, 24), nn.Embedding(22, 24)
    output_projection = nn.Linear(24, 22)
    ours = Transformer.from_torch(
        theirs,
        source_embedding=source_embedding,
        target_embedding=target_embedding,
        output_projection=output_projection,
        max_length=16,
    ).to(device)
    assert not ours.training
    assert ours.config.norm == norm
    for module in (theirs, source_embedding, target_embedding, output_projection):
        module.to(device)
    source, target = sentences(7, 3, 5).to(device), sentences(4, 6, 1).to(device)
    positions = sinusoidal_positions(16, 24).to(device)
    x = source_embedding(source) * math.sqrt(24) + positions[:7]
    y = target_embedding(target) * math.sqrt(24) + positions[:6]
    if not batch_first:
        x, y = x.transpose(0, 1), y.transpose(0, 1)
    hidden = theirs(
        x,
        y,
        tgt_mask=~causal_mask(6, device=device),
        src_key_padding_mask=source == 0,
        tgt_key_padding_mask=target == 0,
        memory_key_padding_mask=source == 0,
    )
    expected = output_projection(hidden if batch_first else hidden.transpose(0, 1))
    torch.testing.assert_close(ours(source, target), expected, atol=1e-5, rtol=1e-5)


@pytest.mark.filterwarnings("ignore:enable_nested_tensor")
@pytest.mark.parametrize("final_norm", [True, False])
@NORMS
def test_bare_stacks_equal_torch(norm: str, final_norm: bool) -> None:
    options = {"batch_first": True, "norm_first": norm == "pre", "layer_norm_eps": 1e-3}
    final = nn.LayerNorm(24, 1e-3) if final_norm else None
    encoder = nn.TransformerEncoder(nn.TransformerEncoderLayer(24, 4, 40, **options), 2, final)
    decoder = nn.TransformerDecoder(nn.TransformerDecoderLayer(24, 4, 40, **options), 2, final)
    encoder, decoder = encoder.double().eval(), decoder.double().eval()
    x, y = torch.randn(2, 5, 24).double(), torch.randn(2, 4, 24).double()
    our_encoder, our_decoder = encoder_from_torch(encoder), decoder_from_torch(decoder)
    memory = encoder(x)
    torch.testing.assert_close(our_encoder(x), memory)
    torch.testing.assert_close(
        our_decoder(y, memory, mask=causal_mask(4)), decoder(y, memory, tgt_mask=~causal_mask(4))
    )


def test_gradients_equal_torch() -> None:
    theirs = torch_transformer(False, "relu", True).eval()
    embedding, output = nn.Embedding(20, 24), nn.Linear(24, 20, bias=False)
    ours = Transformer.from_torch(
        theirs, source_embedding=embedding, target_embedding=embedding, output_projection=output
    )
    source, target = sentences(5, 3), sentences(4, 4)
    positions = sinusoidal_positions(5, 24)
    x, y = (embedding(ids) * math.sqrt(24) + positions[: ids.size(1)] for ids in (source, target))
    hidden = theirs(
        x,
        y,
        tgt_mask=~causal_mask(4),
        src_key_padding_mask=source == 0,
        memory_key_padding_mask=source == 0,
    )
    F.cross_entropy(output(hidden).flatten(0, 1), target.flatten()).backward()
    F.cross_entropy(ours(source, target).flatten(0, 1), target.flatten()).backward()
    for i, (layer, their_layer) in enumerate(
        zip(ours.decoder.layers, theirs.decoder.layers, strict=True)
    ):
        pairs = (
            (layer.feed_forward.expand.weight, their_layer.linear1.weight),
            (
                layer.cross_attention.output_projection.bias,
                their_layer.multihead_attn.out_proj.bias,
            ),
            (layer.cross_attention_connection.norm.weight, their_layer.norm2.weight),
        )
        for parameter, their_parameter in pairs:
            torch.testing.assert_close(
                parameter.grad, their_parameter.grad, atol=1e-6, rtol=1e-4, msg=f"layer {i}"
            )


def test_from_torch_keeps_shared_embeddings_shared() -> None:
    theirs = torch_transformer(False, "relu", True).double()
    embedding = nn.Embedding(20, 24).double()
    output = nn.Linear(24, 20, bias=False).double()
    output.weight = embedding.weight
    ours = Transformer.from_torch(
        theirs, source_embedding=embedding, target_embedding=embedding, output_projection=output
    )
    assert ours.config.tie_embeddings
    assert ours.output_projection.weight is ours.source_embedding.tokens.weight
    assert ours.source_embedding.positions.dtype == torch.float64
    theirs_count = count_parameters(theirs) + embedding.weight.numel()
    assert count_parameters(ours) == theirs_count


@NORMS
@settings(max_examples=8)
@given(seed=st.integers(0, 99), changed=st.integers(1, 5))
def test_a_later_token_never_changes_an_earlier_logit(norm: str, seed: int, changed: int) -> None:
    torch.manual_seed(seed)
    model = small(norm=norm)
    source, target = sentences(6, 4, seed=seed), sentences(6, 6, seed=seed + 1)
    other = target.clone()
    other[:, changed:] = torch.randint(0, 22, other[:, changed:].shape)  # padding, too
    first, second = model(source, target), model(source, other)
    torch.testing.assert_close(first[:, :changed], second[:, :changed], atol=1e-6, rtol=0)
    assert not torch.allclose(first[:, -1], second[:, -1]) or torch.equal(target, other)


@NORMS
@settings(max_examples=8)
@given(seed=st.integers(0, 99), more=st.integers(1, 4))
def test_padding_changes_nothing(norm: str, seed: int, more: int) -> None:
    torch.manual_seed(seed)
    model = small(norm=norm)
    source, target = sentences(6, 4, seed=seed), sentences(3, 5, seed=seed)
    padded = F.pad(source, (0, more)), F.pad(target, (0, more))
    logits = model(*padded)[:, :5]
    torch.testing.assert_close(model(source, target), logits, atol=1e-5, rtol=1e-5)
    # A sentence alone gives what it gives in the batch.
    alone = model(source[1:, :4], target[1:])
    torch.testing.assert_close(alone, logits[1:], atol=1e-5, rtol=1e-5)


@settings(max_examples=8)
@given(seed=st.integers(0, 99))
def test_without_positions_the_order_of_the_source_is_lost(seed: int) -> None:
    torch.manual_seed(seed)
    encoder = Encoder(SMALL)
    x, order = torch.randn(2, 6, 24), torch.randperm(6)
    torch.testing.assert_close(encoder(x)[:, order], encoder(x[:, order]), atol=1e-5, rtol=1e-4)
    # With positions the same sentence in another order is another sentence.
    embedding = InputEmbedding(20, SMALL)
    ids, shuffled = torch.tensor([[7, 9, 3, 8, 6]]), torch.tensor([[9, 7, 3, 8, 6]])
    with_positions = encoder(embedding(ids))[0, 0], encoder(embedding(shuffled))[0, 1]
    assert not torch.allclose(*with_positions, atol=1e-3)


@pytest.mark.parametrize("positions", ["sinusoidal", "learned"])
@NORMS
@settings(max_examples=8)
@given(
    steps=st.lists(st.integers(1, 3), min_size=1, max_size=5),
    seed=st.integers(0, 99),
    with_padding=st.booleans(),
)
def test_cache_equals_no_cache(
    norm: str, positions: str, steps: list[int], seed: int, with_padding: bool
) -> None:
    torch.manual_seed(seed)
    model = small(norm=norm, positions=positions)
    source = sentences(6, 4, seed=seed)
    target = torch.randint(0 if with_padding else 1, 22, (2, sum(steps)))
    memory, mask = model.encode(source), model.source_mask(source)
    cache = model.new_cache()
    parts = [
        model.decode(new, memory, source_mask=mask, cache=cache)
        for new in target.split(steps, dim=1)
    ]
    assert cache.length == sum(steps)
    expected = model(source, target)
    torch.testing.assert_close(torch.cat(parts, dim=1), expected, atol=1e-5, rtol=1e-4)


def test_cache_reorder_follows_the_beams() -> None:
    model = small()
    source, target = sentences(6, 4, 5), sentences(4, 4, 2, vocab_size=22)
    new = torch.tensor([[3], [4], [5]])
    indices = torch.tensor([1, 1, 2])
    memory, mask = model.encode(source), model.source_mask(source)
    cache = model.new_cache()
    cache.reorder(indices)  # nothing to reorder yet
    model.decode(target, memory, source_mask=mask, cache=cache)
    cache.reorder(indices)
    logits = model.decode(new, memory[indices], source_mask=mask[indices], cache=cache)
    expected = model(source[indices], torch.cat([target[indices], new], dim=1))[:, -1:]
    torch.testing.assert_close(logits, expected, atol=1e-5, rtol=1e-4)


@NORMS
def test_attention_weights_are_those_of_the_forward_pass(norm: str) -> None:
    model = small(norm=norm)
    source, target = sentences(6, 4), sentences(3, 5)
    before = model(source, target)
    weights = model.attention_weights(source, target)
    assert torch.equal(model(source, target), before)
    assert [len(part) for part in (weights.encoder, weights.decoder, weights.cross)] == [2, 3, 3]
    assert {w.shape for w in weights.encoder} == {(2, 4, 6, 6)}
    assert {w.shape for w in weights.decoder} == {(2, 4, 5, 5)}
    assert {w.shape for w in weights.cross} == {(2, 4, 5, 6)}
    for part in (weights.encoder, weights.decoder, weights.cross):
        for layer in part:
            torch.testing.assert_close(layer.sum(-1), torch.ones(layer.shape[:-1]))
            assert not layer.requires_grad
    for layer in weights.encoder + weights.cross:
        assert not layer[1, :, :, 4:].any()  # the padding of the second source
    for layer in weights.decoder:
        assert not layer.triu(diagonal=1).any()
        assert not layer[0, :, :, 3:].any()


def test_recorded_weights_make_the_recorded_output() -> None:
    encoder = Encoder(SMALL)
    x, mask = torch.randn(2, 5, 24), causal_mask(5)
    with recorded_weights(encoder.layers, "self_attention") as weights:
        recorded = encoder(x, mask)
    torch.testing.assert_close(recorded, encoder(x, mask), atol=1e-5, rtol=1e-5)
    attention = encoder.layers[0].self_attention
    _, expected = attention(query=x, mask=mask, return_weights=True)
    assert torch.equal(weights[0], expected)
    assert not attention._forward_hooks


def test_recording_ends_with_an_error() -> None:
    encoder = Encoder(SMALL)
    with (
        pytest.raises(RuntimeError, match="stop"),
        recorded_weights(encoder.layers, "self_attention"),
    ):
        raise RuntimeError("stop")
    assert not encoder.layers[0].self_attention._forward_pre_hooks


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32], ids=str)
@NORMS
def test_a_sentence_of_padding_only_is_free_of_nan(
    norm: str, dtype: torch.dtype, device: torch.device
) -> None:
    model = small(norm=norm, dropout=0.1).to(device, dtype)
    source, target = sentences(6, 4).to(device), sentences(5, 5).to(device)
    source[1], target[0, :2], target[1] = 0, 0, 0  # nothing to read, a gap, nothing to write
    logits = model(source, target)
    assert logits.isfinite().all()
    logits.float().square().mean().backward()
    for name, parameter in model.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.isfinite().all(), name


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16], ids=str)
def test_half_precision_is_close(dtype: torch.dtype, device: torch.device) -> None:
    model = small().to(device)
    source, target = sentences(6, 4).to(device), sentences(5, 3).to(device)
    expected = model(source, target)
    logits = model.to(dtype)(source, target)
    assert logits.dtype == dtype
    torch.testing.assert_close(logits.float(), expected, atol=0.1, rtol=0.1)


def test_positions_are_those_of_the_paper() -> None:
    encoding = sinusoidal_positions(50, 12)
    for p in (0, 1, 7, 49):
        for i in range(6):
            angle = p / 10_000 ** (2 * i / 12)
            assert encoding[p, 2 * i].item() == pytest.approx(math.sin(angle), abs=1e-6)
            assert encoding[p, 2 * i + 1].item() == pytest.approx(math.cos(angle), abs=1e-6)
    assert sinusoidal_positions(5_000, 512)[4_999, 0].item() == pytest.approx(
        math.sin(4_999), abs=1e-6
    )
    # §3.5: positions a fixed distance apart are a rotation apart, wherever they are.
    products = encoding @ encoding.T
    torch.testing.assert_close(products[0, :40], products[9, 9:49], atol=1e-4, rtol=1e-4)
    odd = sinusoidal_positions(4, 5)
    torch.testing.assert_close(odd[:, 0], torch.arange(4.0).sin())
    assert odd.shape == (4, 5)
    assert odd.isfinite().all()


def test_embeddings() -> None:
    tokens = TokenEmbedding(1_000, 64)
    assert tokens.weight.std().item() == pytest.approx(64**-0.5, rel=0.02)
    ids = torch.tensor([[7, 9, 3, 8, 6]])
    torch.testing.assert_close(tokens(ids), 8 * tokens.weight[ids])
    embedding = InputEmbedding(20, SMALL)
    torch.testing.assert_close(embedding(ids), embedding.tokens(ids) + sinusoidal_positions(5, 24))
    torch.testing.assert_close(embedding(ids[:, 2:], start=2), embedding(ids)[:, 2:])
    assert count_parameters(embedding) == 20 * 24
    learned = InputEmbedding(20, dataclasses.replace(SMALL, positions="learned"))
    assert count_parameters(learned) == 20 * 24 + 16 * 24
    unscaled = InputEmbedding(20, dataclasses.replace(SMALL, scale_embeddings=False))
    expected = unscaled.tokens.weight[ids] + sinusoidal_positions(5, 24)
    torch.testing.assert_close(unscaled(ids), expected)


@pytest.mark.parametrize(
    ("activation", "function"),
    [
        ("relu", nn.ReLU()),
        ("gelu", nn.GELU()),
        ("gelu_tanh", nn.GELU(approximate="tanh")),
    ],
)
def test_feed_forward(activation: str, function: Callable[[Tensor], Tensor]) -> None:
    assert activation in ACTIVATIONS
    feed_forward = FeedForward(6, 10, activation=activation)
    x = torch.randn(2, 3, 6)
    expected = feed_forward.contract(function(feed_forward.expand(x)))
    torch.testing.assert_close(feed_forward(x), expected)


def test_sublayer_connections() -> None:
    x = torch.randn(2, 3, 6)
    post, pre = SublayerConnection(6, norm="post"), SublayerConnection(6, norm="pre")
    torch.testing.assert_close(post(x, torch.sin), F.layer_norm(x + x.sin(), (6,)))
    torch.testing.assert_close(pre(x, torch.sin), x + F.layer_norm(x, (6,)).sin())


def test_layers_take_masks() -> None:
    x, memory = torch.randn(2, 4, 24), torch.randn(2, 5, 24)
    mask = padding_mask(sentences(5, 3))
    other = memory.clone()
    other[1, 3:] = 9.0
    decoder_layer = DecoderLayer(SMALL)
    torch.testing.assert_close(
        decoder_layer(x, memory, mask=causal_mask(4), memory_mask=mask),
        decoder_layer(x, other, mask=causal_mask(4), memory_mask=mask),
    )
    encoder_layer = EncoderLayer(SMALL)
    torch.testing.assert_close(
        encoder_layer(memory, mask)[1, :3], encoder_layer(other, mask)[1, :3]
    )
    assert Decoder(SMALL)(x, memory, mask=causal_mask(4), memory_mask=mask).shape == (2, 4, 24)


def base_parameters(vocab_size: int) -> int:
    """The paper's base model by hand, with one shared embedding and no bias at the output."""
    d_model, d_ff = 512, 2048
    attention = 4 * (d_model * d_model + d_model)
    feed_forward = d_model * d_ff + d_ff + d_ff * d_model + d_model
    norm = 2 * d_model
    encoder_layer = attention + feed_forward + 2 * norm
    decoder_layer = 2 * attention + feed_forward + 3 * norm
    return vocab_size * d_model + 6 * encoder_layer + 6 * decoder_layer


def test_parameters_of_the_base_model() -> None:
    config = TransformerConfig(
        source_vocab_size=37_000, target_vocab_size=37_000, tie_embeddings=True
    )
    with torch.device("meta"):
        model = Transformer(config)
    assert count_parameters(model) == base_parameters(37_000) == 63_082_496
    table = parameter_table(model)
    assert sum(count for _, count in table) == 63_082_496
    assert dict(table)["encoder feed-forward"] == 6 * (2 * 512 * 2048 + 2048 + 512)
    assert dict(table)["decoder cross-attention"] == 6 * 4 * (512 * 512 + 512)
    pre = dataclasses.replace(config, norm="pre")
    with torch.device("meta"):
        pre_model = Transformer(pre)
    assert count_parameters(pre_model) == 63_082_496 + 2 * 2 * 512
    pre_table = dict(parameter_table(pre_model))
    assert pre_table.keys() == dict(table).keys()
    assert pre_table["decoder layer norm"] == (6 * 3 + 1) * 2 * 512


def test_tied_embeddings_are_one_matrix() -> None:
    model = small(target_vocab_size=20, tie_embeddings=True)
    assert model.source_embedding.tokens.weight is model.target_embedding.tokens.weight
    assert model.output_projection.weight is model.target_embedding.tokens.weight
    # The shared matrix is as small as an embedding, not as large as a linear map's.
    assert model.output_projection.weight.std().item() == pytest.approx(24**-0.5, rel=0.1)
    model(sentences(5), sentences(4)).sum().backward()
    assert model.output_projection.weight.grad is not None


@NORMS
def test_untrained_logits_are_moderate(norm: str) -> None:
    """About the entropy of a uniform guess: neither dead nor already sure of anything."""
    model = small(norm=norm, d_model=64, d_ff=256, target_vocab_size=20, tie_embeddings=True)
    source, target = sentences(8, 8, 8), sentences(8, 8, 8, seed=1)
    loss = F.cross_entropy(model(source, target).flatten(0, 1), sentences(24, seed=2).flatten())
    assert 0.7 * math.log(20) < loss.item() < 1.5 * math.log(20)


@pytest.mark.parametrize("dtype", [torch.int64, torch.int32], ids=str)
def test_a_few_steps_of_training_lower_the_loss(dtype: torch.dtype, device: torch.device) -> None:
    model = small(norm="pre").to(device)
    source = sentences(6, 4, 5).to(device, dtype)
    target = F.pad(source, (1, 0), value=21)
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    losses = []
    for _ in range(40):
        logits = model(source, target[:, :-1])
        loss = F.cross_entropy(logits.flatten(0, 1), target[:, 1:].flatten().long())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.2 * losses[0]


def test_state_dict_holds_what_is_learned() -> None:
    model, other = small(), small()
    other.load_state_dict(model.state_dict())
    source, target = sentences(5), sentences(4)
    assert torch.equal(model(source, target), other(source, target))
    assert not any("positions" in name for name in model.state_dict())
    longer = small(max_length=30)  # the sinusoids are no weights, so the length may grow
    longer.load_state_dict(model.state_dict())
    assert longer(sentences(25), target).isfinite().all()


def test_the_configuration_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        SMALL.d_model = 3
