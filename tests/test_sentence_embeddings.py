"""all-MiniLM-L6-v2 in our encoder against transformers' model and sentence-transformers' recipe."""

from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
import transformers

from jumok.sentence_embeddings import SentenceEncoder, load_minilm, mean_pool
from jumok.transformer import count_parameters

SENTENCES = [
    "The animal didn't cross the street because it was too tired.",
    "I love transformers",
    "어텐션은 어렵지 않습니다.",
    "A man is playing a guitar; somebody listens to him, and nobody else is in the room.",
]


@pytest.fixture(scope="module")
def encoder(minilm: Path) -> SentenceEncoder:
    return load_minilm()


@pytest.fixture(scope="module")
def expected(minilm: Path):
    model = transformers.BertModel.from_pretrained(minilm, attn_implementation="eager").eval()
    tokenizer = transformers.BertTokenizer.from_pretrained(minilm)
    batch = tokenizer(SENTENCES, padding=True, return_tensors="pt")
    with torch.no_grad():
        return batch, model(**batch, output_hidden_states=True, output_attentions=True)


def test_every_weight_is_in_our_model(encoder: SentenceEncoder) -> None:
    assert count_parameters(encoder.body) == 22_713_216


@torch.no_grad()
def test_hidden_states_and_attention_equal_transformers(encoder, expected) -> None:
    batch, output = expected
    ids = encoder.batch(SENTENCES).token_ids
    assert ids.tolist() == batch["input_ids"].tolist()
    is_token = (ids != 0).cpu()
    for state, theirs in zip(encoder.body.hidden_states(ids), output.hidden_states, strict=True):
        torch.testing.assert_close(state.cpu()[is_token], theirs[is_token], atol=1e-5, rtol=0)
    pooled = encoder.body(ids).pooled.cpu()
    torch.testing.assert_close(pooled, output.pooler_output, atol=1e-5, rtol=0)
    for ours, theirs in zip(encoder.body.attention_weights(ids), output.attentions, strict=True):
        torch.testing.assert_close(ours.cpu(), theirs, atol=1e-5, rtol=1e-4)


def test_embeddings_follow_the_published_recipe(encoder, expected) -> None:
    batch, output = expected
    mask = batch["attention_mask"][..., None].float()  # the model card's code
    pooled = (output.last_hidden_state * mask).sum(1) / mask.sum(1).clamp(min=1e-9)
    torch.testing.assert_close(
        encoder(SENTENCES).cpu(), F.normalize(pooled, dim=1), atol=1e-5, rtol=0
    )


def test_batches_change_nothing(encoder) -> None:
    together, alone = encoder(SENTENCES), encoder(SENTENCES, batch_size=1)
    torch.testing.assert_close(together, alone, atol=1e-5, rtol=0)


def test_what_is_similar_is_near(encoder) -> None:
    one, same, other = encoder(
        ["A man is eating food.", "Somebody has a meal.", "The stock market fell on Monday."]
    )
    assert one @ same > 0.5 > 0.2 > one @ other


def test_mean_pool_of_nothing() -> None:
    nothing = torch.zeros(1, 3, dtype=torch.bool)
    assert mean_pool(torch.ones(1, 3, 2), nothing).tolist() == [[0, 0]]
