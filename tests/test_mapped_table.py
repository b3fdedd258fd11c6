"""The table in files against plain lists, and its cache against functions that change."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jumok.data.mapped_table import MappedTable, TextColumn, fingerprint, write_table

ROWS = [
    {"text": "가을에는 낙엽이 떨어져요.", "label": 3, "score": 0.5},
    {"text": "", "label": -1, "score": 1e300},
    {"text": "🙂 é", "label": 2**62, "score": -0.0},
]
OFFSET = 10


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.text(), st.integers(-(2**63), 2**63 - 1), st.floats()), min_size=1))
def test_rows_come_back_as_they_were(tmp_path_factory, rows):
    given_rows = [
        {"text": text.encode("utf-8", "ignore").decode(), "label": label, "score": score}
        for text, label, score in rows
    ]
    table = write_table(tmp_path_factory.mktemp("table"), given_rows)
    assert len(table) == len(given_rows)
    for found, expected in zip(table, given_rows, strict=True):
        assert repr(found) == repr(expected)  # NaN is itself here


def test_index_slice_and_column(tmp_path):
    table = write_table(tmp_path, ROWS)
    assert table[-1] == ROWS[-1] == MappedTable(tmp_path)[2]
    assert table[1:] == {
        "text": ["", "🙂 é"],
        "label": [-1, 2**62],
        "score": [1e300, -0.0],
    }
    assert table["text"][::2] == [ROWS[0]["text"], ROWS[2]["text"]]
    assert table["text"].lengths().tolist() == [len(row["text"].encode()) for row in ROWS]
    with pytest.raises(IndexError):
        table[3]
    with pytest.raises(KeyError):
        table["nothing"]


def test_a_column_is_a_view_of_its_file(tmp_path):
    labels = write_table(tmp_path, ROWS)["label"]
    assert isinstance(labels, np.memmap)
    assert np.shares_memory(labels, np.asarray(labels[1:]))
    assert not labels.flags.writeable


def test_the_layout_is_arrows():
    """The example of the specification, without its null: joe, (empty), mark."""
    column = TextColumn(np.array([0, 3, 3, 7]), np.frombuffer(b"joemark", np.uint8))
    assert list(column) == ["joe", "", "mark"]


def test_rows_must_agree(tmp_path):
    with pytest.raises(ValueError, match="expected row 1 with text: str, label: int, got"):
        write_table(tmp_path, [{"text": "a", "label": 1}, {"text": "a", "label": "1"}])
    with pytest.raises(ValueError, match="at least one row"):
        write_table(tmp_path, [])
    with pytest.raises(ValueError, match="columns of str, int or float"):
        write_table(tmp_path, [{"text": True}])
    with pytest.raises(FileNotFoundError, match=r"schema\.json"):
        MappedTable(tmp_path / "none")


def test_map_computes_once(tmp_path, monkeypatch):
    table = write_table(tmp_path / "table", ROWS)

    def longer(row):
        return {"length": len(row["text"]) + OFFSET}

    first = table.map(longer, cache=tmp_path / "cache")
    assert first["length"].tolist() == [len(row["text"]) + 10 for row in ROWS]
    assert first[0]["text"] == ROWS[0]["text"]
    folders = {path.name for path in (tmp_path / "cache").iterdir()}
    again = table.map(longer, cache=tmp_path / "cache")
    assert again.folder == first.folder
    assert {path.name for path in (tmp_path / "cache").iterdir()} == folders
    monkeypatch.setitem(globals(), "OFFSET", 11)
    changed = table.map(longer, cache=tmp_path / "cache")
    assert changed.folder != first.folder
    assert changed["length"].tolist() == [len(row["text"]) + 11 for row in ROWS]


def test_fingerprints_follow_what_is_computed():
    def with_one(row):
        return {"n": 1}

    def the_same(row):  # a comment
        return {"n": 1}

    def with_two(row):
        return {"n": 2}

    def with_default(row, n=1):
        return {"n": n}

    def adds(number):
        return lambda row: {"n": number}

    assert fingerprint(with_one) == fingerprint(the_same)
    others = [with_one, with_two, with_default, adds(1), adds(2)]
    assert len({fingerprint(each) for each in others}) == len(others)


def test_fingerprints_look_into_called_functions():
    def make(number):
        def inner(row):
            return number

        def outer(row):
            return {"n": inner(row)}

        return outer

    assert fingerprint(make(1)) == fingerprint(make(1))
    assert fingerprint(make(1)) != fingerprint(make(2))


def test_what_has_no_fingerprint_is_refused():
    lock = (each for each in ())  # a generator can't be pickled
    with pytest.raises(ValueError, match="got lock of generator: make it inside the function"):
        fingerprint(lambda row: {"n": lock})
    with pytest.raises(ValueError, match="a function written in Python"):
        fingerprint(len)


def test_an_unfinished_table_is_written_again(tmp_path):
    table = write_table(tmp_path / "table", ROWS)

    def same(row):
        return {"label": row["label"]}

    folder = table.map(same, cache=tmp_path / "cache").folder
    (folder / "schema.json").unlink()
    (folder / "label.values").write_bytes(b"cut")
    assert table.map(same, cache=tmp_path / "cache")["label"].tolist() == table["label"].tolist()
