"""What pipelines say to wrong tasks, checkpoints, options and texts."""

import sys
import time

import pytest
import transformers

from jumok.pipelines import TASKS, TextClassification, pipeline
from jumok.pipelines.defaults import SHIPPED_MODELS
from pipeline_checkpoints import (
    LETTER,
    SIZES,
    bart,
    bert,
    bert_tokenizer,
    gpt2,
    marian,
    save,
    t5,
)


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """A small checkpoint for each task."""
    make = tmp_path_factory.mktemp
    return {
        "text-classification": bert(make("a"), "SequenceClassification"),
        "ner": bert(make("b"), "TokenClassification"),
        "question-answering": bert(make("c"), "QuestionAnswering"),
        "summarization": bart(make("d")),
        "translation": marian(make("e")),
        "text-generation": gpt2(make("f"), positions=64),
    }


@pytest.mark.parametrize(
    "task", ["sentiment", "Summarization", "text2text-generation", "fill-mask"]
)
def test_an_unknown_task_names_the_six(task):
    with pytest.raises(ValueError, match=f"unknown task '{task}'") as caught:
        pipeline(task)
    for known in TASKS:
        assert known in str(caught.value)
    removed = (
        "transformers 5 removed its pipelines for question-answering, summarization and translation"
    )
    assert removed in str(caught.value)
    if task == "fill-mask":
        assert "it still has one: transformers.pipeline('fill-mask')" in str(caught.value)


def test_what_transformers_did_is_true():
    """The message says what the installed version has."""
    from transformers.pipelines import PIPELINE_REGISTRY

    from jumok.pipelines import IN_TRANSFORMERS, REMOVED

    known = PIPELINE_REGISTRY.get_supported_tasks()
    assert not {"question-answering", "summarization", "translation", *REMOVED} & set(known)
    assert set(IN_TRANSFORMERS) <= set(known)


@pytest.mark.parametrize("task", ["translation_en", "translation_en_to_", "translation_to_de"])
def test_a_translation_names_two_languages(task):
    with pytest.raises(ValueError, match="expected a task such as translation_en_to_de"):
        pipeline(task)


@pytest.mark.parametrize("task", sorted({*TASKS, "translation_en_to_de"} - set(SHIPPED_MODELS)))
def test_without_a_model_the_message_names_one_and_how_to_get_it(task):
    with pytest.raises(FileNotFoundError, match=f"no model for {task} comes with jumok") as caught:
        pipeline(task)
    assert f'pipeline("{task}", "' in str(caught.value)
    assert "hf download" in str(caught.value)
    assert "--local-dir FOLDER" in str(caught.value)
    assert ", ".join(SHIPPED_MODELS) in str(caught.value)


def test_the_seeds_checkpoints_are_named(monkeypatch):
    with pytest.raises(FileNotFoundError, match="Helsinki-NLP/opus-mt-en-de"):
        pipeline("translation_en_to_de")
    monkeypatch.delitem(SHIPPED_MODELS, "summarization")
    with pytest.raises(FileNotFoundError, match=r'distilbart-cnn-12-6.*revision="a4f8f3e"'):
        pipeline("summarization", min_length=45)


# --- Checkpoints -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("task", "other", "message"),
    [
        ("ner", "text-classification", "no head for ner: it is a BertForSequenceClassification"),
        ("text-classification", "ner", "is a BertForTokenClassification.*Fine-tune it"),
        (
            "question-answering",
            "ner",
            "BertForTokenClassification.*qa_outputs.*random numbers",
        ),
        (
            "summarization",
            "text-generation",
            "GPT2LMHeadModel, of which AutoModelForSeq2SeqLM",
        ),
        ("text-classification", "translation", "is a MarianMTModel, of which"),
    ],
)
def test_a_checkpoint_without_the_head(folders, task, other, message):
    with pytest.raises(ValueError, match=message):
        pipeline(task, folders[other])


@pytest.mark.parametrize("task", ["text-classification", "ner", "question-answering"])
def test_a_checkpoint_without_any_head(tmp_path, task):
    tokenizer = bert_tokenizer()
    config = transformers.BertConfig(vocab_size=len(tokenizer), **SIZES)
    save(tmp_path, transformers.BertModel(config), tokenizer)
    with pytest.raises(ValueError, match=f"no head for {task}: it is a BertModel .*random numbers"):
        pipeline(task, tmp_path)


def test_weights_that_are_cut_off(folders, tmp_path):
    import shutil

    folder = shutil.copytree(folders["ner"], tmp_path / "cut")
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-100])
    with pytest.raises(ValueError, match=r"damaged or cut off.*fetch them again"):
        pipeline("ner", folder)
    with pytest.raises(ValueError, match=r"expected model\.safetensors with SHA-256 00"):
        pipeline("ner", folders["ner"], sha256="00")


def test_a_folder_without_a_checkpoint(folders, tmp_path):
    (tmp_path / "notes.txt").touch()
    with pytest.raises(FileNotFoundError, match=r"expected config\.json .* got notes\.txt"):
        pipeline("ner", tmp_path)
    for name in ("config.json", "model.safetensors"):
        (tmp_path / name).write_bytes((folders["ner"] / name).read_bytes())
    with pytest.raises(FileNotFoundError, match="expected the files of a tokenizer"):
        pipeline("ner", tmp_path)


def test_a_model_needs_its_tokenizer(folders):
    model = transformers.AutoModelForTokenClassification.from_pretrained(folders["ner"])
    with pytest.raises(ValueError, match="a loaded model needs tokenizer="):
        pipeline("ner", model)
    assert pipeline("ner", model, tokenizer=folders["ner"])("Thank you") is not None


