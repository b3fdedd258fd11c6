"""The menus that stand in for Bootstrap's, by pointer and by keyboard, in a real browser."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from chromium import chromium
from playwright.sync_api import Browser, Page, expect

SCRIPT = Path(__file__).resolve().parents[1] / "tools" / "web_assets" / "static" / "menus.js"
PAGE = """
<style>.dropdown { position: relative; display: inline-block; margin-right: 9rem }
.dropdown-menu { display: none; position: absolute; margin: 0 }
.dropdown-menu.show { display: block }</style>
<div class="dropdown"><button id="first" data-bs-toggle="dropdown">First</button>
<ul class="dropdown-menu"><li><a class="dropdown-item" href="#one">One</a></li>
<li><button class="dropdown-item" id="two">Two</button></li></ul></div>
<div class="dropdown"><button id="second" data-bs-toggle="dropdown">Second</button>
<ul class="dropdown-menu"><li><a class="dropdown-item" href="#three">Three</a></li></ul></div>
<p id="outside">Outside</p><button id="after">After</button>
"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as instance:
        yield instance


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    page = browser.new_page()
    page.set_content(PAGE)
    page.add_script_tag(path=SCRIPT)
    yield page
    page.close()


def focused(page: Page) -> str:
    return page.evaluate("document.activeElement.id || document.activeElement.textContent")


def test_a_button_opens_its_menu_and_closes_it_and_others(page: Page) -> None:
    first, second = page.locator("#first"), page.locator("#second")
    expect(first).to_have_attribute("aria-expanded", "false")
    first.click()
    expect(first).to_have_attribute("aria-expanded", "true")
    expect(page.get_by_text("One")).to_be_visible()
    second.click()
    expect(page.get_by_text("One")).to_be_hidden()
    expect(page.get_by_text("Three")).to_be_visible()
    second.click()
    expect(page.get_by_text("Three")).to_be_hidden()
    expect(second).to_have_attribute("aria-expanded", "false")


def test_an_entry_and_a_press_elsewhere_close(page: Page) -> None:
    page.locator("#first").click()
    page.locator("#two").click()
    expect(page.locator("#two")).to_be_hidden()
    page.locator("#first").click()
    page.locator("#outside").click()
    expect(page.locator("#two")).to_be_hidden()


def test_keys_go_through_the_entries_and_out(page: Page) -> None:
    page.locator("#first").focus()
    page.keyboard.press("ArrowDown")
    assert focused(page) == "One"
    page.keyboard.press("ArrowDown")
    assert focused(page) == "two"
    page.keyboard.press("ArrowDown")
    assert focused(page) == "One"
    page.keyboard.press("End")
    assert focused(page) == "two"
    page.keyboard.press("Home")
    assert focused(page) == "One"
    page.keyboard.press("Escape")
    assert focused(page) == "first"
    expect(page.get_by_text("One")).to_be_hidden()
    page.keyboard.press("Enter")
    expect(page.get_by_text("One")).to_be_visible()
    for _ in range(3):
        page.keyboard.press("Tab")
    assert focused(page) == "second"
    expect(page.get_by_text("One")).to_be_hidden()


@pytest.mark.parametrize("side", ["left: 0", "right: 0"])
@pytest.mark.parametrize("before", [0, 100, 220])
def test_a_menu_lies_within_a_narrow_window(browser: Browser, side: str, before: int) -> None:
    """Whichever edge of its button it begins at, and wherever that stands: all of it is seen."""
    page = browser.new_page(viewport={"width": 320, "height": 640})
    page.set_content(f"<style>.dropdown-menu {{ {side}; width: 230px }}</style>{PAGE}")
    page.locator(".dropdown").first.evaluate(f"each => each.style.marginLeft = '{before}px'")
    page.add_script_tag(path=SCRIPT)
    page.locator("#first").click()
    box = page.locator(".dropdown-menu").first.bounding_box()
    page.close()
    assert box
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 320
