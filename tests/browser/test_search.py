"""Searching the built site with a keyboard, in both languages, from files and from a server."""

import re
from urllib.parse import quote, unquote

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser
RESULT = ".korean-search__result a"
AXE = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]},
    "preload": False,
}


def opened(browser: Browser, address: str, **settings: object) -> Page:
    page = browser.new_page(**settings)
    page.problems = []
    page.on("pageerror", lambda error: page.problems.append(str(error)))
    page.on("requestfailed", lambda request: page.problems.append(request.url))
    page.goto(address)
    return page


def searched(browser: Browser, base: str, language: str, query: str, **settings: object) -> Page:
    page = opened(browser, f"{base}/{language}/search.html?q={quote(query)}", **settings)
    page.wait_for_selector(f".korean-search--page {RESULT}")
    return page


def test_a_keyboard_alone_goes_from_any_page_to_a_section(browser: Browser, look) -> None:
    page = opened(
        browser,
        f"{look.base}/ko/transformer/overview.html",
        viewport=look.viewport,
        color_scheme=look.scheme,
    )
    page.keyboard.press("Control+k")
    page.keyboard.type("인과마스크에서")
    page.wait_for_selector(f".korean-search--dialog {RESULT}")
    assert "인과마스크에서" in page.inner_text(".korean-search--dialog [role=status]")
    violations = Axe().run(page, context="#pst-search-dialog", options=AXE).response["violations"]
    assert violations == []
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    assert page.evaluate("document.activeElement.name") == "q"
    for _ in range(2):
        page.keyboard.press("ArrowDown")
    target = page.evaluate("document.activeElement.href")
    assert "#" in target
    page.keyboard.press("Enter")
    page.wait_for_url(lambda address: unquote(address) == unquote(target))
    anchor = unquote(target.partition("#")[2])
    assert page.evaluate("(id) => document.getElementById(id) !== null", anchor)
    assert page.problems == []
    page.close()


def test_escape_closes_the_dialog(browser: Browser, base: str) -> None:
    page = opened(browser, f"{base}/en/index.html")
    page.keyboard.press("Control+k")
    page.keyboard.type("mask")
    page.wait_for_selector(f".korean-search--dialog {RESULT}")
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.matches('a')")
    page.keyboard.press("Escape")
    assert not page.evaluate("document.querySelector('#pst-search-dialog').open")
    page.close()


def test_results_have_marked_snippets_and_lead_to_their_section(browser: Browser, look) -> None:
    base, language, options = look.base, look.language, {"viewport": look.viewport}
    query = {"en": "causal masks", "ko": "인과 마스크는"}[language]
    page = searched(browser, base, language, query, color_scheme=look.scheme, **options)
    snippets = page.locator(".korean-search--page .korean-search__snippet")
    assert snippets.count() >= 4
    marks = page.locator(".korean-search--page mark").all_inner_texts()
    assert all(re.search("mask|마스크", mark, re.IGNORECASE) for mark in marks)
    assert len(marks) >= snippets.count()
    status = page.inner_text(".korean-search--page [role=status]")
    assert query in status
    assert ("찾았습니다" in status) == (language == "ko")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    response = Axe().run(page, context=".korean-search-page", options=AXE).response
    assert response["violations"] == []
    for link in page.locator(f".korean-search--page {RESULT}").all()[:6]:
        target = link.evaluate("(link) => link.href")
        other = opened(browser, target)
        anchor = unquote(target.partition("#")[2])
        assert not anchor or other.evaluate("(id) => !!document.getElementById(id)", anchor)
        other.close()
    assert page.problems == []
    page.close()


@pytest.mark.parametrize(
    ("language", "query", "target"),
    [
        ("en", "역전파", "term-backpropagation"),
        ("en", "베낍니다", "transformer/masks.html"),
        ("ko", "self-attention", "transformer/self-attention.html"),
        ("ko", "neighbour", "transformer/masks.html"),
    ],
)
def test_a_query_in_the_other_language(
    browser: Browser, base: str, language: str, query: str, target: str
) -> None:
    page = searched(browser, base, language, query)
    links = page.locator(f".korean-search--page {RESULT}").evaluate_all(
        "(all) => all.map((a) => a.href)"
    )
    assert any(target in link for link in links)
    assert all(f"/{language}/" in link for link in links)
    page.close()


def test_nothing_found_says_so_and_suggests(browser: Browser, base: str) -> None:
    page = opened(browser, f"{base}/ko/search.html?q={quote('트랜스퍼머')}")
    button = page.locator(".korean-search__suggestion").first
    button.wait_for()
    assert "없습니다" in page.inner_text(".korean-search--page [role=status]")
    button.click()
    page.wait_for_selector(f".korean-search--page {RESULT}")
    assert page.problems == []
    page.close()


@pytest.mark.parametrize(
    ("language", "query", "message"),
    [
        ("en", "causal kangaroos", "No page has “kangaroos”. These pages have the rest."),
        ("ko", "캥거루 마스크", "이 사이트에 없는 말은 ‘캥거루’입니다."),
    ],
)
def test_a_word_that_no_page_has_is_named(
    browser: Browser, base: str, language: str, query: str, message: str
) -> None:
    page = searched(browser, base, language, query)
    assert message in page.inner_text(".korean-search--page [role=status]")
    assert page.problems == []
    page.close()


def test_no_page_loads_the_index_before_it_is_needed(browser: Browser, base: str) -> None:
    page = opened(browser, f"{base}/ko/transformer/masks.html")
    loaded = page.evaluate("performance.getEntriesByType('resource').map((entry) => entry.name)")
    assert not [name for name in loaded if re.search("_search/|searchindex|searchtools", name)]
    page.close()
