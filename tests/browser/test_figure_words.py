"""Translated labels in figures: inside their picture, and not over each other."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser

ROOT = Path(__file__).resolve().parents[2]
SITE = ROOT / "_build" / "site"
PAGES = sorted(
    path.relative_to(ROOT / "docs").with_suffix(".html").as_posix()
    for folder in ("start", "transformer")
    for path in (ROOT / "docs" / folder).glob("*.md")
    if "```{code-cell}" in path.read_text(encoding="utf-8")
)

# What a script draws anew is tested with the script.
DRAWN = "figure.jumok-figure:has(> svg)"

# Of each text: what it says, and its box. Slanted labels have boxes larger than they look.
FAULTS = """
figure => {
  const svg = figure.querySelector("svg").getBoundingClientRect();
  const texts = [...figure.querySelectorAll("text")].map(text => ({
    words: text.textContent,
    box: text.getBoundingClientRect(),
    slanted: /rotate\\((?!-90 )/.test(text.getAttribute("transform") ?? ""),
  }));
  const faults = [];
  for (const {words, box} of texts) {
    const out = Math.max(
      svg.left - box.left, box.right - svg.right, svg.top - box.top, box.bottom - svg.bottom);
    if (out > 1) faults.push(`${words} is ${out.toFixed()} px outside`);
  }
  for (const [i, one] of texts.entries())
    for (const two of texts.slice(i + 1)) {
      const across = Math.min(one.box.right, two.box.right)
        - Math.max(one.box.left, two.box.left);
      const down = Math.min(one.box.bottom, two.box.bottom) - Math.max(one.box.top, two.box.top);
      if (!one.slanted && !two.slanted && across > 2 && down > 3)
        faults.push(`${one.words} lies over ${two.words}`);
    }
  return faults;
}
"""


@pytest.mark.parametrize("name", PAGES)
def test_labels_have_room(browser: Browser, name: str) -> None:
    """At one width: a picture scales as a whole, its letters with it."""
    page = browser.new_context().new_page()
    page.goto(f"{SITE.as_uri()}/ko/{name}")
    page.add_style_tag(content="article details > * { display: block !important }")
    figures = page.locator(DRAWN)
    faults = {i: figures.nth(i).evaluate(FAULTS) for i in range(figures.count())}
    assert not {number: found for number, found in faults.items() if found}


def test_a_label_without_room_is_found(browser: Browser) -> None:
    """The test above can fail."""
    page = browser.new_context().new_page()
    page.goto(f"{SITE.as_uri()}/ko/{PAGES[-1]}")
    figure = page.locator(DRAWN).first
    assert figure.evaluate(FAULTS) == []
    figure.evaluate(
        "figure => { const label = figure.querySelector('text[transform]')"
        " ?? figure.querySelector('text'); label.textContent = 'far too long '.repeat(20) }"
    )
    assert figure.evaluate(FAULTS)
