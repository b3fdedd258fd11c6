"""Question answering: the span of a context that answers a question.

For each token the model says how well an answer would begin and end there. The best span is found
as in BERT's paper (Devlin et al. 2019, §4.2): softmax over all begins and over all ends, and the
product of both.
"""

from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor

from jumok.pipelines.base import NO_OFFSETS, Pipeline, Window, check_text
from jumok.pipelines.characters import whole_characters

__all__ = ["QuestionAnswering", "best_spans"]


OUTSIDE, BLANK = -1, -2  # places of tokens with which no answer begins or ends


def best_spans(
    start: Float[Tensor, "length"],
    end: Float[Tensor, "length"],
    places: Int[Tensor, "length 2"],
    *,
    max_answer_len: int,
    top_k: int,
) -> list[tuple[float, int, int]]:
    """The most probable answers in a window: probability, begin and end in the context.

    A span of tokens ends where it begins or later, and has ``max_answer_len`` tokens at most. Where
    several are the same stretch of text, because they end in different pieces of one word, their
    probabilities add up.

    Args:
        start: the probability that an answer begins at each token.
        end: the probability that it ends there.
        places: for each token the character where such an answer begins, and the one where it
            ends; below 0 where none does.
        max_answer_len: the longest answer, in tokens.
        top_k: how many.

    >>> start, end = torch.tensor([0.5, 0.25, 0.25]), torch.tensor([0.0, 0.5, 0.5])
    >>> places = torch.tensor([[0, 3], [4, 12], [4, 12]])  # a word of one token, one of two
    >>> best_spans(start, end, places, max_answer_len=3, top_k=2)
    [(0.5, 0, 12), (0.375, 4, 12)]
    """
    allowed = places[:, 0] >= 0
    probable = start[allowed, None] * end[None, allowed]
    place = torch.arange(len(start))[allowed]
    length = place[None, :] - place[:, None] + 1
    possible = (length >= 1) & (length <= max_answer_len)
    begins, row = places[allowed, 0].unique(return_inverse=True)  # type: ignore[no-untyped-call]
    ends, column = places[allowed, 1].unique(return_inverse=True)  # type: ignore[no-untyped-call]
    where = (row[:, None], column[None, :])
    scores = torch.zeros(len(begins), len(ends))
    scores.index_put_(where, probable * possible, accumulate=True)
    exists = torch.zeros(len(begins), len(ends))
    exists.index_put_(where, possible.float(), accumulate=True)
    scores = scores.masked_fill(exists == 0, -1.0).flatten()
    top = scores.topk(min(top_k, len(scores)))
    return [
        (score, int(begins[cell // len(ends)]), int(ends[cell % len(ends)]))
        for score, cell in zip(top.values.tolist(), top.indices.tolist(), strict=True)
        if score >= 0
    ]


class QuestionAnswering(Pipeline):
    """The answer to a question, as it stands in a context.

    Called with ``question`` and ``context`` it returns a dictionary with ``score, start, end,
    answer``; with ``top_k`` above 1, a list of the best. ``context[start:end]`` is the answer.
    Lists of both, or a list of questions about one context, give a list of one result for each.

    A context longer than the model takes is read in windows that overlap by ``doc_stride`` tokens.

    >>> from transformers import BertConfig, BertForQuestionAnswering, BertTokenizer
    >>> words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "who", "bumblebee", "."]
    >>> tokenizer = BertTokenizer(vocab={word: i for i, word in enumerate(words)})
    >>> config = BertConfig(
    ...     vocab_size=8, hidden_size=8, num_hidden_layers=1, num_attention_heads=2,
    ...     intermediate_size=8,
    ... )
    >>> reader = QuestionAnswering(BertForQuestionAnswering(config), tokenizer)
    >>> answer = reader(question="Who?", context="Bumblebee", top_k=1)
    >>> answer["answer"], answer["start"], answer["end"]
    ('Bumblebee', 0, 9)
    >>> (window,) = reader.preprocess({"question": "Who?", "context": "Bumblebee"})
    >>> window.encoding.tokens, reader.cls_place(window)
    (['[CLS]', 'who', '[UNK]', '[SEP]', 'bumblebee', '[SEP]'], 0)
    >>> [row] = reader.forward(reader.pad([window]))
    >>> tuple(row.shape)
    (6, 2)
    >>> reader.places("Bumblebee", [window], align_to_words=True)[0][4].tolist()
    [0, 9]
    >>> example = {"question": "Who?", "context": "Bumblebee"}
    >>> reader.postprocess(example, [window], [row])["answer"]
    'Bumblebee'

    Raises:
        ValueError: question or context is empty, or the question leaves no room for the context.
    """

    task = "question-answering"
    auto_model = "AutoModelForQuestionAnswering"

    def __call__(
        self, inputs: Any = None, *, question: Any = None, context: Any = None, **options: Any
    ) -> Any:
        """The answer to a question, or to each of a list."""
        if inputs is not None:
            is_single = isinstance(inputs, dict)
            examples = [inputs] if is_single else list(inputs)
        else:
            is_single = isinstance(question, str) and isinstance(context, str)
            questions = [question] if isinstance(question, str) or question is None else question
            contexts = [context] * len(questions) if isinstance(context, str) else context
            if contexts is None or len(questions) != len(contexts):
                raise ValueError(
                    "expected question=… and context=…, each a text, or as many contexts as "
                    f"questions, got {type(question).__name__} and {type(context).__name__}"
                )
            examples = [
                {"question": each, "context": about}
                for each, about in zip(questions, contexts, strict=True)
            ]
        for example in examples:
            if not isinstance(example, dict):
                raise ValueError(
                    f"expected a dictionary with question and context, got {type(example).__name__}"
                )
            check_text("question", example.get("question"))
            check_text("context", example.get("context"))
        results = self.run(examples, **options)
        return results[0] if is_single else results

    def preprocess(
        self,
        example: dict[str, str],
        *,
        max_seq_len: int | None = None,
        doc_stride: int | None = None,
    ) -> list[Window]:
        """Windows of question and context, each of ``max_seq_len`` tokens (384) at most.

        Tokenizers that pad on the left belong to models that were trained with the context first.
        """
        if not self.tokenizer.is_fast:
            raise ValueError(NO_OFFSETS.format(self.task))
        limit = min(max_seq_len or 384, self.max_length or 384)
        question_first = self.tokenizer.padding_side == "right"
        texts = [example["question"], example["context"]]
        asked = len(self.tokenizer(texts[0], add_special_tokens=False, verbose=False)["input_ids"])
        room = limit - asked - self.tokenizer.num_special_tokens_to_add(pair=True)
        if room < 1:
            raise ValueError(
                f"the question has {asked} tokens, a window has {limit}: no room for the context"
            )
        stride = min(limit // 2, 128) if doc_stride is None else doc_stride
        if not 0 <= stride < limit:
            raise ValueError(f"doc_stride must be in 0 … {limit - 1}, got {stride}")
        return self.encode(
            *(texts if question_first else reversed(texts)),
            truncation="only_second" if question_first else "only_first",
            max_length=limit,
            stride=min(stride, room // 2),
            return_overflowing_tokens=True,
        )

    def forward(self, batch: dict[str, Tensor]) -> list[Float[Tensor, "length 2"]]:
        """The logits of begin and end for each token, padding left out."""
        output = self.model(**batch)
        logits = torch.stack([output.start_logits, output.end_logits], dim=-1).float().cpu()
        is_token = batch["attention_mask"].bool().cpu()
        return [row[own] for row, own in zip(logits, is_token, strict=True)]

    def postprocess(
        self,
        example: dict[str, str],
        windows: list[Window],
        rows: list[Tensor],
        *,
        top_k: int = 1,
        handle_impossible_answer: bool = False,
        max_answer_len: int = 15,
        align_to_words: bool = True,
    ) -> Any:
        """The best answers of all windows; the empty one too, if it is allowed.

        In each window begins and ends are weighed against each other and against ``[CLS]``, which
        stands for *no answer here*. A span that two windows see keeps its better score. The score
        of *no answer* is its lowest: one window that holds an answer is enough.

        With ``align_to_words`` an answer that stops within a word gets the whole word. For Korean,
        where a particle belongs to the word, ``False`` gives the noun alone.
        """
        for name, value in (("top_k", top_k), ("max_answer_len", max_answer_len)):
            if not isinstance(value, int) or value < 1:
                raise ValueError(f"{name} must be an integer of at least 1, got {value!r}")
        context = example["context"]
        best: dict[tuple[int, int], float] = {}
        no_answer = 1.0
        places = self.places(context, windows, align_to_words)
        for window, own, row in zip(windows, places, rows, strict=True):
            weighed = own[:, 0] != OUTSIDE
            cls = self.cls_place(window)
            if cls is not None:
                weighed[cls] = True
            start, end = row.masked_fill(~weighed[:, None], -torch.inf).softmax(dim=0).unbind(-1)
            if cls is not None:
                no_answer = min(no_answer, (start[cls] * end[cls]).item())
            found = best_spans(start, end, own, max_answer_len=max_answer_len, top_k=top_k)
            for score, first, last in found:
                best[first, last] = max(score, best.get((first, last), 0.0))
        answers: list[dict[str, Any]] = [
            {"score": score, "start": start, "end": end, "answer": context[start:end]}
            for (start, end), score in best.items()
        ]
        if handle_impossible_answer:
            answers.append({"score": no_answer, "start": 0, "end": 0, "answer": ""})
        if not answers:
            raise ValueError("the tokenizer finds no token in the context")
        answers.sort(key=lambda each: (-each["score"], each["start"], each["end"]))
        return answers[0] if top_k == 1 else answers[:top_k]

    def places(
        self, context: str, windows: list[Window], align_to_words: bool
    ) -> list[Int[Tensor, "length 2"]]:
        """Where an answer begins and ends in the context, if it begins or ends at a token.

        That is where the token does, or its word; a window may cut a word, so all are looked at.
        −1 outside of the context, −2 for a blank.
        """
        side = 1 if self.tokenizer.padding_side == "right" else 0
        words: dict[int, tuple[int, int]] = {}
        inside: list[list[tuple[int, int, tuple[int, int]]]] = []  # token, word, offsets
        for window in windows:
            encoding = window.encoding
            inside.append([])
            read = zip(
                encoding.sequence_ids,
                encoding.special_tokens_mask,
                encoding.word_ids,
                encoding.offsets,
                strict=True,
            )
            for token, (sequence, special, word, offsets) in enumerate(read):
                if sequence == side and not special:
                    inside[-1].append((token, word, offsets))
                    low, high = words.get(word, offsets)
                    words[word] = (min(low, offsets[0]), max(high, offsets[1]))
        places = []
        for window, own in zip(windows, inside, strict=True):
            place = [(OUTSIDE, OUTSIDE)] * len(window)
            for token, word, offsets in own:
                given = words[word] if align_to_words and word is not None else offsets
                first, last = whole_characters(context, *given)
                place[token] = (first, last) if first < last else (BLANK, BLANK)
            places.append(torch.tensor(place))
        return places

    def cls_place(self, window: Window) -> int | None:
        """Where the token stands that means *no answer*."""
        ids = window.inputs["input_ids"]
        cls_id = self.tokenizer.cls_token_id
        return ids.index(cls_id) if cls_id in ids else None
