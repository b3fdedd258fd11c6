"""What holds on every page of the built site, in every language."""

import json
import re
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urldefrag

import pytest
from lxml import etree, html

from check_site import check
from settings import LANGUAGES, SITE_URL

ROOT = Path(__file__).resolve().parents[2]

CODES = [language["code"] for language in LANGUAGES]
HANGUL = re.compile("[가-힣]")


def pages(site: Path, language: str) -> list[Path]:
    """The pages of the book in a language: not the listings of source files."""
    found = (site / language).rglob("*.html")
    return sorted(page for page in found if "_modules" not in page.parts)


@cache
def parse(path: Path) -> html.HtmlElement:
    return html.fromstring(path.read_text(encoding="utf-8"))


def sources() -> set[str]:
    """Every page of docs/, as a name without suffix."""
    found = (ROOT / "docs").rglob("*.md")
    return {path.relative_to(ROOT / "docs").with_suffix("").as_posix() for path in found}


def test_every_source_is_a_page_in_every_language(site: Path) -> None:
    for code in CODES:
        missing = [name for name in sources() if not (site / code / f"{name}.html").exists()]
        assert not missing, code


def test_only_what_is_hosted_lies_in_the_site(site: Path) -> None:
    root = {"index.html", "404.html", "404.js", "offline.html", "favicon.svg", "robots.txt"}
    made = {"sitemap.xml", "assets", "_headers", ".nojekyll", "service-worker.js"}
    assert {path.name for path in site.iterdir()} == {*CODES, *root, *made}
    assert not [path for path in site.rglob("*") if path.suffix == ".map" or path.name == "_static"]


def test_the_builds_own_checks_find_nothing(site: Path) -> None:
    assert check(site) == []


def test_report_says_that_only_the_source_language_executed(site: Path) -> None:
    report = json.loads((ROOT / "_build" / "report.json").read_text(encoding="utf-8"))
    assert all(set(row) == {"page", "language", "seconds", "executed"} for row in report)
    assert {(row["page"], row["language"]) for row in report} == {
        (name, code) for name in sources() for code in CODES
    }
    assert not [row for row in report if row["executed"] and row["language"] != CODES[0]]


@pytest.mark.parametrize("code", CODES)
def test_internal_links_and_anchors_resolve(site: Path, code: str) -> None:
    broken = []
    for page in (site / code).rglob("*.html"):
        for link in parse(page).iter("a"):
            address, anchor = urldefrag(link.get("href", ""))
            if re.match(r"[a-z]+:|//", address) or address.startswith("?"):
                continue
            target = (page.parent / unquote(address)).resolve() if address else page
            if target.is_dir():
                target /= "index.html"
            if not target.exists():
                broken.append(f"{page.relative_to(site)}: no page {address}")
            elif anchor and target.suffix == ".html":
                ids = {element.get("id") for element in parse(target).xpath("//*[@id]")}
                if unquote(anchor) not in ids:
                    broken.append(f"{page.relative_to(site)}: no anchor {address}#{anchor}")
    assert broken == []


@pytest.mark.parametrize("code", CODES[1:])
def test_sections_have_the_same_ids_in_every_language(site: Path, code: str) -> None:
    for name in sources():
        source, other = (parse(site / each / f"{name}.html") for each in (CODES[0], code))
        query = "//section/@id"
        assert other.xpath(query) == source.xpath(query), name


TYPE_OF_AN_ATTRIBUTE = "ancestor::dd[1]/preceding-sibling::dt[1][starts-with(., '형식')]"


def says_that_it_is_english(element: html.HtmlElement) -> bool:
    """A paragraph whose English has changed may wait for its translation, with a mark."""
    inside = element.xpath("ancestor-or-self::*[contains(@class, 'untranslated')]")
    return bool(inside or element.find_class("translation-mark"))


def is_a_text_to_look_at(element: html.HtmlElement) -> bool:
    """What a cell shows, such as a letter with its names, says which language it is in."""
    return "notranslate" in element.get("class", "") and element.get("lang") not in (None, "ko")


