"""From Q·K to the output in the page: the same numbers as torch, whatever the reader writes."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
import torch
from axe_playwright_python.sync_playwright import Axe
from chromium import chromium
from sphinx_project import Build, Project
from strict_page import opened

from jumok.attention import scaled_dot_product_attention
from jumok.plotting import attention_steps
from jumok.plotting._assets import read_asset

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

PAGE = """\
# Steps

```{code-cell} python
from jumok.plotting import attention_steps
attention_steps(
    [[1.0, 0.0], [0.0, 2.0]], [[1.0, 1.0], [0.0, 1.0], [-1.0, 0.5]], [[10.0], [20.0], [30.0]],
    mask=[[True, True, False], [True, True, True]], queries=["나는", "간다"],
    alt="Two queries and three keys.",
)
```
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    extensions = ["sphinx_attention_view", "sphinx_inline_figures"]
    project = Project(tmp_path_factory.mktemp("steps"), extensions)
    project.notebook("index.md", PAGE)
    return project


@pytest.fixture(scope="module")
def english(project: Project) -> Build:
    build = project.build("en")
    assert build.returncode == 0, build.output
    return build


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def page(browser: Browser, english: Build) -> Iterator[Page]:
    for page in opened(browser, english):
        page.locator(".attention-steps__status").wait_for()
        yield page


def step(page: Page, name: str) -> list[list[str]]:
    rows = page.locator(f"[data-step={name}] tbody tr").all()
    return [row.locator("td").all_inner_texts() for row in rows]


def computed(page: Page, **inputs: object) -> dict[str, list[list[float | str | None]]]:
    """What the page's function computes; −∞ comes as text, for JSON has none."""
    found: dict[str, list[list[float | str | None]]] = page.evaluate(
        """inputs => Object.fromEntries(Object.entries(JumokAttentionSteps.compute(inputs)).map(
          ([name, rows]) => [name, rows.map(row => row.map(
            number => number === -Infinity ? "-inf" : number))]))""",
        inputs,
    )
    return found


