"""The recurrent language model against torch's LSTM with its weights, and what it must not see."""

import math

import torch
import torch.nn.functional as F
from torch import nn

from jumok.recurrent_language_model import RecurrentLanguageModel, RecurrentLanguageModelConfig
from jumok.sampling import perplexity
from jumok.transformer import count_parameters

CONFIG = RecurrentLanguageModelConfig(vocab_size=30, d_model=12, num_layers=2, dropout=0.0)


def model_of(**fields):
    torch.manual_seed(0)
    return RecurrentLanguageModel(RecurrentLanguageModelConfig(**{**vars(CONFIG), **fields})).eval()


def test_it_is_torchs_lstm_between_embedding_and_its_transpose():
    model = model_of()
    theirs = nn.LSTM(12, 12, num_layers=2, batch_first=True)
    with torch.no_grad():
        for number, layer in enumerate(model.body.layers):
            (cell,) = layer.cells
            for kind, projection in (("ih", cell.input_projection), ("hh", cell.state_projection)):
                getattr(theirs, f"weight_{kind}_l{number}").copy_(projection.weight)
                getattr(theirs, f"bias_{kind}_l{number}").copy_(projection.bias)
    token_ids = torch.randint(3, 30, (4, 9))
    embedding = model.body.embedding.weight
    expected = theirs(F.embedding(token_ids, embedding))[0] @ embedding.T + model.output.bias
    torch.testing.assert_close(model(token_ids), expected, atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(model.body(token_ids), model.body(token_ids, fused=False))


def test_it_knows_nothing_of_what_follows():
    model = model_of()
    token_ids = torch.randint(3, 30, (2, 8))
    changed = token_ids.clone()
    changed[:, 5:] = 3
    assert torch.equal(model(token_ids)[:, :5], model(changed)[:, :5])
    assert not torch.allclose(model(token_ids)[:, 5:], model(changed)[:, 5:])


def test_a_shared_matrix_counts_once_and_learns_from_both_sides():
    tied, untied = model_of(), model_of(tied=False)
    assert count_parameters(untied) - count_parameters(tied) == 30 * 12
    tied(torch.tensor([[5, 6]])).sum().backward()
    gradient = tied.body.embedding.weight.grad
    assert gradient[5].abs().sum() > 0  # as an input
    assert gradient[20].abs().sum() > 0  # as an output only


def test_dropout_is_between_all_parts_and_off_in_evaluation():
    model = model_of(dropout=0.5)
    token_ids = torch.randint(3, 30, (2, 8))
    assert torch.equal(model(token_ids), model(token_ids))
    model.train()
    assert not torch.allclose(model(token_ids), model(token_ids))


def test_perplexity_is_the_exponential_of_the_mean_loss():
    model, texts = model_of(), [[5, 6, 7], [9]]
    total = 0.0
    for text in texts:
        logits = model(torch.tensor([[1, *text]]))[0]
        total += F.cross_entropy(logits, torch.tensor([*text, 2]), reduction="sum").item()
    assert math.isclose(perplexity(model, texts), math.exp(total / 6), rel_tol=1e-5)
