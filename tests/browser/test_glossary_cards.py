"""Cards of glossary terms, as a reader meets them: pointer, keyboard, finger."""

import json
import re
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, expect

SITE = Path(__file__).resolve().parents[2] / "_build" / "site"
PAGE = "transformer/masks.html"
PHONE = {"width": 360, "height": 740}
DESKTOP = {"width": 1440, "height": 900}
CARD = ".glossary-card.is-open"


def open_page(browser: Browser, address: str, **options: object) -> Page:
    page = browser.new_context(**{"viewport": DESKTOP, **options}).new_page()
    page.errors = []
    page.on("pageerror", lambda error: page.errors.append(str(error)))
    page.goto(address)
    return page


def terms(language: str) -> dict[str, list]:
    """The data of the cards, read from the file that a page names."""
    page = (SITE / language / "index.html").read_text(encoding="utf-8")
    name = re.search(r'data-terms="([^"]+)"', page)[1]
    script = (SITE / "assets" / name).read_text(encoding="utf-8")
    data = script.removeprefix("glossaryCards(").removesuffix(");\n")
    return json.loads(f"[{data}]")[0]


def term(page: Page, anchor: str = "causal-mask") -> Locator:
    """The first link to a term in the text of the page."""
    return page.locator(f"article a[href$='#term-{anchor}']:has(.std-term)").first


def hover(page: Page, link: Locator) -> None:
    link.scroll_into_view_if_needed()
    page.mouse.move(0, 0)
    box = link.bounding_box()
    page.mouse.move(box["x"] + min(8, box["width"] / 2), box["y"] + 8)


def inside(page: Page, card: Locator) -> None:
    """The card lies in the window, and the page doesn't scroll sideways for it."""
    expect(card).to_be_visible()
    box, size = card.bounding_box(), page.viewport_size
    assert box["x"] >= 0
    assert box["y"] >= 0
    assert box["x"] + box["width"] <= size["width"]
    assert box["y"] + box["height"] <= size["height"]
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def axe(page: Page) -> list[str]:
    rules = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
    page.evaluate(
        "Promise.all(document.getAnimations().filter(a => a.effect.getTiming().iterations < 9)"
        ".map(a => a.finished))"
    )
    found = Axe().run(page, context=".glossary-card, article", options=rules).response
    return [f"{rule['id']}: {rule['nodes'][0]['html']}" for rule in found["violations"]]


@pytest.mark.parametrize("language", ["en", "ko"])
def test_hover_shows_definition_and_the_other_name(
    browser: Browser, base: str, language: str, scheme: str
) -> None:
    page = open_page(browser, f"{base}/{language}/{PAGE}", color_scheme=scheme)
    assert not page.locator("script[src*='glossary-terms']").count()  # not before it is needed
    hover(page, term(page))
    card = page.locator(CARD)
    inside(page, card)
    name, _, others, definition, _ = terms(language)["term-causal-mask"]
    assert {"en", "ko"} - {language} <= set(others)
    expect(card.locator("strong")).to_have_text(name)
    for code, other in others.items():
        expect(card.locator(f"[lang='{code}']")).to_have_text(other)
    expect(card.locator(".glossary-card__definition")).to_have_text(definition)
    assert axe(page) == []
    assert page.errors == []


def test_pointer_can_enter_the_card_and_leaves_it_open(browser: Browser, base: str) -> None:
    page = open_page(browser, f"{base}/ko/{PAGE}")
    hover(page, term(page))
    card = page.locator(CARD)
    expect(card).to_be_visible()
    box = card.bounding_box()
    page.mouse.move(box["x"] + 30, box["y"] + box["height"] / 2, steps=8)
    page.wait_for_timeout(700)
    expect(card).to_be_visible()
    page.mouse.move(2, 2)
    expect(card).to_be_hidden()


def test_link_in_the_card_leads_to_the_glossary(browser: Browser, base: str) -> None:
    page = open_page(browser, f"{base}/ko/{PAGE}")
    hover(page, term(page))
    page.locator(CARD).get_by_role("link").click()
    page.wait_for_url(re.compile(r"/ko/reference/glossary\.html#term-causal-mask$"))


