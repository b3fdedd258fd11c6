"""Every element looks as it does with the theme's own files: what was dropped was of no use.

`_build/html` is what Sphinx wrote, with all styles of the theme; `_build/site` is what is hosted.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from serve import SiteHandler, served

PHONE = {"width": 360, "height": 740}
DESKTOP = {"width": 1440, "height": 900}
ROOT = Path(__file__).resolve().parents[2]
PROPERTIES = """
color background-color background-image display position width height margin-top margin-right
margin-bottom margin-left padding-top padding-right padding-bottom padding-left border-top-width
border-left-width border-bottom-color border-top-left-radius font-family font-size font-weight
font-style line-height letter-spacing opacity visibility overflow-x overflow-y flex-grow
flex-direction grid-template-columns gap align-items justify-content float text-align
text-decoration-line text-indent text-transform vertical-align white-space word-break
list-style-type content cursor z-index top right bottom left box-shadow outline-style transform
transition-property fill stroke max-width min-width scroll-margin-top"""
# Of formulas, drawings and listings, which are most of the elements, one in fifteen.
LOOK = """(names) => {
  const properties = names.trim().split(/\\s+/);
  const rows = [];
  let inside = 0;
  for (const element of document.body.querySelectorAll("*")) {
    if (element.matches("script, noscript, link, math *")) continue;
    if (element.closest(".katex, svg, pre") && inside++ % 15) continue;
    const name = `${element.localName}.${element.getAttribute("class") ?? ""}#${element.id}`;
    for (const part of [null, "::before", "::after"]) {
      const style = getComputedStyle(element, part);
      if (part && ["none", "normal"].includes(style.content)) continue;
      const values = properties.map((property) => style.getPropertyValue(property));
      rows.push([name + (part ?? ""), values]);
    }
  }
  return rows;
}"""
STATES = {
    "as it opens": "",
    "search": "document.querySelector('.search-button__button').click()",
    "folds and menu": """for (const each of document.querySelectorAll("details")) each.open = true;
                         document.querySelector(".parallel-text__button")?.click()""",
    "drawer": "document.querySelector('.primary-toggle').click()",
}
CASES = [
    ("en/index.html", "light", PHONE, "drawer"),
    ("ko/index.html", "dark", DESKTOP, "as it opens"),
    ("ko/transformer/masks.html", "light", DESKTOP, "folds and menu"),
    ("en/transformer/scaled-dot-product-attention.html", "dark", PHONE, "as it opens"),
    ("ko/reference/api/attention.html", "light", PHONE, "as it opens"),
    ("en/reference/references.html", "dark", DESKTOP, "search"),
]


class WithoutPolicy(SiteHandler):
    """What Sphinx wrote has inline scripts."""

    def send_header(self, keyword: str, value: str) -> None:
        if keyword != "Content-Security-Policy":
            super().send_header(keyword, value)


@pytest.fixture(scope="module")
def before() -> Iterator[str]:
    folder = ROOT / "_build" / "html"
    with served(
        handler=lambda *arguments, **options: WithoutPolicy(
            *arguments, directory=str(folder), **options
        )
    ) as address:
        yield address


def look(page: Page, address: str, state: str) -> list[list]:
    page.goto(address)
    page.wait_for_load_state("networkidle")
    if state:
        page.evaluate(state)
    page.wait_for_timeout(300)
    return page.evaluate(LOOK, PROPERTIES)


@pytest.mark.parametrize(("name", "scheme", "viewport", "state"), CASES)
def test_every_element_looks_the_same(
    browser: Browser,
    before: str,
    server: str,
    name: str,
    scheme: str,
    viewport: dict[str, int],
    state: str,
) -> None:
    looks = []
    for base in (before, server):
        options = {"color_scheme": scheme, "viewport": viewport, "reduced_motion": "reduce"}
        page = browser.new_context(**options).new_page()
        looks.append(look(page, f"{base}/{name}", STATES[state]))
        page.context.close()
    old, new = looks
    assert len(old) > 300
    assert [row[0] for row in new] == [row[0] for row in old]
    differences = [
        f"{row[0]} {property}: {was} became {now}"
        for row, other in zip(old, new, strict=True)
        for property, was, now in zip(PROPERTIES.split(), row[1], other[1], strict=True)
        if was != now
    ]
    assert differences[:20] == []
