"""Emphasis in Korean text, and the check for marks that are left."""

from __future__ import annotations

import random
import re
import sys
import unicodedata
from typing import TYPE_CHECKING

import pytest
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_inline.state_inline import StateInline
from myst_parser.config.main import MdParserConfig
from sphinx_project import Project

from sphinx_cjk_emphasis import (
    CJKStateInline,
    cjk_emphasis_plugin,
    install_in_myst,
    is_cjk,
    leftover_marks,
    leftover_marks_in_html,
)

if TYPE_CHECKING:
    from pathlib import Path

# What a Korean author writes -> what the reader gets. `<b>`, `<i>` stand for strong and em.
ORDINARY = [
    # the plain case, which CommonMark gets right too
    ("**단어**는", "<b>단어</b>는"),
    ("*단어*는", "<i>단어</i>는"),
    ("이것은 **굵은 글씨**입니다.", "이것은 <b>굵은 글씨</b>입니다."),
    ("**굵게**, *기울임*, 보통", "<b>굵게</b>, <i>기울임</i>, 보통"),
    # a term with the English in brackets
    ("**어텐션(attention)**은", "<b>어텐션(attention)</b>은"),
    ("**은닉 상태(hidden state)**를 넘긴다", "<b>은닉 상태(hidden state)</b>를 넘긴다"),
    ("*기울임(italic)*은", "<i>기울임(italic)</i>은"),
    ("***어텐션(attention)***은", "<i><b>어텐션(attention)</b></i>은"),
    ("**어텐션[1]**에서는", "<b>어텐션[1]</b>에서는"),
    ("**(가)**와 **(나)**를", "<b>(가)</b>와 <b>(나)</b>를"),
    ("**A(a)**와**B(b)**는", "<b>A(a)</b>와<b>B(b)</b>는"),
    ("모델**(model)**은", "모델<b>(model)</b>은"),
    ("모델*(model)*은", "모델<i>(model)</i>은"),
    # code
    ("**`code`**를", "<b><code>code</code></b>를"),
    ("*`code`*를", "<i><code>code</code></i>를"),
    ("함수**`softmax`**를 부른다", "함수<b><code>softmax</code></b>를 부른다"),
    ("**`f(x)`의 값**은", "<b><code>f(x)</code>의 값</b>은"),
    ("**값은 `0`**입니다", "<b>값은 <code>0</code></b>입니다"),
    ("**`a`**와 **`b`**를", "<b><code>a</code></b>와 <b><code>b</code></b>를"),
    # mathematics
    ("**$d_k$**로 나눈다", "<b>$d_k$</b>로 나눈다"),
    ("점수를 **$\\sqrt{d_k}$**로", "점수를 <b>$\\sqrt{d_k}$</b>로"),
    ("**차원 $d$**를", "<b>차원 $d$</b>를"),
    ("*$QK^\\top$*은", "<i>$QK^\\top$</i>은"),
    # links and images
    ("**[링크](u)**를", '<b><a href="u">링크</a></b>를'),
    ("*[링크](u)*를", '<i><a href="u">링크</a></i>를'),
    ("자세한 것은**[여기](u)**를", '자세한 것은<b><a href="u">여기</a></b>를'),
    ("**<https://a.kr>**에서", '<b><a href="https://a.kr">https://a.kr</a></b>에서'),
    # roles
    ("**{term}`어텐션 <attention>`**은", "<b>{term}[어텐션 &lt;attention&gt;]</b>은"),
    ("**{ref}`절 <x>`**에서", "<b>{ref}[절 &lt;x&gt;]</b>에서"),
    # marks at the end
    ("**100%**가", "<b>100%</b>가"),
    ("**C++**는", "<b>C++</b>는"),
    ("**C#**은", "<b>C#</b>은"),
    ("**강조.**입니다", "<b>강조.</b>입니다"),
    ("**정말?**이라고", "<b>정말?</b>이라고"),
    ("**조심!**하세요", "<b>조심!</b>하세요"),
    ("**그리고…**라고", "<b>그리고…</b>라고"),
    ("**3℃**가", "<b>3℃</b>가"),
    ("**1,000₩**을", "<b>1,000₩</b>을"),
    ("**x→y**로", "<b>x→y</b>로"),
    ("**요약:**이 절은", "<b>요약:</b>이 절은"),
    ("**입력/**출력", "<b>입력/</b>출력"),
    # quotation marks and brackets
    ('**"질의"**와', "<b>&quot;질의&quot;</b>와"),
    ("**'키'**와", "<b>'키'</b>와"),
    ("**“질의”**와", "<b>“질의”</b>와"),
    ("**‘값’**을", "<b>‘값’</b>을"),
    ("**「논문」**에서", "<b>「논문」</b>에서"),
    ("**《책》**을", "<b>《책》</b>을"),
    ("**〈장〉**에서", "<b>〈장〉</b>에서"),
    ('그는**"예"**라고', "그는<b>&quot;예&quot;</b>라고"),
    ("**&lt;START&gt;**는", "<b>&lt;START&gt;</b>는"),
    # nested
    ("**굵게 *기울임(italic)*은**입니다", "<b>굵게 <i>기울임(italic)</i>은</b>입니다"),
    ("*기울임 **굵게(bold)**은*입니다", "<i>기울임 <b>굵게(bold)</b>은</i>입니다"),
    ("**굵게 `code`와 $x$**를", "<b>굵게 <code>code</code>와 $x$</b>를"),
    ("**[`code`](u)**를", '<b><a href="u"><code>code</code></a></b>를'),
    ("[**링크(link)**는](u)", '<a href="u"><b>링크(link)</b>는</a>'),
    ("- **항목(item)**은", "<ul>\n<li><b>항목(item)</b>은</li>\n</ul>"),
    # lines, decomposed Hangul, compatibility letters, full-width punctuation
    ("**첫 줄\n둘째 줄(line)**은", "<b>첫 줄\n둘째 줄(line)</b>은"),
    ("**(a)**\u1100\u1161", "<b>(a)</b>\u1100\u1161"),
    ("\u1100\u1161\u11ab**(a)** 끝", "\u1100\u1161\u11ab<b>(a)</b> 끝"),
    ("**(a)**ㅋㅋ", "<b>(a)</b>ㅋㅋ"),
    ("**강조。**입니다", "<b>강조。</b>입니다"),
    # underscores, where a space follows
    ("_기울임(italic)_ 글씨", "<i>기울임(italic)</i> 글씨"),
    ("__굵게(bold)__, 보통", "<b>굵게(bold)</b>, 보통"),
    # not emphasis, and left so
    ("2 * 3과 4 * 5는", "2 * 3과 4 * 5는"),
    ("snake_case_이름은", "snake_case_이름은"),
    ("\\*별표\\*는", "*별표*는"),
]

