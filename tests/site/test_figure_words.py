"""Words in figures are in the language of the page; what is data is the same in every language."""

import re
from pathlib import Path

import polib
import pytest
from lxml import html

from settings import LANGUAGES
from sphinx_inline_figures.words import is_language

ROOT = Path(__file__).resolve().parents[2]

SOURCE, *OTHERS = [language["code"] for language in LANGUAGES]
PAGES = sorted(
    path.relative_to(ROOT / "docs").with_suffix("").as_posix()
    for folder in ("start", "transformer")
    for path in (ROOT / "docs" / folder).glob("*.md")
    if "```{code-cell}" in path.read_text(encoding="utf-8")
)


def figures(site: Path, language: str, page: str) -> list[html.HtmlElement]:
    tree = html.fromstring((site / language / f"{page}.html").read_text(encoding="utf-8"))
    return tree.xpath("//figure[contains(@class, 'jumok-figure')]")


def texts(figure: html.HtmlElement, *, data: bool) -> list[str]:
    """The texts of a figure: the words, or the data such as tokens."""
    verbatim = "boolean(ancestor-or-self::*[contains(@class, 'notranslate')])"
    return [text.text_content() for text in figure.iter("text") if text.xpath(verbatim) == data]


def catalog(language: str, page: str) -> dict[str, str]:
    path = ROOT / "docs" / "locales" / language / "LC_MESSAGES" / f"{page}.po"
    return {entry.msgid: entry.msgstr for entry in polib.pofile(str(path)) if entry.translated()}


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("language", OTHERS)
def test_words_are_those_of_the_catalog(site: Path, language: str, page: str) -> None:
    """Every word of an English figure stands in the translated one as the catalog has it."""
    messages = catalog(language, page)
    source = figures(site, SOURCE, page)
    translated = figures(site, language, page)
    assert len(source) == len(translated)
    for before, after in zip(source, translated, strict=True):
        words = texts(before, data=False)
        expected = [messages.get(word, word) if is_language(word) else word for word in words]
        assert texts(after, data=False) == expected
        for word in filter(is_language, words):
            assert word in messages, f"{page}: {word!r} has no translation"
            assert word not in texts(after, data=False) or messages[word] == word
        if after.xpath(".//svg"):
            (svg,) = after.xpath(".//svg[@role='img']")
            assert svg.get("aria-label") == svg.xpath("string(title)")
            (original,) = before.xpath(".//svg[@role='img']")
        else:  # tables that a reader edits
            svg, original = after, before
        assert svg.get("aria-label") == messages[" ".join(original.get("aria-label").split())]


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("language", OTHERS)
def test_data_and_drawing_stay(site: Path, language: str, page: str) -> None:
    """Tokens, numbers, shapes and places: only words differ between the languages."""
    source, translated = figures(site, SOURCE, page), figures(site, language, page)
    for before, after in zip(source, translated, strict=True):
        assert texts(after, data=True) == texts(before, data=True)
        plain = [[dict(element.attrib) for element in figure.iter()] for figure in (before, after)]
        for attributes in plain[0] + plain[1]:
            attributes.pop("aria-label", None)
        assert plain[0] == plain[1]


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("language", OTHERS)
def test_numbers_of_every_drawing_are_there_in_both_languages(
    site: Path, language: str, page: str
) -> None:
    """A table for each drawing, the same numbers, and no English word in it."""
    messages = catalog(language, page)
    source, translated = figures(site, SOURCE, page), figures(site, language, page)
    for before, after in zip(source, translated, strict=True):
        assert bool(before.xpath(".//svg")) == bool(before.xpath(".//details//table/caption"))
        cells = [figure.xpath(".//th | .//td | .//caption") for figure in (before, after)]
        for one, two in zip(*cells, strict=True):
            text = " ".join(one.text_content().split())
            # A cell of data, or one that holds nothing else.
            data = " ".join(one.xpath("string(descendant-or-self::*[@translate='no'])").split())
            if data == text or not is_language(text):
                assert two.text_content() == one.text_content()
            elif "common-word" not in one.get("class", "") and not one.xpath(".//@data-message"):
                assert two.text_content() == messages[text]
        if summary := after.xpath("string(.//details/summary)"):
            assert summary != before.xpath("string(.//details/summary)")


def test_tokens_are_known_for_data(site: Path) -> None:
    """The words of examples are never among the words to translate."""
    tokens = set()
    words = set()
    for page in PAGES:
        for figure in figures(site, SOURCE, page):
            tokens |= set(texts(figure, data=True))
            words |= set(filter(is_language, texts(figure, data=False)))
    assert {"the", "cat", "mat", "chased", "수요일", "le", "I think it will rain"} <= tokens
    assert {"query", "key", "loss", "head 1 of 2", "learning rate", "pre-norm"} <= words
    assert not words & tokens
    assert not [word for word in words if re.search("[가-힣]", word)]
