"""Each message of a page and its counterpart in the other languages."""

from __future__ import annotations

import doctest
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import polib
import pytest
from chromium import chromium
from lxml import html
from sphinx_project import Build, Project

import sphinx_parallel_text
from sphinx_parallel_text import check, fragments, keys, script

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

LANGUAGES = [
    {"code": "en", "name": "English"},
    {"code": "ko", "name": "한국어"},
    {"code": "ja", "name": "日本語", "mark": "和"},
]

PAGE = """\
# All kinds of text

A paragraph with *emphasis*, `code`, $x^2$ and [a link](other.md).

Same words twice.

- An item
  - An item inside it
- Another item

  with a second paragraph

1. First

:::{admonition} A title
An admonition's paragraph.
:::

:::{note}
A note.
:::

:::{dropdown} A dropdown
What it hides.
:::

| Head | $n$ |
|---|---|
| Cell | 512 |
| `code` | Cell |

```{figure} dot.png
:alt: A dot

A caption.

A legend.
```

Term
: Its definition

A sentence with a footnote.[^one] And the same note.[^one]

[^one]: The footnote's text.

## A heading with $d_k$

Same words twice.

> Quoted words.

$$
e = mc^2
$$

Not translated at all.

Torch
"""

KOREAN = {
    "All kinds of text": "여러 가지 글",
    "A paragraph with *emphasis*, `code`, $x^2$ and [a link](other.md).": (
        "[링크](other.md)와 $x^2$, `code`, *강조*가 있는 문단."
    ),
    "Same words twice.": "같은 말 두 번.",
    "An item": "항목",
    "An item inside it": "안쪽 항목",
    "Another item": "다른 항목",
    "with a second paragraph": "둘째 문단이 있는",
    "First": "첫째",
    "A title": "제목",
    "An admonition's paragraph.": "알림 문단.",
    "A note.": "메모.",
    "A dropdown": "펼침",
    "What it hides.": "숨긴 글.",
    "Head": "머리",
    "Cell": "칸",
    "A dot": "점",
    "A caption.": "설명.",
    "A legend.": "범례.",
    "Term": "용어",
    "Its definition": "용어의 정의",
    "A sentence with a footnote.[^one] And the same note.[^one]": (
        "각주가 있는 문장.[^one] 같은 각주.[^one]"
    ),
    "The footnote's text.": "각주의 글.",
    "A heading with $d_k$": "$d_k$가 있는 제목",
    "Quoted words.": "인용문.",
    "Torch": "Torch",
}
JAPANESE = {"All kinds of text": "色々な文", "Same words twice.": "同じ言葉。"}

DOT = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360606060000000050001a5f64540"
    "0000000049454e44ae426082"
)


def catalog(project: Project, language: str, page: str, messages: dict[str, str]) -> None:
    file = polib.POFile()
    file.metadata = {"Content-Type": "text/plain; charset=UTF-8", "Language": language}
    file.extend(polib.POEntry(msgid=key, msgstr=text) for key, text in messages.items())
    path = project.source / "locales" / language / "LC_MESSAGES" / f"{page}.po"
    path.parent.mkdir(parents=True, exist_ok=True)
    file.save(str(path))


def make_project(folder: Path, **settings: object) -> Project:
    project = Project(
        folder,
        ["sphinx_design", "sphinx_parallel_text"],
        **{
            "parallel_text_languages": LANGUAGES,
            "nb_execution_mode": "off",
            "myst_enable_extensions": ["dollarmath", "colon_fence", "deflist"],
            "suppress_warnings": ["config.cache"],
            "html_theme": "sphinx_book_theme",
            "html_theme_options": {"article_header_end": ["parallel-text.html"]},
            **settings,
        },
    )
    project.write("index.md", "# Book\n\n```{toctree}\npart/page\npart/other\npart/api\n```\n")
    project.write("part/page.md", PAGE)
    project.write("part/other.md", "# Other\n\nMore text.\n")
    project.write("part/api.md", API)
    (project.source / "part" / "dot.png").write_bytes(DOT)
    catalog(project, "ko", "part/page", KOREAN)
    catalog(project, "ko", "part/api", API_KOREAN)
    catalog(project, "ja", "part/page", JAPANESE)
    return project


