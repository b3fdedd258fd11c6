"""No page does what its Content-Security-Policy forbids; light or dark is there at once."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser

SITE = Path(__file__).resolve().parents[2] / "_build" / "site"
LISTEN = """
  window.violations = [];
  addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI, sourceFile }) =>
    window.violations.push(`${violatedDirective}: ${blockedURI} (${sourceFile})`));
"""


def pages(folder: str) -> list[str]:
    found = sorted(SITE.glob("*.html") if folder == "" else (SITE / folder).rglob("*.html"))
    return [path.relative_to(SITE).as_posix() for path in found]


@pytest.mark.parametrize("folder", ["", "en", "ko"])
def test_no_page_violates_the_policy(browser: Browser, server: str, folder: str) -> None:
    """Every page, with its menus and its search opened."""
    context = browser.new_context(reduced_motion="reduce")
    context.add_init_script(LISTEN)
    page, found = context.new_page(), {}
    for name in pages(folder):
        address = f"{server}/{name}" + ("#choose" if name == "index.html" else "")
        answer = page.goto(address)
        assert "script-src 'self'" in answer.headers["content-security-policy"]
        if folder:
            page.evaluate(
                """document.querySelectorAll("[data-bs-toggle=dropdown], .parallel-text__button,"
                   + " .toggle-button, button.copybtn").forEach((each) => each.click());
                   document.querySelectorAll("details").forEach((each) => { each.open = true; })"""
            )
        if violations := page.evaluate("window.violations"):
            found[name] = violations
    assert found == {}


@pytest.mark.parametrize("saved", [None, "light", "dark"])
def test_light_or_dark_is_known_before_anything_is_drawn(
    browser: Browser, base: str, scheme: str, saved: str | None
) -> None:
    context = browser.new_context(color_scheme=scheme)
    if saved:
        context.add_init_script(f"localStorage.setItem('mode', '{saved}')")
    # What the page looks like when its body begins: nothing has been drawn before.
    context.add_init_script(
        """new MutationObserver((_, observer) => {
             if (!document.body) return;
             observer.disconnect();
             window.atFirst = document.documentElement.dataset.theme;
           }).observe(document, { childList: true, subtree: true });"""
    )
    page = context.new_page()
    page.goto(f"{base}/ko/transformer/masks.html")
    assert page.evaluate("window.atFirst") == (saved or scheme)
    assert page.evaluate("document.documentElement.dataset.theme") == (saved or scheme)
