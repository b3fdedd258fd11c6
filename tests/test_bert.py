"""Our BERT against transformers' on the same random weights, and what its parts promise."""

import json
import warnings
from pathlib import Path

import pytest
import torch
import transformers

from jumok.bert import Bert, BertConfig, BertForClassification, BertForPretraining
from jumok.pretrained import (
    bert_body,
    bert_config,
    bert_for_pretraining,
    read_checkpoint,
    to_transformers,
)

SMALL = transformers.BertConfig(
    vocab_size=60,
    hidden_size=32,
    num_hidden_layers=3,
    num_attention_heads=4,
    intermediate_size=48,
    max_position_embeddings=20,
    attn_implementation="eager",  # returns the attention weights
)
TOKEN_IDS = torch.tensor([[2, 17, 9, 3, 44, 50, 3], [2, 31, 3, 12, 3, 0, 0]])
SEGMENT_IDS = torch.tensor([[0, 0, 0, 0, 1, 1, 1], [0, 0, 0, 1, 1, 0, 0]])


def randomized(model: torch.nn.Module) -> torch.nn.Module:
    """Weights large enough, and norms and biases uneven enough, that a mistake would show."""
    torch.manual_seed(0)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.2)
    return model.eval()


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory):
    theirs = randomized(transformers.BertForPreTraining(SMALL))
    folder = tmp_path_factory.mktemp("bert")
    theirs.save_pretrained(folder)
    return theirs, folder


@torch.no_grad()
def test_every_layer_and_the_pooled_output_equal_transformers(saved) -> None:
    theirs, folder = saved
    checkpoint = read_checkpoint(folder)
    ours = bert_body(checkpoint.config, checkpoint.weights)
    assert ours.config == bert_config(checkpoint.config)
    assert not ours.training
    expected = theirs.bert(
        TOKEN_IDS,
        attention_mask=(TOKEN_IDS != 0).long(),
        token_type_ids=SEGMENT_IDS,
        output_hidden_states=True,
        output_attentions=True,
    )
    states = ours.hidden_states(TOKEN_IDS, SEGMENT_IDS)
    assert len(states) == len(expected.hidden_states) == 4
    for state, theirs_state in zip(states, expected.hidden_states, strict=True):
        torch.testing.assert_close(state, theirs_state, atol=1e-5, rtol=0)
    output = ours(TOKEN_IDS, SEGMENT_IDS)
    torch.testing.assert_close(output.sequence, states[-1], atol=1e-5, rtol=0)
    torch.testing.assert_close(output.pooled, expected.pooler_output, atol=1e-5, rtol=0)
    weights = ours.attention_weights(TOKEN_IDS, SEGMENT_IDS)
    for ours_map, theirs_map in zip(weights, expected.attentions, strict=True):
        torch.testing.assert_close(ours_map, theirs_map, atol=1e-5, rtol=0)


@torch.no_grad()
def test_the_heads_equal_transformers(saved) -> None:
    theirs, folder = saved
    checkpoint = read_checkpoint(folder)
    ours = bert_for_pretraining(checkpoint.config, checkpoint.weights)
    expected = theirs(TOKEN_IDS, attention_mask=(TOKEN_IDS != 0).long(), token_type_ids=SEGMENT_IDS)
    tokens, next_sentence = ours(TOKEN_IDS, SEGMENT_IDS)
    torch.testing.assert_close(tokens, expected.prediction_logits, atol=1e-5, rtol=0)
    torch.testing.assert_close(next_sentence, expected.seq_relationship_logits, atol=1e-5, rtol=0)
    assert ours.masked_tokens.output_projection.weight is ours.body.embedding.tokens.weight


@torch.no_grad()
def test_without_segments_and_with_a_mask_of_ones(saved) -> None:
    theirs, folder = saved
    checkpoint = read_checkpoint(folder)
    ours = bert_body(checkpoint.config, checkpoint.weights)
    everything = torch.ones(1, 1, 1, 7, dtype=torch.bool)
    given = ours(TOKEN_IDS, mask=everything).sequence
    expected = theirs.bert(TOKEN_IDS).last_hidden_state  # transformers masks nothing by itself
    torch.testing.assert_close(given, expected, atol=1e-5, rtol=0)
    assert not torch.allclose(ours(TOKEN_IDS).sequence[1], given[1], atol=1e-3)


@torch.no_grad()
def test_a_masked_language_model_has_no_pooler(tmp_path: Path) -> None:
    theirs = randomized(transformers.BertForMaskedLM(SMALL))
    theirs.save_pretrained(tmp_path)
    checkpoint = read_checkpoint(tmp_path)
    with pytest.warns(UserWarning, match=r"not trained: body\.pooler\.dense\.weight"):
        ours = bert_for_pretraining(checkpoint.config, checkpoint.weights)
    expected = theirs(TOKEN_IDS, attention_mask=(TOKEN_IDS != 0).long()).logits
    torch.testing.assert_close(ours(TOKEN_IDS)[0], expected, atol=1e-5, rtol=0)