API = """\
# Functions

```{eval-rst}
.. py:function:: attend(query, key)

   Look at the keys.

   :param query: what asks
   :param key: what answers
   :returns: what was found
```
"""
API_KOREAN = {
    "Functions": "함수",
    "Look at the keys.": "키를 봅니다.",
    "what asks": "묻는 것",
    "what answers": "답하는 것",
    "what was found": "찾은 것",
}


def build_all(project: Project, *options: str) -> dict[str, Build]:
    builds = {}
    for language in ("en", "ko", "ja"):
        builds[language] = project.build(language, "-W", "-D", f"language={language}", *options)
        assert builds[language].returncode == 0, builds[language].output
    return builds


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return make_project(tmp_path_factory.mktemp("parallel"))


@pytest.fixture(scope="module")
def site(project: Project) -> dict[str, Build]:
    return build_all(project)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as instance:
        yield instance


def offered(build: Build, page: str = "part/page") -> dict[str, str | None]:
    return check.fragments(build.folder / "_parallel" / f"{page}.js")


def text_of(fragment: str) -> str:
    return html.fromstring(f"<div>{fragment}</div>").text_content()


def keyed(build: Build, page: str = "part/page") -> list[tuple[str, html.HtmlElement]]:
    tree = html.fromstring(build.page(page))
    return [(each.get("data-p").lstrip("!"), each) for each in tree.xpath("//*[@data-p]")]


def plain(message: str) -> str:
    """A message of the catalog as a reader sees it, near enough to compare."""
    text = re.sub(r"\[([^\]^]*)\]\([^)]*\)|\[\^\w+\]", r"\1", message)
    return re.sub(r"[*`$\s]|x\^2|d_k", "", text).replace("'", "’")


def seen(fragment: str) -> str:
    tree = html.fromstring(f"<div>{fragment}</div>")
    for each in tree.xpath("//*[contains(@class, 'math') or @role='doc-noteref']"):
        each.drop_tree()
    return re.sub(r"\s", "", tree.text_content())


def test_every_message_has_its_translation(site: dict[str, Build]) -> None:
    """The catalog says independently which sentences belong together."""
    english, korean = offered(site["en"]), offered(site["ko"])
    pairs = {seen(text): seen(korean[key]) for key, text in english.items() if korean[key]}
    expected = {
        plain(message): plain(translation)
        for message, translation in KOREAN.items()
        if message != "A dot"  # the words of an image aren't shown
    }
    assert pairs == expected


def test_every_message_is_on_the_page_once_keyed(site: dict[str, Build]) -> None:
    messages = {plain(message) for message in KOREAN} - {"Adot"} | {"Nottranslatedatall."}
    shown = {seen(html.tostring(each, encoding="unicode")) for _, each in keyed(site["en"])}
    shown = {text.removesuffix("#") for text in shown}
    assert messages == shown


@pytest.mark.parametrize("page", ["part/page", "part/other", "part/api", "index"])
def test_languages_have_the_same_sequence_of_keys(site: dict[str, Build], page: str) -> None:
    sequences = [[key for key, _ in keyed(build, page)] for build in site.values()]
    assert sequences[0]
    assert len(set(sequences[0])) == len(sequences[0])
    assert sequences[1:] == [sequences[0]] * 2
    for build in site.values():
        assert list(offered(build, page)) == sequences[0]


def test_repeated_message_has_two_keys(site: dict[str, Build]) -> None:
    words = [key for key, text in offered(site["ko"]).items() if text == "같은 말 두 번."]
    assert len(words) == 2
    assert words[1] == f"{words[0]}.2"


