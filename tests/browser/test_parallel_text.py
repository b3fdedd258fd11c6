"""Two languages on one page: under a paragraph and in columns, by mouse, touch and keyboard."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, expect

SITE = Path(__file__).resolve().parents[2] / "_build" / "site"
PAGE = "transformer/masks.html"
KINDS = [PAGE, "reference/symbols.html", "reference/api/attention.html", "index.html"]
TOGGLE = ".parallel-text__toggle"
OTHER = ".parallel-text__other"
PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
STORE = "parallel-text"


@pytest.fixture
def open_page(browser: Browser) -> Iterator:
    """Open an address in a fresh context, with a mode chosen before if one is named."""
    contexts, errors = [], []

    def opened(address: str, mode: str | None = None, **options: object) -> Page:
        context = browser.new_context(**{"viewport": {"width": 1440, "height": 900}, **options})
        contexts.append(context)
        if mode:
            context.add_init_script(
                f"localStorage.getItem('{STORE}') ??"
                f" localStorage.setItem('{STORE}', JSON.stringify({{mode: '{mode}'}}))"
            )
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda text: errors.append(text.text) if text.type == "error" else None)
        page.goto(address)
        if mode == "columns":
            page.locator("html[data-parallel-text='columns']").wait_for()
        return page

    yield opened
    for context in contexts:
        context.close()
    assert errors == []


def first_paragraph(page: Page) -> Locator:
    return page.locator("article section > p[data-p]").first


def sentence(language: str, page: str, key: str) -> str:
    """What the page of a language says under a key, from its HTML."""
    text = (SITE / language / page).read_text(encoding="utf-8")
    found = re.search(rf'<p data-p="{re.escape(key)}"[^>]*>(.*?)</p>', text, re.DOTALL)
    return squeeze(re.sub("<[^>]*>", "", found[1]))


def squeeze(text: str) -> str:
    return re.sub(r"\s+", " ", text.replace("\u2060", "")).strip()


@pytest.mark.parametrize(("here", "there"), [("ko", "en"), ("en", "ko")])
def test_mouse_reveals_the_other_language(open_page, base: str, here: str, there: str) -> None:
    page = open_page(f"{base}/{here}/{PAGE}")
    paragraph = first_paragraph(page)
    toggle = paragraph.locator(TOGGLE)
    expect(toggle).to_have_css("opacity", "0")
    paragraph.hover()
    expect(toggle).to_have_css("opacity", "1")
    expect(toggle).to_have_attribute("aria-expanded", "false")
    toggle.click()
    other = paragraph.locator(OTHER)
    expect(other).to_be_visible()
    assert squeeze(other.text_content()) == sentence(there, PAGE, paragraph.get_attribute("data-p"))
    assert other.get_attribute("lang") == there
    expect(toggle).to_have_attribute("aria-expanded", "true")
    assert page.locator(OTHER).count() == 1
    toggle.click()
    expect(other).to_have_count(0)
    expect(toggle).to_have_attribute("aria-expanded", "false")


def test_button_is_named_in_the_language_of_the_page(open_page, server: str) -> None:
    for language, name in (("ko", "영어"), ("en", "Korean")):
        page = open_page(f"{server}/{language}/{PAGE}")
        button = first_paragraph(page).get_by_role("button", name=re.compile(name))
        expect(button).to_have_count(1)


def test_touch_reveals_the_other_language(open_page, server: str) -> None:
    page = open_page(f"{server}/en/{PAGE}", **PHONE)
    toggle = first_paragraph(page).locator(TOGGLE)
    box = toggle.bounding_box()
    assert min(box["width"], box["height"]) >= 24
    assert float(toggle.evaluate("each => getComputedStyle(each).opacity")) > 0.5
    toggle.tap()
    expect(first_paragraph(page).locator(OTHER)).to_be_visible()


def test_one_key_reveals_the_passage_being_read(open_page, server: str) -> None:
    page = open_page(f"{server}/ko/{PAGE}")
    page.keyboard.press("t")
    heading = page.locator("article h1")
    expect(heading.locator(OTHER)).to_have_text("Masks")
    assert page.evaluate("document.activeElement.matches('h1 button')")
    page.keyboard.press("t")
    expect(page.locator(OTHER)).to_have_count(0)
    # Elsewhere on the page it is another passage.
    third = page.locator("article h2").nth(2)
    third.evaluate(
        "each => scrollTo({behavior: 'instant', top: each.getBoundingClientRect().top - 90})"
    )
    page.wait_for_timeout(300)
    page.keyboard.press("t")
    expect(third.locator(OTHER)).to_be_visible()


def test_key_means_the_passage_under_the_pointer(open_page, server: str) -> None:
    page = open_page(f"{server}/ko/{PAGE}")
    page.mouse.wheel(0, 900)
    page.wait_for_timeout(400)
    paragraph = page.locator("article p[data-p]").nth(6)
    paragraph.hover()
    page.keyboard.press("t")
    expect(paragraph.locator(OTHER)).to_be_visible()


def test_key_works_while_hangul_is_typed(open_page, server: str) -> None:
    page = open_page(f"{server}/ko/{PAGE}")
    page.evaluate(
        "document.body.dispatchEvent(new KeyboardEvent('keydown',"
        " {key: 'ㅅ', code: 'KeyT', bubbles: true, cancelable: true}))"
    )
    expect(page.locator("article h1").locator(OTHER)).to_have_text("Masks")


def test_key_is_a_letter_in_a_field_and_nothing_with_modifiers(open_page, server: str) -> None:
    page = open_page(f"{server}/ko/search.html")
    page.goto(f"{server}/ko/{PAGE}")
    page.keyboard.press("Alt+t")
    expect(page.locator(OTHER)).to_have_count(0)
    page.evaluate(
        "(() => { const field = document.createElement('input'); field.id = 'field';"
        " document.querySelector('article').prepend(field); field.focus(); })()"
    )
    page.keyboard.press("t")
    assert page.locator("#field").input_value() == "t"
    expect(page.locator(OTHER)).to_have_count(0)


def test_arrows_lead_from_passage_to_passage(open_page, server: str) -> None:
    page = open_page(f"{server}/ko/{PAGE}")
    focused = "document.activeElement.closest('[data-p]')?.dataset.p"
    keys = page.eval_on_selector_all("[data-p]", "all => all.map(each => each.dataset.p)")
    page.keyboard.press("t")
    page.keyboard.press("ArrowDown")
    assert page.evaluate(focused) == keys[1]
    page.keyboard.press("Enter")
    expect(first_paragraph(page).locator(OTHER)).to_be_visible()
    page.keyboard.press("ArrowDown")
    assert page.evaluate(focused) == keys[2]
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Escape")
    expect(first_paragraph(page).locator(OTHER)).to_have_count(0)
    page.keyboard.press("End")
    page.keyboard.press("Home")
    assert page.evaluate(focused) == keys[0]
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"


def test_buttons_are_one_stop_of_the_tab_key(open_page, server: str) -> None:
    page = open_page(f"{server}/ko/{PAGE}")
    expect(page.locator(f"{TOGGLE}[tabindex='0']")).to_have_count(1)
    assert page.locator(TOGGLE).count() > 30
    page.locator(".parallel-text__button").focus()
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate(f"document.activeElement.matches('{TOGGLE}')"):
            break
    else:
        pytest.fail("thirty tabs did not reach a button")
    page.keyboard.press("Space")
    expect(page.locator(OTHER)).to_have_count(1)
    page.keyboard.press("Tab")
    assert not page.evaluate(f"document.activeElement.matches('{TOGGLE}')")


def test_dropdown_title_is_revealed_without_opening_it(open_page, server: str) -> None:
    page = open_page(f"{server}/ko/{PAGE}")
    details = page.locator("details.sd-dropdown").first
    anchor = page.locator(".parallel-text__anchor").first
    details.scroll_into_view_if_needed()
    details.hover()
    expect(anchor.locator(TOGGLE)).to_have_css("opacity", "1")
    anchor.locator(TOGGLE).click()
    expect(details.locator(f"summary {OTHER}")).to_have_text("Solution 1")
    assert details.get_attribute("open") is None
    assert page.locator("summary button").count() == 0


def test_row_of_a_table_is_one_passage(open_page, server: str) -> None:
    page = open_page(f"{server}/ko/reference/symbols.html")
    row = page.locator("tbody tr").first
    assert row.locator(TOGGLE).count() == 1
    row.scroll_into_view_if_needed()
    row.hover()
    row.locator(TOGGLE).click()
    expect(row.locator(f"{OTHER}[lang='en']").first).to_be_visible()


def choose(page: Page, name: str) -> None:
    page.locator(".parallel-text__button").click()
    page.get_by_role("radio", name=name).check()
    page.keyboard.press("Escape")


def test_menu_switches_to_columns_and_back(open_page, base: str) -> None:
    page = open_page(f"{base}/ko/{PAGE}")
    before = page.locator("article").text_content()
    code = page.locator("article pre, article svg, article .katex-display").count()
    choose(page, "페이지 전체를 나란히 보기")
    expect(page.locator("article h1").locator(OTHER)).to_have_text("Masks")
    assert page.locator(OTHER).count() > 30
    assert page.locator("article pre, article svg, article .katex-display").count() == code
    own = page.locator("article section > p .parallel-text__own").first.bounding_box()
    other = first_paragraph(page).locator(OTHER).bounding_box()
    assert other["x"] > own["x"] + own["width"]
    assert abs(other["y"] - own["y"]) < 2
    assert abs(other["width"] - own["width"]) < 2
    listing = page.locator("article pre").first.bounding_box()
    assert listing["width"] > own["width"] * 1.8
    expect(page.locator(TOGGLE).first).to_be_hidden()
    choose(page, "보지 않기")
    expect(page.locator(OTHER)).to_have_count(0)
    assert page.locator(f"{TOGGLE}:visible").count() == 0
    assert squeeze(page.locator("article").text_content()) == squeeze(before)


def test_menu_by_keyboard(open_page, server: str) -> None:
    page = open_page(f"{server}/en/{PAGE}")
    button = page.locator(".parallel-text__button")
    button.focus()
    page.keyboard.press("Enter")
    expect(button).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("ArrowDown")
    expect(page.locator("article h1").locator(OTHER)).to_have_text("마스크")
    page.keyboard.press("Escape")
    expect(button).to_be_focused()
    expect(page.locator(".parallel-text__menu")).to_be_hidden()


def test_columns_are_stacked_on_a_phone(open_page, server: str) -> None:
    page = open_page(f"{server}/ko/{PAGE}", "columns", **PHONE)
    own = page.locator("article section > p .parallel-text__own").first.bounding_box()
    other = first_paragraph(page).locator(OTHER).bounding_box()
    assert other["y"] >= own["y"] + own["height"]


@pytest.mark.parametrize("mode", ["reveal", "columns"])
@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("language", ["ko", "en"])
def test_nothing_is_cut_off_on_a_phone(
    open_page, server: str, language: str, name: str, mode: str
) -> None:
    page = open_page(f"{server}/{language}/{name}", mode, **PHONE)
    if mode == "reveal":
        page.eval_on_selector_all(TOGGLE, "all => all.forEach(each => each.click())")
        page.wait_for_timeout(300)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.locator(".parallel-text__button").click()
    box = page.locator(".parallel-text__menu").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 360


def test_choice_is_kept_on_other_pages_languages_and_after_reload(open_page, base: str) -> None:
    page = open_page(f"{base}/ko/{PAGE}")
    choose(page, "페이지 전체를 나란히 보기")
    page.locator(OTHER).first.wait_for()
    page.reload()
    expect(page.locator("article h1").locator(OTHER)).to_have_text("Masks")
    page.goto(f"{base}/ko/index.html")
    expect(page.locator("article h1").locator(OTHER)).to_have_count(1)
    page.get_by_role("link", name="English").click()
    page.wait_for_url(re.compile("/en/index.html"))
    expect(page.locator(f"article h1 {OTHER}[lang='ko']")).to_have_count(1)


def test_blocked_storage_breaks_nothing(browser: Browser, base: str) -> None:
    context = browser.new_context()
    context.add_init_script(
        "Object.defineProperty(window, 'localStorage',"
        " {get() { throw new DOMException('blocked', 'SecurityError'); }})"
    )
    page = context.new_page()
    page.goto(f"{base}/ko/{PAGE}")
    page.keyboard.press("t")
    expect(page.locator("article h1").locator(OTHER)).to_have_text("Masks")
    choose(page, "페이지 전체를 나란히 보기")
    expect(first_paragraph(page).locator(OTHER)).to_be_visible()
    context.close()


@pytest.mark.parametrize("stored", ["{", "null", "7", '{"mode": "sideways", "language": "xx"}'])
def test_damaged_storage_breaks_nothing(browser: Browser, server: str, stored: str) -> None:
    context = browser.new_context()
    context.add_init_script(f"localStorage.setItem('{STORE}', {stored!r})")
    page = context.new_page()
    page.goto(f"{server}/ko/{PAGE}")
    page.keyboard.press("t")
    expect(page.locator("article h1").locator(OTHER)).to_have_text("Masks")
    context.close()


def test_printing_prints_what_is_shown(open_page, server: str) -> None:
    page = open_page(f"{server}/ko/{PAGE}")
    first_paragraph(page).hover()
    first_paragraph(page).locator(TOGGLE).click()
    page.locator(OTHER).wait_for()
    page.emulate_media(media="print")
    expect(page.locator(OTHER)).to_be_visible()
    assert page.locator(f"{TOGGLE}:visible").count() == 0
    page.emulate_media(media="screen")
    choose(page, "페이지 전체를 나란히 보기")
    page.locator(OTHER).nth(5).wait_for()
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 700, "height": 1000})  # A4 without margins
    own = page.locator("article section > p .parallel-text__own").first.bounding_box()
    other = first_paragraph(page).locator(OTHER).bounding_box()
    assert other["x"] > own["x"] + own["width"]


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("language", ["ko", "en"])
def test_columns_have_right_languages_and_no_double_ids(
    open_page, server: str, language: str, name: str
) -> None:
    page = open_page(f"{server}/{language}/{name}", "columns")
    ids = page.eval_on_selector_all("[id]", "all => all.map(each => each.id)")
    assert len(ids) == len(set(ids))
    languages = page.eval_on_selector_all(
        f"{OTHER}--text", "all => [...new Set(all.map(each => each.lang))]"
    )
    assert languages == [{"ko": "en", "en": "ko"}[language]]


def test_every_pair_of_the_book_can_be_shown(browser: Browser, server: str) -> None:
    """On all pages, what stands in the second column is what the other page says."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.add_init_script(f"localStorage.setItem('{STORE}', JSON.stringify({{mode: 'columns'}}))")
    page, plain = context.new_page(), browser.new_context(java_script_enabled=False).new_page()
    clean = (
        "all => Object.fromEntries(all.map(each => { const copy = (SELECT).cloneNode(true);"
        " copy.querySelectorAll('.headerlink, button, .colon').forEach(one => one.remove());"
        " const text = copy.textContent.replace(/\\s+/g, ' ').trim();"
        " return [each.dataset.p.replace('!', ''), text]; }))"
    )
    for path in sorted((SITE / "ko" / "_parallel").rglob("*.js")):
        name = path.relative_to(SITE / "ko" / "_parallel").with_suffix(".html").as_posix()
        page.goto(f"{server}/ko/{name}")
        page.locator("html[data-parallel-text='columns']").wait_for()
        shown = page.eval_on_selector_all(
            "[data-p]:has(> .parallel-text__other--text)",
            clean.replace("SELECT", f"each.querySelector(':scope > {OTHER}')"),
        )
        plain.goto(f"{server}/en/{name}")
        english = plain.eval_on_selector_all("[data-p]", clean.replace("SELECT", "each"))
        assert shown
        assert {key: english[key] for key in shown} == shown, name
    context.close()


