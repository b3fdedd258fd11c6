"""Addresses of cells, equations and figures: stable, unique, shared by the languages, copied."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from chromium import chromium
from lxml import html
from sphinx_project import Build, Project

from sphinx_cell_anchors import ADDRESS, COPIED, COPY, FAILED, HERE

BEGINNING = """\
# A page

```{code-cell}
1
```
"""
PAGE = """\
## Masks

Words.

```{code-cell}
2
```

$$a = b$$

$$c = d$$ (labelled)

```{code-cell}
:name: warm-up
from IPython.display import HTML
HTML("<figure class='jumok-figure'><svg role='img' aria-label='A line'></svg></figure>")
```

### Deeper

```{code-cell}
:tags: [hide-cell]
3
```

```{figure} picture.svg
:alt: A picture
```

```{figure} picture.svg
:alt: A picture
:name: named

With a caption.
```

## Masks cell 1

$$e = f$$
"""
PICTURE = '<svg xmlns="http://www.w3.org/2000/svg" width="20" height="20"></svg>'
EXPECTED = {
    # The heading "Masks cell 1" has the id that the cell would have.
    *("a-page-cell-1", "masks-cell-1", "masks-cell-1-2", "warm-up", "deeper-cell-1"),
    *("masks-equation-1", "masks-figure-1", "deeper-figure-1"),
}


def ids(build: Build) -> list[str]:
    tree = html.fromstring(build.page("index"))
    return tree.xpath("//*[contains(@class, 'body')]//@id")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    new = Project(
        tmp_path_factory.mktemp("anchors"), ["sphinx_inline_figures", "sphinx_cell_anchors"]
    )
    new.notebook("index.md", BEGINNING + PAGE)
    new.write("picture.svg", PICTURE)
    new.catalog("index", {"Masks": "마스크", "Deeper": "더 깊이", "Words.": "말."})
    return new


@pytest.fixture(scope="module")
def english(project: Project) -> Build:
    build = project.build("en", "-W")
    assert build.returncode == 0, build.output
    return build


@pytest.fixture(scope="module")
def korean(project: Project, english: Build) -> Build:
    build = project.build("ko", "-W", "-D", "language=ko")
    assert build.returncode == 0, build.output
    return build


def test_everything_has_an_address_of_its_own(english: Build) -> None:
    found = ids(english)
    assert not [name for name, times in Counter(found).items() if times > 1]
    assert set(found) >= EXPECTED


def test_links_lead_to_what_they_stand_beside(english: Build) -> None:
    tree = html.fromstring(english.page("index"))
    links = tree.xpath("//a[@class='cell-anchor']")
    targets = Counter(link.get("href") for link in links)
    assert set(targets.values()) == {1}
    for link in links:
        target = tree.get_element_by_id(link.get("href")[1:])
        beside = link.getparent()
        assert beside is target or target.getparent() is beside
        assert link.get("aria-label") == ADDRESS[link.get("data-kind")]
    # Sphinx links equations with a label and figures with a caption.
    assert "#equation-labelled" not in targets
    assert "#named" not in targets


def test_addresses_are_the_same_in_every_language(english: Build, korean: Build) -> None:
    assert ids(english) == ids(korean)
    assert "마스크" in korean.page("index")
    assert 'aria-label="이 셀의 주소"' in korean.page("index")


def test_addresses_survive_edits_elsewhere(tmp_path: Path, english: Build) -> None:
    new = Project(tmp_path, ["sphinx_inline_figures", "sphinx_cell_anchors"])
    more = "## Something else\n\n```{code-cell}\n4\n```\n\n$$x$$\n\n"
    new.notebook("index.md", f"{BEGINNING}\n```{{code-cell}}\n0\n```\n\n{more}{PAGE}")
    new.write("picture.svg", PICTURE)
    edited = new.build("en", "-W")
    assert set(ids(edited)) >= set(ids(english))


def test_other_builders_are_left_alone(project: Project, english: Build) -> None:
    text = project.build("text", builder="text").page("index", ".txt")
    assert "Address" not in text
    assert "[image: A line]" in text


@pytest.mark.parametrize("clipboard", ["clipboard", "no clipboard", "nothing"])
def test_link_copies_and_says_so(korean: Build, clipboard: str) -> None:
    """From a file; also where pages have no clipboard, and where nothing can be copied."""
    with chromium() as browser:
        context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
        page = context.new_page()
        if clipboard != "clipboard":
            page.add_init_script(
                "Object.defineProperty(navigator, 'clipboard', {value: undefined})"
            )
        if clipboard == "nothing":
            page.add_init_script("document.execCommand = () => false")
        else:
            note = "window.copied = document.activeElement.value ?? ''"
            page.add_init_script(f"addEventListener('copy', () => {{ {note} }}, true)")
        page.goto((korean.folder / "index.html").as_uri())
        link = page.locator("#a-page-cell-1 > .cell-anchor")
        assert link.get_attribute("aria-label") == "이 셀의 주소 복사"
        link.focus()
        assert link.evaluate("each => getComputedStyle(each).opacity") == "1"
        before = page.evaluate("scrollY")
        page.keyboard.press("Enter")
        said = page.get_by_role("status")
        expected = (
            "브라우저가 복사를 막았습니다." if clipboard == "nothing" else "주소를 복사했습니다."
        )
        page.wait_for_function(
            "text => document.querySelector('.cell-anchor-said').textContent.startsWith(text)",
            arg=expected,
        )
        assert said.count() == 1
        assert page.url.endswith("/index.html#a-page-cell-1")
        assert page.evaluate("scrollY") == before
        assert page.evaluate("document.activeElement.getAttribute('href')") == "#a-page-cell-1"
        if clipboard == "clipboard":
            copied = page.evaluate("navigator.clipboard.readText()")
            assert copied == page.url
        if clipboard == "no clipboard":
            assert page.evaluate("window.copied") == page.url


def test_link_works_without_a_script(english: Build) -> None:
    with chromium() as browser:
        page = browser.new_context(java_script_enabled=False).new_page()
        page.goto((english.folder / "index.html").as_uri())
        page.locator("#warm-up > .cell-anchor").focus()
        page.keyboard.press("Enter")
        assert page.url.endswith("#warm-up")


def test_every_word_is_translated() -> None:
    with (HERE / "locale/ko/LC_MESSAGES/sphinx_cell_anchors.po").open("rb") as file:
        translated = {message.id for message in read_po(file) if message.id and message.string}
    assert translated == {*ADDRESS.values(), *COPY.values(), COPIED, FAILED}
