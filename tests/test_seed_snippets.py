"""The calls of the book's source documents run when only the import changes.

Each is written for the pipelines of transformers 4. Here it runs as it stands, after one
replacement, and gives the fields of those pipelines, in types that a table or JSON takes. Without a
name of a model that is the one that comes with the package; the one name of the Hub is answered by
a small hub on this machine.
"""

import json

import huggingface_hub
import pytest

from jumok.data.letters import LETTER_TO_AMAZON, REPLY_CUES, letter
from jumok.pipelines import pipeline
from pipeline_checkpoints import marian
from small_hub import small_hub

IMPORT = "from transformers import pipeline"
OURS = "from jumok.pipelines import pipeline"

CLASSIFICATION = f"""
{IMPORT}
classifier = pipeline("text-classification")
outputs = classifier(text)
"""

NAMES = f"""
{IMPORT}
ner_tagger = pipeline("ner", aggregation_strategy="simple")
outputs = ner_tagger(text)
"""

QUESTION = f"""
{IMPORT}
reader = pipeline("question-answering")
question = "What does the customer want?"
outputs = reader(question=question, context=text)
"""

SUMMARY = f"""
{IMPORT}
summarizer = pipeline("summarization")
outputs = summarizer(text, max_length=45, clean_up_tokenization_spaces=True)
"""

TRANSLATION = f"""
{IMPORT}
translator = pipeline("translation_en_to_de", model="Helsinki-NLP/opus-mt-en-de")
outputs = translator(text, clean_up_tokenization_spaces=True, min_length=100)
"""

GENERATION = f"""
{IMPORT}
generator = pipeline("text-generation")
prompt = text + "\\n\\n{REPLY_CUES["en"]}\\n" + response
outputs = generator(prompt, max_length=200)
"""

GENERATED = letter("new patterns", 0)
TEXTS = {
    "published": LETTER_TO_AMAZON,
    "on one line": LETTER_TO_AMAZON.replace("\n", ""),
    "English": GENERATED.text("en"),
    "Korean": GENERATED.text("ko"),
}
every_text = pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)


def run(snippet, **given):
    """The variables of a snippet after it ran, with our import."""
    assert snippet.count(IMPORT) == 1
    variables = dict(given)
    exec(snippet.replace(IMPORT, OURS), variables)
    json.dumps(variables["outputs"])  # Python's own numbers and texts
    return variables


def assert_span(row, text, name):
    assert (type(row["score"]), type(row["start"]), type(row["end"])) == (float, int, int)
    assert 0 <= row["score"] <= 1
    assert 0 <= row["start"] < row["end"] <= len(text)
    assert text[row["start"] : row["end"]].strip() == text[row["start"] : row["end"]]
    assert isinstance(row[name], str)
    assert row[name]


@every_text
def test_text_classification(text):
    (row,) = run(CLASSIFICATION, text=text)["outputs"]
    assert list(row) == ["label", "score"]
    assert row["label"] in ("NEGATIVE", "POSITIVE")
    assert 0.5 <= row["score"] <= 1


@every_text
def test_named_entities(text):
    rows = run(NAMES, text=text)["outputs"]
    assert rows
    for row in rows:
        assert list(row) == ["entity_group", "score", "word", "start", "end"]
        assert_span(row, text, "word")
        assert row["entity_group"] in ("PER", "ORG", "LOC", "MISC")
    assert [row["start"] for row in rows] == sorted(row["start"] for row in rows)


@every_text
def test_question_answering(text):
    row = run(QUESTION, text=text)["outputs"]
    assert list(row) == ["score", "start", "end", "answer"]
    assert_span(row, text, "answer")
    assert text[row["start"] : row["end"]] == row["answer"]


@every_text
def test_summarization(text):
    variables = run(SUMMARY, text=text)
    (row,) = variables["outputs"]
    assert list(row) == ["summary_text"]
    tokens = variables["summarizer"].tokenizer(row["summary_text"])["input_ids"]
    assert 1 < len(tokens) <= 45


def test_translation_with_the_name_of_the_hub(monkeypatch, tmp_path):
    constants = huggingface_hub.constants
    with small_hub() as hub:
        hub.commit("Helsinki-NLP/opus-mt-en-de", marian(tmp_path / "made"))
        template = constants.HUGGINGFACE_CO_URL_TEMPLATE.replace(constants.ENDPOINT, hub.address)
        monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
        monkeypatch.setattr(constants, "ENDPOINT", hub.address)
        monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
        (row,) = run(TRANSLATION, text=LETTER_TO_AMAZON)["outputs"]
    assert list(row) == ["translation_text"]
    assert isinstance(row["translation_text"], str)


@pytest.mark.parametrize(("source", "target"), [("en", "ko"), ("ko", "en")])
def test_translation_with_the_model_of_the_package(source, target):
    named = 'pipeline("translation_en_to_de", model="Helsinki-NLP/opus-mt-en-de")'
    assert named in TRANSLATION
    snippet = TRANSLATION.replace(named, f'pipeline("translation_{source}_to_{target}")')
    variables = run(snippet, text=GENERATED.text(source))
    (row,) = variables["outputs"]
    assert list(row) == ["translation_text"]
    assert len(row["translation_text"]) > 50


@pytest.mark.parametrize("language", ["en", "ko"])
def test_text_generation(language):
    response = {"en": "Dear customer,", "ko": "고객님께,"}[language]
    variables = run(GENERATION, text=GENERATED.text(language), response=response)
    (row,) = variables["outputs"]
    assert list(row) == ["generated_text"]
    assert row["generated_text"].startswith(variables["prompt"])
    tokens = variables["generator"].tokenizer(row["generated_text"])["input_ids"]
    assert len(tokens) <= 200


def test_a_limit_that_counts_the_prompt_is_refused_where_the_prompt_is_longer():
    """The published letter has more tokens in a small vocabulary than in GPT-2's of 50,257."""
    response = "Dear Bumblebee, I am sorry to hear that your order was mixed up."
    tokenizer = pipeline("text-generation").tokenizer
    prompt = f"{LETTER_TO_AMAZON}\n\n{REPLY_CUES['en']}\n{response}"
    size = len(tokenizer(prompt)["input_ids"])
    if size < 200:
        run(GENERATION, text=LETTER_TO_AMAZON, response=response)
    else:
        with pytest.raises(ValueError, match=f"{size} tokens, max_length=200 counts them too"):
            run(GENERATION, text=LETTER_TO_AMAZON, response=response)


@pytest.mark.parametrize("task", ["question-answering", "summarization", "translation_en_to_de"])
def test_unchanged_these_raise(task):
    """Why the import has to change: version 5 of transformers has no such pipelines."""
    import transformers

    with pytest.raises(KeyError):
        transformers.pipeline(task)