def test_links_in_a_revealed_passage_lead_to_pages(open_page, base: str) -> None:
    page = open_page(f"{base}/en/{PAGE}")
    first_paragraph(page).hover()
    first_paragraph(page).locator(TOGGLE).click()
    link = first_paragraph(page).locator(f"{OTHER} a").first
    link.click()
    page.wait_for_url(re.compile("/en/reference/glossary.html#term-decoder"))
    expect(page.locator("#term-decoder")).to_be_in_viewport()


def test_anchor_is_reached_in_columns(open_page, base: str) -> None:
    page = open_page(f"{base}/ko/{PAGE}#exercises", "columns")
    heading = page.locator("#exercises > h2")
    expect(heading).to_be_in_viewport()
    page.wait_for_timeout(300)
    assert heading.bounding_box()["y"] < 300


def test_change_of_mode_keeps_the_place(open_page, server: str) -> None:
    page = open_page(f"{server}/ko/{PAGE}")
    heading = page.locator("#the-opposite-sense > h3")
    heading.evaluate(
        "each => scrollTo({behavior: 'instant',"
        " top: scrollY + each.getBoundingClientRect().top - 150})"
    )
    page.wait_for_timeout(300)
    before = heading.bounding_box()["y"]
    choose(page, "페이지 전체를 나란히 보기")
    heading.locator(OTHER).wait_for()
    assert abs(heading.bounding_box()["y"] - before) < 5


