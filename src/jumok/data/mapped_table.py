"""A table in files that the operating system maps into memory, as Hugging Face Datasets keeps one.

Each column is stored in one piece, in the layout of Apache Arrow: numbers side by side; texts as
bytes side by side, with the places where each begins. A row is put together when it is asked for,
and only the pages of the files that hold it are read. What was computed of a table is kept under a
fingerprint of what it was computed from.

Source: Lhoest et al., *Datasets: A Community Library for Natural Language Processing* (2021), §3;
*Arrow Columnar Format*, "Variable-size Binary Layout".
"""

import hashlib
import json
import pickle
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

__all__ = ["TextColumn", "MappedTable", "write_table", "fingerprint"]

Row = Mapping[str, str | int | float]
Array = NDArray[Any]

NUMBERS = {int: ("q", "int64"), float: ("d", "float64")}
"""For each type of numbers its code in `array` and its name in NumPy."""


class TextColumn(Sequence[str]):
    """Texts as bytes side by side: the text ``i`` stands from ``offsets[i]`` to ``offsets[i + 1]``.

    The example of Arrow's documentation:

    >>> bytes_ = np.frombuffer(b"joemark", dtype=np.uint8)
    >>> list(TextColumn(np.array([0, 3, 3, 7]), bytes_))
    ['joe', '', 'mark']
    """

    def __init__(self, offsets: Array, data: Array) -> None:
        self.offsets, self.data = offsets, data

    def __len__(self) -> int:
        """How many texts there are."""
        return len(self.offsets) - 1

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> list[str]: ...
    def __getitem__(self, index: int | slice) -> str | list[str]:
        """A text, or a list of texts."""
        if isinstance(index, slice):
            return [self[place] for place in range(len(self))[index]]
        place = range(len(self))[index]
        start, end = self.offsets[place : place + 2].tolist()
        return self.data[start:end].tobytes().decode()

    def lengths(self) -> Array:
        """How many bytes each text has; no text is read for it.

        >>> TextColumn(np.array([0, 3, 3, 7]), np.frombuffer(b"joemark", dtype=np.uint8)).lengths()
        array([3, 0, 4])
        """
        return np.diff(self.offsets)


def write_table(folder: str | Path, rows: Iterable[Row]) -> "MappedTable":
    """Write rows one by one into the files of a table, and open it.

    The first row says which columns there are and of what type. No more than one row of text is in
    memory at a time.

    Raises:
        ValueError: there is no row, or one has other columns or types than the first.

    >>> from tempfile import mkdtemp
    >>> table = write_table(mkdtemp(), ({"word": "so " * n, "count": n} for n in range(3)))
    >>> len(table), table[2]
    (3, {'word': 'so so ', 'count': 2})
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    types: dict[str, type] = {}
    arrays: dict[str, array[Any]] = {}
    count = 0
    with ExitStack() as files:
        for row in rows:
            if not types:
                types = {name: type(value) for name, value in row.items()}
                if not types or not set(types.values()) <= {str, *NUMBERS}:
                    raise ValueError(f"expected columns of str, int or float, got {dict(row)!r}")
                arrays = {
                    name: array(NUMBERS.get(kind, ("q",))[0], [0] * (kind is str))
                    for name, kind in types.items()
                }
                texts = {
                    name: files.enter_context((folder / f"{name}.data").open("wb"))
                    for name, kind in types.items()
                    if kind is str
                }
            elif {name: type(value) for name, value in row.items()} != types:
                wanted = ", ".join(f"{name}: {kind.__name__}" for name, kind in types.items())
                raise ValueError(f"expected row {count} with {wanted}, got {dict(row)!r}")
            for name, value in row.items():
                if isinstance(value, str):
                    written = texts[name].write(value.encode())
                    arrays[name].append(arrays[name][-1] + written)
                else:
                    arrays[name].append(value)
            count += 1
    if not types:
        raise ValueError("expected at least one row, got none")
    for name, values in arrays.items():
        end = "offsets" if types[name] is str else "values"
        with (folder / f"{name}.{end}").open("wb") as file:
            values.tofile(file)
    columns = {name: kind.__name__ for name, kind in types.items()}
    schema = {"rows": count, "columns": columns, "fingerprint": _digest(folder, columns)}
    (folder / "schema.json").write_text(json.dumps(schema), encoding="utf-8")
    return MappedTable(folder)


def _digest(folder: Path, columns: Mapping[str, str]) -> str:
    """The fingerprint of a table that nothing is known of: that of its files."""
    digest = hashlib.sha256(repr(list(columns.items())).encode())
    for name, kind in columns.items():
        for end in ("offsets", "data") if kind == "str" else ("values",):
            with (folder / f"{name}.{end}").open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()[:16]


class MappedTable(Sequence[Any]):
    """A table in a folder, whose columns are read when they are used.

    An index gives a row, a slice some rows as a dictionary of columns, and a name a column, without
    copying it.

    >>> from tempfile import mkdtemp
    >>> table = write_table(mkdtemp(), [{"text": "안녕", "label": 1}, {"text": "", "label": 0}])
    >>> table[0], table[:2]
    ({'text': '안녕', 'label': 1}, {'text': ['안녕', ''], 'label': [1, 0]})
    >>> table["label"].mean().item(), table["text"].lengths().tolist()
    (0.5, [6, 0])

    Raises:
        FileNotFoundError: the folder holds no table.
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)
        schema_file = self.folder / "schema.json"
        if not schema_file.is_file():
            raise FileNotFoundError(f"expected a table, with schema.json, in {self.folder}")
        schema = json.loads(schema_file.read_text("utf-8"))
        self.num_rows: int = schema["rows"]
        self.fingerprint: str = schema["fingerprint"]
        self.columns: dict[str, TextColumn | Array] = {
            name: self._open(name, kind) for name, kind in schema["columns"].items()
        }

    def _open(self, name: str, kind: str) -> TextColumn | Array:
        def mapped(end: str, dtype: str) -> Array:
            path = self.folder / f"{name}.{end}"
            if not path.stat().st_size:
                return np.empty(0, dtype)  # nothing to map
            return np.memmap(path, dtype, mode="r")

        if kind == "str":
            return TextColumn(mapped("offsets", "int64"), mapped("data", "uint8"))
        return mapped("values", {of.__name__: name for of, (_, name) in NUMBERS.items()}[kind])

    def __len__(self) -> int:
        """How many rows there are."""
        return self.num_rows

    def __getitem__(self, index: Any) -> Any:
        """A row, some rows as a dictionary of columns, or a column by its name."""
        if isinstance(index, str):
            return self.columns[index]
        taken = {name: column[index] for name, column in self.columns.items()}
        return {
            name: part if isinstance(part, str | list) else part.tolist()
            for name, part in taken.items()
        }

    def map(self, function: Callable[[dict[str, Any]], Row], *, cache: str | Path) -> "MappedTable":
        """Apply a function to every row; it returns columns that are added or replaced.

        The result is a table in a folder of ``cache``, which is named after the fingerprints of
        table and function. If it is there already, nothing is computed.

        Raises:
            ValueError: see `fingerprint` and `write_table`.

        >>> from tempfile import mkdtemp
        >>> table = write_table(mkdtemp(), [{"text": "안녕"}, {"text": "hello"}])
        >>> table.map(lambda row: {"length": len(row["text"])}, cache=mkdtemp())[:]
        {'text': ['안녕', 'hello'], 'length': [2, 5]}
        """
        name = hashlib.sha256(f"{self.fingerprint} {fingerprint(function)}".encode()).hexdigest()
        folder = Path(cache) / name[:16]
        if (folder / "schema.json").is_file():  # the last file that is written
            return MappedTable(folder)
        return write_table(folder, ({**row, **function(row)} for row in self))

    def __iter__(self) -> Iterator[dict[str, Any]]:
        """Row after row."""
        return (self[place] for place in range(len(self)))


