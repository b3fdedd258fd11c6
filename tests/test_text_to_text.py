"""Text to text: spans against hand cases and their inverse, T5's shift, the start token, mixing."""

import random
from itertools import groupby
from typing import get_args

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from jumok.data import END_ID, PAD_ID, START_ID
from jumok.data.sentences import sentences
from jumok.text_to_text import (
    PREFIXES,
    SENTINELS,
    Task,
    corrupt_spans,
    random_parts,
    restore_spans,
    sample_spans,
    span_pairs,
    target_perplexity,
    task_pairs,
    text_to_text_model,
    text_to_text_tokenizer,
)
from jumok.training import TrainingConfig, collate

SENTINEL_IDS = list(range(1000, 1100))


def small(**fields):
    shape = {"d_model": 16, "num_heads": 2, "d_ff": 32}
    return text_to_text_model(**{**shape, **fields})


# --- Spans -----------------------------------------------------------------------------------


def test_the_example_of_the_paper():
    """Figure 2: *Thank you for inviting me to your party last week.*"""
    words = "Thank you <for inviting> me to your party <last> week .".split()  # noqa: SIM905
    text = " ".join(words).replace("<", "").replace(">", "").split()
    is_missing = torch.tensor([word in ("for", "inviting", "last") for word in text])
    source, target = corrupt_spans(range(len(text)), is_missing, SENTINEL_IDS)

    def written(ids):
        return " ".join("XYZ"[i - 1000] if i >= 1000 else text[i] for i in ids)

    assert written(source) == "Thank you X me to your party Y week ."
    assert written(target) == "X for inviting Y last Z"


def test_spans_at_both_ends():
    is_missing = torch.tensor([True, True, False, True])
    assert corrupt_spans([1, 2, 3, 4], is_missing, SENTINEL_IDS) == (
        [1000, 3, 1001],
        [1000, 1, 2, 1001, 4, 1002],
    )


@given(
    length=st.integers(2, 300),
    seed=st.integers(0, 10**6),
    density=st.floats(0.01, 0.99),
    mean_length=st.floats(1, 10),
)
def test_sampled_spans_are_as_many_as_asked_for(length, seed, density, mean_length):
    is_missing = sample_spans(length, random.Random(seed), density=density, mean_length=mean_length)
    missing = min(max(round(length * density), 1), length - 1)
    assert len(is_missing) == length
    assert is_missing.sum() == missing
    spans = sum(missing for missing, _ in groupby(is_missing.tolist()))
    most = min(missing, length - missing + 1)
    assert spans == min(max(round(missing / mean_length), 1), most)


def test_fifteen_in_a_hundred_in_spans_of_three():
    draw = random.Random(0)
    masks = [sample_spans(200, draw).tolist() for _ in range(200)]
    assert {sum(mask) for mask in masks} == {30}
    lengths = [len(list(run)) for mask in masks for is_span, run in groupby(mask) if is_span]
    assert sum(lengths) / len(lengths) == 3
    assert max(lengths) > 6  # lengths differ
    # every place is as likely to go missing as any other, the ends included
    share = torch.tensor(masks, dtype=torch.float).mean(dim=0)
    assert share[:10].mean() > 0.1
    assert share[-10:].mean() > 0.1


@given(
    total=st.integers(1, 60).flatmap(lambda n: st.tuples(st.just(n), st.integers(1, n))),
    seed=st.integers(0, 1000),
)
def test_parts_are_positive_and_add_up(total, seed):
    total, parts = total
    found = random_parts(total, parts, random.Random(seed))
    assert len(found) == parts
    assert min(found) >= 1
    assert sum(found) == total


@given(
    token_ids=st.lists(st.integers(0, 999), min_size=2, max_size=120),
    seed=st.integers(0, 10**6),
    density=st.floats(0.05, 0.95),
)
def test_to_restore_is_the_inverse_of_to_corrupt(token_ids, seed, density):
    is_missing = sample_spans(len(token_ids), random.Random(seed), density=density)
    source, target = corrupt_spans(token_ids, is_missing, SENTINEL_IDS)
    assert restore_spans(source, target, SENTINEL_IDS) == token_ids
    assert len(source) + len(target) == len(token_ids) + 2 * source_sentinels(source) + 1
    assert target[-1] >= 1000  # a sentinel closes the last span


def source_sentinels(source):
    return sum(token_id >= 1000 for token_id in source)


def test_restoring_what_a_model_wrote_wrongly():
    source = [1, 1000, 2, 1001, 3]
    assert restore_spans(source, [1001, 9, 1002], SENTINEL_IDS) == [1, 2, 9, 3]
    assert restore_spans(source, [7, 1000, 8, 1005, 6], SENTINEL_IDS) == [1, 8, 2, 3]
    assert restore_spans(source, [], SENTINEL_IDS) == [1, 2, 3]