# The rule looks at one character on each side. These stay as they are, for the reasons given; the
# check for left marks finds each of them.
NOT_MENDED = [
    ("__어텐션__은", "CommonMark: an underscore never closes inside a word"),
    ("_어텐션(attention)_은", "CommonMark: an underscore never closes inside a word"),
    ("GPT**(모델)**은", "opens between a Latin letter and a bracket"),
    ('**"질의"**2개', "closes between a quotation mark and a digit"),
    ("**어텐션(attention)**s", "closes between a bracket and a Latin letter"),
    ("** 강조 **는", "CommonMark: a space inside the marks"),
    ("**강조 **는", "CommonMark: a space before the closing marks"),
]


@pytest.fixture(scope="module")
def myst() -> MarkdownIt:
    install_in_myst()
    from myst_parser.parsers.mdit import create_md_parser

    return create_md_parser(MdParserConfig(enable_extensions={"dollarmath"}), RendererHTML)


def brief(html: str) -> str:
    """Shorten rendered HTML to the notation of the tables."""
    html = re.sub(r'<(\w+) class="math inline">(.*?)</\1>', r"$\2$", html)
    html = re.sub(r'<code class="myst role">(.*?)</code>', r"\1", html)
    html = html.strip().removeprefix("<p>").removesuffix("</p>")
    return html.replace("strong>", "b>").replace("em>", "i>")


@pytest.mark.parametrize(("source", "expected"), ORDINARY)
def test_ordinary_korean(myst: MarkdownIt, source: str, expected: str) -> None:
    html = brief(myst.render(source))
    assert html == expected
    if "\\*" not in source:
        assert leftover_marks_in_html(html) == []


@pytest.mark.parametrize(("source", "reason"), NOT_MENDED)
def test_known_limits(myst: MarkdownIt, source: str, reason: str) -> None:
    html = myst.render(source)
    assert "<strong>" not in html, reason
    assert "<em>" not in html, reason
    assert leftover_marks_in_html(html), reason


def test_the_table_is_worth_it() -> None:
    """CommonMark's own rule fails on most of the table's emphasis."""
    plain = MarkdownIt()
    failures = [source for source, expected in ORDINARY if brief(plain.render(source)) != expected]
    assert len(ORDINARY) >= 60
    assert len(failures) > len(ORDINARY) // 2


def test_scan_is_commonmarks_without_cjk() -> None:
    """Beside every mark and space there is, the scan says what markdown-it-py's says."""
    md = MarkdownIt()
    characters = [
        char
        for char in map(chr, range(sys.maxunicode + 1))
        if unicodedata.category(char)[0] in "PSZ" and not is_cjk(char)
    ]
    assert len(characters) > 5000
    for char in [*characters, *"aZ09éßЖع\n\t"]:
        for marks in ("**", "_"):
            for source in (
                f"{char}{marks}a",
                f"{char}{marks}(",
                f"a{marks}{char}",
                f"){marks}{char}",
            ):
                split = marks == "**"
                ours = CJKStateInline(source, md, {}, []).scanDelims(1, split)
                assert ours == StateInline(source, md, {}, []).scanDelims(1, split), repr(source)


