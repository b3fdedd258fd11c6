"""The causal language model: equal to GPT-2, causal, cached, trained, and how it samples."""

import json
import math
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from jumok.causal_language_model import CausalLanguageModel, CausalLanguageModelConfig
from jumok.data.sentences import recognize, sentences
from jumok.pretrained import gpt2, gpt2_config, read_checkpoint
from jumok.sampling import (
    Novelty,
    apply_temperature,
    generate,
    keep_top_k,
    keep_top_p,
    novelty,
    perplexity,
)
from jumok.training import TrainingConfig, train

transformers = pytest.importorskip("transformers")

SMALL = CausalLanguageModelConfig(
    vocab_size=20, d_model=16, num_heads=2, num_layers=2, d_ff=32, max_length=24, pad_id=0
)


@pytest.fixture
def theirs() -> torch.nn.Module:
    torch.manual_seed(1)
    config = transformers.GPT2Config(
        vocab_size=90,
        n_embd=48,
        n_head=4,
        n_layer=3,
        n_positions=32,
        bos_token_id=1,
        eos_token_id=2,
    )
    model = transformers.GPT2LMHeadModel(config).eval()
    for parameter in model.parameters():  # biases and norms too: all weights have a say
        parameter.data += 0.1 * torch.randn_like(parameter)
    return model


@pytest.fixture
def folder(theirs: torch.nn.Module, tmp_path: Path) -> Path:
    theirs.save_pretrained(tmp_path)
    return tmp_path


def test_gpt2_has_transformers_logits(theirs, folder):
    checkpoint = read_checkpoint(folder)
    ours = gpt2(checkpoint.config, checkpoint.weights)
    token_ids = torch.randint(0, 90, (3, 17))
    with torch.no_grad():
        torch.testing.assert_close(ours(token_ids), theirs(token_ids).logits, atol=1e-5, rtol=1e-5)
    greedy = generate(ours, token_ids, max_new_tokens=10, temperature=0)
    no_end = {"attention_mask": torch.ones_like(token_ids), "eos_token_id": None}
    expected = theirs.generate(token_ids, max_new_tokens=10, do_sample=False, **no_end)
    assert expected.tolist() == [row[: expected.size(1)] for row in greedy.tolist()]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda w: w.pop("transformer.h.1.mlp.c_fc.bias"), "lacks decoder.layers.1.feed_forward"),
        (lambda w: w.update(extra=torch.ones(1)), "weights without a place: extra"),
        (
            lambda w: w.update({"transformer.wpe.weight": torch.zeros(31, 48)}),
            r"expected embedding.positions \(32, 48\), got \(31, 48\)",
        ),
        (
            lambda w: w.update({"lm_head.weight": torch.zeros(90, 48)}),
            "lm_head.weight should be wte.weight",
        ),
    ],
)
def test_damaged_checkpoints(folder, change, message):
    weights = load_file(folder / "model.safetensors")
    change(weights)
    save_file(weights, folder / "model.safetensors")
    checkpoint = read_checkpoint(folder)
    with pytest.raises(ValueError, match=message):
        gpt2(checkpoint.config, checkpoint.weights)


def test_other_models_are_refused(folder):
    config = json.loads((folder / "config.json").read_text())
    with pytest.raises(ValueError, match="expected a GPT-2 with model_type 'gpt2', got 'bert'"):
        gpt2_config(config | {"model_type": "bert"})
    with pytest.raises(ValueError, match="expected activation_function to be one of"):
        gpt2_config(config | {"activation_function": "swish"})


def test_the_past_does_not_know_the_future():
    model = CausalLanguageModel(SMALL).eval()
    text = torch.randint(1, 20, (2, 9))
    changed = text.clone()
    changed[:, 5:] = torch.randint(1, 20, (2, 4))
    with torch.no_grad():
        torch.testing.assert_close(model(text)[:, :5], model(changed)[:, :5])
    for weights in model.attention_weights(text):
        assert not weights.triu(diagonal=1).any()


def test_padding_changes_nothing():
    model = CausalLanguageModel(SMALL).eval()
    text = torch.randint(1, 20, (1, 6))
    padded = torch.cat([text, torch.zeros(1, 3, dtype=torch.long)], dim=1)
    with torch.no_grad():
        torch.testing.assert_close(model(padded)[:, :6], model(text))


@pytest.mark.parametrize("options", [{"temperature": 0}, {"top_k": 5}, {"top_p": 0.8}])
def test_cached_and_uncached_write_alike(options):
    model = CausalLanguageModel(SMALL)
    prompts = torch.randint(1, 20, (4, 3))
    written = [
        generate(model, prompts, max_new_tokens=12, end_id=2, use_cache=use_cache, **options)
        for use_cache in (True, False)
    ]
    assert torch.equal(*written)
    assert torch.equal(written[0][:, :3], prompts)
    for row in written[0][:, 3:].tolist():
        if 2 in row:
            assert set(row[row.index(2) :]) == {2}


