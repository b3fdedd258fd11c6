"""Text classification: one label for a text, such as its sentiment."""

from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from jumok.checks import check_choice
from jumok.pipelines.base import Pipeline, Window, as_texts, check_text

__all__ = ["TextClassification"]


class TextClassification(Pipeline):
    """The label of a text, with its probability.

    Called with a text it returns a list of one dictionary with ``label`` and ``score``; with
    ``top_k``, one for each of the best labels (``None`` is all). Called with a list of texts it
    returns one dictionary, or with ``top_k`` one list, for each. A pair of texts is a dictionary
    with ``text`` and ``text_pair``.

    The model is one of transformers' ``AutoModelForSequenceClassification``. This one says
    POSITIVE to everything:

    >>> from transformers import BertConfig, BertForSequenceClassification, BertTokenizer
    >>> words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "thank", "you"]
    >>> tokenizer = BertTokenizer(vocab={word: i for i, word in enumerate(words)})
    >>> config = BertConfig(
    ...     vocab_size=7, hidden_size=8, num_hidden_layers=1, num_attention_heads=2,
    ...     intermediate_size=8, id2label={0: "NEGATIVE", 1: "POSITIVE"},
    ... )
    >>> model = BertForSequenceClassification(config)
    >>> _ = model.classifier.weight.data.zero_(), model.classifier.bias.data[1].fill_(2.0)
    >>> classifier = TextClassification(model, tokenizer)
    >>> [(each["label"], round(each["score"], 3)) for each in classifier("Thank you", top_k=2)]
    [('POSITIVE', 0.881), ('NEGATIVE', 0.119)]
    >>> (window,) = classifier.preprocess("Thank you")
    >>> window.encoding.tokens
    ['[CLS]', 'thank', 'you', '[SEP]']
    >>> logits = classifier.forward(classifier.pad([window]))
    >>> classifier.postprocess("Thank you", [window], list(logits))["label"]
    'POSITIVE'

    Raises:
        ValueError: a text is empty, or longer than the model takes.
    """

    task = "text-classification"
    auto_model = "AutoModelForSequenceClassification"

    def __call__(self, inputs: Any, **options: Any) -> Any:
        """The labels of a text or of each text in a list."""
        pairs = [inputs] if isinstance(inputs, dict) else inputs
        if isinstance(pairs, list) and pairs and all(isinstance(each, dict) for each in pairs):
            for pair in pairs:
                check_text("text", pair.get("text"))
                check_text("text_pair", pair.get("text_pair", "."))
            results = self.run(pairs, **options)
            return results[0] if isinstance(inputs, dict) else results
        texts, is_single = as_texts(inputs)
        results = self.run(texts, **options)
        if is_single:
            return results[0] if isinstance(results[0], list) else results
        return results

    def preprocess(
        self, example: Any, *, truncation: bool = False, max_length: int | None = None
    ) -> list[Window]:
        """One window: ``[CLS]``, the tokens of the text, ``[SEP]``."""
        texts = (example,)
        if isinstance(example, dict):
            texts = tuple(example[key] for key in ("text", "text_pair") if key in example)
        return self.encode_whole(*texts, truncation=truncation, max_length=max_length)

    def forward(self, batch: dict[str, Tensor]) -> Float[Tensor, "batch labels"]:
        """The logits of the labels."""
        logits: Tensor = self.model(**batch).logits
        return logits.float().cpu()

    def postprocess(
        self,
        example: Any,
        windows: list[Window],
        rows: list[Tensor],
        *,
        top_k: int | str | None = "best",
        function_to_apply: str | None = None,
    ) -> Any:
        """The label with the highest score; with ``top_k``, a list of the best.

        Scores are probabilities: softmax over the labels; the logistic sigmoid if there is only
        one label, or if several can be right at once. A regression gives its number.
        """
        config = self.model.config
        if function_to_apply is None:
            if config.problem_type == "regression":
                function_to_apply = "none"
            elif config.problem_type == "multi_label_classification" or config.num_labels == 1:
                function_to_apply = "sigmoid"
            else:
                function_to_apply = "softmax"
        check_choice("function_to_apply", function_to_apply, ("softmax", "sigmoid", "none"))
        (logits,) = rows
        scores = logits
        if function_to_apply == "softmax":
            scores = logits.softmax(dim=-1)
        elif function_to_apply == "sigmoid":
            scores = torch.sigmoid(logits)
        labels = [
            {"label": config.id2label[label], "score": scores[label].item()}
            for label in scores.argsort(descending=True, stable=True).tolist()
        ]
        return labels[0] if isinstance(top_k, str) else labels[:top_k]
