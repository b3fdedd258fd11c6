"""Figures of cells: translated, described, and free of the build machine's traces."""

from __future__ import annotations

import tempfile
from pathlib import Path

import polib
import pytest
from sphinx_project import Project

from sphinx_inline_figures import glyph_warnings, inline_figure, machine_paths, pictures_without_alt
from sphinx_inline_figures.words import find_words, replace_words

FIGURE = (
    '<figure class="jumok-figure" data-caption="What &lt;i&gt; see."><svg role="img" '
    'aria-label="The &quot;alt&quot; text, a &gt; b." width="9"><title>The "alt" text, a &gt; b.'
    "</title><desc>Longer.</desc><g><title>tooltip</title><text>label</text></g></svg></figure>"
)
MESSAGES = ['The "alt" text, a > b.', "Longer.", "tooltip", "label", "What <i> see."]
KOREAN = ['"그림" 설명 <b>', "더 긴 설명.", "풍선말", "이름", "보이는 것"]


def translated(markup: str, messages: dict[str, str]) -> str:
    node = inline_figure.from_markup(markup)
    for message, translation in messages.items():
        node.apply_translated_message(message, translation)
    return node.to_html()


def test_messages() -> None:
    """Title and label of the picture are one message; so are the words in the drawing."""
    node = inline_figure.from_markup(FIGURE)
    assert node.extract_original_messages() == MESSAGES
    assert node.alt == MESSAGES[0]
    plain = inline_figure.from_markup(FIGURE, labels=False)
    assert plain.extract_original_messages() == [*MESSAGES[:2], MESSAGES[-1]]


def drawing(body: str) -> str:
    return f'<figure class="jumok-figure"><svg aria-label="Alt.">{body}</svg></figure>'


def labels(body: str) -> list[str]:
    first, *rest = inline_figure.from_markup(drawing(body))["messages"]
    assert first == "Alt."
    return rest


@pytest.mark.parametrize(
    "text",
    ["learning rate", "Loss", "head 1", "8 heads of 64", "log₂ of the loss", "α, the slope",
     "training loss (nats)", "warm-up: 10 steps", "d_model 512, warm-up 4,000", "loss/step",
     "key’s length", "학습률", "값", "損失", "R&amp;D costs", "embedding + positions"],
)  # fmt: skip
def test_words_are_messages(text: str) -> None:
    assert labels(f"<text>{text}</text>") == [text.replace("&amp;", "&")]


@pytest.mark.parametrize(
    "text",
    ["0.25", "−1.5", "1,000", "3×10⁻⁷", "10%", "Q", "K", "QKᵀ/√d_k", "d_model", "dₖ", "x", "w₁",
     "softmax(QKᵀ)V", "@", "=", "→", "512 → 2048", "6 ×", "GELU", "ReLU", "PE", "N = 6", "0.5 ms",
     "120 MB", "h₁, h₂", "α", "𝑑", "model.py", "causal_mask", "&lt;START&gt;", "[MASK]", "##tron",
     "▁the", "[mask]", "", " ", "a", "x1"],
)  # fmt: skip
def test_numbers_symbols_and_names_of_code_are_none(text: str) -> None:
    assert labels(f"<text>{text}</text>") == []


@pytest.mark.parametrize(
    "body",
    [
        '<text class="notranslate">the</text>',
        '<text class="big notranslate" x="1">the</text>',
        "<text translate='no'>the</text>",
        '<g class="notranslate"><g><text><tspan>the</tspan></text></g></g>',
        "<style>.text { fill: red }</style><script>draw(the)</script>",
        "<metadata><title>made by</title></metadata>",
        "<!-- <text>the</text> -->",
        '<g class="notranslate" aria-label="the word the"><title>the word</title></g>',
    ],
)
def test_data_is_left_alone(body: str) -> None:
    assert labels(body) == []
    markup = drawing(body)
    assert translated(markup, {"the": "그", "made by": "만듦", "Alt.": "그림"}) == markup.replace(
        "Alt.", "그림"
    )


def test_a_part_can_be_translated_inside_data() -> None:
    body = '<g class="notranslate"><text>the</text><text translate="yes">words</text></g>'
    assert labels(body) == ["words"]


