"""Token classification: named entities, with their places in the text.

The rules by which tokens become entities are those of transformers'
``TokenClassificationPipeline``, so that both give the same. Two things differ on purpose: a text
longer than the model takes is read to its end, and an entity has whole characters.
"""

from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from jumok.checks import check_choice
from jumok.pipelines.base import NO_OFFSETS, Pipeline, Window, as_texts
from jumok.pipelines.characters import whole_characters

__all__ = ["TokenClassification", "join_windows", "split_tag"]

STRATEGIES = ("none", "simple", "first", "average", "max")


def join_windows(lengths: list[int], firsts: list[int]) -> list[tuple[int, int]]:
    """For each token of a text, the window that says its label, and its place there.

    Where windows overlap, a token is taken from the window in which it stands farther from a cut,
    because there the model sees more of what is around it.

    Args:
        lengths: how many tokens of the text each window holds.
        firsts: the number of the first one.

    >>> join_windows([4, 4], [0, 2])  # tokens 0 … 3 and 2 … 5
    [(0, 0), (0, 1), (0, 2), (1, 1), (1, 2), (1, 3)]
    """
    total = max(first + length for first, length in zip(firsts, lengths, strict=True))
    best: list[tuple[int, int, int]] = [(-1, 0, 0)] * total  # distance, window, place
    for window, (first, length) in enumerate(zip(firsts, lengths, strict=True)):
        for place in range(length):
            left = place if first > 0 else total
            right = length - 1 - place if first + length < total else total
            if min(left, right) > best[first + place][0]:
                best[first + place] = (min(left, right), window, place)
    return [(window, place) for _, window, place in best]


def split_tag(label: str) -> tuple[str, str]:
    """A label in its parts: whether an entity begins (``B``) or goes on (``I``), and its kind.

    >>> split_tag("B-PER"), split_tag("I-LOC"), split_tag("O")
    (('B', 'PER'), ('I', 'LOC'), ('I', 'O'))
    """
    return (label[0], label[2:]) if label.startswith(("B-", "I-")) else ("I", label)


