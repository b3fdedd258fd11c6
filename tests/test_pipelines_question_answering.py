"""Question answering against a search through all spans, written independently of the package.

transformers 5 has no such pipeline any more. The rules are those of its version 4: softmax over
begins and over ends of the context and [CLS], the product, spans of 15 tokens at most, widened to
whole words.
"""

import itertools
import json
import math
import shutil
import unicodedata
from types import SimpleNamespace

import pytest
import torch
import transformers
from torch import nn

from jumok.pipelines import QuestionAnswering, pipeline
from jumok.pipelines.question_answering import best_spans
from pipeline_checkpoints import (
    KOREAN,
    LETTER,
    SIZES,
    bert,
    bert_tokenizer,
    byte_pair_tokenizer,
    random_texts,
    save,
)

QUESTION = "What does the customer want?"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return bert(tmp_path_factory.mktemp("reader"), "QuestionAnswering")


@pytest.fixture(scope="module")
def byte_folder(tmp_path_factory):
    tokenizer = byte_pair_tokenizer(
        ends=True, max_length=64, pad_token="<pad>", trim=True, cls_token="<s>", sep_token="</s>"
    )
    torch.manual_seed(3)
    config = transformers.RobertaConfig(
        vocab_size=len(tokenizer), max_position_embeddings=66, pad_token_id=1, **SIZES
    )
    folder = tmp_path_factory.mktemp("roberta")
    return save(folder, transformers.RobertaForQuestionAnswering(config), tokenizer)


def test_the_letter_is_told_from_the_question_whatever_class_the_tokenizer_has(folder, tmp_path):
    """A tokenizer saved without a class of its own forgets that BERT has token types."""
    letter = "I bought a kettle in Daegu. I want my money back."
    expected = pipeline("question-answering", folder)(question=QUESTION, context=letter)
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    path = tmp_path / "tokenizer_config.json"
    settings = json.loads(path.read_text())
    settings.pop("model_input_names", None)
    path.write_text(json.dumps({**settings, "tokenizer_class": "PreTrainedTokenizerFast"}))
    assert "token_type_ids" not in transformers.AutoTokenizer.from_pretrained(tmp_path)("a", "b")
    reader = pipeline("question-answering", tmp_path)
    (window,) = reader.preprocess({"question": QUESTION, "context": letter})
    assert set(window.inputs["token_type_ids"]) == {0, 1}
    assert reader(question=QUESTION, context=letter) == expected


