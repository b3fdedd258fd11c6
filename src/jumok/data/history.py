"""The history of models as data: what appeared when, what it fixed, and how large it was.

The entries are in ``history.toml`` beside this module, each with the key of its source in the
book's references. Whoever adds a step edits that file; `load_history` checks it.
"""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from html import escape
from math import log2
from pathlib import Path
from statistics import linear_regression
from typing import Any, Literal, get_args

Kind = Literal["embedding", "recurrent", "attention", "encoder", "decoder", "encoder-decoder"]
KINDS: tuple[Kind, ...] = get_args(Kind)
HISTORY_FILE = Path(__file__).with_name("history.toml")


@dataclass(frozen=True)
class Sizes:
    """The sizes of a stack of plain Transformer layers, enough to count its parameters."""

    layers: int
    width: int
    vocabulary: int
    positions: int

    @property
    def embedding_parameters(self) -> int:
        """A vector for each token of the vocabulary, and one for each position."""
        return (self.vocabulary + self.positions) * self.width

    @property
    def layer_parameters(self) -> int:
        """Attention, feed-forward network (four times as wide) and two normalisations.

        With width d: 4d² + 4d in the four projections, 8d² + 5d in the feed-forward network and 4d
        in the normalisations, together 12d² + 13d.
        """
        return 12 * self.width**2 + 13 * self.width

    @property
    def parameters(self) -> int:
        """Embeddings and layers, without what a model has around them.

        Published: 117 M for GPT and 175 B for GPT-3 (Radford et al. 2019, table 2; Brown et al.
        2020, table 2.1).

        >>> Sizes(layers=12, width=768, vocabulary=40_478, positions=512).parameters
        116534784
        >>> f"{Sizes(96, 12_288, 50_257, 2048).parameters / 1e9:.1f} B"
        '174.6 B'
        """
        return self.embedding_parameters + self.layers * self.layer_parameters


@dataclass(frozen=True)
class Step:
    """One step of the history; the comments of ``history.toml`` say what each field is."""

    name: str
    date: date
    kind: Kind
    source: str
    fixed: str
    published: int | None = None
    parameters: int | None = None
    active: int | None = None
    counted_in: str | None = None
    sizes: Sizes | None = None

    @property
    def year(self) -> float:
        """The date as a number of years, to draw and to compute with."""
        return year_of(self.date)


def year_of(day: date) -> float:
    """A day as a number of years.

    >>> round(year_of(date(2017, 6, 12)), 2)
    2017.44
    """
    start, end = date(day.year, 1, 1), date(day.year + 1, 1, 1)
    return day.year + (day - start).days / (end - start).days


def load_history(path: str | Path = HISTORY_FILE) -> tuple[Step, ...]:
    """Every step, in the order in which they appeared.

    Args:
        path: the file to read; that of the book unless another is given.

    Raises:
        ValueError: the file isn't TOML, or an entry is wrong; the message names entry and field,
            what was expected and what was given.

    >>> steps = load_history()
    >>> print(steps[0].name, steps[0].date, steps[0].fixed[:20])
    word2vec 2013-01-16 Words became vectors
    """
    path = Path(path)
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"{path.name} is not TOML: {error}") from None
    entries = content.get("step")
    if not isinstance(entries, list) or content.keys() != {"step"}:
        given = ", ".join(content) or "nothing"
        raise ValueError(f"{path.name} must hold [[step]] entries and nothing else, got {given}")
    steps: list[Step] = []
    for number, entry in enumerate(entries, start=1):
        reader = _Entry(path.name, number, entry)
        step = reader.step()
        if any(step.name == earlier.name for earlier in steps):
            raise reader.fault("name", "another name than an earlier entry", step.name)
        if steps and step.date < steps[-1].date:
            raise reader.fault(
                "date", f"{steps[-1].date} or later, as entries are in order", step.date
            )
        steps.append(step)
    return tuple(steps)


