"""The lookup task: its targets, and what heads are good for."""

import torch

from jumok.lookup import LookupModel, lookup_accuracy, lookup_targets, train_lookup


def test_targets_are_the_tokens_at_the_offsets() -> None:
    ids = torch.tensor([[5, 6, 7, 8], [1, 2, 3, 4]])
    targets = lookup_targets(ids, (-1, 2))
    assert targets[0].tolist() == [[-100, 7], [5, 8], [6, -100], [7, -100]]
    assert targets[1].tolist() == [[-100, 3], [1, 4], [2, -100], [3, -100]]


def test_one_head_answers_one_question_and_two_heads_two() -> None:
    accuracies = {}
    for num_heads in (1, 2):
        torch.manual_seed(0)
        model = LookupModel(8, (-1, 1), num_heads=num_heads)
        accuracies[num_heads] = lookup_accuracy(train_lookup(model))
    assert min(accuracies[1]) < 0.6 < max(accuracies[1])
    assert min(accuracies[2]) > 0.98


def test_training_is_repeatable() -> None:
    results = []
    for _ in range(2):
        torch.manual_seed(0)
        model = train_lookup(LookupModel(8, (-1,), num_heads=1), steps=5)
        results.append(model.answers.weight.detach())
    assert torch.equal(*results)


def test_causal_model_does_not_look_ahead() -> None:
    torch.manual_seed(0)
    model = LookupModel(8, (-1,), num_heads=2, is_causal=True)
    ids = torch.tensor([[1, 2, 3, 4]])
    changed = torch.tensor([[1, 2, 3, 7]])
    assert torch.allclose(model(ids)[:, :3], model(changed)[:, :3], atol=1e-6)
    assert not torch.allclose(model(ids)[:, 3], model(changed)[:, 3], atol=1e-2)