def test_a_pair_that_the_checkpoint_does_not_know(tmp_path):
    folder = t5(tmp_path, {"translation_en_to_de": {"prefix": "to German: "}})
    with pytest.raises(ValueError, match="knows translation_en_to_de, not translation_ko_to_en"):
        pipeline("translation_ko_to_en", folder)


def test_without_transformers(monkeypatch, folders):
    monkeypatch.setitem(sys.modules, "transformers", None)
    with pytest.raises(ImportError, match="pip install 'jumok\\[compare\\]'"):
        pipeline("ner", folders["ner"])


# --- Texts -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        ("", "the text is empty"),
        (["Thank you", ""], "text 2 of 2 is empty"),
        (["Thank you", 3], "text 2 of 2 must be a string, got int"),
        (7, "expected a text or a list of texts, got int"),
        (b"Thank you", "got bytes"),
    ],
)
@pytest.mark.parametrize("task", [task for task in TASKS if task != "question-answering"])
def test_a_wrong_text(folders, task, inputs, message):
    run = pipeline(task, folders[task])
    with pytest.raises(ValueError, match=message):
        run(inputs)
    if task != "text-generation":
        with pytest.raises(ValueError, match="the text is empty"):
            run(" \n")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"question": "", "context": LETTER}, "question is empty"),
        ({"question": "Who?", "context": "  "}, "context is empty"),
        ({"question": "Who?"}, "expected question=… and context=…, .* got str and NoneType"),
        ({"question": ["Who?", "What?"], "context": [LETTER]}, "as many contexts as questions"),
        ({"inputs": ["Who?"]}, "expected a dictionary with question and context, got str"),
        ({"inputs": {"question": "Who?"}}, "context must be a string, got NoneType"),
        ({"question": 70 * "who ", "context": LETTER}, "has 210 tokens, a window has 64: no room"),
        ({"question": "Who?", "context": "\u0000"}, "finds no token in the context"),
        ({"question": "Who?", "context": LETTER, "top_k": 0}, "top_k must be .* at least 1, got 0"),
        ({"question": "Who?", "context": LETTER, "doc_stride": 64}, "doc_stride must be in 0 … 63"),
    ],
)
def test_a_wrong_question(folders, arguments, message):
    run = pipeline("question-answering", folders["question-answering"])
    with pytest.raises(ValueError, match=message):
        run(**arguments)


def test_a_text_longer_than_the_model_takes(folders):
    for task, text in (("text-classification", LETTER), ("summarization", 30 * LETTER)):
        with pytest.raises(
            ValueError, match=r"the text has .* tokens, the model takes .* truncation=True"
        ):
            pipeline(task, folders[task])(text)


def test_more_text_than_the_model_can_write(folders):
    run = pipeline("text-generation", folders["text-generation"], do_sample=False)
    with pytest.raises(ValueError, match="and 60 more are asked for, but the model takes 64"):
        run("Dear Amazon", max_new_tokens=60)
    with pytest.raises(ValueError, match="max_length=2 counts them too"):
        run("Dear Amazon", max_length=2)
    with pytest.raises(ValueError, match="the model takes 64: shorten the prompt"):
        run(LETTER)


# --- Options ---------------------------------------------------------------------------------


def test_an_unknown_option_names_those_there_are(folders):
    message = "ner has no option strategy; it has aggregation_strategy, ignore_labels, stride"
    with pytest.raises(ValueError, match=message):
        pipeline("ner", folders["ner"], strategy="simple")
    with pytest.raises(ValueError, match="ner has no option strategy"):
        pipeline("ner", folders["ner"])("Thank you", strategy="simple")


@pytest.mark.parametrize(
    ("task", "options", "message"),
    [
        ("ner", {"aggregation_strategy": "mean"}, "one of none, simple, first, average, max"),
        ("ner", {"stride": 62}, "stride must be in 0 … 61, got 62"),
        ("text-classification", {"function_to_apply": "tanh"}, "one of softmax, sigmoid, none"),
        ("text-classification", {"batch_size": 0}, "batch_size must be .* at least 1, got 0"),
    ],
)
def test_a_wrong_option(folders, task, options, message):
    with pytest.raises(ValueError, match=message):
        pipeline(task, folders[task])("Thank you", **options)


def test_a_tokenizer_without_offsets(folders):
    run = pipeline("ner", folders["ner"])

    class Slow:
        is_fast = False

    run.tokenizer = Slow()
    with pytest.raises(
        ValueError, match="gives no offsets: ner needs one of the library tokenizers"
    ):
        run("Thank you")


# --- Without a network -----------------------------------------------------------------------


def test_a_hub_out_of_reach_is_said_within_seconds(monkeypatch, tmp_path):
    import huggingface_hub

    monkeypatch.setattr(huggingface_hub.constants, "ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path))
    start = time.monotonic()
    with pytest.raises(FileNotFoundError, match="the Hub can't be reached") as caught:
        pipeline("ner", "dbmdz/bert-large-cased-finetuned-conll03-english", revision="4c53496")
    assert time.monotonic() - start < 10
    assert "`hf download dbmdz/bert-large-cased-finetuned-conll03-english --revision" in str(
        caught.value
    )
    with pytest.raises(FileNotFoundError, match="expected a folder or an id"):
        pipeline("ner", "./no/such/folder")


def test_the_class_of_a_task_says_its_name():
    assert TextClassification.task == "text-classification"
    assert [kind.task for kind in TASKS.values()] == list(TASKS)
