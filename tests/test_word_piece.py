"""Our WordPiece against transformers' tokenizer, on a small vocabulary and on the real one."""

import string
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers import BertTokenizer

from jumok.data.word_piece import SPECIAL_TOKENS, WordPiece

LETTERS = string.ascii_letters + "éÀüßñΑΣςд中文語かナ가힣각ㄱ"
OTHERS = " \t\n\u00a0\u3000.,!?'$^`~-“…。\u200b\ufeff\x00\ufffd🙂"
CASED = ["un", "##aff", "##able", "Un", "the", "a", "가", "##힣", "中", "!", "$"]
UNCASED = ["un", "##aff", "##able", "the", "a", "##e", "\u1100", "##\u1161", "中", "!", "$", "ss"]
pieces = (*string.ascii_lowercase, *(f"##{each}" for each in string.ascii_lowercase))
texts = st.text(alphabet=st.sampled_from(LETTERS + OTHERS + "unaffable" * 3), max_size=30)


@pytest.fixture(scope="module", params=[True, False], ids=["uncased", "cased"])
def both(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory):
    file = tmp_path_factory.mktemp("vocabulary") / "vocab.txt"
    words = UNCASED if request.param else CASED
    tokens = [*SPECIAL_TOKENS, *dict.fromkeys([*words, *pieces])]
    file.write_text("\n".join(tokens) + "\n", "utf-8")
    theirs = BertTokenizer(
        vocab={token: i for i, token in enumerate(tokens)}, do_lower_case=request.param
    )
    return WordPiece.from_file(file, uncased=request.param), theirs


@settings(deadline=None, max_examples=300)
@given(text=texts)
def test_ids_are_those_of_transformers(both, text: str) -> None:
    ours, theirs = both
    assert ours.encode(text) == theirs(text)["input_ids"]


def test_ids_are_those_of_transformers_with_the_real_vocabulary(minilm: Path) -> None:
    ours = WordPiece.from_file(minilm / "vocab.txt")
    theirs = BertTokenizer.from_pretrained(minilm)

    @settings(deadline=None, max_examples=300)
    @given(text=texts)
    def same(text: str) -> None:
        assert ours.encode(text) == theirs(text)["input_ids"]

    same()
    assert ours.encode("I love transformers") == [101, 1045, 2293, 19081, 102]
    for text in (
        "Hello, there",
        "Tensorflow is a great framework for NLP",
        "어텐션은 쉽다",
        "x" * 101,
    ):
        assert ours.encode(text) == theirs(text)["input_ids"]


@pytest.mark.parametrize(
    "text", ["the [MASK] affable", "a[MASK]b", "[CLS] the [SEP]", "[mask]", "[PAD][UNK]", "[MASK"]
)
def test_special_tokens_in_a_text(both, text: str) -> None:
    ours, theirs = both
    assert ours.encode(text) == theirs(text)["input_ids"]


def test_pairs_are_padded_and_told_apart_as_by_transformers(both) -> None:
    ours, theirs = both
    first, second = ["unaffable the", "a"], ["the", "the unaffable a !"]
    expected = theirs(first, second, padding=True)
    encoding = ours.batch(first, second)
    assert encoding.token_ids.tolist() == expected["input_ids"]
    assert encoding.segment_ids.tolist() == expected["token_type_ids"]


def test_truncation(both) -> None:
    ours, theirs = both
    text = "unaffable the a unaffable"
    for length in range(2, 14):
        expected = theirs(text, truncation=True, max_length=length)["input_ids"]
        assert ours.encode(text, max_length=length) == expected
    # The longer one loses first; of two of one length, the second.
    assert ours.encode("a a a a", "the", max_length=6) == ours.encode("a a", "the")
    assert ours.encode("a a", "the the", max_length=6) == ours.encode("a a", "the")


def test_decoding_joins_pieces_and_composes_hangul(minilm: Path) -> None:
    ours = WordPiece.from_file(minilm / "vocab.txt")
    assert ours.decode(ours.encode("Attention [MASK] 사랑")) == "attention [MASK] 사랑"
