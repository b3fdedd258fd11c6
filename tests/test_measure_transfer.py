"""The program behind the record of transfer learning, in very small."""

import copy
import importlib.util
import json
from collections import Counter
from pathlib import Path

import pytest
import torch

from jumok.bert import Bert
from jumok.records import read_record
from jumok.transformer import count_parameters

ROOT = Path(__file__).parents[1]
SMALL = [
    *("--languages", "english", "--texts", "40", "--held-out", "10", "--steps", "4"),
    *("--tuning-steps", "2", "--labels", "1", "2", "--seeds", "0", "1"),
]
specification = importlib.util.spec_from_file_location(
    "measure_transfer", ROOT / "examples" / "measure_transfer.py"
)
measure_transfer = importlib.util.module_from_spec(specification)
specification.loader.exec_module(measure_transfer)


def test_it_records_every_way_and_takes_up_what_is_done(tmp_path):
    partial, path = tmp_path / "partial.json", tmp_path / "transfer.json"
    done = {"perplexity": 1.0, "accuracy": {}}
    partial.write_text(json.dumps({"english 1": done}))
    places = ["--partial", str(partial), "--record", str(path)]
    assert measure_transfer.main([*SMALL, *places]) == 0
    record = read_record(path)
    first, second = record["results"]["runs"]["english"]
    assert second == done  # not run again
    assert list(first["accuracy"]) == list(measure_transfer.WAYS)
    for splits in first["accuracy"].values():
        assert list(splits) == ["new combinations", "new patterns"]
        for shares in splits.values():
            assert len(shares) == 2
            assert all(0 <= share <= 1 for share in shares)
    assert record["seeds"] == [0, 1]
    assert not partial.exists()


def bodies() -> tuple[Bert, Bert]:
    torch.manual_seed(0)
    return tuple(Bert(measure_transfer.CONFIG) for _ in range(2))


@pytest.mark.parametrize("way", measure_transfer.WAYS)
def test_a_way_begins_with_what_it_says(way):
    untrained, body = bodies()
    before = copy.deepcopy((untrained.state_dict(), body.state_dict()))
    classifier = measure_transfer.classifier_with(way, untrained, body)
    for name, weights in classifier.body.state_dict().items():
        comes_from = untrained if way == "from scratch" else body
        if way == "pretrained vectors" and not name.startswith("embedding."):
            comes_from = untrained
        assert torch.equal(weights, comes_from.state_dict()[name]), name
    learns = sum(each.numel() for each in classifier.parameters() if each.requires_grad)
    head = (measure_transfer.CONFIG.d_model + 1) * 5
    pooler = count_parameters(untrained.pooler)
    assert learns == head + (0 if way == "frozen body" else count_parameters(untrained) - pooler)
    with torch.no_grad():  # the copy is one: the bodies of the next way stay as they were
        next(classifier.body.parameters()).zero_()
    for model, weights in zip((untrained, body), before, strict=True):
        assert all(torch.equal(model.state_dict()[name], weights[name]) for name in weights)


def test_labels_are_of_training_and_tests_are_not():
    drawn = {
        split: measure_transfer.headlines("english", split, 200, 0)
        for split in ("train", "new combinations", "new patterns")
    }
    texts = {split: {token_ids for token_ids, _ in each} for split, each in drawn.items()}
    assert not texts["train"] & (texts["new combinations"] | texts["new patterns"])
    counts = Counter(label for _, label in drawn["train"])
    assert sorted(counts) == list(range(len(measure_transfer.TOPICS)))
