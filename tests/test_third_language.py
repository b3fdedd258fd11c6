"""Nothing knows how many languages there are: a third one is set up by the documented command.

A copy of the repository gets Esperanto from ``tools/translate.py --new eo``. A program then
"translates" it (`pseudo_locale`): the pages, the site's own texts, the glossary's data and the
words of the extensions, each in the file where a translator would write. What is still English on
the pages of that language would be hard-wired; it is looked for, word by word.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import polib
import pytest
import yaml
from lxml import etree, html

from pseudo_locale import counterpart, fill, glossary, pseudo

ROOT = Path(__file__).resolve().parents[1]
CODE = "eo"

#: The theme's catalogs would be written by the theme's translators; here a program stands in for
#: them, for everything that asks Sphinx's translators, whichever package it belongs to.
THEME_WORDS = """
from pseudo_locale import pseudo
from sphinx.locale import get_translator

def prepare(app, *_):
    for domain in ("sphinx", "booktheme"):
        translator = get_translator(domain)
        translator.gettext = pseudo
        translator.ngettext = lambda one, many, number: pseudo(one if number == 1 else many)

def setup(app):
    if app.config.language == "CODE":
        prepare(app)
        app.connect("builder-inited", prepare, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
""".replace("CODE", CODE)


def run(folder: Path, *command: str) -> str:
    paths = [folder / name for name in ("src", "extensions", "tools", "tests")]
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(map(str, paths)),
        "JUMOK_PREVIEW": "1",
    }
    done = subprocess.run(
        [sys.executable, *command], cwd=folder, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The repository's files, with the third language set up and translated."""
    folder = tmp_path_factory.mktemp("third") / "jumok"
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, folder / name)
    run(folder, "tools/translate.py", "--new", CODE, "--fast")
    catalogs = folder / "docs" / "locales" / CODE
    for path in catalogs.rglob("*.po"):
        fill(path)
    for page in (folder / "docs" / "reference" / "api").glob("*.md"):
        # The text of these pages is in docstrings, which this test doesn't load; the title isn't.
        (title,) = re.findall("^# (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
        catalog = polib.POFile()
        catalog.metadata = {"Content-Type": "text/plain; charset=UTF-8", "Language": CODE}
        catalog.append(polib.POEntry(msgid=title, msgstr=pseudo(title)))
        path = catalogs / "LC_MESSAGES" / "reference" / "api" / f"{page.stem}.po"
        path.parent.mkdir(parents=True, exist_ok=True)
        catalog.save(str(path))
    fill(folder / "site" / "locales" / f"{CODE}.po")
    for korean in (folder / "extensions").glob("*/locale*/ko/LC_MESSAGES/*.po"):
        if korean.parts[-5] != "sphinx_theme_korean":
            target = korean.parents[2] / CODE / "LC_MESSAGES" / korean.name
            counterpart(korean, target, CODE)
    data = folder / "docs" / "glossary.yml"
    entries = yaml.safe_load(data.read_text(encoding="utf-8"))
    glossary(entries, CODE)
    data.write_text(yaml.safe_dump(entries, allow_unicode=True), encoding="utf-8")
    (folder / "tools" / "theme_words.py").write_text(THEME_WORDS, encoding="utf-8")
    conf = folder / "conf.py"
    text = conf.read_text(encoding="utf-8")
    conf.write_text(text + '\n\nextensions.append("theme_words")\n', encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def site(copy: Path) -> Path:
    """The site of the copy: the third language whole, the others' first pages, and the root."""
    output = copy / "_build" / "site"
    codes = [entry["code"] for entry in yaml.safe_load((copy / "docs/languages.yml").read_text())]
    for code in codes:
        only = [] if code == CODE else ["-D", "include_patterns=index.md"]
        only += [] if code == CODE else ["-D", "suppress_warnings=toc,ref,myst,bibtex", "-Q"]
        command = ["-m", "sphinx", "-b", "html", "-q", "-c", ".", "-D", f"language={code}", *only]
        doctrees = copy / "_build" / "doctrees" / code
        run(copy, *command, "-d", str(doctrees), "docs", str(output / code))
    script = """
import sys
from settings import LANGUAGES, ROOT, SITE_URL, TRANSLATIONS, site_texts
from sphinx_language_switch import write_root

texts = {code: site_texts(code) for code in TRANSLATIONS}
write_root(sys.argv[1], LANGUAGES, SITE_URL, templates=ROOT / "site", translations=texts)
"""
    run(copy, "-c", script, str(output))
    return output


@cache
def parse(path: Path) -> html.HtmlElement:
    return html.fromstring(path.read_text(encoding="utf-8"))


def pages(site: Path) -> list[Path]:
    found = (site / CODE).rglob("*.html")
    return sorted(path for path in found if not {"_modules", "_static"} & set(path.parts))


# -- what a reader sees ----------------------------------------------------------------------------

#: Elements whose text is code, a formula, a drawing or another language's, as their class.
DATA_TAGS = {"script", "style", "pre", "code", "math", "svg", "kbd", "noscript"}
DATA_CLASSES = {
    *("katex", "math", "highlight", "sig", "bibtex-citation", "citation", "headerlink"),
    *("glossary-other", "glossary-source", "glossary-synonyms"),
}
SPOKEN = ("title", "alt", "placeholder", "aria-label", "data-tooltip")

#: Words that are the same in every language: names, keys, file types, addresses.
NAMES = {
    *("Jumok", "English", "Esperanto", "Python", "PyTorch", "Jupyter", "Colab", "GitHub"),
    *("A", "E"),  # letters by which a question names its items
    *("Ctrl", "Enter", "Esc", "eo", "po", "py", "ipynb", "md", "pdf", "Apache"),
}


def is_data(element: html.HtmlElement) -> bool:
    if not isinstance(element.tag, str) or element.tag in DATA_TAGS:
        return True
    if element.get("lang", CODE) != CODE or set(element.get("class", "").split()) & DATA_CLASSES:
        return True
    # a citation in the text is the names of its authors
    return "bibtex" in element.get("class", "") or "references.html#" in element.get("href", "")


def texts(element: html.HtmlElement) -> list[str]:
    """Every piece of text below ``element`` that a reader sees or hears."""
    if is_data(element):
        return []
    found = [element.get(name, "") for name in SPOKEN] + [element.text or ""]
    for child in element:
        found += [*texts(child), child.tail or ""]
    return found


def plain_words(text: str) -> set[str]:
    """The words that did not go through the pseudo-locale: those with a plain vowel."""
    text = re.sub(r"https?://\S+|\S+\.(?:md|py|ipynb|po|yml)\b", " ", text)
    words = re.findall(r"[^\W\d_]+", text)
    return {word for word in words if re.search("[aeiouAEIOU]", word)} - NAMES


def english(path: Path) -> set[str]:
    body = parse(path).find("body")
    found = {" ".join(text.split()) for text in texts(body)}
    return {text for text in found if plain_words(text)}


def test_no_visible_word_is_hard_wired(site: Path) -> None:
    left = {path.relative_to(site).as_posix(): english(path) for path in pages(site)}
    assert {name: found for name, found in left.items() if found} == {}
    assert len(left) > 25


def test_the_search_for_plain_words_finds_them(site: Path) -> None:
    found = english(site / "en" / "index.html")
    assert len(found) > 20


def test_every_page_is_there_and_in_its_language(site: Path) -> None:
    for path in pages(site):
        assert parse(path).get("lang") == CODE, path
    titles = [parse(path).findtext(".//title") for path in pages(site)]
    assert sum("⟦" in title for title in titles) > 25
    for path in pages(site):
        for meta in parse(path).xpath("//meta[@name='description' or @property='og:description']"):
            # The first paragraph of API pages isn't in the preview; references are names.
            if "api" not in path.parts and path.stem != "references":
                assert "⟦" in meta.get("content"), path


# -- what leads from language to language ----------------------------------------------------------


def test_switch_offers_the_two_other_languages(site: Path) -> None:
    for path in pages(site):
        links = parse(path).find_class("language-switch__link")
        assert [link.get("hreflang") for link in links] == ["en", "ko"], path
        name = path.relative_to(site / CODE)
        for link in links:
            target = (path.parent / link.get("href")).resolve()
            assert target == site / link.get("hreflang") / name
    for other in ("en", "ko"):
        links = parse(site / other / "index.html").find_class("language-switch__link")
        assert CODE in [link.get("hreflang") for link in links]


def test_heads_name_all_counterparts(site: Path) -> None:
    for path in pages(site):
        links = parse(path).xpath("//link[@rel='alternate']/@hreflang")
        assert links == ["en", "ko", CODE, "x-default"], path


def test_landing_page_404_and_sitemap_have_it(site: Path) -> None:
    landing = parse(site / "index.html")
    assert landing.xpath(f"//a[@lang='{CODE}'][@href='{CODE}/index.html']")
    assert pseudo("Attention and the Transformer, taken apart and run.") in landing.text_content()
    assert f'"{CODE}"' in (site / "index.html").read_text(encoding="utf-8")
    assert pseudo("It may have moved.") in parse(site / "404.html").text_content()
    sitemap = etree.parse(str(site / "sitemap.xml"))
    space = {"x": "http://www.w3.org/1999/xhtml"}
    assert f"/{CODE}/index.html" in " ".join(sitemap.xpath("//x:link/@href", namespaces=space))


def test_status_page_has_a_table_for_it(site: Path) -> None:
    page = parse(site / CODE / "contributing" / "translation-status.html")
    (section,) = page.xpath(f"//section[@id='translation-{CODE}']")
    rows = [
        [cell.text_content() for cell in row]
        for row in section.xpath(".//tbody/tr[not(td[1]//a[contains(@href, '/api/')])]")
    ]
    assert len(rows) > 20
    assert all(row[2:5] == ["0", "0", "0"] for row in rows), rows
    assert page.xpath("//section[@id='translation-ko']")
    assert not page.find_class("translation-notice")


def test_what_is_not_translated_in_it_says_so(site: Path, copy: Path) -> None:
    """Three paragraphs of the first page that have to be reviewed are English, with a mark."""
    path = copy / "docs" / "locales" / CODE / "LC_MESSAGES" / "index.po"
    kept = path.read_bytes()
    catalog = polib.pofile(str(path))
    for entry in [entry for entry in catalog if len(entry.msgid) > 100][:3]:
        entry.flags.append("fuzzy")
    catalog.save()
    try:
        output = copy / "_build" / "untranslated"
        command = ["-m", "sphinx", "-b", "html", "-Q", "-c", ".", "-D", f"language={CODE}"]
        command += ["-D", "include_patterns=index.md"]
        run(copy, *command, "-d", str(copy / "_build/doctrees/untranslated"), "docs", str(output))
    finally:
        path.write_bytes(kept)
    page = parse(output / "index.html")
    marks = page.find_class("translation-mark")
    assert len(marks) == 3
    assert {mark.get("lang") for mark in marks} == {CODE}
    assert all("⟦" in mark.get("aria-label") for mark in marks)


def test_glossary_has_its_terms(site: Path) -> None:
    page = parse(site / CODE / "reference" / "glossary.html")
    terms = [term.text_content() for term in page.xpath("//dl//dt")]
    assert len(terms) >= 60
    assert all(term.lstrip().startswith("⟦") for term in terms)


def test_side_by_side_offers_both_other_languages(site: Path) -> None:
    path = site / CODE / "transformer" / "masks.html"
    scripts = site / CODE / "_parallel" / "transformer" / "masks.js"
    assert scripts.exists()
    assert pseudo("Masks") in scripts.read_text(encoding="utf-8")
    text = path.read_text(encoding="utf-8")
    assert "data-p=" in text
