"""The numbers of every figure stand below it as tables that a screen reader can walk."""

from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
import torch
from babel.messages.pofile import read_po

from jumok.plotting import Figure, attention_heads, heatmap, lines, matrices, position_encodings
from jumok.plotting._table import LARGEST, SAMPLED, SPACE, STRONGEST, WORDS
from jumok.transformer import sinusoidal_positions
from test_plotting import CAT, DATE, DRAWINGS, causal, texts

CATALOGS = Path(__file__).parents[1] / "extensions" / "sphinx_inline_figures" / "locale"


def details(figure: Figure) -> ElementTree.Element:
    assert figure.numbers in figure._repr_html_()
    return ElementTree.fromstring(figure.numbers)


def tables(figure: Figure) -> list[list[list[str]]]:
    """For each table its rows, as texts."""
    return [
        [["".join(cell.itertext()) for cell in row] for row in table.iter("tr")]
        for table in details(figure).iter("table")
    ]


@pytest.fixture(scope="module", params=DRAWINGS)
def figure(request: pytest.FixtureRequest) -> Figure:
    return DRAWINGS[request.param]()


def test_every_figure_has_tables_that_name_what_they_hold(figure: Figure):
    root = details(figure)
    assert root.tag == "details"
    assert root.findtext("summary") == "Show the numbers"
    assert "open" not in root.attrib
    assert list(root.iter("table"))
    for table in root.iter("table"):
        assert table.findtext("caption")
        heads = list(table.iter("th"))
        assert {head.get("scope") for head in heads} <= {"row", "col", "colgroup"}
        assert all("".join(head.itertext()).strip() for head in heads)
        body = table.find("tbody")
        assert body is not None
        widths = set()
        for row in table.iter("tr"):
            widths.add(sum(int(cell.get("colspan", 1)) for cell in row))
        assert len(widths) == 1, "each row has as many cells as the head"
        assert all(row[0].get("scope") == "row" for row in body)


def test_tables_stay_small(figure: Figure):
    assert figure.numbers.count("<td") <= LARGEST * 1.2
    assert len(figure.numbers.encode()) < 9_000


def test_numbers_are_those_that_were_given():
    weights = causal(7)
    figure = heatmap(
        weights, rows=CAT, columns=CAT, row_label="query", column_label="key", alt="C."
    )
    (group, head, *body), *_ = tables(figure)
    assert group == ["", "key"]
    assert head == ["query", *CAT]
    assert [row[0] for row in body] == CAT
    read = np.array([[float(cell) for cell in row[1:]] for row in body])
    np.testing.assert_allclose(read, weights, atol=0.00501)
    assert body[0][2:] == ["0"] * 6  # masked, not merely small


def test_words_of_the_table_are_those_of_the_drawing():
    """Labels that are language are translated once, for both."""
    figure = lines([1, 2], {"loss": [0.5, 0.25]}, x_label="epoch", y_label="nats", alt="Falls.")
    assert tables(figure) == [
        [["", "nats"], ["epoch", "loss"], ["1", "0.5"], ["2", "0.25"]],
    ]
    assert {"epoch", "nats", "loss"} <= {*texts(figure), "loss"}
    unnamed = lines([1, 2], {"": [0.5, 0.25]}, x_label="epoch", y_label="nats", alt="Falls.")
    assert tables(unnamed)[0][0] == ["epoch", "nats"]


def test_tokens_are_data_and_labels_are_not():
    heads = details(DRAWINGS["heatmap"]()).iter("th")
    data = ["".join(head.itertext()) for head in heads if head.get("translate") == "no"]
    assert sorted(data) == sorted(CAT * 2)
    words = heatmap([[1.0]], rows=["yes"], columns=["no"], verbatim=False, alt="Words.")
    assert 'translate="no"' not in words.numbers


def test_a_name_without_letters_can_be_read():
    assert SPACE in {row[0] for row in tables(DRAWINGS["hangul"]())[0]}
    assert DATE.count(" ") > 0


def test_many_weights_are_told_by_the_largest_of_each_row():
    weights = causal(7, 12)
    figure = attention_heads(weights, rows=CAT, columns=CAT, row_label="query", alt="Twelve.")
    root = details(figure)
    assert root.findtext("p") == STRONGEST
    ((head, *body),) = tables(figure)
    assert head == ["query", *(f"head {number}" for number in range(1, 13))]
    names = ["<START>", "the (2)", "cat", "is", "on", "the (6)", "mat"]
    for query, row in enumerate(body):
        for number, told in enumerate(row[1:]):
            name, _, value = told.rpartition(" ")
            assert name == names[int(weights[number, query].argmax())]
            assert float(value) == pytest.approx(float(weights[number, query].max()), abs=0.00501)


def test_many_values_are_told_at_even_steps():
    encoding = sinusoidal_positions(120, 500)
    figure = position_encodings(encoding, alt="Waves.")
    assert details(figure).findtext("p") == SAMPLED
    ((_, head, *body),) = tables(figure)
    assert (head[1], head[-1]) == ("0", "499")
    assert (body[0][0], body[-1][0]) == ("0", "119")
    for row in body:
        for column, told in zip(head[1:], row[1:], strict=True):
            value = float(encoding[int(row[0]), int(column)])
            assert float(told.replace("\N{MINUS SIGN}", "-")) == pytest.approx(value, abs=0.00501)


def test_long_curves_are_told_at_even_steps():
    figure = lines(range(1000), {"a": torch.arange(1000.0)}, x_label="x", y_label="y", alt="Line.")
    assert details(figure).findtext("p") == SAMPLED
    ((_, _, *body),) = tables(figure)
    assert body[0] == ["0", "0"]
    assert body[-1] == ["999", "999"]
    assert len(body) <= 21


def test_long_strips_stay_small():
    for shape in ((2, 5000), (5000, 2), (1, 400), (30, 30)):
        figure = heatmap(-np.ones(shape), colour="diverging", alt="Strip.")
        assert figure.numbers.count("<td") <= LARGEST * 1.2


def test_each_matrix_has_a_table():
    a = [[1, 2], [3, 4]]
    figure = matrices([("A", a), "@", ("B", [[0.5], [0.25]])], alt="A product.")
    first, second = tables(figure)
    assert [row[1:] for row in first[1:]] == [["1", "2"], ["3", "4"]]
    assert [row[1:] for row in second[1:]] == [["0.50"], ["0.25"]]


def test_saved_files_hold_the_drawing_alone(tmp_path: Path):
    DRAWINGS["heatmap"]().save(tmp_path / "drawing.svg")
    assert "<table" not in (tmp_path / "drawing.svg").read_text(encoding="utf-8")


@pytest.mark.parametrize("language", [path.name for path in CATALOGS.iterdir()])
def test_common_words_are_translated(language: str):
    path = CATALOGS / language / "LC_MESSAGES" / "sphinx_inline_figures.po"
    with path.open("rb") as file:
        translated = {message.id for message in read_po(file) if message.id and message.string}
    assert translated == set(WORDS)
