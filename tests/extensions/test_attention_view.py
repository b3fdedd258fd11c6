"""Views of attention: on a page in a real browser, with and without their script."""

from __future__ import annotations

import doctest
import gzip
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import polib
import pytest
import torch
from axe_playwright_python.sync_playwright import Axe
from chromium import chromium
from sphinx_project import Build, Project
from strict_page import opened

import sphinx_attention_view
from jumok.plotting import attention_view
from jumok.plotting._assets import read_asset
from sphinx_attention_view import words

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

ASSETS = Path(__file__).parents[2] / "src/jumok/plotting/assets"
CATALOG = Path(sphinx_attention_view.__file__).parent / (
    "locale/ko/LC_MESSAGES/sphinx_attention_view.po"
)

PAGE = """\
# Views

```{code-cell} python
import torch
from jumok.plotting import attention_view
tokens = ["<START>", "the", "cat", "is", "on", "the", "mat"]
causal = torch.ones(7, 7).tril().bool()
scores = 2 * torch.randn(3, 4, 7, 7, generator=torch.Generator().manual_seed(0))
weights = scores.masked_fill(~causal, -torch.inf).softmax(-1)
weights[0, 0, 2, :3] = torch.tensor([0.1, 0.3, 0.6])
attention_view(weights, tokens, mask=causal, layer=0, head=0, alt="How the words look back.")
```

```{code-cell} python
cross = torch.tensor([[[0.75, 0.25, 0.0], [0.0, 0.125, 0.875]]])
attention_view(cross, ["go", "<END>"], ["나는", "간", "다"], kind="cross", view="lines",
               query_label="asked", alt="Two words and what they come from.")
```

A paragraph between.

```{code-cell} python
attention_view(torch.rand(2, 3, 30, 30, generator=torch.Generator().manual_seed(0)).softmax(-1),
               [f"토큰{i}" for i in range(30)], head_names=["first one", "second one", "third one"],
               alt="Many tokens.")
```
"""
KOREAN = {
    "How the words look back.": "단어가 앞을 봅니다.",
    "asked": "물은 것",
    "first one": "첫째",
}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = Project(
        tmp_path_factory.mktemp("views"), ["sphinx_attention_view", "sphinx_inline_figures"]
    )
    project.notebook("index.md", PAGE + "\n```{toctree}\nplain\n```\n")
    project.write("plain.md", "# Nothing to see\n\nA paragraph.\n")
    project.catalog("index", KOREAN)
    return project


@pytest.fixture(scope="module")
def english(project: Project) -> Build:
    build = project.build("en")
    assert build.returncode == 0, build.output
    return build


@pytest.fixture(scope="module")
def korean(project: Project, english: Build) -> Build:
    build = project.build("ko", "-D", "language=ko")
    assert build.returncode == 0, build.output
    return build


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def page(browser: Browser, english: Build) -> Iterator[Page]:
    yield from opened(browser, english)


def view(page: Page, number: int) -> Locator:
    return page.locator("figure.attention-view").nth(number)


def status(page: Page, number: int = 0) -> str:
    return view(page, number).locator("[role=status]").inner_text()


def opacities(figure: Locator, shape: str, name: str) -> dict[tuple[int, int], float]:
    """What is drawn for each pair of query and key, in figures as a reader sees them."""
    found = figure.locator(f".attention-view__ink {shape}").evaluate_all(
        "(shapes, name) => shapes.filter(each => getComputedStyle(each).display !== 'none')"
        ".map(each => [each.dataset.query, each.dataset.key, each.getAttribute(name)])",
        name,
    )
    return {(int(query), int(key)): float(opacity) for query, key, opacity in found}


# ── What a page loads ────────────────────────────────────────────────────


def test_a_script_is_a_file_and_stands_in_no_page(english: Build) -> None:
    text = english.page("index")
    assert len(re.findall(r'src="_static/attention-view\.[0-9a-f]{8}\.js', text)) == 1
    assert len(re.findall(r'href="_static/attention-view\.[0-9a-f]{8}\.css', text)) == 1
    assert "data-asset" not in text
    for figure in re.findall(r"<figure\b.*?</figure>", text, re.DOTALL):
        assert re.findall(r"<script\b[^>]*>", figure) == ['<script type="application/json">']
        assert "<style" not in figure
    [script] = (english.folder / "_static").glob("attention-view.*.js")
    assert script.read_text(encoding="utf-8") == read_asset("attention-view.js")
    assert "attention-view" not in english.page("plain")


