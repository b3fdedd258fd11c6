"""The same weights drawn by us and by BertViz: line by line, the same picture.

BertViz (Vig, 2019) draws a line from each token on the left to each on the right, with the weight
as its opacity. Its page loads jQuery and D3 from elsewhere; here they come from the package index.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import torch
from chromium import chromium

from jumok.plotting import attention_view

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

bertviz = pytest.importorskip("bertviz", reason="installed by nox -s tests, without what it needs")

TOKENS = ["[CLS]", "나는", "##책", "을", "읽", "##었다", "[SEP]"]
SOURCE = ["I", "read", "a", "book", "</s>"]
OURS = """element => Object.fromEntries([...element.querySelectorAll("line")].map(each =>
    [`${each.dataset.query},${each.dataset.key}`, Number(each.getAttribute("stroke-opacity"))]))"""
# Several heads lie over one another, each with its share of the weight.
THEIRS = """() => [...document.querySelectorAll("#attention line")].reduce((sums, each) => {
    const [query, key] = ["left", "right"].map(side => each.getAttribute(`${side}-token-index`));
    const opacity = Number(each.getAttribute("stroke-opacity"));
    return {...sums, [`${query},${key}`]: (sums[`${query},${key}`] ?? 0) + opacity};
}, {})"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


def script(package: str, name: str) -> str:
    """A library that BertViz would load from a content delivery network."""
    [path] = Path(import_module(f"xstatic.pkg.{package}").BASE_DIR).rglob(name)
    return f"<script>{path.read_text(encoding='utf-8')}</script>"


def drawn_by_bertviz(page: Page, **arguments: object) -> dict[str, float]:
    """Opacities of BertViz's lines, by the places of the tokens they join."""
    page.set_content(
        f"<body>{script('jquery', 'jquery.js')}{script('d3', 'd3.js')}<script>"
        "window.require = { config() {} };"
        "window.requirejs = (names, define) => define(jQuery, d3);</script>"
    )
    html = bertviz.head_view(html_action="return", **arguments).data
    loader, _, rest = html.partition("</script>")
    assert "require.min.js" in loader
    page.evaluate(
        """html => {
          const place = document.body.appendChild(document.createElement("div"));
          place.innerHTML = html;
          for (const script of place.querySelectorAll("script")) (0, eval)(script.textContent);
        }""",
        rest,
    )
    found: dict[str, float] = page.evaluate(THEIRS)
    return found


def drawn_by_us(page: Page, html: str, layer: int, head: int | str) -> dict[str, float]:
    page.set_content(f"<!doctype html><body style='width: 700px'>{html}")
    page.locator(".attention-view__ink line").first.wait_for(state="attached")
    for number, choice in enumerate((layer, head)):
        select = page.locator("select").nth(number)
        if select.is_visible():  # one layer leaves no choice
            select.select_option(str(choice))
    found: dict[str, float] = page.locator("figure").evaluate(OURS)
    return found


def check_same_picture(ours: dict[str, float], theirs: dict[str, float], error: float) -> None:
    seen = 0.002  # a paler line is not drawn by us
    assert {pair for pair, opacity in theirs.items() if opacity > seen + error} <= ours.keys()
    for pair, opacity in ours.items():
        assert opacity == pytest.approx(theirs[pair], abs=error + 0.0006)  # three decimals


@pytest.mark.parametrize(("layer", "head"), [(0, 0), (1, 2)])
def test_self_attention(browser: Browser, layer: int, head: int) -> None:
    scores = 3 * torch.randn(2, 3, 7, 7, generator=torch.Generator().manual_seed(0))
    weights = scores.softmax(-1)
    view = attention_view(weights, TOKENS, view="lines", alt="The same.")
    page = browser.new_page()
    ours = drawn_by_us(page, view._repr_html_(), layer, head)
    theirs = drawn_by_bertviz(
        page, attention=[each[None] for each in weights], tokens=TOKENS, layer=layer, heads=[head]
    )
    assert len(theirs) == 49
    check_same_picture(ours, theirs, view.error)
    page.close()


def test_cross_attention(browser: Browser) -> None:
    scores = 3 * torch.randn(2, 2, 7, 5, generator=torch.Generator().manual_seed(1))
    weights = scores.softmax(-1)
    view = attention_view(weights, TOKENS, SOURCE, kind="cross", view="lines", alt="The same.")
    page = browser.new_page()
    ours = drawn_by_us(page, view._repr_html_(), 1, 1)
    theirs = drawn_by_bertviz(
        page,
        cross_attention=[each[None] for each in weights],
        encoder_tokens=SOURCE,
        decoder_tokens=TOKENS,
        layer=1,
        heads=[1],
    )
    assert len(theirs) == 35
    check_same_picture(ours, theirs, view.error)
    page.close()


def test_mean_of_heads_is_all_heads_of_bertviz_together(browser: Browser) -> None:
    weights = torch.rand(1, 4, 7, 7, generator=torch.Generator().manual_seed(2)).softmax(-1)
    view = attention_view(weights, TOKENS, view="lines", alt="The same.")
    page = browser.new_page()
    ours = drawn_by_us(page, view._repr_html_(), 0, "mean")
    theirs = drawn_by_bertviz(page, attention=[weights], tokens=TOKENS, heads=[0, 1, 2, 3])
    assert len(ours) == len(theirs) == 49
    check_same_picture(ours, theirs, view.error)
    page.close()