def test_korean_paragraphs_are_korean(site: Path) -> None:
    """No paragraph, heading, caption or list item of three words or more without Hangul."""
    english = []
    for name in sources():
        article = parse(site / "ko" / f"{name}.html").find(".//article")
        for element in article.iter("p", "h1", "h2", "h3", "h4", "figcaption", "summary"):
            inside = {each.tag for each in element.iterancestors()}
            classes = " ".join(each.get("class", "") for each in element.iterancestors())
            if "pre" in inside or re.search(r"\b(highlight|citation|bibliography)\b", classes):
                continue
            if says_that_it_is_english(element) or element.xpath(TYPE_OF_AN_ATTRIBUTE):
                continue
            if is_a_text_to_look_at(element):
                continue
            text = "".join(
                part
                for part in element.xpath(
                    ".//text()[not(ancestor::code or ancestor::math"
                    " or ancestor::*[contains(@class, 'katex')] or ancestor::em)]"
                )
            )
            text = re.sub(r"\([a-z_, ]+\)", "", text)  # a shape: (batch, length, d_model)
            words = re.findall(r"[A-Za-z]{2,}", text)
            if len(words) >= 3 and not HANGUL.search(text):
                english.append(f"{name}: {text.strip()[:90]}")
    assert english == []


def test_alt_texts_are_in_the_language_of_the_page(site: Path) -> None:
    for page in pages(site, "ko"):
        for figure in parse(page).xpath("//figure//*[@role='img'][@aria-label]"):
            if not says_that_it_is_english(figure):
                assert HANGUL.search(figure.get("aria-label")), page


THEME_WORDS = (
    "Skip to main content",
    "Search",
    "Previous",
    "Next",
    "On this page",
    "Contents",
    "Back to top",
    "Toggle primary sidebar",
    "Toggle secondary sidebar",
    "light/dark",
    "Color mode",
    "Permalink to this heading",
    "Link to this heading",
    "By The",
    "Copy",
    "Show code cell",
    "Click to show",
)


def test_no_english_word_of_the_theme_on_korean_pages(site: Path) -> None:
    found = []
    attributes = ("title", "aria-label", "placeholder", "alt")
    for page in pages(site, "ko"):
        tree = parse(page)
        spoken = [value for name in attributes for value in tree.xpath(f"//@{name}")]
        shown = tree.xpath(
            "//body//*[not(self::script or self::style or self::code or ancestor::article)]/text()"
        )
        for text in [*spoken, *shown]:
            found += [
                f"{page.relative_to(site)}: {text.strip()}"
                for word in THEME_WORDS
                if re.match(rf"{re.escape(word)}(?!\w)", text.strip())
            ]
    assert sorted(set(found)) == []


@pytest.mark.parametrize("code", CODES)
def test_every_page_has_language_title_description_and_alternates(site: Path, code: str) -> None:
    descriptions = {}
    for name in sources():
        tree = parse(site / code / f"{name}.html")
        assert tree.get("lang") == code
        assert tree.findtext(".//title").strip()
        description = tree.xpath("string(//meta[@name='description']/@content)")
        assert len(description) > 10, name
        descriptions.setdefault(description, []).append(name)
        links = tree.xpath("//link[@rel='alternate'][@hreflang]")
        alternates = {link.get("hreflang"): link.get("href") for link in links}
        expected = {each: f"{SITE_URL}{each}/{name}.html" for each in CODES}
        assert {key: alternates[key] for key in CODES} == expected
        assert "x-default" in alternates
    repeated = [names for names in descriptions.values() if len(names) > 1]
    assert repeated == []


def test_sitemap_lists_every_page_with_its_alternates(site: Path) -> None:
    tree = etree.parse(site / "sitemap.xml")
    space = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9"}
    listed = set(tree.xpath("//s:loc/text()", namespaces=space))
    expected = {f"{SITE_URL}{code}/{name}.html" for code in CODES for name in sources()}
    assert expected <= listed


@pytest.mark.parametrize("code", CODES)
def test_code_and_outputs_are_the_same_in_every_language(site: Path, code: str) -> None:
    def cells(language: str, name: str) -> list[str]:
        query = "//div[contains(@class, 'cell_input') or contains(@class, 'cell_output')]//pre"
        tree = parse(site / language / f"{name}.html")
        return [element.text_content() for element in tree.xpath(query)]

    for name in sources():
        assert cells(code, name) == cells(CODES[0], name), name


@pytest.mark.parametrize("code", CODES)
def test_maths_is_rendered(site: Path, code: str) -> None:
    for name in sources():
        for element in parse(site / code / f"{name}.html").find_class("math"):
            assert element.find_class("katex"), (name, element.text_content())