def test_escape_closes_without_moving_pointer_or_focus(browser: Browser, base: str) -> None:
    page = open_page(browser, f"{base}/ko/{PAGE}")
    link = term(page)
    hover(page, link)
    expect(page.locator(CARD)).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(CARD)).to_be_hidden()
    box = link.bounding_box()
    page.mouse.move(box["x"] + 4, box["y"] + 10)  # still the same term: it stays closed
    page.wait_for_timeout(500)
    expect(page.locator(CARD)).to_be_hidden()
    hover(page, link)
    expect(page.locator(CARD)).to_be_visible()
    page.keyboard.press("Escape")

    link.focus()
    expect(page.locator(CARD)).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(CARD)).to_be_hidden()
    expect(link).to_be_focused()


def test_focus_opens_describes_and_closes(browser: Browser, base: str) -> None:
    page = open_page(browser, f"{base}/ko/{PAGE}")
    link = term(page)
    for _ in range(250):
        page.keyboard.press("Tab")
        if link.evaluate("link => link === document.activeElement"):
            break
    else:
        pytest.fail("Tab doesn't reach the term")
    card = page.locator(CARD)
    inside(page, card)
    name, _, others, definition, _ = terms("ko")["term-causal-mask"]
    described = link.evaluate(
        "link => link.getAttribute('aria-describedby').split(' ')"
        ".map(id => document.getElementById(id).textContent).join(' ')"
    )
    assert described == f"{name} {others['en']} {definition}"
    page.keyboard.press("Tab")
    assert not link.get_attribute("aria-describedby")
    # The next stop is behind the term on the page, not in the card.
    assert page.evaluate("!document.activeElement.closest('.glossary-card')")
    page.keyboard.press("Shift+Tab")
    expect(link).to_be_focused()
    inside(page, card)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("#term-causal-mask$"))


def test_one_element_serves_all_terms(browser: Browser, base: str) -> None:
    page = open_page(browser, f"{base}/en/{PAGE}")
    names = set()
    for link in page.locator("article a:has(.std-term)").all()[:6]:
        link.focus()
        expect(page.locator(CARD)).to_be_visible()
        names.add(page.locator(CARD).locator("strong").inner_text())
        assert page.locator(".glossary-card").count() == 1
    assert len(names) > 2
    assert page.locator("script[src*='glossary-terms']").count() == 1


@pytest.mark.parametrize("language", ["en", "ko"])
def test_tap_opens_and_link_leads_on(
    browser: Browser, base: str, language: str, scheme: str
) -> None:
    page = open_page(
        browser, f"{base}/{language}/{PAGE}", viewport=PHONE, has_touch=True, color_scheme=scheme
    )
    address = page.url
    term(page).tap()
    card = page.locator(CARD)
    inside(page, card)
    assert page.url == address
    assert axe(page) == []
    page.touchscreen.tap(3, term(page).bounding_box()["y"])  # beside it, in the margin
    expect(card).to_be_hidden()
    term(page).tap()
    expect(card).to_be_visible()
    expect(card).to_have_attribute("role", "dialog")
    page.keyboard.press("Escape")
    expect(card).to_be_hidden()
    expect(term(page)).to_be_focused()
    term(page).tap()
    card.get_by_role("link").tap()
    page.wait_for_url(re.compile(rf"/{language}/reference/glossary\.html#term-causal-mask$"))


def test_every_card_fits_a_phone(browser: Browser, base: str) -> None:
    """Wherever a term stands on a line, and however long its definition."""
    page = open_page(browser, f"{base}/ko/start/prerequisites.html", viewport=PHONE)
    links = page.locator("article a:has(.std-term)")
    assert links.count() > 10
    for link in links.all():
        if link.is_visible():
            link.focus()
            inside(page, page.locator(CARD))


