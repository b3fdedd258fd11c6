"""Figures of cells: translated, described, and free of the build machine's traces."""

from __future__ import annotations

import tempfile
from pathlib import Path

import polib
import pytest
from sphinx_project import Project

from sphinx_inline_figures import glyph_warnings, inline_figure, machine_paths, pictures_without_alt

FIGURE = (
    '<figure class="jumok-figure" data-caption="What &lt;i&gt; see."><svg role="img" '
    'aria-label="The &quot;alt&quot; text, a &gt; b." width="9"><title>The "alt" text, a &gt; b.'
    "</title><desc>Longer.</desc><g><title>tooltip</title><text>label</text></g></svg></figure>"
)
MESSAGES = ['The "alt" text, a > b.', "Longer.", "What <i> see."]
KOREAN = ['"그림" 설명 <b>', "더 긴 설명.", "보이는 것"]


def translated(markup: str, messages: dict[str, str]) -> str:
    node = inline_figure.from_markup(markup)
    for message, translation in messages.items():
        node.apply_translated_message(message, translation)
    return node.to_html()


def test_messages() -> None:
    """Title and label are one message; tooltips and labels inside the drawing are none."""
    node = inline_figure.from_markup(FIGURE)
    assert node.extract_original_messages() == MESSAGES
    assert node.alt == MESSAGES[0]


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
    assert "<title>tooltip</title><text>label</text>" in html


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
    assert '<div class="output text_html"><figure class="jumok-figure">' in korean
    assert ">REPR<" not in korean
    assert "<p>말.</p>" in korean
    text = project.build("text", "-D", "language=ko", builder="text").page("index", ".txt")
    assert text.count('[image: "그림" 설명 <b>]') == 2


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
