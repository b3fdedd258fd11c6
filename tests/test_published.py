"""The published outputs: true to their letter, and shown beside others with what differs marked."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from jumok.data.letters import LETTER_TO_AMAZON
from jumok.data.published import QUESTION, published_runs
from jumok.pipelines import pipeline_class
from jumok.pipelines.defaults import HUB_MODELS
from jumok.plotting import compare_rows, differing_words, highlight_spans

ROOT = Path(__file__).resolve().parents[1]
FIELDS = {
    "text-classification": {"label", "score"},
    "ner": {"entity_group", "score", "word", "start", "end"},
    "question-answering": {"score", "start", "end", "answer"},
    "summarization": {"summary_text"},
    "translation_en_to_de": {"translation_text"},
    "text-generation": {"generated_text"},
}
RUNS = published_runs()


@pytest.mark.parametrize("run", RUNS.values(), ids=RUNS)
def test_outputs_have_the_fields_of_the_pipelines_and_fit_the_letter(run):
    assert {task: set(rows[0]) for task, rows in run.outputs.items()} == FIELDS
    assert [pipeline_class(task).task for task in run.outputs] == list(HUB_MODELS)
    assert len(run.outputs["ner"]) == 10
    for row in run.outputs["ner"]:
        assert run.letter[row["start"] : row["end"]] == row["word"].removeprefix("##")
    for row in run.outputs["question-answering"]:
        assert run.letter[row["start"] : row["end"]] == row["answer"]
    for rows in run.outputs.values():
        for row in rows:
            assert all(
                value == value.strip("\n") for value in row.values() if isinstance(value, str)
            )
    assert f"{{{run.source}," in (ROOT / "docs" / "references.bib").read_text("utf-8")


def test_what_issue_and_documents_print():
    book, notebook = RUNS.values()
    assert QUESTION == "What does the customer want?"
    assert notebook.letter == LETTER_TO_AMAZON
    assert " ".join(book.letter.split()) == " ".join(notebook.letter.split()) == book.letter
    for run in (book, notebook):
        assert run.outputs["text-classification"] == [{"label": "NEGATIVE", "score": 0.901546}]
        assert run.outputs["question-answering"][0]["answer"] == "an exchange of Megatron"
        assert run.prompt.startswith(run.letter)
        assert run.prompt.endswith("mixed up.")
    assert notebook.outputs["question-answering"][0]["score"] == 0.631292
    assert book.outputs["question-answering"][0]["score"] == 0.631291
    german = [
        run.outputs["translation_en_to_de"][0]["translation_text"] for run in (book, notebook)
    ]
    assert [text.count("Anbei") for text in german] == [1, 0]
    assert len(german[0].split()) == len(german[1].split())


# --- What differs ----------------------------------------------------------------------------

texts = st.lists(st.sampled_from(["a", "b", "c", "dd"]), max_size=8).map(" ".join)


@given(texts, texts)
def test_without_the_marked_words_a_text_is_part_of_the_other(text, other):
    kept, position = "", 0
    for start, end, label in differing_words(text, other):
        assert label == "≠"
        assert text[start:end] == text[start:end].strip() != ""
        kept += text[position:start]
        position = end
    words = iter(other.split())
    assert all(word in words for word in (kept + text[position:]).split())


@given(texts)
def test_equal_words_are_not_marked_whatever_is_between_them(text):
    assert differing_words(text, "\n ".join(text.split())) == []


def test_both_texts_of_the_summary():
    book, notebook = (run.outputs["summarization"][0]["summary_text"] for run in RUNS.values())
    spans = differing_words(notebook, book)
    assert [notebook[start:end] for start, end, _ in spans] == ["he", "he", "his", "he"]
    assert highlight_spans(notebook, spans, alt="Differences.").count == 4


# --- Side by side ----------------------------------------------------------------------------


def read(shown):
    """The table as a reader hears it, and its marks."""
    table = html.fragment_fromstring(shown.html)
    cells = [[cell.text_content() for cell in row.iter("td")] for row in table.iter("tr")][1:]
    marks = [re.sub("\xa0.*", "", mark.text_content()) for mark in table.iter("mark")]
    return [head.text_content() for head in table.iter("th")], cells, marks


def test_the_ten_names_side_by_side():
    shown = compare_rows(
        {str(run.year): run.outputs["ner"] for run in RUNS.values()}, alt="Ten names."
    )
    heads, cells, marks = read(shown)
    assert heads == ["2022", "2025"]
    assert len(cells) == 10
    assert cells[0] == ["ORG 0.879010 Amazon 5 11"] * 2
    assert cells[2] == ["LOC 0.999755 Germany 90 97", "LOC 0.999755 Germany 91\xa0≠ 98\xa0≠"]
    assert [mark for mark in marks if "." in mark] == ["0.556568", "0.590257", "0.669691"]
    assert shown.count == len(marks) == 3 + 2 * 8
    assert 'scope="col"' in shown.html


def test_rows_meet_where_they_have_a_field_in_common():
    one = [{"start": 3, "word": "a"}, {"start": 9, "word": "b"}]
    other = [{"start": 5, "word": "<i>"}, {"start": 9, "word": "c"}]
    _, cells, marks = read(compare_rows({"1": one, "2": other}, align="start", alt="Two."))
    assert cells == [["3 a", "—"], ["—", "5\xa0≠ <i>\xa0≠"], ["9 b", "9 c\xa0≠"]]
    assert marks == ["5", "<i>", "c"]


def test_what_cannot_be_compared():
    with pytest.raises(ValueError, match="expected two runs or more, got 1"):
        compare_rows({"one": []}, alt="One.")
    with pytest.raises(ValueError, match="alt"):
        compare_rows({"one": [], "two": []}, alt=" ")
