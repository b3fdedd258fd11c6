"""The masking rule counted, its labels beside transformers', and a model that learns from it."""

import math

import pytest
import torch
import torch.nn.functional as F
import transformers

from jumok.bert import BertConfig, BertForPretraining
from jumok.data.subwords import BERT_TOKENS, SubwordTokenizer
from jumok.data.word_piece import SPECIAL_TOKENS, WordPiece
from jumok.masked_language_model import (
    NOT_PREDICTED,
    BertExample,
    MaskedLanguageObjective,
    MaskingRule,
    bert_example,
    draw_masked,
    evaluate_masked,
    fill_mask,
    mask_tokens,
    next_sentence_pairs,
    pseudo_perplexity,
)
from jumok.training import TrainingConfig, train

WORDS = ["the", "cat", "sat", "on", "mat", "dog", "slept", "rug"]
TOKENIZER = WordPiece([*SPECIAL_TOKENS, *WORDS])
RULE = MaskingRule(vocab_size=1000, mask_id=4, special_ids=(0, 1, 2, 3, 4))


def small_model(vocab_size: int = len(TOKENIZER)) -> BertForPretraining:
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size, d_model=32, num_heads=2, num_layers=2, d_ff=64, max_length=32, dropout=0.0
    )
    return BertForPretraining(config).eval()


def many_tokens(seed: int = 0) -> torch.Tensor:
    """400 texts of 100 ordinary tokens between [CLS] and [SEP], half of them padded."""
    draw = torch.Generator().manual_seed(seed)
    token_ids = torch.randint(5, 1000, (400, 102), generator=draw)
    token_ids[:, 0], token_ids[:, -1] = 2, 3
    token_ids[::2, 60:] = 0
    return token_ids


def test_the_shares_are_those_of_the_paper() -> None:
    token_ids = many_tokens()
    torch.manual_seed(1)
    seen, labels = mask_tokens(token_ids, RULE)
    chosen = labels != NOT_PREDICTED
    ordinary = ~torch.isin(token_ids, torch.tensor(RULE.special_ids))

    def within_four_deviations(count: int, trials: int, share: float) -> bool:
        return abs(count - trials * share) < 4 * math.sqrt(trials * share * (1 - share))

    total = int(chosen.sum())
    assert within_four_deviations(total, int(ordinary.sum()), 0.15)
    hidden = chosen & (seen == RULE.mask_id)
    kept = chosen & (seen == token_ids)
    assert within_four_deviations(int(hidden.sum()), total, 0.8)
    # 1 of 995 random tokens is the token itself
    assert within_four_deviations(int(kept.sum()), total, 0.1 + 0.1 / 995)
    replaced = seen[chosen & ~hidden & ~kept]
    assert not torch.isin(replaced, torch.tensor(RULE.special_ids)).any()
    assert len(replaced.unique()) > 300  # all over the vocabulary, not a few favourites


def test_what_is_not_chosen_stays_and_special_tokens_are_never_chosen() -> None:
    token_ids = many_tokens()
    for rule in (RULE, MaskingRule(1000, 4, (0, 1, 2, 3, 4), probability=1.0)):
        seen, labels = mask_tokens(token_ids, rule, generator=torch.Generator().manual_seed(0))
        chosen = labels != NOT_PREDICTED
        assert torch.equal(seen[~chosen], token_ids[~chosen])
        assert torch.equal(labels[chosen], token_ids[chosen])
        assert not chosen[torch.isin(token_ids, torch.tensor(rule.special_ids))].any()
    assert chosen.sum() == (token_ids > 4).sum()  # with probability 1, all the others


def test_the_stream_decides() -> None:
    token_ids = many_tokens()
    torch.manual_seed(7)
    first, again = mask_tokens(token_ids, RULE)[0], mask_tokens(token_ids, RULE)[0]
    assert not torch.equal(first, again)  # dynamic: another mask each time
    torch.manual_seed(7)
    assert torch.equal(mask_tokens(token_ids, RULE)[0], first)


