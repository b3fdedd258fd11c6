"""Text and token classification, against transformers' own pipelines on the same weights."""

import unicodedata

import pytest
import torch
import transformers
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

from jumok.pipelines import TokenClassification, pipeline
from jumok.pipelines.characters import continues_character, whole_characters
from jumok.pipelines.token_classification import join_windows
from pipeline_checkpoints import (
    KOREAN,
    LABELS,
    LETTER,
    SIZES,
    bert,
    bert_tokenizer,
    byte_pair_tokenizer,
    distilbert,
    random_texts,
    save,
)

SHORT = ["Thank you!", "고맙습니다 😀", "Optimus Prime, or Megatron?", "I demand an exchange."]


@pytest.fixture(scope="module")
def classifier_folder(tmp_path_factory):
    return bert(tmp_path_factory.mktemp("sentiment"), "SequenceClassification")


@pytest.fixture(scope="module")
def ner_folder(tmp_path_factory):
    return bert(tmp_path_factory.mktemp("ner"), "TokenClassification", labels=LABELS)


@pytest.fixture(scope="module")
def distilbert_folder(tmp_path_factory):
    folder, labels = tmp_path_factory.mktemp("distilbert"), ("NEGATIVE", "NEUTRAL", "POSITIVE")
    return distilbert(
        folder, "SequenceClassification", lowercase=True, max_length=64, labels=labels
    )


@pytest.fixture(scope="module")
def roberta_folder(tmp_path_factory):
    """Byte pairs without a sign for the rest of a word; offsets with and without the blank."""
    tokenizer = byte_pair_tokenizer(ends=True, max_length=64, pad_token="<pad>", trim=True)
    torch.manual_seed(3)
    config = transformers.RobertaConfig(
        vocab_size=len(tokenizer),
        max_position_embeddings=66,
        pad_token_id=1,
        id2label=dict(enumerate(LABELS)),
        **SIZES,
    )
    folder = tmp_path_factory.mktemp("roberta")
    return save(folder, transformers.RobertaForTokenClassification(config), tokenizer)


def without_blanks(entities, text):
    """Their entities, without the blanks at the ends that byte pairs put there."""
    for entity in entities:
        part = text[entity["start"] : entity["end"]]
        entity["start"] += len(part) - len(part.lstrip())
        entity["end"] -= len(part) - len(part.rstrip()) if part.strip() else 0
        entity["end"] = max(entity["start"], entity["end"])
    return entities


def assert_same(ours, theirs):
    """Equal in everything, scores to five digits."""
    assert type(ours) is type(theirs)
    if isinstance(ours, list):
        assert len(ours) == len(theirs)
        for one, other in zip(ours, theirs, strict=True):
            assert_same(one, other)
        return
    assert list(ours) == list(theirs)
    for name, value in ours.items():
        expected = pytest.approx(float(theirs[name]), abs=1e-5) if name == "score" else theirs[name]
        assert value == expected, name


# --- Text classification ---------------------------------------------------------------------


@pytest.mark.parametrize("folder", ["classifier_folder", "distilbert_folder"])
@pytest.mark.parametrize("options", [{}, {"top_k": 1}, {"top_k": 2}, {"top_k": None}])
def test_labels_equal_transformers(folder, options, request):
    folder = request.getfixturevalue(folder)
    ours = pipeline("text-classification", folder)
    theirs = transformers.pipeline("text-classification", str(folder), device=ours.device)
    for text in [*SHORT, random_texts(1, seed=5)[0]]:
        assert_same(ours(text, **options), theirs(text, **options))
    assert_same(ours(SHORT, **options), theirs(SHORT, **options))


def test_pairs_and_functions_equal_transformers(classifier_folder):
    ours = pipeline("sentiment-analysis", classifier_folder)
    theirs = transformers.pipeline(
        "text-classification", str(classifier_folder), device=ours.device
    )
    pair = {"text": "Thank you!", "text_pair": "고맙습니다"}
    assert_same(ours(pair), theirs(pair))
    assert_same(ours([pair, pair]), theirs([pair, pair]))
    for function in ("softmax", "sigmoid", "none"):
        assert_same(
            ours(SHORT[0], function_to_apply=function),
            theirs(SHORT[0], function_to_apply=function),
        )


