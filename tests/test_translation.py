"""Translators: training, saving, explaining; and what the models of the pages reach."""

import pytest
import torch

from jumok.data.dates import date_pairs
from jumok.data.french_english import CAT_ON_THE_MAT, alignment_accuracy, sentence_pairs
from jumok.training import TrainingConfig
from jumok.translation import (
    FRENCH_ENGLISH_TRAINING,
    date_translator,
    french_english_translator,
)


@pytest.fixture(scope="module")
def french_english():
    translator = french_english_translator()
    translator.train(sentence_pairs("train", 5000), FRENCH_ENGLISH_TRAINING, progress=False)
    return translator


def test_french_english_translates_held_out_sentences(french_english):
    assert french_english.exact_match(sentence_pairs("held-out", 300)) >= 0.99
    assert french_english.translate(["Le chat est sur le tapis"]) == ["the cat is on the mat"]
    assert french_english.translate(["le chat est sur le tapis"], beam_size=4) == [
        "the cat is on the mat"
    ]


def test_cross_attention_finds_the_word_that_is_translated(french_english):
    accuracies = []
    for pair in sentence_pairs("held-out", 100):
        weights = french_english.explain(pair.source, pair.target).weights.cross[-1]
        accuracies.append(alignment_accuracy(weights[0].mean(dim=0), pair.alignment))
    assert sum(accuracies) / len(accuracies) >= 0.95


def test_explain_names_rows_and_columns(french_english):
    explained = french_english.explain("Le chat est sur le tapis")
    assert explained.text == CAT_ON_THE_MAT.target
    assert explained.source_tokens == ["le", "chat", "est", "sur", "le", "tapis"]
    assert explained.target_tokens == ["the", "cat", "is", "on", "the", "mat", "<END>"]
    (cross,) = explained.weights.cross
    assert cross.shape == (1, 2, 7, 6)
    torch.testing.assert_close(cross.sum(dim=-1), torch.ones_like(cross[..., 0]))


def test_saved_model_translates_the_same(tmp_path):
    translator = date_translator("en-ko", d_model=16, num_heads=2, d_ff=16)
    pairs = date_pairs("train", "en-ko", count=64)
    translator.train(pairs, TrainingConfig(steps=2, warmup_steps=1), progress=False)
    path = tmp_path / "new" / "model.safetensors"
    translator.save(path)
    again = date_translator("en-ko", seed=5, d_model=16, num_heads=2, d_ff=16)
    again.load(path)
    texts = [pair.source for pair in pairs]
    assert again.translate(texts) == translator.translate(texts)
    assert [file.name for file in path.parent.iterdir()] == ["model.safetensors"]

    with pytest.raises(ValueError, match="holds another model: its config differs"):
        date_translator("en-ko").load(path)
    with pytest.raises(FileNotFoundError, match="no model at"):
        again.load(tmp_path / "nothing")
    path.write_text("damaged")
    with pytest.raises(ValueError, match="is not a saved model"):
        again.load(path)


def test_seed_decides_the_weights():
    first, same, other = (date_translator(seed=seed).model for seed in (1, 1, 2))
    for left, right in zip(first.parameters(), same.parameters(), strict=True):
        assert torch.equal(left, right)
    embeddings = [model.source_embedding.tokens.weight for model in (first, other)]
    assert not torch.equal(*embeddings)