class TokenClassification(Pipeline):
    """The named entities of a text.

    Called with a text it returns a list of dictionaries: for ``aggregation_strategy="none"`` one
    for each token with ``entity, score, index, word, start, end``, else one for each entity with
    ``entity_group, score, word, start, end``. ``text[start:end]`` is what stands in the text;
    ``word`` is what the tokenizer made of it. A list of texts gives a list of such lists.

    A text longer than the model takes is read in windows that overlap by ``stride`` tokens.

    >>> from transformers import BertConfig, BertForTokenClassification, BertTokenizer
    >>> words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "mega", "##tron", "!"]
    >>> tokenizer = BertTokenizer(vocab={word: i for i, word in enumerate(words)})
    >>> config = BertConfig(
    ...     vocab_size=8, hidden_size=8, num_hidden_layers=1, num_attention_heads=2,
    ...     intermediate_size=8, id2label={0: "O", 1: "I-PER"},
    ... )
    >>> model = BertForTokenClassification(config)
    >>> _ = model.classifier.weight.data.zero_(), model.classifier.bias.data[1].fill_(2.0)
    >>> ner = TokenClassification(model, tokenizer, aggregation_strategy="simple")
    >>> (entity,) = ner("Megatron")
    >>> entity["entity_group"], entity["word"], entity["start"], entity["end"]
    ('PER', 'megatron', 0, 8)
    >>> (window,) = ner.preprocess("Megatron!")
    >>> [row] = ner.forward(ner.pad([window]))
    >>> tokens = ner.tokens("Megatron!", [window], [row])
    >>> [(token["word"], token["start"], token["is_subword"]) for token in tokens]
    [('mega', 0, False), ('##tron', 4, True), ('!', 8, False)]
    >>> pieces = [ner.label([token]) for token in tokens[:2]]
    >>> [(piece["entity"], piece["word"]) for piece in pieces]
    [('I-PER', 'mega'), ('I-PER', '##tron')]
    >>> [(entity["entity_group"], entity["word"]) for entity in ner.group(pieces)]
    [('PER', 'megatron')]
    >>> len(ner.postprocess("Megatron!", [window], [row]))
    3

    Raises:
        ValueError: a text is empty, or the tokenizer is one in Python, without offsets.
    """

    task = "ner"
    auto_model = "AutoModelForTokenClassification"

    def __call__(self, inputs: Any, **options: Any) -> Any:
        """The entities of a text, or of each text in a list."""
        texts, is_single = as_texts(inputs)
        results = self.run(texts, **options)
        return results[0] if is_single else results

    def preprocess(self, example: str, *, stride: int | None = None) -> list[Window]:
        """One window, or several that overlap; without ``stride``, by a quarter of their length."""
        if not self.tokenizer.is_fast:
            raise ValueError(NO_OFFSETS.format(self.task))
        if self.max_length is None:
            return self.encode(example)
        room = self.max_length - self.tokenizer.num_special_tokens_to_add()
        stride = room // 4 if stride is None else stride
        if not 0 <= stride < room:
            raise ValueError(f"stride must be in 0 … {room - 1}, got {stride}")
        windows = self.encode(
            example,
            truncation=True,
            max_length=self.max_length,
            stride=stride,
            return_overflowing_tokens=True,
        )
        return [
            Window(window.inputs, window.encoding, first=number * (room - stride))
            for number, window in enumerate(windows)
        ]

    def forward(self, batch: dict[str, Tensor]) -> list[Float[Tensor, "length labels"]]:
        """The probabilities of the labels for each token, padding left out."""
        scores = self.model(**batch).logits.float().softmax(dim=-1).cpu()
        is_token = batch["attention_mask"].bool().cpu()
        return [row[own] for row, own in zip(scores, is_token, strict=True)]

    def postprocess(
        self,
        example: str,
        windows: list[Window],
        rows: list[Tensor],
        *,
        aggregation_strategy: str = "none",
        ignore_labels: list[str] | tuple[str, ...] = ("O",),
    ) -> list[dict[str, Any]]:
        """Tokens or entities, those with a label in ``ignore_labels`` left out.

        With ``none``, tokens as they are. With ``simple``, neighbours of one kind are one entity,
        unless a label begins with ``B-``. The others first make the tokens of a word agree: on what
        the ``first`` says, on the ``average`` of their scores, or on the token with the highest
        score (``max``).
        """
        strategy = str(aggregation_strategy).lower()
        check_choice("aggregation_strategy", strategy, STRATEGIES)
        tokens = self.tokens(example, windows, rows)
        if strategy in ("none", "simple"):
            pieces = [self.label([token]) for token in tokens]
        else:
            words: list[list[dict[str, Any]]] = []
            for token in tokens:
                if token["is_subword"] and words:
                    words[-1].append(token)
                else:
                    words.append([token])
            pieces = [self.label(word, strategy) for word in words]
        if strategy == "none":
            for piece, token in zip(pieces, tokens, strict=True):
                piece["index"] = token["index"]
            entities = pieces
            key = "entity"
        else:
            entities = self.group(pieces)
            key = "entity_group"
        found = [entity for entity in entities if entity[key] not in ignore_labels]
        for entity in found:
            entity["start"], entity["end"] = whole_characters(
                example, entity["start"], entity["end"]
            )
        order = (key, "score", "index", "word", "start", "end")
        return [{name: each[name] for name in order if name in each} for each in found]

    def tokens(self, text: str, windows: list[Window], rows: list[Tensor]) -> list[dict[str, Any]]:
        """Every token of the text once, with its scores, its place, and whether it is a subword."""
        places = [
            [i for i, special in enumerate(window.encoding.special_tokens_mask) if not special]
            for window in windows
        ]
        if not any(places):
            return []
        lengths = [len(own) for own in places]
        backend = self.tokenizer.backend_tokenizer.model
        prefix = getattr(backend, "continuing_subword_prefix", None)
        unknown = self.tokenizer.unk_token_id
        # an encoding makes these lists anew each time that it is asked
        read = [(own.encoding.ids, own.encoding.tokens, own.encoding.offsets) for own in windows]
        tokens = []
        for window, place in join_windows(lengths, [window.first for window in windows]):
            i, (ids, words, offsets) = places[window][place], read[window]
            (start, end), word = offsets[i], words[i]
            if prefix:
                is_subword = word.startswith(prefix)
            else:  # no sign of its own: what no blank separates belongs together
                is_subword = start > 0 and " " not in text[start - 1 : start + 1]
            if ids[i] == unknown:
                word, is_subword = text[start:end], False
            tokens.append(
                {
                    "word": word,
                    "scores": rows[window][i],
                    "index": windows[window].first + i,
                    "start": start,
                    "end": end,
                    "is_subword": is_subword,
                }
            )
        return tokens

    def label(self, tokens: list[dict[str, Any]], strategy: str | None = None) -> dict[str, Any]:
        """The label of a token; with a strategy, the one label of a word's tokens."""
        rows = [token["scores"] for token in tokens]  # (labels,) each
        if strategy == "average":
            scores = torch.stack(rows).mean(dim=0)
        elif strategy == "max":
            scores = max(rows, key=lambda row: row.max().item())
        else:
            scores = rows[0]
        best = int(scores.argmax())
        words = [token["word"] for token in tokens]
        return {
            "entity": self.model.config.id2label[best],
            "score": scores[best].item(),
            "word": self.tokenizer.convert_tokens_to_string(words) if strategy else words[0],
            "start": tokens[0]["start"],
            "end": tokens[-1]["end"],
        }

    def group(self, pieces: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Neighbours of one kind as one entity; its score is their mean."""
        groups: list[list[dict[str, Any]]] = []
        for piece in pieces:
            begins, kind = split_tag(piece["entity"])
            if groups and begins != "B" and split_tag(groups[-1][-1]["entity"])[1] == kind:
                groups[-1].append(piece)
            else:
                groups.append([piece])
        return [
            {
                "entity_group": own[0]["entity"].split("-", 1)[-1],
                "score": sum(piece["score"] for piece in own) / len(own),
                "word": self.tokenizer.convert_tokens_to_string([piece["word"] for piece in own]),
                "start": own[0]["start"],
                "end": own[-1]["end"],
            }
            for own in groups
        ]