@pytest.mark.parametrize("seed", range(40))
def test_page_computes_what_torch_computes(page: Page, seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    queries, keys, d_k, d_v = torch.randint(1, 7, (4,), generator=generator).tolist()
    size = 10.0 ** (seed % 4 - 1)  # from 0.1 to 100, where softmax is all but one-hot
    query, key, value = (
        size * torch.randn(shape, generator=generator, dtype=torch.float64)
        for shape in ((queries, d_k), (keys, d_k), (keys, d_v))
    )
    mask = torch.rand(queries, keys, generator=generator) < 0.6
    if seed % 2:
        mask[0] = False  # a query that may attend to nothing
    found = computed(
        page, query=query.tolist(), key=key.tolist(), value=value.tolist(), mask=mask.tolist()
    )
    output, weights = scaled_dot_product_attention(query, key, value, mask=mask)
    scores = query @ key.T
    expected = {
        "scores": scores,
        "scaled": scores / d_k**0.5,
        "masked": (scores / d_k**0.5).masked_fill(~mask, -torch.inf),
        "weights": weights,
        "output": output,
    }
    for name, tensor in expected.items():
        rows = [[float(number) for number in row] for row in found[name]]  # type: ignore[arg-type]
        torch.testing.assert_close(torch.tensor(rows, dtype=torch.float64), tensor)
    if seed % 2:
        assert set(found["weights"][0]) == set(found["output"][0]) == {0}


def test_page_agrees_with_the_fused_kernel(page: Page) -> None:
    generator = torch.Generator().manual_seed(1)
    query, key, value = torch.randn(3, 4, 4, generator=generator, dtype=torch.float64)
    mask = torch.ones(4, 4).tril().bool()
    found = computed(
        page, query=query.tolist(), key=key.tolist(), value=value.tolist(), mask=mask.tolist()
    )
    expected = torch.nn.functional.scaled_dot_product_attention(
        query[None], key[None], value[None], attn_mask=mask
    )
    torch.testing.assert_close(torch.tensor(found["output"], dtype=torch.float64), expected[0])


def test_first_state_is_the_same_with_and_without_a_script(
    browser: Browser, english: Build, page: Page
) -> None:
    names = ("scores", "scaled", "masked", "weights", "output")
    with_script = {name: step(page, name) for name in names}
    for bare in opened(browser, english, java_script_enabled=False):
        assert {name: step(bare, name) for name in names} == with_script
        assert bare.locator("figure input").count() == 0
    assert with_script["masked"][0][2] == "−∞"


def test_reader_edits_a_number(page: Page) -> None:
    field = page.get_by_label("Queries Q, 나는, 1")
    field.fill("0")
    assert step(page, "weights")[0] == ["0.50", "0.50", "0"]
    assert step(page, "output")[0] == ["15.00"]
    field.fill("−1/2")
    assert step(page, "scores")[0] == ["−0.50", "0", "0.50"]
    field.fill("0,5")
    assert step(page, "scores")[0] == ["0.50", "0", "−0.50"]
    page.get_by_role("button", name="Start again").click()
    assert step(page, "scores")[0] == ["1.00", "0", "−1.00"]


def test_reader_edits_the_mask(page: Page) -> None:
    page.get_by_label("May attend, 나는, k1").uncheck()
    assert step(page, "weights")[0] == ["0", "1.00", "0"]
    page.get_by_label("May attend, 나는, k2").uncheck()
    assert step(page, "weights")[0] == ["0", "0", "0"]
    assert step(page, "output")[0] == ["0"]
    told = page.locator("[role=status]").inner_text()
    assert told == "A query that may attend to nothing gets zeros."


@pytest.mark.parametrize("wrong", ["", "x", "1e9", "1/0", "2000", "--1", "1/", "NaN"])
def test_what_is_no_number_is_said_at_the_field(page: Page, wrong: str) -> None:
    field = page.get_by_label("Keys K, k1, 1")
    before = step(page, "output")
    field.fill(wrong)
    assert field.get_attribute("aria-invalid") == "true"
    note = page.locator(f"#{field.get_attribute('aria-describedby')}")
    assert note.inner_text() == "Write a number from −1000 to 1000, such as 0.5 or 1/3."
    assert page.locator(".attention-steps--waiting").count() == 1
    assert step(page, "output") == before
    field.fill("2")
    assert field.get_attribute("aria-invalid") == "false"
    assert page.locator(".attention-steps__error").count() == 0
    assert step(page, "scores")[0][0] == "2.00"


def test_linked_cells(page: Page) -> None:
    page.locator("[data-step=weights] tbody tr").nth(1).locator("td").nth(2).hover()
    linked = {
        name: page.locator(f"[data-step={name}] .attention-steps__linked").count()
        for name in ("query", "key", "value", "mask", "scores", "masked", "weights", "output")
    }
    assert linked == {
        "query": 2, "key": 2, "value": 1, "mask": 1, "scores": 1, "masked": 1, "weights": 1,
        "output": 1,
    }  # fmt: skip
    page.get_by_label("Keys K, k2, 1").focus()
    assert page.locator("[data-step=scores] .attention-steps__linked").count() == 2


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1440])
def test_fits_every_screen_and_axe_finds_nothing(
    browser: Browser, english: Build, scheme: str, width: int
) -> None:
    looks = {"color_scheme": scheme, "viewport": {"width": width, "height": 800}}
    for page in opened(browser, english, **looks):
        page.get_by_label("Keys K, k1, 1").fill("x")
        found = Axe().run(page, context="figure.attention-steps")
        assert not found.response["violations"], found.generate_report()
        right = page.locator("figure.attention-steps").evaluate(
            "figure => Math.max(...[...figure.querySelectorAll('table')]"
            ".map(each => each.getBoundingClientRect().right))"
        )
        assert right <= width


def test_korean_words(project: Project, browser: Browser, english: Build) -> None:
    build = project.build("ko", "-D", "language=ko")
    assert build.returncode == 0, build.output
    for page in opened(browser, build):
        page.get_by_label("쿼리 Q, 나는, 1").fill("없음")
        note = page.locator(".attention-steps__error").inner_text()
        assert note == "0.5나 1/3처럼 −1000에서 1000까지의 수를 쓰세요."
        assert "가중치와 V의 곱" in page.locator("[data-step=output] caption").inner_text()


def test_size_of_the_script() -> None:
    script = read_asset("attention-steps.js").encode()
    assert len(script) <= 8_200
    assert len(gzip.compress(script, 9, mtime=0)) <= 3_000


def test_notebook_brings_style_and_script() -> None:
    html = attention_steps([[1.0]], [[1.0]], [[1.0]], alt="One.")._repr_html_()
    assert re.findall(r'data-asset="([\w.-]+)"', html) == [
        "attention-steps.css",
        "attention-steps.js",
    ]