def test_span_pairs_hold_each_text_and_follow_the_seed():
    tokenizer = text_to_text_tokenizer()
    sentinel_ids = [tokenizer.vocabulary.index(token) for token in SENTINELS]
    texts = [text for each in sentences("train", 50) for text in (each.korean, each.english)]
    pairs = span_pairs(texts, tokenizer, seed=1)
    for text, (source, target) in zip(texts, pairs, strict=True):
        assert tokenizer.decode(restore_spans(source, target, sentinel_ids)) == text
    assert pairs == span_pairs(texts, tokenizer, seed=1)
    assert pairs != span_pairs(texts, tokenizer, seed=2)


# --- The convention of T5 --------------------------------------------------------------------


def test_the_decoder_reads_what_t5_reads():
    from transformers import T5Config, T5ForConditionalGeneration

    config = T5Config(
        vocab_size=50,
        d_model=8,
        d_kv=4,
        d_ff=8,
        num_layers=1,
        num_heads=2,
        pad_token_id=PAD_ID,
        eos_token_id=END_ID,
        decoder_start_token_id=PAD_ID,
    )
    t5 = T5ForConditionalGeneration(config)
    batch = collate([([5, 6], [7, 8, 9]), ([5], [4])], start_id=PAD_ID)
    labels = batch.target_output.masked_fill(batch.target_output == PAD_ID, -100)
    shifted = t5.prepare_decoder_input_ids_from_labels(labels=labels)
    counts = batch.target_output != PAD_ID  # behind the end token T5 reads it, ours padding
    assert torch.equal(batch.target_input[counts], shifted[counts])
    assert batch.target_input[:, 0].tolist() == [PAD_ID, PAD_ID]


def test_no_sentinel_and_no_prefix_is_in_the_way():
    tokenizer = text_to_text_tokenizer()
    assert len({*SENTINELS} & {*tokenizer.vocabulary}) == 100
    for prefix in PREFIXES.values():
        assert tokenizer.unknown(prefix) == []
        assert tokenizer.decode(tokenizer.encode(f"{prefix} 고양이")) == f"{prefix} 고양이"


# --- Tasks -----------------------------------------------------------------------------------


def test_pairs_of_every_task():
    sentence = next(
        each for each in sentences("train", 5000, genres=["everyday"]) if each.topic == "nature"
    )
    korean, english = sentence.korean, sentence.english
    found = {task: task_pairs([sentence, sentence], task) for task in get_args(Task)}
    pairs = {task: [(pair.source, pair.target) for pair in of] for task, of in found.items()}
    assert pairs == {
        "korean to english": 2 * [(f"translate Korean to English: {korean}", english)],
        "english to korean": 2 * [(f"translate English to Korean: {english}", korean)],
        "classify": [(f"classify: {korean}", "nature"), (f"classify: {english}", "nature")],
    }


# --- The model -------------------------------------------------------------------------------


def test_training_and_writing_begin_with_padding():
    model = small(num_encoder_layers=1, num_decoder_layers=1)
    pairs = task_pairs(sentences("train", 8), "classify")
    # A start id in the configuration doesn't matter: the model's own is taken.
    config = TrainingConfig(steps=150, batch_size=8, warmup_steps=10, learning_rate=0.01)
    model.train(pairs, config, progress=False)
    assert model.exact_match(pairs) == 1
    ids = model.id_pairs(pairs)
    assert target_perplexity(model, ids) < 2
    wrong = text_to_text_model(d_model=16, num_heads=2, d_ff=32)
    assert wrong.start_id == PAD_ID != START_ID
    assert model.explain(pairs[0].source).text == pairs[0].target


def test_the_start_takes_part_although_padding_is_masked():
    """Its vector is what the first answer is computed from; nothing is NaN."""
    model = small().model
    source = torch.tensor([[10, 11, 12]])
    with torch.no_grad():
        padded = model(source, torch.tensor([[PAD_ID, 20, 21]]))
        started = model(source, torch.tensor([[START_ID, 20, 21]]))
    assert padded.isfinite().all()
    assert not torch.allclose(padded[:, 0], started[:, 0])


def test_perplexity_is_that_of_cross_entropy():
    model = small()
    pairs = span_pairs([each.korean for each in sentences("train", 30)], model.source_tokenizer)
    losses = []
    for source, target in pairs:  # one at a time, without padding
        labels = torch.tensor([[*target, END_ID]])
        with torch.no_grad():
            logits = model.model.eval()(torch.tensor([source]), torch.tensor([[PAD_ID, *target]]))
        losses.append(torch.nn.functional.cross_entropy(logits[0], labels[0], reduction="none"))
    expected = torch.cat(losses).mean().exp().item()
    assert target_perplexity(model, pairs, batch_size=7) == pytest.approx(expected, rel=1e-4)


def test_the_model_of_a_seed():
    first, same, other = (small(seed=seed).model.encoder.state_dict() for seed in (0, 0, 1))
    name = "layers.0.feed_forward.expand.weight"
    assert torch.equal(first[name], same[name])
    assert not torch.equal(first[name], other[name])
