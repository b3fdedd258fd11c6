"""What isn't translated says so, and the table counts what the pages say now.

The catalogs of these projects are written by hand; what a page must show and count is stated in
the test, not taken from the extension.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import polib
import pytest
from chromium import chromium
from lxml import html
from sphinx_project import Build, Project

from sphinx_translation_status.messages import count_words

if TYPE_CHECKING:
    from pathlib import Path

PAGE = """
# First heading

A paragraph that stays.

A paragraph that changed lately.

A paragraph nobody translated, with {term}`mask` and $d_k$ and [a link](https://example.org).

$$E = mc^2$$

`code_only`

- an item
- another item

| head | cell |
|------|------|
| one  | two  |

```{figure} x.svg
:alt: what the picture shows

The caption.
```

```{note}
Inside a note.
```

## Second heading

```{glossary}
mask
  What hides.
```
"""

DONE = {
    "First heading": "첫째 제목",
    "A paragraph that stays.": "그대로인 문단입니다.",
    "another item": "다른 항목",
    "head": "머리",
    "cell": "칸",
    "one": "하나",
    "what the picture shows": "그림에 보이는 것",
    "Inside a note.": "알림 안의 글입니다.",
    "What hides.": "가리는 것입니다.",
}
FUZZY = {"A paragraph that changed lately.": "예전 번역입니다."}
OPEN = [
    "A paragraph that changed lately.",
    "A paragraph nobody translated, with {term}`mask` and $d_k$ and [a link](https://example.org).",
    "an item",
    "two",
    "The caption.",
    "Second heading",
    "mask",
]

CATALOG_URL = "https://example.org/edit/{language}/{page}.po"


def write_catalog(
    project: Project,
    page: str,
    translated: dict[str, str],
    fuzzy: dict[str, str] | None = None,
    *,
    language: str = "ko",
    revised: str = "2026-05-04 10:00+0900",
) -> Path:
    catalog = polib.POFile()
    catalog.metadata = {
        "Content-Type": "text/plain; charset=UTF-8",
        "Language": language,
        "PO-Revision-Date": revised,
    }
    catalog.extend(polib.POEntry(msgid=key, msgstr=text) for key, text in translated.items())
    for key, text in (fuzzy or {}).items():
        catalog.append(polib.POEntry(msgid=key, msgstr=text, flags=["fuzzy"]))
    path = project.source / "locales" / language / "LC_MESSAGES" / f"{page}.po"
    path.parent.mkdir(parents=True, exist_ok=True)
    catalog.save(str(path))
    return path


def make_project(folder: Path, **settings: object) -> Project:
    folder.mkdir(exist_ok=True)
    project = Project(
        folder,
        ["sphinx_translation_status", "sphinx_design"],
        myst_enable_extensions=["dollarmath", "colon_fence"],
        translation_status_catalog_url=CATALOG_URL,
        **{"html_theme": "sphinx_book_theme", "suppress_warnings": ["config.cache"], **settings},
    )
    project.write("x.svg", '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"/>')
    project.write("index.md", "# Book\n\n```{toctree}\nguide/page\nstatus\n```\n")
    project.write("guide/page.md", PAGE.replace("x.svg", "/x.svg"))
    project.write("status.md", "# State\n\n```{translation-status}\n```\n")
    write_catalog(project, "guide/page", DONE, FUZZY)
    write_catalog(project, "index", {"Book": "책"})
    write_catalog(project, "status", {"State": "현황"})
    return project


def build(project: Project, code: str, *options: str) -> Build:
    made = project.build(code, "-D", f"language={code}", *options)
    assert made.returncode == 0, made.output
    assert "WARNING" not in made.output
    return made


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return make_project(tmp_path_factory.mktemp("status"))


@pytest.fixture(scope="module")
def korean(project: Project) -> Build:
    return build(project, "ko")


@pytest.fixture(scope="module")
def english(project: Project) -> Build:
    return build(project, "en")


def tree(made: Build, name: str) -> html.HtmlElement:
    return html.fromstring(made.page(name))


def marks(page: html.HtmlElement) -> list[tuple[str, str]]:
    """The text of each marked element, and what its mark says."""
    return [
        (" ".join(mark.getparent().text_content().split()), mark.get("aria-label"))
        for mark in page.find_class("translation-mark")
    ]


def table(made: Build, code: str = "ko", name: str = "status") -> dict[str, list[str]]:
    """The rows of a language's table: the link's address, and the cells that follow."""
    (section,) = tree(made, name).xpath(f"//section[@id='translation-{code}']")
    rows = section.xpath(".//table//tbody/tr")
    return {
        row.xpath("./td[1]//a/@href")[0]: [cell.text_content().strip() for cell in row[1:]]
        for row in rows
    }


# -- marks -----------------------------------------------------------------------------------------


def test_everything_that_stayed_english_is_marked_and_nothing_else(korean: Build) -> None:
    found = dict(marks(tree(korean, "guide/page")))
    assert {text.rstrip("#¶").strip(): label for text, label in found.items()} == {
        "A paragraph that changed lately.": "아직 번역되지 않은 문단",
        "A paragraph nobody translated, with mask and \\(d_k\\) and a link.": (
            "아직 번역되지 않은 문단"
        ),
        "an item": "아직 번역되지 않은 항목",
        "two": "아직 번역되지 않은 칸",
        "The caption.": "아직 번역되지 않은 설명",
        "Second heading": "아직 번역되지 않은 제목",
        "mask": "아직 번역되지 않은 용어",
    }


def test_old_korean_is_not_shown(korean: Build) -> None:
    assert "예전 번역" not in korean.page("guide/page")


def test_marked_elements_are_english_and_marks_korean(korean: Build) -> None:
    page = tree(korean, "guide/page")
    for mark in page.find_class("translation-mark"):
        assert mark.get("lang") == "ko"
        around = [each.get("lang") for each in mark.iterancestors() if each.get("lang")]
        inside = [each.get("lang") for each in mark.getparent().iter() if each is not mark]
        assert around[0] == "en" or "en" in inside, html.tostring(mark.getparent())
    translated = page.xpath("//p[contains(., '그대로인')]")[0]
    assert not [each for each in translated.iterancestors() if each.get("lang") == "en"]


def test_marks_are_no_text_of_the_page(korean: Build) -> None:
    """Neither search index nor snippet, contents, title nor copied text has the mark."""
    page = tree(korean, "guide/page")
    assert "아직 번역되지 않은 문단" not in page.text_content()
    assert "아직 번역되지" not in (korean.folder / "searchindex.js").read_text("utf-8")
    (title,) = page.xpath("//title")
    assert "번역" not in title.text_content()
    for link in page.xpath("//nav[contains(@class, 'page-toc') or contains(@class, 'bd-')]//a"):
        assert not link.find_class("translation-mark")
    assert page.xpath("//section[@id='second-heading']/h2")


def test_untranslated_heading_is_english_in_the_contents_too(korean: Build) -> None:
    links = tree(korean, "guide/page").xpath("//a[@href='#second-heading'][contains(., 'Second')]")
    contents = [link for link in links if "headerlink" not in link.get("class", "")]
    assert contents
    assert all(link.xpath(".//*[@lang='en']") for link in contents)


def test_links_and_terms_of_a_marked_paragraph_still_work(korean: Build) -> None:
    (paragraph,) = tree(korean, "guide/page").xpath("//p[contains(., 'nobody translated')]")
    assert paragraph.xpath(".//a/@href") == ["#term-mask", "https://example.org"]


def test_source_language_has_no_marks(english: Build) -> None:
    for name in ("index", "guide/page", "status"):
        assert "translation-mark" not in english.page(name)
        assert "translation-notice" not in english.page(name)


def test_page_without_a_catalog_is_marked_throughout(tmp_path: Path) -> None:
    project = make_project(tmp_path)
    project.write("guide/page.md", "# New\n\nNobody has seen this.\n\n$$x$$\n")
    (project.source / "locales/ko/LC_MESSAGES/guide/page.po").unlink()
    page = tree(build(project, "ko"), "guide/page")
    assert [label for _text, label in marks(page)] == [
        "아직 번역되지 않은 제목",
        "아직 번역되지 않은 문단",
    ]
    (notice,) = page.find_class("translation-notice")
    assert "3개 가운데 2개" in notice.text_content()


def test_same_words_in_both_languages_are_no_gap(tmp_path: Path) -> None:
    project = make_project(tmp_path)
    project.write("guide/page.md", "# Jumok\n\n`x + 1`\n\n$d_k$\n\n42\n\n{doc}`/index`\n")
    write_catalog(project, "guide/page", {"Jumok": "Jumok"})
    made = build(project, "ko")
    assert marks(tree(made, "guide/page")) == []
    assert not tree(made, "guide/page").find_class("translation-notice")
    assert table(made)["guide/page.html"][:4] == ["5", "0", "0", "0"]


def test_words_that_sphinx_translates_are_no_gap(tmp_path: Path) -> None:
    project = make_project(tmp_path)
    described = """# API

```{eval-rst}
.. py:function:: attend(query)

   Attend.

   :param query: What is looked for.
   :returns: What is found.
```
"""
    project.write("guide/page.md", described)
    translations = {
        "API": "API",
        "Attend.": "주목합니다.",
        "What is looked for.": "찾는 것.",
        "What is found.": "찾은 것.",
    }
    write_catalog(project, "guide/page", translations)
    made = build(project, "ko")
    page = tree(made, "guide/page")
    assert "매개변수" in page.text_content()
    assert not page.find_class("untranslated")
    assert not page.find_class("translation-notice")
    assert table(made)["guide/page.html"][1:4] == ["0", "0", "0"]


def test_translation_that_sphinx_cannot_use_is_reported(tmp_path: Path) -> None:
    project = make_project(tmp_path)
    write_catalog(project, "guide/page", {**DONE, "A paragraph that stays.": "- 목록이 된 문단"})
    made = project.build("ko", "-D", "language=ko")
    assert re.search(r"page\.md:\d+: WARNING: this translation is not the text of one", made.output)
    assert "A paragraph that stays." in dict(marks(tree(made, "guide/page")))


def test_folded_boxes_and_cards_are_marked(tmp_path: Path) -> None:
    project = make_project(tmp_path)
    text = ":::{dropdown} Folded title\nInside.\n:::\n\n:::{card} Card title\nOn a card.\n:::\n"
    text += "\n```{admonition} Own title\nBody.\n```\n\n```{rubric} A rubric\n```\n"
    project.write("guide/page.md", f"# A\n\n{text}")
    write_catalog(project, "guide/page", {"A": "가"})
    found = [text for text, _label in marks(tree(build(project, "ko"), "guide/page"))]
    expected = ["Folded title", "Inside.", "Card title", "On a card."]
    assert found == [*expected, "Own title", "Body.", "A rubric"]


# -- the notice ------------------------------------------------------------------------------------


def test_notice_counts_and_links(korean: Build) -> None:
    (notice,) = tree(korean, "guide/page").find_class("translation-notice")
    text = " ".join(notice.text_content().split())
    total = len(DONE) + len(OPEN) + 2  # the formula and the piece of code have no words
    assert text.startswith(
        f"이 페이지의 문단 {total}개 가운데 {len(OPEN)}개가 아직 번역되지 않았습니다."
    )
    assert notice.xpath(".//a/@href") == [
        "../status.html",
        "https://example.org/edit/ko/guide/page.po",
    ]
    assert notice.get("lang") == "ko"
    assert notice.getprevious().tag == "h1"


def test_complete_pages_show_nothing(korean: Build) -> None:
    for name in ("index", "status"):
        assert not tree(korean, name).find_class("translation-notice")
        assert not tree(korean, name).find_class("translation-mark")


# -- the table -------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", ["ko", "en"])
def test_table_counts_messages_and_words(code: str, request: pytest.FixtureRequest) -> None:
    made = request.getfixturevalue({"ko": "korean", "en": "english"}[code])
    rows = table(made)
    words = 5 + 10 + 2 + 1 + 2 + 2 + 1  # counted by hand, in the order of OPEN
    translated = str(len(DONE) + 2)
    assert rows["guide/page.html"][:5] == [translated, "1", "6", str(words), "2026-05-04"]
    assert rows["index.html"][:4] == ["1", "0", "0", "0"]
    assert next(iter(rows)) == "guide/page.html", "most left first"


def test_table_links_the_catalogs(korean: Build) -> None:
    links = tree(korean, "status").xpath("//table//td[last()]//a/@href")
    assert "https://example.org/edit/ko/guide/page.po" in links


def test_table_says_where_to_begin(korean: Build, tmp_path: Path) -> None:
    text = " ".join(tree(korean, "status").text_content().split())
    assert "30분쯤 시간이 있다면" in text
    (first,) = tree(korean, "status").xpath("//ul[contains(@class, 'translation-beginnings')]/li")
    assert " ".join(first.text_content().split()) == "첫째 제목 (23단어)"


def test_table_is_in_the_language_of_the_page(korean: Build, english: Build) -> None:
    heads = [
        [cell.text_content().strip() for cell in tree(made, "status").xpath("//table//th")]
        for made in (korean, english)
    ]
    assert heads[0][:5] == ["페이지", "번역함", "다시 볼 것", "번역 없음", "남은 단어"]
    assert heads[1][:5] == ["Page", "Translated", "To review", "Missing", "Words left"]


@pytest.mark.parametrize(
    ("message", "words"),
    [
        ("Plain words only", 3),
        ("don't split state-of-the-art", 3),
        ("`code`, $x_1$, 3.14 % and \\$5", 1),
        ("{term}`key` and {term}`other keys <key>`", 4),
        ("{doc}`/a/b` {py:func}`f` {cite:p}`x2017`", 0),
        ("{doc}`the title </a/b>`", 2),
        (":func:`f` returns ``None`` or `x`", 2),
        (":math:`a+b`", 0),
        ("see https://example.org/a-b_c or [there](https://x.org)", 3),
        ("한국어 원문도 셉니다", 3),
        ("", 0),
    ],
)
def test_words_are_those_to_translate(message: str, words: int) -> None:
    assert count_words(message) == words


# -- what changes between builds -------------------------------------------------------------------


def test_edited_page_counts_before_its_catalog_is_merged(tmp_path: Path) -> None:
    project = make_project(tmp_path)
    write_catalog(project, "guide/page", {"Title": "제목", "Old text.": "옛글."})
    project.write("guide/page.md", "# Title\n\nOld text.\n")
    assert table(build(project, "ko"))["guide/page.html"][:4] == ["2", "0", "0", "0"]
    project.write("guide/page.md", "# Title\n\nNew text here.\n")
    made = build(project, "ko")
    assert table(made)["guide/page.html"][:4] == ["1", "0", "1", "3"]
    assert [text for text, _label in marks(tree(made, "guide/page"))] == ["New text here."]
    assert "옛글" not in made.page("guide/page")


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_incremental_build_is_like_a_fresh_one(tmp_path: Path, jobs: str) -> None:
    project = make_project(tmp_path / "a")
    for number in range(8):  # enough pages to be read in parallel
        project.write(f"more/{number}.md", f"---\norphan: true\n---\n# Page {number}\n\nText.\n")
        write_catalog(project, f"more/{number}", {f"Page {number}": f"{number}쪽", "Text.": "글."})
    build(project, "ko", "-j", jobs)
    # a catalog loses a translation, another gets a new date only, a page goes, a title changes
    write_catalog(project, "more/3", {"Page 3": "3쪽"})
    write_catalog(
        project, "more/4", {"Page 4": "4쪽", "Text.": "글."}, revised="2026-06-01 00:00+0000"
    )
    (project.source / "more/5.md").unlink()
    write_catalog(project, "more/6", {"Page 6": "새 6쪽", "Text.": "글."})
    again = build(project, "ko", "-j", jobs)
    (project.output / "ko").rename(project.output / "incremental")
    rows = table(Build(0, "", project.output / "incremental"))
    assert rows["more/3.html"][:4] == ["1", "0", "1", "1"]
    assert rows["more/4.html"][4] == "2026-06-01"
    assert "more/5.html" not in rows
    assert again.returncode == 0
    fresh = project.build("ko", "-E", "-a", "-D", "language=ko", "-j", jobs)
    for name in ("status", "more/3", "more/6", "guide/page"):
        old = (project.output / "incremental" / f"{name}.html").read_text("utf-8")
        old, new = (re.sub(r"\?v=\w+", "", text) for text in (old, fresh.page(name)))
        assert old == new, name


def test_other_languages_catalog_refreshes_the_table(tmp_path: Path) -> None:
    project = make_project(tmp_path)
    assert table(build(project, "en"))["guide/page.html"][0] == str(len(DONE) + 2)
    write_catalog(project, "guide/page", {**DONE, "two": "둘"}, FUZZY)
    made = build(project, "en")
    assert table(made)["guide/page.html"][0] == str(len(DONE) + 3)
    assert "reading sources... [" not in made.output, "no page needs to be read again for that"


def test_unreadable_catalog_does_not_end_the_build(tmp_path: Path) -> None:
    project = make_project(tmp_path)
    write_catalog(project, "guide/page", DONE, revised="no date")
    made = project.build("ko", "-D", "language=ko")
    assert made.returncode == 0, made.output
    assert "reading error" in made.output
    assert table(made)["guide/page.html"][:3] == ["2", "0", str(len(DONE) + len(OPEN))]


def test_unchanged_catalogs_write_nothing_again(tmp_path: Path) -> None:
    project = make_project(tmp_path)
    build(project, "ko")
    assert "no targets are out of date" in build(project, "ko").output


# -- more languages --------------------------------------------------------------------------------


def test_three_languages(tmp_path: Path) -> None:
    project = make_project(
        tmp_path,
        translation_status_languages=["en", {"code": "ko", "name": "한국어"}, "eo", "qps"],
    )
    write_catalog(project, "guide/page", {"First heading": "Unua titolo"}, language="eo")
    made = build(project, "eo")
    headings = [
        " ".join(each.text_content().rstrip("#¶").split())
        for each in tree(made, "status").xpath("//section/section/h2")
    ]
    assert headings == ["한국어", "Esperanto", "qps"]
    assert table(made, "eo")["guide/page.html"][:3] == ["3", "0", str(len(DONE) + len(OPEN) - 1)]
    assert table(made, "qps")["index.html"][:3] == ["0", "0", "1"]
    assert table(made, "ko")["guide/page.html"][1] == "1"
    page = tree(made, "guide/page")
    assert {mark.get("lang") for mark in page.find_class("translation-mark")} == {"en"}
    assert page.find_class("translation-notice")[0].get("lang") == "en"


def test_languages_are_found_in_the_catalogs_folders(tmp_path: Path) -> None:
    project = make_project(tmp_path)
    write_catalog(project, "index", {"Book": "Libro"}, language="es")
    sections = tree(build(project, "en"), "status").xpath("//section/section/@id")
    assert sections == ["translation-es", "translation-ko"]


def test_other_source_language(tmp_path: Path) -> None:
    project = make_project(tmp_path, translation_status_source="ko", language="ko")
    write_catalog(project, "guide/page", {"First heading": "Unua titolo"}, language="eo")
    assert "translation-mark" not in build(project, "ko").page("guide/page")
    page = tree(build(project, "eo"), "guide/page")
    assert page.xpath("//p[@lang='ko'][contains(., 'changed lately')]")


def test_gettext_builds_extract_nothing_of_ours(project: Project) -> None:
    made = project.build("gettext", builder="gettext")
    text = "".join(path.read_text("utf-8") for path in made.folder.rglob("*.pot"))
    assert "Of {total}" not in text
    assert "not yet translated" not in text
    assert 'msgid "State"' in text


@pytest.mark.parametrize("builder", ["text", "latex", "dirhtml"])
def test_other_builders_work(project: Project, builder: str) -> None:
    made = project.build(builder, "-D", "language=ko", builder=builder)
    assert made.returncode == 0, made.output
    warnings = [line for line in made.output.splitlines() if "WARNING" in line]
    assert [line for line in warnings if "Babel option" not in line] == []
    assert "not yet translated" not in "".join(
        path.read_text("utf-8")
        for path in made.folder.rglob("*")
        if path.suffix in {".txt", ".tex"}
    )


# -- in a browser ----------------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_marks_are_shown_read_out_and_accessible(korean: Build, scheme: str, width: int) -> None:
    from axe_playwright_python.sync_playwright import Axe

    with chromium() as browser:
        options = {"color_scheme": scheme, "viewport": {"width": width, "height": 800}}
        page = browser.new_context(**options).new_page()
        for name in ("guide/page", "status"):
            page.goto((korean.folder / f"{name}.html").as_uri())
            rules = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}
            found = Axe().run(page, context="article", options=rules)
            assert found.violations_count == 0, found.generate_report()
            overflow = "document.documentElement.scrollWidth - innerWidth"
            assert page.evaluate(overflow) <= 0
        page.goto((korean.folder / "guide/page.html").as_uri())
        marks = page.get_by_role("img", name="아직 번역되지 않은 문단")
        assert marks.count() == 2
        content = "element => getComputedStyle(element, '::after').content"
        assert "아직 번역되지 않은 문단" in marks.first.evaluate(content)
        page.emulate_media(media="print")
        size = "element => getComputedStyle(element, '::after').fontSize"
        assert float(marks.first.evaluate(size).removesuffix("px")) < 12


def test_table_sorts_by_keyboard(korean: Build) -> None:
    with chromium() as browser:
        page = browser.new_page()
        page.goto((korean.folder / "status.html").as_uri())
        head = page.get_by_role("columnheader", name="남은 단어")
        assert head.get_attribute("aria-sort") == "descending"
        cells = "[...document.querySelectorAll('table tbody tr')].map(r => r.cells[4].innerText)"
        assert [int(text) for text in page.evaluate(cells)] == [23, 0, 0]
        head.get_by_role("button").focus()
        page.keyboard.press("Enter")
        assert head.get_attribute("aria-sort") == "ascending"
        assert [int(text) for text in page.evaluate(cells)] == [0, 0, 23]
        page.get_by_role("button", name="페이지", exact=True).click()
        names = "[...document.querySelectorAll('table tbody tr')].map(r => r.cells[0].innerText)"
        assert page.evaluate(names) == ["책", "첫째 제목", "현황"]
        assert head.get_attribute("aria-sort") is None


def test_table_is_there_without_a_script(korean: Build) -> None:
    with chromium() as browser:
        page = browser.new_context(java_script_enabled=False).new_page()
        page.goto((korean.folder / "status.html").as_uri())
        assert page.get_by_role("row").count() == 4


def test_the_messages_are_written_for_programs_that_count(project: Project) -> None:
    """What is counted elsewhere is what the table counts, formulas and code with no words."""
    file = project.source.parent / "messages.json"
    build(project, "ko", "-D", f"translation_status_messages_path={file}", "-E")
    messages = json.loads(file.read_text("utf-8"))
    assert messages["index"] == {"Book": 1}
    page = messages["guide/page"]
    assert set(page) >= {*DONE, *OPEN}
    assert page["A paragraph that stays."] == 4
    assert page["`code_only`"] == 0
    assert [words for text, words in page.items() if "mc^2" in text] in ([], [0])