@pytest.mark.parametrize("form", ["sharded", "bin", "gamma"])
def test_other_forms_of_a_checkpoint(saved, tmp_path: Path, form: str) -> None:
    theirs, folder = saved
    expected = read_checkpoint(folder)
    if form == "sharded":
        theirs.save_pretrained(tmp_path, max_shard_size="20KB")
        assert (tmp_path / "model.safetensors.index.json").is_file()
    else:
        weights = dict(theirs.state_dict())
        if form == "gamma":  # the names of 2018
            weights = {
                name.replace("LayerNorm.weight", "LayerNorm.gamma").replace(
                    "LayerNorm.bias", "LayerNorm.beta"
                ): tensor
                for name, tensor in weights.items()
            }
        torch.save(weights, tmp_path / "pytorch_model.bin")
        theirs.config.save_pretrained(tmp_path)
    given = read_checkpoint(tmp_path)
    ours = bert_for_pretraining(given.config, given.weights).state_dict()
    for name, tensor in (
        bert_for_pretraining(expected.config, expected.weights).state_dict().items()
    ):
        torch.testing.assert_close(ours[name], tensor, atol=0, rtol=0)


def test_the_body_of_a_classifier_comes_without_its_head(tmp_path: Path) -> None:
    theirs = transformers.BertForSequenceClassification(SMALL)
    theirs.save_pretrained(tmp_path)
    checkpoint = read_checkpoint(tmp_path)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        body = bert_body(checkpoint.config, checkpoint.weights)
    torch.testing.assert_close(
        body.embedding.tokens.weight, theirs.bert.embeddings.word_embeddings.weight
    )


def test_padding_changes_nothing() -> None:
    torch.manual_seed(0)
    model = Bert(BertConfig(vocab_size=50, d_model=16, num_heads=2, num_layers=2, d_ff=32)).eval()
    alone = model(torch.tensor([[2, 7, 9, 3]]))
    padded = model(torch.tensor([[2, 7, 9, 3, 0, 0, 0]]))
    torch.testing.assert_close(padded.sequence[:, :4], alone.sequence, atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(padded.pooled, alone.pooled, atol=1e-5, rtol=1e-4)


def test_a_classifier_learns_through_the_whole_body() -> None:
    torch.manual_seed(0)
    body = Bert(BertConfig(vocab_size=50, d_model=16, num_heads=2, num_layers=2, d_ff=32))
    model = BertForClassification(body, num_classes=3)
    logits = model(torch.tensor([[2, 7, 9, 3]]))
    assert logits.shape == (1, 3)
    logits.logsumexp(dim=-1).sum().backward()
    assert all(
        parameter.grad is not None and parameter.grad.abs().sum() > 0
        for name, parameter in model.named_parameters()
        if "key_projection.bias" not in name  # adds the same to every score of a query
    )


def test_the_shared_matrix_counts_once() -> None:
    config = BertConfig(vocab_size=50, d_model=16, num_heads=2, num_layers=1, d_ff=32)
    model = BertForPretraining(config)
    body = sum(parameter.numel() for parameter in model.body.parameters())
    heads = (16 * 16 + 16) + 2 * 16 + 50 + (2 * 16 + 2)
    assert sum(parameter.numel() for parameter in model.parameters()) == body + heads


def test_the_configuration_of_transformers(tmp_path: Path) -> None:
    SMALL.save_pretrained(tmp_path)
    config = json.loads((tmp_path / "config.json").read_text("utf-8"))
    ours = bert_config(config)
    assert (ours.d_model, ours.num_layers, ours.num_heads, ours.d_ff) == (32, 3, 4, 48)
    assert (ours.vocab_size, ours.max_length, ours.layer_norm_eps) == (60, 20, 1e-12)


def test_our_model_goes_to_transformers_and_back():
    """The same logits there, and the same weights when they are read again."""
    torch.manual_seed(3)
    config = BertConfig(
        vocab_size=40, d_model=16, num_heads=2, num_layers=2, d_ff=32, max_length=12
    )
    ours = BertForPretraining(config).eval()
    theirs = to_transformers(ours)
    token_ids = torch.tensor([[2, 7, 4, 9, 3], [2, 8, 3, 0, 0]])
    with torch.no_grad():
        expected = theirs(input_ids=token_ids, attention_mask=(token_ids != 0).long()).logits
        logits, _ = ours(token_ids)
    is_token = token_ids != 0
    torch.testing.assert_close(logits[is_token], expected[is_token])
    with pytest.warns(UserWarning, match="not in the checkpoint"):
        again = bert_for_pretraining(theirs.config.to_dict(), theirs.state_dict())
    assert again.config == config
    for name, tensor in ours.state_dict().items():
        if not name.startswith(("body.pooler.", "next_sentence.")):
            torch.testing.assert_close(again.state_dict()[name], tensor, rtol=0, atol=0)