class _Entry:
    """Checks one entry, field by field."""

    REQUIRED = ("name", "date", "kind", "source", "fixed")

    def __init__(self, file: str, number: int, values: Mapping[str, Any]) -> None:
        self.values = values
        name = values.get("name")
        self.place = f"{file}, entry {number}" + (f" ({name})" if isinstance(name, str) else "")

    def fault(self, field: str, expected: str, given: Any) -> ValueError:
        return ValueError(f"{self.place}, field {field}: expected {expected}, got {given!r}")

    def step(self) -> Step:
        known = [field.name for field in fields(Step)]
        for field in self.values:
            if field not in known:
                raise self.fault(field, f"one of {', '.join(known)}", field)
        for field in self.REQUIRED:
            if field not in self.values:
                raise self.fault(field, "a value", None)
        day = self.day("date")
        published = self.whole("published", low=day.year, high=day.year + 10)
        parameters = self.whole("parameters", low=1)
        if parameters is None:
            for field in ("active", "counted_in", "sizes"):
                if field in self.values:
                    raise self.fault(field, "none without parameters", self.values[field])
        counted_in = self.text("counted_in") if "counted_in" in self.values else None
        return Step(
            name=self.text("name"),
            date=day,
            kind=self.kind(),
            source=self.text("source"),
            fixed=self.text("fixed"),
            published=published,
            parameters=parameters,
            active=self.whole("active", low=1, high=parameters),
            counted_in=counted_in,
            sizes=self.sizes(),
        )

    def text(self, field: str) -> str:
        value = self.values[field]
        if not isinstance(value, str) or not value.strip():
            raise self.fault(field, "a text", value)
        return value

    def day(self, field: str) -> date:
        value = self.values[field]
        if type(value) is not date:  # a moment of a day is a date, too, for isinstance
            raise self.fault(field, "a day such as 2017-06-12, without quotes", value)
        return value

    def kind(self) -> Kind:
        value = self.values["kind"]
        if value not in KINDS:
            raise self.fault("kind", f"one of {', '.join(KINDS)}", value)
        return value  # type: ignore[no-any-return]

    def whole(self, field: str, *, low: int, high: int | None = None) -> int | None:
        value = self.values.get(field)
        if value is None:
            return None
        if type(value) is not int or value < low or (high is not None and value > high):
            limits = f"of at least {low}" if high is None else f"between {low} and {high}"
            raise self.fault(field, f"a whole number {limits}", value)
        return value

    def sizes(self) -> Sizes | None:
        value = self.values.get("sizes")
        if value is None:
            return None
        names = [field.name for field in fields(Sizes)]
        if not isinstance(value, dict) or value.keys() != set(names):
            raise self.fault("sizes", f"{', '.join(names)}", value)
        for name, size in value.items():
            if type(size) is not int or size < 1:
                raise self.fault(f"sizes.{name}", "a whole number of at least 1", size)
        return Sizes(**value)


def largest_so_far(steps: Iterable[Step]) -> list[Step]:
    """The steps whose model has more parameters than every one before it.

    >>> print(*(step.name for step in largest_so_far(load_history())))
    seq2seq GPT-2 T5 GPT-3 PaLM DeepSeek-V3
    """
    record = 0
    found = []
    for step in steps:
        if step.parameters is not None and step.parameters > record:
            record = step.parameters
            found.append(step)
    return found


@dataclass(frozen=True)
class Growth:
    """Growth by a constant factor: log₂ of the size is a straight line over the years."""

    at_2017: float
    """log₂ of the size at the beginning of 2017."""
    per_year: float
    """Doublings in a year."""

    @property
    def doubling_months(self) -> float:
        """The months in which the size doubles."""
        return 12 / self.per_year

    def size(self, year: int | float) -> float:
        """The size that the line has in a year."""
        return float(2 ** (self.at_2017 + self.per_year * (year - 2017)))


def fit_growth(years: Sequence[int | float], sizes: Sequence[int | float]) -> Growth:
    """The straight line through log₂ of the sizes with the least squared error.

    Args:
        years: when, as numbers of years.
        sizes: how large, as many and above 0.

    Raises:
        ValueError: numbers of years and sizes that differ, fewer than two different years, or a
            size that isn't above 0.

    >>> fit_growth([2018, 2019, 2020], [1, 4, 16]).doubling_months
    6.0
    """
    if len(years) != len(sizes):
        raise ValueError(f"sizes must be {len(years)} numbers, as years are, got {len(sizes)}")
    if len(set(years)) < 2:
        raise ValueError(f"years must hold two different years or more, got {list(years)}")
    if min(sizes) <= 0:
        raise ValueError(f"sizes must be above 0, got {min(sizes)}")
    line = linear_regression([year - 2017 for year in years], [log2(size) for size in sizes])
    return Growth(at_2017=line.intercept, per_year=line.slope)


@dataclass(frozen=True, repr=False)
class HistoryTable:
    """The steps as a table: when, name, and what each fixed.

    On a page its words are translated like those of a figure; dates and names are data.
    """

    steps: Sequence[Step]

    def _repr_html_(self) -> str:
        rows = "".join(
            f'<tr><td translate="no">{step.date:%Y-%m}</td>'
            f'<td translate="no">{escape(step.name)}</td><td>{escape(step.fixed)}</td></tr>'
            for step in self.steps
        )
        head = "<tr><th>When</th><th>Name</th><th>What it fixed</th></tr>"
        table = f"<table><thead>{head}</thead><tbody>{rows}</tbody></table>"
        return f'<figure class="jumok-figure">{table}</figure>'

    def __repr__(self) -> str:
        return f"<table of {len(self.steps)} steps>"
