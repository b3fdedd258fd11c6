"""The pairs of the built site: the same in every language, and light."""

from pathlib import Path

import pytest

from settings import LANGUAGES
from sphinx_parallel_text import check

ROOT = Path(__file__).resolve().parents[2]
SITE = ROOT / "_build" / "site"

CODES = [language["code"] for language in LANGUAGES]


def test_languages_have_the_same_pairs() -> None:
    assert check.problems(SITE, CODES) == []


@pytest.mark.parametrize("language", CODES)
def test_pages_are_paired(language: str) -> None:
    pages = dict(check.pages(SITE, language))
    sources = ROOT / "docs"
    names = {path.relative_to(sources).with_suffix("").as_posix() for path in sources.rglob("*.md")}
    assert names
    assert names <= set(pages)


@pytest.mark.parametrize("language", CODES)
def test_keys_come_in_the_same_order(language: str) -> None:
    first = dict(check.pages(SITE, CODES[0]))
    for name, text in check.pages(SITE, language):
        if name != "reference/glossary":  # sorted by each language's own names
            assert check.KEY.findall(text.replace('data-p="!', 'data-p="')) == check.KEY.findall(
                first[name].replace('data-p="!', 'data-p="')
            )


@pytest.mark.parametrize("language", CODES)
def test_pages_grow_by_less_than_a_third_of_their_text(language: str) -> None:
    for weight in check.weights(SITE, language):
        # The list of misconceptions is made of short passages, each with a key of its own.
        limit = 0.4 if weight.page == "teaching/misconceptions" else 0.35
        assert weight.share < limit, weight