def test_same_conventions_as_the_collator_of_transformers(tmp_path) -> None:
    """Without chance (everything chosen and hidden) both give the same ids and labels."""
    path = tmp_path / "vocab.txt"
    path.write_text("\n".join(TOKENIZER.vocabulary), "utf-8")
    theirs = transformers.BertTokenizer(str(path))
    collator = transformers.DataCollatorForLanguageModeling(
        theirs, mlm_probability=1.0, mask_replace_prob=1.0, random_replace_prob=0.0
    )
    texts = ["the cat sat on the mat", "the dog slept"]
    examples = [bert_example(TOKENIZER, text) for text in texts]
    expected = collator([{"input_ids": list(each.token_ids)} for each in examples])
    rule = MaskingRule(
        len(TOKENIZER), TOKENIZER.mask_id, TOKENIZER.special_ids, 1.0, masked=1.0, replaced=0.0
    )
    batch = MaskedLanguageObjective(rule).collate(examples)
    assert torch.equal(batch.token_ids, expected["input_ids"])
    assert torch.equal(batch.labels, expected["labels"])


def test_an_example_is_what_word_piece_encodes() -> None:
    first, second = "the cat sat on the mat", "the dog slept on the rug"
    for max_length in (None, 9, 4):
        example = bert_example(TOKENIZER, first, second, max_length=max_length)
        expected = TOKENIZER.batch([first], [second], max_length=max_length)
        assert list(example.token_ids) == expected.token_ids[0].tolist()
        assert list(example.segment_ids) == expected.segment_ids[0].tolist()
    assert list(bert_example(TOKENIZER, first).token_ids) == TOKENIZER.encode(first)


def test_an_example_of_a_subword_tokenizer() -> None:
    tokenizer = SubwordTokenizer.train(
        2 * ["the cat sat on the mat"], 64, special_tokens=BERT_TOKENS
    )
    example = bert_example(tokenizer, "the [MASK] sat", "on the mat")
    assert [tokenizer.vocabulary[each] for each in example.token_ids] == [
        "[CLS]",
        "▁the",
        "[MASK]",
        "▁sat",
        "[SEP]",
        "▁on",
        "▁the",
        "▁mat",
        "[SEP]",
    ]
    assert example.segment_ids == (0, 0, 0, 0, 0, 1, 1, 1, 1)
    assert MaskingRule.of(tokenizer).special_ids == tuple(range(7))


def test_next_sentence_pairs() -> None:
    documents = [[(number, place) for place in range(5)] for number in range(500)]
    pairs = next_sentence_pairs(documents, seed=3)
    assert len(pairs) == 4 * 500
    for first, second, is_next in pairs:
        following = (first[0], first[1] + 1)
        assert second == following if is_next else second[0] != first[0]
    share = sum(is_next for *_, is_next in pairs) / len(pairs)
    assert abs(share - 0.5) < 4 * math.sqrt(0.25 / len(pairs))
    elsewhere = [second for _, second, is_next in pairs if not is_next]
    assert {place for _, place in elsewhere} == set(range(5))
    assert len({number for number, _ in elsewhere}) > 400
    assert pairs == next_sentence_pairs(documents, seed=3) != next_sentence_pairs(documents)


def test_the_loss_by_hand() -> None:
    model = small_model()
    examples = [
        bert_example(TOKENIZER, "the cat sat", "on the mat", is_next=True),
        bert_example(TOKENIZER, "the cat", "the dog slept on the rug", is_next=False),
        bert_example(TOKENIZER, "the dog slept"),
    ]
    objective = MaskedLanguageObjective(MaskingRule.of(TOKENIZER, probability=0.5))
    torch.manual_seed(0)
    batch = objective.collate(examples)
    assert batch.follows.tolist() == [0, 1, NOT_PREDICTED]
    token_logits, next_logits = model(batch.token_ids, batch.segment_ids)  # at all positions
    expected = F.cross_entropy(token_logits.flatten(0, 1), batch.labels.flatten())
    expected = expected + F.cross_entropy(next_logits[:2], torch.tensor([0, 1]))
    torch.testing.assert_close(objective.loss(model, batch), expected)
    assert objective.count(batch) == int((batch.labels != NOT_PREDICTED).sum()) > 3


