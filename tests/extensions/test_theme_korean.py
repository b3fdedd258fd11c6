"""No word of the theme's own is English on a Korean page.

The pages of this project hold no Latin letters of their own, so that every English word that a
Korean page shows comes from the theme or its companions; and the list of what to look at comes
from the page itself: all text, and every attribute that a reader sees or hears.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from chromium import chromium
from lxml import html
from sphinx_project import Build, Project

from sphinx_theme_korean import catalog

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

EXTENSIONS = [
    "sphinx_theme_korean",
    "sphinx_design",
    "sphinx_copybutton",
    "sphinxcontrib.bibtex",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx.ext.viewcode",
]

#: What stays as it is in Korean: keys, file types, words of Python, what the page is about.
KEPT = {
    *("Ctrl", "K", ".md", ".pdf", ".ipynb", "Python"),
    *("class", "property", "module", "int", "str", "ValueError"),
    *("PDF", "PEP"),
}

#: Attributes that are shown or read out.
SPOKEN = ("title", "alt", "placeholder", "aria-label", "aria-description", "data-tooltip")

MODULE = '''
"""모듈."""

class 가:
    """클래스.

    Args:
        나: 인자.

    Returns:
        값.

    Raises:
        ValueError: 잘못된 값.
    """

    def 다(self, 나: int, /, *, 라: str = "") -> int:
        """메서드."""

    @property
    def 마(self) -> int:
        """속성."""

class 바:
    """클래스 하나 더."""

    사 = 가
'''

PAGE = """
# 쪽

글. [^1] {cite}`k`

[^1]: 주.

(그림)=
## 절

```{note}
가
```
```{tip}
가
```
```{warning}
가
```
```{important}
가
```
```{caution}
가
```
```{danger}
가
```
```{hint}
가
```
```{attention}
가
```
```{error}
가
```
```{seealso}
가
```
```{admonition} 답
가
```
```{versionadded} 1.0
```
```{math}
:label: 식
1 + 1
```
```{figure} /x.svg
:alt: 그림
설명
```
```{table} 표
| 가 |
|---|
| 나 |
```
```{code-block} python
:caption: 코드
1
```
```{glossary}
용어
  뜻
```
```{index} 색인어
```

```{code-cell} python
:tags: [hide-input]
print(1)
```
```{code-cell} python
:tags: [hide-output]
print(2)
```
```{code-cell} python
:tags: [hide-cell]
print(3)
```
```{bibliography}
```
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Build]:
    """The same project in English and in Korean."""
    folder = tmp_path_factory.mktemp("theme")
    project = Project(
        folder,
        EXTENSIONS,
        project="주목",
        author="지은이들",
        copyright="2026",
        html_title="주목",
        html_theme="sphinx_book_theme",
        html_last_updated_fmt="%Y-%m-%d",
        html_theme_options={"navbar_persistent": [], "repository_url": "https://github.com/a/b"}
        | dict.fromkeys(["use_issues_button", "use_repository_button"], True)
        | dict.fromkeys(["use_edit_page_button", "use_source_button"], True),
        bibtex_bibfiles=["k.bib"],
        suppress_warnings=["config.cache"],
    )
    project.write("k.bib", "@misc{k, author={김}, title={제목}, year={2017}}")
    project.write("x.svg", '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"/>')
    project.write("모듈.py", MODULE)
    conf = (project.source / "conf.py").read_text(encoding="utf-8")
    project.write("conf.py", f"import sys\nsys.path.insert(0, {str(project.source)!r})\n{conf}")
    project.write("index.md", "# 책\n\n```{toctree}\n:caption: 차례\nnotebook\napi\n```\n")
    project.notebook("notebook.md", PAGE)
    project.write("api.md", "# 참조\n\n```{eval-rst}\n.. automodule:: 모듈\n   :members:\n```\n")
    builds = {code: project.build(code, "-D", f"language={code}") for code in ("en", "ko")}
    for build in builds.values():
        assert build.returncode == 0, build.output
    return builds


PAGES = ["index", "notebook", "api", "search", "genindex", "py-modindex", "_modules/index"]