@pytest.mark.parametrize("name", ["genindex.html", "search.html"])
def test_pages_without_counterpart_have_no_button(open_page, server: str, name: str) -> None:
    page = open_page(f"{server}/ko/{name}")
    page.wait_for_timeout(200)
    assert page.locator(".parallel-text__button").count() == 0
    page.keyboard.press("t")
    assert page.locator(OTHER).count() == 0


def test_without_javascript_nothing_shows(browser: Browser, base: str) -> None:
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(f"{base}/ko/{PAGE}")
    assert page.locator(f"{TOGGLE}, .parallel-text__button, {OTHER}").count() == 0
    expect(first_paragraph(page)).to_be_visible()


def test_language_that_is_not_there_is_told(browser: Browser, tmp_path: Path) -> None:
    """Only Korean is built: nothing is asked for until the reader does."""
    for name in ("ko", "assets"):
        shutil.copytree(SITE / name, tmp_path / name, ignore=shutil.ignore_patterns("_sources"))
    page = browser.new_context().new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda text: errors.append(text.text) if text.type == "error" else None)
    page.goto(f"{tmp_path.as_uri()}/ko/{PAGE}")
    page.wait_for_timeout(300)
    assert errors == []
    page.locator(".parallel-text__button").click()
    page.get_by_role("radio", name="페이지 전체를 나란히 보기").check()
    expect(page.locator(".parallel-text__notice")).to_contain_text("영어판이 없습니다")
    assert page.locator(OTHER).count() == 0
    expect(first_paragraph(page)).to_be_visible()


def test_page_loads_the_other_language_only_when_asked(browser: Browser, server: str) -> None:
    page = browser.new_context().new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{server}/ko/{PAGE}")
    page.wait_for_load_state("networkidle")
    assert not [address for address in asked if "_parallel" in address]
    page.keyboard.press("t")
    page.locator(OTHER).wait_for()
    assert [address for address in asked if "_parallel" in address] == [
        f"{server}/en/_parallel/transformer/masks.js"
    ]


@pytest.mark.parametrize("mode", ["reveal", "columns"])
def test_axe_finds_nothing(open_page, look, mode: str) -> None:
    dark_desktop = look.scheme == "dark" and look.viewport["width"] > 600
    name = "reference/api/attention.html" if dark_desktop else PAGE
    options = {"color_scheme": look.scheme, "viewport": look.viewport}
    page = open_page(f"{look.base}/{look.language}/{name}", mode, **options)
    if mode == "reveal":
        page.eval_on_selector_all(TOGGLE, "all => all.slice(0, 12).forEach(each => each.click())")
        page.locator(OTHER).first.wait_for()
    page.locator(".parallel-text__button").click()
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": tags}, "preload": False})
    assert found.violations_count == 0, found.generate_report()
