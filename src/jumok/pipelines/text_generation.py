"""Text generation: a prompt, and how it goes on."""

from typing import Any, ClassVar

from torch import Tensor

from jumok.pipelines.base import Pipeline, Window, as_texts
from jumok.pipelines.generation import checkpoint_options, generation_options, new_tokens

__all__ = ["TextGeneration"]


class TextGeneration(Pipeline):
    """A text that begins with the prompt.

    Called with a prompt it returns a list of dictionaries with ``generated_text``: the prompt,
    unchanged, and its continuation. A list of prompts gives a list of such lists. Options such as
    ``max_new_tokens``, ``max_length`` (with the prompt), ``do_sample`` and ``num_return_sequences``
    go to the model's ``generate``. Where neither you nor the checkpoint say otherwise, up to 256
    tokens are sampled at a temperature of 0.7, as transformers does: seed torch, or pass
    ``do_sample=False``, for the same text every time.

    >>> from transformers import GPT2Config, GPT2LMHeadModel, PreTrainedTokenizerFast
    >>> from tokenizers import Tokenizer, models, pre_tokenizers
    >>> words = Tokenizer(models.WordLevel({"<end>": 0, "<unk>": 1, "so": 2}, unk_token="<unk>"))
    >>> words.pre_tokenizer = pre_tokenizers.Whitespace()
    >>> tokenizer = PreTrainedTokenizerFast(
    ...     tokenizer_object=words, eos_token="<end>", unk_token="<unk>"
    ... )
    >>> config = GPT2Config(
    ...     vocab_size=3, n_embd=8, n_layer=1, n_head=2, n_positions=16,
    ...     bos_token_id=0, eos_token_id=0,
    ... )
    >>> generator = TextGeneration(GPT2LMHeadModel(config), tokenizer, do_sample=False)
    >>> text = generator("And so,", max_new_tokens=3, suppress_tokens=[0, 1])[0]["generated_text"]
    >>> text
    'And so, so so so'
    >>> generator.defaults({"max_length": 50})
    {}
    >>> (window,) = generator.preprocess("so", max_length=3)
    >>> window.limits
    {'max_new_tokens': 2}
    >>> rows = generator.forward(generator.pad([window]), max_new_tokens=2, suppress_tokens=[0, 1])
    >>> generator.postprocess("so", [window], rows)
    [{'generated_text': 'so so so'}]

    Raises:
        ValueError: a prompt is empty, or prompt and new tokens are more than the model takes.
    """

    task = "text-generation"
    auto_model = "AutoModelForCausalLM"
    pad_left = True  # what is written goes on at the right end
    generation_defaults: ClassVar[dict[str, Any]] = {
        "max_new_tokens": 256,
        "do_sample": True,
        "temperature": 0.7,
    }

    def defaults(self, task_specific: dict[str, Any]) -> dict[str, Any]:
        """None of the checkpoint's ``task_specific_params``: transformers 5 ignores them here."""
        return {}

    def __call__(self, inputs: Any, **options: Any) -> Any:
        """The continuations of a prompt, or of each prompt in a list."""
        texts, is_single = as_texts(inputs, may_be_blank=True)
        results = self.run(texts, **options)
        return results[0] if is_single else results

    def preprocess(self, example: str, **generation: Any) -> list[Window]:
        """One window with the prompt, and how many tokens may come after it.

        Prompts of one batch differ in length, so each has its number of *new* tokens, made of
        ``max_length`` if that is what was given. Without either, it is what the model has room for.

        Raises:
            ValueError: there is no token, or no room for what was asked for.
        """
        (window,) = self.encode(example, verbose=False)
        if not len(window):
            raise ValueError("the tokenizer finds no token in the prompt")
        options = generation_options(self.model, self.generation_defaults, generation)
        known = {**checkpoint_options(self.model), **options}
        new = known.get("max_new_tokens")
        if new is None:
            new = known["max_length"] - len(window)
            if new < 1:
                raise ValueError(
                    f"the prompt has {len(window)} tokens, max_length={known['max_length']} counts "
                    "them too: pass a larger one, or max_new_tokens"
                )
        if self.max_length is not None:
            room = self.max_length - len(window)
            asked = "max_new_tokens" in generation or "max_length" in generation
            if room < 1 or (asked and new > room):
                raise ValueError(
                    f"the prompt has {len(window)} tokens, and {new} more are asked for, but the "
                    f"model takes {self.max_length}: shorten the prompt, or ask for fewer"
                )
            new = min(new, room)
        limits = {"max_new_tokens": new}
        if known.get("min_length"):
            limits["min_new_tokens"] = max(0, min(new, known["min_length"] - len(window)))
        if known.get("repetition_penalty", 1.0) not in (None, 1.0):
            limits["prompt_length"] = len(window)  # it would count padding: equal lengths only
        return [Window(window.inputs, window.encoding, limits=limits)]

    def forward(
        self, batch: dict[str, Tensor], *, prompt_length: int | None = None, **generation: Any
    ) -> list[list[list[int]]]:
        """For each prompt the ids of its continuations. Batches are padded on the left."""
        ids = {name: batch[name] for name in ("input_ids", "attention_mask")}
        options = generation_options(self.model, self.generation_defaults, generation)
        options.pop("max_length", None)
        if options.get("min_new_tokens") is not None:
            options["min_length"] = 0
        end = options.get("eos_token_id", self.model.generation_config.eos_token_id)
        pad = self.tokenizer.pad_token_id
        if pad is None:
            pad = end[0] if isinstance(end, list) else end
        options.setdefault("pad_token_id", 0 if pad is None else pad)
        output = self.model.generate(**ids, **options)
        rows, prompt = ids["input_ids"].shape
        return new_tokens(output, prompt, rows, end)

    def postprocess(
        self,
        example: str,
        windows: list[Window],
        rows: list[list[list[int]]],
        *,
        return_full_text: bool = True,
        clean_up_tokenization_spaces: bool | None = None,
    ) -> list[dict[str, str]]:
        """The prompt and each continuation; without the prompt, if ``return_full_text`` is false.

        The continuation is what decoding prompt and new tokens adds to decoding the prompt alone:
        some tokenizers drop a blank at the beginning of what they decode.
        """

        def decode(ids: list[int]) -> str:
            text: str = self.tokenizer.decode(
                ids,
                skip_special_tokens=True,
                clean_up_tokenization_spaces=clean_up_tokenization_spaces,
            )
            return text

        ids = windows[0].inputs["input_ids"]
        before = decode(ids)
        prompt = example if return_full_text else ""
        results = []
        for new in rows[0]:
            both = decode(ids + new)
            more = both[len(before) :] if both.startswith(before) else decode(new)
            results.append({"generated_text": prompt + more})
        return results