# --- Sampling --------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(5))
def test_filters_are_those_of_transformers(seed):
    generator = torch.Generator().manual_seed(seed)
    logits = 3 * torch.randn(4, 50, generator=generator)
    warpers = transformers.generation.logits_process
    for value in (0.3, 0.7, 1.0, 2.5):
        expected = warpers.TemperatureLogitsWarper(value)(None, logits)
        torch.testing.assert_close(apply_temperature(logits, value), expected)
    for k in (1, 5, 50, 80):
        assert torch.equal(keep_top_k(logits, k), warpers.TopKLogitsWarper(k)(None, logits))
    for p in (0.05, 0.5, 0.9, 0.99):
        assert torch.equal(keep_top_p(logits, p), warpers.TopPLogitsWarper(p)(None, logits))


def test_filters_by_hand():
    logits = torch.tensor([0.4, 0.3, 0.2, 0.1]).log()
    assert keep_top_k(logits, 2).softmax(-1).tolist() == pytest.approx([4 / 7, 3 / 7, 0, 0])
    assert keep_top_p(logits, 0.75).softmax(-1).tolist() == pytest.approx([4 / 9, 3 / 9, 2 / 9, 0])
    assert keep_top_p(logits, 0.1).softmax(-1).tolist() == [1, 0, 0, 0]
    assert torch.equal(keep_top_p(logits, 1.0), logits)
    squared = [16 / 30, 9 / 30, 4 / 30, 1 / 30]
    assert apply_temperature(logits, 0.5).softmax(-1).tolist() == pytest.approx(squared)


def test_samples_follow_the_probabilities():
    model = CausalLanguageModel(SMALL).eval()
    prompt = torch.tensor([[1]])
    with torch.no_grad():
        logits = model(prompt)[0, -1]
        expected = torch.cat([torch.tensor([-torch.inf]), logits[1:]]).softmax(-1)  # no padding
    drawn = generate(model, prompt.repeat(20_000, 1), max_new_tokens=1, seed=3)[:, -1]
    found = torch.bincount(drawn, minlength=20) / len(drawn)
    torch.testing.assert_close(found, expected, atol=0.01, rtol=0)


def test_perplexity():
    model = CausalLanguageModel(SMALL)
    with torch.no_grad():
        model.embedding.tokens.weight.zero_()  # every token is as probable as every other
    assert perplexity(model, [[5, 6, 7], [8]]) == pytest.approx(20)
    model = CausalLanguageModel(SMALL).eval()
    texts = [[5, 6, 7], [8], [9, 10, 4, 4, 3]]
    total, count = 0.0, 0
    for text in texts:  # one by one, without padding
        read, write = torch.tensor([[1, *text]]), [*text, 2]
        log_probabilities = model(read)[0].log_softmax(-1)
        total -= sum(log_probabilities[i, token].item() for i, token in enumerate(write))
        count += len(write)
    assert perplexity(model, texts, batch_size=2) == pytest.approx(math.exp(total / count))


def test_novelty_of_copies_babble_and_sentences():
    known = [sentence.english for sentence in sentences("train", 200, seed=1)]
    unknown = [sentence.english for sentence in sentences("new patterns", 30)]

    def is_sentence(text: str) -> bool:
        return recognize(text, "english") is not None

    assert novelty(known[:30], known, is_sentence) == Novelty(1.0, 0.0, 0.0, 1.0)
    babble = [" ".join(reversed(text.split())) for text in known[:30]]
    assert novelty(babble, known, is_sentence) == Novelty(0.0, 1.0, 0.0, 1.0)
    mixed = [*known[:30], *babble, *unknown, *unknown]
    assert novelty(mixed, known, is_sentence) == Novelty(0.75, 0.75, 0.5, 0.75)


# --- Training --------------------------------------------------------------------------------


def counting_texts() -> list[list[int]]:
    """Each token is the one before it plus 1: after the first, nothing is left to guess."""
    return [[4 + (start + i) % 16 for i in range(4 + start % 5)] for start in range(64)]


def test_it_learns_to_count(device):
    torch.manual_seed(0)
    model = CausalLanguageModel(SMALL)
    before = perplexity(model, counting_texts())
    config = TrainingConfig(
        steps=150, batch_size=16, warmup_steps=20, learning_rate=0.01, smoothing=0.0
    )
    history = train(model, counting_texts(), config, progress=False)
    assert len(history.losses) == 150
    assert perplexity(model, counting_texts()) < 3 < before
    written = generate(model, torch.tensor([[1, 6, 7]]), max_new_tokens=3, temperature=0)
    assert written[0, 3:5].tolist() == [8, 9]


def test_a_resumed_training_arrives_at_the_same_weights(tmp_path):
    texts = counting_texts()

    def trained(steps: int, checkpoint: Path | None = None) -> CausalLanguageModel:
        torch.manual_seed(0)
        model = CausalLanguageModel(SMALL)
        config = TrainingConfig(steps=steps, batch_size=8, warmup_steps=5)
        train(model, texts, config, checkpoint=checkpoint, progress=False)
        return model

    path = tmp_path / "model.pt"
    trained(6, path)
    resumed, whole = trained(12, path), trained(12)
    for ours, expected in zip(resumed.parameters(), whole.parameters(), strict=True):
        assert torch.equal(ours, expected)
