"""Links between the languages, and what the languages share."""

from __future__ import annotations

import doctest
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from chromium import chromium
from lxml import etree, html
from sphinx_project import Build, Project

import sphinx_language_switch
from sphinx_language_switch import Language, write_root

if TYPE_CHECKING:
    from playwright.sync_api import Browser

SITE_URL = "https://example.org/book/"
LANGUAGES = [
    {"code": "en", "name": "English", "hint": "Read this page in English"},
    {"code": "ko", "name": "한국어"},
]
ROOT_TEMPLATES = Path(__file__).parents[2] / "site"
PAGES = ["index.html", "part/masks.html", "search.html", "genindex.html"]
LONG = "\n\n".join(["A paragraph that takes its place."] * 60)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small site in two languages, with its landing page."""
    folder = tmp_path_factory.mktemp("switch")
    project = Project(
        folder,
        ["sphinx_language_switch"],
        language_switch_languages=LANGUAGES,
        language_switch_site_url=SITE_URL,
        html_theme="sphinx_book_theme",
        html_theme_options={
            "article_header_end": ["language-switch.html"],
            "navbar_persistent": [],
        },
        nb_execution_mode="off",
        myst_heading_anchors=3,
    )
    project.write("index.md", "# Book\n\n```{toctree}\npart/masks\n```\n")
    project.write(
        "part/masks.md",
        f"# Masks\n\n{LONG}\n\n## Causal masks\n\n{LONG}\n\n(padding)=\n## Padding\n\n{LONG}\n",
    )
    messages = {"Masks": "마스크", "Causal masks": "인과 마스크", "Padding": "패딩"}
    project.catalog("part/masks", messages | {"A paragraph that takes its place.": "문단입니다."})
    for language in ("en", "ko"):
        build = project.build(language, "-W", "-D", f"language={language}")
        assert build.returncode == 0, build.output
    write_root(project.output, LANGUAGES, SITE_URL, templates=ROOT_TEMPLATES)
    return project.output


def links(page: Path, query: str) -> list[html.HtmlElement]:
    return html.parse(page).xpath(query)


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize(("here", "there"), [("en", "ko"), ("ko", "en")])
def test_every_page_links_to_its_counterpart(site: Path, name: str, here: str, there: str) -> None:
    page = site / here / name
    (link,) = links(page, "//a[contains(@class, 'language-switch__link')]")
    assert (page.parent / link.get("href")).resolve() == (site / there / name).resolve()
    assert (link.get("hreflang"), link.get("lang")) == (there, there)
    assert link.text_content().strip() == {"en": "English", "ko": "한국어"}[there]
    assert link.getparent().get("aria-label")
    assert link.get("title") == {"en": "Read this page in English", "ko": None}[there]


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("language", ["en", "ko"])
def test_head_names_canonical_address_and_counterparts(
    site: Path, name: str, language: str
) -> None:
    page = site / language / name
    (canonical,) = links(page, "//link[@rel='canonical']/@href")
    assert canonical == f"{SITE_URL}{language}/{name}"
    found = {
        link.get("hreflang"): link.get("href")
        for link in links(page, "//head/link[@rel='alternate'][@hreflang]")
    }
    first = SITE_URL if name == "index.html" else f"{SITE_URL}en/{name}"
    assert found == {
        "en": f"{SITE_URL}en/{name}",
        "ko": f"{SITE_URL}ko/{name}",
        "x-default": first,
    }
    for code in ("en", "ko"):
        assert (site / found[code].removeprefix(SITE_URL)).is_file()


def test_anchors_are_the_same_in_both_languages(site: Path) -> None:
    ids = [links(site / code / "part/masks.html", "//section/@id") for code in ("en", "ko")]
    assert ids[0] == ids[1] == ["masks", "causal-masks", "padding"]
    assert "인과 마스크" in (site / "ko" / "part" / "masks.html").read_text(encoding="utf-8")


def minimal(folder: Path, **settings: object) -> Build:
    project = Project(
        folder,
        ["sphinx_language_switch"],
        nb_execution_mode="off",
        html_theme="sphinx_book_theme",
        html_theme_options={"article_header_end": ["language-switch.html"]},
        **settings,
    )
    project.write("index.md", "# Book\n")
    return project.build("en")


def test_without_an_address_nothing_absolute_is_written(tmp_path: Path) -> None:
    build = minimal(tmp_path, language_switch_languages=LANGUAGES)
    page = build.page("index")
    assert 'href="../ko/index.html"' in page
    assert "canonical" not in page
    assert "x-default" not in page


def test_third_language_needs_a_setting_only(tmp_path: Path) -> None:
    languages = [*LANGUAGES, {"code": "ja", "name": "日本語"}]
    page = minimal(
        tmp_path, language_switch_languages=languages, language_switch_site_url=SITE_URL
    ).page("index")
    assert re.findall(r'class="language-switch__link" href="([^"]*)"', page) == [
        "../ko/index.html",
        "../ja/index.html",
    ]
    assert page.count('<link rel="alternate" hreflang=') == 4


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        ({"language_switch_languages": LANGUAGES[1:]}, "this build's language, 'en'"),
        ({"language_switch_site_url": "https://example.org"}, "must end with a slash"),
    ],
)
def test_settings_that_would_break_links_are_refused(
    tmp_path: Path, settings: dict[str, object], complaint: str
) -> None:
    build = minimal(tmp_path, **settings)
    assert build.returncode != 0
    assert complaint in build.output


# -- what the languages share ----------------------------------------------------------------


def test_root_files(site: Path) -> None:
    names = {path.name for path in site.iterdir() if path.is_file()}
    assert {"index.html", "404.html", "favicon.svg", "robots.txt", "sitemap.xml"} <= names
    assert f"Sitemap: {SITE_URL}sitemap.xml" in (site / "robots.txt").read_text()


def test_landing_page_works_without_a_script(site: Path) -> None:
    targets = links(site / "index.html", "//a/@href")
    assert targets == ["en/index.html", "ko/index.html"]
    assert links(site / "index.html", "//link[@rel='canonical']/@href") == [SITE_URL]


def test_404_links_work_at_any_depth(site: Path) -> None:
    targets = links(site / "404.html", "//a/@href | //img/@src | //link/@href | //script/@src")
    assert targets
    for target in targets:
        assert target.startswith("/book/")
        if "_static/korean-search" not in target:  # this small site has no search
            assert (site / target.removeprefix("/book/")).is_file()


def test_sitemap_lists_pages_and_existing_counterparts(tmp_path: Path) -> None:
    for name in ("en/index.html", "ko/index.html", "en/only.html", "en/search.html"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("")
    write_root(tmp_path, LANGUAGES, SITE_URL, templates=ROOT_TEMPLATES)
    space = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9"}
    tree = etree.parse(tmp_path / "sitemap.xml")
    entries = {
        url.findtext("s:loc", namespaces=space): [link.get("hreflang") for link in url[1:]]
        for url in tree.getroot()
    }
    assert entries == {
        f"{SITE_URL}en/index.html": ["en", "ko"],
        f"{SITE_URL}ko/index.html": ["en", "ko"],
        f"{SITE_URL}en/only.html": ["en"],
    }


def test_without_an_address_there_is_no_sitemap(tmp_path: Path) -> None:
    written = write_root(tmp_path, [Language("en", "English")], "", templates=ROOT_TEMPLATES)
    assert "sitemap.xml" not in {path.name for path in written}
    assert "Sitemap" not in (tmp_path / "robots.txt").read_text()
    assert 'href="/en/index.html"' in (tmp_path / "404.html").read_text()


def test_examples_in_docstrings() -> None:
    assert doctest.testmod(sphinx_language_switch).failed == 0


# -- in a browser, from files ----------------------------------------------------------------


@pytest.fixture(scope="module")
def browser() -> Browser:
    with chromium() as running:
        yield running


def test_switch_keeps_the_section_in_view(site: Path, browser: Browser) -> None:
    page = browser.new_page()
    page.goto((site / "en" / "part" / "masks.html").as_uri())
    page.click(".language-switch__link")
    assert page.url == (site / "ko" / "part" / "masks.html").as_uri()  # at the top: no anchor
    page.wait_for_timeout(300)  # the theme's scripts and fonts move the text
    page.locator("#causal-masks h2").evaluate("e => e.scrollIntoView({behavior: 'instant'})")
    box = page.locator(".language-switch__link").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + 5, box["y"] + 5)  # click() would scroll the sticky header's page
    page.wait_for_url("**/en/part/masks.html#causal-masks")
    page.close()


def test_switch_keeps_the_anchor_and_works_from_the_keyboard(site: Path, browser: Browser) -> None:
    page = browser.new_page()
    page.goto((site / "en" / "part" / "masks.html").as_uri() + "#padding")
    link = page.locator(".language-switch__link")
    link.focus()
    assert link.evaluate("e => getComputedStyle(e).outlineStyle") != "none"
    page.keyboard.press("Enter")
    page.wait_for_url("**/ko/part/masks.html#padding")
    page.close()


def test_switch_works_without_a_script(site: Path, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((site / "ko" / "part" / "masks.html").as_uri())
    page.click(".language-switch__link")
    assert page.url == (site / "en" / "part" / "masks.html").as_uri()
    context.close()


@pytest.mark.parametrize(
    ("locale", "code"), [("ko-KR", "ko"), ("en-GB", "en"), ("de-DE", "en"), ("ko", "ko")]
)
def test_landing_page_follows_the_browser(
    site: Path, browser: Browser, locale: str, code: str
) -> None:
    context = browser.new_context(locale=locale)
    page = context.new_page()
    page.goto((site / "index.html").as_uri())
    page.wait_for_url(f"**/{code}/index.html")
    context.close()


def test_landing_page_remembers_the_choice(site: Path, browser: Browser) -> None:
    context = browser.new_context(locale="en-US")
    page = context.new_page()
    page.goto((site / "en" / "index.html").as_uri())
    page.click(".language-switch__link")
    page.goto((site / "index.html").as_uri())
    page.wait_for_url("**/ko/index.html")
    page.evaluate("localStorage.setItem('language', '//evil.example')")
    page.goto((site / "index.html").as_uri())
    page.wait_for_url("**/en/index.html")
    page.goto((site / "index.html").as_uri() + "#choose")
    page.wait_for_timeout(200)
    assert page.url.endswith("/index.html#choose")
    context.close()