@pytest.mark.parametrize(
    "settings",
    [
        {"problem_type": "multi_label_classification"},
        {"problem_type": "regression", "id2label": {0: "stars"}},
        {"id2label": {0: "spam"}},
    ],
)
def test_the_function_follows_the_configuration(tmp_path, settings):
    tokenizer = bert_tokenizer()
    config = transformers.BertConfig(vocab_size=len(tokenizer), **SIZES, **settings)
    save(tmp_path, transformers.BertForSequenceClassification(config), tokenizer)
    ours = pipeline("text-classification", tmp_path)
    theirs = transformers.pipeline("text-classification", str(tmp_path), device=ours.device)
    assert_same(ours(SHORT, top_k=None), theirs(SHORT, top_k=None))


@pytest.mark.parametrize("side", ["left", "right"])
def test_batches_of_any_side_give_what_single_calls_give(classifier_folder, ner_folder, side):
    for task, folder in (("text-classification", classifier_folder), ("ner", ner_folder)):
        run = pipeline(task, folder, batch_size=4)
        run.tokenizer.padding_side = side
        texts = random_texts(11, seed=1)
        assert_same(run(texts), [run(text)[0] if task != "ner" else run(text) for text in texts])
        assert_same(run(texts, batch_size=11), run(texts, batch_size=1))


def test_results_come_in_the_order_of_the_texts(classifier_folder):
    run = pipeline("text-classification", classifier_folder)
    texts = random_texts(9, seed=3)
    forwards, backwards = run(texts), run(texts[::-1])
    assert_same(forwards, backwards[::-1])
    assert run([]) == []
    assert_same(run(iter(texts)), forwards)  # anything that can be gone through


def test_a_long_text_is_cut_only_when_asked(classifier_folder):
    run = pipeline("text-classification", classifier_folder)
    theirs = transformers.pipeline("text-classification", str(classifier_folder), device=run.device)
    assert_same(run(LETTER, truncation=True), theirs(LETTER, truncation=True))


# --- Token classification --------------------------------------------------------------------


@pytest.mark.filterwarnings("ignore:Tokenizer does not support real words")
@pytest.mark.parametrize("strategy", ["none", "simple", "first", "average", "max"])
@pytest.mark.parametrize("folder", ["ner_folder", "roberta_folder"])
def test_entities_equal_transformers(folder, strategy, request):
    folder = request.getfixturevalue(folder)
    ours = pipeline("ner", folder, aggregation_strategy=strategy)
    theirs = transformers.pipeline(
        "ner", str(folder), aggregation_strategy=strategy, device=ours.device
    )
    texts = [*SHORT, *random_texts(20, seed=4, longest=8)]
    texts = [text for text in texts if "\u0301" not in text]  # see the test of whole characters
    texts = [text for text in texts if len(ours.tokenizer(text)["input_ids"]) <= 64]
    assert len(texts) > 10
    for text in texts:
        assert_same(ours(text), without_blanks(theirs(text), text))
        assert_same(
            ours(text, ignore_labels=[]), without_blanks(theirs(text, ignore_labels=[]), text)
        )


def test_the_letter_in_windows_covers_every_token_once(ner_folder):
    run = pipeline("ner", ner_folder, ignore_labels=[])
    text = LETTER + " " + KOREAN + " " + LETTER
    tokens = run(text)
    whole = run.tokenizer(
        text, return_offsets_mapping=True, add_special_tokens=False, verbose=False
    )
    assert len(whole["input_ids"]) > 3 * run.max_length
    assert [(each["start"], each["end"]) for each in tokens] == whole["offset_mapping"]
    assert [each["index"] for each in tokens] == list(range(1, len(tokens) + 1))


@pytest.mark.parametrize("stride", [0, 5, 15, 40])
def test_windows_agree_with_windows_cut_by_hand(ner_folder, stride):
    """Each token from the window in which it is farthest from a cut, written the long way."""
    run = pipeline("ner", ner_folder, ignore_labels=[], stride=stride)
    ids = run.tokenizer(LETTER, add_special_tokens=False, verbose=False)["input_ids"]
    room = run.max_length - 2
    expected: list[tuple[int, str]] = [(-1, "")] * len(ids)
    for first in range(0, len(ids), room - stride):
        part = ids[first : first + room]
        inputs = torch.tensor([[2, *part, 3]], device=run.device)
        with torch.no_grad():
            best = run.model(inputs).logits[0, 1:-1].argmax(-1).tolist()
        for place, label in enumerate(best):
            left = place if first else len(ids)
            right = len(part) - 1 - place if first + room < len(ids) else len(ids)
            if min(left, right) > expected[first + place][0]:
                expected[first + place] = (min(left, right), LABELS[label])
        if first + room >= len(ids):
            break
    assert [each["entity"] for each in run(LETTER)] == [label for _, label in expected]