def all_answers(reader, question, context, *, max_answer_len=15, words=True):
    """Every span of every window with its score, the slow way; and the score of no answer."""
    tokenizer, limit = reader.tokenizer, min(reader.max_length, 384)
    first = tokenizer.padding_side == "right"
    pair = (question, context) if first else (context, question)
    asked = len(tokenizer.tokenize(question))
    marks = len(tokenizer("a", "a")["input_ids"]) - 2 * len(tokenizer.tokenize("a"))
    encoded = tokenizer(
        *pair,
        truncation="only_second" if first else "only_first",
        max_length=limit,
        stride=min(limit // 2, 128, (limit - asked - marks) // 2),
        return_overflowing_tokens=True,
        return_offsets_mapping=True,
    )
    spans_of_words: dict[int, tuple[int, int]] = {}
    for window in range(len(encoded["input_ids"])):
        for own, word, (start, end) in zip(
            encoded.sequence_ids(window),
            encoded.word_ids(window),
            encoded["offset_mapping"][window],
            strict=True,
        ):
            if own == (1 if first else 0):
                low, high = spans_of_words.get(word, (start, end))
                spans_of_words[word] = (min(low, start), max(high, end))
    found: dict[tuple[int, int], float] = {}
    no_answer = 1.0
    for window, ids in enumerate(encoded["input_ids"]):
        inputs = {
            name: torch.tensor([encoded[name][window]], device=reader.device)
            for name in ("input_ids", "attention_mask", "token_type_ids")
            if name in encoded and name in reader.input_names
        }
        with torch.no_grad():
            output = reader.model(**inputs)
        cls = ids.index(tokenizer.cls_token_id)
        own = encoded.sequence_ids(window)
        context_places = [i for i, side in enumerate(own) if side == (1 if first else 0)]
        probabilities = []
        for logits in (output.start_logits[0].tolist(), output.end_logits[0].tolist()):
            exponents = {i: math.exp(logits[i]) for i in [cls, *context_places]}
            total = sum(exponents.values())
            probabilities.append({i: each / total for i, each in exponents.items()})
        begins, ends = probabilities
        no_answer = min(no_answer, begins[cls] * ends[cls])
        here: dict[tuple[int, int], float] = {}
        for i, j in itertools.product(context_places, repeat=2):
            if not i <= j < i + max_answer_len:
                continue
            if words:
                span = (
                    spans_of_words[encoded.word_ids(window)[i]][0],
                    spans_of_words[encoded.word_ids(window)[j]][1],
                )
            else:
                offsets = encoded["offset_mapping"][window]
                span = (offsets[i][0], offsets[j][1])
            part = context[span[0] : span[1]]
            offsets = encoded["offset_mapping"][window]
            ends_blank = any(
                not context[low:high].strip()
                for low, high in (
                    (spans_of_words[encoded.word_ids(window)[k]] if words else offsets[k])
                    for k in (i, j)
                )
            )
            if ends_blank:
                continue
            span = (span[0] + len(part) - len(part.lstrip()), span[0] + len(part.rstrip()))
            here[span] = here.get(span, 0.0) + begins[i] * ends[j]
        for span, score in here.items():
            found[span] = max(score, found.get(span, 0.0))
    ranked = sorted(found.items(), key=lambda each: -each[1])
    return [
        {"score": score, "start": start, "end": end, "answer": context[start:end]}
        for (start, end), score in ranked
    ], no_answer


def assert_same(ours, expected):
    assert len(ours) == len(expected)
    for one, other in zip(ours, expected, strict=True):
        assert one["score"] == pytest.approx(other["score"], abs=1e-5)
        assert {**one, "score": 0} == {**other, "score": 0}


@pytest.mark.parametrize("words", [True, False])
@pytest.mark.parametrize("side", ["right", "left"])
@pytest.mark.parametrize("which", ["folder", "byte_folder"])
def test_answers_equal_a_search_through_all_spans(which, side, words, request):
    reader = pipeline("question-answering", request.getfixturevalue(which), align_to_words=words)
    reader.tokenizer.padding_side = side
    for context in (LETTER, KOREAN, LETTER + " " + LETTER, "Bumblebee"):
        expected, no_answer = all_answers(reader, QUESTION, context, words=words)
        answers = reader(question=QUESTION, context=context, top_k=3)
        assert_same(answers, expected[:3])
        assert_same([reader(question=QUESTION, context=context)], expected[:1])
        answers = reader(
            question=QUESTION, context=context, top_k=10**4, handle_impossible_answer=True
        )
        (nothing,) = [each for each in answers if each["answer"] == ""]
        assert nothing == {"score": pytest.approx(no_answer), "start": 0, "end": 0, "answer": ""}
        assert [each["score"] for each in answers] == sorted(
            (each["score"] for each in answers), reverse=True
        )


def test_the_letter_needs_several_windows(folder):
    reader = pipeline("question-answering", folder)
    assert len(reader.preprocess({"question": QUESTION, "context": LETTER})) > 2


@pytest.mark.parametrize("longest", [1, 4])
def test_answers_are_no_longer_than_allowed(folder, longest):
    reader = pipeline("question-answering", folder, align_to_words=False)
    answers = reader(question=QUESTION, context=LETTER, top_k=50, max_answer_len=longest)
    expected, _ = all_answers(reader, QUESTION, LETTER, max_answer_len=longest, words=False)
    assert_same(answers, expected[:50])


@pytest.mark.parametrize("side", ["right", "left"])
def test_batches_give_what_single_calls_give(folder, side):
    reader = pipeline("question-answering", folder, batch_size=5)
    reader.tokenizer.padding_side = side
    contexts = random_texts(9, seed=6, longest=60)
    questions = ["Who?", QUESTION, "무엇을 주문했습니까?"] * 3
    together = reader(question=questions, context=contexts)
    alone = [
        reader(question=question, context=context)
        for question, context in zip(questions, contexts, strict=True)
    ]
    assert_same(together, alone)
    assert_same(
        reader(question=questions, context=LETTER)[1:2], [reader(question=QUESTION, context=LETTER)]
    )
    pairs = [{"question": q, "context": c} for q, c in zip(questions, contexts, strict=True)]
    assert_same(reader(pairs), alone)
    assert reader(pairs[0]) == pytest.approx(alone[0])
    assert isinstance(reader(question=["Who?"], context=[LETTER]), list)  # a list gives a list


# --- Logits by hand --------------------------------------------------------------------------


class ByHand(nn.Module):
    """A model that puts begin and end where it is told: at tokens, by their ids."""

    def __init__(self, vocab_size, start, end):
        super().__init__()
        self.config = SimpleNamespace(max_position_embeddings=64)
        self.start, self.end = (self.scores(vocab_size, each) for each in (start, end))

    @staticmethod
    def scores(vocab_size, given):
        scores = torch.zeros(vocab_size)
        for token, score in given.items():
            scores[token] = score
        return scores

    def forward(self, input_ids, attention_mask, token_type_ids=None):
        pick = lambda scores: scores.to(input_ids.device)[input_ids]  # noqa: E731
        return SimpleNamespace(start_logits=pick(self.start), end_logits=pick(self.end))


def reader_by_hand(start, end, **options):
    tokenizer = bert_tokenizer()
    ids = lambda scores: {  # noqa: E731
        tokenizer.convert_tokens_to_ids(token): score for token, score in scores.items()
    }
    model = ByHand(len(tokenizer), ids(start), ids(end))
    return QuestionAnswering(model, tokenizer, **options)


def test_the_published_answer_from_logits_by_hand():
    """`an exchange of Megatron` begins at 335 in the letter on one line, and ends at 358."""
    text = LETTER.replace(" \n", " ")
    tokenizer = bert_tokenizer()
    first, last = tokenizer.tokenize("an")[0], tokenizer.tokenize("Megatron")[-1]
    reader = reader_by_hand({first: 9.0}, {last: 9.0})
    answers = reader(question=QUESTION, context=text, top_k=5)
    (answer,) = [each for each in answers if each["start"] == 335]
    assert (answer["end"], answer["answer"]) == (358, "an exchange of Megatron")
    (broken,) = [
        each
        for each in reader(question=QUESTION, context=LETTER, top_k=5)
        if each["answer"] == "an exchange of Megatron"
    ]
    assert (broken["start"], broken["end"]) == (339, 362)  # with the line breaks


def test_nothing_is_answered_from_the_question():
    """The best begin and end stand in the question, and may not be taken."""
    asked, told = (bert_tokenizer().tokenize(word) for word in ("Megatron", "Amazon"))
    reader = reader_by_hand({asked[0]: 50.0, told[0]: 9.0}, {asked[-1]: 50.0, told[-1]: 9.0})
    answer = reader(question="Megatron?", context="Dear Amazon, I wait for it.")
    assert answer["answer"] == "Amazon"
    assert answer["score"] < 1


def test_an_impossible_answer_wins_only_where_it_may():
    pieces = bert_tokenizer().tokenize("Amazon")
    reader = reader_by_hand({"[CLS]": 5.0, pieces[0]: 3.0}, {"[CLS]": 5.0, pieces[-1]: 3.0})
    question, context = "Who?", "Dear Amazon, I ordered it."
    assert reader(question=question, context=context)["answer"] == "Amazon"
    nothing = reader(question=question, context=context, handle_impossible_answer=True)
    assert (nothing["answer"], nothing["start"], nothing["end"]) == ("", 0, 0)
    two = reader(question=question, context=context, handle_impossible_answer=True, top_k=2)
    assert [each["answer"] for each in two] == ["", "Amazon"]


def test_one_window_with_an_answer_is_enough():
    """Most windows say there is none; the one that holds it counts."""
    pieces = bert_tokenizer().tokenize("Bumblebee")
    reader = reader_by_hand({"[CLS]": 5.0, pieces[0]: 12.0}, {"[CLS]": 5.0, pieces[-1]: 12.0})
    answer = reader(question="Who?", context=LETTER, handle_impossible_answer=True)
    assert LETTER[answer["start"] : answer["end"]] == answer["answer"] == "Bumblebee"


def test_words_are_whole_or_not():
    tokenizer = bert_tokenizer()
    pieces = tokenizer.tokenize("범블비가")
    assert len(pieces) > 1
    scores = {pieces[0]: 9.0}
    context = "어제 범블비가 주문했습니다."
    whole = reader_by_hand(scores, scores)(question="누구?", context=context)
    assert whole["answer"] == "범블비가"
    part = reader_by_hand(scores, scores, align_to_words=False)(question="누구?", context=context)
    assert part["answer"] == pieces[0]


@pytest.mark.parametrize("words", [True, False])
def test_answers_in_decomposed_hangul_and_emoji_are_whole_characters(folder, words):
    reader = pipeline("question-answering", folder, align_to_words=words)
    context = unicodedata.normalize("NFD", "서울 매장에서 👩‍👩‍👧 각 🇰🇷 메가트론!")
    for each in reader(question="무엇?", context=context, top_k=40):
        assert each["answer"] == context[each["start"] : each["end"]]
        assert not unicodedata.combining(each["answer"][0])
        assert not "\u1160" <= each["answer"][0] <= "\u11ff"
        after = context[each["end"] : each["end"] + 1]
        assert not after or not "\u1160" <= after <= "\u11ff"


@pytest.mark.parametrize("seed", range(3))
def test_the_best_spans_equal_a_double_loop(seed):
    torch.manual_seed(seed)
    start, end = torch.rand(12).softmax(0), torch.rand(12).softmax(0)
    word = [None, None, 0, 0, 1, 2, 2, 2, 3, 4, 4, None]  # of five words, each of two characters
    places = torch.tensor([(-1, -1) if each is None else (3 * each, 3 * each + 2) for each in word])
    expected: dict[tuple[int, int], float] = {}
    for i, j in itertools.product(range(2, 11), repeat=2):
        if i <= j < i + 4:
            span = (3 * word[i], 3 * word[j] + 2)
            expected[span] = expected.get(span, 0.0) + (start[i] * end[j]).item()
    found = best_spans(start, end, places, max_answer_len=4, top_k=100)
    assert {(first, last): score for score, first, last in found} == pytest.approx(expected)
    scores = [score for score, *_ in found]
    assert scores == sorted(scores, reverse=True)
