"""The menu of a page's notebook in a real browser: found, opened, used, in the page's language."""

import json
import re
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from settings import REPOSITORY_URL

ROOT = Path(__file__).resolve().parents[2]

PAGE = "transformer/masks"
WORDS = {
    "en": ("Download or run this page", "Jupyter notebook (.ipynb)", "Open in Colab"),
    "ko": ("이 페이지 내려받기 또는 실행하기", "주피터 노트북(.ipynb)", "Colab에서 열기"),
}


@pytest.fixture(params=["en", "ko"])
def language(request: pytest.FixtureRequest) -> str:
    return request.param


def open_page(browser: Browser, address: str, **options: object) -> Page:
    page = browser.new_context(**options).new_page()
    page.goto(address)
    return page


def test_keyboard_opens_walks_and_closes_the_menu(
    browser: Browser, base: str, language: str
) -> None:
    page = open_page(browser, f"{base}/{language}/{PAGE}.html")
    label, notebook, colab = WORDS[language]
    for _ in range(200):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('.page-notebooks__button')"):
            break
    else:
        pytest.fail("two hundred tabs did not reach the menu")
    button = page.get_by_role("button", name=label)
    expect(button).to_be_focused()
    assert button.evaluate("element => getComputedStyle(element).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name=notebook)).to_be_visible()
    expect(button).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("link", name=notebook)).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("link", name=colab)).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name=notebook)).to_be_hidden()
    expect(button).to_be_focused()


def test_the_notebook_is_in_the_language_of_the_page(
    browser: Browser, base: str, language: str
) -> None:
    page = open_page(browser, f"{base}/{language}/{PAGE}.html")
    label, notebook, _ = WORDS[language]
    title = page.locator("h1").first.inner_text().rstrip("#")
    page.get_by_role("button", name=label).click()
    link = page.get_by_role("link", name=notebook)
    if base.startswith("file:"):  # Chromium shows such a file: the reader has it already
        link.click()
        page.wait_for_url("**/masks.ipynb")
        content = page.locator("body").inner_text()
    else:
        with page.expect_download() as started:
            link.click()
        assert started.value.suggested_filename == "masks.ipynb"
        content = Path(started.value.path()).read_text("utf-8")
    downloaded = json.loads(content)
    assert downloaded["metadata"]["lang"] == language
    text = "".join(
        "".join(cell["source"]) for cell in downloaded["cells"] if cell["cell_type"] == "markdown"
    )
    assert bool(re.search("[가-힣]{2}.{0,40}니다", text)) == (language == "ko")
    assert title in text


def test_colab_is_a_link_and_nothing_is_fetched(browser: Browser, base: str, language: str) -> None:
    page = browser.new_context().new_page()
    foreign = []
    page.on("request", lambda request: foreign.append(request.url))
    page.goto(f"{base}/{language}/{PAGE}.html")
    label, _, colab = WORDS[language]
    page.get_by_role("button", name=label).click()
    repository = REPOSITORY_URL.removeprefix("https://github.com/")
    expect(page.get_by_role("link", name=colab)).to_have_attribute(
        "href",
        f"https://colab.research.google.com/github/{repository}/blob/notebooks/"
        f"{language}/{PAGE}.ipynb",
    )
    assert not [url for url in foreign if not url.startswith((base, "data:", "blob:"))]


def test_the_open_menu_fits_and_is_accessible(browser: Browser, look) -> None:
    options = {"viewport": look.viewport, "color_scheme": look.scheme, "has_touch": True}
    page = open_page(browser, f"{look.base}/{look.language}/{PAGE}.html", **options)
    label, notebook, _ = WORDS[look.language]
    page.get_by_role("button", name=label).tap()
    menu = page.locator(".page-notebooks .dropdown-menu")
    expect(menu.get_by_role("link", name=notebook)).to_be_visible()
    box = menu.bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= look.viewport["width"]
    header = page.locator(".header-article__inner").evaluate(
        "element => element.scrollWidth <= element.clientWidth"
    )
    assert header
    options = {"runOnly": ["wcag2a", "wcag2aa"]}
    found = Axe().run(page, context=".bd-header-article", options=options)
    assert not found.response["violations"], found.generate_report()


def test_pages_without_code_have_no_menu(browser: Browser, base: str) -> None:
    page = open_page(browser, f"{base}/ko/reference/symbols.html")
    assert page.locator(".page-notebooks").count() == 0
