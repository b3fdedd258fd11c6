"""Books that epubcheck accepts, from pages made for browsers."""

from __future__ import annotations

import doctest
import zipfile
from pathlib import Path

import pytest
from lxml import etree
from sphinx_project import Project

import sphinx_valid_epub.xhtml
from build_epub import find_java, objections
from sphinx_valid_epub.xhtml import mend

FIGURE = (
    '<figure class="jumok-figure"><svg role="img" aria-label="A line" viewBox="0 0 9 9">'
    '<path d="M0 0L9 9"/></svg></figure>'
)
DOT = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"
PAGE = f"""\
# Page

Inline {{math}}`e^x`, and displayed:

$$a &= b \\\\ c &= d$$

```{{code-cell}} python
:tags: [hide-input]
from IPython.display import HTML
HTML({FIGURE!r} + "<p>A<br>letter with a <mark>name</mark></p><input disabled>")
```

```{{raw}} html
<p><button onclick="stop()">Run</button><script>if (1 < 2) start();</script></p>
<div hidden=""><p>Nobody <div>sees</div> this.</p></div>
<div hidden="until-found"><p>Folded.</p></div>
<details open><summary><p class="collapsed">Show</p><p class="expanded">Hide</p></summary>
In.</details>
<p><img src="{DOT}" alt="A dot"></p>
```
"""
SETTINGS = {
    "version": "1.0",
    "epub_basename": "book",
    "epub_title": "Book",
    "epub_author": "Somebody",
    "epub_publisher": "Somebody",
    "epub_copyright": "Somebody",
    "epub_description": "A small book.",
    "epub_contributor": "Nobody",
    "epub_identifier": "book",
    "epub_uid": "book",
    "epub_tocscope": "includehidden",
    "epub_use_index": False,
    "html_static_path": ["_static"],
    "html_css_files": ["browser.css"],
    "valid_epub_leave_out": ["*browser.css", "*katex*"],
}


def project(folder: Path, page: str = PAGE) -> Project:
    made = Project(folder, ["sphinx_valid_epub", "sphinx_local_katex", "sphinx_design"], **SETTINGS)
    made.write("index.md", "# Book\n\n```{toctree}\n:hidden:\npart/page\nother\n```\n")
    made.notebook("part/page.md", page)
    made.write("other.md", "# 다른 쪽\n\n한국어 **문장**입니다. [Link](part/page.md)\n")
    made.write("_static/browser.css", "body { color: red }\n")
    made.write("_static/unused.woff2", "no font\n")
    return made


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    build = project(tmp_path_factory.mktemp("epub")).build("book", "-W", builder="epub")
    assert build.returncode == 0, build.output
    return build.folder / "book.epub"


@pytest.fixture(scope="module")
def page(book: Path) -> str:
    return zipfile.ZipFile(book).read("part/page.xhtml").decode()


def test_epubcheck_has_no_objections(book: Path) -> None:
    find_java()
    assert objections(book) == []


def test_epubcheck_is_asked(book: Path, tmp_path: Path) -> None:
    """A book with an error in it is objected to."""
    broken = tmp_path / "broken.epub"
    with zipfile.ZipFile(book) as whole, zipfile.ZipFile(broken, "w") as copy:
        for item in whole.infolist():
            text = whole.read(item)
            if item.filename == "part/page.xhtml":
                text = text.replace(b"</body>", b"<br></br><blink>no</blink></body>")
            copy.writestr(item, text)
    find_java()
    assert any("blink" in each for each in objections(broken))


def test_formulas_are_mathml(page: str) -> None:
    assert page.count("<math") == 2
    assert "katex-html" not in page


def test_what_needs_a_script_is_gone_and_what_it_folds_is_open(page: str) -> None:
    assert not [word for word in ("<script", "<button", "Nobody") if word in page]
    assert "Folded." in page
    assert "<summary>Show</summary>" in page
    assert 'aria-label="A line"' in page


def test_files_that_nothing_needs_are_left_out(book: Path) -> None:
    names = zipfile.ZipFile(book).namelist()
    assert not [name for name in names if name.endswith((".js", ".woff2", "browser.css"))]
    assert "_static/valid-epub.css" in names


def test_contents_and_metadata(book: Path) -> None:
    archive = zipfile.ZipFile(book)
    nav = etree.fromstring(archive.read("nav.xhtml"))
    links = nav.findall(".//{http://www.w3.org/1999/xhtml}a")
    assert [link.get("href") for link in links][-2:] == ["part/page.xhtml", "other.xhtml"]
    opf = archive.read("content.opf").decode()
    kind = 'media-type="application/xhtml+xml"'
    assert f'href="part/page.xhtml" {kind} properties="mathml svg"' in opf
    assert f'href="other.xhtml" {kind} />' in opf
    assert '<meta property="schema:accessibilityFeature">MathML</meta>' in opf


def test_page_that_cannot_be_mended_is_named(tmp_path: Path) -> None:
    page = "# Page\n\n```{raw} html\n<p><b>never <i>closed</b></i></p>\n```\n"
    build = project(tmp_path, page).build("book", builder="epub")
    assert build.returncode
    assert "part/page.xhtml: not well-formed" in build.output
    assert "never" in build.output


@pytest.mark.parametrize(
    ("given", "mended"),
    [
        ("<br><hr class='a'><img src='x' alt=''/>", "<br /><hr class='a' /><img src='x' alt='' />"),
        ("<input></input>", "<input />"),
        ("<details open><p>a > b</p></details>", '<details open=""><p>a > b</p></details>'),
        ('<svg xmlns="http://www.w3.org/2000/svg"/>', '<svg xmlns="http://www.w3.org/2000/svg" />'),
        ('<a title="a hidden b" href="x">y</a>', '<a title="a hidden b" href="x">y</a>'),
        ("<p hidden>a</p>b", "b"),
        ('<link rel="stylesheet" href="no.css">', ""),
        ('<link rel="stylesheet" href="yes.css">', '<link rel="stylesheet" href="yes.css" />'),
    ],
)
def test_mending(given: str, mended: str) -> None:
    result = mend(given, has_file=lambda address: address == "yes.css")
    assert result.replace(" />", "/>") == mended.replace(" />", "/>")
    assert mend(result, has_file=lambda address: address == "yes.css") == result


def test_examples_in_docstrings() -> None:
    assert doctest.testmod(sphinx_valid_epub.xhtml).failed == 0