def test_text_without_cjk_renders_the_same() -> None:
    """Random emphasis, links, code and HTML without CJK come out byte for byte the same."""
    plain, ours = MarkdownIt(), MarkdownIt().use(cjk_emphasis_plugin)
    rng = random.Random(0)
    pieces = [*"**__**", "**", "__", "***", "a", "foo", " ", " ", "(", ")", '"', ".", "é", "“",
              "✅", "`x`", "[l](u)", "<b>", "&amp;", "\\*", "\n", "5", "$"]  # fmt: skip
    for _ in range(2000):
        source = "".join(rng.choices(pieces, k=rng.randint(3, 14)))
        assert ours.render(source) == plain.render(source), source


def test_cjk_characters() -> None:
    assert all(is_cjk(char) for char in "가힣ㄱ\u1160\u11ff漢かカ。「」（）％ﾊ₩㊗〰")
    assert not any(is_cjk(char) for char in "aé1.(“”…·%℃→✅😀🙂★ \n")


def test_variation_selectors() -> None:
    """Quotation marks in their full-width form count as CJK, others as before."""
    md = MarkdownIt().use(cjk_emphasis_plugin)
    assert "<strong>" in md.render("a”\ufe01**(b)** c")
    assert "<strong>" in md.render("**a”\ufe01**b")
    assert "<strong>" not in md.render("**a”**b")
    assert "<strong>" in md.render("葛\U000e0100**(b)** c")


def test_plugin_installs_once() -> None:
    from myst_parser.parsers import sphinx_

    install_in_myst()
    once = sphinx_.create_md_parser
    install_in_myst()
    assert sphinx_.create_md_parser is once


def test_leftover_marks() -> None:
    assert leftover_marks("GPT**(모델)**은") == ["GPT**(모델)**은"]
    assert leftover_marks("*기울임*은")
    assert leftover_marks("__어텐션__은")
    assert leftover_marks("a lone *word") == ["a lone *word"]
    assert not leftover_marks("2 * 3, snake_case, _private, 5* and __init__.py")
    assert not leftover_marks("rated ** by us", allowed=[r"\*\*"])
    assert not leftover_marks("**kwargs")
    assert leftover_marks("**어텐션")
    far = "x" * 100
    assert len(leftover_marks(f"**a(b)**c {far} **d(e)**f")) == 2


def test_leftover_marks_in_html() -> None:
    code = "<pre>a ** b</pre><code>*args</code><script>x**2</script><svg><text>**</text></svg>"
    maths = '<span class="math">a*b</span><span class="katex">a**b<span>**</span></span>'
    assert leftover_marks_in_html(f"<p>{code}{maths}<br>fine</p>") == []
    assert leftover_marks_in_html(f"<p>{code}</p><p>**<em>a</em>**</p>") == ["**", "**"]


PAGE = """\
# Title with **`code`** in it

Some **bold** text.

:::{admonition} A *note*
**어텐션(attention)**은 본문에도 있습니다.
:::

| **`a`**를 | b |
|---|---|
| **100%**가 | c |

`**` and `*args` are code, $a * b**2$ is mathematics.

```python
def f(*args, **kwargs): ...
```
"""

CATALOG = {
    "Title with **`code`** in it": "**`코드`**를 담은 제목",
    "Some **bold** text.": '**"질의"**와 **$d_k$**로 **{ref}`제목 <top>`**을 봅니다.',
    "A *note*": "*참고(note)*는",
}


def test_sphinx_pages_and_translations(tmp_path: Path) -> None:
    """Pages and translated messages alike are mended, and nothing else changes."""
    project = Project(tmp_path, ["sphinx_cjk_emphasis"])
    project.write("index.md", f"(top)=\n{PAGE}")
    project.catalog("index", CATALOG)
    english = project.build("en").page("index")
    assert "<strong>어텐션(attention)</strong>은" in english
    assert "</code></strong>를" in english
    assert "<strong>100%</strong>가" in english
    build = project.build("ko", "-W", "-D", "language=ko", "-D", "suppress_warnings=i18n.*")
    korean = build.page("index")
    assert build.returncode == 0, build.output
    assert "</code></strong>를 담은 제목" in korean
    assert "<strong>“질의”</strong>와" in korean
    assert "</span></strong>로" in korean
    assert "</a></strong>을 봅니다" in korean
    assert "<em>참고(note)</em>는" in korean
    assert leftover_marks_in_html(korean) == []


def test_sphinx_refuses_what_is_left(tmp_path: Path) -> None:
    """A mark that is left fails the build with page, line and text, again and again."""
    project = Project(tmp_path, ["sphinx_cjk_emphasis"])
    project.write("index.md", "# Title\n\nA word.\n\nGPT**(모델)**은\n")
    for _ in range(2):
        build = project.build("en", "-W")
        assert build.returncode == 1
        assert "index.md:5: WARNING: index: emphasis marks are left in the text" in build.output
        assert "GPT**(모델)**은" in build.output
        assert "[cjk_emphasis.leftover]" in build.output
    allowed = project.build("en", "-W", "-D", r"cjk_emphasis_allowed=\*\*")
    assert allowed.returncode == 0, allowed.output