def test_missing_translations_are_told(site: dict[str, Build]) -> None:
    english, korean, japanese = (offered(site[code]) for code in ("en", "ko", "ja"))
    missing = [text for key, text in english.items() if korean[key] is None]
    assert missing == ["Not translated at all."]
    there = [text for text in japanese.values() if text is not None]
    assert there == ["色々な文", "同じ言葉。", "同じ言葉。"]
    assert None not in english.values()
    # A word that is the same on purpose isn't missing.
    assert "Torch" in korean.values()


def test_page_says_which_of_its_own_texts_are_not_translated(site: dict[str, Build]) -> None:
    tree = html.fromstring(site["ko"].page("part/page"))
    marked = [each.text_content() for each in tree.xpath("//*[starts-with(@data-p, '!')]")]
    assert marked == ["Not translated at all."]
    assert '"!' not in re.sub(
        r"data-p", "", "".join(re.findall(r'data-p="[^"]*"', site["en"].page("part/page")))
    )


def test_language_without_catalog_has_nothing_to_offer(site: dict[str, Build]) -> None:
    assert set(offered(site["ja"], "part/other").values()) == {None}


def test_text_without_words_has_no_key(site: dict[str, Build]) -> None:
    tree = html.fromstring(site["ko"].page("part/page"))
    cells = tree.xpath("//td//p[not(@data-p)] | //th//p[not(@data-p)]")
    assert [seen(html.tostring(cell, encoding="unicode")) for cell in cells] == ["", "512", "code"]


def test_parameters_are_paired(site: dict[str, Build]) -> None:
    korean, english = offered(site["ko"], "part/api"), offered(site["en"], "part/api")
    pairs = {text: korean[key] for key, text in english.items()}
    assert {key: text for key, text in pairs.items() if key in API_KOREAN} == API_KOREAN
    # Sphinx's own words are paired as well, and aren't missing although no catalog holds them.
    assert [text for text in pairs.values() if text is None] == []
    assert "Parameters" in pairs


def test_fragments_have_no_ids_and_no_permalinks(site: dict[str, Build]) -> None:
    for build in site.values():
        joined = "".join(text or "" for text in offered(build).values())
        assert not re.search(r'<[^>]*\s(id|name)="', joined)
        assert "headerlink" not in joined


def test_links_of_fragments_hold_on_the_sibling_page(site: dict[str, Build]) -> None:
    for source, target in (("ko", "en"), ("en", "ko")):
        page = site[target].page("part/page")
        for text in offered(site[source]).values():
            for link in re.findall(r'href="([^"]*)"', text or ""):
                name, _, anchor = link.partition("#")
                if name:
                    assert (site[target].folder / "part" / name).exists()
                if anchor and not name:
                    assert f'id="{anchor}"' in page
    links = re.findall(r'href="([^"]*)"', "".join(filter(None, offered(site["ko"]).values())))
    assert "other.html" in links
    assert sum(link.startswith("#") for link in links) == 2


def test_formula_is_kept(site: dict[str, Build]) -> None:
    (heading,) = [text for text in offered(site["ko"]).values() if text and "있는 제목" in text]
    assert 'class="math' in heading


def test_pages_hold_one_language(site: dict[str, Build]) -> None:
    for language, other in (("en", "ko"), ("ko", "en")):
        page = site[language].page("part/page")
        for text in offered(site[other]).values():
            if text and text not in ("Torch",) and offered(site[language]).get(text) is None:
                assert f">{text}<" not in page or text == "Not translated at all."
        assert "<!--p:" not in page
        assert "<!--/p:" not in page


def test_index_and_search_have_no_pairs(site: dict[str, Build]) -> None:
    for name in ("genindex", "search"):
        page = site["en"].page(name)
        assert "data-p=" not in page
        assert 'name="parallel-text"' not in page
        assert '<div class="parallel-text"' not in page


def test_search_index_knows_nothing_of_the_other_language(site: dict[str, Build]) -> None:
    index = site["en"].page("searchindex", ".js")
    assert "emphasi" in index
    assert not re.search("[가-힣]", index)