def words_of(element: html.HtmlElement) -> Iterator[str]:
    """Every piece of text in ``element`` that a reader sees or hears."""
    if not isinstance(element.tag, str) or element.tag in {"script", "style", "pre"}:
        return
    if "math" in element.get("class", "").split():
        return
    yield from (element.get(name, "") for name in SPOKEN)
    yield element.text or ""
    for child in element:
        yield from words_of(child)
        yield child.tail or ""


def english(page: str) -> set[str]:
    """The pieces of text of a page that hold an English word."""
    texts = {" ".join(text.split()) for text in words_of(html.fromstring(page))}
    return {text for text in texts if set(re.findall(r"[A-Za-z]{2,}", text)) - KEPT} - KEPT


@pytest.mark.parametrize("name", PAGES)
def test_no_english_word_of_the_theme_on_a_korean_page(site: dict[str, Build], name: str) -> None:
    assert english(site["ko"].page(name)) == set()


def test_the_search_for_english_words_finds_them(site: dict[str, Build]) -> None:
    found = english(site["en"].page("notebook"))
    assert {"Skip to main content", "Back to top", "Toggle primary sidebar"} <= found
    assert {"Show code cell source", "Toggle hidden content", "Link to this heading"} <= found
    assert len(found) > 30


def test_english_pages_stay_english(site: dict[str, Build]) -> None:
    page = site["en"].page("notebook")
    assert "본문으로" not in page
    assert "theme-korean.js" not in page


def test_footer_names_the_author_in_korean(site: dict[str, Build]) -> None:
    (author,) = html.fromstring(site["ko"].page("index")).find_class("component-author")
    assert author.text_content().split() == ["지은이:", "지은이들"]


def test_prompts_say_what_they_hide(site: dict[str, Build]) -> None:
    page = site["ko"].page("notebook")
    for prompt in ("코드 보기", "코드 숨기기", "출력 보기", "출력 숨기기", "코드와 출력 보기"):
        assert prompt in page


def test_an_alias_is_named_with_its_particle(site: dict[str, Build]) -> None:
    """Sphinx's own words leave the role behind as it is written, and warn."""
    text = html.fromstring(site["ko"].page("api")).text_content()
    assert "가의 별칭" in text
    assert "Inline interpreted text" not in site["ko"].output


@pytest.mark.parametrize("domain", ["sphinx", "booktheme"])
def test_catalogs_are_complete(domain: str) -> None:
    messages = {key: text for key, text in catalog(domain)._catalog.items() if key}
    assert messages
    for message, text in messages.items():
        placeholders = re.findall(r"%\(\w+\)s|%s", message)
        assert sorted(re.findall(r"%\(\w+\)s|%s", text)) == sorted(placeholders), message
        kept = {"Sphinx Book Theme", "© Copyright %(copyright)s."}
        assert re.search(r"[가-힣]", text) or message in kept, message


# -- what scripts write, in a browser --------------------------------------------------------


def test_scripts_write_korean(site: dict[str, Build]) -> None:
    folder: Path = site["ko"].folder
    with chromium() as browser:
        page = browser.new_page()
        page.goto((folder / "notebook.html").as_uri())
        page.wait_for_selector("button.copybtn", state="attached")
        page.wait_for_timeout(300)
        assert english(page.content()) == set()
        assert page.locator("button.copybtn").first.get_attribute("data-tooltip") == "복사"
        page.locator("button.copybtn").last.evaluate("button => button.click()")
        page.wait_for_function(
            "[...document.querySelectorAll('.copybtn')]"
            ".some(b => /복사했|못했/.test(b.dataset.tooltip))"
        )
        page.close()


def test_search_page_counts_results_in_korean(site: dict[str, Build]) -> None:
    with chromium() as browser:
        page = browser.new_page()
        page.goto((site["ko"].folder / "search.html").as_uri() + "?q=책")
        page.wait_for_function(
            "document.querySelector('#search-results')?.innerText.includes('마쳤습니다')"
        )
        assert english(page.content()) == set()
        page.close()
