"""The keyboard alone is enough: all is reached, in order, and seen; nothing holds it back."""

from itertools import pairwise

import pytest
from playwright.sync_api import Browser, Page

PHONE, DESKTOP = {"width": 360, "height": 740}, {"width": 1440, "height": 900}
FORMULAS = "transformer/scaled-dot-product-attention.html"
CELLS = "transformer/masks.html"
#: All that can have the focus, in the order of the document, and is rendered and not in a dialog.
STOPS = """
() => {
  const wanted = "a[href], button, input, select, textarea, summary, [tabindex]";
  return [...document.querySelectorAll(wanted)].filter(each =>
    each.tabIndex >= 0 && !each.disabled && !each.closest("dialog")
    && each.checkVisibility({visibilityProperty: true})
    && (each.type !== "radio" || each.checked)
  ).length;
}
"""
#: What has the focus now: its place in the document, and how a reader sees that.
FOCUSED = """
() => {
  const each = document.activeElement;
  if (!each || each === document.body) return null;
  const style = getComputedStyle(each), box = each.getBoundingClientRect();
  const number = text => text.match(/[\\d.]+/g).map(Number);
  const paint = text => {
    const found = text.match(/rgba?\\([^)]*\\)/)?.[0] ?? "0 0 0 0";
    const [red, green, blue, opacity = 1] = number(found);
    return {red, green, blue, opacity};
  };
  let around = each.parentElement;
  while (around && paint(getComputedStyle(around).backgroundColor).opacity < 1)
    around = around.parentElement;
  const ground = paint(getComputedStyle(around ?? document.body).backgroundColor);
  const light = ({red, green, blue}) => [red, green, blue]
    .map(part => part / 255)
    .map(part => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
    .reduce((sum, part, index) => sum + part * [0.2126, 0.7152, 0.0722][index], 0);
  const contrast = (one, two) =>
    (Math.max(light(one), light(two)) + 0.05) / (Math.min(light(one), light(two)) + 0.05);
  const outlined = ({outlineStyle, outlineWidth, content}) =>
    content !== "none" && outlineStyle !== "none" && parseFloat(outlineWidth) >= 2;
  // The theme draws the ring of a card's link around the card, which the link's ::after covers, and
  // that of a folded list in the sidebar around its arrow: no more of the summary is seen.
  const shown = [style, getComputedStyle(each, "::after")];
  const arrow = each.matches("summary") && each.querySelector(":scope > .toctree-toggle");
  if (arrow) shown.push(getComputedStyle(arrow));
  const drawn = shown.find(outlined);
  const shadowed = style.boxShadow !== "none";
  const ring = drawn ? drawn.outlineColor : style.boxShadow;
  return {
    place: [...document.querySelectorAll("*")].indexOf(each),
    what: each.outerHTML.slice(0, 90),
    ring: drawn || shadowed ? contrast(paint(ring), ground) : 0,
    seen: box.width > 0 && box.bottom > 0 && box.top < innerHeight && box.right > 0
      && box.left < innerWidth && style.visibility === "visible" && Number(style.opacity) > 0.5,
  };
}
"""


def walk(page: Page, key: str = "Tab", most: int = 600) -> list[dict]:
    """Press the key until the focus leaves the page; what had it on the way."""
    steps = []
    for _ in range(most):
        page.keyboard.press(key)
        focused = page.evaluate(FOCUSED)
        if focused is None:
            return steps
        for _ in range(8):  # it may be on its way: the link that skips slides in, buttons fade in
            if focused["seen"]:
                break
            page.wait_for_timeout(250)
            focused = page.evaluate(FOCUSED)
        steps.append(focused)
    raise AssertionError(f"the focus never leaves the page; last at {steps[-1]['what']}")


@pytest.fixture(params=[(PHONE, "dark"), (DESKTOP, "light")], ids=["phone-dark", "desktop-light"])
def page(request: pytest.FixtureRequest, browser: Browser) -> Page:
    size, scheme = request.param
    return browser.new_context(viewport=size, color_scheme=scheme).new_page()


@pytest.mark.parametrize(
    ("language", "name"), [("ko", CELLS), ("en", FORMULAS), ("ko", "index.html")]
)
def test_tab_walks_through_the_page(page: Page, server: str, language: str, name: str) -> None:
    page.goto(f"{server}/{language}/{name}")
    page.wait_for_timeout(300)
    steps = walk(page)
    unseen = [step["what"] for step in steps if not step["seen"]]
    assert not unseen, "the focus is outside of the window"
    faint = [(round(step["ring"], 1), step["what"]) for step in steps if step["ring"] < 3]
    assert not faint, "the focus can't be told by 3:1 from what is around it"
    places = [step["place"] for step in steps]
    back = [two["what"] for one, two in pairwise(steps) if two["place"] < one["place"]]
    assert places == sorted(places), f"against the order of the page: {back}"
    assert len(set(places)) == len(places)
    # Everything has its turn; groups of which one has the stop may make a difference.
    assert len(steps) >= 0.97 * page.evaluate(STOPS)


