"""The map of a book, what a page says of itself, and what the reader has read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lxml import html
from sphinx_project import Project

LANGUAGES = [{"code": "en", "name": "English"}, {"code": "ko", "name": "한국어"}]
LONG = "\n\n".join(["A paragraph that takes its place on a page."] * 30)
CODE = "```python\n" + "\n".join(f"x = {n}" for n in range(100)) + "\n```\n"
SETTINGS = {
    "html_theme": "sphinx_book_theme",
    "html_theme_options": {"article_header_end": ["parallel-text.html"]},
    "copyright": "2026, Someone. Text: CC BY 4.0",
    "nb_execution_mode": "off",
    "book_map_parts": ["first", "second"],
    "book_map_languages": LANGUAGES,
    "book_map_edit_url": "https://example.org/edit/docs/{path}",
    "book_map_catalog_url": "https://example.org/{language}/{page}.po#L{line}",
    "book_map_licences": {"CC BY 4.0": "https://example.org/by"},
    "parallel_text_languages": LANGUAGES,
}


def needs(*pages: str) -> str:
    return f"---\nneeds: [{', '.join(pages)}]\n---\n\n"


def make_book(folder: Path, **pages: str) -> Project:
    project = Project(folder, ["sphinx_parallel_text", "sphinx_book_map"], **SETTINGS)
    project.write(
        "index.md",
        "# Book\n\n```{toctree}\n:caption: First part\nfirst/map\nfirst/one\nfirst/two\n```\n\n"
        "```{toctree}\n:caption: Second part\nsecond/three\nsecond/alone\n```\n\n"
        "```{toctree}\n:caption: Reference\nreference/api\n```\n",
    )
    sources = {
        "first/map": "# Map\n\n```{book-map}\n```\n",
        "first/one": f"# One\n\nThe only sentence.\n\n{LONG}\n",
        "first/two": needs("first/one") + f"# Two\n\n{CODE}\n",
        "second/three": needs("first/two") + f"# Three\n\n{LONG}\n",
        "second/alone": "# Alone\n\nWords.\n",
        "reference/api": "# API\n\nWords.\n",
    }
    for name, text in (sources | pages).items():
        project.write(f"{name}.md", text)
    project.catalog("index", {"First part": "첫째 부", "Second part": "둘째 부"})
    project.catalog("first/one", {"One": "하나", "The only sentence.": "하나뿐인 문장입니다."})
    return project


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A book in two languages."""
    project = make_book(tmp_path_factory.mktemp("map"))
    for language in ("en", "ko"):
        build = project.build(language, "-W", "-D", f"language={language}")
        assert build.returncode == 0, build.output
    return project.output


def page(site: Path, name: str) -> html.HtmlElement:
    return html.fromstring((site / f"{name}.html").read_text(encoding="utf-8"))


def texts(elements: list[Any]) -> list[str]:
    return [" ".join(element.text_content().split()) for element in elements]


def test_map_lists_parts_pages_and_needs(site: Path) -> None:
    tree = page(site, "en/first/map")
    assert texts(tree.find_class("book-map-caption")) == ["First part", "Second part"]
    titles = [item.cssselect(".book-map-title a")[0] for item in tree.find_class("book-map-page")]
    assert texts(titles) == ["One", "Two", "Three", "Alone"]
    assert [link.get("href") for link in titles][2] == "../second/three.html"
    needed = tree.find_class("book-map-needs")
    assert texts(needed) == ["Builds on: One", "Builds on: Two"]


def test_map_speaks_the_language_of_the_build(site: Path) -> None:
    tree = page(site, "ko/first/map")
    assert texts(tree.find_class("book-map-caption")) == ["첫째 부", "둘째 부"]
    assert "먼저 읽을 페이지: 하나" in texts(tree.find_class("book-map-needs"))


def test_page_says_how_long_it_takes_and_what_it_needs(site: Path) -> None:
    # 30 paragraphs of 9 words and 5 more: 275 words and the title, at 200 a minute.
    assert texts(page(site, "en/first/one").find_class("book-map-facts")) == ["About 2 min to read"]
    # 100 lines of code at 8 words a line.
    assert texts(page(site, "en/first/two").find_class("book-map-facts")) == [
        "About 5 min to read Builds on: One"
    ]
    assert not page(site, "en/reference/api").find_class("book-map-facts")


def test_end_of_a_page_leads_on_and_to_its_source(site: Path) -> None:
    (end,) = page(site, "en/first/one").find_class("book-map-end")
    assert "Opens the way to: Two" in texts([end])[0]
    links = {link.text_content(): link.get("href") for link in end.iter("a")}
    assert links["Edit this page"] == "https://example.org/edit/docs/first/one.md"
    assert "Improve this translation" not in links
    (end,) = page(site, "ko/first/one").find_class("book-map-end")
    links = {link.text_content(): link.get("href") for link in end.iter("a")}
    assert links["이 번역 고치기"] == "https://example.org/ko/first/one.po"


def test_copyright_leads_to_the_licence(site: Path) -> None:
    (link,) = page(site, "en/reference/api").cssselect("a[rel=license]")
    assert (link.text, link.get("href")) == ("CC BY 4.0", "https://example.org/by")


def test_next_names_the_next_part_and_the_book_ends(site: Path) -> None:
    def following(name: str, side: str) -> list[str]:
        return texts(page(site, name).cssselect(f".{side} .prev-next-title"))

    assert following("en/first/two", "right-next") == ["Second part: Three"]
    assert following("ko/second/three", "left-prev") == ["첫째 부: Two"]
    assert following("en/second/alone", "right-next") == []
    assert following("en/reference/api", "left-prev") == []


