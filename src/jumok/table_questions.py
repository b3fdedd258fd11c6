"""Questions to a table: which column, which rows, and what to do with the cells.

A model such as TAPAS learns these three choices from tables and questions. Here rules make them,
small enough to read: the column whose name is nearest in meaning to the question, the rows that
the question names, and an operation that it asks for by a word.

Source: Herzig et al., *TAPAS: Weakly Supervised Table Parsing via Pre-training* (2020), §2, for the
choices; the documentation of transformers for the fields of an answer.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from torch import Tensor

__all__ = ["TableAnswer", "ask_table"]

Cell = str | int | float
Encoder = Callable[[Sequence[str]], Tensor]
"""Sentences in, vectors of length one out: `jumok.sentence_embeddings.SentenceEncoder` is one."""

OPERATIONS = {
    "AVERAGE": ("average", "mean"),
    "SUM": ("in total", "altogether", "sum of"),
    "COUNT": ("how many", "number of"),
}
"""By which words a question asks for each operation."""


class TableAnswer(NamedTuple):
    """The answer as a text, the cells that it comes from, and what was done with them.

    >>> TableAnswer("50", [(0, 1), (1, 1)], ["30", "20"], "SUM").answer
    '50'
    """

    answer: str
    coordinates: list[tuple[int, int]]
    """Row and column of each cell, from 0."""
    cells: list[str]
    aggregator: str
    """``"NONE"``, ``"AVERAGE"``, ``"SUM"`` or ``"COUNT"``."""


def ask_table(encoder: Encoder, table: Mapping[str, Sequence[Cell]], question: str) -> TableAnswer:
    """Answer an English question from a table, given as a dictionary of columns.

    Of the columns that no row is named by, the one is taken whose name is nearest to the question.
    ``"how many"`` counts rows only where the column holds texts; numbers are already counted.

    Raises:
        ValueError: the table has no column or no row, or columns of different lengths.

    >>> from torch import tensor
    >>> def encoder(texts):
    ...     return tensor([[float(name in text) for name in orders] for text in texts])
    >>> orders = {"product": ["chair", "lamp", "lamp"], "price": [30, 20, 25]}
    >>> found = ask_table(encoder, orders, "What is the average price of a lamp?")
    >>> found.answer, found.cells, found.aggregator
    ('22.5', ['20', '25'], 'AVERAGE')
    """
    lengths = {name: len(column) for name, column in table.items()}
    if not lengths or len(set(lengths.values())) != 1 or not next(iter(lengths.values())):
        raise ValueError(f"expected columns of one length, at least 1, got {lengths}")
    lowered = question.lower()
    names = list(table)
    rows = set(range(next(iter(lengths.values()))))
    naming = set()
    for name, column in table.items():
        found = {
            row
            for row, cell in enumerate(column)
            if isinstance(cell, str) and cell.lower() in lowered
        }
        if found:
            rows &= found
            naming.add(name)
    cosines = encoder(names) @ encoder([question]).T  # (columns, 1)
    nearness = dict(zip(names, cosines[:, 0].tolist(), strict=True))
    column_name = max(
        (name for name in names if name not in naming or len(naming) == len(names)),
        key=nearness.__getitem__,
    )
    cells = [table[column_name][row] for row in sorted(rows)]
    numbers = [cell for cell in cells if not isinstance(cell, str)]
    asked = [name for name, words in OPERATIONS.items() if any(word in lowered for word in words)]
    operation = asked[0] if asked else "NONE"
    if operation == "COUNT" and numbers:
        operation = "NONE"
    if operation == "COUNT":
        answer = str(len(cells))
    elif operation == "NONE" or not numbers:
        operation, answer = "NONE", ", ".join(map(str, cells))
    else:
        total = sum(numbers)
        answer = f"{total if operation == 'SUM' else total / len(numbers):g}"
    place = names.index(column_name)
    return TableAnswer(
        answer, [(row, place) for row in sorted(rows)], [str(cell) for cell in cells], operation
    )