def test_the_same_words_twice_are_one_message() -> None:
    body = "<text>head</text><text>loss</text><text>  head\n</text>"
    assert labels(body) == ["head", "loss"]
    assert translated(drawing(body), {"head": "헤드"}) == drawing(
        "<text>헤드</text><text>loss</text><text>헤드</text>"
    )


def test_attributes_and_other_elements_are_kept() -> None:
    """Places, turns, anchors and entities: only the words change."""
    body = (
        '<text x="4" y="9" text-anchor="middle" transform="rotate(-90 4 9)">a &amp; the b</text>'
        "<path d='M1 2' aria-label='the curve'/><text>1 &lt; 2</text><text fill='a>b'>end</text>"
        "<image href='data:,'/><g><title>the tip</title></g>"
    )
    assert labels(body) == ["a & the b", "the curve", "end", "the tip"]
    korean = {"a & the b": "가 <& 나", "the curve": "'곡선'", "end": "끝", "the tip": "끝점"}
    html = translated(drawing(body), korean)
    assert (
        '<text x="4" y="9" text-anchor="middle" transform="rotate(-90 4 9)">가 &lt;&amp; 나<'
        in html
    )
    assert "aria-label='&#x27;곡선&#x27;'/>" in html
    assert "<text fill='a>b'>끝</text>" in html
    assert "<text>1 &lt; 2</text>" in html
    assert "<title>끝점</title>" in html


def test_lines_of_a_label_are_one_message() -> None:
    lines = '<tspan x="0" dy="0">share of</tspan><tspan x="0" dy="1em">right answers</tspan>'
    body = f"<text>{lines}</text>"
    assert labels(body) == ["share of right answers"]
    html = translated(drawing(body), {"share of right answers": "정답의 비율"})
    assert '<tspan x="0" dy="0">정답의</tspan><tspan x="0" dy="1em">비율</tspan>' in html
    short = translated(drawing(body), {"share of right answers": "정답률"})
    assert '<tspan x="0" dy="0">정답률</tspan><tspan x="0" dy="1em"></tspan>' in short


def test_parts_of_a_line_are_messages_of_their_own() -> None:
    body = "<text>the size <tspan dx='2'>d</tspan><tspan font-weight='bold'>model</tspan></text>"
    assert labels(body) == ["the size", "model"]


def test_matplotlibs_label_of_several_lines() -> None:
    """Matplotlib writes a text for each line; numbers of an axis are groups, too."""
    from io import StringIO

    from matplotlib import rc_context
    from matplotlib.figure import Figure

    with rc_context({"svg.fonttype": "none"}):
        plot = Figure()
        axes = plot.subplots()
        axes.plot([0, 1], [0, 1], label="validation")
        axes.set(xlabel="share of\nright answers", title="Two runs", ylabel="loss")
        axes.legend()
        buffer = StringIO()
        plot.savefig(buffer, format="svg")
    found = labels(buffer.getvalue()[buffer.getvalue().index("<svg") :])
    assert sorted(found) == ["Two runs", "loss", "share of right answers", "validation"]


def test_html_in_a_drawing() -> None:
    body = "<foreignObject><div>the node<br>below <code>x_1</code></div></foreignObject>"
    assert labels(body) == ["the node", "below"]


def test_cells_of_a_table() -> None:
    table = (
        '<figure class="f"><table><tr><th>When</th></tr><tr><td translate="no">May</td>'
        "<td>0.5 ms</td><td>Words became <b>vectors</b></td></tr></table> outside</figure>"
    )
    found = [words.message for words in find_words(table)]
    assert found == ["When", "Words became", "vectors"]
    assert find_words(table, labels=False) == []
    assert "<th>때</th>" in replace_words(table, {"When": "때"})


