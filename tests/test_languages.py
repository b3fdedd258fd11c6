"""The site's languages as data, and the texts of the landing page in them."""

from pathlib import Path

import pytest
from lxml import html

from languages import LanguagesError, SiteLanguage, read_languages
from settings import AUTHOR, COPYRIGHT, SITE_LANGUAGES, site_texts
from sphinx_language_switch import template_texts, write_root

ROOT = Path(__file__).resolve().parents[1]

GOOD = "- {code: en, name: English}\n"


def test_the_languages_of_this_site() -> None:
    assert SITE_LANGUAGES[0].code == "en"
    assert all((ROOT / "docs/locales" / one.code).is_dir() for one in SITE_LANGUAGES[1:])


def test_a_language_is_read_with_its_defaults(tmp_path: Path) -> None:
    path = tmp_path / "languages.yml"
    path.write_text(GOOD + "- {code: pt_BR, name: Português, complete: true}\n", encoding="utf-8")
    assert read_languages(path) == [
        SiteLanguage("en", "English"),
        SiteLanguage("pt_BR", "Português", complete=True),
    ]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "must be a list of languages"),
        ("en: English\n", "must be a list of languages"),
        ("- en\n", "entry 1 must have `code:` and `name:`, not 'en'"),
        ("- {code: en}\n", r"entry 1 \('en'\) needs a `name`"),
        ("- {name: English}\n", "needs a `code`"),
        (GOOD + "- {code: no, name: norsk}\n", "`code` must be a text .perhaps in quotes."),
        (GOOD + "- {code: KO, name: 한국어}\n", "must look like ko, pt_BR or zh_Hant"),
        (GOOD + "- {code: pt-BR, name: Português}\n", "must look like ko, pt_BR or zh_Hant"),
        (GOOD + "- {code: ../x, name: x}\n", "must look like"),
        (GOOD + "- {code: en, name: Anglais}\n", "code 'en' is used twice"),
        (GOOD + "- {code: ko, name: English}\n", "name 'English' is used twice"),
        (
            GOOD + "- {code: ko, name: 한국어, complete: 'yes'}\n",
            "`complete` must be true or false",
        ),
        (GOOD + "- {code: ko, name: 한국어, hnit: x}\n", "unknown `hnit`; known are code, name"),
        ("- {code: en, name: English, complete: true}\n", "is the source language"),
        ("- {code: en, name: [\n", "languages.yml: while parsing"),
    ],
)
def test_mistakes_are_named(tmp_path: Path, text: str, complaint: str) -> None:
    path = tmp_path / "languages.yml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(LanguagesError, match=complaint):
        read_languages(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(LanguagesError, match=r"languages\.yml"):
        read_languages(tmp_path / "languages.yml")


def test_pages_of_the_root_in_a_third_language(tmp_path: Path) -> None:
    """What isn't translated is left out, or stands in the source language."""
    languages = [
        {"code": "en", "name": "English"},
        {"code": "pt_BR", "name": "Português"},
        {"code": "ja", "name": "日本語"},
    ]
    wanted = template_texts(ROOT / "site")
    portuguese = {text: f"«{text}»" for text in wanted}
    texts = {"pt_BR": portuguese}
    write_root(tmp_path, languages, "", templates=ROOT / "site", translations=texts)
    lost = html.fromstring((tmp_path / "404.html").read_text("utf-8"))
    assert [section.get("lang") for section in lost.iter("section")] == ["en", "pt-BR"]
    assert lost.findtext(".//title") == "Page not found · «Page not found» · Jumok"
    assert "/pt_BR/search.html" in lost.xpath("//a/@href")
    landing = html.fromstring((tmp_path / "index.html").read_text("utf-8"))
    tagline = "Attention and the Transformer, taken apart and run."
    lines = {line.get("lang"): line.text for line in landing.iter("p")}
    assert lines == {"en": tagline, "pt-BR": f"«{tagline}»"}
    links = {link.get("lang"): link.get("href") for link in landing.iter("a")}
    assert links == {
        "en": "en/index.html",
        "pt-BR": "pt_BR/index.html",
        "ja": "ja/index.html",
    }
    assert {AUTHOR, COPYRIGHT, *wanted} == site_texts("ko").keys()
