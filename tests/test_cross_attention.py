"""The weights of cross-attention by word and piece, against a calculation from queries and keys."""

import re

import pytest
import torch

from jumok.data.letters import letter
from jumok.pipelines import pipeline
from jumok.pipelines.cross_attention import cross_attention

pytest.importorskip("transformers")
LETTER = letter("new names", 1)


@pytest.fixture(scope="module")
def translator():
    return pipeline("translation_ko_to_en", device="cpu")


def weights_from_queries_and_keys(run, text, layer):
    """(target, source): T5 neither scales nor adds positions in its cross-attention."""
    (window,) = run.preprocess(text, prefix=run.options["prefix"])
    ids = torch.tensor([window.inputs["input_ids"]])
    module = run.model.decoder.block[layer].layer[1].EncDecAttention
    kept = {}
    hooks = [
        getattr(module, name).register_forward_hook(
            lambda _, inputs, output, name=name: kept.__setitem__(name, output[0])
        )
        for name in "qk"
    ]
    target = run.model.generate(ids, num_beams=1)
    with torch.no_grad():
        run.model(input_ids=ids, decoder_input_ids=target[:, :-1])
    for hook in hooks:
        hook.remove()
    query, key = (kept[name].unflatten(-1, (module.n_heads, -1)) for name in "qk")
    scores = torch.einsum("thd,shd->hts", query, key)
    return scores.softmax(dim=-1).mean(dim=0), target[0, 1:], window


@pytest.mark.parametrize("layer", [0, -1])
def test_weights_are_those_of_queries_and_keys(translator, layer):
    text = LETTER.text("ko")
    expected, target, window = weights_from_queries_and_keys(translator, text, layer)
    found = cross_attention(translator, text, LETTER.sentences("ko"), layer=layer)

    # the first word that was written, and the text's last sentence
    tokens = translator.tokenizer.convert_ids_to_tokens(target)
    first_word = next(i for i, token in enumerate(tokens[1:], 1) if token.startswith("▁"))
    begins = len(translator.options["prefix"]) + len(text) - len(LETTER.sentences("ko")[-1])
    last_sentence = [
        place
        for place, (start, stop) in enumerate(window.encoding.offsets)
        if start >= begins - 1 and stop > begins  # a token may begin with the space
    ]
    by_hand = expected[:first_word, last_sentence].sum(dim=1).mean()
    assert found.weights[0, -1].item() == pytest.approx(by_hand.item(), abs=1e-5)


def test_words_are_those_of_the_translation(translator):
    text = LETTER.text("ko")
    found = cross_attention(translator, text)
    (answer,) = translator(text)
    assert " ".join(found.words) == re.sub(r"\s+", " ", answer["translation_text"]).strip()
    assert found.pieces == text.split()
    assert found.weights.shape == (len(found.words), len(found.pieces))
    assert (found.weights.sum(dim=1) <= 1 + 1e-5).all()


def test_all_pieces_together_are_one_piece(translator):
    text = LETTER.text("ko")
    words = cross_attention(translator, text)
    whole = cross_attention(translator, text, [text])
    torch.testing.assert_close(words.weights.sum(dim=1, keepdim=True), whole.weights)


def test_the_implementation_of_attention_is_the_usual_again(translator):
    before = translator.model.config._attn_implementation
    cross_attention(translator, LETTER.text("ko"))
    assert translator.model.config._attn_implementation == before


def test_pieces_that_are_not_the_text_are_refused(translator):
    with pytest.raises(ValueError, match="expected pieces that are the text"):
        cross_attention(translator, LETTER.text("ko"), LETTER.sentences("ko")[1:])