def test_check_finds_nothing_wrong(site: dict[str, Build], project: Project) -> None:
    assert check.problems(project.output, list(site)) == []


def test_check_finds_planted_defects(tmp_path: Path) -> None:
    def write(language: str, body: str, texts: dict[str, str | None]) -> None:
        (tmp_path / language).mkdir(exist_ok=True)
        (tmp_path / language / "page.html").write_text(f"<article>{body}</article>")
        fragments.write_fragments(tmp_path / language, language, "page", texts)

    write("en", '<p data-p="abc">One</p><p data-p="def">Two</p>', {"abc": "One", "def": "Two"})
    write("ko", '<p data-p="!abc">One</p><p data-p="def">둘</p>', {"abc": None, "def": "둘"})
    assert check.problems(tmp_path, ["en", "ko"]) == []
    write("ko", '<p data-p="abc">하나</p>', {"abc": "하나"})
    assert check.problems(tmp_path, ["en", "ko"]) == ["page: en and ko don't have the same keys"]
    write("ko", '<p data-p="abc">하나</p><p data-p="def">둘</p>', {"abc": "하나"})
    assert any("def" in each for each in check.problems(tmp_path, ["en", "ko"]))
    bad = {"abc": '<a href="#no">하나</a>', "def": '<b class="x" id="y">둘</b>'}
    write("ko", '<p data-p="abc">하나</p><p data-p="def">둘</p>', bad)
    assert check.problems(tmp_path, ["en", "ko"]) == [
        "ko/page: abc: a link to #no, which isn't there",
        "ko/page: def: a fragment with an id",
    ]


def test_growth_is_measured(site: dict[str, Build], project: Project) -> None:
    (weight,) = [each for each in check.weights(project.output, "en") if each.page == "part/page"]
    page = site["en"].page("part/page")
    attributes = sum(len(each) for each in re.findall(r' data-p="[^"]*"', page))
    assert attributes < weight.growth < attributes + 400
    assert 0 < weight.compressed_growth < weight.growth


def test_script_speaks_the_language_of_the_page(site: dict[str, Build]) -> None:
    def settings(language: str) -> dict[str, object]:
        text = site[language].page("_static/parallel-text", ".js")
        return json.loads(re.search(r"const SETTINGS = (.*);\n", text)[1])

    korean = settings("ko")
    assert korean["language"] == "ko"
    assert korean["words"]["menu"] == "두 언어로 읽기"
    assert [each["called"] for each in korean["languages"]] == ["영어", "일본어"]
    assert [each["mark"] for each in korean["languages"]] == ["En", "和"]
    # A language that we have no words for gets English ones.
    japanese = settings("ja")
    assert japanese["words"] == script.WORDS
    assert [each["called"] for each in japanese["languages"]] == ["英語", "韓国語"]


def test_catalogs_translate_every_word() -> None:
    folder = Path(sphinx_parallel_text.__file__).parent / "locale"
    for path in folder.glob("*/LC_MESSAGES/*.po"):
        entries = {entry.msgid: entry.msgstr for entry in polib.pofile(str(path))}
        assert set(entries) == set(script.WORDS.values())
        for english, translation in entries.items():
            names = re.findall(r"\{\w+\}", english)
            assert translation
            assert sorted(re.findall(r"\{\w+\}", translation)) == sorted(names)