def test_a_page_without_a_view_may_ask_for_the_script(project: Project, english: Build) -> None:
    text = (project.source / "plain.md").read_text(encoding="utf-8")
    project.write("plain.md", "---\nattention-view: true\n---\n" + text)
    try:
        build = project.build("asked")
        assert build.returncode == 0, build.output
        assert re.search(r'src="_static/attention-view\.\w+\.js', build.page("plain"))
    finally:
        project.write("plain.md", text)


def test_an_epub_holds_picture_and_table_only(project: Project, english: Build) -> None:
    build = project.build("epub", builder="epub")
    assert build.returncode == 0, build.output
    text = build.page("index", ".xhtml")
    assert text.count('role="img"') == 3
    assert "<script" not in text
    assert "<table" in text


def test_size_of_the_script() -> None:
    script = read_asset("attention-view.js").encode()
    assert len(gzip.compress(script, 9, mtime=0)) <= 7_000


def test_sending_strips_comments_and_nothing_else() -> None:
    """No string may look like a comment, no template go over a line's end."""
    for path in ASSETS.glob("*.js"):
        source = path.read_text(encoding="utf-8")
        for line in source.splitlines():
            if not line.lstrip().startswith(("//", "/*", "  ", " ")):
                assert line.count("`") % 2 == 0, line
        sent = read_asset(path.name)
        assert "/*" not in sent
        assert not re.search(r"^\s|^//", sent, re.MULTILINE)


# ── Without a script ─────────────────────────────────────────────────────


def test_without_javascript_there_is_a_picture_and_a_table(
    browser: Browser, english: Build
) -> None:
    for page in opened(browser, english, java_script_enabled=False):
        for number in range(3):
            assert view(page, number).locator("svg[role=img]").is_visible()
        assert view(page, 0).get_by_text("Layer 1 · Head 1").is_visible()
        view(page, 0).locator("summary").click()
        row = view(page, 0).locator("table:visible tbody tr").nth(2)
        assert row.inner_text().split() == ["cat", "0.10", "0.30", "0.60", "0", "0", "0", "0"]
        assert view(page, 0).locator("select").count() == 0


def test_labels_of_the_picture_have_room(browser: Browser, english: Build) -> None:
    for page in opened(browser, english, java_script_enabled=False):
        outside = page.locator("svg[role=img]").evaluate_all(
            """pictures => pictures.flatMap(svg => {
              const room = svg.getBoundingClientRect();
              return [...svg.querySelectorAll("text")].filter(text => {
                const box = text.getBoundingClientRect();
                return box.left < room.left - 1 || box.right > room.right + 1
                  || box.top < room.top - 1 || box.bottom > room.bottom + 1;
              }).map(text => text.textContent);
            })"""
        )
        assert outside == []


def test_a_browser_that_cannot_unpack_keeps_the_picture(browser: Browser, english: Build) -> None:
    context = browser.new_context()
    context.add_init_script("delete globalThis.DecompressionStream")
    page = context.new_page()
    page.goto((english.folder / "index.html").as_uri())
    assert view(page, 0).locator("svg[role=img]").is_visible()
    assert page.locator(".attention-view__live").count() == 0
    context.close()


# ── With the reader ──────────────────────────────────────────────────────


def test_matrix_shows_the_weights_of_the_chosen_head(page: Page) -> None:
    figure = view(page, 0)
    drawn = opacities(figure, "rect", "fill-opacity")
    assert {pair: drawn[pair] for pair in drawn if pair[0] == 2} == {
        (2, 0): 0.1,
        (2, 1): 0.3,
        (2, 2): 0.6,
    }
    assert all(key <= query for query, key in drawn)
    figure.locator("select").nth(1).select_option("sum")
    together = opacities(figure, "rect", "fill-opacity")
    assert max(together.values()) == 1
    assert together != drawn
    figure.locator("select").nth(0).select_option("2")
    assert opacities(figure, "rect", "fill-opacity") != together


def test_lines_show_the_same_weights(page: Page) -> None:
    assert opacities(view(page, 1), "line", "stroke-opacity") == {
        (0, 0): 0.75,
        (0, 1): 0.25,
        (1, 1): 0.125,
        (1, 2): 0.875,
    }
    view(page, 1).locator("[role=option]", has_text="go").click()
    assert set(opacities(view(page, 1), "line", "stroke-opacity")) == {(0, 0), (0, 1)}