def test_the_way_back_leads_to_the_top(page: Page, server: str) -> None:
    page.goto(f"{server}/en/index.html")
    page.wait_for_timeout(300)
    top, *_, bottom = [step["place"] for step in walk(page)]
    places = []
    while not places or places[-1] != top:
        page.keyboard.press("Shift+Tab")
        focused = page.evaluate(FOCUSED)
        assert focused, "the focus left the page on its way up"
        places.append(focused["place"])
    assert places[0] == bottom
    assert places == sorted(places, reverse=True)


@pytest.mark.parametrize(
    ("button", "opened"),
    [
        (".search-button__button", "#pst-search-dialog[open]"),
        (".primary-toggle", "#pst-primary-sidebar-modal[open]"),
        (".secondary-toggle", "#pst-secondary-sidebar-modal[open]"),
        (".parallel-text__button", ".parallel-text__menu:not([hidden])"),
        (".page-notebooks__button", ".page-notebooks .dropdown-menu.show"),
        (".theme-switch-button", ".theme-switch-menu.show, .dropdown-menu.show"),
    ],
)
@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_escape_closes_what_opens_and_returns_the_focus(
    browser: Browser, server: str, size: dict[str, int], button: str, opened: str
) -> None:
    page = browser.new_context(viewport=size).new_page()
    page.goto(f"{server}/ko/{CELLS}")
    page.wait_for_timeout(300)
    opener = page.locator(f"{button}:visible").first
    if size is DESKTOP and "sidebar" in opened:
        return  # there it stands beside the page and is no dialog
    opener.focus()
    page.keyboard.press("Enter")
    page.locator(opened).first.wait_for()
    page.keyboard.press("Escape")
    page.locator(opened).first.wait_for(state="hidden")
    page.wait_for_timeout(150)
    assert opener.evaluate("each => each === document.activeElement"), page.evaluate(
        "document.activeElement.outerHTML.slice(0, 90)"
    )


def test_a_dialog_keeps_the_focus_while_it_is_open(browser: Browser, server: str) -> None:
    """The page behind a drawer can't be reached, and the drawer can be walked through."""
    page = browser.new_context(viewport=PHONE).new_page()
    page.goto(f"{server}/en/{CELLS}")
    page.wait_for_timeout(300)
    page.locator(".primary-toggle:visible").focus()
    page.keyboard.press("Enter")
    page.locator("#pst-primary-sidebar-modal[open]").wait_for()
    inside = (
        "!!document.activeElement.closest('dialog') || document.activeElement === document.body"
    )
    for _ in range(15):
        page.keyboard.press("Tab")
        assert page.evaluate(inside)


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("name", [CELLS, FORMULAS, "reference/api/data.html", "genindex.html"])
def test_nothing_is_lost_at_400_percent(
    browser: Browser, server: str, language: str, name: str
) -> None:
    """320 pixels: the page doesn't scroll sideways, and what does can be focused and has a name."""
    page = browser.new_context(viewport={"width": 320, "height": 640}).new_page()
    page.goto(f"{server}/{language}/{name}")
    page.evaluate("document.querySelectorAll('article details').forEach(each => each.open = true)")
    page.wait_for_timeout(300)
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    unnamed = page.evaluate(
        """[...document.querySelectorAll("article *")].filter(each => {
          const overflow = getComputedStyle(each).overflowX;
          return /auto|scroll/.test(overflow) && each.scrollWidth > each.clientWidth + 1
            && each.checkVisibility()
            && !(each.tabIndex >= 0 && (each.ariaLabel || each.hasAttribute("aria-labelledby")));
        }).map(each => each.outerHTML.slice(0, 90))"""
    )
    assert unnamed == []
    cut = page.evaluate(
        """[...document.querySelectorAll(".bd-article-container *")].filter(each => {
          const style = getComputedStyle(each);
          return /hidden|clip/.test(style.overflowX) && each.scrollWidth > each.clientWidth + 2
            && each.clientWidth > 20 && !each.closest(".katex, .visually-hidden, svg")
            && each.checkVisibility();
        }).map(each => each.outerHTML.slice(0, 90))"""
    )
    assert cut == []


def test_nothing_moves_for_those_who_asked_for_that(browser: Browser, server: str) -> None:
    page = browser.new_context(reduced_motion="reduce").new_page()
    page.goto(f"{server}/en/{CELLS}")
    moving = page.evaluate(
        """[...document.querySelectorAll("*")].filter(each => {
          const style = getComputedStyle(each);
          return style.scrollBehavior === "smooth"
            || style.transitionDuration.split(",").some(time => parseFloat(time) > 0)
            || style.animationDuration.split(",").some(time => parseFloat(time) > 0.001);
        }).map(each => each.outerHTML.slice(0, 60))"""
    )
    assert moving == []
