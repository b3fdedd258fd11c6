"""The model with probabilities written by hand."""

import torch

from jumok.data.tokenizer import END_ID, START_ID
from jumok.decoding import beam_search, greedy_decode
from jumok.device import default_device
from jumok.handmade import HandMadeModel

TREE = {
    "": {"the": 0.55, "a": 0.45},
    "the": {"cat": 0.5, "dog": 0.5},
    "a": {"cat": 0.9, "dog": 0.1},
}
SEARCH = {"start_id": START_ID, "end_id": END_ID, "max_length": 8}


def test_beam_finds_what_greedy_misses_and_scores_are_products():
    model = HandMadeModel(TREE).to(default_device())
    source = torch.tensor([[START_ID]])
    assert model.text(greedy_decode(model, source, **SEARCH)[0]) == "the cat"
    for use_cache in (True, False):
        beams, scores = beam_search(
            model, source, beam_size=4, **SEARCH, use_cache=use_cache, return_beams=True
        )
        texts = [model.text(beam) for beam in beams[0]]
        assert texts[0] == "a cat"
        assert set(texts) == {"a cat", "the cat", "the dog", "a dog"}
        expected = torch.tensor([0.405, 0.275, 0.275, 0.045], device=scores.device)
        torch.testing.assert_close(scores[0].exp(), expected)


def test_what_is_not_in_the_tree_ends():
    model = HandMadeModel(TREE).to(default_device())
    ids = torch.tensor([[START_ID, 4, 6]], device=default_device())
    assert model(torch.tensor([[4]], device=ids.device), ids)[0, -1].argmax() == END_ID