def test_without_pairs_or_without_masks_the_loss_is_still_a_number() -> None:
    model = small_model()
    objective = MaskedLanguageObjective(MaskingRule.of(TOKENIZER, probability=0.0))
    batch = objective.collate([bert_example(TOKENIZER, "the cat sat")])
    loss = objective.loss(model, batch)
    loss.backward()
    assert loss.item() == 0
    assert all(parameter.grad is not None for parameter in model.parameters())


def test_predicted_positions_alone_have_the_logits_of_all() -> None:
    model = small_model()
    token_ids = torch.tensor([[2, 5, 4, 7, 3, 0], [2, 4, 6, 4, 9, 3]])
    predict = token_ids == 4
    everywhere, _ = model(token_ids)
    some, _ = model(token_ids, predict=predict)
    torch.testing.assert_close(some, everywhere[predict])


def test_a_model_learns_what_stands_in_the_gap() -> None:
    texts = ["the cat sat on the mat", "the dog slept on the rug"]
    examples = [bert_example(TOKENIZER, text) for text in 20 * texts]
    model = small_model()
    rule = MaskingRule.of(TOKENIZER)
    before = evaluate_masked(model, examples, rule)
    config = TrainingConfig(200, batch_size=16, warmup_steps=20, learning_rate=3e-3)
    train(model, examples, config, objective=MaskedLanguageObjective(rule), progress=False)
    after = evaluate_masked(model, examples, rule)
    assert before.perplexity > 9 > 1.6 > after.perplexity
    assert after.accuracy > 0.9
    assert after.next_accuracy is None
    (guesses,) = fill_mask(model, TOKENIZER, "the [MASK] slept on the rug", top_k=2)
    assert guesses[0].token == "dog"
    assert guesses[0].probability > 0.8
    assert guesses[1].probability < 0.2
    assert pseudo_perplexity(model, TOKENIZER, texts) < 1.3
    assert pseudo_perplexity(model, TOKENIZER, ["mat the on cat the dog"]) > 5


def test_pairs_are_learned() -> None:
    pairs = [("the cat sat", "on the mat", True), ("the cat sat", "the dog slept", False)]
    pairs += [("the dog slept", "on the rug", True), ("the dog slept", "the cat sat", False)]
    examples = [
        bert_example(TOKENIZER, first, second, is_next=is_next)
        for first, second, is_next in 8 * pairs
    ]
    model = small_model()
    rule = MaskingRule.of(TOKENIZER)
    config = TrainingConfig(250, batch_size=32, warmup_steps=20, learning_rate=3e-3)
    train(model, examples, config, objective=MaskedLanguageObjective(rule), progress=False)
    scores = evaluate_masked(model, examples, rule)
    assert scores.next_accuracy is not None
    assert scores.next_accuracy > 0.9


def test_evaluation_leaves_no_trace_and_is_repeatable() -> None:
    model = small_model().train()
    examples = [bert_example(TOKENIZER, "the cat sat on the mat")] * 30
    rule = MaskingRule.of(TOKENIZER)
    state = torch.get_rng_state()
    first = evaluate_masked(model, examples, rule, batch_size=7)
    assert first == evaluate_masked(model, examples, rule, batch_size=7)
    assert first != evaluate_masked(model, examples, rule, batch_size=7, seed=1)
    assert torch.equal(torch.get_rng_state(), state)
    assert model.training


def test_perplexities_of_a_model_that_knows_nothing() -> None:
    """Uniform logits: the perplexity is the size of the vocabulary, whatever is asked."""
    model = small_model()
    with torch.no_grad():
        model.body.embedding.tokens.weight.zero_()
        model.masked_tokens.output_projection.bias.zero_()
    texts = ["the cat sat on the mat", "the dog slept"]
    size = len(TOKENIZER)
    examples = [bert_example(TOKENIZER, text) for text in 10 * texts]
    scores = evaluate_masked(model, examples, MaskingRule.of(TOKENIZER))
    assert scores.perplexity == pytest.approx(size, rel=1e-5)
    for batch_size in (1, 4):
        given = pseudo_perplexity(model, TOKENIZER, texts, batch_size=batch_size)
        assert given == pytest.approx(size, rel=1e-5)