def test_keyboard_leads_through_tokens_and_tells(page: Page) -> None:
    figure = view(page, 0)
    assert status(page) == "Choose a token to see where it looks."
    figure.locator("input[type=checkbox]").focus()
    page.keyboard.press("Tab")
    focused = "document.activeElement.textContent"
    assert page.evaluate(focused) == "<START>"
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    assert page.evaluate(focused) == "cat"
    told = "“cat” looks at: cat 0.60, the (2) 0.30, <START> 0.10 · hidden by the mask: 4"
    assert status(page) == told
    chosen = figure.locator("[role=option][aria-selected=true]")
    assert chosen.all_inner_texts() == ["cat"]
    page.keyboard.press("End")
    assert page.evaluate(focused) == "mat"
    page.keyboard.press("Tab")  # to the keys
    assert page.evaluate("document.activeElement.parentElement.getAttribute('aria-label')") == "key"
    page.keyboard.press("ArrowRight")
    assert status(page).startswith("“the (2)” is looked at by:")
    page.keyboard.press("Escape")
    assert status(page) == "Choose a token to see where it looks."
    assert figure.locator("[role=option][tabindex='0']").count() == 2


def test_focus_is_seen(page: Page) -> None:
    view(page, 0).locator("input[type=checkbox]").focus()
    page.keyboard.press("Tab")
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"


def test_mouse_reads_a_cell_and_a_tap_chooses(page: Page) -> None:
    svg = view(page, 0).locator(".attention-view__stage svg")
    box = svg.bounding_box()
    assert box is not None
    width, height = box["width"] / 7, box["height"] / 7
    page.mouse.move(box["x"] + 1.5 * width, box["y"] + 2.5 * height)
    assert status(page).startswith("cat → the (2) 0.30")
    page.mouse.move(5, 5)
    assert status(page) == "Choose a token to see where it looks."
    page.mouse.click(box["x"] + 1.5 * width, box["y"] + 2.5 * height)
    page.mouse.move(5, 5)
    assert status(page).startswith("“cat” looks at")


def test_numbers_are_shown_on_demand(page: Page) -> None:
    figure = view(page, 0)
    assert figure.locator("svg text:visible").count() == 0
    figure.locator("input[type=checkbox]").check()
    assert figure.locator(".attention-view__texts text").all_text_contents()[3:6] == [
        "0.10", "0.30", "0.60",
    ]  # fmt: skip
    lines = view(page, 1)
    lines.locator("input[type=checkbox]").check()
    lines.locator("[role=option]", has_text="go").click()
    assert lines.locator("[data-weight]").evaluate_all("all => all.map(e => e.dataset.weight)") == [
        "0.75", "0.25", "0",
    ]  # fmt: skip
    figure.locator(".attention-view__live summary").click()
    cells = figure.locator(".attention-view__live tbody tr").nth(2).inner_text().split()
    assert cells == ["cat", "0.10", "0.30", "0.60", "–", "–", "–", "–"]
    assert figure.get_by_text("Each weight is exact to 0.000008.").is_visible()


def test_views_of_a_page_leave_each_other_alone(page: Page) -> None:
    view(page, 1).locator("[role=option]", has_text="go").click()
    assert status(page, 1).startswith("To write “go”, the model looks at: 나는 0.75, 간 0.25")
    assert status(page, 0) == "Choose a token to see where it looks."
    view(page, 0).locator("select").nth(2).select_option("lines")
    assert view(page, 2).locator(".attention-view__ink rect").count() > 0


def test_another_script_feeds_a_view(page: Page) -> None:
    page.evaluate(
        """() => {
          const place = document.body.appendChild(document.createElement("div"));
          place.id = "fed";
          window.fed = JumokAttentionView.create(place, {
            kind: "cross", label: "Fed", queries: ["a", "b"], keys: ["가", "나", "다"],
            weights: [[[[0.5, 0.25, 0.25], [0, 0, 1]]]],
          });
          place.addEventListener("attention-view:choose", ({ detail }) => (window.seen = detail));
          fed.choose("query", 1);
        }"""
    )
    fed = page.locator("#fed")
    assert fed.locator("[role=status]").inner_text() == "To write “b”, the model looks at: 다 1.00"
    assert page.evaluate("seen") == {"side": "query", "index": 1, "layer": 0, "head": 0}
    page.evaluate(
        """() => fed.update({ queries: ["a", "b", "c"], layers: 1, heads: 1, weights:
             Float32Array.from([0.5, 0.25, 0.25, 0, 1, 0, 1, 0, 0]) , keys: ["가", "나", "다"]})"""
    )
    assert opacities(fed, "rect", "fill-opacity")[2, 0] == 1
    page.evaluate(
        """() => window.fed.update({ layers: 2, heads: 2, layer: 1, head: 0,
             mask: [[[[1, 1, 1], [1, 1, 1], [1, 1, 1]]], [[[1, 0, 0], [1, 1, 0], [1, 1, 1]]]],
             weights: new Float32Array(36).fill(0.5) })"""
    )
    assert len(opacities(fed, "rect", "fill-opacity")) == 6
    fed.locator("select").first.select_option("0")
    assert len(opacities(fed, "rect", "fill-opacity")) == 9
    assert fed.locator("[role=status]").inner_text().startswith("To write “b”, the model looks at")


