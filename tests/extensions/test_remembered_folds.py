"""What is folded stays as the reader left it; long outputs fold, and are whole without a script."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from babel.messages.pofile import read_po
from chromium import chromium
from lxml import html
from sphinx_project import Build, Project

from sphinx_remembered_folds import HERE, WORDS

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

PAGE = """\
# A page

```{code-cell}
:tags: [hide-cell]
print("hidden")
```

:::{dropdown} Solution
The answer.

### Inside

Deep.
:::

:::{dropdown} Seen
:open:
Seen from the start.
:::

<details class="figure-numbers"><summary>Show the numbers</summary>1</details>

```{code-cell}
for line in range(60):
    print("line", line)
```

```{code-cell}
print("short\\n" * 29)
```

```{code-cell}
list(range(400))
```
"""
FOLDS = "details:not(.figure-numbers)"
OPEN = f"[...document.querySelectorAll('{FOLDS}')].map(each => each.open)"


@pytest.fixture(scope="module")
def korean(tmp_path_factory: pytest.TempPathFactory) -> Build:
    project = Project(
        tmp_path_factory.mktemp("folds"),
        ["sphinx_theme_korean", "sphinx_design", "sphinx_remembered_folds"],
        html_theme="sphinx_book_theme",
    )
    project.notebook("index.md", PAGE)
    english = project.build("en", "-W")
    assert english.returncode == 0, english.output
    build = project.build("ko", "-W", "-D", "language=ko")
    assert build.returncode == 0, build.output
    return build


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as instance:
        yield instance


@pytest.fixture
def page(browser: Browser, korean: Build) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 800, "height": 600})
    page = context.new_page()
    page.goto((korean.folder / "index.html").as_uri())
    yield page
    context.close()


def test_what_a_reader_opens_and_closes_is_remembered(page: Page) -> None:
    assert page.evaluate(OPEN) == [False, False, True]
    page.locator("details.hide > summary").click()
    page.locator("details summary", has_text="Seen").click()
    assert page.evaluate(OPEN) == [True, False, False]
    kept = "JSON.parse(localStorage.getItem('folds:' + location.pathname) ?? '{}')"
    page.wait_for_function(f"Object.keys({kept}).length === 2")
    page.reload()
    assert page.evaluate(OPEN) == [True, False, False]
    page.locator("details.hide > summary").click()
    page.locator("details summary", has_text="Seen").click()
    page.wait_for_function(
        "localStorage.length === 0 || !Object.keys(localStorage).some("
        "key => key.startsWith('folds:'))"
    )  # as it was: nothing to remember
    page.reload()
    assert page.evaluate(OPEN) == [False, False, True]


def test_a_browser_without_storage_folds_all_the_same(browser: Browser, korean: Build) -> None:
    page = browser.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.add_init_script(
        "for (const name of ['getItem', 'setItem', 'removeItem']) Storage.prototype[name] = "
        "() => { throw new DOMException('refused', 'SecurityError') }"
    )
    page.goto((korean.folder / "index.html").as_uri())
    page.locator("details.hide > summary").click()
    assert page.evaluate(OPEN) == [True, False, True]
    assert page.locator(".folds-all").count() == 1
    assert not [error for error in errors if "folds" in error]
    page.close()


def test_one_button_opens_and_closes_all(page: Page) -> None:
    button = page.locator(".folds-all")
    assert button.text_content() == "접힌 부분 모두 펼치기"
    button.focus()
    page.keyboard.press("Enter")
    assert page.evaluate(OPEN) == [True, True, True]
    assert not page.locator(".figure-numbers").evaluate("each => each.open")
    assert button.text_content() == "펼친 부분 모두 접기"
    page.reload()
    assert page.evaluate(OPEN) == [True, True, True]
    page.locator(".folds-all").click()
    assert page.evaluate(OPEN) == [False, False, False]
    page.locator("details.hide > summary").click()
    page.wait_for_function("document.querySelector('.folds-all').textContent.includes('펼치기')")


def test_paper_shows_all_and_forgets_it(page: Page) -> None:
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.evaluate(OPEN) == [True, True, True]
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.evaluate(OPEN) == [False, False, True]
    page.reload()
    assert page.evaluate(OPEN) == [False, False, True]
    page.emulate_media(media="print")
    output = page.locator(".long-output pre").first
    assert output.evaluate("each => each.scrollHeight <= each.clientHeight + 1")
    assert page.locator(":is(.folds-all, .long-output__button):visible").count() == 0


def test_an_address_opens_what_it_leads_into(browser: Browser, korean: Build) -> None:
    page = browser.new_page()
    page.goto((korean.folder / "index.html").as_uri())
    assert page.evaluate(OPEN)[1] is False
    inside = page.evaluate("document.querySelector('details.sd-dropdown [id]').id")
    page.goto(f"{(korean.folder / 'index.html').as_uri()}#{inside}")
    page.wait_for_function("document.querySelectorAll('details.sd-dropdown')[0].open")
    page.close()


def test_long_output_folds_and_unfolds_by_keyboard(page: Page) -> None:
    outputs = page.locator(".long-output")
    assert outputs.count() == 2  # 29 lines and an empty one are no reason
    output, text = outputs.first, outputs.first.locator("pre")
    button = output.locator("button.long-output__button")
    assert button.text_content() == "60줄 모두 보기"
    assert button.get_attribute("aria-expanded") == "false"
    assert text.get_attribute("aria-label") == "출력 60줄"
    folded = text.bounding_box()["height"]
    assert 200 < folded < 700
    text.focus()
    page.keyboard.press("End")
    page.wait_for_function("document.querySelector('.long-output pre').scrollTop > 100")
    button.focus()
    page.keyboard.press("Enter")
    assert button.get_attribute("aria-expanded") == "true"
    assert button.text_content() == "몇 줄만 보기"
    assert text.bounding_box()["height"] > 1.8 * folded
    assert text.evaluate("each => each.scrollHeight <= each.clientHeight + 1")
    page.keyboard.press("Enter")
    assert text.bounding_box()["height"] == folded


def test_nothing_moves_while_the_page_loads(korean: Build) -> None:
    """The button is in the page; a page with one fold needs none."""
    assert '</h1>\n<button type="button" class="folds-all">접힌 부분' in korean.page("index")


def test_browser_finds_what_is_in_a_long_output(page: Page) -> None:
    assert page.evaluate("window.find('line 57')")
    found = "getSelection().anchorNode.parentElement.closest('.long-output pre')"
    assert page.evaluate(f"!!{found}")


def test_without_a_script_all_output_is_seen(browser: Browser, korean: Build) -> None:
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto((korean.folder / "index.html").as_uri())
    assert page.locator(".long-output pre").first.bounding_box()["height"] > 900
    assert page.locator(":is(.folds-all, .long-output__button):visible").count() == 0
    page.context.close()


def test_hidden_cells_are_named_by_what_is_seen(korean: Build) -> None:
    for language in ("en", "ko"):
        tree = html.parse(str(korean.folder.parent / language / "index.html"))
        (summary,) = tree.xpath("//details[contains(@class, 'hide')]/summary")
        assert "aria-label" not in summary.attrib
        assert summary.text_content().strip()


def test_no_output_folds_if_the_project_says_so(tmp_path: Path) -> None:
    project = Project(tmp_path, ["sphinx_remembered_folds"], remembered_folds_lines=0)
    project.notebook("index.md", "# A page\n\n```{code-cell}\nprint('a\\n' * 99)\n```\n")
    assert "long-output" not in project.build("en", "-W").page("index")
    failed = project.build("no", "-D", "remembered_folds_lines=-1")
    assert failed.returncode
    assert "remembered_folds_lines must be a number of lines, or 0" in failed.output


def test_every_word_is_translated() -> None:
    with (HERE / "locale/ko/LC_MESSAGES/sphinx_remembered_folds.po").open("rb") as file:
        translated = {message.id for message in read_po(file) if message.id and message.string}
    assert translated == set(WORDS.values())
