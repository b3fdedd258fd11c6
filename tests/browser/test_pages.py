"""Pages as a reader has them: language switch, dark mode, phone width, no third party."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

SITE = Path(__file__).resolve().parents[2] / "_build" / "site"
PAGE = "transformer/masks.html"
NAMES = sorted(
    path.relative_to(SITE / "en").as_posix()
    for path in (SITE / "en").rglob("*.html")
    if "_modules" not in path.parts
)


def open_page(browser: Browser, address: str, **options: object) -> Page:
    page = browser.new_context(**options).new_page()
    page.goto(address)
    return page


def press(page: Page, name: str) -> None:
    """Click a link where it stands: Playwright's own click scrolls the page to it first."""
    box = page.get_by_role("link", name=name).bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)


def test_switch_keeps_page_and_section(browser: Browser, base: str) -> None:
    page = open_page(browser, f"{base}/en/{PAGE}")
    heading = page.locator("article section section > h2").nth(1)
    heading.evaluate("element => element.scrollIntoView({behavior: 'instant'})")
    section = heading.evaluate("element => element.parentElement.id")
    press(page, "한국어")
    page.wait_for_url(re.compile(rf"/ko/{PAGE}#"))
    assert page.url == f"{base}/ko/{PAGE}#{section}"
    expect(page.locator("html")).to_have_attribute("lang", "ko")
    target = page.locator(f"section[id='{section}'] > h2")
    expect(target).to_be_in_viewport()
    press(page, "English")
    page.wait_for_url(re.compile(rf"/en/{PAGE}#"))
    assert page.url == f"{base}/en/{PAGE}#{section}"


def test_switch_keeps_an_anchor(browser: Browser, base: str) -> None:
    page = open_page(browser, f"{base}/ko/reference/glossary.html#term-mask")
    page.get_by_role("link", name="English").click()
    page.wait_for_url(re.compile("/en/reference/glossary.html"))
    assert page.url.endswith("#term-mask")


def test_switch_is_reached_by_keyboard(browser: Browser, base: str) -> None:
    page = open_page(browser, f"{base}/en/{PAGE}", viewport={"width": 1440, "height": 900})
    for _ in range(200):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('.language-switch__link')"):
            break
    else:
        pytest.fail("two hundred tabs did not reach the language switch")
    outline = "getComputedStyle(document.activeElement).outlineStyle"
    shadow = "getComputedStyle(document.activeElement).boxShadow"
    assert page.evaluate(outline) != "none" or page.evaluate(shadow) != "none"
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(rf"/ko/{PAGE}"))


def test_switch_works_without_javascript(browser: Browser, base: str) -> None:
    page = open_page(browser, f"{base}/en/{PAGE}", java_script_enabled=False)
    page.get_by_role("link", name="한국어").click()
    assert page.url == f"{base}/ko/{PAGE}"


@pytest.mark.parametrize("name", NAMES)
def test_every_page_has_the_switch(browser: Browser, name: str) -> None:
    tree = (SITE / "ko" / name).read_text(encoding="utf-8")
    links = re.findall(r'class="language-switch__link" href="([^"]*)"', tree)
    targets = {((SITE / "ko" / name).parent / link).resolve() for link in links}
    others = {folder.parent for folder in SITE.glob("*/index.html")} - {SITE / "ko"}
    assert targets == {folder / name for folder in others}


@pytest.mark.parametrize(("locale", "expected"), [("ko-KR", "ko"), ("en-GB", "en"), ("fr", "en")])
def test_landing_page_picks_the_browsers_language(
    browser: Browser, base: str, locale: str, expected: str
) -> None:
    page = open_page(browser, f"{base}/index.html", locale=locale)
    page.wait_for_url(re.compile(f"/{expected}/"))


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("name", ["index.html", PAGE, "reference/symbols.html"])
def test_nothing_is_cut_off(
    browser: Browser, base: str, language: str, name: str, viewport: dict[str, int]
) -> None:
    page = open_page(browser, f"{base}/{language}/{name}", viewport=viewport)
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= viewport["width"]


@pytest.mark.parametrize("language", ["en", "ko"])
def test_pages_ask_nobody_else_and_report_no_error(
    browser: Browser, server: str, language: str
) -> None:
    page = browser.new_context().new_page()
    asked, errors = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda text: errors.append(text.text) if text.type == "error" else None)
    for name in ("index.html", PAGE, "transformer/date-translator.html"):
        page.goto(f"{server}/{language}/{name}")
        page.wait_for_load_state("networkidle")
    allowed = ("data:", "blob:", server)
    assert [address for address in asked if not address.startswith(allowed)] == []
    assert errors == []


def luminance(colour: str) -> float:
    """Relative luminance of a CSS colour such as rgb(20, 24, 30)."""
    parts = [int(float(part)) / 255 for part in re.findall(r"[\d.]+", colour)[:3]]
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_figures_are_legible_in_both_modes(browser: Browser, base: str, scheme: str) -> None:
    page = open_page(browser, f"{base}/ko/{PAGE}", color_scheme=scheme)
    expect(page.locator("html")).to_have_attribute("data-theme", scheme)
    # What the words really stand on: a sheet behind the output would be it, not the page.
    background = luminance(
        page.locator("figure.jumok-figure").first.evaluate(
            """figure => {
              const ground = each => getComputedStyle(each).backgroundColor;
              while (ground(figure) === "rgba(0, 0, 0, 0)") figure = figure.parentElement;
              return ground(figure);
            }"""
        )
    )
    colours = page.evaluate(
        """[...document.querySelectorAll("figure.jumok-figure svg text")]
           .filter(text => !text.closest("[data-on-cell]"))
           .map(text => getComputedStyle(text).fill)"""
    )
    assert colours
    axis_text = luminance(colours[0])
    lighter, darker = max(axis_text, background), min(axis_text, background)
    assert (lighter + 0.05) / (darker + 0.05) >= 4.5


def test_dark_pages_are_printed_light(browser: Browser, server: str) -> None:
    page = open_page(browser, f"{server}/ko/{PAGE}", color_scheme="dark")
    root = page.locator("html")
    expect(root).to_have_attribute("data-theme", "dark")
    page.emulate_media(media="print")
    expect(root).to_have_attribute("data-theme", "light")
    page.emulate_media(media="screen")
    expect(root).to_have_attribute("data-theme", "dark")


def test_korean_words_are_not_broken(browser: Browser, base: str) -> None:
    page = open_page(browser, f"{base}/ko/{PAGE}", viewport={"width": 360, "height": 740})
    style = page.locator("article p").first.evaluate(
        "element => [getComputedStyle(element).wordBreak, getComputedStyle(element).overflowWrap]"
    )
    assert style == ["keep-all", "anywhere"]
