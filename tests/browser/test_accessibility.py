"""axe finds nothing on the pages, light and dark, on a phone and on a desktop."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

#: Opening page, formulas, wide figures, a table, a bibliography, the API, the search.
PAGES = [
    "index.html",
    "transformer/scaled-dot-product-attention.html",
    "transformer/date-translator.html",
    "reference/symbols.html",
    "reference/references.html",
    "reference/api/attention.html",
    "contributing/translation-status.html",
    "search.html",
]


def violations(page: Page) -> list[str]:
    """What axe finds: rule, place and what it wants."""
    return [
        f"{rule['id']} ({rule['impact']}): {node['target']} {node['html'][:120]}"
        for rule in Axe().run(page).response["violations"]
        for node in rule["nodes"]
    ]


@pytest.mark.parametrize("name", PAGES)
def test_page_is_accessible(
    browser: Browser, server: str, scheme: str, viewport: dict[str, int], name: str
) -> None:
    # Each page in both languages, each look on pages of both languages.
    looks = PAGES.index(name) + (scheme == "dark") + (viewport["width"] > 600)
    page = browser.new_context(viewport=viewport, color_scheme=scheme).new_page()
    page.goto(f"{server}/{('en', 'ko')[looks % 2]}/{name}")
    found = violations(page)
    page.context.close()
    assert not found, "\n".join(found)