def test_incremental_build_is_like_a_fresh_one(tmp_path: Path) -> None:
    """One paragraph changes, one page goes: what remains is what a fresh build writes."""
    project = make_project(tmp_path)
    build_all(project, "-j2")
    (project.source / "part" / "other.md").unlink()
    project.write("index.md", "# Book\n\n```{toctree}\npart/page\npart/api\n```\n")
    project.write(
        "part/page.md",
        PAGE.replace("A note.", "A longer note.").replace("[a link](other.md)", "a link"),
    )
    incremental = build_all(project, "-j2")

    def outcome(build: Build) -> dict[str, str]:
        paths = build.folder.glob("_parallel/**/*.js")
        written = {str(path.relative_to(build.folder)): path.read_text() for path in paths}
        article = html.fromstring(build.page("part/page")).xpath("//article")[0]
        return written | {"article": html.tostring(article, encoding="unicode")}

    before = {language: outcome(build) for language, build in incremental.items()}
    (tmp_path / "fresh").mkdir()
    fresh_project = make_project(tmp_path / "fresh")
    for name in ("index.md", "part/page.md"):
        fresh_project.write(name, (project.source / name).read_text())
    (fresh_project.source / "part" / "other.md").unlink()
    fresh = {language: outcome(build) for language, build in build_all(fresh_project).items()}
    assert before == fresh
    assert "_parallel/part/other.js" not in fresh["en"]
    changed = offered(incremental["ko"])
    missing = [text for key, text in offered(incremental["en"]).items() if changed[key] is None]
    assert missing == [
        'A paragraph with <em>emphasis</em>, <code class="docutils literal notranslate">'
        '<span class="pre">code</span></code>, <span class="math notranslate nohighlight">'
        "\\(x^2\\)</span> and a link.",
        "A longer note.",
        "Not translated at all.",
    ]


def test_edit_in_one_language_leaves_the_other_pairs_alone(tmp_path: Path) -> None:
    """English is built again after an edit, Korean isn't yet."""
    project = make_project(tmp_path)
    site = build_all(project)
    old = offered(site["en"])
    project.write(
        "part/page.md", PAGE.replace("# All kinds", "# New\n\nA new paragraph.\n\n## All kinds")
    )
    new = offered(project.build("en", "-W", "-D", "language=en"))
    korean = offered(site["ko"])
    same = [key for key in new if key in korean]
    assert len(same) == len(old)
    assert all(new[key] == old[key] for key in same)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"parallel_text_default": "sideways"}, "must be one of off, reveal, columns"),
        ({"parallel_text_languages": [{"code": "de", "name": "Deutsch"}]}, "'en'"),
        ({"parallel_text_languages": ["en", "ko"]}, "needs a code and a name"),
    ],
)
def test_wrong_settings_are_refused(
    tmp_path: Path, settings: dict[str, object], message: str
) -> None:
    build = make_project(tmp_path, **settings).build("en", "-D", "language=en")
    assert build.returncode != 0
    assert message in build.output


def test_one_language_alone_has_no_pairs(tmp_path: Path) -> None:
    project = make_project(tmp_path, parallel_text_languages=LANGUAGES[:1])
    build = project.build("en", "-W", "-D", "language=en")
    assert build.returncode == 0, build.output
    assert "data-p=" not in build.page("part/page")
    assert "parallel-text" not in build.page("part/page")
    assert not (build.folder / "_parallel").exists()


def test_only_built_languages_are_offered_on_demand(tmp_path: Path) -> None:
    project = make_project(tmp_path, parallel_text_only_built=True)

    def languages(build: Build) -> list[str]:
        text = build.page("_static/parallel-text", ".js")
        settings = json.loads(re.search(r"const SETTINGS = (.*);\n", text)[1])
        return [each["code"] for each in settings["languages"]]

    assert languages(project.build("ko", "-D", "language=ko")) == []
    assert languages(project.build("en", "-D", "language=en")) == ["ko"]


def test_other_builders_work(tmp_path: Path) -> None:
    project = make_project(tmp_path)
    for builder in ("text", "dirhtml", "singlehtml", "gettext"):
        build = project.build(builder, "-D", "language=ko", builder=builder)
        assert build.returncode == 0, build.output
    page = project.output / "dirhtml" / "part" / "page" / "index.html"
    assert "data-p=" in page.read_text(encoding="utf-8")
    assert "data-p=" not in (project.output / "singlehtml" / "index.html").read_text()


