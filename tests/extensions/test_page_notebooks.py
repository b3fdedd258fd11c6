"""Pages as notebooks and programs, in the language of the build."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest
from docutils import nodes
from lxml import html
from markdown_it import MarkdownIt
from packaging.requirements import Requirement
from sphinx_project import NOTEBOOK_HEADER, Build, Project

from sphinx_page_notebooks import requirement
from sphinx_page_notebooks.inline import (
    EMPHASIS,
    EMPHASIS_END,
    STRONG,
    STRONG_END,
    Inline,
    code_span,
    escape,
    escape_start,
    finish,
)
from sphinx_page_notebooks.markdown import MarkdownWriter
from sphinx_page_notebooks.notebook import columns, wrapped

SITE = "https://book.example/en/"

GUIDE = """\
# The guide

A paragraph with **bold** text, $d_k$ and {doc}`another page </deep/other>`.

```{code-cell} python
:tags: [remove-cell]
secret = 40
```

```{code-cell} python
answer = secret + 2
answer
```

## A section

Read {ref}`this <here>`, [the manual](https://example.org/a_(b)) and {term}`attention`.[^note]

[^note]: A footnote with `code`.

| Symbol | Meaning |
|---|--:|
| $\\|x\\|$ | the `a\\|b` of a \\| b |

```{code-cell} python
:tags: [hide-cell]
print("<b>", answer)
```

:::{note}
Mind the gap.
:::

:::{admonition} Exercise 1
:class: dropdown
Why $x < 1$?
:::

```{literalinclude} program.py
```

$$
a &= b \\\\
c &= d
$$

- one
- two

  more of two
  1. deep

```{figure} picture.png
:alt: a picture
A caption.
```

:::{container} only-online
Made in 3 seconds.
:::
"""

OTHER = """\
(here)=
# The other page

```{code-cell} python
1 + 1
```
"""

KOREAN = {
    "The guide": "안내",
    "A paragraph with **bold** text, $d_k$ and {doc}`another page </deep/other>`.": (
        "**굵은(bold)** 글자와 $d_k$, {doc}`다른 페이지 </deep/other>`가 있는 문단입니다."
    ),
    "A section": "절",
    "Exercise 1": "연습 문제 1",
    "Mind the gap.": "틈을 조심하세요.",
    "one": "하나",
}

GLOSSARY = "# Glossary\n\n:::{glossary}\nattention\n  : Looking.\n:::\n"


def make_project(folder: Path, **settings: object) -> Project:
    project = Project(
        folder,
        ["sphinx_page_notebooks"],
        **{
            "html_baseurl": SITE,
            "page_notebooks_install": "git+https://github.com/me/book",
            "page_notebooks_import": "nbformat",
            "page_notebooks_repository": "me/book",
            "page_notebooks_skip_classes": ["only-online"],
            "templates_path": ["templates"],
            "nb_execution_mode": "off",
            "suppress_warnings": ["toc.not_included", "myst-nb.lexer"],
            **settings,
        },
    )
    project.notebook("index.md", "# Start\n\nNo code here.\n")
    project.notebook("guide.md", GUIDE)
    project.notebook("deep/other.md", OTHER)
    project.write("glossary.md", GLOSSARY.replace("\n  :", "\n   "))
    project.write("program.py", "def f():\n    return 1\n")
    project.write("plain.md", "# Plain\n\n```python\n1 + 1\n```\n")
    (project.source / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    project.write(
        "templates/layout.html",
        "{% extends '!layout.html' %}{% block document %}"
        "{% include 'page-notebooks.html' %}{{ super() }}{% endblock %}",
    )
    project.catalog("guide", KOREAN)
    return project


def notebook(build: Build, page: str) -> nbformat.NotebookNode:
    assert build.returncode == 0, build.output
    loaded = nbformat.reads(build.page(page, ".ipynb"), as_version=nbformat.NO_CONVERT)
    nbformat.validate(loaded)
    return loaded


def text_of(notebook: nbformat.NotebookNode) -> str:
    return "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return make_project(tmp_path_factory.mktemp("project"))


@pytest.fixture(scope="module")
def english(project: Project) -> Build:
    return project.build("en", "-W")


@pytest.fixture(scope="module")
def korean(project: Project) -> Build:
    return project.build("ko", "-D", "language=ko", "-j2")


def test_only_pages_with_code_have_files(english: Build) -> None:
    found = {path.relative_to(english.folder).as_posix() for path in english.folder.rglob("*.*")}
    files = {name for name in found if name.endswith((".ipynb", ".py"))}
    assert files == {"guide.ipynb", "guide.py", "deep/other.ipynb", "deep/other.py"}
    assert "page-notebooks" not in html.tostring(
        html.fromstring(english.page("plain")).find("body"), encoding="unicode"
    )


def test_a_notebook_holds_every_code_cell_without_outputs(english: Build) -> None:
    cells = notebook(english, "guide").cells
    code = [cell for cell in cells if cell.cell_type == "code"]
    assert [cell.source for cell in code[1:]] == [
        "secret = 40",
        "answer = secret + 2\nanswer",
        'print("<b>", answer)',
    ]
    assert all(not cell.outputs and cell.execution_count is None for cell in code)
    assert code[3].metadata.tags == ["hide-cell"]
    assert code[3].metadata.jupyter.source_hidden
    # The cell that the page hides stands where its author put it: after the first paragraph.
    assert [cell.cell_type for cell in cells[:4]] == ["code", "markdown", "code", "code"]


def test_the_first_cell_installs_only_what_is_missing(english: Build) -> None:
    first = notebook(english, "guide").cells[0].source
    assert '%pip install -q "nbformat @ git+https://github.com/me/book"' in first
    calls = []
    shell = first.replace("%pip", "pip").replace("    pip install -q", "    calls.append")
    shell = re.sub(r'calls\.append "(.*)"', r'calls.append("\1")', shell)
    exec(shell, {"calls": calls})  # nbformat is installed here …
    assert not calls
    exec(shell.replace("import nbformat", "import no_such_package"), {"calls": calls})
    assert calls == ["nbformat @ git+https://github.com/me/book"]


def test_a_page_names_extras_that_its_notebook_installs(tmp_path: Path) -> None:
    settings = {"page_notebooks_extras": {"more": ["no_such_module", "json"], "none": []}}
    project = make_project(tmp_path, **settings)
    for page, value in [("one", "[more]"), ("two", "[more, none]"), ("bad", "unlisted")]:
        front = NOTEBOOK_HEADER.replace("jupytext:", f"notebook_extras: {value}\njupytext:")
        project.write(f"{page}.md", f"{front}# Page\n\n```{{code-cell}} python\n1 + 1\n```\n")
    built = project.build("en")
    expected = (
        "try:\n    import nbformat\n    import no_such_module\n    import json\n"
        "except ModuleNotFoundError:  # in Colab, for example\n"
        '    %pip install -q "nbformat[more] @ git+https://github.com/me/book"'
    )
    assert notebook(built, "one").cells[0].source == expected
    command = 'python -m pip install "nbformat[more,none] @ git+https://github.com/me/book"'
    assert f"# {command}\n" in built.page("two", ".py")
    assert "[" not in notebook(built, "guide").cells[0].source
    assert "notebook_extras names 'unlisted', which page_notebooks_extras does not" in built.output
    assert built.output.count("WARNING") == 1


@pytest.mark.parametrize(
    ("install", "expected"),
    [
        ("book", "book[more]"),
        ("book>=2", "book[more]>=2"),
        ("book[gui]>=2", "book[gui,more]>=2"),
        ("book @ https://example.org/book.zip", "book[more] @ https://example.org/book.zip"),
        ("git+https://github.com/me/b", "book[more] @ git+https://github.com/me/b"),
    ],
)
def test_extras_stand_behind_the_name(install: str, expected: str) -> None:
    config = SimpleNamespace(page_notebooks_install=install, page_notebooks_import="book")
    written = requirement(config, ("more",))  # type: ignore[arg-type]
    assert written == expected
    assert "more" in Requirement(written).extras


def test_nothing_to_install_means_no_such_cell(tmp_path: Path) -> None:
    built = make_project(tmp_path, page_notebooks_install="").build("en")
    assert notebook(built, "guide").cells[0].cell_type == "markdown"
    assert "pip install" not in built.page("guide", ".py")


def test_every_kind_of_text(english: Build) -> None:
    text = text_of(notebook(english, "guide"))
    for expected in (
        "# The guide\n\nA paragraph with **bold** text, $d_k$ and "
        "[another page](https://book.example/en/deep/other.html).",
        "## A section\n\nRead [this](https://book.example/en/deep/other.html#here)",
        "[the manual](https://example.org/a_%28b%29)",
        "[attention](https://book.example/en/glossary.html#term-attention).<sup>[1]</sup>",
        "<sup>[1]</sup> A footnote with `code`.",
        "| Symbol | Meaning |\n| --- | --: |\n| $\\vert x\\vert $ | the `a\\|b` of a \\| b |",
        "> **Note**\n>\n> Mind the gap.",
        "<details>\n<summary>Exercise 1</summary>\n\nWhy $x < 1$?\n\n</details>",
        "```python\ndef f():\n    return 1\n```",
        "$$\n\\begin{aligned}\na &= b \\\\\nc &= d\n\\end{aligned}\n$$",
        "- one\n\n- two\n\n  more of two\n\n  1. deep",
        "![a picture](https://book.example/en/_images/picture.png)\n\nA caption.",
        "This notebook was made from the page [The guide](https://book.example/en/guide.html).",
    ):
        assert expected in text, expected
    assert "Made in 3 seconds" not in text
    assert not re.search(r"\{\w+\}`|:::|```\{", text)


def test_korean_pages_give_korean_notebooks_with_the_same_code(
    english: Build, korean: Build
) -> None:
    ours, source = notebook(korean, "guide"), notebook(english, "guide")
    code = [
        [(cell.id, cell.source) for cell in each.cells if cell.cell_type == "code"]
        for each in (ours, source)
    ]
    assert code[0] == code[1]
    assert [cell.id for cell in ours.cells] == [cell.id for cell in source.cells]
    text = text_of(ours)
    assert "# 안내\n\n**굵은(bold)** 글자와 $d_k$" in text
    assert "<summary>연습 문제 1</summary>" in text
    assert "이 노트북의 원래 페이지: [안내](" in text
    assert "> **참고**" in text or "> **노트**" in text or "> **Note**" not in text
    assert "Read [this]" in text  # not translated yet: as on the page
    assert ours.metadata.lang == "ko"
    assert ours.metadata.title == "안내"
    menu = html.fromstring(korean.page("guide"))
    assert "Colab에서 열기" in [
        link.text for link in menu.xpath("//*[@class='dropdown-menu dropdown-menu-end']//a")
    ]


def test_the_program_is_python_and_says_what_it_needs(english: Build, korean: Build) -> None:
    for build in (english, korean):
        program = build.page("guide", ".py")
        ast.parse(program)
        assert '# python -m pip install "nbformat @ git+https://github.com/me/book"' in program
        assert "%pip" not in program
        scope: dict[str, object] = {}
        exec(compile(program, "guide.py", "exec"), scope)
        assert scope["answer"] == 42
    assert "# # 안내" in korean.page("guide", ".py")


def test_links_of_the_menu(english: Build) -> None:
    page = html.fromstring(english.page("deep/other"))
    links = {
        link.text: link.get("href") for link in page.xpath("//*[contains(@class, 'page-no')]//a")
    }
    assert links == {
        "Jupyter notebook (.ipynb)": "other.ipynb",
        "Python program (.py)": "other.py",
        "Open in Colab": "https://colab.research.google.com/github/me/book/blob/notebooks/"
        "en/deep/other.ipynb",
    }
    assert page.xpath("//button")[0].get("aria-label") == "Download or run this page"


def test_without_address_and_repository(tmp_path: Path) -> None:
    project = make_project(tmp_path, html_baseurl="", page_notebooks_repository="")
    built = project.build("en", "-W")
    text = text_of(notebook(built, "guide"))
    assert "and another page." in text
    assert "[the manual](https://example.org" in text
    assert "[a picture]" in text
    assert "https://book.example" not in text
    assert "colab" not in built.page("guide")


def test_folders_as_addresses(tmp_path: Path) -> None:
    built = make_project(tmp_path).build("en", builder="dirhtml")
    page = html.fromstring((built.folder / "guide" / "index.html").read_text("utf-8"))
    hrefs = page.xpath("//*[contains(@class, 'page-no')]//a/@href")
    assert (built.folder / "guide" / hrefs[0]).resolve() == built.folder / "guide.ipynb"
    assert "https://book.example/en/deep/other/" in text_of(notebook(built, "guide"))


def test_a_third_language_brings_its_own_words(tmp_path: Path) -> None:
    project = make_project(tmp_path, language="pt_BR")
    project.write(
        "locales/pt/LC_MESSAGES/page_notebooks.po",
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\n'
        'msgid "Open in Colab"\nmsgstr "Abrir no Colab"\n',
    )
    built = project.build("pt")
    page = built.page("guide")
    assert "Abrir no Colab" in page
    assert "Python program (.py)" in page  # not translated
    assert "/blob/notebooks/pt_BR/guide.ipynb" in page
    assert notebook(built, "guide").metadata.lang == "pt-BR"


def test_builds_repeat_and_follow_changes(tmp_path: Path) -> None:
    project = make_project(tmp_path)
    built = project.build("en")
    before = {path: path.read_bytes() for path in built.folder.rglob("*.ipynb")}
    again = make_project_beside(tmp_path / "second").build("en", "-j2")
    for path, content in before.items():
        assert (again.folder / path.relative_to(built.folder)).read_bytes() == content

    stamp = (built.folder / "deep/other.ipynb").stat().st_mtime_ns
    project.notebook("guide.md", GUIDE.replace("secret = 40", "secret = 41"))
    project.build("en", "-j2")
    assert "secret = 41" in built.page("guide", ".ipynb")
    assert (built.folder / "deep/other.ipynb").stat().st_mtime_ns == stamp

    (built.folder / "foreign.ipynb").write_text("{}")
    project.notebook("guide.md", "# The guide\n\nNo code any more.\n")
    (project.source / "deep" / "other.md").unlink()
    project.build("en")
    assert [path.name for path in built.folder.rglob("*.ipynb")] == ["foreign.ipynb"]
    assert not list(built.folder.rglob("*.py"))


def make_project_beside(folder: Path) -> Project:
    folder.mkdir()
    return make_project(folder)


def test_an_ipynb_source_keeps_its_cells(tmp_path: Path) -> None:
    project = make_project(tmp_path)
    source = nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_markdown_cell("# From Jupyter"),
            nbformat.v4.new_code_cell("a = 1"),
            nbformat.v4.new_markdown_cell("First text."),
            nbformat.v4.new_code_cell("b = 2", metadata={"tags": ["remove-cell"]}),
            nbformat.v4.new_markdown_cell("Second text."),
        ],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
    )
    project.write("jupyter.ipynb", nbformat.writes(source))
    cells = notebook(project.build("en"), "jupyter").cells
    assert [cell.source.split("\n\n")[0] for cell in cells[1:-1]] == [
        "# From Jupyter",
        "a = 1",
        "First text.",
        "b = 2",
        "Second text.",
    ]


# -- Markdown, read back by an independent parser -----------------------------------------------

COMMONMARK = MarkdownIt("commonmark").enable(["table", "strikethrough"])


def shown(markdown: str) -> str:
    return html.fromstring(f"<div>{COMMONMARK.render(markdown)}</div>").text_content().strip()


@pytest.mark.parametrize(
    "text",
    [
        "2 * 3 * 4",
        "_private and snake_case and d_k_",
        "a `tick` and `` two",
        "<START> the cat <END>",
        "AT&amp;T &lt; &copy;",
        "[not](a link) ![nor](a picture) [x][y] [z]: w",
        "1. Februar",
        "12) twelve",
        "- minus",
        "+ plus",
        "# hash",
        "> greater",
        "---",
        "===",
        "~~deleted~~ ~3~",
        "back\\slash \\* \\[",
        "***",
        "![a] and !",
        "**어텐션(attention)**은 *기울임(italic)*은",
    ],
)
def test_plain_text_stays_what_it_is(text: str) -> None:
    inline = Inline("")
    written = escape_start(inline.text(nodes.paragraph("", "", nodes.Text(text))))
    assert shown(written) == text
    assert COMMONMARK.render(written).startswith("<p>")


def test_a_dollar_is_no_formula() -> None:
    assert "$5" not in escape("$5 and $6")
    assert shown(escape("$5 and $6")) == "$5 and $6"


@pytest.mark.parametrize(
    "inside", ["어텐션(attention)", "`code`", "100%", '"질의"', "단어", "강조."]
)
@pytest.mark.parametrize("before", ["", "이 ", "이", "("])
@pytest.mark.parametrize("after", ["", "은", " 은", ".", ")"])
@pytest.mark.parametrize("marks", [(STRONG, STRONG_END), (EMPHASIS, EMPHASIS_END)])
def test_emphasis_beside_any_neighbour(
    inside: str, before: str, after: str, marks: tuple[str, str]
) -> None:
    rendered = COMMONMARK.render(finish(f"{before}{marks[0]}{inside}{marks[1]}{after}"))
    tag = "strong" if marks[0] == STRONG else "em"
    found = html.fromstring(rendered).xpath(f"//{tag}")
    assert [each.text_content() for each in found] == [inside.strip("`")]
    assert "*" not in html.fromstring(rendered).text_content()


def test_emphasis_inside_emphasis() -> None:
    text = finish(f"{STRONG}{EMPHASIS}둘(two){EMPHASIS_END}{STRONG_END}은")
    found = html.fromstring(COMMONMARK.render(text))
    assert found.xpath("//strong/em")[0].text == "둘(two)"


@pytest.mark.parametrize("code", ["a`b", "``", "`x`", "a|b", "x", "a\nb"])
def test_code_spans(code: str) -> None:
    rendered = html.fromstring(COMMONMARK.render(code_span(code)))
    assert rendered.xpath("//code")[0].text == code.replace("\n", " ")


def write(*children: nodes.Node) -> str:
    return "\n\n".join(MarkdownWriter(Inline(SITE)).blocks(children, 1))


def test_lists_of_definitions_and_fields() -> None:
    definitions = nodes.definition_list(
        "",
        nodes.definition_list_item(
            "",
            nodes.term("", "마스크(mask)"),
            nodes.definition(
                "",
                nodes.paragraph("", "가립니다."),
                nodes.literal_block("", "x = 1", language="py"),
            ),
        ),
    )
    assert write(definitions) == "- **마스크(mask)**: 가립니다.\n\n  ```python\n  x = 1\n  ```"


def test_a_fence_is_longer_than_what_it_holds() -> None:
    block = nodes.literal_block("", "```\ninner\n```", language="md")
    rendered = html.fromstring(COMMONMARK.render(write(block)))
    assert rendered.xpath("//code")[0].text == "```\ninner\n```\n"


def test_two_lists_stay_two() -> None:
    lists = [nodes.bullet_list("", nodes.list_item("", nodes.paragraph("", word))) for word in "ab"]
    assert len(html.fromstring(f"<div>{COMMONMARK.render(write(*lists))}</div>").xpath("ul")) == 2


def test_wrapped_lines_read_the_same() -> None:
    long = (
        "길고 긴 문장에는 $a + b = c + d + e + f$와 `code that must stay whole` 그리고 "
        "[링크](https://example.org/very/long/address/that/cannot/be/broken/anywhere) 1. 하나 - 둘 "
    ) * 3
    for source in (long, f"- {long}", f"> {long}", f"> **굵게** {long}"):
        text = wrapped(source.strip(), 60)
        assert COMMONMARK.render(text).replace("\n", " ") == COMMONMARK.render(
            source.strip()
        ).replace("\n", " ")
        assert text.count("\n") > 5
        assert max(map(columns, text.split("\n"))) < 100
    table = "| " + " | ".join(["셀"] * 60) + " |"
    assert wrapped(table) == table
    fence = "```\n" + "x " * 80 + "\n```"
    assert wrapped(fence) == fence


def test_notebook_files_are_plain_json(english: Build) -> None:
    raw = english.page("guide", ".ipynb")
    assert raw.endswith("}\n")
    assert json.loads(raw)["nbformat_minor"] == 5
    assert str(english.folder) not in raw


def test_what_is_not_translated_says_so_in_a_notebook(tmp_path: Path) -> None:
    """In the reader's language, on an item and a caption; nothing where it is translated."""
    project = make_project(tmp_path)
    configuration = (project.source / "conf.py").read_text("utf-8")
    project.write("conf.py", f"{configuration}extensions.append('sphinx_translation_status')\n")
    text = text_of(notebook(project.build("ko", "-D", "language=ko"), "guide"))
    assert re.search(r"^- two \*\(아직 번역되지 않은 항목\)\*$", text, re.M), text
    assert "A caption. *(아직 번역되지 않은 설명)*" in text, text
    assert re.search(r"하나$", text, re.M), text
    assert "not yet translated" not in text_of(notebook(project.build("en"), "guide"))


def test_addresses_of_equations_stay_on_the_page(tmp_path: Path, english: Build) -> None:
    project = make_project(tmp_path)
    configuration = (project.source / "conf.py").read_text("utf-8")
    project.write("conf.py", f"{configuration}extensions.append('sphinx_cell_anchors')\n")
    build = project.build("en", "-W")
    text = text_of(notebook(build, "guide"))
    assert build.page("guide").count('class="cell-anchor" data-kind="equation"') == 1
    assert "$$" in text
    assert "cell-anchor" not in text
    assert text == text_of(notebook(english, "guide"))
