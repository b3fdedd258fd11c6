"""axe finds on a page of the bare theme what the extension mends, and nothing with it."""

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from babel.messages.pofile import read_po
from chromium import chromium
from sphinx_project import Build, Project

from sphinx_theme_accessibility import HERE, NAMES, name_arrows

#: The axe rules that the extension answers.
MENDED = {
    *("region", "summary-name", "definition-list", "scrollable-region-focusable"),
    *("aria-required-children", "aria-allowed-role", "aria-deprecated-role"),
}

PAGES = {
    "index.md": """\
# A book & its parts

```{toctree}
part
```
""",
    "part.md": """\
# A part with *emphasis*

```{toctree}
page
A page whose title is longer than half of a small screen <after>
```
""",
    "after.md": "# After\n\nWords.\n",
    "page.md": """\
# A page

```{eval-rst}
.. py:function:: attention(query: torch.Tensor, key: torch.Tensor, value: torch.Tensor) -> None

   Attend, as [Bahdanau]_ says.

.. [Bahdanau] Neural machine translation by jointly learning to align and translate.
```

$$abcdefghijklmnopqrstuvwxyz = 0123456789 + abcdefghijklmnopqrstuvwxyz + 0123456789 + abcdefgh$$

```{figure} wide.svg
:alt: A wide line

A caption.
```

```python
print("a line of code that is wider than a phone, and wider than most windows are: ", 0 + 1 + 2 + 3)
```

| a | wide | table | that | has | many | columns | and | no | room | on | phones |
|---|------|-------|------|-----|------|---------|-----|----|------|----|--------|
| 1 | 20000 | 300000 | 40000 | 50000 | 60000 | 700000 | 80000 | 900000 | 1000 | 11 | 12 |
""",
    "wide.svg": '<svg xmlns="http://www.w3.org/2000/svg" width="1200" height="20">'
    '<path d="M0 9h1200" stroke="gray"/></svg>',
}


def build(folder: Path, *extensions: str) -> Build:
    folder.mkdir()
    project = Project(
        folder,
        list(extensions),
        html_theme="sphinx_book_theme",
        html_theme_options={"show_navbar_depth": 2},
        html_title="A book",
        html_permalinks=False,
        nb_execution_mode="off",
        python_maximum_signature_line_length=40,
        html_css_files=["wide.css"],
        html_static_path=["static"],
    )
    for name, text in PAGES.items():
        project.write(name, text)
    # Themes let wide figures scroll, and their width is what the test is about.
    project.write("static/wide.css", "figure { overflow-x: auto } figure img { max-width: none }")
    made = project.build("html", "-W")
    assert made.returncode == 0, made.output
    return made


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Build]:
    folder = tmp_path_factory.mktemp("theme")
    return {
        "bare": build(folder / "bare"),
        "mended": build(folder / "mended", "sphinx_theme_accessibility"),
    }


def violations(build: Build, width: int) -> dict[str, str]:
    with chromium() as browser:
        page = browser.new_page(viewport={"width": width, "height": 800})
        page.goto((build.folder / "page.html").as_uri())
        page.wait_for_timeout(200)
        found = Axe().run(page).response["violations"]
    return {rule["id"]: rule["nodes"][0]["html"] for rule in found}


def test_each_mend_is_needed_and_helps(pages: dict[str, Build]) -> None:
    bare = violations(pages["bare"], 1440) | violations(pages["bare"], 360)
    mended = violations(pages["mended"], 1440) | violations(pages["mended"], 360)
    assert not MENDED & mended.keys(), mended
    assert bare.keys() >= MENDED, "mended by the theme or Sphinx: take our mend out"


def test_wide_figure_has_a_tab_stop_only_while_it_is_too_wide(pages: dict[str, Build]) -> None:
    with chromium() as browser:
        page = browser.new_page(viewport={"width": 360, "height": 800})
        page.goto((pages["mended"].folder / "page.html").as_uri())
        figure = page.locator("article figure")
        page.wait_for_function("document.querySelector('article figure').tabIndex === 0")
        figure.focus()
        page.keyboard.press("ArrowRight")
        page.wait_for_function("document.querySelector('article figure').scrollLeft > 0")
        page.set_viewport_size({"width": 3000, "height": 800})
        page.add_style_tag(content="article figure { width: 1300px }")
        page.wait_for_function("document.querySelector('article figure').tabIndex === -1")


NAMED = """
[...document.querySelectorAll('article *')].filter(each => {
  const overflow = getComputedStyle(each).overflowX;
  return /auto|scroll/.test(overflow) && each.scrollWidth > each.clientWidth + 1;
}).map(each => [
  each.tagName.toLowerCase(), each.tabIndex, each.getAttribute("role"),
  each.getAttribute("aria-label"),
])
"""


def test_what_scrolls_has_a_role_and_a_name(pages: dict[str, Build]) -> None:
    with chromium() as browser:
        page = browser.new_page(viewport={"width": 360, "height": 800})
        page.goto((pages["mended"].folder / "page.html").as_uri())
        page.wait_for_function("document.querySelector('article figure').tabIndex === 0")
        found = page.evaluate(NAMED)
        assert {tuple(each) for each in found} >= {
            ("figure", 0, None, "Figure"),
            ("pre", 0, "group", "Code"),
            ("div", 0, "group", "Table"),
        }
        for tag, tab_index, role, name in found:
            assert tab_index == 0
            assert name
            assert role == "group" or tag == "figure"
        # No names are left behind where there is room.
        page.set_viewport_size({"width": 3000, "height": 800})
        page.add_style_tag(content="article, article figure { width: 2000px; max-width: none }")
        page.wait_for_function("document.querySelector('article figure').tabIndex === -1")
        assert page.locator("article [data-accessible-scrolling]").count() == 0
        assert page.locator("article figure[aria-label]").count() == 0


