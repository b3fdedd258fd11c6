"""axe finds nothing on any page, in both languages, light and dark, on a phone and on a desktop."""

from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

PHONE, DESKTOP = {"width": 360, "height": 740}, {"width": 1440, "height": 900}
ROOT = Path(__file__).resolve().parents[2]
MADE = ["search.html", "genindex.html", "py-modindex.html"]
PAGES = sorted(
    path.relative_to(ROOT / "docs").with_suffix(".html").as_posix()
    for path in (ROOT / "docs").rglob("*.md")
    if not {"locales", "records"} & set(path.relative_to(ROOT / "docs").parts)
)
#: What axe knows to be wrong, what it advises against, and two rules that it leaves off by itself:
#: targets of 24 pixels, and names that begin as the visible text does.
RULES = {
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    },
    "rules": {
        "target-size": {"enabled": True},
        "label-content-name-mismatch": {"enabled": True},
    },
    "resultTypes": ["violations"],
}
SCHEMES, SIZES = ("light", "dark"), (PHONE, DESKTOP)


def violations(page: Page, *, contrast: bool = True) -> list[str]:
    """What axe finds: rule, place and what it wants."""
    rules: dict[str, Any] = {**RULES["rules"], "color-contrast": {"enabled": contrast}}
    return [
        f"{rule['id']} ({rule['impact']}): {node['target']} {node['html'][:120]}"
        for rule in Axe().run(page, options={**RULES, "rules": rules}).response["violations"]
        for node in rule["nodes"]
    ]


@pytest.mark.parametrize("name", [*PAGES, *MADE])
@pytest.mark.parametrize("language", ["en", "ko"])
def test_page_is_accessible(browser: Browser, server: str, language: str, name: str) -> None:
    """Each page is seen in both languages, both schemes and both sizes, any two of which meet.

    Contrasts, the better part of axe's work, are measured once for each page: colours come from
    one stylesheet, and over the pages every look has its turn.
    """
    number, korean = [*PAGES, *MADE].index(name), language == "ko"
    scheme, size = SCHEMES[(number + korean) % 2], SIZES[(number // 2 + korean) % 2]
    page = browser.new_context(viewport=size, color_scheme=scheme).new_page()
    page.goto(f"{server}/{language}/{name}")
    found = violations(page, contrast=(number // 4 + korean) % 2 == 0)
    assert not found, "\n".join(found)


def open_folds(page: Page) -> None:
    page.evaluate("document.querySelectorAll('article details').forEach(each => each.open = true)")


def open_by_keyboard(button: str) -> Any:
    def press(page: Page) -> None:
        page.locator(f"{button}:visible").first.focus()
        page.keyboard.press("Enter")
        page.wait_for_timeout(300)

    return press


def read_in_two_languages(page: Page) -> None:
    page.locator(".parallel-text__toggle").first.click()
    page.locator(".parallel-text__other").first.wait_for()


def show_a_card(page: Page) -> None:
    page.locator("article a[href*='glossary.html#term-']").first.focus()
    page.wait_for_timeout(400)


OPENED = {
    "folds": open_folds,
    "search": open_by_keyboard(".search-button__button"),
    "drawer of pages": open_by_keyboard(".primary-toggle"),
    "drawer of contents": open_by_keyboard(".secondary-toggle"),
    "menu of languages": open_by_keyboard(".parallel-text__button"),
    "menu of downloads": open_by_keyboard(".page-notebooks__button"),
    "menu of colours": open_by_keyboard(".theme-switch-button"),
    "second language": read_in_two_languages,
    "card of a term": show_a_card,
}


@pytest.mark.parametrize("state", OPENED)
def test_what_opens_is_accessible(browser: Browser, server: str, state: str) -> None:
    """On a phone, where all of them are; each in one of the four looks of language and scheme."""
    number = list(OPENED).index(state)
    scheme, language = SCHEMES[number % 2], ("en", "ko")[number // 2 % 2]
    page = browser.new_context(viewport=PHONE, color_scheme=scheme).new_page()
    page.goto(f"{server}/{language}/transformer/masks.html")
    OPENED[state](page)
    found = violations(page)
    assert not found, "\n".join(found)


@pytest.mark.parametrize("address", ["index.html#choose", "404.html"])
def test_pages_outside_the_languages_are_accessible(
    browser: Browser, server: str, address: str
) -> None:
    page = browser.new_context(viewport=PHONE).new_page()
    page.goto(f"{server}/{address}")
    found = violations(page)
    assert not found, "\n".join(found)
