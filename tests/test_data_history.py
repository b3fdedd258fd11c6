"""The history: sound entries, sources that exist, counts and growth that can be checked."""

import re
from datetime import date
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from lxml import html
from transformers import (
    BertConfig,
    BertModel,
    GPT2Config,
    GPT2Model,
    OpenAIGPTConfig,
    OpenAIGPTModel,
)

from jumok.data.history import (
    KINDS,
    HistoryTable,
    Sizes,
    fit_growth,
    largest_so_far,
    load_history,
    year_of,
)

ROOT = Path(__file__).resolve().parents[1]
STEPS = load_history()
NAMED = {step.name: step for step in STEPS}


def test_every_source_is_in_the_bibliography():
    bibliography = (ROOT / "docs" / "references.bib").read_text(encoding="utf-8")
    keys = set(re.findall(r"^@\w+\{([^,]+),", bibliography, re.MULTILINE))
    used = {step.source for step in STEPS} | {s.counted_in for s in STEPS if s.counted_in}
    assert used <= keys


def test_the_year_of_the_source_is_that_of_the_entry():
    """The bibliography and the data file were written apart: a slip in one shows here."""
    bibliography = (ROOT / "docs" / "references.bib").read_text(encoding="utf-8")
    entries = re.findall(r"^@\w+\{([^,]+),(.*?)^\}", bibliography, re.MULTILINE | re.DOTALL)
    years = {key: int(re.search(r"year\s*=\s*\{(\d+)\}", text)[1]) for key, text in entries}
    for step in STEPS:
        assert years[step.source] == (step.published or step.date.year), step.name


def test_arxiv_numbers_tell_the_month():
    """An arXiv number begins with year and month of the first version."""
    bibliography = (ROOT / "docs" / "references.bib").read_text(encoding="utf-8")
    entries = dict(re.findall(r"^@\w+\{([^,]+),(.*?)^\}", bibliography, re.MULTILINE | re.DOTALL))
    checked = 0
    for step in STEPS:
        if found := re.search(r"arxiv\.org/abs/(\d\d)(\d\d)\.", entries[step.source]):
            assert (step.date.year % 100, step.date.month) == (int(found[1]), int(found[2])), step
            checked += 1
    assert checked >= 20


def test_from_2013_on_with_every_kind():
    assert STEPS[0].date.year == 2013
    assert len(STEPS) >= 25
    assert {step.kind for step in STEPS} == set(KINDS)
    assert all(step.fixed.endswith(".") for step in STEPS)


def count(model: torch.nn.Module) -> int:
    return sum(parameter.numel() for parameter in model.parameters())


def test_sizes_count_what_transformers_count():
    """Against the models of another library, built without numbers, from the same sizes."""
    with torch.device("meta"):
        gpt = OpenAIGPTModel(OpenAIGPTConfig())
        gpt2 = GPT2Model(GPT2Config(n_embd=1600, n_layer=48, n_head=25))
        bert = BertModel(BertConfig(hidden_size=768))
    assert count(gpt) == NAMED["GPT"].sizes.parameters
    assert count(gpt2) == NAMED["GPT-2"].sizes.parameters + 2 * 1600  # the last normalisation
    base = Sizes(layers=12, width=768, vocabulary=30_522, positions=512)
    around = 2 * 768 + 2 * 768 + 768**2 + 768  # segments, normalisation, pooler
    assert count(bert) == base.parameters + around == 109_482_240


def test_sizes_are_near_what_was_published():
    sized = [step for step in STEPS if step.sizes]
    assert {"GPT", "BERT", "GPT-2", "DistilBERT", "GPT-3"} <= {step.name for step in sized}
    for step in sized:
        assert step.sizes.parameters == pytest.approx(step.parameters, rel=0.02)


def test_largest_so_far():
    sizes = [step.parameters for step in largest_so_far(STEPS)]
    assert sizes == sorted(set(sizes))
    assert max(step.parameters or 0 for step in STEPS) == sizes[-1]


def test_years_run_through_the_calendar():
    assert year_of(date(2020, 1, 1)) == 2020
    assert year_of(date(2020, 7, 2)) == 2020.5  # 183 of 366 days
    assert NAMED["Transformer"].year == pytest.approx(2017 + (5 * 30.44 + 11) / 365, abs=0.01)


@given(
    st.lists(
        st.tuples(st.integers(2000, 2030), st.integers(1, 10**12)),
        min_size=2,
        unique_by=lambda point: point[0],
    )
)
def test_the_fit_is_numpys(points: list[tuple[int, int]]):
    years, sizes = [float(year) for year, _ in points], [size for _, size in points]
    slope, level = np.polyfit(np.array(years) - 2017, np.log2(sizes), deg=1)
    growth = fit_growth(years, sizes)
    assert growth.per_year == pytest.approx(slope, abs=1e-6)
    assert growth.at_2017 == pytest.approx(level, abs=1e-5)


def test_growth_of_a_known_line():
    growth = fit_growth([2017.0, 2018.0], [8, 32])
    assert growth.doubling_months == 6
    assert growth.size(2017) == pytest.approx(8)
    assert growth.size(2019) == pytest.approx(128)


def test_the_table_has_every_step():
    table = html.fromstring(HistoryTable(STEPS)._repr_html_())
    rows = [[cell.text_content() for cell in row] for row in table.xpath("//tbody/tr")]
    assert rows == [[f"{step.date:%Y-%m}", step.name, step.fixed] for step in STEPS]
    assert repr(HistoryTable(STEPS[:2])) == "<table of 2 steps>"