def test_common_words_are_looked_up_and_no_message() -> None:
    """What every figure says is translated by the extension, not by each page."""
    markup = (
        '<figure class="f"><svg aria-label="Alt."></svg><details><summary class="common-word">'
        "Show the numbers</summary><table><caption>Alt.</caption><tr><th>Loss</th>"
        '<th class="common-word">kind</th><th class="common-word">foreign</th></tr></table>'
        "</details></figure>"
    )
    node = inline_figure.from_markup(markup)
    assert node["messages"] == ["Alt.", "Loss"]
    assert node.to_html("en") == markup
    node.apply_translated_message("Loss", "손실")
    for language in ("ko", "ko_KR"):
        korean = node.to_html(language)
        assert '<summary class="common-word">숫자로 보기</summary>' in korean
        assert '<th>손실</th><th class="common-word">종류</th>' in korean
        assert '<th class="common-word">foreign</th>' in korean
    node.apply_translated_message("Alt.", "그림.")
    assert "<caption>그림.</caption>" in node.to_html("ko")


def test_untranslated_markup_is_kept() -> None:
    markup = FIGURE.replace(' data-caption="What &lt;i&gt; see."', "")
    assert inline_figure.from_markup(markup).to_html() == markup


def test_translation_is_escaped() -> None:
    html = translated(FIGURE, dict(zip(MESSAGES, KOREAN, strict=True)))
    alt = "&quot;그림&quot; 설명 &lt;b&gt;"
    assert f'aria-label="{alt}"' in html
    assert f"<title>{alt}</title>" in html
    assert "<desc>더 긴 설명.</desc>" in html
    assert "<figcaption>보이는 것</figcaption></figure>" in html
    assert "data-caption" not in html
    assert "<title>풍선말</title><text>이름</text>" in html


def test_single_quoted_attribute() -> None:
    """XML writers choose single quotes where the value holds double ones."""
    markup = "<figure class='jumok-figure'><svg aria-label='Say \"a\".'></svg></figure>"
    assert inline_figure.from_markup(markup)["messages"] == ['Say "a".']
    assert "aria-label='말 &quot;가&#x27;'" in translated(markup, {'Say "a".': "말 \"가'"})


def test_img_and_several_figures() -> None:
    one = '<figure class="jumok-figure"><img alt="One" src="x"></figure>'
    node = inline_figure.from_markup(one + one.replace("One", "Two"))
    assert node["messages"] == ["One", "Two"]


def test_node_is_marked_after_the_last_message() -> None:
    """Sphinx asks no more once a node is marked as translated."""
    node = inline_figure.from_markup(FIGURE)
    for message, translation in zip(MESSAGES, KOREAN, strict=True):
        assert not node.get("translated")
        node.apply_translated_message(message, translation)
    assert node["translated"]


@pytest.mark.parametrize(
    ("markup", "found"),
    [
        ("<svg><path/></svg>", 1),
        ("<svg/>", 1),
        ("<svg>text</svg>", 1),
        ("<svg aria-label=''></svg>", 1),
        ("<svg><g><title>tooltip</title></g></svg>", 1),
        ("<img src=x>", 1),
        ("<svg></svg><img src=x><svg></svg>", 3),
        ("<svg><title>Named</title></svg>", 0),
        ("<svg aria-label='Named'><svg></svg></svg>", 0),
        ("<svg aria-hidden='true'></svg>", 0),
        ("<svg role='presentation'><path/></svg>", 0),
        ("<img src=x alt=''><img src=x alt='Named'/>", 0),
        ("<p>no picture</p>", 0),
    ],
)
def test_pictures_without_alt(markup: str, found: int) -> None:
    assert len(pictures_without_alt(markup)) == found


def test_glyph_warnings() -> None:
    current = "UserWarning: Glyph 54620 (\\N{HANGUL SYLLABLE HAN}) missing from current font."
    assert glyph_warnings(current)
    assert glyph_warnings("Glyph 44032 (\\N{HANGUL}) missing from font(s) DejaVu Sans.\n  x")
    assert not glyph_warnings("The glyph is missing.")


def test_machine_paths() -> None:
    folders = ["/home/ann", "/srv/book"]
    temporary = Path(tempfile.gettempdir()) / "ipykernel_12" / "345.py"
    text = f'File "/home/ann/x.py", {temporary}:3: and (/srv/book)'
    assert machine_paths(text, folders) == ["/home/ann/x.py", str(temporary), "/srv/book"]
    fine = "https://a.org/home/ann/x /home/anna /srv/bookish the folder /tmp, /usr/lib"
    assert machine_paths(fine, folders) == []