def test_entries_are_where_the_catalog_has_them(site: Path) -> None:
    (script,) = page(site, "en/first/one").cssselect("#book-map-entries")
    entries = json.loads(script.text)["ko"]
    catalog = site.parent / "docs/locales/ko/LC_MESSAGES/first/one.po"
    lines = catalog.read_text(encoding="utf-8").splitlines()
    found = [lines[number - 1] for number in entries["lines"].values()]
    assert found == ['msgid "One"', 'msgid "The only sentence."']


@pytest.mark.parametrize(
    ("pages", "message"),
    [
        ({"first/one": needs("first/on") + "# One\n"}, "there is no other page 'first/on'"),
        ({"first/one": needs("first/one") + "# One\n"}, "there is no other page 'first/one'"),
        (
            {"first/one": needs("second/three") + "# One\n"},
            "need each other",
        ),
    ],
)
def test_impossible_needs_are_reported(tmp_path: Path, pages: dict[str, str], message: str) -> None:
    build = make_book(tmp_path, **pages).build("en", "-W")
    assert build.returncode
    assert message in build.output


# -- in the browser --------------------------------------------------------------------------------


@pytest.fixture
def reader(browser: Any, site: Path) -> Iterator[Any]:
    """A reader who opens pages of the book from files."""
    context = browser.new_context()
    tab = context.new_page()
    tab.errors = []
    tab.on("pageerror", lambda error: tab.errors.append(str(error)))
    tab.read = lambda name: tab.goto((site / f"{name}.html").as_uri())
    yield tab
    assert tab.errors == []
    context.close()


def test_reading_is_noted_shown_and_forgotten(reader: Any) -> None:
    reader.read("en/first/one")
    button = reader.locator(".book-map-read")
    button.focus()
    reader.keyboard.press("Enter")
    assert button.inner_text() == "Read. Take it back"
    assert reader.locator("nav .book-map-tick").count() == 1

    reader.read("ko/first/map")  # languages share what was read
    assert reader.locator(".book-map-progress [role=status]").inner_text() == (
        "전체 4페이지 가운데 1페이지를 읽었습니다."
    )
    states = reader.locator(".book-map-state").all_inner_texts()
    assert states == ["읽음", "먼저 읽을 페이지를 모두 읽었습니다"]
    reader.locator(".book-map-progress button").click()
    status = reader.locator(".book-map-progress [role=status]")
    assert status.inner_text().startswith("기록을 지웠습니다.")
    assert reader.evaluate("document.activeElement.getAttribute('role')") == "status"
    assert reader.evaluate("localStorage.getItem('book-map')") is None


def test_what_a_page_builds_on_lights_up_for_keyboards_too(reader: Any) -> None:
    reader.read("en/first/map")
    card = reader.locator(".book-map-page", has_text="Three")
    card.locator(".book-map-title a").focus()
    needed = reader.locator(".book-map-page--needed .book-map-title").all_inner_texts()
    assert needed == ["One", "Two"]
    reader.locator(".book-map-page .book-map-title a").first.focus()
    opened = reader.locator(".book-map-page--opened .book-map-title").all_inner_texts()
    assert opened == ["Two", "Three"]


def test_map_counts_answers_of_quizzes(reader: Any) -> None:
    reader.read("en/first/map")
    answers = {"second/alone": {"a": {"right": True}, "b": {"right": False}}}
    reader.evaluate("value => localStorage.setItem('jumok-quizzes', value)", json.dumps(answers))
    reader.reload()
    assert reader.locator(".book-map-state").all_inner_texts() == ["Questions right: 1"]


def test_without_storage_the_page_still_answers(browser: Any, site: Path) -> None:
    context = browser.new_context()
    deny = "Object.defineProperty(window, 'localStorage', {get() { throw new Error('denied'); }})"
    context.add_init_script(deny)
    tab = context.new_page()
    tab.goto((site / "en/first/one.html").as_uri())
    tab.locator(".book-map-read").click()
    assert tab.locator(".book-map-read").inner_text() == "Read. Take it back"
    context.close()


def test_without_scripts_there_is_no_button_and_the_map_is_a_list(browser: Any, site: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    tab = context.new_page()
    tab.goto((site / "en/first/one.html").as_uri())
    assert not tab.locator(".book-map-read").is_visible()
    tab.goto((site / "en/first/map.html").as_uri())
    assert not tab.locator(".book-map-progress").is_visible()
    tab.locator(".book-map-needs a").first.click()
    assert tab.url.endswith("first/one.html")
    context.close()


def test_revealed_passage_links_to_its_entry(reader: Any) -> None:
    reader.read("en/first/one")
    passage = reader.locator("p", has_text="The only sentence.")
    passage.locator(".parallel-text__toggle").click()
    link = passage.locator(".book-map-entry")
    link.wait_for()
    assert passage.locator(".parallel-text__other").inner_text() == "하나뿐인 문장입니다."
    assert link.inner_text() == "Improve this translation"
    entries = json.loads(reader.locator("#book-map-entries").text_content())["ko"]["lines"]
    line = entries[passage.get_attribute("data-p")]
    assert link.get_attribute("href") == f"https://example.org/ko/first/one.po#L{line}"
    passage.locator(".parallel-text__toggle").click()
    assert passage.locator(".book-map-entry").count() == 0


def test_columns_have_no_link_in_every_passage(reader: Any) -> None:
    state = json.dumps({"mode": "columns", "language": "ko"})
    reader.add_init_script(f"localStorage.setItem('parallel-text', {state!r})")
    reader.read("en/first/one")
    reader.locator("p .parallel-text__other", has_text="하나뿐인").wait_for()
    assert reader.locator(".book-map-entry").count() == 0