#: What reaches beyond the window, though nothing around it scrolls, or is cut off.
LOST = """
(() => {
  const width = document.documentElement.clientWidth;
  const scrolls = each => {
    for (; each && each !== document.body; each = each.parentElement)
      if (/auto|scroll/.test(getComputedStyle(each).overflowX)
          && each.scrollWidth > each.clientWidth) return true;
    return false;
  };
  return [...document.querySelectorAll(".bd-article-container *")].filter(each => {
    const box = each.getBoundingClientRect(), style = getComputedStyle(each);
    if (!box.width || !box.height || each.closest("svg, .visually-hidden")) return false;
    const cut = /hidden|clip/.test(style.overflowX) && each.scrollWidth > each.clientWidth + 2;
    return cut || (box.right > width + 1 && !scrolls(each));
  }).map(each => each.outerHTML.slice(0, 80));
})()
"""


def test_nothing_is_lost_at_400_percent(pages: dict[str, Build]) -> None:
    lost = {}
    with chromium() as browser:
        for name, made in pages.items():
            page = browser.new_page(viewport={"width": 320, "height": 640})
            page.goto((made.folder / "page.html").as_uri())
            lost[name] = page.evaluate(LOST)
            assert page.evaluate("document.documentElement.scrollWidth") == 320
    assert lost["mended"] == []
    assert lost["bare"], "mended by the theme: take our mend out"


def test_button_of_the_side_bar_shows_its_focus(pages: dict[str, Build]) -> None:
    outlines = {}
    with chromium() as browser:
        for name, made in pages.items():
            page = browser.new_page(viewport={"width": 1440, "height": 800})
            page.goto((made.folder / "page.html").as_uri())
            button = page.locator(".bd-header-article .sidebar-toggle:visible").first
            page.keyboard.press("Tab")  # focus is to be seen of those who use the keyboard
            button.focus()
            outlines[name] = button.evaluate("each => getComputedStyle(each).outlineStyle")
    assert outlines == {"bare": "none", "mended": "solid"}


def test_nothing_moves_for_those_who_asked_for_that(pages: dict[str, Build]) -> None:
    moving = """[...document.querySelectorAll("*")].filter(each => {
      const style = getComputedStyle(each);
      return style.scrollBehavior === "smooth"
        || style.transitionDuration.split(",").some(time => parseFloat(time) > 0)
        || style.animationDuration.split(",").some(time => parseFloat(time) > 0.001);
    }).map(each => each.outerHTML.slice(0, 60))"""
    found = {}
    with chromium() as browser:
        for name, made in pages.items():
            page = browser.new_context(reduced_motion="reduce").new_page()
            page.goto((made.folder / "page.html").as_uri())
            found[name] = page.evaluate(moving)
    assert found["mended"] == []
    assert found["bare"], "mended by the theme: take our mend out"


def test_every_word_is_translated() -> None:
    with (HERE / "locale/ko/LC_MESSAGES/sphinx_theme_accessibility.po").open("rb") as file:
        translated = {message.id for message in read_po(file) if message.id and message.string}
    assert translated == set(NAMES.values())


def test_tab_through_the_sticky_header_leaves_the_page_alone(pages: dict[str, Build]) -> None:
    moved = {}
    with chromium() as browser:
        for name, made in pages.items():
            page = browser.new_page(viewport={"width": 1440, "height": 800})
            page.goto((made.folder / "page.html").as_uri())
            page.add_style_tag(content="article { min-height: 5000px }")
            page.evaluate("scrollTo({top: 2000, behavior: 'instant'})")
            page.locator(".bd-header-article button:visible").first.evaluate(
                "each => each.focus({preventScroll: true})"
            )
            page.keyboard.press("Tab")
            assert page.evaluate("!!document.activeElement.closest('.bd-header-article')")
            page.wait_for_timeout(300)
            moved[name] = page.evaluate("scrollY") - 2000
    assert moved["mended"] == 0
    assert moved["bare"], "mended by the theme: take our mend out"


FADING = "addEventListener('transitionrun', event => window.fading.push(event.target.className))"


def test_buttons_have_their_colours_from_the_first_moment(pages: dict[str, Build]) -> None:
    faded = {}
    with chromium() as browser:
        for name, made in pages.items():
            page = browser.new_context(color_scheme="dark").new_page()
            page.add_init_script(f"window.fading = []; {FADING}")
            page.goto((made.folder / "page.html").as_uri())
            page.wait_for_timeout(300)
            faded[name] = page.evaluate("window.fading")
    assert faded["mended"] == []
    assert faded["bare"], "mended by the theme: take our mend out"


def test_signature_reads_as_before(pages: dict[str, Build]) -> None:
    text = {}
    with chromium() as browser:
        for name, made in pages.items():
            page = browser.new_page(viewport={"width": 1440, "height": 800})
            page.goto((made.folder / "page.html").as_uri())
            text[name] = page.locator("dt.sig").inner_text().split()
    assert text["mended"] == text["bare"]
    assert "torch.Tensor," in text["bare"]


def test_arrow_is_named_by_its_link_alone() -> None:
    link = '<a class="x" href="a.html"><code>f</code> &amp; "more"</a>'
    named = name_arrows(f"<li>{link}<details open><summary><i></i></summary></details></li>")
    assert '<summary aria-label="f &amp; &quot;more&quot;"><i>' in named
    assert link in named
    plain = '<a href="b.html">B</a><p>no arrow</p><details><summary>More</summary></details>'
    assert name_arrows(plain) == plain