def test_terms_that_come_later_and_anywhere(browser: Browser, base: str) -> None:
    """In headings, cells, summaries, and in what a script puts into the page."""
    page = open_page(browser, f"{base}/ko/{PAGE}")
    page.evaluate(
        """() => {
          const link = document.querySelector("article a:has(.std-term)").outerHTML;
          const box = document.createElement("div");
          box.id = "later";
          box.innerHTML = `<h2>${link}</h2><ul><li>${link}</li></ul>
            <div style="overflow: auto; width: 90px; height: 40px">
              <table><tr><td>${link}</td></tr></table></div>
            <details><summary>${link}</summary>x</details>`;
          document.querySelector("article").prepend(box);
        }"""
    )
    for place in ("h2", "li", "td", "summary"):
        hover(page, page.locator(f"#later {place} a"))
        inside(page, page.locator(CARD))
        page.keyboard.press("Escape")
    assert page.evaluate("!document.querySelector('#later details').open")


def test_terms_in_the_other_column(browser: Browser, base: str) -> None:
    """A page beside its counterpart: the card is in the language of the page."""
    context = browser.new_context(viewport=DESKTOP)
    context.add_init_script("localStorage.setItem('parallel-text', '{\"mode\": \"columns\"}')")
    page = context.new_page()
    page.goto(f"{base}/en/{PAGE}")
    link = page.locator(".parallel-text__other a[href$='#term-decoder']:has(.std-term)").first
    expect(link).to_be_visible()
    hover(page, link)
    card = page.locator(CARD)
    inside(page, card)
    expect(card.locator("strong")).to_have_text("decoder")
    expect(card.locator("[lang='ko']")).to_have_text("디코더")


def test_card_follows_its_term_and_goes_with_it(browser: Browser, base: str) -> None:
    page = open_page(browser, f"{base}/en/{PAGE}")
    link = term(page)
    link.focus()
    card = page.locator(CARD)
    expect(card).to_be_visible()
    before = card.bounding_box()["y"] - link.bounding_box()["y"]
    page.evaluate("scrollBy({top: 40, behavior: 'instant'})")
    page.wait_for_timeout(100)
    assert abs(card.bounding_box()["y"] - link.bounding_box()["y"] - before) < 2
    page.evaluate("scrollTo({top: document.body.scrollHeight, behavior: 'instant'})")
    expect(card).to_be_hidden()


def test_not_on_paper(browser: Browser, base: str) -> None:
    page = open_page(browser, f"{base}/en/{PAGE}")
    term(page).focus()
    expect(page.locator(CARD)).to_be_visible()
    page.emulate_media(media="print")
    expect(page.locator(".glossary-card")).to_be_hidden()


def test_without_javascript_the_link_leads_to_the_glossary(browser: Browser, base: str) -> None:
    page = open_page(browser, f"{base}/ko/{PAGE}", java_script_enabled=False)
    term(page).click()
    assert re.search(r"/ko/reference/glossary\.html#term-causal-mask$", page.url)


def test_without_the_data_a_tap_leads_to_the_glossary(browser: Browser, base: str) -> None:
    context = browser.new_context(viewport=PHONE, has_touch=True)
    nothing = "Object.defineProperty(window, 'glossaryCards', {get: () => () => {}, set() {}})"
    context.add_init_script(nothing)  # the data comes, and nobody takes it
    page = context.new_page()
    page.goto(f"{base}/ko/{PAGE}")
    term(page).tap()
    page.wait_for_url(re.compile("#term-causal-mask$"))


@pytest.mark.parametrize("language", ["en", "ko"])
def test_every_term_of_the_text_has_a_card(language: str) -> None:
    """No link to a term without data, and no data without its place on the glossary page."""
    known = terms(language)
    linked = set()
    for path in (SITE / language).rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        linked |= set(
            re.findall(r'href="[^"]*#(term-[^"]+)"[^>]*><span class="[^"]*std-term', text)
        )
    glossary = (SITE / language / "reference" / "glossary.html").read_text(encoding="utf-8")
    assert linked
    assert linked <= set(known)
    assert set(known) == set(re.findall(r'<dt id="(term-[^"]+)"', glossary))


def test_pages_do_not_repeat_the_definitions() -> None:
    definition = terms("ko")["term-causal-mask"][3]
    holders = {
        path.relative_to(SITE).as_posix()
        for path in (SITE / "ko").rglob("*.html")
        if definition in path.read_text(encoding="utf-8")
    }
    assert holders == {"ko/reference/glossary.html"}