def fingerprint(function: Callable[..., Any]) -> str:
    """What decides the result of a function: its code, its defaults, and the values that it uses.

    A changed comment or name of a file changes nothing, a changed constant does, also one that
    stands outside the function. A function that is called counts with its code, one of a module
    with its name only.

    Raises:
        ValueError: it is no Python function, or uses a value that can't be pickled.

    >>> fingerprint(lambda row: 2 * row) == fingerprint(lambda row: 2 * row)  # a comment
    True
    >>> fingerprint(lambda row: 2 * row) == fingerprint(lambda row: 3 * row)
    False
    """
    if not isinstance(function, FunctionType):
        raise ValueError(f"expected a function written in Python, got {function!r}")
    digest = hashlib.sha256()
    for part in _parts(function, set()):
        digest.update(part)
    return digest.hexdigest()[:16]


def _parts(function: FunctionType, seen: set[CodeType]) -> Iterator[bytes]:
    if function.__code__ in seen:
        return
    seen.add(function.__code__)
    yield from _code_parts(function.__code__)
    closure = {
        name: cell.cell_contents
        for name, cell in zip(
            function.__code__.co_freevars, function.__closure__ or (), strict=True
        )
    }
    names = sorted(_names(function.__code__))
    outside = {name: function.__globals__[name] for name in names if name in function.__globals__}
    defaults = {"defaults": function.__defaults__, "keywords": function.__kwdefaults__}
    for name, value in {**outside, **closure, **defaults}.items():
        yield name.encode()
        if isinstance(value, FunctionType) and value.__module__ == function.__module__:
            yield from _parts(value, seen)
            continue
        try:
            if hasattr(value, "__spec__"):  # a module
                yield value.__name__.encode()
            else:
                yield pickle.dumps(value, protocol=5)
        except Exception as error:
            raise ValueError(
                f"expected values that pickle can write, got {name} of {type(value).__name__}: "
                "make it inside the function, or pass something simpler"
            ) from error


def _code_parts(code: CodeType) -> Iterator[bytes]:
    """What is computed: neither names of files nor numbers of lines."""
    yield code.co_code
    yield repr(code.co_names).encode()
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _code_parts(constant)
        elif isinstance(constant, frozenset):
            yield repr(sorted(map(repr, constant))).encode()
        else:
            yield repr(constant).encode()


def _names(code: CodeType) -> set[str]:
    """All names that a function and those inside it look up."""
    inner = [each for each in code.co_consts if isinstance(each, CodeType)]
    return set(code.co_names).union(*map(_names, inner))
