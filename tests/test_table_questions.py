"""Questions to a table, with an encoder that only knows which words are equal."""

import pytest
import torch

from jumok.table_questions import ask_table

ORDERS = {
    "product": ["Megatron", "Bumblebee", "Starscream"],
    "city": ["Berlin", "Berlin", "Hamburg"],
    "price": [40, 25, 30.5],
}


def words_in_common(sentences):
    """A vector of words for each sentence, of length one."""
    words = sorted({"product", "products", "city", "price", "sold"})
    counts = torch.tensor(
        [[float(word in sentence.lower().split()) for word in words] for sentence in sentences]
    )
    return torch.nn.functional.normalize(counts + 1e-3, dim=-1)


@pytest.mark.parametrize(
    ("question", "answer", "operation", "coordinates"),
    [
        ("What is the price of Megatron ?", "40", "NONE", [(0, 2)]),
        ("In which city is Starscream ?", "Hamburg", "NONE", [(2, 1)]),
        ("Which product is in Berlin ?", "Megatron, Bumblebee", "NONE", [(0, 0), (1, 0)]),
        ("How many of the product are in Berlin ?", "2", "COUNT", [(0, 0), (1, 0)]),
        ("The price of all in Berlin in total ?", "65", "SUM", [(0, 2), (1, 2)]),
        ("The average price in Hamburg ?", "30.5", "AVERAGE", [(2, 2)]),
        ("The average city in Hamburg ?", "Starscream", "NONE", [(2, 0)]),
        ("How many is the price of Bumblebee ?", "25", "NONE", [(1, 2)]),
    ],
)
def test_answers(question, answer, operation, coordinates):
    found = ask_table(words_in_common, ORDERS, question)
    assert (found.answer, found.aggregator, found.coordinates) == (answer, operation, coordinates)
    names = list(ORDERS)
    assert found.cells == [str(ORDERS[names[column]][row]) for row, column in coordinates]


def test_tables_without_rows_are_refused():
    for table in ({}, {"a": []}, {"a": [1], "b": []}):
        with pytest.raises(ValueError, match="columns of one length, at least 1"):
            ask_table(words_in_common, table, "What is it?")