CELL = f"""\
# Page

```{{code-cell}}
class Figure:
    def __repr__(self):
        return "REPR"
    def _repr_html_(self):
        return {FIGURE!r}
Figure()
```

```{{code-cell}}
:tags: [remove-output]
from myst_nb import glue
glue("again", Figure())
```

Words.

```{{glue:}} again
```
"""


def test_gettext_to_korean(tmp_path: Path) -> None:
    """Extracted by gettext, translated in HTML and text, and the repr never shows."""
    project = Project(tmp_path, ["sphinx_inline_figures"])
    project.notebook("index.md", CELL)
    template = project.build("gettext", builder="gettext").page("index", ".pot")
    extracted = [entry.msgid for entry in polib.pofile(template)]
    assert extracted == ["Page", *MESSAGES, "Words."]

    english = project.build("en", "-W")
    assert english.returncode == 0, english.output
    assert english.page("index").count('aria-label="The &quot;alt&quot; text, a &gt; b."') == 2

    project.catalog("index", {"Words.": "말.", **dict(zip(MESSAGES, KOREAN, strict=True))})
    korean = project.build("ko", "-W", "-D", "language=ko").page("index")
    assert korean.count("<title>&quot;그림&quot; 설명 &lt;b&gt;</title>") == 2
    assert korean.count("<figcaption>보이는 것</figcaption>") == 2
    assert korean.count("<title>풍선말</title><text>이름</text>") == 2
    assert '<div class="output text_html"><figure class="jumok-figure">' in korean
    assert ">REPR<" not in korean
    assert "<p>말.</p>" in korean
    text = project.build("text", "-D", "language=ko", builder="text").page("index", ".txt")
    assert text.count('[image: "그림" 설명 <b>]') == 2


def test_what_is_not_translated_stays_and_can_be_turned_off(tmp_path: Path) -> None:
    project = Project(tmp_path, ["sphinx_inline_figures"])
    project.notebook("index.md", CELL)
    project.catalog("index", {"label": "이름"})
    page = project.build("ko", "-W", "-D", "language=ko").page("index")
    assert page.count("<title>tooltip</title><text>이름</text>") == 2
    options = ("-D", "language=ko", "-D", "inline_figures_labels=0")
    assert "<text>label</text>" in project.build("off", "-W", *options).page("index")


BAD = """\
# Page

![](https://example.org/a.png)

```{code-cell}
from IPython.display import HTML
HTML("<svg width='1'></svg><img src='data:,'>")
```

```{code-cell}
import os
import warnings
print(os.getcwd())
warnings.warn("Glyph 54620 (HANGUL) missing from font(s) DejaVu Sans.")
```

```{code-cell}
print("/tmp and https://example.org/usr/lib/python are fine")
```
"""


def test_checks_fail_the_build(tmp_path: Path) -> None:
    """Every fault is named with its page and cell; another class, or no check, is up to you."""
    project = Project(tmp_path, ["sphinx_inline_figures"])
    project.notebook("index.md", BAD)
    for _ in range(2):  # an incremental build fails, too
        build = project.build("en", "-W")
        assert build.returncode == 1
        messages = [line for line in build.output.splitlines() if "inline_figures." in line]
        assert ["index: image without alt text: https" in line for line in messages].count(
            True
        ) == 1
        assert sum("index, cell 2: picture without text" in line for line in messages) == 2
        assert sum("[inline_figures.glyph]" in line for line in messages) == 1
        paths = [line for line in messages if "[inline_figures.path]" in line]
        here = f"index, cell 3: an output holds a path of this machine: {project.source}"
        assert any(here in line for line in paths)
        assert any("ipykernel_" in line for line in paths)
        assert not any("cell 4" in line for line in messages)
    unchecked = project.build("unchecked", "-W", "-D", "inline_figures_check=0")
    assert unchecked.returncode == 0, unchecked.output
