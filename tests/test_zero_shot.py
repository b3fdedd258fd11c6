"""Scores against transformers' pipeline, and a head that learns what follows from what."""

import pytest
import torch

from jumok.training import TrainingConfig, train
from jumok.zero_shot import EntailmentHead, EntailmentObjective, Pair, label_scores


@pytest.mark.parametrize("multi_label", [False, True])
def test_scores_are_those_of_transformers(multi_label):
    """Its pipeline's last step, given the same logits of three classes."""
    from transformers import BertConfig, BertForSequenceClassification, BertTokenizer
    from transformers import ZeroShotClassificationPipeline as Theirs

    names = {0: "contradiction", 1: "neutral", 2: "entailment"}
    config = BertConfig(
        vocab_size=8,
        hidden_size=8,
        num_hidden_layers=1,
        num_attention_heads=1,
        intermediate_size=8,
        id2label=names,
        label2id={name: number for number, name in names.items()},
    )
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "good", "news", "."]
    theirs = Theirs(
        model=BertForSequenceClassification(config),
        tokenizer=BertTokenizer(vocab={word: i for i, word in enumerate(words)}),
    )
    labels = ["a", "b", "c", "d"]
    torch.manual_seed(0)
    logits = 3 * torch.randn(len(labels), 3)
    outputs = [
        {"candidate_label": label, "sequence": "good news", "logits": row[None]}
        for label, row in zip(labels, logits, strict=True)
    ]
    expected = theirs.postprocess(outputs, multi_label=multi_label)
    by_label = dict(zip(expected["labels"], expected["scores"], strict=True))
    ours = label_scores(logits, entailment=2, multi_label=multi_label)
    torch.testing.assert_close(
        ours, torch.tensor([by_label[label] for label in labels]), check_dtype=False
    )


def test_competing_scores_sum_to_one():
    scores = label_scores(torch.randn(5, 4, 2))
    torch.testing.assert_close(scores.sum(dim=-1), torch.ones(5))


def test_a_head_learns_which_pairs_belong_together():
    """Directions in a plane: what points the same way follows."""
    torch.manual_seed(0)
    directions = torch.eye(6)
    pairs = [
        Pair(premise, hypothesis, int(i == j))
        for i, premise in enumerate(directions[:4])
        for j, hypothesis in enumerate(directions[:4])
    ]
    head = EntailmentHead(6)
    config = TrainingConfig.adamw(200, 3e-2, batch_size=16)
    train(head, pairs, config, objective=EntailmentObjective(), progress=False)
    logits = head(directions[:4, None].expand(4, 4, 6), directions[None, :4].expand(4, 4, 6))
    assert label_scores(logits).argmax(dim=-1).tolist() == [0, 1, 2, 3]
    assert (label_scores(logits, multi_label=True) > 0.5).tolist() == torch.eye(4).bool().tolist()