@torch.no_grad()
def test_pseudo_perplexity_by_hand() -> None:
    model = small_model()
    text = "the cat sat"
    token_ids = torch.tensor([TOKENIZER.encode(text)])
    losses = []
    for place in (1, 2, 3):
        hidden = token_ids.clone()
        hidden[0, place] = TOKENIZER.mask_id
        losses.append(F.cross_entropy(model(hidden)[0][0, place], token_ids[0, place]))
    expected = torch.stack(losses).mean().exp().item()
    assert pseudo_perplexity(model, TOKENIZER, [text], batch_size=2) == pytest.approx(expected)


@torch.no_grad()
def test_several_masks_and_a_second_text() -> None:
    model = small_model()
    found = fill_mask(model, TOKENIZER, "the [MASK] sat", "on the [MASK]", top_k=3)
    assert [len(guesses) for guesses in found] == [3, 3]
    encoding = TOKENIZER.batch(["the [MASK] sat"], ["on the [MASK]"])
    logits, _ = model(encoding.token_ids, encoding.segment_ids)
    expected = logits[0][encoding.token_ids[0] == TOKENIZER.mask_id].softmax(dim=-1).topk(3)
    assert [[guess.token for guess in guesses] for guesses in found] == [
        [TOKENIZER.vocabulary[each] for each in row] for row in expected.indices.tolist()
    ]
    given = torch.tensor([[guess.probability for guess in guesses] for guesses in found])
    torch.testing.assert_close(given, expected.values)


def test_examples_go_through_the_loop_as_they_are() -> None:
    """Named tuples: batches of similar length, checkpoints that know their data."""
    objective = MaskedLanguageObjective(MaskingRule.of(TOKENIZER))
    example = BertExample((2, 5, 6, 3), (0, 0, 0, 0))
    assert objective.lengths(example) == (4,)


class Repeats(BertForPretraining):
    """Wants the word that it sees somewhere; *cat* or *dog*, evenly, where there is none."""

    def forward(self, token_ids, segment_ids=None, *, mask=None, predict=None):
        logits = torch.full((*token_ids.shape, len(TOKENIZER)), -20.0)
        logits[..., list(TOKENIZER.special_ids)] = 20.0  # what nobody may write
        cat, dog = TOKENIZER.ids(["cat", "dog"])
        for row, ids in enumerate(token_ids.tolist()):
            for word in {cat, dog} & set(ids) or {cat, dog}:
                logits[row, :, word] = 0.0
        return logits[predict], torch.zeros(len(token_ids), 2)


def test_gaps_are_drawn_one_after_the_other_or_all_at_once() -> None:
    model = Repeats(BertConfig(len(TOKENIZER), d_model=8, num_heads=1, num_layers=1, d_ff=8)).eval()
    rule = MaskingRule.of(TOKENIZER)
    text = bert_example(TOKENIZER, "the [MASK] sat on [MASK]")
    seen = torch.tensor([text.token_ids, (*text.token_ids[:-2], 3, 0)]).repeat(100, 1)
    kept = seen != rule.mask_id
    same = {}
    for together in (False, True):
        draw = torch.Generator().manual_seed(0)
        filled = draw_masked(model, seen, rule, together=together, generator=draw)
        assert torch.equal(filled[kept], seen[kept])
        assert set(filled[~kept].tolist()) == set(TOKENIZER.ids(["cat", "dog"]))
        two_gaps = filled[::2][~kept[::2]].view(-1, 2)
        same[together] = (two_gaps[:, 0] == two_gaps[:, 1]).float().mean()
        again = torch.Generator().manual_seed(0)
        assert torch.equal(
            filled, draw_masked(model, seen, rule, together=together, generator=again)
        )
    assert same[False] == 1
    assert 0.3 < same[True] < 0.7


def test_without_gaps_nothing_is_drawn() -> None:
    text = torch.tensor([bert_example(TOKENIZER, "the cat sat").token_ids])
    assert torch.equal(draw_masked(small_model(), text, MaskingRule.of(TOKENIZER)), text)