def test_languages_of_the_switch_are_the_default(tmp_path: Path) -> None:
    project = make_project(
        tmp_path, parallel_text_languages=None, language_switch_languages=LANGUAGES[:2]
    )
    config = project.source / "conf.py"
    text = config.read_text().replace("parallel_text_languages = None\n", "")
    config.write_text(
        text.replace(
            "'sphinx_parallel_text'", "'sphinx_language_switch', 'sphinx_parallel_text'"
        ).replace(", 'mark': '和'", "")
    )
    build = project.build("ko", "-D", "language=ko")
    assert build.returncode == 0, build.output
    assert "data-p=" in build.page("part/page")


@pytest.mark.parametrize("module", [sphinx_parallel_text, keys, fragments, script])
def test_examples_in_docstrings(module: object) -> None:
    assert doctest.testmod(module).failed == 0  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (
            '<h2><span class="number">1. </span><!--p:a-->A<!--/p:a--><a class="headerlink"/></h2>',
            '<h2 data-p="a"><span class="number">1. </span>A<a class="headerlink"/></h2>',
        ),
        (
            "<dt><!--p:a-->A<!--/p:a--><span> : </span><!--p:b-->B<!--/p:b--></dt>",
            '<dt data-p="a">A<span> : </span><span data-p="b">B</span></dt>',
        ),
        ("<!--p:a-->A<!--/p:a-->", '<span data-p="a">A</span>'),
        (
            '<p title="a > b"><img src="x"><br/><!--p:a-->A<!--/p:a--></p>',
            '<p data-p="a" title="a > b"><img src="x"><br/>A</p>',
        ),
        ("<p><!--p:a--> <!--/p:a--></p>", "<p> </p>"),
    ],
)
def test_attribute_goes_to_the_element_around_a_message(body: str, expected: str) -> None:
    assert fragments.split_page(body)[0] == expected


def shown_in(page: Page, language: str) -> list[str]:
    """What is shown in a second language, whose `lang` is right."""
    return page.eval_on_selector_all(
        f".parallel-text__other--text[lang='{language}']",
        "all => all.map(each => each.textContent.trim())",
    )


def test_reader_of_three_languages_chooses_one(site: dict[str, Build], browser: Browser) -> None:
    page = browser.new_context().new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto((site["en"].folder / "part" / "page.html").as_uri())
    page.get_by_role("button", name="Read in two languages").click()
    page.get_by_role("radio", name="Beside the whole page").check()
    page.locator(".parallel-text__other").first.wait_for()
    assert shown_in(page, "ko")[0] == "여러 가지 글"
    assert "Torch" not in shown_in(page, "ko")  # the same in both: shown once
    missing = page.locator(".parallel-text__other--missing")
    assert missing.all_text_contents() == ["Not translated into Korean yet"]
    page.get_by_role("radio", name="日本語").check()
    page.locator("[lang=ja]").nth(1).wait_for()
    assert shown_in(page, "ja") == ["色々な文", "同じ言葉。", "同じ言葉。"]
    assert shown_in(page, "ko") == []
    # In Japanese the other language is the one left, and what is English there says so.
    page.goto((site["ja"].folder / "part" / "page.html").as_uri())
    page.locator(".parallel-text__other").first.wait_for()
    assert shown_in(page, "en")[:2] == ["All kinds of text", "Same words twice."]
    own = page.locator(".parallel-text__other--own")
    assert own.count() > 10
    assert set(own.all_text_contents()) == {"This passage isn't translated yet"}
    assert errors == []
    page.context.close()


def test_theme_without_header_components_gets_the_button(tmp_path: Path, browser: Browser) -> None:
    project = make_project(tmp_path, html_theme="basic", html_theme_options={})
    site = build_all(project)
    page = browser.new_context().new_page()
    page.goto((site["ko"].folder / "part" / "page.html").as_uri())
    page.get_by_role("button", name="두 언어로 읽기").click()
    page.keyboard.press("Escape")
    page.keyboard.press("t")
    page.locator(".parallel-text__other").wait_for()
    assert shown_in(page, "en") == ["All kinds of text"]
    page.context.close()
