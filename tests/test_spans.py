"""Texts with marked stretches: what a browser makes of them is the text, with a label at each."""

from html.parser import HTMLParser

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from jumok.data.letters import letter
from jumok.plotting import highlight_spans


class Reader(HTMLParser):
    """What is read of a marked text: the text alone, and what is marked with its label."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text, self.marked, self.tags = "", [], []
        self.open: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag == "br":
            self.add("\n")
            return
        self.open.append(tag)
        if tag == "mark":
            self.marked.append(["", ""])

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.add(data)

    def add(self, data):
        in_label = "small" in self.open
        if "mark" in self.open:
            self.marked[-1][in_label] += data
        if not in_label:
            self.text += data


def read(text, spans, **options):
    return Reader(highlight_spans(text, spans, alt="Marks.", **options).html)


@pytest.mark.parametrize("language", ["ko", "en"])
def test_names_of_a_letter_are_marked_where_they_stand(language):
    one = letter("new names", 1)
    found = read(one.text(language), one.entities(language))
    assert found.text == one.text(language)
    assert found.marked == [[e.text, f"\xa0{e.label}"] for e in one.entities(language)]


@pytest.mark.parametrize(
    ("span", "label"),
    [
        ((3, 9, "LOC"), "LOC"),
        ((3, 9, "LOC", 0.987), "LOC\xa00.99"),
        ({"entity_group": "LOC", "score": 0.5, "word": "##x", "start": 3, "end": 9}, "LOC\xa00.50"),
        ({"entity": "I-LOC", "score": 1, "index": 2, "start": 3, "end": 9}, "I-LOC\xa01.00"),
        ({"score": torch.tensor(0.25), "start": 3, "end": 9, "answer": "Berlin"}, "answer\xa00.25"),
        ((np.int64(3), np.int32(9), "a", np.float32(0.5)), "a\xa00.50"),
        ({"start": 3, "end": 9, "answer": "Berlin", "label": "where"}, "where"),
    ],
)  # fmt: skip
def test_every_way_to_give_a_span(span, label):
    assert read("In Berlin.", [span]).marked == [["Berlin", f"\xa0{label}"]]


def test_a_single_answer_needs_no_list_and_an_empty_one_marks_nothing():
    answer = {"score": 0.9, "start": 3, "end": 9, "answer": "Berlin"}
    assert read("In Berlin.", answer).marked == [["Berlin", "\xa0answer\xa00.90"]]
    none = {"score": 0.9, "start": 0, "end": 0, "answer": ""}
    assert read("In Berlin.", none).marked == []


def test_neighbours_may_touch_and_come_in_any_order():
    found = read("Megatron", [(4, 8, "PER"), (0, 4, "MISC")])
    assert [text for text, _ in found.marked] == ["Mega", "tron"]


@given(st.text(), st.data())
def test_any_text_is_shown_as_it_is(text, data):
    edges = sorted(data.draw(st.sets(st.integers(0, len(text)), max_size=6)))
    spans = [(a, b, "<b>&") for a, b in zip(edges[::2], edges[1::2], strict=False)]
    found = read(text, spans)
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    if all(text[e - 1 : e + 1] != "\r\n" for e in edges):
        assert found.text == lines
    assert [label for _, label in found.marked] == ["\xa0<b>&"] * len(spans)


def test_it_has_a_name_and_neither_script_nor_style():
    marked = highlight_spans("a < b", [(0, 1, "x")], alt='The "first"\nletter.', language="ko")
    html = marked._repr_html_()
    tags = dict(Reader(html).tags)
    assert list(tags) == ["figure", "p", "mark", "small"]
    assert tags["figure"]["aria-label"] == 'The "first" letter.'
    assert tags["figure"]["class"].split() == ["jumok-figure", "jumok-spans"]
    assert tags["p"] == {"class": "notranslate", "translate": "no", "lang": "ko"}
    assert not any("style" in attributes for attributes in tags.values())
    assert repr(marked) == '<jumok text, 1 marked: The "first"\nletter.>'