def test_notebook_shows_several_outputs(browser: Browser) -> None:
    """A notebook inserts an output first and then its scripts, one output after the other."""
    page = browser.new_page()
    page.set_content("<!doctype html><body style='width: 600px'>")
    for _ in range(2):
        view = attention_view(torch.eye(3), list("abc"), alt="Itself.")
        page.evaluate(
            """html => {
              const output = document.body.appendChild(document.createElement("div"));
              output.innerHTML = html;
              for (const old of output.querySelectorAll("script")) {
                const script = document.createElement("script");
                for (const { name, value } of old.attributes) script.setAttribute(name, value);
                script.textContent = old.textContent;
                old.replaceWith(script);
              }
            }""",
            view._repr_html_(),
        )
        page.locator(".attention-view__live").last.wait_for()
    assert page.locator(".attention-view__ink rect").count() == 6
    assert page.locator(".attention-view__static:visible").count() == 0
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1440])
def test_fits_every_screen_and_axe_finds_nothing(
    browser: Browser, english: Build, scheme: str, width: int
) -> None:
    looks = {"color_scheme": scheme, "viewport": {"width": width, "height": 800}}
    for page in opened(browser, english, **looks):
        for number in range(3):
            view(page, number).locator("[role=option]").nth(1).click()
            view(page, number).locator(".attention-view__live summary").click()
        found = Axe().run(page, context="figure.attention-view")
        assert not found.response["violations"], found.generate_report()
        right = page.evaluate(
            "Math.max(...[...document.querySelectorAll('figure.attention-view')]"
            ".map(each => each.getBoundingClientRect().right))"
        )
        assert right <= width


# ── Words ────────────────────────────────────────────────────────────────


def test_korean_page_speaks_korean(browser: Browser, korean: Build) -> None:
    for page in opened(browser, korean):
        figure = view(page, 0)
        assert figure.locator("label").first.inner_text().startswith("층")
        assert figure.locator("[role=group]").get_attribute("aria-label") == "단어가 앞을 봅니다."
        figure.locator("[role=option]").nth(2).click()
        assert status(page).startswith("“cat” 토큰이 보는 곳: cat 0.60")
        lists = view(page, 1).locator("[role=listbox]")
        assert lists.nth(0).get_attribute("aria-label") == "물은 것"
        heads = view(page, 2).locator("select").nth(1).locator("option").all_inner_texts()
        assert heads == ["헤드 3개의 평균", "헤드 3개의 합", "첫째", "second one", "third one"]
    for page in opened(browser, korean, java_script_enabled=False):
        assert view(page, 0).get_by_text("층 1 · 헤드 1").is_visible()


def test_catalog_holds_what_the_scripts_and_the_package_say() -> None:
    messages = re.compile(r'"((?:“\{|[0-9]\. |[A-Z])[^"]*)"')
    said = {"nothing", "query", "key", "written", "read", "hidden by the mask: {number}"}
    for path in ASSETS.glob("*.js"):
        said |= set(messages.findall(path.read_text(encoding="utf-8").partition('"use strict"')[2]))
    source = (ASSETS.parent / "_attention_steps.py").read_text(encoding="utf-8")
    said |= set(re.findall(r'_table\("\w+", "([^"]+)"', source))
    said -= {"ArrowUp", "ArrowLeft", "ArrowDown", "ArrowRight", "Home", "End", "Enter", "Escape"}
    said -= {"DOMContentLoaded", "TABLE"}
    catalog = polib.pofile(str(CATALOG))
    assert {entry.msgid for entry in catalog} == said
    for entry in catalog:
        assert entry.msgstr
        places = re.findall(r"\{\w+\}", entry.msgid)
        assert sorted(places) == sorted(re.findall(r"\{\w+\}", entry.msgstr))


def test_words_survive_in_a_script_element() -> None:
    element = words.words_element("ko")
    assert json.loads(element.partition(">")[2].rpartition("</script>")[0])["Head"] == "헤드"
    assert words.words_element("en") == ""


def test_docstrings() -> None:
    assert doctest.testmod(words).attempted
    assert not doctest.testmod(words).failed
