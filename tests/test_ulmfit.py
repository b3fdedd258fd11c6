"""ULMFiT's additions against hand calculation, the published formula and what training changes."""

import copy

import pytest
import torch

from jumok.recurrent_language_model import RecurrentBody, RecurrentLanguageModelConfig
from jumok.recurrent_language_model import RecurrentLanguageModel as LanguageModel
from jumok.training import TrainingConfig, make_optimizer
from jumok.ulmfit import (
    RecurrentClassifier,
    concat_pooling,
    discriminative_groups,
    fine_tune,
    slanted_triangular_rate,
    unfreeze,
)

CONFIG = RecurrentLanguageModelConfig(vocab_size=30, d_model=8, num_layers=2, dropout=0.0)
ROUND = TrainingConfig(
    steps=12,
    batch_size=8,
    warmup_steps=2,
    learning_rate=0.02,
    schedule="linear",
    betas=(0.9, 0.99),
    smoothing=0.0,
)
EXAMPLES = [([3 + n % 5, 20 + n % 2, 9], n % 2) for n in range(40)]  # the second token decides


def classifier_of(num_classes=2, seed=0):
    torch.manual_seed(seed)
    return RecurrentClassifier(RecurrentBody(CONFIG), num_classes, hidden=6)


def test_pooling_is_what_one_computes_text_by_text():
    torch.manual_seed(0)
    states = torch.randn(3, 6, 4)
    lengths = (6, 1, 3)
    is_token = torch.arange(6) < torch.tensor(lengths)[:, None]
    pooled = concat_pooling(states, is_token)
    for row, length in enumerate(lengths):
        text = states[row, :length]
        expected = torch.cat([text[-1], text.max(dim=0).values, text.mean(dim=0)])
        torch.testing.assert_close(pooled[row], expected)


def test_a_text_gets_the_same_logits_alone_and_beside_a_longer_one():
    model = classifier_of(num_classes=3).eval()
    alone = model(torch.tensor([[5, 6, 7]]))
    beside = model(torch.tensor([[5, 6, 7, 0, 0], [8, 9, 10, 11, 12]]))
    torch.testing.assert_close(alone[0], beside[0])


@pytest.mark.parametrize("step", range(0, 201, 7))
def test_the_rate_is_that_of_the_papers_equation(step):
    steps, cut_fraction, ratio = 200, 0.1, 32
    cut = int(steps * cut_fraction)
    p = step / cut if step < cut else 1 - (step - cut) / (cut * (1 / cut_fraction - 1))
    expected = (1 + p * (ratio - 1)) / ratio
    assert slanted_triangular_rate(step, steps) == pytest.approx(expected)


def test_the_linear_schedule_is_that_within_one_lowest_rate():
    config = TrainingConfig(steps=200, warmup_steps=20, learning_rate=1.0, schedule="linear")
    for step in range(1, 201):
        difference = config.learning_rate_at(step) - slanted_triangular_rate(step, 200)
        assert abs(difference) <= 1 / 32 + 1 / 200


def test_each_layer_below_learns_more_slowly():
    groups = discriminative_groups(classifier_of().layer_groups(), factor=2)
    assert [group["lr"] for group in groups] == [1 / 8, 1 / 4, 1 / 2, 1]


def test_a_shared_matrix_is_in_one_group_and_none_is_forgotten():
    model = LanguageModel(CONFIG)
    layers = [model.body.embedding, *model.body.layers, model.output]
    groups = discriminative_groups(layers)
    listed = [each for group in groups for each in group["params"]]
    assert {id(each) for each in listed} == {id(each) for each in model.parameters()}
    assert len(listed) == len(list(model.parameters()))
    assert [each.shape for each in groups[-1]["params"]] == [(30,)]  # the bias alone
    make_optimizer(model, ROUND, groups)  # torch refuses a parameter in two groups


def test_only_the_highest_layers_learn():
    model = classifier_of()
    layers = model.layer_groups()
    for count in range(len(layers) + 1):
        unfreeze(layers, count)
        learns = [all(each.requires_grad for each in layer.parameters()) for layer in layers]
        assert learns == [False] * (4 - count) + [True] * count


def test_careful_tuning_frees_the_layers_from_the_top_and_learns():
    model = classifier_of()
    before = copy.deepcopy(model)
    history = fine_tune(model, EXAMPLES, ROUND, progress=False)
    assert len(history.losses) == 4 * ROUND.steps
    assert history.losses[-1] < 0.5 * history.losses[0]
    answers = model(torch.tensor([ids for ids, _ in EXAMPLES])).argmax(dim=-1)
    assert answers.tolist() == [label for _, label in EXAMPLES]
    changes = [
        max((new - old).abs().max().item() for new, old in pairs)
        for pairs in (
            zip(layer.parameters(), old_layer.parameters(), strict=True)
            for layer, old_layer in zip(model.layer_groups(), before.layer_groups(), strict=True)
        )
    ]
    assert 0 < changes[0] < changes[-1]  # the embedding least, the head most


def test_careless_tuning_is_one_round_with_everything_free():
    model = classifier_of()
    history = fine_tune(model, EXAMPLES, ROUND, careful=False, progress=False)
    assert len(history.losses) == ROUND.steps
    assert all(each.requires_grad for each in model.parameters())