def test_an_entity_across_a_cut_is_one_entity(ner_folder):
    """Joined token by token, an entity is neither cut nor found twice."""
    run = pipeline("ner", ner_folder, aggregation_strategy="simple")
    with torch.no_grad():
        run.model.classifier.weight.zero_()
        run.model.classifier.bias.copy_(torch.tensor([0.0, 0, 9, 0, 0, 0]))  # I-PER everywhere
    (entity,) = run(LETTER)
    assert (entity["start"], entity["end"]) == (0, len(LETTER))


@given(st.integers(1, 60), st.integers(2, 12), st.data())
def test_joined_windows_name_each_token_once(total, room, data):
    stride = data.draw(st.integers(0, room - 1))
    firsts = [0]
    while firsts[-1] + room < total:
        firsts.append(firsts[-1] + room - stride)
    lengths = [min(room, total - first) for first in firsts]
    joined = join_windows(lengths, firsts)
    assert [firsts[window] + place for window, place in joined] == list(range(total))


# --- Characters ------------------------------------------------------------------------------

FAMILY, FLAG = "👩‍👩‍👧", "🇰🇷"


@pytest.mark.parametrize("lowercase", [False, True])
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_offsets_of_korean_and_emoji_name_what_stands_there(tmp_path, lowercase, form):
    folder = bert(tmp_path, "TokenClassification", lowercase=lowercase, labels=LABELS)
    run = pipeline("ner", folder, ignore_labels=[])
    text = unicodedata.normalize(form, f"서울 매장, 메가트론이 {FAMILY} {FLAG} 범블비 👍🏽 각!")
    for strategy in ("none", "simple", "first", "average", "max"):
        for each in run(text, aggregation_strategy=strategy):
            part = text[each["start"] : each["end"]]
            assert part
            assert part == part.strip()
            assert not continues_character(text, each["start"])
            assert not continues_character(text, each["end"])


@pytest.mark.parametrize("normalizer", [normalizers.NFC(), normalizers.NFKC()])
def test_a_composing_normalizer_keeps_the_last_jamo(normalizer):
    """Its offsets end before it: (0, 8) for a word of nine code points."""
    tokenizer = Tokenizer(
        models.WordLevel({"[UNK]": 0, "[PAD]": 1, "서울에서": 2, "각각": 3}, unk_token="[UNK]")
    )
    tokenizer.normalizer = normalizer
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    wrapped = transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, unk_token="[UNK]", pad_token="[PAD]"
    )
    config = transformers.BertConfig(vocab_size=4, id2label={0: "O", 1: "B-LOC"}, **SIZES)
    run = TokenClassification(
        transformers.BertForTokenClassification(config), wrapped, ignore_labels=[]
    )
    text = unicodedata.normalize("NFD", "서울에서 각각")
    assert wrapped(text, return_offsets_mapping=True)["offset_mapping"] == [(0, 8), (10, 14)]
    parts = [text[each["start"] : each["end"]] for each in run(text)]
    assert [unicodedata.normalize("NFC", part) for part in parts] == ["서울에서", "각각"]


@pytest.mark.parametrize("character", [FAMILY, FLAG, "👍🏽", "각", "é", "❤️"])
def test_a_span_takes_whole_characters(character):
    character = unicodedata.normalize("NFD", character)
    text = f"a{character}b"
    for start in range(1, 1 + len(character)):
        assert whole_characters(text, start, start + 1) == (1, 1 + len(character))
    assert whole_characters(f" {text} ", 0, len(text) + 2) == (1, len(text) + 1)


def test_two_flags_are_two_characters():
    text = "🇰🇷🇩🇪"
    assert [continues_character(text, place) for place in range(4)] == [False, True, False, True]
